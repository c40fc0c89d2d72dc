// Drawing the ground and the layers with Leaflet. Nothing here is stored in Leaflet that the model does not know.
const GROUND_PARTS = ['~limits', '~towns', '~landmarks'];
const CANVAS_FROM = 1500; // features: beyond, one canvas is lighter than one element each
const CROWD = 200; // points: beyond, smaller dots
const SELECTED = '#ffb000';
const CASED = 3;
const CLOSEST = 16; // zoom at which the map goes to something by itself

const drawn = new Map(); // feature id -> { layer, marker, shape }
const groups = new Map(); // layer or ground part id -> L.layerGroup on the map while the layer is on

const UNTOUCHED = ['ground', 'limits', 'bulk', 'leads', 'precision']; // by the pointer

function preparePanes() {
  const panes = { ground: 200, limits: EXTRA.limits?.() ?? 201, bulk: 310, areas: 320, lines: 340, leads: 390, precision: 395 };
  for (const [name, height] of Object.entries(panes)) addPane(name, name, height);
  EXTRA.panes?.();
  EXTRA.beneath?.();
  for (const id of DATA.compare ?? [])
    for (const [name, height] of Object.entries({ ...panes, [marksPane()]: EXTRA.marks ? 591 : 601 }))
      addPane(paneOf(LAYER.get(id), name), name, height);
}

function addPane(id, name, height) {
  map.createPane(id).style.zIndex = height;
  if (UNTOUCHED.includes(name)) map.getPane(id).style.pointerEvents = 'none';
}

// where marks and names stand: beneath the layers that a user added with folium
const marksPane = () => EXTRA.marks ?? 'markerPane';

// each of two layers that are compared has panes of its own, which the divider cuts
const paneOf = (layer, name) => (DATA.compare?.includes(layer.id) ? `${name}-${layer.id}` : name);
const areasPane = layer => paneOf(layer, (!DATA.compare?.includes(layer.id) && EXTRA.pane?.(layer)) || 'areas');

// each drawing as large as the map costs a layer to compose at every step: two are enough, of the ground and above
// it, unless something lies between (a canvas of many features, shades, a divider)
const SHARED = { limits: 'ground', lines: 'areas', leads: 'areas', precision: 'areas' };
const isLayered = () =>
  Boolean(DATA.compare || EXTRA.limits) || LAYERS.some(layer => layer.features.length > CANVAS_FROM);

const renderers = new Map();
function renderer(pane, heavy = false) {
  if (!isLayered()) pane = own(SHARED, pane) ?? pane;
  const key = pane + heavy;
  if (heavy) map.getPane(pane).classList.add('heavy');
  if (!renderers.has(key))
    renderers.set(key, heavy ? L.canvas({ pane, padding: 0.3 }) : L.svg({ pane, padding: 0.15 }));
  return renderers.get(key);
}

// ---------------------------------------------------------------------------------------------- the ground
function drawGround() {
  const ground = DATA.ground,
    colours = DATA.groundStyle;
  map.getContainer().style.background = colours.outside;
  groups.set('ground', L.layerGroup());
  for (const part of GROUND_PARTS) groups.set(part, L.layerGroup());
  if (!ground) return;
  const plain = { pane: 'ground', renderer: renderer('ground'), interactive: false };
  const cell = {
    ...plain,
    className: 'cell',
    color: colours.line,
    weight: 0.8,
    fillColor: colours.land,
    fillOpacity: 1,
  };
  if (ground.schematic) Object.assign(cell, { dashArray: '1 4', opacity: 0.9 });
  const halo = { ...plain, color: colours.halo, weight: 9, opacity: 0.55, fill: false, lineJoin: 'round' };
  const above = { ...plain, pane: 'limits', renderer: renderer('limits') };
  const limit = { ...above, color: colours.limit, weight: 1.6, dashArray: OFFERS.size && !ground.schematic ? null : '7 4', fill: false };
  // one land hides the halo of the limits inside it: that of its shore is enough
  const land = ground.cells.length
    ? { ...plain, stroke: false, fillColor: colours.land, fillOpacity: 1 }
    : { ...halo, fill: true, className: 'land', fillColor: colours.land, fillOpacity: 1 };
  if (ground.cells.length) for (const shape of ground.limits) groups.get('ground').addLayer(L.geoJSON(shape, halo));
  for (const shape of ground.land) groups.get('ground').addLayer(L.geoJSON(shape, land));
  if (ground.cells.length) groups.get('ground').addLayer(L.geoJSON(together(ground.cells), cell));
  for (const line of ground.landmarks ?? []) for (const look of landmarkLooks(line.class)) groups.get('~landmarks').addLayer(L.geoJSON(line.shape, { ...plain, fill: false, ...look }));
  for (const shape of ground.limits) groups.get('~limits').addLayer(L.geoJSON(shape, limit));
  towns.push(...ground.towns.filter(town => town[0]).map(townMarker));
  townDots = L.polyline([], { ...above, className: 'town-dots', color: colours.label, weight: 4.5, opacity: 0.9, lineCap: 'round' });
  groups.get('~towns').addLayer(townDots);
}

