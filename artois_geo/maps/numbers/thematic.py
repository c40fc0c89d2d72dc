"""Maps of a number: shades by class for a ratio, circles of proportional area for a quantity."""

import itertools
import math
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from artois_geo.errors import BadValue, UnknownName
from artois_geo.maps import style
from artois_geo.maps.numbers import classes

SHADES, CIRCLES, COLOURS = "aplats", "cercles", "couleurs"
GROUP = "themes"
SIGNIFICANT = 6  # digits kept of a ratio worked out here
LEADING = (5, 2, 1)
SHARES_OF_LARGEST = (1, 5, 25)  # what the circles of the legend stand for, about

Label = dict[str, Any]
Numbers = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Thematic:
    """How a column of a layer becomes a map.

    ``drawn`` is ``"aplats"`` (shades, for ratios only), ``"cercles"`` (area proportional to
    the value) or ``"couleurs"`` (each value, or class of values, in a colour of its own). ``per``
    divides ``column`` by another column. ``bounds`` are chosen bounds; they make the method
    ``"manuel"``. ``label`` and ``unit`` say what a column of no known name is.
    ``force`` shades a quantity all the same: the caller then answers for the picture.
    """

    column: str
    drawn: str = SHADES
    per: str = ""
    method: str = "quantiles"
    classes: int = 5
    bounds: tuple[float, ...] = ()
    label: str = ""
    unit: str = ""
    force: bool = False


@dataclass(frozen=True)
class Themed:
    """A column in its classes, ready to be drawn: one item of ``values`` and ``looks`` per feature.

    ``entries`` are the lines of the legend (label, fill, count, hectares where areas are known); the last
    one stands for missing values where there are some. A look is the index of its entry.
    """

    column: str
    drawn: str
    label: Label
    method: str
    entries: tuple[dict[str, Any], ...]
    looks: tuple[int, ...]
    values: tuple[float | None, ...]
    missing: int
    largest: float
    round_values: tuple[float, ...]


@cache
def rules() -> dict[str, Any]:
    """Read all of ``thematic.toml``."""
    return tomllib.loads(files("artois_geo.maps").joinpath("thematic.toml").read_text(encoding="utf-8"))


def nature(column: str, unit: str = "") -> str:
    """Guess what a column holds by its name, then its unit: ``"ratio"``, ``"stock"``, or ``""``.

    Examples
    --------
    >>> nature("available_share"), nature("available_ha"), nature("valeur", "hab./ha"), nature("valeur")
    ('ratio', 'stock', 'ratio', '')
    """
    clues = rules()["nature"]
    for candidate in ("ratio", "stock"):
        if column.endswith(tuple(clues[f"{candidate}_names"])) or column.startswith(
            tuple(clues[f"{candidate}_starts"])
        ):
            return candidate
    return next((candidate for candidate in ("ratio", "stock") if unit in clues[f"{candidate}_units"]), "")


def apply(
    frame: gpd.GeoDataFrame,
    theme: Thematic,
    *,
    layer: str,
    labels: Mapping[str, Label],
    private: Collection[str] = (),
) -> Themed:
    """Classify the values of a layer for a map of a number.

    Parameters
    ----------
    frame
        Features; a value that is missing or infinite is drawn apart, never guessed.
    theme
        What is asked.
    layer
        Name of the layer, for messages.
    labels
        What is known of the columns: French and English label, unit.
    private
        Columns that the kind keeps in the house.

    Raises
    ------
    BadValue
        Not numbers, a quantity to be shaded, lines, an unknown method, too many classes, bounds that leave
        values out.
    UnknownName
        No such column.

    Examples
    --------
    >>> from artois_geo import example
    >>> towns = example.square(x_km=0, y_km=0, side_km=1, habitants=250.0)
    >>> apply(towns, Thematic("habitants", drawn="cercles"), layer="communes", labels={}).round_values
    (200.0, 50.0, 10.0)
    """
    check(theme)
    _refuse_lines(frame, layer)
    values = _values(frame, theme, layer, private)
    column = f"{theme.column}/{theme.per}" if theme.per else theme.column
    column_label = label(theme, labels)
    if theme.drawn == SHADES:
        _refuse_stock(theme, _unit_text(column_label), layer, _numeric_columns(frame, private))
    has_value = np.isfinite(values)
    missing = int((~has_value).sum())
    if theme.drawn == SHADES:
        entries, value_looks, method, edges = shades(values[has_value], theme)
    else:
        entries, method, edges = _signs(values[has_value]), "", []
        value_looks = np.where(values[has_value] < 0, 1, 0)
    looks = np.full(len(values), len(entries))
    looks[has_value] = value_looks
    if missing:
        words = {lang: texts["theme_missing"] for lang, texts in style.read_words().items()}
        entries.append({"label": words, "fill": rules()["missing"], "hatch": True, "count": missing})
    largest = float(np.abs(values[has_value]).max(initial=0.0))
    return Themed(
        column=column,
        drawn=theme.drawn,
        label=column_label | {"decimals": decimals_of(values[has_value], edges)},
        method=method,
        entries=tuple(entries),
        looks=tuple(int(look) for look in looks),
        values=tuple(float(value) if math.isfinite(value) else None for value in values),
        missing=missing,
        largest=largest,
        round_values=_round_values(largest),
    )


