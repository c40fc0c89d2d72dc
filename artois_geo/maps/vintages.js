// Vintages of one layer, one at a time: a slider, and a button that plays them.
const STEP_MS = 1600;
let playing = 0;

const vintageLabel = () => DATA.vintages[state.vintage][1];
const isPlaying = () => playing !== 0;

function addVintages() {
  const last = DATA.vintages.length - 1;
  const range = el('input', {
    type: 'range',
    id: 'year',
    min: 0,
    max: last,
    step: 1,
    on: {
      input: event => {
        stopPlaying();
        showVintage(Number(event.target.value));
      },
    },
  });
  $('#edges').after(
    el(
      'div',
      { id: 'years', role: 'group' },
      el('button', { type: 'button', id: 'play', on: { click: play } }, playSign(false), playSign(true)),
      range,
      el('output', { id: 'year-label', for: 'year', 'aria-live': 'polite' }),
    ),
  );
  document.addEventListener('visibilitychange', () => document.hidden && stopPlaying());
}

const playSign = stop =>
  svg(
    'svg',
    { viewBox: '0 0 20 20', class: stop ? 'icon stop' : 'icon go', 'aria-hidden': 'true' },
    svg('path', { d: stop ? 'M5 5h10v10H5z' : 'M6 3.5v13L16.5 10z' }),
  );

// who asked for less motion goes from one vintage to the next by hand
function play() {
  const after = (state.vintage + 1) % DATA.vintages.length;
  if (!moves()) return showVintage(after);
  if (isPlaying()) return stopPlaying();
  showVintage(after);
  playing = setInterval(playNext, STEP_MS);
  return namePlay();
}

function playNext() {
  if (state.vintage === DATA.vintages.length - 1) return stopPlaying();
  showVintage(state.vintage + 1);
  if (state.vintage === DATA.vintages.length - 1) stopPlaying();
  return undefined;
}

function stopPlaying() {
  clearInterval(playing);
  playing = 0;
  namePlay();
}

function namePlay() {
  const word = !moves() ? 'next_vintage' : isPlaying() ? 'stop' : 'play';
  $('#play').title = t(word);
  $('#play').setAttribute('aria-label', t(word));
  $('#years').classList.toggle('playing', isPlaying());
}

function showVintage(place) {
  state.vintage = clamp(place, 0, DATA.vintages.length - 1);
  if (state.selected && isOtherVintage(FEATURE.get(state.selected).layerId)) closeCard();
  nameVintage();
  buildLegend();
  refresh();
}

function nameVintage() {
  const range = $('#year');
  range.value = state.vintage;
  range.setAttribute('aria-label', t('vintages'));
  range.setAttribute('aria-valuetext', vintageLabel());
  $('#years').setAttribute('aria-label', t('vintages'));
  $('#year-label').textContent = vintageLabel();
  namePlay();
}

EXTRA.vintages = { add: addVintages, language: nameVintage };
