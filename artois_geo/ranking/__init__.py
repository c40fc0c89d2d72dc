"""Which site first, and how far that answer can be trusted.

Criteria have fixed bounds, never the extremes of the sites at hand: adding or removing a
site cannot turn the order of the others. Vetoes stand apart from the score. A missing value
widens the score into an interval. Sensitivity is part of the answer.
"""

from artois_geo.ranking.criteria import Criterion, Veto, read_profile, weighted
from artois_geo.ranking.pairwise import ahp, compared
from artois_geo.ranking.score import profile, rank, utilities
from artois_geo.ranking.sensitivity import critical_weights, one_at_a_time, said, stability

__all__ = [
    "Criterion",
    "Veto",
    "ahp",
    "compared",
    "critical_weights",
    "one_at_a_time",
    "profile",
    "rank",
    "read_profile",
    "said",
    "stability",
    "utilities",
    "weighted",
]
