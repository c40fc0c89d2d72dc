// Large layers: read after the first view, drawn as one picture, counted instead of listed.
const BULK = LAYERS.filter(layer => layer.bulk);
const HATCH_PX = 6;

// layers that have one legend, side by side or in turn, are filtered as one
const TOGETHER = [...(DATA.compare ?? []), ...(DATA.vintages ?? []).map(([id]) => id)];
const isColoured = layer => layer.theme?.drawn === 'couleurs';
const legendOwner = layer =>
  TOGETHER.includes(layer.id) && isColoured(layer)
    ? TOGETHER.map(id => LAYER.get(id)).find(isColoured)
    : layer;
const classId = (layer, place) => `${legendOwner(layer).id}~${place}`;
const classIds = () =>
  LAYERS.flatMap(layer =>
    (layer.bulk?.classes ?? layer.theme?.entries ?? []).map((_, place) => classId(layer, place)),
  );

// ------------------------------------------------------------------------------------------------ reading
async function readBulkLayers() {
  for (const layer of BULK) await readBulk(layer).catch(error => failBulk(layer, error));
  if (!BULK.length) return;
  keepKnownEpci();
  buildFilters();
  buildLegend();
  refresh();
  openWanted();
}

async function readBulk(layer) {
  const { bulk } = layer,
    [bytes, told] = await Promise.all([
      inflate(bulk.outlines).then(response => response.arrayBuffer()),
      inflate(bulk.attributes).then(response => response.json()),
    ]);
  bulk.outlines = readOutlines(new Uint8Array(bytes), bulk.zoom);
  bulk.attributes = null;
  bulk.grid = gridOf(bulk.outlines);
  Object.assign(bulk, told, bulkFlags(told, bulk.count));
  for (const role of ['names', 'places', 'areas']) bulk[role] = roleOf(bulk, bulk[role]);
  layer.style.icons = bulk.classes; // colour and name of a class, as those of an icon
  bulk.painted = bulkLooks(layer);
  bulk.shown = bulkShown(layer);
  bulk.picture = new PictureLayer((context, view) => paintBulk(context, view, layer), {
    pane: paneOf(layer, 'bulk'),
    padding: 0.1,
  });
  map.getPane(paneOf(layer, 'bulk')).classList.add('heavy');
  bulk.ready = true;
  groups.get(layer.id).addLayer(bulk.picture);
}

// not fetch: the policy of the page forbids every address, even those of its own data
function inflate(text) {
  const stream = new Blob([bytesOf(text)]).stream().pipeThrough(new DecompressionStream('deflate'));
  return Promise.resolve(new Response(stream));
}

function failBulk(layer, error) {
  layer.bulk.failed = true;
  toast(t('bulk_failed', { layer: layer.title }));
  console.warn(layer.id, String(error));
}

function roleOf(bulk, role) {
  const column = own(role, 'column');
  return column === undefined ? role : own(bulk.columns, column);
}

function bulkFlags(told, count) {
  const flags = {};
  for (const flag of ['measured', 'schematic', 'sub', 'uncounted']) {
    const marks = new Uint8Array(count).fill(told[flag] === true ? 1 : 0);
    if (told[flag] !== true) for (const place of told[flag]) marks[place] = 1;
    flags[flag] = marks;
  }
  return flags;
}

// ------------------------------------------------------------------------------------------------- looks
// two brushes a class: as surveyed, and hatched where the geometry is schematic
function bulkLooks(layer) {
  const { fill, stroke } = layer.style,
    classes = layer.bulk.classes.length ? layer.bulk.classes : [{ fill: fill ?? stroke }];
  // shades of a number are never hatched for a sketch: their hatching says that there is no value
  return classes.flatMap(one =>
    [one.hatch, layer.theme ? one.hatch : true].map(hatch =>
      hatch
        ? { fill: hatched(one.fill), edge: one.fill, dot: one.fill }
        : { fill: one.fill, edge: '#ffffff', dot: one.fill },
    ),
  );
}

function hatched(colour) {
  const tile = el('canvas', { width: HATCH_PX, height: HATCH_PX }),
    context = tile.getContext('2d');
  context.globalAlpha = 0.25;
  context.fillStyle = colour;
  context.fillRect(0, 0, HATCH_PX, HATCH_PX);
  Object.assign(context, { globalAlpha: 1, strokeStyle: colour, lineWidth: 1.4 });
  for (const shift of [-HATCH_PX, 0, HATCH_PX]) {
    context.beginPath();
    context.moveTo(shift, HATCH_PX);
    context.lineTo(shift + HATCH_PX, 0);
    context.stroke();
  }
  return context.createPattern(tile, 'repeat');
}

