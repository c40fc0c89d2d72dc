"""Working copy of a cover: its polygons as they are, and what is known of each once and for all.

Area, box and drawing of every polygon are kept beside the polygons, and so is the verdict on
their soundness: a later run reads only the polygons that it has to cut.
"""

import hashlib
import json
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from artois_geo.errors import UnwritableFile
from artois_geo.overlay import engine, frames, totals, trees
from artois_geo.overlay.frames import Floats, Geometries, Integers
from artois_geo.overlay.sources import Batch, Bounds, Cover, GeoPackage, GeoParquet

_FORMAT = 1
_CHUNK = 16_384
_ARRAYS = ("starts", "lengths", "area", "bbox", "drawing", "codes")


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
    names: Integers | None = None  # what to call a row in a message, where it is not its number

    @property
    def rows(self) -> int:
        return len(self.starts)

    def require(self, columns: Sequence[str], *, name: str) -> None:
        frames.require_columns(self.labels, columns, name=name)

    def parts(self, columns: Sequence[str], within: Bounds | None, cores: int) -> list[Iterator[Batch]]:
        def part(start: int) -> Iterator[Batch]:
            yield self.batch(np.arange(start, min(start + _CHUNK, self.rows)), columns)

        return [part(start) for start in range(0, self.rows, _CHUNK)]

    def batch(self, rows: Integers, columns: Sequence[str]) -> Batch:
        """Some rows as a batch; nothing is copied."""
        codes = self.codes[rows]
        names = rows if self.names is None else self.names[rows]
        values = [self.labels[column].to_numpy(dtype=object)[codes] for column in columns]
        return Batch(self.data, self.starts[rows], self.lengths[rows], values, names)

    def shapes(self, rows: Integers) -> Geometries:
        """Geometries of some rows."""
        return engine.shapes(self.batch(rows, []), np.arange(len(rows)))


def working_copy(
    cover: GeoPackage | GeoParquet,
    folder: Path,
    *,
    by: Sequence[str],
    cores: int | None = None,
    progress: engine.Progress | None = None,
) -> WorkingCopy:
    """A copy of a cover that later runs read many times faster; made once, then found again.

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
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> plain.square(x_km=0, y_km=0, side_km=1, cs="CS1").to_file(folder / "ocsge.gpkg", layer="sol")
    >>> from artois_geo.overlay import open_cover
    >>> copy = working_copy(open_cover(folder / "ocsge.gpkg"), folder / "copies", by=["cs"])
    >>> copy.rows, copy.area.tolist(), copy.tiled
    (1, [1000000.0], True)
    """
    engine.require_compiled()
    kept = folder / _name(cover, by)
    if not kept.is_dir():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            made = Path(tempfile.mkdtemp(prefix=".en-cours-", dir=folder))
        except OSError as error:
            raise UnwritableFile(f"Dossier de copies impossible à écrire : {folder} ({error}).") from error
        try:
            _write(cover, made, by, trees.cores_or_all(cores), progress, check=True)
            os.replace(made, kept)
        except OSError as error:
            if not kept.is_dir():  # else another run has just made the same copy
                raise UnwritableFile(f"Copie de travail impossible à écrire : {kept} ({error}).") from error
        finally:
            shutil.rmtree(made, ignore_errors=True)
    return _read(kept)


def copy_in_memory(
    cover: Cover, *, by: Sequence[str], cores: int, progress: engine.Progress | None
) -> WorkingCopy:
    """What a working copy holds, for one run only: in memory for a frame, in a nameless file else.

    Soundness is not checked: whoever cuts a polygon does it.
    """
    if isinstance(cover, WorkingCopy):
        return cover
    made = Path(tempfile.mkdtemp(prefix="artois-geo-"))
    try:
        _write(cover, made, by, cores, progress, check=False)
        return _read(made)
    finally:
        # what is mapped stays readable until it is let go
        shutil.rmtree(made, ignore_errors=True)


def area_totals(
    zones: Geometries, copy: WorkingCopy, *, by: Sequence[str], cores: int
) -> tuple[Integers, Integers, Floats, pd.DataFrame]:
    """Same as `engine.area_totals`: only the polygons to cut are read."""
    from artois_geo.overlay import green, scan

    layers = engine.layers_of(zones)
    (code_of_label,), labels = frames.classes(copy.labels, by=by)

    def one(start: int) -> totals.Totals:
        here = slice(start, start + _CHUNK)
        starts, area, bbox = copy.starts[here], copy.area[here], copy.bbox[here]

        def cut(rows: Integers, layer: engine.Layer) -> tuple[Integers, Integers, Floats, Integers]:
            ring, _ = scan.rings(copy.data, starts[rows])
            every = np.arange(len(rows))
            row, zone, m2, back = green.split(copy.data, ring, every, area[rows], bbox[rows], layer.grid)
            return rows[row], zone, m2, rows[back]

        found = engine.settled(layers, area, bbox, cut=cut, shapes_of=lambda rows: copy.shapes(rows + start))
        pairs = engine.joined(found)
        codes = code_of_label[copy.codes[here]]
        return totals.total(pairs.zone << 32 | codes[pairs.feature], pairs.m2)

    found = engine.in_threads(one, range(0, copy.rows, _CHUNK), cores=cores)
    summed = totals.together(found)
    return summed.key >> 32, summed.key & 0xFFFFFFFF, summed.m2, labels


