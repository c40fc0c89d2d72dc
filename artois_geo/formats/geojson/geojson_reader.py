"""GeoJSON read feature by feature with the standard ``json``: nothing lost, no link followed."""

import codecs
import json
import re
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

from artois_geo import measure
from artois_geo.errors import BadCRS, UnreadableFile
from artois_geo.formats.findings import Finding, count_and_first, table
from artois_geo.formats.geojson import fast_geojson, geometry_text, json_scan
from artois_geo.formats.geojson.feature_shapes import Shapes
from artois_geo.formats.geojson.json_scan import MAX_DEPTH, Scan, too_deep
from artois_geo.formats.raw_table import Columns, RawTable, frame_of, free_reserved_name

OWN_MEMBERS = {"name", "xy_coordinate_resolution", "crs", "bbox", "type", "features"}
_CODES = (  # spellings of one system: the code alone, as a urn, or as a URI that nobody needs to follow
    re.compile(r"(?:urn:(?:x-)?ogc:def:crs:)?EPSG:{1,2}(?:[\d.]*:)?(\d{1,6})", re.IGNORECASE),
    re.compile(r"https?://(?:www\.)?opengis\.net/def/crs/EPSG/[\d.]+/(\d{1,6})", re.IGNORECASE),
    re.compile(r"https?://(?:www\.)?opengis\.net/gml/srs/epsg\.xml#(\d{1,6})", re.IGNORECASE),
    re.compile(r"https?://spatialreference\.org/ref/epsg/(\d{1,6})/?", re.IGNORECASE),
    re.compile(r"(\d{4,6})"),
)
_DEGREES = re.compile(
    r"(?:urn:(?:x-)?ogc:def:crs:)?(?:OGC:(?:[\d.]*:)?)?CRS:?84|"
    r"https?://(?:www\.)?opengis\.net/def/crs/OGC/[\d.]+/CRS84",
    re.IGNORECASE,
)
_NAMED = re.compile(r"[\w :/().’'-]{3,80}")  # no path, no parameter: what PROJ looks up by name or authority


def read_raw(path: Path, *, encoding: str = "utf-8") -> RawTable:
    """Everything that a GeoJSON (or GeoJSON-seq) file holds, and what is wrong with its structure.

    Raises
    ------
    UnreadableFile
        Absent, not JSON, not GeoJSON, nested too deep, one feature too large.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "quais.geojson"
    ...     _ = file.write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    ...     raw = read_raw(file)
    >>> raw.columns, len(raw)
    ({}, 0)
    """
    if encoding.lower() in _UTF_8:
        try:
            with fast_geojson.without_collector():
                return _read(path, encoding, thin=True)
        except (UnreadableFile, fast_geojson.Unusual):
            pass  # the slow reader says exactly what is wrong, and where
    return _read(path, encoding, thin=False)


def _read(path: Path, encoding: str, *, thin: bool) -> RawTable:
    members: dict[str, Any] = {}
    columns, ids = Columns(), []
    raw = RawTable()
    shapes = Shapes(raw.findings)
    places, apart = array("q"), array("q")
    found = features(path, encoding=encoding, members=members, thin=shapes if thin else None, places=places)
    for number, feature in enumerate(found, start=1):
        feature = _checked(feature, number, raw.findings)
        properties = feature.get("properties") or {}
        for value in properties.values():
            if isinstance(value, list | dict) and _depth(value) > MAX_DEPTH:
                raise UnreadableFile(too_deep(path))
        columns.add(properties)
        shapes.add(feature, number)
        apart.append(shapes.apart)
        ids.append(feature.get("id"))
        if len(feature) > 3:
            others = {key: value for key, value in feature.items() if key not in _FEATURE}
            if others:
                raw.feature_members[number - 1] = others
    raw.columns = columns.ordered()
    raw.shapes = shapes.built()
    raw.places = _places(places, apart) if thin else None
    raw.findings.sort(key=lambda one: one.feature or 0)
    raw.crs, raw.crs_problem = _crs(members.get("crs"))
    raw.members = {key: value for key, value in members.items() if key not in {"crs", "bbox", "type"}}
    _keep_ids(ids, raw)
    _say_members(raw)
    free_reserved_name(raw)
    return raw