// the classes of a large layer of sites are the families, in their order
const inFamilies = layer => layer.style.drawn === 'discs' && !layer.theme;
const bulkFamilies = () =>
  BULK.filter(layer => layer.bulk.ready && inFamilies(layer)).flatMap(({ bulk }) =>
    [...new Set(bulk.looks)].map(place => DATA.families[place].id),
  );

function bulkShown(layer) {
  const { bulk } = layer,
    hidesFamily = place => inFamilies(layer) && state.hiddenFamilies.has(DATA.families[place].id),
    hiddenClass = bulk.classes.map((_, place) => state.off.has(classId(layer, place)) || hidesFamily(place));
  const hiders = [
    hider(bulk.epci, epci => state.hiddenEpci.has(epci)),
    hider(bulk.accounts, account => state.hiddenAccounts.has(account)),
    hider(bulk.years, year => !inYears(year)),
  ].filter(Boolean);
  return row => !hiddenClass[bulk.looks[row]] && !hiders.some(hides => hides(row));
}

// which rows a column hides, worked out once for each of its values; nothing if it hides none
function hider(column, hides) {
  if (!column) return null;
  const hidden = (column.of ?? column).map(hides);
  if (!hidden.includes(true)) return null;
  return column.of ? row => hidden[column.at[row]] : row => hidden[row];
}

function paintBulk(context, view, { bulk, style }) {
  const lookOf = row => (bulk.shown(row) ? (bulk.looks[row] ?? 0) * 2 + bulk.schematic[row] : -1);
  paintFeatures(context, view, {
    ...bulk,
    lookOf,
    looks: bulk.painted,
    line: Math.min(style.weight ?? 2, 3),
  });
}

// after a choice of the reader: the picture changes only if what it shows does
function showBulk() {
  for (const layer of BULK.filter(one => one.bulk.ready)) {
    const { off, hiddenFamilies, hiddenEpci, hiddenAccounts, date, undated } = state;
    const sets = [off, hiddenFamilies, hiddenEpci, hiddenAccounts];
    const choice = [...sets.flatMap(set => ['|', ...set]), '|', ...date, undated].join(',');
    layer.bulk.shown = bulkShown(layer);
    if (layer.bulk.choice !== undefined && layer.bulk.choice !== choice) layer.bulk.picture.repaint();
    layer.bulk.choice = choice;
  }
  showChosen(FEATURE.get(state.selected));
}

let chosen = null;
function showChosen(feature) {
  chosen?.remove();
  chosen = feature && layerOf(feature).bulk ? (drawn.get(feature.id)?.shape ?? null) : null;
  chosen?.addTo(map);
}

// ---------------------------------------------------------------------------------------- one of thousands
function bulkFeature(layer, row) {
  const id = `${layer.id}.${row}`;
  if (FEATURE.has(id)) return FEATURE.get(id);
  const { bulk } = layer,
    shape = shapeOf(bulk.outlines, row);
  if (!bulk.told) tellColumns(layer);
  const feature = {
    id,
    layerId: layer.id,
    row,
    name: cell(bulk.names, row),
    place: cell(bulk.places, row),
    epci: cell(bulk.epci, row),
    look: bulk.looks[row],
    area: cell(bulk.areas, row),
    point: shape && pointOn(bulk, row),
    shape,
    precision: cell(bulk.precision, row),
    schematic: Boolean(bulk.schematic[row]),
    measured: Boolean(bulk.measured[row]),
    sub: Boolean(bulk.sub[row]),
    counted: !bulk.uncounted[row],
  };
  FEATURE.set(id, spoken(feature));
  if (shape) drawn.set(id, { shape: drawShape(layer, feature), marker: null, icon: null });
  return feature;
}

function tellColumns(layer) {
  layer.bulk.told = true;
  layer.columns = new Map(Object.entries(layer.bulk.columns).map(([name, column]) => [name, unpack(column)]));
}

// the middle of the box if the feature covers it, else of its widest stretch at mid height
function pointOn({ outlines, grid }, row) {
  const [west, north, east, south] = grid.boxes.subarray(row * 4, row * 4 + 4);
  const x = (west + east) / 2,
    y = (north + south) / 2 + 0.5;
  if (covers(outlines, row, x, y, 0)) return degreesAt(x, y, outlines.zoom);
  const first = outlines.firstCorner[outlines.firstRing[row]],
    cuts = cutsAt(outlines, row, y);
  let best = null;
  for (let i = 0; i + 1 < cuts.length; i += 2)
    if (!best || cuts[i + 1] - cuts[i] > best[1] - best[0]) best = [cuts[i], cuts[i + 1]];
  return best
    ? degreesAt((best[0] + best[1]) / 2, y, outlines.zoom)
    : degreesAt(outlines.x[first], outlines.y[first], outlines.zoom);
}

