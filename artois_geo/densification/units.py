"""Unités foncières: neighbouring parcels of one owner, rebuilt from the cadastre and named after it."""

import re

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from artois_geo import meaning, shapes
from artois_geo.errors import BadTable
from artois_geo.measure import LAMBERT93, M2_PER_HA
from artois_geo.shapes import Shapes

#: Two parcels that share less than a decimetre of edge only touch at a corner.
MIN_EDGE_M = 0.1
PAIRS_AT_ONCE = 50_000
PREFIX, ELSEWHERE = "UF-", "@"
#: Columns that hold the identifier of a parcel: Etalab, IGN and DGFiP, Cerema, and usual names.
PARCEL_KEYS = ("id", "idu", "idpar", "idparcelle", "id_parcelle", "parcelle_id", "geo_parcelle")
#: Département and commune (5), absorbed commune (3), section (2), number (4).
CADASTRAL = re.compile(r"(\d{2}|2[AB])\d{6}[0-9A-Z]{2}\d{4}")


def parcel_key(parcels: pd.DataFrame) -> str:
    """Find the column that holds the cadastral identifier of each parcel.

    Parameters
    ----------
    parcels
        With one of the columns ``PARCEL_KEYS``, in any case. A column ``id`` counts only where it
        holds cadastral identifiers (14 characters): row numbers name no parcel.

    Raises
    ------
    BadTable
        No such column.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.densification import parcel_key
    >>> parcel_key(pd.DataFrame({"IDU": ["62498000AB0001"], "fid": [1]}))
    'IDU'
    """
    for name in PARCEL_KEYS:
        for column in parcels.columns:
            if meaning.fold(str(column)) != name:
                continue
            if name != "id" or all(CADASTRAL.fullmatch(str(value)) for value in parcels[column]):
                return str(column)
    raise BadTable(
        f"aucune colonne ne porte l'identifiant cadastral des parcelles ({', '.join(PARCEL_KEYS)} ; « id »"
        " s'il a 14 caractères, comme 62498000AB0001). Donner avec --cle (key) la colonne qui nomme chaque"
        " parcelle d'une année sur l'autre."
    )


