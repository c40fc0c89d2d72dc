// The shortlist: tick, compare side by side, share by a link, take away. Always the offers that are ticked, no other.
const shortlist = () => [...state.shortlist].map(id => FEATURE.get(id)).filter(Boolean);

function tickInput(feature) {
  const box = el('input', {
    type: 'checkbox',
    'data-tick': feature.id,
    'aria-label': t('compare_named', { name: titleOf(feature) }),
    on: {
      change: () => {
        state.shortlist[box.checked ? 'add' : 'delete'](feature.id);
        tellTray();
        writeAddress();
      },
    },
  });
  box.checked = state.shortlist.has(feature.id);
  return box;
}

const tickBox = feature => el('label', { class: 'tick', title: t('compare') }, tickInput(feature));
const tickButton = feature => el('label', { class: 'plain tick-button' }, tickInput(feature), t('compare_this'));

function tellTray() {
  const members = shortlist(),
    tray = $('#tray');
  tray.hidden = !members.length;
  document.body.classList.toggle('with-tray', members.length > 0);
  for (const box of $$('[data-tick]')) box.checked = state.shortlist.has(box.dataset.tick);
  const button = (sort, text, click, icon = null) =>
    el('button', { type: 'button', class: sort, title: text, 'aria-label': icon ? text : null, on: { click } }, icon ?? text);
  tray.replaceChildren(
    el('span', { class: 'count', role: 'status' }, members.length === 1 ? t('shortlist_one') : t('shortlist_of', { n: number(members.length) })),
    el('span', { class: 'numbers' }, members.map(offerNumber)),
    button('main', t('compare'), compareOffers),
    button('quiet', t('share'), copyAddress, stroke('link')),
    button('quiet', t('empty_shortlist'), () => {
      state.shortlist.clear();
      tellTray();
      writeAddress();
    }),
  );
}

// ---------------------------------------------------------------------------------------------- side by side
const COMPARED = ['surface', 'state', 'price', 'access', 'networks', 'calendar', 'contact'];
const fieldText = (offer, field) =>
  (field === 'surface' && offer.ha === null) || !offer.facts[field] ? null : factText(offer.facts[field]);

function compareOffers() {
  const members = shortlist(),
    dialog = $('#compare');
  const head = members.map(feature => el('th', { scope: 'col', lang: nameIn(feature) }, offerNumber(feature), ' ', titleOf(feature)));
  const row = (label, texts) =>
    el(
      'tr',
      {},
      el('th', { scope: 'row' }, label),
      texts.map(text => (text ? el('td', {}, text) : el('td', { class: 'none' }, t('not_published')))),
    );
  const group = row(offerSays('labels.group'), members.map(feature => offerSays(`groups.${offerOf(feature).group}`)));
  const rows = COMPARED.map(field => row(offerSays(`labels.${field}`), members.map(feature => fieldText(offerOf(feature), field))));
  const action = (word, click, sort = 'plain') => el('button', { type: 'button', class: sort, on: { click } }, t(word));
  const exports = DATA.kiosk
    ? []
    : [action('export_csv', () => save('csv', csvOf(members), 'text/csv')), action('export_geojson', () => save('geojson', geojsonOf(members), 'application/geo+json')), action('print', printSelection)];
  dialog.replaceChildren(
    el(
      'div',
      { class: 'top' },
      el('h2', { id: 'compare-title' }, members.length === 1 ? t('shortlist_one') : t('shortlist_of', { n: number(members.length) })),
      exports,
      action('close_compare', () => dialog.close(), 'plain main'),
    ),
    el(
      'div',
      { class: 'wide', tabindex: 0, role: 'region', 'aria-labelledby': 'compare-title' },
      el('table', {}, el('thead', {}, el('tr', {}, el('td', {}), head)), el('tbody', {}, group, rows)),
    ),
    el('p', { class: 'legal' }, `${DATA.headings[state.lang][0]} · ${t('not_contractual')}`),
  );
  if (!dialog.open) dialog.showModal();
}

function printSelection() {
  document.body.classList.add('print-selection');
  addEventListener('afterprint', () => document.body.classList.remove('print-selection'), { once: true });
  window.print();
}

// ------------------------------------------------------------------------------------------------ take away
const selectionColumns = ['surface_ha', ...COMPARED.slice(1)];
function selectionRow(feature) {
  const offer = offerOf(feature),
    texts = selectionColumns.slice(1).map(field => fieldText(offer, field) ?? '');
  return {
    id: offer.id,
    name: titleOf(feature),
    communes: offer.communes.join(', '),
    epci: offer.epci,
    group: offerSays(`groups.${offer.group}`),
    surface_ha: offer.ha,
    surface_convention: offer.ha === null ? '' : t('published_note'),
    ...Object.fromEntries(selectionColumns.slice(1).map((field, i) => [field, texts[i]])),
    precision_m: offer.precision,
    source: [...new Set(Object.values(offer.facts).map(fact => fact.source))].filter(Boolean).join(' ; '),
    date: offer.date,
    layer: layerOf(feature).title,
    vintage: layerOf(feature).vintage,
    licence: layerOf(feature).licence,
  };
}

// a cell that a spreadsheet would take for a formula is marked as a text
function csvCell(value) {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return state.lang === 'fr' ? String(value).replace('.', ',') : String(value);
  const text = /^\s*[=+\-@|＝＋－＠]|^[\t\r\n]/.test(value) ? `'${value}` : value;
  return `"${text.replace(/"/g, '""')}"`;
}

function csvOf(members) {
  const rows = members.map(selectionRow),
    names = Object.keys(rows[0] ?? {});
  const lines = [names.join(';'), ...rows.map(row => names.map(name => csvCell(row[name])).join(';'))];
  return `\ufeff${lines.join('\r\n')}\r\n`;
}

// a schematic shape is no outline: its point travels, with how far it may be wrong
function geojsonOf(members) {
  const features = members.map(feature => ({
    type: 'Feature',
    id: offerOf(feature).id,
    geometry: feature.shape && !feature.schematic ? feature.shape : feature.point && { type: 'Point', coordinates: feature.point },
    properties: selectionRow(feature),
  }));
  return JSON.stringify({ type: 'FeatureCollection', features }, null, 1);
}

function save(ending, text, type) {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = el('a', { href: address, download: `selection.${ending}` });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