function cutsAt({ x, y, firstRing, firstCorner, kinds }, row, height) {
  const cuts = [];
  for (let ring = firstRing[row]; ring < firstRing[row + 1]; ring++) {
    if (kinds[ring] !== RING_RUN) continue;
    const end = firstCorner[ring + 1];
    for (let i = firstCorner[ring], last = end - 1; i < end; last = i++)
      if (y[i] > height !== y[last] > height)
        cuts.push(x[i] + ((height - y[i]) * (x[last] - x[i])) / (y[last] - y[i]));
  }
  return cuts.sort((a, b) => a - b);
}

// the topmost feature of a large layer at a place of the map
function bulkAt(place) {
  for (const layer of [...BULK].reverse()) {
    const { bulk } = layer;
    if (!bulk.ready || isOff(layer.id) || (DATA.compare && isCut(layer, place))) continue;
    const point = map.project(place, bulk.zoom),
      reach = REACH_PX * 2 ** (bulk.zoom - map.getZoom());
    const row = featureAt(bulk.outlines, bulk.grid, point.x, point.y, reach, bulk.shown);
    if (row >= 0) return { layer, row };
  }
  return null;
}

function openWanted() {
  const [layerId, row] = (state.wanted ?? '').split(/\.(?=\d+$)/),
    layer = LAYER.get(layerId);
  if (!layer?.bulk?.ready || state.selected || !(Number(row) < layer.bulk.count)) return;
  bulkFeature(layer, Number(row));
  select(state.wanted);
}

// ------------------------------------------------------------------------------------ pointer, keys, search
function listenToBulk() {
  if (!BULK.length) return;
  const tip = L.tooltip({ direction: 'top', className: 'tip', offset: [0, -6] });
  map.on('click', event => !isMeasuring() && !EXTRA.drawing && openAt(event.latlng));
  map.on('mousemove', event => tellAt(event, tip)).on('mouseout movestart', () => map.closeTooltip(tip));
  map.getContainer().addEventListener('keydown', event => {
    if (event.key === 'Enter' && event.target === map.getContainer()) openAt(map.getCenter());
  });
}

function openAt(place) {
  const found = bulkAt(place);
  if (found) select(bulkFeature(found.layer, found.row).id);
}

function tellAt(event, tip) {
  const under = event.originalEvent.target,
    found = L.Browser.mobile || isMeasuring() || under.closest('.bare') ? null : bulkAt(event.latlng);
  map.getContainer().classList.toggle('over-bulk', Boolean(found));
  if (!found) return map.closeTooltip(tip);
  const told = `${state.lang} ${found.layer.id}.${found.row}`;
  if (tip.told !== told) tip.setContent(bulkTip(found.layer, found.row));
  tip.told = told;
  return map.openTooltip(tip, event.latlng);
}

const toldAs = (layer, role, row) =>
  layer.roles[role] ? twinOf(layer, layer.roles[role], state.lang, row) : null;

function bulkTip(layer, row) {
  const { bulk } = layer,
    area = cell(bulk.areas, row),
    look = bulk.classes[bulk.looks[row]];
  const facts = [
    toldAs(layer, 'place', row) ?? cell(bulk.places, row),
    EXTRA.toldOfBulk?.(layer, row) ?? (look && said(look.label)),
    area === null ? null : hectares(area),
    bulk.schematic[row] ? t('schematic_mark') : null,
  ];
  const title = toldAs(layer, 'name', row) ?? cell(bulk.names, row) ?? `${layer.title} ${row + 1}`;
  return el('span', {}, el('b', {}, title), el('br'), facts.filter(Boolean).join(' · '));
}

// features whose name starts with what is searched, then those that say every word of it
function findBulk(wanted, most) {
  const words = wanted.split(' '),
    starts = [],
    holds = [];
  for (const layer of BULK.filter(one => one.bulk.ready)) {
    const columns = (layer.bulk.folded ??= searchedColumns(layer).map(foldColumn));
    for (let row = 0; row < layer.bulk.count && starts.length < most; row++) {
      if (cell(columns[0], row)?.startsWith(wanted)) starts.push([layer, row]);
      else if (holds.length < most && words.every(word => columns.some(one => cell(one, row)?.includes(word))))
        holds.push([layer, row]);
    }
  }
  return [...starts, ...holds].slice(0, most).map(([layer, row]) => bulkFeature(layer, row));
}

// names, in every language, place and INSEE code: of a commune, of a site
function searchedColumns({ bulk, roles }) {
  const twins = Object.keys(WORDS).map(lang => own(bulk.columns, `${roles.name}_${lang}`));
  const codes = inseeColumns().map(name => own(bulk.columns, name));
  return [bulk.names, ...twins, bulk.places, ...codes].filter(Boolean);
}

