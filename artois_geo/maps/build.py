"""From layers to a map."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any, Protocol, TypedDict, Unpack
from urllib.parse import urlsplit

import folium
import geopandas as gpd
import xyzservices.providers

from artois_geo import languages, meaning, measure, theme
from artois_geo.errors import BadValue, UnknownName
from artois_geo.kinds.deductions import epci_names
from artois_geo.kinds.publication import masked
from artois_geo.maps import kiosk as kiosks
from artois_geo.maps import style
from artois_geo.maps.backdrop import tiles
from artois_geo.maps.backdrop import towns as grounds
from artois_geo.maps.carte import Carte
from artois_geo.maps.features import LayerFeatures, extract_features
from artois_geo.maps.inputs import chosen, column_labels, given, vintages
from artois_geo.maps.numbers import changes, colours, layer_themes, thematic
from artois_geo.maps.numbers.changes import Changes
from artois_geo.maps.numbers.thematic import Thematic, Themed
from artois_geo.maps.offers import vitrine
from artois_geo.maps.outlines import compact, simplify
from artois_geo.maps.outlines.compact import Bulk
from artois_geo.maps.records import Background, Basemap, Kiosk, MapLayer, Page
from artois_geo.maps.results.records import Result
from artois_geo.showcase import Media
from artois_geo.theme import Theme

LEAST_VIEW, BESIDE = 0.03, 0.12  # degrees that a view shows at least; share of it beside a result
BACKGROUND_KEYWORDS = ("basemap", "embedded", "embedded_zoom")


class Described(Protocol):
    """Describe a layer: ``layers.Layer``, or anything with these names."""

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


class PageOptions(TypedDict, total=False):
    """List the keywords of :func:`build` for the page; described there."""

    title: str | Mapping[str, str]
    subtitle: str | Mapping[str, str]
    lang: str
    look: Theme | None
    compare: tuple[str, str] | None
    vintages: Sequence[str]
    color: str | Mapping[str, str]
    idle_s: float | None
    issued: date | None
    offer_first: bool
    media: Mapping[str, Media]
    result: Result | None
    basemap: str | None
    embedded: Path | None
    embedded_zoom: int | None
    width: float | str
    height: float | str
    styles: Mapping[str, chosen.Style] | None


def build(
    frames: gpd.GeoDataFrame | gpd.GeoSeries | Sequence[Any] | Mapping[str, Any],
    *,
    layers: Mapping[str, Described | Mapping[str, str]] | None = None,
    themes: Mapping[str, Thematic | str] | None = None,
    background: Background | bool = True,
    kiosk: Kiosk | bool = False,
    tour: Sequence[str] | None = None,
    **page: Unpack[PageOptions],
) -> folium.Map:
    """Build a map with grouped layers, legend, search, filters, list and site cards.

    Parameters
    ----------
    frames
        Layers by name, each in EPSG:2154; a layer alone, or several, are named « Couche ». Any geometry;
        a feature without one is listed, not drawn. Texts of any kind are shown exactly, never run.
    layers
        Descriptions of the layers, by the same names: title, kind, group, source,
        licence, vintage (records of ``layers.read_catalogue``, or ``{"title": …}``). A layer of no or
        unknown kind is drawn in the default style, its card lists all its columns.
    themes
        Layers, by the same names, that are maps of a number: a ``maps.Thematic``, a column, or
        ``"pop_totale/surface_ha"``.
    background
        What lies under the layers, see ``maps.Background``; False draws no towns. Its fields ``basemap``,
        ``embedded`` and ``embedded_zoom`` may be given as keywords instead.
    kiosk
        A page for a stand, see ``maps.Kiosk``; True for the usual one. Its field ``idle_s`` may be given as
        a keyword instead.
    tour
        Sites of a guided tour, by id or name. On a stand, by default, the land on offer,
        else the first sites of the list.
    title, subtitle
        Heading of the page; by language, it changes with the language of the page.
    lang
        Language at opening, one of ``languages.LANGUAGES``; the page switches.
    look
        Colours of the panels, from ``theme.read``; those of the layers are in ``style.toml``.
    issued
        Day of the edition, today by default: what a source says since less than 24 months before it is
        available today (see ``showcase.offers``).
    offer_first
        Whether the land on offer comes first, as cards in groups; by default it does where a layer of kind
        ``terrain_eco`` says one. False lists it as any other layer.
    media
        Photo, documents and sheets of the sites on offer, by their identifier (``site_id``); from
        ``showcase.media.read``.
    result
        What the map of a result says beside its layers, see ``maps.Result``.
    compare
        Two of ``frames``, before and after: a divider shows one on its left, the other on
        its right. Where both are surfaces, the page also shows and lists what changed, by hectares.
    styles
        Layers, by the same names, drawn in a colour, named by a column, with some fields: ``maps.Style``.
    vintages
        Two or more of ``frames``, vintages of one layer in their order: the page shows one at a
        time, and plays them. Not with ``compare``.
    color
        By layer, the column that colours it (values, codes of a nomenclature, or classes of
        numbers); a column alone where there is one layer. Short for
        ``maps.Thematic(column, drawn="couleurs")``.
    width, height
        Size in a notebook: pixels, or a text such as ``"80vh"``; the whole width and 620 pixels by default.

    Returns
    -------
    folium.Map
        Shows itself in a notebook; ``maps.standalone`` makes one file of it. Layers, controls and plugins
        of folium added to it are drawn above ours.

    Raises
    ------
    BadCRS
        A frame is not in EPSG:2154.
    BadValue
        No layer at all, an unknown language, two layers that cannot be compared, a number that
        cannot be drawn as requested, or tiles that are not images, lie elsewhere or weigh too much.
    UnknownName
        An unknown basemap, site of the tour, or layer to compare; a theme, a style or a text for a layer
        or a column that is not there.
    UnreadableFile
        The file of tiles is absent, damaged or of another form.

    Examples
    --------
    >>> from artois_geo import example, maps
    >>> site = example.square(x_km=0, y_km=0, side_km=1, nom="Parc du canal")
    >>> carte = maps.build({"Sites": site}, title="Essai", background=maps.Background(basemap="osm"))
    >>> carte.page.layers[0].features.names, carte.page.basemap.host
    (('Parc du canal',), 'tile.openstreetmap.org')
    """
    if unknown := set(page) - set(PageOptions.__annotations__):
        raise TypeError(f"build() got an unexpected keyword argument {min(unknown)!r}")
    lang = page.get("lang", languages.SOURCE)
    frames = given.frames_by_name(frames)
    themes = given.themes_by_name(themes) | given.colours_by_name(page.get("color"), frames)
    records = given.descriptions(layers, frames)
    _check(frames, lang, themes)
    backdrop = _backdrop(background, page)
    stand = _stand(kiosk, page.get("idle_s"), tour)
    kinds = {name: str(getattr(records.get(name), "kind", "") or "") for name in frames}
    ground = _ground(frames, kinds, backdrop)
    pair, series = page.get("compare"), tuple(page.get("vintages") or ())
    map_layers = _layers(frames, kinds, records, themes, _together(frames, pair, series))
    result = page.get("result")
    map_layers = _with_amounts(chosen.restyled(map_layers, page.get("styles")), result)
    sides, changed = _pair(frames, map_layers, pair)
    shown_in_turn = vintages.in_turn(map_layers, series)
    bounds = _around_result(frames, result, _bounds(frames, kinds, ground))
    headings = _headings(page.get("title", ""), page.get("subtitle", ""), lang)
    look, embedded, zoom = page.get("look") or theme.read(), backdrop.embedded, backdrop.embedded_zoom
    return Carte(
        Page(
            title=headings[lang][0],
            subtitle=headings[lang][1],
            headings=headings,
            lang=lang,
            layers=tuple(map_layers),
            kiosk=None if stand is None else kiosks.mode(map_layers, stand.idle_s),
            tour=_tour(map_layers, stand, tour),
            compare=sides,
            changes=changed,
            vintages=shown_in_turn,
            ground=ground,
            bounds=bounds,
            view=_own_extent(frames, kinds),
            basemap=None if backdrop.basemap is None else _basemap(backdrop.basemap),
            look_css=theme.css(look),
            identity=theme.identity(look),
            embedded=None if embedded is None else tiles.read(embedded, bounds, max_zoom=zoom),
            result=result,
            vitrine=None if sides or series or themes or result else _vitrine(frames, map_layers, page),
        ),
        width=page.get("width", "100%"),
        height=page.get("height", "100%"),
    )


def _ground(
    frames: Mapping[str, gpd.GeoDataFrame], kinds: Mapping[str, str], backdrop: Background
) -> grounds.Ground | None:
    """Return the ground of a map, with the landmarks of its background; None where none is wanted."""
    if not backdrop.towns:
        return None
    return grounds.ground(frames, kinds, backdrop.landmarks, backdrop.landmarks_credit)


def _pair(
    frames: Mapping[str, gpd.GeoDataFrame], layers: Sequence[MapLayer], pair: tuple[str, str] | None
) -> tuple[tuple[str, str] | None, Changes | None]:
    """Return the two layers that a divider compares, and what changed from one to the other."""
    if pair is None:
        return None, None
    return _sides(layers, pair), _changes(frames, layers, pair)


def _with_amounts(layers: Sequence[MapLayer], result: Result | None) -> list[MapLayer]:
    """Give each layer what was computed of its objects."""
    amounts = {} if result is None else result.amounts
    return [replace(layer, amounts=amounts.get(layer.name, ())) for layer in layers]


def _vitrine(
    frames: Mapping[str, gpd.GeoDataFrame], layers: Sequence[MapLayer], page: PageOptions
) -> vitrine.Vitrine | None:
    """Return the offers of a map that shows them first; a layer too large to be listed shows none."""
    if not page.get("offer_first", True):
        return None
    kinds = {layer.name: layer.kind for layer in layers if layer.bulk is None}
    offer_frames, on = {name: frames[name] for name in kinds}, page.get("issued") or date.today()
    owner = (page.get("look") or theme.read()).owner["name"]
    return vitrine.read(offer_frames, kinds, on, vitrine.Beside(page.get("media", {}), owner))


def _tour(layers: Sequence[MapLayer], stand: Kiosk | None, tour: Sequence[str] | None) -> tuple[str, ...]:
    """Return the features of the guided tour; a page without a stand has one on request only."""
    if stand is not None:
        return kiosks.tour(layers, stand.tour)
    return () if tour is None else kiosks.tour(layers, tour)


def _check(frames: Mapping[str, gpd.GeoDataFrame], lang: str, themes: Mapping[str, Thematic]) -> None:
    """Refuse a map without layers, an unknown language, another CRS, a theme of no layer."""
    if not frames:
        raise BadValue("Aucune couche à cartographier : en donner au moins une, par exemple communes.")
    languages.require(lang)
    for name, frame in frames.items():
        measure.require_lambert93(**{name: frame})
    for name in themes:
        if name not in frames:
            raise UnknownName("couche", name, frames)


def _backdrop(background: Background | bool, page: Mapping[str, Any]) -> Background:
    """Return the background with those of its fields that came as keywords."""
    settings = background if isinstance(background, Background) else Background(towns=background)
    keywords = {name: page[name] for name in BACKGROUND_KEYWORDS if page.get(name) is not None}
    return replace(settings, **keywords)


def _stand(kiosk: Kiosk | bool, idle_s: float | None, tour: Sequence[str] | None) -> Kiosk | None:
    """Return the kiosk with those of its fields that came as keywords; None for a page without one."""
    if not kiosk:
        return None
    stand = kiosk if isinstance(kiosk, Kiosk) else Kiosk()
    return Kiosk(idle_s=stand.idle_s if idle_s is None else idle_s, tour=stand.tour if tour is None else tour)


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
    together: Sequence[str] = (),
) -> list[MapLayer]:
    """Build the layers of the map, from the ground up, each drawn as its kind or its theme asks.

    Those that are shown ``together``, side by side or in turn, have one legend.
    """
    public = {name: masked(frame, column_labels.fields(kinds[name]))[0] for name, frame in frames.items()}
    styles = _styles(public, kinds)
    public = _with_epci_names(public, styles)
    ids = _ids(public)
    themed_layers = layer_themes.themed_layers(public, kinds, styles, themes, together)
    map_layers = []
    for name, frame in public.items():
        themed, kind, drawn_as = themed_layers.get(name), kinds[name], styles[name]
        described = _description(records.get(name), name, drawn_as, in_themes=name in themes)
        if themed is not None:
            drawn_as = thematic.drawn_as(drawn_as, themed)
            if themed.drawn != thematic.COLOURS:
                frame = frame.assign(**{themed.column: themed.values})
        features, bulk, tolerance = _drawing(frame, kind, drawn_as, themed)
        if themed is not None and themed.drawn == thematic.COLOURS:
            themed = colours.with_areas(themed, features)
        labels = column_labels.labels(features.columns, kind) | (
            {themed.column: themed.label} if themed else {}
        )
        map_layers.append(
            MapLayer(
                id=ids[name],
                name=str(name),
                kind=kind,
                style=drawn_as,
                labels=labels,
                features=features,
                bulk=bulk,
                tolerance=tolerance,
                theme=themed,
                **described,
            )
        )
    return sorted(map_layers, key=_drawing_order)


def _with_epci_names(
    frames: Mapping[str, gpd.GeoDataFrame], styles: Mapping[str, style.Style]
) -> dict[str, gpd.GeoDataFrame]:
    """Write the name of an EPCI in place of its SIREN, where a layer of communes or of EPCI says it.

    One EPCI written by its code here and by its name there would be two lines of one filter.
    """
    name_of: dict[str, str] = {}
    for frame in frames.values():
        if "epci_siren" in frame.columns:
            name_of |= {str(code): name for code, name in epci_names(frame).items()}
    named_frames = dict(frames)
    for name, frame in frames.items():
        column = next((role for role in styles[name]["epci"] if role in frame.columns), None)
        if column is not None and (codes := frame[column].astype(object)).isin(list(name_of)).any():
            named_frames[name] = frame.assign(
                **{column: codes.map(name_of).where(codes.isin(list(name_of)), codes)}
            )
    return named_frames


def _drawing(
    frame: gpd.GeoDataFrame, kind: str, drawn_as: style.Style, themed: Themed | None
) -> tuple[LayerFeatures, Bulk | None, float | None]:
    """Return the features of a layer, the drawing of a large one, and how far outlines were simplified."""
    extract = partial(
        extract_features,
        frame,
        style.drawn_like(kind, frame.columns),
        fields=column_labels.fields(kind),
        extra_columns=() if themed is None else (themed.column,),
    )
    if compact.is_bulk(frame, drawn_as):
        features = extract(outlines=gpd.GeoSeries([None] * len(frame), index=frame.index, crs=frame.crs))
        bulk = compact.bulk(frame, features, drawn_as, themed=themed)
        return features, bulk, bulk.tolerance
    if themed is not None and themed.drawn == thematic.CIRCLES:
        return extract(outlines=frame.geometry.representative_point()), None, None
    tolerance = _tolerance(frame, drawn_as)
    if tolerance is None:
        return extract(), None, None
    return extract(outlines=simplify.lightened(frame.geometry, tolerance)), None, tolerance


def _styles(frames: Mapping[str, gpd.GeoDataFrame], kinds: Mapping[str, str]) -> dict[str, style.Style]:
    """Return how each layer is drawn; those that ``style.toml`` does not know take the spare colours."""
    spare_styles = cycle(style.read_style()["spare"])
    styles: dict[str, style.Style] = {}
    variants: dict[str, cycle[style.Style]] = {}  # of kinds whose layers are told apart by a hatching
    for name, frame in frames.items():
        look = style.drawn_like(kinds[name], frame.columns)
        usual = style.kind_style(look)
        if "variants" in usual:
            variants.setdefault(look, cycle(style.read_style()[usual["variants"]]))
            usual = usual | next(variants[look])
        styles[name] = usual if style.is_known(look) else usual | next(spare_styles)
    return styles


def _description(
    record: Described | None, name: str, drawn_as: style.Style, *, in_themes: bool
) -> dict[str, Any]:
    """Return the texts of a layer: title in each language, group, source, licence, vintage, note."""
    titles = {lang: text for lang in style.LANGUAGES if (text := _text_of(record, f"title_{lang}"))}
    return {
        "title": _text_of(record, "title") or str(name),
        "titles": titles,
        "group": thematic.GROUP if in_themes else _group(_text_of(record, "group") or drawn_as["group"]),
        "note": _text_of(record, "geometry_note"),
        **{part: _text_of(record, part) for part in ("source", "licence", "vintage")},
    }


def _together(
    frames: Mapping[str, gpd.GeoDataFrame], pair: tuple[str, str] | None, series: Sequence[str]
) -> list[str]:
    """Return the layers that have one legend: two that are compared, or vintages shown in turn."""
    if pair is not None and series:
        raise BadValue(
            "Une carte compare deux couches (compare) ou montre des millésimes (vintages), pas les deux."
        )
    return [name for name in (pair or series) if name in frames]


def _changes(
    frames: Mapping[str, gpd.GeoDataFrame], layers: Sequence[MapLayer], pair: tuple[str, str]
) -> Changes | None:
    """Measure what differs between two layers of surfaces, by the classes that both are drawn in."""
    before, after = (next(layer for layer in layers if layer.name == name) for name in pair)
    if any(layer.style["drawn"] != "shapes" for layer in (before, after)):
        return None
    themed = before.theme, after.theme
    if before.theme is None or after.theme is None:
        return changes.between(frames[pair[0]], frames[pair[1]]) if themed == (None, None) else None
    if any(theme.drawn != thematic.COLOURS for theme in (before.theme, after.theme)):
        return None
    return changes.between(frames[pair[0]], frames[pair[1]], themes=(before.theme, after.theme))


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


def _tolerance(frame: gpd.GeoDataFrame, drawn_as: style.Style) -> float | None:
    """Return how far outlines may be simplified: None where they are few, or the ground."""
    if len(frame) <= compact.MIDDLE_FROM or drawn_as["drawn"] in {"ground", "none"}:
        return None
    return simplify.tolerance_m(frame.geometry)


def _drawing_order(layer: MapLayer) -> tuple[float, ...]:
    """Sort from the ground up: order of the kind, then wide shapes below small ones, points on top."""
    if layer.bulk:
        return (layer.style["order"], 0, 0.0)
    areas = [area for area in layer.features.areas if area is not None]
    widest = 0.0 if style.is_known(layer.kind) else max(areas, default=0.0)
    shapes = [shape["type"] for shape in layer.features.shapes if shape]
    lines = any("Line" in kind for kind in shapes)
    return (layer.style["order"], 0 if shapes and not lines else 1 if shapes else 2, -widest)


def _text_of(record: Described | None, attribute: str) -> str:
    return str(getattr(record, attribute, "") or "")


def _group(name: str) -> str:
    group_ids = [group["id"] for group in style.read_style()["groups"]]
    return name if name in group_ids else "autres"


def _ids(names: Iterable[str]) -> dict[str, str]:
    """Make an id of each name, unlike the others."""
    ids: dict[str, str] = {}
    for name in names:
        slug = style.slug(name)
        layer_id, number = slug, 2
        while layer_id in ids.values():
            layer_id, number = f"{slug}-{number}", number + 1
        ids[name] = layer_id
    return ids


def _bounds(
    frames: Mapping[str, gpd.GeoDataFrame], kinds: Mapping[str, str], ground: grounds.Ground | None
) -> list[list[float]]:
    """Return the bounds of the territory if it is known, else of all geometries, else of the country.

    Layers that all lie elsewhere than the territory are shown where they are.
    """
    ground_bounds = list(ground["bounds"]) if ground and ground["bounds"] else []
    frames_shown = [
        frame for name, frame in frames.items() if not (ground_bounds and kinds[name] in meaning.GROUND_KINDS)
    ]
    corners = [box for box in map(grounds.degrees_bounds, frames_shown) if box]
    if ground_bounds and (not corners or any(_meet(box, ground_bounds) for box in corners)):
        return ground_bounds
    if not corners:
        return list(style.read_style()["ground"]["empty_bounds"])
    return _around(corners)


def _own_extent(frames: Mapping[str, gpd.GeoDataFrame], kinds: Mapping[str, str]) -> list[list[float]] | None:
    """Return the bounds of the layers of no known kind where nothing else is drawn on the ground."""
    drawn_names = [
        name for name, kind in kinds.items() if style.kind_style(kind)["drawn"] not in {"ground", "none"}
    ]
    if not drawn_names or any(style.is_known(kinds[name]) for name in drawn_names):
        return None
    corners = [box for name in drawn_names if (box := grounds.degrees_bounds(frames[name]))]
    return _around(corners) if corners else None


def _around(corners: Sequence[list[list[float]]]) -> list[list[float]]:
    """Return the box around boxes, each of a south-west and a north-east corner."""
    south, west = (min(box[0][axis] for box in corners) for axis in (0, 1))
    north, east = (max(box[1][axis] for box in corners) for axis in (0, 1))
    return [[south, west], [north, east]]


def _around_result(
    frames: Mapping[str, gpd.GeoDataFrame], result: Result | None, territory: list[list[float]]
) -> list[list[float]]:
    """Return the bounds of what was computed with some ground around; without any, those of the territory."""
    amounts = {} if result is None else result.amounts
    corners = [box for name in amounts if (box := grounds.degrees_bounds(frames[name]))]
    if not corners:
        return territory
    (south, west), (north, east) = _around(corners)
    margin = max(north - south, east - west, LEAST_VIEW) * BESIDE
    return [[south - margin, west - margin], [north + margin, east + margin]]


def _meet(box: Sequence[Sequence[float]], other: Sequence[Sequence[float]]) -> bool:
    return all(box[0][axis] <= other[1][axis] and other[0][axis] <= box[1][axis] for axis in (0, 1))


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
