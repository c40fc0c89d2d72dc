// What a row of the list, and the paper, say besides name, place and area: in short, or all that the card says.
const toldColumns = feature => {
  const { told, style } = layerOf(feature);
  return state.full ? [...(style.figures ?? []), ...factColumns(feature), 'note', 'precision', 'source'] : told;
};

function toldPairs(feature) {
  return [...new Set(toldColumns(feature))]
    .filter(column => filled(feature, column))
    .map(column => [labelOf(feature, column), toldValue(feature, column)])
    .filter(pair => pair[1] !== null);
}

// an account in the words of the filter; nothing where no source says it
function toldValue(feature, column) {
  const layer = layerOf(feature);
  if (column === layer.accounted && !state.full) {
    const account = DATA.accounts.find(one => one.id === feature.account);
    return account && account.id !== 'unknown' ? said(account.label) : null;
  }
  return valueText(valueOf(feature, column), own(layer.labels, column));
}

const toldText = feature =>
  EXTRA.result?.formula(feature) ??
  toldPairs(feature)
    .map(([label, value]) => t('pair', { label, value }))
    .join(' · ');

function toldBox(feature) {
  if (!state.full) {
    const text = toldText(feature),
      click = () => select(feature.id, true);
    return text ? el('p', { class: 'told-row', on: { click } }, text) : null;
  }
  const lines = toldPairs(feature).map(([label, value]) => [el('dt', {}, label), el('dd', { lang: quotedIn(value) }, value)]);
  return lines.length ? el('dl', { class: 'facts small told-row' }, lines) : null;
}

function tellAll(on) {
  state.full = on;
  $('#full').setAttribute('aria-pressed', String(on));
}

function listenToFull() {
  $('#full').addEventListener('click', () => {
    tellAll(!state.full);
    refresh();
  });
}
