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
from artois_geo.kinds import schema as layer_kinds
from artois_geo.kinds.publication import masked, private_columns
from artois_geo.kinds.schema import Field
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
    """Build a map with grouped layers, legend, search, filters, list and site cards.

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
    map_layers = _layers(frames, kinds, records, themes or {})
    headings = _headings(title, subtitle, lang)
    sides = None if compare is None else _sides(map_layers, compare)
    if sides:
        map_layers = _with_shared_classes(map_layers, sides)
    bounds = _bounds(frames, kinds, ground)
    return Carte(
        Page(
            title=headings[lang][0],
            subtitle=headings[lang][1],
            headings=headings,
            lang=lang,
            layers=tuple(map_layers),
            stand=stand.stand(map_layers, idle_s) if kiosk else None,
            tour=stand.tour(map_layers, tour) if kiosk or tour is not None else (),
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
    """Return title and subtitle in each language: what is given in one alone stands in all."""
    titles, subtitles = (
        {lang: heading} if isinstance(heading, str) else heading for heading in (title, subtitle)
    )
    return {
        language: (
            titles.get(language) or titles.get(lang) or words["title"],
            subtitles.get(language) or subtitles.get(lang) or "",
        )
        for language, words in style.read_words().items()
    }


def _layers(
    frames: Mapping[str, gpd.GeoDataFrame],
    kinds: Mapping[str, str],
    records: Mapping[str, Described],
    themes: Mapping[str, Thematic],
) -> list[MapLayer]:
    """Build the layers of the map, from the ground up, each drawn as its kind or its theme asks."""
    for name in themes:
        if name not in frames:
            raise UnknownName("couche", name, frames)
    map_layers: list[MapLayer] = []
    used_ids: set[str] = set()
    spare_styles = cycle(style.read_style()["spare"])
    for name, frame in frames.items():
        record = records.get(name)
        kind = kinds[name]
        frame, _ = masked(frame, _fields(kind))
        look = style.drawn_like(kind, frame.columns)
        drawn_as = (
            style.kind_style(look) if style.is_known(look) else style.kind_style(look) | next(spare_styles)
        )
        themed = _themed(frame, themes[name], name, kind) if name in themes else None
        if themed is not None:
            drawn_as = thematic.drawn_as(drawn_as, themed)
            frame = frame.assign(**{themed.column: themed.values})
        is_large = compact.is_bulk(frame, drawn_as)
        tolerance = None if is_large or _in_circles(themed) else _tolerance(frame, drawn_as)
        bulk = compact.bulk(frame, look, drawn_as, fields=_fields(kind), themed=themed) if is_large else None
        features = objects(
            frame.iloc[:0] if is_large else frame,
            look,
            fields=_fields(kind),
            outlines=frame.geometry.representative_point()
            if _in_circles(themed)
            else None
            if tolerance is None
            else simplify.lightened(frame.geometry, tolerance),
            also_told=() if themed is None else (themed.column,),
        )
        map_layers.append(
            MapLayer(
                id=_unused_id(style.slug(name), used_ids),
                name=str(name),
                title=_text_of(record, "title") or str(name),
                titles={
                    lang: text for lang in style.LANGUAGES if (text := _text_of(record, f"title_{lang}"))
                },
                kind=kind,
                style=drawn_as,
                group=thematic.GROUP if themed else _group(_text_of(record, "group") or drawn_as["group"]),
                source=_text_of(record, "source"),
                licence=_text_of(record, "licence"),
                vintage=_text_of(record, "vintage"),
                note=_text_of(record, "geometry_note"),
                labels=_labels(features.columns, kind) | ({themed.column: themed.label} if themed else {}),
                objects=features,
                bulk=bulk,
                tolerance=bulk.tolerance if bulk else tolerance,
                theme=themed,
            )
        )
    return sorted(map_layers, key=_drawing_order)


def _sides(layers: Sequence[MapLayer], compare: tuple[str, str]) -> tuple[str, str]:
    """Return the ids of the two layers on the left and on the right of the divider."""
    layer_by_name = {layer.name: layer for layer in layers}
    for name in compare:
        if name not in layer_by_name:
            raise UnknownName("couche", name, layer_by_name)
        if layer_by_name[name].style["drawn"] in {"ground", "none"}:
            raise BadValue(f"La couche « {name} » n'est pas dessinée sur la carte : elle ne se compare pas.")
    left_id, right_id = (layer_by_name[name].id for name in compare)
    if left_id == right_id:
        raise BadValue(f"Comparer « {compare[0]} » à elle-même ne montre rien : donner deux couches.")
    return left_id, right_id


def _with_shared_classes(layers: Sequence[MapLayer], sides: tuple[str, str]) -> list[MapLayer]:
    """Return the layers, those that are compared with the same colours for the same values."""
    left_bulk, right_bulk = (next(layer.bulk for layer in layers if layer.id == side) for side in sides)
    if left_bulk is None or right_bulk is None:
        return list(layers)
    bulk_by_id = dict(zip(sides, compact.alike(left_bulk, right_bulk), strict=True))
    return [replace(layer, bulk=bulk_by_id.get(layer.id, layer.bulk)) for layer in layers]


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
    """Return how far outlines may be simplified: None where they are few, or the ground."""
    if len(frame) <= compact.MIDDLE_FROM or drawn_as["drawn"] in {"ground", "none"}:
        return None
    return simplify.tolerance_m(frame.geometry)


def _drawing_order(layer: MapLayer) -> tuple[float, ...]:
    """Sort from the ground up: order of the kind, then wide shapes below small ones, points on top."""
    if layer.bulk:
        return (layer.style["order"], 0, 0.0)
    areas = [area for area in layer.objects.areas if area is not None]
    widest = 0.0 if style.is_known(layer.kind) else max(areas, default=0.0)
    shapes = [shape["type"] for shape in layer.objects.shapes if shape]
    lines = any("Line" in kind for kind in shapes)
    return (layer.style["order"], 0 if shapes and not lines else 1 if shapes else 2, -widest)


def _labels(columns: Collection[str], kind: str) -> dict[str, dict[str, Any]]:
    """Label each column of a card: columns.toml, else its kind, else the vocabulary, else its name."""
    terms = vocabulary.terms()
    labels = {
        name: _label(terms[name].label, terms[name].unit, "vocabulary") for name in columns if name in terms
    }
    for field in _fields(kind):
        labels[field.name] = _label(field.label, field.unit, "layers.kinds", field.name)
        if field.separator:
            labels[field.name]["separator"] = field.separator
    page_columns = style.read_columns()
    merged = {name: {**labels.get(name, {}), **page_columns.get(name, {})} for name in columns}
    return {name: label for name, label in merged.items() if label}


def _label(label: str, unit: str, context: str, name: str = "") -> dict[str, Any]:
    label_by_language = languages.in_all(label, context) if label else {languages.SOURCE: name}
    units = languages.in_all("" if unit == RANGE else unit, "units")
    unit_label = units if len(set(units.values())) > 1 else units[languages.SOURCE]
    return {**label_by_language, "unit": unit_label} if unit_label else label_by_language


def _fields(kind: str) -> tuple[Field, ...]:
    return layer_kinds.read_kind(kind).fields if kind in layer_kinds.kinds() else ()


def _text_of(record: Described | None, attribute: str) -> str:
    return str(getattr(record, attribute, "") or "")


def _group(name: str) -> str:
    group_ids = [group["id"] for group in style.read_style()["groups"]]
    return name if name in group_ids else "autres"


def _unused_id(slug: str, used_ids: set[str]) -> str:
    layer_id, number = slug, 2
    while layer_id in used_ids:
        layer_id, number = f"{slug}-{number}", number + 1
    used_ids.add(layer_id)
    return layer_id


def _bounds(
    frames: Mapping[str, gpd.GeoDataFrame], kinds: Mapping[str, str], ground: grounds.Ground | None
) -> list[list[float]]:
    """Return the bounds of the territory if it is known, else of all geometries, else of the Artois."""
    if ground and ground["bounds"]:
        return list(ground["bounds"])
    corners = [box for box in (grounds.degrees_bounds(frame) for frame in frames.values()) if box]
    if not corners:
        return list(style.read_style()["ground"]["empty_bounds"])
    south, west = (min(box[0][axis] for box in corners) for axis in (0, 1))
    north, east = (max(box[1][axis] for box in corners) for axis in (0, 1))
    return [[south, west], [north, east]]


def _basemap(name: str) -> Basemap:
    basemaps = style.read_style()["basemaps"]
    if name not in basemaps:
        raise UnknownName("fond de carte", name, basemaps)
    entry = basemaps[name]
    provider: Any = xyzservices.providers
    for part in entry["provider"].split("."):
        provider = provider[part]
    url = provider.build_url()
    host = urlsplit(url).hostname or ""
    return Basemap(id=name, url=url, host=host, label=entry["label"], attribution=entry["attribution"])
