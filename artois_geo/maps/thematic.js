// Maps of a number: shades by class under all else, or circles of proportional area; their legend.
const SHADE_EDGE = { color: '#ffffff', weight: 0.9, opacity: 1 };
const COLOUR_EDGE = { color: '#5b6773', weight: 0.9, opacity: 0.8 };
const COLOUR_OPACITY = 0.85;
const NO_VALUE_PX = 3.5;

const isShaded = layer => layer.theme?.drawn === 'aplats';
const isCircled = layer => layer.theme?.drawn === 'cercles';
const isCategory = layer => isColoured(layer) && !layer.theme.method;
const themeEntry = feature => layerOf(feature).theme.entries[feature.look];
const unitOf = theme => said(theme.label.unit ?? '');
const themeValue = feature => (isCategory(layerOf(feature)) ? null : valueOf(feature, layerOf(feature).theme.column));

function themeHeading({ label }) {
  const unit = said(label.unit ?? '');
  return unit ? `${said(label)} (${unit})` : said(label);
}

function themeText(layer, value) {
  if (value === null) return t(isColoured(layer) ? 'theme_unknown' : 'theme_missing');
  if (layer.theme.method === 'value') return `${value} ${unitOf(layer.theme)}`.trim(); // a year has no thousands
  return `${number(value, layer.theme.label.decimals)} ${unitOf(layer.theme)}`.trim();
}

// the value of a feature, or the words of its class
const themeWords = feature =>
  isCategory(layerOf(feature)) ? said(themeEntry(feature).label) : withMinus(themeText(layerOf(feature), themeValue(feature)));

const withMinus = text => text.replace(/^-/, '−');

// ------------------------------------------------------------------------------------------------- drawing
EXTRA.panes = () => {
  if (!LAYERS.some(isShaded)) return;
  map.createPane('shades').style.zIndex = 305;
};
EXTRA.limits = () => (LAYERS.some(isShaded) ? 315 : null); // shades would cover them
EXTRA.pane = layer => (isShaded(layer) ? 'shades' : null);

EXTRA.area = (layer, feature, heavy) => {
  if (!isShaded(layer) && !isColoured(layer)) return null;
  const { fill, hatch } = themeEntry(feature);
  const inside = !hatch ? fill : heavy ? (hatches[fill] ??= hatched(fill)) : `url(#hatch-${fill.slice(1)})`;
  const dash = feature.schematic && !heavy ? '3 3' : null,
    edge = isShaded(layer) ? SHADE_EDGE : { ...COLOUR_EDGE, weight: heavy ? 0.5 : COLOUR_EDGE.weight };
  return { ...edge, fillColor: inside, fillOpacity: hatch || isShaded(layer) ? 1 : COLOUR_OPACITY, dashArray: dash };
};
const hatches = {};

EXTRA.line = (layer, feature) => (isColoured(layer) ? themeEntry(feature).fill : null);

EXTRA.dot = (layer, feature) => {
  if (isShaded(layer) || isColoured(layer)) {
    const { fill, hatch } = themeEntry(feature);
    return { ...SHADE_EDGE, color: '#33404d', fillColor: hatch ? '#ffffff' : fill, fillOpacity: 1 };
  }
  if (!isCircled(layer)) return null;
  const value = themeValue(feature),
    { fill, stroke } = themeEntry(feature);
  if (value === null)
    return { radius: NO_VALUE_PX, color: fill, weight: 1.4, dashArray: '2 2', fillColor: '#ffffff', fillOpacity: 1 };
  const zero = value === 0;
  return {
    radius: circlePx(layer.theme, value),
    color: stroke,
    weight: 1,
    dashArray: null,
    opacity: zero ? 0 : 0.9,
    fillColor: fill,
    fillOpacity: zero ? 0 : 0.72,
  };
};

function circlePx({ largest, sizes }, value) {
  const most = isPhone() ? sizes.largest_px_phone : sizes.largest_px;
  return value ? Math.max(sizes.smallest_px, most * Math.sqrt(Math.abs(value) / largest)) : 0;
}

// small circles above large ones
EXTRA.stack = () => {
  nameOnShades();
  for (const layer of LAYERS.filter(isCircled)) {
    const shown = shownOf(layer).filter(feature => drawn.has(feature.id));
    shown.sort((a, b) => Math.abs(themeValue(b) ?? 0) - Math.abs(themeValue(a) ?? 0));
    for (const feature of shown) drawn.get(feature.id).shape.bringToFront();
  }
};

