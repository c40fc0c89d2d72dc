// Maps of a number: shades by class under all else, or circles of proportional area; their legend.
const SHADE_EDGE = { color: '#ffffff', weight: 0.9, opacity: 1 };
const NO_VALUE_PX = 3.5;

const isShaded = layer => layer.theme?.drawn === 'aplats';
const isCircled = layer => layer.theme?.drawn === 'cercles';
const themeValue = feature => valueOf(feature, layerOf(feature).theme.column);
const themeEntry = feature => layerOf(feature).theme.entries[feature.look];
const unitOf = theme => said(theme.label.unit ?? '');

function themeHeading({ label }) {
  const unit = said(label.unit ?? '');
  return unit ? `${said(label)} (${unit})` : said(label);
}

function themeText(layer, value) {
  if (value === null) return t('theme_missing');
  return `${number(value, layer.theme.label.decimals)} ${unitOf(layer.theme)}`.trim();
}

const withMinus = text => text.replace(/^-/, '−');

// ------------------------------------------------------------------------------------------------- drawing
EXTRA.panes = () => {
  if (!LAYERS.some(isShaded)) return;
  map.createPane('shades').style.zIndex = 305;
};
EXTRA.limits = () => (LAYERS.some(isShaded) ? 315 : null); // shades would cover them
EXTRA.pane = layer => (isShaded(layer) ? 'shades' : null);

EXTRA.area = (layer, feature, heavy) => {
  if (!isShaded(layer)) return null;
  const { fill, hatch } = themeEntry(feature);
  const inside = !hatch ? fill : heavy ? (hatches[fill] ??= hatched(fill)) : `url(#hatch-${fill.slice(1)})`;
  const dash = feature.schematic && !heavy ? '3 3' : null;
  return { ...SHADE_EDGE, fillColor: inside, fillOpacity: 1, dashArray: dash };
};
const hatches = {};

EXTRA.dot = (layer, feature) => {
  if (isShaded(layer)) {
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
  for (const layer of LAYERS.filter(isCircled)) {
    const shown = shownOf(layer).filter(feature => drawn.has(feature.id));
    shown.sort((a, b) => Math.abs(themeValue(b) ?? 0) - Math.abs(themeValue(a) ?? 0));
    for (const feature of shown) drawn.get(feature.id).shape.bringToFront();
  }
};

// ------------------------------------------------------------------------------------------ what is told
EXTRA.told = feature => {
  const layer = layerOf(feature);
  if (!layer.theme) return null;
  return `${said(layer.theme.label)} : ${withMinus(themeText(layer, themeValue(feature)))}`;
};
EXTRA.toldOfBulk = (layer, row) =>
  layer.theme ? withMinus(themeText(layer, cell(layer.bulk.columns[layer.theme.column], row))) : null;

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
  return el(
    'div',
    { class: 'theme-key' },
    el('p', { class: 'theme-head' }, themeHeading(layer.theme)),
    isCircled(layer) ? nestedCircles(layer) : null,
    themeLines(layer),
    el('p', { class: 'hint' }, themeMethod(layer)),
    el('p', { class: 'hint' }, themeSource(layer)),
  );
};

function themeMethod({ theme }) {
  if (theme.drawn === 'cercles') return t('theme_circles');
  return theme.entries.some(entry => !entry.hatch) ? t(`theme_${theme.method}`) : '';
}

const themeSource = layer => [
  `${t('vintage')} `,
  stated(layer.vintage),
  ` · ${t('pair', { label: t('source'), value: '' })}`,
  stated(layer.source),
];

// the two signs of circles are told apart only where there are both
function themeEntries({ theme }) {
  if (theme.drawn === 'aplats') return theme.entries;
  const met = theme.entries.filter(entry => entry.count);
  return met.filter(entry => entry.hatch || met.filter(one => one.stroke).length > 1);
}

function themeLines(layer) {
  return themeEntries(layer).map(entry => {
    const words = [withMinus(said(entry.label)), el('small', {}, ` (${number(entry.count)})`)];
    const sign = shadeSwatch(layer, entry);
    return layer.bulk
      ? tick(classId(layer, layer.theme.entries.indexOf(entry)), sign, el('span', {}, words))
      : el('div', { class: 'line' }, sign, el('span', {}, words));
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
    ? [
        el('div', { class: 'theme-head' }, themeHeading(layer.theme)),
        isCircled(layer) ? nestedCircles(layer) : null,
        themeEntries(layer).map(entry =>
          el('div', {}, shadeSwatch(layer, entry), withMinus(said(entry.label)), ` (${number(entry.count)})`),
        ),
        el('div', {}, themeMethod(layer)),
      ]
    : null;
