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

function investorCard(feature) {
  const offer = offerOf(feature),
    { surface } = offer.facts,
    fiche = valueOf(feature, 'fiche_url');
  const place = [offer.communes.join(', '), offer.epci, familyOf(feature).id === 'unknown' ? '' : said(familyOf(feature).label)];
  const rows = CARD_FIELDS.filter(field => offer.facts[field]).map(field => {
    const fact = offer.facts[field];
    return offerRow(field, linked(factText(fact)), field === 'contact' ? null : sourceFold(fact));
  });
  if (fiche) rows.push(offerRow('sheet', linked(String(fiche))));
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
