"""The part without script: all that the list of the page says, as tables."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from artois_geo import languages
from artois_geo.maps import style
from artois_geo.maps.features import ANALYSIS_COLUMNS, in_language
from artois_geo.maps.numbers import thematic
from artois_geo.maps.outlines import compact
from artois_geo.maps.records import MapLayer, Page
from artois_geo.maps.results.records import formula
from artois_geo.text import comma

ROWS = 300  # per layer: this part is for a phone's mail preview
ONE_DECIMAL_BELOW = 100  # hectares
DAY = 10  # characters of an ISO day


def tables(page: Page) -> list[dict[str, Any]]:
    """Make one table per layer of the list, rows and words in the language of the page.

    Examples
    --------
    >>> from artois_geo import example, maps
    >>> site = example.square(x_km=0, y_km=0, side_km=1, nom="Alpha", available_ha=0.04)
    >>> row = tables(maps.build({"sites": site}, lang="en").page)[0]["rows"][0]
    >>> row["name"], row["area"], row["told"]
    ('Alpha', '100', 'Free of constraints (computed): 0.04 ha')
    """
    return [
        _table(layer, page.lang, page.pin_numbers(layer))
        for layer in reversed(page.layers)
        if layer.style["drawn"] not in {"ground", "none"} and len(layer.features)
    ]


def changed(page: Page) -> dict[str, Any] | None:
    """Make the table of what changed between two layers, and what is said below it; None without a pair."""
    if page.changes is None or page.compare is None:
        return None
    changes, words = page.changes, style.read_words()[page.lang]
    titles = [layer.title_in(page.lang) for side in page.compare for layer in page.layers if layer.id == side]

    def name(side: Any, title: str) -> str:
        text = words["not_covered"] if side is None else side["label"]
        return str(text if isinstance(text, str) else text[page.lang]) or title

    rows = [
        {
            "label": visible(f"{name(passage.before, titles[0])} → {name(passage.after, titles[1])}"),
            "area": hectares(passage.hectares, page.lang),
        }
        for passage in changes.passages[:ROWS]
    ]
    amounts = {"unchanged": changes.unchanged, "unknown_change": changes.unknown, "slivers": changes.slivers}
    notes = [
        words[word].format(ha=f"{hectares(ha, page.lang)} ha")
        for word, ha in amounts.items()
        if ha or word == "unchanged"
    ]
    notes += [words["sketches"].format(n=whole(changes.sketches, page.lang))] if changes.sketches else []
    return {"rows": rows, "notes": [*([] if rows else [words["no_change"]]), *notes, words["changes_note"]]}


def whole(value: int, lang: str) -> str:
    """Write a count as the language does."""
    return thematic.number(value, 0, lang)


def visible(text: str) -> str:
    """Replace control characters, which HTML drops, by the signs that stand for them."""
    return "".join(chr(0x2400 + ord(c)) if ord(c) < 0x20 and c not in "\t\n" else c for c in text)


def hectares(value: float, lang: str) -> str:
    """Write an area as the page does: one decimal below 100 ha, two significant digits below 1 ha.

    Examples
    --------
    >>> hectares(460.0, "fr"), hectares(58.64, "fr"), hectares(0.043, "fr"), hectares(0.4, "en")
    ('460', '58,6', '0,043', '0.4')
    """
    return _number_text(value, 1 if abs(value) < ONE_DECIMAL_BELOW else 0, lang)


def _table(layer: MapLayer, lang: str, numbers: Mapping[int, int]) -> dict[str, Any]:
    """Make the table of a layer: its first rows, and how many features are left out.

    ``numbers`` are those of the pins of the picture, by row.
    """
    features, title = layer.features, layer.title_in(lang)
    count = 0 if layer.bulk else len(features)  # a large layer is counted and not listed
    names, places = (in_language(features, role, lang) for role in ("name", "place"))
    rows = [
        {
            "number": numbers.get(i),
            "name": visible(names[i] or f"{title} {i + 1}"),
            "place": visible(places[i] or ""),
            "class": visible(_class_label(layer, i, lang)),
            "area": _amount_text(layer, i, lang),
            "schematic": features.schematic[i],
            "told": visible(" · ".join(_row_facts(layer, i, lang))),
        }
        for i in _row_order(layer, count)[:ROWS]
    ]
    return {
        "title": visible(title),
        "rows": rows,
        "unit": "" if layer.amounts else "ha",
        "rest": count - len(rows),
        "counted": len(features) if layer.bulk else 0,
        "fictional": features.fictional,
        "undrawn": count > compact.MIDDLE_FROM,
        "source": visible(layer.source),
        "vintage": visible(layer.vintage),
    }


def _row_order(layer: MapLayer, count: int) -> list[int]:
    """Return the rows in the order of the list: by amount on the map of a result, else as they come."""
    amounts = layer.amounts
    return sorted(range(count), key=lambda row: -amounts[row].order) if amounts else list(range(count))


def _amount_text(layer: MapLayer, index: int, lang: str) -> str:
    if layer.amounts:
        return visible(layer.amounts[index].text[lang])
    area = layer.features.areas[index]
    return "–" if area is None else hectares(area, lang)


def _class_label(layer: MapLayer, index: int, lang: str) -> str:
    if layer.theme is not None:
        return thematic.text(layer.theme, index, lang)
    spelling = layer.features.classes[index]
    if layer.style["drawn"] == "discs":
        family = style.family(spelling)
        labels = {entry["id"]: entry["label"][lang] for entry in style.read_style()["families"]}
        return "" if family == style.UNKNOWN else labels[family]
    icon = style.looks(layer.style, [spelling])[0]
    return spelling or "" if icon is None else layer.style["icons"][icon]["label"][lang]


def _row_facts(layer: MapLayer, index: int, lang: str) -> Iterator[str]:
    """Yield what the list tells in short, then the other findings of the analyses."""
    features, template = layer.features, style.read_words()[lang]["pair"]
    if layer.amounts and (steps := layer.amounts[index].steps):
        yield formula(steps, lang)
    for column in dict.fromkeys([*features.list_columns, *ANALYSIS_COLUMNS]):
        text_of = _account_label if column == features.accounted else _value_text
        if text := text_of(layer, column, index, lang):
            label = layer.labels.get(column, {})
            yield template.format(label=label.get(lang) or label.get(languages.SOURCE) or column, value=text)


def _account_label(layer: MapLayer, _: str, index: int, lang: str) -> str:
    account = layer.features.accounts[index]
    labels = {entry["id"]: entry["label"][lang] for entry in style.read_style()["accounts"]}
    return "" if account in {None, style.UNKNOWN} else labels[account]


def _value_text(layer: MapLayer, column: str, index: int, lang: str) -> str:
    """Write the value of a column as the card does: yes or no, list, day, number with its unit."""
    columns, label = layer.features.columns, layer.labels.get(column, {})
    translation = columns.get(f"{column}_{lang}")
    value = (translation and translation[index]) or columns.get(column, [None] * (index + 1))[index]
    if value is None or isinstance(value, bool):
        return "" if value is None else style.read_words()[lang]["yes" if value else "no"]
    if isinstance(value, str):
        separator = label.get("separator")
        return ", ".join(value.split(separator)) if separator else _day_text(value, lang)
    unit = label.get("unit", "")
    if not unit and "decimals" not in label:
        return comma(f"{value:g}") if lang == languages.SOURCE else f"{value:g}"
    unit_label = unit if isinstance(unit, str) else unit[lang]
    return f"{_number_text(value, label.get('decimals', 2), lang)} {unit_label}".strip()


def _day_text(text: str, lang: str) -> str:
    """Write a day as each language does; return any other text as it is."""
    day, time_of_day = text[:DAY], text[DAY:]
    is_day = [part.isdecimal() and len(part) for part in day.split("-")] == [4, 2, 2]
    if not is_day or time_of_day not in {"", "T00:00:00"}:
        return text
    return "/".join(reversed(day.split("-"))) if lang == languages.SOURCE else day


def _number_text(value: float, decimals: int, lang: str) -> str:
    """Write the same digits as ``precise`` of the page: two significant where ``decimals`` leave fewer."""
    if value == int(value):
        return thematic.number(value, 0, lang)
    if abs(value) >= 10 ** (1 - decimals):
        return thematic.number(value, decimals, lang)
    text = thematic.number(value, 1 - math.floor(math.log10(abs(value))), lang)
    return text.rstrip("0").rstrip(",.")
