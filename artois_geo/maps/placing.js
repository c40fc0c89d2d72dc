// Where discs stand: those that overlap are pushed apart, a line leads back to their place.
const ROUNDS = 26;
const FULL_SYMBOLS_FROM = 11.6; // zoom: below, symbols of the second rank are dots
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

function place() {
  const zoom = map.getZoom();
  document.body.classList.toggle('far', zoom < FULL_SYMBOLS_FROM);
  document.body.classList.toggle('wide-view', zoom < 9.5);
  const spots = markersOnMap(zoom);
  pushApart(spots);
  moveMarkers(spots);
  const taken = spots
    .filter(spot => spot.radius > 3)
    .map(spot =>
      Object.assign(boxAround(spot.x, spot.y, spot.radius, spot.radius), { mark: true }),
    );
  const frame = frameOfMap(),
    corner = map.containerPointToLayerPoint([0, 0]);
  if (DATA.compare) fitSides(frame);
  for (const [left, top, right, bottom] of controls(frame))
    taken.push([left + corner.x, top + corner.y, right + corner.x, bottom + corner.y]);
  placeTowns(taken, zoom, frame);
  placeLineNames(taken, zoom, frame);
  placeNames(spots, taken, zoom, frame);
  placeCities(frame, taken);
}

function markersOnMap(zoom) {
  const spots = [];
  for (const layer of LISTED) {
    for (const feature of shownOf(layer)) {
      const icon = drawn.get(feature.id)?.icon;
      if (!icon) continue;
      const point = map.latLngToLayerPoint(latLng(feature));
      const fixed =
        layer.style.drawn !== 'discs' && !feature.schematic && (feature.precision ?? 0) <= SURVEYED_M;
      const radius = markerRadius(layer, feature, zoom);
      if (familyOf(feature)) icon.style.setProperty('--size', `${discSize(feature, zoom)}px`);
      spots.push({ feature, icon, fixed, x: point.x, y: point.y, home: point, radius });
    }
  }
  return spots;
}

function markerRadius(layer, feature, zoom) {
  if (layer.style.drawn === 'discs') return discSize(feature, zoom) / 2 + (layer.style.ring ? 3 : 0);
  return zoom < FULL_SYMBOLS_FROM && rankOf(feature) > 1 ? 0 : 10.5;
}

function pushApart(spots) {
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < spots.length; i++) for (let j = 0; j < i; j++) pushPair(spots[i], spots[j], i);
  }
}

function pushPair(one, other, turn) {
  let dx = one.x - other.x,
    dy = one.y - other.y;
  const wanted = one.radius + other.radius + 1;
  if (!one.radius || !other.radius || Math.abs(dx) >= wanted || Math.abs(dy) >= wanted) return; // a dot moves nothing
  const distance = Math.hypot(dx, dy);
  if (distance >= wanted || (one.fixed && other.fixed)) return;
  if (distance < 0.1) [dx, dy] = [Math.cos(turn * 2.4), Math.sin(turn * 2.4)];
  const step = (wanted - distance) / Math.max(distance, 1) / (one.fixed || other.fixed ? 1 : 2);
  if (!one.fixed) Object.assign(one, { x: one.x + dx * step, y: one.y + dy * step });
  if (!other.fixed) Object.assign(other, { x: other.x - dx * step, y: other.y - dy * step });
}

let leads = null;
function moveMarkers(spots) {
  leads?.remove();
  leads = L.layerGroup();
  const moved = new Map(); // pane -> the lines in it
  for (const spot of spots) {
    const dx = spot.x - spot.home.x,
      dy = spot.y - spot.home.y;
    spot.icon.style.transform = `translate(calc(-50% + ${dx.toFixed(1)}px), calc(-50% + ${dy.toFixed(1)}px))`;
    if (Math.hypot(dx, dy) <= spot.radius) continue;
    const pane = paneOf(layerOf(spot.feature), 'leads'),
      line = [latLng(spot.feature), map.layerPointToLatLng([spot.x, spot.y])];
    moved.set(pane, [...(moved.get(pane) ?? []), line]);
  }
  for (const [pane, lines] of moved) drawLeads(pane, lines);
  leads.addTo(map);
}

function drawLeads(pane, lines) {
  const drawn = {
    pane,
    renderer: renderer(pane),
    interactive: false,
    color: LEAD,
    weight: 1.4,
    opacity: 0.75,
  };
  leads.addLayer(L.polyline(lines, drawn));
  const dot = { ...drawn, stroke: false, radius: 2.4, fillColor: LEAD, fillOpacity: 0.9 };
  for (const [end] of lines) leads.addLayer(L.circleMarker(end, dot));
}
