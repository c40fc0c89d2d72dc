"""Exact surface tables and cuts between two layers.

No raster, no rounding of coordinates: every figure is the plane area of an exact
intersection, in hectares of the Lambert-93 plane. The order of the features never
changes a figure.

- `area_table`: how many hectares of each class lie in each zone;
- `change_table`: what became what, between two coverages, in each zone;
- `balance`: what a coverage leaves out of each zone, and what it counts twice;
- `intersections`: the pieces themselves, for whoever needs their shape;
- `open_cover`: a GeoPackage or GeoParquet file, to be read batch by batch in place of a frame;
- `renamed`: such a file under other names of columns;
- `working_copy`: a copy of such a file that later runs read many times faster.
"""

from artois_geo.arguments import guard
from artois_geo.measure import require_lambert93
from artois_geo.overlay.copies import WorkingCopy, working_copy
from artois_geo.overlay.engine import Progress
from artois_geo.overlay.opening import open_cover
from artois_geo.overlay.sources import Cover, GeoPackage, GeoParquet, renamed
from artois_geo.overlay.tables import area_table, balance, change_table, intersections
from artois_geo.threads import cores_or_all

__all__ = [
    "Cover",
    "GeoPackage",
    "GeoParquet",
    "Progress",
    "WorkingCopy",
    "area_table",
    "balance",
    "change_table",
    "cores_or_all",
    "intersections",
    "open_cover",
    "renamed",
    "working_copy",
]


guard(
    __name__, shapes=require_lambert93, spread={"area_table": {"cover"}, "change_table": {"before", "after"}}
)


def __dir__() -> list[str]:
    return sorted(__all__)
