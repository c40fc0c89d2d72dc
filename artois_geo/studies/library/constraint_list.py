"""The constraints of a table: their text, their setback, and whether their layer is there."""

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from artois_geo import land
from artois_geo.studies import StudyTable, planner_files
from artois_geo.text import digits

if TYPE_CHECKING:
    from artois_geo.layers import Catalogue

LABELS = {
    "constraint": "Contrainte",
    "article": "Article",
    "setback": "Recul",
    "effect": "Effet",
    "layer": "Couche attendue",
    "expected": "Dessin",
    "presence": "Couche",
    "certainty": "Certitude",
    "source": "Source",
}
BRIEF = ["constraint", "article", "setback", "layer", "presence", "certainty"]
PRESENT, WAIVED = "présente", "sans objet"
ABSENT, CONDITIONS_ABSENT = "absente : sol inconnu", "absente : prescriptions inconnues"
UNSURE = "à vérifier"


def text() -> str:
    """Return the French table of constraints that comes with the tool, to be copied into a file.

    Examples
    --------
    >>> rules, options = land.read_rules(text())
    >>> rules[0].setback_m, rules[0].article, options.absent_unknown
    (100.0, "L.111-6 du code de l'urbanisme", True)
    """
    return files("artois_geo.studies.library").joinpath("contraintes.toml").read_text(encoding="utf-8")


def study(path: Path | None, catalogue: "Catalogue") -> StudyTable:
    """List the constraints of a table, with their article, setback, effect and layer.

    Parameters
    ----------
    path
        Table of constraints; None: the one that comes with the tool.
    catalogue
        Where the name of a layer is looked up, after the folder of the table.

    Raises
    ------
    UnreadableFile, UnknownName, BadTable, BadValue
        A table that cannot be read.

    Examples
    --------
    >>> study(None, {}).table["presence"].unique().tolist()
    ['absente : sol inconnu', 'absente : prescriptions inconnues']
    """
    rules, _ = land.read_rules(text()) if path is None else planner_files.rules(path)[:2]
    table_folder = None if path is None else path.parent
    rows = [
        {
            "constraint": rule.name,
            "article": rule.article or None,
            "setback": _setback(rule),
            "effect": _effect(rule),
            "layer": rule.layer or None,
            "expected": rule.expected or None,
            "presence": _presence(rule, catalogue, table_folder),
            "certainty": rule.certainty or None,
            "source": rule.source or None,
        }
        for rule in rules
    ]
    table = pd.DataFrame(rows)
    unsure = int((table["certainty"] == UNSURE).sum())
    notes = [
        "Une couche absente laisse son sol inconnu, ni libre ni perdu.",
        "Ce qui n'existe pas dans le territoire, ou à quoi un document déroge : sans_objet = « motif ».",
    ]
    if unsure:
        notes.append(f"« {UNSURE} » : {unsure} textes ou effets à confirmer avant de s'en servir.")
    if path is None:
        notes.append("Pour partir de cette table : artois-geo foncier contraintes --copier contraintes.toml.")
    return StudyTable(
        table,
        title="Contraintes" if path else "Table française des contraintes",
        sources=[] if path is None else [path],
        notes=notes,
        labels=LABELS,
        brief=table[BRIEF].dropna(axis="columns", how="all"),
    )


def _setback(rule: land.Rule) -> str:
    if rule.setback_column:
        return f"colonne {rule.setback_column}"
    return f"{digits(rule.setback_m)} m" if rule.setback_m else "aucun"


def _effect(rule: land.Rule) -> str:
    if rule.kept_share == 1:
        return "à bâtir sous prescriptions"
    effect = f"{digits(round(100 * rule.kept_share, 9))} % gardés" if rule.kept_share else "rien à bâtir"
    return f"{effect}, sans couper le site" if rule.bridged else effect


def _presence(rule: land.Rule, catalogue: "Catalogue", beside: Path | None) -> str:
    if rule.waived:
        return WAIVED
    names = [rule.layer, *([rule.coverage] if rule.coverage else []), *rule.outside]
    absent = [name for name in names if not planner_files.is_there(name, catalogue, beside=beside)]
    if not absent:
        return PRESENT
    if rule.kept_share == 1:
        return CONDITIONS_ABSENT
    return ABSENT if rule.layer in absent else f"sans {', '.join(absent)} : sol inconnu"
