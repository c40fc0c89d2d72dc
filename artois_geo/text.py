"""How French writes what the code counts and measures: agreement of nouns, decimal comma."""

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

__all__ = [
    "LINE",
    "THIN_SPACE",
    "UNITS",
    "UNSAID",
    "UNSAID_FEMININE",
    "adding_up",
    "argument",
    "comma",
    "compact",
    "constant_value",
    "counted",
    "decimal_point",
    "digits",
    "distance",
    "encoded_once",
    "half_up",
    "number",
    "point",
    "printable",
    "row_name",
    "share",
    "visible",
]

THIN_SPACE = "\u202f"  # between thousands
UNSAID, UNSAID_FEMININE = "non indiqué", "non indiquée"  # a vintage; a source, a licence
LINE = "ligne"  # name of an index that holds the lines of a file, from 1
UNITS = {"share": "", "date": "", "year": "", "m2": "m²", "days": "jour", "years": "an"}  # of constants
_COUNTED = {"an", "jour"}  # units that take the plural
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPACES = re.compile(r"\s")  # narrow and non-breaking ones too
_SPACES_BESIDE = re.compile(r"\s+(?!\d)|(?<!\d)\s+")  # that do not stand between two figures
_FIGURE_GROUPS = re.compile(
    r"(?<![\d.,])(?<!\d\s)\d{1,3}(?:\s\d{3})+(?!\s?\d)"  # thousands
    r"|(?<=[.,])\d{3}(?:\s\d{3})*\s\d{1,3}(?!\s?\d)"  # decimals, parted likewise
)
_TWICE_ENCODED = re.compile("[ÂÃÅâ][^\x00-\x7f]")  # the first bytes of accents and signs, read as letters
_FIGURES = 24  # of a number: beyond, no decimal is known


def argument(path: object) -> str:
    """Write a path as a command line takes it, on Windows as elsewhere.

    Examples
    --------
    >>> from artois_geo.text import argument
    >>> print(argument("zones.gpkg"), argument("zones de l'est.gpkg"))
    zones.gpkg "zones de l'est.gpkg"
    """
    text = str(path)
    return f'"{text}"' if any(letter in text for letter in " '()&;") else text


def counted(number: int, noun: str, plural: str = "") -> str:
    """Write a count and its noun, which takes the plural from two on (0 ajouté, 1 ajouté, 2 ajoutés).

    Parameters
    ----------
    number
        How many.
    noun
        Noun, or noun and adjectives, in the singular.
    plural
        The plural, where an « s » after each word does not make it.

    Examples
    --------
    >>> from artois_geo.text import counted
    >>> counted(0, "ajouté"), counted(1, "vacance récente"), counted(1200, "vacance récente")
    ('0 ajouté', '1 vacance récente', '1\u202f200 vacances récentes')
    >>> counted(3, "objet sans géométrie", "objets sans géométrie")
    '3 objets sans géométrie'
    >>> counted(2, "ligne, lue", "lignes, lues")
    '2 lignes, lues'
    """
    several = plural or " ".join(f"{word}s" for word in noun.split(" "))
    words = noun if abs(number) < 2 else several
    figure = f"{number:,}".replace(",", THIN_SPACE).replace("-", "−")
    return f"{figure} {words}"


def adding_up(parts: Sequence[float], total: int, *, decimals: int) -> list[int]:
    """Round parts to a decimal so that they make a total: the largest remainders are rounded up.

    Parameters
    ----------
    parts
        Figures, none negative.
    total
        What they make, in units of the last decimal.
    decimals
        How many are kept.

    Returns
    -------
    list
        The parts, in units of the last decimal.

    Examples
    --------
    >>> from artois_geo.text import adding_up
    >>> adding_up([1.66, 1.66, 1.68], 50, decimals=1)
    [17, 16, 17]
    """
    exact = [part * 10**decimals for part in parts]
    units = [int(value + 1e-7) for value in exact]
    missing_count = max(total - sum(units), 0)
    for position in sorted(range(len(parts)), key=lambda part: units[part] - exact[part])[:missing_count]:
        units[position] += 1
    return units


