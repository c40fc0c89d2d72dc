"""Ground-mounted photovoltaics: which parks the decree takes out of the consumption of ENAF.

Decree n° 2023-1408 and order of 29 December 2023 (art. 194 III 6° of law 2021-1104): a park
on farm or natural land is not counted where it can be undone, where the plant cover stays and
where farming goes on; the order adds how it is built. What nobody wrote down is not fulfilled,
and forest is never eligible.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeVar

import pandas as pd
from pandas import DataFrame, Series

from artois_geo import meaning
from artois_geo.text import comma
from artois_geo.zan.flows import numbers

REFUSAL = "refusal"

# column of each criterion, other names of it (those of IGN's declaration form), and what it asks
PV_CRITERIA: Mapping[str, tuple[tuple[str, ...], str]] = MappingProxyType(
    {
        "pv_espace": (("espace", "usage_terr"), "espace agricole ou naturel"),
        "pv_reversible": (("reversible",), "réversibilité"),
        "pv_couvert_vegetal": (("couvert_vegetal",), "maintien du couvert végétal et des habitats"),
        "pv_activite_agricole": (("activite_agricole",), "maintien d'une activité agricole ou pastorale"),
        "pv_hauteur_m": (("hauteur_m", "haut_pann"), "hauteur des panneaux au point bas"),
        "pv_espacement_m": (("espacement_m", "espacement"), "espacement des rangées"),
        "pv_ancrage": (("ancrage",), "ancrage au sol conforme"),
        "pv_cloture": (("cloture",), "clôture conforme"),
        "pv_voies": (("voies", "revetement"), "voies d'accès perméables"),
    }
)

_SPACE, _FARMING = "pv_espace", "pv_activite_agricole"
_FOREST = re.compile(r"foret|forest|bois")
_FARMLAND = re.compile(r"agricol|pastoral")
_NATURAL = re.compile(r"naturel")

Frame = TypeVar("Frame", bound=DataFrame)


def examine_photovoltaics(parks: Frame, *, panel_height_m: float, row_spacing_m: float) -> Frame:
    """Say of each photovoltaic park why it stays in the consumption of ENAF, or nothing where it leaves it.

    Parameters
    ----------
    parks
        One row per park: the columns of ``PV_CRITERIA``, under these names or the other ones.
        ``pv_espace`` says agricole, naturel or forestier; the measures are in metres; the
        others are oui or non. ``pv_activite_agricole`` is only asked on farm land.
    panel_height_m, row_spacing_m
        Least height of the low edge of the panels and least distance between two rows, from
        a rule set (order of 29 December 2023).

    Returns
    -------
    DataFrame
        ``parks`` with ``refusal``: every criterion that is empty or not met, in one
        French sentence; empty where all are met.

    Examples
    --------
    >>> from artois_geo.zan import examine_photovoltaics
    >>> from pandas import DataFrame
    >>> park = dict.fromkeys(["reversible", "couvert_vegetal", "activite_agricole"], "oui")
    >>> park |= dict.fromkeys(["ancrage", "cloture", "voies"], "oui")
    >>> park |= {"espace": "agricole", "hauteur_m": "1,2", "espacement_m": 3}
    >>> parks = DataFrame([park, park | {"espacement_m": 1.5}, park | {"espace": "forestier"}])
    >>> examine_photovoltaics(parks, panel_height_m=1.1, row_spacing_m=2)["refusal"].tolist()
    ['', 'espacement des rangées : 1,5 m, moins de 2 m', 'espace forestier : jamais déduit']
    """
    columns = {criterion: _column(parks, criterion) for criterion in PV_CRITERIA}
    minimums_m = {"pv_hauteur_m": panel_height_m, "pv_espacement_m": row_spacing_m}
    reasons = []
    for number in range(len(parks)):
        row = {name: None if cells is None else cells.iloc[number] for name, cells in columns.items()}
        unmet = (_reason(criterion, row, minimums_m.get(criterion)) for criterion in PV_CRITERIA)
        reasons.append(" ; ".join(reason for reason in unmet if reason))
    return parks.assign(**{REFUSAL: reasons})


def _column(parks: DataFrame, criterion: str) -> "Series | None":
    folded = {meaning.fold(str(name)): name for name in parks.columns}
    words = (criterion, *PV_CRITERIA[criterion][0])
    return next((parks[folded[word]] for word in words if word in folded), None)


def _reason(criterion: str, row: Mapping[str, Any], minimum_m: float | None) -> str:
    """Say why one criterion is not met; nothing where it is met, or where it is not asked."""
    answer, requirement = row[criterion], PV_CRITERIA[criterion][1]
    space = "" if meaning.is_missing(row[_SPACE]) else meaning.fold(str(row[_SPACE]))
    if criterion == _SPACE and _FOREST.search(space):
        return "espace forestier : jamais déduit"
    if criterion == _FARMING and _NATURAL.search(space) and not _FARMLAND.search(space):
        return ""
    if meaning.is_missing(answer):
        return f"{requirement} : non renseigné"
    if criterion == _SPACE:
        is_eligible = _FARMLAND.search(space) or _NATURAL.search(space)
        return "" if is_eligible else f"{requirement} : « {answer} » ne dit ni agricole ni naturel"
    if minimum_m is None:
        return "" if meaning.is_true(answer) else f"{requirement} : « {answer} »"
    metres = float(numbers(pd.Series([answer])).iloc[0])
    if metres != metres:
        return f"{requirement} : « {answer} » n'est pas une mesure en mètres"
    return "" if metres >= minimum_m else f"{requirement} : {_metres(metres)}, moins de {_metres(minimum_m)}"


def _metres(length_m: float) -> str:
    return comma(f"{length_m:g} m")
