"""Opening a cover left in its file: what it holds, in which system, and whether it can be read in batches."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pyproj

from artois_geo.errors import BadCRS, UnknownName, UnreadableFile, why
from artois_geo.overlay.sources import Bounds, GeoPackage, GeoParquet, connection_to, quoted
from artois_geo.suffixes import FilePath


def open_cover(path: FilePath, *, layer: str | None = None) -> GeoPackage | GeoParquet:
    """Open a cover left in its file, to be read batch by batch: nothing is loaded yet.

    Parameters
    ----------
    path
        GeoPackage (``.gpkg``) or GeoParquet (``.parquet``, needs pyarrow) in EPSG:2154.
    layer
        Layer of the GeoPackage; not needed where there is only one.

    Returns
    -------
    GeoPackage or GeoParquet
        To be given to `area_table` or `change_table` in place of a frame.

    Raises
    ------
    UnreadableFile
        The file is absent, or not a layer of polygons that can be read in batches.
    BadCRS
        The file is not in EPSG:2154.
    UnknownName
        No such layer.

    Examples
    --------
    >>> from artois_geo.overlay import open_cover
    >>> from pathlib import Path
    >>> from artois_geo import example
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> example.square(x_km=0, y_km=0, side_km=1, cs="CS1").to_file(folder / "ocsge.gpkg", layer="sol")
    >>> cover = open_cover(folder / "ocsge.gpkg")
    >>> cover.layer, cover.rows
    ('sol', 1)
    """
    path = Path(path)
    if not path.is_file():
        raise UnreadableFile(f"Fichier introuvable : {path}.")
    if path.suffix.lower() == ".gpkg":
        return _open_geopackage(path, layer)
    if path.suffix.lower() in {".parquet", ".geoparquet"}:
        return _open_geoparquet(path)
    raise UnreadableFile(
        f"{path.name} : seuls .gpkg et .parquet se lisent par lots. Lire les autres par layers."
    )


def _open_geopackage(path: Path, layer: str | None) -> GeoPackage:
    """Check a layer of a GeoPackage (one layer, Lambert-93, a true table) and describe how to read it."""
    with connection_to(path) as connection:
        layers = connection.execute(
            "SELECT table_name, column_name, srs_id FROM gpkg_geometry_columns ORDER BY table_name"
        ).fetchall()
        names = [name for name, _, _ in layers]
        if not names:
            raise UnreadableFile(f"{path.name} n'a aucune couche de polygones, de lignes ou de points.")
        if layer is None and len(names) != 1:
            raise UnreadableFile(f"{path.name} a plusieurs couches : {', '.join(names)}. Dire laquelle.")
        layer = layer if layer is not None else names[0]
        if layer not in names:
            raise UnknownName("couche", layer, names)
        _, geometry, srs = layers[names.index(layer)]
        _require_code(_geopackage_crs(connection, srs), path)
        _require_table(connection, layer, path)
        info = connection.execute(f"PRAGMA table_info({quoted(layer)})").fetchall()
        keys = [column[1] for column in info if column[5]]
        extent = connection.execute(
            "SELECT min_x, min_y, max_x, max_y FROM gpkg_contents WHERE table_name = ?", (layer,)
        ).fetchone()
        rows = _count(connection, layer)
        index = f"rtree_{layer}_{geometry}"
        indexed = connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (index,)).fetchone()
    columns = tuple(column[1] for column in info if column[1] != geometry)
    known_extent = extent if extent and None not in extent else None
    identifier = keys[0] if len(keys) == 1 else "rowid"
    return GeoPackage(path, layer, geometry, rows, columns, identifier, known_extent, indexed is not None)


def _require_table(connection: sqlite3.Connection, layer: str, path: Path) -> None:
    """Refuse a view: its rows have no identifier, so that no row can be named nor read a second time."""
    kind = connection.execute(
        "SELECT type FROM sqlite_master WHERE lower(name) = lower(?) AND type IN ('table', 'view')", (layer,)
    ).fetchone()
    if kind is None or kind[0] == "view":
        what = "une vue, sans identifiant de ligne" if kind else "annoncée mais absente du fichier"
        raise UnreadableFile(
            f"{path.name} : la couche « {layer} » est {what}.\n"
            "L'enregistrer dans une vraie table (ogr2ogr, ou QGIS : Exporter la couche)."
        )


def _count(connection: sqlite3.Connection, layer: str) -> int:
    """Count the rows of a layer: the count that the file stores, else one that reads every page of it."""
    try:
        stored = connection.execute(
            "SELECT feature_count FROM gpkg_ogr_contents WHERE lower(table_name) = lower(?)", (layer,)
        ).fetchone()
    except sqlite3.Error:  # that table is GDAL's own
        stored = None
    if stored is not None and stored[0] is not None:
        return int(stored[0])
    return int(connection.execute(f"SELECT count(*) FROM {quoted(layer)}").fetchone()[0])  # noqa: S608


def _geopackage_crs(connection: sqlite3.Connection, srs: int) -> pyproj.CRS | None:
    """Read the CRS behind a number of the file; None where it is undefined or unreadable."""
    row = connection.execute(
        "SELECT organization, organization_coordsys_id, definition"
        " FROM gpkg_spatial_ref_sys WHERE srs_id = ?",
        (srs,),
    ).fetchone()
    if row is None or srs in (0, -1):
        return None
    organization, code, definition = row
    try:
        is_epsg = str(organization).upper() == "EPSG"
        return pyproj.CRS.from_epsg(code) if is_epsg else pyproj.CRS.from_wkt(definition)
    except (pyproj.exceptions.CRSError, TypeError):
        return None


def _open_geoparquet(path: Path) -> GeoParquet:
    """Check a GeoParquet file (Lambert-93, well-known binary) and describe its row groups."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise UnreadableFile(
            f"{path.name} : lire un GeoParquet demande pyarrow (pip install artois-geo[scale])."
        ) from error
    try:
        with pq.ParquetFile(path) as file:
            metadata = file.schema_arrow.metadata or {}
            if b"geo" not in metadata:
                raise UnreadableFile(
                    f"{path.name} est un Parquet sans géométrie déclarée (pas un GeoParquet)."
                )
            geo = json.loads(metadata[b"geo"])
            geometry = geo["primary_column"]
            column = geo["columns"][geometry]
            crs = column.get("crs", "OGC:CRS84")
            _require_code(_parquet_crs(crs), path)
            if column["encoding"] != "WKB":
                raise UnreadableFile(
                    f"{path.name} : géométrie codée {column['encoding']}, seul WKB se lit par lots.\n"
                    "L'enregistrer avec to_parquet(…, geometry_encoding='WKB')."
                )
            groups = tuple(range(file.num_row_groups))
            sizes = tuple(file.metadata.row_group(g).num_rows for g in groups)
            boxes = tuple(_group_box(file.metadata.row_group(g), column.get("covering")) for g in groups)
            columns = tuple(name for name in file.schema_arrow.names if name != geometry)
            return GeoParquet(path, geometry, file.metadata.num_rows, columns, groups, sizes, boxes)
    except (pa.ArrowException, OSError, LookupError, TypeError, ValueError) as error:
        raise UnreadableFile(f"{path.name} n'est pas un GeoParquet lisible ({why(error)}).") from error


