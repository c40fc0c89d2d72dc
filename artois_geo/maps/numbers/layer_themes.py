"""Which columns of the layers of a map are coloured: what is asked, then what their codes say."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import geopandas as gpd

from artois_geo.errors import BadValue
from artois_geo.kinds.publication import private_columns
from artois_geo.maps import style
from artois_geo.maps.inputs import column_labels
from artois_geo.maps.numbers import colours, thematic
from artois_geo.maps.numbers.thematic import Thematic, Themed
from artois_geo.maps.outlines import compact


def themed_layers(
    frames: Mapping[str, gpd.GeoDataFrame],
    kinds: Mapping[str, str],
    styles: Mapping[str, style.Style],
    themes: Mapping[str, Thematic],
    together: Sequence[str],
) -> dict[str, Themed]:
    """Classify the columns that are mapped: those requested, the codes of a nomenclature, those compared."""
    labels, private = {}, {}
    themes_by_layer = dict(themes)
    for name in frames:
        if name not in themes_by_layer and (usual := colours.usual(styles[name], frames[name])):
            themes_by_layer[name] = usual
    themes_by_layer |= _compared_column(frames, styles, themes_by_layer, together)
    for name, theme in themes_by_layer.items():
        # the codes of a layer say what its columns are called where nobody says its kind
        look = style.drawn_like(kinds[name], frames[name].columns)
        labels[name] = column_labels.labels((theme.column, theme.per), look)
        private[name] = private_columns(column_labels.fields(kinds[name]))
    coloured = [name for name, theme in themes_by_layer.items() if theme.drawn == thematic.COLOURS]
    groups = [[name for name in together if name in coloured]]
    groups += [[name] for name in coloured if name not in groups[0]]
    themed = {
        name: _numbers(frames[name], theme, name, labels=labels[name], private=private[name])
        for name, theme in themes_by_layer.items()
        if theme.drawn != thematic.COLOURS
    }
    for group in filter(None, groups):
        group_themes = {name: themes_by_layer[name] for name in group}
        themed |= colours.apply(frames, group_themes, labels=labels, private=private)
    return themed


def _compared_column(
    frames: Mapping[str, gpd.GeoDataFrame],
    styles: Mapping[str, style.Style],
    themes: Mapping[str, Thematic],
    together: Sequence[str],
) -> dict[str, Thematic]:
    """Return how surfaces shown together are coloured where nobody says: by a column of them all."""
    plain = all(styles[name]["drawn"] == "shapes" and name not in themes for name in together)
    theme = colours.common([frames[name] for name in together]) if together and plain else None
    return {} if theme is None else dict.fromkeys(together, theme)


def _numbers(
    frame: gpd.GeoDataFrame,
    theme: Thematic,
    name: str,
    *,
    labels: Mapping[str, dict[str, Any]],
    private: Collection[str],
) -> Themed:
    if theme.drawn == thematic.CIRCLES and len(frame) > compact.BULK_FROM:
        raise BadValue(
            f"La couche « {name} » a {len(frame)} objets : au-delà de {compact.BULK_FROM}, des cercles se "
            "couvrent tous.\nLes additionner par commune ou par EPCI, ou dessiner un rapport en "
            f"{thematic.SHADES}."
        )
    return thematic.apply(frame, theme, layer=name, labels=labels, private=private)
