"""Greenways and green corridors: how much there is, how well it holds together, what is missing.

The graph comes from ``network.build``; every threshold is a required keyword, whose value and source
stand in ``constants/corridors.toml``.
"""

from artois_geo.arguments import guard
from artois_geo.corridors.balance import balance, cycle_state
from artois_geo.corridors.conflicts import closing, conflicts
from artois_geo.corridors.ecology import connectivity, equivalent_ha, links
from artois_geo.corridors.gaps import crossings, detours, gaps, shortcuts
from artois_geo.corridors.mesh import by_component, mesh
from artois_geo.corridors.reach import served, zones
from artois_geo.measure import require_lambert93

__all__ = [
    "balance",
    "by_component",
    "closing",
    "conflicts",
    "connectivity",
    "crossings",
    "cycle_state",
    "detours",
    "equivalent_ha",
    "gaps",
    "links",
    "mesh",
    "served",
    "shortcuts",
    "zones",
]


guard(__name__, shapes=require_lambert93)


def __dir__() -> list[str]:
    return sorted(__all__)
