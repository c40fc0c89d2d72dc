"""Findings as a person reads them: the gravest first, one line where a hundred say the same.

Nothing is lost: the rows themselves go to JSON, CSV and workbooks as they are.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from artois_geo.formats.findings import LEVELS
from artois_geo.text import counted

Row = Mapping[str, Any]

SHOWN = 5  # features named by a line that stands for many
NAMED = 12  # columns
VALUES = 3  # quoted by a line that stands for many
_TOGETHER = {  # rules that say the same of several columns -> singular and plural of what they say
    ("champ absent", "erreur"): ("champ obligatoire absent", "champs obligatoires absents"),
    ("champ absent", "alerte"): ("champ à compléter", "champs à compléter"),
    ("champ absent", "note"): ("champ facultatif absent", "champs facultatifs absents"),
    ("champ inconnu", "note"): ("colonne hors du type, conservée", "colonnes hors du type, conservées"),
}
_REPAIRS = {  # repairs of the values of one column -> singular and plural
    "nombre en texte": ("nombre écrit en texte, lu", "nombres écrits en texte, lus"),
    "date": ("date écrite autrement, lue", "dates écrites autrement, lues"),
    "année": ("année écrite autrement, lue", "années écrites autrement, lues"),
    "vrai ou faux": ("oui ou non écrit autrement, lu", "oui ou non écrits autrement, lus"),
    "liste de valeurs": ("valeur écrite comme dans la liste", "valeurs écrites comme dans la liste"),
    "code en nombre": ("code écrit en nombre, gardé en texte", "codes écrits en nombre, gardés en texte"),
    "pourcentage": ("pourcentage écrit en texte, lu", "pourcentages écrits en texte, lus"),
    "unité": ("nombre lu dans son unité", "nombres lus dans leur unité"),
    "valeur inconnue": ("cellule qui dit ne pas savoir, vidée", "cellules qui disent ne pas savoir, vidées"),
    "année seule": ("année sans jour ni mois, au 1er janvier", "années sans jour ni mois, au 1er janvier"),
    "caractère NUL": ("texte débarrassé d'un caractère NUL", "textes débarrassés d'un caractère NUL"),
}
_COMMA = ("nombre écrit avec une virgule, lu", "nombres écrits avec une virgule, lus")


def gravest_first(rows: Iterable[Mapping[Any, Any]]) -> list[dict[str, Any]]:
    """Sort findings from errors to notes, as they came within a level.

    Examples
    --------
    >>> [row["level"] for row in gravest_first([{"level": "note"}, {"level": "erreur"}, {"level": "alerte"}])]
    ['erreur', 'alerte', 'note']
    """
    return sorted((dict(row) for row in rows), key=lambda row: LEVELS.index(row["level"]))


def condensed(rows: Iterable[Mapping[Any, Any]]) -> list[dict[str, Any]]:
    """Say once what many findings say, the gravest first, absent and unknown columns last.

    Parameters
    ----------
    rows
        Findings with ``feature``, ``field``, ``rule``, ``level``, ``found`` and ``message``; with
        ``position`` too, it is what numbers the features.

    Returns
    -------
    list of dict
        The same keys, and ``count``: of how many findings a line is made. ``feature`` is a text.

    Examples
    --------
    >>> comma = {"field": "SURF_HA", "rule": "nombre en texte", "level": "réparation", "found": "12,5"}
    >>> rows = [comma | {"feature": number, "message": "« 12,5 » lu 12,5"} for number in (1, 2)]
    >>> [(row["feature"], row["message"]) for row in condensed(rows)]
    [('', '2 nombres écrits avec une virgule, lus (« 12,5 » lu 12,5)')]
    """
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in gravest_first(rows):
        groups.setdefault(_group(row), []).append(row)
    lines = [_line(same) for same in groups.values()]
    return sorted(lines, key=lambda line: (LEVELS.index(line["level"]), _rank(line)))


def _rank(line: Row) -> int:
    """Rank columns that lack before what is in the others, columns that may lack after it."""
    if (line["rule"], line["level"]) not in _TOGETHER:
        return 0
    return 1 if line["level"] == "note" else -1


def _group(row: Row) -> tuple[str, ...]:
    """Return what a line of the report is about: findings that agree in it are one line."""
    level, rule, field = row["level"], row["rule"], str(row["field"])
    if (rule, level) in _TOGETHER:
        return level, rule
    if level == "réparation" and rule in _REPAIRS:
        return level, rule, field
    return level, rule, field, row["message"]


def _line(rows: list[Row]) -> dict[str, Any]:
    """Write one line for findings of one meaning."""
    example = dict(rows[0])
    rule, level, count = example["rule"], example["level"], len(rows)
    line = example | {"count": count, "feature": _features(rows)}
    if (rule, level) in _TOGETHER:
        names = [str(row["field"]) + _resemblance(str(row["message"])) for row in rows]
        listed = ", ".join(names[:NAMED]) + (f" … et {count - NAMED} de plus" if count > NAMED else "")
        singular, plural = _TOGETHER[rule, level]
        return line | {"field": "", "found": "", "message": f"{counted(count, singular, plural)} : {listed}"}
    if count == 1:
        return line
    if level == "réparation" and rule in _REPAIRS:
        commas = rule == "nombre en texte" and all("," in str(row["found"]) for row in rows)
        singular, plural = _COMMA if commas else _REPAIRS[rule]
        message = f"{counted(count, singular, plural)} ({example['message']})"
        return line | {"feature": "", "found": "", "message": message}
    values = list(dict.fromkeys(str(row["found"]) for row in rows))
    more = " …" if len(values) > VALUES else ""
    examples = example["found"] if len(values) == 1 else " », « ".join(values[:VALUES]) + more
    return line | {"found": examples, "message": f"{example['message']} ({counted(count, 'objet')})"}


def _features(rows: list[Row]) -> str:
    """Name the features of a line: the label of one, the numbers of several."""
    if len(rows) == 1 and "position" in rows[0]:
        return str(rows[0]["feature"])
    numbers = [row.get("position", row["feature"]) for row in rows]
    texts = [str(number) for number in numbers if number is not None and number == number]
    listed = ", ".join(texts[:SHOWN]) + (" …" if len(texts) > SHOWN else "")
    return f"n° {listed}" if listed and "position" in rows[0] else listed


def _resemblance(message: str) -> str:
    resembling = re.search(r"« ([^»]+) » y ressemble", message)
    return f" (« {resembling[1]} » y ressemble)" if resembling else ""
