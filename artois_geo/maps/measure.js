// Measuring on the map: geodesic length, and area from the third point on.
const EARTH_M = 6371008.8; // mean radius
let tape = null;

const isMeasuring = () => tape !== null;

function measure(on) {
  tape?.line.remove();
  tape = on
    ? {
        points: [],
        line: L.polyline([], {
          color: '#b0125b',
          weight: 4,
          dashArray: '1 8',
          fill: true,
          fillOpacity: 0.08,
          interactive: false,
        }).addTo(map),
      }
    : null;
  $('#measure').setAttribute('aria-pressed', String(on));
  map.getContainer().classList.toggle('measuring', on);
  map.doubleClickZoom[on ? 'disable' : 'enable']();
  $('#tape').hidden = !on;
  $('#tape').textContent = on ? t('measure_help') : '';
}

function addPoint(place) {
  tape.points.push(place);
  tape.line.setLatLngs(tape.points);
  const { points } = tape;
  let length = 0;
  for (let i = 1; i < points.length; i++) length += points[i - 1].distanceTo(points[i]);
  const parts = [length > 999 ? `${number(length / 1000, 2)} km` : `${number(length)} m`];
  if (points.length > 2) parts.push(`${number(sphericalArea(points) / 10000, 1)} ha`);
  $('#tape').textContent = `${parts.join(' · ')} (${t('measure_note')})`;
}

function sphericalArea(points) {
  const radians = Math.PI / 180;
  let sum = 0;
  points.forEach((point, i) => {
    const next = points[(i + 1) % points.length];
    sum +=
      (next.lng - point.lng) * radians * (2 + Math.sin(point.lat * radians) + Math.sin(next.lat * radians));
  });
  return Math.abs((sum * EARTH_M * EARTH_M) / 2);
}

function listenToMeasure() {
  $('#measure').addEventListener('click', () => measure(!isMeasuring()));
  map.on('click', event => isMeasuring() && addPoint(event.latlng));
}
