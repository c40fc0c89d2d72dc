"""Where a site stands, as far as what is known of the sites tells it: by thirds of the ranking."""

import numpy as np
import pandas as pd

TOP, MIDDLE, BOTTOM = "premier tiers", "deuxième tiers", "dernier tiers"
OPEN, UNKNOWN, SET_ASIDE = "place non établie", "rien de connu", "veto"
STANDINGS = (TOP, MIDDLE, BOTTOM, OPEN, UNKNOWN, SET_ASIDE)


def standing(ranked: pd.DataFrame, *, settled: bool = True) -> pd.Series:
    """Sort sites into thirds of the ranking, where their whole rank interval lies in one.

    Parameters
    ----------
    ranked
        What :func:`artois_geo.ranking.rank` returned.
    settled
        False where too little is known for a ranking: no site has a third then.

    Returns
    -------
    Series
        ``premier tiers``, ``deuxième tiers``, ``dernier tiers``; ``place non établie`` (the interval
        of ranks spans several thirds); ``rien de connu``; ``veto``.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.ranking import standing
    >>> ranked = pd.DataFrame({"rank": [1, 2, None], "veto": ["", "", "PPRI"]})
    >>> ranked = ranked.assign(rank_low=[1, 1, None], rank_high=[1, 2, None])
    >>> standing(ranked).tolist()
    ['premier tiers', 'place non établie', 'veto']
    """
    has_rank = ranked["rank"].notna()
    best_rank, worst_rank = (ranked[name].astype(float) for name in ("rank_low", "rank_high"))
    third = np.ceil(has_rank.sum() / 3)
    classes = np.select(
        [
            ranked["veto"] != "",
            ~has_rank,
            np.full(len(ranked), not settled),
            worst_rank <= third,
            (best_rank > third) & (worst_rank <= 2 * third),
            best_rank > 2 * third,
        ],
        [SET_ASIDE, UNKNOWN, OPEN, TOP, MIDDLE, BOTTOM],
        OPEN,
    )
    return pd.Series(classes, index=ranked.index, name="standing")
