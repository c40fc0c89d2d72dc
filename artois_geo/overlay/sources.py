"""Covers that come batch by batch: a frame, a GeoPackage, a GeoParquet file, or one of them seen otherwise.

A batch is one long buffer of well-known binary and the position of each polygon in it, with
the values of the columns asked for. Only as many batches as there are threads are in memory.
"""

import importlib.util
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from artois_geo import measure
from artois_geo.errors import UnreadableFile, why
from artois_geo.overlay import frames
from artois_geo.overlay.frames import Geometries, Integers

_ROWS = 4_096
_FEW_ROWS = 512  # of a GeoPackage: blobs are let go before the cache is full of them
_PAGES_KB = 64  # a page read once is never wanted again: few of them stay where the processor has them
_STEADY_GDAL = (3, 11, 4)  # before, its thread that reads a GeoPackage ahead of us may crash: GDAL 12935
_QUERY_NAMES = 900  # values in one question: some versions of SQLite take no thousand
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

    def parts(self, columns: Sequence[str], bounds: Bounds | None) -> list[Iterator[Batch]]: ...


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

    def parts(self, columns: Sequence[str], bounds: Bounds | None) -> list[Iterator[Batch]]:
        shapes = np.asarray(self.frame.geometry.values, dtype=object)
        values = [self.frame[column].to_numpy(dtype=object) for column in columns]

        def part(start: int) -> Iterator[Batch]:
            rows = slice(start, start + _ROWS)
            blobs = shapely.to_wkb(shapes[rows], output_dimension=2, byte_order=1)
            yield pack_blobs(blobs, [column[rows] for column in values], self.frame.index[rows])

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

    def parts(self, columns: Sequence[str], bounds: Bounds | None) -> list[Iterator[Batch]]:
        if bounds is not None and not (self.indexed and _leaves_rows_out(bounds, self.extent)):
            bounds = None
        return [self._batches(columns, bounds)]  # one reader: it reads as fast as several threads count

    def _batches(self, columns: Sequence[str], bounds: Bounds | None) -> Iterator[Batch]:
        """Read by GDAL where pyarrow is installed, three times as fast; else row by row."""
        import pyogrio

        steady = pyogrio.__gdal_version__ >= _STEADY_GDAL
        if importlib.util.find_spec("pyarrow") is None or self.identifier in columns or not steady:
            yield from self._rows(columns, bounds)
            return
        import pyarrow as pa
        from pyogrio.errors import DataLayerError, DataSourceError

        options = {"columns": list(dict.fromkeys(columns)), "bbox": bounds, "batch_size": _ROWS}
        try:
            with pyogrio.open_arrow(
                self.path.absolute(), self.layer, return_fids=True, use_pyarrow=True, **options
            ) as (about, reader):
                if about["fid_column"] != self.identifier:  # its numbers could not be asked for again
                    yield from self._rows(columns, bounds)
                    return
                for table in reader:
                    yield from self._from_arrow(table, columns)
        except (DataSourceError, DataLayerError, pa.ArrowException, OSError) as error:
            refusal = f"{self.path.name} n'est pas un GeoPackage lisible ({why(error)})."
            raise UnreadableFile(refusal) from error

    def _from_arrow(self, table: Any, columns: Sequence[str]) -> Iterator[Batch]:
        shapes = table.column(table.num_columns - 1)
        names = table.column(self.identifier).to_numpy().copy()  # a view would hold the whole batch
        values = [_listed(table.column(column)) for column in columns]
        yield Batch(*_arrow_bytes(shapes), values, names, self.path.name)
        if shapes.null_count:  # no geometry, or one that GDAL leaves out without a word
            missing = names[~np.asarray(shapes.is_valid())]
            for part in self.read_rows(missing, columns):
                yield from (batch for batch in part if (batch.starts >= 0).any())

    def _rows(self, columns: Sequence[str], bounds: Bounds | None) -> Iterator[Batch]:
        """Read by SQLite alone, through the spatial index where ``bounds`` are given."""
        query = self._query(columns)
        values: tuple[float, ...] = ()
        if bounds is not None:
            index = quoted(f"rtree_{self.layer}_{self.geometry}")
            query += (
                f" WHERE {quoted(self.identifier)} IN (SELECT id FROM {index}"  # noqa: S608
                " WHERE maxx >= ? AND maxy >= ? AND minx <= ? AND miny <= ?)"
            )
            values = bounds
        with connection_to(self.path) as connection:
            if bounds is None:
                connection.execute(f"PRAGMA cache_size = {-_PAGES_KB}")
            cursor = connection.execute(query, values)
            while rows := cursor.fetchmany(_FEW_ROWS):
                yield self._batch(rows)

    def read_rows(self, names: Integers, columns: Sequence[str] = ()) -> list[Iterator[Batch]]:
        """Read some rows by their identifiers."""

        def part(identifiers: list[int]) -> Iterator[Batch]:
            condition = f" WHERE {quoted(self.identifier)} IN ({', '.join('?' * len(identifiers))})"
            with connection_to(self.path) as connection:
                rows = connection.execute(self._query(columns) + condition, identifiers).fetchall()
            if rows:
                yield self._batch(rows)

        return [
            part(names[start : start + _QUERY_NAMES].tolist()) for start in range(0, len(names), _QUERY_NAMES)
        ]

    def _query(self, columns: Sequence[str]) -> str:
        selected = ", ".join(quoted(c) for c in (self.identifier, self.geometry, *columns))
        return f"SELECT {selected} FROM {quoted(self.layer)}"  # noqa: S608 - names are quoted

    def _batch(self, rows: list[tuple[Any, ...]]) -> Batch:
        names, cells, *values = zip(*rows, strict=True)
        # a column of SQLite holds anything: of what is no blob, not one byte
        blobs = [cell if cell is None or isinstance(cell, bytes) else b"?" for cell in cells]
        return _after_header(pack_blobs(blobs, list(values), names)._replace(source=self.path.name))


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

    def parts(self, columns: Sequence[str], bounds: Bounds | None) -> list[Iterator[Batch]]:
        first_row = dict(zip(self.groups, np.cumsum([0, *self.sizes]).tolist(), strict=False))
        meeting = [g for g, box in zip(self.groups, self.boxes, strict=True) if _meets(bounds, box)]
        return [self._batches(columns, group, first_row[group]) for group in meeting]

    def _batches(self, columns: Sequence[str], group: int, row: int) -> Iterator[Batch]:
        for table in self._tables(list(dict.fromkeys([*columns, self.geometry])), group):
            blobs = table.column(self.geometry)
            data, starts, lengths = _arrow_bytes(blobs)
            values = [_listed(table.column(c)) for c in columns]
            yield Batch(data, starts, lengths, values, range(row, row + len(starts)), self.path.name)
            row += len(starts)

    def _tables(self, columns: list[str], group: int) -> Iterator[Any]:
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            with pq.ParquetFile(self.path) as file:
                yield from file.iter_batches(_ROWS, row_groups=[group], columns=columns, use_threads=False)
        except (pa.ArrowException, OSError) as error:
            refusal = f"{self.path.name} n'est pas un GeoParquet lisible ({why(error)})."
            raise UnreadableFile(refusal) from error

    def read_rows(self, names: Integers) -> list[Iterator[Batch]]:
        """Read some rows by their positions, without a column."""

        def part(group: int, first_row: int) -> Iterator[Batch]:
            for batch in self._batches([], group, first_row):
                positions = np.asarray(batch.names)
                matching = np.flatnonzero(np.isin(positions, names))
                yield batch._replace(
                    starts=batch.starts[matching], lengths=batch.lengths[matching], names=positions[matching]
                )

        ends = np.cumsum([0, *self.sizes]).tolist()
        holds_rows = np.diff(np.searchsorted(names, ends)) > 0  # names come sorted
        return [part(g, ends[g]) for g in np.flatnonzero(holds_rows).tolist()]


