// A page on a stand: it goes back to its start when nobody touches it, and no link leads away from it.
const SIGNS_OF_LIFE = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchmove'];
const WAYS_OUT = ['contextmenu', 'dragstart', 'dragover', 'drop', 'auxclick'];
let patience = null;

function beginPatience() {
  clearTimeout(patience);
  if (!isAsleep()) patience = setTimeout(rest, DATA.kiosk.idle * 1000);
}

// the whole map first, then the sites, and again
function rest() {
  backToStart();
  sleep(DATA.tour?.step ?? 0);
}

function backToStart() {
  if (isMeasuring()) measure(false);
  clearFilters();
  state.off = offAtFirst();
  Object.assign(state, { selected: null, side: 50, shortlist: new Set() });
  document.querySelector('#compare')?.close();
  if (state.base !== 'ground') setBase('ground');
  opened.clear();
  for (const id of openAtFirst()) opened.add(id);
  $('#query').value = '';
  answers = [];
  showAnswers(false);
  raiseSheet(false);
  tellAll(false);
  openPanels();
  setLanguage(DATA.lang);
  for (const box of $$('.scroll, #legend, #legend-body')) box.scrollTop = 0;
  home();
}

function keepVisitors() {
  const stop = event => event.preventDefault();
  for (const type of WAYS_OUT) document.addEventListener(type, stop, true);
  document.addEventListener(
    'click',
    event => {
      if (event.target.closest('a:not([href^="#"])')) stop(event);
    },
    true,
  );
  document.addEventListener('keydown', event => isShortcut(event) && stop(event), true);
  for (const type of SIGNS_OF_LIFE) addEventListener(type, beginPatience, { passive: true, capture: true });
  beginPatience();
}

// shortcuts of the browser: print, save, open, back; not those that enlarge the text
const isShortcut = event =>
  (event.ctrlKey || event.metaKey || event.altKey) &&
  !event.getModifierState('AltGraph') &&
  !['+', '-', '=', '0'].includes(event.key);

// in place of a link: the address, and a code for a telephone
function addressText(href, children) {
  const told = children.flat(3).filter(child => typeof child === 'string').join(''),
    code = own(DATA.kiosk.codes, href) ?? own(DATA.kiosk.codes, told.replace(/[).,;]+$/, ''));
  const isAddress = /^(https?|mailto|tel):/i.test(told);
  const address = isAddress ? null : ` (${href.replace(/^(mailto|tel):/, '')})`;
  return el('span', { class: 'address' }, ...children, address, code ? codeDrawing(code) : null);
}

function codeDrawing(code) {
  const [side, text] = code.split(':'),
    bits = bytesOf(text),
    size = Number(side);
  let path = '';
  for (let i = 0; i < size * size; i++)
    if (bits[i >> 3] & (128 >> (i & 7))) path += `M${i % size} ${Math.floor(i / size)}h1v1h-1z`;
  return svg(
    'svg',
    { viewBox: `-2 -2 ${size + 4} ${size + 4}`, class: 'code', 'aria-hidden': 'true' },
    svg('path', { d: path }),
  );
}
