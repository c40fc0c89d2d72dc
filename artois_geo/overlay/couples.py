"""Two unrelated coverages: what every couple of polygons shares, in each zone, without building a piece.

The polygons of one coverage are taken by small groups that lie together. For each group, those of
the other that come near play the zones of `green.split`. A couple whose common box lies in one
zone is settled by a look at the grid of zones; only what a limit of zones runs through is cut by
GEOS, with every configuration that the kernel hands back.
"""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from artois_geo.overlay import engine, frames, trees
from artois_geo.overlay.frames import Floats, Geometries, Integers
from artois_geo.overlay.trees import PairFilter, Pairs

if TYPE_CHECKING:
    from artois_geo.overlay.copies import WorkingCopy
    from artois_geo.overlay.scan import Rings

_GROUP, _SMALL_GROUP, _FEW_GROUPS = 1_024, 64, 16
_FEW_CELLS = 4_096
_ROUNDING = 1e-9


class Shared(NamedTuple):
    """Ground that couples of rows share in a zone."""

    row: Integers
    other: Integers
    zone: Integers
    m2: Floats


class _Near(NamedTuple):
    """The other coverage around a group; ``kernel`` is None where GEOS must do everything."""

    rows: Integers
    kernel: object | None
    unsure: NDArray[np.bool_]  # rows that cross themselves: GEOS repairs or refuses them


