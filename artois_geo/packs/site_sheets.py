"""Sheets from a catalogue: the row, the map, the access table and the sections, put together."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import geopandas as gpd
import pandas as pd

from artois_geo import offer, sheets, tables
from artois_geo.maps import style
from artois_geo.packs import holdings as held
from artois_geo.packs import study_sections
from artois_geo.packs.holdings import Holdings
from artois_geo.packs.study import Study
from artois_geo.packs.study_sections import Sections
from artois_geo.sheets.situation import HEIGHT, WIDTH
from artois_geo.theme import Theme

BESIDE_A_PHOTO = (480.0, HEIGHT)
ABOVE_SUB_SITES = 130.0  # height of the map that leaves the page room for their table

SITE_COLUMNS = ("site_nom", "famille|site_vocadomi", "site_etat", "surface_ha|site_surf_brute")
OFFER_COLUMNS = ("foncier_nom", "dispo_statut", "surface_dispo_ha", "compte_dans_total", "date_info")
FAMILY_COLUMNS = ("famille", "site_count", "offer_ha", "unmeasured", "set_aside")
ACCESS_COLUMNS = ("objet_nom", "objet_type", "etat")


@dataclass(frozen=True)
class Edition:
    """How sheets come out: language, theme, QR address, date, photos and sections by id, study."""

    lang: str = "fr"
    look: Theme | None = None
    address: str = ""
    issued: date | None = None
    photos: dict[str, bytes] = field(default_factory=dict)
    sections: dict[str, dict[str, pd.DataFrame]] = field(default_factory=dict)
    charts: dict[str, dict[str, str]] = field(default_factory=dict)
    study: Study | None = None


def site_ids(holdings: Holdings, *, on_offer: bool = False) -> list[str]:
    """Sites that a sheet can be made of, in the order of their layer.

    Parameters
    ----------
    holdings
        Layers of a catalogue.
    on_offer
        Only those of which a source publishes land as available, whatever its status.

    Examples
    --------
    >>> from artois_geo import layers
    >>> len(site_ids(held.read(layers.read_catalogue()), on_offer=True))
    6
    """
    known = [str(name) for name in held.sites(holdings)["site_id"]]
    land = holdings.kind(held.LAND)
    offered = set() if land is None else set(land["site_id"].dropna())
    return [name for name in known if name in offered] if on_offer else known


def site_id(holdings: Holdings, name: str) -> str:
    """The identifier of a site, from itself or from the name of the site.

    Raises
    ------
    UnknownName
        No such site; the message offers the nearest ones.

    Examples
    --------
    >>> from artois_geo import layers
    >>> site_id(held.read(layers.read_catalogue()), "port de harnes")
    'port-de-harnes'
    """
    return str(held.found(held.sites(holdings), name, ("site_id", "site_nom"), "site")["site_id"].iloc[0])


def stems(holdings: Holdings, *, on_offer: bool = False) -> dict[str, str]:
    """A file name for each site, without suffix: its identifier in plain letters, never twice the same.

    Examples
    --------
    >>> from artois_geo import layers
    >>> stems(held.read(layers.read_catalogue()), on_offer=True)["port-de-harnes"]
    'port-de-harnes'
    """
    found: dict[str, str] = {}
    for name in site_ids(holdings, on_offer=on_offer):
        stem, again = style.slug(name), 2
        while stem in found.values():
            stem, again = f"{style.slug(name)}-{again}", again + 1
        found[name] = stem
    return found


def site_sheet(holdings: Holdings, name: str, edition: Edition) -> str:
    """The sheet of one site, found by its identifier or its name.

    Raises
    ------
    UnknownName
        No such site; the message offers the nearest ones.
    BadTable
        No layer of named sites.
    BadCRS, BadValue
        See ``sheets.site``.

    Examples
    --------
    >>> from artois_geo import layers
    >>> page = site_sheet(held.read(layers.read_catalogue()), "port-de-harnes", Edition(lang="en"))
    >>> "parcelle n°17 de 41 556 m² offerte" in page
    True
    """
    inside = held.sites(holdings)
    site = held.found(inside, site_id(holdings, name), ("site_id",), "site")
    row = held.site_row(holdings, site)
    identifier = str(row["site_id"])
    serving = held.serving(holdings)
    given: dict[str, pd.DataFrame] = {}
    if serving is not None:
        given["access"] = sheets.access(site, serving)
    land = held.land_of(holdings, identifier)
    if len(land) > 1:
        given["offer"] = _columns(land, OFFER_COLUMNS)
    if "parent_id" in inside and inside["parent_id"].eq(identifier).any():
        given["sub_sites"] = _columns(inside[inside["parent_id"] == identifier], SITE_COLUMNS)
    height = ABOVE_SUB_SITES if "sub_sites" in given else HEIGHT
    figure = sheets.situation(
        site,
        holdings.of_kinds(),
        ground=holdings.ground,
        targets=given.get("access"),
        title=str(row["site_nom"]),
        lang=edition.lang,
        look=edition.look,
        size=BESIDE_A_PHOTO if identifier in edition.photos else (WIDTH, height),
    )
    found = Sections()
    if edition.study is not None:
        found = study_sections.of_site(edition.study, row, edition.lang)
    own = edition.sections.get(identifier, {})
    found = _without(found, own)
    cited = (held.LAND,) if len(land) else ()
    kinds = (holdings.first(*held.SITE_KINDS), *cited, held.LOGISTICS, held.QUAYS, _ground(holdings))
    return sheets.site(
        pd.concat([row, pd.Series(found.figures, dtype=object)]),
        given | found.tables | own,
        **_printed(
            edition, identifier, found, figure=figure, sources=_cited(holdings, kinds, found, edition.lang)
        ),
    )


def commune_sheet(holdings: Holdings, name: str, edition: Edition) -> str:
    """The sheet of one commune, found by its INSEE code or its name.

    Raises
    ------
    UnknownName
        No such commune; the message offers the nearest ones.
    BadTable
        No layer of communes.

    Examples
    --------
    >>> from artois_geo import layers
    >>> "Lens" in commune_sheet(held.read(layers.read_catalogue()), "62498", Edition())
    True
    """
    towns = held.needed(holdings, *held.TOWN_KINDS)
    town = held.found(towns, name, ("comm_insee", "comm_nom"), "commune")
    insee = str(town["comm_insee"].iloc[0])
    inside = {kind: _inside(holdings, kind, insee) for kind in (*held.SITE_KINDS, held.LAND, held.LOGISTICS)}
    more = {}
    if len(logistics := inside[held.LOGISTICS]):
        more["logistics"] = _columns(logistics, ACCESS_COLUMNS)
    place = Place("commune", insee, insee, town.iloc[0], town, str(town["comm_nom"].iloc[0]))
    return _territory_sheet(holdings, place, inside, more, edition)


def epci_sheet(holdings: Holdings, name: str, edition: Edition) -> str:
    """The sheet of one EPCI, found by its short name, its SIREN or its name.

    Raises
    ------
    UnknownName
        No such EPCI; the message offers the nearest ones.
    BadTable
        No layer of communes.

    Examples
    --------
    >>> from artois_geo import layers
    >>> "Lens - Liévin" in epci_sheet(held.read(layers.read_catalogue()), "call", Edition())
    True
    """
    towns = held.needed(holdings, *held.TOWN_KINDS)
    first = held.found(towns, name, ("epci_sigle", "epci_siren", "epci_nom"), "EPCI").iloc[0]
    key = "epci_sigle" if "epci_sigle" in first else "epci_siren"
    code = str(first[key])
    members = towns[towns[key] == code]
    codes = {str(first[column]) for column in ("epci_sigle", "epci_siren") if column in first}
    inside = {kind: _of_epci(holdings, kind, codes) for kind in (*held.SITE_KINDS, held.LAND)}
    more = {}
    sites = inside[held.SITES]
    if len(sites):
        more["families"] = _columns(offer.offer(sites, by=["famille"]), FAMILY_COLUMNS)
    names = [
        name
        for name in ("epci_sigle", "epci_siren", "epci_nom", "departement", "geometrie", "fictif")
        if name in first
    ]
    sums = {
        name: members[name].sum() for name in ("pop_totale", "population", "surface_ha") if name in members
    }
    counts = {"commune_count": len(members), "source": first.get("source")}
    row = pd.concat([first[names], pd.Series(sums | counts, dtype=object)])
    siren = str(first.get("epci_siren", code))
    place = Place("epci", code, siren, row, members, str(row["epci_nom"]))
    return _territory_sheet(holdings, place, inside, more, edition)


@dataclass(frozen=True)
class Place:
    """A commune or an EPCI: its level, how sheets and budgets call it, its row, its communes, its name."""

    level: str
    identifier: str
    code: str
    row: pd.Series
    towns: gpd.GeoDataFrame
    name: str


def _territory_sheet(
    holdings: Holdings,
    place: Place,
    inside: Mapping[str, gpd.GeoDataFrame],
    more: dict[str, pd.DataFrame],
    edition: Edition,
) -> str:
    """The sheet of a territory: its offer, its sites, its trajectory, what its sites lose."""
    sites, land = inside[holdings.first(*held.SITE_KINDS)], inside[held.LAND]
    given = {"offer": _columns(land, OFFER_COLUMNS)} if len(land) else {}
    found = Sections()
    if edition.study is not None:
        names = _whole(sites)["site_id"].astype(str).tolist() if len(sites) else []
        found = study_sections.of_territory(edition.study, place.level, place.code, names, edition.lang)
    given |= {name: table for name, table in more.items() if name == "families"}
    if len(sites):
        given["sites"] = _columns(sites, SITE_COLUMNS)
    given |= {name: table for name, table in more.items() if name not in given} | found.tables
    outline = _outline(holdings, "comm_insee", list(place.towns["comm_insee"]))
    figure = sheets.situation(
        place.towns if outline is None else outline,
        holdings.of_kinds(),
        ground=holdings.ground,
        territory=True,
        title=place.name,
        lang=edition.lang,
        look=edition.look,
    )
    kinds = (*(holdings.first(*some) for some in (held.TOWN_KINDS, held.SITE_KINDS)), held.LAND)
    make = sheets.commune if place.level == "commune" else sheets.epci
    own = edition.sections.get(place.code, {}) | edition.sections.get(place.identifier, {})
    return make(
        pd.concat([place.row, _offered(sites, land)]),
        given | own,
        **_printed(
            edition,
            place.identifier,
            _without(found, own),
            figure=figure,
            sources=_cited(holdings, (*kinds, _ground(holdings)), found, edition.lang),
        ),
    )


def _printed(
    edition: Edition, identifier: str, found: Sections, *, figure: str, sources: list[tables.Source]
) -> sheets.Options:
    """What an edition says of the sheet of one thing."""
    return {
        "figure": figure,
        "cards": found.cards,
        "told": found.told,
        "sources": sources,
        "lang": edition.lang,
        "look": edition.look,
        "address": edition.address,
        "issued": edition.issued,
        "photo": edition.photos.get(identifier, b""),
        "charts": found.charts | edition.charts.get(identifier, {}),
    }


def _without(found: Sections, own: Mapping[str, pd.DataFrame]) -> Sections:
    """What the analyses say, apart from the sections that a table of the reader replaces."""
    return replace(
        found,
        charts={name: chart for name, chart in found.charts.items() if name not in own},
        told={name: lines for name, lines in found.told.items() if name not in own},
        cards={name: card for name, card in found.cards.items() if name not in own},
    )


def _cited(holdings: Holdings, kinds: tuple[str, ...], found: Sections, lang: str) -> list[tables.Source]:
    """Layers of these kinds, then those that the analyses used, each once."""
    names = [name for kind in kinds for name in holdings.names(kind)]
    return [held.source(holdings.catalogue[name], lang) for name in dict.fromkeys([*names, *found.layers])]


def _inside(holdings: Holdings, kind: str, insee: str) -> gpd.GeoDataFrame:
    frame = holdings.kind(kind)
    return gpd.GeoDataFrame() if frame is None else frame[held.within(frame, insee)]


def _of_epci(holdings: Holdings, kind: str, codes: set[str]) -> gpd.GeoDataFrame:
    frame = holdings.kind(kind)
    return gpd.GeoDataFrame() if frame is None else frame[held.of_epci(frame, codes)]


def _whole(sites: pd.DataFrame) -> pd.DataFrame:
    """Sites without the sub-sites, whose ground is that of their park already."""
    if "est_sous_site" not in sites:
        return sites
    return sites[~sites["est_sous_site"].eq(True).fillna(False).astype(bool)]


def _offered(sites: pd.DataFrame, land: pd.DataFrame) -> pd.Series:
    """Named sites, sub-sites apart, and the hectares that a source says are on offer now."""
    count = 0
    if len(sites):
        area = "surface_ha" if "surface_ha" in sites else "site_surf_brute"
        count = int(offer.offer(sites, by=[], area=area)["site_count"].iloc[0])
    hectares = None
    if {"surface_dispo_ha", "compte_dans_total"} <= set(land):
        whole = offer.offer(land, by=[], area="surface_dispo_ha", counted="compte_dans_total")
        hectares = whole["offer_ha"].iloc[0]
    return pd.Series({"site_count": count, "offer_ha": hectares}, dtype=object)


def _outline(holdings: Holdings, column: str, values: list[str]) -> gpd.GeoDataFrame | None:
    for kind in held.GROUNDS:
        frame = holdings.kind(kind)
        if frame is not None and column in frame and len(shape := frame[frame[column].isin(values)]):
            return shape
    return None


def _ground(holdings: Holdings) -> str:
    return next((kind for kind in held.GROUNDS if holdings.kind(kind) is not None), held.TOWNS)


def _columns(table: pd.DataFrame, wanted: tuple[str, ...]) -> pd.DataFrame:
    """Columns of a section, those that say nothing left out; « a|b » is b where a says nothing."""
    kept = []
    for names in wanted:
        said = [name for name in names.split("|") if name in table and table[name].notna().any()]
        kept += said[:1]
    return pd.DataFrame(table[kept]).reset_index(drop=True)
