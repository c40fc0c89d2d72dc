// Where discs and names stand: discs that overlap are pushed apart, names take what room is left.
const ROUNDS = 26;
const FULL_SYMBOLS_FROM = 11.6; // zoom: below, symbols of the second rank are dots
const TOWN_RANK_AT = [[10.2, 2], [11.2, 3], [99, 4]]; // up to this zoom, names up to this rank
const NAMES_FROM = 12.6; // zoom from which sites are named on the map
const SURVEYED_M = 500; // a position known better than this is never moved

const meets = (a, b) => a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1];
const boxAround = (x, y, halfWidth, halfHeight) => [x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight];

function place() {
  const zoom = map.getZoom();
  document.body.classList.toggle('far', zoom < FULL_SYMBOLS_FROM);
  document.body.classList.toggle('wide-view', zoom < 9.7);
  const spots = markersOnMap(zoom);
  pushApart(spots);
  moveMarkers(spots);
  const taken = spots.filter(spot => spot.radius > 6).map(spot => boxAround(spot.x, spot.y, spot.radius, spot.radius));
  placeTowns(taken, zoom);
  placeNames(spots, taken, zoom);
  placeEdges();
}

function markersOnMap(zoom) {
  const spots = [];
  for (const layer of LISTED) {
    for (const feature of shownOf(layer)) {
      const icon = drawn.get(feature.id)?.icon;
      if (!icon) continue;
      const point = map.latLngToLayerPoint(latLng(feature));
      const fixed = layer.style.drawn !== 'discs' && !feature.schematic && (feature.precision ?? 0) <= SURVEYED_M;
      const radius = markerRadius(layer, feature, zoom);
      spots.push({ feature, icon, fixed, x: point.x, y: point.y, home: point, radius });
    }
  }
  return spots;
}

function markerRadius(layer, feature, zoom) {
  if (layer.style.drawn === 'discs') return discSize(feature) / 2 + (layer.style.ring ? 3 : 0);
  return zoom < FULL_SYMBOLS_FROM && rankOf(feature) > 1 ? 0 : 10.5;
}

function pushApart(spots) {
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < spots.length; i++) for (let j = 0; j < i; j++) pushPair(spots[i], spots[j], i);
  }
}

function pushPair(one, other, turn) {
  let dx = one.x - other.x, dy = one.y - other.y;
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
  const lines = [];
  for (const spot of spots) {
    const dx = spot.x - spot.home.x, dy = spot.y - spot.home.y;
    spot.icon.style.transform = `translate(calc(-50% + ${dx.toFixed(1)}px), calc(-50% + ${dy.toFixed(1)}px))`;
    if (Math.hypot(dx, dy) > spot.radius) lines.push([latLng(spot.feature), map.layerPointToLatLng([spot.x, spot.y])]);
  }
  leads = L.polyline(lines, { pane: 'leads', renderer: renderer('leads'), interactive: false, color: '#3b4a58', weight: 1, opacity: 0.55 }).addTo(map);
}

// -------------------------------------------------------------------------------------------------- names
const AROUND = [[0, 0], [0, 1], [0, -1], [1, 0], [-1, 0], [0.7, 1.1], [-0.7, 1.1], [0.7, -1.1], [-0.7, -1.1], [0, 1.8], [0, -1.8], [1.3, 0], [-1.3, 0], [0.8, 2], [-0.8, 2], [0.8, -2], [-0.8, -2]];

function placeTowns(taken, zoom) {
  const highest = TOWN_RANK_AT.find(([upTo]) => zoom < upTo)[1], size = map.getSize();
  groups.get('~towns').eachLayer(marker => {
    const { label, rank } = marker;
    label.hidden = rank > highest;
    if (label.hidden || !marker.getElement()) return;
    const seen = map.latLngToContainerPoint(marker.getLatLng());
    if (seen.x < -60 || seen.y < -60 || seen.x > size.x + 60 || seen.y > size.y + 60) return;
    const halfWidth = label.offsetWidth / 2 + 2, halfHeight = label.offsetHeight / 2 - 2;
    const point = map.latLngToLayerPoint(marker.getLatLng());
    const found = freeSpot(AROUND.map(([x, y]) => [x * (halfWidth + 14), y * 22]), point, halfWidth, halfHeight, taken);
    label.style.visibility = found ? '' : 'hidden';
    if (found) Object.assign(label.style, { left: `${found[0]}px`, top: `${found[1]}px` });
  });
}

