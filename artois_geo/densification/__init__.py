"""Unités foncières, how much of them is built, and what could still be built there."""

from artois_geo.densification.potential import by_site, potential
from artois_geo.densification.units import land_units

__all__ = ["by_site", "land_units", "potential"]
