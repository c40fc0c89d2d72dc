"""Answers of a field survey: which of them name no unité foncière, and which one they may mean."""

from collections import defaultdict

import pandas as pd

from artois_geo import meaning
from artois_geo.errors import BadTable
from artois_geo.vocabulary import written

SHOWN = 5  # answers that a sentence lists
PREFIX, ELSEWHERE = "UF-", "@"  # of the identifiers of densification.land_units


def unmatched(
    answers: pd.DataFrame, units: pd.DataFrame, *, unit_key: str = "unit_id", parcels: str = "parcels"
) -> pd.DataFrame:
    """List the answers whose key names no unit, each with the unit that holds its parcel.

    Parameters
    ----------
    answers
        One row per establishment or vacant premises, with ``unit_key``. Its key may be an identifier
        of another year (``UF-`` and a parcel) or a parcel itself.
    units
        One row per unit, with ``unit_key`` and, where known, ``parcels`` (identifiers joined by ``|``).
    unit_key, parcels
        Names of these columns.

    Returns
    -------
    DataFrame
        Rows of ``answers`` that name no unit: ``unit_key`` as text, empty if missing, and ``proposal``
        (None where no unit, or more than one, holds the parcel).

    Raises
    ------
    BadTable
        ``unit_key`` is missing.

    Examples
    --------
    Last year's unit lost its first parcel; it is the second one that still holds AB0002:

    >>> import pandas as pd
    >>> from artois_geo.zae import unmatched
    >>> units = pd.DataFrame({"unit_id": ["UF-AB0002"], "parcels": ["AB0002|AB0003"]})
    >>> answers = pd.DataFrame({"unit_id": ["UF-AB0003", "UF000007"]})
    >>> unmatched(answers, units).values.tolist()
    [['UF-AB0003', 'UF-AB0002'], ['UF000007', None]]
    """
    for name, frame in (("answers", answers), ("units", units)):
        if unit_key not in frame.columns:
            raise BadTable(f"« {name} » n'a pas de colonne {written(unit_key)}.")
    strangers = answers.loc[~answers[unit_key].isin(units[unit_key]), [unit_key]]
    keys = strangers[unit_key].map(lambda key: "" if meaning.is_missing(key) else str(key).strip())
    holders: dict[str, list[str]] = defaultdict(list)
    if parcels in units.columns and len(keys):
        for unit, names in zip(units[unit_key], units[parcels], strict=True):
            for name in "" if meaning.is_missing(names) else str(names).split("|"):
                holders[name].append(unit)
    proposals = [_proposal(key, holders) for key in keys]
    return pd.DataFrame({unit_key: keys, "proposal": proposals}, index=strangers.index, dtype=object)


def reattached(
    answers: pd.DataFrame, units: pd.DataFrame, *, unit_key: str = "unit_id", parcels: str = "parcels"
) -> pd.DataFrame:
    """Give each answer that names no unit the unit that holds its parcel; the others stay as they are.

    Parameters
    ----------
    answers, units, unit_key, parcels
        As for :func:`unmatched`.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.zae import reattached
    >>> units = pd.DataFrame({"unit_id": ["UF-AB0002"], "parcels": ["AB0002|AB0003"]})
    >>> answers = pd.DataFrame({"unit_id": ["AB0003"], "active": [True]})
    >>> reattached(answers, units)["unit_id"].tolist()
    ['UF-AB0002']
    """
    rows = answers.reset_index(drop=True)
    proposals = unmatched(rows, units, unit_key=unit_key, parcels=parcels)["proposal"].dropna()
    keys = rows[unit_key].astype(object)
    keys.loc[proposals.index] = proposals
    return answers.assign(**{unit_key: keys.to_numpy()})


def unmatched_sentence(strangers: pd.DataFrame, count: int, *, unit_key: str = "unit_id") -> str:
    """Say which answers name no unit, and what their parcels propose.

    Parameters
    ----------
    strangers
        What :func:`unmatched` returned.
    count
        Number of answers in all.
    unit_key
        Column of their keys.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.zae import unmatched_sentence
    >>> strangers = pd.DataFrame({"unit_id": ["UF000007"], "proposal": [None]})
    >>> unmatched_sentence(strangers, 12)
    '1 réponse sur 12 sans unité foncière : UF000007.'
    """
    plural = "s" if len(strangers) > 1 else ""
    keys = [key or "(vide)" for key in strangers[unit_key]]
    text = f"{len(strangers)} réponse{plural} sur {count} sans unité foncière : {_shortened(keys)}."
    pairs = strangers.dropna(subset="proposal")
    if not len(pairs):
        return text
    matches = [f"{key} → {unit}" for key, unit in zip(pairs[unit_key], pairs["proposal"], strict=True)]
    return f"{text}\nD'après leur parcelle : {_shortened(matches)}."


def _shortened(texts: list[str]) -> str:
    distinct = list(dict.fromkeys(texts))
    return ", ".join(distinct[:SHOWN]) + (" …" if len(distinct) > SHOWN else "")


def _proposal(key: str, holders: dict[str, list[str]]) -> str | None:
    """Return the unit that holds the parcel of a key; of several, the one in the same site."""
    parcel, _, site = key.removeprefix(PREFIX).partition(ELSEWHERE)
    units = holders.get(parcel, [])
    if len(units) > 1:
        units = [unit for unit in units if str(unit).partition(ELSEWHERE)[2] == site]
    return units[0] if len(units) == 1 else None
