"""Working copy of a cover: its polygons as they are, and what is known of each once and for all.

Area, box and drawing of every polygon are kept beside the polygons, and so is the verdict on
their soundness: a later run reads only the polygons that it has to cut.
"""

import hashlib
import json
import mmap
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from artois_geo import meaning
from artois_geo.errors import UnwritableFile, reason
from artois_geo.measure import M2_PER_HA
from artois_geo.overlay import classes, engine, frames
from artois_geo.overlay.frames import Floats, Geometries, Integers
from artois_geo.overlay.sources import Batch, Bounds, Cover, GeoPackage, GeoParquet
from artois_geo.suffixes import FilePath
from artois_geo.text import counted, number
from artois_geo.threads import cores_or_all

if TYPE_CHECKING:
    from artois_geo.overlay.kernel.scan import Rings

_FORMAT = 2
_CHUNK = 16_384
_HEAVY_BYTES = 1_000_000_000
_KINDS = {
    "starts": np.dtype(np.int64),
    "lengths": np.dtype(np.int64),
    "area": np.dtype(np.float64),
    "bbox": np.dtype(np.float64),
    "drawing": np.dtype(np.uint64),
    "codes": np.dtype(np.int64),
}


@dataclass(frozen=True)
class WorkingCopy:
    """A cover that was read once. Polygons are mapped from the disk, or held in memory."""

    data: NDArray[np.uint8]
    starts: Integers
    lengths: Integers
    area: Floats
    bbox: Floats
    drawing: NDArray[np.uint64]
    codes: Integers
    labels: pd.DataFrame
    tiled: bool  # no ground is covered twice, and neighbours share whole edges
    names: NDArray[Any] | None = None  # what to call a row in a message, where it is not its number
    source: str = "cover"  # what to call the cover in a message
    checked: bool = False  # every polygon was found sound, or mended

    def __repr__(self) -> str:
        columns = ", ".join(map(str, self.labels.columns))
        polygons = counted(self.rows, "polygone")
        return f"<WorkingCopy : {polygons}, {number(float(self.area.sum()) / M2_PER_HA, 1)} ha ; {columns}>"

    @property
    def rows(self) -> int:
        return len(self.starts)

    def require(self, columns: Sequence[str], *, name: str) -> None:
        frames.require_columns(self.labels, columns, name=name)

    def parts(self, columns: Sequence[str], bounds: Bounds | None) -> list[Iterator[Batch]]:
        def part(start: int) -> Iterator[Batch]:
            yield self.batch(np.arange(start, min(start + _CHUNK, self.rows)), columns)

        return [part(start) for start in range(0, self.rows, _CHUNK)]

    def batch(self, rows: Integers, columns: Sequence[str]) -> Batch:
        """Return some rows as a batch; copy nothing."""
        codes = self.codes[rows]
        names = rows if self.names is None else self.names[rows]
        values = [self.labels[column].to_numpy(dtype=object)[codes] for column in columns]
        return Batch(self.data, self.starts[rows], self.lengths[rows], values, names, self.source)

    def rings(self, rows: Integers) -> "Rings":
        """Locate the rings of some rows in ``data``."""
        from artois_geo.overlay.kernel import scan

        return scan.rings(self.data, self.starts[rows], self.lengths[rows])[0]

    def shapes(self, rows: Integers, *, unsure: NDArray[np.bool_] | slice = frames.ALL) -> Geometries:
        """Read the geometries of some rows, as `engine.shapes` gives them."""
        return engine.shapes(self.batch(rows, []), np.arange(len(rows)), unsure=unsure)

    def unsound(self, rows: Integers) -> NDArray[np.bool_]:
        """Mark the rows that cross themselves: GEOS settles what the kernel doubts of."""
        from artois_geo.overlay.kernel import validity

        is_unsound = np.zeros(len(rows), bool)
        if not self.checked:
            validity.doubtful(self.data, self.rings(rows), is_unsound)
            doubtful = np.flatnonzero(is_unsound)
            as_they_are = self.shapes(rows[doubtful], unsure=frames.NONE)
            is_unsound[doubtful] = ~shapely.is_valid(as_they_are)
        return is_unsound

    def let_go(self, part: slice | None = None) -> None:
        """Give the pages of some polygons back to the system, which reads them again when needed.

        Without ``part``, those of all polygons, if all of them together would weigh.
        """
        pages = getattr(self.data.base, "_mmap", None)
        if part is None and self.data.nbytes < _HEAVY_BYTES:
            return
        starts, lengths = (column[part or slice(None)] for column in (self.starts, self.lengths))
        if pages is None or not hasattr(mmap, "MADV_DONTNEED") or not (starts >= 0).any():
            return
        first_byte = int(starts[starts >= 0].min()) // mmap.PAGESIZE * mmap.PAGESIZE
        pages.madvise(mmap.MADV_DONTNEED, first_byte, int((starts + lengths).max()) - first_byte)


