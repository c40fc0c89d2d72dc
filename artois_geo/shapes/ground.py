"""What ground must be before anything is measured on it, and what an overlay leaves of it."""

from collections.abc import Callable
from contextlib import suppress

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from artois_geo import measure
from artois_geo.errors import REPAIR, BadTable, invalidity
from artois_geo.text import counted, row_name

Shapes = NDArray[np.object_]

#: What to do with points and lines among polygons.
APART = "Les retirer, ou les donner dans leur propre couche"
#: What fits, or misses, by less than a millimetre does not change an answer.
TOLERANCE_M = 1e-3
#: Grid on which two outlines are cut when GEOS cannot tell their nearly equal edges apart.
SNAP_M = 1e-4


def require_valid(**frames: gpd.GeoDataFrame) -> None:
    """Refuse frames that are not in Lambert-93, or hold null or invalid geometries or a repeated index.

    Parameters
    ----------
    frames
        Frames, under the name that the caller knows them by.

    Raises
    ------
    BadCRS
        A frame is not in EPSG:2154.
    BadTable
        Null, empty or invalid geometries (their rows are named), or a repeated index.

    Examples
    --------
    >>> from artois_geo.shapes import require_valid
    >>> from artois_geo import example
    >>> require_valid(sites=example.square(x_km=0, y_km=0, side_km=1))
    """
    measure.require_lambert93(**frames)
    for name, frame in frames.items():
        if not frame.index.is_unique:
            raise BadTable(
                f"« {name} » : deux lignes portent le même index.\n"
                f"Renuméroter d'abord, par exemple avec {name}.reset_index(drop=True)."
            )
        shapes = frame.geometry.to_numpy()
        missing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
        _refuse(name, frame, missing, "sans géométrie", "Les retirer ou les compléter")
        broken = ~shapely.is_valid(shapes)
        if broken.any():
            reason = invalidity(shapely.is_valid_reason(shapes[broken][:1])[0])
            _refuse(name, frame, broken, f"de géométrie invalide ({reason})", REPAIR)


def require_polygons(**frames: gpd.GeoDataFrame) -> None:
    """Refuse frames that hold anything else than valid polygons and multipolygons in Lambert-93.

    Raises
    ------
    BadCRS, BadTable
        As :func:`require_valid`; also when a row is a point, a line or a collection.

    Examples
    --------
    >>> from artois_geo.shapes import require_polygons
    >>> from artois_geo import example
    >>> require_polygons(sites=example.point(x_km=0, y_km=0))
    Traceback (most recent call last):
    ...
    artois_geo.errors.BadTable: « sites » : 1 objet qui n'est pas un polygone (index 0).
    Les retirer, ou les donner dans leur propre couche.
    """
    require_valid(**frames)
    for name, frame in frames.items():
        not_polygon = ~np.isin(shapely.get_type_id(frame.geometry.to_numpy()), [3, 6])
        _refuse(name, frame, not_polygon, "qui n'est pas un polygone", APART)


def are_polygons(features: gpd.GeoDataFrame) -> "pd.Series[bool]":
    """Tell which features are drawn as polygons: a point, a line or an absent shape has no hectares.

    Examples
    --------
    >>> from artois_geo.shapes import are_polygons
    >>> from artois_geo import example
    >>> are_polygons(example.square(x_km=0, y_km=0, side_km=1)).tolist()
    [True]
    """
    return features.geom_type.isin(["Polygon", "MultiPolygon"])


