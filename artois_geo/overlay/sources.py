"""Covers that come batch by batch: a frame, a GeoPackage, a GeoParquet file, a working copy.

A batch is one long buffer of well-known binary and the position of each polygon in it, with
the values of the columns asked for. Only as many batches as there are threads are in memory.
"""

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from artois_geo import measure
from artois_geo.errors import BadCRS, UnknownName, UnreadableFile
from artois_geo.overlay import frames
from artois_geo.overlay.frames import Integers

_ROWS = 4_096
_FEW_ROWS = 512  # of a GeoPackage: blobs are let go before the cache is full of them
_PAGES_KB = 64  # a page read once is never wanted again: few of them stay where the processor has them
_ASKED = 900  # values in one question: some versions of SQLite take no thousand
_HEADER_BYTES, _NO_HEADER = 8, 1 << 40
_ENVELOPE_BYTES = np.array([0, 32, 48, 48, 64, *(_NO_HEADER,) * 3])

Bounds = tuple[float, float, float, float]
Values = Sequence[object] | NDArray[Any]


class Batch(NamedTuple):
    """Polygons in well-known binary; ``starts`` is -1 where there is no geometry."""

    data: NDArray[np.uint8]
    starts: Integers
    lengths: Integers
    values: Sequence[Values]  # one list per column asked for
    names: Values  # what to call a row in a message
    source: str = "cover"  # what to call the cover in a message


class Cover(Protocol):
    """Anything that gives batches."""

    @property
    def rows(self) -> int: ...

    def require(self, columns: Sequence[str], *, name: str) -> None: ...

    def parts(self, columns: Sequence[str], within: Bounds | None, cores: int) -> list[Iterator[Batch]]: ...


@dataclass(frozen=True)
class FrameCover:
    """A frame in memory."""

    frame: gpd.GeoDataFrame

    @property
    def rows(self) -> int:
        return len(self.frame)

    def require(self, columns: Sequence[str], *, name: str) -> None:
        measure.require_lambert93(**{name: self.frame})
        frames.require_columns(self.frame, columns, name=name)

    def parts(self, columns: Sequence[str], within: Bounds | None, cores: int) -> list[Iterator[Batch]]:
        shapes = np.asarray(self.frame.geometry.values, dtype=object)
        values = [self.frame[column].to_numpy(dtype=object) for column in columns]

        def part(start: int) -> Iterator[Batch]:
            here = slice(start, start + _ROWS)
            blobs = shapely.to_wkb(shapes[here], output_dimension=2, byte_order=1)
            yield joined(blobs, [column[here] for column in values], self.frame.index[here])

        return [part(start) for start in range(0, len(shapes), _ROWS)]


@dataclass(frozen=True)
class GeoPackage:
    """A layer of a GeoPackage, read as the bytes it holds."""

    path: Path
    layer: str
    geometry: str
    rows: int
    columns: tuple[str, ...]
    identifier: str
    extent: Bounds | None
    indexed: bool

    def require(self, columns: Sequence[str], *, name: str) -> None:
        _require(columns, self.columns, name)

    def parts(self, columns: Sequence[str], within: Bounds | None, cores: int) -> list[Iterator[Batch]]:
        # one reader for all: the interpreter would only pass its lock from one to the other
        return [_Shared(self._batches(columns, within))] * cores

    def _batches(self, columns: Sequence[str], within: Bounds | None) -> Iterator[Batch]:
        wanted = ", ".join(_quoted(c) for c in (self.identifier, self.geometry, *columns))
        query = f"SELECT {wanted} FROM {_quoted(self.layer)}"  # noqa: S608 - names are quoted
        values: tuple[float, ...] = ()
        if within is not None and self.indexed and _smaller(within, self.extent):
            index = _quoted(f"rtree_{self.layer}_{self.geometry}")
            query += (
                f" WHERE {_quoted(self.identifier)} IN (SELECT id FROM {index}"  # noqa: S608
                " WHERE maxx >= ? AND maxy >= ? AND minx <= ? AND miny <= ?)"
            )
            values = within
        with _connection(self.path) as connection:
            if not values:
                connection.execute(f"PRAGMA cache_size = {-_PAGES_KB}")
            cursor = connection.execute(query, values)
            while rows := cursor.fetchmany(_FEW_ROWS):
                names, blobs, *rest = zip(*rows, strict=True)
                yield _after_header(joined(blobs, list(rest), names)._replace(source=self.path.name))

    def again(self, names: Integers) -> Iterator[Batch]:
        """Some rows by their identifiers, without a column."""
        wanted = f"SELECT {_quoted(self.identifier)}, {_quoted(self.geometry)} FROM {_quoted(self.layer)}"  # noqa: S608
        with _connection(self.path) as connection:
            for at in range(0, len(names), _ASKED):
                here = names[at : at + _ASKED].tolist()
                query = f"{wanted} WHERE {_quoted(self.identifier)} IN ({', '.join('?' * len(here))})"
                rows = connection.execute(query, here).fetchall()
                found, blobs = [row[0] for row in rows], [row[1] for row in rows]
                yield _after_header(joined(blobs, [], found)._replace(source=self.path.name))


