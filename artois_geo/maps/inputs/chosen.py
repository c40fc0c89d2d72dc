"""How the caller wants a layer drawn: its colour, what names its features, what their cards say."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from artois_geo.errors import BadValue, UnknownName
from artois_geo.maps.features import LayerFeatures
from artois_geo.maps.records import MapLayer

HEX = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")


@dataclass(frozen=True)
class Style:
    """Choose how a layer of a map is drawn; what is left empty stays as its kind asks.

    ``colour``: of its shapes, marks and lines, as ``"#c33"``. ``label``: column that names its features.
    ``fields``: columns of its card, in this order.

    Examples
    --------
    >>> from artois_geo import example, maps
    >>> site = example.square(x_km=0, y_km=0, side_km=1, code="A", note="friche")
    >>> carte = maps.build({"Sites": site}, styles={"Sites": maps.Style(colour="#c33", label="code")})
    >>> carte.page.layers[0].features.names, carte.page.layers[0].style["fill"]
    (('A',), '#c33')
    """

    colour: str = ""
    label: str = ""
    fields: Sequence[str] = ()


def restyled(layers: Sequence[MapLayer], styles: Mapping[str, Style] | None) -> list[MapLayer]:
    """Return the layers as the caller wants them drawn.

    Raises
    ------
    UnknownName
        A style for no layer of the map, a label or a field that its cards do not have.
    BadValue
        A style that is no :class:`Style`, a colour that is not written ``#rgb`` or ``#rrggbb``.
    """
    by_name = {layer.name: layer for layer in layers}
    for name, style in (styles or {}).items():
        if name not in by_name:
            raise UnknownName("couche", name, by_name)
        if not isinstance(style, Style):
            raise BadValue(
                f"Le style de « {name} » est un maps.Style (reçu : {type(style).__name__}).\n"
                f'Écrire par exemple styles={{"{name}": maps.Style(colour="#c33")}}.'
            )
        by_name[name] = _drawn(by_name[name], style)
    return [by_name[layer.name] for layer in layers]


def _drawn(layer: MapLayer, style: Style) -> MapLayer:
    features = layer.features
    for column in (*filter(None, [style.label]), *style.fields):
        if column not in features.columns:
            raise UnknownName("colonne", column, features.columns)
    if style.colour and not HEX.fullmatch(style.colour):
        raise BadValue(
            f"Couleur de « {layer.name} » : {style.colour!r} ne s'écrit pas « #c33 » ou « #cc3333 »."
        )
    colours: dict[str, Any] = {"fill": style.colour, "stroke": style.colour} if style.colour else {}
    return replace(layer, style={**layer.style, **colours}, features=_told(features, style))


def _told(features: LayerFeatures, style: Style) -> LayerFeatures:
    """Return the features with the names and the columns that were asked for."""
    if style.label:
        names = tuple(None if name is None else str(name) for name in features.columns[style.label])
        roles = {role: column for role, column in features.roles.items() if role != "name"}
        features = replace(features, names=names, roles=roles)
    if style.fields:
        features = replace(
            features,
            columns={column: features.columns[column] for column in style.fields},
            list_columns=tuple(column for column in features.list_columns if column in style.fields),
        )
    return features
