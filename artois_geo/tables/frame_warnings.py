"""What every output of some rows must say of them: drawn for show only, or made up."""

import pandas as pd

from artois_geo import meaning
from artois_geo.text import counted, number

MARK = "Données fictives"


def schematic(frame: pd.DataFrame) -> list[str]:
    """Say how many objects are drawn for show only, if any.

    Examples
    --------
    >>> from artois_geo import example
    >>> schematic(example.square(x_km=0, y_km=0, side_km=1, geometrie="schématique"))
    ['Géométrie schématique : 1 objet sur 1, à ne pas mesurer.']
    """
    count = int(meaning.schematic(frame).sum())
    share = f"{counted(count, 'objet')} sur {number(len(frame))}"
    return [f"Géométrie schématique : {share}, à ne pas mesurer."] if count else []


def warnings(frame: pd.DataFrame) -> list[str]:
    """Say what every output of these rows must say: drawn for show only, or made up.

    Examples
    --------
    >>> from artois_geo import example
    >>> warnings(example.square(x_km=0, y_km=0, side_km=1, fictif=True))
    ['Données fictives : 1 objet sur 1.']
    """
    notes = schematic(frame)
    if count := int(meaning.fictional(frame).sum()):
        notes.append(f"{MARK} : {counted(count, 'objet')} sur {number(len(frame))}.")
    return notes
