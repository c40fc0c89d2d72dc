// Measuring on the map: geodesic length, and area from the third point on.
const EARTH_M = 6378137, // WGS 84: half axis and squared eccentricity
  EARTH_E2 = 0.00669437999014;
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

// a place on the ellipsoid, in metres from its centre: chords and flat triangles between such places are right
// to a hundred-thousandth over a hundred kilometres, where a sphere would be 0.3 % short along a parallel
function onGround({ lat, lng }) {
  const [north, east] = [(lat * Math.PI) / 180, (lng * Math.PI) / 180],
    radius = EARTH_M / Math.sqrt(1 - EARTH_E2 * Math.sin(north) ** 2),
    flat = radius * Math.cos(north);
  return [flat * Math.cos(east), flat * Math.sin(east), radius * (1 - EARTH_E2) * Math.sin(north)];
}

const minus = (one, other) => one.map((value, axis) => value - other[axis]);
const distance = (one, other) => Math.hypot(...minus(onGround(one), onGround(other)));

function groundArea(points) {
  const [first, ...others] = points.map(onGround),
    sides = others.map(place => minus(place, first)),
    sum = [0, 0, 0];
  for (let i = 1; i < sides.length; i++) {
    const [[a, b, c], [d, e, f]] = [sides[i - 1], sides[i]];
    [b * f - c * e, c * d - a * f, a * e - b * d].forEach((part, axis) => (sum[axis] += part / 2));
  }
  return Math.hypot(...sum);
}

function listenToMeasure() {
  $('#measure').addEventListener('click', () => measure(!isMeasuring()));
  map.on('click', event => isMeasuring() && addPoint(event.latlng));
}
