"""Formats that need GDAL (shapes of a shapefile, FlatGeobuf, KML, MapInfo) or Arrow (GeoParquet).

GDAL runs in a child process with one driver, no network and limits: its crash is a
refused file. Attributes of a shapefile do not pass through it.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import shapely

from artois_geo.errors import UnreadableFile
from artois_geo.layers import databases, gdal_child
from artois_geo.layers.findings import Finding
from artois_geo.layers.opening import Limits, Opened
from artois_geo.layers.raw import Raw

DRIVERS = {
    "Shapefile": "ESRI Shapefile",
    "FlatGeobuf": "FlatGeobuf",
    "KML": "LIBKML",  # the plain KML driver forgets ExtendedData without a word
    "MapInfo": "MapInfo File",
}
KML_DISPLAY = {"tessellate", "extrude", "visibility", "altitudeMode", "drawOrder"}


def read_shapefile(found: Opened, limits: Limits, *, encoding: str = "") -> Raw:
    """A shapefile: shapes by GDAL in a child process, attributes from the bytes of the .dbf.

    Raises
    ------
    UnreadableFile
        Damaged, or .shp and .dbf that do not agree.
    """
    raw = Raw(format="Shapefile", layer=found.path.stem)
    parts = {one.suffix.lower(): one for one in found.parts}
    kept = databases.read_dbf(parts[".dbf"], raw, encoding=encoding, cpg=parts.get(".cpg"))
    if ".shx" not in parts:
        message = "fichier .shx absent : index des formes reconstruit"
        raw.findings.append(Finding(None, "geometry", "index absent", "réparation", ".shx", message))
    with tempfile.TemporaryDirectory(prefix="artois-") as folder:
        for suffix in (".shp", ".shx"):
            if suffix in parts:
                shutil.copyfile(parts[suffix], Path(folder) / f"couche{suffix}")
        _, rows = _child(Path(folder) / "couche.shp", "Shapefile", limits, geometry_only=True)
    shapes = dict(rows)
    if max(shapes, default=-1) + 1 > (max(kept, default=-1) + 1) and len(shapes) > len(kept):
        raise UnreadableFile(
            f"{found.path.name} : {len(shapes)} formes dans le .shp pour {len(kept)} lignes dans le .dbf."
        )
    if len(shapes) < len(kept):
        raise UnreadableFile(
            f"{found.path.name} : {len(kept)} lignes dans le .dbf pour {len(shapes)} formes dans le .shp."
        )
    _shapes(raw, [shapes.get(at) for at in kept])
    raw.crs = _prj(parts.get(".prj"), raw)
    return raw


def read_with_gdal(found: Opened, limits: Limits, *, layer: str = "", encoding: str = "") -> Raw:
    """FlatGeobuf, KML or MapInfo through the child process."""
    head, rows = _child(found.path, found.format, limits, layer=layer, encoding=encoding)
    raw = Raw(format=found.format, layer=head["layer"])
    raw.columns = {name: [row[2][at] for row in rows] for at, name in enumerate(head["fields"])}
    if found.format == "KML":
        raw.columns = {name: values for name, values in raw.columns.items() if not _of_display(name, values)}
    _shapes(raw, [row[1] for row in rows])
    raw.crs = pyproj.CRS.from_user_input(head["crs"]) if head["crs"] else None
    return raw


def _of_display(name: str, values: list[Any]) -> bool:
    """Columns that the format always has: empty, or how to draw."""
    return set(values) <= {None, ""} or (name in KML_DISPLAY and len(set(values)) == 1)


def read_parquet(path: Path) -> Raw:
    """GeoParquet through Arrow: exact types, geometry in WKB."""
    import pyarrow.parquet as parquet

    try:
        table = parquet.read_table(path)
        described = json.loads((table.schema.metadata or {}).get(b"geo", b"{}"))
    except (OSError, ValueError) as error:
        raise UnreadableFile(f"{path.name} : GeoParquet illisible ({error}).") from error
    name = described.get("primary_column", "")
    if name not in table.column_names:
        raise UnreadableFile(f"{path.name} est du Parquet sans géométrie (métadonnée « geo » absente).")
    raw = Raw(format="GeoParquet")
    raw.columns = {
        one: [_plain(value) for value in table.column(one).to_pylist()]
        for one in table.column_names
        if one != name
    }
    raw.columns.pop("__index_level_0__", None)
    held = table.column(name).to_pylist()
    _shapes(raw, [None if one is None else one.hex() for one in held])
    crs = described["columns"][name].get("crs", "OGC:CRS84")
    raw.crs = None if crs is None else pyproj.CRS.from_user_input("EPSG:4326" if crs == "OGC:CRS84" else crs)
    return raw


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    return value.isoformat() if hasattr(value, "isoformat") else value


def _child(
    path: Path, kind: str, limits: Limits, *, layer: str = "", encoding: str = "", geometry_only: bool = False
) -> tuple[dict[str, Any], list[Any]]:
    arguments = [str(path), layer, encoding, str(limits.child_memory_mib), str(limits.child_seconds)]
    arguments.append("1" if geometry_only else "0")
    try:
        done = subprocess.run(  # noqa: S603 - our own script, no shell
            [sys.executable, "-I", gdal_child.__file__, *arguments],
            env=_environment(kind),
            capture_output=True,
            timeout=limits.child_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise UnreadableFile(
            f"{path.name} : plus de {limits.child_seconds} s pour lire le fichier, refusé."
        ) from error
    lines = done.stdout.splitlines()
    if done.returncode or not lines:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or [f"code {done.returncode}"]
        raise UnreadableFile(f"{path.name} : {kind} illisible ({last[0][:200]}).")
    head = json.loads(lines[0])
    if "layers" in head:
        names = ", ".join(head["layers"])
        raise UnreadableFile(
            f"{path.name} contient plusieurs couches ({names}) : choisir avec --couche-source."
        )
    return head, [json.loads(line) for line in lines[1:]]


def _environment(kind: str) -> dict[str, str]:
    """One driver, no network, no thread pool; nothing of ours leaks but what Python needs."""
    import pyogrio

    others = [name for name in pyogrio.list_drivers() if name != DRIVERS[kind]]
    kept = {key: os.environ[key] for key in ("PATH", "SYSTEMROOT", "TEMP", "TMPDIR") if key in os.environ}
    return kept | {
        "OGR_SKIP": ",".join(others),
        "GDAL_HTTP_PROXY": "127.0.0.1:9",
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
        "SHAPE_RESTORE_SHX": "YES",
        "GDAL_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONIOENCODING": "utf-8",
    }


def _shapes(raw: Raw, hexadecimals: list[str | None]) -> None:
    raw.shapes = np.empty(len(hexadecimals), dtype=object)
    for row, one in enumerate(hexadecimals):
        if one is None:
            continue
        try:
            raw.shapes[row] = shapely.from_wkb(bytes.fromhex(one))
        except (ValueError, shapely.errors.ShapelyError) as error:
            message = f"géométrie illisible : {error}"
            raw.findings.append(Finding(row + 1, "geometry", "structure", "erreur", "", message))


def _prj(path: Path | None, raw: Raw) -> Any:
    if path is None:
        return None
    try:
        return pyproj.CRS.from_wkt(path.read_text(encoding="utf-8", errors="replace"))
    except pyproj.exceptions.CRSError:
        message = "le fichier .prj ne décrit aucun système connu"
        raw.findings.append(Finding(None, "geometry", "système de coordonnées", "alerte", path.name, message))
        return None
