// Names on the map take what room is left: towns first, then lines, sites, and the cities around.
// up to this zoom, names up to this rank
// (beside an offer they are few: it is the one bold thing of its map)
const TOWN_RANK_AT = OFFERS.size
  ? [
      [9.6, 1],
      [11.2, 2],
      [12.2, 3],
      [99, 4],
    ]
  : [
      [10.2, 2],
      [11.2, 3],
      [99, 4],
    ];
const FIRST_TOWNS = 1; // towns of this rank are named even where they touch a mark
const WORST_PX2 = 70; // by so much at most
const LINES_NAMED_FROM = 9.5;
const NAMES_FROM = 12.6; // zoom from which sites are named on the map

const AROUND = [
  [0, 0],
  [0, 1],
  [0, -1],
  [1, 0],
  [-1, 0],
  [0.7, 1.1],
  [-0.7, 1.1],
  [0.7, -1.1],
  [-0.7, -1.1],
  [0, 1.8],
  [0, -1.8],
  [1.3, 0],
  [-1.3, 0],
  [0.8, 2],
  [-0.8, 2],
  [0.8, -2],
  [-0.8, -2],
];
// for the first towns only: farther away, their name is still understood
const FARTHER = [
  [0, 2.8],
  [0, -2.8],
  [1.15, 1.6],
  [-1.15, 1.6],
  [1.15, -1.6],
  [-1.15, -1.6],
  [0.5, 2.4],
  [-0.5, 2.4],
  [0.5, -2.4],
  [-0.5, -2.4],
  [1.7, 0.6],
  [-1.7, 0.6],
  [1.7, -0.6],
  [-1.7, -0.6],
];

function townsToName(zoom, frame) {
  const highest = TOWN_RANK_AT.find(([upTo]) => zoom < upTo)[1],
    group = groups.get('~towns'),
    near = [];
  for (const marker of towns) {
    const { label, rank } = marker,
      seen = map.latLngToContainerPoint(marker.getLatLng());
    if (rank > highest || !map.hasLayer(group) || !inside(seen, frame, 60)) {
      group.removeLayer(marker);
      continue;
    }
    if (!hasSize(label)) group.addLayer(marker);
    near.push({ marker, label, rank, seen, point: map.latLngToLayerPoint(marker.getLatLng()) });
  }
  return near;
}

function placeTowns(near, taken, areas, frame) {
  const group = groups.get('~towns'),
    places = [];
  for (const town of near) {
    const spot = townSpot(town, taken, areas, frame);
    if (!spot) {
      group.removeLayer(town.marker);
      continue;
    }
    group.addLayer(town.marker);
    putAt(town.label, ...spot);
    places.push(town.marker.getLatLng());
  }
  townDots?.setLatLngs(places.map(place => [place, place]));
}

function townSpot({ label, rank, seen, point }, taken, areas, frame) {
  const half = halfOf(label, 2),
    first = rank <= FIRST_TOWNS,
    around = first ? [...AROUND.slice(1), ...FARTHER] : AROUND.slice(1);
  const steps = around
    .map(([x, y]) => [x * (half.x + 9), y * 14])
    .filter(step => fits(seen, step, half, frame));
  return freeSpot(steps, point, half, taken, areas) ?? freeSpot(steps, point, half, taken) ?? (first ? leastBad(steps, point, half, taken) : null);
}

const inside = (seen, frame, margin = 0) =>
  seen.x > -margin && seen.y > -margin && seen.x < frame.right + margin && seen.y < frame.bottom + margin;
const halfOf = (label, moreWidth = 0, moreHeight = 0) => {
  const [width, height] = sizeOf(label);
  return { x: width / 2 + moreWidth, y: height / 2 + moreHeight };
};

// a label is measured once for each way that it looks: reading after a writing costs a layout of the page
const sizes = new Map();
let manner = '';
const sizeKey = label => `${manner} ${label.className} ${label.textContent}`;
const hasSize = label => sizes.has(sizeKey(label));
function sizeOf(label) {
  const key = sizeKey(label),
    size = sizes.get(key) ?? [label.offsetWidth, label.offsetHeight];
  if (size[0]) sizes.set(key, size); // else it is not laid out
  return size;
}

function measureLabels(labels) {
  labels.forEach(sizeOf);
}

function noteManner() {
  manner = [isPhone(), isPrinting(), document.body.matches('.wide-view'), devicePixelRatio].join();
}

