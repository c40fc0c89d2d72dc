"""Layers, descriptions and themes in the forms that a notebook has at hand, put in one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import geopandas as gpd

from artois_geo.errors import BadValue, UnknownName
from artois_geo.maps.numbers.thematic import COLOURS, Thematic

ALONE = "Couche"  # the name of a layer that nobody names


@dataclass(frozen=True)
class Description:
    """Describe a layer by a few texts: what a mapping gives, empty where it says nothing."""

    title: str = ""
    kind: str = ""
    group: str = ""
    source: str = ""
    licence: str = ""
    vintage: str = ""
    title_en: str = ""
    geometry_note: str = ""


def frames_by_name(given: object) -> dict[str, gpd.GeoDataFrame]:
    """Return layers by name: a frame alone is « Couche », those of a list are « Couche 1 », « Couche 2 »…

    A series of shapes is a layer without columns.

    Raises
    ------
    BadValue
        What is given is no frame, list of frames, or frames by name.

    Examples
    --------
    >>> from artois_geo import example
    >>> field = example.square(x_km=0, y_km=0, side_km=1)
    >>> list(frames_by_name(field)), list(frames_by_name([field, field.geometry]))
    (['Couche'], ['Couche 1', 'Couche 2'])
    """
    if isinstance(given, gpd.GeoDataFrame | gpd.GeoSeries):
        return {ALONE: _frame(given)}
    if isinstance(given, Mapping):
        return {name: _frame(frame) for name, frame in given.items()}
    if isinstance(given, Sequence) and not isinstance(given, str):
        return {f"{ALONE} {rank}": _frame(frame) for rank, frame in enumerate(given, start=1)}
    raise BadValue(
        f"Une carte se fait d'un GeoDataFrame, d'une liste ou d'un dictionnaire de couches par nom "
        f'(reçu : {type(given).__name__}).\nÉcrire par exemple maps.build({{"Sites": sites}}).'
    )


def descriptions(given: Mapping[str, Any] | None, names: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what describes each layer: records as they are, a mapping of texts as a :class:`Description`.

    Raises
    ------
    UnknownName
        A description of no layer of the map, or a text that no description has.

    Examples
    --------
    >>> descriptions({"a": {"title": "Mes sites"}}, {"a": None})["a"].title
    'Mes sites'
    """
    field_names = [field.name for field in fields(Description)]
    records: dict[str, Any] = {}
    for name, record in (given or {}).items():
        if name not in names and isinstance(record, Mapping):
            raise UnknownName("couche", name, names)
        if isinstance(record, Mapping):
            for text in record:
                if text not in field_names:
                    raise UnknownName("texte d'une couche", text, field_names)
            record = Description(**record)
        records[name] = record
    return records


def themes_by_name(given: Mapping[str, Thematic | str] | None) -> dict[str, Thematic]:
    """Return the theme of each layer; ``"pop_totale/surface_ha"`` divides a column by another.

    Raises
    ------
    BadValue
        A theme is neither a ``maps.Thematic`` nor a column.

    Examples
    --------
    >>> themes_by_name({"communes": "pop_totale/surface_ha"})["communes"].per
    'surface_ha'
    """
    return {name: _theme(name, theme) for name, theme in (given or {}).items()}


def colours_by_name(given: str | Mapping[str, str] | None, frames: Mapping[str, Any]) -> dict[str, Thematic]:
    """Return the theme of each layer that a column colours; a column alone is that of the only layer.

    Raises
    ------
    BadValue
        A column alone, and several layers.

    Examples
    --------
    >>> colours_by_name("type", {"Couche": None})["Couche"].drawn
    'couleurs'
    """
    if isinstance(given, str) and len(frames) != 1:
        raise BadValue(
            f"La carte a {len(frames)} couches : dire laquelle la colonne « {given} » colore.\n"
            f'Écrire par exemple color={{"{next(iter(frames), ALONE)}": "{given}"}}.'
        )
    columns = dict.fromkeys(frames, given) if isinstance(given, str) else dict(given or {})
    return {name: Thematic(column, drawn=COLOURS) for name, column in columns.items()}


def _theme(name: str, theme: Thematic | str) -> Thematic:
    if isinstance(theme, Thematic):
        return theme
    if isinstance(theme, str):
        column, _, per = theme.partition("/")
        return Thematic(column, per=per)
    raise BadValue(
        f"Le thème de « {name} » est un maps.Thematic ou une colonne (reçu : {type(theme).__name__}).\n"
        f'Écrire par exemple themes={{"{name}": "pop_totale/surface_ha"}}.'
    )


def _frame(layer: Any) -> Any:
    return gpd.GeoDataFrame(geometry=layer) if isinstance(layer, gpd.GeoSeries) else layer
