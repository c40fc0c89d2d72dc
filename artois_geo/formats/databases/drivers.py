"""Formats that need GDAL (shapes of a shapefile, FlatGeobuf, KML, MapInfo) or Arrow (GeoParquet).

GDAL runs in a child process with one driver, no network and limits: its crash is a
refused file. Attributes of a shapefile do not pass through it.
"""

import html
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyproj

from artois_geo.errors import UnreadableFile, why
from artois_geo.formats import geometry_codes
from artois_geo.formats.databases import dbf, gdal_child, mapinfo
from artois_geo.formats.findings import Finding
from artois_geo.formats.opening import Limits, Opened
from artois_geo.formats.raw_table import RawTable

DRIVERS = {
    "Shapefile": "ESRI Shapefile",
    "FlatGeobuf": "FlatGeobuf",
    "KML": "LIBKML",  # the plain KML driver forgets ExtendedData without a word
    "MapInfo": "MapInfo File",
}
KML_DISPLAY = {"tessellate", "extrude", "visibility", "altitudeMode", "drawOrder"}
KML_FIELDS = {
    *map(str.lower, KML_DISPLAY),
    *("name", "description", "timestamp", "begin", "end", "icon", "snippet"),
}
_EXTENDED = re.compile(rb"""<(?:\w+:)?(?:Data|SimpleData)\b[^>]*?\bname\s*=\s*["']([^"']*)["']""")


def read_shapefile(found: Opened, limits: Limits, *, encoding: str = "") -> RawTable:
    """A shapefile: shapes by GDAL in a child process, attributes from the bytes of the .dbf.

    Raises
    ------
    UnreadableFile
        Damaged, or .shp and .dbf that do not agree.
    """
    raw = RawTable(format="Shapefile", layer=found.path.stem)
    parts = {path.suffix.lower(): path for path in found.parts}
    records = dbf.read_dbf(parts[".dbf"], raw, encoding=encoding, cpg=parts.get(".cpg"))
    if ".shx" not in parts:
        message = "fichier .shx absent : index des formes reconstruit"
        raw.findings.append(Finding(None, "geometry", "index absent", "réparation", ".shx", message))
    whole = _whole_shapes(found.path)
    with tempfile.TemporaryDirectory(prefix="artois-") as folder:
        copy = Path(folder) / found.path.name
        _copy_shapes(parts, copy, whole)
        _, rows = _child(copy, "Shapefile", limits, geometry_only=True)
    shapes = dict(rows)
    there = len(shapes) if whole is None else max(len(shapes), records.count)  # the cut ones are said apart
    if there > records.count:
        raise UnreadableFile(
            f"{found.path.name} : {there} formes dans le .shp pour {records.count} lignes dans le .dbf."
        )
    if max(records.living, default=-1) >= there:
        raise UnreadableFile(
            f"{found.path.name} : {records.count} lignes dans le .dbf pour {there} formes dans le .shp."
        )
    raw.crs = _prj(parts.get(".prj"), raw)
    _shapes(raw, [shapes.get(row) for row in records.living])
    if whole is not None:
        _say_cut(found.path, records.living, whole[0], raw)
    return raw


def _whole_shapes(path: Path) -> tuple[int, int] | None:
    """How many records of a .shp that is shorter than its header says are whole, and where they end."""
    size, offset, whole = path.stat().st_size, 100, 0
    with path.open("rb") as stream:
        declared = 2 * int.from_bytes(stream.read(28)[24:], "big")
        while size < declared and offset + 8 <= size:
            stream.seek(offset)
            after = offset + 8 + 2 * int.from_bytes(stream.read(8)[4:], "big")
            if after > size:
                break
            offset, whole = after, whole + 1
    return (whole, offset) if size < declared else None


