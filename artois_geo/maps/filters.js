// Filters: family, area, authority, date, ZAN account. They combine; what they hide leaves the map, the list and the sums.
const discLayers = () => LAYERS.filter(layer => layer.style.drawn === 'discs');

function familiesPresent() {
  const looks = discLayers().flatMap(layer => layer.features.map(feature => feature.look));
  const present = new Set([...looks, ...bulkFamilies()]);
  return DATA.families.filter(family => present.has(family.id));
}

const epciOfSites = () =>
  [
    ...new Set(
      [...LISTED.flatMap(layer => layer.features.map(feature => feature.epci)), ...bulkEpci()].filter(
        Boolean,
      ),
    ),
  ].sort();

function toggle(set, item, on) {
  if (on) set.delete(item);
  else set.add(item);
  refresh();
}

function buildFilters() {
  const inOffers = OFFERS.size ? EXTRA.offers.families() : null,
    families = familiesPresent().filter(family => !inOffers || inOffers.has(family.id)),
    epci = epciOfSites();
  const used = {
    family: families.length > 1 || Boolean(inOffers),
    account: DATA.accounts.length > 1,
    area: STOPS.area.length > 2 && !EXTRA.result,
    date: STOPS.date.length > 1,
    epci: epci.length > 1,
  };
  for (const [id, on] of Object.entries(used)) $(`#filter-${id}`).hidden = !on;
  $('#filters').hidden = !Object.values(used).includes(true);
  $('#filter-family .chips').replaceChildren(...families.map(chip));
  $('#filter-epci .checks').replaceChildren(
    ...epci.map(one => check(state.hiddenEpci, one, EPCI_NAMES.get(one) ?? one)),
  );
  $('#filter-account .checks').replaceChildren(
    ...DATA.accounts.map(one => check(state.hiddenAccounts, one.id, said(one.label))),
  );
  $('#date-name').textContent = dateName();
  for (const [id, end, i] of rangeEnds()) {
    Object.assign($(`#${id}-${end}`), { max: STOPS[id].length - 1, value: state[id][i] });
    $(`#${id}-${end}`).setAttribute('aria-label', t(RANGES[id][i], { date: dateName() }));
  }
  $('#area-unknown').checked = state.unknownArea;
  $('#date-unknown').checked = state.undated;
  tellFilters();
  EXTRA.offers?.bar();
}

const RANGES = { area: ['area_min', 'area_max'], date: ['date_min', 'date_max'] };
const rangeEnds = () => Object.keys(RANGES).flatMap(id => ['min', 'max'].map((end, i) => [id, end, i]));

// a date of availability or of publication: the layers say which
function dateName() {
  const names = LAYERS.map(layer => {
    const column = layer.dated ?? layer.bulk?.dated,
      label = own(layer.labels, column);
    return label ? said(label) : column;
  });
  return [...new Set(names.filter(Boolean))].join(' · ');
}

function chip(family) {
  const box = el('input', {
    type: 'checkbox',
    value: family.id,
    on: { change: event => toggle(state.hiddenFamilies, family.id, event.target.checked) },
  });
  box.checked = !state.hiddenFamilies.has(family.id);
  return el('label', { vars: { '--fill': family.fill } }, box, familyMark(family), said(family.label), EXTRA.offers?.count(family) ?? null);
}

function check(hidden, item, name) {
  const box = el('input', {
    type: 'checkbox',
    value: item,
    on: { change: event => toggle(hidden, item, event.target.checked) },
  });
  box.checked = !hidden.has(item);
  return el('label', { class: 'check' }, box, el('span', {}, name));
}

function tellFilters() {
  tellRange('area', (stop, more) => `${number(stop)}${more ? '+' : ''}`, ' ha');
  if (STOPS.date.length) tellRange('date', String, '');
  const on = filtersOn();
  if (OFFERS.size) $('#reset').hidden = !on;
  $('#filters-on').textContent = on ? t(on > 1 ? 'filters_on' : 'filters_one', { n: on }) : '';
}

function tellRange(id, text, unit) {
  const last = STOPS[id].length - 1,
    [low, high] = state[id].map(place => text(STOPS[id][place], place === last));
  const { style } = $(`#filter-${id} .dual`);
  ['--from', '--to'].forEach((end, i) => style.setProperty(end, `${(state[id][i] / (last || 1)) * 100}%`));
  $(`#${id}-min`).style.zIndex = Number(state[id][0] > last / 2); // two thumbs at one place: the free one on top
  $(`#${id}-range`).textContent = `${low} – ${high}${unit}`;
  $(`#${id}-min`).setAttribute('aria-valuetext', low + unit);
  $(`#${id}-max`).setAttribute('aria-valuetext', high + unit);
}

function listenToFilters() {
  for (const [id, end, i] of rangeEnds()) {
    $(`#${id}-${end}`).addEventListener('input', event => {
      const [low, high] = state[id],
        // two areas next to each other hold nothing; one year does
        apart = id === 'area' ? 1 : 0;
      const place =
        end === 'min'
          ? Math.min(+event.target.value, high - apart)
          : Math.max(+event.target.value, low + apart);
      state[id][i] = event.target.value = place;
      refresh();
    });
  }
  const boxes = { '#area-unknown': 'unknownArea', '#date-unknown': 'undated' };
  for (const [id, kept] of Object.entries(boxes))
    $(id).addEventListener('change', event => {
      state[kept] = event.target.checked;
      refresh();
    });
  $('#reset').addEventListener('click', () => {
    clearFilters();
    state.off = offAtFirst();
    buildFilters();
    buildLegend();
    refresh();
    home();
  });
}
