"""What each site takes, on which account, and what share of the budgets that is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from artois_geo import constants, meaning, zan
from artois_geo.constants import rules
from artois_geo.layers import Catalogue
from artois_geo.studies import planner_files
from artois_geo.studies.sites.catalogue_data import LAND, CatalogueData
from artois_geo.studies.zan import flows, trajectory
from artois_geo.studies.zan.deductions import PHOTOVOLTAIC_MINIMA
from artois_geo.studies.zan.requests import Demand, FlowsRequest

KIND = "projet"
CONSUMPTION_KIND = "consommation_espaces"
CONSUMPTION_FILE = "consommation.csv"  # beside the catalogue, as « exemple » writes it
MEETS_SHARE = 0.5  # a project is that of a site when half of it, or half of the site, lies in the other
LOCAL = "local"
ORIGINS = ("recyclé", "extension")
TERRITORY = {
    "commune": ("comm_insee", "site_comm_insee"),
    "epci": ("epci_siren", "site_epci_siren"),
}
LEDGER = {"commune": ("comm_insee", "commune"), "epci": ("epci_siren", "epci")}  # columns of the projects
PLANNED = ["planned_local_ha", "left_ha"]


@dataclass(frozen=True)
class Budget:
    """Hold the trajectory of each territory of one level, indexed by code, and its flows."""

    table: pd.DataFrame
    flows: pd.DataFrame  # territory, year, consumed_ha …
    years: tuple[int, int]
    source: str
    key: str
    fictitious: bool = False  # the flows are made up


@dataclass(frozen=True)
class ZanStudy:
    """Hold ``sites``: one row per site that has an account, an origin or a budget, by identifier.

    ``planned``: by level and territory, what ``zan.scenario`` says of all its projects.
    """

    sites: pd.DataFrame
    budgets: Mapping[str, Budget]
    layers: tuple[str, ...]
    planned: Mapping[str, pd.DataFrame] = field(default_factory=dict)


def study(
    sites: gpd.GeoDataFrame, holdings: CatalogueData, budgets: Mapping[str, Budget], *, on: date | None = None
) -> ZanStudy:
    """Compute the origin of each site, its projects and their hectares, and their share of the budgets.

    Parameters
    ----------
    sites
        Indexed by identifier, EPSG:2154.
    holdings
        The catalogue: projects (kind ``projet``), origin of the sites or of the land on offer.
    budgets
        By ``"commune"`` and ``"epci"``, from ``zan.trajectory``.
    on
        Day of the criteria that exempt photovoltaic projects; without it none is exempt.

    Examples
    --------
    >>> from artois_geo import layers
    >>> from artois_geo.studies.sites import catalogue_data as holdings
    >>> catalogue_data = holdings.read(layers.read_catalogue())
    >>> sites = catalogue_data.kind("site_eco").set_index("site_id", drop=False)
    >>> study(sites, catalogue_data, {}).sites.loc["zone-d-activites-de-mazinghem", "zan_origin"]
    'extension'
    """
    table = pd.DataFrame({"zan_origin": _origins(sites, holdings)}, index=sites.index)
    projects = holdings.kind(KIND)
    planned = {}
    if projects is not None and "projet_compte" in projects:
        projects = projects if on is None else _examined(projects, on)
        planned = {level: _planned(projects, holdings, level, budget) for level, budget in budgets.items()}
        table = table.join(_projects(sites, projects, _last_year(budgets)))
    for level, columns in TERRITORY.items():
        budget = budgets.get(level)
        column = next((name for name in columns if name in sites), None)
        if budget is None or column is None:
            continue
        codes = sites[column].astype(str)
        table[f"{level}_code"] = codes
        for name in ("allowed_ha", "left_ha"):
            table[f"{level}_{name}"] = codes.map(budget.table[name])
        if "zan_local_ha" in table:
            allowed = table[f"{level}_allowed_ha"].where(table[f"{level}_allowed_ha"] > 0)
            table[f"{level}_share"] = table["zan_local_ha"] / allowed
    used = (holdings.by_kind[KIND],) if projects is not None else ()
    return ZanStudy(table.dropna(how="all"), dict(budgets), used, planned)


def consumption_file(holdings: CatalogueData) -> Path | None:
    """Find the consumption that the catalogue holds, or that stands beside it.

    Examples
    --------
    >>> from artois_geo import layers
    >>> from artois_geo.studies.sites import catalogue_data as holdings
    >>> consumption_file(holdings.read(layers.read_catalogue())) is None
    True
    """
    layer = holdings.layer(CONSUMPTION_KIND)
    if layer is not None:
        return layer.path
    path = holdings.catalogue.folder / CONSUMPTION_FILE
    return path if path.is_file() else None


def read_consumption(path: Path) -> pd.DataFrame | None:
    """Read the consumption of communes; None where the file is not the Cerema's: it gives no budget.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "conso.csv"
    >>> _ = path.write_text("epci;2011\\nA;1\\n")
    >>> read_consumption(path) is None
    True
    """
    records = planner_files.text_table(path)
    return records if flows.is_cerema(records) else None


def budgets_by_level(
    records: pd.DataFrame,
    path: Path,
    *,
    targets: str | None = None,
    on: date,
    catalogue: Catalogue | None = None,
) -> dict[str, Budget]:
    """Compute the budgets of the communes and of the EPCI of a Cerema file, as « zan trajectoire ».

    Parameters
    ----------
    records, path
        Result of :func:`read_consumption`, and the file that notes name.
    targets
        Table of the targets of documents, or ``sraddet-hdf``; without it the national rate.
    on
        Day whose targets are in force.
    catalogue
        Says the rules and the region of the territory, where nothing else does.

    Returns
    -------
    dict
        By ``"commune"`` and ``"epci"``.

    Raises
    ------
    BadTable
        Anomalies in the file, or no EPCI.

    Examples
    --------
    >>> flows_m2 = {f"naf{year}art{year + 1}": ["10000"] for year in range(11, 22)}
    >>> records = pd.DataFrame({"idcom": ["01001"], "epci25": "E"} | flows_m2)
    >>> budgets = budgets_by_level(records, Path("conso.csv"), on=date(2026, 12, 8))
    >>> budgets["epci"].table["allowed_ha"].tolist()
    [5.0]
    """
    rule_set = rules.read((catalogue and catalogue.rule_set) or rules.DEFAULT)
    region = catalogue.region if catalogue is not None else ""
    demand = Demand(objectifs=targets, issued=on, lenient=True, assumed_region=region)
    budgets = {}
    for level in TERRITORY:
        account = flows.of_records(records, FlowsRequest(path, par=level))
        result = trajectory.of_flows(account, rule_set, demand)
        table = result.table.assign(**{level: result.table[level].astype(str)})
        frame = account.frame.assign(**{level: account.frame[level].astype(str)})
        budgets[level] = Budget(
            table.set_index(level, drop=False), frame, result.years, path.name, level, account.fictitious
        )
    return budgets


def _examined(projects: gpd.GeoDataFrame, on: date) -> gpd.GeoDataFrame:
    minima = {name: constants.get(constant, on=on).value for name, constant in PHOTOVOLTAIC_MINIMA.items()}
    return zan.examine_photovoltaics(projects, **minima)


def _planned(projects: gpd.GeoDataFrame, holdings: CatalogueData, level: str, budget: Budget) -> pd.DataFrame:
    """Compute the local hectares and the remainder of each budget once all its projects are built.

    Each project counts once, whatever sites it meets, even none.
    """
    codes = _codes(projects, holdings, level, set(budget.table.index))
    ledger = pd.DataFrame(projects.assign(**{level: codes})[codes.notna()])
    if not len(ledger):
        return pd.DataFrame(columns=PLANNED)
    budgets = budget.table.reset_index(drop=True)
    scenarios = zan.scenario(budgets, ledger, key=level, budget_years=budget.years)
    built = scenarios["scenario"] != scenarios["scenario"].iloc[0]  # the first is without project
    return scenarios[built].set_index(level)[PLANNED]


def _codes(
    projects: gpd.GeoDataFrame, holdings: CatalogueData, level: str, territory_codes: set[object]
) -> pd.Series:
    """Find the territory of each project: its own code, else that of its commune."""
    code_columns = [projects[name].astype(str) for name in LEDGER[level] if name in projects]
    towns = holdings.kind(holdings.first(*meaning.TOWN_KINDS))
    if towns is not None and {"comm_insee", LEDGER[level][0]} <= set(towns) and "comm_insee" in projects:
        members = towns.drop_duplicates("comm_insee").set_index("comm_insee", drop=False)[LEDGER[level][0]]
        code_columns.append(projects["comm_insee"].map(members).astype(str))
    codes = pd.Series(None, index=projects.index, dtype=object)
    for column in code_columns:
        codes = codes.where(codes.notna(), column.where(column.isin(territory_codes)))
    return codes


def _origins(sites: gpd.GeoDataFrame, holdings: CatalogueData) -> pd.Series:
    """Return « recyclé » or « extension », as the layer of the sites or of the land on offer says."""
    origins = sites["foncier_origine"] if "foncier_origine" in sites else pd.Series(None, index=sites.index)
    land = holdings.kind(LAND)
    if land is not None and {"site_id", "foncier_origine"} <= set(land):
        origin_of_site = (
            land[land["foncier_origine"].isin(ORIGINS)].drop_duplicates("site_id").set_index("site_id")
        )
        origins = origins.where(
            origins.isin(ORIGINS), sites.index.to_series().map(origin_of_site["foncier_origine"])
        )
    return origins.where(origins.isin(ORIGINS)).astype(object)


def _last_year(budgets: Mapping[str, Budget]) -> float:
    return min((budget.years[1] for budget in budgets.values()), default=float("inf"))


def _projects(sites: gpd.GeoDataFrame, projects: gpd.GeoDataFrame, last_year: float) -> pd.DataFrame:
    """Sum the projects of each site: accounts, all hectares, and those counted in the local budgets."""
    phases = zan.phases(projects)
    ledger = phases.groupby("projet_id", sort=False)["phase_ha"].sum()
    borne = phases[(phases["projet_compte"] == LOCAL) & (phases["year"] <= last_year)]
    local = borne.groupby("projet_id", sort=False)["phase_ha"].sum()
    pairs = _pairs(sites, projects)
    rows = projects.loc[pairs["project"]].reset_index(drop=True)
    rows["site"], rows["hectares"] = pairs["site"].to_numpy(), rows["projet_id"].map(ledger).to_numpy()
    rows["local"] = rows["projet_id"].map(local).fillna(0.0).to_numpy()
    rows["projet_compte"] = rows["projet_id"].map(phases.groupby("projet_id")["projet_compte"].first())
    grouped = rows.groupby("site", sort=False)
    accounts = pd.DataFrame(
        {
            "zan_project": grouped["projet_nom"].agg(_joined),
            "zan_account": grouped["projet_compte"].agg(_joined),
            "zan_consumed_ha": grouped["hectares"].sum(),
            "zan_local_ha": grouped["local"].sum(),
        }
    )
    if "annee_debut" in rows:
        accounts["zan_year"] = pd.to_numeric(grouped["annee_debut"].min(), errors="coerce")
    return accounts


def _pairs(sites: gpd.GeoDataFrame, projects: gpd.GeoDataFrame) -> pd.DataFrame:
    """Match projects and sites, by identifier if the projects have one, else by shared ground."""
    if "site_id" in projects:
        identified = projects[projects["site_id"].isin(sites.index)]
        return pd.DataFrame({"site": identified["site_id"].to_numpy(), "project": identified.index})
    ground, works = sites.geometry.to_numpy(), projects.geometry.to_numpy()
    site_positions, project_positions = shapely.STRtree(works).query(ground, predicate="intersects")
    shared = shapely.area(shapely.intersection(ground[site_positions], works[project_positions]))
    smallest = shapely.area(ground[site_positions]).clip(min=1e-9)
    smallest = [min(pair) for pair in zip(smallest, shapely.area(works[project_positions]), strict=True)]
    inside = [
        shared_m2 >= MEETS_SHARE * smaller_m2 > 0
        for shared_m2, smaller_m2 in zip(shared, smallest, strict=True)
    ]
    pairs = pd.DataFrame({"site": sites.index[site_positions], "project": projects.index[project_positions]})
    return pairs[inside]


def _joined(values: pd.Series) -> str:
    return ", ".join(dict.fromkeys(values.astype(str)))
