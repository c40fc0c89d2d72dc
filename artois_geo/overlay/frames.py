"""What a frame must hold before its areas mean anything: polygons, a CRS, columns, sound rings."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from artois_geo import measure
from artois_geo.errors import REPAIR, BadTable, UnknownName, invalidity
from artois_geo.text import counted, row_name

Geometries = NDArray[np.object_]
Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

# A ring that only touches itself encloses the same ground once repaired, to this rounding.
_SAME_GROUND_M2 = 1e-3
_POLYGONS = (3, 6)
_COLLECTION = 7
ALL, NONE = slice(None), slice(0)  # of some rows


def polygons(frame: gpd.GeoDataFrame, *, name: str) -> Geometries:
    """Return the geometries of a frame, all valid polygons, or nothing where there is no surface.

    Points, lines, missing and empty geometries cover no ground: they become empty polygons.
    A ring that touches itself is repaired, since it can be read in one way only.

    Raises
    ------
    BadCRS
        The frame is not in EPSG:2154.
    BadTable
        A polygon crosses itself: its surface depends on who reads it.
    """
    measure.require_lambert93(**{name: frame})
    return surfaces(np.asarray(frame.geometry.values, dtype=object), frame.index, name=name)


def surfaces(
    shapes: Geometries, index: pd.Index, *, name: str, unsure: NDArray[np.bool_] | slice = ALL
) -> Geometries:
    """Do as `polygons` for geometries that are not in a frame; the index names them in messages.

    Where some are already known to be sound, ``unsure`` marks the rows to check (`NONE`: no row).
    """
    shapes = shapes.copy()
    kind = shapely.get_type_id(shapes)
    for row in np.flatnonzero(kind == _COLLECTION):
        surface = _main_part_of(shapes[row])
        shapes[row] = surface if surface.geom_type.endswith("Polygon") else shapely.Polygon()
    shapes[~np.isin(kind, (*_POLYGONS, _COLLECTION)) | shapely.is_empty(shapes)] = shapely.Polygon()
    return _sound(shapes, index, name, unsure)


def any_shapes(frame: gpd.GeoDataFrame, *, name: str) -> Geometries:
    """Return the geometries of a frame: sound polygons, and lines and points as they are.

    Raises
    ------
    BadCRS
        The frame is not in EPSG:2154.
    BadTable
        A polygon crosses itself.
    """
    measure.require_lambert93(**{name: frame})
    shapes = np.asarray(frame.geometry.values, dtype=object).copy()
    shapes[shapely.is_missing(shapes)] = shapely.Polygon()
    for row in np.flatnonzero(shapely.get_type_id(shapes) == _COLLECTION):
        shapes[row] = _main_part_of(shapes[row])
    flat = np.isin(shapely.get_type_id(shapes), _POLYGONS)
    shapes[flat] = _sound(shapes[flat], frame.index[flat], name)
    return shapes


def require_columns(frame: pd.DataFrame, columns: Sequence[str], *, name: str) -> None:
    """Refuse a column that the frame does not have, and a list given as one word."""
    if isinstance(columns, str):
        raise BadTable(f"by doit être une liste de colonnes de « {name} », par exemple by=[{columns!r}].")
    for column in columns:
        if column not in frame.columns:
            raise UnknownName(f"colonne de « {name} »", column, map(str, frame.columns))


def zone_names(zones: gpd.GeoDataFrame, key: str | None) -> tuple[str, pd.Index]:
    """Name the zone column of a result, and each zone: refuse two zones of one name."""
    if key is not None:
        require_columns(zones, [key], name="zones")
    names = zones.index if key is None else pd.Index(zones[key])
    title = key if key is not None else "zone"
    if not names.is_unique:
        repeated = names[names.duplicated()].unique()[:5]
        raise BadTable(
            f"Plusieurs zones portent le même nom ({title}) : {', '.join(map(str, repeated))}.\n"
            f"Les réunir d'abord, par exemple zones.dissolve({title!r}), ou choisir une autre colonne."
        )
    return title, names


def _main_part_of(collection: shapely.Geometry) -> shapely.Geometry:
    """Union of the parts of highest dimension: the polygons of a collection, or else its lines."""
    parts = shapely.get_parts(shapely.get_parts(collection))
    dimension = shapely.get_dimensions(parts)
    return shapely.union_all(parts[dimension == dimension.max(initial=-1)])


def _sound(
    shapes: Geometries, index: pd.Index, name: str, unsure: NDArray[np.bool_] | slice = ALL
) -> Geometries:
    """Repair polygons where the repair keeps their area; refuse those that it changes."""
    valid = np.ones(len(shapes), bool)
    valid[unsure] = shapely.is_valid(shapes[unsure])
    with np.errstate(over="ignore", invalid="ignore"):  # what is no number is refused below
        area = shapely.area(shapes)
    wrong = np.flatnonzero(~(valid & np.isfinite(area)))
    if not len(wrong):
        return shapes
    with np.errstate(over="ignore", invalid="ignore"):
        repaired = shapely.make_valid(shapes[wrong], method="structure", keep_collapsed=False)
        changes_area = ~(np.abs(shapely.area(repaired) - area[wrong]) <= _SAME_GROUND_M2)
    if changes_area.any():
        refused = wrong[changes_area]
        with np.errstate(over="ignore", invalid="ignore"):
            reason = invalidity(shapely.is_valid_reason(shapes[refused[0]]))
        raise BadTable(
            f"« {name} » : {counted(len(refused), 'polygone')} dont la surface n'a pas de sens, "
            f"par exemple {row_name(index, index[refused[0]])} ({reason}).\n"
            f"{REPAIR}."
        )
    shapes[wrong] = repaired
    return shapes
