// Leaflet.draw in French, unless the page is in English.
if (document.documentElement.lang !== 'en') {
  const cancel = { title: 'Abandonner le tracé', text: 'Abandonner' };
  const kept = { start: 'Cliquer et glisser pour tracer.' };
  const { draw, edit } = L.drawLocal;
  Object.assign(draw.toolbar, {
    actions: cancel,
    finish: { title: 'Finir le tracé', text: 'Finir' },
    undo: { title: 'Retirer le dernier point', text: 'Retirer le dernier point' },
    buttons: {
      polyline: 'Tracer une ligne',
      polygon: 'Tracer un polygone',
      rectangle: 'Tracer un rectangle',
      circle: 'Tracer un cercle',
      marker: 'Placer un repère',
      circlemarker: 'Placer un point',
    },
  });
  const steps = {
    start: 'Cliquer pour commencer.',
    cont: 'Cliquer pour continuer.',
    end: 'Cliquer sur le dernier point pour finir.',
  };
  draw.handlers.polyline = { error: '<strong>Erreur :</strong> les bords ne peuvent pas se croiser.', tooltip: steps };
  draw.handlers.polygon.tooltip = { ...steps, end: 'Cliquer sur le premier point pour fermer.' };
  draw.handlers.rectangle.tooltip = kept;
  draw.handlers.circle = { tooltip: kept, radius: 'Rayon' };
  draw.handlers.simpleshape.tooltip.end = 'Relâcher pour finir.';
  draw.handlers.marker.tooltip.start = 'Cliquer pour placer le repère.';
  draw.handlers.circlemarker.tooltip.start = 'Cliquer pour placer le point.';
  Object.assign(edit.toolbar, {
    actions: {
      save: { title: 'Enregistrer les changements', text: 'Enregistrer' },
      cancel: { title: 'Abandonner les changements', text: 'Abandonner' },
      clearAll: { title: 'Tout effacer', text: 'Tout effacer' },
    },
    buttons: {
      edit: 'Modifier les tracés',
      editDisabled: 'Aucun tracé à modifier',
      remove: 'Effacer des tracés',
      removeDisabled: 'Aucun tracé à effacer',
    },
  });
  edit.handlers.edit.tooltip = { text: 'Glisser les poignées pour modifier.', subtext: 'Abandonner défait les changements.' };
  edit.handlers.remove.tooltip.text = 'Cliquer sur ce qui doit être effacé.';
}
