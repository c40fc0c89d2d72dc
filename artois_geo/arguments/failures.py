"""Why a function failed on what it was given: a column that a table lacks, figures written as text."""

import re
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from types import TracebackType
from typing import Any

import geopandas as gpd
import pandas as pd

from artois_geo.arguments.words import SIZES
from artois_geo.errors import BadTable
from artois_geo.text import decimal_point

_QUOTED = re.compile(r"'([^']+)'")
_MOST = 20  # columns that a message lists


def explained(error: Exception, arguments: Mapping[str, Any]) -> BadTable | None:
    """Say in French which table of the call the failure comes from; None where it is not theirs."""
    tables = dict(_tables(arguments))
    if isinstance(error, KeyError):
        is_column = _is_of_pandas(error.__traceback__)
        return _lacking(error, tables, arguments) if is_column else None
    refusal = None
    if isinstance(error, TypeError | ValueError):
        refusal = _text_for_figures(str(error), tables)
    return refusal or _empty(arguments)


def _empty(arguments: Mapping[str, Any]) -> BadTable | None:
    """Refuse what holds nothing: no row to compute with, no frame to put together."""
    for name, value in arguments.items():
        if isinstance(value, pd.DataFrame | pd.Series | list) and len(value) == 0:
            what = "cette liste est vide" if isinstance(value, list) else "ce tableau n'a aucune ligne"
            return BadTable(
                f"« {name} » : {what}, il n'y a rien à calculer.\n"
                f"Vérifier ce qui le remplit avant d'appeler : len({name}) > 0."
            )
    return None