// ------------------------------------------------------------------------------------------ what is told
EXTRA.told = feature => {
  const layer = layerOf(feature);
  return layer.theme ? `${said(layer.theme.label)} : ${themeWords(feature)}` : null;
};
EXTRA.toldOfBulk = (layer, row) => {
  if (!layer.theme) return null;
  const value = () => withMinus(themeText(layer, cell(layer.bulk.columns[layer.theme.column], row)));
  return isCategory(layer) ? said(layer.theme.entries[layer.bulk.looks[row]].label) : value();
};

// the list of a map of a number says and sorts the number; that of categories, the class beside the area
const isMeasured = layer => Boolean(layer.theme) && !isCategory(layer);
EXTRA.order = layer =>
  isMeasured(layer)
    ? (a, b) => (themeValue(b) ?? -Infinity) - (themeValue(a) ?? -Infinity) || byArea(a, b)
    : null;
EXTRA.rowValue = feature => (isMeasured(layerOf(feature)) ? themeWords(feature) : null);
EXTRA.classOf = feature =>
  isMeasured(layerOf(feature)) ? (feature.area === null ? null : hectares(feature.area)) : themeWords(feature);
EXTRA.listHead = layer =>
  isMeasured(layer)
    ? el('li', { class: 'hint' }, `${themeHeading(layer.theme)} · ${t('vintage')} ${layer.vintage || t('unstated')}`)
    : null;

EXTRA.mark = feature => {
  const layer = layerOf(feature);
  return layer.theme ? shadeSwatch(layer, themeEntry(feature)) : null;
};

EXTRA.swatch = layer => {
  if (!layer.theme) return null;
  if (isCircled(layer)) return shadeSwatch(layer, layer.theme.entries[0]);
  const fills = layer.theme.entries.filter(entry => !entry.hatch).map(entry => entry.fill);
  const parts = fills.map((fill, i) =>
    svg('rect', { x: 2 + (26 / fills.length) * i, y: 3, width: 26 / fills.length, height: 14, fill }),
  );
  return svg('svg', { viewBox: '0 0 30 20', class: 'swatch', 'aria-hidden': 'true' }, parts);
};

function shadeSwatch(layer, { fill, stroke, hatch }) {
  const inside = hatch ? `url(#hatch-${fill.slice(1)})` : fill;
  const sign = isCircled(layer)
    ? hatch
      ? { cx: 15, cy: 10, r: 4, fill: '#ffffff', stroke: fill, 'stroke-width': 1.4, 'stroke-dasharray': '2 2' }
      : { cx: 15, cy: 10, r: 7, fill, 'fill-opacity': 0.72, stroke }
    : { x: 2, y: 2, width: 26, height: 16, rx: 2, fill: inside, stroke: '#5b6773', 'stroke-width': 0.8 };
  return svg(
    'svg',
    { viewBox: '0 0 30 20', class: 'swatch', 'aria-hidden': 'true' },
    svg(isCircled(layer) ? 'circle' : 'rect', sign),
  );
}

// -------------------------------------------------------------------------------------------------- legend
EXTRA.key = layer => {
  if (!layer.theme) return null;
  if (DATA.compare && legendOwner(layer) !== layer) return ''; // the key of the first side is that of both
  return el(
    'div',
    { class: 'theme-key' },
    el('p', { class: 'theme-head' }, themeHeading(layer.theme)),
    sharedSides(layer) ? el('p', { class: 'hint' }, t('both_sides')) : null,
    isCircled(layer) ? nestedCircles(layer) : null,
    themeLines(layer),
    el('p', { class: 'hint' }, themeMethod(layer)),
    el('p', { class: 'hint' }, themeSource(layer)),
  );
};

function themeMethod({ theme }) {
  if (theme.drawn === 'cercles') return t('theme_circles');
  return theme.method && theme.entries.some(entry => !entry.hatch) ? t(`theme_${theme.method}`) : '';
}

const themeSource = layer => [
  `${t('vintage')} `,
  stated(layer.vintage),
  ` · ${t('pair', { label: t('source'), value: '' })}`,
  stated(layer.source),
];

// the two signs of circles are told apart only where there are both
function themeEntries({ theme }) {
  if (theme.drawn !== 'cercles') return theme.entries;
  const met = theme.entries.filter(entry => entry.count);
  return met.filter(entry => entry.hatch || met.filter(one => one.stroke).length > 1);
}

// of a pair that is compared with one legend: before, after
const sharedSides = layer => {
  const sides = (DATA.compare ?? []).map(id => LAYER.get(id));
  return sides.includes(layer) && sides.every(isColoured) ? sides : null;
};

function themeCount({ count, ha, sized }) {
  if (ha === undefined) return number(count);
  return `${number(count)} · ${sized < count ? t('theme_sized', { ha: hectares(ha), n: number(sized) }) : hectares(ha)}`;
}

