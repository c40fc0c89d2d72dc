"""Sheets from a catalogue: the row, the map, the access table and the sections, put together."""

from dataclasses import dataclass, field
from datetime import date

import geopandas as gpd
import pandas as pd

from artois_geo import offer, sheets, tables
from artois_geo.errors import BadTable
from artois_geo.maps import style
from artois_geo.packs import holdings as held
from artois_geo.packs.holdings import Holdings
from artois_geo.sheets.situation import HEIGHT, WIDTH
from artois_geo.theme import Theme

BESIDE_A_PHOTO = (480.0, HEIGHT)

SITE_COLUMNS = ("site_nom", "famille", "site_etat", "surface_ha")
OFFER_COLUMNS = ("foncier_nom", "dispo_statut", "surface_dispo_ha", "compte_dans_total", "date_info")
FAMILY_COLUMNS = ("famille", "site_count", "offer_ha", "unmeasured", "set_aside")
KEYS = ("site_id", "comm_insee", "epci_sigle")
ACCESS_COLUMNS = ("objet_nom", "objet_type", "etat")


@dataclass(frozen=True)
class Edition:
    """How sheets come out: language, theme, address behind the QR code, date, photos and sections by id."""

    lang: str = "fr"
    look: Theme | None = None
    address: str = ""
    issued: date | None = None
    photos: dict[str, bytes] = field(default_factory=dict)
    sections: dict[str, dict[str, pd.DataFrame]] = field(default_factory=dict)
    charts: dict[str, dict[str, str]] = field(default_factory=dict)


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
    known = [str(name) for name in held.needed(holdings, held.SITES)["site_id"]]
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
    sites = held.needed(holdings, held.SITES)
    return str(held.found(sites, name, ("site_id", "site_nom"), "site")["site_id"].iloc[0])


def by_thing(table: pd.DataFrame, name: str) -> dict[str, pd.DataFrame]:
    """A table of sections cut by what its rows are about, in its own order.

    Parameters
    ----------
    table
        Any table with one of the columns ``site_id``, ``comm_insee``, ``epci_sigle``,
        which leaves the pieces.
    name
        How to call the table in a message.

    Raises
    ------
    BadTable
        None of these columns.

    Examples
    --------
    >>> losses = pd.DataFrame({"site_id": ["a", "b", "a"], "marginal_ha": [1.0, 2.0, 3.0]})
    >>> by_thing(losses, "pertes")["a"]["marginal_ha"].tolist()
    [1.0, 3.0]
    """
    key = next((column for column in KEYS if column in table), None)
    if key is None:
        raise BadTable(f"{name} : aucune colonne {', '.join(KEYS)} ne dit de quelle fiche sont les lignes.")
    rest = table.drop(columns=key)
    return {
        str(thing): rest[table[key] == thing].reset_index(drop=True) for thing in table[key].dropna().unique()
    }


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
    site = held.found(held.needed(holdings, held.SITES), site_id(holdings, name), ("site_id",), "site")
    row = held.site_row(holdings, site)
    identifier = str(row["site_id"])
    logistics = holdings.kind("logistique")
    sections: dict[str, pd.DataFrame] = {}
    if logistics is not None:
        sections["access"] = sheets.access(site, logistics)
    land = held.land_of(holdings, identifier)
    if len(land) > 1:
        sections["offer"] = _columns(land, OFFER_COLUMNS)
    inside = held.needed(holdings, held.SITES)
    if "parent_id" in inside and inside["parent_id"].eq(identifier).any():
        sections["sub_sites"] = _columns(inside[inside["parent_id"] == identifier], SITE_COLUMNS)
    figure = sheets.situation(
        site,
        holdings.of_kinds(),
        targets=sections.get("access"),
        title=str(row["site_nom"]),
        lang=edition.lang,
        look=edition.look,
        size=BESIDE_A_PHOTO if identifier in edition.photos else (WIDTH, HEIGHT),
    )
    printed = _printed(
        edition,
        identifier,
        figure=figure,
        sources=holdings.sources(
            held.SITES, *([held.LAND] if len(land) else []), "logistique", _ground(holdings)
        ),
    )
    return sheets.site(row, sections | edition.sections.get(identifier, {}), **printed)


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
    towns = held.needed(holdings, held.TOWNS)
    town = held.found(towns, name, ("comm_insee", "comm_nom"), "commune")
    insee = str(town["comm_insee"].iloc[0])
    sections = {}
    sites, land = _inside(holdings, held.SITES, insee), _inside(holdings, held.LAND, insee)
    logistics = _inside(holdings, "logistique", insee)
    if len(land):
        sections["offer"] = _columns(land, OFFER_COLUMNS)
    if len(sites):
        sections["sites"] = _columns(sites, SITE_COLUMNS)
    if len(logistics):
        sections["logistics"] = _columns(logistics, ACCESS_COLUMNS)
    row = pd.concat([town.iloc[0], _offered(sites, land)])
    place = _outline(holdings, "comm_insee", [insee])
    printed = _printed(
        edition,
        insee,
        figure=_area(holdings, town if place is None else place, str(row["comm_nom"]), edition),
        sources=_area_sources(holdings),
    )
    return sheets.commune(row, sections | edition.sections.get(insee, {}), **printed)


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
    towns = held.needed(holdings, held.TOWNS)
    first = held.found(towns, name, ("epci_sigle", "epci_siren", "epci_nom"), "EPCI").iloc[0]
    short = str(first["epci_sigle"])
    members = towns[towns["epci_sigle"] == short]
    sites, land = _of_epci(holdings, held.SITES, short), _of_epci(holdings, held.LAND, short)
    sections = {}
    if len(land):
        sections["offer"] = _columns(land, OFFER_COLUMNS)
    if len(sites):
        sections["families"] = _columns(offer.offer(sites, by=["famille"]), FAMILY_COLUMNS)
        sections["sites"] = _columns(sites, SITE_COLUMNS)
    names = [
        name for name in ("epci_sigle", "epci_siren", "epci_nom", "departement", "geometrie") if name in first
    ]
    sums = {"pop_totale": members["pop_totale"].sum(), "surface_ha": members["surface_ha"].sum()}
    counts = {"commune_count": len(members), "source": first.get("source")}
    place = _outline(holdings, "comm_insee", list(members["comm_insee"]))
    row = pd.concat([first[names], pd.Series(sums | counts, dtype=object), _offered(sites, land)])
    printed = _printed(
        edition,
        short,
        figure=_area(holdings, members if place is None else place, str(row["epci_nom"]), edition),
        sources=_area_sources(holdings),
    )
    return sheets.epci(row, sections | edition.sections.get(short, {}), **printed)


