"""Tables of a sheet: what a section shows, and how a distance is written."""

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from artois_geo import canal, languages, tables, vocabulary
from artois_geo.meaning import is_null
from artois_geo.sheets import wording
from artois_geo.sheets.location.situation import picture
from artois_geo.tables.french import is_ungrouped, places
from artois_geo.tables.values import is_number, native, plain

FINEST_KM = 0.005  # below, the hundredth of a kilometre that is written would be zero
FINE_KM = 0.5  # two positions known better than that give a distance to a tenth of a kilometre
WIDE_COLUMNS = 4


def filled(name: str, table: pd.DataFrame | None, chart: str, lang: str) -> dict[str, Any]:
    """Prepare one section for the template: title, headings, rows of texts, bars."""
    words = wording.words(lang)
    section_words = words["sections"].get(name, {"title": name, "told": ""})
    readable = (
        plain(wording.spoken(table, lang)) if table is not None and len(table.columns) else pd.DataFrame()
    )
    numeric = tables.numeric_columns(readable)
    columns = [
        cells(str(column), [native(value) for value in readable[column]], is_numeric, lang)
        for column, is_numeric in zip(readable.columns, numeric, strict=True)
    ]
    return {
        **section_words,
        "name": name,
        "chart": picture(chart) if chart else "",
        "wide": len(readable.columns) >= WIDE_COLUMNS or bool(chart),
        "heads": [
            {"text": heading(str(column), lang), "number": is_numeric}
            for column, is_numeric in zip(readable.columns, numeric, strict=True)
        ],
        "rows": [list(row) for row in zip(*columns, strict=True)],
    }


def heading(column: str, lang: str) -> str:
    """Return the heading of a column: words.toml, else the vocabulary, else its own name.

    Examples
    --------
    >>> heading("marginal_ha", "en"), heading("libre", "en")
    ('Added (ha)', 'libre')
    >>> heading("jobs_per_ha", "fr"), heading("jobs_per_ha", "en")
    ('Emplois par hectare (emplois/ha)', 'Jobs per hectare (jobs/ha)')
    """
    own_heading, term = wording.words(lang)["columns"].get(column), vocabulary.known(column)
    if own_heading or term is None:
        return str(own_heading or column)
    label, unit = (languages.said(term.label, "vocabulary", lang), languages.said(term.unit, "units", lang))
    return f"{label} ({unit})" if unit else label


def access_rows(access: pd.DataFrame | None, lang: str) -> list[dict[str, str]]:
    """Write the access table as texts: kind, name, distance, precision."""
    if access is None:
        return []
    labels = wording.read("layout.toml")["access"]
    return [
        {
            "label": labels[row["access_kind"]]["label"][lang],
            "name": wording.marked(str(row["objet_nom"]), row["objet_nom"], lang),
            "distance": _reached(row, lang),
            "doubt": _certainty(row, lang),
        }
        for _, row in access.iterrows()
    ]


def access_figure(access: pd.DataFrame | None, kind: str, lang: str) -> dict[str, Any]:
    """Make a key figure of one distance of the access table."""
    words = wording.words(lang)
    label = wording.read("layout.toml")["access"][kind]["short"][lang]
    matches = access[access["access_kind"] == kind] if access is not None else pd.DataFrame()
    if matches.empty:
        return {"label": label, "value": wording.MISSING, "note": words["unstated"]}
    row = matches.iloc[0]
    name, origin = str(row["objet_nom"]), words["access_short"]
    if row.get("access_origin") == canal.PUBLISHED:
        origin = words["published"]
    elif row.get("access_origin") == canal.ON_SITE:
        return {"label": label, "value": words["on_site"], "note": name}
    elif row["uncertainty_km"] >= max(
        row["straight_km"], FINEST_KM
    ):  # known no better than to its own length
        note = f"{_reached(row, lang)} ({_certainty(row, lang)}), {name}"
        return {"label": f"{label}, {origin}", "value": words["to_be_placed"], "note": note, "small": True}
    return {"label": f"{label}, {origin}", "value": _reached(row, lang), "note": name}


