"""The page around the map: our shell, filled by Jinja2; layers and words travel as escaped JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import jinja2
from markupsafe import Markup

from artois_geo.maps import assets, noscript, static_svg, style, thematic_svg
from artois_geo.maps.backdrop import tiles
from artois_geo.maps.backdrop.towns import cities_around
from artois_geo.maps.features import ANALYSIS_COLUMNS, LayerFeatures, plain_value
from artois_geo.maps.numbers import changes, thematic
from artois_geo.maps.numbers.thematic import Themed
from artois_geo.maps.offers import vitrine
from artois_geo.maps.outlines import compact
from artois_geo.maps.outlines.compact import packed
from artois_geo.maps.records import MAP_ID, ZOOM_SNAP, MapLayer, Page

SCRIPTS = (
    "dom.js", "outlines.js", "model.js", "state.js", "drawing.js", "pile.js", "placing.js", "names.js",
    "locator.js", "card.js", "told.js", "list.js", "search.js", "filters.js", "legend.js", "measure.js",
    "print.js", "compact.js", "bulk.js", "screen.js", "compare.js", "tour.js", "kiosk.js", "thematic.js",
    "changes.js", "vintages.js", "tiles.js", "offers.js", "offer_card.js", "shortlist.js", "project_chip.js",
    "start.js",
)  # fmt: skip
STYLES = (
    "page.css", "map.css", "panel.css", "legend.css", "card.css", "bulk.css", "small.css", "compare.css",
    "tour.css", "kiosk.css", "thematic.css", "changes.css", "vintages.css", "offers.css",
    "offer_card.css", "shortlist.css", "print.css",
)  # fmt: skip
# files that most pages do without
ONLY_WITH = {
    "compare": "compare", "tour": "guided", "kiosk": "kiosk", "thematic": "themed", "tiles": "embedded",
    "changes": "changes", "vintages": "vintages",
    "offers": "vitrine", "offer_card": "vitrine", "shortlist": "vitrine", "project_chip": "vitrine",
}  # fmt: skip
JS_STYLE_KEYS = (
    "drawn", "listed", "order", "fill", "stroke", "weight", "dash", "casing", "icon", "icons", "ring",
    "rank", "named_lines", "figures", "facts",
)  # fmt: skip
# inside <script> these end the element or the line of a script; as \uXXXX JSON reads them back unchanged
ESCAPES = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


@dataclass(frozen=True)
class MapElement:
    """Hold what folium draws: the map element and the script that starts it."""

    element: str
    script: str


def write(page: Page, map_element: MapElement) -> str:
    """Write the whole HTML page; it needs no network unless the page has an online basemap."""
    scripts = [
        _escaped(text)
        for text in (assets.leaflet_js(), map_element.script, _own_script(_included_files(SCRIPTS, page)))
    ]
    styles = [
        assets.leaflet_css(),
        assets.own_text(*_included_files(STYLES, page)) + page.look_css,
        assets.own_text("noscript.css"),
    ]
    hosts = [page.basemap.host] if page.basemap else []
    return _template().render(
        page=page,
        words=style.read_words(),
        csp=assets.csp(scripts=scripts, styles=styles, image_hosts=hosts),
        styles=[Markup(text) for text in styles],  # noqa: S704 our own files and Leaflet's
        scripts=[Markup(text) for text in scripts],  # noqa: S704 our own files, Leaflet's and folium's skeleton
        map_element=Markup(map_element.element),  # noqa: S704 folium's skeleton, without outside text
        patterns=Markup(static_svg.patterns()),  # noqa: S704 written by ElementTree
        pictures=[(noscript.visible(name), Markup(svg)) for name, svg in _pictures(page)],  # noqa: S704 by ElementTree
        changed=noscript.changed(page),
        tables=noscript.tables(page),
        keys=[(noscript.visible(name), Markup(key)) for name, key in thematic_svg.keys(page)],  # noqa: S704 by ElementTree
        data=island(payload(page)),
        tiles=page.embedded and island(tiles.payload(page.embedded)),
        dictionary=island(style.read_words()),
    )


def island(value: Any) -> Markup:
    """Write JSON that can stand inside a script element: no text in it can end the element.

    Raises
    ------
    ValueError
        A number that JSON does not have (not a number, infinity).

    Examples
    --------
    >>> print(island({"nom": "</script>"}))
    {"nom":"\\u003c/script\\u003e"}
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Markup(text.translate(ESCAPES))  # noqa: S704 escaped on this very line


