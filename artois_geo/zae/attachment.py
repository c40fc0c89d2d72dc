"""Which unité foncière each establishment or premises stands on, and who owns the units."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from artois_geo import measure
from artois_geo.zae.vacancy import _require

IN_UNIT, IN_SITE, OUTSIDE, NOWHERE = (
    "dans une unité",
    "dans le site, hors unité",
    "hors site",
    "sans position",
)
CLASSES = (IN_UNIT, IN_SITE, OUTSIDE, NOWHERE)
CLASS = "rattachement"  # column of the class of each row
PUBLIC, PRIVATE, BOTH = "public", "privé", "public et privé"


def attached(
    points: gpd.GeoDataFrame,
    units: gpd.GeoDataFrame,
    sites: gpd.GeoDataFrame,
    *,
    unit_key: str = "unit_id",
    site_key: str = "site_id",
) -> pd.DataFrame:
    """Give each located row the unit and the site it stands on; nothing is lost.

    Parameters
    ----------
    points
        Points in EPSG:2154, null or empty where a row has no position.
    units
        Polygons in EPSG:2154 with ``unit_key`` and ``site_key``.
    sites
        Polygons in EPSG:2154 with ``site_key``.
    unit_key, site_key
        Names of these columns.

    Returns
    -------
    DataFrame
        Rows and columns of ``points`` without geometry, then ``unit_key``, ``site_key`` and
        ``rattachement``: one of :data:`CLASSES`. On a limit, or where sites overlap, the first
        identifier in alphabetical order is taken, whatever the order of the files.

    Raises
    ------
    BadCRS, BadTable
        Another CRS; a missing column.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.zae import attached
    >>> from artois_geo import example
    >>> units = example.square(x_km=0, y_km=0, side_km=0.1, unit_id="UF-1", site_id="A")
    >>> sites = example.square(x_km=0, y_km=0, side_km=1, site_id="A")
    >>> firms = pd.concat([example.point(x_km=x, y_km=0.05) for x in (0.05, 0.5, 3)], ignore_index=True)
    >>> attached(firms, units, sites)["rattachement"].tolist()
    ['dans une unité', 'dans le site, hors unité', 'hors site']
    """
    measure.require_lambert93(points=points, units=units, sites=sites)
    _require(units, "units", unit_key, site_key)
    _require(sites, "sites", site_key)
    shapes = points.geometry.to_numpy()
    located = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    unit_rows = _first_holder(shapes, units, unit_key)
    site_rows = _first_holder(shapes, sites, site_key)
    in_unit, in_site = unit_rows >= 0, site_rows >= 0
    rows = pd.DataFrame(points.drop(columns=points.geometry.name))
    names = {
        unit_key: _named(units[unit_key], unit_rows),
        site_key: np.where(in_unit, _named(units[site_key], unit_rows), _named(sites[site_key], site_rows)),
    }
    for column, values in names.items():
        rows[column] = pd.Series(values, index=rows.index, dtype=object)
    rows[CLASS] = np.select([~located, in_unit, in_site], [NOWHERE, IN_UNIT, IN_SITE], OUTSIDE)
    return rows


def class_counts(rows: pd.DataFrame) -> dict[str, int]:
    """Count the rows of each class, absent ones too; the counts add up to the rows.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.zae import class_counts
    >>> class_counts(pd.DataFrame({"rattachement": ["hors site", "hors site"]}))["hors site"]
    2
    """
    counts = rows[CLASS].value_counts()
    return {name: int(counts.get(name, 0)) for name in CLASSES}


def with_owners(
    units: pd.DataFrame, owners: pd.DataFrame, groups: pd.DataFrame, *, parcels: str = "parcels"
) -> pd.DataFrame:
    """Tell whether each unit is public or private land, and its owners, from the file of legal persons.

    Parameters
    ----------
    units
        With ``parcels``: cadastral identifiers joined by ``|``.
    owners
        One row per right of a legal person on a parcel: ``parcel``, ``group``, ``name``.
    groups
        One row per group: ``group``, ``label``, ``sector`` (public, privé, or null where it may be both).

    Returns
    -------
    DataFrame
        Rows of ``units`` with ``owner_type`` (``public``, ``privé``, ``public et privé``), ``owner_group``
        and ``owner_name`` (joined by ``|``). A unit with a parcel that the file does not hold, as that of
        a natural person, is null: unknown, never private.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.zae import with_owners
    >>> units = pd.DataFrame({"unit_id": ["U1", "U2"], "parcels": ["AB1", "AB2|AB3"]})
    >>> owners = pd.DataFrame({"parcel": ["AB1", "AB2"], "group": ["4", "0"], "name": ["Lens", "SCI"]})
    >>> groups = pd.DataFrame({"group": ["0", "4"], "label": ["SCI", "ville"], "sector": ["privé", "public"]})
    >>> with_owners(units, owners, groups)["owner_type"].tolist()
    ['public', None]
    """
    _require(units, "units", parcels)
    grouped_owners = owners.merge(groups, on="group", how="left")
    by_parcel = {str(parcel): rows for parcel, rows in grouped_owners.groupby("parcel")}
    columns: dict[str, list[str | None]] = {"owner_type": [], "owner_group": [], "owner_name": []}
    for names in units[parcels]:
        owners_of_parcels = [by_parcel.get(name) for name in str(names).split("|")]
        rows = [frame for frame in owners_of_parcels if frame is not None]
        complete = len(rows) == len(owners_of_parcels)
        of_unit = pd.concat(rows) if rows else grouped_owners.iloc[:0]
        columns["owner_type"].append(_sector(of_unit["sector"]) if complete else None)
        columns["owner_group"].append(_joined(of_unit["label"]))
        columns["owner_name"].append(_joined(of_unit["name"]))
    series = {name: pd.Series(cells, index=units.index, dtype=object) for name, cells in columns.items()}
    return units.assign(**series)


def _first_holder(points: np.ndarray, polygons: gpd.GeoDataFrame, key: str) -> np.ndarray:
    """Return the row of the polygon that holds each point, -1 without; of several, the first by name."""
    point_rows, polygon_rows = shapely.STRtree(polygons.geometry.to_numpy()).query(
        points, predicate="intersects"
    )
    names = polygons[key].astype(str).to_numpy()[polygon_rows]
    order = np.lexsort((names, point_rows))
    holders = np.full(len(points), -1)
    holders[point_rows[order][::-1]] = polygon_rows[order][::-1]
    return holders


def _named(names: pd.Series, rows: np.ndarray) -> np.ndarray:
    values = np.array([*names.tolist(), None], dtype=object)
    return values[rows]  # -1 is the last: none


def _sector(sectors: pd.Series) -> str | None:
    """Return public or private where all the owners are so; nothing where a group may be both."""
    distinct = set(sectors.dropna())
    if sectors.isna().any() or not distinct:
        return None
    return BOTH if len(distinct) > 1 else str(distinct.pop())


def _joined(texts: pd.Series) -> str | None:
    return "|".join(sorted({str(text) for text in texts.dropna()})) or None
