// A small picture of the territory with the place of one site: on a phone the card hides the map.
const LOCATOR = { width: 400, height: 132, margin: 12 };

function locator(feature) {
  if (!feature.point || !territoryShapes().length) return null;
  const project = locatorProjection();
  const land = territoryShapes().map(shape => outline(shape, project)).join('');
  const limits = DATA.ground.limits.map(shape => outline(shape, project)).join('');
  const [x, y] = project(feature.point),
    colours = DATA.groundStyle;
  return svg(
    'svg',
    { viewBox: `0 0 ${LOCATOR.width} ${LOCATOR.height}`, class: 'locator', 'aria-hidden': 'true' },
    svg('path', { d: land, fill: colours.land, stroke: colours.land, 'stroke-width': 1.5 }),
    svg('path', {
      d: limits,
      fill: 'none',
      stroke: colours.limit,
      'stroke-width': 1,
      'stroke-dasharray': '4 3',
    }),
    svg('circle', { cx: x, cy: y, r: 15, fill: colourOf(feature), 'fill-opacity': 0.22 }),
    svg('circle', { cx: x, cy: y, r: 6.5, fill: colourOf(feature), stroke: '#fff', 'stroke-width': 2 }),
  );
}

const territoryShapes = () => (DATA.ground?.cells.length ? DATA.ground.cells : (DATA.ground?.land ?? []));

function locatorProjection() {
  const [[south, west], [north, east]] = DATA.bounds;
  const shrink = Math.cos((((south + north) / 2) * Math.PI) / 180),
    { width, height, margin } = LOCATOR;
  const scale = Math.min(
    (width - 2 * margin) / ((east - west) * shrink),
    (height - 2 * margin) / (north - south),
  );
  const left = (width - (east - west) * shrink * scale) / 2,
    top = (height - (north - south) * scale) / 2;
  return ([longitude, latitude]) => [
    +(left + (longitude - west) * shrink * scale).toFixed(1),
    +(top + (north - latitude) * scale).toFixed(1),
  ];
}

const RINGS = {
  LineString: shape => [shape.coordinates],
  MultiLineString: shape => shape.coordinates,
  Polygon: shape => shape.coordinates,
  MultiPolygon: shape => shape.coordinates.flat(),
};

function outline(shape, project) {
  const lines = RINGS[shape.type]?.(shape) ?? [];
  return lines
    .map(
      line =>
        `M${line.map(point => project(point).join(' ')).join('L')}${shape.type.includes('Line') ? '' : 'Z'}`,
    )
    .join('');
}
