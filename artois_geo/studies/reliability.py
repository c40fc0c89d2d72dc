"""What every output says of the frames behind it: how many objects are schematic, how many made up."""

from typing import TYPE_CHECKING

from artois_geo import meaning

if TYPE_CHECKING:
    import pandas as pd

FICTIONAL_MARK = "Données fictives"  # how a note on made-up objects begins


def schematic(frame: "pd.DataFrame") -> list[str]:
    """Count the objects that are drawn for show only; nothing where none is.

    Examples
    --------
    >>> schematic(plain.square(x_km=0, y_km=0, side_km=1, geometrie="levée"))
    []
    """
    count = int(meaning.schematic(frame).sum())
    return [f"Géométrie schématique : {count} objets sur {len(frame)}, à ne pas mesurer."] if count else []


def warnings(frame: "pd.DataFrame") -> list[str]:
    """Count the objects that are drawn for show only, and those that are made up; nothing where none is.

    Examples
    --------
    >>> warnings(plain.square(x_km=0, y_km=0, side_km=1, geometrie="Schématique"))
    ['Géométrie schématique : 1 objets sur 1, à ne pas mesurer.']
    """
    notes = schematic(frame)
    if count := int(meaning.fictional(frame).sum()):
        notes.append(f"{FICTIONAL_MARK} : {count} objets sur {len(frame)}.")
    return notes