def _name(cover: GeoPackage | GeoParquet, by: Sequence[str]) -> str:
    seen = cover.path.stat()
    about = [_FORMAT, str(cover.path.resolve()), seen.st_size, seen.st_mtime_ns, sorted(by)]
    about.append(cover.layer if isinstance(cover, GeoPackage) else "")
    return hashlib.sha256(json.dumps(about).encode()).hexdigest()[:24]


def _write(
    cover: Cover,
    folder: Path,
    by: Sequence[str],
    cores: int,
    progress: engine.Progress | None,
    *,
    check: bool,
) -> None:
    from artois_geo.overlay import scan, sound
    from artois_geo.overlay.outline import is_tiling, outline

    book = engine.ClassBook(by)
    polygons = (folder / "wkb").open("wb", buffering=0)
    end, lock = [0], threading.Lock()

    def one(batch: Batch, *, sound_already: bool = False) -> dict[str, NDArray]:
        n = len(batch.starts)
        ring, state = scan.rings(batch.data, batch.starts)
        area, bbox, drawing = np.empty(n), np.empty((n, 4)), np.empty(n, np.uint64)
        scan.measure(batch.data, ring, area, bbox)
        scan.draw(batch.data, ring, drawing)
        doubt = np.zeros(n, bool)
        if check and not sound_already:
            sound.doubtful(batch.data, ring, doubt)
        apart = np.flatnonzero(((state == scan.SURFACE) & doubt) | (state == scan.OTHER))
        if len(apart):
            # what GEOS found sound may keep the kernel in doubt: a hole that touches its shell
            return one(_mended(batch, apart), sound_already=True)
        with lock:
            at = end[0]
            end[0] += len(batch.data)
        os.pwrite(polygons.fileno(), batch.data.data, at)
        codes = book.codes(batch.values) if batch.values else np.zeros(n, np.int64)
        starts = np.where(batch.starts >= 0, batch.starts + at, -1)
        return dict(zip(_ARRAYS, (starts, batch.lengths, area, bbox, drawing, codes), strict=True))

    with polygons:
        found = engine.each(
            cover.parts(by, None, cores), one, cores=cores, rows=cover.rows, progress=progress
        )
    for name in _ARRAYS:
        empty = np.empty((0, 4) if name == "bbox" else 0)
        np.save(folder / f"{name}.npy", np.concatenate([part[name] for part in found]) if found else empty)
    book.labels().to_json(folder / "labels.json", orient="split")
    copy = _read(folder, tiled=False)
    tiled = is_tiling(outline(copy.data, copy.starts[copy.area > 0], cores=cores), float(copy.area.sum()))
    (folder / "tiled.json").write_text(json.dumps(tiled))


def _mended(batch: Batch, apart: Integers) -> Batch:
    """Same batch, some rows replaced by what GEOS makes of them, or the refusal of one of them."""
    shapes = engine.shapes(batch, apart)
    blobs = shapely.to_wkb(shapes, output_dimension=2, byte_order=1)
    lengths, starts = batch.lengths.copy(), batch.starts.copy()
    lengths[apart] = [len(blob) for blob in blobs]
    starts[apart] = len(batch.data) + np.cumsum(lengths[apart]) - lengths[apart]
    data = np.frombuffer(batch.data.tobytes() + b"".join(blobs), np.uint8)
    return batch._replace(data=data, starts=starts, lengths=lengths)


def _read(folder: Path, *, tiled: bool | None = None) -> WorkingCopy:
    size = (folder / "wkb").stat().st_size
    data = np.memmap(folder / "wkb", np.uint8, "r") if size else np.empty(0, np.uint8)
    arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in _ARRAYS}
    labels = json.loads((folder / "labels.json").read_text())
    known = json.loads((folder / "tiled.json").read_text()) if tiled is None else tiled
    table = pd.DataFrame(labels["data"], columns=labels["columns"], dtype=object)
    return WorkingCopy(
        np.asarray(data), labels=table, tiled=known, **{k: np.asarray(v) for k, v in arrays.items()}
    )