def _reached(row: pd.Series, lang: str) -> str:
    """Write how far one object of the access table is."""
    if row.get("access_origin") == canal.ON_SITE:
        return str(wording.words(lang)["on_site"])
    if row.get("access_origin") == canal.PUBLISHED:
        return exact_distance(row["straight_km"], lang)
    return distance(row["straight_km"], row["uncertainty_km"], lang)


def _certainty(row: pd.Series, lang: str) -> str:
    """Write how precise the distance is, or that a source publishes it."""
    if row.get("access_origin") == canal.ON_SITE:
        return ""
    if row.get("access_origin") == canal.PUBLISHED:
        return str(wording.words(lang)["published"])
    return _doubt(row["uncertainty_km"], lang)


def exact_distance(km: float, lang: str) -> str:
    """Write a distance that is known exactly: in metres below a kilometre.

    Examples
    --------
    >>> exact_distance(0.5, "fr"), exact_distance(3.28, "en")
    ('500 m', '3.3 km')
    """
    if km < 1:
        return wording.phrase(lang, "metres", m=wording.number(km * 1000, 0, lang))
    return wording.phrase(lang, "exact", km=wording.number(km, 1, lang))


def percent(share: float, lang: str) -> str:
    """Write a share from 0 to 1 as per cent.

    Examples
    --------
    >>> percent(0.5447, "fr"), percent(1.0, "en")
    ('54,5 %', '100 %')
    """
    per_cent = round(share * 100, 1)
    return wording.told(per_cent, lang, decimals=0 if per_cent == int(per_cent) else 1, unit="%")


def distance(km: float, doubt_km: float, lang: str) -> str:
    """Write a distance with the digits that its uncertainty allows.

    Examples
    --------
    >>> distance(3.28, 0.1, "fr"), distance(5.42, 4.0, "fr"), distance(0.4, 5.0, "en")
    ('3,3 km', '≈ 5 km', '< 6 km')
    """
    if math.isnan(doubt_km):  # nothing says how sure the positions are
        return wording.phrase(lang, "about", km=wording.number(km, 1, lang))
    if doubt_km < FINE_KM:
        return wording.phrase(lang, "exact", km=wording.number(km, 1, lang))
    if km <= doubt_km:
        return wording.phrase(lang, "under", km=wording.number(math.ceil(km + doubt_km), 0, lang))
    return wording.phrase(lang, "about", km=wording.number(km, 0, lang))


def _doubt(km: float, lang: str) -> str:
    """Write how far a distance may be wrong; nothing where that is finer than what is written of it."""
    if is_null(km):
        return wording.phrase(lang, "doubt_unknown")
    if km < FINEST_KM:
        return ""
    decimals = 0 if km == int(km) else 2 if km < FINE_KM else 1
    return wording.phrase(lang, "doubt", km=wording.number(km, decimals, lang))


def cells(column: str, values: Sequence[Any], numeric: bool, lang: str) -> list[dict[str, Any]]:
    """Write the values of a column with the same decimals, and the length of their bars."""
    numbers = [float(value) for value in values if is_number(value) and math.isfinite(value)]
    highest = max([abs(value) for value in numbers], default=0.0)
    bars = column in wording.read("words.toml")["bars"] and highest > 0
    share = column.endswith("_share")
    decimals = min(places([value * 100 for value in numbers] if share else numbers), 2) if numbers else 0
    column_cells = []
    for value in values:
        text = _cell(value, lang, decimals, share, column)
        bar = round(abs(value) / highest * 100, 1) if bars and is_number(value) else None
        column_cells.append({"text": wording.marked(text, value, lang), "number": numeric, "bar": bar})
    return column_cells


def _cell(value: Any, lang: str, decimals: int, share: bool, column: str) -> str:
    if is_number(value) and math.isinf(value):
        return tables.number(value)
    if share and is_number(value):
        return wording.told(value * 100, lang, decimals=min(decimals, 1), unit="%")
    return wording.told(value, lang, decimals=decimals, years=is_ungrouped(column))
