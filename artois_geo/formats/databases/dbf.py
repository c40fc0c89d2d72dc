"""A .dbf from its own bytes: exact integers, exact texts, and its several ways to write nothing."""

import re
import struct
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from artois_geo.errors import UnreadableFile
from artois_geo.formats.findings import Finding
from artois_geo.formats.raw_table import RawTable

_CODEPAGES = {0x02: "cp850", 0x03: "cp1252", 0x57: "cp1252", 0x58: "cp1252", 0x59: "cp1252", 0x01: "cp437"}
_SPELLINGS = {
    "1252": "cp1252",
    "ansi 1252": "cp1252",
    "88591": "iso-8859-1",
    "utf8": "utf-8",
    "65001": "utf-8",
}
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_LOGICAL = {"T": True, "Y": True, "F": False, "N": False, "?": None}
_CELLS_READ = "CNFDL"  # the others are binary, or lead to another file
_LOST = "�"


class _Field(NamedTuple):
    name: bytes
    kind: str
    start: int
    size: int
    decimals: int


@dataclass(frozen=True)
class Records:
    """Numbers of the records that are not marked deleted, from 0, and how many there are with those."""

    living: list[int]
    count: int


def read_dbf(path: Path, raw: RawTable, *, encoding: str = "", cpg: Path | None = None) -> Records:
    """Fill the columns of a shapefile from its .dbf.

    Numbers come as Python numbers, a null number (stars), date (zeros) or logical as
    ``None``; what does not read as a number stays text for the kind to judge. Nulls,
    deleted records and the way the texts were decoded are said.

    Raises
    ------
    UnreadableFile
        Cut short.
    """
    content = path.read_bytes()
    try:
        count, header, length = struct.unpack("<IHH", content[4:12])
        fields = _fields(content[32:header])
    except struct.error as error:
        raise UnreadableFile(f"{path.name} : fichier .dbf tronqué.") from error
    if header + count * length > len(content) + 1:
        raise UnreadableFile(f"{path.name} : fichier .dbf tronqué, {count} lignes annoncées.")
    records = [content[header + row * length : header + (row + 1) * length] for row in range(count)]
    living = [row for row, record in enumerate(records) if record[:1] != b"*"]
    if len(living) < count:
        message = f"{count - len(living)} lignes marquées effacées dans le .dbf, non lues"
        raw.findings.append(Finding(None, "", "lignes effacées", "alerte", count - len(living), message))
    records = [records[row] for row in living]
    chosen = _encoding(content[29], records, fields, encoding, cpg, raw)
    for field in fields:
        cells = [record[field.start : field.start + field.size] for record in records]
        name = _free_name(field.name.decode(chosen, errors="replace"), raw)
        raw.columns[name] = _column(name, cells, field, chosen, raw)
    return Records(living, count)


def _fields(block: bytes) -> list[_Field]:
    """Fields as the header describes them, the first byte of a record being its mark."""
    fields, start = [], 1
    for offset in range(0, len(block) - 31, 32):
        if block[offset] in (0x0D, 0x00):
            break
        described = block[offset : offset + 32]
        kind, size, decimals = chr(described[11]), described[16], described[17]
        if kind == "C":  # texts over 255 bytes: the decimals are the high byte
            size, decimals = size + 256 * decimals, 0
        fields.append(_Field(described[:11].split(b"\x00")[0], kind, start, size, decimals))
        start += size
    return fields


def _free_name(name: str, raw: RawTable) -> str:
    """A name that no earlier column has: names cut at ten letters meet."""
    free, number = name, 2
    while free in raw.columns:
        free, number = f"{name}_{number}", number + 1
    if free != name:
        message = f"deuxième colonne « {name} » du .dbf, gardée sous le nom « {free} »"
        raw.findings.append(Finding(None, free, "colonne en double", "alerte", name, message))
    return free


def _column(name: str, cells: list[bytes], field: _Field, encoding: str, raw: RawTable) -> list[Any]:
    """Cells of a field as Python values; what was written and is no value is said once."""
    if field.kind == "C":
        texts = [cell.decode(encoding, errors="replace").rstrip(" \x00") for cell in cells]
        garbled = sum(
            _LOST in text and _LOST.encode() not in cell for text, cell in zip(texts, cells, strict=True)
        )
        if garbled:
            message = (
                f"{garbled} textes ont des octets que {encoding} ne sait pas lire, remplacés par « {_LOST} »"
            )
            raw.findings.append(Finding(None, name, "encodage", "alerte", garbled, message))
        return [text or None for text in texts]
    if field.kind not in _CELLS_READ and any(cell.strip(b" \x00") for cell in cells):
        message = f"champ de type « {field.kind} » : sa valeur n'est pas dans le .dbf ou n'est pas du texte"
        raw.findings.append(Finding(None, name, "type du .dbf", "alerte", field.kind, message))
    written = [cell.decode("ascii", errors="replace").strip(" \x00") for cell in cells]
    values = [_value(text, field) if text else None for text in written]
    nulls = Counter(text[0] for text, value in zip(written, values, strict=True) if text and value is None)
    if nulls:
        raw.findings.append(_nulls(name, field.kind, sum(nulls.values())))
    return values


