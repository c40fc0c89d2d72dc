"""The two doors to GeoJSON: on disk WGS 84 (RFC 7946), in memory Lambert-93.

GeoJSON is read with the standard ``json`` module, never through GDAL, which would
follow links named in a file and lose integers, nulls and texts on the way.
"""

import json
import math
from collections.abc import Iterator
from datetime import date, datetime
from itertools import repeat
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from artois_geo import measure, suffixes
from artois_geo.errors import BadCRS, BadTable, UnreadableFile
from artois_geo.layers import geojson, geometry_text, geopackage, json_values, store
from artois_geo.layers.catalogue import Layer
from artois_geo.layers.findings import Finding, count_and_first, short, table
from artois_geo.layers.raw import frame_of

DECIMALS = 7
_BATCH = 2_000
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def read(layer: Layer | Path) -> gpd.GeoDataFrame:
    """Features of a layer, in Lambert-93.

    Parameters
    ----------
    layer
        A layer of the catalogue, or the path of a GeoJSON file in WGS 84.

    Returns
    -------
    GeoDataFrame
        EPSG:2154. One row per feature, in the order of the file; the index is
        the feature ``id`` when every feature has its own. Integers beside nulls
        stay integers, texts stay texts. ``attrs`` keeps what a table has no cell
        for, so that ``write`` gives it back: ``members`` of the collection,
        ``feature_members`` and ``absent`` properties by label.

    Raises
    ------
    UnreadableFile
        Absent, not GeoJSON, or with features that cannot be read.
    BadCRS
        Coordinates that cannot be longitudes and latitudes.

    Examples
    --------
    >>> from artois_geo import layers
    >>> communes = layers.read(layers.read_catalogue()["communes"])
    >>> len(communes), communes.crs.to_epsg()
    (150, 2154)
    """
    path = layer.path if isinstance(layer, Layer) else Path(layer)
    features, findings = parse(path)
    errors = findings[findings["level"] == "erreur"]
    if len(errors):
        raise UnreadableFile(
            f"{path.name} : {count_and_first(errors['message'])}\n"
            f"Voir toutes les erreurs avec « artois-geo couches valider {path.name} »."
        )
    return measure.to_lambert93(features)


