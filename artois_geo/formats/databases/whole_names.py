"""The whole names of the columns of a shapefile, from the table that our export writes beside it."""

import csv
from collections.abc import Iterable
from pathlib import Path

from artois_geo.formats.exports.qgis_style import NAMES
from artois_geo.formats.exports.short_names import TABLE_END, TABLE_HEADER

MOST_BYTES = 1 << 20


def whole_names(shapefile: Path, columns: Iterable[str]) -> dict[str, str]:
    """Read the whole name of each column that the table beside a shapefile tells.

    Parameters
    ----------
    shapefile
        The .shp; the table bears its name, or what it is before ``_points``, ``_lignes``, ``_polygones``.
    columns
        Names of the .dbf.

    Returns
    -------
    dict
        Column to its name; empty without a table, and where two columns would have one name.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "zones.shp"
    >>> rows = "nom_court;nom;intitule\\nSITENOM;site_nom;Site\\n"
    >>> _ = file.with_name("zones_noms.csv").write_text(rows, encoding="utf-8-sig")
    >>> whole_names(file, ["SITENOM", "lots"])
    {'SITENOM': 'site_nom'}
    """
    columns = list(columns)
    names = _table_beside(shapefile)
    renamed = [names.get(column, column) for column in columns]
    is_one_each = len(set(renamed)) == len(renamed)
    return {column: names[column] for column in columns if column in names} if is_one_each else {}


def _table_beside(shapefile: Path) -> dict[str, str]:
    """Read the table of names beside a shapefile: short name to name, empty without a table of ours."""
    stems = (shapefile.stem, *(shapefile.stem.removesuffix(f"_{word}") for word in NAMES))
    tables = (shapefile.with_name(f"{stem}{TABLE_END}") for stem in stems)
    table = next((file for file in tables if file.is_file()), None)
    if table is None or table.stat().st_size > MOST_BYTES:
        return {}
    text = table.read_text(encoding="utf-8-sig", errors="replace")
    header, *rows = csv.reader(text.splitlines(), delimiter=";") if text.strip() else [[]]
    if tuple(header) != TABLE_HEADER:
        return {}
    return {row[0]: row[1].removeprefix("'") for row in rows if len(row) > 1 and row[1]}
