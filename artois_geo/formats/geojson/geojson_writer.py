"""The two doors to GeoJSON: on disk WGS 84 (RFC 7946), in memory Lambert-93.

GeoJSON is read with the standard ``json`` module, never through GDAL, which would
follow links named in a file and lose integers, nulls and texts on the way.
"""

import json
import math
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import repeat
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from artois_geo import meaning, measure
from artois_geo.errors import BadCRS, BadTable
from artois_geo.formats.findings import short
from artois_geo.formats.geojson import geometry_text, json_values

DECIMALS = 7
_BATCH = 2_000
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def geojson_text(features: gpd.GeoDataFrame) -> str:
    """Return the RFC 7946 text of features in WGS 84, one feature a line, same input same text.

    Examples
    --------
    >>> from artois_geo.formats import geojson_text
    >>> from artois_geo import example
    >>> print(geojson_text(example.point(x_km=0, y_km=0).to_crs(4326)[["geometry"]].iloc[:0]))
    {"type":"FeatureCollection",
    "features":[
    <BLANKLINE>
    ]}
    <BLANKLINE>
    """
    return "".join(pieces(features))


def pieces(features: gpd.GeoDataFrame, degrees: np.ndarray | None = None) -> Iterator[str]:
    """Yield the same text in pieces, so that a large layer is never held twice; any CRS goes out in WGS 84.

    ``degrees`` holds the shapes that are known in WGS 84 already, ``None`` for the others.
    """
    return pieces_of([(features, degrees)])


def pieces_of(frames: Iterable[tuple[gpd.GeoDataFrame, np.ndarray | None]]) -> Iterator[str]:
    """Yield the text of one collection from frames that come one after the other, each as :func:`pieces`.

    The members of the collection are those of the first; a frame is let go before the next is asked for.
    """
    separator = None
    for features, degrees in frames:
        require_one_geometry(features)
        names = [name for name in features.columns if name != features.geometry.name]
        if len(set(map(str, names))) != len(names):
            raise BadTable("Deux colonnes portent le même nom : les renommer avant d'écrire.")
        if separator is None:
            yield from _head(features)
            separator = ""
        for start in range(0, len(features), _BATCH):
            end = start + _BATCH
            part_degrees = None if degrees is None else degrees[start:end]
            yield separator + ",\n".join(_texts(features, slice(start, end), names, part_degrees))
            separator = ",\n"
        del features, degrees
    yield "\n]}\n"


def _head(features: gpd.GeoDataFrame) -> Iterator[str]:
    """Write what stands before the features of a collection."""
    members = features.attrs.get("members", {})
    _refuse_reserved(members, {"type", "features", "crs", "bbox"}, "de la collection")
    yield '{"type":"FeatureCollection",\n'
    yield "".join(f"{_dump(key)}:{_dump(value)},\n" for key, value in members.items())
    yield '"features":[\n'


def _texts(
    features: gpd.GeoDataFrame, rows: slice, names: list[Any], degrees: np.ndarray | None
) -> Iterator[str]:
    """Yield the text of some features of a frame."""
    in_degrees = features.crs is None or features.crs.to_epsg() == 4326
    absent = {name: set(labels) for name, labels in features.attrs.get("absent", {}).items()}
    batch = features.iloc[rows]
    shapes = _in_degrees(batch, in_degrees, degrees)
    _refuse_beyond(shapes)
    return _lines(batch, shapes, names, absent, features.attrs.get("feature_members", {}))


def require_one_geometry(features: gpd.GeoDataFrame) -> None:
    """Refuse a frame with more geometry columns than its active one, and say how to write it."""
    surplus = [str(name) for name, kind in features.dtypes.items() if str(kind) == "geometry"]
    surplus = [name for name in surplus if name != features.geometry.name]
    if surplus:
        raise BadTable(
            "Une couche s'écrit avec une seule géométrie ;"
            f" colonnes en trop : « {' », « '.join(surplus)} ».\n"
            f"Les ôter avant d'écrire : features.drop(columns={surplus}) ; ou garder l'une d'elles avec "
            f"features.set_geometry('{surplus[0]}').drop(columns=['{features.geometry.name}'])."
        )


def _refuse_beyond(shapes: np.ndarray) -> None:
    """Refuse longitudes and latitudes that are none: a file of them is one that nobody reads."""
    west, south, east, north = np.round(shapely.total_bounds(shapes), DECIMALS)
    if max(-west, east) > 180 or max(-south, north) > 90:
        raise BadCRS(
            f"Coordonnées hors du globe ({west:.0f}, {south:.0f}, {east:.0f}, {north:.0f}) :"
            " ce ne sont pas des longitudes et des latitudes."
        )