def working_copy(
    cover: GeoPackage | GeoParquet,
    folder: FilePath,
    *,
    by: str | Sequence[str],
    cores: int | None = None,
    progress: engine.Progress | None = None,
) -> WorkingCopy:
    """Make a copy of a cover that later runs read many times faster; make it once, then use it again.

    Parameters
    ----------
    cover
        What `open_cover` gives.
    folder
        Where copies are kept. A copy is named after the file, its size and its date: a file
        that changed gets a new one. Interrupted, nothing is left behind.
    by
        Columns to keep.
    cores
        Threads to use; all available ones when not given.
    progress
        Called with the polygons read so far, and how many there are.

    Returns
    -------
    WorkingCopy
        To be given to `area_table` or `change_table` in place of a frame. It takes about as
        much disk as the geometries of the file, uncompressed.

    Raises
    ------
    BadTable
        A polygon crosses itself.
    BadValue
        The compiled kernel (extra ``rapide``) is not installed.
    UnwritableFile
        The folder cannot be written.

    Examples
    --------
    >>> from artois_geo.overlay import working_copy
    >>> from pathlib import Path
    >>> from artois_geo import example
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> example.square(x_km=0, y_km=0, side_km=1, cs="CS1").to_file(folder / "ocsge.gpkg", layer="sol")
    >>> from artois_geo.overlay import open_cover
    >>> copy = working_copy(open_cover(folder / "ocsge.gpkg"), folder / "copies", by=["cs"])
    >>> copy.rows, copy.area.tolist(), copy.tiled
    (1, [1000000.0], True)
    """
    engine.require_compiled()
    folder, by = Path(folder), meaning.columns_of(by)
    cover.require(by, name="cover")
    target = folder / _name(cover, by)
    copy = _read_copy(target)
    if copy is not None:
        return copy
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(target, ignore_errors=True)
        draft = Path(tempfile.mkdtemp(prefix=".en-cours-", dir=folder))
    except OSError as error:
        refusal = f"Dossier de copies impossible à écrire : {folder} ({reason(error)})."
        raise UnwritableFile(refusal) from error
    try:
        _save_labels(_write(cover, draft, by, cores_or_all(cores), progress, check=True), draft)
        os.replace(draft, target)
        copy = _read_copy(target)
    except OSError as error:
        copy = _read_copy(target)  # another run may just have made the same copy
        if copy is None:
            refusal = f"Copie de travail impossible à écrire : {target} ({reason(error)})."
            raise UnwritableFile(refusal) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    if copy is None:
        raise UnwritableFile(f"Copie de travail écrite mais impossible à relire : {target}.")
    return copy


def drawn_alike(
    drawings: NDArray[np.uint64], boxes: Floats, drawing: NDArray[np.uint64], bbox: Floats
) -> tuple[Integers, NDArray[np.bool_]]:
    """Find each polygon among others sorted by their drawings, and tell whether it is drawn the same."""
    nearest = np.minimum(np.searchsorted(drawings, drawing), len(drawings) - 1)
    # the same hash, and the same box: two polygons out of 10**12 would need both by chance
    return nearest, (drawings[nearest] == drawing) & (boxes[nearest] == bbox).all(axis=1)