def number(value: float, decimals: int = 0) -> str:
    """Write a number as French typography does: decimal comma, narrow space between thousands.

    A half goes up, away from zero, as in a spreadsheet.

    Examples
    --------
    >>> from artois_geo.text import number
    >>> number(4200), number(1234.5, 2), number(3.25, 1)
    ('4\u202f200', '1\u202f234,50', '3,3')
    """
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    text = f"{half_up(value, decimals):,.{decimals}f}".replace(",", THIN_SPACE)
    text = comma(text)
    return re.sub(r"^-(?=[0,]*$)", "", text).replace("-", "−")


def digits(value: float) -> str:
    """Write a number with all the digits it has, and a decimal comma.

    Examples
    --------
    >>> from artois_geo.text import digits
    >>> digits(12.0), digits(1234567.25), digits(-1e-7)
    ('12', '1234567,25', '−0,0000001')
    """
    text = (
        f"{Decimal(repr(float(value))):f}"
        if isinstance(value, float) and math.isfinite(value)
        else str(value)
    )
    return comma(text.removesuffix(".0")).replace("-", "−")


def comma(written: str) -> str:
    """Put a decimal comma in a number, or a sentence, that Python wrote with a point.

    Examples
    --------
    >>> from artois_geo.text import comma
    >>> comma(f"{0.25:g} m"), comma("54.47 %")
    ('0,25 m', '54,47 %')
    """
    return written.replace(".", ",")


def point(written: str) -> str:
    """Put a decimal point in a number, or a sentence, that French wrote with a comma.

    Examples
    --------
    >>> from artois_geo.text import point
    >>> point("± 4,5 km")
    '± 4.5 km'
    """
    return written.replace(",", ".")


def unit_label(unit: str, value: float) -> str:
    """Write the unit of a constant after its value, in French: the plural from two on.

    Examples
    --------
    >>> from artois_geo.text import unit_label
    >>> unit_label("m2", 400), unit_label("years", 1), unit_label("years", 10)
    ('m²', 'an', 'ans')
    """
    label = UNITS.get(unit, unit)
    return f"{label}s" if label in _COUNTED and abs(value) >= 2 else label


def constant_value(value: Any, unit: str) -> str:
    """Write the value of a constant with all its digits and its unit.

    Examples
    --------
    >>> from artois_geo.text import constant_value
    >>> constant_value(0.5, "share"), constant_value(0.005, "ha"), constant_value(2031, "year")
    ('50 %', '0,005 ha', '2031')
    >>> constant_value({"I": 38.5, "Va": 110}, "m")
    'I : 38,5 m, Va : 110 m'
    """
    if isinstance(value, Mapping):
        return ", ".join(f"{key} : {constant_value(part, unit)}" for key, part in value.items())
    if isinstance(value, list | tuple):
        return " ; ".join(constant_value(part, unit) for part in value)
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if unit == "share":
        return f"{digits(round(100 * value, 8))} %"
    return f"{digits(value)} {unit_label(unit, value)}".strip()


def encoded_once(written: str) -> str:
    """Undo the second encoding of a text that was saved as UTF-8 after being read as Windows-1252.

    A text that such a reading could not give stays as it is.

    Examples
    --------
    >>> from artois_geo.text import encoded_once
    >>> encoded_once("BÃ©thune, nÂ° 3"), encoded_once("Béthune"), encoded_once("São Tomé")
    ('Béthune, n° 3', 'Béthune', 'São Tomé')
    """
    if not _TWICE_ENCODED.search(written):
        return written
    try:
        return written.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return written


def decimal_point(written: str) -> str:
    """Put a decimal point in a number that a planner wrote, without its spaces: what ``float`` can read.

    Whether it is a number is for the caller to see: « 3 4 » keeps its space, and is none.

    Examples
    --------
    >>> from artois_geo.text import decimal_point
    >>> decimal_point("1\u202f234,5"), decimal_point(" 12 ha"), decimal_point("−3"), decimal_point("3 4")
    ('1234.5', '12ha', '-3', '3 4')
    """
    return point(compact(written))


