// Building blocks. Every text of a layer goes through textContent or setAttribute: no innerHTML in our files.
const EXTRA = {}; // what scripts add that are inlined only in pages that need them
const SVG = 'http://www.w3.org/2000/svg';
const $ = selector => document.querySelector(selector);
const $$ = selector => [...document.querySelectorAll(selector)];

function el(tag, attributes = {}, ...children) {
  if (tag === 'a' && DATA.kiosk && !attributes.href.startsWith('#'))
    return addressText(attributes.href, children);
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'on') for (const [event, run] of Object.entries(value)) node.addEventListener(event, run);
    else if (name === 'vars')
      for (const [key, own] of Object.entries(value)) node.style.setProperty(key, own);
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.flat(3).filter(child => child !== null && child !== undefined && child !== false));
  return node;
}

function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children.flat().filter(Boolean));
  return node;
}

// the same folding as style.fold in Python: small letters, no accent, ligature or punctuation
function fold(text) {
  const plain = text
    .toLowerCase()
    .replace(/œ/g, 'oe')
    .replace(/æ/g, 'ae')
    .normalize('NFD')
    .replace(/\p{M}/gu, '');
  return plain
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    .replace(/\bste?\b/g, word => (word === 'st' ? 'saint' : 'sainte'));
}

const isPhone = () => innerWidth <= 760;
const moves = () => !matchMedia('(prefers-reduced-motion: reduce)').matches;
const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

// only http and https addresses become links, and they are parsed, not matched
function webAddress(text) {
  try {
    const url = new URL(text);
    return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : null;
  } catch {
    return null;
  }
}

// a text whose addresses are links
function linked(text) {
  return text.split(/([\s]+|[;,]\s)/).map(part => {
    const address = /^https?:/i.test(part) ? webAddress(part.replace(/[).,;]+$/, '')) : null;
    return address ? el('a', { href: address, target: '_blank', rel: 'noopener noreferrer' }, part) : part;
  });
}

function toast(text) {
  const box = $('#toast');
  box.textContent = text;
  box.classList.add('on');
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => box.classList.remove('on'), 2400);
}
