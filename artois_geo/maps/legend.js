// One panel for legend and layers: what is unticked leaves the map; each layer says its source and vintage.
const SAMPLE = { style: { fill: DATA.groundStyle.limit, stroke: '#3b4a58' } };

function buildLegend() {
  const parts = DATA.groups.map(legendGroup).filter(Boolean);
  const themes = DATA.groups[0].id === 'themes' ? parts.splice(0, 1) : [];
  $('#legend-body').replaceChildren(...themes, familyKey(), ...parts, geometryKey(), baseChoice(), ...(EXTRA.result?.key() ?? []), sourcesKey());
}

function familyKey() {
  const families = familiesPresent();
  if (!families.length || OFFERS.size) return ''; // the bar of an offer is the key of its families
  return el(
    'fieldset',
    {},
    el('legend', {}, t('family')),
    families.map(family =>
      el('div', { class: 'line' }, familyMark(family), el('span', {}, said(family.label))),
    ),
    el('p', { class: 'hint' }, t('size_note')),
  );
}

function legendGroup(group) {
  const layers = (EXTRA.result?.listed ?? LISTED).filter(layer => layer.group === group.id && !isOtherVintage(layer.id));
  const lines = layers.map(layerLine);
  if (group.id === 'fonds') lines.push(...groundLines());
  return lines.length ? el('fieldset', {}, el('legend', {}, said(group.label)), lines) : null;
}

function layerLine(layer) {
  const all =
    isSketchedBulk(layer) ||
    (layer.features.length && layer.features.every(feature => feature.schematic || !feature.point));
  const kinds = layerIcons(layer);
  return [
    tick(layer.id, layerSwatch(layer), layer.title, layerFlag(layer, all)),
    EXTRA.key?.(layer) ?? (layer.bulk ? bulkKey(layer) : null),
    kinds.length > 1
      ? el(
          'div',
          { class: 'icons' },
          kinds.map(icon =>
            el('span', {}, iconMark(layer, icon), said(icon.label)),
          ),
        )
      : null,
  ];
}

function layerFlag(layer, allSchematic) {
  const marks = [
    ['side_before', 'side_after'][DATA.compare?.indexOf(layer.id)],
    layer.fictional && !EXTRA.result && 'fictional_mark',
    allSchematic && 'schematic_mark',
  ].filter(Boolean);
  return marks.length ? el('small', { class: 'flag' }, marks.map(mark => t(mark)).join(' · ')) : null;
}

function layerIcons(layer) {
  if (layer.bulk || layer.theme || !['symbols', 'shapes'].includes(layer.style.drawn)) return [];
  const present = new Set(layer.features.filter(feature => feature.point).map(feature => feature.look));
  return (layer.style.icons ?? []).filter((_, place) => present.has(place));
}

// a symbol, or the colour of a class of surfaces
const iconMark = (layer, icon) =>
  layer.style.drawn === 'symbols'
    ? squareMark(icon.fill ?? layer.style.fill, icon.icon)
    : swatch({ style: { fill: icon.fill, stroke: icon.fill } }, false, false);

const squareMark = (fill, icon) =>
  el('span', { class: 'mark square', vars: { '--fill': fill }, 'aria-hidden': 'true' }, pictogram(icon));

function layerSwatch(layer) {
  const { style } = layer,
    first = layer.features.find(feature => feature.point) ?? layer.features[0];
  if (layer.theme) return EXTRA.swatch(layer);
  if (layer.bulk) return bulkSwatch(layer);
  if (style.drawn === 'discs')
    return el('span', { class: style.ring ? 'mark ring blank' : 'mark blank', 'aria-hidden': 'true' });
  if (style.drawn === 'symbols' && !layer.features.some(isLine))
    return squareMark(style.fill, layerIcons(layer)[0]?.icon ?? style.icon);
  const points = layer.features.every(feature => !feature.shape);
  return swatch(layer, Boolean(first?.schematic), layer.features.some(isLine), points);
}

function tick(id, symbol, text, flag = null) {
  const box = el('input', {
    type: 'checkbox',
    'data-layer': id,
    on: { change: event => toggle(state.off, id, event.target.checked) },
  });
  box.checked = !state.off.has(id);
  return el('label', { class: 'line' }, box, symbol, el('span', {}, text), flag);
}

const landmarkSwatch = name =>
  svg(
    'svg',
    { viewBox: '0 0 30 18', class: 'swatch', 'aria-hidden': 'true' },
    ...landmarkLooks(name).map(({ color, weight, dashArray }) => svg('path', { d: 'M1 9h28', stroke: color, 'stroke-width': weight, 'stroke-dasharray': dashArray ?? 'none' })),
  );

