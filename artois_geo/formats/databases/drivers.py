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

from artois_geo.errors import MissingPart, UnreadableFile, why
from artois_geo.formats import geometry_codes
from artois_geo.formats.databases import dbf, gdal_child, mapinfo
from artois_geo.formats.databases.whole_names import whole_names
from artois_geo.formats.findings import Finding
from artois_geo.formats.opening import Limits, Opened
from artois_geo.formats.raw_table import RawTable
from artois_geo.text import counted

DRIVERS = {
    "Shapefile": "ESRI Shapefile",
    "FlatGeobuf": "FlatGeobuf",
    "KML": "LIBKML",  # the plain KML driver forgets ExtendedData without a word
    "MapInfo": "MapInfo File",
}
_ASK_AGAIN = "Les deux ne sont pas du même enregistrement : redemander le shapefile complet."
KML_DISPLAY = {"tessellate", "extrude", "visibility", "altitudeMode", "drawOrder"}
KML_FIELDS = {
    *map(str.lower, KML_DISPLAY),
    *("name", "description", "timestamp", "begin", "end", "icon", "snippet"),
}
_EXTENDED = re.compile(rb"""<(?:\w+:)?(?:Data|SimpleData)\b[^>]*?\bname\s*=\s*["']([^"']*)["']""")


def read_shapefile(delivery: Opened, limits: Limits, *, encoding: str = "") -> RawTable:
    """Read a shapefile: shapes by GDAL in a child process, attributes from the bytes of the .dbf.

    Raises
    ------
    UnreadableFile
        Damaged, or .shp and .dbf that do not agree.
    """
    shp = delivery.path
    parts = {path.suffix.lower(): path for path in delivery.parts}
    records = dbf.read_dbf(parts[".dbf"], encoding=encoding, cpg=parts.get(".cpg"))
    findings = list(records.findings)
    if ".shx" not in parts:
        message = "fichier .shx absent : index des formes reconstruit"
        findings.append(Finding(None, "geometry", "index absent", "réparation", ".shx", message))
    intact = _intact_records(shp)
    with tempfile.TemporaryDirectory(prefix="artois-") as folder:
        copy = Path(folder) / shp.name
        _copy_shapes(parts, copy, intact)
        _, rows = _child(copy, "Shapefile", limits, geometry_only=True)
    codes = dict(rows)
    count = len(codes) if intact is None else max(len(codes), records.count)  # the cut ones have findings
    if count > records.count:
        raise UnreadableFile(
            f"{shp.name} : {counted(count, 'forme')} dans le .shp "
            f"pour {counted(records.count, 'ligne')} dans le .dbf.\n"
            f"{_ASK_AGAIN}"
        )
    if max(records.living, default=-1) >= count:
        raise UnreadableFile(
            f"{shp.name} : {counted(records.count, 'ligne')} dans le .dbf "
            f"pour {counted(count, 'forme')} dans le .shp.\n"
            f"{_ASK_AGAIN}"
        )
    crs, crs_problem = _prj(parts.get(".prj"))
    if crs_problem:
        findings.append(
            Finding(None, "geometry", "système de coordonnées", "alerte", parts[".prj"].name, crs_problem)
        )
    shapes, shape_findings = _decoded([codes.get(row) for row in records.living], crs)
    if intact is not None:
        shape_findings += _missing_shapes(shp, records.living, intact[0])
    names = whole_names(shp, records.columns)
    return RawTable(
        columns={names.get(name, name): cells for name, cells in records.columns.items()},
        shapes=shapes,
        crs=crs,
        findings=(*findings, *shape_findings),
        format="Shapefile",
        layer=shp.stem,
        crs_problem=crs_problem,
    )


def _intact_records(path: Path) -> tuple[int, int] | None:
    """Count the records that a .shp shorter than its header declares still holds, and tell where they end."""
    size, offset, count = path.stat().st_size, 100, 0
    with path.open("rb") as stream:
        declared = 2 * int.from_bytes(stream.read(28)[24:], "big")
        while size < declared and offset + 8 <= size:
            stream.seek(offset)
            end = offset + 8 + 2 * int.from_bytes(stream.read(8)[4:], "big")
            if end > size:
                break
            offset, count = end, count + 1
    return (count, offset) if size < declared else None


