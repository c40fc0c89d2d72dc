"""A shapefile in one file: the parts of each kind of shape, the table of short names, the sources.

A ``.dbf`` holds names of 10 characters, texts of 254 bytes and numbers of 24 characters, and no
empty text: what does not fit is reported, and the whole texts travel in a table beside.
"""

import csv
import io
import math
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from artois_geo import measure, text
from artois_geo.errors import BadTable
from artois_geo.formats.exports.plain_columns import plain_columns
from artois_geo.formats.exports.qgis_style import NAMES
from artois_geo.formats.exports.records import Description, SpatialFile
from artois_geo.formats.exports.short_names import TABLE_END, TABLE_HEADER, safe_stem, short_names
from artois_geo.formats.findings import Finding
from artois_geo.formats.tables.text_tables import DANGEROUS

LONGEST_BYTES = 254
LONGEST_WHOLE = 10**18  # a .dbf holds 18 figures
DECIMALS, WIDTH = 15, 24  # of a real number, as GDAL writes it
EPOCH = (2020, 1, 1, 0, 0, 0)  # any fixed day: the same features give the same bytes
Names = dict[Any, str]


def content(features: gpd.GeoDataFrame, description: Description) -> SpatialFile:
    """Give the bytes of that archive, and what the ``.dbf`` could not hold.

    Parameters
    ----------
    features
        EPSG:2154. Points, lines and polygons go to a shapefile each.
    description
        Its layer names the files.

    Raises
    ------
    BadTable
        A shape made of points and lines or polygons together.
    """
    measure.require_lambert93(features=features)
    table = plain_columns(features)
    columns = [name for name in table.columns if name != table.geometry.name]
    names = short_names(map(str, columns), description.short_names)
    table, encoding, long_texts, findings = _fitting(table, columns)
    stem = safe_stem(description.layer)
    files: dict[str, bytes] = {}
    for layer, part in _by_dimension(table, stem):
        files |= _parts(part.rename(columns=names), layer, encoding)
    headings = [(names[str(name)], str(name), description.labels.get(str(name), "")) for name in columns]
    files[f"{stem}{TABLE_END}"] = _csv(TABLE_HEADER, headings)
    if long_texts:
        rows = [(row, names[column], column, cell) for row, column, cell in long_texts]
        files[f"{stem}_textes_longs.csv"] = _csv(("objet", "nom_court", "nom", "texte"), rows)
    if description.provenance.lines:
        lines = [description.provenance.title, *description.provenance.lines]
        files[f"{stem}_sources.txt"] = "\r\n".join(filter(None, lines)).encode("utf-8-sig")
    return SpatialFile(_archive(files), tuple(findings))


def _by_dimension(table: gpd.GeoDataFrame, stem: str) -> list[tuple[str, gpd.GeoDataFrame]]:
    """Part the features by kind of shape, with the name of its files; those without one go with the first."""
    shapes = table.geometry.to_numpy()
    if (shapely.get_type_id(shapes) == 7).any():
        raise BadTable(
            "Un shapefile ne tient pas une géométrie faite de points, de lignes ou de polygones ensemble. "
            "Choisir .gpkg, ou séparer ces objets avant l'export."
        )
    dimensions = shapely.get_dimensions(shapes)
    present = sorted({int(dimension) for dimension in dimensions if dimension >= 0}) or [2]
    parts = []
    for dimension in present:
        selected = (dimensions == dimension) | ((dimensions < 0) & (dimension == present[0]))
        parts.append((f"{stem}_{NAMES[dimension]}" if len(present) > 1 else stem, table[selected]))
    return parts


def _parts(table: gpd.GeoDataFrame, layer: str, encoding: str) -> dict[str, bytes]:
    """Write one shapefile and give its parts by name; no clock is left in the ``.dbf``."""
    with tempfile.TemporaryDirectory(prefix="artois-") as folder:
        dimension = max([*shapely.get_dimensions(table.geometry.to_numpy()), 0 if len(table) else 2])
        kind = None if table.geometry.notna().any() else ("Point", "LineString", "Polygon")[dimension]
        pyogrio.write_dataframe(
            table, Path(folder) / "draft.shp", driver="ESRI Shapefile", encoding=encoding, geometry_type=kind
        )
        parts = {file.suffix: file.read_bytes() for file in Path(folder).iterdir()}
    dbf = bytearray(parts[".dbf"])
    dbf[1:4] = bytes([EPOCH[0] - 1900, EPOCH[1], EPOCH[2]])
    parts[".dbf"] = bytes(dbf)
    return {f"{layer}{suffix}": parts[suffix] for suffix in sorted(parts)}


