"""The two doors to GeoJSON: on disk WGS 84 (RFC 7946), in memory Lambert-93.

GeoJSON is read with the standard ``json`` module, never through GDAL, which would
follow links named in a file and lose integers, nulls and texts on the way.
"""

import json
import os
import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import mapping, shape

from artois_geo import measure
from artois_geo.errors import BadCRS, BadTable, UnreadableFile, UnwritableFile, reason
from artois_geo.layers.catalogue import Layer
from artois_geo.layers.findings import Finding, table

DECIMALS = 7
MAX_DEPTH = 64
GEOMETRIES = frozenset(
    ["Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection"]
)
_CRS_NAME = re.compile(r"^(?:urn:ogc:def:crs:)?(?:OGC:1\.3:|OGC::?)?(CRS84|EPSG:{1,2}(?:[\d.]*:)?(\d{4,5}))$")


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
        stay integers, texts stay texts. ``attrs["members"]`` keeps the other
        members of the collection.

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
            f"{path.name} : {len(errors)} erreurs de structure, la première : {errors['message'].iloc[0]}\n"
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

    Examples
    --------
    >>> from artois_geo import layers
    >>> features, findings = parse(layers.read_catalogue()["communes"].path)
    >>> features.crs.to_epsg(), len(findings)
    (4326, 0)
    """
    document = _document(path)
    found: list[Finding] = []
    rows = list(_features(document, path, found))
    shapes = [_geometry(row, number, found) for number, row in enumerate(rows, start=1)]
    properties = [row.get("properties") or {} for row in rows]
    columns = _columns(properties)
    clash = "geometry" in columns
    frame = gpd.GeoDataFrame(
        {("geometry_" if name == "geometry" else name): values for name, values in columns.items()},
        geometry=gpd.GeoSeries(shapes, crs=_crs(document, path)),
    )
    if clash:
        found.append(
            Finding(None, "geometry", "nom réservé", "alerte", "geometry", "attribut renommé geometry_")
        )
    ids = [row.get("id") for row in rows]
    if rows and None not in ids and len(set(map(str, ids))) == len(ids):
        frame.index = pd.Index(ids, name="id")
    frame.attrs["members"] = {
        key: value for key, value in document.items() if key not in {"type", "features", "crs", "bbox"}
    }
    _check_degrees(frame, path, found)
    return frame, table(found)


def write(features: gpd.GeoDataFrame, path: Path) -> None:
    """Write a layer as RFC 7946 GeoJSON: WGS 84, longitude first, 7 decimals.

    Parameters
    ----------
    features
        EPSG:2154 or EPSG:4326. An index named ``id`` becomes the feature ids.
    path
        File to replace; it is either the whole old one or the whole new one.

    Raises
    ------
    BadCRS
        No CRS, or another one.
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
    replace(path, geojson_text(features.to_crs(measure.WGS84)).encode())


def geojson_text(features: gpd.GeoDataFrame) -> str:
    """The RFC 7946 text of features in WGS 84, one feature a line, same input same text."""
    names = [name for name in features.columns if name != features.geometry.name]
    if len(set(names)) != len(names):
        raise BadTable("Deux colonnes portent le même nom : les renommer avant d'écrire.")
    columns = [[_plain(value) for value in features[name]] for name in names]
    with_id = features.index.name == "id"
    lines = []
    for number, geometry in enumerate(features.geometry):
        feature: dict[str, Any] = {"type": "Feature"}
        if with_id:
            feature["id"] = _plain(features.index[number])
        feature["properties"] = {name: values[number] for name, values in zip(names, columns, strict=True)}
        feature["geometry"] = _coordinates(geometry)
        lines.append(_dump(feature))
    members = "".join(
        f"{_dump(key)}:{_dump(value)},\n" for key, value in features.attrs.get("members", {}).items()
    )
    return '{"type":"FeatureCollection",\n' + members + '"features":[\n' + ",\n".join(lines) + "\n]}\n"


def replace(path: Path, content: bytes) -> None:
    """Replace a file at once: a reader or a crash sees the whole old one or the whole new one."""
    try:
        with NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".tmp", delete=False) as temporary:
            try:
                temporary.write(content)
                temporary.flush()
                os.fsync(temporary.fileno())
                os.chmod(temporary.name, path.stat().st_mode & 0o777 if path.exists() else 0o644)
                os.replace(temporary.name, path)
            except BaseException:
                os.unlink(temporary.name)
                raise
    except OSError as error:
        raise UnwritableFile(f"Écriture impossible : {path} ({reason(error)}).") from error


def _document(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise UnreadableFile(f"Fichier introuvable : {path}.")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"{path.name} n'est pas du GeoJSON : texte illisible en UTF-8.") from error
    if _depth(text) > MAX_DEPTH:
        raise UnreadableFile(f"{path.name} : plus de {MAX_DEPTH} niveaux imbriqués, fichier refusé.")
    try:
        document = json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_unique_keys)
    except ValueError as error:
        raise UnreadableFile(f"{path.name} n'est pas du GeoJSON lisible : {_json_reason(error)}.") from error
    if not isinstance(document, dict) or "type" not in document:
        raise UnreadableFile(f"{path.name} est du JSON mais pas du GeoJSON : membre « type » absent.")
    return document


def _json_reason(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"erreur de syntaxe ligne {error.lineno}, colonne {error.colno}"
    return str(error)


def _depth(text: str) -> int:
    depth = deepest = 0
    for mark in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', text):
        first = mark.group()[0]
        if first in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif first in "]}":
            depth -= 1
    return deepest


def _refuse_constant(name: str) -> None:
    raise ValueError(f"« {name} » n'est pas un nombre JSON")


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"la clé « {twice} » est répétée dans un même objet")
    return found