def _copy_shapes(parts: dict[str, Path], copy: Path, intact: tuple[int, int] | None) -> None:
    """Copy the .shp and .shx for GDAL; of a cut .shp the intact records alone, which need no .shx."""
    shutil.copyfile(parts[".shp"], copy)
    if intact is None:
        if ".shx" in parts:
            shutil.copyfile(parts[".shx"], copy.with_suffix(".shx"))
        return
    with copy.open("r+b") as stream:
        stream.truncate(intact[1])
        stream.seek(24)
        stream.write((intact[1] // 2).to_bytes(4, "big"))


def _missing_shapes(path: Path, living: list[int], intact: int) -> list[Finding]:
    """Report the shapes that lie beyond the end of a .shp that is shorter than its header declares."""
    cut = f"{path.name} est tronqué ({path.stat().st_size} octets, moins que son en-tête n'annonce)"
    message = f"forme absente : {cut} ; redemander le fichier"
    return [
        Finding(None, "geometry", "fichier tronqué", "alerte", path.name, cut),
        *(
            Finding(position, "geometry", "structure", "erreur", "", message)
            for position, row in enumerate(living, start=1)
            if row >= intact
        ),
    ]


def read_with_gdal(delivery: Opened, limits: Limits, *, layer: str = "", encoding: str = "") -> RawTable:
    """Read FlatGeobuf, KML or MapInfo through the child process."""
    head, rows = _child(delivery.path, delivery.format, limits, layer=layer, encoding=encoding)
    columns = {name: [row[2][position] for row in rows] for position, name in enumerate(head["fields"])}
    findings = []
    if delivery.format == "KML":
        columns = {name: values for name, values in columns.items() if not _of_display(name, values)}
        findings = _reserved_names(delivery.path)
    crs, crs_problem = None, ""
    try:
        crs = pyproj.CRS.from_user_input(head["crs"]) if head["crs"] else None
    except pyproj.exceptions.CRSError:
        crs_problem = "système de coordonnées déclaré illisible"
    shapes, shape_findings = _decoded([row[1] for row in rows], crs)
    raw = RawTable(
        columns=columns,
        shapes=shapes,
        crs=crs,
        findings=tuple(findings),
        format=delivery.format,
        layer=head["layer"],
        crs_problem=crs_problem,
    )
    if delivery.path.suffix.lower() == ".tab":
        raw = raw.with_findings(mapinfo.zeros_of_tab(raw))
    mid = next((path for path in delivery.parts if path.suffix.lower() == ".mid"), None)
    if mid is not None:
        raw = mapinfo.correct_from_mid(delivery.path, mid, raw)
    return raw.with_findings(shape_findings)


def _reserved_names(path: Path) -> list[Finding]:
    """Report the extended data that bear the name of a field of KML: GDAL reads one for the other."""
    findings = []
    names = {escaped.decode(errors="replace") for escaped in _EXTENDED.findall(path.read_bytes())}
    for name in sorted(names):
        if html.unescape(name).lower() in KML_FIELDS:
            message = (
                f"« {name} » est un nom que le format KML se réserve : ses valeurs peuvent manquer ;"
                " renommer cette donnée, ou livrer un GeoPackage"
            )
            findings.append(Finding(None, name, "nom réservé", "alerte", name, message))
    return findings


def _of_display(name: str, values: list[Any]) -> bool:
    """Tell whether a column is one that the format always has: empty, or how to draw."""
    return set(values) <= {None, ""} or (name in KML_DISPLAY and len(set(values)) == 1)


def _child(
    path: Path, kind: str, limits: Limits, *, layer: str = "", encoding: str = "", geometry_only: bool = False
) -> tuple[dict[str, Any], list[Any]]:
    """Run GDAL on a file in a process of its own; give what the layer is, and its rows."""
    arguments = [str(path), layer, encoding, str(limits.child_memory_mib), str(limits.child_seconds)]
    arguments.append("1" if geometry_only else "0")
    try:
        process = subprocess.run(  # noqa: S603 - our own script, no shell
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
    lines = process.stdout.splitlines()
    if process.returncode or not lines:
        errors = process.stderr.decode(errors="replace").strip().splitlines()
        reason = errors[-1] if errors else f"code {process.returncode}"
        raise UnreadableFile(f"{path.name} : {kind} illisible ({why(reason)}).")
    head = json.loads(lines[0])
    if "layers" in head:
        names = ", ".join(head["layers"])
        raise UnreadableFile(
            f"{path.name} contient plusieurs couches ({names}) : choisir avec --couche-source."
        )
    return head, [json.loads(line) for line in lines[1:]]


def _environment(kind: str) -> dict[str, str]:
    """Keep one driver, no network, no thread pool; nothing of ours leaks but what Python needs."""
    import pyogrio

    drivers = pyogrio.list_drivers()
    if DRIVERS[kind] not in drivers:  # pyogrio 0.9 to 0.11 come without LIBKML
        raise MissingPart(
            f"{kind} : pyogrio {pyogrio.__version__} ne sait pas lire ce format en entier.\n"
            "L'installer à jour : pip install -U pyogrio"
        )
    skipped = [name for name in drivers if name != DRIVERS[kind]]
    inherited = {
        key: os.environ[key] for key in ("PATH", "SYSTEMROOT", "TEMP", "TMPDIR") if key in os.environ
    }
    return inherited | {
        "OGR_SKIP": ",".join(skipped),
        "GDAL_HTTP_PROXY": "127.0.0.1:9",
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
        "SHAPE_RESTORE_SHX": "YES",
        # its own stream loses count where a feature has no geometry (GDAL 3.12)
        "OGR_FLATGEOBUF_STREAM_BASE_IMPL": "YES",
        "GDAL_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONIOENCODING": "utf-8",
    }


def _decoded(codes: Sequence[bytes | str | None], crs: Any) -> tuple[np.ndarray, list[Finding]]:
    """Decode shapes from well-known binary, or from its hexadecimal form."""
    return geometry_codes.decode_shapes(
        codes,
        lambda code: geometry_codes.from_wkb(bytes.fromhex(code) if isinstance(code, str) else code),
        metric=geometry_codes.is_metric(crs),
    )


def _prj(path: Path | None) -> tuple[Any, str]:
    """Read the system of a .prj, or explain why it cannot be read."""
    if path is None:
        return None, ""
    try:
        return pyproj.CRS.from_wkt(path.read_text(encoding="utf-8", errors="replace")), ""
    except pyproj.exceptions.CRSError:
        return None, f"{path.name} ne décrit aucun système de coordonnées connu"
