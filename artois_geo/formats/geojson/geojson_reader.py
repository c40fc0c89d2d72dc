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
from artois_geo.text import argument

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
    """Read everything that a GeoJSON (or GeoJSON-seq) file holds, and what is wrong with its structure.

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
                return _read(path, encoding, fast=True)
        except (UnreadableFile, fast_geojson.Unusual):
            pass  # the slow reader says exactly what is wrong, and where
    return _read(path, encoding, fast=False)


def _read(path: Path, encoding: str, *, fast: bool) -> RawTable:
    """Read a file feature by feature; with ``fast`` the coordinates are extracted and parsed in batches."""
    members: dict[str, Any] = {}
    feature_members: dict[int, dict[str, Any]] = {}
    columns, ids = Columns(), []
    findings: list[Finding] = []
    shapes = Shapes()
    offsets, removed_bytes = array("q"), array("q")
    stream = features(
        path, encoding=encoding, members=members, fast_shapes=shapes if fast else None, offsets=offsets
    )
    for number, element in enumerate(stream, start=1):
        feature, structure_findings = _checked(element, number)
        findings += structure_findings
        properties = feature.get("properties") or {}
        _refuse_deep(properties, path)
        columns.add(properties)
        shapes.add(feature, number)
        removed_bytes.append(shapes.removed_bytes)
        ids.append(feature.get("id"))
        if len(feature) > 3:
            extra = {key: value for key, value in feature.items() if key not in _FEATURE}
            if extra:
                feature_members[number - 1] = extra
    built = shapes.built()
    findings += shapes.findings
    crs, crs_problem = _crs(members.get("crs"))
    members = {key: value for key, value in members.items() if key not in {"crs", "bbox", "type"}}
    if not _are_own(ids):
        feature_members = _with_identifiers(feature_members, ids)
    raw = RawTable(
        columns=columns.ordered(),
        shapes=built,
        crs=crs,
        findings=(
            *sorted(findings, key=lambda finding: finding.feature or 0),
            *_members_findings(members, feature_members),
        ),
        members=members,
        feature_members=feature_members,
        ids=ids if _are_own(ids) else [],
        byte_ranges=_byte_ranges(offsets, removed_bytes) if fast else None,
        crs_problem=crs_problem,
    )
    return free_reserved_name(raw)


def _are_own(ids: list[Any]) -> bool:
    """Tell whether every feature has an identifier of its own."""
    plain = all(isinstance(value, str | int | float) for value in ids)
    return plain and len({str(value) for value in ids}) == len(ids)


def _with_identifiers(
    feature_members: dict[int, dict[str, Any]], ids: list[Any]
) -> dict[int, dict[str, Any]]:
    """Keep identifiers that are no index as members of their features."""
    identifiers = {row: {"id": value} for row, value in enumerate(ids) if value is not None}
    return {
        row: identifiers.get(row, {}) | feature_members.get(row, {})
        for row in sorted({*identifiers, *feature_members})
    }


def _byte_ranges(offsets: "array[int]", removed_bytes: "array[int]") -> np.ndarray | None:
    """Compute where each feature begins and ends in the file, from its offsets without coordinates."""
    if len(offsets) != 2 * len(removed_bytes):
        return None
    removed = np.r_[0, removed_bytes]
    return np.array(offsets).reshape(-1, 2) + np.column_stack([removed[:-1], removed[1:]])


_FEATURE = {"type", "properties", "geometry", "id", "bbox"}
_UTF_8 = {"utf-8", "utf8", "utf-8-sig"}


def features(
    path: Path,
    *,
    encoding: str = "utf-8",
    members: dict[str, Any] | None = None,
    texts: bool = False,
    fast_shapes: Shapes | None = None,
    offsets: "array[int] | None" = None,
) -> Iterator[Any]:
    """Yield the features of a file one by one; ``members`` receives what else the collection holds.

    With ``texts`` each item is the text of the feature, as the file wrote it. ``offsets`` receives
    the first byte of each in what was read, and the one after its last.
    """
    path = Path(path)
    if not path.is_file():
        raise UnreadableFile(f"Fichier introuvable : {path}.")
    collection_members: dict[str, Any] = {} if members is None else members
    with path.open("rb") as file:
        stream: Any = file
        if fast_shapes is not None:
            largest = json_scan.MAX_FEATURE_MIB << 20
            stream = fast_shapes.extract(file, size=path.stat().st_size, largest=largest)
        scan = Scan(stream, path, encoding, offsets)
        scan.byte_offset = len(codecs.BOM_UTF8) if file.peek(3).startswith(codecs.BOM_UTF8) else 0
        opening = scan.peek(separator=True)  # a text sequence (RFC 8142) begins with its separator
        if opening == "":
            raise UnreadableFile(f"{path.name} est vide (0 octet utile) : téléchargement à refaire ?")
        if opening != "{":
            scan.value()  # tells a syntax error from JSON of another kind
            raise UnreadableFile(f"{path.name} est du JSON mais pas du GeoJSON : membre « type » absent.")
        yield from _document(scan, collection_members, texts)


def _document(scan: Scan, members: dict[str, Any], texts: bool) -> Iterator[Any]:
    """Yield the features of a collection; a lone Feature or geometry, or one per line, is read whole."""
    start = scan.mark()
    names: list[str] = []
    listed = False
    for name in scan.members():
        if name in names:
            raise scan.refuse(f"la clé « {name} » est répétée dans un même objet")
        names.append(name)
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
            raise UnreadableFile(_not_geojson(scan.path, members, names))
        members.clear()
        yield json.dumps(lone, ensure_ascii=False) if texts else lone
        return
    if members.get("type") != "FeatureCollection":
        raise UnreadableFile(_not_geojson(scan.path, members, names))
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


def _not_geojson(path: Path, members: dict[str, Any], names: list[str]) -> str:
    if "type" not in members:
        return f"{path.name} est du JSON mais pas du GeoJSON : membre « type » absent."
    if members["type"] == "FeatureCollection":
        problem = "n'est pas une liste" if "features" in names else "est absent"
        return f"{path.name} : le membre « features » de la collection {problem}."
    return f"{path.name} est du JSON mais pas du GeoJSON : type « {str(members['type'])[:40]} »."


def _refuse_deep(properties: dict[str, Any], path: Path) -> None:
    for value in properties.values():
        if isinstance(value, list | dict) and _depth(value) > MAX_DEPTH:
            raise UnreadableFile(too_deep(path))


def _depth(value: Any) -> int:
    deepest, stack = 0, [(value, 1)]
    while stack:
        node, depth = stack.pop()
        if isinstance(node, list | dict):
            deepest = max(deepest, depth)
            stack += [(inner, depth + 1) for inner in (node.values() if isinstance(node, dict) else node)]
    return deepest


def _checked(element: Any, number: int) -> tuple[dict[str, Any], list[Finding]]:
    """Return a feature whose properties are an object, and what was wrong with its structure."""
    if not isinstance(element, dict) or element.get("type") != "Feature":
        message = "cet élément n'est pas un Feature"
        finding = Finding(number, "type", "structure", "erreur", element, message)
        return {"properties": {}, "geometry": None}, [finding]
    if not isinstance(element.get("properties"), dict | None):
        message = "« properties » n'est pas un objet"
        finding = Finding(number, "properties", "structure", "erreur", element["properties"], message)
        return element | {"properties": {}}, [finding]
    return element, []


def _crs(declared: Any) -> tuple[Any, str]:
    """Return the declared system, else ``None`` and why it cannot be read; a link is never followed."""
    if declared is None:
        return measure.WGS84, ""
    name, is_link = _system_name(declared)
    if is_link:
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


def _system_name(declared: Any) -> tuple[Any, bool]:
    """Return the name or code that a member « crs » gives its system, and whether it is a link instead."""
    if not isinstance(declared, dict):
        return (declared if isinstance(declared, str | int) else None), False
    properties = declared.get("properties")
    if not isinstance(properties, dict):
        properties = {}
    kind = str(declared.get("type", "")).lower()
    name = properties.get("name", properties.get("code"))
    return name, kind == "link" or (kind != "epsg" and name is None and "href" in properties)


def _members_findings(members: dict[str, Any], feature_members: dict[int, dict[str, Any]]) -> list[Finding]:
    """Report the members that are no attributes and are kept."""
    of_collection = [name for name in members if name not in OWN_MEMBERS]
    of_features = sorted({name for extra in feature_members.values() for name in extra})
    return [
        Finding(
            None,
            "",
            "membres conservés",
            "alerte",
            ", ".join(names),
            f"membres {owner} hors des attributs, conservés : {', '.join(names)}",
        )
        for names, owner in ((of_collection, "de la collection"), (of_features, "d'objets"))
        if names
    ]


def read(path: Path) -> gpd.GeoDataFrame:
    """Read the features of a GeoJSON file, in Lambert-93.

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
            f"Voir toutes les erreurs avec « artois-geo couches valider {argument(path)} »."
        )
    return measure.to_lambert93(features)


def parse(path: Path) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Read whatever a GeoJSON file holds, in its own CRS, and what is wrong with its structure.

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
    return frame, table([*raw.findings, *beyond_degrees(frame, Path(path))])


def beyond_degrees(frame: gpd.GeoDataFrame, path: Path) -> Iterator[Finding]:
    """Report coordinates that cannot be degrees in a file that declares degrees."""
    if frame.crs is None or frame.crs.to_epsg() != 4326:
        return
    west, south, east, north = frame.total_bounds  # NaN, which is never beyond, where nothing is drawn
    if max(abs(west), abs(east)) > 180 or max(abs(south), abs(north)) > 90:
        message = (
            f"coordonnées en mètres ({west:.0f}, {south:.0f}) dans un fichier annoncé en degrés (WGS 84) : "
            "si c'est du Lambert-93, artois-geo couches importer … --crs EPSG:2154"
        )
        yield Finding(None, "geometry", "système de coordonnées", "erreur", path.name, message)