def _features(document: dict[str, Any], path: Path, found: list[Finding]) -> Iterator[dict[str, Any]]:
    kind = document["type"]
    if kind == "FeatureCollection":
        rows = document.get("features")
        if not isinstance(rows, list):
            raise UnreadableFile(f"{path.name} : « features » n'est pas une liste.")
    elif kind == "Feature":
        rows = [document]
    elif kind in GEOMETRIES:
        rows = [{"type": "Feature", "properties": {}, "geometry": document}]
    else:
        raise UnreadableFile(f"{path.name} est du JSON mais pas du GeoJSON : type « {kind} ».")
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict) or row.get("type") != "Feature":
            found.append(
                Finding(number, "type", "structure", "erreur", row, "cet élément n'est pas un Feature")
            )
            row = {"properties": {}, "geometry": None}
        elif not isinstance(row.get("properties"), dict | None):
            message = "« properties » n'est pas un objet"
            found.append(Finding(number, "properties", "structure", "erreur", row["properties"], message))
            row = row | {"properties": {}}
        yield row


def _geometry(row: dict[str, Any], number: int, found: list[Finding]) -> shapely.Geometry | None:
    if "geometry" not in row:
        message = "membre « geometry » absent (RFC 7946, 3.2 : écrire null)"
        found.append(Finding(number, "geometry", "géométrie absente", "alerte", "", message))
        return None
    described = row["geometry"]
    if described is None:
        return None
    try:
        _check_geometry(described)
        return shape(described)
    except (ValueError, TypeError, KeyError, AttributeError, shapely.errors.ShapelyError) as error:
        message = f"géométrie illisible : {error}"
        found.append(Finding(number, "geometry", "structure", "erreur", described, message))
        return None


def _check_geometry(described: Any) -> None:
    if not isinstance(described, dict) or described.get("type") not in GEOMETRIES:
        raise ValueError("type de géométrie inconnu")
    if described["type"] == "GeometryCollection":
        for part in described["geometries"]:
            _check_geometry(part)
        return
    nesting = {
        "Point": 0,
        "MultiPoint": 1,
        "LineString": 1,
        "MultiLineString": 2,
        "Polygon": 2,
        "MultiPolygon": 3,
    }
    level = [described["coordinates"]]
    if level == [[]]:
        return
    for _ in range(nesting[described["type"]]):
        if not all(isinstance(item, list) for item in level):
            raise ValueError(f"coordonnées mal imbriquées pour {described['type']}")
        level = [inner for item in level for inner in item]
    for position in level:
        if not isinstance(position, list) or not 2 <= len(position) <= 4:
            raise ValueError("une position doit être une liste de 2 ou 3 nombres")
        if not all(isinstance(number, int | float) and not isinstance(number, bool) for number in position):
            raise ValueError(f"coordonnée qui n'est pas un nombre : {position}")


def _columns(properties: list[dict[str, Any]]) -> dict[str, pd.Series]:
    names = dict.fromkeys(name for row in properties for name in row)
    return {name: _series([row.get(name) for row in properties]) for name in names}


def _series(values: list[Any]) -> pd.Series:
    """Type a column without losing a value: nulls never turn integers into floats."""
    types = {type(value) for value in values if value is not None}
    if types == {bool}:
        return pd.Series(values, dtype="boolean")
    if types == {int} and all(value is None or -(2**63) <= value < 2**63 for value in values):
        return pd.Series(values, dtype="Int64")
    if types in ({float}, {int, float}) and all(value is None or abs(value) <= 2**53 for value in values):
        return pd.Series(values, dtype="float64")
    return pd.Series(values, dtype=object)


def _crs(document: dict[str, Any], path: Path) -> str:
    declared = document.get("crs")
    if declared is None:
        return measure.WGS84
    name = declared.get("properties", {}).get("name") if isinstance(declared, dict) else None
    matched = _CRS_NAME.match(name) if isinstance(name, str) else None
    if matched is None:
        raise BadCRS(
            f"{path.name} : système de coordonnées déclaré illisible ({name or declared}).\n"
            "L'indiquer à l'import : artois-geo couches importer … --crs EPSG:2154."
        )
    return measure.WGS84 if matched[1] == "CRS84" else f"EPSG:{matched[2]}"


def _check_degrees(frame: gpd.GeoDataFrame, path: Path, found: list[Finding]) -> None:
    if frame.crs.to_epsg() != 4326 or not frame.geometry.notna().any():
        return
    west, south, east, north = frame.total_bounds
    if max(abs(west), abs(east)) > 180 or max(abs(south), abs(north)) > 90:
        message = (
            f"coordonnées en mètres ({west:.0f}, {south:.0f}) dans un fichier annoncé en degrés (WGS 84) : "
            "l'importer avec --crs EPSG:2154 si c'est du Lambert-93"
        )
        found.append(Finding(None, "geometry", "système de coordonnées", "erreur", path.name, message))


def _coordinates(geometry: shapely.Geometry | None) -> dict[str, Any] | None:
    if geometry is None:
        return None
    rounded = shapely.transform(geometry, lambda xyz: np.round(xyz, DECIMALS) + 0.0, include_z=geometry.has_z)
    return _lists(mapping(shapely.orient_polygons(rounded)))


def _lists(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_lists(item) for item in value]
    if isinstance(value, dict):
        return {key: _lists(item) for key, item in value.items()}
    return value


def _plain(value: Any) -> Any:
    """A JSON value for a cell; what JSON cannot say is null, never a guess."""
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


def _dump(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise BadTable(f"Valeur que le GeoJSON ne sait pas écrire : {value!r}.") from error