@dataclass(frozen=True)
class GeoParquet:
    """A GeoParquet file whose geometry is well-known binary."""

    path: Path
    geometry: str
    rows: int
    columns: tuple[str, ...]
    groups: tuple[int, ...]
    sizes: tuple[int, ...]
    boxes: tuple[Bounds | None, ...]

    def require(self, columns: Sequence[str], *, name: str) -> None:
        _require(columns, self.columns, name)

    def parts(self, columns: Sequence[str], within: Bounds | None, cores: int) -> list[Iterator[Batch]]:
        first_row = dict(zip(self.groups, np.cumsum([0, *self.sizes]).tolist(), strict=False))
        kept = [g for g, box in zip(self.groups, self.boxes, strict=True) if _meets(within, box)]
        return [self._batches(columns, group, first_row[group]) for group in kept]

    def _batches(self, columns: Sequence[str], group: int, row: int) -> Iterator[Batch]:
        for table in self._tables(list(dict.fromkeys([*columns, self.geometry])), group):
            blobs = table.column(self.geometry)
            data, starts, lengths = _arrow_bytes(blobs)
            values = [table.column(c).to_pylist() for c in columns]
            yield Batch(data, starts, lengths, values, range(row, row + len(starts)), self.path.name)
            row += len(starts)

    def _tables(self, columns: list[str], group: int) -> Iterator[Any]:
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            with pq.ParquetFile(self.path) as file:
                yield from file.iter_batches(_ROWS, row_groups=[group], columns=columns, use_threads=False)
        except (pa.ArrowException, OSError) as error:
            raise UnreadableFile(f"{self.path.name} n'est pas un GeoParquet lisible ({error}).") from error

    def again(self, names: Integers) -> Iterator[Batch]:
        """Some rows by their positions, without a column."""
        first_row = np.cumsum([0, *self.sizes])
        for group, first, last in zip(
            self.groups, first_row[:-1].tolist(), first_row[1:].tolist(), strict=True
        ):
            if not np.searchsorted(names, last) > np.searchsorted(names, first):
                continue
            for batch in self._batches([], group, first):
                places = np.asarray(batch.names)
                some = np.flatnonzero(np.isin(places, names))
                yield batch._replace(
                    starts=batch.starts[some], lengths=batch.lengths[some], names=places[some]
                )


def open_cover(path: Path, *, layer: str | None = None) -> GeoPackage | GeoParquet:
    """A cover left in its file, to be read batch by batch: nothing is loaded yet.

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
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> plain.square(x_km=0, y_km=0, side_km=1, cs="CS1").to_file(folder / "ocsge.gpkg", layer="sol")
    >>> cover = open_cover(folder / "ocsge.gpkg")
    >>> cover.layer, cover.rows
    ('sol', 1)
    """
    if not path.is_file():
        raise UnreadableFile(f"Fichier introuvable : {path}.")
    if path.suffix.lower() == ".gpkg":
        return _open_geopackage(path, layer)
    if path.suffix.lower() in {".parquet", ".geoparquet"}:
        return _open_geoparquet(path)
    raise UnreadableFile(
        f"{path.name} : seuls .gpkg et .parquet se lisent par lots. Lire les autres par layers."
    )


def as_cover(cover: "gpd.GeoDataFrame | Cover") -> Cover:
    return FrameCover(cover) if isinstance(cover, gpd.GeoDataFrame) else cover


