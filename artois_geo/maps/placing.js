// Where discs stand: those that overlap are pushed apart, a line leads back to their place.
const ROUNDS = 26;
const FULL_SYMBOLS_FROM = 11.6; // zoom: below, symbols of the second rank are dots
const AROUND_PX = 300; // out of the view: marks that a drag of the map brings in
const UNSEEN_PX = 0.05; // a move that nobody would see
const LEAD = '#2c3a47';
const SURVEYED_M = 500; // a position known better than this is never moved

const meets = (a, b) => a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1];
const sharedPx2 = (a, b) =>
  Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0])) *
  Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
const boxAround = (x, y, halfWidth, halfHeight) => [
  x - halfWidth,
  y - halfHeight,
  x + halfWidth,
  y + halfHeight,
];

let awaited = 0;

// once before the next picture, however much changed until then
function placeSoon() {
  awaited ||= requestAnimationFrame(place);
}

// what is laid out is read first, then written: a reading after a writing costs a layout of the whole page
function place() {
  cancelAnimationFrame(awaited);
  awaited = 0;
  const zoom = map.getZoom(),
    frame = frameOfMap(),
    corner = map.containerPointToLayerPoint([0, 0]);
  if (DATA.compare) fitSides(frame);
  const busy = controls(frame);
  showNearSymbols();
  document.body.classList.toggle('far', zoom < FULL_SYMBOLS_FROM);
  document.body.classList.toggle('wide-view', zoom < 9.5);
  const spots = markersOnMap(zoom);
  moveMarkers(spots, zoom);
  for (const spot of spots) setAside(spot.parts.marker, !inside(spot.home.subtract(corner), frame, AROUND_PX));
  const taken = spots
    .filter(spot => spot.radius > 3)
    .map(spot =>
      Object.assign(boxAround(spot.x, spot.y, spot.radius, spot.radius), { mark: true }),
    );
  for (const { feature, x, y, radius } of spots)
    if (offerOf(feature)) taken.push(boxAround(x, y + radius + 10, 24, 9));
  for (const [left, top, right, bottom] of busy)
    taken.push([left + corner.x, top + corner.y, right + corner.x, bottom + corner.y]);
  noteManner();
  const near = townsToName(zoom, frame),
    lines = linesToName(zoom),
    sites = sitesToName(spots, zoom),
    cities = citiesAround(frame);
  measureLabels([...near, ...lines, ...sites, ...cities].map(one => one.label));
  placeTowns(near, taken, smallAreas(), frame);
  placeLineNames(lines, taken, frame);
  placeNames(sites, taken, frame);
  placeCities(cities, taken, frame, corner);
}

// areas that the name of a town would hide
const LARGE_PX = 90,
  MOST_AREAS = 400;
function smallAreas() {
  const boxes = [];
  for (const layer of LISTED) {
    if (layer.bulk || layer.features.length > MOST_AREAS) continue;
    for (const feature of shownOf(layer)) {
      const shape = feature.shape && !isLine(feature) && drawn.get(feature.id)?.shape;
      if (!shape) continue;
      const bounds = shape.getBounds(),
        [{ x: left, y: top }, { x: right, y: bottom }] = [bounds.getNorthWest(), bounds.getSouthEast()].map(corner => map.latLngToLayerPoint(corner));
      if (right - left < LARGE_PX && bottom - top < LARGE_PX) boxes.push([left, top, right, bottom]);
    }
  }
  return boxes;
}

// a mark out of sight takes no part in the layout of the page
function setAside(marker, far) {
  const node = marker.getElement();
  if (node && node.hidden !== far) node.hidden = far;
}

function markersOnMap(zoom) {
  const spots = [];
  document.body.classList.toggle('small-pins', hasSmallPins());
  for (const layer of LISTED) {
    for (const feature of shownOf(layer)) {
      const parts = drawn.get(feature.id);
      if (!parts?.icon || !groups.get(layer.id).hasLayer(parts.marker)) continue;
      const point = map.latLngToLayerPoint(latLng(feature));
      const fixed =
        layer.style.drawn !== 'discs' && !feature.schematic && (feature.precision ?? 0) <= SURVEYED_M;
      const radius = markerRadius(layer, feature, zoom);
      if (familyOf(feature)) setSize(parts, discSize(feature, zoom));
      spots.push({ feature, parts, fixed, x: point.x, y: point.y, home: point, radius });
    }
  }
  return spots;
}

function setSize(parts, size) {
  if (parts.size !== size) parts.icon.style.setProperty('--size', `${size}px`);
  parts.size = size;
}

