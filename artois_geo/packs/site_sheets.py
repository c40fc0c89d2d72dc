"""Sheets from a catalogue: the row, the map, the access table and the sections, put together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import geopandas as gpd
import pandas as pd

from artois_geo import canal, languages, meaning, network, offer, sheets, showcase, suffixes, tables
from artois_geo.maps import style
from artois_geo.packs import offer_view
from artois_geo.packs.offer_view import OfferView
from artois_geo.packs.sections import study_sections
from artois_geo.packs.sections.section import Sections
from artois_geo.sheets.location.situation import HEIGHT, WIDTH
from artois_geo.showcase import Media
from artois_geo.studies.sites import catalogue_data as lookup
from artois_geo.studies.sites.all_analyses import Study
from artois_geo.studies.sites.catalogue_data import CatalogueData
from artois_geo.theme import Theme

BESIDE_A_PHOTO = (480.0, HEIGHT)
ABOVE_SUB_SITES = 190.0  # height of the map that leaves the page room for their table

SITE_COLUMNS = ("site_nom", "famille|site_vocadomi", "site_etat", "site_surf_brute")
OFFER_COLUMNS = (
    "site_nom",
    "terr_nom",
    "dispo_statut",
    "terr_surf_brute",
    "compte_dans_total",
    "date_info|terr_actu_date",
)
PLOT_COLUMNS = ("terr_nom|terr_id|site_nom", *OFFER_COLUMNS[2:])
FAMILY_COLUMNS = ("famille", "site_count", "offer_ha", "unmeasured", "set_aside")
ACCESS_COLUMNS = ("objet_nom", "objet_type", "etat")


@dataclass(frozen=True)
class Edition:
    """Hold the options of sheets: language, theme, QR address, date; photos, media, sections, access by id.

    The access of the sites of ``access`` (see :func:`access_by_id`) is not measured again, sheet by sheet,
    nor are the offers of ``views`` listed again, by language. ``links`` are the pages beside each sheet, and
    ``also`` its file in other languages, by id.
    """

    lang: str = "fr"
    look: Theme | None = None
    address: str = ""
    issued: date | None = None
    photos: dict[str, bytes] = field(default_factory=dict)
    sections: dict[str, dict[str, pd.DataFrame]] = field(default_factory=dict)
    charts: dict[str, dict[str, str]] = field(default_factory=dict)
    study: Study | None = None
    access: dict[str, pd.DataFrame | None] = field(default_factory=dict)
    views: dict[str, OfferView] = field(default_factory=dict)
    media: Mapping[str, Media] = field(default_factory=dict)
    links: Mapping[str, Sequence[sheets.Link]] = field(default_factory=dict)
    also: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def has_photo(self, identifier: str) -> bool:
        """Tell whether the sheet of a site shows a photo."""
        own = self.media.get(identifier)
        return identifier in self.photos or (own is not None and own.photo is not None)


def access_by_id(holdings: CatalogueData, names: Iterable[str]) -> dict[str, pd.DataFrame | None]:
    """Measure what serves each of some sites, given their identifiers, in one pass for all their sheets.

    Examples
    --------
    >>> from artois_geo import layers
    >>> from artois_geo.packs import read_catalogue_data
    >>> list(access_by_id(read_catalogue_data(layers.read_catalogue()), ["port-de-harnes"]))
    ['port-de-harnes']
    """
    identifiers = list(names)
    if not identifiers:  # the sheet of a commune asks for no layer of sites
        return {}
    rows = lookup.sites(holdings).drop_duplicates("site_id")
    rows = rows[rows["site_id"].isin(identifiers)]
    return dict(zip(rows["site_id"], lookup.access_tables(holdings, rows), strict=True))


def site_ids(holdings: CatalogueData, *, on_offer: bool = False) -> list[str]:
    """List the sites that a sheet can be made of, in the order of their layer.

    Parameters
    ----------
    holdings
        Layers of a catalogue.
    on_offer
        Only those of which a source publishes land as available, whatever its status.

    Examples
    --------
    >>> from artois_geo.packs import read_catalogue_data, site_ids
    >>> from artois_geo import layers
    >>> len(site_ids(read_catalogue_data(layers.read_catalogue()), on_offer=True))
    6
    """
    ids = [str(name) for name in lookup.sites(holdings)["site_id"]]
    land = lookup.offered_land(holdings)
    offered = set() if land is None else set(land["site_id"].dropna())
    return [name for name in ids if name in offered] if on_offer else ids


def shown_stems(holdings: CatalogueData) -> dict[str, str]:
    """Make the file name of each site that a pack shows: land on offer, or the largest business parks.

    Examples
    --------
    >>> from artois_geo.packs import read_catalogue_data
    >>> from artois_geo import layers
    >>> len(shown_stems(read_catalogue_data(layers.read_catalogue())))
    6
    """
    if lookup.offered_land(holdings) is not None:
        return stems(holdings, on_offer=True)
    zones = showcase.zones(lookup.sites(holdings))
    listed = {zone.site_id for zone in zones[: offer_view.LISTED]}
    return {name: stem for name, stem in stems(holdings).items() if name in listed}


def site_id(holdings: CatalogueData, name: str) -> str:
    """Find the identifier of a site from its identifier or its name.

    Raises
    ------
    UnknownName
        No such site; the message offers the nearest ones.

    Examples
    --------
    >>> from artois_geo.packs import read_catalogue_data, site_id
    >>> from artois_geo import layers
    >>> site_id(read_catalogue_data(layers.read_catalogue()), "port de harnes")
    'port-de-harnes'
    """
    return str(
        lookup.find_row(lookup.sites(holdings), name, ("site_id", "site_nom"), "site")["site_id"].iloc[0]
    )


def stems(holdings: CatalogueData, *, on_offer: bool = False) -> dict[str, str]:
    """Make a unique file name for each site, without suffix, from its identifier.

    Examples
    --------
    >>> from artois_geo.packs import read_catalogue_data, stems
    >>> from artois_geo import layers
    >>> stems(read_catalogue_data(layers.read_catalogue()), on_offer=True)["port-de-harnes"]
    'port-de-harnes'
    """
    stem_of_site: dict[str, str] = {}
    for name in site_ids(holdings, on_offer=on_offer):
        first_stem = stem = file_stem(name)
        number = 2
        while stem in stem_of_site.values():
            stem, number = f"{first_stem}-{number}", number + 1
        stem_of_site[name] = stem
    return stem_of_site


def file_stem(name: str) -> str:
    """Make of a name that of a file, which Windows does not take for a device.

    Examples
    --------
    >>> file_stem("Évin-Malmaison"), file_stem("Con")
    ('evin-malmaison', 'fiche-con')
    """
    stem = style.slug(name)
    return f"fiche-{stem}" if suffixes.is_device(stem) else stem


def site_sheet(holdings: CatalogueData, name: str, edition: Edition) -> str:
    """Build the sheet of one site, given its identifier or its name.

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
    >>> from artois_geo.packs import Edition, read_catalogue_data, site_sheet
    >>> from artois_geo import layers
    >>> page = site_sheet(read_catalogue_data(layers.read_catalogue()), "port-de-harnes", Edition(lang="en"))
    >>> "parcelle n°17 de 41 556 m² offerte" in page
    True
    """
    all_sites = lookup.sites(holdings)
    site = lookup.find_row(all_sites, site_id(holdings, name), ("site_id",), "site")
    row = lookup.site_row(holdings, site)
    identifier = str(row["site_id"])
    measured = edition.access if identifier in edition.access else access_by_id(holdings, [identifier])
    profile, pin = _profile(holdings, identifier, edition)
    section_tables: dict[str, pd.DataFrame] = {}
    if (access := measured[identifier]) is not None:
        section_tables["access"] = access if profile is None else _beside_the_offer(access)
    land = lookup.land_of(holdings, identifier)
    if len(land) > 1:
        section_tables["offer"] = _columns(land, PLOT_COLUMNS)
    if "parent_id" in all_sites and all_sites["parent_id"].eq(identifier).any():
        section_tables["sub_sites"] = _columns(all_sites[all_sites["parent_id"] == identifier], SITE_COLUMNS)
    height = ABOVE_SUB_SITES if "sub_sites" in section_tables else HEIGHT
    figure = sheets.situation(
        site,
        holdings.of_kinds(),
        ground=holdings.ground,
        targets=None if pin is not None else section_tables.get("access"),
        title=str(row["site_nom"]) if edition.lang == languages.SOURCE else "",
        lang=edition.lang,
        look=edition.look,
        pin=pin,
        size=BESIDE_A_PHOTO if edition.has_photo(identifier) else (WIDTH, height),
    )
    sheet_sections = Sections()
    if edition.study is not None:
        sheet_sections = study_sections.of_site(edition.study, row, edition.lang)
    reader_tables = edition.sections.get(identifier, {})
    sheet_sections = _without(sheet_sections, reader_tables)
    cited = (lookup.LAND,) if len(land) else ()
    drawn_kinds = (_ground(holdings), network.ROADS, network.RAILS)
    kinds = (lookup.SITES, *cited, lookup.LOGISTICS, lookup.QUAYS, *drawn_kinds)
    return sheets.site(
        pd.concat([row, pd.Series(sheet_sections.figures, dtype=object)]),
        section_tables | sheet_sections.tables | reader_tables,
        **_printed(
            edition,
            identifier,
            sheet_sections,
            figure=figure,
            sources=_cited(holdings, kinds, sheet_sections, edition.lang),
        )
        | {"profile": profile},
    )


def _profile(
    holdings: CatalogueData, identifier: str, edition: Edition
) -> tuple[sheets.Profile | None, sheets.Pin | None]:
    """Return the offer of a site as a visitor reads it, and its pin; None where the site has none."""
    view = edition.views.get(edition.lang)
    if view is None:
        view = offer_view.read(holdings, edition.issued or date.today(), edition.lang)
    offers = view.of_site(identifier)
    if not offers:
        return None, None
    group = next(group for group in view.groups if offers[0] in group.offers)
    own_view = replace(view, offers=offers[:1], groups=(replace(group, offers=offers[:1]),))
    own_group = offer_view.card_groups(holdings, own_view, {}, edition.look)[0]
    profile = sheets.Profile(
        offer=offers[0],
        card=own_group.cards[0],
        group_title=group.title,
        is_available=own_group.is_available,
        family=offer_view.family_label(offers[0].family, edition.lang),
        together=offer_view.together(offers, edition.lang),
    )
    return profile, next(iter(offer_view.pins(holdings, own_view)), None)


def _beside_the_offer(access: pd.DataFrame) -> pd.DataFrame:
    """Keep the distances that may stand beside a published access: measured, surer than they are long."""
    is_measured = access["access_origin"] != canal.PUBLISHED
    is_sure = access["uncertainty_km"] < access["straight_km"]
    is_kept = is_measured & (is_sure | (access["access_origin"] == canal.ON_SITE))
    return access[is_kept].reset_index(drop=True)


def commune_sheet(holdings: CatalogueData, name: str, edition: Edition) -> str:
    """Build the sheet of one commune, given its INSEE code or its name.

    Raises
    ------
    UnknownName
        No such commune; the message offers the nearest ones.
    BadTable
        No layer of communes.

    Examples
    --------
    >>> from artois_geo.packs import Edition, commune_sheet, read_catalogue_data
    >>> from artois_geo import layers
    >>> "Lens" in commune_sheet(read_catalogue_data(layers.read_catalogue()), "62498", Edition())
    True
    """
    towns = lookup.require_layer(holdings, *meaning.TOWN_KINDS)
    town = lookup.find_row(towns, name, ("comm_insee", "comm_nom"), "commune")
    insee = str(town["comm_insee"].iloc[0])
    frames_inside = {
        kind: _inside(holdings, kind, insee) for kind in (lookup.SITES, lookup.LAND, lookup.LOGISTICS)
    }
    extra_tables = {}
    if len(logistics := frames_inside[lookup.LOGISTICS]):
        extra_tables["logistics"] = _columns(logistics, ACCESS_COLUMNS)
    territory = Place("commune", insee, insee, town.iloc[0], town, str(town["comm_nom"].iloc[0]))
    return _territory_sheet(holdings, territory, frames_inside, extra_tables, edition)


def epci_sheet(holdings: CatalogueData, name: str, edition: Edition) -> str:
    """Build the sheet of one EPCI, given its short name, its SIREN or its name.

    Raises
    ------
    UnknownName
        No such EPCI; the message offers the nearest ones.
    BadTable
        No layer of communes.

    Examples
    --------
    >>> from artois_geo.packs import Edition, epci_sheet, read_catalogue_data
    >>> from artois_geo import layers
    >>> "Lens - Liévin" in epci_sheet(read_catalogue_data(layers.read_catalogue()), "call", Edition())
    True
    """
    towns = lookup.require_layer(holdings, *meaning.TOWN_KINDS)
    first_town = lookup.find_row(towns, name, ("epci_sigle", "epci_siren", "epci_nom"), "EPCI").iloc[0]
    key = "epci_sigle" if "epci_sigle" in first_town else "epci_siren"
    code = str(first_town[key])
    members = towns[towns[key] == code]
    codes = {str(first_town[column]) for column in ("epci_sigle", "epci_siren") if column in first_town}
    frames_inside = {kind: _of_epci(holdings, kind, codes) for kind in (lookup.SITES, lookup.LAND)}
    extra_tables = {}
    sites = frames_inside[lookup.SITES]
    if len(sites):
        extra_tables["families"] = _columns(offer.offer(sites, by=["famille"]), FAMILY_COLUMNS)
    names = [
        name
        for name in ("epci_sigle", "epci_siren", "epci_nom", "departement", "geometrie", "fictif")
        if name in first_town
    ]
    sums = {
        name: members[name].sum() for name in ("pop_totale", "population", "surface_ha") if name in members
    }
    counts = {"commune_count": len(members), "source": first_town.get("source")}
    row = pd.concat([first_town[names], pd.Series(sums | counts, dtype=object)])
    siren = str(first_town.get("epci_siren", code))
    territory = Place("epci", code, siren, row, members, str(row["epci_nom"]))
    return _territory_sheet(holdings, territory, frames_inside, extra_tables, edition)


@dataclass(frozen=True)
class Place:
    """Describe a commune or an EPCI: level, codes in sheets and in budgets, row, communes, name."""

    level: str
    identifier: str
    code: str
    row: pd.Series
    towns: gpd.GeoDataFrame
    name: str


def _territory_sheet(
    holdings: CatalogueData,
    territory: Place,
    frames_inside: Mapping[str, gpd.GeoDataFrame],
    extra_tables: dict[str, pd.DataFrame],
    edition: Edition,
) -> str:
    """Build the sheet of a territory: its offer, its sites, its trajectory, what its sites lose."""
    sites, land = frames_inside[lookup.SITES], frames_inside[lookup.LAND]
    section_tables = {"offer": _columns(land, OFFER_COLUMNS)} if len(land) else {}
    sheet_sections = Sections()
    if edition.study is not None:
        names = _without_sub_sites(sites)["site_id"].astype(str).tolist() if len(sites) else []
        sheet_sections = study_sections.of_territory(
            edition.study, territory.level, territory.code, names, edition.lang
        )
    section_tables |= {name: table for name, table in extra_tables.items() if name == "families"}
    if len(sites):
        section_tables["sites"] = _columns(sites, SITE_COLUMNS)
    section_tables |= {
        name: table for name, table in extra_tables.items() if name not in section_tables
    } | sheet_sections.tables
    outline = _outline(holdings, "comm_insee", list(territory.towns["comm_insee"]))
    figure = sheets.situation(
        territory.towns if outline is None else outline,
        holdings.of_kinds(),
        ground=holdings.ground,
        territory=True,
        title=territory.name,
        lang=edition.lang,
        look=edition.look,
    )
    drawn_kinds = (_ground(holdings), network.ROADS, network.RAILS)
    kinds = (holdings.first(*meaning.TOWN_KINDS), lookup.SITES, lookup.LAND, *drawn_kinds)
    make = sheets.commune if territory.level == "commune" else sheets.epci
    reader_tables = edition.sections.get(territory.code, {}) | edition.sections.get(territory.identifier, {})
    return make(
        pd.concat([territory.row, _offered(sites, land)]),
        section_tables | reader_tables,
        **_printed(
            edition,
            territory.identifier,
            _without(sheet_sections, reader_tables),
            figure=figure,
            sources=_cited(
                holdings,
                (*kinds, _ground(holdings), network.ROADS, network.RAILS),
                sheet_sections,
                edition.lang,
            ),
        ),
    )


def _printed(
    edition: Edition, identifier: str, sheet_sections: Sections, *, figure: str, sources: list[tables.Source]
) -> sheets.Options:
    """Return the options of one sheet: what the edition and the analyses give it."""
    return {
        "figure": figure,
        "cards": sheet_sections.cards,
        "told": sheet_sections.notes,
        "sources": sources,
        "lang": edition.lang,
        "look": edition.look,
        "address": edition.address,
        "issued": edition.issued,
        "photo": edition.photos.get(identifier, b""),
        "charts": sheet_sections.charts | edition.charts.get(identifier, {}),
        "media": edition.media.get(identifier),
        "links": edition.links.get(identifier, ()),
        "also": edition.also.get(identifier, {}),
    }


def _without(sheet_sections: Sections, reader_tables: Mapping[str, pd.DataFrame]) -> Sections:
    """Drop the sections that a table of the reader replaces."""
    return replace(
        sheet_sections,
        charts={name: chart for name, chart in sheet_sections.charts.items() if name not in reader_tables},
        notes={name: lines for name, lines in sheet_sections.notes.items() if name not in reader_tables},
        cards={name: card for name, card in sheet_sections.cards.items() if name not in reader_tables},
    )


def _cited(
    holdings: CatalogueData, kinds: tuple[str, ...], sheet_sections: Sections, lang: str
) -> list[tables.Source]:
    """List the layers of these kinds, then those that the analyses used, each once."""
    names = [name for kind in kinds for name in holdings.names(kind)]
    return [
        lookup.source(holdings.catalogue[name], lang)
        for name in dict.fromkeys([*names, *sheet_sections.layers])
    ]


def _inside(holdings: CatalogueData, kind: str, insee: str) -> gpd.GeoDataFrame:
    frame = lookup.offered_land(holdings) if kind == lookup.LAND else holdings.kind(kind)
    return gpd.GeoDataFrame() if frame is None else frame[lookup.in_commune(frame, insee)]


def _of_epci(holdings: CatalogueData, kind: str, codes: set[str]) -> gpd.GeoDataFrame:
    frame = lookup.offered_land(holdings) if kind == lookup.LAND else holdings.kind(kind)
    return gpd.GeoDataFrame() if frame is None else frame[lookup.in_epci(frame, codes)]


def _without_sub_sites(sites: pd.DataFrame) -> pd.DataFrame:
    """Remove the sub-sites: their ground is already in their park."""
    return sites[~meaning.true_rows(sites, meaning.SUB_SITE)]


def _offered(sites: pd.DataFrame, land: pd.DataFrame) -> pd.Series:
    """Count the sites without sub-sites, and sum the hectares that sources offer now."""
    count = 0
    if len(sites):
        count = int(offer.offer(sites, by=[])["site_count"].iloc[0])
    hectares = None
    if {"terr_surf_brute", meaning.COUNTED} <= set(land):
        land_total = offer.offer(land, by=[], area="terr_surf_brute", counted=meaning.COUNTED)
        hectares = land_total["offer_ha"].iloc[0]
    return pd.Series({"site_count": count, "offer_ha": hectares}, dtype=object)


def _outline(holdings: CatalogueData, column: str, values: list[str]) -> gpd.GeoDataFrame | None:
    for kind in lookup.POLYGON_KINDS:
        frame = holdings.kind(kind)
        if frame is not None and column in frame and len(shape := frame[frame[column].isin(values)]):
            return shape
    return None


def _ground(holdings: CatalogueData) -> str:
    return next((kind for kind in lookup.POLYGON_KINDS if holdings.kind(kind) is not None), lookup.TOWNS)


def _columns(table: pd.DataFrame, column_choices: tuple[str, ...]) -> pd.DataFrame:
    """Select the columns of a section that are not empty; « a|b » is b where a is empty."""
    columns = []
    for choice in column_choices:
        filled = [name for name in choice.split("|") if name in table and table[name].notna().any()]
        columns += filled[:1]
    return pd.DataFrame(table[columns]).reset_index(drop=True)
