"""Who occupies each unité foncière, since when nobody does, and the rate that the law asks for."""

from collections.abc import Collection
from datetime import date

import numpy as np
import pandas as pd

from artois_geo import meaning
from artois_geo.errors import BadTable, BadValue
from artois_geo.text import row_name
from artois_geo.vocabulary import written
from artois_geo.zae.answers import unmatched, unmatched_sentence

OCCUPIED, VACANT, RECENT, UNSETTLED, NEVER, UNKNOWN = (
    "occupée",
    "vacante",
    "vacance récente",
    "indéterminée",
    "jamais occupée",
    "inconnue",
)
EMPTY = (VACANT, RECENT, UNSETTLED)
REASONS = {
    RECENT: "vide depuis moins que la durée légale : confirmer la date du dernier départ",
    UNSETTLED: "vide, date du dernier départ inconnue : la demander au propriétaire",
    UNKNOWN: "un établissement dont l'état n'est pas dit s'y trouve : ouvert ou fermé ?",
}


def occupation(
    units: pd.DataFrame,
    establishments: pd.DataFrame,
    premises: pd.DataFrame | None = None,
    *,
    on: date,
    vacancy_years: int,
    unit_key: str = "unit_id",
    other_occupant: str | None = None,
) -> pd.DataFrame:
    """State the occupation of each unité foncière on a 1 January, in five cases.

    Parameters
    ----------
    units
        One row per unit, with ``unit_key``, unique.
    establishments
        One row per establishment: ``unit_key``, ``active`` (true/false), and, where known, dates
        ``opened_on`` and ``closed_on``. An establishment known to SIRENE is presumed subject to
        the CFE (art. 1447 CGI). One that closed after ``on`` was active on that day; one that
        opened after is ignored.
    premises
        One row per vacant premises (LOCOMVAC): ``unit_key`` and ``vacant_since`` where known.
    on
        The 1 January of the tax year.
    vacancy_years
        Years without activity nor occupant from which the unit is vacant.
    unit_key
        Column that the three tables share.
    other_occupant
        Column of ``units`` that is true where someone without establishment occupies the unit.

    Returns
    -------
    DataFrame
        Rows of ``units`` with ``state``: ``occupée`` (any activity or occupant, even with vacant
        premises), ``vacante`` (empty for ``vacancy_years`` at least), ``vacance récente`` (empty,
        for less), ``indéterminée`` (empty, since an unknown day), ``jamais occupée``;
        ``active_count``, ``closed_count``, ``vacant_premises``, ``empty_since``.

    Raises
    ------
    BadTable
        A missing column, a repeated unit, an establishment on an unknown unit, an unreadable date.
    BadValue
        ``on`` is not a 1 January.

    Notes
    -----
    Code de l'urbanisme, L.318-8-2. The cases are those of the Bourgogne-Franche-Comté guide (p. 46),
    to which the two-year clock of the law is added.

    Examples
    --------
    >>> import pandas as pd
    >>> from datetime import date
    >>> from artois_geo import zae
    >>> units = pd.DataFrame({"unit_id": ["UF1", "UF2"]})
    >>> firms = pd.DataFrame({"unit_id": ["UF1"], "active": [False], "closed_on": ["2023-06-30"]})
    >>> zae.occupation(units, firms, on=date(2026, 1, 1), vacancy_years=2)["state"].tolist()
    ['vacante', 'jamais occupée']
    """
    if (on.month, on.day) != (1, 1):
        raise BadValue(
            f"La vacance s'apprécie au 1er janvier de l'année d'imposition (reçu : {on:%d/%m/%Y})."
        )
    _require(units, "units", unit_key, *([other_occupant] if other_occupant else []))
    if units[unit_key].duplicated().any():
        raise BadTable(
            f"« units » : {units.loc[units[unit_key].duplicated(), unit_key].iloc[0]} figure deux fois."
        )
    firms = _firms(establishments, units, unit_key, pd.Timestamp(on))
    empty_premises = _premises(premises, units, unit_key, pd.Timestamp(on))
    assessed = units.copy()
    key = units[unit_key]
    assessed["active_count"] = key.map(firms[firms["active"]].groupby(unit_key).size()).fillna(0).astype(int)
    assessed["closed_count"] = key.map(firms[~firms["active"]].groupby(unit_key).size()).fillna(0).astype(int)
    assessed["vacant_premises"] = key.map(empty_premises.groupby(unit_key).size()).fillna(0).astype(int)
    ends = pd.concat([firms.loc[~firms["active"], [unit_key, "end"]], empty_premises])
    undated = set(ends.loc[ends["end"].isna(), unit_key])
    last_departure = ends.groupby(unit_key)["end"].max().reindex(key).set_axis(units.index)
    limit = pd.Timestamp(on) - pd.DateOffset(years=vacancy_years)
    occupied = assessed["active_count"] > 0
    if other_occupant:
        declared = units[[other_occupant]].where(units[other_occupant].notna(), False)
        occupied |= flags(declared, "units", other_occupant)
    never_occupied = (assessed["closed_count"] + assessed["vacant_premises"]) == 0
    # One dated departure that is recent settles it; one that is old does not, if another has no date.
    state = np.select(
        [occupied, never_occupied, last_departure > limit, key.isin(undated) | last_departure.isna()],
        [OCCUPIED, NEVER, RECENT, UNSETTLED],
        VACANT,
    )
    assessed["state"] = state
    assessed["empty_since"] = pd.to_datetime(last_departure).where(
        pd.Series(state, index=units.index).isin([VACANT, RECENT])
    )
    return assessed


