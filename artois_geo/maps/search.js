// Search over every named feature and every town (combobox pattern of the ARIA guide).
const ANSWERS = 8;
let answers = [],
  current = -1;

const TOWN_KINDS = new Set(['commune', 'commune_schema', 'commune_contour']);
const INDEX = searchIndex();

function searchIndex() {
  const seen = new Set(),
    entries = [];
  for (const layer of [...LISTED, ...TOWNS, ...LAYERS.filter(one => one.kind === 'commune_schema')]) {
    for (const feature of layer.features) {
      if (feature.name === null) continue;
      const key = TOWN_KINDS.has(layer.kind) ? `town ${fold(feature.name)}` : feature.id;
      if (seen.has(key)) continue;
      seen.add(key);
      entries.push({
        feature,
        name: fold(feature.name),
        text: fold(searched(feature)),
      });
    }
  }
  return entries;
}

// the code of a commune, as itself and as the place of a site
function inseeColumns() {
  return ['comm_insee', 'site_comm_insee'];
}

// names in every language, place, INSEE code, key
function searched(feature) {
  const key = feature.id.slice(feature.layerId.length + 1);
  const codes = inseeColumns().map(name => valueOf(feature, name));
  const family = familyOf(feature),
    families = family && family.id !== 'unknown' ? Object.values(family.label) : [];
  const epci = feature.epci && [feature.epci, EPCI_NAMES.get(feature.epci)];
  return [spellings(feature), feature.place, ...codes, key, ...families, ...(epci || [])].filter(Boolean).join(' ');
}

function find(query) {
  const wanted = fold(query),
    words = wanted.split(' ');
  if (wanted.length < 2) return [];
  const found = [];
  for (const entry of INDEX) {
    const rank = entry.name.startsWith(wanted)
      ? 0
      : ` ${entry.name}`.includes(` ${wanted}`)
        ? 1
        : words.every(word => entry.text.includes(word))
          ? 2
          : 9;
    if (rank < 9) found.push([rank, entry.feature]);
  }
  const answers = found
    .sort((a, b) => a[0] - b[0])
    .slice(0, ANSWERS)
    .map(pair => pair[1]);
  return [...answers, ...findBulk(wanted, ANSWERS - answers.length)];
}

function offerAnswers() {
  const box = $('#answers'),
    query = $('#query').value;
  answers = find(query);
  current = -1;
  const none = query.trim().length >= 2 && !answers.length;
  box.replaceChildren(...answers.map(answer));
  showAnswers(answers.length > 0);
  $('#none').textContent = none ? t('search_none') : '';
}

function answer(feature, place) {
  const kind =
    layerOf(feature).style.drawn === 'ground' ? t('town') : (feature.place ?? layerOf(feature).title);
  const pick = event => {
    event.preventDefault();
    pickAnswer(place);
  };
  return el(
    'li',
    { role: 'option', id: `answer-${place}`, 'aria-selected': 'false', on: { mousedown: pick } },
    el('span', { lang: nameIn(feature) }, feature.name),
    el('small', {}, kind),
  );
}

function showAnswers(open) {
  $('#answers').hidden = !open;
  $('#none').textContent = '';
  $('#query').setAttribute('aria-expanded', String(open));
  $('#query').removeAttribute('aria-activedescendant');
}

function pickAnswer(place) {
  const feature = answers[place];
  if (!feature) return;
  $('#query').value = feature.name;
  showAnswers(false);
  select(feature.id, true);
}

function moveCurrent(step) {
  if (!answers.length) return;
  current = (current + step + answers.length) % answers.length;
  const options = $$('#answers [role=option]');
  options.forEach((option, place) => option.setAttribute('aria-selected', String(place === current)));
  options[current].scrollIntoView({ block: 'nearest' });
  $('#query').setAttribute('aria-activedescendant', `answer-${current}`);
}

function listenToSearch() {
  const query = $('#query');
  query.addEventListener('input', offerAnswers);
  query.addEventListener('focus', () => isPhone() && raiseSheet(true));
  query.addEventListener('blur', () => setTimeout(() => showAnswers(false), 150));
  query.addEventListener('keydown', event => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      moveCurrent(event.key === 'ArrowDown' ? 1 : -1);
    } else if (event.key === 'Enter') pickAnswer(Math.max(0, current));
    else if (event.key === 'Escape' && query.getAttribute('aria-expanded') === 'true') {
      event.stopPropagation(); // it closes the answers, and not the card too
      showAnswers(false);
    }
  });
}