def copy_in_memory(
    cover: Cover, *, by: Sequence[str], cores: int, progress: engine.Progress | None
) -> WorkingCopy:
    """Make a working copy for one run only: in memory for a frame, in a nameless file else.

    Soundness is not checked: whoever cuts a polygon does it.
    """
    if isinstance(cover, WorkingCopy):
        return cover
    folder = Path(tempfile.mkdtemp(prefix="artois-geo-"))
    try:
        return _write(cover, folder, by, cores, progress, check=False)
    finally:
        # what is mapped stays readable until it is let go
        shutil.rmtree(folder, ignore_errors=True)


def area_totals(
    zones: Geometries, copy: WorkingCopy, *, by: Sequence[str], cores: int
) -> tuple[Integers, Integers, Floats, pd.DataFrame]:
    """Do as `engine.area_totals`, but read only the polygons to cut."""
    layers = engine.layers_of(zones)
    (code_of_label,), labels = classes.common_codes(copy.labels, by=by)

    def count(start: int) -> engine.Totals:
        part = slice(start, start + _CHUNK)
        area, bbox = copy.area[part], copy.bbox[part]

        def cut(rows: Integers, layer: engine.Layer) -> tuple[Integers, Integers, Floats, Integers]:
            from artois_geo.overlay.kernel import polygon_areas

            ring, every = copy.rings(rows + start), np.arange(len(rows))
            row, zone, m2, back = polygon_areas.split(
                copy.data, ring, every, area[rows], bbox[rows], layer.grid
            )
            return rows[row], zone, m2, rows[back]

        parts = engine.resolve_zones(
            layers, area, bbox, cut=cut, shapes_of=lambda rows: copy.shapes(rows + start)
        )
        pairs = engine.concat_pairs(parts)
        codes = code_of_label[copy.codes[part]]
        copy.let_go(part)
        return engine.totals_by_key(engine.pack_keys(pairs.zone, codes[pairs.feature]), pairs.m2)

    chunk_totals = engine.in_threads(count, range(0, copy.rows, _CHUNK), cores=cores)
    totals = engine.add_totals(chunk_totals)
    return *engine.unpack_keys(totals.key), totals.m2, labels


def _name(cover: GeoPackage | GeoParquet, by: Sequence[str]) -> str:
    status = cover.path.stat()
    identity = [_FORMAT, str(cover.path.resolve()), status.st_size, status.st_mtime_ns, sorted(by)]
    identity.append(cover.layer if isinstance(cover, GeoPackage) else "")
    journal = Path(f"{cover.path}-wal")  # edits that are not in the file itself yet
    if journal.is_file() and journal.stat().st_size:
        identity += [journal.stat().st_size, journal.stat().st_mtime_ns]
    return hashlib.sha256(json.dumps(identity).encode()).hexdigest()[:24]


