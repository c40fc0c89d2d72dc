"""What a reader must be told of the data of an answer: objects drawn for show only, made-up inputs.

A file is looked at, never loaded, unless it has a column ``fictif``; a table that we wrote from made-up
data says so in its notes, and is made up itself.
"""

import gzip
import mmap
import re
import sqlite3
import zipfile
import zlib
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artois_geo import meaning
from artois_geo.tables.frame_warnings import MARK, schematic, warnings

if TYPE_CHECKING:
    from artois_geo.layers import Layer

__all__ = ["MARK", "fictional_sentence", "says_fictional", "schematic", "warnings"]

_COLUMN = meaning.FICTIONAL.encode()
_NOTE = re.compile(rb'"' + MARK.encode())
_VALUE = re.compile(rb'"' + _COLUMN + rb'"\s*:\s*"?([^,}"\s]*)')
_EDGE = 1 << 16  # bytes at both ends of a file, where formats name their columns
_MOST = 1 << 28  # bytes of a compressed file: what it swells to is not known


def fictional_sentence(inputs: Iterable[str]) -> str:
    """Say which inputs are made up: what stands under every table made from them.

    Examples
    --------
    >>> fictional_sentence(["sites", "zones"])
    'Données fictives : sites, zones.'
    """
    return f"{MARK} : {', '.join(inputs)}."


def says_fictional(source: "Layer | Path") -> bool:
    """Tell whether a file holds at least one made-up object; one that cannot be read says nothing.

    Examples
    --------
    >>> from artois_geo import layers
    >>> says_fictional(layers.read_catalogue()["sites_eco"])
    False
    """
    from artois_geo.errors import ArtoisGeoError

    path = source if isinstance(source, Path) else source.path
    suffix = path.suffix.lower()
    try:
        if suffix in {".geojson", ".json"}:
            return _json_says_fictional(path)
        if suffix == ".gz":
            return _archive_says_fictional(path)
        if suffix in {".csv", ".tsv", ".txt"}:
            return _csv_says_fictional(path) or _csv_says_fictional(_beside(path), column="texte")
        if suffix == ".gpkg":
            return _geopackage_says_fictional(path)
        if suffix == ".xlsx":
            return _workbook_says_fictional(path)
        return _mentions(path) and _table_says_fictional(path)
    except (ArtoisGeoError, OSError, EOFError, ValueError, sqlite3.Error, zipfile.BadZipFile, zlib.error):
        return False


def _json_says_fictional(path: Path) -> bool:
    if not path.stat().st_size:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        return _text_says_fictional(text)


def _archive_says_fictional(path: Path) -> bool:
    with gzip.open(path) as file:
        return _text_says_fictional(file.read(_MOST))


def _text_says_fictional(text: bytes | mmap.mmap) -> bool:
    """Look at each value of the property in a JSON text, and for a note of ours."""
    values = {match.group(1).decode(errors="replace") for match in _VALUE.finditer(text)}
    return _NOTE.search(text) is not None or any(map(meaning.is_true, values))


def _csv_says_fictional(path: Path, column: str = meaning.FICTIONAL) -> bool:
    """Look for the column in the header, and read the table only if it is there."""
    from artois_geo import tables

    if not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.readline(_EDGE).replace(b"\0", b"")
    if column.encode() not in head:
        return False
    table = tables.from_csv(path.read_bytes(), name=path.name)
    if column == meaning.FICTIONAL:
        return bool(meaning.fictional(table).any())
    return column in table and bool(table[column].str.startswith(MARK).any())


def _geopackage_says_fictional(path: Path) -> bool:
    """Look at the column of each table, and at what the file says of itself; it is left as it is."""
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as base:
        for name, description in base.execute("SELECT table_name, description FROM gpkg_contents").fetchall():
            quoted = '"' + str(name).replace('"', '""') + '"'
            columns = {row[1] for row in base.execute(f"PRAGMA table_info({quoted})")}
            values: list[Any] = []
            if meaning.FICTIONAL in columns:
                values = base.execute(f"SELECT DISTINCT fictif FROM {quoted}").fetchall()  # noqa: S608 - name quoted
            if MARK in str(description) or any(meaning.is_true(value) for (value,) in values):
                return True
    return False


def _workbook_says_fictional(path: Path) -> bool:
    import pandas as pd

    sheets = pd.read_excel(path, sheet_name=None, dtype=str, header=None, keep_default_na=False)
    for sheet in sheets.values():
        if not len(sheet):
            continue
        body = sheet.iloc[1:].set_axis(sheet.iloc[0].astype(str), axis=1)
        one_each = body.loc[:, ~body.columns.duplicated()]
        if meaning.fictional(one_each).any() or sheet[0].str.startswith(MARK).any():
            return True
    return False


def _table_says_fictional(path: Path) -> bool:
    """Read the column of a parquet file, or the whole of another one."""
    import pandas as pd

    from artois_geo import layers

    if path.suffix.lower() in {".parquet", ".geoparquet"}:
        return bool(meaning.fictional(pd.read_parquet(path, columns=[meaning.FICTIONAL])).any())
    return bool(meaning.fictional(layers.read(path)).any())


def _mentions(path: Path) -> bool:
    """Look for the name of the column where formats put it: at the ends of a file or of its .dbf."""
    if path.suffix.lower() == ".zip":
        with zipfile.ZipFile(path) as archive:
            return any(_COLUMN in archive.open(member).read(_EDGE) for member in archive.infolist())
    table = path.with_suffix(".dbf") if path.suffix.lower() == ".shp" else path
    if not table.is_file():
        return False
    with table.open("rb") as file:
        ends = file.read(_EDGE)
        file.seek(max(table.stat().st_size - _EDGE, 0))
        return _COLUMN in ends + file.read()


def _beside(path: Path) -> Path:
    from artois_geo import tables

    return path.with_name(f"{path.stem}{tables.SOURCES}")
