// The card of one feature: what it is, its figures, what is known of its position, its source.
const TOLD_APART = new Set([
  'geometrie',
  'precision',
  'precision_m',
  'source',
  'note',
  'est_sous_site',
  'parent_id',
]);

function select(id, move = false) {
  const feature = FEATURE.get(id);
  if (!feature) return;
  uncover(feature);
  stepInto();
  id = feature.id;
  select.from = document.activeElement?.dataset?.id ?? null;
  select.searched = document.activeElement === $('#query') && !isPhone();
  state.selected = id;
  refresh();
  showCard();
  const goes =
    feature.point &&
    (move || isPhone() || !map.getBounds().contains(latLng(feature)) || isUnderCard(feature));
  if (goes) goTo(feature);
  if (DATA.compare) reveal(feature, goes && moves());
  $('#card').focus({ preventScroll: true });
}

// what is chosen is seen, whatever was hidden before
function uncover(feature) {
  const layer = layerOf(feature),
    { bulk } = layer,
    unticked = [layer.id, bulk && classId(layer, bulk.looks[feature.row])].filter(id => state.off.delete(id));
  if (unticked.length) buildLegend();
  if (!LISTED.includes(layer) || (bulk ? bulkShown(layer)(feature.row) : passes(feature))) return;
  clearFilters();
  buildFilters();
}

function isUnderCard(feature) {
  if (OFFERS.size) return false; // it lies over the list
  const x = map.latLngToContainerPoint(latLng(feature)).x;
  return x > map.getSize().x - $('#card').offsetWidth - 20;
}

// one step of the history for a card: Back closes it, on a phone above all
let leaving = false;
function stepInto() {
  if (state.selected || DATA.kiosk) return;
  try {
    history.replaceState({ card: false }, '');
    history.pushState({ card: true }, '', location.href);
  } catch {
    // in a frame without an address of its own
  }
}

function stepBack() {
  if (!history.state?.card) return;
  leaving = true;
  history.back();
}

// the address of the step before is not followed: the map stays as it is
const wentBack = () => leaving && !(leaving = false);

function listenToBack() {
  addEventListener('popstate', event => {
    if (event.state?.card !== false) return;
    const isOwn = leaving; // after a card was closed by itself
    leaving = true;
    if (state.selected && isOwn) history.pushState({ card: true }, '', location.href); // another was opened meanwhile
    else if (state.selected) closeCard();
    writeAddress();
    setTimeout(() => (leaving = false));
  });
}

function closeCard() {
  const was = state.selected;
  state.selected = null;
  stepBack();
  showCard();
  refresh();
  const back = $$('#list button[data-id]').find(button => button.dataset.id === (select.from ?? was));
  if (OFFERS.size && isPhone()) home(); // its strip of map shows the whole again
  if (select.searched) return $('#query').focus({ preventScroll: true }); // where the reader came from
  (back ?? map.getContainer()).focus({ preventScroll: true }); // a field would open the keyboard of a phone
}

function showCard() {
  const box = $('#card'),
    feature = FEATURE.get(state.selected);
  box.hidden = !feature;
  document.body.classList.toggle('with-card', Boolean(feature));
  if (!feature) {
    box.replaceChildren();
    return placeSoon();
  }
  const investor = EXTRA.card?.(feature);
  if (investor) {
    box.replaceChildren(investor);
    box.scrollTop = 0;
    placeSoon();
    return box;
  }
  box.replaceChildren(
    cardHead(feature),
    el(
      'div',
      { class: 'inside' },
      badge(feature),
      el('h2', { id: 'card-name', lang: nameIn(feature) }, titleOf(feature)),
      el('p', { class: 'place', lang: quotedIn(placeText(feature)) }, placeText(feature)),
      positionNotice(feature),
      EXTRA.result?.calculation(feature) ?? figures(feature),
      facts(feature),
      note(feature),
      about(feature),
      otherAttributes(feature),
      el(
        'div',
        { class: 'actions' },
        el('button', { type: 'button', class: 'plain', on: { click: copyAddress } }, t('link')),
      ),
      el('p', { class: 'legal' }, t('not_contractual')),
    ),
  );
  box.scrollTop = 0;
  placeSoon();
  return box;
}

function cardHead(feature) {
  const close = el(
    'button',
    { type: 'button', class: 'close', 'aria-label': t('close'), on: { click: closeCard } },
    '×',
  );
  return el('div', { class: 'hero', vars: { '--fill': colourOf(feature) } }, locator(feature), close);
}

function badge(feature) {
  const family = familyOf(feature),
    icon = iconOf(feature);
  const words = [
    layerOf(feature).title,
    family ? said(family.label) : icon && !layerOf(feature).theme ? said(icon.label) : null,
    feature.sub ? t('sub_site') : null,
  ];
  return el(
    'p',
    { class: 'badge', vars: { '--fill': colourOf(feature) } },
    mark(feature),
    words.filter(Boolean).join(' · '),
  );
}

function placeText(feature) {
  const epci = EPCI_NAMES.get(feature.epci) ?? feature.epci;
  return [feature.place === feature.name ? null : feature.place, epci].filter(Boolean).join(' · ');
}