function themeLine(layer, entry) {
  const place = layer.theme.entries.indexOf(entry),
    sides = sharedSides(layer);
  const counted = sides
    ? sides.map(side => themeCount(side.theme.entries[place])).join(' → ')
    : themeCount(entry);
  return [withMinus(said(entry.label)), el('small', {}, ` (${counted})`)];
}

function themeLines(layer) {
  return themeEntries(layer).map(entry => {
    const sign = shadeSwatch(layer, entry),
      words = el('span', {}, themeLine(layer, entry));
    return isCircled(layer)
      ? el('div', { class: 'line' }, sign, words)
      : tick(classId(layer, layer.theme.entries.indexOf(entry)), sign, words);
  });
}

// circles of round values standing on one another
function nestedCircles({ theme }) {
  const values = theme.round;
  if (!values.length) return null;
  const most = circlePx(theme, values[0]),
    bottom = 2 * most + 3,
    middle = most + 2,
    { stroke } = theme.sizes.above;
  const parts = values.flatMap((value, place) => {
    const radius = circlePx(theme, value),
      top = Math.max(bottom - 2 * radius, 8 + place * 14);
    const digits = Math.max(0, -Math.floor(Math.log10(value)));
    return [
      svg('circle', { cx: middle, cy: bottom - radius, r: radius, fill: 'none', stroke }),
      svg('path', {
        d: `M${middle} ${bottom - 2 * radius}L${2 * middle + 8} ${top}h6`,
        fill: 'none',
        stroke,
        'stroke-width': 0.6,
      }),
      svg('text', { x: 2 * middle + 18, y: top + 4 }, `${number(value, digits)} ${unitOf(theme)}`.trim()),
    ];
  });
  const high = Math.max(bottom, 8 + values.length * 14) + 2;
  return svg('svg', { class: 'nested', viewBox: `0 0 220 ${high}`, width: 220, height: high }, parts);
}

EXTRA.printed = layer =>
  layer.theme
    ? DATA.compare && legendOwner(layer) !== layer ? [] : [
        el('div', { class: 'theme-head' }, themeHeading(layer.theme)),
        isCircled(layer) ? nestedCircles(layer) : null,
        ...themeEntries(layer)
          .filter(entry => isCircled(layer) || !state.off.has(classId(layer, layer.theme.entries.indexOf(entry))))
          .map(entry => el('div', {}, shadeSwatch(layer, entry), el('span', {}, themeLine(layer, entry)))),
        el('div', {}, themeMethod(layer)),
      ]
    : null;

// ------------------------------------------------------------------------------------ names on dark shades
const DARK = 0.18; // luminance below which white is read better than black

function luminance(colour) {
  const linear = [1, 3, 5].map(at => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
}

// the name of a town is white where the shade under it is dark
function nameOnShades() {
  const shaded = LAYERS.filter(layer => isShaded(layer) && !isOff(layer.id));
  for (const marker of towns) {
    const entry = shaded.map(layer => entryAt(layer, marker.getLatLng())).find(Boolean);
    marker.label.classList.toggle('on-dark', Boolean(entry && !entry.hatch && luminance(entry.fill) < DARK));
  }
  $('#sketched')?.remove();
  if (shaded.some(isAllSketched)) $('#credits').before(el('p', { id: 'sketched' }, t('sketched')));
}

const isAllSketched = layer =>
  layer.bulk ? isSketchedBulk(layer) : layer.features.some(feature => feature.shape && feature.schematic);

function entryAt(layer, place) {
  if (layer.bulk) {
    if (!layer.bulk.ready) return null;
    const point = map.project(place, layer.bulk.zoom);
    return layer.theme.entries[layer.bulk.looks[featureAt(layer.bulk.outlines, layer.bulk.grid, point.x, point.y, 0, layer.bulk.shown)]];
  }
  const feature = layer.features.find(one => one.shape && passes(one) && holds(one, place));
  return feature && themeEntry(feature);
}

function holds(feature, { lng, lat }) {
  feature.box ??= L.geoJSON(feature.shape).getBounds();
  if (!feature.box.contains([lat, lng])) return false;
  let within = false;
  const { type, coordinates } = feature.shape;
  for (const ring of type === 'Polygon' ? coordinates : type === 'MultiPolygon' ? coordinates.flat() : [])
    for (let i = 0, last = ring.length - 1; i < ring.length; last = i++)
      if (ring[i][1] > lat !== ring[last][1] > lat) {
        const cut = ring[i][0] + ((lat - ring[i][1]) * (ring[last][0] - ring[i][0])) / (ring[last][1] - ring[i][1]);
        if (lng < cut) within = !within;
      }
  return within;
}
