"""Which vintages of OCS GE a command reads, and what to say of one that IGN corrected afterwards."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artois_geo import meaning

if TYPE_CHECKING:
    import pandas as pd

    from artois_geo import overlay
    from artois_geo.constants.rules import RuleSet
    from artois_geo.layers import Layer

OFFICIAL = (
    "Flux tirés de l'intersection des deux couches : la différence officielle de l'IGN (--diff), si elle "
    "existe, passe avant."
)
_YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")
_COLUMNS = ("millesime", "annee_avant", "annee_apres")


def of_frame(frame: "pd.DataFrame", layer: "Layer | Path") -> set[int]:
    """Years that a layer read in memory says it holds: its columns, else their names, else its own name.

    What is made up has no vintage of IGN.
    """
    if meaning.fictional(frame).any():
        return set()
    folded = {meaning.fold(str(name)): name for name in frame.columns}
    columns = [frame[folded[name]].unique() for name in _COLUMNS if name in folded]
    years = _years(value for values in columns for value in values)
    return years or set(meaning.year_pair(folded) or ()) or _named(layer)


def of_source(source: "overlay.GeoPackage | overlay.GeoParquet", layer: "Layer | Path") -> set[int]:
    """The same for a layer left in its file, of which the first objects are read."""
    column = next((name for name in source.columns if meaning.fold(name) == _COLUMNS[0]), None)
    if column is not None:
        for part in source.parts([column], None):
            for batch in part:
                return _years(set(batch.values[0])) or _named(layer)
    return _named(layer)


def corrected(rules: "RuleSet", years: set[int]) -> list[str]:
    """What to say where one of the years is the vintage that IGN corrected."""
    vintage = rules.constants.get("ocsge_corrected_vintage")
    if vintage is None or vintage.value not in years:
        return []
    return [vintage.note]


def perhaps_corrected(rules: "RuleSet") -> list[str]:
    """What may explain that two stocks and the flow between them do not agree."""
    vintage = rules.constants.get("ocsge_corrected_vintage")
    if vintage is None:
        return []
    return [f"Si une photographie est de {vintage.value}, l'écart peut être le correctif de ce millésime."]


def _named(layer: "Layer | Path") -> set[int]:
    # the first of the days that the name of a delivery carries is the vintage, the last its publication
    return _years(_YEAR.findall(layer.name)[:1])


def _years(values: Iterable[Any]) -> set[int]:
    texts = (str(value) for value in values if not meaning.is_missing(value))
    return {int(year[0]) for text in texts if (year := _YEAR.search(text))}
