"""Stocks of artificialised and sealed land at one date, by commune, EPCI or any zone.

The areas come from ``overlay``: exact, on the Lambert-93 plane.
"""

from typing import Literal

from geopandas import GeoDataFrame
from pandas import DataFrame, Series

from artois_geo import measure
from artois_geo.errors import BadTable
from artois_geo.overlay import Progress
from artois_geo.zan.land_cover import lazy_cover

STATUS = ["artificial", "sealed"]

By = Literal["code_cs", "code_us", "category"]


def stock(
    zones: GeoDataFrame,
    cover: lazy_cover.LandCover,
    *,
    key: str,
    max_overlap_share: float = 1e-4,
    cores: int | None = None,
    progress: Progress | None = None,
) -> DataFrame:
    """Compute the artificialised and sealed land of each zone at one date.

    Parameters
    ----------
    zones
        Polygons in EPSG:2154, unique ``key``; they may overlap or leave gaps.
    cover
        Result of ``classify`` (and ``sieve`` or ``exempt``), or of ``classify_file``.
    key
        Column of ``zones`` that names them.
    max_overlap_share
        Part of a zone that the cover may count twice (slivers) before it is refused.
    cores, progress
        As for ``overlay.area_table``.

    Returns
    -------
    DataFrame
        One row per zone, in their order: ``zone_ha``, ``known_ha``, ``undescribed_ha``
        (no land cover there: neither artificialised nor not), ``artificial_ha``,
        ``artificial_share`` (of what is known), ``sealed_ha``, ``sealed_share``.

    Raises
    ------
    BadTable
        The cover overlaps itself inside a zone.

    Examples
    --------
    >>> from artois_geo.zan import stock
    >>> from artois_geo import example
    >>> commune = example.square(x_km=0, y_km=0, side_km=1, insee="62498")
    >>> cover = example.rectangle(x_km=0, y_km=0, width_km=0.5, height_km=1, artificial=True, sealed=False)
    >>> stock(commune, cover, key="insee")[["artificial_ha", "undescribed_ha"]].values.tolist()
    [[50.0, 50.0]]
    """
    areas = lazy_cover.areas(zones, cover, by=STATUS, key=key, cores=cores, progress=progress).set_index(key)
    table = DataFrame({key: zones[key].to_numpy(), "zone_ha": zones.area.to_numpy() / measure.M2_PER_HA})
    zone_keys = table[key]
    table["known_ha"] = per_zone(areas["area_ha"], zone_keys)
    _refuse_overlaps(table, key, max_overlap_share)
    table["undescribed_ha"] = _noise_free(table["zone_ha"] - table["known_ha"])
    for name, flag in (("artificial", "artificial"), ("sealed", "sealed")):
        table[f"{name}_ha"] = per_zone(areas.loc[areas[flag].astype(bool), "area_ha"], zone_keys)
        table[f"{name}_share"] = table[f"{name}_ha"] / table["known_ha"].where(table["known_ha"] > 0)
    return table


def stock_by(
    zones: GeoDataFrame,
    cover: lazy_cover.LandCover,
    *,
    key: str,
    by: By,
    cores: int | None = None,
    progress: Progress | None = None,
) -> DataFrame:
    """Compute the land of each zone by cover, use or category of the decree, artificialised or not.

    Returns
    -------
    DataFrame
        One row per zone, class and status: ``key``, ``by``, ``artificial``, ``area_ha``.

    Examples
    --------
    >>> from artois_geo.zan import stock_by
    >>> from artois_geo import example
    >>> commune = example.square(x_km=0, y_km=0, side_km=1, insee="62498")
    >>> cover = example.square(x_km=0, y_km=0, side_km=1, code_cs="CS2.2.1", artificial=True)
    >>> stock_by(commune, cover, key="insee", by="code_cs").values.tolist()
    [['62498', 'CS2.2.1', True, 100.0]]
    """
    return lazy_cover.areas(zones, cover, by=[by, "artificial"], key=key, cores=cores, progress=progress)


def project_effect(
    projects: GeoDataFrame,
    cover: lazy_cover.LandCover,
    *,
    key: str,
    cores: int | None = None,
    progress: Progress | None = None,
) -> DataFrame:
    """Compute what building over each project's ground would do to the artificialisation account.

    A friche consumes no ENAF, yet what grew over it counts as artificialised once built.

    Parameters
    ----------
    projects
        Polygons in EPSG:2154, unique ``key``.
    cover
        Result of ``classify`` or ``classify_file``.
    cores, progress
        As for ``overlay.area_table``.

    Returns
    -------
    DataFrame
        One row per project: ``project_ha``, ``already_artificial_ha``,
        ``would_artificialise_ha``, ``undescribed_ha``.

    Examples
    --------
    >>> from artois_geo.zan import project_effect
    >>> from artois_geo import example
    >>> site = example.square(x_km=0, y_km=0, side_km=1, projet="A")
    >>> shrubs = example.rectangle(x_km=0, y_km=0, width_km=0.3, height_km=1, artificial=False, sealed=False)
    >>> effect = project_effect(site, shrubs, key="projet")
    >>> effect[["would_artificialise_ha", "undescribed_ha"]].values.tolist()
    [[30.0, 70.0]]
    """
    table = stock(projects, cover, key=key, cores=cores, progress=progress)
    return DataFrame(
        {
            key: table[key],
            "project_ha": table["zone_ha"],
            "already_artificial_ha": table["artificial_ha"],
            "would_artificialise_ha": _noise_free(table["known_ha"] - table["artificial_ha"]),
            "undescribed_ha": table["undescribed_ha"],
        }
    )


def per_zone(areas: Series, zones: Series) -> Series:
    """Sum the hectares of each zone, in the order of ``zones``; 0 where no row names it.

    Examples
    --------
    >>> per_zone(Series([2.0, 1.0], index=["B", "B"]), Series(["A", "B"])).tolist()
    [0.0, 3.0]
    """
    sums = areas.groupby(level=0).sum()
    return Series(
        sums.reindex(zones.to_numpy(), fill_value=0.0).to_numpy(dtype=float), index=range(len(zones))
    )


def _noise_free(areas: Series) -> Series:
    # a hundredth of a square metre is below what an intersection can tell
    return areas.where(areas > 1e-6, 0.0)


def _refuse_overlaps(table: DataFrame, key: str, max_share: float) -> None:
    over = table[table["known_ha"] > table["zone_ha"] * (1 + max_share)]
    if len(over):
        row = over.iloc[0]
        raise BadTable(
            f"L'occupation du sol se recouvre dans {row[key]} : {row['known_ha']:.4f} ha\n"
            f"pour une surface de {row['zone_ha']:.4f} ha.\n"
            "Deux départements ou deux millésimes ont-ils été réunis ?"
        )
