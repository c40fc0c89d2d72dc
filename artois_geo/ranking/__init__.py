"""Which site first, and how far that answer can be trusted.

Criteria have fixed bounds, never the extremes of the sites at hand: adding or removing a
site cannot turn the order of the others. Vetoes stand apart from the score. An unknown value, or
one that is known by its bounds only, widens score and rank into intervals. Sensitivity is
part of the answer.
"""

from artois_geo.arguments import guard
from artois_geo.ranking.criteria import Criterion, Veto, read_profile, weighted
from artois_geo.ranking.pairwise import ahp, compared
from artois_geo.ranking.score import known_share, profile, rank, utilities
from artois_geo.ranking.sensitivity import contenders, critical_weights, one_at_a_time, stability
from artois_geo.ranking.sentences import said
from artois_geo.ranking.sketches import without_sketches
from artois_geo.ranking.standing import STANDINGS, standing

__all__ = [
    "STANDINGS",
    "Criterion",
    "Veto",
    "ahp",
    "compared",
    "contenders",
    "critical_weights",
    "known_share",
    "one_at_a_time",
    "profile",
    "rank",
    "read_profile",
    "said",
    "stability",
    "standing",
    "utilities",
    "weighted",
    "without_sketches",
]


guard(__name__)


def __dir__() -> list[str]:
    return sorted(__all__)
