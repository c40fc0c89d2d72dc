// The offers first: the bar of filters, the cards in their groups, the key of what is drawn.
const OFFER_GROUPS = ['available', 'published', 'later'];
const LEAST_HA = [0, 1, 2, 5, 10, 20, 50];
const offerWords = key => key.split('.').reduce((words, part) => own(words, part), DATA.vitrine.words);
const offerSays = (key, values = {}) =>
  said(offerWords(key)).replace(/\{(\w+)\}/g, (all, name) => own(values, name) ?? all);
const offerFeatures = () =>
  [...OFFERS.values()].map(offer => FEATURE.get(offer.feature)).filter(feature => feature && isShown(feature));
// a number keeps its unit and its thousands
const glued = text => text.replace(/(\d) (?=\d{3}(?!\d)|(?:m²|m|km|ha|€|MW)(?![\p{L}\d]))/gu, '$1\u00a0');
const factText = fact => glued(said(fact.text));
const dated = fact => (fact.date ? fact.date.slice(0, 4) : '');

// ------------------------------------------------------------------------------------------------ the cards
const STROKES = {
  state: 'M5 21V4h12l-3 4 3 4H5',
  price: 'M3 12V4h8l10 10-8 7zM7.5 8.5h.01',
  access: 'M8 3 4 21M16 3l4 18M12 4v3M12 11v3M12 18v3',
  networks: 'M9 3v5M15 3v5M6 8h12v3a6 6 0 0 1-12 0zM12 17v4',
  calendar: 'M4 6h16v15H4zM4 11h16M8 3v5M16 3v5',
  contact: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c1-5 4-6 8-6s7 1 8 6',
  sheet: 'M6 3h8l4 4v14H6zM14 3v4h4M9 13h6M9 17h6',
  documents: 'M8 3h8l4 4v11H8zM4 7v14h12',
  link: 'M9 15l6-6M8 12l-2 2a4 4 0 0 0 5 5l2-2M16 12l2-2a4 4 0 0 0-5-5l-2 2',
  back: 'M19 12H5M11 6l-6 6 6 6',
  arrow: 'M5 12h14M13 6l6 6-6 6',
  map: 'M4 4h16v16H4zM4 9h3M4 14h3M9 20v-3M14 20v-3',
};
const stroke = name =>
  svg('svg', { viewBox: '0 0 24 24', class: 'icon', 'aria-hidden': 'true' }, svg('path', { d: STROKES[name] }));

function offerNumber(feature) {
  const { number: rank, group } = offerOf(feature);
  return el(
    'span',
    { class: `number ${group}`, vars: { '--fill': colourOf(feature), '--ink': familyOf(feature).ink }, 'aria-hidden': 'true' },
    String(rank),
  );
}

const bigText = offer => (offer.ha === null ? glued(said(offer.short)) || offerSays('surface.unpublished') : hectares(offer.ha));
const smallText = offer => (offer.ha === null ? offerSays('surface.unpublished').toLowerCase() : glued(said(offer.short)));

function offerCard(feature) {
  const offer = offerOf(feature),
    { state: told, access, contact } = offer.facts;
  const line = (icon, text) => el('p', { class: 'about-it' }, stroke(icon), el('span', {}, text));
  const small = offer.ha === null && !said(offer.short) ? '' : smallText(offer);
  const towns = offer.communes.join(', ');
  const button = { type: 'button', class: 'open', lang: nameIn(feature), 'data-id': feature.id, on: { click: () => select(feature.id, true) } };
  const year = offer.group === 'published' && offer.date ? offerSays('facts.published', { date: offer.date.slice(0, 4) }) : '';
  return el(
    'article',
    {
      class: `offer ${offer.group}`,
      vars: { '--fill': colourOf(feature) },
      'data-offer': feature.id,
      on: { mouseenter: () => warm(feature, true), mouseleave: () => warm(feature, false) },
    },
    offer.photo ? el('img', { class: 'thumb', src: offer.photo.address, alt: '' }) : silhouette(feature),
    el(
      'div',
      { class: 'lines' },
      el('h3', {}, offerNumber(feature), el('button', button, titleOf(feature))),
      el('p', { class: 'size' }, el('b', {}, bigText(offer)), small ? ` ${small}` : ''),
      told ? line('state', [factText(told), year].filter(Boolean).join(', ')) : null,
      line('access', [towns, access && lowered(factText(access))].filter(Boolean).join(', ')),
      contact ? line('contact', offer.ask || factText(contact)) : null,
    ),
    tickBox(feature),
  );
}

