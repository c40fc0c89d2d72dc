// A button that gives the map the whole screen: stands in for Leaflet.fullscreen, with its options.
const FULLSCREEN_ICON =
  '<svg class="control-icon" viewBox="0 0 20 20" aria-hidden="true"><path d="M3 8V3h5M12 3h5v5M17 12v5h-5M8 17H3v-5"/></svg>';

L.Control.FullScreen = L.Control.extend({
  options: { position: 'topleft', title: '', titleCancel: '', forceSeparateButton: false },

  onAdd(map) {
    this.holder = map.getContainer();
    const apart = this.options.forceSeparateButton || !map.zoomControl;
    const box = apart
      ? L.DomUtil.create('div', 'leaflet-bar leaflet-control')
      : map.zoomControl.getContainer();
    this.button = L.DomUtil.create('a', 'fullscreen-button', box);
    Object.assign(this.button, { href: '#', innerHTML: FULLSCREEN_ICON });
    this.button.setAttribute('role', 'button');
    L.DomEvent.disableClickPropagation(this.button);
    L.DomEvent.on(this.button, 'click', this.toggle, this);
    this.shown = () => this.name(map);
    document.addEventListener('fullscreenchange', this.shown);
    this.name();
    return apart ? box : L.DomUtil.create('div');
  },

  onRemove() {
    document.removeEventListener('fullscreenchange', this.shown);
    this.button.remove();
  },

  isOn() {
    return document.fullscreenElement === this.holder;
  },

  name(map) {
    const { title, titleCancel } = this.options;
    const name = this.isOn() ? titleCancel : title;
    this.button.title = name;
    this.button.setAttribute('aria-label', name);
    map?.invalidateSize();
  },

  toggle(event) {
    L.DomEvent.preventDefault(event);
    const asked = this.isOn() ? document.exitFullscreen() : this.holder.requestFullscreen?.();
    asked?.catch(() => {}); // refused by the browser or by the notebook: the map stays as it was
  },
});

L.control.fullscreen = options => new L.Control.FullScreen(options);
