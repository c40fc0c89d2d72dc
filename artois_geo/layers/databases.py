"""GeoPackage through ``sqlite3`` and .dbf through its own bytes: exact integers, exact texts, no driver."""

import re
import sqlite3
import struct
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


_CODEPAGES = {0x02: "cp850", 0x03: "cp1252", 0x57: "cp1252", 0x58: "cp1252", 0x59: "cp1252", 0x01: "cp437"}


def read_dbf(path: Path, raw: Raw, *, encoding: str = "", cpg: Path | None = None) -> list[int]:
    """Fill the columns of a shapefile from its .dbf; returns the numbers of the records kept.

    Numbers come as Python numbers, what does not read as one stays text for the kind
    to judge, and the way the texts were decoded is said.
    """
    content = path.read_bytes()
    try:
        count, header, length = struct.unpack("<IHH", content[4:12])
        fields = _dbf_fields(content[32:header])
    except struct.error as error:
        raise UnreadableFile(f"{path.name} : fichier .dbf tronqué.") from error
    if header + count * length > len(content) + 1:
        raise UnreadableFile(f"{path.name} : fichier .dbf tronqué, {count} lignes annoncées.")
    records = [content[header + at * length : header + (at + 1) * length] for at in range(count)]
    kept = [at for at, record in enumerate(records) if record[:1] != b"*"]
    if len(kept) < count:
        message = f"{count - len(kept)} lignes marquées effacées dans le .dbf, non lues"
        raw.findings.append(Finding(None, "", "lignes effacées", "alerte", count - len(kept), message))
    texts = b"".join(records[at] for at in kept)
    chosen = _encoding(content[29], texts, encoding, cpg, raw, _accented(records, kept, fields))
    start = 1
    for name, kind, size, decimals in fields:
        label = name.decode(chosen, errors="replace")
        cells = [records[at][start : start + size] for at in kept]
        raw.columns[label] = [_dbf_value(cell, kind, decimals, chosen) for cell in cells]
        start += size
    return kept


def _dbf_fields(block: bytes) -> list[tuple[bytes, str, int, int]]:
    fields = []
    for at in range(0, len(block) - 31, 32):
        if block[at] in (0x0D, 0x00):
            break
        one = block[at : at + 32]
        fields.append((one[:11].split(b"\x00")[0], chr(one[11]), one[16], one[17]))
    return fields


def _accented(records: list[bytes], kept: list[int], fields: list[tuple[bytes, str, int, int]]) -> str:
    """Name of the first text column that holds a byte beyond ASCII."""
    start = 1
    for name, kind, size, _ in fields:
        if kind == "C" and any(max(records[at][start : start + size], default=0) > 127 for at in kept):
            return name.decode("ascii", errors="replace")
        start += size
    return ""


def _encoding(byte: int, texts: bytes, asked: str, cpg: Path | None, raw: Raw, column: str) -> str:
    if asked:
        return asked
    if cpg is not None:
        said = cpg.read_text(encoding="ascii", errors="replace").strip()
        known = {
            "1252": "cp1252",
            "ansi 1252": "cp1252",
            "88591": "iso-8859-1",
            "utf8": "utf-8",
            "65001": "utf-8",
        }
        name = known.get(said.lower(), said)
        try:
            texts.decode(name)
            return name
        except (UnicodeDecodeError, LookupError):
            message = f"le .cpg annonce « {said} », qui ne lit pas le .dbf"
            raw.findings.append(Finding(None, column, "encodage", "alerte", said, message))
    elif byte in _CODEPAGES and not _is_utf8(texts):
        name = _CODEPAGES[byte]
        message = f"pas de fichier .cpg : textes lus en {name}, d'après l'octet de langue du .dbf"
        raw.findings.append(Finding(None, column, "encodage", "note", name, message))
        return name
    chosen = "utf-8" if _is_utf8(texts) else "cp1252"
    if not column and cpg is None:
        message = "pas de fichier .cpg, mais aucun accent dans les textes"
        raw.findings.append(Finding(None, "", "encodage", "note", "", message))
    if column:
        reason = "sans .cpg" if cpg is None else "malgré le .cpg"
        message = (
            f"textes de « {column} » lus en {chosen} ({reason}) : vérifier un nom accentué, sinon --encodage"
        )
        level = "note" if chosen == "utf-8" else "alerte"
        raw.findings.append(Finding(None, column, "encodage", level, chosen, message))
    return chosen


def _is_utf8(texts: bytes) -> bool:
    try:
        texts.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _dbf_value(cell: bytes, kind: str, decimals: int, encoding: str) -> Any:
    if kind == "C":
        text = cell.decode(encoding, errors="replace").rstrip(" \x00")
        return text or None
    text = cell.decode("ascii", errors="replace").strip(" \x00")
    if not text or set(text) == {"*"}:
        return text or None
    if kind in "NF":
        if re.fullmatch(r"[+-]?\d+", text) and decimals == 0:
            return int(text)
        try:
            return float(text)
        except ValueError:
            return text
    if kind == "D":
        return f"{text[:4]}-{text[4:6]}-{text[6:]}" if re.fullmatch(r"\d{8}", text) else text
    if kind == "L":
        return {"T": True, "Y": True, "F": False, "N": False}.get(text.upper())
    return text