def compact(written: str) -> str:
    """Take the spaces out of a number, with an ASCII minus; those that part no thousands stay, as in « 3 4 ».

    Examples
    --------
    >>> from artois_geo.text import compact
    >>> compact(" 12 345,678 9 ha"), compact("− 1\u202f234"), compact("2020 2021")
    ('12345,6789ha', '-1234', '2020 2021')
    """
    plain = written.replace("−", "-").strip()
    if not _SPACES.search(plain):
        return plain
    figures = _FIGURE_GROUPS.sub(lambda match: _SPACES.sub("", match[0]), plain)
    return _SPACES_BESIDE.sub("", figures)


def share(written: str) -> float | None:
    """Read a share of 1, or as per cent; ``None`` for what is no number.

    Examples
    --------
    >>> from artois_geo.text import share
    >>> share("0,5"), share("54,47 %"), share("la moitié")
    (0.5, 0.5447, None)
    """
    plain = decimal_point(written)
    is_percent = plain.endswith("%")
    try:
        value = Decimal(plain.removesuffix("%"))
    except InvalidOperation:
        return None
    return float(value / 100 if is_percent else value)


def half_up(value: float, decimals: int) -> Decimal:
    """Round a number as it is written: 3.25 to one decimal is 3.3, where Python says 3.2.

    Examples
    --------
    >>> from artois_geo.text import half_up
    >>> half_up(3.25, 1), half_up(-0.5, 0)
    (Decimal('3.3'), Decimal('-1'))
    """
    exact = Decimal(value) if isinstance(value, int) else Decimal(repr(float(value)))
    if not exact.is_finite() or exact.adjusted() + decimals > _FIGURES:
        return exact
    return exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def distance(metres: float) -> str:
    """Write a distance as a planner reads it: to the centimetre below 10 m, in km from 10 km on.

    Examples
    --------
    >>> from artois_geo.text import distance
    >>> distance(1.25), distance(1007), distance(46012)
    ('1,25 m', '1\u202f007 m', '46,0 km')
    """
    if metres < 10:
        return f"{number(metres, 0 if metres == round(metres) else 2)} m"
    return f"{number(metres)} m" if metres < 10_000 else f"{number(metres / 1000, 1)} km"


def printable(text: str) -> str:
    """Take out of a text the characters that XML 1.0 refuses, and a GeoPackage or a GPX file with it.

    Examples
    --------
    >>> from artois_geo.text import printable
    >>> printable("Quai\\x01 n° 2")
    'Quai n° 2'
    """
    return _NOT_XML.sub("", text)


def visible(text: str) -> str:
    """Make a text of others safe for a terminal: control and direction characters become « � ».

    Examples
    --------
    >>> from artois_geo.text import visible
    >>> visible("zone\\x1b[31m A")
    'zone�[31m A'
    """
    return "".join(
        letter if letter == "\n" or unicodedata.category(letter) not in {"Cc", "Cf", "Cs"} else "�"
        for letter in text
    )


def row_name(index: Any, label: Any) -> str:
    """Name a row of a table: the line of its file where its reader numbered them, else its label.

    Examples
    --------
    >>> from artois_geo.text import row_name
    >>> import pandas as pd
    >>> lines, numbers = pd.Index([2, 3], name="ligne"), pd.RangeIndex(2)
    >>> row_name(lines, 3), row_name(numbers, 1), row_name(pd.Index(["ppri, objet n° 4"]), "ppri, objet n° 4")
    ('ligne 3', 'index 1', 'ppri, objet n° 4')
    """
    if index.name == LINE:
        return f"{LINE} {label}"
    if index.name == "id":
        return f"objet « {label} »"
    return label if isinstance(label, str) else f"index {label}"


def __dir__() -> list[str]:
    return sorted(__all__)
