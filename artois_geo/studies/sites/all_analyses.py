"""Every analysis that a catalogue allows, run once on all its sites."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import geopandas as gpd
import pandas as pd

from artois_geo import constants, land, ranking
from artois_geo.studies import Assumptions
from artois_geo.studies.canal.water_access import RoadSource
from artois_geo.studies.ranking.profiles import MIN_KNOWN_SHARE, Profile, padded, shipped, weighted
from artois_geo.studies.ranking.requests import DRAWS, SEED, SOBRIETY
from artois_geo.studies.sites import catalogue_data as lookup
from artois_geo.studies.sites import criteria as site_criteria
from artois_geo.studies.sites import site_land, site_water, site_zan
from artois_geo.studies.sites.catalogue_data import CatalogueData
from artois_geo.studies.sites.site_land import Constraints, LandStudy
from artois_geo.studies.sites.site_water import WaterStudy
from artois_geo.studies.sites.site_zan import Budget, ZanStudy

RANKED = "site_cle_en_main"


@dataclass(frozen=True)
class Ranks:
    """Hold ranks and their stability under other weights (``first_share``, ``best_rank``, ``worst_rank``).

    ``table`` has every site: one of which no criterion is known has no rank. Where the ``known_share`` of
    the weights, of the ranking or of a site, is below ``min_known_share``, no place is established.
    ``requested``: the reader chose the profile, so what has no rank must be said.
    """

    table: pd.DataFrame
    profile: Profile
    known_share: float
    min_known_share: float
    requested: bool


_ANALYSES = {
    "land": "foncier net",
    "water": "eau",
    "zan": "ZAN",
    "ranks": "classement",
    "sobriety": "sobriété",
}


@dataclass(frozen=True)
class Study:
    """Hold the result of each analysis of the sites; None where the layers that it needs are absent."""

    land: LandStudy | None = None
    water: WaterStudy | None = None
    zan: ZanStudy | None = None
    ranks: Ranks | None = None
    sobriety: pd.DataFrame | None = None
    figures: pd.DataFrame = field(default_factory=pd.DataFrame)

    def __repr__(self) -> str:
        answers = {name: getattr(self, name) is not None for name in _ANALYSES}
        done = ", ".join(_ANALYSES[name] for name, present in answers.items() if present)
        lacking = ", ".join(_ANALYSES[name] for name, present in answers.items() if not present)
        return f"<Study : {done or 'aucune analyse'}{f' ; sans couche pour : {lacking}' if lacking else ''}>"


def study(
    holdings: CatalogueData,
    *,
    on: date,
    constraints: Constraints | None = None,
    budgets: Mapping[str, Budget] | None = None,
    profile: Profile | None = None,
    roads: RoadSource | None = None,
) -> Study:
    """Run every analysis that the layers of a catalogue allow, on all its sites.

    Parameters
    ----------
    holdings
        Layers of a catalogue.
    on
        Day for which thresholds are taken.
    constraints
        In place of those of the catalogue (kind ``contrainte``).
    budgets
        Trajectories by ``"commune"`` and ``"epci"``.
    profile
        Criteria of the ranking, shown however little of them is known; by default those of
        ``site_cle_en_main``, where half of their weight is known.
    roads
        To reach the quays by; without them, straight lines only.

    Returns
    -------
    Study
        For ``Edition``: its sections, cards and charts then stand on the sheets.

    Raises
    ------
    BadTable, BadCRS, BadValue
        A layer that an analysis refuses.

    Examples
    --------
    >>> from datetime import date
    >>> from artois_geo.packs import read_catalogue_data
    >>> from artois_geo.studies.sites.all_analyses import study
    >>> from artois_geo import layers
    >>> results = study(read_catalogue_data(layers.read_catalogue()), on=date(2026, 12, 8))
    >>> results.land is None, results.ranks is None, results.water.front["waterway_cemt"].iloc[0]
    (True, True, 'Va')
    """
    sites = named(lookup.sites(holdings))
    if sites.empty:
        return Study()
    land_constraints = constraints or site_land.held_constraints(holdings)
    moves = land.read_moves(Assumptions(on).value(land.MOVES))
    ground = site_land.study(sites, land_constraints, moves=moves) if land_constraints is not None else None
    water = site_water.study(sites, holdings, on=on, roads=roads)
    account = site_zan.study(sites, holdings, budgets or {}, on=on)
    table = site_criteria.figures(sites, holdings, ground=ground, water=water, account=account, on=on)
    axes = shipped(SOBRIETY).criteria
    measured = table.loc[table[[axis.column for axis in axes if axis.column in table]].notna().any(axis=1)]
    return Study(
        land=ground,
        water=water,
        zan=account,
        ranks=_ranks(table, profile, on),
        sobriety=ranking.profile(measured, axes) if len(measured) else None,
        figures=table,
    )


def named(sites: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Index the sites by identifier.

    Examples
    --------
    >>> from artois_geo import example
    >>> named(example.square(x_km=0, y_km=0, side_km=1, site_id="a")).index.tolist()
    ['a']
    """
    return sites.assign(site_id=sites["site_id"].astype(str)).set_index("site_id", drop=False)


def _ranks(table: pd.DataFrame, requested: Profile | None, on: date) -> Ranks | None:
    """Rank the sites; by a profile that nobody chose, only where it tells sites apart."""
    profile = weighted(requested or shipped(RANKED), on)
    table = padded(table, profile)
    ranked = ranking.rank(table, profile.criteria, **profile.rules)
    known_share = ranking.known_share(ranked)
    min_known_share = constants.get(MIN_KNOWN_SHARE, on=on).value
    ranked_count = int(ranked["rank"].notna().sum())
    if requested is None and (
        ranked_count < 1 or (ranked["completeness"] > 0).sum() < 2 or known_share < min_known_share
    ):
        return None
    if ranked_count:
        stable = ranking.stability(table, profile.criteria, draws=DRAWS, seed=SEED, **profile.rules)
        ranked = ranked.join(stable)
    return Ranks(ranked, profile, known_share, min_known_share, requested is not None)
