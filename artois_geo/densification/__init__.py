"""Unités foncières, how much of them is built, and what could still be built there."""

from artois_geo.densification.potential import Thresholds, by_site, potential
from artois_geo.densification.units import land_units, parcel_key

__all__ = ["DEFAULTS", "Thresholds", "by_site", "land_units", "parcel_key", "potential"]

#: Parameter of the analysis -> constant that gives its default.
DEFAULTS = {
    "unbuilt_ces": "densification_ces_non_bati",
    "unbuilt_min_ha": "densification_non_bati_min",
    "reference_ces": "densification_ces_reference",
    "underbuilt_min_ha": "densification_sous_bati_min",
    "setback_m": "densification_recul_bati",
    "min_width_m": "densification_largeur_min",
    "min_part_ha": "densification_reliquat_min",
    "mobilisable_share": "densification_mobilisable",
    "min_access_m": "densification_acces_min",
}