def _pictures(page: Page) -> list[tuple[str, str]]:
    """Draw the still picture; one for each layer compared or shown in turn, and one of what changed."""
    in_turn = [layer_id for layer_id, _ in page.vintages] or list(page.compare or ())
    titles = {layer.id: layer.title_in(page.lang) for layer in page.layers} | dict(page.vintages)
    light = {layer.id for layer in page.layers if static_svg.is_light(layer)}
    pictures = [
        (titles[shown], static_svg.draw(replace(page, layers=_without(page.layers, in_turn, shown))))
        for shown in in_turn
        if shown in light
    ]
    if page.changes is not None and page.changes.passages:
        title = style.read_words()[page.lang]["changed"]
        pictures.append((title, static_svg.draw(page, changed=True)))
    return pictures or [("", static_svg.draw(page))]


def _without(layers: Sequence[MapLayer], hidden: Sequence[str], shown: str) -> tuple[MapLayer, ...]:
    return tuple(layer for layer in layers if layer.id == shown or layer.id not in hidden)


def payload(page: Page) -> dict[str, Any]:
    """Collect what the script of the page reads."""
    years = {year for layer in page.layers for year in layer.features.years}
    return {
        "map": f"map_{MAP_ID}",
        "headings": {
            lang: [plain_value(text) for text in heading] for lang, heading in page.headings.items()
        },
        "lang": page.lang,
        "bounds": page.bounds,
        "zoomSnap": ZOOM_SNAP,
        **_background_and_legend(page),
        "basemap": page.basemap and vars(page.basemap),
        "years": sorted(year for year in years if year is not None),
        "accounts": _accounts(page),
        **_modes(page),
        "analysed": _analysed(page),
        **_vitrine(page),
        "layers": [layer_payload(layer, offer_first=page.vitrine is not None) for layer in page.layers],
    }


def _background_and_legend(page: Page) -> dict[str, Any]:
    """Collect the groups and families of the legend, and the ground of the map with its colours."""
    settings = style.read_style()
    used = {layer.group for layer in page.layers}
    return {
        "groups": [group for group in settings["groups"] if group["id"] in used or group["id"] == "fonds"],
        "families": [
            {key: family[key] for key in ("id", "letter", "fill", "ink", "label")}
            for family in settings["families"]
        ],
        "ground": _ground(page),
        "groundStyle": {
            key: settings["ground"][key] for key in ("outside", "land", "line", "halo", "limit", "label")
        },
        "cities": cities_around(page.bounds),
    }


def _ground(page: Page) -> Mapping[str, Any] | None:
    """Return the ground; beside an offer, schematic cells are one land: they would be taken for communes."""
    if page.ground is None or page.vitrine is None or not page.ground["schematic"]:
        return page.ground
    return {**page.ground, "cells": []}


def _modes(page: Page) -> dict[str, Any]:
    """Collect what only some pages do: rest on a stand, guide, compare, show embedded tiles."""
    step_s = style.read_style()["stand"]["step_s"]
    return {
        "kiosk": page.kiosk and {"idle": page.kiosk.idle_s, "codes": page.kiosk.codes},
        "tour": {"sites": page.tour, "step": step_s} if page.tour else None,
        "compare": page.compare,
        **({} if page.changes is None else {"changes": changes.payload(page.changes)}),
        **(
            {"vintages": [[layer_id, plain_value(label)] for layer_id, label in page.vintages]}
            if page.vintages
            else {}
        ),
        **({} if page.embedded is None else {"embedded": _embedded(page.embedded)}),
    }


def _vitrine(page: Page) -> dict[str, Any]:
    """Collect the offers that the page shows first."""
    if page.vitrine is None:
        return {}
    features = {layer.name: [f"{layer.id}.{key}" for key in layer.features.keys] for layer in page.layers}
    return {"vitrine": vitrine.payload(page.vitrine, features)}


def _analysed(page: Page) -> list[str]:
    return [name for name in ANALYSIS_COLUMNS if any(name in layer.features.columns for layer in page.layers)]


def _embedded(embedded_tiles: tiles.Tiles) -> dict[str, Any]:
    return {
        "id": "embedded",
        "name": plain_value(embedded_tiles.name),
        "attribution": plain_value(embedded_tiles.attribution),
        "zooms": embedded_tiles.zooms,
    }


