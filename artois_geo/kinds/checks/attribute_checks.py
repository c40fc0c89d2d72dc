"""What spreadsheets do to columns that no kind describes: lost zeros, numbers in text, copied positions."""

import re
from collections.abc import Collection, Iterator
from itertools import islice

import geopandas as gpd
import pandas as pd

from artois_geo.formats.findings import Finding
from artois_geo.text import counted, decimal_point

NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
CODE_NAMES = re.compile(r"code|insee|siren|siret|num|tel|^id|_id|^no_|ref", re.IGNORECASE)
# northings of the systems in which French files repeat a position, in metres
NORTHINGS = {"Lambert II étendu": (1_600_000, 2_700_000), "Lambert-93": (6_000_000, 7_200_000)}
MOSTLY = 0.9
_FORMULA_ERROR = re.compile(r"#(REF|DIV/0|VALUE|VALEUR|N/A|NAME|NOM|NUM|NOMBRE|NULL|NUL)[!?]?", re.IGNORECASE)
_POWER_OF_TEN = re.compile(r"\d([.,]\d+)?E\+\d+", re.IGNORECASE)


def suspicions(
    features: gpd.GeoDataFrame, described: set[str], *, positions: Collection[str] = ()
) -> Iterator[Finding]:
    """Report each column outside the kind that looks spoilt; the values stay as they are.

    ``positions`` are columns already held against the shapes.
    """
    for name in features.columns:
        if name in described or name == features.geometry.name:
            continue
        column = features[name].dropna()
        yield from _lost_zeros(str(name), column)
        yield from _spoilt_cells(str(name), column)
        numbers = _numbers_in_text(column)
        if numbers is None:
            continue
        if name in positions:
            continue
        copied = _copied_position(str(name), numbers)
        if copied:
            message = f"répète la position en {copied} d'après sa grandeur ; la géométrie fait foi"
            yield Finding(None, str(name), "position en double", "alerte", _sample(column), message)
        elif _is_quantity_in_text(str(name), column):
            message = f"{len(numbers)} nombres écrits en texte"
            yield Finding(None, str(name), "nombres en texte", "alerte", _sample(column), message)


def _lost_zeros(name: str, column: pd.Series) -> Iterator[Finding]:
    if "insee" not in name.lower():
        return
    short = [number for number, value in zip(column.index, column, strict=True) if _is_short(value)]
    if short:
        message = f"{len(short)} codes commune à 4 chiffres : le zéro initial a été perdu"
        yield Finding(None, name, "zéro initial perdu", "alerte", _sample(column.loc[short]), message)
    elif len(column) and pd.api.types.is_numeric_dtype(column):
        message = "code commune écrit en nombre : un zéro initial ou 2A, 2B n'y tiendraient pas"
        yield Finding(None, name, "code en nombre", "note", _sample(column), message)


def _spoilt_cells(name: str, column: pd.Series) -> Iterator[Finding]:
    """Report the errors of formulas, and the codes of which a spreadsheet kept the first figures only."""
    texts = column[[isinstance(value, str) for value in column]]
    broken = texts[texts.map(lambda text: _FORMULA_ERROR.fullmatch(text.strip()) is not None).astype(bool)]
    if len(broken):
        message = f"{counted(len(broken), 'erreur')} de formule : valeur perdue, à retrouver dans le classeur"
        yield Finding(None, name, "erreur de formule", "alerte", _sample(broken), message)
    cut = texts[texts.map(lambda text: _POWER_OF_TEN.fullmatch(text.strip()) is not None).astype(bool)]
    if len(cut) and CODE_NAMES.search(name):
        figure = counted(len(cut), "code écrit", "codes écrits")
        message = f"{figure} en puissance de dix par un tableur : chiffres perdus, mettre la colonne en texte"
        yield Finding(None, name, "code arrondi", "alerte", _sample(cut), message)


def _is_short(value: object) -> bool:
    return re.fullmatch(r"[1-9]\d{3}(\.0)?", str(value)) is not None


def _numbers_in_text(column: pd.Series) -> list[float] | None:
    """Read the numbers of a column whose values nearly all are, written as text or not."""
    numbers: list[float] = []
    non_numbers, majority = 0, (1 - MOSTLY) * len(column) + 1
    for value in column:
        text = "" if isinstance(value, bool) else decimal_point(str(value))
        if NUMBER.fullmatch(text):
            numbers.append(float(text))
        elif text:
            non_numbers += 1
            if non_numbers > majority:  # whatever comes next
                return None
    return numbers if numbers and len(numbers) >= MOSTLY * (len(numbers) + non_numbers) else None


def _is_quantity_in_text(name: str, column: pd.Series) -> bool:
    """Tell whether texts are quantities: codes have one length, or are called codes."""
    if CODE_NAMES.search(name):
        return False
    lengths = {len(value) for value in column if isinstance(value, str)}
    return len(lengths) > 1


def _copied_position(name: str, numbers: list[float]) -> str:
    if not re.search(r"coord|lambert|^[xy]$|^[xy]_|_[xy]$", name, re.IGNORECASE):
        return ""
    middle = sorted(numbers)[len(numbers) // 2]
    for system, (south, north) in NORTHINGS.items():
        if south <= middle <= north:
            return f"{system} (ordonnée)"
    return "mètres (abscisse)" if 0 < middle < 1_300_000 and middle > 1_000 else ""


def _sample(column: pd.Series) -> str:
    excerpts = (str(value) for value in column if str(value).strip())
    return ", ".join(islice(excerpts, 3))
