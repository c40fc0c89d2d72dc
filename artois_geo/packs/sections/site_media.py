"""The photos, documents and sheets of the sites of a pack, and the ways between its map and its sheets."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from artois_geo import languages, network
from artois_geo.layers import Catalogue
from artois_geo.maps.records import Page
from artois_geo.showcase import Folders, Media, media
from artois_geo.studies.sites import catalogue_data as lookup
from artois_geo.studies.sites.catalogue_data import CatalogueData

PLOT = "terr_id"
UP = "../"  # from the folder of the sheets to that of the pack

MediaOf = Mapping[str, Media]


def read(data: CatalogueData, stems: Mapping[str, str], folders: Folders) -> dict[str, Media]:
    """Read the photo and the documents of some sites and of their plots, by the identifier of each.

    A site shows its own, else those of its first plot that names some; a plot its own, else its site's.

    Parameters
    ----------
    data
        Layers of a catalogue.
    stems
        Name of the sheet of each site, by its identifier.
    folders
        Where photos and documents are.

    Raises
    ------
    BadValue, UnreadableFile, MissingPart
        See ``showcase.media.read``.

    Examples
    --------
    >>> from artois_geo import layers
    >>> data = lookup.read(layers.read_catalogue())
    >>> read(data, {"port-de-harnes": "port-de-harnes"}, Folders())
    {}
    """
    sites, land = data.kind(lookup.SITES), data.kind(lookup.LAND)
    if folders.photos is None and not _name_files(sites, land):
        return {}
    media_of = {}
    for identifier, stem in stems.items():
        own_rows, plots = (_rows(frame, identifier) for frame in (sites, land))
        media_of[identifier] = media.read([*own_rows, *plots], stem, folders)
        for plot in plots:
            if PLOT in plot and str(plot[PLOT]) not in media_of:
                media_of[str(plot[PLOT])] = media.read([plot, *own_rows], stem, folders)
    return media_of if any(own.photo or own.documents for own in media_of.values()) else {}


def in_pack(
    media_of: MediaOf, stems: Mapping[str, str], folder: str, endings: Iterable[str]
) -> dict[str, Media]:
    """Add to each site the way to its sheets in the pack, by language and ending.

    Examples
    --------
    >>> in_pack({}, {"a": "zone-a"}, "fiches", ["html"])["a"].sheets["en"]
    {'html': 'fiches/zone-a.en.html'}
    """
    endings = list(endings)
    return dict(media_of) | {
        identifier: replace(
            media_of.get(identifier, Media()),
            sheets={
                lang: {ending: f"{folder}/{stem}.{lang}.{ending}" for ending in endings}
                for lang in languages.LANGUAGES
            },
        )
        for identifier, stem in stems.items()
    }


def files(media_of: MediaOf) -> dict[str, bytes]:
    """Return the documents that a pack copies, by their path in it."""
    documents = (document for own in media_of.values() for document in own.documents if document.content)
    return {document.path: document.content for document in documents}


def of_sheets(media_of: MediaOf) -> dict[str, Media]:
    """Return the same media as a sheet reaches them, from the folder of the sheets."""
    return {
        identifier: replace(own, documents=tuple(_from_below(document) for document in own.documents))
        for identifier, own in media_of.items()
    }


def unlinked(media_of: MediaOf) -> dict[str, Media]:
    """Return the same media without a way to any file: for a page that stands alone, or on a stand."""
    return {
        identifier: Media(own.photo, tuple(replace(document, path="") for document in own.documents))
        for identifier, own in media_of.items()
    }


def map_view(page: Page | None, identifier: str, lang: str) -> str:
    """Return where the map opens on the offer of a site: what stands after its ``#``."""
    language = "" if lang == languages.SOURCE else f"l={lang}"
    if page is None or page.vitrine is None:
        return language
    vitrine = page.vitrine
    layer = next(layer for layer in page.layers if layer.name == vitrine.layer)
    offers = [offer for offer in vitrine.offers[languages.SOURCE] if offer.site_id == identifier]
    keys = [f"{layer.id}.{layer.features.keys[vitrine.rows[offer.id]]}" for offer in offers[:1]]
    return "&".join([*([language] if language else []), *(f"s={quote(key, safe='')}" for key in keys)])


def landmarks_credit(catalogue: Catalogue) -> str:
    """Say whose the roads and tracks of a catalogue are: source, vintage and licence of each layer.

    Examples
    --------
    >>> from artois_geo import layers
    >>> landmarks_credit(layers.read_catalogue())
    ''
    """
    cited_layers = (layer for layer in catalogue.values() if layer.kind in (network.ROADS, network.RAILS))
    about = (
        ", ".join(part for part in (layer.source, layer.vintage, layer.licence) if part)
        for layer in cited_layers
    )
    return " ; ".join(dict.fromkeys(text for text in about if text))


def _name_files(*frames: Any) -> bool:
    """Tell whether some layer of sites or plots has a column of photos or documents."""
    by_site = [frame for frame in frames if frame is not None and "site_id" in frame]
    return any(column in frame for frame in by_site for column in media.COLUMNS)


def _rows(frame: Any, identifier: str) -> list[Mapping[str, Any]]:
    if frame is None or "site_id" not in frame:
        return []
    return [dict(row) for _, row in frame[frame["site_id"].astype(str) == identifier].iterrows()]


def _from_below(document: media.Document) -> media.Document:
    return replace(document, path=f"{UP}{document.path}" if document.path else "")
