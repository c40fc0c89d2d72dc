// What the page was given: layers and their features, families, words.
const DATA = JSON.parse($('#data').textContent);
const WORDS = JSON.parse($('#words').textContent);
const map = window[DATA.map];

const own = (object, key) => (object && Object.hasOwn(object, key) ? object[key] : undefined);
const FAMILIES = new Map(DATA.families.map(family => [family.id, family]));

// values that repeat travel once, with their places
const unpack = column =>
  Array.isArray(column)
    ? column
    : column.at
      ? column.at.map(place => column.of[place])
      : Array(column.n).fill(column.all); // one value for all
const cell = (column, row) => (Array.isArray(column) ? column[row] : column.of[column.at[row]]) ?? null;

// offers that the page shows first, by feature; the site that each stands for is drawn once, as the offer
const OFFERS = new Map((DATA.vitrine?.list ?? []).map(offer => [offer.feature, offer]));
for (const { facts } of OFFERS.values())
  for (const fact of Object.values(facts)) for (const key of ['source', 'quote']) fact[key] = DATA.vitrine.cited[fact[key]];
const TWINS = new Set(Object.keys(DATA.vitrine?.twins ?? {}));
const LAYERS = DATA.layers.map(readLayer);
const LAYER = new Map(LAYERS.map(layer => [layer.id, layer]));
const FEATURE = new Map(LAYERS.flatMap(layer => layer.features.map(feature => [feature.id, feature])));
for (const [id, offer] of twinOffers()) FEATURE.set(id, FEATURE.get(offer)); // a link to the site opens its offer
const LISTED = LAYERS.filter(
  layer => (layer.features.length || layer.bulk) && !['ground', 'none'].includes(layer.style.drawn),
).reverse();
const MAIN = LISTED.filter(layer => layer.style.listed === 'open' && !layer.bulk);
function twinOffers() {
  return Object.entries(DATA.vitrine?.twins ?? {});
}
const TOWNS = LAYERS.filter(layer => layer.kind === 'commune');

function readLayer(layer) {
  const columns = new Map(Object.entries(layer.columns).map(([name, column]) => [name, unpack(column)]));
  return {
    ...layer,
    columns,
    labels: Object.fromEntries(Object.entries(layer.labels).map(([column, place]) => [column, DATA.labels[place]])),
    features: featuresOf(layer).map(spoken),
    get title() {
      return own(layer.titles, state.lang) ?? layer.title;
    },
  };
}

// ---------------------------------------------------------------- columns that say another in a language (_en)
const twinOf = (layer, column, lang, row) => {
  if (lang === 'fr') return null;
  const twin = `${column}_${lang}`,
    told = layer.bulk?.ready ? own(layer.bulk.columns, twin) : layer.columns.get(twin);
  return (told && cell(told, row)) || null;
};
const isTwin = (layer, column) => {
  const [, base, lang] = /^(.+)_([a-z]+)$/.exec(column) ?? [];
  const known = layer.columns.has(base) || Object.values(layer.roles).includes(base);
  return lang !== undefined && own(WORDS, lang) !== undefined && known;
};

// name and place of a feature, in the language of the page where its layer has them
function spoken(feature) {
  const roles = DATA.layers.find(layer => layer.id === feature.layerId).roles;
  for (const [role, column] of Object.entries(roles)) {
    const said = feature[role];
    const get = () => twinOf(layerOf(feature), column, state.lang, feature.row) ?? said;
    Object.defineProperty(feature, role, { get });
  }
  return feature;
}

// all that a feature is called, in any language: for the search
const spellings = feature => {
  const column = layerOf(feature).roles.name;
  const twins = column ? Object.keys(WORDS).map(lang => twinOf(layerOf(feature), column, lang, feature.row)) : [];
  return [feature.name, ...twins].filter(Boolean).join(' ');
};

function featuresOf(layer) {
  const [schematic, measured, sub, uncounted] = ['schematic', 'measured', 'sub', 'uncounted'].map(
    flag => new Set(layer[flag]),
  );
  const [places, epci, looks, precision, years, accounts, areas, points] = [
    layer.places ?? layer.names,
    layer.epci,
    layer.looks,
    layer.precision,
    layer.years ?? [],
    layer.accounts ?? [],
    layer.areas,
    layer.points,
  ].map(unpack);
  const shapes = unpackShapes(layer.shapes);
  return layer.keys.map((key, i) => ({
    id: `${layer.id}.${key}`,
    layerId: layer.id,
    row: i,
    name: layer.names[i],
    place: places[i],
    epci: epci[i],
    look: looks[i],
    year: years[i] ?? null,
    account: accounts[i] ?? null,
    area: areas[i],
    point: points[i],
    shape: shapes[i] || null,
    precision: precision[i],
    schematic: schematic.has(i),
    measured: measured.has(i),
    sub: sub.has(i),
    counted: !uncounted.has(i),
  })).filter(feature => !TWINS.has(feature.id));
}

