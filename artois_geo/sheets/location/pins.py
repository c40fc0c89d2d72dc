"""The pin of an offer: the same number and colour on every map."""

from dataclasses import dataclass

import shapely


@dataclass(frozen=True)
class Pin:
    """Hold one offer of a map: its number, place, family colour, and how precise the place is.

    ``is_outline``: the shape is a real one, drawn as it is; else the circle of ``doubt_m`` is drawn.
    ``is_zone``: a whole business park, of which nothing says what is on offer.
    """

    number: int
    shape: shapely.Geometry
    colour: str
    is_available: bool
    doubt_m: float = 0.0
    is_outline: bool = False
    ink: str = "#ffffff"
    is_zone: bool = False
