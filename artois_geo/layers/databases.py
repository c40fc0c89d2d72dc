"""GeoPackage through ``sqlite3``: types and texts as stored, no driver."""

import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import shapely

from artois_geo.errors import UnreadableFile
from artois_geo.layers.findings import Finding
from artois_geo.layers.raw import Raw

_ENVELOPES = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}


def read_geopackage(path: Path, *, layer: str = "") -> Raw:
    """One layer of a GeoPackage, types as stored.

    Raises
    ------
    UnreadableFile
        Damaged, without feature table, or several layers and none chosen.
    """
    try:
        base = sqlite3.connect(f"file:{_quoted(path)}?mode=ro&immutable=1", uri=True)
    except sqlite3.Error as error:
        raise UnreadableFile(f"{path.name} : GeoPackage illisible ({error}).") from error
    try:
        base.execute("PRAGMA trusted_schema = OFF")
        base.execute("PRAGMA query_only = ON")
        base.text_factory = lambda held: held.decode("utf-8", errors="replace")
        return _layer(base, path, _chosen(base, path, layer))
    except sqlite3.Error as error:
        raise UnreadableFile(f"{path.name} : GeoPackage illisible ({error}).") from error
    finally:
        base.close()


def layer_names(path: Path) -> list[str]:
    """Names of the feature layers of a GeoPackage."""
    base = sqlite3.connect(f"file:{_quoted(path)}?mode=ro&immutable=1", uri=True)
    try:
        return [row[0] for row in base.execute(_LAYERS)]
    finally:
        base.close()


_LAYERS = (
    "SELECT table_name FROM gpkg_contents WHERE data_type IN ('features', 'attributes') ORDER BY table_name"
)


def _quoted(path: Path) -> str:
    from urllib.parse import quote

    return quote(str(path.resolve()))


def _chosen(base: sqlite3.Connection, path: Path, layer: str) -> str:
    names = [row[0] for row in base.execute(_LAYERS)]
    if layer in names:
        return layer
    if not names:
        raise UnreadableFile(f"{path.name} : GeoPackage sans couche.")
    if layer or len(names) > 1:
        missing = f" ; « {layer} » n'y est pas" if layer else ""
        raise UnreadableFile(
            f"{path.name} contient {len(names)} couches ({', '.join(names)}){missing} :"
            " choisir avec --couche-source."
        )
    return names[0]


def _layer(base: sqlite3.Connection, path: Path, layer: str) -> Raw:
    raw = Raw(format="GeoPackage", layer=layer)
    described = base.execute(
        "SELECT column_name, srs_id FROM gpkg_geometry_columns WHERE table_name = ?", (layer,)
    ).fetchone()
    name = '"' + layer.replace('"', '""') + '"'
    columns = base.execute(f"PRAGMA table_info({name})").fetchall()
    primary = {one[1] for one in columns if one[5]}
    declared = {one[1]: str(one[2]).upper() for one in columns}
    geometry = described[0] if described else ""
    kept = [one for one in declared if one != geometry and one not in primary]
    listed = ", ".join(
        '"' + one.replace('"', '""') + '"' for one in (*([geometry] if geometry else []), *kept)
    )
    rows = base.execute(f"SELECT {listed} FROM {name} ORDER BY rowid").fetchall()  # noqa: S608 - names quoted
    shift = 1 if geometry else 0
    raw.columns = {
        one: [_value(row[at + shift], declared[one]) for row in rows] for at, one in enumerate(kept)
    }
    raw.shapes = np.empty(len(rows), dtype=object)
    raw.has_geometry = bool(geometry)
    if geometry:
        for number, row in enumerate(rows):
            raw.shapes[number] = _shape(row[0], number + 1, raw)
        raw.crs = _srs(base, described[1])
    return raw


def _value(value: Any, declared: str) -> Any:
    if declared == "BOOLEAN" and value in (0, 1):
        return bool(value)
    return value.hex() if isinstance(value, bytes) else value


def _shape(blob: Any, number: int, raw: Raw) -> Any:
    if blob is None:
        return None
    try:
        if blob[:2] != b"GP":
            raise ValueError("en-tête absent")
        start = 8 + _ENVELOPES[(blob[3] >> 1) & 7]
        return shapely.from_wkb(bytes(blob[start:]))
    except (ValueError, KeyError, IndexError, TypeError, shapely.errors.ShapelyError) as error:
        message = f"géométrie illisible : {error}"
        raw.findings.append(Finding(number, "geometry", "structure", "erreur", "", message))
        return None


def _srs(base: sqlite3.Connection, srs_id: int) -> Any:
    row = base.execute(
        "SELECT organization, organization_coordsys_id, definition"
        " FROM gpkg_spatial_ref_sys WHERE srs_id = ?",
        (srs_id,),
    ).fetchone()
    if row is None or srs_id in (-1, 0):
        return None
    try:
        if str(row[0]).upper() == "EPSG":
            return pyproj.CRS.from_epsg(int(row[1]))
        return pyproj.CRS.from_wkt(row[2])
    except (pyproj.exceptions.CRSError, ValueError, TypeError):
        return None