const layerOf = feature => LAYER.get(feature.layerId);
const titleOf = feature =>
  (offerOf(feature) && said(offerOf(feature).name)) ?? feature.name ?? `${layerOf(feature).title} ${feature.row + 1}`;
const valueOf = (feature, column) =>
  twinOf(layerOf(feature), column, state.lang, feature.row) ??
  layerOf(feature).columns.get(column)?.[feature.row] ??
  null;
const familyOf = feature => (layerOf(feature).style.drawn === 'discs' ? FAMILIES.get(feature.look) : null);
const iconOf = feature => layerOf(feature).style.icons?.[feature.look] ?? null;
const rankOf = feature => iconOf(feature)?.rank ?? layerOf(feature).style.rank ?? 1;
const offerOf = feature => OFFERS.get(feature.id);
const isGrey = feature => OFFERS.size > 0 && layerOf(feature).style.drawn === 'discs' && !offerOf(feature);
const GREY = DATA.vitrine?.grey; // of the sites that are not on offer: the colour of a family is that of available land
const colourOf = feature =>
  (isGrey(feature) ? GREY : null) ??
  familyOf(feature)?.fill ??
  iconOf(feature)?.fill ??
  layerOf(feature).style.fill ??
  layerOf(feature).style.stroke;

// full names of the EPCI, where a layer says them
const EPCI_NAMES = new Map();
for (const layer of LAYERS) {
  const full = layer.columns.get('epci_nom') ?? layer.columns.get('site_epci_nom') ?? [];
  layer.features.forEach(
    ({ epci, row }) => epci && full[row] && EPCI_NAMES.set(epci, String(full[row])),
  );
}

// ------------------------------------------------------------------------------------------ words, numbers
const t = (key, values = {}) =>
  (own(WORDS[state.lang], key) ?? key).replace(/\{(\w+)\}/g, (all, name) => own(values, name) ?? all);
const said = label =>
  typeof label === 'string' ? label : (own(label, state.lang) ?? own(label, 'fr') ?? '');
const locale = () => own({ fr: 'fr-FR', en: 'en-GB' }, state.lang) ?? state.lang;
const number = (value, digits = 0) =>
  value.toLocaleString(locale(), { minimumFractionDigits: digits, maximumFractionDigits: digits });
// two digits that mean something, where the decimals asked for would leave none or one
const precise = (value, digits) =>
  Math.abs(value) < 10 ** (1 - digits)
    ? value.toLocaleString(locale(), { maximumSignificantDigits: 2 })
    : number(value, digits);
const areaText = value => (value % 1 ? precise(value, Math.abs(value) < 100 ? 1 : 0) : number(value));
const hectares = value => `${areaText(value)} ha`;
const metres = value =>
  value >= 1000 ? `${number(value / 1000, value % 1000 ? 1 : 0)} km` : `${number(value)} m`;

// a value of a closed list, in the language of the page; any other text is a quotation and stays as it is
const translated = text => own(own(DATA.values, state.lang), text) ?? text;

// layers speak French: what is not translated says so on a page of another language
const quotedIn = text => (state.lang === 'fr' || translated(text) !== text || !/\p{L}{2}/u.test(text) ? null : 'fr');
const nameIn = (feature, role = 'name') => {
  const column = own(layerOf(feature).roles, role);
  return column && twinOf(layerOf(feature), column, state.lang, feature.row) ? null : quotedIn(feature[role] ?? '');
};
const valueIn = (feature, column) => {
  const value = valueOf(feature, column);
  const isQuoted = typeof value === 'string' && !twinOf(layerOf(feature), column, state.lang, feature.row);
  return isQuoted ? quotedIn(value) : null;
};
const quoted = text => el('span', { lang: quotedIn(text) }, linked(translated(text)));

function valueText(value, label) {
  if (value === true || value === false) return t(value ? 'yes' : 'no');
  const separator = own(label, 'separator');
  if (typeof value !== 'number')
    return separator
      ? String(value).split(separator).map(translated).join(', ')
      : translated(dayText(String(value)));
  const unit = said(own(label, 'unit') ?? ''),
    digits = own(label, 'decimals');
  if (!unit && digits === undefined)
    return value.toLocaleString(locale(), { useGrouping: false, maximumFractionDigits: 20 });
  return `${value % 1 ? precise(value, digits ?? 2) : number(value)} ${unit}`.trim();
}

// a day as each language writes it; any other text as it is
function dayText(text) {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)(?:T00:00:00)?$/.exec(text) ?? [];
  if (!year) return text;
  return state.lang === 'fr' ? `${day}/${month}/${year}` : `${year}-${month}-${day}`;
}