def polygonal(shapes: Shapes) -> Shapes:
    """Keep only the polygons of each geometry: drop what an overlay leaves of lines and points.

    Examples
    --------
    >>> import numpy as np
    >>> import shapely
    >>> from artois_geo.shapes import polygonal
    >>> mixed = shapely.GeometryCollection([shapely.Point(0, 0), shapely.box(0, 0, 1, 1)])
    >>> polygonal(np.array([mixed])).tolist()
    [<POLYGON ((1 0, 1 1, 0 1, 0 0, 1 0))>]
    """
    kind = shapely.get_type_id(shapes)
    flat = shapes.copy()
    flat[~np.isin(kind, [3, 6, 7])] = shapely.Polygon()
    mixed = np.flatnonzero(kind == 7)
    if len(mixed):
        parts, owner = shapely.get_parts(shapes[mixed], return_index=True)
        inner, outer_part = shapely.get_parts(parts, return_index=True)
        solid = shapely.get_type_id(inner) == 3
        flat[mixed] = gathered(inner[solid], owner[outer_part][solid], count=len(mixed))
    return flat


def gathered(pieces: Shapes, owner: NDArray[np.intp], *, count: int) -> Shapes:
    """Merge pieces per owner: one polygon or multipolygon each, empty when there is none.

    Examples
    --------
    >>> import numpy as np
    >>> import shapely
    >>> from artois_geo.shapes import gathered
    >>> gathered(np.array([shapely.box(0, 0, 1, 1)]), np.array([1]), count=2).tolist()
    [<POLYGON EMPTY>, <POLYGON ((1 0, 1 1, 0 1, 0 0, 1 0))>]
    """
    merged = np.full(count, shapely.Polygon(), dtype=object)
    if len(pieces):
        owners, first_piece, counts = np.unique(owner, return_index=True, return_counts=True)
        merged[owners] = shapely.multipolygons(pieces, indices=np.repeat(np.arange(len(owners)), counts))
        single = counts == 1
        merged[owners[single]] = pieces[first_piece[single]]
    return merged


def _refuse(name: str, frame: gpd.GeoDataFrame, wrong: NDArray[np.bool_], what: str, cure: str) -> None:
    rows = frame.index[wrong]
    if not len(rows):
        return
    labels = ", ".join(row_name(frame.index, row) for row in rows[:5]).replace(", index ", ", ")
    more = " …" if len(rows) > 5 else ""
    raise BadTable(f"« {name} » : {counted(len(rows), 'objet')} {what} ({labels}{more}).\n{cure}.")


def overlaid(operation: Callable[..., Shapes], first: Shapes, second: Shapes) -> Shapes:
    """Apply a set operation pair by pair, on a fine grid where GEOS fails on nearly equal edges.

    An edge rebuilt by a buffer, or moved with its site, may run along another one at a distance
    of a rounding; GEOS then raises instead of answering. A grid of a tenth of a millimetre has
    an answer, and only the pairs that need it get it.

    Parameters
    ----------
    operation
        ``shapely.intersection``, ``difference`` or ``union``.
    first, second
        Polygons, one pair per place (or one against many).

    Returns
    -------
    ndarray of Geometry
        One result per pair.

    Examples
    --------
    >>> import numpy as np
    >>> import shapely
    >>> from artois_geo.shapes import overlaid
    >>> squares = np.array([shapely.box(0, 0, 2, 1)])
    >>> shapely.area(overlaid(shapely.difference, squares, np.array([shapely.box(1, 0, 2, 1)]))).tolist()
    [1.0]
    """
    try:
        return operation(first, second)
    except shapely.errors.GEOSException:
        pairs = np.broadcast(np.asarray(first, dtype=object), np.asarray(second, dtype=object))
        results = [_one_overlay(operation, shape, cutter) for shape, cutter in pairs]
        return np.array(results, dtype=object).reshape(pairs.shape)


def _one_overlay(
    operation: Callable[..., shapely.Geometry], shape: shapely.Geometry, cutter: shapely.Geometry
) -> shapely.Geometry:
    """Answer for one pair: as it is, else on a fine grid, once a buffer that crosses itself is mended."""
    with suppress(shapely.errors.GEOSException):
        return operation(shape, cutter)
    sound = [
        ground
        if shapely.is_valid(ground)
        else shapely.make_valid(ground, method="structure", keep_collapsed=False)
        for ground in (shape, cutter)
    ]
    return operation(*sound, grid_size=SNAP_M)
