"""Which vintages of OCS GE a study reads, and what to say of one that IGN corrected afterwards."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from artois_geo import meaning, overlay
from artois_geo.constants.rules import RuleSet
from artois_geo.layers import Layer
from artois_geo.studies.zan.rules import used

OFFICIAL = (
    "Flux tirés de l'intersection des deux couches : la différence officielle de l'IGN (--diff), si elle "
    "existe, passe avant."
)
_CORRECTED = "ocsge_corrected_vintage"
_YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")
_COLUMNS = ("millesime", "annee_avant", "annee_apres")


def of_frame(frame: pd.DataFrame, layer: Layer | Path) -> set[int]:
    """List the years that a layer read in memory holds: its columns, else their names, else its own name.

    What is made up has no vintage of IGN.

    Examples
    --------
    >>> of_frame(pd.DataFrame({"millesime": ["2021"]}), Path("ocsge.gpkg"))
    {2021}
    """
    if meaning.fictional(frame).any():
        return set()
    folded = {meaning.fold(str(name)): name for name in frame.columns}
    columns = [frame[folded[name]].unique() for name in _COLUMNS if name in folded]
    years = _years(cell for cells in columns for cell in cells)
    return years or set(meaning.year_pair(folded) or ()) or _of_name(layer)


def of_source(source: overlay.GeoPackage | overlay.GeoParquet, layer: Layer | Path) -> set[int]:
    """List the years of a layer left in its file, of which the first objects are read.

    Examples
    --------
    >>> from artois_geo import example
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "OCSGE_2021-07-01_2023-01-10.gpkg"
    >>> example.square(x_km=0, y_km=0, side_km=1, code_cs="CS2.2.1").to_file(path)
    >>> of_source(overlay.open_cover(path), path)
    {2021}
    """
    column = next((name for name in source.columns if meaning.fold(name) == _COLUMNS[0]), None)
    if column is not None:
        for part in source.parts([column], None):
            for batch in part:
                return _years(set(batch.values[0])) or _of_name(layer)
    return _of_name(layer)


def corrected(rule_set: RuleSet, years: set[int]) -> list[str]:
    """Say that one of the years is the vintage that IGN corrected, if it is.

    Examples
    --------
    >>> from artois_geo.constants import rules
    >>> corrected(rules.read(), {2018}), len(corrected(rules.read(), {2021}))
    ([], 1)
    """
    return [vintage.note for vintage in used(rule_set, _CORRECTED) if vintage.value in years]


def possible_correction(rule_set: RuleSet) -> list[str]:
    """Say what may explain that two stocks and the flow between them do not agree.

    Examples
    --------
    >>> from artois_geo.constants import rules
    >>> possible_correction(rules.read())
    ["Si une photographie est de 2021, l'écart peut être le correctif de ce millésime."]
    """
    return [
        f"Si une photographie est de {vintage.value}, l'écart peut être le correctif de ce millésime."
        for vintage in used(rule_set, _CORRECTED)
    ]


def _of_name(layer: Layer | Path) -> set[int]:
    # the first of the days that the name of a delivery carries is the vintage, the last its publication
    return _years(_YEAR.findall(layer.name)[:1])


def _years(cells: Iterable[Any]) -> set[int]:
    texts = (str(cell) for cell in cells if not meaning.is_missing(cell))
    return {int(year[0]) for text in texts if (year := _YEAR.search(text))}