def _nulls(name: str, kind: str, count: int) -> Finding:
    """The finding on the cells of a column that the .dbf writes as nothing."""
    how = {
        "D": "date à zéro (00000000) : nulle",
        "L": "point d'interrogation : ni vrai ni faux",
    }.get(kind, "étoiles du .dbf : valeur nulle, ou nombre trop long pour la colonne")
    cells = "1 cellule vide" if count == 1 else f"{count} cellules vides"
    return Finding(None, name, "valeurs nulles", "note", count, f"{cells} ({how})")


def _value(text: str, field: _Field) -> Any:
    """A cell that is not blank, ``None`` where the format says null."""
    if field.kind in "NF":
        if set(text) == {"*"}:
            return None
        if not _NUMBER.fullmatch(text):
            return text
        if field.decimals == 0 and re.fullmatch(r"[+-]?\d+", text):
            return int(text)
        number = float(text)
        return number if abs(number) != float("inf") else text
    if field.kind == "D":
        if set(text) == {"0"}:
            return None
        return f"{text[:4]}-{text[4:6]}-{text[6:]}" if re.fullmatch(r"\d{8}", text) else text
    if field.kind == "L":
        return _LOGICAL.get(text.upper(), text)
    return text


def _encoding(
    byte: int, records: list[bytes], fields: list[_Field], requested: str, cpg: Path | None, raw: RawTable
) -> str:
    """How the texts are written: as requested, as the .cpg says if it can be, else by the bytes."""
    if requested:
        return requested
    texts = [
        record[field.start : field.start + field.size]
        for field in fields
        if field.kind == "C"
        for record in records
    ]
    column = next(
        (
            field.name.decode("ascii", errors="replace")
            for field in fields
            if field.kind == "C"
            and any(not r[field.start : field.start + field.size].isascii() for r in records)
        ),
        "",
    )
    declared = "" if cpg is None else cpg.read_text(encoding="ascii", errors="replace").strip()
    if declared:
        name = _SPELLINGS.get(declared.lower(), declared)
        wrong = _misdeclared(name, texts)
        if not wrong:
            return name
        raw.findings.append(
            Finding(None, column, "encodage", "alerte", declared, f"le .cpg annonce « {declared} », {wrong}")
        )
    elif cpg is None and byte in _CODEPAGES and not _is_utf8(texts):
        message = f"pas de fichier .cpg : textes lus en {_CODEPAGES[byte]}, d'après l'octet de langue du .dbf"
        raw.findings.append(Finding(None, column, "encodage", "note", _CODEPAGES[byte], message))
        return _CODEPAGES[byte]
    chosen = "utf-8" if _is_utf8(texts) else "cp1252"
    _say_encoding(chosen, column, declared, raw)
    return chosen


def _misdeclared(name: str, texts: list[bytes]) -> str:
    """Why texts are not in the encoding that a .cpg declares; empty when they may be.

    A Latin encoding reads any byte: texts with accents that are all UTF-8 are never Latin ones.
    """
    accented = [text for text in texts if not text.isascii()]
    try:
        utf8 = "é".encode(name) == "é".encode()
        b"".join(accented).decode(name)
    except LookupError:
        return "encodage inconnu"
    except UnicodeDecodeError:
        return "" if utf8 and _is_utf8(texts) else "qui ne lit pas le .dbf"
    except UnicodeEncodeError:  # an alphabet without é
        return ""
    return "" if utf8 or not accented or not _is_utf8(accented) else "mais les textes sont de l'UTF-8"


def _say_encoding(chosen: str, column: str, declared: str, raw: RawTable) -> None:
    if column:
        reason = f"malgré le .cpg « {declared} »" if declared else "sans .cpg"
        level = "note" if chosen == "utf-8" else "alerte"
        message = (
            f"textes de « {column} » lus en {chosen} ({reason}) : vérifier un nom accentué, sinon --encodage"
        )
        raw.findings.append(Finding(None, column, "encodage", level, chosen, message))
    elif not declared:
        message = "pas de fichier .cpg, mais aucun accent dans les textes"
        raw.findings.append(Finding(None, "", "encodage", "note", "", message))


def _is_utf8(texts: list[bytes]) -> bool:
    """Whether texts are UTF-8, the last letter of a full cell being cut or not."""
    for text in texts:
        try:
            text.decode("utf-8")
        except UnicodeDecodeError as error:
            if error.reason != "unexpected end of data" or error.end < len(text):
                return False
    return True
