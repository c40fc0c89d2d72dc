"""From layers to a map."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import folium
import geopandas as gpd
import xyzservices.providers

from artois_geo import languages, measure, theme, vocabulary
from artois_geo.errors import BadValue, UnknownName
from artois_geo.layers import schema as layer_kinds
from artois_geo.layers.publication import masked, private_columns
from artois_geo.layers.schema import Field
from artois_geo.maps import background as grounds
from artois_geo.maps import compact, simplify, stand, style, thematic, tiles
from artois_geo.maps.carte import Basemap, Carte, MapLayer, Page
from artois_geo.maps.objects import objects
from artois_geo.maps.thematic import Thematic, Themed
from artois_geo.theme import Theme

RANGE = "0 à 1"  # said of a share in place of a unit: nothing to write after the value


class Described(Protocol):
    """What is said of a layer: ``layers.Layer``, or anything with these names."""

    @property
    def title(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def group(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def licence(self) -> str: ...
    @property
    def vintage(self) -> str: ...


def build(
    frames: Mapping[str, gpd.GeoDataFrame],
    *,
    layers: Mapping[str, Described] | None = None,
    title: str | Mapping[str, str] = "",
    subtitle: str | Mapping[str, str] = "",
    basemap: str | None = None,
    background: bool = True,
    lang: str = "fr",
    look: Theme | None = None,
    kiosk: bool = False,
    idle_s: float | None = None,
    tour: Sequence[str] | None = None,
    compare: tuple[str, str] | None = None,
    themes: Mapping[str, Thematic] | None = None,
    embedded: Path | None = None,
    embedded_zoom: int | None = None,
) -> folium.Map:
    """A map with grouped layers, legend, search, filters, list and site cards.

    Parameters
    ----------
    frames
        Layers by name, each in EPSG:2154. Any geometry; a feature without one
        is listed, not drawn. Texts of any kind are shown exactly, never run.
    layers
        What is said of each layer, by the same names: title, kind, group, source,
        licence, vintage (records of ``layers.read_catalogue``). A layer of no or
        unknown kind is drawn in the default style, its card lists all its columns.
    title, subtitle
        Heading of the page; by language, it changes with the language of the page.
    basemap
        Online background that the reader may choose: ``"plan-ign"``, ``"ortho-ign"``
        or ``"osm"``. Nothing is fetched before the choice.
    background
        Draw towns and limits from the layers of kind ``commune`` (polygons), else
        ``commune_schema`` (schematic cells, said so on the map).
    lang
        Language at opening, one of ``languages.LANGUAGES``; the page switches.
    look
        Colours of the panels, from ``theme.read``; those of the layers are in ``style.toml``.
    kiosk
        A page for a stand: large targets, back to the start after ``idle_s`` seconds without
        a touch (90 by default), no way out of it: addresses are told, with a QR code.
    tour
        Sites of a guided tour, by id or name. On a stand, by default, the land on offer,
        else the first sites of the list.
    compare
        Two of ``frames``, before and after: a divider shows one on its left, the other on
        its right.
    themes
        Layers, by the same names, that are maps of a number (see ``maps.Thematic``).
    embedded
        An MBTiles or PMTiles file of images: the tiles over the territory travel in the page, as a
        background that the reader may choose without network.
    embedded_zoom
        Highest zoom taken of it.

    Returns
    -------
    folium.Map
        Shows itself in a notebook; ``maps.standalone`` makes one file of it.

    Raises
    ------
    BadCRS
        A frame is not in EPSG:2154.
    BadValue
        No layer at all, an unknown language, two layers that cannot be compared, a number that
        cannot be drawn as asked, or tiles that are not images, lie elsewhere or weigh too much.
    UnknownName
        An unknown basemap, site of the tour, or layer to compare; a theme for a layer or a column
        that is not there.
    UnreadableFile
        The file of tiles is absent, damaged or of another form.

    Examples
    --------
    >>> from artois_geo import maps
    >>> site = plain.square(x_km=0, y_km=0, side_km=1, nom="Parc du canal")
    >>> carte = maps.build({"Sites": site}, title="Essai")
    >>> carte.page.layers[0].objects.names
    ('Parc du canal',)
    """
    if not frames:
        raise BadValue("Aucune couche à cartographier : en donner au moins une, par exemple communes.")
    if lang not in style.LANGUAGES:
        raise BadValue(f"Langue inconnue : « {lang} ». Choisir {' ou '.join(style.LANGUAGES)}.")
    for name, frame in frames.items():
        measure.require_lambert93(**{name: frame})
    records = layers or {}
    kinds = {name: str(getattr(records.get(name), "kind", "") or "") for name in frames}
    ground = grounds.ground(frames, kinds) if background else None
    described = _layers(frames, kinds, records, themes or {})
    headings = _headings(title, subtitle, lang)
    sides = None if compare is None else _sides(described, compare)
    if sides:
        described = _alike(described, sides)
    bounds = _bounds(frames, kinds, ground)
    return Carte(
        Page(
            title=headings[lang][0],
            subtitle=headings[lang][1],
            headings=headings,
            lang=lang,
            layers=tuple(described),
            stand=stand.stand(described, idle_s) if kiosk else None,
            tour=stand.tour(described, tour) if kiosk or tour is not None else (),
            compare=sides,
            ground=ground,
            bounds=bounds,
            basemap=None if basemap is None else _basemap(basemap),
            look_css="" if look is None else theme.css(look),
            embedded=None if embedded is None else tiles.read(embedded, bounds, max_zoom=embedded_zoom),
        )
    )


def _headings(
    title: str | Mapping[str, str], subtitle: str | Mapping[str, str], lang: str
) -> dict[str, tuple[str, str]]:
    """Title and subtitle in each language: what is given in one alone stands in all."""
    titles, told = ({lang: said} if isinstance(said, str) else said for said in (title, subtitle))
    return {
        one: (titles.get(one) or titles.get(lang) or words["title"], told.get(one) or told.get(lang) or "")
        for one, words in style.read_words().items()
    }


def _layers(
    frames: Mapping[str, gpd.GeoDataFrame],
    kinds: Mapping[str, str],
    records: Mapping[str, Described],
    themes: Mapping[str, Thematic],
) -> list[MapLayer]:
    for name in themes:
        if name not in frames:
            raise UnknownName("couche", name, frames)
    built: list[MapLayer] = []
    taken: set[str] = set()
    spare = cycle(style.read_style()["spare"])
    for name, frame in frames.items():
        record = records.get(name)
        kind = kinds[name]
        frame, _ = masked(frame, _fields(kind))
        look = style.drawn_like(kind, frame.columns)
        drawn_as = style.kind_style(look) if style.is_known(look) else style.kind_style(look) | next(spare)
        themed = _themed(frame, themes[name], name, kind) if name in themes else None
        if themed is not None:
            drawn_as = thematic.drawn_as(drawn_as, themed)
            frame = frame.assign(**{themed.column: themed.values})
        large = compact.is_bulk(frame, drawn_as)
        tolerance = None if large or _in_circles(themed) else _tolerance(frame, drawn_as)
        bulk = compact.bulk(frame, look, drawn_as, fields=_fields(kind), themed=themed) if large else None
        held = objects(
            frame.iloc[:0] if large else frame,
            look,
            fields=_fields(kind),
            outlines=frame.geometry.representative_point()
            if _in_circles(themed)
            else None
            if tolerance is None
            else simplify.lightened(frame.geometry, tolerance),
            also_told=() if themed is None else (themed.column,),
        )
        built.append(
            MapLayer(
                id=_free(style.slug(name), taken),
                name=str(name),
                title=_said(record, "title") or str(name),
                titles={lang: said for lang in style.LANGUAGES if (said := _said(record, f"title_{lang}"))},
                kind=kind,
                style=drawn_as,
                group=thematic.GROUP if themed else _group(_said(record, "group") or drawn_as["group"]),
                source=_said(record, "source"),
                licence=_said(record, "licence"),
                vintage=_said(record, "vintage"),
                note=_said(record, "geometry_note"),
                labels=_labels(held.columns, kind) | ({themed.column: themed.label} if themed else {}),
                objects=held,
                bulk=bulk,
                tolerance=bulk.tolerance if bulk else tolerance,
                theme=themed,
            )
        )
    return sorted(built, key=_height)


def _sides(layers: Sequence[MapLayer], compare: tuple[str, str]) -> tuple[str, str]:
    """Ids of the two layers that the divider tells apart."""
    known = {layer.name: layer for layer in layers}
    for name in compare:
        if name not in known:
            raise UnknownName("couche", name, known)
        if known[name].style["drawn"] in {"ground", "none"}:
            raise BadValue(f"La couche « {name} » n'est pas dessinée sur la carte : elle ne se compare pas.")
    before, after = (known[name].id for name in compare)
    if before == after:
        raise BadValue(f"Comparer « {compare[0]} » à elle-même ne montre rien : donner deux couches.")
    return before, after


def _alike(layers: Sequence[MapLayer], sides: tuple[str, str]) -> list[MapLayer]:
    """Layers, those that are compared with the same colours for the same values."""
    before, after = (next(layer.bulk for layer in layers if layer.id == side) for side in sides)
    if before is None or after is None:
        return list(layers)
    held = dict(zip(sides, compact.alike(before, after), strict=True))
    return [replace(layer, bulk=held.get(layer.id, layer.bulk)) for layer in layers]


def _themed(frame: gpd.GeoDataFrame, theme: Thematic, name: str, kind: str) -> Themed:
    fields = _fields(kind)
    labels = _labels((theme.column, theme.per), kind)
    if theme.drawn == thematic.CIRCLES and len(frame) > compact.BULK_FROM:
        raise BadValue(
            f"La couche « {name} » a {len(frame)} objets : au-delà de {compact.BULK_FROM}, des cercles se "
            "couvrent tous.\nLes additionner par commune ou par EPCI, ou dessiner un rapport en "
            f"{thematic.SHADES}."
        )
    return thematic.apply(frame, theme, layer=name, labels=labels, private=private_columns(fields))


def _in_circles(themed: Themed | None) -> bool:
    return themed is not None and themed.drawn == thematic.CIRCLES


def _tolerance(frame: gpd.GeoDataFrame, drawn_as: style.Style) -> float | None:
    """How far outlines may be simplified: not at all where they are few, or the ground."""
    if len(frame) <= compact.MIDDLE_FROM or drawn_as["drawn"] in {"ground", "none"}:
        return None
    return simplify.tolerance_m(frame.geometry)


def _height(layer: MapLayer) -> tuple[float, ...]:
    """From the ground up: order of the kind, then wide shapes below small ones, points on top."""
    if layer.bulk:
        return (layer.style["order"], 0, 0.0)
    known = [area for area in layer.objects.areas if area is not None]
    widest = 0.0 if style.is_known(layer.kind) else max(known, default=0.0)
    shapes = [shape["type"] for shape in layer.objects.shapes if shape]
    lines = any("Line" in kind for kind in shapes)
    return (layer.style["order"], 0 if shapes and not lines else 1 if shapes else 2, -widest)


def _labels(columns: Collection[str], kind: str) -> dict[str, dict[str, Any]]:
    """What the card calls each column: columns.toml, else its kind, else the vocabulary, else its name."""
    terms = vocabulary.terms()
    labels = {
        name: _label(terms[name].label, terms[name].unit, "vocabulary") for name in columns if name in terms
    }
    for field in _fields(kind):
        labels[field.name] = _label(field.label, field.unit, "layers.kinds", field.name)
        if field.separator:
            labels[field.name]["separator"] = field.separator
    ours = style.read_columns()
    known = {name: {**labels.get(name, {}), **ours.get(name, {})} for name in columns}
    return {name: label for name, label in known.items() if label}


def _label(label: str, unit: str, context: str, name: str = "") -> dict[str, Any]:
    told = languages.in_all(label, context) if label else {languages.SOURCE: name}
    units = languages.in_all("" if unit == RANGE else unit, "units")
    said = units if len(set(units.values())) > 1 else units[languages.SOURCE]
    return {**told, "unit": said} if said else told


def _fields(kind: str) -> tuple[Field, ...]:
    return layer_kinds.read_kind(kind).fields if kind in layer_kinds.kinds() else ()


def _said(record: Described | None, what: str) -> str:
    return str(getattr(record, what, "") or "")


def _group(name: str) -> str:
    known = [group["id"] for group in style.read_style()["groups"]]
    return name if name in known else "autres"


def _free(wanted: str, taken: set[str]) -> str:
    name, again = wanted, 2
    while name in taken:
        name, again = f"{wanted}-{again}", again + 1
    taken.add(name)
    return name


def _bounds(
    frames: Mapping[str, gpd.GeoDataFrame], kinds: Mapping[str, str], ground: grounds.Ground | None
) -> list[list[float]]:
    """The territory if it is known, else all that is placed, else the Artois."""
    if ground and ground["bounds"]:
        return list(ground["bounds"])
    found = [b for b in (grounds.degrees_bounds(frame) for frame in frames.values()) if b]
    if not found:
        return list(style.read_style()["ground"]["empty_bounds"])
    south, west = (min(b[0][axis] for b in found) for axis in (0, 1))
    north, east = (max(b[1][axis] for b in found) for axis in (0, 1))
    return [[south, west], [north, east]]


def _basemap(name: str) -> Basemap:
    known = style.read_style()["basemaps"]
    if name not in known:
        raise UnknownName("fond de carte", name, known)
    entry = known[name]
    provider: Any = xyzservices.providers
    for part in entry["provider"].split("."):
        provider = provider[part]
    url = provider.build_url()
    host = urlsplit(url).hostname or ""
    return Basemap(id=name, url=url, host=host, label=entry["label"], attribution=entry["attribution"])
