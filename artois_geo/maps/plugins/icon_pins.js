// Pins in the colours of folium.Icon, without its pictogram: stand in for Leaflet.awesome-markers.
const PIN_COLOURS = {
  red: '#d33d2a', darkred: '#a13336', lightred: '#ff8e7f', orange: '#f69730', beige: '#ffcb92', green: '#72af26',
  darkgreen: '#728224', lightgreen: '#bbf970', blue: '#38a9dc', darkblue: '#0066a2', lightblue: '#8adaff',
  purple: '#d152b8', darkpurple: '#5b396b', pink: '#ff91ea', cadetblue: '#436877', white: '#fbfbfb', gray: '#575757',
  lightgray: '#a3a3a3', black: '#303030',
};
L.AwesomeMarkers = {
  icon: (options = {}) =>
    L.divIcon({
      className: 'colour-pin',
      iconSize: [26, 38],
      iconAnchor: [13, 38],
      popupAnchor: [0, -34],
      html: `<svg width="26" height="38" viewBox="0 0 26 38"><path d="M13 37C9 26 1 22 1 13a12 12 0 0 1 24 0c0 9-8 13-12 24z" fill="${PIN_COLOURS[options.markerColor] ?? PIN_COLOURS.blue}" stroke="#fff"/><circle cx="13" cy="13" r="4.5" fill="#fff"/></svg>`,
    }),
};
