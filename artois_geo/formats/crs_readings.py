"""Coordinate systems that files of France use, and the way from each to Lambert-93."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pyproj
import shapely

from artois_geo import measure, threads
from artois_geo.errors import BadCRS

READINGS = {
    "EPSG:4326": "longitude et latitude (WGS 84)",
    "EPSG:2154": "Lambert-93",
    **{f"EPSG:{3900 + zone}": f"CC{zone}" for zone in range(42, 51)},
    "EPSG:27572": "NTF Lambert II étendu",
    "EPSG:27561": "NTF Lambert I Nord",
    "EPSG:27571": "NTF Lambert zone I",
    "EPSG:3857": "Web Mercator",
    "EPSG:32630": "UTM 30 Nord",
    "EPSG:32631": "UTM 31 Nord",
    "EPSG:32632": "UTM 32 Nord",
}
SWAPPED = "-inverse"  # after a code: the same system, its two coordinates exchanged
MARGIN_DEGREES = 0.5  # a system is read a little beyond the area that it is made for


@dataclass(frozen=True)
class Reading:
    """A system, and whether its two coordinates are exchanged."""

    crs: pyproj.CRS
    swapped: bool = False

    @property
    def label(self) -> str:
        """Return its name for a reader."""
        return name_of(self.crs) + (" axes inversés" if self.swapped else "")

    @property
    def option(self) -> str:
        """Return what to write after ``--crs``; empty for a system without a code."""
        code = code_of(self.crs)
        return f"{code}{SWAPPED if self.swapped else ''}" if code else ""

    @property
    def in_degrees(self) -> bool:
        """Tell whether coordinates are longitude then latitude, in WGS 84."""
        return self.crs.to_epsg() == 4326 and not self.swapped

    def to_plane(self, shapes: np.ndarray) -> np.ndarray:
        """Transform shapes to Lambert-93."""
        return to_plane(swapped(shapes) if self.swapped else shapes, self.crs)


def to_plane(shapes: np.ndarray, crs: pyproj.CRS) -> np.ndarray:
    """Transform shapes to Lambert-93, with the datum shift; never by a ballpark transformation."""
    if crs.to_epsg() == 2154:
        return shapes.copy()
    transformer = transformer_to_plane(crs)

    def transformed(points: np.ndarray) -> np.ndarray:
        return np.column_stack(transformer.transform(points[:, 0], points[:, 1]))

    return threads.by_batch(lambda batch: shapely.transform(batch, transformed), shapes)


def transformer_to_plane(crs: pyproj.CRS) -> pyproj.Transformer:
    """Make the transformer to Lambert-93; refuse a system that leads there by no sure way."""
    try:
        return _transformer(crs, measure.LAMBERT93)
    except pyproj.exceptions.ProjError as error:
        raise BadCRS(
            f"Aucun passage sûr de {name_of(crs)} vers Lambert-93 : donner le vrai système par --crs,"
            " par exemple --crs EPSG:2154."
        ) from error


@lru_cache(maxsize=64)
def _transformer(source: pyproj.CRS | str, target: pyproj.CRS | str) -> pyproj.Transformer:
    """Make a transformer once: PROJ takes 17 ms for a Lambert zone, and a file is tried in each reading."""
    return pyproj.Transformer.from_crs(source, target, always_xy=True, allow_ballpark=False)


def why_unusable(crs: Any) -> str:
    """Explain why a declared system leads nowhere for sure; empty when it leads to Lambert-93.

    Examples
    --------
    >>> from artois_geo.formats import why_unusable
    >>> why_unusable("EPSG:27572")
    ''
    """
    system = pyproj.CRS.from_user_input(crs)
    try:
        transformer_to_plane(system)
    except BadCRS:
        return f"le système déclaré ({name_of(system)}) ne dit pas sur quel datum il s'appuie"
    return ""


def is_used_there(crs: pyproj.CRS, plane: np.ndarray) -> bool:
    """Tell whether shapes in Lambert-93 lie where a system is made for, or near."""
    area = crs.area_of_use
    if area is None:
        return True
    back = _transformer(measure.LAMBERT93, measure.WGS84)
    lon, lat = back.transform(*shapely.get_coordinates(shapely.centroid(plane)).T)
    return bool(
        ((lon > area.west - MARGIN_DEGREES) & (lon < area.east + MARGIN_DEGREES)).all()
        and ((lat > area.south - MARGIN_DEGREES) & (lat < area.north + MARGIN_DEGREES)).all()
    )


def swapped(shapes: np.ndarray) -> np.ndarray:
    """Swap the first two coordinates of shapes."""
    return shapely.transform(shapely.force_2d(shapes), lambda points: points[:, ::-1])


def code_of(crs: pyproj.CRS) -> str:
    """Return the EPSG code of a system; empty where it has none."""
    code = crs.to_epsg()
    return f"EPSG:{code}" if code else ""


def name_of(crs: pyproj.CRS) -> str:
    """Return the code and the French name of a system."""
    code = code_of(crs)
    label = READINGS.get(code, crs.name)
    if code:
        return f"{code} ({label})"
    return "sans nom" if crs.name.lower() in {"unnamed", "unknown", ""} else crs.name
