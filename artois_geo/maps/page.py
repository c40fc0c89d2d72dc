"""The page around the map: our shell, filled by Jinja2; layers and words travel as escaped JSON."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import jinja2
from markupsafe import Markup

from artois_geo.maps import assets, compact, static_svg, style, thematic, thematic_svg, tiles
from artois_geo.maps.carte import MAP_ID, ZOOM_SNAP, MapLayer, Page
from artois_geo.maps.compact import packed
from artois_geo.maps.objects import plain_value
from artois_geo.maps.thematic import Themed

SCRIPTS = (
    "dom.js", "outlines.js", "model.js", "state.js", "drawing.js", "placing.js", "names.js", "locator.js",
    "card.js", "list.js", "search.js", "filters.js", "legend.js", "measure.js", "print.js", "compact.js",
    "bulk.js", "start.js",
)  # fmt: skip
THEMES = ("thematic.js",)  # only where a layer is a map of a number
TILES = ("tiles.js",)  # only where a background travels in the page
STYLES = ("page.css", "map.css", "panel.css", "legend.css", "card.css", "bulk.css", "small.css", "print.css")
FICTIONAL = "fictif"  # column of made-up features
NOSCRIPT_ROWS = 300  # per layer: this part is for a phone's mail preview
JS_STYLE_KEYS = (
    "drawn", "listed", "order", "fill", "stroke", "weight", "dash", "casing", "icon", "icons", "ring",
    "rank", "named_lines", "figures", "facts",
)  # fmt: skip
# inside <script> these end the element or the line of a script; as \uXXXX JSON reads them back unchanged
ESCAPES = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


@dataclass(frozen=True)
class Drawn:
    """What folium draws: the map element and the script that starts it."""

    element: str
    script: str


def write(page: Page, drawn: Drawn) -> str:
    """The whole HTML page; it asks the network for nothing unless the page has an online basemap."""
    scripts = [
        _inline(text) for text in (assets.leaflet_js(), drawn.script, _own_script(_extra_scripts(page)))
    ]
    styles = [
        assets.leaflet_css(),
        assets.own_text(*STYLES, *_extra_styles(page)) + page.look_css,
        assets.own_text("noscript.css"),
    ]
    hosts = [page.basemap.host] if page.basemap else []
    return _template().render(
        page=page,
        words=style.read_words(),
        csp=assets.csp(scripts=scripts, styles=styles, image_hosts=hosts),
        styles=[Markup(text) for text in styles],  # noqa: S704 our own files and Leaflet's
        scripts=[Markup(text) for text in scripts],  # noqa: S704 our own files, Leaflet's and folium's skeleton
        map_element=Markup(drawn.element),  # noqa: S704 folium's skeleton, without outside text
        patterns=Markup(static_svg.patterns()),  # noqa: S704 written by ElementTree
        picture=Markup(static_svg.draw(page)),  # noqa: S704 written by ElementTree, which escapes every text
        tables=_tables(page),
        keys=[(_visible(name), Markup(key)) for name, key in thematic_svg.keys(page)],  # noqa: S704 by ElementTree
        data=island(payload(page)),
        tiles=page.embedded and island(tiles.payload(page.embedded)),
        dictionary=island(style.read_words()),
    )


def island(value: Any) -> Markup:
    """JSON that can stand inside a script element: no text in it can end the element.

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


def payload(page: Page) -> dict[str, Any]:
    """What the script of the page reads."""
    ours = style.read_style()
    used = {layer.group for layer in page.layers}
    return {
        "map": f"map_{MAP_ID}",
        "title": plain_value(page.title),
        "subtitle": plain_value(page.subtitle),
        "lang": page.lang,
        "bounds": page.bounds,
        "zoomSnap": ZOOM_SNAP,
        "groups": [group for group in ours["groups"] if group["id"] in used or group["id"] == "fonds"],
        "families": [{k: f[k] for k in ("id", "letter", "fill", "ink", "label")} for f in ours["families"]],
        "ground": page.ground,
        "groundStyle": {
            key: ours["ground"][key] for key in ("outside", "land", "line", "halo", "limit", "label")
        },
        "cities": ours["ground"]["cities"],
        "basemap": page.basemap and vars(page.basemap),
        **({} if page.embedded is None else {"embedded": _embedded(page.embedded)}),
        "layers": [layer_payload(layer) for layer in page.layers],
    }


def _embedded(held: tiles.Tiles) -> dict[str, Any]:
    return {
        "id": "embedded",
        "name": plain_value(held.name),
        "attribution": plain_value(held.attribution),
        "zooms": held.zooms,
    }


