// A canal to come is seen from the first view: at the edge of the map, a chip that points to it and goes there.
const projectLine = () =>
  LAYERS.filter(layer => layer.kind === 'voie_eau_projet')
    .flatMap(layer => layer.features)
    .find(feature => isLine(feature) && isShown(feature));

function nameProjectChip() {
  const feature = projectLine();
  if (!feature) return;
  const year = valueOf(feature, 'annee_ouverture'),
    km = valueOf(feature, 'longueur_km');
  const more = [year && t('opening', { year }), km && `${number(km)} km`].filter(Boolean).join(' · ');
  $('#chip').replaceChildren(
    stroke('arrow'),
    el('span', {}, el('b', {}, titleOf(feature), year ? el('i', {}, String(year)) : null), more ? el('small', {}, more) : null),
  );
  $('#chip').title = t('see_project', { name: titleOf(feature) });
}

const cornersOf = ({ coordinates, type }) => (type === 'LineString' ? coordinates : coordinates.flat());

// hidden once the line itself is seen
function pointToProject() {
  const feature = projectLine(),
    size = map.getSize();
  if (!feature) return ($('#chip').hidden = true);
  const centre = { x: size.x / 2, y: size.y / 2 };
  const seen = cornersOf(feature.shape).map(([lng, lat]) => map.latLngToContainerPoint([lat, lng]));
  const isInView = seen.some(({ x, y }) => x > 20 && y > 20 && x < size.x - 20 && y < size.y - 40);
  $('#chip').hidden = isInView || state.base !== 'ground';
  if (isInView) return;
  const [nearest] = seen.sort((a, b) => Math.hypot(a.x - centre.x, a.y - centre.y) - Math.hypot(b.x - centre.x, b.y - centre.y));
  const turn = Math.atan2(nearest.y - centre.y, nearest.x - centre.x);
  $('#chip .icon').style.transform = `rotate(${turn.toFixed(2)}rad)`;
  $('#chip').classList.toggle('west', nearest.x < centre.x);
  $('#chip').classList.toggle('north', nearest.y < centre.y);
}

function listenToProject() {
  $('#chip').addEventListener('click', () => {
    const feature = projectLine();
    if (feature) map.fitBounds(drawn.get(feature.id).shape.getBounds(), { padding: [30, 40], animate: moves() });
  });
  map.on('moveend', pointToProject);
}
