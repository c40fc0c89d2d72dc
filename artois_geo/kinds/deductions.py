"""What a field of the standard lets us say of an extra one: family of a vocation, origin of an urbanisation.

The tables are in ``deductions.toml``; a file of that name in a folder of layers replaces them, one by one.
Nothing is guessed: a value that no table has gives no value, and :func:`unknown_values` lists it.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from artois_geo import meaning
from artois_geo.errors import UnreadableFile, read_toml

FILE = "deductions.toml"
DEDUCED = "_deduit"  # end of the name of the column that says which values are deduced
EPCI = "epci_sigle"
EPCI_NAMES = (EPCI, "epci_nom")
Frame = TypeVar("Frame", bound=pd.DataFrame)


@dataclass(frozen=True)
class Deduction:
    """One extra field: the field of the standard that gives it, and what each of its values gives."""

    source: str
    values: Mapping[str, Any]


def read_deductions(folder: Path | None = None) -> dict[str, Deduction]:
    """Read the tables of the library, or those of a folder where it has its own.

    Parameters
    ----------
    folder
        Folder of layers that may hold ``deductions.toml``.

    Raises
    ------
    UnreadableFile
        A table without ``from`` or ``values``, or a file that is no TOML.

    Examples
    --------
    >>> read_deductions()["famille"].values["portuaire"]
    'hub logistique'
    """
    tables = tomllib.loads(files("artois_geo.kinds").joinpath(FILE).read_text(encoding="utf-8"))
    own = None if folder is None else Path(folder) / FILE
    if own is not None and own.is_file():
        tables |= read_toml(own, "Table de déductions illisible")
    return {name: _deduction(name, table, own) for name, table in tables.items()}


def _deduction(name: str, table: Any, file: Path | None) -> Deduction:
    if not isinstance(table, dict) or not table.get("from") or not isinstance(table.get("values"), dict):
        raise UnreadableFile(
            f"{file or FILE} : la table « {name} » doit avoir « from » (le champ lu) et « values »."
        )
    return Deduction(table["from"], table["values"])


def deduced(frame: Frame, deductions: Mapping[str, Deduction]) -> Frame:
    """Fill what is absent from what the standard says; ``<champ>_deduit`` is true where it was.

    Parameters
    ----------
    frame
        Layer of kind ``site_eco`` or ``terrain_eco``, any CRS; left as it is.
    deductions
        From :func:`read_deductions`.

    Examples
    --------
    >>> zones = pd.DataFrame({"site_vocadomi": ["portuaire", "touristique"]})
    >>> deduced(zones, read_deductions())[["famille", "famille_deduit"]].values.tolist()
    [['hub logistique', True], [None, False]]
    """
    for field, deduction in deductions.items():
        if deduction.source in frame:
            values = [deduction.values.get(value) for value in frame[deduction.source].astype(object)]
            frame = filled(frame, field, pd.Series(values, index=frame.index, dtype=object))
    return frame


def with_epci(frame: Frame, towns: pd.DataFrame | None) -> Frame:
    """Fill the acronym of the EPCI from its SIREN, else from the commune; its name where none is known.

    Parameters
    ----------
    frame
        Layer of sites or plots; left as it is.
    towns
        Communes or EPCI of the same folder: ``epci_siren`` with ``epci_sigle`` or ``epci_nom``,
        ``comm_insee`` for the communes. None without any.

    Examples
    --------
    >>> towns = pd.DataFrame({"comm_insee": ["62498"], "epci_siren": ["246200364"], "epci_sigle": ["CALL"]})
    >>> with_epci(pd.DataFrame({"site_epci_siren": ["246200364"]}), towns)["epci_sigle"].tolist()
    ['CALL']
    """
    epci = pd.Series(None, index=frame.index, dtype=object)
    for column, key in (("site_epci_siren", "epci_siren"), ("site_comm_insee", "comm_insee")):
        if towns is not None and column in frame and key in towns:
            names = epci_names(towns, key)
            epci = epci.where(epci.notna(), frame[column].astype(object).map(names))
    if "site_epci_nom" in frame:
        epci = epci.where(epci.notna(), frame["site_epci_nom"].astype(object))
    return filled(frame, EPCI, epci.where(epci.notna(), None)) if epci.notna().any() else frame


def epci_names(
    towns: pd.DataFrame, key: str = "epci_siren", columns: Sequence[str] = EPCI_NAMES
) -> pd.Series:
    """Return the name of the EPCI of each code: by default its acronym, else its full name.

    Parameters
    ----------
    towns
        Communes or EPCI, with ``epci_sigle`` or ``epci_nom``.
    key
        Column of the codes: ``epci_siren``, or ``comm_insee`` for the communes.
    columns
        Columns that may name an EPCI, the first filled one names it.

    Examples
    --------
    >>> epci_names(pd.DataFrame({"epci_siren": ["246200364"], "epci_nom": ["Lens - Liévin"]})).to_dict()
    {'246200364': 'Lens - Liévin'}
    """
    names = pd.Series(None, index=towns.index, dtype=object)
    for column in columns:
        if column in towns:
            names = names.where(names.notna(), towns[column].astype(object))
    pairs = pd.DataFrame({key: towns[key].astype(object), "name": names}).dropna().drop_duplicates(key)
    return pairs.set_index(key)["name"]


def filled(frame: Frame, field: str, values: pd.Series) -> Frame:
    """Put values where a field has none, and say where in ``<champ>_deduit``.

    Examples
    --------
    >>> table = pd.DataFrame({"famille": ["autre", None]})
    >>> filled(table, "famille", pd.Series(["x", "y"], dtype=object))["famille_deduit"].tolist()
    [False, True]
    """
    received = (
        frame[field].astype(object) if field in frame else pd.Series(None, index=frame.index, dtype=object)
    )
    is_missing = received.map(meaning.is_null).astype(bool)
    is_deduced = is_missing & ~values.map(meaning.is_null).astype(bool)
    if field in frame and not is_deduced.any():
        return frame
    completed = received.where(~is_deduced, values)
    return frame.assign(**{field: completed.where(completed.notna(), None), f"{field}{DEDUCED}": is_deduced})


def unknown_values(frame: pd.DataFrame, field: str, source: str) -> pd.Series:
    """Count the values of a field of the standard that gave no value, by value.

    Examples
    --------
    >>> zones = pd.DataFrame({"site_vocadomi": ["touristique", "touristique"], "famille": [None, None]})
    >>> unknown_values(zones, "famille", "site_vocadomi").to_dict()
    {'touristique': 2}
    """
    if not {field, source} <= set(frame.columns):
        return pd.Series(dtype="int64")
    is_empty = frame[field].map(meaning.is_null).astype(bool)
    return frame.loc[is_empty, source].dropna().value_counts()
