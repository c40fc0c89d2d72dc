// Putting it together: language, phone sheet, keys, first view.
function refresh() {
  showLayers();
  buildList();
  tellFilters();
  writeAddress();
}

function setLanguage(lang) {
  state.lang = lang;
  document.documentElement.lang = lang;
  const [title, subtitle] = DATA.headings[lang];
  document.title = title;
  $('h1').textContent = title;
  Object.assign($('h1 + p'), { textContent: subtitle, hidden: !subtitle });
  for (const node of $$('[data-word]')) node.textContent = t(node.dataset.word);
  for (const node of $$('[data-label]')) node.setAttribute('aria-label', t(node.dataset.label));
  for (const node of $$('[data-title]')) {
    node.title = t(node.dataset.title);
    node.setAttribute('aria-label', t(node.dataset.title));
  }
  for (const button of $$('[data-lang]'))
    button.setAttribute('aria-pressed', String(button.dataset.lang === lang));
  $('#query').placeholder = t('search');
  nameMapControls();
  if (DATA.compare) nameSides();
  EXTRA.vintages?.language();
  if (isMeasuring()) tellTape();
  for (const { marker } of lineLabels.values()) marker.remove();
  lineLabels.clear(); // named again, in this language
  buildFilters();
  buildLegend();
  EXTRA.offers?.language();
  buildKeyFigures();
  credits();
  refresh();
  showCard();
}

function nameMapControls() {
  const names = {
    '.leaflet-control-zoom-in': 'zoom_in',
    '.leaflet-control-zoom-out': 'zoom_out',
    '.home-view': 'home',
  };
  for (const [selector, word] of Object.entries(names)) {
    const node = $(selector);
    if (!node) continue;
    node.title = t(word);
    node.setAttribute('aria-label', t(word));
  }
  const container = map.getContainer();
  container.setAttribute('role', 'application');
  container.setAttribute('aria-label', t('map'));
  container.setAttribute('aria-describedby', 'map-help');
}

function addControls() {
  map.attributionControl.remove();
  L.control.scale({ imperial: false, maxWidth: 140, position: OFFERS.size ? 'bottomright' : 'bottomleft' }).addTo(map);
  const house = svg(
    'svg',
    { viewBox: '0 0 20 20', class: 'icon', 'aria-hidden': 'true' },
    svg('path', { d: 'M3 9.5 10 3l7 6.5M5 8.5V17h10V8.5' }),
  );
  const button = el('a', { href: '#', role: 'button', class: 'home-view' }, house);
  L.DomEvent.disableClickPropagation(button);
  button.addEventListener('click', event => {
    event.preventDefault();
    home();
  });
  $('.leaflet-control-zoom').append(button);
}

function raiseSheet(up) {
  $('#panel').classList.toggle('up', up);
  $('#grab').setAttribute('aria-expanded', String(up));
}

function listenToSheet() {
  const grab = $('#grab');
  let from = null;
  grab.addEventListener('click', () => raiseSheet(!$('#panel').classList.contains('up')));
  grab.addEventListener(
    'touchstart',
    event => {
      from = event.touches[0].clientY;
    },
    { passive: true },
  );
  grab.addEventListener('touchend', event => {
    const moved = event.changedTouches[0].clientY - from;
    if (Math.abs(moved) < 20) return;
    raiseSheet(moved < 0);
    event.preventDefault();
  });
}

function listenToKeys() {
  document.addEventListener('keydown', event => {
    const typing =
      ['INPUT', 'TEXTAREA', 'SELECT'].includes(document.activeElement.tagName) &&
      document.activeElement.type !== 'checkbox';
    if (event.key === 'Escape' && isMeasuring()) measure(false);
    else if (event.key === 'Escape' && state.selected) closeCard();
    else if (event.key === '/' && !typing) {
      event.preventDefault();
      $('#query').focus();
    }
  });
}

function listenToAll() {
  listenToSearch();
  listenToFilters();
  listenToFull();
  listenToMeasure();
  listenToPrint();
  listenToSheet();
  listenToKeys();
  listenToBulk();
  listenToScreen();
  if (DATA.compare) listenToDivider();
  if (DATA.tour || DATA.kiosk) listenToTour();
  if (DATA.kiosk) keepVisitors();
  $('#link').addEventListener('click', copyAddress);
  $('#legend').addEventListener('toggle', placeSoon);
  for (const button of $$('[data-lang]'))
    button.addEventListener('click', () => setLanguage(button.dataset.lang));
  addEventListener('hashchange', () => !wentBack() && location.hash.includes('=') && followAddress());
  map.on('moveend', () => {
    place();
    writeAddressSoon();
  });
  EXTRA.offers?.listen();
  listenToBack();
  new ResizeObserver(() => isPrinting() || map.invalidateSize({ animate: false, pan: false })).observe(
    $('#mapwrap'),
  );
}

const AROUND_M = 100_000;

const KEY_BESIDE_REM = 36; // width of a map that the key leaves room on, whatever the size of the text
function openPanels() {
  $('#legend').open = innerWidth > 1000 && !OFFERS.size;
  if (OFFERS.size) $('#key').open = $('#mapwrap').offsetWidth > KEY_BESIDE_REM * parseFloat(getComputedStyle(document.documentElement).fontSize);
  $('#filters').open = !isPhone() && !DATA.kiosk && !OFFERS.size && !DATA.result; // on a stand the sites come first
}

// what the address says, or the whole map
function show(view) {
  if (view) map.setView(view.centre, view.zoom, { animate: false });
  else home();
  setLanguage(state.lang);
  if (!view && !state.selected) home();
  if (!view && state.selected) goTo(FEATURE.get(state.selected), false);
  writeAddress();
}

// an address pasted over the one of the open page
function followAddress() {
  const view = readAddress();
  show(view);
  openWanted();
}

// read by Leaflet at each move; the reader may change his mind while the page is open
function keepStill() {
  const still = matchMedia('(prefers-reduced-motion: reduce)'),
    usual = { zoomAnimation: map._zoomAnimated, fadeAnimation: map._fadeAnimated };
  const apply = () => {
    Object.assign(map.options, { zoomAnimation: !still.matches, fadeAnimation: !still.matches, markerZoomAnimation: !still.matches });
    map._zoomAnimated = usual.zoomAnimation && !still.matches;
    map._fadeAnimated = usual.fadeAnimation && !still.matches;
  };
  apply();
  still.addEventListener('change', apply);
}

function start() {
  const view = readAddress();
  keepStill();
  preparePanes();
  followZoom();
  addControls();
  if (DATA.compare) addDivider();
  EXTRA.vintages?.add();
  drawGround();
  drawLayers();
  const bounds = L.latLngBounds(DATA.bounds).extend(EXTRA.reach?.() ?? []); // a lone small site leaves room to look around
  map.setMinZoom(7).setMaxZoom(19);
  map.setMaxBounds(bounds.pad(3).extend(bounds.getCenter().toBounds(AROUND_M)));
  openPanels();
  show(view);
  listenToAll();
  readBulkLayers().then(tellReady);
}

const tellReady = () =>
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      document.documentElement.dataset.ready = String(Math.round(performance.now()));
    }),
  );

start();
