// A small map that shows the ground of the page instead of tiles: filled once the page has drawn its own.
L.Control.MiniMap.made = [];
L.Control.MiniMap.addInitHook(function () {
  this._layer = L.layerGroup();
  L.Control.MiniMap.made.push(this);
});