function groundLines() {
  if (!DATA.ground) return [];
  const dash = svg(
    'svg',
    { viewBox: '0 0 30 20', class: 'swatch', 'aria-hidden': 'true' },
    svg('path', {
      d: 'M2 10h26',
      stroke: DATA.groundStyle.limit,
      'stroke-width': 2,
      'stroke-dasharray': '7 4',
    }),
  );
  const dot = svg(
    'svg',
    { viewBox: '0 0 30 20', class: 'swatch', 'aria-hidden': 'true' },
    svg('circle', { cx: 15, cy: 10, r: 4, fill: DATA.groundStyle.label }),
  );
  const lines = [];
  if (DATA.ground.limits.length) lines.push(tick('~limits', dash, t('limits')));
  if (DATA.ground.towns.length) lines.push(tick('~towns', dot, t('towns')));
  if (DATA.ground.landmarks) lines.push(tick('~landmarks', landmarkSwatch(DATA.ground.landmarks.at(-1).class), t('landmarks')));
  if (DATA.ground.schematic) lines.push(el('p', { class: 'hint' }, t('schematic_cells')));
  return lines;
}

const hasSketches = () =>
  LISTED.some(layer => isSketchedBulk(layer) || layer.features.some(feature => feature.schematic));

function geometryKey() {
  if (!hasSketches()) return '';
  const sample = (sketch, words) =>
    el(
      'div',
      { class: 'line' },
      el('span', { class: sketch ? 'mark sketch blank' : 'mark blank', 'aria-hidden': 'true' }),
      swatch(SAMPLE, sketch, false),
      el('span', {}, words),
    );
  return el(
    'fieldset',
    {},
    sample(true, t('schematic')),
    sample(false, t('surveyed')),
    el('p', { class: 'hint' }, `${t('schematic_note')} ${t('apart_note')}`),
  );
}

function baseChoice() {
  if (!DATA.basemap && !DATA.embedded) return '';
  const radio = (base, words) => {
    const box = el('input', { type: 'radio', name: 'base', on: { change: () => setBase(base) } });
    box.checked = state.base === base;
    return el('label', { class: 'line' }, box, el('span', {}, words));
  };
  return el(
    'fieldset',
    {},
    el('legend', {}, t('base')),
    radio('ground', t('ground')),
    DATA.embedded
      ? [
          radio(DATA.embedded.id, `${DATA.embedded.name} ${t('embedded')}`),
          el('p', { class: 'hint' }, DATA.embedded.attribution || t('unstated')),
        ]
      : null,
    DATA.basemap
      ? [
          radio(DATA.basemap.id, said(DATA.basemap.label)),
          el('p', { class: 'hint' }, t('online_note', { host: DATA.basemap.host })),
        ]
      : null,
  );
}

function sourcesKey() {
  return el(
    'details',
    { id: 'sources' },
    el('summary', {}, t('sources')),
    el(
      'dl',
      {},
      DATA.ground?.landmarks_credit ? [el('dt', {}, t('landmarks')), el('dd', {}, linked(DATA.ground.landmarks_credit))] : [],
      LAYERS.map(layer => [
        el('dt', {}, layer.title),
        el(
          'dd',
          {},
          stated(layer.source),
          ' · ',
          stated(layer.vintage),
          ' · ',
          stated(layer.licence),
        ),
      ]),
    ),
    LAYERS.filter(layer => layer.tolerance).map(layer =>
      el(
        'p',
        { class: 'hint' },
        t('bulk_light', { layer: layer.title, d: number(layer.tolerance, layer.tolerance % 1 ? 1 : 0) }),
      ),
    ),
    el('p', { class: 'hint' }, `${t('areas_note')} ${t('projection')}`),
  );
}

const baseCredit = () =>
  state.base === 'ground'
    ? null
    : state.base === DATA.embedded?.id
      ? DATA.embedded.attribution || `${DATA.embedded.name} (${t('unstated')})`
      : DATA.basemap.attribution;

function openSources() {
  if (state.selected && !OFFERS.size) closeCard(); // it lies over the legend
  document.body.classList.add('wide-map'); // on a phone, an offer's list hides it
  $('#legend').open = true;
  $('#sources').open = true;
  $('#sources').scrollIntoView({ block: 'nearest' });
}

// the line at the foot of the map
function credits() {
  const ground =
    LAYERS.find(layer => layer.kind === 'commune') ?? LAYERS.find(layer => layer.kind === 'commune_schema');
  const parts = [
    baseCredit(),
    ground ? `${ground.title} (${translated(ground.vintage) || t('unstated')})` : null,
    state.base === 'ground' && DATA.ground?.landmarks_credit && !state.off.has('~landmarks') ? `${t('landmarks')} (${DATA.ground.landmarks_credit})` : null,
    DATA.ground?.schematic && state.base === 'ground' ? t('schematic').toLowerCase() : null,
    'Leaflet',
  ];
  $('#credits').replaceChildren(
    el('span', {}, parts.filter(Boolean).join(' · ')),
    el('button', { type: 'button', on: { click: openSources } }, t('sources')),
  );
}
