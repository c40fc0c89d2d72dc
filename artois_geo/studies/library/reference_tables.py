"""The constants and the vocabulary of the library, as tables to read."""

from collections.abc import Iterable, Sequence
from datetime import date

import pandas as pd

from artois_geo import constants, meaning, tables, vocabulary
from artois_geo.constants import Constant
from artois_geo.errors import UnknownName
from artois_geo.studies.study_table import StudyTable

CONSTANT_LABELS = {
    "name": "Nom",
    "title": "Objet",
    "value": "Valeur",
    "unit": "Unité",
    "since": "Depuis",
    "certainty": "Nature",
    "source": "Source",
    "url": "Adresse",
    "checked_on": "Vérifié le",
    "note": "Remarque",
}
IN_FORCE = ("name", "title", "value", "unit", "since", "certainty", "source")
HISTORY = ("since", "value", "unit", "certainty", "source", "url", "checked_on", "note")
TERM_LABELS = {"column": "Colonne", "label": "Libellé", "unit": "Unité", "definition": "Définition"}


def constants_in_force(on: date) -> StudyTable:
    """Return the value of each constant that is in force on a day.

    Examples
    --------
    >>> constants_in_force(date(2026, 12, 8)).table.set_index("name").loc["reduction_2021_2030", "unit"]
    'share'
    """
    names = [name for name in constants.names() if constants.values(name)[0].since <= on]
    in_force = [constants.get(name, on=on) for name in names]
    return _study(in_force, IN_FORCE, f"Constantes en vigueur le {on:%d/%m/%Y}")


def constant_history(name: str) -> StudyTable:
    """Return all values of a constant, the oldest first.

    Raises
    ------
    UnknownName
        No such constant; the message offers the nearest names.

    Examples
    --------
    >>> constant_history("reduction_2021_2030").table["unit"].tolist()
    ['share']
    """
    history = constants.values(name)
    return _study(history, HISTORY, f"{name} : {history[-1].title}")


def glossary(word: str = "") -> StudyTable:
    """Return the terms whose name, label or definition holds a word; all of them without one.

    Capitals and accents do not count.

    Raises
    ------
    UnknownName
        No term; the message offers the nearest names.

    Examples
    --------
    >>> glossary("RENATURÉ").table["column"].tolist()[:1]
    ['renatured_enaf_ha']
    """
    folded = meaning.fold(word)
    rows = [
        (term.name, term.label, term.unit, term.definition)
        for term in vocabulary.terms().values()
        if folded in meaning.fold(f"{term.name} {term.label} {term.definition}")
    ]
    if not rows:
        raise UnknownName("terme", word, vocabulary.terms())
    return StudyTable(pd.DataFrame(rows, columns=list(TERM_LABELS)), title="Glossaire", labels=TERM_LABELS)


def _study(values: Iterable[Constant], columns: Sequence[str], title: str) -> StudyTable:
    """Return constants as a table; in its brief form each value carries its unit."""
    rows = [[getattr(constant, column) for column in columns] for constant in values]
    table = pd.DataFrame(rows, columns=list(columns)).astype(object)
    quantities = [tables.quantity(*pair) for pair in zip(table["value"], table["unit"], strict=True)]
    brief = table.assign(value=quantities).drop(columns="unit")
    return StudyTable(table, title=title, labels=CONSTANT_LABELS, brief=brief)