// roads and tracks lie as they are: solid, so that nobody takes one for a limit
const landmarkLooks = name =>
  own(
    {
      main: [{ color: DATA.groundStyle.main, weight: 1.6 }],
      rail: [{ color: DATA.groundStyle.rail, weight: 1 }, { color: DATA.groundStyle.rail, weight: 4, dashArray: '1 7', lineCap: 'butt' }],
      motorway: [{ color: '#fff', weight: 5 }, { color: DATA.groundStyle.motorway, weight: 2.8 }],
    },
    name,
  ) ?? [];

// as one outline: a hundred and fifty are as many elements to write anew at each step of the zoom
const together = shapes => ({
  type: 'MultiPolygon',
  coordinates: shapes.flatMap(({ type, coordinates }) => (type === 'Polygon' ? [coordinates] : coordinates)),
});

// names come to the map when they are placed there: a hundred and fifty marks cost a step of the zoom too much
const towns = [];
let townDots = null; // the places of those that are named: round ends of no length
function townMarker([name, longitude, latitude, rank]) {
  const label = el('span', { class: `town rank-${rank}` }, String(name));
  const marker = L.marker([latitude, longitude], {
    pane: marksPane(),
    interactive: false,
    keyboard: false,
    zIndexOffset: 6000,
    icon: bareIcon(label),
  });
  return Object.assign(marker, { rank, label });
}

const bareIcon = node => L.divIcon({ className: 'bare', iconSize: [0, 0], html: node });

// ---------------------------------------------------------------------------------------------- the layers
// the port that is on offer stands on the map once, as the offer: its sign of the same name is not drawn beside it
const signsOfOffers = new Set();
function findSignsOfOffers() {
  const symbols = LAYERS.filter(layer => layer.style.drawn === 'symbols').flatMap(layer => layer.features);
  for (const offer of [...OFFERS.keys()].map(id => FEATURE.get(id)))
    for (const sign of symbols) {
      if (!offer?.point || !sign.point || !sign.name || fold(sign.name) !== fold(offer.name ?? '')) continue;
      const apart = (offer.precision ?? 0) + (sign.precision ?? 0) + SURVEYED_M;
      if (map.distance(latLng(offer), latLng(sign)) <= apart) signsOfOffers.add(sign.id);
    }
}

function drawLayers() {
  findSignsOfOffers();
  for (const layer of LAYERS) {
    groups.set(layer.id, L.layerGroup());
    if (['ground', 'none'].includes(layer.style.drawn)) continue;
    for (const feature of layer.features)
      if (feature.point) drawn.set(feature.id, drawFeature(layer, feature));
  }
}

function drawFeature(layer, feature) {
  const offer = offerOf(feature),
    isDisc = OFFERS.size > 0 && layer.style.drawn === 'discs' && feature.schematic; // drawn for an area: no outline
  const parts = { shape: feature.shape && !isDisc && drawShape(layer, feature), marker: null, icon: null };
  if (isGrey(feature)) parts.shape ||= drawDot(layer, feature);
  else if (offer && feature.precision > 100) parts.halo = drawHalo(feature);
  if (isGrey(feature)) parts.icon = null;
  else if (layer.style.drawn === 'discs') parts.icon = discNode(layer, feature);
  else if (layer.style.drawn === 'symbols' && !isLine(feature)) parts.icon = symbolNode(layer, feature);
  else if (!feature.shape) parts.shape = drawDot(layer, feature);
  if (parts.icon)
    parts.marker = L.marker(latLng(feature), {
      pane: paneOf(layer, marksPane()),
      keyboard: false,
      riseOnHover: true,
      riseOffset: 9000,
      zIndexOffset: heightOf(feature),
      icon: bareIcon(parts.icon),
    });
  for (const part of [parts.marker, parts.shape].filter(Boolean)) listen(part, feature);
  return parts;
}

