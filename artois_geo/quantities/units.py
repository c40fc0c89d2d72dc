"""Numbers that a cell writes with their unit, and cells that say there is no number.

The unit written in a cell wins over that of its column: « 12,5 ha » is never 12.5 m².
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from artois_geo import meaning
from artois_geo.quantities.decimal_marks import Marks, is_ambiguous
from artois_geo.text import comma, compact

UNIT_RULE, UNKNOWN_RULE = "unité", "valeur inconnue"  # of what is made of a cell
SQUARE_METRES = {"m²": 1.0, "a": 100.0, "ha": 10_000.0, "km²": 1_000_000.0}
UNITS = tuple(SQUARE_METRES)
_METRES = {"m": 1.0, "km": 1_000.0}
_EUROS = {"€": 1.0, "k€": 1_000.0, "M€": 1_000_000.0}
_KILOWATTS = {"kW": 1.0, "MW": 1_000.0, "GW": 1_000_000.0}
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
    "k€": ("k€", "keuro", "keuros", "milliersd'euros"),
    "M€": ("m€", "meuro", "meuros", "millionsd'euros"),
    "kW": ("kw",),
    "MW": ("mw",),
    "GW": ("gw",),
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
    | {"a determiner", "a preciser", "a renseigner", "sans objet", "s o", "so", "vide"}
    | {"null", "none", "nan", "nat"}  # as programs and databases write it
)
_BROKEN_FORMULA = re.compile(r"#[a-zé]+(/[a-z0]+)?[!?]?", re.IGNORECASE)  # #REF!, #DIV/0!, #VALEUR!, #N/A
_HEADING = re.compile(
    r"(?P<bare>.*\S)\s*[(\[](?:en |exprimée? en )?(?P<bracketed>[^()\[\]]+)[)\]]\s*\*?"
    r"|(?P<before>.*\S)\s+en\s+(?P<written>\S+)"
    r"|(?P<name>.*[^\s_])[\s_](?P<ending>\S+?)",
    re.IGNORECASE | re.DOTALL,
)
_ENDINGS = frozenset(
    {"m2", "m²", "ha", "km2", "km²", "km", "%"}
)  # that end a name of column, as in surface_m2


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
    cadastral = _CADASTRAL.fullmatch(compact(folded))
    if cadastral:
        hectares, ares, centiares = (int(part or 0) for part in cadastral.groups())
        return str(hectares * 10_000 + ares * 100 + centiares), "m²"
    parts = _NUMBER_AND_UNIT.fullmatch(folded)
    unit = _unit_of(parts[2]) if parts else ""
    return (parts[1].strip(), unit) if parts and unit else (text, "")


def of_heading(heading: str) -> tuple[str, str]:
    """Part a heading from the unit of its column; no unit where none that is known ends it.

    Examples
    --------
    >>> of_heading("Surface (m²)"), of_heading("Surf. en ares"), of_heading("SURF_HA")
    (('Surface', 'm²'), ('Surf.', 'a'), ('SURF', 'ha'))
    >>> of_heading("Longueur (2024)"), of_heading("part_a"), of_heading("Prix (€ HT/m²)")
    (('Longueur (2024)', ''), ('part_a', ''), ('Prix', '€/m²'))
    """
    parts = _HEADING.fullmatch(heading.strip())
    if parts is None:
        return heading, ""
    words = parts["bracketed"] or parts["written"] or parts["ending"]
    if parts["ending"] and meaning.fold(words) not in _ENDINGS:
        return heading, ""
    unit = _unit_of(words)
    return (parts["bare"] or parts["before"] or parts["name"], unit) if unit else (heading, "")


def shown(cell: Any, suffix: str, unit: str) -> Any:
    """Write the number of a cell as its workbook shows it, where the suffix it shows bears on its unit.

    Examples
    --------
    >>> shown(0.125, "%", "%"), shown(12500, "m²", "ha"), shown(35, "€", "€/m²"), shown(0.125, "%", "")
    ('12.5 %', '12500 m²', 35, 0.125)
    """
    own_unit = _unit_of(suffix)
    if isinstance(cell, bool) or not isinstance(cell, int | float) or factor(own_unit, unit) is None:
        return cell
    if not unit:
        return cell
    number = Decimal(repr(cell)) * (100 if own_unit == "%" else 1)
    return f"{number.normalize():f} {own_unit}"


def _unit_of(words: str) -> str:
    return _UNIT_OF.get(re.sub(r"[\s.]", "", meaning.fold(words)), "")


def marks_of(cells: Iterable[Any]) -> Marks:
    """Gather what the numbers of a column, without their units, prove of its commas and points.

    Examples
    --------
    >>> marks_of(["1,234.5 m²", "2,345 m²"]).grouping_comma
    True
    """
    return Marks.of(parted(cell)[0] for cell in {cell for cell in cells if isinstance(cell, str)})


def numbers_in(cells: Iterable[Any], unit: str, target: str) -> tuple[list[float], list[int]]:
    """Read the numbers of a column, in a unit where the cell bears none, as numbers of another.

    Returns
    -------
    list, list
        The numbers, NaN where a cell is empty or says that nobody knows; the positions of the cells that
        leave no single reading, « 12 à 15 », « 2,345 » that nothing else in the column explains.

    Examples
    --------
    >>> numbers_in(["1,5", "12 500 m²", "NC", "3-4"], "ha", "ha")
    ([1.5, 1.25, nan, nan], [3])
    """
    cells = list(cells)
    marks = marks_of(cells)
    numbers, unread = [], []
    for position, cell in enumerate(cells):
        if meaning.is_missing(cell) or is_unknown(cell):
            numbers.append(float("nan"))
            continue
        written, own_unit = parted(cell) if isinstance(cell, str) else (str(cell), "")
        plain = marks.plain(written, is_integer=False) if isinstance(cell, str) else written
        scale = factor(own_unit or unit, target)
        is_doubtful = isinstance(cell, bool) or (isinstance(cell, str) and marks.supposes(written))
        if not plain or scale is None or is_doubtful:
            numbers.append(float("nan"))
            unread.append(position)
        else:
            numbers.append(float(plain) * scale if scale >= 1 else float(plain) / round(1 / scale))
    return numbers, unread


def advice(cell: Any) -> str:
    """Say in French how to write a cell that leaves no single reading.

    Examples
    --------
    >>> print(advice("2,345"))
    « 2,345 » se lit 2,345 ou 2345 : l'écrire « 2,3450 » ou « 2345 ».
    >>> print(advice("12 à 15"))
    Écrire un seul nombre, à virgule décimale.
    """
    written = compact(parted(cell)[0]) if isinstance(cell, str) else ""
    if not is_ambiguous(written):
        return "Écrire un seul nombre, à virgule décimale."
    decimal, whole = comma(written), re.sub(r"[.,]", "", written)
    return f"« {cell} » se lit {decimal} ou {whole} : l'écrire « {decimal}0 » ou « {whole} »."


def factor(unit: str, target: str) -> float | None:
    """Return by what a number in a unit is multiplied to be in another; ``None`` between unlike things.

    Examples
    --------
    >>> factor("ha", "m²"), factor("km", "m"), factor("%", "%"), factor("ha", "m")
    (10000.0, 1000.0, 1.0, None)
    """
    if unit == target:
        return 1.0
    for scale in (SQUARE_METRES, _METRES, _EUROS, _KILOWATTS):
        if unit in scale and target in scale:
            return scale[unit] / scale[target]
    return None


def is_unknown(value: Any) -> bool:
    """Tell whether a cell is a text that :func:`says_unknown`.

    Examples
    --------
    >>> is_unknown("NC"), is_unknown(0)
    (True, False)
    """
    return isinstance(value, str) and says_unknown(value)


def says_unknown(text: str) -> bool:
    """Tell whether the cell of a number or a date says in words, or by a dash, that nobody knows it.

    Examples
    --------
    >>> [says_unknown(text) for text in ("Inconnue", "n.c.", " – ", "#REF!", "0", "sur demande")]
    [True, True, True, True, False, False]
    """
    if _BROKEN_FORMULA.fullmatch(text.strip()) or meaning.words(text) in _UNKNOWN:
        return True
    return bool(text.strip()) and not re.search(r"\w", text)
