"""Exact surface tables and cuts between two layers: the one fast kernel.

No raster, no rounding of coordinates: every figure is the plane area of an exact
intersection, in hectares of the Lambert-93 plane. The order of the features never
changes a figure.

- `area_table`: how many hectares of each class lie in each zone;
- `change_table`: what became what, between two coverages, in each zone;
- `balance`: what a coverage leaves out of each zone, and what it counts twice;
- `intersections`: the pieces themselves, for whoever needs their shape.
"""

from artois_geo.overlay.pieces import intersections
from artois_geo.overlay.sources import open_cover
from artois_geo.overlay.tables import area_table, balance, change_table

__all__ = ["area_table", "balance", "change_table", "intersections", "open_cover"]
