"""Vintages of one layer, shown in turn: which layers, under which labels."""

import re
from collections.abc import Sequence

from artois_geo.errors import BadValue, UnknownName
from artois_geo.maps.records import MapLayer

FEWEST = 2
YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


def in_turn(layers: Sequence[MapLayer], names: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return the id and the label of each vintage, in the order of their names; nothing without any.

    Raises
    ------
    BadValue
        One layer alone, one named twice, or one that is not drawn.
    UnknownName
        A layer that is not on the map.
    """
    if not names:
        return ()
    by_name = {layer.name: layer for layer in layers}
    for name in names:
        if name not in by_name:
            raise UnknownName("couche", name, by_name)
        if by_name[name].style["drawn"] in {"ground", "none"}:
            raise BadValue(
                f"La couche « {name} » n'est pas dessinée sur la carte : elle n'a pas de millésimes."
            )
    if len(set(names)) < max(FEWEST, len(names)):
        raise BadValue(
            "Donner au moins deux couches, chacune une fois, de la plus ancienne à la plus récente."
        )
    vintage_layers = [by_name[name] for name in names]
    return tuple(zip((layer.id for layer in vintage_layers), _labels(vintage_layers), strict=True))


def _labels(layers: Sequence[MapLayer]) -> list[str]:
    """Return what tells the vintages apart: as their catalogue says, else the year in their names."""
    years = [(YEAR.findall(layer.name) or YEAR.findall(layer.title) or [""])[-1] for layer in layers]
    candidates = ([layer.vintage for layer in layers], years)
    apart = (labels for labels in candidates if all(labels) and len(set(labels)) == len(labels))
    return next(apart, [layer.title for layer in layers])