def layer_payload(layer: MapLayer, *, offer_first: bool = False) -> dict[str, Any]:
    """Collect one layer for the script, column by column.

    Where the offer comes first, a disc that stands for an area is not drawn: it is no outline.
    """
    features = layer.features.without_rows() if layer.bulk else layer.features  # a large layer is not listed
    ground = layer.style["drawn"] == "ground"
    return {
        "id": layer.id,
        "title": plain_value(layer.title),
        "titles": {lang: plain_value(title) for lang, title in layer.titles.items()},
        "roles": features.roles,
        "group": layer.group,
        "known": style.is_known(layer.kind),
        "kind": plain_value(layer.kind),
        "style": {key: layer.style[key] for key in JS_STYLE_KEYS if key in layer.style},
        "source": plain_value(layer.source),
        "licence": plain_value(layer.licence),
        "vintage": plain_value(layer.vintage),
        "note": plain_value(layer.note),
        "labels": layer.labels,
        "columns": {name: packed(column) for name, column in features.columns.items()},
        "keys": features.keys,
        "names": features.names,
        "places": packed(features.places),
        "epci": packed(features.epci),
        "looks": packed(_looks(layer, features)),
        **_filter_columns(features),
        "told": features.list_columns,
        "areas": features.areas,
        "measured": _positions(features.measured),
        "schematic": _positions(features.schematic),
        "precision": packed(features.precision),
        "sub": _positions(features.sub_sites),
        "uncounted": _positions(tuple(not counted for counted in features.counted)),
        "points": features.points,
        "shapes": ()
        if ground
        else _outlines(layer, _real_shapes(layer, features) if offer_first else features.shapes),
        "tolerance": layer.tolerance,
        "fictional": layer.features.fictional,
        "bulk": layer.bulk and compact.payload(layer.bulk, layer.features),
        **({} if layer.theme is None else {"theme": _theme(layer.theme)}),
    }


def _real_shapes(layer: MapLayer, features: LayerFeatures) -> Sequence[dict[str, Any] | None]:
    if layer.style["drawn"] != "discs":
        return features.shapes
    pairs = zip(features.shapes, features.schematic, strict=True)
    return [None if schematic else shape for shape, schematic in pairs]


def _looks(layer: MapLayer, features: LayerFeatures) -> Sequence[Any]:
    if layer.theme is None:
        return style.looks(layer.style, features.classes)
    return () if layer.bulk else layer.theme.looks


def _theme(theme: Themed) -> dict[str, Any]:
    return {
        "column": plain_value(theme.column),
        "drawn": theme.drawn,
        "label": theme.label,
        "method": theme.method,
        "entries": theme.entries,
        "largest": theme.largest,
        "round": theme.round_values,
        **({"sizes": thematic.rules()["circles"]} if theme.drawn == thematic.CIRCLES else {}),
    }


def _filter_columns(features: LayerFeatures) -> dict[str, Any]:
    """Collect what only some layers have: a year, a ZAN account."""
    roles = {"years": features.years, "accounts": features.accounts}
    present = {
        name: packed(column) for name, column in roles.items() if any(value is not None for value in column)
    }
    sources = {"years": {"dated": features.dated}, "accounts": {"accounted": features.accounted}}
    return present | {key: column for role in present for key, column in sources[role].items()}


def _accounts(page: Page) -> list[dict[str, Any]]:
    """List the ZAN accounts that a filter can distinguish, in the order of ``style.toml``."""
    used_ids = {account for layer in page.layers for account in layer.features.accounts}
    accounts = style.read_style()["accounts"]
    return [
        {"id": account["id"], "label": account["label"]} for account in accounts if account["id"] in used_ids
    ]


def _outlines(
    layer: MapLayer, shapes: Sequence[dict[str, Any] | None]
) -> dict[str, Any] | Sequence[dict[str, Any] | None]:
    return shapes if layer.tolerance is None or layer.bulk else compact.pack_shapes(shapes, layer.tolerance)


def _positions(flags: tuple[bool, ...]) -> list[int]:
    return [position for position, flag in enumerate(flags) if flag]


def _escaped(script: str) -> str:
    return script.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def _included_files(names: Sequence[str], page: Page) -> tuple[str, ...]:
    included = {stem: bool(getattr(page, attribute)) for stem, attribute in ONLY_WITH.items()}
    return tuple(name for name in names if included.get(name.split(".")[0], True))


@cache
def _own_script(names: tuple[str, ...]) -> str:
    return f"'use strict';\n(() => {{\n{assets.own_text(*names)}\n}})();"


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("artois_geo.maps", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["whole"] = noscript.whole
    return environment.get_template("page.html.j2")