def joined(blobs: Sequence[bytes | None], values: Sequence[Values], names: Values) -> Batch:
    """Blobs end to end, as a batch."""
    if any(
        type(b) in (str, int, float) for b in blobs
    ):  # a column of SQLite holds anything: not one byte of it
        blobs = [b if b is None or isinstance(b, bytes) else b"?" for b in blobs]
    lengths = np.fromiter((len(b) if b else 0 for b in blobs), np.int64, len(blobs))
    starts = np.cumsum(lengths) - lengths
    starts[lengths == 0] = -1
    data = np.frombuffer(b"".join(b for b in blobs if b), np.uint8)
    return Batch(data, starts, lengths, values, names)


class _Shared:
    """One iterator for several threads."""

    def __init__(self, batches: Iterable[Batch]) -> None:
        self._batches = iter(batches)
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[Batch]:
        return self

    def __next__(self) -> Batch:
        with self._lock:
            return next(self._batches)


def _after_header(batch: Batch) -> Batch:
    """The well-known binary of GeoPackage blobs: after their header, and the box it may carry.

    What has no such header is left without a byte, for GEOS to refuse.
    """
    starts, lengths = batch.starts.copy(), batch.lengths.copy()
    here = np.flatnonzero(lengths >= _HEADER_BYTES)
    begun = starts[here]
    header = np.full(len(starts), _NO_HEADER)
    box = _ENVELOPE_BYTES[batch.data[begun + 3] >> 1 & 7]
    marked = (batch.data[begun] == ord("G")) & (batch.data[begun + 1] == ord("P"))
    header[here] = np.where(marked, _HEADER_BYTES + box, _NO_HEADER)
    starts[starts >= 0] += np.minimum(header, lengths)[starts >= 0]
    return batch._replace(starts=starts, lengths=np.maximum(lengths - header, 0))


def _arrow_bytes(blobs: Any) -> tuple[NDArray[np.uint8], Integers, Integers]:
    import pyarrow as pa

    column = blobs.cast(pa.large_binary()) if not pa.types.is_large_binary(blobs.type) else blobs
    _, offsets, data = column.buffers()
    ends = np.frombuffer(offsets, np.int64)[column.offset : column.offset + len(column) + 1]
    lengths = np.diff(ends)
    starts = np.where((lengths > 0) & np.asarray(column.is_valid()), ends[:-1], -1)
    seen = np.frombuffer(data if data is not None else b"", np.uint8)
    seen.flags.writeable = False  # the kernel is compiled once, for buffers that nobody writes
    return seen, starts, lengths


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@contextmanager
def _connection(path: Path) -> Iterator[sqlite3.Connection]:
    """A GeoPackage being read, closed in the end; what SQLite cannot read of it is said."""
    try:
        address = f"{path.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, check_same_thread=False)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise UnreadableFile(f"{path.name} n'est pas un GeoPackage lisible ({error}).") from error


def _open_geopackage(path: Path, layer: str | None) -> GeoPackage:
    with _connection(path) as connection:
        found = connection.execute(
            "SELECT table_name, column_name, srs_id FROM gpkg_geometry_columns ORDER BY table_name"
        ).fetchall()
        names = [name for name, _, _ in found]
        if not names:
            raise UnreadableFile(f"{path.name} n'a aucune couche de polygones, de lignes ou de points.")
        if layer is None and len(names) != 1:
            raise UnreadableFile(f"{path.name} a plusieurs couches : {', '.join(names)}. Dire laquelle.")
        layer = layer if layer is not None else names[0]
        if layer not in names:
            raise UnknownName("couche", layer, names)
        _, geometry, srs = found[names.index(layer)]
        _require_code(_geopackage_crs(connection, srs), path)
        _require_table(connection, layer, path)
        info = connection.execute(f"PRAGMA table_info({_quoted(layer)})").fetchall()
        keys = [column[1] for column in info if column[5]]
        extent = connection.execute(
            "SELECT min_x, min_y, max_x, max_y FROM gpkg_contents WHERE table_name = ?", (layer,)
        ).fetchone()
        rows = _count(connection, layer)
        index = f"rtree_{layer}_{geometry}"
        indexed = connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (index,)).fetchone()
    columns = tuple(column[1] for column in info if column[1] != geometry)
    known = extent if extent and None not in extent else None
    identifier = keys[0] if len(keys) == 1 else "rowid"
    return GeoPackage(path, layer, geometry, rows, columns, identifier, known, indexed is not None)