// the place in the territory: its outline once in the page, a disc where the offer is
const MARGIN = 8; // of the silhouette
function silhouette(feature) {
  if (!feature.point || !territoryShapes().length) return el('span', {});
  const project = locatorProjection(),
    [x, y] = project(feature.point),
    [[south, west], [north, east]] = DATA.bounds,
    [left, top] = project([west, north]),
    [right, bottom] = project([east, south]),
    frame = [left - MARGIN, top - MARGIN, right - left + 2 * MARGIN, bottom - top + 2 * MARGIN];
  if (!$('#territory'))
    document.body.append(
      svg(
        'svg',
        { width: 0, height: 0, class: 'defs', 'aria-hidden': 'true' },
        svg('symbol', { id: 'territory', viewBox: `0 0 ${LOCATOR.width} ${LOCATOR.height}` }, svg('path', { d: territoryShapes().map(shape => outline(shape, project)).join('') })),
      ),
    );
  return svg(
    'svg',
    { viewBox: frame.join(' '), class: 'silhouette', 'aria-hidden': 'true' },
    svg('use', { href: '#territory', x: 0, y: 0, width: LOCATOR.width, height: LOCATOR.height }),
    svg('circle', { cx: x, cy: y, r: 9, class: offerOf(feature).group === 'later' ? 'later' : '' }),
  );
}

// within a sentence; a name keeps its capital (« A26 motorway », « RN47 »)
const lowered = text => (/^\p{Lu}[\p{Ll} ’]/u.test(text) ? text[0].toLowerCase() + text.slice(1) : text);

function namePinArea(feature) {
  const area = drawn.get(feature.id)?.icon?.querySelector('.pin-ha');
  if (area) area.textContent = hectares(offerOf(feature).ha);
}

function warm(feature, on) {
  drawn.get(feature.id)?.icon?.classList.toggle('hot', on);
}

function grouped() {
  const shown = offerFeatures().sort((a, b) => offerOf(a).number - offerOf(b).number);
  return OFFER_GROUPS.map(group => shown.filter(feature => offerOf(feature).group === group)).filter(
    members => members.length,
  );
}

const offerGroups = () => (grouped().length ? grouped().map(offerGroup) : [noOffer()]);

// what nobody knows the remainder of is in no sum
function sumOf(members) {
  const summed = members.map(offerOf).filter(offer => offer.summed),
    ha = summed.reduce((sum, offer) => sum + offer.ha, 0),
    kind = offerOf(members[0]).group === 'later' ? 'later' : 'available';
  if (!summed.length) return offerSays('sums.none');
  const sites = members.map(member => offerOf(member).site).filter(Boolean),
    ending = summed.length === 1 ? '_one' : new Set(sites).size < sites.length ? '_plots' : '';
  const count = offerSays(`sums.${kind}${ending}`, { n: number(summed.length) });
  return [el('b', {}, hectares(ha)), ` ${count}`];
}

// on paper: a table for each group
function printedOffers(layer) {
  if (!layer.features.some(offerOf)) return null;
  return grouped().map(shown => ({
    layer,
    title: offerSays(`groups.${offerOf(shown[0]).group}`),
    sum: sumOf(shown),
    shown,
  }));
}

const offerTold = feature => {
  const { facts } = offerOf(feature);
  return ['state', 'access', 'networks', 'calendar', 'contact'].filter(field => facts[field]).map(field => factText(facts[field])).join(' · ');
};

function offerGroup(members) {
  const { group } = offerOf(members[0]);
  return el(
    'section',
    { class: 'offers', 'data-group': group },
    el(
      'div',
      { class: 'group-head' },
      el('h2', {}, `${offerSays(`groups.${group}`)} `, el('span', {}, `(${number(members.length)})`)),
      el('p', { class: 'sum' }, sumOf(members)),
    ),
    el('ul', {}, members.map(feature => el('li', {}, offerCard(feature)))),
  );
}

