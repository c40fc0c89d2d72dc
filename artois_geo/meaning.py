"""What a value or a column means, decided once: missing, true, schematic, fictional, how precise, published.

A shape is *schematic* when it stands for a place without being its outline (column
``geometrie``); a feature is *fictional* when we made it up (column ``fictif``); a
position is known to within ``precision_m`` metres. Case, accents and nulls never
change the answer.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from artois_geo.errors import BadValue

__all__ = [
    "CELL_KINDS",
    "COUNTED",
    "FALSE",
    "FALSE_LETTERS",
    "FICTIONAL",
    "GROUND_KINDS",
    "KNOWN_GEOMETRIES",
    "OUTLINED",
    "OUTLINE_KINDS",
    "PLOT_NAMES",
    "PRECISION",
    "PUBLISHED_HA",
    "QUALITY",
    "SCHEMATIC",
    "SITE_NAMES",
    "SUB_SITE",
    "TOWN_KINDS",
    "TRUE",
    "TRUE_LETTERS",
    "column_of",
    "columns_of",
    "day",
    "days",
    "fictional",
    "first_column",
    "fold",
    "is_missing",
    "is_null",
    "is_true",
    "mark_schematic",
    "name_column",
    "one_spelling",
    "outlined",
    "precision_m",
    "published_ha",
    "says_outlined",
    "says_schematic",
    "says_total",
    "schematic",
    "site_name_columns",
    "site_names",
    "true_rows",
    "truth",
    "words",
    "year_pair",
]

QUALITY = "geometrie"  # levée, numérisée, schématique
FICTIONAL = "fictif"
PRECISION = "precision_m"
COUNTED = "compte_dans_total"  # whether a layer adds the row to its totals
SUB_SITE = "est_sous_site"  # whether the ground of the row lies in that of another
OUTLINE_KINDS = ("commune_contour", "commune")  # layers of communes that may hold real outlines, best first
CELL_KINDS = ("commune_schema",)  # those that hold schematic cells
GROUND_KINDS = (*OUTLINE_KINDS, *CELL_KINDS)  # of the ground of a map, best first
TOWN_KINDS = ("commune", "commune_contour")  # that tell the name and position of a town, best first
PUBLISHED_HA = ("terr_surf_brute", "surface_ha", "site_surf_brute")  # hectares as a source gives them

# Which column names a site, the likeliest first, and for what: a layer of sites; a table to rank (ours have
# « site »); a delivery, whose identifiers are what is looked for; a map of any layer, or of available land;
# a sheet; a national draft of business parks.
SITE_NAMES = {
    "site": {"ranking"},
    "site_nom": {"layer", "ranking", "delivery", "map", "available", "sheet", "draft"},
    "terr_nom": {"layer", "delivery", "map", "sheet"},
    "nom": {"layer", "ranking", "delivery", "map", "available", "draft"},
    "toponyme": {"map", "draft"},
    "name": {"map"},
    "libelle": {"map"},
    "LIBELLE": {"map"},
    "titre": {"map"},
    "libelong": {"map"},
    "comm_nom": {"map"},
    "nom_commune": {"map"},
    "site_id": {"layer", "ranking", "available"},
    "id": {"layer"},
    "zae_nom": {"layer", "draft"},
}
PLOT_NAMES = ("terr_nom", "site_nom", "terr_id")  # of a plot on a map: its own name before that of its site

SCHEMATIC = frozenset({"schematique", "schematiques", "schematic", "schema"})
KNOWN_GEOMETRIES = ("levée", "numérisée")  # a real outline, in the words of our layers
OUTLINED = frozenset({"levee", "levees", "leve", "numerisee", "numerisees", "numerise"})
_MIDNIGHT = re.compile(r"[T ]0?0:00(:00(\.0+)?)?(Z|\+00:?00)?$")
_DAY_IN_WORDS = re.compile(r"(\d{1,2})(?:er)?\s+([a-z]+)\s+(\d{4})")  # 1er mars 2025
_MONTHS = (
    *("janvier", "fevrier", "mars", "avril", "mai", "juin"),
    *("juillet", "aout", "septembre", "octobre", "novembre", "decembre"),
)
_SUM = r"(sous[- ]?)?(total|totaux)"
_TOTAL = re.compile(rf"({_SUM}|ensemble|somme|cumul|moyenne)\b.*|.*\b{_SUM}", re.DOTALL)
_SURE_TOTAL = re.compile(rf"{_SUM}( general| generaux)?[ :]*|cumul|moyenne|.*[-–:(,/] ?{_SUM}\)?")
_YEAR_AT_END = re.compile(r"[ _]((?:19|20)\d\d)$")
_CODE_LETTERS = 4  # a shorter text may be a code, whose case matters
_BETWEEN_LETTERS = re.compile(r"(?<=[^\W\d])[-'\s]+(?=[^\W\d])")
TRUE = frozenset({"true", "vrai", "oui", "yes", "1", "1.0"})
FALSE = frozenset({"false", "faux", "non", "no", "0", "0.0"})
# marks of a column declared to hold yes and no
TRUE_LETTERS, FALSE_LETTERS = frozenset("otvyx✓✔☑☒"), frozenset("nf✗✘☐")


def fold(text: str) -> str:
    """Fold a text to small letters without accents, ligatures or typographic apostrophes.

    Examples
    --------
    >>> from artois_geo.meaning import fold
    >>> fold(" Nœux-les-Mines, l’ÉTÉ ")
    "noeux-les-mines, l'ete"
    """
    if text.isascii():  # most texts, and the same answer
        return text.casefold().strip()
    plain = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return letters.replace("’", "'").strip()


def words(text: str) -> str:
    """Fold a text to its words, parted by single spaces: no punctuation is left to differ by.

    Examples
    --------
    >>> from artois_geo.meaning import words
    >>> words(" Nœux-les-Mines, l’ÉTÉ ")
    'noeux les mines l ete'
    """
    return re.sub(r"[\W_]+", " ", fold(text)).strip()


def one_spelling(names: pd.Series) -> pd.Series:
    """Give a name that is written in several ways its most frequent spelling, so that it makes one group.

    Case, accents, hyphens and spaces make no other name; below four letters a text is a code, and stays.
    Of two spellings as frequent, the one that is not all capitals goes, then the one that has accents.

    Parameters
    ----------
    names
        Names, or codes, of what rows are grouped by; nulls stay.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.meaning import one_spelling
    >>> one_spelling(pd.Series(["VANNES", "Vannes", "Nœux-les-Mines", "Noeux les Mines"])).tolist()
    ['Vannes', 'Vannes', 'Nœux-les-Mines', 'Nœux-les-Mines']
    >>> one_spelling(pd.Series(["UA", "Ua"])).tolist()
    ['UA', 'Ua']
    """
    counts: dict[str, dict[str, int]] = {}
    for name, count in names.value_counts(sort=False).items():
        if isinstance(name, str) and sum(map(str.isalpha, name)) >= _CODE_LETTERS:
            counts.setdefault(_BETWEEN_LETTERS.sub(" ", fold(name)), {})[name] = int(count)
    chosen = {
        name: max(spellings, key=lambda name: (spellings[name], not name.isupper(), not name.isascii()))
        for spellings in counts.values()
        if len(spellings) > 1
        for name in spellings
    }
    return names.map(lambda name: chosen.get(name, name)) if chosen else names


def is_null(value: Any) -> bool:
    """Tell whether a value is one of those by which Python, numpy and pandas mark that there is none.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.meaning import is_null
    >>> [is_null(value) for value in (None, float("nan"), pd.NA, pd.NaT, "", 0, [])]
    [True, True, True, True, False, False, False]
    """
    if value is None or value is pd.NA or value is pd.NaT:
        return True
    if isinstance(value, (float, np.floating)):
        return bool(value != value)
    return isinstance(value, np.datetime64) and bool(np.isnat(value))


def is_missing(value: Any) -> bool:
    """Tell whether a cell is empty: null, NaN, or a text of blanks.

    Examples
    --------
    >>> from artois_geo.meaning import is_missing
    >>> [is_missing(value) for value in (None, float("nan"), " ", 0, False, "non")]
    [True, True, True, False, False, False]
    """
    return not value.strip() if isinstance(value, str) else is_null(value)


def truth(value: Any, *, letters: bool = False) -> bool | None:
    """Tell whether a cell says yes or no, however it is written; None where it says neither.

    Parameters
    ----------
    value
        Any cell.
    letters
        A single letter or mark is an answer too: for a column declared to hold yes and no. Elsewhere « N »
        may be the north.

    Examples
    --------
    >>> from artois_geo.meaning import truth
    >>> [truth(value) for value in (True, "Oui", "VRAI", 1, "non", 0.0, "fermé", None)]
    [True, True, True, True, False, False, None, None]
    >>> truth("O"), truth("O", letters=True), truth("✓", letters=True)
    (None, True, True)
    """
    word = "" if is_missing(value) else fold(str(value))
    if word in TRUE or (letters and word in TRUE_LETTERS):
        return True
    return False if word in FALSE or (letters and word in FALSE_LETTERS) else None


def day(written: str, form: str = "%Y-%m-%d") -> date | None:
    """Read a day in the forms that leave one answer, with or without the midnight that databases add.

    Parameters
    ----------
    written
        Any text.
    form
        Form that is tried first after AAAA-MM-JJ, as ``strptime`` takes it.

    Examples
    --------
    >>> from artois_geo.meaning import day
    >>> str(day("1er mars 2025")), str(day("15.03.2025 00:00:00")), day("03/2025"), day("31/02/2025")
    ('2025-03-01', '2025-03-15', None, None)
    """
    text = _MIDNIGHT.sub("", written.strip())
    for known_form in ("%Y-%m-%d", form, "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y%m%d", "%Y/%m/%d"):
        try:
            return datetime.strptime(text, known_form).date()
        except ValueError:
            continue
    in_words = _DAY_IN_WORDS.fullmatch(fold(text))
    if in_words is None or in_words[2] not in _MONTHS:
        return None
    try:
        return date(int(in_words[3]), _MONTHS.index(in_words[2]) + 1, int(in_words[1]))
    except ValueError:
        return None


def days(column: pd.Series) -> pd.Series:
    """Read the days of a column, as :func:`day` does; missing where none is written or readable.

    A year or a month alone is no day.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.meaning import days
    >>> days(pd.Series(["1/6/2025", "2025-06-02", "", "été", "31/02/2025"])).dt.day.tolist()
    [1.0, 2.0, nan, nan, nan]
    """
    text = column.astype("string").str.strip()
    stamped = text.str.match(r"\d{4}-\d\d-\d\d[T ]").fillna(False).astype(bool)
    read = text.where(~stamped, text.str[:10]).map(day, na_action="ignore").astype(object)
    return pd.to_datetime(read.where(read.notna(), None), errors="coerce")


def says_total(cell: Any, *, surely: bool = False) -> bool:
    """Tell whether the label of a row calls it a total, a sub-total or a mean of the others.

    Parameters
    ----------
    cell
        Any cell.
    surely
        Only where nothing else can be meant: « Somme » is a département, « Total Lens » a service station.

    Examples
    --------
    >>> from artois_geo.meaning import says_total
    >>> labels = ("Sous-total", "TOTAL général", "CA de Lens - total", "Total Lens", "Somme", "Totalité")
    >>> [says_total(label) for label in labels], [says_total(label, surely=True) for label in labels]
    ([True, True, True, True, True, False], [True, True, True, False, False, False])
    """
    return isinstance(cell, str) and (_SURE_TOTAL if surely else _TOTAL).fullmatch(fold(cell)) is not None


def is_true(value: Any) -> bool:
    """Tell whether a cell of a column of yes and no says yes, however it is written; an empty cell does not.

    Examples
    --------
    >>> from artois_geo.meaning import is_true
    >>> [is_true(value) for value in (True, "Oui", "VRAI", 1, "x", "0", None)]
    [True, True, True, True, True, False, False]
    """
    return truth(value, letters=True) is True


def true_rows(frame: pd.DataFrame | Mapping[str, Any], column: str) -> NDArray[np.bool_]:
    """Mark the rows whose cell of a column says yes; none where the column is absent.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.meaning import COUNTED, true_rows
    >>> true_rows(pd.DataFrame({"compte_dans_total": [True, "non", None, "oui"]}), COUNTED).tolist()
    [True, False, False, True]
    """
    return _by_row(frame, column, is_true)


def says_outlined(value: Any) -> bool:
    """Tell whether a value of the column ``geometrie`` calls its shape a real outline: surveyed or digitised.

    Where neither this nor :func:`says_schematic` answers yes, what the shape is worth is unknown.

    Examples
    --------
    >>> from artois_geo.meaning import says_outlined
    >>> [says_outlined(value) for value in ("Levée", "numerisee (cadastre)", "schématique", None)]
    [True, True, False, False]
    """
    return _first_word(value) in OUTLINED


def outlined(frame: pd.DataFrame | Mapping[str, Any]) -> NDArray[np.bool_]:
    """Mark the rows whose shape is a real outline; none where no column ``geometrie`` says so.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.meaning import outlined
    >>> outlined(pd.DataFrame({"geometrie": ["SCHÉMATIQUE", "levée", None]})).tolist()
    [False, True, False]
    """
    return _by_row(frame, QUALITY, says_outlined)


def says_schematic(value: Any) -> bool:
    """Tell whether a value of the column ``geometrie`` calls its shape schematic.

    Examples
    --------
    >>> from artois_geo.meaning import says_schematic
    >>> [says_schematic(value) for value in ("Schématique", "schematique (disque)", "levée", None)]
    [True, True, False, False]
    """
    return _first_word(value) in SCHEMATIC


def schematic(frame: pd.DataFrame | Mapping[str, Any]) -> NDArray[np.bool_]:
    """Mark the rows whose shape only stands for the place; none where no column ``geometrie`` says so.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.meaning import schematic
    >>> schematic(pd.DataFrame({"geometrie": ["SCHÉMATIQUE", "levée", None]})).tolist()
    [True, False, False]
    """
    return _by_row(frame, QUALITY, says_schematic)


def mark_schematic(frame: pd.DataFrame, rows: NDArray[np.bool_]) -> pd.DataFrame:
    """Say in a copy of a table that the shapes of some rows only stand for the place.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from artois_geo.meaning import mark_schematic, schematic
    >>> schematic(mark_schematic(pd.DataFrame({"km": [1, 2]}), np.array([False, True]))).tolist()
    [False, True]
    """
    quality = frame[QUALITY] if QUALITY in frame.columns else pd.Series(None, index=frame.index, dtype=object)
    return frame.assign(**{QUALITY: quality.astype(object).mask(rows, "schématique")})


def fictional(frame: pd.DataFrame | Mapping[str, Any]) -> NDArray[np.bool_]:
    """Mark the rows that are made up (column ``fictif``).

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.meaning import fictional
    >>> fictional(pd.DataFrame({"fictif": ["Oui", False, None]})).tolist()
    [True, False, False]
    """
    return true_rows(frame, FICTIONAL)


def precision_m(frame: pd.DataFrame) -> NDArray[np.float64]:
    """Return the metres within which each position is known (``precision_m``); NaN where nothing says it.

    A precision that is no positive number says nothing.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.meaning import precision_m
    >>> precision_m(pd.DataFrame({"precision_m": [50, "3000", None, -1]})).tolist()
    [50.0, 3000.0, nan, nan]
    """
    if PRECISION not in frame:
        return np.full(len(frame), np.nan)
    metres = pd.to_numeric(frame[PRECISION], errors="coerce").to_numpy(dtype=float, na_value=np.nan).copy()
    metres[~(metres >= 0)] = np.nan
    return metres


def published_ha(frame: pd.DataFrame) -> NDArray[np.float64]:
    """Read the hectares that a source publishes for each row; NaN where none does.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.meaning import published_ha
    >>> published_ha(pd.DataFrame({"surface_ha": [460, None], "site_surf_brute": [1.0, 2.5]})).tolist()
    [460.0, 2.5]
    >>> published_ha(pd.DataFrame({"terr_surf_brute": [4.0, None], "site_surf_brute": [90, 90]})).tolist()
    [4.0, nan]
    """
    hectares = np.full(len(frame), np.nan)
    # a plot tells the area of its site too
    columns = PUBLISHED_HA[:1] if PUBLISHED_HA[0] in frame else PUBLISHED_HA
    for column in columns:
        if column in frame:
            numbers = pd.to_numeric(frame[column], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
            hectares = np.where(np.isnan(hectares) & (numbers > 0), numbers, hectares)
    return hectares


def first_column(frame: pd.DataFrame, columns: Iterable[str]) -> str | None:
    """Find the first of some columns that a table has.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.meaning import first_column, site_name_columns
    >>> first_column(pd.DataFrame({"site_id": ["A"], "nom": ["Les Hauts"]}), site_name_columns("layer"))
    'nom'
    """
    return next((name for name in columns if name in frame.columns), None)


def columns_of(by: str | Iterable[str]) -> list[str]:
    """List the columns of a grouping, given alone or together.

    Examples
    --------
    >>> from artois_geo.meaning import columns_of
    >>> columns_of("famille"), columns_of(["famille", "epci_sigle"])
    (['famille'], ['famille', 'epci_sigle'])
    """
    return [by] if isinstance(by, str) else list(by)


def column_of(by: str | Iterable[str]) -> str:
    """Return the one column of a grouping by one column, given alone or in a list.

    Raises
    ------
    BadValue
        None, or several: the message says what to write.

    Examples
    --------
    >>> from artois_geo.meaning import column_of
    >>> column_of(["famille"])
    'famille'
    """
    columns = columns_of(by)
    if len(columns) != 1:
        raise BadValue(
            f"by= : une seule colonne est attendue ici (reçu : {', '.join(columns) or 'aucune'}).\n"
            "Grouper par plusieurs : en faire d'abord une, par exemple "
            'table.assign(groupe=table["a"] + " · " + table["b"]), puis by="groupe".'
        )
    return columns[0]


def site_name_columns(context: str) -> tuple[str, ...]:
    """List the columns that may name a site, the likeliest first.

    Parameters
    ----------
    context
        What the name is for: ``layer``, ``ranking``, ``delivery``, ``map``, ``available``, ``sheet``
        or ``draft``; ``plot`` for a plot on a map.

    Examples
    --------
    >>> from artois_geo.meaning import site_name_columns
    >>> site_name_columns("ranking")
    ('site', 'site_nom', 'nom', 'site_id')
    """
    if context == "plot":
        return PLOT_NAMES
    return tuple(column for column, contexts in SITE_NAMES.items() if context in contexts)


def site_names(sites: pd.DataFrame) -> pd.Series:
    """Return the name of each site; the label of its row where no column names it.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.meaning import site_names
    >>> site_names(pd.DataFrame({"site_id": ["A"], "nom": ["Les Hauts"]})).tolist()
    ['Les Hauts']
    """
    column = first_column(sites, site_name_columns("layer"))
    return sites[column] if column else sites.index.to_series()


def name_column(frame: pd.DataFrame, *, also: Iterable[str] = ()) -> Any:
    """Find the column that names the objects of any layer: ``nom``, or the first that ends with ``_nom``.

    Parameters
    ----------
    frame
        Layer of any kind.
    also
        Other words that name them.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.meaning import name_column
    >>> name_column(pd.DataFrame(columns=["voie_id", "voie_nom", "nom"]))
    'voie_nom'
    """
    words = {"nom", *also}
    return next((name for name in frame.columns if name in words or str(name).endswith("_nom")), None)


def year_pair(names: Iterable[str]) -> tuple[int, int] | None:
    """Read the two vintages that end column names, the earlier first; None unless they are exactly two.

    Examples
    --------
    >>> from artois_geo.meaning import year_pair
    >>> year_pair(["cs_2024", "us_2024", "cs_2021", "us_2021", "id"])
    (2021, 2024)
    >>> year_pair(["cs_2018", "cs_2021", "cs_2024"])
    """
    years = sorted({int(ending[1]) for name in names if (ending := _YEAR_AT_END.search(name))})
    return (years[0], years[1]) if len(years) == 2 else None


def _first_word(value: Any) -> str:
    text = "" if is_missing(value) else fold(str(value))
    return text.split(" ")[0].rstrip(",;:.")


def _by_row(frame: pd.DataFrame | Mapping[str, Any], column: str, rule: Any) -> NDArray[np.bool_]:
    """Apply a rule to each distinct value of a column, none true where the column is absent."""
    if column not in frame:
        return np.zeros(len(frame), dtype=bool)
    codes, values = pd.factorize(pd.Series(frame[column]).astype(object))
    answers = np.array([rule(value) for value in values] + [False], dtype=bool)  # code −1: null
    return answers[codes]


def __dir__() -> list[str]:
    return sorted(__all__)