def _places(thin: "array[int]", apart: "array[int]") -> np.ndarray | None:
    """Where each feature begins and ends in the file: in the thinned text, and the bytes set apart so far."""
    if len(thin) != 2 * len(apart):
        return None
    passed = np.r_[0, apart]
    return np.array(thin).reshape(-1, 2) + np.column_stack([passed[:-1], passed[1:]])


_FEATURE = {"type", "properties", "geometry", "id", "bbox"}
_UTF_8 = {"utf-8", "utf8", "utf-8-sig"}


def features(
    path: Path,
    *,
    encoding: str = "utf-8",
    members: dict[str, Any] | None = None,
    texts: bool = False,
    thin: Shapes | None = None,
    places: "array[int] | None" = None,
) -> Iterator[Any]:
    """The features of a file one by one; ``members`` receives what else the collection holds.

    With ``texts`` each item is the text of the feature, as the file wrote it. ``places`` receives
    the first byte of each in what was read, and the one after its last.
    """
    path = Path(path)
    if not path.is_file():
        raise UnreadableFile(f"Fichier introuvable : {path}.")
    held: dict[str, Any] = {} if members is None else members
    with path.open("rb") as file:
        stream: Any = file
        if thin is not None:
            stream = thin.thin(file, size=path.stat().st_size, largest=json_scan.MAX_FEATURE_MIB << 20)
        scan = Scan(stream, path, encoding, places)
        scan.place = len(codecs.BOM_UTF8) if file.peek(3).startswith(codecs.BOM_UTF8) else 0
        first = scan.peek(separator=True)  # a text sequence (RFC 8142) begins with its separator
        if first == "":
            raise UnreadableFile(f"{path.name} est vide (0 octet utile) : téléchargement à refaire ?")
        if first != "{":
            scan.value()  # tells a syntax error from JSON of another kind
            raise UnreadableFile(f"{path.name} est du JSON mais pas du GeoJSON : membre « type » absent.")
        yield from _document(scan, held, texts)


def _document(scan: Scan, members: dict[str, Any], texts: bool) -> Iterator[Any]:
    """A collection streams; a lone Feature or geometry, or one per line, is read whole."""
    start = scan.mark()
    seen: list[str] = []
    listed = False
    for name in scan.members():
        if name in seen:
            raise scan.refuse(f"la clé « {name} » est répétée dans un même objet")
        seen.append(name)
        if name == "features" and scan.peek() == "[":
            listed = True
            yield from scan.items(texts)
        else:
            value = scan.value()
            members[name] = value[0] if name != "features" else None
            if name == "type" and value[0] in ("Feature", *geometry_text.TYPES) and not listed:
                scan.rewind(start)
                members.clear()
                yield from _sequence(scan, texts)
                return
    if not listed:
        lone = _lone(members)
        if lone is None:
            raise UnreadableFile(_not_geojson(scan.path, members, seen))
        members.clear()
        yield json.dumps(lone, ensure_ascii=False) if texts else lone
        return
    if members.get("type") != "FeatureCollection":
        raise UnreadableFile(_not_geojson(scan.path, members, seen))
    if scan.peek(separator=True) != "":
        raise scan.refuse("texte après la fin de la collection")


def _lone(members: dict[str, Any]) -> dict[str, Any] | None:
    if members.get("type") == "Feature":
        return dict(members)
    if members.get("type") in geometry_text.TYPES:
        return {"type": "Feature", "properties": {}, "geometry": dict(members)}
    return None


def _sequence(scan: Scan, texts: bool) -> Iterator[Any]:
    while scan.peek(separator=True) != "":
        value, text = scan.element()
        if isinstance(value, dict) and value.get("type") in geometry_text.TYPES:
            value = {"type": "Feature", "properties": {}, "geometry": value}
        yield text if texts else value


