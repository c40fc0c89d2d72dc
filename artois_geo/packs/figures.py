"""Every figure of the sites that criteria speak of, from the layers that the catalogue holds."""

from datetime import date

import geopandas as gpd
import pandas as pd

from artois_geo import constants, densification, land, meaning, zan
from artois_geo.measure import M2_PER_HA
from artois_geo.packs.holdings import Holdings
from artois_geo.packs.land_study import LandStudy
from artois_geo.packs.water_study import WaterStudy
from artois_geo.packs.zan_study import ZanStudy

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
    holdings: Holdings,
    *,
    ground: LandStudy | None,
    water: WaterStudy | None,
    account: ZanStudy | None,
    on: date,
) -> pd.DataFrame:
    """Columns that the profiles of ``ranking`` name, one row per site; a column that nothing gives is absent.

    A site drawn for show only is measured by none of them: what it has, a source publishes.

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
    >>> from artois_geo.packs import holdings
    >>> held = holdings.read(layers.read_catalogue())
    >>> sites = held.kind("site_nomme").set_index("site_id", drop=False)
    >>> none = {"ground": None, "water": None, "account": None}
    >>> figures(sites, held, **none, on=date(2026, 12, 8)).columns.tolist()
    []
    """
    drawn = sites[sites.geom_type.isin(["Polygon", "MultiPolygon"]) & ~meaning.schematic(sites)]
    table, used = pd.DataFrame(index=sites.index), list[str]()
    if ground is not None:
        columns = ["gross_ha", "available_ha", "unknown_ha", "net_ha", "largest_ha", "available_share"]
        table = table.join(ground.left.loc[ground.left.index.isin(drawn.index), columns])
    if water is not None:
        table = table.join(water.front[["frontage_m"]])  # null where it is neither published nor measured
        if water.roads is not None:
            table["quay_road_km"] = water.quays.loc[water.quays.index.isin(drawn.index), "road_km"]
    if account is not None and "zan_year" in account.sites:
        table["maturite_annee"] = account.sites.loc[account.sites.index.isin(drawn.index), "zan_year"]
    if not len(drawn):
        return table.dropna(axis="columns", how="all")
    for found, names in (
        _soil(drawn, holdings, ground),
        _densification(drawn, holdings, on),
        _owners(drawn, holdings),
        _corridors(drawn, holdings),
        (_jobs(drawn), ()),
    ):
        if found is not None:
            table, used = table.join(found), [*used, *names]
    kept = table.dropna(axis="columns", how="all")
    kept.attrs["layers"] = tuple(dict.fromkeys(used))
    return kept


def _soil(
    drawn: gpd.GeoDataFrame, holdings: Holdings, ground: LandStudy | None
) -> tuple[pd.DataFrame | None, tuple[str, ...]]:
    """Recycled share of the land left, sealed and permeable share of the site, from the last land cover."""
    covers = [name for name, layer in holdings.catalogue.items() if layer.kind == COVER]
    if not covers:
        return None, ()
    name = max(covers, key=lambda one: (_year(holdings.frames[one]), one))
    rules, terms = constants.table("ocsge_artif"), constants.table("ocsge_nomenclature")
    cover = zan.classify(holdings.frames[name], rules, terms)
    stock = zan.stock(drawn.assign(**{KEY: drawn.index}), cover, key=KEY).set_index(KEY)
    known = stock["known_ha"] > 0
    found = pd.DataFrame({"permeable_share": (1 - stock["sealed_share"]).where(known)})
    found["artificialised_ha"] = stock["artificial_ha"].where(known)
    natures = [cover.loc[cover["artificial"].astype(bool), ["geometry"]].assign(nature="artificialisé")]
    old = holdings.kind(BROWNFIELDS)
    if old is not None:
        polygons = old[old.geom_type.isin(["Polygon", "MultiPolygon"])]
        natures.append(polygons[["geometry"]].assign(nature="friche"))
    left = drawn if ground is None else ground.left.loc[ground.left.index.isin(drawn.index)]
    whole = gpd.GeoDataFrame(pd.concat(natures, ignore_index=True), crs=drawn.crs)
    soil = land.soil(left, whole, by="nature")
    area = left.area / M2_PER_HA
    recycled = (soil["friche_ha"] + soil["artificialised_ha"]) / area.where(area > 0)
    found["recycled_share"] = recycled.where(known.reindex(recycled.index, fill_value=False))
    return found, (name, *([holdings.by_kind[BROWNFIELDS]] if old is not None else []))


def _densification(
    drawn: gpd.GeoDataFrame, holdings: Holdings, on: date
) -> tuple[pd.DataFrame | None, tuple[str, ...]]:
    """Built share, theoretical and mobilisable hectares, as ``foncier densifier --par-site`` gives them."""
    parcels, buildings = holdings.kind(PARCELS), holdings.kind(BUILDINGS)
    if parcels is None or buildings is None:
        return None, ()
    settings = {key: constants.get(name, on=on).value for key, name in densification.DEFAULTS.items()}
    places = drawn.assign(**{KEY: drawn.index})
    units = densification.land_units(
        parcels.assign(_seule=None), owner="_seule", key="id", sites=places, site_key=KEY
    )
    if not len(units):
        return None, ()
    found = densification.by_site(densification.potential(units, buildings, **settings), key=KEY)
    return (
        found[["ces_share", "theoretical_ha", "mobilisable_ha"]],
        (holdings.by_kind[PARCELS], holdings.by_kind[BUILDINGS]),
    )


def _owners(drawn: gpd.GeoDataFrame, holdings: Holdings) -> tuple[pd.DataFrame | None, tuple[str, ...]]:
    """Share of the plots of each site that a public body holds; unknown owners hold no share."""
    plots = holdings.kind(PLOTS)
    if plots is None or not {"site_id", "terr_maitrise_fonc", "terr_surf_brute"} <= set(plots):
        return None, ()
    mine = plots[plots["site_id"].isin(drawn.index)]
    area = pd.to_numeric(mine["terr_surf_brute"], errors="coerce")
    public = area.where(mine["terr_maitrise_fonc"].isin(PUBLIC), 0.0)
    whole = area.groupby(mine["site_id"]).sum()
    share = public.groupby(mine["site_id"]).sum() / whole.where(whole > 0)
    return pd.DataFrame({"maitrise_share": share}), (holdings.by_kind[PLOTS],)


def _corridors(drawn: gpd.GeoDataFrame, holdings: Holdings) -> tuple[pd.DataFrame | None, tuple[str, ...]]:
    green = holdings.kind(CORRIDORS)
    if green is None or not len(green):
        return None, ()
    whole = green.geometry.union_all()
    return pd.DataFrame({"corridor_m": drawn.distance(whole)}), (holdings.by_kind[CORRIDORS],)


def _jobs(drawn: gpd.GeoDataFrame) -> pd.DataFrame | None:
    """Jobs per hectare, where the layer says the jobs of a site that several firms share."""
    if JOBS not in drawn or FIRMS not in drawn:
        return None  # the jobs of a lone firm are not published: see the kind site_eco
    firms, jobs = (pd.to_numeric(drawn[name], errors="coerce") for name in (FIRMS, JOBS))
    area = drawn.area / M2_PER_HA
    return pd.DataFrame({"jobs_per_ha": (jobs / area.where(area > 0)).where(firms > 1)})


def _year(cover: gpd.GeoDataFrame) -> float:
    years = pd.to_numeric(cover["millesime"], errors="coerce") if "millesime" in cover else pd.Series([0.0])
    return float(years.max())
