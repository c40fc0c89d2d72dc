// A large layer as one picture: which features lie in a box or under a point, and painting them on a canvas.
const FEATURES_A_BIN = 8;
const MOST_BINS = 512; // along one side
const DOT_PX = 4; // areas smaller than that are drawn as their box
const EDGE_PX = 0.7;
const EDGES_FROM_PX = 7; // mean features smaller than that have no edge
const MOST_PX_STEP = 1; // corners closer than that on screen are left out
const REACH_PX = 6; // around a line or a point, for the pointer

function boxesOf({ features, firstRing, firstCorner, x, y }) {
  const boxes = new Int32Array(features * 4);
  for (let feature = 0; feature < features; feature++) {
    let [west, north, east, south] = [2 ** 31 - 1, 2 ** 31 - 1, -(2 ** 31), -(2 ** 31)];
    const end = firstCorner[firstRing[feature + 1]];
    for (let i = firstCorner[firstRing[feature]]; i < end; i++) {
      if (x[i] < west) west = x[i];
      if (x[i] > east) east = x[i];
      if (y[i] < north) north = y[i];
      if (y[i] > south) south = y[i];
    }
    boxes.set([west, north, east, south], feature * 4);
  }
  return boxes;
}

function extentOf(boxes) {
  const extent = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < boxes.length; i += 4) {
    if (boxes[i] > boxes[i + 2]) continue; // without geometry
    extent[0] = Math.min(extent[0], boxes[i]);
    extent[1] = Math.min(extent[1], boxes[i + 1]);
    extent[2] = Math.max(extent[2], boxes[i + 2]);
    extent[3] = Math.max(extent[3], boxes[i + 3]);
  }
  return extent;
}

// a grid of bins, each with the features whose box meets it; `within` gives those whose box meets a box
function gridOf(outlines) {
  const boxes = boxesOf(outlines),
    extent = extentOf(boxes),
    [west, north, east, south] = extent;
  const side = clamp(Math.round(Math.sqrt(outlines.features / FEATURES_A_BIN)), 1, MOST_BINS);
  const width = (east - west) / side || 1,
    height = (south - north) / side || 1;
  const column = x => clamp(Math.floor((x - west) / width), 0, side - 1),
    row = y => clamp(Math.floor((y - north) / height), 0, side - 1);
  const eachBin = (left, top, right, bottom, visit) => {
    const [fromX, toX, fromY, toY] = [column(left), column(right), row(top), row(bottom)];
    for (let y = fromY; y <= toY; y++) for (let x = fromX; x <= toX; x++) visit(y * side + x);
  };
  const eachPlace = visit => {
    for (let feature = 0, i = 0; feature < outlines.features; feature++, i += 4)
      if (boxes[i] <= boxes[i + 2])
        eachBin(boxes[i], boxes[i + 1], boxes[i + 2], boxes[i + 3], bin => visit(bin, feature));
  };
  const first = new Uint32Array(side * side + 1);
  eachPlace(bin => first[bin + 1]++);
  for (let bin = 0; bin < side * side; bin++) first[bin + 1] += first[bin];
  const held = new Uint32Array(first[side * side]),
    filled = first.slice();
  eachPlace((bin, feature) => {
    held[filled[bin]++] = feature;
  });

  const seen = new Uint32Array(outlines.features),
    found = new Uint32Array(outlines.features);
  let turn = 0;
  function within(left, top, right, bottom) {
    let count = 0;
    if (right < west || left > east || bottom < north || top > south) return found.subarray(0, 0);
    turn++;
    eachBin(left, top, right, bottom, bin => {
      for (let place = first[bin]; place < first[bin + 1]; place++) {
        const feature = held[place],
          i = feature * 4;
        if (seen[feature] === turn) continue;
        seen[feature] = turn;
        if (boxes[i] <= right && boxes[i + 2] >= left && boxes[i + 1] <= bottom && boxes[i + 3] >= top)
          found[count++] = feature;
      }
    });
    return found.subarray(0, count).sort(); // in the order of the layer: what lies above stays above
  }
  return { boxes, extent, within };
}

// the last feature drawn at a place, in pixels of the zoom of the outlines; -1 if there is none
function featureAt(outlines, grid, x, y, reach, shown) {
  const found = grid.within(x - reach, y - reach, x + reach, y + reach);
  for (let place = found.length - 1; place >= 0; place--)
    if (shown(found[place]) && covers(outlines, found[place], x, y, reach)) return found[place];
  return -1;
}

function covers(outlines, feature, x, y, reach) {
  const { firstRing, kinds } = outlines;
  let inside = false;
  for (let ring = firstRing[feature]; ring < firstRing[feature + 1]; ring++) {
    if (kinds[ring] === RING_RUN) inside = inside !== crossesOdd(outlines, ring, x, y);
    else if (distanceTo(outlines, ring, x, y) <= reach) return true;
  }
  return inside;
}

