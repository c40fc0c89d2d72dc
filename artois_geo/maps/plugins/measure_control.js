// Length and area of what is clicked: stands in for leaflet-measure, on the ellipsoid, with its options of units.
const MEASURE_ICON =
  '<svg class="control-icon" viewBox="0 0 20 20" aria-hidden="true"><path d="M2 13 13 2l5 5L7 18zM6 9l2 2M9 6l2 2M12 3l2 2"/></svg>';
const MEASURE_UNITS = {
  meters: ['m', 1],
  kilometers: ['km', 1000],
  feet: ['ft', 0.3048],
  miles: ['mi', 1609.344],
  sqmeters: ['m²', 1],
  hectares: ['ha', 10000],
  acres: ['ac', 4046.8564],
  sqmiles: ['mi²', 2589988.11],
};
const MEASURE_WORDS = {
  fr: {
    name: 'Mesurer une longueur ou une surface',
    help: 'Cliquer pour placer les points, double-cliquer pour finir.',
    length: 'Longueur',
    area: 'Surface',
    again: 'Effacer',
  },
  en: {
    name: 'Measure a length or an area',
    help: 'Click to place points, double-click to end.',
    length: 'Length',
    area: 'Area',
    again: 'Clear',
  },
};

L.Control.Measure = L.Control.extend({
  options: {
    position: 'topright',
    primaryLengthUnit: 'meters',
    secondaryLengthUnit: null,
    primaryAreaUnit: 'hectares',
    secondaryAreaUnit: null,
    activeColor: '#b0125b',
  },

  onAdd(map) {
    this.map = map;
    const box = L.DomUtil.create('div', 'leaflet-bar leaflet-control measure-control');
    L.DomEvent.disableClickPropagation(box);
    this.button = L.DomUtil.create('a', '', box);
    Object.assign(this.button, { href: '#', innerHTML: MEASURE_ICON });
    this.button.setAttribute('role', 'button');
    this.panel = L.DomUtil.create('div', 'measure-result', box);
    L.DomEvent.on(this.button, 'click', event => {
      L.DomEvent.preventDefault(event);
      this.switch(!this.on);
    });
    this.line = L.polyline([], { color: this.options.activeColor, weight: 3, interactive: false });
    this.switch(false);
    return box;
  },

  onRemove() {
    this.switch(false);
  },

  words() {
    return MEASURE_WORDS[document.documentElement.lang] ?? MEASURE_WORDS.fr;
  },

  switch(on) {
    const changed = this.on !== undefined && this.on !== on;
    this.on = on;
    this.points = [];
    this.button.title = this.words().name;
    this.button.setAttribute('aria-label', this.words().name);
    this.button.setAttribute('aria-pressed', String(on));
    this.panel.hidden = !on;
    this.map.getContainer().style.cursor = on ? 'crosshair' : '';
    if (!changed) return;
    this.map.doubleClickZoom[on ? 'disable' : 'enable']();
    this.map.fire(on ? 'measurestart' : 'measurestop');
    this.map[on ? 'on' : 'off']({ click: this.add, dblclick: this.end }, this);
    if (on) this.line.addTo(this.map);
    else this.line.remove();
    this.show();
  },

  add({ latlng }) {
    if (this.ended) this.clear();
    this.points.push(latlng);
    this.show();
  },

  end() {
    const { points } = this; // the second click of a double click added its point too
    if (points.length > 1 && distance(points.at(-1), points.at(-2)) < 1e-6) points.pop();
    this.ended = true;
    this.show();
  },

  clear() {
    this.points = [];
    this.ended = false;
    this.show();
  },

  show() {
    const { points, options } = this,
      words = this.words();
    this.line.setLatLngs(this.ended && points.length > 2 ? [...points, points[0]] : points);
    const rows = points.length ? [] : [words.help];
    if (points.length > 1) {
      const length = points.slice(1).reduce((sum, place, i) => sum + distance(points[i], place), 0);
      rows.push(this.row(words.length, length, options.primaryLengthUnit, options.secondaryLengthUnit));
    }
    if (points.length > 2)
      rows.push(this.row(words.area, groundArea(points), options.primaryAreaUnit, options.secondaryAreaUnit));
    this.panel.replaceChildren(...rows.map(text => Object.assign(document.createElement('p'), { textContent: text })));
    if (!points.length) return;
    const button = Object.assign(document.createElement('button'), { type: 'button', textContent: words.again });
    button.addEventListener('click', () => this.clear());
    this.panel.append(button);
  },

  row(word, metres, ...units) {
    const written = units
      .filter(unit => unit in MEASURE_UNITS)
      .map(unit => this.amount(metres / MEASURE_UNITS[unit][1], MEASURE_UNITS[unit][0]));
    return `${word}${document.documentElement.lang === "en" ? ":" : "\u00a0:"} ${written.join(" · ")}`;
  },

  amount(value, unit) {
    const digits = value < 100 ? 2 : 0;
    const text = value.toLocaleString(document.documentElement.lang || 'fr', {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
    return `${text} ${unit}`;
  },
});

L.control.measure = options => new L.Control.Measure(options);
