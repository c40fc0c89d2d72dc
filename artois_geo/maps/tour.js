// A guided tour: the card of each site in turn, until somebody touches the screen.
const AFTER_TOUCH_MS = 80; // the touch that wakes the page opens nothing below
let touring = null;

function addVeil() {
  const pill = el('span', { class: 'pill' }, el('b', {}), el('small', {}));
  document.body.append(el('button', { type: 'button', id: 'veil', hidden: true }, pill));
}

// from now on any touch or key comes here; the tour begins after `wait` seconds
function sleep(wait) {
  clearTimeout(touring);
  if (DATA.kiosk) clearTimeout(patience); // a tour that was asked for is not begun again under way
  for (const part of $$('header, main')) part.inert = true;
  $('#veil').hidden = false;
  $('#veil b').textContent = t('wake');
  $('#veil small').textContent = '';
  document.body.classList.add('asleep');
  $('#veil').focus({ preventScroll: true });
  if (DATA.tour) touring = setTimeout(() => visit(0), wait * 1000);
}

function visit(place) {
  const { sites, step } = DATA.tour,
    feature = FEATURE.get(sites[place]);
  state.selected = feature.id;
  uncover(feature);
  refresh();
  showCard();
  goTo(feature);
  if (DATA.compare) reveal(feature, moves());
  const said = { n: number(place + 1), all: number(sites.length), name: titleOf(feature) };
  $('#veil small').textContent = t('tour_at', said);
  const next = DATA.kiosk && place + 1 === sites.length ? rest : () => visit((place + 1) % sites.length);
  touring = setTimeout(next, step * 1000);
}

const isAsleep = () => document.body.classList.contains('asleep');

function stopTour() {
  clearTimeout(touring);
  map.stop();
}

function wake() {
  if (!isAsleep()) return;
  stopTour();
  document.body.classList.remove('asleep');
  for (const part of $$('header, main')) part.inert = false;
  $('#veil').hidden = true;
  (state.selected ? $('#card') : ($('#tour') ?? map.getContainer())).focus({ preventScroll: true });
  if (DATA.kiosk) beginPatience();
}

function listenToTour() {
  addVeil();
  const veil = $('#veil');
  veil.addEventListener('pointerdown', stopTour);
  for (const type of ['pointerup', 'pointercancel'])
    veil.addEventListener(type, () => setTimeout(wake, AFTER_TOUCH_MS));
  veil.addEventListener('click', () => setTimeout(wake, AFTER_TOUCH_MS)); // of a screen reader
  document.addEventListener(
    'keydown',
    event => {
      if (!isAsleep()) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      wake();
    },
    true,
  );
  $('#tour')?.addEventListener('click', () => sleep(0));
}
