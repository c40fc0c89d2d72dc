// The card of an offer, in the order of an investor: surface, state, price, access, networks, calendar, contact, sheet.
const CARD_FIELDS = ['state', 'price', 'access', 'networks', 'calendar', 'contact'];

function sourceFold(fact) {
  if (!fact.source && !fact.quote) return fact.date ? el('span', { class: 'year' }, dated(fact)) : null;
  const words = dated(fact) || t('source');
  return el(
    'details',
    { class: 'proof' },
    el('summary', { 'aria-label': t('source_of', { date: dated(fact) || t('unstated') }) }, words),
    fact.quote ? el('q', { lang: 'fr' }, fact.quote) : null,
    fact.source ? el('p', { lang: 'fr' }, linked(fact.source)) : null,
    fact.date ? el('p', {}, dayText(fact.date)) : null,
  );
}

function offerRow(field, text, fold = null) {
  return [
    el('dt', {}, stroke(field), offerSays(`labels.${field}`)),
    el('dd', {}, el('span', {}, text), fold),
  ];
}

// a file beside the page, in the folder of a pack: a name of ours, nothing that leads elsewhere
const besidePage = path => (/^(fiches|documents)\/[a-z0-9][a-z0-9.-]*\.(html|pdf)$/.test(path) && !path.includes('..') ? path : null);
function fileLink(path, text) {
  const href = path.startsWith('https://') ? webAddress(path) : besidePage(path);
  return href ? el('a', { href, target: '_blank', rel: 'noopener noreferrer' }, text) : text;
}

// the sheet of the offer: beside the page in a pack, else where it is online
function sheetLinks(feature) {
  const files = own(offerOf(feature).sheets ?? {}, state.lang),
    online = valueOf(feature, 'fiche_url');
  if (!files) return online ? linked(String(online)) : null;
  const names = { html: offerSays('labels.page'), pdf: 'PDF' };
  return Object.entries(files).map(([ending, path], i) => [i ? ' · ' : '', fileLink(path, own(names, ending))]);
}

function documentList({ documents }) {
  const entry = ({ title, href, about }) =>
    el('li', {}, href && !DATA.kiosk ? fileLink(href, title) : title, el('span', { class: 'year' }, ` ${said(about)}`));
  return el('ul', { class: 'documents' }, documents.map(entry));
}

const photoFigure = (feature, { photo }) =>
  el(
    'figure',
    { class: 'photo' },
    el('img', { src: photo.address, alt: t('photo_of', { name: titleOf(feature) }) }),
    said(photo.credit) ? el('figcaption', {}, said(photo.credit)) : null,
  );

function investorCard(feature) {
  const offer = offerOf(feature),
    { surface } = offer.facts,
    sheet = sheetLinks(feature);
  const place = [offer.communes.join(', '), offer.epci, familyOf(feature).id === 'unknown' ? '' : said(familyOf(feature).label)];
  const rows = CARD_FIELDS.filter(field => offer.facts[field]).map(field => {
    const fact = offer.facts[field];
    return offerRow(field, linked(factText(fact)), field === 'contact' ? null : sourceFold(fact));
  });
  if (sheet) rows.push(offerRow('sheet', sheet));
  if (offer.documents) rows.push(offerRow('documents', documentList(offer)));
  return el(
    'div',
    { class: `inside investor ${offer.group}`, vars: { '--fill': colourOf(feature) } },
    el('button', { type: 'button', class: 'back', on: { click: closeCard } }, stroke('back'), t('back_to_offers')),
    el(
      'div',
      { class: 'head' },
      offerNumber(feature),
      el('div', {}, el('h2', { id: 'card-name', lang: nameIn(feature) }, titleOf(feature)), el('p', { class: 'place' }, place.filter(Boolean).join(' · '))),
    ),
    offer.photo ? photoFigure(feature, offer) : null,
    el(
      'div',
      { class: 'hero-box' },
      el('p', { class: 'group-name' }, offerSays(`groups.${offer.group}`)),
      el('p', { class: 'big' }, bigText(offer)),
      smallText(offer) ? el('p', { class: 'small' }, smallText(offer)) : null,
      surface ? sourceFold(surface) : null,
      el('dl', { class: 'rows' }, rows),
    ),
    said(offer.missing)
      ? el('div', { class: 'missing' }, el('p', {}, said(offer.missing)), offer.ask ? el('p', {}, offerSays('lines.ask', { who: offer.ask })) : null)
      : null,
    offer.precision > 100 ? el('p', { class: 'position' }, t('position_within', { d: metres(offer.precision) })) : null,
    el(
      'div',
      { class: 'actions' },
      tickButton(feature),
      el('button', { type: 'button', class: 'plain', on: { click: copyAddress } }, t('link')),
    ),
    el(
      'details',
      { class: 'more method-fold' },
      el('summary', {}, t('method_site')),
      positionNotice(feature),
      facts(feature),
      note(feature),
      about(feature),
      otherAttributes(feature),
    ),
    el('p', { class: 'legal' }, t('not_contractual')),
  );
}

EXTRA.card = feature => (offerOf(feature) ? investorCard(feature) : null);
