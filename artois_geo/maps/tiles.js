// A background whose tiles travel in the page: read from its own data, enlarged beyond their last zoom.
const TILES = JSON.parse($('#tiles').textContent);

const EmbeddedLayer = L.GridLayer.extend({
  createTile({ x, y, z }) {
    const found = own(TILES.at, `${z}/${x}/${y}`);
    return found === undefined ? el('div') : el('img', { alt: '', src: TILES.images[found] });
  },
});

EXTRA.tiles = () => {
  const [minNativeZoom, maxNativeZoom] = DATA.embedded.zooms;
  return new EmbeddedLayer({ minNativeZoom, maxNativeZoom, maxZoom: 19, className: 'embedded-tiles' });
};
