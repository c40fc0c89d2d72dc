"""Criteria of the ranking, computed for each site from the layers of a catalogue."""

from datetime import date

import geopandas as gpd
import pandas as pd

from artois_geo import constants, densification, land, meaning, shapes, zan
from artois_geo.measure import M2_PER_HA
from artois_geo.studies.land import densification as land_densification
from artois_geo.studies.sites.catalogue_data import CatalogueData
from artois_geo.studies.sites.site_land import LandStudy
from artois_geo.studies.sites.site_water import WaterStudy
from artois_geo.studies.sites.site_zan import ZanStudy

COVER, BROWNFIELDS, CORRIDORS = "ocsge", "friche", "corridor_vert"
PLOTS, PARCELS, BUILDINGS = "terrain_eco", "parcelle", "batiment"
PUBLIC = (
    "Etat",
    "région",
    "département",
    "EPCI, structure intercommunale",
    "commune",
    "autre collectivité territoriale",
    "établissement public foncier",
    "SEM ou SPLA",
)  # who may be told what to do with their land: values of terr_maitrise_fonc
JOBS, FIRMS = "site_nb_emploi", "site_nb_etab"
KEY = "_site"


def figures(
    sites: gpd.GeoDataFrame,
    holdings: CatalogueData,
    *,
    ground: LandStudy | None,
    water: WaterStudy | None,
    account: ZanStudy | None,
    on: date,
) -> pd.DataFrame:
    """Compute the ranking criteria of each site; a criterion without source data has no column.

    A schematic site is not measured: it has only what a source publishes.

    Parameters
    ----------
    sites
        Indexed by identifier, EPSG:2154.
    holdings
        The catalogue: land cover, brownfields, parcels, buildings, plots, corridors.
    ground, water, account
        The other studies of the same sites.
    on
        Day for which thresholds are taken.

    Returns
    -------
    DataFrame
        ``attrs["layers"]`` names the layers used.

    Examples
    --------
    >>> from artois_geo import layers
    >>> from artois_geo.studies.sites import catalogue_data as holdings
    >>> catalogue_data = holdings.read(layers.read_catalogue())
    >>> sites = catalogue_data.kind("site_eco").set_index("site_id", drop=False)
    >>> none = {"ground": None, "water": None, "account": None}
    >>> figures(sites, catalogue_data, **none, on=date(2026, 12, 8)).columns.tolist()
    []
    """
    measurable = sites[shapes.are_polygons(sites) & ~meaning.schematic(sites)]
    table, layers_used = pd.DataFrame(index=sites.index), list[str]()
    if ground is not None:
        columns = ["gross_ha", "available_ha", "unknown_ha", "net_ha", "largest_ha", "available_share"]
        table = table.join(ground.left.loc[ground.left.index.isin(measurable.index), columns])
    if water is not None:
        table = table.join(water.front[["frontage_m"]])  # null where it is neither published nor measured
        if water.roads is not None:
            table["quay_road_km"] = water.quays.loc[water.quays.index.isin(measurable.index), "road_km"]
    if account is not None and "zan_year" in account.sites:
        table["maturite_annee"] = account.sites.loc[account.sites.index.isin(measurable.index), "zan_year"]
    if not len(measurable):
        return table.dropna(axis="columns", how="all")
    for criteria, layer_names in (
        _soil(measurable, holdings, ground),
        _densification(measurable, holdings, on),
        _owners(measurable, holdings),
        _corridors(measurable, holdings),
        (_jobs(measurable), ()),
    ):
        if criteria is not None:
            table, layers_used = table.join(criteria), [*layers_used, *layer_names]
    criteria_table = table.dropna(axis="columns", how="all")
    criteria_table.attrs["layers"] = tuple(dict.fromkeys(layers_used))
    return criteria_table