def _fitting(
    table: gpd.GeoDataFrame, columns: list[Any]
) -> tuple[gpd.GeoDataFrame, str, list[tuple[int, str, str]], list[Finding]]:
    """Return what a ``.dbf`` holds of a table, its encoding, the texts too long for it and the findings."""
    columns_of_text = {name: _texts(table[name]) for name in columns if _is_text(table[name])}
    encoding = _encoding(cell for cells in columns_of_text.values() for cell in cells if cell)
    fitted, long_texts, findings = {}, list[tuple[int, str, str]](), list[Finding]()
    for name in columns:
        if name in columns_of_text:
            cells = columns_of_text[name]
            fitted[name] = [None if cell is None else _cut(cell, encoding) for cell in cells]
            long_texts += [
                (row, str(name), cell)
                for row, cell in enumerate(cells, start=1)
                if cell is not None and len(cell.encode(encoding)) > LONGEST_BYTES
            ]
            findings += _text_findings(str(name), cells, fitted[name], encoding)
        else:
            findings += _number_findings(str(name), table[name])
    replaced = {name: pd.Series(cells, index=table.index, dtype=object) for name, cells in fitted.items()}
    return table.assign(**replaced), encoding, long_texts, findings


def _is_text(column: pd.Series) -> bool:
    return not (pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column))


def _texts(column: pd.Series) -> list[str | None]:
    """Write the cells of a column as texts; a moment is ISO 8601, a day where it has no hour."""
    cells: list[str | None] = []
    for cell in column.tolist():
        if cell is None or cell is pd.NaT or cell != cell:
            cells.append(None)
        elif hasattr(cell, "isoformat"):
            cells.append(cell.isoformat().removesuffix("T00:00:00"))
        else:
            cells.append(str(cell))
    return cells


def _encoding(texts: Iterable[str]) -> str:
    """Choose the encoding that old desktops read, unless a text needs a letter that it lacks."""
    try:
        for cell in texts:
            cell.encode("cp1252")
    except UnicodeEncodeError:
        return "UTF-8"
    return "CP1252"


def _cut(cell: str, encoding: str) -> str:
    """Return the start of a text that a ``.dbf`` holds, in whole characters."""
    return cell.encode(encoding, "replace")[:LONGEST_BYTES].decode(encoding, "ignore")


def _text_findings(
    name: str, cells: list[str | None], fitted: list[str | None], encoding: str
) -> list[Finding]:
    """Report the texts of a column that do not come back from a ``.dbf`` as they are."""
    present = [(cell, fit) for cell, fit in zip(cells, fitted, strict=True) if cell is not None]
    long = sum(cell != fit for cell, fit in present)
    empty = sum(not fit.rstrip(" \0") for _, fit in present if fit is not None)
    trimmed = sum(
        bool(fit.rstrip(" \0")) and fit != fit.rstrip(" \0") for _, fit in present if fit is not None
    )
    bytes_long = f"de plus de {LONGEST_BYTES} octets ({encoding}), coupé"
    remedy = "dans le .dbf ; en entier dans _textes_longs.csv"
    reports = (
        ("texte long", "alerte", long, f"texte {bytes_long} {remedy}", f"textes {bytes_long}s {remedy}"),
        (
            "texte vide",
            "note",
            empty,
            "texte vide, absent du shapefile",
            "textes vides, absents du shapefile",
        ),
        ("blanc final", "note", trimmed, "texte sans son blanc final", "textes sans leur blanc final"),
    )
    return [
        Finding(None, name, rule, level, count, f"« {name} » : {text.counted(count, noun, plural)}")
        for rule, level, count, noun, plural in reports
        if count
    ]


def _number_findings(name: str, column: pd.Series) -> list[Finding]:
    """Report the numbers of a column that a ``.dbf`` cannot hold to the last figure."""
    numbers = [cell for cell in column.dropna().tolist() if not isinstance(cell, bool | np.bool_)]
    rounded = sum(not _fits(cell) for cell in numbers)
    if not rounded:
        return []
    count = text.counted(rounded, "nombre arrondi", "nombres arrondis")
    message = f"« {name} » : {count} par le .dbf ; .gpkg et .parquet gardent tous les chiffres"
    return [Finding(None, name, "nombre arrondi", "alerte", rounded, message)]


def _fits(number: float) -> bool:
    if isinstance(number, int):
        return abs(number) < LONGEST_WHOLE
    if not math.isfinite(number):
        return False
    decimal = f"{number:.{DECIMALS}f}"
    return len(decimal) <= WIDTH and math.isclose(float(decimal), number, rel_tol=1e-12)


def _csv(header: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> bytes:
    """Write a table for a French spreadsheet, which runs none of its texts."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow(
            [f"'{cell}" if isinstance(cell, str) and DANGEROUS.match(cell) else cell for cell in row]
        )
    return buffer.getvalue().encode("utf-8-sig")


def _archive(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(zipfile.ZipInfo(name, EPOCH), body, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