def _not_geojson(path: Path, members: dict[str, Any], seen: list[str]) -> str:
    if "type" not in members:
        return f"{path.name} est du JSON mais pas du GeoJSON : membre « type » absent."
    if members["type"] == "FeatureCollection":
        said = "n'est pas une liste" if "features" in seen else "est absent"
        return f"{path.name} : le membre « features » de la collection {said}."
    return f"{path.name} est du JSON mais pas du GeoJSON : type « {str(members['type'])[:40]} »."


def _depth(value: Any) -> int:
    deepest, stack = 0, [(value, 1)]
    while stack:
        one, depth = stack.pop()
        if isinstance(one, list | dict):
            deepest = max(deepest, depth)
            stack += [(inner, depth + 1) for inner in (one.values() if isinstance(one, dict) else one)]
    return deepest


def _checked(feature: Any, number: int, found: list[Finding]) -> dict[str, Any]:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        found.append(
            Finding(number, "type", "structure", "erreur", feature, "cet élément n'est pas un Feature")
        )
        return {"properties": {}, "geometry": None}
    if not isinstance(feature.get("properties"), dict | None):
        message = "« properties » n'est pas un objet"
        found.append(Finding(number, "properties", "structure", "erreur", feature["properties"], message))
        return feature | {"properties": {}}
    return feature


def _crs(declared: Any) -> tuple[Any, str]:
    """The declared system, else ``None`` and why it cannot be read; a link is never followed."""
    if declared is None:
        return measure.WGS84, ""
    properties = declared.get("properties") if isinstance(declared, dict) else None
    properties = properties if isinstance(properties, dict) else {}
    kind = str(declared.get("type", "")).lower() if isinstance(declared, dict) else ""
    name = declared if isinstance(declared, str | int) else properties.get("name", properties.get("code"))
    if kind == "link" or (kind != "epsg" and name is None and "href" in properties):
        return None, "système de coordonnées déclaré par un lien (membre « crs »), jamais suivi"
    if name is None:
        return None, "membre « crs » sans nom de système"
    text = str(name).strip()
    if _DEGREES.fullmatch(text):
        return measure.WGS84, ""
    code = next((match[1] for match in (pattern.fullmatch(text) for pattern in _CODES) if match), None)
    try:
        if code is not None:
            return pyproj.CRS.from_epsg(int(code)), ""
        if _NAMED.fullmatch(text):
            return pyproj.CRS.from_user_input(text), ""
    except pyproj.exceptions.CRSError:
        pass
    return None, f"système de coordonnées déclaré (membre « crs ») illisible : « {text[:60]} »"


def _keep_ids(ids: list[Any], raw: RawTable) -> None:
    given = [one for one in ids if one is not None]
    if not given:
        return
    plain = all(isinstance(one, str | int | float) for one in given)
    if plain and len(given) == len(ids) and len({str(one) for one in given}) == len(ids):
        raw.ids = ids
        return
    for row, one in enumerate(ids):
        if one is not None:
            raw.feature_members[row] = {"id": one} | raw.feature_members.get(row, {})


def _say_members(raw: RawTable) -> None:
    kept = [name for name in raw.members if name not in OWN_MEMBERS]
    by_feature = sorted({name for one in raw.feature_members.values() for name in one})
    for names, where in ((kept, "de la collection"), (by_feature, "d'objets")):
        if names:
            message = f"membres {where} hors des attributs, conservés : {', '.join(names)}"
            raw.findings.append(Finding(None, "", "membres conservés", "alerte", ", ".join(names), message))


def read(path: Path) -> gpd.GeoDataFrame:
    """Features of a layer, in Lambert-93.

    Parameters
    ----------
    path
        A GeoJSON file in WGS 84.

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
    raw = read_raw(path)
    if raw.crs_problem:
        raise BadCRS(
            f"{Path(path).name} : {raw.crs_problem}.\n"
            "L'indiquer à l'import : artois-geo couches importer … --crs EPSG:2154."
        )
    frame = frame_of(raw)
    raw.findings.extend(beyond_degrees(frame, Path(path)))
    return frame, table(raw.findings)


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
