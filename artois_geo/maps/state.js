// What the reader chose, and the address that brings it back.
const STOPS = { area: areaStops(), date: DATA.years };
const wholeRange = id => [0, Math.max(0, STOPS[id].length - 1)];
// the offer is the one bold thing of its map: parks, greenways and projects wait in the legend
function offAtFirst() {
  const waits = layer => OFFERS.size > 0 && !DATA.vitrine.groups.includes(layer.group) && layer.known;
  return new Set(LAYERS.filter(waits).map(layer => layer.id));
}

const state = {
  lang: DATA.lang,
  hiddenFamilies: new Set(),
  hiddenEpci: new Set(),
  hiddenAccounts: new Set(),
  area: wholeRange('area'), // places in STOPS
  date: wholeRange('date'),
  unknownArea: true,
  undated: true,
  off: offAtFirst(),
  shortlist: new Set(), // offers to compare
  vintage: lastVintage(), // place of the one that is shown
  changes: false, // what changed between two layers, in place of both
  side: 50, // of the divider between two layers, in % of the map
  selected: null,
  full: false, // rows of the list that say all that the card says
  wanted: null, // by the address, of a layer that is still being read
  base: 'ground',
};

function lastVintage() {
  return Math.max(0, (DATA.vintages?.length ?? 0) - 1);
}

function areaStops() {
  const known = MAIN.flatMap(layer => layer.features.map(feature => feature.area ?? 0));
  const largest = Math.max(0, ...known.map(Math.abs));
  const steps = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000];
  return steps.slice(0, steps.findIndex(step => step >= largest) + 1 || steps.length);
}

const isWhole = id => String(state[id]) === String(wholeRange(id));
const inYears = year =>
  year === null
    ? state.undated
    : year >= STOPS.date[state.date[0]] && year <= STOPS.date[state.date[1]];

// a layer that the reader put out, or a vintage that is not the one shown
const isOff = id => state.off.has(id) || isOtherVintage(id);
const vintageOf = id => (DATA.vintages ?? []).findIndex(([layerId]) => layerId === id);
const isOtherVintage = id => vintageOf(id) >= 0 && vintageOf(id) !== state.vintage;

function passes(feature) {
  const layer = layerOf(feature);
  if (layer.theme && state.off.has(classId(layer, feature.look))) return false;
  const family = familyOf(feature);
  if (family && state.hiddenFamilies.has(family.id)) return false;
  if (feature.epci && state.hiddenEpci.has(feature.epci)) return false;
  if (feature.account && state.hiddenAccounts.has(feature.account)) return false;
  if (layerOf(feature).dated && !inYears(feature.year)) return false;
  if (layerOf(feature).style.listed !== 'open') return true;
  if (feature.area === null) return state.unknownArea;
  if (isWhole('area')) return true;
  const [low, high] = state.area,
    highest = high === STOPS.area.length - 1 ? Infinity : STOPS.area[high];
  return feature.area >= STOPS.area[low] && feature.area <= highest;
}

const isShown = feature => !isOff(feature.layerId) && passes(feature);
const shownOf = layer => (isOff(layer.id) ? [] : layer.features.filter(passes));

function clearFilters() {
  state.hiddenFamilies.clear();
  state.hiddenEpci.clear();
  state.hiddenAccounts.clear();
  for (const id of ['area', 'date']) state[id] = wholeRange(id);
  state.unknownArea = true;
  state.undated = true;
}

