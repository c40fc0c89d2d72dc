// The list: the equivalent of the map for those who cannot or do not use it.
const ROWS_AT_ONCE = 250;
const openAtFirst = () =>
  OFFERS.size ? [] : (MAIN.length || LISTED.length > 3 ? MAIN : LISTED).map(layer => layer.id);
const opened = new Set(openAtFirst());

// the small mark of a feature: lettered disc, pictogram or swatch
function mark(feature) {
  const layer = layerOf(feature),
    family = familyOf(feature);
  if (layer.theme) return EXTRA.mark(feature);
  if (offerOf(feature)) return EXTRA.offers.number(feature);
  if (layer.bulk) return bulkMark(feature);
  if (family) return familyMark(family, feature);
  if (layer.style.drawn === 'symbols' && !isLine(feature)) {
    return el(
      'span',
      { class: 'mark square', vars: { '--fill': colourOf(feature) }, 'aria-hidden': 'true' },
      pictogram(iconOf(feature)?.icon ?? layer.style.icon),
    );
  }
  const icon = iconOf(feature), // the colour of its class, where the kind names classes
    drawn = icon?.fill ? { style: { ...layer.style, fill: icon.fill, stroke: icon.fill } } : layer;
  return swatch(drawn, feature.schematic, isLine(feature), Boolean(feature.point) && !feature.shape);
}

const GREY_MARK = { '--fill': '#5f686d', '--ink': '#ffffff' }; // dark enough for its letter

function familyMark(family, feature = null) {
  const sort = ['mark', feature?.schematic && 'sketch', feature && layerOf(feature).style.ring && 'ring']
    .filter(Boolean)
    .join(' ');
  return el(
    'span',
    {
      class: sort,
      vars: feature && isGrey(feature) ? GREY_MARK : { '--fill': family.fill, '--ink': family.ink },
      'aria-hidden': 'true',
    },
    family.letter,
  );
}

function swatch(layer, schematic, line, point = false) {
  const { fill, stroke, weight = 3, dash, casing } = layer.style;
  const box = svg('svg', { viewBox: '0 0 30 20', class: 'swatch', 'aria-hidden': 'true' });
  if (line) {
    if (casing)
      box.append(
        svg('path', {
          d: 'M2 10h26',
          stroke: '#c9d1d8',
          'stroke-width': Math.min(weight + 3, 9),
          'stroke-linecap': 'round',
        }),
      );
    box.append(
      svg('path', {
        d: 'M2 10h26',
        stroke,
        'stroke-width': Math.min(weight, 5),
        'stroke-dasharray': dash ?? 'none',
        'stroke-linecap': dash?.startsWith('2 ') ? 'round' : 'butt',
      }),
    );
    return box;
  }
  if (point) {
    box.append(
      svg('circle', { cx: 15, cy: 10, r: 6, fill, stroke: schematic ? stroke : '#fff', 'stroke-width': 1.6 }),
    );
    return box;
  }
  const inside = insideOf(layer, fill, schematic);
  box.append(
    svg('rect', {
      x: 3,
      y: 3,
      width: 24,
      height: 14,
      rx: 3,
      fill: inside,
      'fill-opacity': schematic ? 0.8 : opacityOf(layer),
      stroke: stroke ?? fill,
      'stroke-width': 1.5,
      'stroke-dasharray': schematic ? '4 3' : 'none',
    }),
  );
  return box;
}

function buildList() {
  const sections = (EXTRA.result?.listed ?? LISTED).filter(layer => !isOff(layer.id) && !layer.features.some(offerOf))
    .map(section)
    .filter(Boolean);
  EXTRA.result?.tell();
  const { panel, foot } = EXTRA.offers ?? {};
  $('#list').replaceChildren(...(panel?.() ?? []), EXTRA.changes?.section() ?? '', ...sections, ...EMPTY.map(emptySection), foot?.() ?? '');
  tellCount();
}

// a layer without an object is said, not passed over
const EMPTY = LAYERS.filter(
  layer => !layer.features.length && !layer.bulk && !['ground', 'none'].includes(layer.style.drawn),
);
const emptySection = layer =>
  el('p', { class: 'section empty', 'data-layer': layer.id }, `${layer.title} — `, el('span', {}, t('empty_layer')));

function section(layer) {
  if (layer.bulk) return bulkSection(layer);
  const shown = shownOf(layer).sort(EXTRA.order?.(layer) ?? byArea);
  if (!shown.length && MAIN.includes(layer) && MAIN.length === 1) return null;
  const body = el('ul', {}),
    head = el(
      'summary',
      {},
      el('h2', {}, layer.title),
      el('span', { class: 'sum' }, sectionSum(layer, shown)),
    );
  const box = el(
    'details',
    { class: 'section', open: opened.has(layer.id), 'data-layer': layer.id },
    head,
    body,
  );
  const note = sumNote(layer, shown);
  const fill = () =>
    body.childElementCount || body.append(EXTRA.listHead?.(layer) ?? '', ...rows(shown), note ? el('li', { class: 'hint' }, note) : '');
  if (box.open) fill();
  box.addEventListener('toggle', () => {
    opened[box.open ? 'add' : 'delete'](layer.id);
    if (box.open) fill();
  });
  return box;
}

const byArea = (a, b) =>
  EXTRA.result?.compare(a, b) ?? ((b.area ?? -1) - (a.area ?? -1) || titleOf(a).localeCompare(titleOf(b), 'fr'));