@dataclass(frozen=True)
class Window:
    """What a file holds around a territory: the rest is not read."""

    cover: Cover
    bounds: Bounds

    @property
    def rows(self) -> int:
        return self.cover.rows

    def require(self, columns: Sequence[str], *, name: str) -> None:
        self.cover.require(columns, name=name)

    def parts(self, columns: Sequence[str], bounds: Bounds | None) -> list[Iterator[Batch]]:
        return self.cover.parts(columns, self.bounds if bounds is None else bounds)


@dataclass(frozen=True)
class Renamed:
    """A cover under other names of columns."""

    cover: Cover
    names: Mapping[str, str]  # ours to its own

    @property
    def rows(self) -> int:
        return self.cover.rows

    def require(self, columns: Sequence[str], *, name: str) -> None:
        frames.require_columns(pd.DataFrame(columns=list(self.names)), columns, name=name)
        self.cover.require([self.names[column] for column in columns], name=name)

    def parts(self, columns: Sequence[str], bounds: Bounds | None) -> list[Iterator[Batch]]:
        return self.cover.parts([self.names[column] for column in columns], bounds)


def as_cover(cover: "gpd.GeoDataFrame | Cover") -> Cover:
    """Return a cover as it is, or a frame as a cover."""
    return FrameCover(cover) if isinstance(cover, gpd.GeoDataFrame) else cover