function freeSpot(offsets, point, halfWidth, halfHeight, taken) {
  for (const [dx, dy] of offsets) {
    const box = boxAround(point.x + dx, point.y + dy, halfWidth, halfHeight);
    if (taken.some(other => meets(other, box))) continue;
    taken.push(box);
    return [dx, dy];
  }
  return null;
}

let names = [];
function placeNames(spots, taken, zoom) {
  for (const name of names) name.remove();
  names = [];
  if (zoom < NAMES_FROM || spots.length > 400) return;
  const inView = map.getPixelBounds(), origin = map.getPixelOrigin();
  for (const spot of spots) {
    const seen = L.point(spot.x, spot.y).add(origin);
    if (!inView.contains(seen) || spot.radius < 6) continue;
    const label = el('span', { class: 'site-name' }, titleOf(spot.feature));
    spot.icon.append(label);
    names.push(label);
    const halfWidth = label.offsetWidth / 2, halfHeight = label.offsetHeight / 2;
    const gap = spot.radius + 4;
    const offsets = [[gap + halfWidth, 0], [-gap - halfWidth, 0], [0, gap + halfHeight], [0, -gap - halfHeight]];
    const found = freeSpot(offsets, spot, halfWidth + 2, halfHeight, taken);
    if (found) Object.assign(label.style, { left: `calc(50% + ${found[0]}px)`, top: `calc(50% + ${found[1]}px)` });
    else label.remove();
  }
}

// ------------------------------------------------------------- at the edge of the map: where the roads lead
function placeEdges() {
  const box = $('#edges'), size = map.getSize();
  if (!box.childElementCount) box.append(...DATA.cities.map(city => el('span', { class: 'edge' }, el('i', {}, '➤'), ` ${city.name}`)));
  const busy = ['#legend', '.leaflet-control-zoom', '#north', '.leaflet-control-scale', '#credits', '#card'].map(areaInMap).filter(Boolean);
  DATA.cities.forEach((city, i) => placeEdge(box.children[i], city, size, busy));
}

function areaInMap(selector) {
  const node = $(selector), wrap = $('#mapwrap').getBoundingClientRect();
  if (!node || node.hidden || !node.offsetWidth) return null;
  const box = node.getBoundingClientRect();
  return [box.left - wrap.left - 4, box.top - wrap.top - 4, box.right - wrap.left + 4, box.bottom - wrap.top + 4];
}

function placeEdge(label, city, size, busy) {
  const there = map.latLngToContainerPoint([city.lat, city.lon]), centre = { x: size.x / 2, y: size.y / 2 };
  const halfWidth = label.offsetWidth / 2 + 6, halfHeight = label.offsetHeight / 2 + 6;
  const dx = there.x - centre.x, dy = there.y - centre.y;
  const outside = Math.abs(dx) > centre.x || Math.abs(dy) > centre.y;
  const share = Math.min((centre.x - halfWidth) / Math.abs(dx), (centre.y - halfHeight) / Math.abs(dy));
  const x = centre.x + dx * share, y = centre.y + dy * share, box = boxAround(x, y, halfWidth, halfHeight);
  const shown = outside && state.base === 'ground' && !isPhone() && !busy.some(other => meets(other, box));
  label.style.visibility = shown ? '' : 'hidden';
  if (!shown) return;
  busy.push(box);
  Object.assign(label.style, { left: `${x}px`, top: `${y}px` });
  label.firstChild.style.transform = `rotate(${Math.atan2(dy, dx)}rad)`;
}
