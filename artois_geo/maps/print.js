// One page, A3 or A4: the map at the left, legend and table at the right. The same sizes are in print.css.
const PAPERS = {
  a3: { width: '292mm', height: '216mm', rows: 25, letters: 84 },
  a4: { width: '196mm', height: '138mm', rows: 19, letters: 72, brief: true },
};
const NAME_SHARE = 0.45, // of the letters of a line of details, larger letters
  PLACE_SHARE = 0.22;
const FEWEST_ROWS = 3; // of each section
const TOLD_LINE = 0.55; // height of a line of details, in rows
const paper = () => PAPERS[document.body.classList.contains('a4') ? 'a4' : 'a3'];
let before = null;
const isPrinting = () => before !== null;

function beforePrint() {
  if (before || document.body.classList.contains('print-selection')) return;
  before = { centre: map.getCenter(), zoom: map.getZoom() };
  const container = map.getContainer();
  for (const side of ['width', 'height']) container.style.setProperty(side, paper()[side], 'important');
  map.invalidateSize({ animate: false, pan: false });
  map.fitBounds(printedBounds(), { animate: false });
  place();
  const first = [EXTRA.result?.printed() ?? '', printedLegend(), EXTRA.changes?.printed(paper().rows) ?? ''];
  $('#printed').replaceChildren(...first, ...printedTables());
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
  const inOffers = EXTRA.offers?.families(); // beside an offer the other sites are grey
  const shown = familiesPresent().filter(
    family => !state.hiddenFamilies.has(family.id) && (!inOffers || inOffers.has(family.id)),
  );
  const families = shown.map(family => el('div', {}, familyMark(family), said(family.label)));
  const layers = (EXTRA.result?.listed ?? LISTED).filter(layer => !isOff(layer.id)).map(layer => [
    el('div', {}, layerSwatch(layer), layer.title, layerFlag(layer, false)),
    EXTRA.printed?.(layer) ?? printedClasses(layer),
  ]);
  if (EXTRA.offers)
    return el('section', {}, el('h2', {}, t('legend')), el('div', { class: 'key' }, families, EXTRA.offers.key()));
  const sketch = hasSketches() ? el('div', {}, swatch(SAMPLE, true, false), t('schematic')) : null;
  return el('section', {}, el('h2', {}, t('legend')), el('div', { class: 'key' }, families, layers, sketch));
}

function printedTables() {
  // a note takes a row
  let room = EXTRA.result?.room() ?? paper().rows - MAIN.filter(layer => sumNote(layer, shownOf(layer))).length;
  const main = EXTRA.result?.listed.filter(layer => MAIN.includes(layer)) ?? MAIN;
  const sections = main.flatMap(
    layer => EXTRA.offers?.printed(layer) ?? [{ layer, title: layer.title, shown: shownOf(layer).sort(byArea) }],
  );
  const heights = sections.map(({ shown }) => shown.map(rowsOf));
  const ahead = rows => rows.slice(0, FEWEST_ROWS).reduce((sum, height) => sum + height, 0);
  let reserved = heights.map(ahead).reduce((sum, height) => sum + height, 0);
  return sections.map(({ layer, title, sum, shown }, index) => {
    reserved -= ahead(heights[index]); // the first rows of each section are printed, whatever the others have
    const left = place => room - heights[index][place] - (place < FEWEST_ROWS ? 0 : reserved);
    const kept = [];
    while (kept.length < shown.length && left(kept.length) >= 0) {
      room -= heights[index][kept.length];
      kept.push(shown[kept.length]);
    }
    if (!shown.length) return '';
    const rest = shown.length - kept.length;
    return el(
      'section',
      {},
      el('h2', {}, title, el('small', {}, ' ', sum ?? sectionSum(layer, shown))),
      el('table', {}, el('tbody', {}, kept.map(printedRow))),
      el('p', {}, [rest ? t(rest === 1 ? 'rest_printed_one' : 'rest_printed', { n: number(rest) }) : null, sum ? null : sumNote(layer, shown)].filter(Boolean).join(' ')),
    );
  });
}

// the small paper has room for details only if the reader asks for them
const printedText = feature =>
  offerOf(feature) ? EXTRA.offers.told(feature) : EXTRA.result ? EXTRA.result.printedText(feature) : paper().brief && !state.full ? '' : toldText(feature);

// how many rows of the paper a feature takes: a long name or place goes on in a second line
function rowsOf(feature) {
  const { letters } = paper(),
    linesOf = (text, share) => Math.ceil((text ?? '').length / (letters * share)) || 1,
    lines = Math.max(linesOf(titleOf(feature), NAME_SHARE), linesOf(feature.place, PLACE_SHARE));
  return 1 + (lines - 1 + Math.ceil(printedText(feature).length / letters)) * TOLD_LINE;
}

function printedRow(feature) {
  const area =
    EXTRA.result?.amount(feature) ?? EXTRA.offers?.size(feature) ?? (feature.area === null ? '–' : hectares(feature.area));
  const told = printedText(feature);
  return [
    el(
      'tr',
      {},
      el('td', { rowspan: told ? 2 : null }, mark(feature)),
      el('td', { lang: nameIn(feature) }, titleOf(feature)),
      el('td', { lang: nameIn(feature, 'place') }, feature.place ?? ''),
      el('td', { class: 'n' }, area),
    ),
    told ? el('tr', {}, el('td', { colspan: 3, class: 'told' }, told)) : null,
  ];
}

function printedSources() {
  const shown = LAYERS.filter(layer => !isOff(layer.id));
  const sources = shown.map(layer => [
    t('pair', { label: layer.title, value: '' }),
    stated(layer.source),
    ' (',
    stated(layer.vintage),
    ')',
  ]);
  const today = new Date().toLocaleDateString(locale(), { day: 'numeric', month: 'long', year: 'numeric' });
  const ground = DATA.ground?.schematic ? [t('schematic_cells')] : [];
  const said = [
    `${t('not_contractual')} ${today}.`,
    `${hasSketches() ? t('schematic_note') : ''} ${t('areas_note')} ${t('projection')}`.trim(),
    ...ground,
    ...(EXTRA.result?.notes() ?? []),
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
