"""A table as a file for spreadsheets or for programs."""

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from artois_geo.errors import BadTable
from artois_geo.meaning import is_null
from artois_geo.tables.footer import Footer
from artois_geo.tables.french import file_headings, in_percent
from artois_geo.tables.values import as_text, is_number, native, plain, rows
from artois_geo.text import comma

RISKY = tuple("=+-@\t\r\n＝＋－＠")  # a spreadsheet takes a text that starts so for a formula


def to_csv(frame: pd.DataFrame, labels: Mapping[str, str] | None = None) -> bytes:
    """Write a CSV that a French spreadsheet opens by double click: ``;``, UTF-8 with BOM, decimal comma.

    Headings are French, with their units, and shares are in percent; ``labels`` are those of received
    columns. The commands read it back. A text that a spreadsheet would run as a formula gets a leading
    apostrophe; use :func:`to_raw_csv` for an exchange without any change.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.tables import to_csv
    >>> to_csv(pd.DataFrame({"nom": ["=1+1"], "area_ha": [1.5]})).decode("utf-8-sig").splitlines()
    ['nom;Surface (ha)', "'=1+1;1,5"]
    """
    table = plain(frame)
    heads = file_headings(table, labels)
    return _csv(in_percent(table), heads, separator=";", cell=_spreadsheet_cell).encode("utf-8-sig")


def to_raw_csv(frame: pd.DataFrame) -> bytes:
    """Write a CSV for programs: ``,``, UTF-8 without BOM, decimal point, texts untouched.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.tables import to_raw_csv
    >>> to_raw_csv(pd.DataFrame({"nom": ["=1+1"], "area_ha": [1.5]})).decode().splitlines()
    ['nom,area_ha', '=1+1,1.5']
    """
    table = plain(frame)
    return _csv(table, list(map(str, table.columns)), separator=",", cell=_raw_cell).encode()


def to_json(
    frame: pd.DataFrame, footer: Footer | None = None, *, members: Mapping[str, Any] | None = None
) -> bytes:
    """Write one JSON object: ``rows``, ``sources``, ``constants``, ``surface``, ``notes``, then ``members``.

    Missing values are ``null``, integers stay integers, dates are AAAA-MM-JJ.

    Raises
    ------
    BadTable
        An infinite number, which JSON cannot say.

    Examples
    --------
    >>> import json
    >>> import pandas as pd
    >>> from artois_geo.tables import to_json
    >>> json.loads(to_json(pd.DataFrame({"n": [1], "area_ha": [float("nan")]})))["rows"]
    [{'n': 1, 'area_ha': None}]
    """
    footer = footer or Footer()
    table = plain(frame)
    document = {
        "rows": _records(table),
        "sources": [
            {
                "layer": source.layer,
                "title": source.title,
                "vintage": source.vintage,
                "licence": source.licence,
                "source": source.source,
                "home": source.home,
            }
            for source in footer.sources
        ],
        "constants": [
            {
                "name": constant.name,
                "title": constant.title,
                "value": _json_value(constant.value),
                "unit": constant.unit,
                "since": constant.since.isoformat(),
                "source": constant.source,
            }
            for constant in footer.constants
        ],
        "surface": footer.surface or None,
        "notes": list(footer.notes),
    } | {name: _json_value(value) for name, value in (members or {}).items()}
    return (json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def is_risky(text: str) -> bool:
    """Tell whether a spreadsheet would take this text for a formula.

    Examples
    --------
    >>> is_risky("=cmd()"), is_risky("Zone A")
    (True, False)
    """
    return text.startswith(RISKY)


def _csv(table: pd.DataFrame, heads: list[str], *, separator: str, cell: Callable[[Any], str]) -> str:
    lines = [list(map(cell, heads))]
    lines += [[cell(value) for value in row] for row in rows(table)]
    needs_quotes = re.compile(rf'[{separator}"\r\n]')
    return "".join(
        separator.join(
            '"' + text.replace('"', '""') + '"' if needs_quotes.search(text) else text for text in line
        )
        + "\r\n"
        for line in lines
    )


def _spreadsheet_cell(value: Any) -> str:
    if is_null(value):
        return ""
    if isinstance(value, str):
        return f"'{value}" if is_risky(value) else value
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return comma(f"{value:.15g}")  # a spreadsheet keeps 15 figures
    text = as_text(value)
    return f"'{text}" if is_risky(text) else text


def _raw_cell(value: Any) -> str:
    if is_null(value):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, (int, float)) else as_text(value)


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    names = [str(name) for name in table.columns]
    for name in table.columns:
        if any(is_number(value) and math.isinf(value) for value in map(native, table[name])):
            raise BadTable(
                f"La colonne « {name} » contient un nombre infini, que le JSON ne sait pas écrire."
            )
    return [dict(zip(names, map(_json_value, row), strict=True)) for row in rows(table)]


def _json_value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _json_value(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, np.ndarray)):
        return [_json_value(native(item)) for item in value]
    if is_null(value):
        return None
    return value if isinstance(value, (str, bool, int, float)) else as_text(value)
