"""What an account deducts or exempts, line by line: its evidence, or the reason of the refusal."""

from pathlib import Path

import geopandas as gpd
import pandas as pd

from artois_geo import tables, text, zan
from artois_geo.constants.rules import RuleSet
from artois_geo.errors import BadValue
from artois_geo.studies import planner_files
from artois_geo.studies.zan import territories

PHOTOVOLTAIC_MINIMA = {  # parameter of zan.examine_photovoltaics -> constant
    "panel_height_m": "pv_panel_height_m",
    "row_spacing_m": "pv_row_spacing_m",
}

COLUMNS = ("territoire", "annee", "surface_ha", "nature", "justificatif", "projet_id")  # of a ledger


def read(path: Path, key: str, rule_set: RuleSet) -> tuple[pd.DataFrame, list[str]]:
    """Read a ledger of deductions, each line accepted or refused, with one sentence per line.

    Parameters
    ----------
    path
        ``territoire`` (or a column of the territory), ``annee``, ``surface_ha``, ``nature``,
        ``justificatif``; for photovoltaics also each criterion of the decree.
    key
        Column of the territory in the account.
    rule_set
        Thresholds of the criteria.

    Raises
    ------
    BadTable, BadValue
        A column is absent, or the rule set is older than the decree.

    Examples
    --------
    >>> import tempfile
    >>> from artois_geo.constants import rules
    >>> path = Path(tempfile.mkdtemp()) / "deductions.csv"
    >>> _ = path.write_text("territoire;annee;surface_ha;nature;justificatif\\nA;2024;2;PENE;arrêté\\n")
    >>> read(path, "epci", rules.read())[1]
    ['Déduit : PENE, A, 2024, 2 ha. Justificatif : Arrêté.']
    """
    table = planner_files.text_table(path, wanted=(*COLUMNS, key))
    if "territoire" in table:
        table = table.rename(columns={"territoire": key})
    elif key == "commune":
        table = territories.with_commune_key(table, key, path.name)
    else:
        table = territories.with_usual_name(table, key)
    minima = _minima(rule_set) if set(PHOTOVOLTAIC_MINIMA.values()) <= set(rule_set.constants) else {}
    ledger = zan.examine_deductions(table, key=key, **minima)
    notes = []
    for _, line in ledger.iterrows():
        verb, reason = ("Non déduit", f" {_sentence(line['refusal'])}") if line["refusal"] else ("Déduit", "")
        hectares = tables.quantity(float(line["surface_ha"]), "ha")
        notes.append(
            f"{verb} : {line['nature']}, {line[key]}, {line['year']}, {hectares}.{reason} "
            f"Justificatif : {_sentence(line['justificatif'])}"
        )
    return ledger, notes + _criteria(rule_set, parks=bool((ledger["nature"] == "PV").any()))


def examined_projects(projects: pd.DataFrame, rule_set: RuleSet) -> tuple[pd.DataFrame, list[str]]:
    """Examine projects outside the local account: why one counts in it all the same, one sentence each.

    Examples
    --------
    >>> from artois_geo.constants import rules
    >>> projects = pd.DataFrame({"projet_id": ["P1"], "projet_compte": "PENE", "justificatif": "arrêté"})
    >>> examined_projects(projects, rules.read())[1]
    ['Hors du compte local : P1, PENE. Justificatif : Arrêté.']
    """
    if not {"projet_compte", "projet_id", "justificatif"} <= set(projects):
        return projects, []
    account = projects["projet_compte"].astype(str)
    parks = account == zan.EXEMPT
    examined = zan.examine_photovoltaics(projects, **_minima(rule_set)) if parks.any() else projects
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
    return examined, notes + _criteria(rule_set, parks=bool(parks.any()))


def examined_parks(parks: gpd.GeoDataFrame, rule_set: RuleSet) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Examine photovoltaic perimeters: the reason of each refusal, and one sentence per refusal.

    Examples
    --------
    >>> from artois_geo import example
    >>> from artois_geo.constants import rules
    >>> park = example.square(x_km=0, y_km=0, side_km=1, justificatif="délibération")
    >>> examined_parks(park, rules.read())[1][0].startswith("parc photovoltaïque n° 1 non exempté.")
    True
    """
    examined = zan.examine_photovoltaics(parks, **_minima(rule_set))
    notes = [
        f"parc photovoltaïque n° {number} non exempté. {_sentence(reason)}"
        for number, reason in enumerate(examined["refusal"], start=1)
        if reason
    ]
    return examined, notes + _criteria(rule_set, parks=True)


def _minima(rule_set: RuleSet) -> dict[str, float]:
    absent = [name for name in PHOTOVOLTAIC_MINIMA.values() if name not in rule_set.constants]
    if absent:
        raise BadValue(
            f"Le jeu de règles « {rule_set.name} » n'a pas les critères photovoltaïques du décret "
            "n° 2023-1408.\nPrendre un jeu plus récent avec --regles."
        )
    return {name: float(rule_set.constants[constant].value) for name, constant in PHOTOVOLTAIC_MINIMA.items()}


def _criteria(rule_set: RuleSet, *, parks: bool) -> list[str]:
    """Say by which thresholds the parks were examined, and how sure they are."""
    if not parks:
        return []
    height, spacing = (f"{text.digits(metres)} m" for metres in _minima(rule_set).values())
    is_uncertain = any(
        rule_set.constants[name].certainty == "incertain" for name in PHOTOVOLTAIC_MINIMA.values()
    )
    return [
        f"Photovoltaïque : panneaux à {height} au moins et rangées à {spacing} au moins"
        f"{' (valeurs à vérifier)' if is_uncertain else ''}, avec chaque autre critère du décret "
        "n° 2023-1408 et de l'arrêté du 29 décembre 2023."
    ]


def _sentence(words: object) -> str:
    stripped = str(words).strip().rstrip(".")
    return f"{stripped[:1].upper()}{stripped[1:]}."