// a name is cut neither by the edge of the map nor by the legend
const fits = (seen, [dx, dy], half, frame) =>
  seen.x + dx - half.x > 2 &&
  seen.x + dx + half.x < frame.right - 2 &&
  seen.y + dy - half.y > 2 &&
  seen.y + dy + half.y < frame.bottom - 2;

function putLabel(label, found) {
  label.style.visibility = found ? '' : 'hidden';
  if (found) putAt(label, ...found);
}

// from the corner of what holds it, by its middle
const putAt = (label, x, y) => {
  label.style.transform = `translate(calc(-50% + ${x}px), calc(-50% + ${y}px))`;
};

const boxAt = (point, [dx, dy], half) => boxAround(point.x + dx, point.y + dy, half.x, half.y);

function freeSpot(steps, point, half, taken, avoided = []) {
  for (const step of steps) {
    const box = boxAt(point, step, half);
    if ([taken, avoided].some(boxes => boxes.some(other => meets(other, box)))) continue;
    taken.push(box);
    return step;
  }
  return null;
}

// where a first town covers least; never another name
function leastBad(steps, point, half, taken) {
  const cost = step =>
    taken.reduce((sum, other) => {
      const shared = sharedPx2(other, boxAt(point, step, half));
      return sum + (shared && !other.mark ? Infinity : shared);
    }, 0);
  const best = steps.map(step => [cost(step), step]).sort((a, b) => a[0] - b[0])[0];
  if (!best || best[0] > WORST_PX2) return null;
  taken.push(boxAt(point, best[1], half));
  return best[1];
}

// canals and other named lines, in italics
const lineLabels = new Map();
function linesToName(zoom) {
  const lines = LISTED.filter(one => one.style.named_lines).flatMap(layer => layer.features.filter(isLine));
  const shown = lines.filter(feature => isShown(feature) && zoom >= LINES_NAMED_FROM);
  for (const [id, { marker }] of lineLabels) if (!shown.includes(FEATURE.get(id))) marker.remove();
  return shown.map(feature => {
    const named = lineLabel(feature);
    named.marker.addTo(map);
    return { label: named.label, feature };
  });
}

function lineLabel(feature) {
  const layer = layerOf(feature);
  if (!lineLabels.has(feature.id)) {
    const label = el(
      'span',
      { class: 'line-name', vars: { '--fill': layer.style.stroke } },
      titleOf(feature).replace(/ \(.*\)$/, '') +
        (OFFERS.size && feature.schematic ? ` (${t('schematic_mark')})` : ''),
    );
    lineLabels.set(feature.id, {
      label,
      marker: L.marker(latLng(feature), {
        pane: paneOf(layer, marksPane()),
        interactive: false,
        keyboard: false,
        zIndexOffset: 5000,
        icon: bareIcon(label),
      }),
    });
  }
  return lineLabels.get(feature.id);
}

function placeLineNames(lines, taken, frame) {
  for (const { label, feature } of lines) {
    const half = halfOf(label),
      seen = map.latLngToContainerPoint(latLng(feature));
    const steps = [
      [half.x + 12, -6],
      [-half.x - 12, 10],
      [0, -16],
      [0, 18],
      [half.x + 12, 14],
      [-half.x - 12, -10],
    ].filter(step => fits(seen, step, half, frame));
    putLabel(label, freeSpot(steps, map.latLngToLayerPoint(latLng(feature)), half, taken));
  }
}

let named = new Set(); // marks that hold their name
function sitesToName(spots, zoom) {
  const inView = map.getPixelBounds(),
    origin = map.getPixelOrigin(),
    before = named;
  const close = zoom >= NAMES_FROM && spots.length <= 400 ? spots : [];
  const sites = close
    .filter(spot => spot.radius >= 6 && inView.contains(L.point(spot.x, spot.y).add(origin)))
    .map(spot => ({ spot, label: siteName(spot) }));
  named = new Set(sites.map(({ spot }) => spot.parts));
  for (const parts of before) if (!named.has(parts)) parts.name.remove();
  return sites;
}

function siteName({ feature, parts }) {
  parts.name ??= el('span', { class: 'site-name' });
  parts.name.lang = nameIn(feature) ?? '';
  if (parts.name.textContent !== titleOf(feature)) parts.name.textContent = titleOf(feature);
  if (!parts.name.isConnected) parts.icon.append(parts.name);
  return parts.name;
}

