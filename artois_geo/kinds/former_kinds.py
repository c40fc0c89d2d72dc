"""Kinds of version 0.1.0 that the standard replaced: their new kind, and the new names of their columns."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TypeVar

import pandas as pd

Frame = TypeVar("Frame", bound=pd.DataFrame)


@dataclass(frozen=True)
class FormerKind:
    """What became of a kind: ``blanked`` lists by new column the values that the standard refuses.

    ``marks`` are columns that its files have and no other kind has together.
    """

    kind: str
    marks: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    blanked: Mapping[str, list[str]] = field(default_factory=dict)


@cache
def former_kinds() -> dict[str, FormerKind]:
    """Return the kinds of version 0.1.0 that have another name now.

    Examples
    --------
    >>> former_kinds()["foncier"].kind
    'terrain_eco'
    """
    text = files("artois_geo.kinds").joinpath("former_kinds.toml").read_text(encoding="utf-8")
    return {name: FormerKind(**entry) for name, entry in tomllib.loads(text).items()}


def current_kind(kind: str) -> str:
    """Return the kind that replaced one of version 0.1.0; any other as it is.

    Examples
    --------
    >>> current_kind("foncier"), current_kind("commune")
    ('terrain_eco', 'commune')
    """
    return former_kinds()[kind].kind if kind in former_kinds() else kind


def former_kind_of_columns(columns: Iterable[str]) -> str:
    """Return the kind of version 0.1.0 that columns are of, empty for any other.

    Examples
    --------
    >>> former_kind_of_columns(["foncier_id", "dispo_statut", "source"]), former_kind_of_columns(["terr_id"])
    ('foncier', '')
    """
    names = set(columns)
    return next((kind for kind, former in former_kinds().items() if names.issuperset(former.marks)), "")


def converted(frame: Frame, kind: str) -> Frame:
    """Rename the columns of a layer of a former kind; a column that has its new name already stays.

    Parameters
    ----------
    frame
        Layer as version 0.1.0 wrote it, any CRS; left as it is.
    kind
        Kind that its catalogue says; one that has not changed gives the same layer.

    Examples
    --------
    >>> old = pd.DataFrame({"foncier_id": ["a"], "surface_dispo_ha": [4.2], "source": ["presse"]})
    >>> list(converted(old, "foncier").columns)
    ['terr_id', 'terr_surf_brute', 'source']
    """
    if kind not in former_kinds():
        return frame
    former = former_kinds()[kind]
    names = {old: new for old, new in former.columns.items() if old in frame and new not in frame}
    renamed = frame.rename(columns=names)
    blanked = {
        column: renamed[column].astype(object).where(~renamed[column].isin(values), None)
        for column, values in former.blanked.items()
        if column in renamed
    }
    return renamed.assign(**blanked)
