"""Results of the analyses on the map's site cards, in the same words as on the sheets."""

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import pandas as pd
from markupsafe import Markup

from artois_geo import canal
from artois_geo.meaning import is_null
from artois_geo.packs.sections import study_sections
from artois_geo.sheets import qr, sections
from artois_geo.studies.sites import catalogue_data as lookup
from artois_geo.studies.sites.all_analyses import Study
from artois_geo.studies.sites.catalogue_data import CatalogueData

OF_THE_WHOLE_SITE = ("available_", "unknown_", "zan_")  # what several plots of a site share: no figure of one
ACCESS = {"port": "access_port", "junction": "access_junction"}
CARDS = {
    "canal": {
        "waterway_name": "waterway_name",
        "waterway_distance": "waterway_away",
        "bank_length": "bank_length",
        "berth_class": "berth_class",
        "ring": "ring",
    },
    "zan": {
        "zan_account": "zan_account",
        "zan_consumed_ha": "zan_consumed_ha",
        "epci_share": "zan_epci_share",
    },
    "ranking": {"rank_of": "rank_of", "rank_range": "rank_range"},
}


def with_study(
    frames: Mapping[str, gpd.GeoDataFrame], holdings: CatalogueData, study: Study | None, *, address: str = ""
) -> dict[str, gpd.GeoDataFrame]:
    """Add the results printed on the site sheets to the layers of the map.

    Adds to the sites, and to the land on offer there, ``access_port``, ``access_junction``,
    ``waterway_name``, ``waterway_away``, ``bank_length``, ``berth_class``, ``ring``, ``available_ha`` or,
    for a schematic site, ``available_range``, ``unknown_ha``, ``zan_account``, ``zan_consumed_ha``,
    ``zan_epci_share``, ``rank_of``, ``rank_range``, ``fiche_url``: those that something is known of. A column
    whose words differ in English has its ``_en`` beside it.

    Parameters
    ----------
    frames
        Layers by name.
    holdings
        The catalogue that they come from.
    study
        From ``packs.study``; without it, only the distances of the access table.
    address
        Where a sheet stands online, with ``{id}``.

    Examples
    --------
    >>> from artois_geo.packs import read_catalogue_data, with_study
    >>> from artois_geo import layers
    >>> holdings = read_catalogue_data(layers.read_catalogue())
    >>> sites = with_study(holdings.frames, holdings, None)["sites_eco"]
    >>> sites.loc["port-de-harnes", "access_port"]
    'sur le site, Port de Harnes'
    """
    name = holdings.by_kind.get(lookup.SITES, "")
    if name not in frames:
        return dict(frames)
    sites = frames[name]
    reach = lookup.access_tables(holdings, sites)
    rows = [_card_columns(sites.iloc[number], table, study, address) for number, table in enumerate(reach)]
    added = pd.DataFrame(rows, index=sites.index).dropna(axis="columns", how="all")
    for column in [column for column in added if f"{column}_en" in added]:
        if added[column].equals(added[f"{column}_en"]):  # the same words in both languages
            added = added.drop(columns=f"{column}_en")
    full = {**frames, name: _with_columns(sites, added)}
    land = holdings.by_kind.get(lookup.LAND, "")
    if land in frames and "site_id" in frames[land]:  # what is on offer on a site is served as the site is
        by_site = added.set_axis(sites["site_id"].astype(str))
        ids = frames[land]["site_id"].astype(str)
        own = by_site[~by_site.index.duplicated()].reindex(ids).set_axis(frames[land].index)
        is_part = ids.duplicated(keep=False).set_axis(
            frames[land].index
        )  # the site's hectares are not its own
        shared = {
            str(name): own[name].mask(is_part) for name in own if str(name).startswith(OF_THE_WHOLE_SITE)
        }
        own = own.assign(**shared)
        full[land] = _with_columns(frames[land], own)
    return full


def _with_columns(frame: gpd.GeoDataFrame, added: pd.DataFrame) -> gpd.GeoDataFrame:
    other_columns = frame.drop(columns=[column for column in added if column in frame])
    return gpd.GeoDataFrame(other_columns.join(added), crs=frame.crs)


def _card_columns(
    site: pd.Series, access: pd.DataFrame | None, study: Study | None, address: str
) -> dict[str, Any]:
    """Return the columns of one site, in French and in English."""
    row: dict[str, Any] = {}
    for lang, suffix in (("fr", ""), ("en", "_en")):
        sure_access = None if access is None else access[_is_sure(access)]
        access_lines = sections.access_rows(sure_access, lang)
        kinds = [] if sure_access is None else sure_access["access_kind"].tolist()
        for kind, line in zip(kinds, access_lines, strict=True):
            if kind in ACCESS:
                doubt = f" ({line['doubt']})" if line["doubt"] else ""
                row[f"{ACCESS[kind]}{suffix}"] = f"{line['distance']}{doubt}, {_plain(line['name'])}"
        if study is not None:
            row |= _study_columns(study, site, lang, suffix)
    if address:
        row["fiche_url"] = qr.address(address, str(site["site_id"]))
    return row


def _is_sure(access: pd.DataFrame) -> pd.Series:
    """Mark what is published, on the site, or surer than it is long: as on the sheet of an offer."""
    origin = access["access_origin"]
    is_told = (origin == canal.PUBLISHED) | (origin == canal.ON_SITE)
    return is_told | (access["uncertainty_km"] < access["straight_km"])


def _plain(text: str) -> str:
    """Return the name of a place without the mark of its language: the map writes texts, not HTML."""
    return str(text.striptags()) if isinstance(text, Markup) else text


def _study_columns(study: Study, site: pd.Series, lang: str, suffix: str) -> dict[str, Any]:
    """Return what the analyses say of one site in one language."""
    site_sections = study_sections.of_site(study, site, lang)
    row: dict[str, Any] = {}
    for section, columns in CARDS.items():
        card = site_sections.cards.get(section)
        for column, name in columns.items():
            value = None if card is None else card.get(column)
            if not is_null(value) and (isinstance(value, str) or not suffix):
                row[f"{name}{suffix}"] = value
    if study.land is not None and str(site["site_id"]) in study.land.left.index:
        remaining: Any = study.land.left.loc[str(site["site_id"])]
        if not remaining["schematic"] and not suffix:
            row |= {name: round(float(remaining[name]), 4) for name in ("available_ha", "unknown_ha")}
        elif remaining["schematic"] and site_sections.figures.get("available_ha") is not None:
            row[f"available_range{suffix}"] = f"{site_sections.figures['available_ha']} ha"
    return row