// where an offer may be: its position is known to within this circle
const drawHalo = feature =>
  L.circle(latLng(feature), {
    pane: 'precision',
    renderer: renderer('precision'),
    interactive: false,
    radius: feature.precision,
    color: colourOf(feature),
    weight: 1,
    opacity: 0.35,
    fillColor: colourOf(feature),
    fillOpacity: 0.12,
  });

// small discs above large ones, both above the dots
const heightOf = feature =>
  familyOf(feature)
    ? 4000 - discSize(feature, 10) * 20
    : rankOf(feature) === 1
      ? 2500
      : 1000 - rankOf(feature) * 100;
const latLng = feature => [feature.point[1], feature.point[0]];
const isLine = feature => Boolean(feature.shape) && /Line/.test(feature.shape.type);

function drawShape(layer, feature) {
  const heavy = layer.features.length > CANVAS_FROM;
  if (!isLine(feature))
    return L.geoJSON(feature.shape, {
      pane: areasPane(layer),
      renderer: renderer(areasPane(layer), heavy),
      style: () => areaStyle(layer, feature, heavy),
      pointToLayer: dotAt(layer, feature),
    });
  const line = [];
  const { weight = 3, casing } = layer.style,
    stroke = EXTRA.line?.(layer, feature) ?? layer.style.stroke,
    dash = dashOf(layer, feature);
  const pane = paneOf(layer, 'lines'),
    common = { pane, renderer: renderer(pane, heavy), lineCap: dash ? 'butt' : 'round' };
  if (dash && /^[0-3](\.\d+)? /.test(dash)) common.lineCap = 'round';
  if (casing)
    line.push(
      L.geoJSON(feature.shape, {
        ...common,
        style: { color: casing, weight: weight + CASED, opacity: 0.85, lineCap: 'round' },
      }),
    );
  line.push(
    L.geoJSON(feature.shape, {
      ...common,
      style: { color: stroke, weight, dashArray: dash, lineCap: common.lineCap, opacity: 0.95 },
    }),
  );
  return L.featureGroup(line);
}

// a line between known points is a schema: never a solid line
const SKETCH_DASH = '7 5';
const dashOf = ({ style }, feature) => style.dash ?? (feature.schematic ? SKETCH_DASH : undefined);

function areaStyle(layer, feature, heavy = false) {
  const themed = EXTRA.area?.(layer, feature, heavy);
  if (themed) return themed;
  const fill = colourOf(feature),
    stroke = familyOf(feature) ? fill : (layer.style.stroke ?? fill);
  const edge = feature.schematic
    ? { dashArray: '5 4', weight: 1.6, opacity: 0.9 }
    : { weight: 1.6, opacity: 1 };
  if (heavy) return { color: stroke, fillColor: fill, fillOpacity: 0.5, ...edge, weight: 0.7 };
  return { color: stroke, fillColor: insideOf(layer, fill, feature.schematic), fillOpacity: opacityOf(layer), ...edge };
}

// nothing for an outline, a hatching of its own, that of a sketch, or a colour
function insideOf({ style }, fill, schematic) {
  if (style.outline) return 'none';
  const colour = fill.slice(1);
  return style.pattern ? `url(#${style.pattern}-${colour})` : schematic ? `url(#hatch-${colour})` : fill;
}
const opacityOf = ({ style }) => (style.pattern ? 0.95 : 0.55);

const dotAt = (layer, feature) => (_, place) => L.circleMarker(place, dotStyle(layer, feature));
const drawDot = (layer, feature) => L.circleMarker(latLng(feature), dotStyle(layer, feature));

