"""Unités foncières, how much of them is built, and what could still be built there."""

from artois_geo.arguments import guard
from artois_geo.densification.defaults import DEFAULTS, defaults
from artois_geo.densification.potential import Thresholds, by_site, potential
from artois_geo.densification.units import land_units, parcel_key
from artois_geo.measure import require_lambert93

__all__ = ["DEFAULTS", "Thresholds", "by_site", "defaults", "land_units", "parcel_key", "potential"]


guard(__name__, shapes=require_lambert93)


def __dir__() -> list[str]:
    return sorted(__all__)
