// What the page was given: layers and their features, families, words.
const DATA = JSON.parse($('#data').textContent);
const WORDS = JSON.parse($('#words').textContent);
const map = window[DATA.map];

const own = (object, key) => (object && Object.hasOwn(object, key) ? object[key] : undefined);
const FAMILIES = new Map(DATA.families.map(family => [family.id, family]));

const LAYERS = DATA.layers.map(layer => ({ ...layer, features: featuresOf(layer) }));
const LAYER = new Map(LAYERS.map(layer => [layer.id, layer]));
const FEATURE = new Map(LAYERS.flatMap(layer => layer.features.map(feature => [feature.id, feature])));
const LISTED = LAYERS.filter(layer => layer.features.length && !['ground', 'none'].includes(layer.style.drawn)).reverse();
const MAIN = LISTED.filter(layer => layer.style.listed === 'open');
const TOWNS = LAYERS.filter(layer => layer.kind === 'commune');

function featuresOf(layer) {
  const schematic = new Set(layer.schematic), measured = new Set(layer.measured), sub = new Set(layer.sub);
  return layer.keys.map((key, i) => ({
    id: `${layer.id}.${key}`,
    layerId: layer.id,
    row: i,
    name: layer.names[i],
    place: layer.places[i],
    epci: layer.epci[i],
    look: layer.looks[i],
    area: layer.areas[i],
    point: layer.points[i],
    shape: layer.shapes[i] || null,
    precision: layer.precision[i],
    schematic: schematic.has(i),
    measured: measured.has(i),
    sub: sub.has(i),
  }));
}

const layerOf = feature => LAYER.get(feature.layerId);
const titleOf = feature => feature.name ?? `${layerOf(feature).title} ${feature.row + 1}`;
const valueOf = (feature, column) => {
  const layer = layerOf(feature), place = layer.columns.indexOf(column);
  return place < 0 ? null : layer.rows[feature.row][place];
};
const familyOf = feature => (layerOf(feature).style.drawn === 'discs' ? FAMILIES.get(feature.look) : null);
const iconOf = feature => layerOf(feature).style.icons?.[feature.look] ?? null;
const colourOf = feature => familyOf(feature)?.fill ?? iconOf(feature)?.fill ?? layerOf(feature).style.fill ?? layerOf(feature).style.stroke;

// full names of the EPCI, where a layer of towns says them
const EPCI_NAMES = new Map();
for (const layer of LAYERS) {
  const column = layer.columns.indexOf('epci_nom');
  if (column < 0) continue;
  layer.features.forEach(feature => feature.epci && EPCI_NAMES.set(feature.epci, String(layer.rows[feature.row][column] ?? feature.epci)));
}

// ------------------------------------------------------------------------------------------ words, numbers
const t = (key, values = {}) => (own(WORDS[state.lang], key) ?? key).replace(/\{(\w+)\}/g, (all, name) => own(values, name) ?? all);
const said = label => (typeof label === 'string' ? label : own(label, state.lang) ?? own(label, 'fr') ?? '');
const locale = () => (state.lang === 'fr' ? 'fr-FR' : 'en-GB');
const number = (value, digits = 0) => value.toLocaleString(locale(), { minimumFractionDigits: digits, maximumFractionDigits: digits });
const hectares = value => `${number(value, value < 100 && value % 1 ? 1 : 0)} ha`;
const metres = value => (value >= 1000 ? `${number(value / 1000, value % 1000 ? 1 : 0)} km` : `${number(value)} m`);

function valueText(value, label) {
  if (value === true || value === false) return t(value ? 'yes' : 'no');
  if (typeof value !== 'number') return String(value);
  const unit = said(own(label, 'unit') ?? '');
  if (!unit) return state.lang === 'fr' ? String(value).replace('.', ',') : String(value);
  return `${number(value, value % 1 ? own(label, 'decimals') ?? 2 : 0)} ${unit}`;
}
