"""The thresholds of the canal as constants give them: for the caller to hand over, and to print."""

from datetime import date

from artois_geo import constants

#: Parameter of the analyses -> constant that gives its default.
DEFAULTS = {
    "bank_m": "canal_bank_distance_m",
    "hinterland_m": "canal_hinterland_distance_m",
    "truck_min": "canal_truck_minutes",
    "berths_m": "canal_berth_m",
}


def defaults(*, on: date | None = None) -> constants.Defaults:
    """Return the thresholds of the canal in force on a day, with their sources.

    Parameters
    ----------
    on
        Day for which they are wanted; today by default.

    Returns
    -------
    Defaults
        ``bank_m``, ``hinterland_m``, ``truck_min``, ``berths_m``: to be given to
        :class:`artois_geo.canal.Thresholds`, :func:`artois_geo.canal.frontage` or
        :func:`artois_geo.canal.rings`.

    Examples
    --------
    >>> from artois_geo.canal import defaults
    >>> from datetime import date
    >>> from artois_geo import canal
    >>> thresholds = canal.Thresholds(**defaults(on=date(2026, 12, 8)))
    >>> thresholds.bank_m == defaults(on=date(2026, 12, 8))["bank_m"]
    True
    >>> sorted(defaults(on=date(2026, 12, 8)).only("bank_m", "berths_m"))
    ['bank_m', 'berths_m']
    """
    return constants.defaults(DEFAULTS, on=on)