const noOffer = () =>
  el(
    'div',
    { class: 'zero' },
    el('p', {}, t('zero')),
    el('button', { type: 'button', class: 'plain', on: { click: () => $('#reset').click() } }, t('reset')),
  );

const methodButton = () => el('button', { type: 'button', class: 'method', on: { click: openSources } }, t('method'));

// -------------------------------------------------------------------------------------------------- the bar
function offerFamilies() {
  const present = new Map();
  for (const offer of OFFERS.values()) {
    const family = familyOf(FEATURE.get(offer.feature));
    present.set(family.id, (present.get(family.id) ?? 0) + 1);
  }
  return present;
}

const otherLayers = () =>
  LAYERS.filter(layer => layer.features.some(isGrey) && !layer.features.some(offerOf));

function buildBar() {
  const areas = LEAST_HA.filter(stop => !stop || STOPS.area.includes(stop));
  fillSelect('#least', areas.map(stop => [STOPS.area.indexOf(stop), stop ? t('area_from', { n: number(stop) }) : t('any_area')]), state.area[0]);
  const districts = epciOfSites(),
    left = districts.filter(one => !state.hiddenEpci.has(one));
  fillSelect(
    '#district',
    [['', t('any_epci')], ...districts.map(one => [one, EPCI_NAMES.get(one) ?? one])],
    left.length === 1 ? left[0] : '',
  );
  const others = otherLayers();
  $('.others').hidden = !others.length;
  $('#others').checked = others.some(layer => !isOff(layer.id));
  const count = others.flatMap(layer => layer.features.filter(feature => isGrey(feature) && passes(feature))).length;
  $('#others-name').textContent = t('other_sites', { n: number(count) });
}

function fillSelect(id, options, chosen) {
  $(id).replaceChildren(...options.map(([value, text]) => el('option', { value: String(value), selected: String(value) === String(chosen) }, text)));
  $(id).value = String(chosen);
}

function listenToBar() {
  $('#least').addEventListener('change', event => {
    state.area[0] = Math.max(0, Number(event.target.value));
    state.unknownArea = state.area[0] === 0;
    buildFilters();
    refresh();
  });
  $('#district').addEventListener('change', event => {
    state.hiddenEpci = new Set(event.target.value ? epciOfSites().filter(one => one !== event.target.value) : []);
    buildFilters();
    refresh();
  });
  $('#others').addEventListener('change', event => {
    for (const layer of otherLayers()) toggle(state.off, layer.id, event.target.checked);
    buildLegend();
  });
  $('#wide').addEventListener('click', () => {
    const wide = document.body.classList.toggle('wide-map');
    nameWide(wide);
    map.invalidateSize({ animate: false }); // its middle stays: else Leaflet would bring it back, after we went home
    home();
  });
  document.addEventListener('pointerdown', event => {
    if (!event.target.closest('#filters')) $('#filters').open = false;
  });
}

function nameWide(wide) {
  $('#wide').setAttribute('aria-pressed', String(wide));
  $('#wide').replaceChildren(stroke('map'), el('span', {}, t(wide ? 'show_list' : 'show_map')));
}

// -------------------------------------------------------------------------------------------------- the key
const KEYED_KINDS = new Set(['logistique', 'voie_eau_projet']); // whose lines have rows of their own
const LINE_ICONS = new Set(['canal']); // drawn as lines, which have rows of their own