def _soil(
    measurable: gpd.GeoDataFrame, holdings: CatalogueData, ground: LandStudy | None
) -> tuple[pd.DataFrame | None, tuple[str, ...]]:
    """Compute the recycled share of the remaining land and the soil of sites, from the latest cover."""
    covers = [name for name, layer in holdings.catalogue.items() if layer.kind == COVER]
    if not covers:
        return None, ()
    name = max(covers, key=lambda cover_name: (_year(holdings.frames[cover_name]), cover_name))
    rules, terms = constants.table("ocsge_artif"), constants.table("ocsge_nomenclature")
    cover = zan.classify(holdings.frames[name], rules, terms)
    stock = zan.stock(measurable.assign(**{KEY: measurable.index}), cover, key=KEY).set_index(KEY)
    is_covered = stock["known_ha"] > 0
    soil_columns = pd.DataFrame({"permeable_share": (1 - stock["sealed_share"]).where(is_covered)})
    soil_columns["artificialised_ha"] = stock["artificial_ha"].where(is_covered)
    natures = [cover.loc[cover["artificial"].astype(bool), ["geometry"]].assign(nature="artificialisé")]
    brownfields = holdings.kind(BROWNFIELDS)
    if brownfields is not None:
        polygons = brownfields[shapes.are_polygons(brownfields)]
        natures.append(polygons[["geometry"]].assign(nature="friche"))
    remaining = measurable if ground is None else ground.left.loc[ground.left.index.isin(measurable.index)]
    recyclable = gpd.GeoDataFrame(pd.concat(natures, ignore_index=True), crs=measurable.crs)
    soil = land.soil(remaining, recyclable, by="nature")
    remaining_ha = remaining.area / M2_PER_HA
    recycled = (soil["friche_ha"] + soil["artificialised_ha"]) / remaining_ha.where(remaining_ha > 0)
    soil_columns["recycled_share"] = recycled.where(is_covered.reindex(recycled.index, fill_value=False))
    return soil_columns, (name, *([holdings.by_kind[BROWNFIELDS]] if brownfields is not None else []))


def _densification(
    measurable: gpd.GeoDataFrame, holdings: CatalogueData, on: date
) -> tuple[pd.DataFrame | None, tuple[str, ...]]:
    """Compute the built share, theoretical and mobilisable hectares, as ``foncier densifier --par-site``."""
    parcels, buildings = holdings.kind(PARCELS), holdings.kind(BUILDINGS)
    if parcels is None or buildings is None:
        return None, ()
    keyed_sites = measurable.assign(**{KEY: measurable.index})
    units = land_densification.units_of(parcels, sites=keyed_sites, site_key=KEY)
    if not len(units):
        return None, ()
    thresholds = land_densification.settings_on(on).thresholds
    capacity = densification.potential(units, buildings, thresholds)
    by_site = densification.by_site(capacity, key=KEY)
    return (
        by_site[["ces_share", "theoretical_ha", "mobilisable_ha"]],
        (holdings.by_kind[PARCELS], holdings.by_kind[BUILDINGS]),
    )


def _owners(
    measurable: gpd.GeoDataFrame, holdings: CatalogueData
) -> tuple[pd.DataFrame | None, tuple[str, ...]]:
    """Compute the share of each site's plots that public bodies own; unknown owners count as not public."""
    plots = holdings.kind(PLOTS)
    if plots is None or not {"site_id", "terr_maitrise_fonc", "terr_surf_brute"} <= set(plots):
        return None, ()
    site_plots = plots[plots["site_id"].isin(measurable.index)]
    area = pd.to_numeric(site_plots["terr_surf_brute"], errors="coerce")
    public = area.where(site_plots["terr_maitrise_fonc"].isin(PUBLIC), 0.0)
    total_area = area.groupby(site_plots["site_id"]).sum()
    share = public.groupby(site_plots["site_id"]).sum() / total_area.where(total_area > 0)
    return pd.DataFrame({"maitrise_share": share}), (holdings.by_kind[PLOTS],)


def _corridors(
    measurable: gpd.GeoDataFrame, holdings: CatalogueData
) -> tuple[pd.DataFrame | None, tuple[str, ...]]:
    corridors = holdings.kind(CORRIDORS)
    if corridors is None or not len(corridors):
        return None, ()
    network = corridors.geometry.union_all()
    return pd.DataFrame({"corridor_m": measurable.distance(network)}), (holdings.by_kind[CORRIDORS],)


def _jobs(measurable: gpd.GeoDataFrame) -> pd.DataFrame | None:
    """Compute the jobs per hectare of sites that have several firms."""
    if JOBS not in measurable or FIRMS not in measurable:
        return None  # the jobs of a lone firm are not published: see the kind site_eco
    firms, jobs = (pd.to_numeric(measurable[name], errors="coerce") for name in (FIRMS, JOBS))
    area_ha = measurable.area / M2_PER_HA
    return pd.DataFrame({"jobs_per_ha": (jobs / area_ha.where(area_ha > 0)).where(firms > 1)})


def _year(cover: gpd.GeoDataFrame) -> float:
    years = pd.to_numeric(cover["millesime"], errors="coerce") if "millesime" in cover else pd.Series([0.0])
    return float(years.max())
