// One page, A3 or A4: the map at the left, legend and table at the right. The same sizes are in print.css.
const PAPERS = {
  a3: { width: '292mm', height: '216mm', rows: 25 },
  a4: { width: '196mm', height: '138mm', rows: 15 },
};
const paper = () => PAPERS[document.body.classList.contains('a4') ? 'a4' : 'a3'];
let before = null;
const isPrinting = () => before !== null;

function beforePrint() {
  if (before) return;
  before = { centre: map.getCenter(), zoom: map.getZoom() };
  const container = map.getContainer();
  for (const side of ['width', 'height']) container.style.setProperty(side, paper()[side], 'important');
  map.invalidateSize({ animate: false, pan: false });
  map.fitBounds(printedBounds(), { animate: false });
  place();
  $('#printed').replaceChildren(printedLegend(), ...printedTables());
  $('#printed-foot').replaceChildren(...printedSources());
}

function printedBounds() {
  const feature = FEATURE.get(state.selected);
  if (feature?.point) return L.latLng(latLng(feature)).toBounds(Math.max(6000, (feature.precision ?? 0) * 3));
  return DATA.bounds;
}

function afterPrint() {
  if (!before) return;
  for (const side of ['width', 'height']) map.getContainer().style.removeProperty(side);
  map.invalidateSize({ animate: false, pan: false });
  map.setView(before.centre, before.zoom, { animate: false });
  before = null;
  place();
}

function printedLegend() {
  const shown = familiesPresent().filter(family => !state.hiddenFamilies.has(family.id));
  const families = shown.map(family => el('div', {}, familyMark(family), said(family.label)));
  const layers = LISTED.filter(layer => !state.off.has(layer.id)).map(layer => [
    el('div', {}, layerSwatch(layer), layer.title, layerFlag(layer, false)),
    EXTRA.printed?.(layer) ?? printedClasses(layer),
  ]);
  const sketch = hasSketches() ? el('div', {}, swatch(SAMPLE, true, false), t('schematic')) : null;
  return el('section', {}, el('h2', {}, t('legend')), el('div', { class: 'key' }, families, layers, sketch));
}

function printedTables() {
  let room = paper().rows;
  return MAIN.map(layer => {
    const shown = shownOf(layer).sort(byArea),
      kept = shown.slice(0, room);
    room -= kept.length;
    if (!shown.length) return '';
    const rest = shown.length - kept.length;
    return el(
      'section',
      {},
      el('h2', {}, layer.title, el('small', {}, ` ${sectionSum(layer, shown)}`)),
      el('table', {}, el('tbody', {}, kept.map(printedRow))),
      rest ? el('p', {}, t('rest_printed', { n: number(rest) })) : null,
    );
  });
}

function printedRow(feature) {
  const area = feature.area === null ? '–' : hectares(feature.area);
  return el(
    'tr',
    {},
    el('td', {}, mark(feature)),
    el('td', {}, titleOf(feature)),
    el('td', {}, feature.place ?? ''),
    el('td', { class: 'n' }, area),
  );
}

function printedSources() {
  const shown = LAYERS.filter(layer => !state.off.has(layer.id));
  const sources = shown.map(
    layer => `${layer.title} : ${layer.source || t('unstated')} (${layer.vintage || t('unstated')})`,
  );
  const today = new Date().toLocaleDateString(locale(), { day: 'numeric', month: 'long', year: 'numeric' });
  const ground = DATA.ground?.schematic ? [t('schematic_cells')] : [];
  const said = [
    `${t('not_contractual')} ${today}.`,
    `${hasSketches() ? t('schematic_note') : ''} ${t('areas_note')} ${t('projection')}`.trim(),
    ...ground,
    ...sources,
  ];
  return said.map(text => el('p', {}, text));
}

function listenToPrint() {
  for (const button of $$('[data-paper]'))
    button.addEventListener('click', () => {
      document.body.classList.toggle('a4', button.dataset.paper === 'a4');
      window.print();
    });
  addEventListener('beforeprint', beforePrint);
  addEventListener('afterprint', afterPrint);
}