def _write(
    cover: Cover,
    folder: Path,
    by: Sequence[str],
    cores: int,
    progress: engine.Progress | None,
    *,
    check: bool,
) -> WorkingCopy:
    """Write the polygons of a cover in a folder, batch by batch, with what is measured of each."""
    class_codes = classes.ClassCodes(by)
    polygons = (folder / "wkb").open("wb")  # buffered: what is written is written whole, or an error
    source, lock = ["cover"], threading.Lock()

    def prepare() -> Callable[[Batch], dict[str, NDArray]]:
        from artois_geo.overlay.kernel import scan, validity

        def measured(batch: Batch, *, sound_already: bool = False) -> dict[str, NDArray]:
            n = len(batch.starts)
            ring, state = scan.rings(batch.data, batch.starts, batch.lengths)
            area, bbox, drawing = np.empty(n), np.empty((n, 4)), np.empty(n, np.uint64)
            scan.measure(batch.data, ring, area, bbox)
            scan.draw(batch.data, ring, drawing)
            doubt = np.zeros(n, bool)
            if check and not sound_already:
                validity.doubtful(batch.data, ring, doubt)
            # a vertex that is no number leaves an area that is none
            doubt = (state == scan.SURFACE) & (doubt | ~np.isfinite(area))
            for_geos = np.flatnonzero(doubt | (state == scan.OTHER))
            if len(for_geos) and not sound_already:
                # what GEOS found sound may keep the kernel in doubt: a hole that touches its shell
                return measured(_mended(batch, for_geos), sound_already=True)
            with lock:
                source[0], offset = batch.source, polygons.tell()
                polygons.write(batch.data.data)
            codes = class_codes.codes(batch.values) if batch.values else np.zeros(n, np.int64)
            starts = np.where(batch.starts >= 0, batch.starts + offset, -1)
            arrays = zip(_KINDS, (starts, batch.lengths, area, bbox, drawing, codes), strict=True)
            return dict(arrays) | {"names": np.asarray(batch.names)}

        return measured

    with polygons:
        parts = engine.map_batches(
            cover.parts(by, None), prepare, cores=cores, rows=cover.rows, progress=progress
        )
    for name, kind in _KINDS.items():
        empty = np.empty((0, 4) if name == "bbox" else 0, kind)
        np.save(folder / f"{name}.npy", np.concatenate([empty, *(part[name] for part in parts)]))
    names = np.concatenate([part["names"] for part in parts]) if parts else np.empty(0, np.int64)
    from artois_geo.overlay.coverages import is_tiling, outline

    data, arrays = _mapped(folder)
    full = arrays["area"] > 0
    edges = outline(data, arrays["starts"][full], arrays["lengths"][full], cores=cores)
    tiled = is_tiling(edges, float(arrays["area"].sum()))
    return WorkingCopy(
        data, **arrays, labels=class_codes.labels(), tiled=tiled, names=names, source=source[0], checked=check
    )


def _mended(batch: Batch, rows: Integers) -> Batch:
    """Replace some rows of a batch by what GEOS makes of them, or refuse one of them."""
    shapes = engine.shapes(batch, rows)
    blobs = shapely.to_wkb(shapes, output_dimension=2, byte_order=1)
    lengths, starts = batch.lengths.copy(), batch.starts.copy()
    lengths[rows] = [len(blob) for blob in blobs]
    starts[rows] = len(batch.data) + np.cumsum(lengths[rows]) - lengths[rows]
    data = np.frombuffer(batch.data.tobytes() + b"".join(blobs), np.uint8)
    return batch._replace(data=data, starts=starts, lengths=lengths)


def _mapped(folder: Path) -> tuple[NDArray[np.uint8], dict[str, NDArray[Any]]]:
    size = (folder / "wkb").stat().st_size
    data = np.memmap(folder / "wkb", np.uint8, "r") if size else np.frombuffer(b"", np.uint8)
    arrays = {name: np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r")) for name in _KINDS}
    return np.asarray(data), arrays


def _save_labels(copy: WorkingCopy, folder: Path) -> None:
    """Write the classes of a copy beside its polygons; all of it is on the disk before it bears its name."""
    (folder / "labels.json").write_text(classes.labels_to_text(copy.labels), encoding="utf-8")
    (folder / "tiled.json").write_text(json.dumps(copy.tiled))
    for path in folder.iterdir():
        with path.open("rb+") as file:
            os.fsync(file.fileno())


def _read_copy(folder: Path) -> WorkingCopy | None:
    """Read the copy that a folder holds; None where there is none, or a damaged one."""
    try:
        data, arrays = _mapped(folder)
        table = classes.labels_from_text((folder / "labels.json").read_text(encoding="utf-8"))
        tiled = json.loads((folder / "tiled.json").read_text())
    except (OSError, EOFError, ValueError, LookupError, TypeError, AttributeError):
        return None
    rows = len(arrays["starts"])
    for name, kind in _KINDS.items():
        if arrays[name].dtype != kind or arrays[name].shape != ((rows, 4) if name == "bbox" else (rows,)):
            return None
    starts, lengths, codes = arrays["starts"], arrays["lengths"], arrays["codes"]
    is_valid = (starts >= -1) & (lengths >= 0) & (starts + lengths <= data.size) & (codes >= 0)
    if not (is_valid & (codes < max(1, len(table)))).all():
        return None
    return WorkingCopy(
        data, **arrays, labels=table, tiled=tiled is True, names=None, source="cover", checked=True
    )
