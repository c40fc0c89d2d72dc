"""The part without script: all that the list of the page says, as tables."""

import math
from collections.abc import Iterator
from typing import Any

from artois_geo import languages
from artois_geo.maps import compact, style, thematic
from artois_geo.maps.carte import MapLayer, Page
from artois_geo.maps.objects import ANALYSED, in_language

ROWS = 300  # per layer: this part is for a phone's mail preview
ONE_DECIMAL_BELOW = 100  # hectares
DAY = 10  # characters of an ISO day


def tables(page: Page) -> list[dict[str, Any]]:
    """One table per layer of the list, rows and words in the language of the page.

    Examples
    --------
    >>> from artois_geo import maps
    >>> site = plain.square(x_km=0, y_km=0, side_km=1, nom="Alpha", available_ha=0.04)
    >>> row = tables(maps.build({"sites": site}, lang="en").page)[0]["rows"][0]
    >>> row["name"], row["area"], row["told"]
    ('Alpha', '100', 'Free of constraints (computed): 0.04 ha')
    """
    return [
        _table(layer, page.lang)
        for layer in reversed(page.layers)
        if layer.style["drawn"] not in {"ground", "none"} and len(layer.bulk or layer.objects)
    ]


def whole(value: int, lang: str) -> str:
    """A count, as the language writes it."""
    return thematic.number(value, 0, lang)


def visible(text: str) -> str:
    """Control characters, which HTML drops, as the signs that stand for them."""
    return "".join(chr(0x2400 + ord(c)) if ord(c) < 0x20 and c not in "\t\n" else c for c in text)


def hectares(value: float, lang: str) -> str:
    """An area as the page writes it: one decimal below 100 ha, two digits that mean something below 1 ha.

    Examples
    --------
    >>> hectares(460.0, "fr"), hectares(58.64, "fr"), hectares(0.043, "fr"), hectares(0.4, "en")
    ('460', '58,6', '0,043', '0.4')
    """
    return _precise(value, 1 if abs(value) < ONE_DECIMAL_BELOW else 0, lang)


def _table(layer: MapLayer, lang: str) -> dict[str, Any]:
    held, title = layer.objects, layer.said(lang)
    names, places = (in_language(held, role, lang) for role in ("name", "place"))
    rows = [
        {
            "name": visible(names[i] or f"{title} {i + 1}"),
            "place": visible(places[i] or ""),
            "class": visible(_class(layer, i, lang)),
            "area": "–" if (area := held.areas[i]) is None else hectares(area, lang),
            "schematic": held.schematic[i],
            "told": visible(" · ".join(_told(layer, i, lang))),
        }
        for i in range(min(len(held), ROWS))
    ]
    return {
        "title": visible(title),
        "rows": rows,
        "rest": len(held) - len(rows),
        "counted": len(layer.bulk) if layer.bulk else 0,
        "fictional": layer.held.fictional,
        "undrawn": len(held) > compact.MIDDLE_FROM,
        "source": visible(layer.source),
        "vintage": visible(layer.vintage),
    }


def _class(layer: MapLayer, place: int, lang: str) -> str:
    if layer.theme is not None:
        return thematic.text(layer.theme, place, lang)
    spelled = layer.objects.classes[place]
    if layer.style["drawn"] == "discs":
        family = style.family(spelled)
        labels = {one["id"]: one["label"][lang] for one in style.read_style()["families"]}
        return "" if family == style.UNKNOWN else labels[family]
    icon = style.looks(layer.style, [spelled])[0]
    return spelled or "" if icon is None else layer.style["icons"][icon]["label"][lang]


def _told(layer: MapLayer, place: int, lang: str) -> Iterator[str]:
    """What the list tells in short, then the other findings of the analyses."""
    held, pair = layer.objects, style.read_words()[lang]["pair"]
    for column in dict.fromkeys([*held.told, *ANALYSED]):
        found = _account if column == held.accounted else _value
        if text := found(layer, column, place, lang):
            label = layer.labels.get(column, {})
            yield pair.format(label=label.get(lang) or label.get(languages.SOURCE) or column, value=text)


def _account(layer: MapLayer, _: str, place: int, lang: str) -> str:
    account = layer.objects.accounts[place]
    labels = {one["id"]: one["label"][lang] for one in style.read_style()["accounts"]}
    return "" if account in {None, style.UNKNOWN} else labels[account]


def _value(layer: MapLayer, column: str, place: int, lang: str) -> str:
    columns, label = layer.objects.columns, layer.labels.get(column, {})
    twin = columns.get(f"{column}_{lang}")
    value = (twin and twin[place]) or columns.get(column, [None] * (place + 1))[place]
    if value is None or isinstance(value, bool):
        return "" if value is None else style.read_words()[lang]["yes" if value else "no"]
    if isinstance(value, str):
        separator = label.get("separator")
        return ", ".join(value.split(separator)) if separator else _day(value, lang)
    unit = label.get("unit", "")
    if not unit and "decimals" not in label:
        return f"{value:g}".replace(".", "," if lang == languages.SOURCE else ".")
    said = unit if isinstance(unit, str) else unit[lang]
    return f"{_precise(value, label.get('decimals', 2), lang)} {said}".strip()


def _day(text: str, lang: str) -> str:
    """A day as each language writes it; any other text as it is."""
    day, rest = text[:DAY], text[DAY:]
    is_day = [part.isdecimal() and len(part) for part in day.split("-")] == [4, 2, 2]
    if not is_day or rest not in {"", "T00:00:00"}:
        return text
    return "/".join(reversed(day.split("-"))) if lang == languages.SOURCE else day


def _precise(value: float, decimals: int, lang: str) -> str:
    """The same digits as ``precise`` of the page: two that mean something where ``decimals`` leave fewer."""
    if value == int(value):
        return thematic.number(value, 0, lang)
    if abs(value) >= 10 ** (1 - decimals):
        return thematic.number(value, decimals, lang)
    said = thematic.number(value, 1 - math.floor(math.log10(abs(value))), lang)
    return said.rstrip("0").rstrip(",.")
