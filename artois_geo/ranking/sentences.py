"""What may be said of the place of a site, and what may not where too little is known."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from artois_geo.ranking.criteria import Criterion, Veto
from artois_geo.ranking.score import Method, known_share, rank
from artois_geo.ranking.sensitivity import critical_weights, stability
from artois_geo.text import comma


def said(
    table: pd.DataFrame,
    criteria: Sequence[Criterion],
    *,
    draws: int,
    seed: int,
    min_known_share: float = 0.0,
    vetoes: Sequence[Veto] = (),
    method: Method = "additive",
) -> pd.Series:
    """Write what a sheet may say of each site: « 1ᵉʳ dans 60 % des pondérations ; bascule si … ».

    Parameters
    ----------
    table, criteria, vetoes, method, draws, seed
        As for :func:`stability`.
    min_known_share
        Share of the weights (0..1) under which nothing is said of a first place: of any site where the
        average of the ranking is below, of a site whose own completeness is.

    Returns
    -------
    Series
        One French sentence per row of ``table``; a vetoed site says so.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.ranking import Criterion, said
    >>> sites = pd.DataFrame({"friche": [0.0, 0.6], "net_ha": [0.7, 0.5]}, index=["A", "B"])
    >>> criteria = [Criterion("friche", 0, 1, weight=0.4), Criterion("net_ha", 0, 1, weight=0.6)]
    >>> said(sites, criteria, draws=20_000, seed=1)["B"]
    '1ᵉʳ dans 75 % des pondérations ; bascule si « friche » pèse moins de 25,0 % (au profit de A).'

    Nothing is known of half of the weights of A:

    >>> said(sites.assign(net_ha=[None, 0.5]), criteria, draws=100, seed=1, min_known_share=0.5)["A"]
    'Critères connus à 40,0 % du poids : place non établie, du 1ᵉʳ au 2ᵉ rang.'
    """
    ranked = rank(table, criteria, vetoes=vetoes, method=method)
    if not ranked["rank"].notna().any():
        first_shares: dict[object, float] = {}
        leader, turning = None, ""
    else:
        stable = stability(table, criteria, draws=draws, seed=seed, vetoes=vetoes, method=method)
        first_shares = dict(zip(stable.index, stable["first_share"], strict=True))
        leader = ranked["rank"].idxmin()
        turning = _turning_sentence(table, criteria, vetoes) if method == "additive" else ""
    too_unknown = known_share(ranked) < min_known_share
    sentences = {}
    for site, row in ranked.iterrows():
        if row["veto"]:
            sentences[site] = f"Hors classement : veto ({row['veto']})."
        elif pd.isna(row["rank"]):
            sentences[site] = "Hors classement : aucun critère connu."
        elif too_unknown or row["completeness"] < min_known_share:
            span = "" if too_unknown else f", {_span(row['rank_low'], row['rank_high'])}"
            known_weight = _percent(row["completeness"])
            sentences[site] = f"Critères connus à {known_weight} du poids : place non établie{span}."
        else:
            share = _rounded_share(first_shares[site])
            sentences[site] = f"1ᵉʳ dans {share} des pondérations{turning if site == leader else ''}."
    return pd.Series(sentences, name="said").reindex(table.index)


def _rounded_share(share: float) -> str:
    """Write a share of the draws in %; rounding never turns some of them into all or none."""
    percent = round(100 * share)
    if percent == 100 and share < 1:
        return "plus de 99 %"
    return "moins de 1 %" if percent == 0 and share > 0 else f"{percent} %"


def _span(best: int, worst: int) -> str:
    names = ["1ᵉʳ" if number == 1 else f"{number}ᵉ" for number in (best, worst)]
    return f"du {names[0]} au {names[1]} rang" if best != worst else f"{names[0]} rang"


def _percent(share: float) -> str:
    return comma(f"{100 * share:.1f} %")


def _turning_sentence(table: pd.DataFrame, criteria: Sequence[Criterion], vetoes: Sequence[Veto]) -> str:
    """Write the smallest change of one weight that puts another site first."""
    critical = critical_weights(table, criteria, vetoes=vetoes)
    names = {criterion.column: criterion.name for criterion in criteria}
    if (critical["below"] == critical["above"]).any():
        return f" ; {critical['rival_below'].iloc[0]} peut passer devant, selon les valeurs inconnues"
    sentences_by_gap = []
    for _, row in critical.iterrows():
        for side, word in (("below", "moins"), ("above", "plus")):
            if not np.isnan(row[side]):
                gap = abs(row[side] - row["weight"])
                sentences_by_gap.append(
                    (gap, f" ; bascule si « {names[row['column']]} » pèse {word} de {_percent(row[side])}"
                          f" (au profit de {row[f'rival_{side}']})")
                )  # fmt: skip
    return (
        min(sentences_by_gap, key=lambda pair: round(pair[0], 9))[1]
        if sentences_by_gap
        else " ; aucun poids pris seul ne le fait basculer"
    )
