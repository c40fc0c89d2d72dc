"""Stocks and flows of artificialised and sealed land, by commune, EPCI or any zone.

The areas come from ``overlay``: exact, on the Lambert-93 plane. Two photographs
must cover the same ground: where they do not, nothing is computed.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from pandas import DataFrame, Series

from artois_geo import measure, overlay
from artois_geo.errors import BadTable, BadValue
from artois_geo.zan.flows import FINDINGS, need
from artois_geo.zan.land_cover import codes

DAYS_PER_YEAR = 365.25

_STATUS = ["artificial", "sealed"]
_FLUX = ["artificialised_ha", "renatured_ha", "net_ha", "newly_sealed_ha", "unsealed_ha", "net_sealed_ha"]

By = Literal["code_cs", "code_us", "category"]


def stock(
    zones: GeoDataFrame, cover: GeoDataFrame, *, key: str, max_overlap_share: float = 1e-4
) -> DataFrame:
    """Artificialised and sealed land of each zone at one date.

    Parameters
    ----------
    zones
        Polygons in EPSG:2154, unique ``key``; they may overlap or leave gaps.
    cover
        Result of ``classify`` (and ``sieve`` or ``exempt``).
    key
        Column of ``zones`` that names them.
    max_overlap_share
        Part of a zone that the cover may count twice (slivers) before it is refused.

    Returns
    -------
    DataFrame
        One row per zone, in their order: ``zone_ha``, ``known_ha``, ``unknown_ha``
        (no land cover there: neither artificialised nor not), ``artificial_ha``,
        ``artificial_share`` (of what is known), ``sealed_ha``, ``sealed_share``.

    Raises
    ------
    BadTable
        The cover overlaps itself inside a zone.

    Examples
    --------
    >>> commune = plain.square(x_km=0, y_km=0, side_km=1, insee="62498")
    >>> cover = plain.rectangle(x_km=0, y_km=0, width_km=0.5, height_km=1, artificial=True, sealed=False)
    >>> stock(commune, cover, key="insee")[["artificial_ha", "artificial_share", "unknown_ha"]].values.tolist()
    [[50.0, 1.0, 50.0]]
    """
    need(cover, _STATUS, "cover")
    areas = overlay.area_table(zones, cover, by=_STATUS, key=key).set_index(key)
    table = DataFrame({key: zones[key].to_numpy(), "zone_ha": zones.area.to_numpy() / measure.M2_PER_HA})
    held = table[key]
    table["known_ha"] = _per_zone(areas["area_ha"], held)
    _refuse_overlaps(table, key, max_overlap_share)
    table["unknown_ha"] = _noise_free(table["zone_ha"] - table["known_ha"])
    for name, flag in (("artificial", "artificial"), ("sealed", "sealed")):
        table[f"{name}_ha"] = _per_zone(areas.loc[areas[flag].astype(bool), "area_ha"], held)
        table[f"{name}_share"] = table[f"{name}_ha"] / table["known_ha"].where(table["known_ha"] > 0)
    return table


def stock_by(zones: GeoDataFrame, cover: GeoDataFrame, *, key: str, by: By) -> DataFrame:
    """Land of each zone by cover, use or category of the decree, artificialised or not.

    Returns
    -------
    DataFrame
        One row per zone, class and status: ``key``, ``by``, ``artificial``, ``area_ha``.

    Examples
    --------
    >>> commune = plain.square(x_km=0, y_km=0, side_km=1, insee="62498")
    >>> cover = plain.square(x_km=0, y_km=0, side_km=1, code_cs="CS2.2.1", artificial=True)
    >>> stock_by(commune, cover, key="insee", by="code_cs").values.tolist()
    [['62498', 'CS2.2.1', True, 100.0]]
    """
    return overlay.area_table(zones, cover, by=[by, "artificial"], key=key)


def flux(
    before: GeoDataFrame,
    after: GeoDataFrame,
    *,
    zones: GeoDataFrame,
    key: str,
    max_gap_share: float = 1e-3,
) -> DataFrame:
    """What was artificialised, renatured and sealed between two photographs, in each zone.

    Parameters
    ----------
    before, after
        Results of ``classify`` for the same ground.
    zones, key
        Polygons in EPSG:2154 and the column that names them.
    max_gap_share
        Part of a zone that only one of the photographs may cover before it is refused.

    Returns
    -------
    DataFrame
        One row per zone, in their order: ``artificialised_ha``, ``renatured_ha``,
        ``net_ha`` (the first minus the second), ``newly_sealed_ha``, ``unsealed_ha``,
        ``net_sealed_ha``, ``compared_ha`` (ground seen on both).

    Raises
    ------
    BadTable
        The photographs do not cover the same ground of a zone.

    Examples
    --------
    >>> commune = plain.square(x_km=0, y_km=0, side_km=1, insee="62498")
    >>> field = plain.square(x_km=0, y_km=0, side_km=1, artificial=False, sealed=False)
    >>> flux(field, field.assign(artificial=True), zones=commune, key="insee")["net_ha"].tolist()
    [100.0]
    """
    need(before, _STATUS, "before")
    need(after, _STATUS, "after")
    changes = overlay.change_table(
        before[[*_STATUS, "geometry"]],
        after[[*_STATUS, "geometry"]],
        zones=zones,
        by=_STATUS,
        key=key,
        keep_unchanged=True,
    )
    compared = _per_zone(changes.set_index(key)["area_ha"], zones[key])
    for name, cover in (("avant", before), ("après", after)):
        seen = _per_zone(
            overlay.area_table(zones, cover, by=_STATUS, key=key).set_index(key)["area_ha"], zones[key]
        )
        _refuse_extents(zones, key, seen, compared, max_gap_share, name)
    return _flux_table(changes, zones[key]).assign(compared_ha=compared.to_numpy())


def flux_by(before: GeoDataFrame, after: GeoDataFrame, *, zones: GeoDataFrame, key: str, by: By) -> DataFrame:
    """Flows of each zone by transition: what kind of land became what.

    Returns
    -------
    DataFrame
        One row per zone and transition that changes the status: ``key``, ``<by>_before``,
        ``<by>_after``, ``artificialised_ha``, ``renatured_ha``, ``net_ha``.

    Examples
    --------
    >>> commune = plain.square(x_km=0, y_km=0, side_km=1, insee="62498")
    >>> field = plain.square(x_km=0, y_km=0, side_km=1, code_cs="CS2.2.1", artificial=False)
    >>> road = field.assign(code_cs="CS1.1.1.2", artificial=True)
    >>> flux_by(field, road, zones=commune, key="insee", by="code_cs").values.tolist()
    [['62498', 'CS2.2.1', 'CS1.1.1.2', 100.0, 0.0, 100.0]]
    """
    columns = [by, "artificial"]
    changes = overlay.change_table(
        before[[*columns, "geometry"]], after[[*columns, "geometry"]], zones=zones, by=columns, key=key
    )
    gained, lost = _turned(changes, "artificial")
    table = changes[[key, f"{by}_before", f"{by}_after"]].copy()
    table["artificialised_ha"], table["renatured_ha"] = gained, lost
    table["net_ha"] = gained - lost
    return table[(gained > 0) | (lost > 0)].reset_index(drop=True)


def flux_from_diff(
    diff: GeoDataFrame, *, zones: GeoDataFrame, key: str, matrix: DataFrame, sealed: Sequence[str]
) -> DataFrame:
    """Flows of each zone from IGN's DIFF or ARTIF-DIFF layer.

    Parameters
    ----------
    diff
        Features in EPSG:2154 with both dates: ``CS_2018``, ``US_2018``, ``CS_2021``…,
        or ``cs_avant``, ``us_avant``, ``cs_apres``, ``us_apres``; with ``artificialisation``
        (1, -1, 0) when it is the ARTIF-DIFF layer, then taken as it is.
    zones, key
        Polygons in EPSG:2154 and the column that names them.
    matrix
        Table ``ocsge_artif``.
    sealed
        Codes of the sealed covers.

    Returns
    -------
    DataFrame
        As :func:`flux`, without ``compared_ha``: the layer only holds what changed.

    Examples
    --------
    >>> commune = plain.square(x_km=0, y_km=0, side_km=1, insee="62498")
    >>> diff = plain.square(x_km=0, y_km=0, side_km=0.1, cs_avant="CS2.1.1.1", us_avant="US5",
    ...     cs_apres="CS1.1.1.1", us_apres="US5")
    >>> matrix = DataFrame({"code_cs": ["CS2.1.1.1", "CS1.1.1.1"], "code_us": "US5", "artificial": [0, 1]})
    >>> flux_from_diff(diff, zones=commune, key="insee", matrix=matrix, sealed=["CS1.1.1.1"])["net_ha"].tolist()
    [1.0]
    """
    frame = GeoDataFrame(geometry=diff.geometry.to_numpy(), crs=diff.crs)
    known = matrix.set_index(["code_cs", "code_us"])["artificial"]
    for when, pairs in zip(("before", "after"), _two_dates(diff), strict=True):
        found = known.reindex(pd.MultiIndex.from_frame(pairs))
        if found.isna().any():
            cs, us = found.index[found.isna()][0]
            raise BadTable(f"Couple de codes OCS GE inconnu dans la couche DIFF : {cs} × {us}.")
        frame[f"artificial_{when}"] = found.to_numpy().astype(int) == 1
        frame[f"sealed_{when}"] = pairs["code_cs"].isin(list(sealed)).to_numpy()
    official = next((name for name in diff.columns if str(name).lower() == "artificialisation"), None)
    if official is not None:
        sign = pd.to_numeric(diff[official], errors="coerce").fillna(0).to_numpy()
        frame["artificial_before"], frame["artificial_after"] = sign < 0, sign > 0
    by = [f"{flag}_{when}" for flag in _STATUS for when in ("before", "after")]
    return _flux_table(overlay.area_table(zones, frame, by=by, key=key), zones[key])


def flux_series(covers: Mapping[date, GeoDataFrame], *, zones: GeoDataFrame, key: str) -> DataFrame:
    """Flows and yearly rates between each photograph and the next, for any number of them.

    Parameters
    ----------
    covers
        Results of ``classify`` by date of the photograph. Départements photographed
        on different days are separate calls: they are never added as if simultaneous.
    zones, key
        Polygons in EPSG:2154 and the column that names them.

    Returns
    -------
    DataFrame
        Rows of :func:`flux` for each interval, with ``first_date``, ``last_date``,
        ``years`` and ``net_ha_per_year``.

    Examples
    --------
    >>> from datetime import date
    >>> commune = plain.square(x_km=0, y_km=0, side_km=1, insee="62498")
    >>> field = plain.square(x_km=0, y_km=0, side_km=1, artificial=False, sealed=False)
    >>> covers = {date(2018, 7, 1): field, date(2021, 7, 1): field.assign(artificial=True)}
    >>> flux_series(covers, zones=commune, key="insee")["net_ha_per_year"].round(2).tolist()
    [33.32]
    """
    if len(covers) < 2:
        raise BadValue("Il faut au moins deux millésimes pour un flux.")
    days = sorted(covers)
    tables = []
    for first, last in zip(days[:-1], days[1:], strict=True):
        table = flux(covers[first], covers[last], zones=zones, key=key)
        years = (last - first).days / DAYS_PER_YEAR
        table.insert(1, "first_date", first)
        table.insert(2, "last_date", last)
        table.insert(3, "years", years)
        tables.append(table.assign(net_ha_per_year=table["net_ha"] / years))
    return pd.concat(tables, ignore_index=True)


def stock_gaps(
    before: DataFrame,
    after: DataFrame,
    flows: DataFrame,
    *,
    key: str,
    artificial_tolerance_ha: float,
    sealed_tolerance_ha: float,
) -> DataFrame:
    """Whether net flow and difference of stocks agree: |net − (stock₂ − stock₁)| within a tolerance.

    Parameters
    ----------
    before, after
        Results of :func:`stock` at both dates.
    flows
        Result of :func:`flux` or :func:`flux_from_diff`.
    key
        Column of the zone in the three tables.
    artificial_tolerance_ha, sealed_tolerance_ha
        From a rule set.

    Returns
    -------
    DataFrame
        One row per zone and account that exceeds its tolerance: ``feature``, ``field``,
        ``rule``, ``level``, ``found`` (the gap), ``message``; empty if all agree.

    Examples
    --------
    >>> row = DataFrame({"z": ["A"], "artificial_ha": [10.0], "sealed_ha": [1.0]})
    >>> flows = DataFrame({"z": ["A"], "net_ha": [2.0], "net_sealed_ha": [0.0]})
    >>> later = row.assign(artificial_ha=11.0)
    >>> stock_gaps(row, later, flows, key="z", artificial_tolerance_ha=0.5, sealed_tolerance_ha=5)["found"].tolist()
    ['1.0000']
    """
    rows = []
    first, last, net = (table.set_index(key) for table in (before, after, flows))
    accounts = (
        ("artificial_ha", "net_ha", artificial_tolerance_ha),
        ("sealed_ha", "net_sealed_ha", sealed_tolerance_ha),
    )
    for held, flow, tolerance in accounts:
        gap = net[flow] - (last[held] - first[held]).reindex(net.index)
        for zone, value in gap[~(gap.abs() <= tolerance)].items():
            said = f"Le solde des flux s’écarte de {value:.4f} ha de la différence des stocks (admis : {tolerance:g} ha)."
            rows.append(
                dict(zip(FINDINGS, (zone, flow, "stock", "error", f"{value:.4f}", said), strict=True))
            )
    return DataFrame(rows, columns=FINDINGS)


def project_effect(projects: GeoDataFrame, cover: GeoDataFrame, *, key: str) -> DataFrame:
    """What building over each project's ground would do to the artificialisation account.

    A friche consumes no ENAF, yet what grew over it counts as artificialised once built.

    Parameters
    ----------
    projects
        Polygons in EPSG:2154, unique ``key``.
    cover
        Result of ``classify``.

    Returns
    -------
    DataFrame
        One row per project: ``project_ha``, ``already_artificial_ha``,
        ``would_artificialise_ha``, ``unknown_ha``.

    Examples
    --------
    >>> site = plain.square(x_km=0, y_km=0, side_km=1, projet="A")
    >>> shrubs = plain.rectangle(x_km=0, y_km=0, width_km=0.3, height_km=1, artificial=False, sealed=False)
    >>> project_effect(site, shrubs, key="projet")[["would_artificialise_ha", "unknown_ha"]].values.tolist()
    [[30.0, 70.0]]
    """
    table = stock(projects, cover, key=key)
    return DataFrame(
        {
            key: table[key],
            "project_ha": table["zone_ha"],
            "already_artificial_ha": table["artificial_ha"],
            "would_artificialise_ha": _noise_free(table["known_ha"] - table["artificial_ha"]),
            "unknown_ha": table["unknown_ha"],
        }
    )


def _flux_table(changes: DataFrame, zones: Series) -> DataFrame:
    table = DataFrame({zones.name: zones.to_numpy()})
    keys = changes[zones.name]
    for flag, (gain, loss, net) in zip(_STATUS, (_FLUX[:3], _FLUX[3:]), strict=True):
        gained, lost = _turned(changes, flag)
        table[gain] = _per_zone(gained.set_axis(keys), zones).to_numpy()
        table[loss] = _per_zone(lost.set_axis(keys), zones).to_numpy()
        table[net] = table[gain] - table[loss]
    return table


def _turned(changes: DataFrame, flag: str) -> tuple[Series, Series]:
    was, is_now = changes[f"{flag}_before"].astype(bool), changes[f"{flag}_after"].astype(bool)
    area = changes["area_ha"]
    return area.where(~was & is_now, 0.0), area.where(was & ~is_now, 0.0)


def _per_zone(areas: Series, zones: Series) -> Series:
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
            f"L'occupation du sol se recouvre dans {row[key]} : {row['known_ha']:.4f} ha pour une surface de\n"
            f"{row['zone_ha']:.4f} ha. Deux départements ou deux millésimes ont-ils été réunis ?"
        )


def _refuse_extents(
    zones: GeoDataFrame, key: str, seen: Series, compared: Series, max_share: float, name: str
) -> None:
    whole = zones.area.to_numpy() / measure.M2_PER_HA
    apart = np.flatnonzero((seen - compared).abs().to_numpy() > whole * max_share)
    if len(apart):
        at = apart[0]
        raise BadTable(
            f"Les deux millésimes ne couvrent pas le même terrain dans {zones[key].iloc[at]} : {seen[at]:.2f} ha vus "
            f"{name},\n{compared[at]:.2f} ha vus aux deux dates. Un flux y serait faux : ne garder que les zones "
            "couvertes\npar les deux."
        )


def _two_dates(diff: GeoDataFrame) -> tuple[DataFrame, DataFrame]:
    lower = {str(column).lower(): column for column in diff.columns}
    years = sorted({name[-4:] for name in lower if name.startswith("cs_") and name[-4:].isdigit()})
    pairs = [("avant", "apres"), tuple(years)] if len(years) == 2 else [("avant", "apres")]
    for first, last in pairs:
        wanted = [f"{axis}_{when}" for when in (first, last) for axis in ("cs", "us")]
        if all(name in lower for name in wanted):
            frames = [
                codes(diff[[lower[f"cs_{when}"], lower[f"us_{when}"]]].set_axis(["cs", "us"], axis=1))
                for when in (first, last)
            ]
            return frames[0], frames[1]
    raise BadTable(
        "Couche DIFF non reconnue : attendu CS_2018, US_2018, CS_2021, US_2021 (ou cs_avant, us_avant,\n"
        f"cs_apres, us_apres). Colonnes lues : {', '.join(map(str, diff.columns[:12]))}."
    )
