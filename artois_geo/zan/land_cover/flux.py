"""Flows of artificialised and sealed land between photographs.

Two photographs must cover the same ground: where they do not, nothing is computed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from pandas import DataFrame, Series

from artois_geo import deprecated, meaning, measure, overlay
from artois_geo.errors import BadTable, BadValue, UnknownName
from artois_geo.overlay import Progress
from artois_geo.text import comma
from artois_geo.zan.flows import finding, findings_table
from artois_geo.zan.land_cover import lazy_cover
from artois_geo.zan.land_cover.classification import codes
from artois_geo.zan.land_cover.stock import STATUS, By, per_zone

DAYS_PER_YEAR = 365.25

_FLUX = [
    "artificialised_ha",
    "renatured_ha",
    "net_artificialised_ha",
    "newly_sealed_ha",
    "unsealed_ha",
    "net_sealed_ha",
]


@dataclass(frozen=True)
class Coverage:
    """Say how far two photographs may cover different ground, and what each covers if that is counted.

    Parameters
    ----------
    max_gap_share
        Part of a zone that only one of the photographs may cover before it is refused.
    stocks
        Results of ``stock`` on both dates, if they are there: what each photograph covers is not
        counted again.
    """

    max_gap_share: float = 1e-3
    stocks: tuple[DataFrame, DataFrame] | None = None


def flux(
    before: lazy_cover.LandCover,
    after: lazy_cover.LandCover,
    *,
    zones: GeoDataFrame,
    key: str,
    coverage: Coverage | None = None,
    cores: int | None = None,
    progress: Progress | None = None,
    **keywords: Any,
) -> DataFrame:
    """Compute what was artificialised, renatured and sealed between two photographs, in each zone.

    Parameters
    ----------
    before, after
        Results of ``classify`` for the same ground, or of ``classify_file``.
    zones, key
        Polygons in EPSG:2154 and the column that names them.
    coverage
        How far the photographs may cover different ground; its fields may still be given one by one,
        as in version 0.1.0.
    cores, progress
        As for ``overlay.change_table``.

    Returns
    -------
    DataFrame
        One row per zone, in their order: ``artificialised_ha``, ``renatured_ha``,
        ``net_artificialised_ha`` (the first minus the second), ``newly_sealed_ha``, ``unsealed_ha``,
        ``net_sealed_ha``, ``compared_ha`` (ground seen on both).

    Raises
    ------
    BadTable
        The photographs do not cover the same ground of a zone.

    Examples
    --------
    >>> from artois_geo.zan import flux
    >>> from artois_geo import example
    >>> commune = example.square(x_km=0, y_km=0, side_km=1, insee="62498")
    >>> field = example.square(x_km=0, y_km=0, side_km=1, artificial=False, sealed=False)
    >>> built = field.assign(artificial=True)
    >>> flux(field, built, zones=commune, key="insee")["net_artificialised_ha"].tolist()
    [100.0]
    """
    coverage = deprecated.gathered(Coverage, coverage, keywords, function="zan.flux(coverage=)")
    changes = lazy_cover.changes(
        (before, after),
        zones=zones,
        by=STATUS,
        key=key,
        keep_unchanged=True,
        cores=cores,
        progress=progress,
    )
    compared = per_zone(changes.set_index(key)["area_ha"], zones[key])
    if coverage.stocks is not None:
        covered_areas = [table["known_ha"].reset_index(drop=True) for table in coverage.stocks]
    else:
        stock_tables = (
            lazy_cover.areas(zones, cover, by=STATUS, key=key, cores=cores) for cover in (before, after)
        )
        covered_areas = [per_zone(table.set_index(key)["area_ha"], zones[key]) for table in stock_tables]
    for date_name, covered in zip(("avant", "après"), covered_areas, strict=True):
        _refuse_different_extents(zones, key, covered, compared, coverage.max_gap_share, date_name)
    return _flux_table(changes, zones[key]).assign(compared_ha=compared.to_numpy())


def flux_by(
    before: lazy_cover.LandCover,
    after: lazy_cover.LandCover,
    *,
    zones: GeoDataFrame,
    key: str,
    by: By,
    cores: int | None = None,
    progress: Progress | None = None,
) -> DataFrame:
    """Compute the flows of each zone by transition: what kind of land became what.

    Returns
    -------
    DataFrame
        One row per zone and transition that changes the status: ``key``, ``<by>_before``,
        ``<by>_after``, ``artificialised_ha``, ``renatured_ha``, ``net_artificialised_ha``.

    Examples
    --------
    >>> from artois_geo.zan import flux_by
    >>> from artois_geo import example
    >>> commune = example.square(x_km=0, y_km=0, side_km=1, insee="62498")
    >>> field = example.square(x_km=0, y_km=0, side_km=1, code_cs="CS2.2.1", artificial=False)
    >>> road = field.assign(code_cs="CS1.1.1.2", artificial=True)
    >>> flux_by(field, road, zones=commune, key="insee", by="code_cs").values.tolist()
    [['62498', 'CS2.2.1', 'CS1.1.1.2', 100.0, 0.0, 100.0]]
    """
    columns = [by, "artificial"]
    changes = lazy_cover.changes(
        (before, after), zones=zones, by=columns, key=key, cores=cores, progress=progress
    )
    artificialised, renatured = _gains_and_losses(changes, "artificial")
    table = changes[[key, f"{by}_before", f"{by}_after"]].copy()
    table["artificialised_ha"], table["renatured_ha"] = artificialised, renatured
    table["net_artificialised_ha"] = artificialised - renatured
    return table[(artificialised > 0) | (renatured > 0)].reset_index(drop=True)


def flux_from_diff(
    diff: GeoDataFrame,
    *,
    zones: GeoDataFrame,
    key: str,
    matrix: DataFrame,
    sealed: Sequence[str],
    cores: int | None = None,
) -> DataFrame:
    """Compute the flows of each zone from IGN's DIFF or ARTIF-DIFF layer.

    Parameters
    ----------
    diff
        Features in EPSG:2154 with both dates: ``CS_2021``, ``US_2021``, ``CS_2024``… (the
        smaller year comes first), or ``cs_avant``, ``us_avant``, ``cs_apres``, ``us_apres``;
        with ``artificialisation`` (1, -1, 0) when it is the ARTIF-DIFF layer, then taken as it is.
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

    Raises
    ------
    BadTable
        A couple of codes is not in ``matrix``.
    UnknownName
        A code of ``sealed`` is not in ``matrix``.

    Examples
    --------
    >>> from artois_geo.zan import flux_from_diff
    >>> from pandas import DataFrame
    >>> from artois_geo import example
    >>> commune = example.square(x_km=0, y_km=0, side_km=1, insee="62498")
    >>> diff = example.square(x_km=0, y_km=0, side_km=0.1, cs_avant="CS2.1.1.1", us_avant="US5",
    ...     cs_apres="CS1.1.1.1", us_apres="US5")
    >>> matrix = DataFrame({"code_cs": ["CS2.1.1.1", "CS1.1.1.1"], "code_us": "US5", "artificial": [0, 1]})
    >>> flows = flux_from_diff(diff, zones=commune, key="insee", matrix=matrix, sealed=["CS1.1.1.1"])
    >>> flows["net_artificialised_ha"].tolist()
    [1.0]
    """
    known_codes = set(matrix["code_cs"].astype(str))
    for code in sealed:
        if code not in known_codes:
            raise UnknownName("code de couverture", code, known_codes)
    frame = GeoDataFrame(geometry=diff.geometry.to_numpy(), crs=diff.crs)
    artificial_by_pair = matrix.set_index(["code_cs", "code_us"])["artificial"]
    for side, pairs in zip(("before", "after"), _codes_at_both_dates(diff), strict=True):
        artificial = artificial_by_pair.reindex(pd.MultiIndex.from_frame(pairs))
        if artificial.isna().any():
            cs, us = artificial.index[artificial.isna()][0]
            raise BadTable(f"Couple de codes OCS GE inconnu dans la couche DIFF : {cs} × {us}.")
        frame[f"artificial_{side}"] = artificial.to_numpy().astype(int) == 1
        frame[f"sealed_{side}"] = pairs["code_cs"].isin(list(sealed)).to_numpy()
    official_column = next((name for name in diff.columns if str(name).lower() == "artificialisation"), None)
    if official_column is not None:
        sign = pd.to_numeric(diff[official_column], errors="coerce").fillna(0).to_numpy()
        frame["artificial_before"], frame["artificial_after"] = sign < 0, sign > 0
    columns = [f"{flag}_{side}" for flag in STATUS for side in ("before", "after")]
    return _flux_table(overlay.area_table(zones, frame, by=columns, key=key, cores=cores), zones[key])


def flux_series(covers: Mapping[date, lazy_cover.LandCover], *, zones: GeoDataFrame, key: str) -> DataFrame:
    """Compute flows and yearly rates between each photograph and the next, for any number of them.

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
        ``years`` and ``net_artificialised_ha_per_year``.

    Examples
    --------
    >>> from artois_geo.zan import flux_series
    >>> from artois_geo import example
    >>> from datetime import date
    >>> commune = example.square(x_km=0, y_km=0, side_km=1, insee="62498")
    >>> field = example.square(x_km=0, y_km=0, side_km=1, artificial=False, sealed=False)
    >>> covers = {date(2018, 7, 1): field, date(2021, 7, 1): field.assign(artificial=True)}
    >>> flux_series(covers, zones=commune, key="insee")["net_artificialised_ha_per_year"].round(2).tolist()
    [33.33]
    """
    if len(covers) < 2:
        raise BadValue("Il faut au moins deux millésimes pour un flux.")
    dates = sorted(covers)
    tables = []
    for earlier, later in pairwise(dates):
        table = flux(covers[earlier], covers[later], zones=zones, key=key)
        years = (later - earlier).days / DAYS_PER_YEAR
        table.insert(1, "first_date", pd.Timestamp(earlier))
        table.insert(2, "last_date", pd.Timestamp(later))
        table.insert(3, "years", years)
        tables.append(table.assign(net_artificialised_ha_per_year=table["net_artificialised_ha"] / years))
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
    """Compare net flow and difference of stocks: list where |net − (stock₂ − stock₁)| exceeds its tolerance.

    Parameters
    ----------
    before, after
        Results of ``stock`` at both dates.
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
    >>> from artois_geo.zan import stock_gaps
    >>> from pandas import DataFrame
    >>> row = DataFrame({"z": ["A"], "artificial_ha": [10.0], "sealed_ha": [1.0]})
    >>> flows = DataFrame({"z": ["A"], "net_artificialised_ha": [2.0], "net_sealed_ha": [0.0]})
    >>> later = row.assign(artificial_ha=11.0)
    >>> gaps = stock_gaps(row, later, flows, key="z", artificial_tolerance_ha=0.5, sealed_tolerance_ha=5)
    >>> gaps["found"].tolist()
    ['1.0000']
    """
    findings = []
    stock_before, stock_after, net_flows = (table.set_index(key) for table in (before, after, flows))
    accounts = (
        ("artificial_ha", "net_artificialised_ha", artificial_tolerance_ha),
        ("sealed_ha", "net_sealed_ha", sealed_tolerance_ha),
    )
    for stock_column, flow_column, tolerance in accounts:
        growth_ha = (stock_after[stock_column] - stock_before[stock_column]).reindex(net_flows.index)
        gaps_ha = net_flows[flow_column] - growth_ha
        for zone, gap_ha in gaps_ha[~(gaps_ha.abs() <= tolerance)].items():
            gap_text = comma(f"{gap_ha:.4f}").replace("-", "−")
            tolerance_text = comma(f"{tolerance:g}")
            message = (
                f"Solde des flux et différence des stocks : {gap_text} ha d’écart "
                f"(admis : {tolerance_text} ha)."
            )
            findings.append(finding(zone, flow_column, "stock", "erreur", f"{gap_ha:.4f}", message))
    return findings_table(findings)


def _flux_table(changes: DataFrame, zones: Series) -> DataFrame:
    table = DataFrame({zones.name: zones.to_numpy()})
    keys = changes[zones.name]
    for flag, (gain_column, loss_column, net_column) in zip(STATUS, (_FLUX[:3], _FLUX[3:]), strict=True):
        gained_ha, lost_ha = _gains_and_losses(changes, flag)
        table[gain_column] = per_zone(gained_ha.set_axis(keys), zones).to_numpy()
        table[loss_column] = per_zone(lost_ha.set_axis(keys), zones).to_numpy()
        table[net_column] = table[gain_column] - table[loss_column]
    return table


def _gains_and_losses(changes: DataFrame, flag: str) -> tuple[Series, Series]:
    """Return the hectares of each change that take a status, and those that lose it."""
    was_flagged, is_flagged = changes[f"{flag}_before"].astype(bool), changes[f"{flag}_after"].astype(bool)
    area = changes["area_ha"]
    return area.where(~was_flagged & is_flagged, 0.0), area.where(was_flagged & ~is_flagged, 0.0)


def _refuse_different_extents(
    zones: GeoDataFrame, key: str, covered: Series, compared: Series, max_share: float, date_name: str
) -> None:
    """Refuse a zone of which one photograph covers more than both do."""
    zone_ha = zones.area.to_numpy() / measure.M2_PER_HA
    differing = np.flatnonzero((covered - compared).abs().to_numpy() > zone_ha * max_share)
    if len(differing):
        position = differing[0]
        raise BadTable(
            f"Les deux millésimes ne couvrent pas le même terrain dans {zones[key].iloc[position]} :\n"
            f"{covered[position]:.2f} ha vus {date_name}, {compared[position]:.2f} ha vus aux deux dates.\n"
            "Un flux y serait faux : ne garder que les zones couvertes par les deux."
        )


def _codes_at_both_dates(diff: GeoDataFrame) -> tuple[DataFrame, DataFrame]:
    """Return the cover and use codes of a DIFF layer at its first and at its second date."""
    originals = {str(column).lower(): column for column in diff.columns}
    years = meaning.year_pair(name for name in originals if name.startswith(("cs_", "us_")))
    for first_suffix, last_suffix in (("avant", "apres"), *([years] if years else [])):
        expected = [f"{axis}_{suffix}" for suffix in (first_suffix, last_suffix) for axis in ("cs", "us")]
        if all(name in originals for name in expected):
            frames = [
                codes(
                    diff[[originals[f"cs_{suffix}"], originals[f"us_{suffix}"]]].set_axis(
                        ["cs", "us"], axis=1
                    )
                )
                for suffix in (first_suffix, last_suffix)
            ]
            return frames[0], frames[1]
    raise BadTable(
        "Couche DIFF non reconnue : attendu deux années, CS_2021, US_2021, CS_2024, US_2024 (ou cs_avant,\n"
        f"us_avant, cs_apres, us_apres). Colonnes lues : {', '.join(map(str, diff.columns[:12]))}."
    )