def _copy_shapes(parts: dict[str, Path], copy: Path, whole: tuple[int, int] | None) -> None:
    """The .shp and .shx for GDAL; of a cut .shp the whole records alone, which need no .shx."""
    shutil.copyfile(parts[".shp"], copy)
    if whole is None:
        if ".shx" in parts:
            shutil.copyfile(parts[".shx"], copy.with_suffix(".shx"))
        return
    with copy.open("r+b") as stream:
        stream.truncate(whole[1])
        stream.seek(24)
        stream.write((whole[1] // 2).to_bytes(4, "big"))


def _say_cut(path: Path, living: list[int], whole: int, raw: RawTable) -> None:
    """Say which shapes lie beyond the end of a .shp that is shorter than its header says."""
    cut = f"{path.name} est tronqué ({path.stat().st_size} octets, moins que son en-tête n'annonce)"
    raw.findings.append(Finding(None, "geometry", "fichier tronqué", "alerte", path.name, cut))
    for position, row in enumerate(living, start=1):
        if row >= whole:
            message = f"forme absente : {cut} ; redemander le fichier"
            raw.findings.append(Finding(position, "geometry", "structure", "erreur", "", message))


def read_with_gdal(found: Opened, limits: Limits, *, layer: str = "", encoding: str = "") -> RawTable:
    """FlatGeobuf, KML or MapInfo through the child process."""
    head, rows = _child(found.path, found.format, limits, layer=layer, encoding=encoding)
    raw = RawTable(format=found.format, layer=head["layer"])
    raw.columns = {name: [row[2][at] for row in rows] for at, name in enumerate(head["fields"])}
    raw.shapes = np.empty(len(rows), dtype=object)
    if found.format == "KML":
        raw.columns = {name: values for name, values in raw.columns.items() if not _of_display(name, values)}
        _say_reserved(found.path, raw)
    mid = next((path for path in found.parts if path.suffix.lower() == ".mid"), None)
    if mid is not None:
        mapinfo.correct_from_mid(found.path, mid, raw)
    try:
        raw.crs = pyproj.CRS.from_user_input(head["crs"]) if head["crs"] else None
    except pyproj.exceptions.CRSError:
        raw.crs_problem = "système de coordonnées déclaré illisible"
    _shapes(raw, [row[1] for row in rows])
    return raw


def _say_reserved(path: Path, raw: RawTable) -> None:
    """Say which extended data bear the name of a field of KML: GDAL reads one for the other."""
    names = {escaped.decode(errors="replace") for escaped in _EXTENDED.findall(path.read_bytes())}
    for name in sorted(names):
        if html.unescape(name).lower() in KML_FIELDS:
            message = (
                f"« {name} » est un nom que le format KML se réserve : ses valeurs peuvent manquer ;"
                " renommer cette donnée, ou livrer un GeoPackage"
            )
            raw.findings.append(Finding(None, name, "nom réservé", "alerte", name, message))


def _of_display(name: str, values: list[Any]) -> bool:
    """Columns that the format always has: empty, or how to draw."""
    return set(values) <= {None, ""} or (name in KML_DISPLAY and len(set(values)) == 1)


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
        raise UnreadableFile(f"{path.name} : {kind} illisible ({why(last[0])}).")
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


def _shapes(raw: RawTable, codes: Sequence[bytes | str | None]) -> None:
    """Shapes of well-known binary, or of its hexadecimal form; what is wrong with one is said."""
    metric = geometry_codes.is_metric(raw.crs)
    raw.shapes = np.empty(len(codes), dtype=object)
    for row, code in enumerate(codes):
        if code is None:
            continue
        try:
            coded = geometry_codes.from_wkb(bytes.fromhex(code) if isinstance(code, str) else code)
        except ValueError as error:
            message = f"géométrie illisible : {why(error)}"
            raw.findings.append(Finding(row + 1, "geometry", "structure", "erreur", "", message))
            continue
        raw.shapes[row] = coded.shape
        raw.findings += coded.findings(row + 1, metric=metric)


def _prj(path: Path | None, raw: RawTable) -> Any:
    if path is None:
        return None
    try:
        return pyproj.CRS.from_wkt(path.read_text(encoding="utf-8", errors="replace"))
    except pyproj.exceptions.CRSError:
        raw.crs_problem = f"{path.name} ne décrit aucun système de coordonnées connu"
        raw.findings.append(
            Finding(None, "geometry", "système de coordonnées", "alerte", path.name, raw.crs_problem)
        )
        return None
