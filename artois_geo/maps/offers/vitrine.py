"""The offers of a page, as its script reads them: one record per offer, its texts in every language."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import geopandas as gpd

from artois_geo import languages, showcase
from artois_geo.maps.features import plain_value
from artois_geo.showcase import Media, Offer, media, writing

LAND, SITES = "terrain_eco", "site_eco"
WORDS = ("groups", "sums", "labels", "lines", "surface", "facts")  # that the script writes with
ByLanguage = Mapping[str, tuple[Offer, ...]]


@dataclass(frozen=True)
class Beside:
    """Hold what stands beside the offers: media by identifier of site or plot, and who publishes."""

    media: Mapping[str, Media] = field(default_factory=dict)
    owner: str = ""


@dataclass(frozen=True)
class Vitrine:
    """Hold the offers of a page: the layer that draws them, and the records in each language."""

    layer: str  # name of the layer of plots
    offers: ByLanguage
    rows: Mapping[str, int]  # row of the layer, by identifier of the offer
    sites: str = ""  # name of the layer of sites
    twins: Mapping[int, str] = field(default_factory=dict)  # offer that stands for a site, by row of the site
    beside: Beside = Beside()


def read(
    frames: Mapping[str, gpd.GeoDataFrame],
    kinds: Mapping[str, str],
    on: date,
    beside: Beside = Beside(),
) -> Vitrine | None:
    """Read the offers of the layers of a map; None where no layer says one.

    Parameters
    ----------
    frames
        Layers by name, EPSG:2154.
    kinds
        Kind of each.
    on
        Day of the edition, see ``showcase.offers``.
    beside
        Photo, documents and sheets of the sites; who publishes, to be asked where nobody else is named.

    Examples
    --------
    >>> from artois_geo import example
    >>> plot = example.square(x_km=0, y_km=0, side_km=1, terr_id="a", dispo_statut="offert")
    >>> vitrine = read({"Terrains": plot}, {"Terrains": "terrain_eco"}, date(2026, 12, 1))
    >>> [offer.number for offer in vitrine.offers["fr"]], vitrine.rows
    ([1], {'a': 0})
    """
    land = next((name for name, kind in kinds.items() if kind == LAND and len(frames[name])), None)
    if land is None:
        return None
    sites = next((name for name, kind in kinds.items() if kind == SITES), "")
    plots = frames[land].reset_index(drop=True)
    offers = {
        lang: showcase.offers(plots, on=on, sites=frames.get(sites), lang=lang)
        for lang in languages.LANGUAGES
    }
    rows = {offer.id: int(offer.row) for offer in offers[languages.SOURCE]}
    unique = len(rows) == len(offers[languages.SOURCE])
    if not rows or not unique:
        return None
    ids = frames[sites].get("site_id", ()) if sites else ()
    return Vitrine(land, offers, rows, sites, _twins(offers[languages.SOURCE], ids), beside)


def _twins(offers: Sequence[showcase.Offer], ids: Iterable[object]) -> dict[int, str]:
    """Return the first offer of each site that has one, by the row of the site."""
    plot_of = {offer.site_id: offer.id for offer in reversed(offers) if offer.site_id}
    return {row: plot_of[str(site)] for row, site in enumerate(ids) if str(site) in plot_of}


def payload(vitrine: Vitrine, features: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Collect what the script of the page reads of the offers.

    Parameters
    ----------
    vitrine
        Offers of the page.
    features
        Identifiers of the features of each layer, by its name, in their order.
    """
    by_lang = vitrine.offers
    first = by_lang[languages.SOURCE]
    cited = {fact.source: None for offer in first for fact in offer.facts}
    cited |= {fact.quote: None for offer in first for fact in offer.facts}
    places = {
        text: number for number, text in enumerate(cited)
    }  # a text that several facts cite travels once
    return {
        "cited": [plain_value(text) for text in cited],
        "twins": {
            features[vitrine.sites][row]: features[vitrine.layer][vitrine.rows[plot]]
            for row, plot in vitrine.twins.items()
        },
        "words": {table: words for table, words in writing.words().items() if table in WORDS},
        "list": [
            _entry([by_lang[lang][number] for lang in by_lang], list(by_lang), places)
            | {"ask": plain_value(offer.ask or vitrine.beside.owner)}
            | {"feature": features[vitrine.layer][vitrine.rows[offer.id]]}
            | _media(media.of_offer(vitrine.beside.media, offer), list(by_lang))
            for number, offer in enumerate(first)
        ],
    }


def _entry(offers: Sequence[Offer], langs: Sequence[str], places: Mapping[str, int]) -> dict[str, Any]:
    """Collect one offer, its texts by language."""
    offer = offers[0]
    fields = [fact.field for fact in offer.facts]
    return {
        "id": plain_value(offer.id),
        "name": _texts(langs, [record.name for record in offers]),
        "site": plain_value(offer.site_id),
        "number": offer.number,
        "group": offer.group,
        "ha": offer.hectares,
        "summed": offer.is_summed,
        "date": plain_value(offer.date),
        "communes": [plain_value(name) for name in offer.communes],
        "epci": plain_value(offer.epci),
        "precision": offer.precision_m,
        "short": _texts(langs, [record.short_surface for record in offers]),
        "missing": _texts(
            langs, [showcase.not_published(record, lang) for record, lang in zip(offers, langs, strict=True)]
        ),
        "facts": {field: _fact(langs, [record.fact(field) for record in offers], places) for field in fields},
    }


def _media(own: Media, langs: Sequence[str]) -> dict[str, Any]:
    """Collect the photo, the documents and the sheets of an offer: what there is of them."""
    entry: dict[str, Any] = {}
    if own.photo is not None:
        credits = [media.credit(own.photo, lang) for lang in langs]
        entry["photo"] = {"address": own.photo.small, "credit": _texts(langs, credits)}
    if own.documents:
        entry["documents"] = [
            {
                "title": plain_value(document.title),
                "href": plain_value(media.reached(document)),
                "about": _texts(langs, [media.about(document, lang) for lang in langs]),
            }
            for document in own.documents
        ]
    return entry | ({"sheets": own.sheets} if own.sheets else {})


def _fact(langs: Sequence[str], facts: Sequence[Any], places: Mapping[str, int]) -> dict[str, Any]:
    first = facts[0]
    return {
        "text": _texts(langs, [fact.text for fact in facts]),
        "date": plain_value(first.date),
        "source": places[first.source],
        "quote": places[first.quote],
    }


def _texts(langs: Sequence[str], texts: Sequence[str]) -> dict[str, Any]:
    return {lang: plain_value(text) for lang, text in zip(langs, texts, strict=True)}
