// The list: the equivalent of the map for those who cannot or do not use it.
const ROWS_AT_ONCE = 250;
const openAtFirst = () => (MAIN.length || LISTED.length > 3 ? MAIN : LISTED).map(layer => layer.id);
const opened = new Set(openAtFirst());

// the small mark of a feature: lettered disc, pictogram or swatch
function mark(feature) {
  const layer = layerOf(feature),
    family = familyOf(feature);
  if (layer.theme) return EXTRA.mark(feature);
  if (layer.bulk) return bulkMark(feature);
  if (family) return familyMark(family, feature);
  if (layer.style.drawn === 'symbols' && !isLine(feature)) {
    return el(
      'span',
      { class: 'mark square', vars: { '--fill': colourOf(feature) }, 'aria-hidden': 'true' },
      pictogram(iconOf(feature)?.icon ?? layer.style.icon),
    );
  }
  return swatch(layer, feature.schematic, isLine(feature), Boolean(feature.point) && !feature.shape);
}

function familyMark(family, feature = null) {
  const sort = ['mark', feature?.schematic && 'sketch', feature && layerOf(feature).style.ring && 'ring']
    .filter(Boolean)
    .join(' ');
  return el(
    'span',
    { class: sort, vars: { '--fill': family.fill, '--ink': family.ink }, 'aria-hidden': 'true' },
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
  const inside = schematic ? `url(#hatch-${fill.slice(1)})` : fill;
  box.append(
    svg('rect', {
      x: 3,
      y: 3,
      width: 24,
      height: 14,
      rx: 3,
      fill: inside,
      'fill-opacity': schematic ? 0.8 : 0.55,
      stroke: stroke ?? fill,
      'stroke-width': 1.5,
      'stroke-dasharray': schematic ? '4 3' : 'none',
    }),
  );
  return box;
}

function buildList() {
  const sections = LISTED.filter(layer => !state.off.has(layer.id))
    .map(section)
    .filter(Boolean);
  $('#list').replaceChildren(...sections);
  tellCount();
}

function section(layer) {
  if (layer.bulk) return bulkSection(layer);
  const shown = shownOf(layer).sort(byArea);
  if (!shown.length && MAIN.includes(layer) && MAIN.length === 1) return null;
  const body = el('ul', {}),
    head = el(
      'summary',
      {},
      el('h3', {}, layer.title),
      el('span', { class: 'sum' }, sectionSum(layer, shown)),
    );
  const box = el(
    'details',
    { class: 'section', open: opened.has(layer.id), 'data-layer': layer.id },
    head,
    body,
  );
  const fill = () => body.childElementCount || body.append(...rows(shown), ...sumNote(layer, shown));
  if (box.open) fill();
  box.addEventListener('toggle', () => {
    opened[box.open ? 'add' : 'delete'](layer.id);
    if (box.open) fill();
  });
  return box;
}

const byArea = (a, b) => (b.area ?? -1) - (a.area ?? -1) || titleOf(a).localeCompare(titleOf(b), 'fr');

// a sub-site lies inside its site: counted, never added
function knownArea(features) {
  const added = features.filter(feature => feature.area !== null && feature.counted);
  return {
    ha: added.reduce((sum, feature) => sum + feature.area, 0),
    known: features.filter(feature => feature.area !== null).length,
  };
}

function sectionSum(layer, shown) {
  const { ha, known } = knownArea(shown);
  const counted = shown.length === 1 ? t('objects_one') : t('objects', { n: number(shown.length) });
  if (!MAIN.includes(layer)) return counted;
  return known
    ? t(shown.length === 1 ? 'count_one' : 'count', { n: number(shown.length), ha: number(ha) })
    : t(shown.length === 1 ? 'count_one_bare' : 'count_bare', { n: number(shown.length) });
}

// what the sum is made of, said under every list that has one
function sumNote(layer, shown) {
  const added = shown.filter(feature => feature.area !== null && feature.counted).length;
  if (!MAIN.includes(layer) || !added || added === shown.length) return [];
  return [el('li', { class: 'hint' }, t('sum_note', { k: number(added), n: number(shown.length) }))];
}

function rows(features) {
  const made = features.slice(0, ROWS_AT_ONCE).map(feature => el('li', {}, row(feature)));
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
    el('b', {}, titleOf(feature)),
    el('span', { class: 'ha' }, feature.area === null ? '' : hectares(feature.area)),
    el('small', {}, small.filter(Boolean).join(' · ')),
    feature.schematic ? el('span', { class: 'flag' }, t('schematic_mark')) : null,
  );
}

function classText(feature) {
  if (layerOf(feature).theme) return EXTRA.told(feature);
  const family = familyOf(feature),
    icon = iconOf(feature);
  return family ? (family.id === 'unknown' ? null : said(family.label)) : icon ? said(icon.label) : null;
}

function tellCount() {
  const shown = MAIN.flatMap(shownOf),
    box = $('#count'),
    { ha, known } = knownArea(shown);
  const one = shown.length === 1;
  if (!shown.length)
    box.textContent = MAIN.length && !MAIN.every(layer => state.off.has(layer.id)) ? t('count_none') : '';
  else if (MAIN.length === 1 && known)
    box.textContent = t(one ? 'count_one' : 'count', { n: number(shown.length), ha: number(ha) });
  else box.textContent = t(one ? 'count_one_bare' : 'count_bare', { n: number(shown.length) });
  box.parentElement.hidden = !MAIN.length && $('#filters').hidden; // filters keep their way back
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
          el('h3', {}, layer.title),
          el('span', { class: 'sum' }, t('objects', { n: number(layer.features.length) })),
        ),
        el('dl', { class: 'facts small' }, layer.features.map(keyFigure)),
      ),
    ),
  );
}

function keyFigure(feature) {
  const value = valueOf(feature, 'valeur_texte'),
    unit = valueOf(feature, 'unite');
  const text = value === null ? '–' : `${/^\d+$/.test(value) ? number(Number(value)) : value} ${unit ?? ''}`;
  return [el('dt', {}, titleOf(feature)), el('dd', {}, text)];
}
