// The map of a result: its calculation first, places by their amount, the calculation of each on its card.
const amountOf = feature => layerOf(feature).amounts?.[feature.row];
const hasSteps = feature => Boolean(amountOf(feature)?.steps.length);

const stepLine = ({ sign, label, amount }) => [
  el('dt', { class: sign === '=' ? 'total' : null }, el('i', {}, sign), said(label)),
  el('dd', { class: sign === '=' ? 'total' : null }, said(amount)),
];
const stepsList = steps => el('dl', { class: 'steps' }, steps.map(stepLine));
const ROOM = { a3: { rows: 36 }, a4: { rows: 26 } }; // lines beside the map, in rows of its table
const madeUp = () =>
  LAYERS.some(layer => layer.fictional) ? el('p', {}, el('span', { class: 'flag' }, t('fictional_mark'))) : '';
const resultNotes = () => DATA.result.notes.map(said);
const noteLine = note => el('p', { class: 'hint', lang: own(note, state.lang) ? null : 'fr' }, said(note));

function tellResult() {
  const { balance } = DATA.result,
    notes = resultNotes(),
    fold = $('#result details')?.open;
  $('#result').replaceChildren(
    el('p', { class: 'what' }, DATA.headings[state.lang][1]),
    balance.length ? stepsList(balance) : '',
    notes.length
      ? el(
          'details',
          { open: fold },
          el('summary', {}, t('result_notes')),
          DATA.result.notes.map(noteLine),
        )
      : '',
  );
}

const totalLabel = ({ steps }) => said(steps.find(({ sign }) => sign === '=')?.label ?? t('result'));

// the amount in large, then how it was computed
function calculation(feature) {
  const amount = amountOf(feature);
  if (!amount) return null;
  const box = el('dl', { class: 'figures' }, figureBox(totalLabel(amount), said(amount.text)));
  return hasSteps(feature) ? [box, el('h3', {}, t('result_steps')), stepsList(amount.steps)] : [box];
}

// a calculation as one, figures that make no sum side by side
function formulaOf(steps) {
  if (!steps.some(({ sign }) => sign))
    return steps.map(({ label, amount }) => t('pair', { label: said(label), value: said(amount) })).join(' · ');
  return steps.map(({ sign, label, amount }) => `${sign} ${said(amount)} ${said(label)}`.trim()).join(' ');
}

function rankOfLayer(layer) {
  return layer.style.order + (MAIN.includes(layer) ? 1000 : layer.amounts ? 500 : 0);
}

EXTRA.result = {
  amount: feature => amountOf(feature) && said(amountOf(feature).text),
  compare: (a, b) =>
    amountOf(a) && amountOf(b)
      ? amountOf(b).order - amountOf(a).order || titleOf(a).localeCompare(titleOf(b), 'fr', { numeric: true })
      : undefined,
  formula: feature =>
    hasSteps(feature) ? formulaOf(amountOf(feature).steps) : undefined,
  calculation: feature => {
    const parts = calculation(feature);
    return parts && el('div', { class: 'calculation' }, parts);
  },
  tell: tellResult,
  // what was computed before what it lies on
  listed: [...LISTED].sort((a, b) => rankOfLayer(b) - rankOfLayer(a) || LAYERS.indexOf(a) - LAYERS.indexOf(b)),
  key: () => [el('p', { class: 'hint' }, said(DATA.result.convention)), madeUp()],
  printed: () => el('section', {}, stepsList(DATA.result.balance), madeUp()),
  // a calculation of one line says nothing that the amount does not
  printedText: feature => (hasSteps(feature) && amountOf(feature).steps.length !== 2 ? EXTRA.result.formula(feature) : ''),
  room: () => {
    const { rows } = ROOM[document.body.classList.contains('a4') ? 'a4' : 'a3'];
    return rows - DATA.result.balance.length - LISTED.length;
  },
  notes: () => [said(DATA.result.convention), ...resultNotes()],
};
