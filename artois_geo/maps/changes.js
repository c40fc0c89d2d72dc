// What changed between two layers of surfaces: shown in place of both, and listed by hectares.
const CHANGE_EDGE = { color: '#10202e', weight: 1.2, opacity: 0.9, fillOpacity: 0.95 };
const CHANGE_ASIDE = { opacity: 0.25, fillOpacity: 0.12, weight: 0.6 };
const CAME = '#1f9e89', // where no class is drawn: ground that only the second layer covers, or only the first
  GONE = '#d55e00';
const PARTS_LISTED = 20;
const drawnPassages = []; // one drawing each, made when they are first shown
let chosenPassage = null;

const passages = () => DATA.changes.passages;
const sideLabel = (side, place) =>
  side ? said(side.label) || LAYER.get(DATA.compare[place]).title : t('not_covered');
const passageLabel = ({ before, after }) => `${sideLabel(before, 0)} → ${sideLabel(after, 1)}`;
const sideFill = (side, place) => (side ? side.fill || (place ? CAME : GONE) : '#ffffff');
const passageFill = ({ before, after }) => (after ? sideFill(after, 1) : sideFill(before, 0));
const changedHa = () => passages().reduce((sum, passage) => sum + passage.ha, 0);

function passageMark({ before, after }) {
  const box = (side, place) =>
    svg('rect', { x: 2 + place * 13, y: 3, width: 13, height: 14, fill: sideFill(side, place), stroke: '#5b6773', 'stroke-width': 0.8 });
  return svg('svg', { viewBox: '0 0 30 20', class: 'swatch', 'aria-hidden': 'true' }, box(before, 0), box(after, 1));
}

// ------------------------------------------------------------------------------------------------ drawing
function drawPassages() {
  map.createPane('changes').style.zIndex = 330;
  const shapes = unpackShapes(DATA.changes.shapes),
    paths = L.svg({ pane: 'changes', padding: 0.3 }); // one for each passage: few, and clear on paper
  let first = 0;
  passages().forEach((passage, place) => {
    const parts = shapes.slice(first, (first += passage.areas.length)).filter(Boolean);
    const drawing = L.geoJSON(together(parts), { pane: 'changes', renderer: paths, style: () => passageStyle(place) });
    drawing.on('click', event => {
      if (isMeasuring()) return;
      L.DomEvent.stop(event);
      choosePassage(place, false);
    });
    if (!L.Browser.mobile)
      drawing.bindTooltip(() => passageTip(passage), { sticky: true, direction: 'top', className: 'tip' });
    drawnPassages.push({ drawing, parts });
  });
}

const passageTip = passage =>
  el('span', {}, el('b', {}, passageLabel(passage)), el('br'), hectares(passage.ha));

function passageStyle(place) {
  const passage = passages()[place],
    aside = chosenPassage !== null && chosenPassage !== place;
  return {
    ...CHANGE_EDGE,
    fillColor: passageFill(passage),
    dashArray: passage.after ? null : '4 3',
    ...(passage.after ? {} : { fillOpacity: 0.45 }),
    ...(aside ? CHANGE_ASIDE : {}),
  };
}

function showPassages() {
  document.body.classList.toggle('changed', state.changes);
  for (const id of DATA.compare)
    for (const name of ['bulk', 'areas']) map.getPane(paneOf(LAYER.get(id), name)).hidden = state.changes;
  for (const button of $$('#states button'))
    button.setAttribute('aria-pressed', String((button.dataset.changes === '1') === state.changes));
  if (state.changes && !drawnPassages.length) drawPassages();
  drawnPassages.forEach(({ drawing }, place) => {
    if (!state.changes) return drawing.remove();
    drawing.addTo(map).setStyle(passageStyle(place));
    if (place === chosenPassage) drawing.bringToFront();
  });
}

function setChanges(on) {
  state.changes = on;
  if (on && state.selected) closeCard();
  if (!on) markPassage(null);
  showLayers();
  writeAddress();
}

function choosePassage(place, moving) {
  markPassage(place);
  setChanges(true);
  if (moving) goToPassage(drawnPassages[place].drawing.getBounds());
}

function goToPassage(bounds) {
  if (isPhone()) raiseSheet(false);
  const padding = {
    paddingTopLeft: [40, 70],
    paddingBottomRight: isPhone() ? [40, innerHeight * 0.45] : [besideLegend(), 60],
    maxZoom: CLOSEST,
  };
  if (moves()) map.flyToBounds(bounds, { ...padding, duration: 0.6 });
  else map.fitBounds(bounds, { ...padding, animate: false });
}