def _printed(
    edition: Edition, identifier: str, *, figure: str, sources: list[tables.Source]
) -> sheets.Options:
    """What an edition says of the sheet of one thing."""
    return {
        "figure": figure,
        "sources": sources,
        "lang": edition.lang,
        "look": edition.look,
        "address": edition.address,
        "issued": edition.issued,
        "photo": edition.photos.get(identifier, b""),
        "charts": edition.charts.get(identifier, {}),
    }


def _inside(holdings: Holdings, kind: str, insee: str) -> gpd.GeoDataFrame:
    frame = holdings.kind(kind)
    return gpd.GeoDataFrame() if frame is None else frame[held.within(frame, insee)]


def _of_epci(holdings: Holdings, kind: str, short: str) -> gpd.GeoDataFrame:
    frame = holdings.kind(kind)
    return (
        gpd.GeoDataFrame()
        if frame is None or "epci_sigle" not in frame
        else frame[frame["epci_sigle"] == short]
    )


def _offered(sites: pd.DataFrame, land: pd.DataFrame) -> pd.Series:
    """Named sites, sub-sites apart, and the hectares that a source says are on offer now."""
    count = int(offer.offer(sites, by=[])["site_count"].iloc[0]) if len(sites) else 0
    hectares = None
    if len(land):
        whole = offer.offer(land, by=[], area="surface_dispo_ha", counted="compte_dans_total")
        hectares = whole["offer_ha"].iloc[0]
    return pd.Series({"site_count": count, "offer_ha": hectares}, dtype=object)


def _outline(holdings: Holdings, column: str, values: list[str]) -> gpd.GeoDataFrame | None:
    for kind in held.GROUNDS:
        frame = holdings.kind(kind)
        if frame is not None and column in frame and len(shape := frame[frame[column].isin(values)]):
            return shape
    return None


def _area(holdings: Holdings, place: gpd.GeoDataFrame, title: str, edition: Edition) -> str:
    return sheets.situation(
        place, holdings.of_kinds(), territory=True, title=title, lang=edition.lang, look=edition.look
    )


def _area_sources(holdings: Holdings) -> list[tables.Source]:
    return holdings.sources(held.TOWNS, held.SITES, held.LAND, _ground(holdings))


def _ground(holdings: Holdings) -> str:
    return next((kind for kind in held.GROUNDS if holdings.kind(kind) is not None), held.TOWNS)


def _columns(table: pd.DataFrame, wanted: tuple[str, ...]) -> pd.DataFrame:
    """Columns of a section, those that say nothing left out."""
    kept = [name for name in wanted if name in table and table[name].notna().any()]
    return pd.DataFrame(table[kept]).reset_index(drop=True)
