"""What the classes of a land cover, a zoning or a MOS are for the account of ENAF: table and reading."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from artois_geo import meaning
from artois_geo.errors import BadTable, UnknownName

ENAF, NOT_ENAF, UNKNOWN = "ENAF", "non ENAF", "inconnu"
CLASS_NATURES = (ENAF, NOT_ENAF, UNKNOWN)
HEADERS = ("titre", "compte", "source", "date", "certitude", "note", "colonnes", "classe")
#: Nature -> column of its hectares: where two rows overlap, ground that is urbanised already wins.
SPLIT = {NOT_ENAF: "not_enaf_ha", ENAF: "enaf_ha"}


@dataclass(frozen=True)
class SoilClass:
    """One line of a nomenclature: the codes of each axis that it covers, and what that ground is."""

    codes: Mapping[str, Sequence[str]]
    nature: str
    reason: str = ""
    certainty: str = ""


@dataclass(frozen=True)
class Nomenclature:
    """Hold the lines of a nomenclature in order, the columns where each axis is looked for, its source."""

    title: str
    account: str
    source: str
    certainty: str
    note: str
    columns: Mapping[str, Sequence[str]]
    classes: Sequence[SoilClass]


def read_nomenclature(content: Mapping[str, Any], *, name: str) -> Nomenclature:
    """Check a nomenclature that a TOML file holds.

    Parameters
    ----------
    content
        ``titre``, ``compte``, ``source``, ``certitude``, ``note``; ``colonnes``: axis -> columns that may
        hold it; ``[[classe]]``: codes by axis, ``nature`` (ENAF, non ENAF, inconnu), ``raison``,
        ``certitude``.
    name
        What the file is called, for the messages.

    Raises
    ------
    BadTable, UnknownName
        No column or class; a key, an axis or a nature that is not known.

    Examples
    --------
    >>> from artois_geo.land import read_nomenclature
    >>> content = {"colonnes": {"zone": ["typezone"]}, "classe": [{"zone": ["A"], "nature": "ENAF"}]}
    >>> read_nomenclature(content, name="plu").classes[0].nature
    'ENAF'
    """
    for key in content:
        if key not in HEADERS:
            raise UnknownName("clé", key, HEADERS)
    columns = {axis: list(names) for axis, names in dict(content.get("colonnes", {})).items()}
    if not columns or not content.get("classe"):
        raise BadTable(
            f"{name} : une nomenclature a des « colonnes » et des rubriques [[classe]]. Exemple :\n"
            'colonnes = { zone = ["TYPEZONE"] }, puis [[classe]], zone = ["A"], nature = "ENAF".'
        )
    classes = [_soil_class(entry, columns) for entry in content["classe"]]
    texts = {key: str(content.get(key, "")) for key in HEADERS[:6]}
    title = texts["titre"] or name
    return Nomenclature(
        title, texts["compte"], texts["source"], texts["certitude"], texts["note"], columns, classes
    )


def axis_columns(frame: pd.DataFrame, nomenclature: Nomenclature) -> dict[str, str] | None:
    """Find the column of each axis of a nomenclature in a layer, whatever its case; None if one is absent.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.land import axis_columns, read_nomenclature
    >>> content = {"colonnes": {"zone": ["typezone"]}, "classe": [{"zone": ["A"], "nature": "ENAF"}]}
    >>> plu = read_nomenclature(content, name="plu")
    >>> axis_columns(pd.DataFrame({"TYPEZONE": ["A"]}), plu), axis_columns(pd.DataFrame({"x": []}), plu)
    ({'zone': 'TYPEZONE'}, None)
    """
    by_lower_name = {str(column).lower(): str(column) for column in reversed(frame.columns)}
    columns = {}
    for axis, names in nomenclature.columns.items():
        column = next((by_lower_name[name.lower()] for name in names if name.lower() in by_lower_name), None)
        if column is None:
            return None
        columns[axis] = column
    return columns


def classed(frame: pd.DataFrame, nomenclature: Nomenclature) -> "pd.Series[str]":
    """Read the nature of each row: ENAF, non ENAF, or inconnu, also where no line of the table says it.

    Parameters
    ----------
    frame
        Land cover, zoning, MOS, with the columns of the nomenclature.
    nomenclature
        From :func:`read_nomenclature`; the first line that fits a row counts. A code covers the codes that
        go on after a point: ``US4.1`` covers ``US4.1.2``. A code without its prefix (``1.1``) has that of
        the axis.

    Raises
    ------
    BadTable
        The layer lacks a column.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.land import classed, read_nomenclature
    >>> content = {"colonnes": {"zone": ["typezone"]}, "classe": [{"zone": ["A"], "nature": "ENAF"}]}
    >>> zones = pd.DataFrame({"typezone": ["A", "AUc", None]})
    >>> classed(zones, read_nomenclature(content, name="plu")).tolist()
    ['ENAF', 'inconnu', 'inconnu']
    """
    columns = axis_columns(frame, nomenclature)
    if columns is None:
        expected = " ; ".join(" ou ".join(names) for names in nomenclature.columns.values())
        raise BadTable(f"Nomenclature « {nomenclature.title} » : colonnes attendues, {expected}.")
    codes = {axis: _codes(frame[column], axis) for axis, column in columns.items()}
    natures = pd.Series(UNKNOWN, index=frame.index, dtype=object)
    pending = np.ones(len(frame), dtype=bool)
    for line in nomenclature.classes:
        fits = pending.copy()
        for axis, accepted in line.codes.items():
            prefixes = tuple(f"{code}." for code in accepted)
            fits &= (codes[axis].isin(list(accepted)) | codes[axis].str.startswith(prefixes)).to_numpy()
        natures[fits] = line.nature
        pending &= ~fits
    return natures


def _codes(column: "pd.Series[Any]", axis: str) -> "pd.Series[str]":
    """Return the codes of a column as text, with the prefix of a land cover where a delivery omits it."""
    texts = column.map(lambda code: "" if meaning.is_missing(code) else str(code).strip())
    if axis not in ("cs", "us"):
        return texts
    prefix = axis.upper()
    return texts.map(lambda code: f"{prefix}{code}" if code[:1].isdigit() else code)


def _soil_class(entry: Mapping[str, Any], columns: Mapping[str, Sequence[str]]) -> SoilClass:
    for key in entry:
        if key not in (*columns, "nature", "raison", "certitude"):
            raise UnknownName("clé", key, [*columns, "nature", "raison", "certitude"])
    nature = str(entry.get("nature", ""))
    if nature not in CLASS_NATURES:
        raise UnknownName("nature", nature, CLASS_NATURES)
    codes = {axis: [str(code) for code in entry[axis]] for axis in columns if axis in entry}
    return SoilClass(codes, nature, str(entry.get("raison", "")), str(entry.get("certitude", "")))
