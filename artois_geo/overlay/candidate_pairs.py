"""Measure what every pair of polygons of two unrelated coverages shares, in each zone, building no piece.

The polygons of one coverage are taken by small groups that lie together. For each group, those of
the other that come near play the zones of `polygon_areas.split`. A pair whose common box lies in one
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
    from artois_geo.overlay.kernel.scan import Rings

_GROUP, _SMALL_GROUP, _FEW_GROUPS = 1_024, 64, 16
_FEW_CELLS = 4_096
_ROUNDING = 1e-9


class SharedGround(NamedTuple):
    """Ground that pairs of rows share in a zone."""

    first_row: Integers
    second_row: Integers
    zone: Integers
    m2: Floats


class _Neighbours(NamedTuple):
    """The second coverage around a group; ``kernel`` is None where GEOS must do everything."""

    rows: Integers
    kernel: object | None
    unsure: NDArray[np.bool_]  # rows that cross themselves: GEOS repairs or refuses them


class CandidatePairs:
    """Rows of two coverages ready to be crossed, group by group, from several threads.

    The first may overlap itself. Around a group where the second does, or where its neighbours do
    not share whole edges, GEOS cuts every pair.
    """

    def __init__(
        self,
        first_copy: "WorkingCopy",
        second_copy: "WorkingCopy",
        first_rows: Integers,
        second_rows: Integers,
        *,
        twins: tuple[Integers, Integers],
        layers: list[engine.Layer],
        pair_filter: PairFilter | None,
    ) -> None:
        """Drop the rows without a box, index the second coverage and group the rows of the first."""
        self.first_copy, self.second_copy = first_copy, second_copy
        self.layers, self.pair_filter = layers, pair_filter
        first_rows, second_rows = (
            side[np.isfinite(copy.bbox[side]).all(axis=1)]
            for side, copy in zip((first_rows, second_rows), (first_copy, second_copy), strict=True)
        )
        # in an order that the file does not decide, so that it never changes a digit
        self._second_rows = second_rows[
            np.lexsort((second_copy.drawing[second_rows], *second_copy.bbox[second_rows].T))
        ]
        self._tree = shapely.STRtree(shapely.box(*second_copy.bbox[self._second_rows].T))
        self._first_unsound, self._second_unsound = (
            _unsound(copy, side) for copy, side in ((first_copy, first_rows), (second_copy, second_rows))
        )
        self._twin = np.full(first_copy.rows, -1)
        self._twin[twins[0]] = twins[1]
        self.groups = _groups(first_rows, first_copy.bbox[first_rows])

    def measure_group(self, rows: Integers) -> SharedGround:
        """Measure what a group of the first coverage shares with the second, in each zone."""
        ring = self.first_copy.rings(rows)
        unsure = self._first_unsound[rows]
        for_geos = unsure.copy()
        member, position = self._tree.query(shapely.box(*self.first_copy.bbox[rows].T))
        isolated = np.ones(len(rows), bool)
        isolated[member] = False
        positions, neighbour = np.unique(position, return_inverse=True)
        neighbours = self._neighbours(positions)
        for_geos[member[neighbours.unsure[neighbour]]] = True
        parts = [_nothing()]
        if neighbours.kernel is None:
            for_geos[:] = True
        else:
            same = ~for_geos & (self._twin[rows] >= 0)
            parts.append(self._twins(rows[same]))
            member_row, neighbour_row, m2, handed_back = self._cut(
                ring, rows, np.flatnonzero(~for_geos & ~same & ~isolated), neighbours
            )
            for_geos[handed_back] = True
            parts += self._in_zones(rows[member_row], neighbours.rows[neighbour_row], m2)
        neighbour = np.unique(neighbour[for_geos[member]])
        parts.append(
            self._by_geos(
                rows[for_geos], unsure[for_geos], neighbours.rows[neighbour], neighbours.unsure[neighbour]
            )
        )
        for copy in (self.first_copy, self.second_copy):
            copy.let_go()  # polygons lie all over the file: each brings its neighbours into memory
        return SharedGround(*(np.concatenate([part[i] for part in parts]) for i in range(4)))

    def _cut(
        self, ring: "Rings", rows: Integers, members: Integers, neighbours: _Neighbours
    ) -> tuple[Integers, Integers, Floats, Integers]:
        """Measure each pair (m²), and hand back the rows where a piece is larger than its polygon."""
        from artois_geo.overlay.kernel import polygon_areas

        first_copy = self.first_copy
        member, neighbour, m2, handed_back = polygon_areas.split(
            first_copy.data, ring, members, first_copy.area[rows], first_copy.bbox[rows], neighbours.kernel
        )
        largest_m2 = np.minimum(
            first_copy.area[rows[member]], self.second_copy.area[neighbours.rows[neighbour]]
        )
        refused = np.unique(member[m2 > largest_m2 * (1 + _ROUNDING) + _ROUNDING])
        accepted = ~np.isin(member, refused)
        return member[accepted], neighbour[accepted], m2[accepted], np.concatenate([handed_back, refused])

    def _twins(self, rows: Integers) -> SharedGround:
        """Measure the polygons drawn the same on both sides: nothing else lies over them."""
        selected = rows if self.pair_filter is None else rows[self.pair_filter(rows, self._twin[rows])]
        pairs = engine.kernel_pairs(self.first_copy.batch(selected, []), self.layers)
        return SharedGround(
            selected[pairs.feature], self._twin[selected[pairs.feature]], pairs.zone, pairs.m2
        )

    def _neighbours(self, positions: Integers) -> _Neighbours:
        """Prepare the polygons of the second coverage around a group, and the grid of their edges."""
        from artois_geo.overlay.coverages import is_small_tiling
        from artois_geo.overlay.kernel import grid, scan

        second_copy, rows = self.second_copy, self._second_rows[positions]
        unsure = self._second_unsound[rows]
        starts = np.where(unsure, -1, second_copy.starts[rows])
        ring, _ = scan.rings(second_copy.data, starts, second_copy.lengths[rows])
        tiled = second_copy.tiled or is_small_tiling(
            second_copy.data, ring, float(second_copy.area[rows[~unsure]].sum())
        )
        kernel = grid.grid(second_copy.data, ring, fewest_cells=_FEW_CELLS) if tiled else None
        return _Neighbours(rows, kernel, unsure)

    def _in_zones(self, first_row: Integers, second_row: Integers, m2: Floats) -> list[SharedGround]:
        """Put pairs into the zone of their common box; GEOS cuts those that a limit runs through."""
        from artois_geo.overlay.kernel import grid

        if self.pair_filter is not None:
            selected = self.pair_filter(first_row, second_row)
            first_row, second_row, m2 = first_row[selected], second_row[selected], m2[selected]
        first_box, second_box = self.first_copy.bbox[first_row], self.second_copy.bbox[second_row]
        box = np.hstack(
            [np.maximum(first_box[:, :2], second_box[:, :2]), np.minimum(first_box[:, 2:], second_box[:, 2:])]
        )
        zones = np.empty((len(self.layers), len(first_row)), np.int32)
        for layer, zone in zip(self.layers, zones, strict=True):
            grid.settle(layer.grid, box, zone)
        mixed = (zones == grid.MIXED).any(axis=0)
        parts = [_nothing()]
        for layer, zone in zip(self.layers, zones, strict=True):
            in_one_zone = np.flatnonzero(~mixed & (zone >= 0))
            parts.append(
                SharedGround(
                    first_row[in_one_zone],
                    second_row[in_one_zone],
                    layer.zones[zone[in_one_zone]],
                    m2[in_one_zone],
                )
            )
        first_row, second_row = first_row[mixed], second_row[mixed]
        first_rows, first_index = np.unique(first_row, return_inverse=True)
        second_rows, second_index = np.unique(second_row, return_inverse=True)
        # the kernel cut them: they are sound
        first_shapes = self.first_copy.shapes(first_rows, unsure=frames.NONE)
        second_shapes = self.second_copy.shapes(second_rows, unsure=frames.NONE)
        pieces = shapely.intersection(first_shapes[first_index], second_shapes[second_index])
        return [*parts, self._pieces_in_zones(first_row, second_row, pieces)]

    def _by_geos(
        self,
        first_rows: Integers,
        first_unsure: NDArray[np.bool_],
        second_rows: Integers,
        second_unsure: NDArray[np.bool_],
    ) -> SharedGround:
        """Cut pairs with GEOS, then put the pieces into zones."""
        pair_filter = self.pair_filter
        pairs, pieces = trees.shared_shapes(
            self.first_copy.shapes(first_rows, unsure=first_unsure),
            self.second_copy.shapes(second_rows, unsure=second_unsure),
            cores=1,
            pair_filter=None
            if pair_filter is None
            else lambda first_row, second_row: pair_filter(first_rows[first_row], second_rows[second_row]),
        )
        solid = pairs.m2 > 0
        first_row, second_row = first_rows[pairs.feature[solid]], second_rows[pairs.zone[solid]]
        return self._pieces_in_zones(first_row, second_row, pieces[solid])

    def _pieces_in_zones(self, first_row: Integers, second_row: Integers, pieces: Geometries) -> SharedGround:
        pairs: Pairs = engine.kernel_pairs(engine.batch_of(pieces), self.layers)
        return SharedGround(first_row[pairs.feature], second_row[pairs.feature], pairs.zone, pairs.m2)


def _unsound(copy: "WorkingCopy", rows: Integers) -> NDArray[np.bool_]:
    """Mark the unsound rows of a coverage; only the given rows are examined."""
    marks = np.zeros(copy.rows, bool)
    marks[rows] = copy.unsound(rows)
    return marks


def _groups(rows: Integers, bbox: Floats) -> list[Integers]:
    """Group rows that lie together: columns of the plane, each cut into rows."""
    centre = bbox[:, :2] + bbox[:, 2:]
    size = int(np.clip(len(rows) // _FEW_GROUPS, _SMALL_GROUP, _GROUP))  # enough groups for all cores
    columns = max(1, round(np.sqrt(len(rows) / size)))
    groups = []
    for column in np.array_split(np.argsort(centre[:, 0], kind="stable"), columns):
        column = column[np.argsort(centre[column, 1], kind="stable")]
        groups += [rows[column[start : start + size]] for start in range(0, len(column), size)]
    return groups


def _nothing() -> SharedGround:
    return SharedGround(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
