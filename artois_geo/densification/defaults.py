"""The thresholds of densification as constants give them: for the caller to hand over, and to print."""

from datetime import date

from artois_geo import constants

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


def defaults(*, on: date | None = None) -> constants.Defaults:
    """Return the thresholds of densification in force on a day, with their sources.

    Parameters
    ----------
    on
        Day for which they are wanted; today by default.

    Returns
    -------
    Defaults
        The fields of :class:`artois_geo.densification.Thresholds`, by name.

    Examples
    --------
    >>> from artois_geo.densification import defaults
    >>> from datetime import date
    >>> from artois_geo import densification, example
    >>> thresholds = densification.Thresholds(**defaults(on=date(2026, 12, 8)))
    >>> units = example.square(x_km=0, y_km=0, side_km=0.1)
    >>> buildings = example.square(x_km=0, y_km=0, side_km=0.02)
    >>> densification.potential(units, buildings, thresholds)["state"].tolist()
    ['sous-bâtie']
    """
    return constants.defaults(DEFAULTS, on=on)
