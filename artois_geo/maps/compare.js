// Two layers on one map: a divider shows one on its left, the other on its right.
const SIDES = DATA.compare.map(id => LAYER.get(id));
const STEPS = { ArrowLeft: -2, ArrowRight: 2, ArrowDown: -2, ArrowUp: 2, PageDown: -10, PageUp: 10 };
const ENDS = { Home: 0, End: 100 };
const SEEN_BESIDE = 8; // % of the map between the divider and a feature that it makes room for


function addDivider() {
  EXTRA.changes?.add();
  const grip = svg(
    'svg',
    { viewBox: '0 0 28 28', 'aria-hidden': 'true' },
    svg('path', { d: 'M11 8l-6 6 6 6M17 8l6 6-6 6' }),
  );
  $('#edges').after(
    ...SIDES.map((layer, place) =>
      el(
        'div',
        { class: `side side-${place}` },
        el('b', { class: 'side-name' }, layer.title, el('small', {}, layer.vintage)),
      ),
    ),
    el(
      'div',
      {
        id: 'divider',
        role: 'slider',
        tabindex: '0',
        'aria-orientation': 'horizontal',
        'aria-valuemin': '0',
        'aria-valuemax': '100',
      },
      grip,
    ),
  );
}

function nameSides() {
  const [before, after] = SIDES.map(layer => layer.title);
  EXTRA.changes?.language();
  $$('.side-name').forEach((node, place) => (node.firstChild.textContent = SIDES[place].title));
  $('#divider').setAttribute('aria-label', t('divider', { before, after }));
  clipSides();
}

// panes have no size of their own: they are cut in the pixels of the layers, which move with the map
function clipSides() {
  const { x: width, y: height } = map.getSize(),
    corner = map.containerPointToLayerPoint([0, 0]);
  const cut = Math.round((width * state.side) / 100);
  SIDES.forEach((layer, place) => {
    const [left, right] = place ? [cut, width] : [0, cut],
      [west, east, north, south] = [left + corner.x, right + corner.x, corner.y, corner.y + height];
    const clip = `polygon(${west}px ${north}px,${east}px ${north}px,${east}px ${south}px,${west}px ${south}px)`;
    for (const name of ['bulk', 'areas', 'lines', 'leads', marksPane()])
      map.getPane(paneOf(layer, name)).style.clipPath = clip;
  });
  $('#mapwrap').style.setProperty('--side', `${state.side}%`);
  $('#divider').setAttribute('aria-valuenow', state.side);
  $('#divider').setAttribute('aria-valuetext', t('divider_at', { before: SIDES[0].title, n: state.side }));
}

// the name at the right stays beside the legend and the card
function fitSides(frame) {
  const covered = `${Math.max(0, map.getSize().x - frame.right)}px`;
  $('#mapwrap').style.setProperty('--covered', covered);
}

function moveDivider(to) {
  state.side = Math.round(clamp(to, 0, 100));
  clipSides();
}

// is a place of the map on the side where a layer is cut away?
function isCut(layer, place) {
  const side = SIDES.indexOf(layer),
    share = (map.latLngToContainerPoint(place).x / map.getSize().x) * 100;
  return side >= 0 && share < state.side !== (side === 0);
}

// a feature that is chosen is seen: the divider makes room for it, once the map has come to rest
function reveal(feature, later) {
  if (!feature.point) return;
  const look = () => {
    if (!isCut(layerOf(feature), latLng(feature))) return;
    const share = (map.latLngToContainerPoint(latLng(feature)).x / map.getSize().x) * 100;
    moveDivider(share + (layerOf(feature) === SIDES[0] ? SEEN_BESIDE : -SEEN_BESIDE));
    writeAddress();
  };
  if (later) map.once('moveend', look);
  else look();
}

function listenToDivider() {
  const divider = $('#divider');
  const drag = event => {
    const box = $('#mapwrap').getBoundingClientRect();
    if (divider.hasPointerCapture(event.pointerId))
      moveDivider(((event.clientX - box.left) / box.width) * 100);
  };
  divider.addEventListener('pointerdown', event => divider.setPointerCapture(event.pointerId));
  divider.addEventListener('pointermove', drag);
  divider.addEventListener('pointerup', () => refreshSides());
  divider.addEventListener('keydown', event => {
    const to = ENDS[event.key] ?? (event.key in STEPS ? state.side + STEPS[event.key] : null);
    if (to === null) return;
    event.preventDefault();
    moveDivider(to);
    refreshSides();
  });
  map.on('move zoom moveend resize viewreset', clipSides);
}

// names stay clear of the labels of both sides
function refreshSides() {
  placeSoon();
  writeAddress();
}