function foldColumn(column) {
  const folded = list => list.map(text => (text === null ? null : fold(String(text))));
  return Array.isArray(column) ? folded(column) : { of: folded(column.of), at: column.at };
}

// ------------------------------------------------------------------------------------------ legend and list
const bulkEpci = () =>
  BULK.filter(layer => layer.bulk.ready).flatMap(({ bulk }) =>
    Array.isArray(bulk.epci) ? [] : bulk.epci.of,
  );

function bulkKey(layer) {
  const { classes, classedBy } = layer.bulk;
  if (!classes.length) return null;
  const column = own(layer.labels, classedBy);
  return el(
    'div',
    { class: 'classes' },
    classedBy
      ? el('p', { class: 'hint' }, t('bulk_classes', { column: column ? said(column) : classedBy }))
      : null,
    classes.map((one, place) => tick(classId(layer, place), classSwatch(one), said(one.label))),
  );
}

const bulkMark = feature => classSwatch(iconOf(feature) ?? { fill: colourOf(feature) });

function bulkSwatch(layer) {
  const { bulk, style } = layer,
    first = bulk.ready ? bulk.outlines.kinds[0] : RING_RUN;
  if (bulk.classes.length)
    return swatch(SAMPLE, isSketchedBulk(layer), first === LINE_RUN, first === POINT_RUN);
  return swatch({ style }, isSketchedBulk(layer), first === LINE_RUN, first === POINT_RUN);
}

// on paper: the classes that are shown
function printedClasses(layer) {
  const classes = (layer.bulk?.classes ?? []).filter((_, place) => !state.off.has(classId(layer, place)));
  return classes.map(one => el('div', {}, classSwatch(one), said(one.label)));
}

const classSwatch = one => swatch({ style: { fill: one.fill, stroke: one.fill } }, false, false);

const isSketchedBulk = layer => Boolean(layer.bulk?.ready && layer.bulk.schematic.every(Boolean));

// anew only once a choice of the reader shows others
function bulkCounts({ bulk }) {
  if (!bulk.counts || bulk.counts.choice !== bulk.choice)
    bulk.counts = { choice: bulk.choice, ...countBulk(bulk) };
  return bulk.counts;
}

function countBulk(bulk) {
  const sums = bulk.classes.map(() => ({ n: 0, ha: 0 })),
    all = { n: 0, ha: 0, known: 0 };
  for (let row = 0; row < bulk.count; row++) {
    if (!bulk.shown(row)) continue;
    const area = bulk.sub[row] || bulk.uncounted[row] ? null : cell(bulk.areas, row);
    for (const sum of [all, sums[bulk.looks[row]]]) {
      if (!sum) continue;
      sum.n++;
      sum.ha += area ?? 0;
    }
    all.known += area === null ? 0 : 1;
  }
  return { all, sums };
}

function bulkSection(layer) {
  const { bulk } = layer,
    counted = bulk.ready ? bulkCounts(layer) : null;
  bulk.counted = bulk.failed ? { n: 0 } : counted?.all;
  const told = counted
    ? bulkNote(layer)
    : [t(bulk.failed ? 'bulk_failed' : 'bulk_reading', { layer: layer.title })];
  const lines = counted ? bulk.classes.map((one, place) => classLine(one, counted.sums[place])) : [];
  const sum = counted ? bulkSum(counted.all) : t('objects', { n: number(bulk.count) });
  return el(
    'details',
    { class: 'section', open: opened.has(layer.id), 'data-layer': layer.id },
    el('summary', {}, el('h2', {}, layer.title), el('span', { class: 'sum' }, sum)),
    el('ul', {}, lines, el('li', { class: 'hint' }, told)),
  );
}

function bulkNote(layer) {
  const { bulk } = layer,
    area = bulk.measured.includes(1)
      ? `${t('pair', { label: t('measured_area'), value: t('measured_note') })}. `
      : '',
    flag = layerFlag(layer, isSketchedBulk(layer));
  return [
    flag ? el('p', {}, flag) : null,
    el('p', {}, `${area}${t('bulk_note', { n: number(bulk.count) })} ${t('bulk_keys')}`),
  ];
}

const bulkSum = ({ n, ha, known }) =>
  [t('objects', { n: number(n) }), known ? hectares(ha) : null].filter(Boolean).join(' · ');

function classLine(one, { n, ha }) {
  if (!n) return null;
  return el(
    'li',
    { class: 'class-line' },
    classSwatch(one),
    el('b', {}, said(one.label)),
    el('span', { class: 'ha' }, `${number(n)}${ha ? ` · ${hectares(ha)}` : ''}`),
  );
}
