"""Numbers that a cell writes with their unit, and cells that say there is no number.

The unit written in a cell wins over that of its column: « 12,5 ha » is never 12.5 m².
"""

import re
from collections.abc import Iterable
from typing import Any

from artois_geo import meaning
from artois_geo.formats.tables.decimal_marks import GAPS, Marks

UNIT_RULE, UNKNOWN_RULE = "unité", "valeur inconnue"  # of what is made of a cell
SQUARE_METRES = {"m²": 1.0, "a": 100.0, "ha": 10_000.0, "km²": 1_000_000.0}
UNITS = tuple(SQUARE_METRES)
_METRES = {"m": 1.0, "km": 1_000.0}
_SPELLINGS = {  # of a unit, folded, without space or point
    "m²": ("m2", "metrecarre", "metrescarres", "ca", "centiare", "centiares"),
    "a": ("a", "are", "ares"),
    "ha": ("ha", "hectare", "hectares"),
    "km²": ("km2", "kilometrecarre", "kilometrescarres"),
    "m": ("m", "metre", "metres", "ml"),
    "km": ("km", "kilometre", "kilometres"),
    "km/h": ("km/h", "kmh"),
    "%": ("%", "pourcent"),
    "€/m²": ("€/m2", "euros/m2", "eur/m2", "€ht/m2", "€/m2ht", "euroslem2", "€lem2"),
    "€": ("€", "euro", "euros", "eur"),
    "MW": ("mw",),
    "hab.": ("hab", "habitant", "habitants"),
}
_UNIT_OF = {word: unit for unit, words in _SPELLINGS.items() for word in words}
_NUMBER_AND_UNIT = re.compile(r"([+-]?\d[\d\s.,]*?)\s*([^\d\s.,+-].*)")
_BARE = re.compile(r"[\d\s.,+-]*")  # most cells
_CADASTRAL = re.compile(r"(?=\d+(?:ha\d|a\d))(?:(\d+)ha)?(?:(\d{1,2})a)?(?:(\d{1,2})ca)?")
_UNKNOWN_NEUTER = ("inconnu", *(f"non {word}" for word in ("communiqué", "connu", "précisé", "renseigné")))
_UNKNOWN = frozenset(
    {meaning.words(f"{word}{ending}") for word in _UNKNOWN_NEUTER for ending in ("", "e", "s", "es")}
    | {"nc", "nr", "nd", "na", "n a", "n c", "n r", "n d", "non disponible", "sans donnee"}
    | {"a determiner", "a preciser", "a renseigner"}
)


def parted(text: str) -> tuple[str, str]:
    """Part the number of a cell from its unit; no unit where none that is known follows the number.

    Areas written as the land register does are one number of square metres.

    Examples
    --------
    >>> parted("12,50 ha"), parted("3 ha 25 a 10 ca"), parted("35 € / m² HT"), parted("35 à 40 €")
    (('12,50', 'ha'), ('32510', 'm²'), ('35', '€/m²'), ('35 à 40 €', ''))
    """
    if _BARE.fullmatch(text):
        return text, ""
    folded = meaning.fold(text)
    cadastral = _CADASTRAL.fullmatch(GAPS.sub("", folded))
    if cadastral:
        hectares, ares, centiares = (int(part or 0) for part in cadastral.groups())
        return str(hectares * 10_000 + ares * 100 + centiares), "m²"
    parts = _NUMBER_AND_UNIT.fullmatch(folded)
    unit = _UNIT_OF.get(re.sub(r"[\s.]", "", parts[2])) if parts else None
    return (parts[1].strip(), unit) if parts and unit else (text, "")


def marks_of(cells: Iterable[Any]) -> Marks:
    """Gather what the numbers of a column, without their units, prove of its commas and points.

    Examples
    --------
    >>> marks_of(["1,234.5 m²", "2,345 m²"]).grouping_comma
    True
    """
    return Marks.of(parted(cell)[0] for cell in {cell for cell in cells if isinstance(cell, str)})


def factor(unit: str, target: str) -> float | None:
    """Return by what a number in a unit is multiplied to be in another; ``None`` between unlike things.

    Examples
    --------
    >>> factor("ha", "m²"), factor("km", "m"), factor("%", "%"), factor("ha", "m")
    (10000.0, 1000.0, 1.0, None)
    """
    if unit == target:
        return 1.0
    for scale in (SQUARE_METRES, _METRES):
        if unit in scale and target in scale:
            return scale[unit] / scale[target]
    return None


def says_unknown(text: str) -> bool:
    """Tell whether the cell of a number or a date says in words, or by a dash, that nobody knows it.

    Examples
    --------
    >>> [says_unknown(text) for text in ("Inconnue", "n.c.", " – ", "?", "0", "sur demande")]
    [True, True, True, True, False, False]
    """
    return meaning.words(text) in _UNKNOWN or (bool(text.strip()) and not re.search(r"\w", text))