def _tables(arguments: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Name every table of a call, those of a dictionary or a list too."""
    for name, value in arguments.items():
        if isinstance(value, pd.DataFrame) or (
            isinstance(value, pd.Series) and not isinstance(value, gpd.GeoSeries)
        ):
            yield name, value
        elif isinstance(value, Mapping):
            for key, part in value.items():
                if isinstance(part, pd.DataFrame):
                    yield f'{name}["{key}"]', part


def _is_of_pandas(traceback: TracebackType | None) -> bool:
    module = ""
    while traceback is not None:
        module = traceback.tb_frame.f_globals.get("__name__", "")
        traceback = traceback.tb_next
    return module.startswith(("pandas", "geopandas"))


def _lacking(error: KeyError, tables: Mapping[str, Any], arguments: Mapping[str, Any]) -> BadTable | None:
    names = _names_of(error)
    lacking = {
        table: absent
        for table, frame in tables.items()
        if (absent := [name for name in names if name not in _labels(frame)])
    }
    if not names or not lacking:
        return None
    table, absent = _read_from(error.__traceback__, tables, lacking)
    argument = next(
        (name for name, value in arguments.items() if isinstance(value, str) and value in absent), ""
    )
    return _lacking_refusal(table, tables[table], absent, argument)


def _names_of(error: KeyError) -> list[str]:
    """Read the columns that pandas says it has not found."""
    text = str(error.args[0] if error.args else "").removeprefix("Column not found: ")
    return _QUOTED.findall(text) if " in " in text or " not found" in text else [text]


def _lacking_refusal(table: str, frame: Any, absent: list[str], argument: str) -> BadTable:
    """Name the columns that a table lacks, those that are near, and the argument that asked for them."""
    labels = _labels(frame)
    several = "s" if len(absent) > 1 else ""
    noun = "colonne" if isinstance(frame, pd.DataFrame) else "champ"
    message = (
        f"« {table} » n'a pas de {noun}{several} {', '.join(f'« {name} »' for name in absent)}"
        f"{f' ({argument}=)' if argument else ''}."
    )
    near = get_close_matches(absent[0], labels, n=3, cutoff=0.6)
    if near:
        message += f" Noms proches : {', '.join(near)}."
    more = " …" if len(labels) > _MOST else ""
    return BadTable(
        f"{message}\nColonnes : {', '.join(labels[:_MOST])}{more}.\n"
        f'Renommer la sienne, par exemple {table}.rename(columns={{"…": "{absent[0]}"}})'
        f"{f', ou écrire {argument}=…, avec un de ces noms' if argument else ''}."
    )


def _labels(table: Any) -> list[str]:
    return [str(label) for label in (table.columns if isinstance(table, pd.DataFrame) else table.index)]


def _read_from(
    traceback: TracebackType | None, tables: Mapping[str, Any], lacking: Mapping[str, list[str]]
) -> tuple[str, list[str]]:
    """Find the table that the failing line reads: itself, else of the same columns, else the first."""
    owners = []
    while traceback is not None:
        owner = traceback.tb_frame.f_locals.get("self")
        if isinstance(owner, pd.DataFrame | pd.Series):
            owners.append(owner)
        traceback = traceback.tb_next
    for table, absent in lacking.items():
        if any(owner is tables[table] for owner in owners):
            return table, absent
    for owner in owners:
        columns = set(_labels(owner))
        alike = [table for table in lacking if columns and columns >= set(_labels(tables[table]))]
        if alike:
            return max(alike, key=lambda table: len(_labels(tables[table]))), lacking[alike[0]]
    return next(iter(lacking.items()))


def _text_for_figures(message: str, tables: Mapping[str, Any]) -> BadTable | None:
    """Refuse a table whose figures are texts, where the failure says that texts are in the way."""
    if not re.search(r"\bstr\b|string|sequence|<U\d|object|dtype|invalid literal", message):
        return None
    for table, frame in tables.items():
        for column in frame.columns if isinstance(frame, pd.DataFrame) else ():
            example = _written_figure(frame[column], str(column))
            if example is not None:
                return _figures_refusal(table, column, example)
    return None


def _figures_refusal(table: str, column: Any, example: str) -> BadTable:
    written = f'{table}["{column}"]'
    return BadTable(
        f"« {table} » : les nombres de la colonne « {column} » sont écrits en texte (« {example} »).\n"
        f"Les lire d'abord : {written} = pd.to_numeric({written}.map(artois_geo.text.decimal_point))."
    )


def refuse_joined_texts(answer: Any, arguments: Callable[[], Mapping[str, Any]]) -> None:
    """Refuse a result whose sizes are texts put end to end: a sum of figures that a table holds as text.

    Raises
    ------
    BadTable
        The message names the column and how to read it.
    """
    if not isinstance(answer, pd.DataFrame):
        return
    sizes = [name for name in answer.columns if str(name).endswith(SIZES) and _is_text(answer[name])]
    tables = (
        {name: table for name, table in _tables(arguments()) if isinstance(table, pd.DataFrame)}
        if sizes
        else {}
    )
    if all(any(_carries(table, answer, name) for table in tables.values()) for name in sizes):
        return
    for name, table in tables.items():
        for column in table.columns:
            example = _written_figure(table[column], str(column))
            if example is not None:
                raise _figures_refusal(name, column, example)


def _carries(table: pd.DataFrame, answer: pd.DataFrame, name: str) -> bool:
    """Tell a column that a result passes on as it was given from one that it computes."""
    return name in table.columns and set(answer[name].dropna()) <= set(table[name].dropna())


def _is_text(column: Any) -> bool:
    return (
        isinstance(column, pd.Series)
        and column.dtype.kind not in "biufM"
        and any(isinstance(value, str) for value in column.head(3))
    )


def _written_figure(column: Any, name: str) -> str | None:
    """Return the first text of a column of texts that are all numbers; a code is no number."""
    values = column.dropna() if isinstance(column, pd.Series) else pd.Series()
    texts = [value for value in values.head(100) if isinstance(value, str)]
    if not texts or len(texts) < len(values.head(100)):
        return None
    if not name.endswith(SIZES) and not any(re.search("[.,]", text) for text in texts):
        return None
    try:
        [float(decimal_point(text)) for text in texts]
    except ValueError:
        return None
    return texts[0]