// what is drawn now, each sign with its words: the layers that are on, and those that a closer view shows
function keyRows() {
  const box = (...parts) => svg('svg', { viewBox: '0 0 30 18', class: 'swatch', 'aria-hidden': 'true' }, ...parts);
  const disc = (more, r = 7) => box(svg('circle', { cx: 15, cy: 9, r, ...more }));
  const line = (colour, width, dash) =>
    box(svg('path', { d: 'M1 9h28', stroke: colour, 'stroke-width': width, 'stroke-dasharray': dash ?? 'none' }));
  const groups = new Set([...OFFERS.values()].map(offer => offer.group));
  const waters = LAYERS.filter(layer => layer.kind === 'logistique').flatMap(layer => layer.features.filter(isLine)),
    limit = DATA.ground?.limits.length && DATA.groundStyle.limit,
    sketch = DATA.ground?.schematic,
    project = projectLine();
  const rows = [
    ...['available', 'published'].map(group => groups.has(group) && [disc({ fill: '#2b3a42' }), said({ available: t('key_available'), published: t('key_published') }[group])]),
    groups.has('later') && [disc({ fill: '#fff', stroke: '#2b3a42', 'stroke-width': 2, 'stroke-dasharray': '3 2' }, 6), t('key_later')],
    [...OFFERS.values()].some(offer => offer.precision > 100) && [
      disc({ fill: '#2b3a42', 'fill-opacity': 0.14, stroke: '#2b3a42', 'stroke-opacity': 0.4 }, 8),
      t('key_position'),
    ],
    LAYERS.some(layer => layer.features.some(isGrey)) && [disc({ fill: GREY }, 3.5), t('key_other')],
    waters.some(feature => !feature.schematic) && [line('#2f86c1', 3), t('key_water')],
    waters.some(feature => feature.schematic) && [line('#2f86c1', 3, '6 4'), t('key_water_sketch')],
    project && [line(layerOf(project).style.stroke, 5, '2 5'), t('key_project', { name: titleOf(project) })],
    ...['motorway', 'main', 'rail'].map(
      name => DATA.ground?.landmarks?.some(line => line.class === name) && [landmarkSwatch(name), said({ motorway: t('key_motorway'), main: t('key_main'), rail: t('key_rail') }[name])],
    ),
    limit && [line(limit, 1.5, sketch ? '7 4' : 'none'), sketch ? t('key_limit_sketch') : t('key_limit')],
    DATA.ground?.towns.length && [disc({ fill: DATA.groundStyle.label }, 2.5), t('key_town')],
    DATA.ground?.cells.length && [line(DATA.groundStyle.line, 1), t('key_commune')],
  ];
  const on = LISTED.filter(layer => !isOff(layer.id) && !KEYED_KINDS.has(layer.kind));
  const isSeenFar = layer => layer.style.drawn === 'shapes' || layer.features.some(isLine);
  rows.push(...on.filter(isSeenFar).map(layer => [layerSwatch(layer), layer.title]));
  const signs = LISTED.filter(layer => !isOff(layer.id) && layer.style.drawn === 'symbols');
  const symbols = signs.flatMap(layer => {
    const icons = layerIcons(layer).filter(icon => !LINE_ICONS.has(icon.values[0]));
    if (icons.length) return icons.map(icon => [iconMark(layer, icon), said(icon.label)]);
    return layer.features.some(isLine) ? [] : [[layerSwatch(layer), layer.title]];
  });
  const unique = [...new Map(symbols.map(row => [row[1], row])).values()]; // of two layers, the same sign once
  return { rows: rows.filter(Boolean), near: unique };
}

function buildKey() {
  const { rows, near } = keyRows();
  $('#key ul').replaceChildren(
    ...rows.map(([sign, text]) => el('li', {}, sign, text)),
    ...near.map(([sign, text]) => el('li', { class: 'near' }, sign, text)),
  );
}

const printedKey = () => {
  const { rows, near } = keyRows();
  return [...rows, ...(map.getZoom() < FULL_SYMBOLS_FROM ? [] : near)].map(row => el('div', {}, ...row));
};

EXTRA.offers = {
  number: offerNumber,
  printed: printedOffers,
  key: printedKey,
  told: offerTold,
  size: feature => offerOf(feature) && bigText(offerOf(feature)),
  families: offerFamilies,
  count: family => el('small', {}, number(offerFamilies().get(family.id) ?? 0)),
  bar: () => buildBar(),
  pointToProject: () => pointToProject(),
  panel: () => {
    buildKey(); // of what is drawn now
    return [...offerGroups()];
  },
  foot: methodButton,
  language: () => {
    for (const feature of offerFeatures()) namePinArea(feature);
    buildBar();
    nameWide(document.body.classList.contains('wide-map'));
    nameProjectChip();
    tellTray();
  },
  listen: () => {
    listenToBar();
    listenToProject();
  },
};
