"""A .dbf from its own bytes: exact integers, exact texts, and its several ways to write nothing."""

import re
import struct
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from artois_geo.errors import UnreadableFile
from artois_geo.formats.findings import Finding
from artois_geo.text import counted

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
    """The columns of a .dbf, and which of its records they hold.

    ``living`` numbers, from 0, the records that are not marked deleted; ``count`` counts those that are too.
    """

    columns: dict[str, list[Any]]
    findings: tuple[Finding, ...]
    living: list[int]
    count: int


def read_dbf(path: Path, *, encoding: str = "", cpg: Path | None = None) -> Records:
    """Read the columns of a shapefile from its .dbf.

    Numbers come as Python numbers, a null number (stars), date (zeros) or logical as
    ``None``; what does not read as a number stays text for the kind to judge. Nulls,
    deleted records and the way the texts were decoded are reported.

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
        raise UnreadableFile(f"{path.name} : fichier .dbf tronqué, {counted(count, 'ligne annoncée')}.")
    records = [content[header + row * length : header + (row + 1) * length] for row in range(count)]
    living = [row for row, record in enumerate(records) if record[:1] != b"*"]
    findings = []
    if len(living) < count:
        erased = counted(count - len(living), "ligne marquée effacée", "lignes marquées effacées")
        message = f"{erased} dans le .dbf, hors lecture"
        findings.append(Finding(None, "", "lignes effacées", "alerte", count - len(living), message))
    records = [records[row] for row in living]
    text_encoding, encoding_findings = encoding, list[Finding]()
    if not encoding:
        text_encoding, encoding_findings = _encoding(content[29], records, fields, cpg)
    findings += encoding_findings
    columns: dict[str, list[Any]] = {}
    for field in fields:
        name, name_findings = _free_name(field.name.decode(text_encoding, errors="replace"), columns)
        cells = [record[field.start : field.start + field.size] for record in records]
        columns[name], cell_findings = _column(name, cells, field, text_encoding)
        findings += [*name_findings, *cell_findings]
    return Records(columns, tuple(findings), living, count)


def _fields(block: bytes) -> list[_Field]:
    """Read the fields that the header describes; the first byte of a record is its mark."""
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


def _free_name(name: str, columns: Container[str]) -> tuple[str, list[Finding]]:
    """Return a name that no earlier column has: names cut at ten letters meet."""
    free, number = name, 2
    while free in columns:
        free, number = f"{name}_{number}", number + 1
    message = f"deuxième colonne « {name} » du .dbf, gardée sous le nom « {free} »"
    return free, [Finding(None, free, "colonne en double", "alerte", name, message)] if free != name else []


def _column(name: str, cells: list[bytes], field: _Field, encoding: str) -> tuple[list[Any], list[Finding]]:
    """Return the cells of a field as Python values; bytes that are no value give one finding."""
    if field.kind == "C":
        return _texts(name, cells, encoding)
    findings = []
    if field.kind not in _CELLS_READ and any(cell.strip(b" \x00") for cell in cells):
        message = f"champ de type « {field.kind} » : sa valeur n'est pas dans le .dbf ou n'est pas du texte"
        findings.append(Finding(None, name, "type du .dbf", "alerte", field.kind, message))
    texts = [cell.decode("ascii", errors="replace").strip(" \x00") for cell in cells]
    values = [_value(text, field) if text else None for text in texts]
    nulls = sum(bool(text) and value is None for text, value in zip(texts, values, strict=True))
    if nulls:
        findings.append(_nulls(name, field.kind, nulls))
    return values, findings


def _texts(name: str, cells: list[bytes], encoding: str) -> tuple[list[Any], list[Finding]]:
    """Decode the cells of a field of texts; bytes that the encoding cannot read give one finding."""
    texts = [cell.decode(encoding, errors="replace").rstrip(" \x00") for cell in cells]
    garbled = sum(
        _LOST in text and _LOST.encode() not in cell for text, cell in zip(texts, cells, strict=True)
    )
    message = f"{garbled} textes ont des octets que {encoding} ne sait pas lire, remplacés par « {_LOST} »"
    findings = [Finding(None, name, "encodage", "alerte", garbled, message)] if garbled else []
    return [text or None for text in texts], findings


def _nulls(name: str, kind: str, count: int) -> Finding:
    """Report the cells of a column that the .dbf writes as nothing."""
    how = {
        "D": "date à zéro (00000000) : nulle",
        "L": "point d'interrogation : ni vrai ni faux",
    }.get(kind, "étoiles du .dbf : valeur nulle, ou nombre trop long pour la colonne")
    cells = "1 cellule vide" if count == 1 else f"{count} cellules vides"
    return Finding(None, name, "valeurs nulles", "note", count, f"{cells} ({how})")


def _value(text: str, field: _Field) -> Any:
    """Read a cell that is not blank, ``None`` where the format says null."""
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
    byte: int, records: list[bytes], fields: list[_Field], cpg: Path | None
) -> tuple[str, list[Finding]]:
    """Tell how the texts are encoded: as the .cpg declares if that can be, else by the bytes."""
    text_fields = [field for field in fields if field.kind == "C"]
    texts = [record[field.start : field.start + field.size] for field in text_fields for record in records]
    column = _accented_column(text_fields, records)
    declared = "" if cpg is None else cpg.read_text(encoding="ascii", errors="replace").strip()
    findings = []
    if declared:
        name = _SPELLINGS.get(declared.lower(), declared)
        contradiction = _contradiction(name, texts)
        if not contradiction:
            return name, []
        message = f"le .cpg annonce « {declared} », {contradiction}"
        findings.append(Finding(None, column, "encodage", "alerte", declared, message))
    elif cpg is None and byte in _CODEPAGES and not _is_utf8(texts):
        name = _CODEPAGES[byte]
        message = f"pas de fichier .cpg : textes lus en {name}, d'après l'octet de langue du .dbf"
        return name, [Finding(None, column, "encodage", "note", name, message)]
    guess = "utf-8" if _is_utf8(texts) else "cp1252"
    return guess, [*findings, *_guess_findings(guess, column, declared)]


def _accented_column(fields: list[_Field], records: list[bytes]) -> str:
    """Name the first column that holds an accent; empty where none does."""
    for field in fields:
        if any(not record[field.start : field.start + field.size].isascii() for record in records):
            return field.name.decode("ascii", errors="replace")
    return ""


def _contradiction(name: str, texts: list[bytes]) -> str:
    """Explain why texts are not in the encoding that a .cpg declares; empty when they may be.

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


def _guess_findings(encoding: str, column: str, declared: str) -> list[Finding]:
    """Report the encoding that the bytes suggest, and a column by which a person can verify it."""
    if column:
        reason = f"malgré le .cpg « {declared} »" if declared else "sans .cpg"
        level = "note" if encoding == "utf-8" else "alerte"
        message = (
            f"textes de « {column} » lus en {encoding} ({reason}) : "
            "vérifier un nom accentué, sinon --encodage"
        )
        return [Finding(None, column, "encodage", level, encoding, message)]
    if declared:
        return []
    message = "pas de fichier .cpg, mais aucun accent dans les textes"
    return [Finding(None, "", "encodage", "note", "", message)]


def _is_utf8(texts: list[bytes]) -> bool:
    """Tell whether texts are UTF-8, the last letter of a full cell being cut or not."""
    for text in texts:
        try:
            text.decode("utf-8")
        except UnicodeDecodeError as error:
            if error.reason != "unexpected end of data" or error.end < len(text):
                return False
    return True
