"""What a ranking says of itself: who is first, what would change it, what is not known."""

from typing import TYPE_CHECKING

import pandas as pd

from artois_geo import meaning
from artois_geo.text import digits, number

if TYPE_CHECKING:
    from artois_geo.studies.ranking.profiles import Profile

WHATEVER_IS_UNKNOWN = ", quelles que soient les valeurs inconnues"
LISTED = 5  # sites that a sentence names


def first_place(leaders: list[object], *, is_vague: bool, is_complete: bool) -> str:
    """Say who is first, or who may be.

    Parameters
    ----------
    leaders
        From :func:`artois_geo.ranking.contenders`.
    is_vague
        Too little is known of the best score to call it the first.
    is_complete
        All is known of every site.

    Examples
    --------
    >>> first_place(["A"], is_vague=False, is_complete=True)
    'Premier aux poids choisis : A.'
    """
    if is_vague:
        return (
            f"{leaders[0]} a la meilleure note, mais ses critères sont trop peu connus pour le dire premier."
        )
    if len(leaders) == 1:
        return f"Premier aux poids choisis : {leaders[0]}{'' if is_complete else WHATEVER_IS_UNKNOWN}."
    rivals = ", ".join(map(str, leaders[1:LISTED])) + (" …" if len(leaders) > LISTED else "")
    return (
        f"Première place non départagée : {leaders[0]} a la meilleure note ; peuvent aussi être premiers,"
        f" selon leurs valeurs inconnues ou à égalité : {rivals}."
    )


def unsettled(known_share: float) -> str:
    """Say that too little is known for the ranking to tell sites apart.

    Examples
    --------
    >>> unsettled(0.4)
    'Critères connus à 40,0 % du poids : le classement ne départage pas les sites.'
    """
    return f"Critères connus à {_percent(known_share)} du poids : le classement ne départage pas les sites."


def unranked(ranked: pd.DataFrame) -> list[str]:
    """Count the sites of which no criterion is known.

    Examples
    --------
    >>> unranked(pd.DataFrame({"completeness": [0.0, 1.0]}))
    ['1 site sur 2 sans rang : aucun critère connu.']
    """
    count = int((ranked["completeness"] == 0).sum())
    plural = "s" if count > 1 else ""
    return [f"{count} site{plural} sur {len(ranked)} sans rang : aucun critère connu."] if count else []


def schematic_sites(sites: pd.DataFrame, emptied: dict[str, bool]) -> list[str]:
    """Say which sites are drawn for show, and which criteria that leaves unknown.

    Parameters
    ----------
    sites
        With their column ``geometrie``.
    emptied
        Criterion -> whether the table has bounds for it, from :func:`artois_geo.ranking.without_sketches`.

    Examples
    --------
    >>> schematic_sites(pd.DataFrame({"geometrie": ["Schématique"]}), {"Surface": True})
    ['Tracé schématique pour 1 site sur 1, à ne pas mesurer. « Surface » : critère pris entre ses bornes.']
    """
    count = int(meaning.schematic(sites).sum())
    if not count:
        return []
    subject = f"Tracé schématique pour {count} site{'s' if count > 1 else ''} sur {len(sites)}"
    parts = []
    for bounded, treatment in ((True, "pris entre ses bornes"), (False, "compté comme inconnu")):
        criteria = [f"« {name} »" for name, has_bounds in emptied.items() if has_bounds is bounded]
        if len(criteria) > 1:
            treatment = "pris entre leurs bornes" if bounded else "comptés comme inconnus"
        if criteria:
            parts.append(f"{', '.join(criteria)} : critère{'s' if len(criteria) > 1 else ''} {treatment}")
    return [f"{subject}, à ne pas mesurer. {' ; '.join(parts)}{'.' if parts else ''}".rstrip()]


def weight_changes(
    turns: pd.DataFrame, profile: "Profile", change_share: float, *, is_certain: bool
) -> list[str]:
    """Say what one weight changes to the first place; nothing is steady where the first is not certain.

    Parameters
    ----------
    turns
        From :func:`artois_geo.ranking.one_at_a_time`.
    profile
        Whose criteria are named.
    change_share
        By which each weight moved.
    is_certain
        The first place is that of one site, whatever is unknown.

    Examples
    --------
    >>> from artois_geo.studies.ranking.profiles import shipped
    >>> turns = pd.DataFrame({"column": ["net_ha"], "turned": [False], "contenders": [1]})
    >>> weight_changes(turns, shipped("site_cle_en_main"), 0.2, is_certain=True)
    ['Aucun poids, modifié seul de ± 20 %, ne change le premier.']
    """
    names = {criterion.column: criterion.name for criterion in profile.criteria}
    becomes = "le premier devient" if is_certain else "la meilleure note devient celle de"
    notes = [
        f"Si « {names[row['column']]} » passe de {_percent(row['weight_before'])} à"
        f" {_percent(row['weight_after'])}, {becomes} {row['first']}."
        for _, row in turns[turns["turned"]].iterrows()
    ]
    if notes or not is_certain:
        return notes
    change = digits(round(100 * change_share, 6))
    if (turns["contenders"] == 1).all():
        return [f"Aucun poids, modifié seul de ± {change} %, ne change le premier."]
    doubtful = turns.loc[turns["contenders"] > 1, "column"].unique()
    criteria = ", ".join(f"« {names[column]} »" for column in doubtful)
    return [
        f"Modifié seul de ± {change} %, le poids de {criteria} peut changer le premier, selon les valeurs"
        " inconnues."
    ]


def critical_weights(critical: pd.DataFrame, profile: "Profile") -> list[str]:
    """Say the weights from which another site comes first.

    Parameters
    ----------
    critical
        From :func:`artois_geo.ranking.critical_weights`.
    profile
        Whose criteria are named.

    Examples
    --------
    >>> from artois_geo.studies.ranking.profiles import Profile
    >>> from artois_geo import ranking
    >>> sites = pd.DataFrame({"friche": [0.0, 0.6], "net_ha": [0.7, 0.5]}, index=["A", "B"])
    >>> weights = {"friche": 0.4, "net_ha": 0.6}
    >>> criteria = [ranking.Criterion(column, 0, 1, weight) for column, weight in weights.items()]
    >>> critical_weights(ranking.critical_weights(sites, criteria), Profile(criteria, [], {}))[:1]
    ['Le premier change si « friche » pèse moins de 25,0 % (A).']
    """
    names = {criterion.column: criterion.name for criterion in profile.criteria}
    notes = []
    for _, row in critical.iterrows():
        limits = []
        if row["below"] == row["below"]:
            limits.append(f"moins de {_percent(row['below'])} ({row['rival_below']})")
        if row["above"] == row["above"]:
            limits.append(f"plus de {_percent(row['above'])} ({row['rival_above']})")
        if limits:
            notes.append(f"Le premier change si « {names[row['column']]} » pèse {' ou '.join(limits)}.")
    return notes


def _percent(share: float) -> str:
    return f"{number(100 * share, 1)} %"