def with_unread(units: pd.DataFrame, unread: Collection[str], *, unit_key: str = "unit_id") -> pd.DataFrame:
    """Call unknown the occupation of a unit that only an establishment of an unread state may occupy.

    Parameters
    ----------
    units
        What :func:`occupation` returned.
    unread
        Units where an establishment stands of which nobody says whether it is active.
    unit_key
        Name of the column.

    Returns
    -------
    DataFrame
        Rows of ``units``; ``state`` is ``inconnue`` and ``empty_since`` null there, unless the unit is
        occupied by another.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.zae import with_unread
    >>> units = pd.DataFrame({"unit_id": ["U1", "U2"], "state": ["jamais occupée", "occupée"]})
    >>> with_unread(units.assign(empty_since=pd.NaT), {"U1", "U2"})["state"].tolist()
    ['inconnue', 'occupée']
    """
    is_unknown = units[unit_key].isin(list(unread)) & (units["state"] != OCCUPIED)
    return units.assign(
        state=units["state"].mask(is_unknown, UNKNOWN), empty_since=units["empty_since"].mask(is_unknown)
    )


def to_check(units: pd.DataFrame) -> pd.DataFrame:
    """List the units to check in the field before the consultation, with the reason.

    Parameters
    ----------
    units
        What :func:`occupation` returned.

    Returns
    -------
    DataFrame
        Rows of ``units`` that are ``vacance récente``, ``indéterminée`` or ``inconnue``, with ``reason``.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.zae import to_check
    >>> to_check(pd.DataFrame({"unit_id": ["UF1"], "state": ["indéterminée"]}))["reason"].item()
    'vide, date du dernier départ inconnue : la demander au propriétaire'
    """
    doubtful = units[units["state"].isin(list(REASONS))].copy()
    doubtful["reason"] = doubtful["state"].map(REASONS)
    return doubtful


def rates(units: pd.DataFrame, *, key: str, area: str = "unit_ha") -> pd.DataFrame:
    """Compute the vacancy of each ZAE: the rate of the law, and what it leaves out.

    Parameters
    ----------
    units
        What :func:`occupation` returned, with ``key`` (the ZAE) and ``area`` (hectares of the unit).
    key, area
        Names of these columns.

    Returns
    -------
    DataFrame
        Indexed by ZAE: ``units``, ``vacant_units``, ``vacancy_share`` (vacant units over all units),
        ``vacancy_area_share`` (the same by area), ``empty_share`` (units empty for whatever
        time), ``to_check``, and the CNIG columns ``site_uf_nbre``, ``site_uf_vacant_nbre``,
        ``site_taux_vacance`` (whole percent).

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.zae import rates
    >>> units = pd.DataFrame({"zae": ["A"] * 3, "unit_ha": [2.0, 1.0, 1.0]})
    >>> units["state"] = ["vacante", "occupée", "vacance récente"]
    >>> rates(units, key="zae")[["vacancy_share", "vacancy_area_share"]].round(3).values.tolist()
    [[0.333, 0.5]]
    """
    _require(units, "units", key, area, "state")
    vacant = units["state"] == VACANT
    grouped = units.groupby(key, sort=True)
    table = pd.DataFrame({"units": grouped.size(), "vacant_units": vacant.groupby(units[key]).sum()})
    table["vacancy_share"] = table["vacant_units"] / table["units"]
    table["vacancy_area_share"] = (
        units[area].where(vacant, 0.0).groupby(units[key]).sum() / grouped[area].sum()
    )
    table["empty_share"] = units["state"].isin(EMPTY).groupby(units[key]).sum() / table["units"]
    table["to_check"] = units["state"].isin(list(REASONS)).groupby(units[key]).sum()
    table["site_uf_nbre"], table["site_uf_vacant_nbre"] = table["units"], table["vacant_units"]
    # Half a percent rounds up, as in a French table, not to the even number.
    table["site_taux_vacance"] = np.floor(100 * table["vacancy_share"] + 0.5).astype(int)
    return table