def _lines(
    batch: gpd.GeoDataFrame,
    shapes: np.ndarray,
    names: list[Any],
    absent: dict[str, set[Any]],
    feature_members: dict[Any, dict[str, Any]],
) -> Iterator[str]:
    """Yield the text of each feature of a batch."""
    labels = batch.index.tolist()
    with_id = batch.index.name == "id"
    columns = [_members(batch[name], str(name), labels, absent.get(str(name), set())) for name in names]
    rows = zip(*columns, strict=True) if columns else repeat(())
    geometries = geometry_text.texts_of(shapes, decimals=DECIMALS)
    for label, row, geometry in zip(labels, rows, geometries, strict=bool(columns)):
        extra_members = feature_members.get(label, {})
        _refuse_reserved(
            extra_members,
            {"type", "properties", "geometry", "bbox"} | ({"id"} if with_id else set()),
            "d'un objet",
        )
        identifier_text = f'"id":{_dump(json_value(label))},' if with_id else ""
        if "id" in extra_members:
            identifier_text, extra_members = (
                f'"id":{_dump(extra_members["id"])},',
                {key: extra_members[key] for key in extra_members if key != "id"},
            )
        properties = ",".join(filter(None, row))
        tail = "}" if not extra_members else "," + _dump(extra_members)[1:]
        yield f'{{"type":"Feature",{identifier_text}"properties":{{{properties}}},"geometry":{geometry}{tail}'


def _refuse_reserved(members: dict[str, Any], reserved: set[str], owner: str) -> None:
    """Refuse a key written twice in one object: nobody reads it."""
    repeated = sorted(reserved & set(members))
    if repeated:
        raise BadTable(f"Le membre « {repeated[0]} » {owner} est déjà celui du GeoJSON : le renommer.")


def _members(column: pd.Series, name: str, labels: list[Any], absent: set[Any]) -> list[str]:
    """Write the member that each feature has for a column; empty where it lacks the property."""
    key = _dump(name)
    location = f"colonne « {name} »"
    texts = [f"{key}:{_dump(json_value(value), location)}" for value in column]
    if absent:
        null = f"{key}:null"
        texts = [
            "" if text == null and label in absent else text
            for text, label in zip(texts, labels, strict=True)
        ]
    return texts


def _in_degrees(batch: gpd.GeoDataFrame, in_degrees: bool, given_degrees: np.ndarray | None) -> np.ndarray:
    if in_degrees:
        return batch.geometry.to_numpy()
    if given_degrees is None:
        return batch.geometry.to_crs(measure.WGS84).to_numpy()
    shapes, unknown = given_degrees.copy(), shapely.is_missing(given_degrees)
    shapes[unknown] = batch.geometry[unknown].to_crs(measure.WGS84).to_numpy()
    rounded = shapely.set_precision(shapes[unknown], 10.0**-DECIMALS, mode="pointwise")
    broken = np.flatnonzero(unknown)[shapely.is_valid(shapes[unknown]) & ~shapely.is_valid(rounded)]
    # a repaired outline that touches itself may cross itself once it is rounded
    shapes[broken] = shapely.set_precision(shapes[broken], 10.0**-DECIMALS)
    return shapes


def json_value(value: Any) -> Any:
    """Return the plain value of a cell, dates as ISO texts; what is missing (null, NaN) is ``None``."""
    if type(value) in _PLAIN:  # nearly all of them
        return value
    if meaning.is_null(value):
        return None
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


def _dump(value: Any, location: str = "") -> str:
    """Write the JSON text of a value, which reads back as it; ``location`` names it in a message."""
    if value is None or value is True or value is False:
        return _WORDS[value]
    if type(value) is int or (type(value) is float and math.isfinite(value)):
        try:
            return repr(value)  # as the encoder does, at once
        except ValueError as error:
            raise BadTable(f"{location or 'Un nombre'} : plus de 4 300 chiffres.") from error
    if type(value) is str and not json_values.is_broken(value):
        return json.encoder.encode_basestring(value)
    reason = json_values.fault(value)
    if reason:
        excerpt = f" ({short(value)})" if not isinstance(value, str) else ""
        raise BadTable(
            f"Valeur que le GeoJSON ne sait pas écrire{location and f', {location}'} : {reason}{excerpt}."
        )
    return _ENCODER.encode(value)


_PLAIN = frozenset({str, int, bool})
_WORDS = {None: "null", True: "true", False: "false"}
