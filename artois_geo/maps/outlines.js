// Outlines as whole numbers, written by compact.py: pixels of one zoom, from the north-west corner of the world.
const POINT_RUN = 0,
  LINE_RUN = 1,
  RING_RUN = 2;

function bytesOf(text) {
  const raw = atob(text),
    bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  return bytes;
}

// seven bits a byte, the smallest first; steps are zigzag, so that small ones stay short in both directions
function readOutlines(bytes, zoom) {
  let at = 0;
  const next = () => {
    let value = 0,
      shift = 0,
      byte;
    do {
      byte = bytes[at++];
      value |= (byte & 127) << shift;
      shift += 7;
    } while (byte > 127);
    return value >>> 0;
  };
  const features = next(),
    rings = next(),
    corners = next();
  const firstRing = new Uint32Array(features + 1),
    firstCorner = new Uint32Array(rings + 1),
    kinds = new Uint8Array(rings);
  for (let i = 0; i < features; i++) firstRing[i + 1] = firstRing[i] + next();
  for (let i = 0; i < rings; i++) {
    const length = next();
    kinds[i] = length & 3;
    firstCorner[i + 1] = firstCorner[i] + (length >>> 2);
  }
  const axis = () => {
    const values = new Int32Array(corners);
    for (let i = 0, last = 0; i < corners; i++) {
      const step = next();
      last += (step >>> 1) ^ -(step & 1);
      values[i] = last;
    }
    return values;
  };
  return { zoom, features, firstRing, firstCorner, kinds, x: axis(), y: axis() };
}

// one feature as GeoJSON; rings of several parts stand in one polygon, which draws the same
function shapeOf(outlines, feature) {
  const { firstRing, kinds } = outlines,
    found = [[], [], []];
  for (let ring = firstRing[feature]; ring < firstRing[feature + 1]; ring++)
    found[kinds[ring]].push(degreesOf(outlines, ring));
  const shapes = [];
  if (found[RING_RUN].length) shapes.push({ type: 'Polygon', coordinates: found[RING_RUN] });
  if (found[LINE_RUN].length) shapes.push({ type: 'MultiLineString', coordinates: found[LINE_RUN] });
  if (found[POINT_RUN].length) shapes.push({ type: 'MultiPoint', coordinates: found[POINT_RUN].flat() });
  return shapes.length > 1 ? { type: 'GeometryCollection', geometries: shapes } : (shapes[0] ?? null);
}

function degreesOf({ x, y, zoom, firstCorner, kinds }, ring) {
  const places = [];
  for (let i = firstCorner[ring]; i < firstCorner[ring + 1]; i++) places.push(degreesAt(x[i], y[i], zoom));
  if (kinds[ring] === RING_RUN && places.length) places.push(places[0]);
  return places;
}

function degreesAt(x, y, zoom) {
  const place = L.CRS.EPSG3857.pointToLatLng(L.point(x, y), zoom);
  return [+place.lng.toFixed(6), +place.lat.toFixed(6)];
}

function unpackShapes(shapes) {
  if (!shapes.outlines) return unpack(shapes);
  const outlines = readOutlines(bytesOf(shapes.outlines), shapes.zoom);
  return Array.from({ length: outlines.features }, (_, feature) => shapeOf(outlines, feature));
}
