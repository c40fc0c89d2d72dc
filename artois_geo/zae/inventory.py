"""The inventory itself: parcel state, owners, occupants, calendar, completeness, publication."""

from datetime import date

import numpy as np
import pandas as pd

from artois_geo import meaning
from artois_geo.zae.vacancy import UNKNOWN, UNSETTLED, _dates, _require, flags

#: Owner types that may be a person: their names and identifiers are not published.
PERSON_WORDS = ("personne physique", "physique", "particulier", "indivision")
FILLED = ("unit_ha", "owner_type", "state")


def inventory(
    units: pd.DataFrame,
    establishments: pd.DataFrame,
    *,
    key: str,
    unit_key: str = "unit_id",
    owner_type: str,
    occupant: str,
    area: str = "unit_ha",
) -> pd.DataFrame:
    """List what L.318-8-2 asks of each unité foncière: area, owner, occupants, occupation.

    Parameters
    ----------
    units
        What :func:`artois_geo.zae.occupation` returned, with ``key`` (the ZAE), ``owner_type``
        and ``area``.
    establishments
        With ``unit_key``, ``active`` and ``occupant`` (name).
    key, unit_key, owner_type, occupant, area
        Names of these columns.

    Returns
    -------
    DataFrame
        One row per unit, index of ``units``: ``key``, ``unit_key``, ``unit_ha``, ``owner_type``,
        ``occupants`` (names of active occupants joined by ``|``), ``active_count``, ``state``,
        ``empty_since``.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.zae import inventory
    >>> units = pd.DataFrame({"unit_id": ["UF1"], "zae": ["A"], "unit_ha": [1.0], "type": ["SEM ou SPLA"]})
    >>> units = units.assign(state="occupée", active_count=1, empty_since=pd.NaT)
    >>> firms = pd.DataFrame({"unit_id": ["UF1"], "active": [True], "nom": ["Dupont SA"]})
    >>> inventory(units, firms, key="zae", owner_type="type", occupant="nom")["occupants"].item()
    'Dupont SA'
    """
    _require(units, "units", key, unit_key, owner_type, area, "state")
    _require(establishments, "establishments", unit_key, "active", occupant)
    active = establishments[flags(establishments, "establishments", "active")]
    names = active.groupby(unit_key)[occupant].agg(
        lambda occupants: "|".join(sorted({str(name) for name in occupants.dropna()}))
    )
    listed = units[[key, unit_key]].copy()
    listed["unit_ha"], listed["owner_type"] = units[area], units[owner_type]
    listed["occupants"] = units[unit_key].map(names).fillna("")
    for column in ("active_count", "state", "empty_since"):
        listed[column] = units[column]
    return listed


def calendar(
    zones: pd.DataFrame, *, on: date, done_on: str, update_years: int, first_due: date, consultation_days: int
) -> pd.DataFrame:
    """Compute when each ZAE's inventory is due, and when to start so as to be in time.

    Parameters
    ----------
    zones
        One row per ZAE, with ``done_on`` (day of its last inventory, empty if none).
    on
        Day of the calendar.
    done_on
        Name of that column.
    update_years, first_due, consultation_days
        Period of the update, day the first inventory was due, length of the consultation.

    Returns
    -------
    DataFrame
        Rows of ``zones`` with ``due_on``, ``days_left`` (negative: late), ``consult_before`` (last
        day to open the consultation) and ``calendar_state``: ``à jour``, ``à lancer`` (due within a
        year), ``en retard``, ``premier inventaire en retard`` or ``premier inventaire à faire``.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.zae import calendar
    >>> from datetime import date
    >>> zones = pd.DataFrame({"zae": ["A"], "fait": ["2023-08-20"]})
    >>> deadlines = calendar(zones, on=date(2026, 11, 23), done_on="fait", update_years=6,
    ...                      first_due=date(2023, 8, 24), consultation_days=30)
    >>> deadlines[["due_on", "calendar_state"]].astype(str).values.tolist()
    [['2029-08-20', 'à jour']]
    """
    _require(zones, "zones", done_on)
    today = pd.Timestamp(on)
    last_inventory = _dates(zones, "zones", done_on)
    deadlines = zones.copy()
    due = (last_inventory + pd.DateOffset(years=update_years)).fillna(pd.Timestamp(first_due))
    deadlines["due_on"] = due
    deadlines["days_left"] = (due - today).dt.days
    deadlines["consult_before"] = due - pd.Timedelta(days=consultation_days)
    deadlines["calendar_state"] = [
        _due_state(days, never_done=never_done)
        for days, never_done in zip(deadlines["days_left"], last_inventory.isna(), strict=True)
    ]
    return deadlines


