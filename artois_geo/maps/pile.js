// Dots at one place: a click on the top one asks which.
const PILE_PX = 5;

function pileAt(feature) {
  const isDot = id => drawn.get(id)?.shape instanceof L.CircleMarker;
  if (!isDot(feature.id)) return [feature];
  const here = map.latLngToContainerPoint(latLng(feature));
  const isHere = other =>
    isDot(other.id) && map.latLngToContainerPoint(latLng(other)).distanceTo(here) <= PILE_PX;
  return LISTED.filter(layer => !layer.bulk).flatMap(layer => shownOf(layer).filter(isHere));
}

function openPile(pile) {
  const pick = feature => {
    map.closePopup();
    select(feature.id);
  };
  const button = feature =>
    el('button', { type: 'button', class: 'plain', on: { click: () => pick(feature) } }, titleOf(feature));
  const content = el('div', { class: 'pile' }, el('p', {}, t('piled', { n: number(pile.length) })), pile.slice(0, ANSWERS).map(button));
  L.popup({ autoPanPadding: [20, 60] }).setLatLng(latLng(pile[0])).setContent(content).openOn(map);
  content.querySelector('button').focus();
}
