"""The .mid beside a .mif, from its own text: GDAL reads an empty number as 0, and « 12,5 » as 12."""

import csv
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from artois_geo.formats.findings import Finding
from artois_geo.formats.raw_table import RawTable
from artois_geo.text import counted

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_WHOLE = {"integer", "smallint", "largeint"}
_READ = {*_WHOLE, "decimal", "float", "date", "logical"}


def correct_from_mid(mif: Path, mid: Path, raw: RawTable) -> RawTable:
    """Replace the numbers, dates and booleans that GDAL made of a .mid by those that it holds.

    What is empty is null, what does not read as its type stays text.
    """
    delimiter, kinds = _header(mif)
    with mid.open(encoding="latin-1", newline="") as stream:
        rows = [row for row in csv.reader(stream, delimiter=delimiter) if row]
    if len(rows) != len(raw) or len(kinds) != len(raw.columns):
        sizes = f"{counted(len(rows), 'ligne')} pour {counted(len(raw), 'objet')}"
        message = f"{mid.name} a {sizes} : valeurs lues par GDAL seul"
        return raw.with_findings([Finding(None, "", "fichier .mid", "alerte", len(rows), message)])
    corrected = {
        name: [_value(_cell(row, position), kind) for row in rows]
        for position, (name, kind) in enumerate(zip(raw.columns, kinds, strict=True))
        if kind in _READ
    }
    return replace(raw, columns=raw.columns | corrected)


def zeros_of_tab(raw: RawTable) -> list[Finding]:
    """Report the zeros of the numbers of a .tab, which has no other way to write that there is none.

    Examples
    --------
    >>> [finding.found for finding in zeros_of_tab(RawTable(columns={"ha": [0.0, 2.5], "nom": ["A", "B"]}))]
    [1]
    """
    findings = []
    for name, cells in raw.columns.items():
        numbers = [cell for cell in cells if isinstance(cell, int | float) and not isinstance(cell, bool)]
        zeros = numbers.count(0)
        if zeros and zeros < len(numbers):
            message = f"{counted(zeros, 'zéro')} : MapInfo (.tab) écrit 0 pour une valeur absente, à vérifier"
            findings.append(Finding(None, name, "zéro ou absent", "alerte", zeros, message))
    return findings


def _header(mif: Path) -> tuple[str, list[str]]:
    """Read the delimiter of the .mid, and the type of each column."""
    delimiter, kinds, expected = "\t", [], 0
    with mif.open(encoding="latin-1") as stream:
        for line in stream:
            words = line.strip()
            if expected:
                kinds.append(re.split(r"[\s(]", words.split(None, 1)[-1].lower())[0])
                expected -= 1
            elif words.lower().startswith("delimiter"):
                delimiter = (re.findall(r'"(.)"', words) or ["\t"])[0]
            elif words.lower().startswith("columns"):
                expected = int(words.split()[1])
            elif words.lower() == "data":
                break
    return delimiter, kinds


def _cell(row: list[str], position: int) -> str:
    return row[position].strip() if position < len(row) else ""


def _value(text: str, kind: str) -> Any:
    """Read a cell as the type of its column; what does not read so stays text."""
    if not text:
        return None
    if kind == "logical":
        return {"T": True, "F": False}.get(text.upper(), text)
    if kind == "date":
        return _date(text)
    if not _NUMBER.fullmatch(text):
        return text
    if kind in _WHOLE and re.fullmatch(r"[+-]?\d+", text):
        return int(text)
    number = float(text)
    return number if abs(number) != float("inf") else text


def _date(text: str) -> str | None:
    """Write a date as ISO does: AAAAMMJJ in a .mid; zeros are none."""
    digits = re.sub(r"\D", "", text)
    if set(digits) <= {"0"}:
        return None
    try:
        return date.fromisoformat(digits).isoformat() if len(digits) == 8 and digits == text else text
    except ValueError:
        return text