function crossesOdd({ x, y, firstCorner }, ring, px, py) {
  let odd = false;
  const first = firstCorner[ring],
    end = firstCorner[ring + 1];
  for (let i = first, last = end - 1; i < end; last = i++) {
    if (y[i] > py !== y[last] > py && px < ((x[last] - x[i]) * (py - y[i])) / (y[last] - y[i]) + x[i])
      odd = !odd;
  }
  return odd;
}

function distanceTo({ x, y, firstCorner }, ring, px, py) {
  const first = firstCorner[ring],
    end = firstCorner[ring + 1];
  let nearest = Math.hypot(x[first] - px, y[first] - py);
  for (let i = first + 1; i < end; i++) {
    const dx = x[i] - x[i - 1],
      dy = y[i] - y[i - 1],
      share = clamp(((px - x[i - 1]) * dx + (py - y[i - 1]) * dy) / (dx * dx + dy * dy || 1), 0, 1);
    nearest = Math.min(nearest, Math.hypot(x[i - 1] + share * dx - px, y[i - 1] + share * dy - py));
  }
  return nearest;
}

// --------------------------------------------------------------------------------------------- the canvas
// keeps what it has when the map is only moved, and paints the strips that came into view
const PictureLayer = L.Renderer.extend({
  initialize(paint, options) {
    L.Renderer.prototype.initialize.call(this, options);
    this.paint = paint;
  },
  _initContainer() {
    this._container = document.createElement('canvas');
    this._container.className = 'picture';
  },
  _destroyContainer() {
    this._container.remove();
    delete this._container;
    this.painted = null;
  },
  _updatePaths() {},
  repaint() {
    this.painted = null;
    if (this._map) this._update();
  },
  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    L.Renderer.prototype._update.call(this);
    const { min, max } = this._bounds,
      size = this._bounds.getSize(),
      ratio = Math.min(2, window.devicePixelRatio || 1);
    const origin = this._map.getPixelOrigin().add(min),
      now = { zoom: this._map.getZoom(), x: origin.x, y: origin.y, width: size.x, height: size.y, ratio };
    L.DomUtil.setPosition(this._container, min);
    const strips = this.kept(now) ?? this.cleared(now);
    for (const strip of strips) this.paintStrip(now, strip);
    this.painted = now;
  },
  kept(now) {
    const last = this.painted,
      same = ['zoom', 'width', 'height', 'ratio'];
    if (!last || same.some(name => last[name] !== now[name])) return null;
    const dx = now.x - last.x,
      dy = now.y - last.y;
    if (Math.abs(dx) >= now.width || Math.abs(dy) >= now.height) return null;
    if ([dx, dy].some(moved => !Number.isInteger(moved * now.ratio))) return null; // a copy would be blurred
    const context = this._container.getContext('2d');
    context.save();
    context.globalCompositeOperation = 'copy';
    context.drawImage(this._container, -dx * now.ratio, -dy * now.ratio);
    context.restore();
    const strips = [];
    if (dx) strips.push([dx > 0 ? now.width - dx : 0, 0, Math.abs(dx), now.height]);
    if (dy) strips.push([0, dy > 0 ? now.height - dy : 0, now.width, Math.abs(dy)]);
    return strips;
  },
  cleared(now) {
    Object.assign(this._container, { width: now.width * now.ratio, height: now.height * now.ratio });
    Object.assign(this._container.style, { width: `${now.width}px`, height: `${now.height}px` });
    return [[0, 0, now.width, now.height]];
  },
  paintStrip(now, [left, top, width, height]) {
    const context = this._container.getContext('2d');
    context.save();
    context.scale(now.ratio, now.ratio);
    context.beginPath();
    context.rect(left, top, width, height);
    context.clip();
    context.clearRect(left, top, width, height);
    const box = [now.x + left, now.y + top, now.x + left + width, now.y + top + height];
    this.paint(context, { ...now, box });
    context.restore();
  },
});

// paints the features of a box: dots first, then areas, lines and points, one colour after the other
function paintFeatures(context, view, { outlines, grid, lookOf, looks, line }) {
  const scale = 2 ** (view.zoom - outlines.zoom),
    margin = 8;
  const found = grid.within(...view.box.map((side, i) => (side + (i < 2 ? -margin : margin)) / scale));
  const brush = { context, view, scale, outlines, boxes: grid.boxes, line, edged: isEdged(grid, scale) };
  const dots = looks.map(() => []),
    rest = looks.map(() => []);
  for (const feature of found) (isDot(brush, feature) ? dots : rest)[lookOf(feature)]?.push(feature);
  if (dots.some(features => features.length)) paintSmall(brush, looks, dots);
  looks.forEach((look, place) => rest[place].length && paintLook(brush, look, rest[place]));
}

