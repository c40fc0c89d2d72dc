"""The page around the map: our shell, filled by Jinja2; layers and words travel as escaped JSON."""

import json
import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import jinja2
from markupsafe import Markup

from artois_geo import languages, showcase
from artois_geo.maps import assets, noscript, static_svg, style, thematic_svg
from artois_geo.maps.backdrop import tiles
from artois_geo.maps.backdrop.towns import cities_around
from artois_geo.maps.features import ANALYSIS_COLUMNS, LayerFeatures, plain_value
from artois_geo.maps.numbers import changes, thematic
from artois_geo.maps.numbers.thematic import Themed
from artois_geo.maps.offers import still_picture, vitrine
from artois_geo.maps.outlines import compact
from artois_geo.maps.outlines.compact import packed
from artois_geo.maps.plugins.added import MapParts
from artois_geo.maps.records import MAP_ID, ZOOM_SNAP, MapLayer, Page
from artois_geo.maps.results import records as results

SCRIPTS = (
    "dom.js", "outlines.js", "model.js", "state.js", "drawing.js", "pile.js", "placing.js", "names.js",
    "locator.js", "card.js", "row_details.js", "list.js", "search.js", "filters.js", "legend.js",
    "geodesy.js", "measure.js", "print.js", "compact.js", "bulk.js", "screen.js",
    "compare.js", "tour.js", "kiosk.js", "thematic.js", "changes.js", "vintages.js", "tiles.js",
    "result.js", "offers.js", "offer_card.js", "shortlist.js", "project_chip.js", "added.js", "start.js",
)  # fmt: skip
STYLES = (
    "page.css", "map.css", "panel.css", "legend.css", "card.css", "bulk.css", "small.css", "compare.css",
    "tour.css", "kiosk.css", "thematic.css", "changes.css", "vintages.css", "result.css", "offers.css",
    "offer_card.css", "shortlist.css", "added.css", "print.css",
)  # fmt: skip
# files that most pages do without
ONLY_WITH = {
    "added": "added",
    "compare": "compare", "tour": "guided", "kiosk": "kiosk", "thematic": "themed", "tiles": "embedded",
    "changes": "changes", "vintages": "vintages", "result": "result",
    "offers": "vitrine", "offer_card": "vitrine", "shortlist": "vitrine", "project_chip": "vitrine",
}  # fmt: skip
JS_STYLE_KEYS = (
    "drawn", "listed", "order", "fill", "stroke", "weight", "dash", "casing", "icon", "icons", "ring",
    "rank", "named_lines", "figures", "facts",
    "pattern", "outline",
)  # fmt: skip
ADDED_BY_FOLIUM = re.compile(r"\bL\.(?!map\(|CRS\b)")  # markers, controls, plugins: our drawing needs no icon
OTHER_LANGUAGES = tuple(lang for lang in languages.LANGUAGES if lang != languages.SOURCE)
KEY_FIGURE = ("valeur_texte", "unite")  # what the panel says of a figure without a place
FEW = 2  # rows: a column of so few is written as it is
# names what an online view did not get, as soon as one thing is missing
WATCH = """addEventListener('error', event => {
const address = event.target.src || event.target.href, node = document.getElementById('unreached');
if (!address || !node || !/^https?:/.test(address)) return;
const host = new URL(address).host;
if (!node.textContent.includes(host)) node.textContent += (node.textContent ? ', ' : '') + host;
node.parentNode.hidden = false;
}, true);"""
# inside <script> these end the element or the line of a script; as \uXXXX JSON reads them back unchanged
ESCAPES = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


def write(page: Page, map_parts: MapParts, *, needs: Sequence[str] = ()) -> str:
    """Write the whole HTML page; it needs no network but for an online basemap, or for an online view."""
    page = replace(page, added=map_parts.added)
    images = map_parts.added or ADDED_BY_FOLIUM.search(map_parts.script) is not None
    scripts, after = (
        [_escaped(text) for text in texts]
        for texts in (
            (assets.leaflet_js(images=images), *map_parts.scripts),
            (map_parts.script, _own_script(_included_files(SCRIPTS, page))),
        )
    )
    watch = [WATCH] if map_parts.online else []
    styles = [
        assets.leaflet_css(images=images),
        "\n".join((assets.own_text(*_included_files(STYLES, page)) + page.look_css, *map_parts.styles)),
        assets.own_text("noscript.css"),
    ]
    policy = assets.csp(
        scripts=[*watch, *scripts, *after],
        styles=None if map_parts.added else styles,  # a popup of folium brings styles of its own
        image_hosts=[page.basemap.host] if page.basemap else [],
        online_hosts=map_parts.hosts if map_parts.online else None,
        handlers=map_parts.handlers,
    )
    return _template().render(
        page=page,
        words=style.read_words(),
        csp=policy,
        styles=[Markup(text) for text in styles],  # noqa: S704 our own files and Leaflet's
        watch=[Markup(text) for text in watch],  # noqa: S704 our own
        parts=map_parts,
        needs=needs,
        before=[Markup(text) for text in scripts],  # noqa: S704 Leaflet's and its plugins'
        after=[Markup(text) for text in after],  # noqa: S704 our own files and folium's skeleton
        map_element=Markup(map_parts.element),  # noqa: S704 folium's skeleton, without outside text
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
        (titles[layer_id], static_svg.draw(replace(page, layers=_without(page.layers, in_turn, layer_id))))
        for layer_id in in_turn
        if layer_id in light
    ]
    if page.changes is not None and page.changes.passages:
        title = style.read_words()[page.lang]["changed"]
        pictures.append((title, static_svg.draw(page, changed=True)))
    return pictures or [("", still_picture.draw(page))]


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
        "view": page.view,
        "zoomSnap": ZOOM_SNAP,
        **_background_and_legend(page),
        "basemap": page.basemap and vars(page.basemap),
        "years": sorted(year for year in years if year is not None),
        "accounts": _accounts(page),
        **_modes(page),
        **({"added": True} if page.added else {}),
        "analysed": _analysed(page),
        **_vitrine(page),
        **_layers(page),
        **({} if page.result is None else {"result": results.payload(page.result)}),
        "values": {lang: _translated_values(page, lang) for lang in OTHER_LANGUAGES},
    }