def drawn_as(usual: style.Style, themed: Themed) -> style.Style:
    """Return the style of a kind, once its layer is a map of a number."""
    listed = "folded" if usual["drawn"] in {"ground", "none"} else usual["listed"]
    figures = [themed.column, *(name for name in usual["figures"] if name != themed.column)]
    base = {key: value for key, value in usual.items() if key not in {"icons", "icon", "ring", "dash"}}
    if themed.drawn == CIRCLES:
        return {
            **base,
            "drawn": "shapes",
            "listed": listed,
            "figures": figures,
            **rules()["circles"]["above"],
        }
    icons = [dict(entry) for entry in themed.entries]
    edge = rules()["circles"]["above"] if themed.drawn == SHADES else {}
    return {**base, "drawn": "shapes", "listed": listed, "figures": figures, "icons": icons, **edge}


def text(themed: Themed, index: int, lang: str) -> str:
    """Write the value of a feature with its unit, or that it has none.

    Examples
    --------
    >>> from artois_geo import example
    >>> towns = example.square(x_km=0, y_km=0, side_km=1, habitants=1250.0)
    >>> text(apply(towns, Thematic("habitants", drawn="cercles"), layer="", labels={}), 0, "en")
    '1,250'
    """
    value = themed.values[index]
    if themed.drawn == COLOURS and value is None:
        entry_label = themed.entries[themed.looks[index]]["label"]
        return str(entry_label if isinstance(entry_label, str) else entry_label[lang])
    if value is None:
        return style.read_words()[lang]["theme_missing"]
    return f"{number(value, themed.label['decimals'], lang)} {unit(themed, lang)}".strip()


def unit(themed: Themed, lang: str) -> str:
    """Return the unit in a language."""
    return _unit_in(themed.label, lang)


def heading(themed: Themed, lang: str) -> str:
    """Return what stands above the classes: label and unit."""
    label = str(themed.label.get(lang) or themed.label["fr"])
    return f"{label} ({unit(themed, lang)})" if unit(themed, lang) else label


def number(value: float, decimals: int, lang: str) -> str:
    """Write a number as the language does.

    Examples
    --------
    >>> number(-1234.5, 1, "fr"), number(1234.5, 1, "en")
    ('−1\\u202f234,5', '1,234.5')
    """
    digits = f"{value:,.{decimals}f}".replace("-", "−")
    return digits.translate(str.maketrans(",.", "\u202f,")) if lang == "fr" else digits


def check(theme: Thematic) -> None:
    """Refuse an unknown drawing or method, or too many classes.

    Raises
    ------
    BadValue
        What is asked cannot be drawn.
    """
    if theme.drawn not in (SHADES, CIRCLES, COLOURS):
        raise BadValue(f"Dessin inconnu : « {theme.drawn} ». Choisir {SHADES}, {CIRCLES} ou {COLOURS}.")
    if theme.method not in classes.METHODS or (theme.method == "manuel" and not theme.bounds):
        raise BadValue(
            f"Méthode refusée : « {theme.method} ».\n"
            f"Choisir {', '.join(classes.METHODS[:-1])}, ou donner les bornes (manuel)."
        )
    if not classes.FEWEST <= theme.classes <= classes.MOST:
        raise BadValue(
            f"{theme.classes} classes demandées : en choisir de {classes.FEWEST} à {classes.MOST}, "
            "l'œil n'en distingue pas plus."
        )


