// Filters: family, area, authority. They combine; what they hide leaves the map, the list and the sums.
const discLayers = () => LAYERS.filter(layer => layer.style.drawn === 'discs');

function familiesPresent() {
  const present = new Set(discLayers().flatMap(layer => layer.features.map(feature => feature.look)));
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
  const families = familiesPresent(),
    epci = epciOfSites();
  $('#filter-family').hidden = families.length < 2;
  $('#filter-epci').hidden = epci.length < 2;
  $('#filter-area').hidden = AREA_STOPS.length < 3;
  $('#filters').hidden = families.length < 2 && epci.length < 2 && AREA_STOPS.length < 3;
  $('#filter-family .chips').replaceChildren(...families.map(chip));
  $('#filter-epci .checks').replaceChildren(...epci.map(check));
  for (const [id, end] of [
    ['#area-min', 0],
    ['#area-max', 1],
  ]) {
    Object.assign($(id), { max: AREA_STOPS.length - 1, value: state.area[end] });
    $(id).setAttribute('aria-label', t(end ? 'area_max' : 'area_min'));
  }
  $('#area-unknown').checked = state.unknownArea;
  tellArea();
}

function chip(family) {
  const box = el('input', {
    type: 'checkbox',
    value: family.id,
    on: { change: event => toggle(state.hiddenFamilies, family.id, event.target.checked) },
  });
  box.checked = !state.hiddenFamilies.has(family.id);
  return el('label', { vars: { '--fill': family.fill } }, box, familyMark(family), said(family.label));
}

function check(epci) {
  const box = el('input', {
    type: 'checkbox',
    value: epci,
    on: { change: event => toggle(state.hiddenEpci, epci, event.target.checked) },
  });
  box.checked = !state.hiddenEpci.has(epci);
  return el('label', { class: 'check' }, box, el('span', {}, EPCI_NAMES.get(epci) ?? epci));
}

function tellArea() {
  const last = AREA_STOPS.length - 1,
    [low, high] = state.area;
  $('.dual').style.setProperty('--from', `${(low / last) * 100}%`);
  $('.dual').style.setProperty('--to', `${(high / last) * 100}%`);
  const more = high === last ? '+' : '';
  $('#area-range').textContent = `${number(AREA_STOPS[low])} – ${number(AREA_STOPS[high])}${more} ha`;
  $('#area-min').setAttribute('aria-valuetext', `${number(AREA_STOPS[low])} ha`);
  $('#area-max').setAttribute('aria-valuetext', `${number(AREA_STOPS[high])}${more} ha`);
  const on = filtersOn();
  $('#filters-on').textContent = on ? t('filters_on', { n: on }) : '';
}

function listenToFilters() {
  $('#area-min').addEventListener('input', event => {
    state.area[0] = Math.min(+event.target.value, state.area[1] - 1);
    event.target.value = state.area[0];
    refresh();
  });
  $('#area-max').addEventListener('input', event => {
    state.area[1] = Math.max(+event.target.value, state.area[0] + 1);
    event.target.value = state.area[1];
    refresh();
  });
  $('#area-unknown').addEventListener('change', event => {
    state.unknownArea = event.target.checked;
    refresh();
  });
  $('#reset').addEventListener('click', () => {
    clearFilters();
    state.off.clear();
    buildFilters();
    buildLegend();
    refresh();
    home();
  });
}
