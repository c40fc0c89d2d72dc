"""Layers of a catalogue, each read on first use, indexed by name and by kind; rows found by name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, TypeVar

import geopandas as gpd
import pandas as pd

from artois_geo import canal, layers, meaning, sheets, showcase, tables
from artois_geo.errors import BadTable, UnknownName
from artois_geo.layers import Catalogue, Layer, Total
from artois_geo.sheets.location.situation import DRAWN
from artois_geo.studies.layers import contents
from artois_geo.studies.sites import deduced
from artois_geo.text import counted

SITES, LAND = deduced.SITES, deduced.LAND
TOWNS, LOGISTICS, QUAYS = "commune", "logistique", "quai"
TOGETHER = (LOGISTICS, "contrainte")  # kinds whose layers are read as one, however many files hold them
GREENWAY = "voie_verte"
POLYGON_KINDS = tuple(kind for kind in meaning.GROUND_KINDS if kind != TOWNS)  # never points
OFFER = (
    "dispo_statut",
    "terr_surf_brute",
    "dispo_source_texte",
    "date_info",
    "compte_dans_total",
    "compte_motif",
)
CODES = ("site_id", "parent_id", "comm_insee", "site_comm_insee", "epci_siren", "site_epci_siren")
Table = TypeVar("Table", bound=pd.DataFrame)
SEPARATOR = "|"  # between the values of a list, in the layers


class Frames(Mapping[str, gpd.GeoDataFrame]):
    """Give the layers of a catalogue by name, each read on first use: an OCS GE is heavy."""

    def __init__(self, catalogue: Catalogue, known: Mapping[str, gpd.GeoDataFrame]) -> None:
        self._catalogue = catalogue
        self._read = {name: codes_as_text(frame) for name, frame in known.items()}

    def __getitem__(self, name: str) -> gpd.GeoDataFrame:
        if name not in self._read:
            self._read[name] = self._completed(name, codes_as_text(layers.read(self._catalogue[name])))
        return self._read[name]

    def _completed(self, name: str, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Fill what the standard lets us deduce of sites and plots; the plots copy the sites read here."""
        kind = self._catalogue[name].kind
        if kind not in (SITES, LAND):
            return frame
        sites_layer = next(
            (layer_name for layer_name, layer in self._catalogue.items() if layer.kind == SITES), ""
        )
        sites = self[sites_layer] if kind == LAND and sites_layer else None
        return deduced.complete(frame, kind, self._catalogue, sites)

    def __contains__(self, name: object) -> bool:
        return name in self._catalogue

    def __iter__(self) -> Iterator[str]:
        return iter(self._catalogue)

    def __len__(self) -> int:
        return len(self._catalogue)