function markerRadius(layer, feature, zoom) {
  if (offerOf(feature)) return pinSize() / 2 + 1;
  if (layer.style.drawn === 'discs') return discSize(feature, zoom) / 2 + (layer.style.ring ? 3 : 0);
  return zoom < FULL_SYMBOLS_FROM && rankOf(feature) > 1 ? 0 : 10.5;
}

// each against those near it, until nothing moves any more
function pushApart(spots) {
  const solid = spots.filter(spot => spot.radius), // a dot moves nothing
    reach = 2 * solid.reduce((most, spot) => Math.max(most, spot.radius), 0) + 1;
  for (let round = 0, moved = true; moved && round < ROUNDS; round++) {
    const cells = new Map();
    moved = false;
    solid.forEach((spot, turn) => {
      for (const other of nearTo(cells, spot, reach)) if (pushPair(spot, solid[other], turn)) moved = true;
      const cell = cellAt(spot.x, spot.y, reach);
      if (cells.has(cell)) cells.get(cell).push(turn);
      else cells.set(cell, [turn]);
    });
  }
}

const cellAt = (x, y, side) => Math.floor(x / side) * 2 ** 26 + Math.floor(y / side);

function nearTo(cells, { x, y }, side) {
  const near = [];
  for (let dx = -side; dx <= side; dx += side)
    for (let dy = -side; dy <= side; dy += side) near.push(...(cells.get(cellAt(x + dx, y + dy, side)) ?? []));
  return near.sort((a, b) => a - b);
}

function pushPair(one, other, turn) {
  let dx = one.x - other.x,
    dy = one.y - other.y;
  const wanted = one.radius + other.radius + 1;
  if (Math.abs(dx) >= wanted || Math.abs(dy) >= wanted) return false;
  const distance = Math.hypot(dx, dy);
  if (distance >= wanted || (one.fixed && other.fixed)) return false;
  if (distance < 0.1) [dx, dy] = [Math.cos(turn * 2.4), Math.sin(turn * 2.4)];
  const step = (wanted - distance) / Math.max(distance, 1) / (one.fixed || other.fixed ? 1 : 2);
  if (!one.fixed) [one.x, one.y] = [one.x + dx * step, one.y + dy * step];
  if (!other.fixed) [other.x, other.y] = [other.x - dx * step, other.y - dy * step];
  return wanted - distance > UNSEEN_PX;
}

// the same marks at the same zoom stand as they stood, wherever the map was moved to
let lastMoved = { zoom: null, spots: [] };
function moveMarkers(spots, zoom) {
  const last = lastMoved;
  const same =
    zoom === last.zoom &&
    spots.length === last.spots.length &&
    spots.every(({ parts, radius }, i) => parts === last.spots[i].parts && radius === last.spots[i].radius);
  if (same)
    spots.forEach((spot, i) => {
      spot.x += last.spots[i].x - last.spots[i].home.x;
      spot.y += last.spots[i].y - last.spots[i].home.y;
    });
  else pushApart(spots);
  lastMoved = { zoom, spots };
  if (!same) showMoved(spots);
}

function showMoved(spots) {
  const lines = new Map(); // pane -> the lines in it
  for (const { feature, parts, x, y, home, radius } of spots) {
    const [dx, dy] = [x - home.x, y - home.y],
      shift = `translate(calc(-50% + ${dx.toFixed(1)}px), calc(-50% + ${dy.toFixed(1)}px))`;
    if (parts.shift !== shift) parts.icon.style.transform = parts.shift = shift;
    if (Math.hypot(dx, dy) <= radius) continue;
    const pane = paneOf(layerOf(feature), 'leads');
    if (!lines.has(pane)) lines.set(pane, []);
    lines.get(pane).push([latLng(feature), map.layerPointToLatLng([x, y])]);
  }
  for (const pane of new Set([...leads.keys(), ...lines.keys()])) drawLeads(pane, lines.get(pane) ?? []);
}

// a line to the place of each, which ends in a dot: a round end of no length
const leads = new Map(); // pane -> [lines, dots]
function drawLeads(pane, lines) {
  if (!leads.has(pane)) {
    const common = { pane, renderer: renderer(pane), interactive: false, color: LEAD };
    leads.set(pane, [
      L.polyline([], { ...common, weight: 1.4, opacity: 0.75 }).addTo(map),
      L.polyline([], { ...common, weight: 4.8, opacity: 0.9 }).addTo(map),
    ]);
  }
  const [line, dots] = leads.get(pane);
  line.setLatLngs(lines);
  dots.setLatLngs(lines.map(([end]) => [end, end]));
}
