// Lengths and areas on the ellipsoid, in metres.
const EARTH_M = 6378137, // WGS 84: half axis and squared eccentricity
  EARTH_E2 = 0.00669437999014;

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