def _refuse_lines(frame: gpd.GeoDataFrame, layer: str) -> None:
    if frame.geom_type.isin(["LineString", "MultiLineString"]).any():
        raise BadValue(
            f"La couche « {layer} » contient des lignes : ni aplat ni cercle ne s'y applique.\n"
            "Choisir une couche de surfaces ou de points."
        )


def _values(frame: gpd.GeoDataFrame, theme: Thematic, layer: str, private: Collection[str]) -> Numbers:
    if not theme.per:
        return _column(frame, theme.column, layer, private)
    numerator, denominator = (_column(frame, name, layer, private) for name in (theme.column, theme.per))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(denominator == 0, np.nan, numerator / denominator)
    digits = (float(f"{value:.{SIGNIFICANT}g}") for value in ratio)
    return np.fromiter(digits, dtype=float, count=len(ratio))


def _column(frame: gpd.GeoDataFrame, name: str, layer: str, private: Collection[str]) -> Numbers:
    """Return the numbers of a column; NaN where a value is missing or infinite."""
    columns = [str(c) for c in frame.columns if c != frame.geometry.name and str(c) not in private]
    if name not in columns:
        raise UnknownName(f"colonne de la couche « {layer} »", name, columns)
    column = frame[name]
    is_numeric = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    if not is_numeric and column.notna().any():
        raise BadValue(
            f"La colonne « {name} » de la couche « {layer} » ne contient pas des nombres.\n"
            "Choisir une colonne de nombres, ou la convertir d'abord."
        )
    values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isfinite(values), values, np.nan)


def _numeric_columns(frame: gpd.GeoDataFrame, private: Collection[str]) -> list[str]:
    return [
        str(name)
        for name in frame.select_dtypes("number").columns
        if str(name) not in private and frame[name].notna().any()
    ]


def _refuse_stock(theme: Thematic, unit_text: str, layer: str, columns: Sequence[str]) -> None:
    if theme.per or theme.force or nature(theme.column, unit_text) != "stock":
        return
    ratio = _sensible_ratio(theme.column, columns)
    other = f", ou la rapporter à une autre colonne ({ratio} par exemple)" if ratio else ""
    raise BadValue(
        f"La colonne « {theme.column} » de la couche « {layer} » est une quantité : en aplats, la carte "
        "montrerait surtout la taille des territoires.\n"
        f"La dessiner en {CIRCLES}{other}."
    )


def _sensible_ratio(column: str, columns: Sequence[str]) -> str:
    """Return a ratio that the columns allow, a quantity by an area; nothing where none makes sense."""
    clues = rules()["nature"]
    starts, ends = tuple(clues["area_starts"]), tuple(clues["area_names"])
    areas = [name for name in columns if name.startswith(starts) or name.endswith(ends)]
    if column not in areas:
        return f"{column}/{areas[0]}" if areas else ""
    quantities = [name for name in columns if name not in areas and nature(name) == "stock"]
    return f"{quantities[0]}/{column}" if quantities else ""


def label(theme: Thematic, labels: Mapping[str, Label]) -> Label:
    """Label the column, or the ratio of two columns, in each language, with its unit."""

    def label_of(column: str) -> Label:
        return {"fr": column, **labels.get(column, {})}

    numerator = label_of(theme.column)
    if theme.label:
        numerator = {**numerator, "fr": theme.label, "en": theme.label}
    if theme.unit:
        numerator = {**numerator, "unit": theme.unit}
    if not theme.per:
        return numerator
    denominator = label_of(theme.per)
    texts = {
        lang: f"{numerator.get(lang, numerator['fr'])} / {denominator.get(lang, denominator['fr'])}"
        for lang in style.LANGUAGES
    }
    if theme.label:
        texts = dict.fromkeys(style.LANGUAGES, theme.label)
    units = {
        lang: "/".join(part for part in (_unit_in(numerator, lang), _unit_in(denominator, lang)) if part)
        for lang in style.LANGUAGES
    }
    both_have_units = all(_unit_in(side, "fr") for side in (numerator, denominator))
    return {**texts, "unit": theme.unit or (units if both_have_units else "")}