function dotStyle(layer, feature) {
  const heavy = layer.features.length > CANVAS_FROM;
  const edge = feature.schematic && !isGrey(feature)
    ? { color: layer.style.stroke, dashArray: '2 2', weight: 1.4 }
    : { color: '#ffffff', weight: 1.6 };
  const pane = paneOf(layer, 'areas');
  return {
    pane,
    renderer: renderer(pane, heavy),
    radius: layer.features.length > CROWD || isGrey(feature) ? 3.5 : 5.5,
    fillColor: colourOf(feature),
    fillOpacity: 0.9,
    ...edge,
    ...EXTRA.dot?.(layer, feature),
  };
}

// ------------------------------------------------------------------------------------- discs and symbols
const scaleOfDiscs = zoom => clamp(0.62 + (zoom - 9) * 0.22, 0.62, 1);

const PIN_PX = 30,
  SMALL_PIN_PX = 20, // on the strip of a phone, where there are many
  MANY_PINS = 8;
const hasSmallPins = () => OFFERS.size > MANY_PINS && isPhone() && !document.body.classList.contains('wide-map');
const pinSize = () => (hasSmallPins() ? SMALL_PIN_PX : PIN_PX);
function discSize(feature, zoom) {
  if (offerOf(feature)) return pinSize();
  const size = feature.sub ? 18 : 21 + Math.min(26, Math.sqrt(Math.max(0, feature.area ?? 0)) * 1.25);
  return Math.round(size * scaleOfDiscs(zoom));
}

function discNode(layer, feature) {
  const family = familyOf(feature),
    offer = offerOf(feature);
  if (offer)
    return el(
      'div',
      { class: `disc pin ${offer.group}`, vars: { '--fill': family.fill, '--ink': family.ink }, 'data-id': feature.id },
      String(offer.number),
      offer.ha === null ? null : el('span', { class: 'pin-ha' }, hectares(offer.ha)),
    );
  const sort = ['disc', layer.style.ring && 'ring', feature.schematic && 'sketch', feature.sub && 'sub']
    .filter(Boolean)
    .join(' ');
  const vars = { '--fill': family.fill, '--ink': family.ink };
  return el('div', { class: sort, vars, 'data-id': feature.id }, family.letter);
}

function symbolNode(layer, feature) {
  const icon = iconOf(feature),
    rank = rankOf(feature);
  const sort = ['symbol', `symbol-${rank}`, feature.schematic && 'sketch'].filter(Boolean).join(' ');
  return el(
    'div',
    { class: sort, vars: { '--fill': colourOf(feature) }, 'data-id': feature.id },
    pictogram(icon?.icon ?? layer.style.icon),
  );
}

const PICTOGRAMS = {
  anchor:
    'M7 4.4V13M4.4 6.6h5.2M1.6 8.6C2 11.5 4 12.9 7 13c3-.1 5-1.5 5.4-4.4M7 1.2a1.6 1.6 0 100 3.2 1.6 1.6 0 100-3.2',
  quay: 'M1.5 9h11M3 9v3.5M7 9v3.5M11 9v3.5M4 6.5V3h6v3.5z',
  crane: 'M4 13V2l8 2.6H1.8M9.5 4.6V8M7.8 8h3.4v2.6H7.8zM2 13h4',
  lock: 'M2 2l5 5-5 5M7.5 2l5 5-5 5',
  junction: 'M3.5 13V8.5C3.5 5 10.5 6.5 10.5 2M3.5 1.5V5M10.5 13V9',
  train: 'M3.5 1.5h7v8h-7zM3.5 6h7M5 9.5l-2 3.5M9 9.5l2 3.5M5.6 8h.1M8.4 8h.1',
  wave: 'M1 5c2-2 4-2 6 0s4 2 6 0M1 10c2-2 4-2 6 0s4 2 6 0',
  star: 'M7 1.4l1.7 3.7 4 .4-3 2.7.9 4L7 10.1l-3.6 2.1.9-4-3-2.7 4-.4z',
  leaf: 'M2 12C2 5 6 2 12.2 1.8 12.5 8 9.5 12 4 11M2 12.6C4 9 6 7 8.5 5.5',
  dot: 'M7 5.4a1.6 1.6 0 100 3.2 1.6 1.6 0 100-3.2',
};

const pictogram = name =>
  svg(
    'svg',
    { viewBox: '0 0 14 14', class: 'pictogram', 'aria-hidden': 'true' },
    svg('path', { d: PICTOGRAMS[name] ?? PICTOGRAMS.dot }),
  );

