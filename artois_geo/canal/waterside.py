"""What the water is worth to each site, decided once: bank, vessel, ring; published, computed or null."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from artois_geo import meaning
from artois_geo.canal import precision, published
from artois_geo.canal.access import ON_SITE
from artois_geo.canal.frontage import NO_GEOMETRY, frontage
from artois_geo.canal.gathering import LOADING, SERVED
from artois_geo.errors import UnknownName

WATERSIDE, WATERSIDE_PUBLISHED, BEHIND, REACH, OUT, NO_ROAD = (
    "bord à voie d'eau",
    "bord à voie d'eau (publié)",
    "arrière-quai",
    "à portée de camion",
    "hors d'atteinte",
    "hors arrière-quai, temps de route non calculé",
)
NO_QUAY = "aucun quai dans les lieux desservis"
RING = ["ring", "ring_origin", "ring_source", "ring_reason"]


@dataclass(frozen=True)
class Thresholds:
    """What decides of the bank, of what lies behind a quay, of its truck basin, and of the vessels."""

    bank_m: float
    hinterland_m: float
    truck_min: float
    berths_m: Mapping[str, float]


def waterside(
    sites: gpd.GeoDataFrame,
    waterways: gpd.GeoDataFrame,
    reach: pd.DataFrame,
    *,
    thresholds: Thresholds,
    quays: Sequence[str] = LOADING,
    sites_precision_m: float | None = None,
    waterways_precision_m: float | None = None,
) -> gpd.GeoDataFrame:
    """Say what the water is worth to each site: what tables, sheets, cards and rankings all show.

    Parameters
    ----------
    sites, waterways, sites_precision_m, waterways_precision_m
        As for :func:`frontage`.
    reach
        From :func:`access`, of the same sites.
    thresholds
        Constants ``canal_bank_distance_m``, ``canal_hinterland_distance_m``, ``canal_truck_minutes`` and
        ``canal_berth_m``.
    quays
        Families that load boats.

    Returns
    -------
    GeoDataFrame
        Columns of :func:`frontage`, lengths to the metre, distances to what their precision leaves, and
        ``ring`` (from :func:`rings`) with ``ring_origin`` (« publié », « calculé » or null), ``ring_source``
        (who publishes it) and ``ring_reason`` (why it is null).

    Raises
    ------
    BadTable, BadValue, UnknownName
        As :func:`frontage` and :func:`rings`.

    Examples
    --------
    A port of 450 m of quay, drawn to within 3 km: what is published holds, nothing is measured.

    >>> from artois_geo.canal import Thresholds, waterside
    >>> from artois_geo import example
    >>> port = example.point(x_km=1, y_km=0.2, site_vocadomi="portuaire", quai_publie_m=450, precision_m=3000)
    >>> canal = example.line((0, 0), (3, 0), waterway_name="Canal", waterway_cemt="Va", precision_m=5)
    >>> quay = example.point(x_km=2, y_km=0, objet_type="quai", precision_m=5)
    >>> berths = {"Va": 110.0, "Vb": 185.0}
    >>> thresholds = Thresholds(bank_m=50, hinterland_m=1000, truck_min=15, berths_m=berths)
    >>> from artois_geo.canal import access
    >>> front = waterside(port, canal, access(port, quay, family="objet_type"), thresholds=thresholds)
    >>> front[["frontage_m", "frontage_origin", "berth_class", "ring"]].values.tolist()
    [[450.0, 'publié', 'Va', "bord à voie d'eau (publié)"]]
    """
    front = frontage(
        sites,
        waterways,
        bank_m=thresholds.bank_m,
        berths_m=thresholds.berths_m,
        sites_precision_m=sites_precision_m,
        waterways_precision_m=waterways_precision_m,
    )
    front[RING] = _rings(
        front, reach, quays, thresholds.bank_m, thresholds.hinterland_m, thresholds.truck_min
    )
    lengths = ["frontage_m", "frontage_total_m"]
    front[lengths] = front[lengths].round()  # positions are known to a metre at best
    return gpd.GeoDataFrame(precision.rounded(front, bank_m=thresholds.bank_m), crs=front.crs)


def rings(
    front: gpd.GeoDataFrame,
    reach: pd.DataFrame,
    *,
    quays: str | Sequence[str],
    bank_m: float,
    hinterland_m: float,
    truck_min: float,
) -> pd.Series:
    """Give the ring of each site: on the bank, behind a quay, within truck reach of one, out of reach.

    Parameters
    ----------
    front
        From :func:`frontage`, before rounding: ``waterway_m`` and ``waterway_high_m`` (without that column,
        ``precision_m`` says how well the distance is known).
    reach
        From :func:`access`.
    quays
        Families that load boats.
    bank_m, hinterland_m, truck_min
        Distance to the bank, distance by air to a quay, minutes by road to a quay.

    Returns
    -------
    Series
        French name of the ring, index of ``front``. Null where the positions are known no better than
        ``bank_m`` for the bank, ``hinterland_m`` for the quays; see ``ring_reason`` of :func:`waterside`. A
        site that is published as waterside, or as a port, is « bord à voie d'eau (publié) ». One
        beyond ``hinterland_m`` whose road time is not known is « hors arrière-quai, temps de route non
        calculé », not out of reach.

    Raises
    ------
    UnknownName
        No place of ``reach`` is of a family of ``quays``, nor is it one of those that are known.

    Examples
    --------
    >>> from artois_geo.canal import rings
    >>> from artois_geo import example
    >>> site = example.square(x_km=0, y_km=0, side_km=1, precision_m=10).assign(waterway_m=400.0)
    >>> quay = example.point(x_km=1.9, y_km=0, objet_type="quai", precision_m=10)
    >>> from artois_geo.canal import access
    >>> reach = access(site, quay, family="objet_type")
    >>> rings(site, reach, quays=["quai"], bank_m=50, hinterland_m=1000, truck_min=15).tolist()
    ['arrière-quai']
    """
    return _rings(front, reach, meaning.columns_of(quays), bank_m, hinterland_m, truck_min)["ring"]


def _rings(
    front: gpd.GeoDataFrame,
    reach: pd.DataFrame,
    quays: Sequence[str],
    bank_m: float,
    hinterland_m: float,
    truck_min: float,
) -> pd.DataFrame:
    """Return the ring of each site, who says it, why it is null."""
    known_families = {*SERVED, *reach["family"].dropna().astype(str)}
    for family in quays:
        if family not in known_families:
            raise UnknownName("famille", family, known_families)
    drawn_m = front["waterway_m"].to_numpy(dtype=float)
    doubt_m = _doubt_m(front, drawn_m)
    is_bank, sources = published.bank(front, bank_m)
    is_dry = np.array([answer is False for answer in is_bank], dtype=bool)
    lacks_geometry = (front.geometry.isna() | front.geometry.is_empty).to_numpy()
    bank_reasons = precision.reasons(doubt_m, bank_m, "site ou voie d'eau")
    bank_undecided = ~pd.isna(bank_reasons) & ~(drawn_m - doubt_m > bank_m) & ~is_dry
    quay_access = _quays_by_site(front.index, reach[reach["family"].isin(list(quays))], hinterland_m)
    minutes = quay_access["minutes"].to_numpy()
    decisions = [  # the first that holds: condition, ring, why there is none
        (np.array([answer is True for answer in is_bank], dtype=bool), WATERSIDE_PUBLISHED, None),
        (lacks_geometry, None, NO_GEOMETRY),
        ((drawn_m <= bank_m) & pd.isna(bank_reasons) & ~is_dry, WATERSIDE, None),
        (quay_access["behind"].to_numpy(), BEHIND, None),
        (~quay_access["any"].to_numpy(), None, NO_QUAY),
        (quay_access["reason"].notna().to_numpy(), None, quay_access["reason"].to_numpy()),
        (bank_undecided, None, bank_reasons),
        (minutes <= truck_min, REACH, None),
        (np.isnan(minutes), NO_ROAD, None),
    ]
    ring, reason = np.full(len(front), OUT, dtype=object), np.full(len(front), None, dtype=object)
    for rows, ring_name, why_null in reversed(decisions):
        ring[rows] = ring_name
        reason = published.either(rows, why_null, reason)
    is_published = decisions[0][0]
    origin = published.either(~pd.isna(ring), published.COMPUTED)
    origin[is_published] = published.PUBLISHED
    table = {"ring": ring, "ring_origin": origin, "ring_source": published.either(is_published, sources)}
    return pd.DataFrame({**table, "ring_reason": reason}, index=front.index, dtype=object)[RING]


def _doubt_m(front: gpd.GeoDataFrame, drawn_m: NDArray[np.float64]) -> NDArray[np.float64]:
    if "waterway_high_m" not in front:
        return meaning.precision_m(front)
    return front["waterway_high_m"].to_numpy(dtype=float) - drawn_m


def _quays_by_site(sites: pd.Index, loading: pd.DataFrame, hinterland_m: float) -> pd.DataFrame:
    """Tell of each site: has it a quay, one surely within ``hinterland_m``, why not surely, road minutes."""
    distance_m = loading["straight_km"].to_numpy(dtype=float) * precision.M_PER_KM
    doubt_m = loading["straight_high_km"].to_numpy(dtype=float) * precision.M_PER_KM - distance_m
    on_site = (loading["method"] == ON_SITE).to_numpy()
    reasons = precision.reasons(doubt_m, hinterland_m, "site ou lieu")
    is_sure = pd.isna(reasons)
    table = loading[["site"]].assign(
        metres=distance_m,
        behind=on_site | is_sure & (distance_m <= hinterland_m),
        reason=published.either(~on_site, reasons),
        # a quay farther than its own uncertainty is no doubt, unless it is the nearest as drawn
        maybe_behind=~is_sure & ~on_site & (distance_m - doubt_m <= hinterland_m),
        minutes=loading["road_min"].to_numpy(dtype=float),
    )
    by_distance = table.sort_values("metres", kind="stable")
    doubtful = by_distance[by_distance["maybe_behind"] | ~by_distance["site"].duplicated()].groupby("site")
    by_site = table.groupby("site")
    return pd.DataFrame(
        {
            "any": pd.Series(True, index=table["site"].unique()).reindex(sites, fill_value=False),
            "behind": by_site["behind"].any().reindex(sites, fill_value=False),
            "reason": doubtful["reason"].first().reindex(sites),
            "minutes": by_site["minutes"].min().reindex(sites).astype(float),
        },
        index=sites,
    )
