"""What the ``zan`` commands deduct or exempt, line by line: its evidence, or the reason of the refusal."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from artois_geo.cli import zan_inputs, zan_names
from artois_geo.errors import BadValue

if TYPE_CHECKING:
    import pandas as pd

    from artois_geo.constants.rules import RuleSet

_LEAST = {"panel_height_m": "pv_panel_height_m", "row_spacing_m": "pv_row_spacing_m"}


def read_deductions(
    path: Path, flows: zan_inputs.Flows, rules: "RuleSet"
) -> "tuple[pd.DataFrame, list[str]]":
    """The ledger of deductions, each line accepted or refused, and one sentence per line."""
    from artois_geo import zan

    table = zan_inputs.read_table(path)
    if "territoire" in table:
        table = table.rename(columns={"territoire": flows.key})
    elif flows.key == "commune":
        table = zan_names.named_key(table, flows.key, path.name)
    else:
        table = zan_names.with_usual_name(table, flows.key)
    least = _least(rules) if set(_LEAST.values()) <= set(rules.constants) else {}
    ledger = zan.examine_deductions(table, key=flows.key, **least)
    notes = []
    for _, line in ledger.iterrows():
        verb, why = ("Non déduit", f" {_sentence(line['refusal'])}") if line["refusal"] else ("Déduit", "")
        notes.append(
            f"{verb} : {line['nature']}, {line[flows.key]}, {line['year']}, {_ha(line['surface_ha'])}.{why} "
            f"Justificatif : {_sentence(line['justificatif'])}"
        )
    return ledger, notes + _criteria(rules, parks=bool((ledger["nature"] == "PV").any()))


def examined_projects(projects: "pd.DataFrame", rules: "RuleSet") -> "tuple[pd.DataFrame, list[str]]":
    """Projects with why an exempt one stays in the local account, and one sentence per project of another."""
    from artois_geo import zan

    if not {"projet_compte", "projet_id", "justificatif"} <= set(projects):
        return projects, []
    account = projects["projet_compte"].astype(str)
    parks = account == zan.EXEMPT
    examined = zan.examine_photovoltaics(projects, **_least(rules)) if parks.any() else projects
    notes = []
    for _, line in examined[account != zan.LOCAL].iterrows():
        if line["projet_compte"] == zan.EXEMPT and line["refusal"]:
            notes.append(
                f"Projet {line['projet_id']} compté au compte local, et non exempté. "
                f"{_sentence(line['refusal'])}"
            )
        else:
            notes.append(
                f"Hors du compte local : {line['projet_id']}, {line['projet_compte']}. "
                f"Justificatif : {_sentence(line['justificatif'])}"
            )
    return examined, notes + _criteria(rules, parks=bool(parks.any()))


def eligible_parks(parks: Any, rules: "RuleSet") -> tuple[Any, list[str]]:
    """Photovoltaic perimeters with the reason of each refusal, and one sentence per refusal."""
    from artois_geo import zan

    examined = zan.examine_photovoltaics(parks, **_least(rules))
    notes = [
        f"parc photovoltaïque n° {number} non exempté. {_sentence(why)}"
        for number, why in enumerate(examined["refusal"], start=1)
        if why
    ]
    return examined, notes + _criteria(rules, parks=True)


def _least(rules: "RuleSet") -> dict[str, float]:
    absent = [name for name in _LEAST.values() if name not in rules.constants]
    if absent:
        raise BadValue(
            f"Le jeu de règles « {rules.name} » n'a pas les critères photovoltaïques du décret n° 2023-1408."
            "\nPrendre un jeu plus récent avec --regles."
        )
    return {name: float(rules.constants[constant].value) for name, constant in _LEAST.items()}


def _criteria(rules: "RuleSet", *, parks: bool) -> list[str]:
    """The thresholds that the parks were held against, and how sure they are."""
    if not parks:
        return []
    height, spacing = (f"{value:g} m".replace(".", ",") for value in _least(rules).values())
    uncertain = any(rules.constants[name].certainty == "incertain" for name in _LEAST.values())
    return [
        f"Photovoltaïque : panneaux à {height} au moins et rangées à {spacing} au moins"
        f"{' (valeurs à vérifier)' if uncertain else ''}, avec chaque autre critère du décret n° 2023-1408 "
        "et de l'arrêté du 29 décembre 2023."
    ]


def _sentence(text: object) -> str:
    words = str(text).strip().rstrip(".")
    return f"{words[:1].upper()}{words[1:]}."


def _ha(value: float) -> str:
    from artois_geo import tables

    return tables.quantity(float(value), "ha")