function isDot({ boxes, scale, outlines }, feature) {
  const i = feature * 4;
  return (
    (boxes[i + 2] - boxes[i]) * scale < DOT_PX &&
    (boxes[i + 3] - boxes[i + 1]) * scale < DOT_PX &&
    outlines.kinds[outlines.firstRing[feature]] === RING_RUN
  );
}

// areas of a few pixels, set one by one: a hundred thousand small shapes would be far slower to fill
function paintSmall({ context, view, scale, boxes }, looks, dots) {
  const { box, ratio } = view,
    [left, top, right, bottom] = box.map(side => Math.round(side * ratio)),
    width = right - left,
    height = bottom - top;
  const pixels = new Uint32Array(width * height),
    full = scale * ratio;
  dots.forEach((features, place) => {
    const colour = pixelOf(looks[place].dot);
    for (const feature of features) {
      const i = feature * 4,
        fromX = Math.round(boxes[i] * full) - left,
        fromY = Math.round(boxes[i + 1] * full) - top,
        toX = Math.min(width, Math.max(fromX + 1, Math.round(boxes[i + 2] * full) - left)),
        toY = Math.min(height, Math.max(fromY + 1, Math.round(boxes[i + 3] * full) - top));
      for (let y = Math.max(0, fromY); y < toY; y++)
        for (let x = Math.max(0, fromX); x < toX; x++) pixels[y * width + x] = colour;
    }
  });
  const image = new ImageData(new Uint8ClampedArray(pixels.buffer), width, height);
  context.putImageData(image, left - Math.round(view.x * ratio), top - Math.round(view.y * ratio));
}

// '#rrggbb' as the canvas keeps it, opaque
const pixelOf = colour =>
  new Uint32Array(
    Uint8Array.from([1, 3, 5].map(at => parseInt(colour.slice(at, at + 2), 16)).concat(255)).buffer,
  )[0];

function isEdged({ boxes, extent: [west, north, east, south] }, scale) {
  const mean = Math.sqrt(((east - west) * (south - north)) / (boxes.length / 4 || 1));
  return mean * scale > EDGES_FROM_PX;
}

function paintLook(brush, look, features) {
  const { context, outlines } = brush,
    { firstRing, kinds } = outlines,
    others = features.filter(feature => kinds[firstRing[feature]] !== RING_RUN);
  Object.assign(context, { fillStyle: look.fill, strokeStyle: look.edge, lineWidth: EDGE_PX });
  for (const feature of features) {
    if (!path(brush, feature, RING_RUN)) continue;
    context.fill('nonzero');
    if (brush.edged) context.stroke();
  }
  if (!others.length) return;
  Object.assign(context, {
    strokeStyle: look.fill,
    lineWidth: brush.line,
    lineJoin: 'round',
    lineCap: 'round',
  });
  for (const feature of others) if (path(brush, feature, LINE_RUN)) context.stroke();
  paintDots(brush, others);
}

// one path a feature: a path of many is several times slower to fill
function path(brush, feature, kind) {
  const { context, outlines } = brush,
    { firstRing, kinds } = outlines;
  let any = false;
  context.beginPath();
  for (let ring = firstRing[feature]; ring < firstRing[feature + 1]; ring++) {
    if (kinds[ring] !== kind) continue;
    trace(brush, ring);
    if (kind === RING_RUN) context.closePath();
    any = true;
  }
  return any;
}

function trace({ context, outlines, scale, view }, ring) {
  const { x, y, firstCorner } = outlines,
    first = firstCorner[ring],
    end = firstCorner[ring + 1];
  let lastX = x[first] * scale - view.x,
    lastY = y[first] * scale - view.y;
  context.moveTo(lastX, lastY);
  for (let i = first + 1; i < end; i++) {
    const toX = x[i] * scale - view.x,
      toY = y[i] * scale - view.y;
    if (Math.abs(toX - lastX) + Math.abs(toY - lastY) < MOST_PX_STEP && i < end - 1) continue;
    context.lineTo(toX, toY);
    lastX = toX;
    lastY = toY;
  }
}

function paintDots({ context, outlines, scale, view }, features) {
  const { x, y, firstRing, firstCorner, kinds } = outlines,
    radius = clamp(view.zoom - 8, 1.4, 5);
  context.beginPath();
  for (const feature of features) {
    for (let ring = firstRing[feature]; ring < firstRing[feature + 1]; ring++) {
      if (kinds[ring] !== POINT_RUN) continue;
      const px = x[firstCorner[ring]] * scale - view.x,
        py = y[firstCorner[ring]] * scale - view.y;
      context.moveTo(px + radius, py);
      context.arc(px, py, radius, 0, 2 * Math.PI);
    }
  }
  context.fill();
}