def parse(path: Path) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Whatever a GeoJSON file holds, in its own CRS, and what is wrong with its structure.

    Parameters
    ----------
    path
        A GeoJSON file.

    Returns
    -------
    tuple
        Features (a geometry that cannot be built is null) and findings.

    Raises
    ------
    UnreadableFile
        The file is absent or is no GeoJSON at all.
    BadCRS
        A declared system that is a link, or that nobody knows.

    Examples
    --------
    >>> from artois_geo import layers
    >>> features, findings = parse(layers.read_catalogue()["communes"].path)
    >>> features.crs.to_epsg(), len(findings)
    (4326, 0)
    """
    raw = geojson.read_raw(path)
    if raw.crs_problem:
        raise BadCRS(
            f"{Path(path).name} : {raw.crs_problem}.\n"
            "L'indiquer à l'import : artois-geo couches importer … --crs EPSG:2154."
        )
    frame = frame_of(raw)
    raw.findings.extend(beyond_degrees(frame, Path(path)))
    return frame, table(raw.findings)


def write(features: gpd.GeoDataFrame, path: Path) -> None:
    """Write a layer as RFC 7946 GeoJSON: WGS 84, longitude first, 7 decimals.

    A name that ends by ``.gpkg`` gives a GeoPackage, in Lambert-93: see ``write_geopackage``.

    Parameters
    ----------
    features
        EPSG:2154 or EPSG:4326. An index named ``id`` becomes the feature ids;
        ``attrs`` as ``read`` leaves them are written back.
    path
        File to replace, ``.geojson``, ``.json`` or ``.gpkg``; it is either the whole old one or
        the whole new one.

    Raises
    ------
    BadCRS
        No CRS, or another one.
    BadValue
        The name ends otherwise.
    BadTable
        Two columns of one name, two of geometry, or a value that GeoJSON cannot hold.
    UnwritableFile
        The folder is absent or closed, the disk is full.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "carre.geojson"
    ...     write(plain.square(x_km=0, y_km=0, side_km=1, site_nom="Carré"), file)
    ...     read(file)["site_nom"].tolist()
    ['Carré']
    """
    crs = features.crs
    if crs is None or crs.to_epsg() not in {2154, 4326}:
        raise BadCRS("Une couche s'écrit depuis Lambert-93 (EPSG:2154) ou WGS 84 (EPSG:4326) seulement.")
    if suffixes.form_of(path, ["geojson", "gpkg"]) == "gpkg":
        geopackage.write_geopackage(measure.to_lambert93(features), Path(path), layer=Path(path).stem)
        return
    store.replace(path, (piece.encode() for piece in pieces(features)))


def geojson_text(features: gpd.GeoDataFrame) -> str:
    """The RFC 7946 text of features in WGS 84, one feature a line, same input same text."""
    return "".join(pieces(features))


def pieces(features: gpd.GeoDataFrame, degrees: np.ndarray | None = None) -> Iterator[str]:
    """The same text in pieces, so that a large layer is never held twice; any CRS goes out in WGS 84.

    ``degrees`` holds the shapes that are known in WGS 84 already, ``None`` for the others.
    """
    require_one_geometry(features)
    names = [name for name in features.columns if name != features.geometry.name]
    if len(set(map(str, names))) != len(names):
        raise BadTable("Deux colonnes portent le même nom : les renommer avant d'écrire.")
    members = features.attrs.get("members", {})
    _refuse_taken(members, {"type", "features", "crs", "bbox"}, "de la collection")
    yield '{"type":"FeatureCollection",\n'
    yield "".join(f"{_dump(key)}:{_dump(value)},\n" for key, value in members.items())
    yield '"features":[\n'
    others = features.attrs.get("feature_members", {})
    placed = features.crs is None or features.crs.to_epsg() == 4326
    absent = {name: set(labels) for name, labels in features.attrs.get("absent", {}).items()}
    for start in range(0, len(features), _BATCH):
        batch = features.iloc[start : start + _BATCH]
        shapes = _in_degrees(batch, placed, None if degrees is None else degrees[start : start + _BATCH])
        _refuse_beyond(shapes)
        lines = _lines(batch, shapes, names, absent, others)
        yield (",\n" if start else "") + ",\n".join(lines)
    yield "\n]}\n"


def require_one_geometry(features: gpd.GeoDataFrame) -> None:
    """Refuse a frame with more geometry columns than its active one, and say how to write it."""
    others = [str(name) for name, kind in features.dtypes.items() if str(kind) == "geometry"]
    others = [name for name in others if name != features.geometry.name]
    if others:
        raise BadTable(
            f"Une couche s'écrit avec une seule géométrie ; colonnes en trop : « {' », « '.join(others)} ».\n"
            f"Les ôter avant d'écrire : features.drop(columns={others}) ; ou garder l'une d'elles avec "
            f"features.set_geometry('{others[0]}').drop(columns=['{features.geometry.name}'])."
        )


def _refuse_beyond(shapes: np.ndarray) -> None:
    """Longitudes and latitudes that are none: a file of them is one that nobody reads."""
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
    others: dict[Any, dict[str, Any]],
) -> Iterator[str]:
    labels = batch.index.tolist()
    with_id = batch.index.name == "id"
    columns = [_members(batch[name], str(name), labels, absent.get(str(name), set())) for name in names]
    rows = zip(*columns, strict=True) if columns else repeat(())
    geometries = geometry_text.texts_of(shapes, decimals=DECIMALS)
    for label, row, geometry in zip(labels, rows, geometries, strict=bool(columns)):
        more = others.get(label, {})
        _refuse_taken(
            more, {"type", "properties", "geometry", "bbox"} | ({"id"} if with_id else set()), "d'un objet"
        )
        marked = f'"id":{_dump(json_value(label))},' if with_id else ""
        if "id" in more:
            marked, more = f'"id":{_dump(more["id"])},', {key: more[key] for key in more if key != "id"}
        properties = ",".join(filter(None, row))
        tail = "}" if not more else "," + _dump(more)[1:]
        yield f'{{"type":"Feature",{marked}"properties":{{{properties}}},"geometry":{geometry}{tail}'


def _refuse_taken(members: dict[str, Any], taken: set[str], of: str) -> None:
    """A key written twice in one object is one that nobody reads."""
    twice = sorted(taken & set(members))
    if twice:
        raise BadTable(f"Le membre « {twice[0]} » {of} est déjà celui du GeoJSON : le renommer.")


def _members(column: pd.Series, name: str, labels: list[Any], absent: set[Any]) -> list[str]:
    """The member that each feature has for a column; empty where it lacks the property."""
    key = _dump(name)
    where = f"colonne « {name} »"
    texts = [f"{key}:{_dump(json_value(value), where)}" for value in column]
    if absent:
        null = f"{key}:null"
        texts = [
            "" if text == null and label in absent else text
            for text, label in zip(texts, labels, strict=True)
        ]
    return texts


def _in_degrees(batch: gpd.GeoDataFrame, placed: bool, known: np.ndarray | None) -> np.ndarray:
    if placed:
        return batch.geometry.to_numpy()
    if known is None:
        return batch.geometry.to_crs(measure.WGS84).to_numpy()
    shapes, left = known.copy(), shapely.is_missing(known)
    shapes[left] = batch.geometry[left].to_crs(measure.WGS84).to_numpy()
    rounded = shapely.set_precision(shapes[left], 10.0**-DECIMALS, mode="pointwise")
    broken = np.flatnonzero(left)[shapely.is_valid(shapes[left]) & ~shapely.is_valid(rounded)]
    # a repaired outline that touches itself may cross itself once it is rounded
    shapes[broken] = shapely.set_precision(shapes[broken], 10.0**-DECIMALS)
    return shapes


def replace(path: Path, content: bytes) -> None:
    """Replace a file at once: a reader or a crash sees the whole old one or the whole new one."""
    store.replace(path, content)


def beyond_degrees(frame: gpd.GeoDataFrame, path: Path) -> Iterator[Finding]:
    if frame.crs is None or frame.crs.to_epsg() != 4326:
        return
    west, south, east, north = frame.total_bounds  # NaN, which is never beyond, where nothing is drawn
    if max(abs(west), abs(east)) > 180 or max(abs(south), abs(north)) > 90:
        message = (
            f"coordonnées en mètres ({west:.0f}, {south:.0f}) dans un fichier annoncé en degrés (WGS 84) : "
            "l'importer avec --crs EPSG:2154 si c'est du Lambert-93"
        )
        yield Finding(None, "geometry", "système de coordonnées", "erreur", path.name, message)


def json_value(value: Any) -> Any:
    """The plain value of a cell, dates as ISO texts; what is missing (null, NaN) is ``None``."""
    if type(value) in _PLAIN:  # nearly all of them
        return value
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return None if math.isnan(value) else value
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


def _dump(value: Any, where: str = "") -> str:
    """The JSON text of a value, which reads back as it; ``where`` names it in a message."""
    if value is None or value is True or value is False:
        return _WORDS[value]
    if type(value) is int or (type(value) is float and math.isfinite(value)):
        try:
            return repr(value)  # as the encoder does, at once
        except ValueError as error:
            raise BadTable(f"{where or 'Un nombre'} : plus de 4 300 chiffres.") from error
    if type(value) is str and not json_values.is_broken(value):
        return json.encoder.encode_basestring(value)
    reason = json_values.fault(value)
    if reason:
        shown = f" ({short(value)})" if not isinstance(value, str) else ""
        raise BadTable(f"Valeur que le GeoJSON ne sait pas écrire{where and f', {where}'} : {reason}{shown}.")
    return _ENCODER.encode(value)


_PLAIN = frozenset({str, int, bool})
_WORDS = {None: "null", True: "true", False: "false"}