def _unit_in(label: Label, lang: str) -> str:
    texts = label.get("unit", "")
    return str(texts.get(lang, texts.get("fr", ""))) if isinstance(texts, dict) else str(texts)


def _unit_text(label: Label) -> str:
    return _unit_in(label, "fr")


def shades(values: Numbers, theme: Thematic) -> tuple[list[dict[str, Any]], Numbers, str, list[float]]:
    """Return the legend entries, the class of each value, the method and the edges of shades."""
    method = "manuel" if theme.bounds else theme.method
    edges = (
        classes.checked(theme.bounds, values)
        if theme.bounds
        else classes.bounds(values, method=method, classes=theme.classes)
    )
    if not edges:
        return [], np.array([], dtype=int), method, []
    looks = classes.places(values, edges)
    counts = np.bincount(looks, minlength=len(edges) - 1)
    decimal_count = classes.decimals(edges)
    entries = [
        {
            "label": {lang: _class_text(edges, class_index, decimal_count, lang) for lang in style.LANGUAGES},
            "fill": fill,
            "count": int(counts[class_index]),
        }
        for class_index, fill in enumerate(_fills(edges))
    ]
    return entries, looks, method, edges


def _class_text(edges: list[float], class_index: int, decimal_count: int, lang: str) -> str:
    class_edges = edges[class_index : class_index + 2]
    lower, upper = (number(edge, decimal_count, lang) for edge in class_edges)
    if class_edges[0] == class_edges[1]:
        return lower
    words = style.read_words()[lang]
    template = words["theme_last"] if class_index == len(edges) - 2 else words["theme_class"]
    return template.format(a=lower, b=upper)


def _fills(edges: list[float]) -> list[str]:
    """Choose a colour per class; two arms for both signs, a class across zero is of the longer side."""
    palette = rules()
    count = len(edges) - 1
    negative_classes = sum(lower + upper < 0 for lower, upper in itertools.pairwise(edges))
    if edges[0] >= 0 or edges[-1] <= 0 or not 0 < negative_classes < count:
        if edges[-1] <= 0 and edges[0] < 0:  # all below zero: the darkest is the farthest from it
            return list(palette["sequential"][count - 1])[::-1]
        return list(palette["sequential"][count - 1])
    return [
        *palette["below_zero"][negative_classes - 1][::-1],
        *palette["above_zero"][count - negative_classes - 1],
    ]


def _signs(values: Numbers) -> list[dict[str, Any]]:
    words, colours = style.read_words(), rules()["circles"]
    return [
        {
            "label": {lang: texts[f"theme_{side}"] for lang, texts in words.items()},
            **colours[side],
            "count": int(count),
        }
        for side, count in (("above", (values >= 0).sum()), ("below", (values < 0).sum()))
    ]


def decimals_of(values: Numbers, edges: list[float]) -> int:
    """Count the decimals that values of these classes are written with."""
    if len(values) == 0 or (values == np.rint(values)).all():
        return 0
    largest = float(np.abs(values).max())
    return max(classes.decimals(edges), min(4, max(0, 2 - math.floor(math.log10(largest)))))


def _round_values(largest: float) -> tuple[float, ...]:
    """Return what the circles of the legend stand for: 1, 2 or 5 and zeros, the largest first."""
    if largest <= 0:
        return ()
    round_values = dict.fromkeys(_round_below(largest / share) for share in SHARES_OF_LARGEST)
    return tuple(round_values)


def _round_below(value: float) -> float:
    power = math.floor(math.log10(value))
    leading = next(digit for digit in LEADING if float(f"{digit}e{power}") <= value * (1 + 1e-12))
    return float(f"{leading}e{power}")