function positionNotice(feature) {
  const near =
    valueOf(feature, 'precision') !== null
      ? el('span', { lang: valueIn(feature, 'precision') }, valueText(valueOf(feature, 'precision')))
      : feature.precision
        ? t('precision', { d: metres(feature.precision) })
        : null;
  if (!feature.point)
    return el('p', { class: 'notice' }, warning(), el('span', {}, el('b', {}, t('no_position'))));
  if (!feature.schematic)
    return near ? el('p', { class: 'notice quiet' }, el('span', {}, `${t('surveyed')} · `, near)) : null;
  const disc =
    feature.shape && !isLine(feature) && feature.area !== null && layerOf(feature).known
      ? ` ${t('schematic_disc')}`
      : '';
  return el(
    'p',
    { class: 'notice' },
    warning(),
    el(
      'span',
      {},
      el('b', {}, t('schematic')),
      near ? [' · ', near] : null,
      el('br'),
      t('schematic_note') + disc,
    ),
  );
}

const warning = () =>
  svg(
    'svg',
    { viewBox: '0 0 20 20', class: 'icon', 'aria-hidden': 'true' },
    svg('path', { d: 'M10 2 19 17.5H1zM10 8v4.5M10 15h.01' }),
  );

// --------------------------------------------------------------------------------------- figures and facts
function labelOf(feature, column) {
  const label = own(layerOf(feature).labels, column);
  return label ? said(label) : column;
}

const filled = (feature, column) => {
  const value = valueOf(feature, column);
  return value !== null && value !== '';
};

function figures(feature) {
  const style = layerOf(feature).style,
    boxes = [];
  for (const column of style.figures ?? [])
    if (filled(feature, column)) boxes.push(figure(labelOf(feature, column), feature, column));
  if (feature.measured) boxes.push(figureBox(t('measured_area'), hectares(feature.area), t('measured_note')));
  if (!boxes.length && style.drawn === 'discs' && feature.area === null)
    boxes.push(figureBox(t('area'), '–', t('unknown_area')));
  return boxes.length ? el('dl', { class: 'figures' }, boxes) : null;
}

const figure = (label, feature, column) =>
  figureBox(
    label,
    el('span', { lang: valueIn(feature, column) }, valueText(valueOf(feature, column), own(layerOf(feature).labels, column))),
  );

function figureBox(label, value, below = '') {
  return el('div', {}, el('dt', {}, label), el('dd', {}, value, below ? el('small', {}, below) : null));
}

function facts(feature) {
  const columns = factColumns(feature).filter(column => filled(feature, column));
  return columns.length
    ? el(
        'dl',
        { class: 'facts' },
        columns.map(column => fact(feature, column)),
      )
    : null;
}

function factColumns(feature) {
  const layer = layerOf(feature),
    figures = layer.style.figures ?? [];
  const told =
    layer.style.facts ??
    [...layer.columns.keys()].filter(column => !TOLD_APART.has(column) && !DATA.analysed.includes(column));
  return [...new Set([...told, ...DATA.analysed])].filter(
    column => layer.columns.has(column) && !figures.includes(column) && !isTwin(layer, column),
  );
}

function fact(feature, column) {
  const value = valueText(valueOf(feature, column), own(layerOf(feature).labels, column));
  const label = labelOf(feature, column);
  return [
    el('dt', { lang: label === column ? quotedIn(column) : null }, label),
    el('dd', { lang: valueIn(feature, column) }, linked(value)),
  ];
}

function note(feature) {
  const text = valueOf(feature, 'note');
  return text ? el('p', { class: 'told', lang: valueIn(feature, 'note') }, linked(String(text))) : null;
}

// ------------------------------------------------------------------------------------ source and the rest
const stated = text => (text ? quoted(text) : t('unstated'));

function about(feature) {
  const layer = layerOf(feature),
    source = valueOf(feature, 'source');
  const rows = [
    [t('source'), stated(source === null ? layer.source : String(source))],
    [t('layer'), layer.title],
    [t('vintage'), stated(layer.vintage)],
    [t('licence'), stated(layer.licence)],
    [
      t(feature.measured ? 'measured_area' : 'area'),
      feature.area === null ? null : t(feature.measured ? 'measured_note' : 'published_note'),
    ],
  ];
  const lines = rows
    .filter(row => row[1])
    .map(([label, text]) => [el('dt', {}, label), el('dd', {}, text)]);
  return el(
    'section',
    { class: 'about' },
    el('h3', {}, t('about')),
    el('dl', { class: 'facts small' }, lines),
    layer.note ? el('p', { class: 'legal' }, quoted(layer.note)) : null,
  );
}

function otherAttributes(feature) {
  const layer = layerOf(feature),
    told = new Set([...factColumns(feature), ...(layer.style.figures ?? []), 'source', 'note']);
  const columns = [...layer.columns.keys()].filter(
    column => !told.has(column) && !isTwin(layer, column) && filled(feature, column),
  );
  if (!columns.length) return null;
  return el(
    'details',
    { class: 'more' },
    el('summary', {}, t('more')),
    el(
      'dl',
      { class: 'facts small' },
      columns.map(column => fact(feature, column)),
    ),
  );
}
