"""What may leave the house: columns that a kind keeps private, values published under a condition."""

from collections.abc import Sequence

import geopandas as gpd
import pandas as pd

from artois_geo.kinds.schema import Field, Schema


def public(frame: gpd.GeoDataFrame, schema: Schema) -> tuple[gpd.GeoDataFrame, list[str], int]:
    """Return features as a partner may get them, the columns left out, how many values were emptied.

    Parameters
    ----------
    frame
        Features of this kind.
    schema
        What the kind says of its fields.

    Examples
    --------
    >>> from artois_geo import example
    >>> from artois_geo.kinds.schema import read_kind
    >>> owner = {"proprio_personne": "personne physique", "proprio_nom": "X"}
    >>> friche = example.square(x_km=0, y_km=0, side_km=1, **owner)
    >>> public(friche, read_kind("friche"))[0]["proprio_nom"].tolist()
    [None]
    """
    private = private_columns(schema.fields)
    withheld = [column for column in frame.columns if column in private]
    published, hidden = masked(frame.drop(columns=withheld), schema.fields)
    return published, withheld, hidden


def private_columns(fields: Sequence[Field]) -> set[str]:
    """List the columns that a kind keeps in the house, under any of their names."""
    return {name for field in fields if not field.publish for name in _names(field)}


def masked(frame: gpd.GeoDataFrame, fields: Sequence[Field]) -> tuple[gpd.GeoDataFrame, int]:
    """Remove the values published only under a condition (the name of an owner who is no person)."""
    count = 0
    for field in fields:
        for name in [name for name in _names(field) if field.publish_when and name in frame.columns]:
            hidden = ~_allowed(frame, field) & frame[name].notna()
            count += int(hidden.sum())
            values = [None if hide else value for hide, value in zip(hidden, frame[name], strict=True)]
            frame = frame.assign(**{name: pd.Series(values, index=frame.index, dtype=object)})
    return frame, count


def _allowed(frame: gpd.GeoDataFrame, field: Field) -> pd.Series:
    allowed = pd.Series(True, index=frame.index)
    for column, value in field.publish_when:
        satisfied = (
            frame[column].eq(value) if column in frame.columns else pd.Series(False, index=frame.index)
        )
        allowed &= satisfied.fillna(False).astype(bool)
    return allowed


def _names(field: Field) -> set[str]:
    return {name for name in (field.name, field.short_name, *field.aliases) if name}
