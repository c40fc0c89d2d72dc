// Measuring on the map: geodesic length, and area from the third point on.
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
  if (on) tellTape();
}

function addPoint(place) {
  tape.points.push(place);
  tape.line.setLatLngs(tape.points);
  tellTape();
}

function tellTape() {
  const { points } = tape;
  if (!points.length) {
    $('#tape').textContent = t('measure_help');
    return;
  }
  let length = 0;
  for (let i = 1; i < points.length; i++) length += distance(points[i - 1], points[i]);
  const parts = [length > 999 ? `${number(length / 1000, 2)} km` : `${number(length)} m`];
  if (points.length > 2) parts.push(`${precise(groundArea(points) / 10000, 1)} ha`);
  $('#tape').textContent = `${parts.join(' · ')} (${t('measure_note')})`;
}

function listenToMeasure() {
  $('#measure').addEventListener('click', () => measure(!isMeasuring()));
  map.on('click', event => isMeasuring() && addPoint(event.latlng));
}