// ------------------------------------------------------------------------------------------- interaction
function listen(part, feature) {
  part.on('click', event => {
    if (EXTRA.drawing) return void map.fire('click', { latlng: event.latlng });
    if (isMeasuring()) return;
    L.DomEvent.stop(event);
    const pile = pileAt(feature);
    if (pile.length > 1) openPile(pile);
    else select(feature.id);
  });
  if (!L.Browser.mobile)
    part.bindTooltip(() => tooltip(feature), { direction: 'top', sticky: true, className: 'tip' });
}

function tooltip(feature) {
  const facts = [
    feature.place,
    EXTRA.told?.(feature),
    EXTRA.result?.amount(feature) ?? (feature.area === null ? null : hectares(feature.area)),
    feature.schematic ? t('schematic_mark') : null,
  ];
  return el('span', {}, el('b', { lang: nameIn(feature) }, titleOf(feature)), el('br'), facts.filter(Boolean).join(' · '));
}

// ------------------------------------------------------------------------------------- what is on the map
let stacked = false; // the first time, in the order of the layers
function showLayers() {
  let added = false;
  for (const [id, group] of groups) {
    const on = id === 'ground' ? state.base === 'ground' : !isOff(id) && !hiddenByChanges(id);
    added ||= on && !map.hasLayer(group);
    if (on) group.addTo(map);
    else group.remove();
  }
  for (const layer of LAYERS) for (const feature of layer.features) if (showFeature(layer, feature)) added = true;
  if (added && stacked) restack(); // what comes back would lie above what was drawn before it
  else EXTRA.stack?.();
  stacked = true;
  paintSelection();
  showBulk();
  placeSoon();
  if (OFFERS.size) EXTRA.offers.pointToProject();
  if (DATA.compare) clipSides();
  EXTRA.changes?.show();
}

// what changed is shown in place of the two layers that are compared
const hiddenByChanges = id => state.changes && DATA.compare.includes(id);

function showFeature(layer, feature) {
  const parts = drawn.get(feature.id);
  if (!parts) return false;
  const group = groups.get(layer.id),
    on = passes(feature) && !isTooFar(feature) && (feature.id === state.selected || !signsOfOffers.has(feature.id)),
    back = on && parts.shape && !group.hasLayer(parts.shape);
  for (const part of [parts.halo, parts.shape, parts.marker].filter(Boolean)) {
    if (on) group.addLayer(part);
    else group.removeLayer(part);
  }
  return back;
}

// beside an offer, ports, junctions, stations and locks wait until the map has room to say what they are
const isTooFar = feature =>
  OFFERS.size > 0 &&
  map.getZoom() < FULL_SYMBOLS_FROM &&
  layerOf(feature).style.drawn === 'symbols' &&
  layerOf(feature).known &&
  !isLine(feature) &&
  feature.id !== state.selected;

let farBefore = null;
function showNearSymbols() {
  const far = map.getZoom() < FULL_SYMBOLS_FROM;
  if (!OFFERS.size || far === farBefore) return;
  farBefore = far;
  for (const layer of LAYERS)
    if (layer.style.drawn === 'symbols') for (const feature of layer.features) showFeature(layer, feature);
}

function restack() {
  groups.get('~limits').eachLayer(limit => map.hasLayer(limit) && limit.bringToFront()); // above the land that came back
  for (const layer of LAYERS)
    for (const feature of shownOf(layer)) drawn.get(feature.id)?.shape?.bringToFront();
  for (const { halo } of drawn.values()) halo?.bringToBack();
  EXTRA.stack?.();
}

let ring = null;
function paintSelection() {
  ring?.remove();
  ring = null;
  $$('.disc.selected, .symbol.selected').forEach(node => node.classList.remove('selected'));
  for (const id of new Set([paintSelection.last, state.selected])) repaint(FEATURE.get(id));
  paintSelection.last = state.selected;
  const feature = FEATURE.get(state.selected);
  if (!feature?.point || !(feature.precision > 100)) return;
  const halo = {
    pane: 'precision',
    renderer: renderer('precision'),
    interactive: false,
    radius: feature.precision,
  };
  ring = L.circle(latLng(feature), {
    ...halo,
    color: '#12304a',
    weight: 1.4,
    dashArray: '3 5',
    fillColor: '#12304a',
    fillOpacity: drawn.get(feature.id)?.halo ? 0 : 0.05,
  }).addTo(map);
}

