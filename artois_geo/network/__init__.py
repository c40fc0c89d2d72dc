"""Lines that meet, as a graph: cleaned once, then walked.

Greenways, waterways and roads are delivered as lines that almost meet. ``build`` snaps ends, cuts a
line where another one joins it, keeps bridges apart, counts a line drawn twice once, and says all of
it as findings; the rest asks the graph questions.
"""

from artois_geo.arguments import guard
from artois_geo.measure import require_lambert93
from artois_geo.network.clean import Network, build
from artois_geo.network.landmarks import ORDER, RAILS, ROADS, landmarks
from artois_geo.network.ways import Stops, components, distances, near, reached, snap

__all__ = [
    "ORDER",
    "RAILS",
    "ROADS",
    "Network",
    "Stops",
    "build",
    "components",
    "distances",
    "landmarks",
    "near",
    "reached",
    "snap",
]


guard(__name__, shapes=require_lambert93)


def __dir__() -> list[str]:
    return sorted(__all__)
