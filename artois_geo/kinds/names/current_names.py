"""The names of today for the columns of a file given by its path: whole, and of the kinds of now."""

from pathlib import Path
from typing import TypeVar

import pandas as pd

from artois_geo.formats.findings import Finding
from artois_geo.kinds.former_kinds import converted, former_kind_of_columns, former_kinds
from artois_geo.kinds.names.cut_names import long_names

Frame = TypeVar("Frame", bound=pd.DataFrame)


def with_current_names(frame: Frame, kind: str | Path | None = None) -> tuple[Frame, list[Finding]]:
    """Name the columns as their kind does: those that a shapefile cut, and those of version 0.1.0.

    Parameters
    ----------
    frame
        Layer or table as its file has it, any CRS; left as it is.
    kind
        Kind that it is said to be of, where somebody says it.

    Returns
    -------
    DataFrame, list of Finding
        The same rows, and what was renamed or could be several fields.

    Examples
    --------
    >>> frame, findings = with_current_names(pd.DataFrame({"SITEID": ["a"], "SITENOM": ["Les Oiseaux"]}))
    >>> list(frame.columns), findings[0].level
    (['site_id', 'site_nom'], 'note')
    """
    former = former_kind_of_columns(frame.columns)
    if former:
        message = f"couche de la version 0.1.0 (type {former}), lue comme {former_kinds()[former].kind}"
        return converted(frame, former), [Finding(None, "", "ancien type", "réparation", former, message)]
    geometry = getattr(frame, "_geometry_column_name", None)
    cut = long_names({name: frame[name] for name in frame.columns if name != geometry}, kind)
    return frame.rename(columns=dict(cut.fields)), cut.findings
