// Layers and controls that a user added with folium: above ours, beside our legend; a ground for its small map.
EXTRA.marks = 'marks';

// a scale of colours takes the name of our legend, and a fixed width
for (const scale of $$('.leaflet-control svg#legend')) {
  scale.removeAttribute('id');
  scale.setAttribute('viewBox', `0 0 ${scale.getAttribute('width')} ${scale.getAttribute('height')}`);
}

// folium draws in the panes of Leaflet: ours go beneath, its tiles above our ground
EXTRA.beneath = () => {
  map.createPane(EXTRA.marks).style.zIndex = 590;
  const heights = { tilePane: 205, overlayPane: 595, shadowPane: 596 };
  for (const [name, height] of Object.entries(heights)) map.getPane(name).style.zIndex = height;
  tellTiles();
  map.on('layeradd layerremove', ({ layer }) => layer instanceof L.GridLayer && tellTiles());
  const tools = ['draw:draw', 'draw:edit', 'draw:delete', 'measure'];
  map.on(tools.map(tool => `${tool}start`).join(' '), () => (EXTRA.drawing = true)); // a click is its point, no card
  map.on(tools.map(tool => `${tool}stop`).join(' '), () => (EXTRA.drawing = false));
  L.Control.MiniMap?.made?.forEach(fillSmallMap);
};

// names of towns are those of the tiles
function tellTiles() {
  let tiled = state.base !== 'ground';
  map.eachLayer(layer => (tiled ||= layer instanceof L.GridLayer));
  document.body.classList.toggle('on-tiles', tiled);
}

// how far the layers of folium go, for the map may be moved there
EXTRA.reach = () => {
  const corners = [];
  map.eachLayer(layer => {
    if (layer.getLatLng) corners.push(layer.getLatLng());
    else if (layer.getBounds?.().isValid()) corners.push(layer.getBounds().getSouthWest(), layer.getBounds().getNorthEast());
  });
  return corners;
};

function fillSmallMap({ _miniMap, _layer }) {
  const { ground, groundStyle: colours } = DATA;
  const look = { interactive: false, color: colours.limit, weight: 1, fillColor: colours.land, fillOpacity: 1 };
  const shapes = [...(ground?.land ?? []), ...(ground?.limits ?? [])];
  _miniMap.getContainer().style.background = colours.outside;
  for (const shape of shapes) _layer.addLayer(L.geoJSON(shape, { ...look, fill: !/Line/.test(shape.type) }));
  if (!shapes.length)
    for (const layer of LAYERS)
      for (const feature of layer.features)
        if (feature.point)
          _layer.addLayer(L.circleMarker(latLng(feature), { ...look, radius: 2, color: layer.style.fill ?? SAMPLE.style.stroke }));
}
