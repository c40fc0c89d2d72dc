"""Width from which linear infrastructure counts (decree n° 2023-1096), on a classified OCS GE."""

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from pandas import Series

from artois_geo import measure, shapes
from artois_geo.shapes import joined_groups

_GROUND = ("CS1.1.1.2", "CS1.1.2.1", "CS1.1.2.2")
_NETWORKS = "US4.1"
_TOUCHING_M = 0.01
_SNAP_M = 1e-6


def narrow_strips(cover: GeoDataFrame, *, linear_width_m: float) -> GeoDataFrame:
    """Give infrastructure narrower than the width of the decree the status of what runs along it.

    Concerned: sealed, mineral or composite ground with a use of transport network
    (``US4.1…``). Features that touch are measured together, so that two lanes side by side make
    one road. What an opening by ``linear_width_m`` removes, where it is longer than wide, becomes
    a row of its own, with the status found along most of its edge; at equal lengths it stays
    artificialised. Sealing does not change: the ground is still what it is.

    Parameters
    ----------
    cover
        Result of ``classify``, without overlaps, in EPSG:2154.
    linear_width_m
        Width of a rule set (5 m); what is exactly as wide counts.

    Returns
    -------
    GeoDataFrame
        Rows of ``cover`` in their order, a feature with a narrow part being followed by that part
        under the same index; ``artificial`` after the test and ``narrow`` (True for a
        narrow part). Areas add up to those of ``cover``.

    Notes
    -----
    Opening: Serra, *Image Analysis and Mathematical Morphology* (1982).

    Examples
    --------
    A path of 4 m across a field, 1 km long, is not artificialised; a road of 6 m is:

    >>> from artois_geo.zan import narrow_strips
    >>> from artois_geo import example
    >>> import pandas as pd
    >>> def crossed(width_km):
    ...     field = example.square(x_km=0, y_km=0, side_km=1, code_cs="CS2.2.1", code_us="US1.1")
    ...     path = example.rectangle(x_km=0.4, y_km=0, width_km=width_km, height_km=1)
    ...     path = path.assign(code_cs="CS1.1.1.2", code_us="US4.1.1")
    ...     both = pd.concat([field.assign(geometry=field.difference(path)), path], ignore_index=True)
    ...     return both.assign(artificial=[False, True])
    >>> narrow_strips(crossed(0.004), linear_width_m=5)["artificial"].tolist()
    [False, False]
    >>> narrow_strips(crossed(0.006), linear_width_m=5)["artificial"].tolist()
    [False, True]
    """
    measure.require_lambert93(cover=cover)
    concerned = cover["code_cs"].isin(_GROUND) & cover["code_us"].astype(str).str.startswith(_NETWORKS)
    network = np.flatnonzero(concerned & cover["artificial"].astype(bool))
    ground = cover.geometry.to_numpy()
    strips, owner = _narrow_parts(ground[network], linear_width_m)
    owner = network[owner]
    if not len(strips):
        return cover.assign(narrow=False)
    wide_ground = ground.copy()
    touched = np.unique(owner)
    narrow_parts = shapes.gathered(strips, owner, count=len(ground))
    wide_ground[touched] = shapely.difference(ground[touched], narrow_parts[touched])
    status = _status_along(strips, wide_ground, cover["artificial"].to_numpy(dtype=bool))
    # a feature that is narrow everywhere leaves no row but its strips
    remaining = np.flatnonzero(shapely.area(wide_ground) > 0)
    source_rows = np.concatenate([remaining, owner])
    order = np.argsort(source_rows, kind="stable")
    narrow = np.concatenate([np.zeros(len(remaining), dtype=bool), np.ones(len(strips), dtype=bool)])
    status_after = np.concatenate([cover["artificial"].to_numpy(dtype=bool)[remaining], status])
    pieces = cover.iloc[source_rows[order]].copy()
    pieces = pieces.set_geometry(
        np.concatenate([_with_shared_corners(wide_ground[remaining], strips), strips])[order], crs=cover.crs
    )
    return pieces.assign(artificial=status_after[order], narrow=narrow[order])


def narrow_effect_m2(cover: GeoDataFrame) -> Series:
    """Sum the ground that :func:`narrow_strips` marks narrow, in m²: ``no_longer_artificial`` and ``kept``.

    Examples
    --------
    >>> from artois_geo.zan import narrow_effect_m2
    >>> from artois_geo import example
    >>> strip = example.rectangle(x_km=0, y_km=0, width_km=1, height_km=0.004)
    >>> narrow_effect_m2(strip.assign(artificial=False, narrow=True)).tolist()
    [4000.0, 0.0]
    """
    area = cover.area.where(cover["narrow"], 0.0)
    reclassified = ~cover["artificial"].astype(bool)
    return pd.Series(
        {
            "no_longer_artificial": float(area[reclassified].sum().round(6)),
            "kept": float(area[~reclassified].sum().round(6)),
        }
    )


def _narrow_parts(
    ground: NDArray[np.object_], width_m: float
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Return the narrow parts of each feature, and the index of the feature they come from."""
    networks = shapely.get_parts(shapely.union_all(ground))
    wide_ground = shapely.union_all(shapes.opened(networks, min_width_m=width_m))
    narrow_ground = shapely.difference(ground, wide_ground)
    parts, owner = shapely.get_parts(narrow_ground, return_index=True)
    # what is shorter than wide is a corner of a road, not a strip
    is_strip = shapely.area(parts) > width_m**2
    return parts[is_strip], owner[is_strip]


def _status_along(
    strips: NDArray[np.object_], surroundings: NDArray[np.object_], artificial: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Return the status along most of the edge of each group of strips that touch."""
    fringe = shapely.buffer(strips, _TOUCHING_M, join_style="mitre")
    strip_a, strip_b = shapely.STRtree(strips).query(fringe, predicate="intersects")
    group = joined_groups(strip_a, strip_b, len(strips))
    count = int(group.max()) + 1 if len(group) else 0
    strip, neighbour = shapely.STRtree(surroundings).query(fringe, predicate="intersects")
    common = shapely.length(shapely.intersection(shapely.boundary(surroundings[neighbour]), fringe[strip]))
    metres = np.zeros((count, 2))
    np.add.at(metres, (group[strip], artificial[neighbour].astype(int)), common)
    # the crossing of a wide road is a few centimetres longer or shorter: equal to the decimetre is equal
    return (metres[:, 1] >= metres[:, 0] - 0.1)[group]


def _with_shared_corners(ground: NDArray[np.object_], strips: NDArray[np.object_]) -> NDArray[np.object_]:
    """Add the corners of the strips to the edge of the ground, so that edges are still shared."""
    ground_index, strip_index = shapely.STRtree(strips).query(
        ground, predicate="dwithin", distance=_TOUCHING_M
    )
    noded_ground = ground.copy()
    touched = np.unique(ground_index)
    corners = shapes.gathered(strips[strip_index], ground_index, count=len(ground))
    noded_ground[touched] = shapely.snap(ground[touched], corners[touched], _SNAP_M)
    return noded_ground