def completeness(zones: pd.DataFrame, listed: pd.DataFrame, *, key: str, declared: int) -> pd.DataFrame:
    """Measure how complete the inventory is, ZAE by ZAE, against the declared number of ZAE.

    Parameters
    ----------
    zones
        One row per ZAE known, with ``key``.
    listed
        What :func:`inventory` returned.
    key
        Column of both.
    declared
        Number of ZAE that the territory publishes.

    Returns
    -------
    DataFrame
        Rows of ``zones`` with ``units`` and ``completeness`` (0..1: mean share of units whose area,
        owner type and occupation are known; 0 without units). ``attrs`` holds ``known``
        (ZAE in ``zones``), ``started`` (with at least a unit), ``declared`` and ``gauge`` (sum of
        the completenesses over ``declared``).

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.zae import completeness
    >>> zones = pd.DataFrame({"zae": ["A", "B"]})
    >>> listed = pd.DataFrame({"zae": ["A"], "unit_ha": [1.0], "owner_type": [None], "state": ["occupée"]})
    >>> progress = completeness(zones, listed, key="zae", declared=110)
    >>> progress["completeness"].round(3).tolist(), progress.attrs["started"]
    ([0.667, 0.0], 1)
    """
    _require(zones, "zones", key)
    _require(listed, "listed", key, *FILLED)
    is_filled = listed[list(FILLED)].notna() & (listed[list(FILLED)] != "inconnu")
    is_filled["state"] &= ~listed["state"].isin([UNSETTLED, UNKNOWN])
    progress = zones.copy()
    progress["units"] = progress[key].map(listed.groupby(key).size()).fillna(0).astype(int)
    progress["completeness"] = (
        progress[key].map(is_filled.mean(axis=1).groupby(listed[key]).mean()).fillna(0.0)
    )
    progress.attrs |= {
        "known": len(progress),
        "started": int((progress["units"] > 0).sum()),
        "declared": declared,
        "gauge": float(progress["completeness"].sum() / declared),
    }
    return progress


def published(listed: pd.DataFrame, *, key: str) -> pd.DataFrame:
    """Remove personal data from the inventory, so that it may be published.

    Parameters
    ----------
    listed
        What :func:`inventory` returned, possibly with more columns.
    key
        Column naming the ZAE.

    Returns
    -------
    DataFrame
        Only ``key``, ``unit_number`` (1 for the largest of the ZAE), ``unit_ha``, ``owner_type`` (a
        natural person reads ``personne physique``, nothing more), ``occupant_count``, ``state`` and
        ``empty_year``: no name, no parcel number (an identifier of a unit is made of one), no day.
        A column that is not listed here never leaves.

    Notes
    -----
    An occupant's name may be that of a person (sole traders): counts are published, names are not.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.zae import published
    >>> listed = pd.DataFrame({"zae": ["A"], "unit_ha": [1.0], "occupants": ["J. Petit"]})
    >>> listed = listed.assign(owner_type="commune", active_count=1, state="occupée", empty_since=pd.NaT)
    >>> "occupants" in published(listed, key="zae").columns
    False
    """
    _require(listed, "listed", key, "unit_ha", "owner_type", "active_count", "state", "empty_since")
    public = listed[[key]].copy()
    ranks = listed.groupby(key)["unit_ha"].rank(ascending=False, method="first")
    public["unit_number"] = ranks.astype("Int64")
    public["unit_ha"] = listed["unit_ha"]
    kind = listed["owner_type"].fillna("inconnu").astype(str)
    person = kind.str.lower().apply(lambda label: any(word in label for word in PERSON_WORDS))
    public["owner_type"] = kind.mask(person, "personne physique")
    public["occupant_count"] = listed["active_count"]
    public["state"] = listed["state"]
    public["empty_year"] = pd.to_datetime(listed["empty_since"]).dt.year.astype("Int64")
    # The order of the units is that of their parcels.
    return public.sort_values([key, "unit_number"], ignore_index=True)


def useful_ha(terrains: pd.DataFrame, *, key: str = "site_id") -> pd.DataFrame:
    """Sum the surface utile of each site (CNIG rule): gross area of its terrains with ``terr_utile = oui``.

    Parameters
    ----------
    terrains
        CNIG table TERRAIN-ECO: ``key``, ``terr_surf_brute`` (ha), ``terr_utile``.
    key
        Column naming the site.

    Returns
    -------
    DataFrame
        Indexed by site: ``gross_ha``, ``useful_ha``, ``useful_unknown_ha`` (neither oui nor non).

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.zae import useful_ha
    >>> terrains = pd.DataFrame({"site_id": "S", "terr_surf_brute": [35.3, 1.9]})
    >>> terrains["terr_utile"] = ["oui", "non"]
    >>> useful_ha(terrains).round(1).values.tolist()
    [[37.2, 35.3, 0.0]]
    """
    _require(terrains, "terrains", key, "terr_surf_brute", "terr_utile")
    area = pd.to_numeric(terrains["terr_surf_brute"], errors="coerce")
    useful = [meaning.truth(answer, letters=True) for answer in terrains["terr_utile"]]
    is_useful = np.array([answer is True for answer in useful], dtype=bool)
    is_unknown = np.array([answer is None for answer in useful], dtype=bool)
    table = pd.DataFrame({"gross_ha": area.groupby(terrains[key]).sum()})
    table["useful_ha"] = area.where(is_useful, 0.0).groupby(terrains[key]).sum()
    table["useful_unknown_ha"] = area.where(is_unknown, 0.0).groupby(terrains[key]).sum()
    return table


def _due_state(days_left: int, *, never_done: bool) -> str:
    if never_done:
        return "premier inventaire en retard" if days_left < 0 else "premier inventaire à faire"
    if days_left < 0:
        return "en retard"
    return "à lancer" if days_left <= 365 else "à jour"