def _parquet_crs(declared: Any) -> pyproj.CRS | None:
    try:
        return pyproj.CRS.from_user_input(declared) if declared else None
    except pyproj.exceptions.CRSError:
        return None


def _group_box(group: Any, covering: dict | None) -> Bounds | None:
    """Read the box of a row group, from the statistics of its covering column."""
    if not covering or "bbox" not in covering:
        return None
    paths = {side: ".".join(path) for side, path in covering["bbox"].items()}
    sides: dict[str, float] = {}
    for i in range(group.num_columns):
        column = group.column(i)
        for side, path in paths.items():
            if column.path_in_schema == path and column.statistics and column.statistics.has_min_max:
                sides[side] = column.statistics.min if side.endswith("min") else column.statistics.max
    if set(sides) < {"xmin", "ymin", "xmax", "ymax"}:
        return None
    return sides["xmin"], sides["ymin"], sides["xmax"], sides["ymax"]


def _require_code(crs: pyproj.CRS | None, path: Path) -> None:
    if crs is None or crs.to_epsg() != 2154:
        name = crs.name if crs else "aucun"
        raise BadCRS(
            f"{path.name} doit être en Lambert-93 (EPSG:2154), système trouvé : {name}.\n"
            "Le reprojeter d'abord (ogr2ogr -t_srs EPSG:2154), ou le lire par layers."
        )