@dataclass(frozen=True)
class CatalogueData:
    """Index the layers of a catalogue by name and by kind; each is read once."""

    catalogue: Catalogue
    frames: Mapping[str, gpd.GeoDataFrame]
    by_kind: dict[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<CatalogueData : {counted(len(self.frames), 'couche')} : {', '.join(self.frames)}>"

    def names(self, kind: str) -> tuple[str, ...]:
        """Return the names of the layers of a kind that are read together, mostly the first alone."""
        if kind not in self.by_kind:
            return ()
        if kind not in TOGETHER:
            return (self.by_kind[kind],)
        return tuple(name for name, layer in self.catalogue.items() if layer.kind == kind)

    def kind(self, kind: str) -> gpd.GeoDataFrame | None:
        """Return the first layer of a kind, or all of them where the kind is read as one."""
        pieces = [self.frames[name] for name in self.names(kind)]
        if len(pieces) < 2:
            return pieces[0] if pieces else None
        return gpd.GeoDataFrame(pd.concat(pieces), crs=pieces[0].crs)

    def layer(self, kind: str) -> Layer | None:
        """Return the catalogue entry of the first layer of a kind."""
        return self.catalogue[self.by_kind[kind]] if kind in self.by_kind else None

    def first(self, *kinds: str) -> str:
        """Return the first of these kinds that the catalogue has, else the first of the list."""
        return next((kind for kind in kinds if kind in self.by_kind), kinds[0])

    def of_kinds(self) -> dict[str, gpd.GeoDataFrame]:
        """Return frames by kind for ``sheets.situation``; the quays are among the logistics."""
        return self._map_frames

    @cached_property
    def ground(self) -> sheets.Ground | None:
        """Return the land under the maps of the sheets, joined once for all of them."""
        return sheets.ground_of(self._map_frames)

    def unspecified(self) -> list[str]:
        """List the layers of no special kind: only their columns say what they are."""
        special = set(layers.kinds()) - {"libre"}
        return [name for name, layer in self.catalogue.items() if layer.kind not in special]

    @cached_property
    def _map_frames(self) -> dict[str, gpd.GeoDataFrame]:
        frames = {kind: frame for kind in DRAWN if (frame := self.kind(kind)) is not None}
        candidates = [serving(self), *(_canal(self.frames[name]) for name in self.unspecified())]
        serving_frames = [frame for frame in candidates if frame is not None]
        if serving_frames:
            frames[LOGISTICS] = gpd.GeoDataFrame(
                pd.concat(serving_frames, ignore_index=True), crs=serving_frames[0].crs
            )
        ways = self.kind("amenagement_cyclable")
        if GREENWAY not in frames and ways is not None:
            frames[GREENWAY] = ways
        return frames


def read(catalogue: Catalogue, known: Mapping[str, gpd.GeoDataFrame] = MappingProxyType({})) -> CatalogueData:
    """Read a catalogue; each layer is read on first use, and those of ``known`` are not read again.

    Examples
    --------
    >>> from artois_geo import layers
    >>> from artois_geo.studies.sites.catalogue_data import read
    >>> read(layers.read_catalogue()).kind("commune").shape[0]
    150
    """
    by_kind: dict[str, str] = {}
    for name, layer in catalogue.items():
        by_kind.setdefault(layer.kind, name)
    return CatalogueData(catalogue, Frames(catalogue, known), by_kind)


def codes_as_text(frame: Table) -> Table:
    """Convert the codes of a table to text: a partner may write identifiers as numbers."""
    texts = {name: _text(frame[name]) for name in CODES if name in frame and _is_whole(frame[name])}
    return frame.assign(**texts)


def _is_whole(column: pd.Series) -> bool:
    if not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        return False
    return bool(column.dropna().mod(1).eq(0).all())


def _text(column: pd.Series) -> pd.Series:
    texts = column.astype("Int64").astype("string").astype(object)
    return texts.where(texts.notna(), None)


def source(layer: Layer, lang: str = "fr") -> tables.Source:
    """Return a layer as tables and sheets cite it."""
    return tables.Source(
        layer.name,
        localized(layer, "title", lang),
        showcase.value(layer.vintage, lang),
        showcase.value(layer.licence, lang),
        layer.source,
        layer.home,
    )


def localized(thing: Layer | Total, what: str, lang: str) -> str:
    """Return a text of the catalogue in a language, in French when it is not translated.

    Examples
    --------
    >>> communes = layers.read_catalogue()["communes"]
    >>> localized(communes, "title", "en"), localized(communes, "title", "fr")
    ('Towns', 'Communes')
    """
    return str(getattr(thing, f"{what}_{lang}", "") or getattr(thing, what))


def require_layer(holdings: CatalogueData, *kinds: str) -> gpd.GeoDataFrame:
    """Return the layer of the first of these kinds that exists; refuse when there is none."""
    frame = holdings.kind(holdings.first(*kinds))
    if frame is None:
        kind_names = " ou ".join(f"« {kind} »" for kind in kinds)
        advice = contents.withheld(holdings.catalogue, kinds)
        raise BadTable(f"Aucune couche de type {kind_names} dans {holdings.catalogue.folder}.{advice}")
    return frame


def sites(holdings: CatalogueData) -> gpd.GeoDataFrame:
    """Return the layer of the sites that have sheets; it must have ``site_id``."""
    frame = require_layer(holdings, SITES)
    if "site_id" not in frame:
        layer = holdings.layer(SITES)
        raise BadTable(f"Couche « {layer.name if layer else SITES} » : pas de colonne site_id, pas de fiche.")
    return frame


def serving(holdings: CatalogueData) -> gpd.GeoDataFrame | None:
    """Gather what may serve a site: the logistics of the catalogue, and its quays in the same columns.

    Rows are numbered from 0, as those of ``CatalogueData.of_kinds``: two layers may use the same labels.
    """
    pieces = [frame for frame in (holdings.kind(LOGISTICS), _quays(holdings)) if frame is not None]
    if not pieces:
        return None
    return gpd.GeoDataFrame(pd.concat(pieces, ignore_index=True), crs=pieces[0].crs)


def access_tables(holdings: CatalogueData, chosen: gpd.GeoDataFrame) -> list[pd.DataFrame | None]:
    """Measure what serves each of some sites, all at once: ``sheets.access`` of each, in their order.

    Parameters
    ----------
    holdings
        Layers of a catalogue.
    chosen
        Rows of its sites.

    Returns
    -------
    list
        A table for each site; None for each where no layer tells what serves them.

    Examples
    --------
    >>> data = read(layers.read_catalogue())
    >>> tables_of_sites = access_tables(data, sites(data))
    >>> tables_of_sites[0]["access_kind"].iloc[0]
    'port'
    """
    serving_objects = serving(holdings)
    if serving_objects is None:
        return [None] * len(chosen)
    unique = chosen if chosen.index.is_unique else chosen.reset_index(drop=True)
    reach = sheets.access_of_sites(unique, serving_objects)
    by_site = dict(iter(reach.groupby("site", sort=False)))
    rows = (by_site.get(label, reach.iloc[:0]) for label in unique.index)
    return [table.drop(columns="site").reset_index(drop=True) for table in rows]


def _canal(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame | None:
    """Recognise a waterway in a layer of no special kind, by its column ``ouvrage_type``."""
    if "ouvrage_type" not in frame or "objet_nom" in frame or not (frame["ouvrage_type"] == "canal").all():
        return None
    return frame.assign(objet_nom=canal.names(frame))


def _quays(holdings: CatalogueData) -> gpd.GeoDataFrame | None:
    quays = holdings.kind(QUAYS)
    if quays is None:
        return None
    state = quays.get("quai_statut")
    return quays.assign(objet_nom=canal.names(quays), objet_type=QUAYS, etat=state)


def find_row(frame: gpd.GeoDataFrame, wanted: str, columns: tuple[str, ...], what: str) -> gpd.GeoDataFrame:
    """Find the row of an identifier or a name, whatever its case and accents.

    Raises
    ------
    UnknownName
        No row; the message offers the nearest names.
    """
    row_numbers: dict[str, int] = {}
    for column in columns:
        if column in frame:
            for row_number, name in enumerate(frame[column]):
                if isinstance(name, str):
                    row_numbers.setdefault(name, row_number)
    row = row_numbers.get(wanted)
    if row is None:
        folded = {meaning.words(name): row_number for name, row_number in reversed(row_numbers.items())}
        row = folded.get(meaning.words(wanted))
    if row is None:
        raise UnknownName(what, wanted, row_numbers)
    return frame.iloc[[row]]


def site_row(holdings: CatalogueData, site: gpd.GeoDataFrame) -> pd.Series:
    """Return a site with its published offer and the name of its park."""
    row = site.iloc[0].drop([name for name in OFFER if name in site], errors="ignore")
    parks = require_layer(holdings, SITES)
    parent = (
        parks.loc[parks["site_id"] == row.get("parent_id"), "site_nom"] if "parent_id" in row else pd.Series()
    )
    published: dict[str, Any] = {"parent_nom": parent.iloc[0]} if len(parent) else {}
    land = land_of(holdings, str(row.get("site_id")))
    if len(land):
        published |= _offer(land)
        sources = [value for value in (row.get("source"), *land.get("source", ())) if isinstance(value, str)]
        published["source"] = " ; ".join(dict.fromkeys(sources))
    return pd.concat([row.drop(list(published), errors="ignore"), pd.Series(published, dtype=object)])


def land_of(holdings: CatalogueData, site_id: str) -> pd.DataFrame:
    """Return what a source publishes as available on a site, in the order of the layer."""
    land = offered_land(holdings)
    if land is None or "site_id" not in land:
        return pd.DataFrame()
    return pd.DataFrame(land[land["site_id"] == site_id])


def offered_land(holdings: CatalogueData) -> gpd.GeoDataFrame | None:
    """Return the plots that are an offer, whatever its status; None without any layer of plots."""
    land = holdings.kind(LAND)
    return None if land is None else showcase.on_offer(land)


def in_commune(frame: gpd.GeoDataFrame, insee: str) -> pd.Series:
    """Tell which objects lie in a commune, those that lie in several included."""
    if "communes_insee" in frame:
        return frame["communes_insee"].map(
            lambda codes: isinstance(codes, str) and insee in codes.split(SEPARATOR)
        )
    return _equal(frame, ("comm_insee", "site_comm_insee"), insee)


def in_epci(frame: gpd.GeoDataFrame, codes: set[str]) -> pd.Series:
    """Tell which objects lie in an EPCI, by any of its codes."""
    columns = ("epci_sigle", "epci_siren", "site_epci_siren")
    return _equal(frame, columns, *sorted(codes))


def _equal(frame: gpd.GeoDataFrame, columns: tuple[str, ...], *codes: str) -> pd.Series:
    column = next((name for name in columns if name in frame), None)
    if column is None:
        return pd.Series(False, index=frame.index)
    return frame[column].isin(codes).fillna(False).astype(bool)


def _offer(land: pd.DataFrame) -> dict[str, Any]:
    """Return the single offer of a site; of several, only the sum of the areas that count."""
    if len(land) == 1:
        return {name: land.iloc[0][name] for name in OFFER if name in land}
    if not {meaning.COUNTED, "terr_surf_brute"} <= set(land):
        return {}
    counted = land[meaning.true_rows(land, meaning.COUNTED)]
    return {"terr_surf_brute": counted["terr_surf_brute"].sum(min_count=1)}