def layer_payload(layer: MapLayer) -> dict[str, Any]:
    """One layer for the script, column by column."""
    held = layer.objects
    ground = layer.style["drawn"] == "ground"
    return {
        "id": layer.id,
        "title": plain_value(layer.title),
        "group": layer.group,
        "known": style.is_known(layer.kind),
        "kind": plain_value(layer.kind),
        "style": {key: layer.style[key] for key in JS_STYLE_KEYS if key in layer.style},
        "source": plain_value(layer.source),
        "licence": plain_value(layer.licence),
        "vintage": plain_value(layer.vintage),
        "note": plain_value(layer.note),
        "labels": layer.labels,
        "columns": {name: packed(column) for name, column in held.columns.items()},
        "keys": held.keys,
        "names": held.names,
        "places": packed(held.places),
        "epci": packed(held.epci),
        "looks": packed(_looks(layer)),
        "areas": held.areas,
        "measured": _where(held.measured),
        "schematic": _where(held.schematic),
        "precision": packed(held.precision),
        "sub": _where(held.sub_sites),
        "uncounted": _where(tuple(not counted for counted in held.counted)),
        "points": held.points,
        "shapes": () if ground else _outlines(layer),
        "tolerance": layer.tolerance,
        "fictional": is_fictional(layer),
        "bulk": layer.bulk and compact.payload(layer.bulk),
        **({} if layer.theme is None else {"theme": _theme(layer.theme)}),
    }


def _looks(layer: MapLayer) -> Sequence[Any]:
    if layer.theme is None:
        return style.looks(layer.style, layer.objects.classes)
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


def is_fictional(layer: MapLayer) -> bool:
    """Does a layer hold made-up features? Then the legend, the list and the preview say so."""
    held = layer.bulk.objects if layer.bulk else layer.objects
    return any(value is True for value in held.columns.get(FICTIONAL, ()))


def _outlines(layer: MapLayer) -> dict[str, Any] | Sequence[dict[str, Any] | None]:
    shapes = layer.objects.shapes
    return shapes if layer.tolerance is None or layer.bulk else compact.pack_shapes(shapes, layer.tolerance)


def _where(flags: tuple[bool, ...]) -> list[int]:
    return [place for place, flag in enumerate(flags) if flag]


def _tables(page: Page) -> list[dict[str, Any]]:
    """Rows of the part without script: all that the list of the page says, shortest words."""
    tables = []
    for layer in reversed(page.layers):
        count = len(layer.bulk or layer.objects)
        if layer.style["drawn"] in {"ground", "none"} or not count:
            continue
        held = layer.objects
        rows = [
            {
                "name": _visible(held.names[i] or f"{layer.title} {i + 1}"),
                "place": _visible(held.places[i] or ""),
                "class": _visible(held.classes[i] or "")
                if layer.theme is None
                else thematic.text(layer.theme, i, page.lang),
                "area": held.areas[i],
                "schematic": held.schematic[i],
            }
            for i in range(min(len(held), NOSCRIPT_ROWS))
        ]
        tables.append(
            {
                "title": _visible(layer.title),
                "rows": rows,
                "rest": len(held) - len(rows),
                "counted": count if layer.bulk else 0,
                "fictional": is_fictional(layer),
                "undrawn": len(held) > compact.MIDDLE_FROM,
                "source": _visible(layer.source),
                "vintage": _visible(layer.vintage),
            }
        )
    return tables


def _visible(text: str) -> str:
    """Control characters, which HTML drops, as the signs that stand for them."""
    return "".join(chr(0x2400 + ord(c)) if ord(c) < 0x20 and c not in "\t\n" else c for c in text)


def _inline(script: str) -> str:
    return script.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def _extra_scripts(page: Page) -> tuple[str, ...]:
    themes = THEMES if any(layer.theme for layer in page.layers) else ()
    return (*themes, *(TILES if page.embedded else ()))


def _extra_styles(page: Page) -> tuple[str, ...]:
    return ("thematic.css",) if any(layer.theme for layer in page.layers) else ()


@cache
def _own_script(extra: tuple[str, ...]) -> str:
    *first, last = SCRIPTS
    return f"'use strict';\n(() => {{\n{assets.own_text(*first, *extra, last)}\n}})();"


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("artois_geo.maps", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["hectares"] = _hectares
    environment.filters["thousands"] = _thousands
    return environment.get_template("page.html.j2")


def _thousands(value: int) -> str:
    return f"{value:,}".replace(",", "\u202f")


def _hectares(value: float | None) -> str:
    return "–" if value is None else f"{value:,.1f}".replace(",", "\u202f").replace(".", ",")