function placeNames(sites, taken, frame) {
  for (const { spot, label } of sites) {
    const half = halfOf(label, 2),
      gap = spot.radius + 4,
      at = map.layerPointToContainerPoint([spot.x, spot.y]);
    const steps = [
      [gap + half.x, 0],
      [-gap - half.x, 0],
      [0, gap + half.y],
      [0, -gap - half.y],
    ];
    const shown = steps.filter(step => fits(at, step, half, frame));
    putLabel(label, freeSpot(shown, spot, half, taken));
  }
}

// ----------------------------------------------- cities around: at their place, else at the edge, with an arrow
function frameOfMap() {
  const size = map.getSize();
  if (isPrinting()) return { right: size.x, bottom: size.y, legend: null };
  const legend = areaInMap('#legend'),
    card = isPhone() || OFFERS.size ? null : areaInMap('#card');
  const tall = legend && legend[3] > size.y / 2;
  const right = Math.min(size.x, tall ? legend[0] : size.x, card ? card[0] : size.x);
  return { right, bottom: size.y - creditsHeight(), legend: tall ? null : legend };
}

const creditsHeight = () => {
  const area = areaInMap('#credits');
  return area ? area[3] - area[1] - 8 : 0;
};

const CONTROLS = '.leaflet-control-zoom, #north, .leaflet-control-scale, .side b, #chip, #key, #wide';
const controls = frame =>
  isPrinting()
    ? printedControls(frame)
    : [...$$(CONTROLS).map(areaInMap), frame.legend].filter(Boolean);

// where north, scale and the names of two compared layers will stand on paper: it is not laid out yet
function printedControls({ right, bottom }) {
  const divider = (right * state.side) / 100,
    corner = [0, bottom - 100, 230, bottom];
  return DATA.compare ? [corner, [divider - 320, 0, divider + 320, 66]] : [corner];
}

// reading where a control stands after Leaflet wrote costs a layout of the page: read once, until a size changes
const areas = new Map();
const watched = new ResizeObserver(() => {
  areas.clear();
  placeSoon();
});

function areaInMap(what) {
  const node = typeof what === 'string' ? $(what) : what;
  if (!node) return null;
  if (isPrinting()) return readArea(node);
  if (!areas.has(node)) {
    watched.observe(node);
    areas.set(node, readArea(node));
  }
  return areas.get(node);
}

function readArea(node) {
  const wrap = $('#mapwrap').getBoundingClientRect();
  if (node.hidden || !node.offsetWidth) return null;
  const box = node.getBoundingClientRect();
  return [
    box.left - wrap.left - 4,
    box.top - wrap.top - 4,
    box.right - wrap.left + 4,
    box.bottom - wrap.top + 4,
  ];
}

function citiesAround(frame) {
  const box = $('#edges');
  if (!box.childElementCount)
    box.append(...DATA.cities.map(city => el('span', { class: 'city' }, el('i', {}, '➤'), city.name)));
  return DATA.cities.map((city, i) => {
    const there = map.latLngToContainerPoint([city.lat, city.lon]),
      seen = inside(there, frame, -10);
    box.children[i].classList.toggle('away', !seen);
    return { label: box.children[i], city, there, seen };
  });
}

function placeCities(cities, taken, frame, corner) {
  const busy = taken.map(([left, top, right, bottom]) => [
    left - corner.x,
    top - corner.y,
    right - corner.x,
    bottom - corner.y,
  ]);
  for (const city of cities) placeCity(city, frame, busy);
}

function placeCity({ label, city, there, seen }, frame, busy) {
  const half = halfOf(label, 6, 6),
    centre = { x: frame.right / 2, y: frame.bottom / 2 };
  const dx = there.x - centre.x,
    dy = there.y - centre.y;
  const share = Math.min((centre.x - half.x) / Math.abs(dx), (centre.y - half.y) / Math.abs(dy));
  const x = seen ? clamp(there.x, half.x, frame.right - half.x) : centre.x + dx * share;
  const y = seen ? clamp(there.y, half.y, frame.bottom - half.y) : centre.y + dy * share;
  const room = boxAround(x, y, half.x - 4, half.y - 4);
  const shown =
    !busy.some(other => meets(other, room)) && state.base === 'ground' && (seen || (city.far && !isPhone()));
  if (shown) busy.push(room);
  putLabel(label, shown && [x, y]);
  label.firstChild.style.transform = seen ? '' : `rotate(${Math.atan2(dy, dx)}rad)`;
}
