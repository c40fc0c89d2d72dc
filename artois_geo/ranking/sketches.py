"""What an outline drawn for show cannot tell: its measures are no criterion."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from artois_geo import meaning
from artois_geo.ranking.criteria import Criterion, Veto, bound_columns

PUBLISHED = "publie"  # publié, publiée
#: Columns that only a true outline gives; what a source publishes of a site is not among them.
MEASURED = frozenset((
    "available_ha", "available_share", "unknown_ha", "lost_ha", "net_ha", "high_ha", "largest_ha",
    "pieces", "rectangle_ha", "circle_m", "friche_ha", "artificialised_ha", "urbanised_ha", "enaf_ha",
    "recycled_share", "permeable_share", "ces_share", "theoretical_ha", "mobilisable_ha", "waterway_m",
    "frontage_m", "frontage_total_m", "straight_km", "road_km", "road_min", "quay_road_km",
    "urban_road_min", "corridor_m",
))  # fmt: skip


def without_sketches(
    table: pd.DataFrame, criteria: Sequence[Criterion], *, vetoes: Sequence[Veto] = ()
) -> pd.DataFrame:
    """Erase what was measured on outlines that are drawn for show only; keep the bounds given beside it.

    Parameters
    ----------
    table
        One row per site; a column ``geometrie`` says which outlines are schematic. What a source
        publishes stays: ``frontage_m`` where ``frontage_origin`` says « publié ».
    criteria, vetoes
        Whose columns are looked at.

    Returns
    -------
    DataFrame
        ``table``; ``attrs["emptied"]`` holds the names of the criteria emptied somewhere, and whether
        the table has bounds for them.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.ranking import Criterion, without_sketches
    >>> sites = pd.DataFrame({"frontage_m": [0.0, 90.0], "geometrie": ["schématique", "levée"]})
    >>> without_sketches(sites, [Criterion("frontage_m", 0, 185)])["frontage_m"].tolist()
    [nan, 90.0]
    """
    sketches = meaning.schematic(table)
    entries: list[Veto | Criterion] = [*vetoes, *criteria]
    names = {entry.column: entry.name for entry in entries if entry.column in MEASURED}
    cleaned = table.copy()
    emptied: dict[str, bool] = {}
    for column, name in names.items():
        if column not in table:
            continue
        measured = sketches & table[column].notna().to_numpy() & ~_published(table, column)
        if measured.any():
            cleaned[column] = table[column].mask(measured)
            emptied[name] = any(bound in table for pair in bound_columns(column) for bound in pair)
    cleaned.attrs = {**table.attrs, "emptied": emptied}
    return cleaned


def _published(table: pd.DataFrame, column: str) -> NDArray[np.bool_]:
    """Mark the rows where the column beside a measure says that a source publishes it."""
    origin = f"{column.rpartition('_')[0]}_origin"
    if origin not in table:
        return np.zeros(len(table), dtype=bool)
    return np.array([meaning.fold(str(value)).startswith(PUBLISHED) for value in table[origin]], dtype=bool)