const filtersOn = () =>
  Number(state.hiddenFamilies.size > 0) +
  Number(state.hiddenEpci.size > 0) +
  Number(state.hiddenAccounts.size > 0) +
  Number(!isWhole('area')) +
  Number(!state.unknownArea) +
  Number(!isWhole('date')) +
  Number(!state.undated);

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
  state.lang = own(WORDS, said.get('l')) ? said.get('l') : DATA.lang;
  state.hiddenFamilies = unlisted(said.get('f'), FAMILIES);
  state.hiddenEpci = unlisted(said.get('e'), { has: () => true });
  if (BULK.every(layer => layer.bulk.ready)) keepKnownEpci(); // else once they are read
  const parts = new Set([...LAYER.keys(), ...GROUND_PARTS, ...classIds()]);
  state.off = said.has('o') ? unlisted(said.get('o'), parts) : offAtFirst();
  state.shortlist = unlisted(said.get('sel'), OFFERS);
  state.hiddenAccounts = unlisted(said.get('z'), new Set(DATA.accounts.map(one => one.id)));
  const area = STOPS.area.length > 2 && twoNumbers(said.get('a'));
  state.area = area
    ? [clamp(area[0], 0, STOPS.area.length - 2), clamp(area[1], 1, STOPS.area.length - 1)]
    : wholeRange('area');
  state.date = placesOfYears(twoNumbers(said.get('d'))) ?? wholeRange('date');
  state.unknownArea = said.get('u') !== '0';
  state.undated = said.get('n') !== '0';
  tellAll(said.get('t') === '1');
  state.side = clamp(parseInt(said.get('c') ?? '50', 10) || 0, 0, 100);
  state.vintage = DATA.vintages ? clamp(parseInt(said.get('y') ?? lastVintage(), 10) || 0, 0, lastVintage()) : 0;
  state.changes = Boolean(DATA.changes) && said.get('v') === '1';
  const selected = safeDecode(said.get('s') ?? '');
  state.selected = FEATURE.get(selected)?.id ?? null;
  state.wanted = selected;
  const view = /^(\d+(?:\.\d+)?)\/(-?\d+(?:\.\d+)?)\/(-?\d+(?:\.\d+)?)$/.exec(said.get('m') ?? '');
  return view ? { zoom: +view[1], centre: [+view[2], +view[3]] } : null;
}

function keepKnownEpci() {
  const known = epciOfSites();
  state.hiddenEpci = new Set([...state.hiddenEpci].filter(epci => known.includes(epci)));
}

function twoNumbers(text) {
  const found = /^(\d+)-(\d+)$/.exec(text ?? '');
  return found && [+found[1], +found[2]];
}

// years travel as they are: the stops may be others once the layers were brought up to date
function placesOfYears(years) {
  if (!years) return null;
  const low = STOPS.date.findIndex(year => year >= years[0]),
    high = STOPS.date.findLastIndex(year => year <= years[1]);
  return low >= 0 && high >= low ? [low, high] : null;
}

// the browser takes its time to write an address: not while the map still moves
const ADDRESS_AFTER_MS = 250;
let writing = 0;
function writeAddressSoon() {
  clearTimeout(writing);
  writing = setTimeout(writeAddress, ADDRESS_AFTER_MS);
}

function writeAddress() {
  const centre = map.getCenter();
  const parts = [`m=${map.getZoom()}/${centre.lat.toFixed(4)}/${centre.lng.toFixed(4)}`];
  if (state.lang !== DATA.lang) parts.push(`l=${state.lang}`);
  if (state.hiddenFamilies.size) parts.push(`f=${listed(state.hiddenFamilies)}`);
  if (state.hiddenEpci.size) parts.push(`e=${listed(state.hiddenEpci)}`);
  if (listed(state.off) !== listed(offAtFirst())) parts.push(`o=${listed(state.off)}`);
  if (state.hiddenAccounts.size) parts.push(`z=${listed(state.hiddenAccounts)}`);
  if (!isWhole('area')) parts.push(`a=${state.area.join('-')}`);
  if (!isWhole('date')) parts.push(`d=${state.date.map(place => STOPS.date[place]).join('-')}`);
  if (!state.unknownArea) parts.push('u=0');
  if (!state.undated) parts.push('n=0');
  if (state.full) parts.push('t=1');
  if (DATA.compare && state.side !== 50) parts.push(`c=${state.side}`);
  if (state.changes) parts.push('v=1');
  if (DATA.vintages && state.vintage !== lastVintage()) parts.push(`y=${state.vintage}`);
  if (state.shortlist.size) parts.push(`sel=${listed(state.shortlist)}`);
  if (state.selected) parts.push(`s=${encodeURIComponent(state.selected)}`);
  clearTimeout(writing);
  try {
    history.replaceState(history.state, '', `#${parts.join('&')}`);
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
