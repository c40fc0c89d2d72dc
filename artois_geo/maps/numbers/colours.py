"""The colours of a column: codes of a nomenclature in its own, numbers by class, other values as they come.

Layers that are shown in turn or side by side are coloured together: a value has one colour in all of them.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from artois_geo import meaning, showcase
from artois_geo.errors import UnknownName
from artois_geo.maps import style
from artois_geo.maps.features import LayerFeatures
from artois_geo.maps.numbers import classes, thematic
from artois_geo.maps.numbers.thematic import COLOURS, Label, Thematic, Themed

FEWEST_KNOWN = 0.5  # share of the codes of a column that a nomenclature must know to lend it its colours

Entry = dict[str, Any]


@dataclass(frozen=True)
class _Key:
    """A legend that several layers share: its entries, and the entry of each of their features."""

    entries: tuple[Entry, ...]
    looks: tuple[tuple[int, ...], ...]
    method: str = ""
    values: tuple[tuple[float | None, ...], ...] = ()
    decimals: int = 0


def apply(
    frames: Mapping[str, gpd.GeoDataFrame],
    themes: Mapping[str, Thematic],
    *,
    labels: Mapping[str, Mapping[str, Label]],
    private: Mapping[str, Collection[str]],
) -> dict[str, Themed]:
    """Classify layers by a column of each, all with one legend.

    Parameters
    ----------
    frames
        Layers by name; a value that is missing is drawn apart, never guessed.
    themes
        What is asked of each, by the same names.
    labels
        What is known of the columns of each: French and English label, unit.
    private
        Columns of each that its kind keeps in the house.

    Raises
    ------
    BadValue
        An unknown method, too many classes, bounds that leave values out.
    UnknownName
        No such column; the message lists those that the layer has.

    Examples
    --------
    >>> from artois_geo import example
    >>> fields = example.towns(["blé", "blé", "bois", None], "culture")
    >>> theme = {"champs": Thematic("culture", drawn=COLOURS)}
    >>> themed = apply({"champs": fields}, theme, labels={"champs": {}}, private={"champs": ()})["champs"]
    >>> [(entry["label"], entry["count"]) for entry in themed.entries[:2]], themed.missing
    ([('blé', 2), ('bois', 1)], 1)
    """
    for theme in themes.values():
        thematic.check(theme)
    columns = [_values(frames[name], theme.column, name, private[name]) for name, theme in themes.items()]
    first = next(iter(themes.values()))
    key = _key(columns, [theme.column for theme in themes.values()], first)
    coloured = {}
    for position, (name, theme) in enumerate(themes.items()):
        looks = key.looks[position]
        counts = Counter(looks)
        entries = tuple({**entry, "count": counts[look]} for look, entry in enumerate(key.entries))
        coloured[name] = Themed(
            column=theme.column,
            drawn=COLOURS,
            label=thematic.label(theme, labels[name]) | {"decimals": key.decimals},
            method=key.method,
            entries=entries,
            looks=looks,
            values=key.values[position] if key.values else (None,) * len(looks),
            missing=sum(entry["count"] for entry in entries if entry.get("missing")),
            largest=0.0,
            round_values=(),
        )
    return coloured


def usual(drawn_as: style.Style, frame: gpd.GeoDataFrame) -> Thematic | None:
    """Return how a layer of a nomenclature is coloured when nobody asks: by its codes; None for any other.

    Examples
    --------
    >>> from artois_geo import example
    >>> pond = example.square(x_km=0, y_km=0, side_km=1, code_cs="CS1.2.2")
    >>> usual(style.kind_style("ocsge"), pond).column
    'code_cs'
    """
    if "recognised" not in drawn_as:
        return None
    column = next((name for name in drawn_as["class"] if name in frame.columns), None)
    return None if column is None else Thematic(str(column), drawn=COLOURS)


def common(frames: Sequence[gpd.GeoDataFrame]) -> Thematic | None:
    """Return a column of few values that all the layers have, to colour them alike; None without one."""
    rules = style.read_style()["bulk"]
    for column in rules["class"]:
        if not all(column in frame.columns for frame in frames):
            continue
        stated = {value for frame in frames for value in _texts(frame[column]) if value is not None}
        if stated and len(stated) <= rules["most_values"]:
            return Thematic(column, drawn=COLOURS)
    return None


def with_areas(themed: Themed, features: LayerFeatures) -> Themed:
    """Add to each entry of the legend the hectares of its features, and of how many an area is known.

    Sub-sites, and what its layer does not count, are in no sum.
    """
    hectares = np.zeros(len(themed.entries))
    sized = np.zeros(len(themed.entries), dtype=int)
    for look, area, counted in zip(themed.looks, features.areas, features.counted, strict=True):
        if area is not None and counted:
            hectares[look] += area
            sized[look] += 1
    if not sized.any():
        return themed
    entries = [
        {**entry, "ha": round(float(ha), 4), "sized": int(number)} if number else entry
        for entry, ha, number in zip(themed.entries, hectares, sized, strict=True)
    ]
    return replace(themed, entries=tuple(entries))


def spoken(text: str) -> str | dict[str, str]:
    """Return a value as the legend says it: in each language where it is one of our closed lists.

    Examples
    --------
    >>> spoken("portuaire"), spoken("Parc du Canal")
    ({'fr': 'portuaire', 'en': 'port'}, 'Parc du Canal')
    """
    texts = {lang: showcase.value(text, lang) for lang in style.LANGUAGES}
    return texts if len(set(texts.values())) > 1 else text


def _values(frame: gpd.GeoDataFrame, name: str, layer: str, private: Collection[str]) -> pd.Series:
    columns = [str(c) for c in frame.columns if c != frame.geometry.name and str(c) not in private]
    if name not in columns:
        raise UnknownName(f"colonne de la couche « {layer} »", name, columns)
    return frame[name]


def _key(columns: Sequence[pd.Series], names: Sequence[str], theme: Thematic) -> _Key:
    """Choose the legend of columns: numbers by class, codes of a nomenclature, else the commonest values."""
    if all(_is_number(column) for column in columns):
        return _number_key(columns, theme)
    texts = [_texts(column) for column in columns]
    icons = _nomenclature(names, {text for values in texts for text in values if text is not None})
    return _coded_key(texts, *icons) if icons else _category_key(texts)


def _is_number(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _texts(column: pd.Series) -> list[str | None]:
    """Return each value as the card writes it; None where it is missing or blank."""
    words = style.read_words()["fr"]
    texts: list[str | None] = []
    for value in column:
        if meaning.is_missing(value) or not str(value).strip():
            texts.append(None)
        elif isinstance(value, (bool, np.bool_)):
            texts.append(words["yes" if value else "no"])
        elif isinstance(value, float) and value.is_integer():
            texts.append(str(int(value)))
        else:
            texts.append(str(value).encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
    return texts


# ------------------------------------------------------------------------------------------------ numbers
def _number_key(columns: Sequence[pd.Series], theme: Thematic) -> _Key:
    """Return whole numbers one by one where they are few, else classes; and what is not stated."""
    numbers = [_finite_numbers(column) for column in columns]
    together = np.concatenate(numbers)
    stated = together[np.isfinite(together)]
    distinct = np.unique(stated)
    if len(distinct) <= classes.MOST and (distinct == np.rint(distinct)).all() and not theme.bounds:
        entries, edges, method = _single_values(distinct), list(distinct), "value"
        places = [np.searchsorted(distinct, np.nan_to_num(values)) for values in numbers]
    else:
        entries, _, method, edges = thematic.shades(stated, theme)
        places = [_class_places(values, edges) for values in numbers]
    unknown = _unknown()
    looks = [
        np.where(np.isfinite(values), position, len(entries))
        for values, position in zip(numbers, places, strict=True)
    ]
    return _Key(
        entries=(*entries, unknown) if len(stated) < len(together) else tuple(entries),
        looks=tuple(tuple(int(look) for look in layer) for layer in looks),
        method=method,
        values=tuple(tuple(float(v) if np.isfinite(v) else None for v in values) for values in numbers),
        decimals=thematic.decimals_of(stated, edges),
    )


def _finite_numbers(column: pd.Series) -> thematic.Numbers:
    """Return the numbers of a column; NaN for any other value, and for one without end."""
    values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isfinite(values), values, np.nan)


def _class_places(values: thematic.Numbers, edges: list[float]) -> thematic.Numbers:
    """Return the class of each value; NaN gets the first one, and the caller sets it apart."""
    if not edges:
        return np.zeros(len(values), int)
    return classes.places(np.nan_to_num(values, nan=edges[0]), edges)


def _single_values(distinct: Any) -> list[Entry]:
    """Return a class for each of a few whole numbers: years, ranks, storeys."""
    if not len(distinct):
        return []
    fills = thematic.rules()["sequential"][len(distinct) - 1]
    return [{"label": f"{value:.0f}", "fill": fill} for value, fill in zip(distinct, fills, strict=True)]


# ------------------------------------------------------------------------------------------- nomenclatures
def _nomenclature(columns: Sequence[str], codes: Collection[str]) -> tuple[list[Entry], bool] | None:
    """Return the classes of the nomenclature that the columns are of, where it knows most of their codes."""
    for kind in style.read_style()["kinds"].values():
        if "recognised" not in kind or not set(columns) <= set(kind.get("class", ())):
            continue
        nested = kind.get("nested", False)
        known_count = sum(_class_of(code, _index(kind["icons"]), nested) is not None for code in codes)
        if codes and known_count >= FEWEST_KNOWN * len(codes):
            return kind["icons"], nested
    return None


def _index(icons: Sequence[Entry]) -> dict[str, int]:
    return {meaning.words(value): index for index, icon in enumerate(icons) for value in icon["values"]}


def _class_of(code: str, index: Mapping[str, int], nested: bool) -> int | None:
    """Find the class of a code; where codes are nested, that of the nearest one above it."""
    spelling = meaning.words(code)
    while spelling:
        if spelling in index:
            return index[spelling]
        spelling = spelling.rpartition(" ")[0] if nested else ""
    return None


def _coded_key(texts: Sequence[Sequence[str | None]], icons: Sequence[Entry], nested: bool) -> _Key:
    """Return the classes that a nomenclature names, in its order, those that are met; other codes apart."""
    index = _index(icons)
    place_of = cache(lambda code: _class_of(code, index, nested))
    strange, unknown = len(icons), len(icons) + 1
    looks = [
        [
            unknown if text is None else strange if (look := place_of(text)) is None else look
            for text in values
        ]
        for values in texts
    ]
    every = [
        *({"label": icon["label"], "fill": icon["fill"]} for icon in icons),
        _entry("theme_strange", thematic.rules()["strange"], hatch=True, mixed=True),
        _unknown(),
    ]
    return _only_met(every, looks)


# --------------------------------------------------------------------------------------------- categories
def _category_key(texts: Sequence[Sequence[str | None]]) -> _Key:
    """Return the commonest values, the rest together, and what is not stated."""
    fills = thematic.rules()["categories"]
    counts = Counter(text for values in texts for text in values if text is not None)
    ranked = sorted(counts, key=lambda text: (-counts[text], text))
    shown_values = ranked if len(ranked) <= len(fills) else ranked[: len(fills)]
    index = {text: position for position, text in enumerate(shown_values)}
    others_look, unknown = len(shown_values), len(shown_values) + 1
    looks = [
        [unknown if text is None else index.get(text, others_look) for text in values] for values in texts
    ]
    rest = len(ranked) - len(shown_values)
    every = [
        *({"label": spoken(text), "fill": fills[position]} for text, position in index.items()),
        _entry("theme_others", thematic.rules()["others"], mixed=True, n=rest),
        _unknown(),
    ]
    return _only_met(every, looks)


def _only_met(entries: Sequence[Entry], looks: Sequence[Sequence[int]]) -> _Key:
    looks_met = sorted({look for layer in looks for look in layer})
    rank = {look: position for position, look in enumerate(looks_met)}
    return _Key(
        entries=tuple(entries[look] for look in looks_met),
        looks=tuple(tuple(rank[look] for look in layer) for layer in looks),
    )


def _unknown() -> Entry:
    return _entry("theme_unknown", thematic.rules()["missing"], hatch=True, missing=True)


def _entry(word: str, fill: str, *, n: int = 0, **flags: bool) -> Entry:
    """Return an entry of ours: ``hatch`` for what is not known, ``mixed`` where it holds several values."""
    labels = {lang: words[word].format(n=n) for lang, words in style.read_words().items()}
    return {"label": labels, "fill": fill, **flags}