def _firms(
    establishments: pd.DataFrame, units: pd.DataFrame, unit_key: str, on: pd.Timestamp
) -> pd.DataFrame:
    _require(establishments, "establishments", unit_key, "active")
    _known_units(establishments, "establishments", units, unit_key)
    firms = establishments[[unit_key]].copy()
    firms["end"] = _dates(establishments, "establishments", "closed_on").mask(
        flags(establishments, "establishments", "active")
    )
    firms["active"] = active_on(establishments, on=on.date())
    return firms[~(_dates(establishments, "establishments", "opened_on") > on)]


def active_on(establishments: pd.DataFrame, *, on: date) -> pd.Series:
    """Tell which establishments exist on a day: neither opened later, nor closed before.

    Parameters
    ----------
    establishments
        ``active`` (true/false, or « oui », « non », « vrai », « faux ») and, where known, dates
        ``opened_on`` and ``closed_on``.
    on
        Day of the account.

    Raises
    ------
    BadTable
        ``active`` is missing or says something else; an unreadable date.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.zae import active_on
    >>> from datetime import date
    >>> closed = [None, "2026-03-01", "2020-01-01"]
    >>> firms = pd.DataFrame({"active": ["oui", "non", "non"], "closed_on": closed})
    >>> active_on(firms, on=date(2026, 1, 1)).tolist()
    [True, True, False]
    """
    day = pd.Timestamp(on)
    closed, opened = (_dates(establishments, "establishments", name) for name in ("closed_on", "opened_on"))
    return (flags(establishments, "establishments", "active") | (closed > day)) & ~(opened > day)


def flags(frame: pd.DataFrame, name: str, column: str) -> pd.Series:
    """Convert a column to true and false; refuse a text that is neither (« fermé »)."""
    _require(frame, name, column)
    parsed = pd.Series(
        [meaning.truth(value, letters=True) for value in frame[column]], index=frame.index, dtype=object
    )
    if parsed.isna().any():
        row = parsed.index[parsed.isna()][0]
        raise BadTable(
            f"« {name} », {row_name(frame.index, row)} : {written(column)} doit dire oui ou non partout ; "
            f"lu : « {'' if meaning.is_missing(frame.loc[row, column]) else frame.loc[row, column]} »."
        )
    return parsed.astype(bool)


def _premises(
    premises: pd.DataFrame | None, units: pd.DataFrame, unit_key: str, on: pd.Timestamp
) -> pd.DataFrame:
    if premises is None:
        return pd.DataFrame({unit_key: pd.Series(dtype=object), "end": pd.Series(dtype="datetime64[us]")})
    _require(premises, "premises", unit_key)
    _known_units(premises, "premises", units, unit_key)
    listed = premises[[unit_key]].copy()
    listed["end"] = _dates(premises, "premises", "vacant_since")
    return listed[~(listed["end"] > on)]


def _known_units(frame: pd.DataFrame, name: str, units: pd.DataFrame, unit_key: str) -> None:
    strangers = unmatched(frame, units, unit_key=unit_key)
    if len(strangers):
        raise BadTable(f"« {name} » : {unmatched_sentence(strangers, len(frame), unit_key=unit_key)}")


def _dates(frame: pd.DataFrame, name: str, column: str) -> pd.Series:
    if column not in frame.columns:
        return pd.Series(pd.NaT, index=frame.index, dtype="datetime64[us]")
    parsed = meaning.days(frame[column])
    wrong = parsed.isna() & ~frame[column].map(meaning.is_missing)
    if wrong.any():
        row = frame.index[wrong][0]
        raise BadTable(
            f"« {name} », {row_name(frame.index, row)} : « {frame.loc[row, column]} »"
            f" n'est pas une date, dans {written(column)} : écrire JJ/MM/AAAA ou AAAA-MM-JJ."
        )
    return parsed


def _require(frame: pd.DataFrame, name: str, *columns: str) -> None:
    for column in columns:
        if column not in frame.columns:
            raise BadTable(f"« {name} » n'a pas de colonne {written(column)}.")
