// What the reader chose, and the address that brings it back.
const AREA_STOPS = areaStops();
const state = {
  lang: DATA.lang,
  hiddenFamilies: new Set(),
  hiddenEpci: new Set(),
  area: [0, AREA_STOPS.length - 1],
  unknownArea: true,
  off: new Set(),
  selected: null,
  wanted: null, // by the address, of a layer that is still being read
  base: 'ground',
};

function areaStops() {
  const known = MAIN.flatMap(layer => layer.features.map(feature => feature.area ?? 0));
  const largest = Math.max(0, ...known.map(Math.abs));
  const steps = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000];
  return steps.slice(0, steps.findIndex(step => step >= largest) + 1 || steps.length);
}

const areaIsOpen = () => state.area[0] === 0 && state.area[1] === AREA_STOPS.length - 1;

function passes(feature) {
  const family = familyOf(feature);
  if (family && state.hiddenFamilies.has(family.id)) return false;
  if (feature.epci && state.hiddenEpci.has(feature.epci)) return false;
  if (layerOf(feature).style.listed !== 'open') return true;
  if (feature.area === null) return state.unknownArea;
  if (areaIsOpen()) return true;
  const highest = state.area[1] === AREA_STOPS.length - 1 ? Infinity : AREA_STOPS[state.area[1]];
  return feature.area >= AREA_STOPS[state.area[0]] && feature.area <= highest;
}

const isShown = feature => !state.off.has(feature.layerId) && passes(feature);
const shownOf = layer => (state.off.has(layer.id) ? [] : layer.features.filter(passes));

function clearFilters() {
  state.hiddenFamilies.clear();
  state.hiddenEpci.clear();
  state.area = [0, AREA_STOPS.length - 1];
  state.unknownArea = true;
}

const filtersOn = () =>
  Number(state.hiddenFamilies.size > 0) +
  Number(state.hiddenEpci.size > 0) +
  Number(!areaIsOpen()) +
  Number(!state.unknownArea);

// ------------------------------------------------------------------------------------------------ permalink
const listed = set => [...set].map(encodeURIComponent).join(',');
const unlisted = (text, known) =>
  new Set(
    (text ?? '')
      .split(',')
      .filter(Boolean)
      .map(safeDecode)
      .filter(item => known.has(item)),
  );

function safeDecode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function readAddress() {
  const said = new Map(
    location.hash
      .slice(1)
      .split('&')
      .map(pair => pair.split(/=(.*)/s).slice(0, 2)),
  );
  if (own(WORDS, said.get('l'))) state.lang = said.get('l');
  state.hiddenFamilies = unlisted(said.get('f'), FAMILIES);
  state.hiddenEpci = unlisted(said.get('e'), new Set(epciOfSites()));
  state.off = unlisted(said.get('o'), new Set([...LAYER.keys(), ...GROUND_PARTS, ...bulkClassIds()]));
  const area = /^(\d+)-(\d+)$/.exec(said.get('a') ?? '');
  if (area)
    state.area = [clamp(+area[1], 0, AREA_STOPS.length - 2), clamp(+area[2], 1, AREA_STOPS.length - 1)];
  state.unknownArea = said.get('u') !== '0';
  const selected = safeDecode(said.get('s') ?? '');
  state.selected = FEATURE.has(selected) ? selected : null;
  state.wanted = selected;
  const view = /^(\d+(?:\.\d+)?)\/(-?\d+(?:\.\d+)?)\/(-?\d+(?:\.\d+)?)$/.exec(said.get('m') ?? '');
  return view ? { zoom: +view[1], centre: [+view[2], +view[3]] } : null;
}

function writeAddress() {
  const centre = map.getCenter();
  const parts = [`m=${map.getZoom()}/${centre.lat.toFixed(4)}/${centre.lng.toFixed(4)}`];
  if (state.lang !== DATA.lang) parts.push(`l=${state.lang}`);
  if (state.hiddenFamilies.size) parts.push(`f=${listed(state.hiddenFamilies)}`);
  if (state.hiddenEpci.size) parts.push(`e=${listed(state.hiddenEpci)}`);
  if (state.off.size) parts.push(`o=${listed(state.off)}`);
  if (!areaIsOpen()) parts.push(`a=${state.area.join('-')}`);
  if (!state.unknownArea) parts.push('u=0');
  if (state.selected) parts.push(`s=${encodeURIComponent(state.selected)}`);
  try {
    history.replaceState(null, '', `#${parts.join('&')}`);
  } catch {
    // in a frame without an address of its own (a notebook) there is nothing to write
  }
}

function copyAddress() {
  writeAddress();
  const failed = () => toast(t('copy_failed'));
  if (navigator.clipboard && window.isSecureContext)
    navigator.clipboard.writeText(location.href).then(() => toast(t('copied')), failed);
  else failed();
}
