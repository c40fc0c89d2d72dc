"""The canal and what it is worth to a site: bank, berth, quays within reach, freight, who decides.

Every threshold, factor and ratio is a required
keyword, whose value and source stand in ``constants/canal.toml``, ``freight.toml`` and
``freight_factors.csv``.
"""

from artois_geo.canal.access import access, nearest, rings
from artois_geo.canal.freight import emissions, funnel, overall, potential, trucks
from artois_geo.canal.frontage import CEMT, frontage
from artois_geo.canal.gathering import HEIGHTS, LOADING, OWNERS, SERVED, drafts, names, places, waters
from artois_geo.canal.governance import UNKNOWN, governance
from artois_geo.canal.waterways import air_draft, classify

__all__ = [
    "CEMT",
    "HEIGHTS",
    "LOADING",
    "OWNERS",
    "SERVED",
    "UNKNOWN",
    "access",
    "air_draft",
    "classify",
    "drafts",
    "emissions",
    "frontage",
    "funnel",
    "governance",
    "names",
    "nearest",
    "overall",
    "places",
    "potential",
    "rings",
    "trucks",
    "waters",
]
