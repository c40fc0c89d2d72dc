"""The offer of a catalogue as its visitors see it: cards, pins and sentences of the pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import TypedDict

import geopandas as gpd
import shapely
from markupsafe import Markup

from artois_geo import languages, meaning, sheets, showcase
from artois_geo.maps import style
from artois_geo.sheets import wording
from artois_geo.showcase import Group, Media, Offer, media, writing
from artois_geo.studies.sites.catalogue_data import LAND, SITES, CatalogueData
from artois_geo.theme import Theme

WORKS = "voie_eau_projet"
PHONE = (380.0, 340.0)
PIN_SHARE = 0.016  # radius of a pin, of the width of the map
LISTED = 12  # business parks on a page
SIZED = (showcase.AVAILABLE, showcase.PUBLISHED)


@dataclass(frozen=True)
class OfferView:
    """Hold the offers of a catalogue in one language, and their groups."""

    lang: str
    offers: tuple[Offer, ...] = ()
    groups: tuple[Group, ...] = ()

    @property
    def shown(self) -> tuple[Offer, ...]:
        """Return the offers that a page draws: all the land on offer, or the largest business parks."""
        return tuple(
            offer for offer in self.offers if offer.group != showcase.ZONES or offer.number <= LISTED
        )

    def of_site(self, identifier: str) -> tuple[Offer, ...]:
        """Return the land on offer of a site, in its order."""
        return tuple(
            offer for offer in self.offers if offer.site_id == identifier and offer.group != showcase.ZONES
        )


def read(data: CatalogueData, on: date, lang: str) -> OfferView:
    """List the offers of a catalogue on a day, in one language; its business parks without a layer of plots.

    Examples
    --------
    >>> from artois_geo import layers
    >>> from artois_geo.studies.sites import catalogue_data
    >>> view = read(catalogue_data.read(layers.read_catalogue()), date(2026, 12, 1), "fr")
    >>> [group.sum_text.replace("\\xa0", " ") for group in view.groups]
    ['14,2 ha sur 2 sites', '40 ha annoncés sur 2 sites']
    """
    land, sites = data.kind(LAND), data.kind(SITES)
    if land is not None:
        offers = showcase.offers(land, on=on, sites=sites, lang=lang)
    else:
        offers = () if sites is None else showcase.zones(sites, lang)
    return OfferView(lang, offers, showcase.groups(offers, lang))


def title(view: OfferView) -> str:
    """Say what is on offer in one sentence: the sum of each group, in words.

    Examples
    --------
    >>> title(OfferView("fr"))
    'Aucun terrain publié comme disponible.'
    """
    sums = [
        wording.phrase(
            view.lang, _summed_key(f"lead.{group.id}", group), ha=_ha(group, view.lang), n=group.summed
        )
        for group in view.groups
        if group.hectares is not None
    ]
    if not sums:
        count = len(view.offers)
        key = _key("lead.unsized", count) if count else "lead.empty"
        sums = [wording.phrase(view.lang, key, n=count)]
    return f"{writing.capital(', '.join(sums))}."


def sums(view: OfferView) -> list[sheets.Figure]:
    """List the hectares of each group, with the title of the group and how many sites it holds."""
    return [
        sheets.Figure(
            _ha(group, view.lang),
            wording.phrase(view.lang, _summed_key("lead.sites", group), title=group.title, n=group.summed),
        )
        for group in view.groups
        if group.hectares is not None
    ]


def unpublished(view: OfferView) -> str:
    """Write in one sentence what nobody publishes of any offer; empty where something is known of each."""
    if not view.offers:
        return ""
    common = [key for key in view.offers[0].missing if all(key in offer.missing for offer in view.offers)]
    line = showcase.not_published(replace(view.offers[0], missing=tuple(common)), view.lang)
    return wording.phrase(view.lang, "lead.for_all", list=line) if line else ""


def works(data: CatalogueData, lang: str) -> str:
    """Say when the main canal under way opens, where its layer tells a year."""
    frame = data.kind(WORKS)
    if frame is None or not {"ouvrage_nom", "annee_ouverture"} <= set(frame):
        return ""
    lines = frame[[shape is not None and "Line" in shape.geom_type for shape in frame.geometry]]
    opening_works = lines.dropna(subset=["ouvrage_nom", "annee_ouverture"])
    if opening_works.empty:
        return ""
    canal = wording.spoken_row(opening_works.iloc[0], lang)
    year = str(canal["annee_ouverture"]).split(".")[0]
    return wording.phrase(lang, "lead.works", name=canal["ouvrage_nom"], year=year)


def family_label(value: str, lang: str) -> str:
    """Return the name of a family in a language; an empty text for one that is unknown."""
    if not value:
        return ""
    family = _family(value)
    return str(family["label"][lang])


def family_colour(value: str) -> str:
    """Return the colour of a family, as the map gives it."""
    return str(_family(value)["fill"])


class Plan(TypedDict):
    """Hold the map of the offers as a page takes it: wide, for a phone, and the sentence under it."""

    figure: str
    narrow: str
    caption: str


def plan(data: CatalogueData, view: OfferView, look: Theme | None, size: tuple[float, float]) -> Plan:
    """Draw the map of the offers, wide and for a phone, with what must be said under it."""
    is_sketch = any(meaning.schematic(frame).any() for frame in data.of_kinds().values())
    return {
        "figure": overview(data, view, look, size=size, radius=size[0] * PIN_SHARE),
        "narrow": overview(data, view, look, size=PHONE, radius=11.0),
        "caption": str(wording.words(view.lang)["schematic_place_told"]) if is_sketch else "",
    }


def pins(data: CatalogueData, view: OfferView) -> list[sheets.Pin]:
    """Place each offer on the plane: its own shape, else that of its site."""
    land, sites = data.kind(LAND), data.kind(SITES)
    card_pins = []
    for offer in view.shown:
        rows = [] if land is None else [land.loc[[offer.row]]]
        if sites is not None and "site_id" in sites:
            rows.append(sites[sites["site_id"] == offer.site_id])
        row = next((row for row in rows if len(row) and _has_shape(row)), None)
        if row is not None:
            card_pins.append(_pin(row, offer))
    return card_pins


def overview(
    data: CatalogueData, view: OfferView, look: Theme | None, *, size: tuple[float, float], radius: float
) -> str:
    """Draw the map of the offers; empty where none has a place and no layer is a ground."""
    frames_by_kind = {kind: frame for kind, frame in data.of_kinds().items() if kind != "voie_verte"}
    if SITES in frames_by_kind:  # a park with a pin is no other site
        parks = [offer.row for offer in view.shown if offer.group == showcase.ZONES]
        frames_by_kind[SITES] = frames_by_kind[SITES].drop(index=parks)
    title_of_map = wording.offer_title(view.lang, data.catalogue.territory)
    picture = sheets.Look(size=size, title=title_of_map, lang=view.lang, theme=look, radius=radius)
    return sheets.overview(pins(data, view), frames_by_kind, ground=data.ground, look=picture)


def card_groups(
    data: CatalogueData,
    view: OfferView,
    hrefs: Mapping[str, str],
    look: Theme | None,
    media_of: Mapping[str, Media] = MappingProxyType({}),
) -> list[sheets.CardGroup]:
    """Make the cards of each group; ``hrefs``, ``media_of``: sheet and photo of each site, by identifier."""
    pin_of = {pin.number: pin for pin in pins(data, view)}
    groups = []
    for group in view.groups:
        cards = [
            _with_photo(
                _card(offer, group, view.lang, hrefs.get(offer.site_id, "")), media_of, offer, view.lang
            )
            for offer in group.offers
            if offer in view.shown
        ]
        located_cards = [
            replace(card, picture=sheets.locator(pin_of[card.number], data.ground, look))
            if card.number in pin_of
            else card
            for card in cards
        ]
        available = group.id in {*SIZED, showcase.ZONES}
        groups.append(
            sheets.CardGroup(
                group.title, group.sum_text, located_cards, _outside(group, view.lang), available
            )
        )
    return groups


def _with_photo(card: sheets.Card, media_of: Mapping[str, Media], offer: Offer, lang: str) -> sheets.Card:
    photo = media.of_offer(media_of, offer).photo
    return card if photo is None else replace(card, photo=photo.small, credit=media.credit(photo, lang))


def _card(offer: Offer, group: Group, lang: str, href: str) -> sheets.Card:
    facts = {name: "" if (fact := offer.fact(name)) is None else fact.text for name in showcase.FIELDS}
    location = " · ".join(
        part for part in (", ".join(offer.communes), family_label(offer.family, lang)) if part
    )
    dated = group.id == showcase.PUBLISHED and offer.date
    return sheets.Card(
        name=offer.name,
        place=location,
        value=surface(offer, lang),
        status=facts["state"],
        text=facts["access"],
        counted=offer.is_summed,
        number=offer.number,
        short="" if offer.hectares is None else offer.short_surface,
        contact=offer.ask,
        colour=family_colour(offer.family),
        ink=str(_family(offer.family)["ink"]),
        href=href,
        date=writing.phrase(lang, "facts.published", date=offer.date[:4]) if dated else "",
    )


def surface(offer: Offer, lang: str) -> str:
    """Write the area of an offer in large: its hectares, else its plots, else that none is published."""
    if offer.hectares is not None:
        return writing.hectares(offer.hectares, lang)
    return offer.short_surface or writing.phrase(lang, "sums.none")


def together(offers: Sequence[Offer], lang: str) -> str:
    """Say how many plots of one site are on offer, and their hectares; empty for one alone.

    Examples
    --------
    >>> together([], "fr")
    ''
    """
    if len(offers) < 2:
        return ""
    areas = [offer.hectares for offer in offers if offer.is_summed and offer.hectares is not None]
    key = "lead.together" if len(areas) == len(offers) else "lead.several"
    return wording.phrase(lang, key, n=len(offers), ha=writing.hectares(sum(areas), lang))


def _outside(group: Group, lang: str) -> str:
    """Say which offers of a group are not in its sum, and why."""
    names = [
        wording.phrase(
            lang,
            "lead.areas" if offer.hectares is None else "lead.remainder",
            name=wording.marked(offer.name, offer.name, lang),
        )
        for offer in group.offers
        if not offer.is_summed
    ]
    if group.id == showcase.ZONES:
        more = len(group.offers) - LISTED
        return wording.phrase(lang, _key("lead.more_zones", more), n=more) if more > 0 else ""
    separator = " ; " if lang == languages.SOURCE else "; "
    return wording.phrase(lang, "lead.outside", list=_joined(separator, names)) if names else ""


def _joined(separator: str, texts: Sequence[str]) -> str:
    """Join texts, of which some may hold a mark of their language and the others are only texts."""
    is_marked = any(isinstance(text, Markup) for text in texts)
    return Markup(separator).join(texts) if is_marked else separator.join(texts)  # noqa: S704 a sign of ours


def _summed_key(key: str, group: Group) -> str:
    return f"{key}_plots" if group.is_by_plot and group.summed > 1 else _key(key, group.summed)


def _key(key: str, count: int) -> str:
    return f"{key}_one" if count == 1 else key


def _ha(group: Group, lang: str) -> str:
    return writing.hectares(group.hectares or 0.0, lang)


def _family(value: str) -> style.Style:
    identifier = style.family(value)
    return next(family for family in style.read_style()["families"] if family["id"] == identifier)


def _has_shape(row: gpd.GeoDataFrame) -> bool:
    shape = row.geometry.iloc[0]
    return shape is not None and not shape.is_empty


def _pin(row: gpd.GeoDataFrame, offer: Offer) -> sheets.Pin:
    is_sketch = bool(meaning.schematic(row).any())
    shape = row.geometry.iloc[0]
    return sheets.Pin(
        number=offer.number,
        shape=shape,
        colour=family_colour(offer.family),
        is_available=offer.group in SIZED,
        doubt_m=offer.precision_m or 0.0,
        ink=str(_family(offer.family)["ink"]),
        is_zone=offer.group == showcase.ZONES,
        is_outline=not is_sketch and isinstance(shape, (shapely.Polygon, shapely.MultiPolygon)),
    )