def _translated_values(page: Page, lang: str) -> dict[str, str]:
    """Translate the values of closed lists that the layers write, and the units of their key figures."""
    texts: set[Any] = set()
    units: set[Any] = set()
    for layer in page.layers:
        texts |= {layer.source, layer.licence, layer.vintage, layer.note}
        texts.update(*layer.features.columns.values())
        if layer.style["drawn"] == "none":
            units.update(layer.features.columns.get("unite", ()))
    translations = {text: showcase.value(text, lang) for text in texts if isinstance(text, str)}
    translations |= {unit: languages.said(unit, "units", lang) for unit in units if isinstance(unit, str)}
    return {text: translation for text, translation in sorted(translations.items()) if translation != text}


def _layers(page: Page) -> dict[str, Any]:
    """Collect the layers, and once each label of a column that they share."""
    payloads = [
        layer_payload(_shown_rows(layer, page), offer_first=page.vitrine is not None) for layer in page.layers
    ]
    places: dict[str, int] = {}
    for layer in payloads:
        label_texts = {column: json.dumps(label, sort_keys=True) for column, label in layer["labels"].items()}
        layer["labels"] = {
            column: places.setdefault(text, len(places)) for column, text in label_texts.items()
        }
    return {"labels": [json.loads(text) for text in places], "layers": payloads}


def _shown_rows(layer: MapLayer, page: Page) -> MapLayer:
    """Leave out what no reader can reach: towns that another ground names, columns of a key figure."""
    features, drawing_kind = layer.features, layer.style["drawn"]
    if drawing_kind == "none":
        columns_of = (*KEY_FIGURE, *features.roles.values())
        names = {*columns_of, *(twin for name in columns_of for twin in languages.twins(name))}
        columns = {name: column for name, column in features.columns.items() if name in names}
        return replace(layer, features=replace(features, columns=columns))
    towns = next((other for other in page.layers if other.kind == "commune"), None)
    if drawing_kind != "ground" or towns is None or towns is layer:
        return layer
    again = set(features.names) <= set(towns.features.names)
    return replace(layer, features=features.without_rows()) if again else layer


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
            key: settings["ground"][key]
            for key in (
                "outside",
                "land",
                "line",
                "halo",
                "limit",
                "label",
                "motorway",
                "main",
                "rail",
            )
        },
        "cities": cities_around(page.bounds),
    }


def _ground(page: Page) -> Mapping[str, Any] | None:
    """Return the ground; beside an offer, schematic cells are one land: they would be taken for communes."""
    return {**page.ground, "cells": []} if page.ground and page.hides_cells else page.ground


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
    settings = style.read_style()["offer_first"]
    looks = {"groups": settings["groups"], "grey": settings["other_sites"]}
    return {"vitrine": vitrine.payload(page.vitrine, features) | looks}


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
        "columns": {name: _column(column) for name, column in features.columns.items()},
        "keys": features.keys,
        "names": features.names,
        **({} if features.places == features.names else {"places": _column(features.places)}),
        "epci": _column(features.epci),
        "looks": _column(_looks(layer, features)),
        **_filter_columns(features),
        "told": features.list_columns,
        "areas": _column(features.areas),
        "measured": _positions(features.measured),
        "schematic": _positions(features.schematic),
        "precision": _column(features.precision),
        "sub": _positions(features.sub_sites),
        "uncounted": _positions(tuple(not counted for counted in features.counted)),
        "points": _column(features.points),
        "shapes": ()
        if ground
        else _outlines(layer, _real_shapes(layer, features) if offer_first else features.shapes),
        "tolerance": layer.tolerance,
        "fictional": layer.features.fictional,
        "bulk": layer.bulk and compact.payload(layer.bulk, layer.features),
        **({} if layer.theme is None else {"theme": _theme(layer.theme)}),
        **({"amounts": results.amounts_payload(layer.amounts)} if layer.amounts else {}),
    }


def _real_shapes(layer: MapLayer, features: LayerFeatures) -> Sequence[dict[str, Any] | None]:
    if layer.style["drawn"] not in {"discs", "symbols"}:
        return features.shapes
    pairs = zip(features.shapes, features.schematic, strict=True)
    return [
        None if schematic and shape and "Polygon" in shape["type"] else shape for shape, schematic in pairs
    ]


def _column(column: Sequence[Any]) -> dict[str, Any] | Sequence[Any]:
    """Write a column of a listed layer; the one value of all its rows once."""
    if len(column) <= FEW:
        return column
    if all(value == column[0] and type(value) is type(column[0]) for value in column):
        return {"all": column[0], "n": len(column)}
    return packed(column) if all(isinstance(value, Hashable) for value in column) else column


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
        name: _column(column) for name, column in roles.items() if any(value is not None for value in column)
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
    if layer.tolerance is None or layer.bulk:
        return _column(shapes) if not any(shapes) else shapes
    return compact.pack_shapes(shapes, layer.tolerance)


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
