// Dots and signs at one place: a click on the top one asks which.
const PILE_PX = 5;

function pileAt(feature) {
  const apart = new Map(lastMoved.spots.map(spot => [spot.feature.id, L.point(spot.x, spot.y)]));
  const spotOf = other =>
    apart.get(other.id) ??
    (drawn.get(other.id)?.shape instanceof L.CircleMarker ? map.latLngToLayerPoint(latLng(other)) : null);
  const here = spotOf(feature);
  if (!here) return [feature];
  const isHere = other => spotOf(other)?.distanceTo(here) <= PILE_PX;
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
