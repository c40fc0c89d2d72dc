"""The canal and what it is worth to a site: bank, berth, quays within reach, freight, who decides.

What a distance cannot decide, for positions known too roughly, is null with its reason; what a source
publishes wins over what is computed. Every threshold, factor and ratio is a required keyword, whose value
and source stand in ``constants/canal.toml``, ``freight.toml`` and ``freight_factors.csv``.
"""

from artois_geo.arguments import guard
from artois_geo.canal.access import ON_SITE, access, named, nearest, nearest_quay
from artois_geo.canal.defaults import DEFAULTS, defaults
from artois_geo.canal.freight import emissions, funnel, overall, potential, trucks
from artois_geo.canal.frontage import CEMT, frontage
from artois_geo.canal.gathering import (
    HEIGHTS,
    LOADING,
    OWNERS,
    SERVED,
    air_drafts,
    drafts,
    names,
    places,
    waters,
)
from artois_geo.canal.governance import UNKNOWN, governance
from artois_geo.canal.precision import IMPRECISE, UNKNOWN_PRECISION, length, rounded
from artois_geo.canal.published import PUBLISHED, junctions, quay_lengths, quoted
from artois_geo.canal.roads import Roads
from artois_geo.canal.waterside import Thresholds, rings, waterside
from artois_geo.canal.waterways import air_draft, classify
from artois_geo.measure import require_lambert93

__all__ = [
    "CEMT",
    "DEFAULTS",
    "HEIGHTS",
    "IMPRECISE",
    "LOADING",
    "ON_SITE",
    "OWNERS",
    "PUBLISHED",
    "SERVED",
    "UNKNOWN",
    "UNKNOWN_PRECISION",
    "Roads",
    "Thresholds",
    "access",
    "air_draft",
    "air_drafts",
    "classify",
    "defaults",
    "drafts",
    "emissions",
    "frontage",
    "funnel",
    "governance",
    "junctions",
    "length",
    "named",
    "names",
    "nearest",
    "nearest_quay",
    "overall",
    "places",
    "potential",
    "quay_lengths",
    "quoted",
    "rings",
    "rounded",
    "trucks",
    "waters",
    "waterside",
]


guard(__name__, shapes=require_lambert93)


def __dir__() -> list[str]:
    return sorted(__all__)