function repaint(feature) {
  const parts = feature && drawn.get(feature.id);
  if (!parts) return;
  const chosen = feature.id === state.selected;
  parts.icon?.classList.toggle('selected', chosen);
  const layer = layerOf(feature);
  if (isLine(feature)) return parts.shape && repaintLine(layer, feature, parts.shape, chosen);
  if (parts.shape instanceof L.CircleMarker)
    parts.shape.setStyle({ ...dotStyle(layer, feature), ...(chosen && { color: SELECTED, weight: 4 }) });
  if (!feature.shape || !parts.shape || isGrey(feature) && feature.schematic) return;
  const usual = areaStyle(layer, feature, layer.features.length > CANVAS_FROM);
  parts.shape.setStyle(
    chosen ? { ...usual, color: SELECTED, weight: 4, dashArray: null } : { dashArray: null, ...usual },
  );
}

// the line itself, not its casing
function repaintLine(layer, feature, shape, chosen) {
  const { weight = 3 } = layer.style,
    stroke = EXTRA.line?.(layer, feature) ?? layer.style.stroke;
  const line = shape.getLayers().at(-1);
  line.setStyle(chosen ? { color: SELECTED, weight: weight + CASED } : { color: stroke, weight });
}

// ------------------------------------------------------------------------------------------ base, moving
let tiles = null;
function setBase(base) {
  state.base = base;
  tiles?.remove();
  tiles = null;
  if (base === DATA.embedded?.id) tiles = EXTRA.tiles().addTo(map);
  else if (base !== 'ground' && DATA.basemap)
    tiles = L.tileLayer(DATA.basemap.url, { maxZoom: 19, detectRetina: false }).addTo(map);
  document.body.classList.toggle('on-tiles', base !== 'ground');
  map.options.zoomSnap = base === 'ground' ? DATA.zoomSnap : 1; // tiles are sharp at whole zooms only
  if (base !== 'ground') map.setZoom(Math.round(map.getZoom()));
  showLayers();
  credits();
}

// Leaflet refuses a view while a step of the zoom is being animated
let zooming = false;
function followZoom() {
  map.on('zoomanim', () => (zooming = true)).on('zoomend', () => (zooming = false));
}

function home() {
  if (zooming) map.once('moveend', goHome);
  else goHome();
}

function goHome() {
  const legend = $('#legend'),
    right = !isPhone() && legend.open ? legend.offsetWidth + 20 : 10;
  const key = OFFERS.size && $('#key').open ? Math.min($('#key').offsetHeight, map.getSize().y / 4) : 0,
    bottom = isPhone() && !OFFERS.size ? innerHeight * 0.4 : Math.max(34, $('#credits').offsetHeight + 8) + key;
  map.fitBounds(DATA.view ?? DATA.bounds, {
    animate: false,
    maxZoom: CLOSEST, // a point alone has no extent
    paddingTopLeft: [isPhone() ? 10 : 22, isPhone() && !OFFERS.size ? 60 : 14],
    paddingBottomRight: [right, bottom],
  });
}

// what the card covers, as long as the map keeps room to show something
const besideCard = () => OFFERS.size ? 40 : Math.min($('#card').offsetWidth + 28, map.getSize().x * 0.55);

function goTo(feature, animate = true) {
  if (!feature.point) return;
  const parts = drawn.get(feature.id);
  // a schematic place opens on the circle that it may lie in, never closer
  const isSure = feature.shape && parts?.shape && !(feature.schematic && feature.precision && !isLine(feature));
  const bounds = isSure
    ? parts.shape.getBounds()
    : L.latLng(latLng(feature)).toBounds(Math.max(3000, (feature.precision ?? 0) * 2.6));
  const padding = {
    paddingTopLeft: isPhone() && OFFERS.size ? [10, 10] : [40, 60],
    paddingBottomRight: isPhone() && !OFFERS.size ? [40, innerHeight * 0.72] : [besideCard(), 60],
    maxZoom: layerOf(feature).bulk ? CLOSEST : 14,
  };
  if (animate && moves()) map.flyToBounds(bounds, { ...padding, duration: 0.6 });
  else map.fitBounds(bounds, { ...padding, animate: false });
}
