"""What a piece of ground looks like: how wide, how compact, what fits in it, who reaches it.

Used by the rooms that ask whether leftover ground can still be built on. Everything here
works on arrays of polygons on the Lambert-93 plane, in metres.
"""

from artois_geo.arguments import guard
from artois_geo.shapes.ground import (
    TOLERANCE_M,
    Shapes,
    are_polygons,
    gathered,
    overlaid,
    polygonal,
    require_polygons,
    require_valid,
)
from artois_geo.shapes.groups import joined_groups
from artois_geo.shapes.inscribed import circle_m, fits_rectangle, rectangle
from artois_geo.shapes.pieces import PieceDemands, compactness, frontage_m, opened, usable
from artois_geo.shapes.repair import repaired, require_same_area

__all__ = [
    "TOLERANCE_M",
    "PieceDemands",
    "Shapes",
    "are_polygons",
    "circle_m",
    "compactness",
    "fits_rectangle",
    "frontage_m",
    "gathered",
    "joined_groups",
    "opened",
    "overlaid",
    "polygonal",
    "rectangle",
    "repaired",
    "require_polygons",
    "require_same_area",
    "require_valid",
    "usable",
]


guard(__name__)


def __dir__() -> list[str]:
    return sorted(__all__)