def _require_table(connection: sqlite3.Connection, layer: str, path: Path) -> None:
    """A view has rows without an identifier: they can be neither named nor found again."""
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
    """Rows of a layer: as the file keeps count of them, else counted, which reads every page of it."""
    try:
        kept = connection.execute(
            "SELECT feature_count FROM gpkg_ogr_contents WHERE lower(table_name) = lower(?)", (layer,)
        ).fetchone()
    except sqlite3.Error:  # that table is GDAL's own
        kept = None
    if kept is not None and kept[0] is not None:
        return int(kept[0])
    return int(connection.execute(f"SELECT count(*) FROM {_quoted(layer)}").fetchone()[0])  # noqa: S608


def _geopackage_crs(connection: sqlite3.Connection, srs: int) -> pyproj.CRS | None:
    row = connection.execute(
        "SELECT organization, organization_coordsys_id, definition"
        " FROM gpkg_spatial_ref_sys WHERE srs_id = ?",
        (srs,),
    ).fetchone()
    if row is None or srs in (0, -1):
        return None
    organization, code, definition = row
    try:
        named = str(organization).upper() == "EPSG"
        return pyproj.CRS.from_epsg(code) if named else pyproj.CRS.from_wkt(definition)
    except (pyproj.exceptions.CRSError, TypeError):
        return None


def _open_geoparquet(path: Path) -> GeoParquet:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise UnreadableFile(
            f"{path.name} : lire un GeoParquet demande pyarrow (pip install artois-geo[scale])."
        ) from error
    try:
        with pq.ParquetFile(path) as file:
            about = file.schema_arrow.metadata or {}
            if b"geo" not in about:
                raise UnreadableFile(
                    f"{path.name} est un Parquet sans géométrie déclarée (pas un GeoParquet)."
                )
            geo = json.loads(about[b"geo"])
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
        raise UnreadableFile(f"{path.name} n'est pas un GeoParquet lisible ({error}).") from error


def _parquet_crs(said: Any) -> pyproj.CRS | None:
    try:
        return pyproj.CRS.from_user_input(said) if said else None
    except pyproj.exceptions.CRSError:
        return None


def _group_box(group: Any, covering: dict | None) -> Bounds | None:
    """Box of a row group, from the statistics of its covering column."""
    if not covering or "bbox" not in covering:
        return None
    paths = {side: ".".join(path) for side, path in covering["bbox"].items()}
    found: dict[str, float] = {}
    for i in range(group.num_columns):
        column = group.column(i)
        for side, path in paths.items():
            if column.path_in_schema == path and column.statistics and column.statistics.has_min_max:
                found[side] = column.statistics.min if side.endswith("min") else column.statistics.max
    if set(found) < {"xmin", "ymin", "xmax", "ymax"}:
        return None
    return found["xmin"], found["ymin"], found["xmax"], found["ymax"]


def _require_code(crs: pyproj.CRS | None, path: Path) -> None:
    if crs is None or crs.to_epsg() != 2154:
        found = crs.name if crs else "aucun"
        raise BadCRS(
            f"{path.name} doit être en Lambert-93 (EPSG:2154), système trouvé : {found}.\n"
            "Le reprojeter d'abord (ogr2ogr -t_srs EPSG:2154), ou le lire par layers."
        )


def _require(columns: Sequence[str], known: Sequence[str], name: str) -> None:
    frames.require_columns(pd.DataFrame(columns=list(known)), columns, name=name)


def _smaller(within: Bounds, extent: Bounds | None) -> bool:
    """Reading through the index pays only where it leaves something out."""
    if extent is None:
        return True
    wide, high = extent[2] - extent[0], extent[3] - extent[1]
    seen = max(0.0, min(within[2], extent[2]) - max(within[0], extent[0]))
    tall = max(0.0, min(within[3], extent[3]) - max(within[1], extent[1]))
    return seen * tall < 0.5 * wide * high


def _meets(within: Bounds | None, box: Bounds | None) -> bool:
    if within is None or box is None:
        return True
    return box[0] <= within[2] and box[2] >= within[0] and box[1] <= within[3] and box[3] >= within[1]
