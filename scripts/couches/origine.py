"""What every feature says of itself: source, precision, quality of its geometry, line of the facts."""

from collections.abc import Sequence

import geopandas as gpd
import pandas as pd
import shapely

from couches.lecture import BadFacts, Fact, geometry_quality, precision

Row = dict[str, object]


def located(
    row: Fact, shape: shapely.Geometry, *, surface_ha: float | None = None, stands_for: bool = False
) -> Row:
    """Last columns of a feature that has a geometry.

    A disc, and a shape that ``stands_for`` something else, is ``schématique``
    whatever the quality of the position it is drawn around; a line is what its words say.
    """
    metres, origin = precision(row["precision"], surface_ha=surface_ha)
    schematic = stands_for or shape.geom_type == "Polygon"
    return _columns(
        row,
        precision_m=metres,
        precision_origine=origin,
        geometrie="schématique" if schematic else geometry_quality(row["precision"]),
        geometry=shape,
    )


def geometry_columns(row: Fact, shape: shapely.Geometry, *, precision_m: int, precision_origine: str) -> Row:
    """Last columns of a schematic shape whose precision is worked out by us, not read in the facts."""
    return _columns(
        row,
        precision_m=precision_m,
        precision_origine=precision_origine,
        geometrie="schématique",
        geometry=shape,
    )


def unlocated(row: Fact, reason: str) -> Row:
    """Last columns of a feature without geometry: kept, with the reason."""
    return _columns(row, motif_sans_geometrie=reason, geometry=None)


def _columns(
    row: Fact,
    *,
    geometry: shapely.Geometry | None,
    precision_m: int | None = None,
    precision_origine: str | None = None,
    geometrie: str | None = None,
    motif_sans_geometrie: str | None = None,
) -> Row:
    return {
        "source": row["source"],
        "precision": row["precision"],
        "precision_m": precision_m,
        "precision_origine": precision_origine,
        "geometrie": geometrie,
        "motif_sans_geometrie": motif_sans_geometrie,
        "fait": row["fait"],
        "geometry": geometry,
    }


def layer(rows: Sequence[Row], *, key: str, always_drawn: bool = False) -> gpd.GeoDataFrame:
    """Rows as a frame in EPSG:2154 whose index, named ``id``, is the key: ids that last.

    Why a feature is not drawn is a column, but for the kinds of which every feature is drawn.
    """
    keys = [str(row[key]) for row in rows]
    twice = sorted({key_value for key_value in keys if keys.count(key_value) > 1})
    if twice:
        raise BadFacts(f"Identifiants en double ({key}) : {', '.join(twice)}.")
    names = [name for name in rows[0] if name != "geometry"]
    if always_drawn:
        names.remove("motif_sans_geometrie")
    frame = gpd.GeoDataFrame(
        {name: _column([row[name] for row in rows]) for name in names},
        geometry=gpd.GeoSeries([row["geometry"] for row in rows], crs=2154),
    )
    frame.index = pd.Index(keys, name="id")
    return frame


def _column(values: list[object]) -> pd.Series:
    # As objects, so that a null never turns whole numbers into decimals.
    return pd.Series(values, dtype=object)