def land_units(
    parcels: gpd.GeoDataFrame,
    *,
    owner: str,
    key: str = "",
    sites: gpd.GeoDataFrame | None = None,
    site_key: str = "site_id",
    keep: tuple[str, ...] = (),
) -> gpd.GeoDataFrame:
    """Put together the parcels of one owner that share an edge (unités foncières), named after the cadastre.

    Parameters
    ----------
    parcels
        Polygons in EPSG:2154, unique index, with the column ``owner``. They may not overlap
        by more than drawing errors: an overlap within a unit is dissolved.
    owner
        Column that identifies the owner. A parcel without owner stays alone.
    key
        Column with the cadastral identifier of each parcel, filled and unique; by default the one
        that :func:`parcel_key` finds.
    sites
        Polygons in EPSG:2154 with ``site_key``: parcels are cut to them first, so that a unit
        belongs to one site; ground outside is left out. Where sites overlap, a parcel counts in each.
    site_key
        Column of ``sites`` that names them.
    keep
        Columns of ``parcels`` to carry along, from the largest parcel of the unit.

    Returns
    -------
    GeoDataFrame
        One row per unit, new index: ``unit_id``, ``site_key`` if given, ``owner``, ``keep``,
        ``parcels`` (their identifiers joined by ``|``), ``parcel_count``, ``unit_ha``.
        In the order of ``unit_id``.

    Raises
    ------
    BadCRS, BadTable
        Geometry that is not valid polygons in Lambert-93; a missing column, or one of the result; an
        identifier that is empty or repeats.

    Notes
    -----
    An unité foncière is an uninterrupted set of parcels of the same owner (Conseil d'État,
    27 June 2005, *commune de Chambéry*). Parcels that touch at a corner are not one unit.

    ``unit_id`` is ``UF-`` and the first, in alphabetical order, of the identifiers of the unit: other
    parcels, or another order of the file, do not change it. Where that parcel lies in several sites,
    the one with most of it has this name; ``@`` and the site follow it in the others.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo import densification, example
    >>> west = example.square(x_km=0, y_km=0, side_km=0.1, owner="SCI A", idu="62498000AB0002")
    >>> east = example.square(x_km=0.1, y_km=0, side_km=0.1, owner="SCI A", idu="62498000AB0001")
    >>> parcels = pd.concat([west, east], ignore_index=True)
    >>> densification.land_units(parcels, owner="owner")[["unit_id", "unit_ha"]].values.tolist()
    [['UF-62498000AB0001', 2.0]]
    """
    shapes.require_polygons(parcels=parcels)
    for column in (owner, *keep):
        if column not in parcels.columns:
            raise BadTable(f"« parcels » n'a pas de colonne « {column} ».")
    computed = {"unit_id", "parcels", "parcel_count", "unit_ha", *([site_key] if sites is not None else [])}
    if computed & {owner, *keep}:
        raise BadTable(
            f"« {min(computed & {owner, *keep})} » est une colonne que le calcul écrit : renommer celle des"
            " parcelles, ou ne pas la garder."
        )
    names = _names(parcels, key or parcel_key(parcels))
    row, ground, site = _cut(parcels, sites, site_key)
    holder = parcels[owner].to_numpy()[row]
    zone = None if site is None else pd.factorize(site)[0]
    unit = _groups(ground, pd.factorize(holder)[0], zone)
    pieces = pd.DataFrame({"unit": unit, "row": row, "name": names[row], "m2": shapely.area(ground)})
    units = gpd.GeoDataFrame(geometry=_outlines(ground, unit), crs=LAMBERT93)
    if site is not None:
        pieces["site"] = site
        units.insert(0, site_key, pieces.groupby("unit")["site"].first().to_numpy())
    largest = pieces.sort_values(["m2", "name"]).groupby("unit")["row"].last().to_numpy()
    for column in dict.fromkeys((owner, *keep)):
        units[column] = parcels[column].to_numpy()[largest]
    of_unit = pieces.sort_values("name").groupby("unit")["name"]
    units["parcels"] = of_unit.agg("|".join).to_numpy()
    units["parcel_count"] = of_unit.size().to_numpy()
    units["unit_ha"] = units.area / M2_PER_HA
    units.insert(0, "unit_id", _identifiers(pieces))
    columns = [column for column in units.columns if column != "geometry"]
    return units[[*columns, "geometry"]].sort_values("unit_id", kind="stable", ignore_index=True)


def _names(parcels: gpd.GeoDataFrame, key: str) -> NDArray[np.object_]:
    """Read the identifiers of the parcels as texts; refuse any that is empty or repeats."""
    if key not in parcels.columns:
        raise BadTable(f"« parcels » n'a pas de colonne « {key} ».")
    names = parcels[key].map(lambda value: "" if meaning.is_missing(value) else str(value).strip())
    empty = int((names == "").sum())
    if empty:
        raise BadTable(
            f"« {key} » : {empty} parcelle{'s' if empty > 1 else ''} sans identifiant. Le compléter, ou"
            " choisir avec --cle (key) une colonne remplie partout."
        )
    if names.duplicated().any():
        repeated = names[names.duplicated()].unique()
        raise BadTable(
            f"« {key} » : plusieurs parcelles s'appellent « {repeated[0]} »"
            + (f" ({len(repeated)} identifiants se répètent)" if len(repeated) > 1 else "")
            + ". Une parcelle, une ligne."
        )
    return names.to_numpy(dtype=object)