const besideLegend = () => ($('#legend').open ? Math.min($('#legend').offsetWidth + 20, map.getSize().x * 0.5) : 40);

// ---------------------------------------------------------------------------------------------- the list
function passageRow(passage, place) {
  const count = passage.areas.length;
  return el(
    'li',
    { 'data-passage': place },
    el(
      'button',
      { type: 'button', 'aria-current': place === chosenPassage ? 'true' : null, on: { click: () => choosePassage(place, true) } },
      passageMark(passage),
      el('b', {}, passageLabel(passage)),
      el('span', { class: 'ha' }, hectares(passage.ha)),
      el('small', {}, t(count === 1 ? 'part_one' : 'parts', { n: number(count) })),
    ),
    place === chosenPassage ? partsList(place) : null,
  );
}

function partsList(place) {
  const { areas } = passages()[place];
  if (areas.length < 2) return null;
  const rest = areas.length - PARTS_LISTED;
  return el(
    'ul',
    { class: 'parts' },
    areas.slice(0, PARTS_LISTED).map((ha, part) =>
      el('li', {}, el('button', { type: 'button', on: { click: () => goToPart(place, part) } }, hectares(ha))),
    ),
    rest > 0 ? el('li', { class: 'hint' }, t('parts_rest', { n: number(rest) })) : null,
  );
}

function goToPart(place, part) {
  setChanges(true);
  goToPassage(L.geoJSON(drawnPassages[place].parts[part]).getBounds());
}

// the row that is chosen shows its parts; the others stay as they are, and the focus where it is
function markPassage(place) {
  chosenPassage = place;
  for (const row of $$('#list [data-passage]')) {
    const own = Number(row.dataset.passage) === place;
    row.firstChild.toggleAttribute('aria-current', own);
    if (own) row.firstChild.setAttribute('aria-current', 'true');
    $(`#list [data-passage="${row.dataset.passage}"] .parts`)?.remove();
    if (own) row.append(partsList(place) ?? '');
  }
}

function changesNote() {
  const { unchanged, unknown, slivers, sketches } = DATA.changes;
  return [
    t('unchanged', { ha: hectares(unchanged) }),
    unknown ? t('unknown_change', { ha: hectares(unknown) }) : null,
    slivers ? t('slivers', { ha: hectares(slivers) }) : null,
    sketches ? t('sketches', { n: number(sketches) }) : null,
    t('changes_note'),
  ].filter(Boolean);
}

const changesSum = () =>
  passages().length ? hectares(changedHa()) : t('no_change');

function changesSection() {
  const box = el(
    'details',
    { class: 'section changes', open: opened.has('~changes'), 'data-layer': '~changes' },
    el('summary', {}, el('h2', {}, t('changed')), el('span', { class: 'sum' }, changesSum())),
    el('ul', {}, passages().map(passageRow), el('li', { class: 'hint' }, changesNote().join(' '))),
  );
  box.addEventListener('toggle', () => opened[box.open ? 'add' : 'delete']('~changes'));
  return box;
}

function printedChanges(most) {
  const kept = passages().slice(0, most),
    rest = passages().length - kept.length;
  return el(
    'section',
    { class: 'changes' },
    el('h2', {}, t('changed'), el('small', {}, ` ${changesSum()}`)),
    el(
      'table',
      {},
      el('tbody', {}, kept.map(passage =>
        el('tr', {}, el('td', {}, passageMark(passage)), el('td', {}, passageLabel(passage)), el('td', { class: 'n' }, hectares(passage.ha))),
      )),
    ),
    el('p', {}, [rest > 0 ? t('passages_rest', { n: number(rest) }) : null, ...changesNote()].filter(Boolean).join(' ')),
  );
}

// ------------------------------------------------------------------------------------------- the control
function addStates() {
  const button = on =>
    el('button', { type: 'button', 'data-changes': on ? '1' : '0', on: { click: () => setChanges(on) } });
  $('#edges').after(el('div', { id: 'states', role: 'group' }, button(false), button(true)));
  opened.add('~changes');
}

function nameStates() {
  $('#states').setAttribute('aria-label', t('states'));
  for (const button of $$('#states button'))
    button.textContent = t(button.dataset.changes === '1' ? 'changed' : 'state_both');
}

EXTRA.changes = {
  add: addStates,
  language: nameStates,
  show: showPassages,
  section: changesSection,
  printed: printedChanges,
};