class Couples:
    """Rows of two coverages ready to be crossed, group by group, from several threads.

    The first may overlap itself. Around a group where the second does, or where its neighbours do
    not share whole edges, GEOS cuts every couple.
    """

    def __init__(
        self,
        mine: "WorkingCopy",
        theirs: "WorkingCopy",
        rows: Integers,
        others: Integers,
        *,
        twins: tuple[Integers, Integers],
        layers: list[engine.Layer],
        wanted: PairFilter | None,
    ) -> None:
        self.mine, self.theirs, self.layers, self.wanted = mine, theirs, layers, wanted
        rows, others = (
            side[np.isfinite(copy.bbox[side]).all(axis=1)]
            for side, copy in zip((rows, others), (mine, theirs), strict=True)
        )
        # in an order that the file does not decide, so that it never changes a digit
        self._others = others[np.lexsort((theirs.drawing[others], *theirs.bbox[others].T))]
        self._tree = shapely.STRtree(shapely.box(*theirs.bbox[self._others].T))
        self._unsound_mine, self._unsound_theirs = (
            _unsound(copy, side) for copy, side in ((mine, rows), (theirs, others))
        )
        self._twin = np.full(mine.rows, -1)
        self._twin[twins[0]] = twins[1]
        self.groups = _groups(rows, mine.bbox[rows])

    def crossed(self, rows: Integers) -> Shared:
        """What a group shares with the other coverage, in each zone."""
        ring = self.mine.rings(rows)
        unsure = self._unsound_mine[rows]
        apart = unsure.copy()
        first, second = self._tree.query(shapely.box(*self.mine.bbox[rows].T))
        alone = np.ones(len(rows), bool)
        alone[first] = False
        places, beside = np.unique(second, return_inverse=True)
        near = self._near(places)
        apart[first[near.unsure[beside]]] = True
        found = [_nothing()]
        if near.kernel is None:
            apart[:] = True
        else:
            same = ~apart & (self._twin[rows] >= 0)
            found.append(self._twins(rows[same]))
            row, place, m2, handed = self._cut(ring, rows, np.flatnonzero(~apart & ~same & ~alone), near)
            apart[handed] = True
            found += self._in_zones(rows[row], near.rows[place], m2)
        beside = np.unique(beside[apart[first]])
        found.append(self._by_geos(rows[apart], unsure[apart], near.rows[beside], near.unsure[beside]))
        for copy in (self.mine, self.theirs):
            copy.let_go()  # polygons lie all over the file: each brings its neighbours into memory
        return Shared(*(np.concatenate([part[i] for part in found]) for i in range(4)))

    def _cut(
        self, ring: "Rings", rows: Integers, some: Integers, near: _Near
    ) -> tuple[Integers, Integers, Floats, Integers]:
        """Square metres of each couple, and what is handed back; no piece is larger than either."""
        from artois_geo.overlay import green

        mine = self.mine
        row, place, m2, back = green.split(
            mine.data, ring, some, mine.area[rows], mine.bbox[rows], near.kernel
        )
        most = np.minimum(mine.area[rows[row]], self.theirs.area[near.rows[place]])
        refused = np.unique(row[m2 > most * (1 + _ROUNDING) + _ROUNDING])
        kept = ~np.isin(row, refused)
        return row[kept], place[kept], m2[kept], np.concatenate([back, refused])

    def _twins(self, rows: Integers) -> Shared:
        """Polygons drawn the same on both sides: nothing else lies over them."""
        asked = rows if self.wanted is None else rows[self.wanted(rows, self._twin[rows])]
        pairs = engine.kernel_pairs(self.mine.batch(asked, []), self.layers)
        return Shared(asked[pairs.feature], self._twin[asked[pairs.feature]], pairs.zone, pairs.m2)

    def _near(self, places: Integers) -> _Near:
        from artois_geo.overlay import grid, scan
        from artois_geo.overlay.outline import is_small_tiling

        theirs, rows = self.theirs, self._others[places]
        unsure = self._unsound_theirs[rows]
        starts = np.where(unsure, -1, theirs.starts[rows])
        ring, _ = scan.rings(theirs.data, starts, theirs.lengths[rows])
        tiled = theirs.tiled or is_small_tiling(theirs.data, ring, float(theirs.area[rows[~unsure]].sum()))
        made = grid.grid(theirs.data, ring, fewest_cells=_FEW_CELLS) if tiled else None
        return _Near(rows, made, unsure)

    def _in_zones(self, row: Integers, other: Integers, m2: Floats) -> list[Shared]:
        """Couples by the zone their common box lies in; those that a limit runs through by GEOS."""
        from artois_geo.overlay import grid

        if self.wanted is not None:
            asked = self.wanted(row, other)
            row, other, m2 = row[asked], other[asked], m2[asked]
        one, two = self.mine.bbox[row], self.theirs.bbox[other]
        box = np.hstack([np.maximum(one[:, :2], two[:, :2]), np.minimum(one[:, 2:], two[:, 2:])])
        zones = np.empty((len(self.layers), len(row)), np.int32)
        for layer, zone in zip(self.layers, zones, strict=True):
            grid.settle(layer.grid, box, zone)
        mixed = (zones == grid.MIXED).any(axis=0)
        found = [_nothing()]
        for layer, zone in zip(self.layers, zones, strict=True):
            whole = np.flatnonzero(~mixed & (zone >= 0))
            found.append(Shared(row[whole], other[whole], layer.zones[zone[whole]], m2[whole]))
        row, other = row[mixed], other[mixed]
        mine, at = np.unique(row, return_inverse=True)
        theirs, there = np.unique(other, return_inverse=True)
        # the kernel cut them: they are sound
        cut = self.mine.shapes(mine, unsure=frames.NONE)
        over = self.theirs.shapes(theirs, unsure=frames.NONE)
        pieces = shapely.intersection(cut[at], over[there])
        return [*found, self._pieces_in_zones(row, other, pieces)]

    def _by_geos(
        self, rows: Integers, unsure: NDArray[np.bool_], others: Integers, unsure_too: NDArray[np.bool_]
    ) -> Shared:
        asked = self.wanted
        pairs, pieces = trees.shared_shapes(
            self.mine.shapes(rows, unsure=unsure),
            self.theirs.shapes(others, unsure=unsure_too),
            cores=1,
            pair_filter=None if asked is None else lambda row, other: asked(rows[row], others[other]),
        )
        some = pairs.m2 > 0
        row, other = rows[pairs.feature[some]], others[pairs.zone[some]]
        return self._pieces_in_zones(row, other, pieces[some])

    def _pieces_in_zones(self, row: Integers, other: Integers, pieces: Geometries) -> Shared:
        pairs: Pairs = engine.kernel_pairs(engine.batch_of(pieces), self.layers)
        return Shared(row[pairs.feature], other[pairs.feature], pairs.zone, pairs.m2)


def _unsound(copy: "WorkingCopy", rows: Integers) -> NDArray[np.bool_]:
    """For every row of a coverage; only those asked about are looked at."""
    found = np.zeros(copy.rows, bool)
    found[rows] = copy.unsound(rows)
    return found


def _groups(rows: Integers, bbox: Floats) -> list[Integers]:
    """Rows that lie together: columns of the plane, each cut into rows."""
    centre = bbox[:, :2] + bbox[:, 2:]
    size = int(np.clip(len(rows) // _FEW_GROUPS, _SMALL_GROUP, _GROUP))  # enough groups for all cores
    columns = max(1, round(np.sqrt(len(rows) / size)))
    found = []
    for column in np.array_split(np.argsort(centre[:, 0], kind="stable"), columns):
        column = column[np.argsort(centre[column, 1], kind="stable")]
        found += [rows[column[start : start + size]] for start in range(0, len(column), size)]
    return found


def _nothing() -> Shared:
    return Shared(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