def _cut(
    parcels: gpd.GeoDataFrame, sites: gpd.GeoDataFrame | None, site_key: str
) -> tuple[NDArray[np.intp], Shapes, NDArray[np.object_] | None]:
    """Cut the parcels to the sites: row of each piece in ``parcels``, its polygon, name of its site."""
    ground = parcels.geometry.to_numpy().copy()
    if sites is None:
        return np.arange(len(parcels)), ground, None
    shapes.require_polygons(sites=sites)
    if site_key not in sites.columns:
        raise BadTable(f"« sites » n'a pas de colonne « {site_key} ».")
    zones = sites.geometry.to_numpy()
    zone, row = shapely.STRtree(ground).query(zones, predicate="intersects")
    order = np.lexsort((zone, row))
    zone, row = zone[order], row[order]
    shapely.prepare(zones)
    piece = ground[row]
    crossing = ~shapely.covers(zones[zone], piece)
    piece[crossing] = shapes.polygonal(shapely.intersection(piece[crossing], zones[zone[crossing]]))
    # A parcel along the limit leaves a thread a few millimetres wide.
    solid = shapely.area(piece) > shapes.TOLERANCE_M * shapely.length(piece)
    return row[solid], piece[solid], sites[site_key].to_numpy()[zone[solid]]


def _groups(ground: Shapes, holder: NDArray[np.intp], site: NDArray[np.intp] | None) -> NDArray[np.intp]:
    """Number the unit of each piece of parcel: pieces of one owner and one site that share an edge."""
    first_piece, second_piece = _neighbours(ground)
    may_join = (holder[first_piece] == holder[second_piece]) & (holder[first_piece] >= 0)
    if site is not None:
        may_join &= site[first_piece] == site[second_piece]
    first_piece, second_piece = first_piece[may_join], second_piece[may_join]
    edge = np.zeros(len(first_piece))
    for start in range(0, len(first_piece), PAIRS_AT_ONCE):
        batch = slice(start, start + PAIRS_AT_ONCE)
        shared = shapely.intersection(ground[first_piece[batch]], ground[second_piece[batch]])
        # An overlap of two parcels of one owner joins them too: half its outline stands for the edge.
        edge[batch] = shapely.length(shared) / np.where(shapely.get_dimensions(shared) == 2, 2, 1)
    linked = edge > MIN_EDGE_M
    return _connected(len(ground), first_piece[linked], second_piece[linked])


def _neighbours(ground: Shapes) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    first_piece, second_piece = shapely.STRtree(ground).query(ground, predicate="intersects")
    return first_piece[first_piece < second_piece], second_piece[first_piece < second_piece]


def _connected(count: int, first_end: NDArray[np.intp], second_end: NDArray[np.intp]) -> NDArray[np.intp]:
    """Number the connected components: each link lowers both ends to the smaller number."""
    number = np.arange(count)
    while True:
        smaller = np.minimum(number[first_end], number[second_end])
        lowered = number.copy()
        np.minimum.at(lowered, first_end, smaller)
        np.minimum.at(lowered, second_end, smaller)
        np.minimum.at(lowered, number, lowered)
        lowered = lowered[lowered]
        if (lowered == number).all():
            return number
        number = lowered


def _outlines(ground: Shapes, unit: NDArray[np.intp]) -> Shapes:
    """Draw the outline of each unit, in the order of their numbers."""
    order = np.argsort(unit, kind="stable")
    _, starts = np.unique(unit[order], return_index=True)
    counts = np.diff(np.append(starts, len(order)))
    outlines = ground[order[starts]].copy()
    for row in np.flatnonzero(counts > 1):
        outlines[row] = shapely.union_all(ground[order[starts[row] : starts[row] + counts[row]]])
    return shapes.polygonal(outlines)


def _identifiers(pieces: pd.DataFrame) -> list[str]:
    """Name each unit: its first parcel, and its site where another site has more of that parcel."""
    first_parcels = pieces.sort_values("name").drop_duplicates("unit").copy()
    first_parcels["identifier"] = PREFIX + first_parcels["name"]
    if "site" in first_parcels:
        order = first_parcels.assign(site=first_parcels["site"].astype(str)).sort_values(
            ["m2", "site"], ascending=[False, True]
        )
        is_elsewhere = first_parcels.index.isin(order.index[order["name"].duplicated()])
        suffix = ELSEWHERE + first_parcels["site"].astype(str)
        first_parcels.loc[is_elsewhere, "identifier"] += suffix[is_elsewhere]
    return first_parcels.sort_values("unit")["identifier"].tolist()