def renamed(cover: GeoPackage | GeoParquet, names: Mapping[str, str]) -> Cover:
    """Give the columns of a file other names, so that two deliveries can be compared.

    Parameters
    ----------
    cover
        What `open_cover` gives.
    names
        New name to name in the file; a column not named here cannot be asked for.

    Returns
    -------
    Cover
        To be given to `area_table` or `change_table` in place of a frame.

    Examples
    --------
    >>> from artois_geo.overlay import renamed
    >>> from artois_geo import example
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "ocsge.gpkg"
    >>> example.square(x_km=0, y_km=0, side_km=1, CODE_CS="CS1").to_file(path, layer="sol")
    >>> from artois_geo.overlay import area_table, open_cover
    >>> zone = example.square(x_km=0, y_km=0, side_km=1)
    >>> area_table(zone, renamed(open_cover(path), {"cs": "CODE_CS"}), by=["cs"])
       zone   cs  area_ha
    0     0  CS1    100.0
    """
    return Renamed(cover, names)


def around(cover: Cover, zones: Geometries) -> Cover:
    """Limit a cover left in its file to where zones may lie: the rest is not read."""
    bounds = bounds_of(zones)
    return Window(cover, bounds) if bounds and isinstance(cover, GeoPackage | GeoParquet | Renamed) else cover


def bounds_of(zones: Geometries) -> Bounds | None:
    """Return the box of all zones; None where there is no ground."""
    if not len(zones):  # some versions of shapely have no bounds for nothing
        return None
    west, south, east, north = (float(side) for side in shapely.total_bounds(zones))
    return None if np.isnan(west) else (west, south, east, north)


def pack_blobs(blobs: Sequence[bytes | None], values: Sequence[Values], names: Values) -> Batch:
    """Pack blobs end to end, as a batch."""
    lengths = np.fromiter((len(b) if b else 0 for b in blobs), np.int64, len(blobs))
    starts = np.cumsum(lengths) - lengths
    starts[lengths == 0] = -1
    data = np.frombuffer(b"".join(b for b in blobs if b), np.uint8)
    return Batch(data, starts, lengths, values, names)


def _after_header(batch: Batch) -> Batch:
    """Skip the header of GeoPackage blobs, and the box it may carry: the well-known binary follows.

    A blob without such a header keeps not one byte, for GEOS to refuse.
    """
    starts, lengths = batch.starts.copy(), batch.lengths.copy()
    long_enough = np.flatnonzero(lengths >= _HEADER_BYTES)
    offsets = starts[long_enough]
    header = np.full(len(starts), _NO_HEADER)
    box = _ENVELOPE_BYTES[batch.data[offsets + 3] >> 1 & 7]
    marked = (batch.data[offsets] == ord("G")) & (batch.data[offsets + 1] == ord("P"))
    header[long_enough] = np.where(marked, _HEADER_BYTES + box, _NO_HEADER)
    starts[starts >= 0] += np.minimum(header, lengths)[starts >= 0]
    return batch._replace(starts=starts, lengths=np.maximum(lengths - header, 0))


def _arrow_bytes(blobs: Any) -> tuple[NDArray[np.uint8], Integers, Integers]:
    import pyarrow as pa

    column = blobs.cast(pa.large_binary()) if not pa.types.is_large_binary(blobs.type) else blobs
    _, offsets, data = column.buffers()
    ends = np.frombuffer(offsets, np.int64)[column.offset : column.offset + len(column) + 1]
    lengths = np.diff(ends)
    starts = np.where((lengths > 0) & np.asarray(column.is_valid()), ends[:-1], -1)
    content = np.frombuffer(data if data is not None else b"", np.uint8)
    content.flags.writeable = False  # the kernel is compiled once, for buffers that nobody writes
    return content, starts, lengths


def _listed(column: Any) -> Values:
    """List the values of a column; make each word once."""
    import pyarrow as pa

    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)) or column.null_count:
        return column.to_pylist()
    coded = column.dictionary_encode()
    return np.array(coded.dictionary.to_pylist(), dtype=object)[coded.indices.to_numpy()]


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@contextmanager
def connection_to(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a GeoPackage to read it, and close it in the end; refuse a file that SQLite cannot read."""
    try:
        address = f"{path.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, check_same_thread=False)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise UnreadableFile(f"{path.name} n'est pas un GeoPackage lisible ({why(error)}).") from error


def _require(columns: Sequence[str], existing: Sequence[str], name: str) -> None:
    frames.require_columns(pd.DataFrame(columns=list(existing)), columns, name=name)


def _leaves_rows_out(bounds: Bounds, extent: Bounds | None) -> bool:
    """Tell whether bounds leave out at least half of a layer: else reading through the index costs more."""
    if extent is None:
        return True
    width, height = extent[2] - extent[0], extent[3] - extent[1]
    common_width = max(0.0, min(bounds[2], extent[2]) - max(bounds[0], extent[0]))
    common_height = max(0.0, min(bounds[3], extent[3]) - max(bounds[1], extent[1]))
    return common_width * common_height < 0.5 * width * height


def _meets(bounds: Bounds | None, box: Bounds | None) -> bool:
    if bounds is None or box is None:
        return True
    return box[0] <= bounds[2] and box[2] >= bounds[0] and box[1] <= bounds[3] and box[3] >= bounds[1]