// a sub-site lies inside its site: counted, never added
const isAdded = feature => feature.area !== null && feature.counted;
function knownArea(features) {
  const added = features.filter(isAdded);
  return { ha: added.reduce((sum, feature) => sum + feature.area, 0), known: added.length };
}

function sectionSum(layer, shown) {
  const { ha, known } = knownArea(shown);
  const counted = shown.length === 1 ? t('objects_one') : t('objects', { n: number(shown.length) });
  if (!MAIN.includes(layer) || EXTRA.result) return counted;
  return known
    ? t(shown.length === 1 ? 'count_one' : 'count', { n: number(shown.length), ha: areaText(ha) })
    : t(shown.length === 1 ? 'count_one_bare' : 'count_bare', { n: number(shown.length) });
}

// what the sum of a list leaves out, and why
function sumNote(layer, shown) {
  const left = shown.filter(feature => !isAdded(feature));
  if (EXTRA.result || !MAIN.includes(layer) || !left.length || left.every(feature => feature.area === null)) return null;
  const reasons = [
    left.some(feature => feature.sub) && t('sum_sub'),
    left.some(feature => feature.area === null && !feature.sub) && t('sum_unknown'),
    left.some(feature => feature.area !== null && !feature.sub) && t('sum_uncounted'),
  ];
  const counts = { k: number(shown.length - left.length), n: number(shown.length) };
  return t('sum_note', { ...counts, left: reasons.filter(Boolean).join(', ') });
}

function rows(features) {
  const made = features.slice(0, ROWS_AT_ONCE).map(feature => el('li', {}, row(feature), toldBox(feature)));
  if (features.length > ROWS_AT_ONCE)
    made.push(el('li', { class: 'rest' }, t('list_rest', { n: number(features.length - ROWS_AT_ONCE) })));
  return made;
}

function row(feature) {
  const chosen = state.selected === feature.id ? 'true' : null;
  const small = [
    feature.place,
    classText(feature),
    feature.sub ? t('sub_site') : null,
    feature.point ? null : t('no_position'),
  ];
  return el(
    'button',
    {
      type: 'button',
      'data-id': feature.id,
      'aria-current': chosen,
      on: { click: () => select(feature.id, true) },
    },
    mark(feature),
    el('b', { lang: nameIn(feature) }, titleOf(feature)),
    el('span', { class: 'ha' }, EXTRA.result?.amount(feature) ?? EXTRA.rowValue?.(feature) ?? (feature.area === null ? '' : hectares(feature.area))),
    el('small', {}, small.filter(Boolean).join(' · ')),
    feature.schematic ? el('span', { class: 'flag' }, t('schematic_mark')) : null,
  );
}

function classText(feature) {
  if (layerOf(feature).theme) return EXTRA.classOf(feature);
  const family = familyOf(feature),
    icon = iconOf(feature);
  return family ? (family.id === 'unknown' ? null : said(family.label)) : icon ? said(icon.label) : null;
}

function tellCount() {
  $('#count').textContent = MAIN.length && !EXTRA.result ? countOfSites() : countOfObjects();
  $('.bar').hidden = !LISTED.length;
}

function countOfSites() {
  const shown = MAIN.flatMap(shownOf),
    { ha, known } = knownArea(shown);
  const one = shown.length === 1;
  if (!shown.length) return MAIN.every(layer => isOff(layer.id)) ? '' : t('count_none');
  if (MAIN.length === 1 && known)
    return t(one ? 'count_one' : 'count', { n: number(shown.length), ha: areaText(ha) });
  return t(one ? 'count_one_bare' : 'count_bare', { n: number(shown.length) });
}

// a map without sites of ours: its objects, once all of them were read
function countOfObjects() {
  const on = (EXTRA.result && MAIN.length ? MAIN : LISTED).filter(layer => !isOff(layer.id));
  if (!on.length || on.some(({ bulk }) => bulk && !bulk.counted)) return '';
  const n = on.reduce((sum, layer) => sum + (layer.bulk?.counted.n ?? shownOf(layer).length), 0);
  return n ? t(n === 1 ? 'objects_one' : 'objects', { n: number(n) }) : t('count_none');
}

// figures without a place on the map: said in the panel
function buildKeyFigures() {
  const layers = LAYERS.filter(layer => layer.style.drawn === 'none' && layer.features.length);
  $('#key-figures').replaceChildren(
    ...layers.map(layer =>
      el(
        'details',
        { class: 'section' },
        el(
          'summary',
          {},
          el('h2', {}, layer.title),
          el('span', { class: 'sum' }, t('objects', { n: number(layer.features.length) })),
        ),
        el('dl', { class: 'facts small' }, layer.features.map(keyFigure)),
      ),
    ),
  );
}

function keyFigure(feature) {
  const value = valueOf(feature, 'valeur_texte'),
    unit = valueOf(feature, 'unite'),
    twin = twinOf(layerOf(feature), 'unite', state.lang, feature.row);
  const isYear = unit === 'année',
    digits = /^\d+$/.test(value) && !isYear ? number(Number(value)) : translated(value);
  const text = value === null ? '–' : `${digits} ${isYear ? '' : (twin ?? translated(unit ?? ''))}`.trim();
  return [el('dt', { lang: nameIn(feature) }, titleOf(feature)), el('dd', { lang: twin ? null : quotedIn(unit ?? '') }, text)];
}
