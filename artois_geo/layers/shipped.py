"""Which shipped layers stand behind those of a workspace: no site of one territory enters another's total."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import numpy as np
import orjson
import shapely

from artois_geo import meaning, measure
from artois_geo.deliveries.crs_detection import MARGIN_M
from artois_geo.errors import BadCRS, UnreadableFile
from artois_geo.formats.geojson import geojson_reader, geometry_text

TERRITORY_FILE = "territoire.geojson"  # where to expect the features of a workspace
SITES, LAND = "site_eco", "terrain_eco"  # kinds of sites and of their plots: only for who has none
TOTALLED = (SITES, LAND)
# Kind of a shipped layer -> kinds of an own layer before which it withdraws; the same kind by default.
WITHDRAWS_FOR: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {LAND: TOTALLED}  # an offer names its sites: it follows them
    | dict.fromkeys(meaning.OUTLINE_KINDS, meaning.OUTLINE_KINDS)
    | dict.fromkeys(meaning.CELL_KINDS, meaning.GROUND_KINDS)
    | {"voie_verte": ("voie_verte", "amenagement_cyclable")}
)
REGIONS = (*meaning.OUTLINE_KINDS, "epci_contour", *meaning.CELL_KINDS)  # that say a territory, best first
ELSEWHERE = "hors du territoire de l'espace"
WHOLE_BYTES, SAMPLED = 4 << 20, 200  # a larger file is read in so many of its lines


def in_its_room(kind: str, own_kinds: Mapping[str, str]) -> str:
    """Say which own layer takes the room of a shipped layer, or an empty text.

    Parameters
    ----------
    kind
        Of the shipped layer.
    own_kinds
        Kind of each own layer, by name; empty where nobody says it.

    Examples
    --------
    >>> in_its_room("commune", {"limites": "commune_contour"})
    "l'espace a « limites »"
    >>> in_its_room("logistique", {"limites": "commune_contour"})
    ''
    >>> in_its_room("terrain_eco", {"zones": ""})
    "le type de « zones » n'est pas dit"
    """
    stronger = WITHDRAWS_FOR.get(kind, (kind,))
    for name, own_kind in own_kinds.items():
        if own_kind in stronger:
            return f"l'espace a « {name} »"
    untold = next((name for name, own_kind in own_kinds.items() if not own_kind), None)
    return f"le type de « {untold} » n'est pas dit" if untold is not None and kind in TOTALLED else ""


def territory(folder: Path, own_paths: Iterable[tuple[str, Path]]) -> Any:
    """Find the ground that a workspace is about: its ``territoire.geojson``, its communes, or all its layers.

    Parameters
    ----------
    folder
        The workspace.
    own_paths
        Kind and file of each layer.

    Returns
    -------
    shapely geometry or None
        EPSG:2154; none where no layer has a position. Polygons of communes or EPCI are taken as they are;
        around anything else goes a margin of 10 km.

    Examples
    --------
    >>> territory(Path("absent"), []) is None
    True
    """
    own = list(own_paths)
    regions = [path for kind in REGIONS for own_kind, path in own if own_kind == kind]
    for path in (Path(folder) / TERRITORY_FILE, *regions):
        shapes, is_whole = _shapes(path)
        if len(shapes):
            is_exact = is_whole and (shapely.get_dimensions(shapes) == 2).all()
            return shapely.union_all(shapely.make_valid(shapes)) if is_exact else _around([shapes])
    return _around([_shapes(path)[0] for _, path in own])


def is_same_ground(ground: Iterable[Path], own_territory: Any) -> bool:
    """Tell whether a workspace and the shipped communes are about the same ground: most of either is common.

    Parameters
    ----------
    ground
        Files of the shipped communes.
    own_territory
        From :func:`territory`.

    Examples
    --------
    >>> is_same_ground([], shapely.box(0, 0, 1, 1))
    False
    """
    pieces = [shapes for path in ground if len(shapes := _shapes(path)[0])]
    if not pieces:
        return False
    shipped_territory = shapely.convex_hull(shapely.union_all(np.concatenate(pieces)))
    common = shapely.intersection(shipped_territory, own_territory).area
    return bool(2 * common >= min(shipped_territory.area, own_territory.area) > 0)


def touches(path: Path, own_territory: Any) -> bool:
    """Tell whether a feature of a layer touches a territory; a layer without shapes touches none."""
    return bool(shapely.intersects(_shapes(path)[0], own_territory).any())


def _around(pieces: list[np.ndarray]) -> Any:
    """Return the hull of shapes with the margin; None without any shape."""
    shapes = np.concatenate(pieces) if pieces else np.array([], dtype=object)
    if not len(shapes):
        return None
    bounds = shapely.bounds(shapes)
    corners = np.concatenate([bounds[:, [x, y]] for x in (0, 2) for y in (1, 3)])
    return shapely.convex_hull(shapely.multipoints(corners)).buffer(MARGIN_M)


def _shapes(path: Path) -> tuple[np.ndarray, bool]:
    """Read the shapes of a file in EPSG:2154, and whether they are all of them; a large one is sampled."""
    try:
        state = path.stat()
        return _shapes_of_state(path, state.st_size, state.st_mtime_ns)
    except (UnreadableFile, BadCRS, OSError):  # who reads the layer itself is told why
        return np.array([], dtype=object), True


# A catalogue is read by each command, and the shipped layers are the same ones for all.
@lru_cache(maxsize=64)
def _shapes_of_state(path: Path, size: int, _modified_ns: int) -> tuple[np.ndarray, bool]:
    is_whole = size <= WHOLE_BYTES
    shapes = (geojson_reader.read(path).geometry if is_whole else _sample(path)).to_numpy()
    present = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    present.flags.writeable = False
    return present, is_whole


def _sample(path: Path) -> gpd.GeoSeries:
    """Read the features at even distances in a file of one feature a line."""
    shapes = []
    size = path.stat().st_size
    with path.open("rb") as file:
        for number in range(SAMPLED):
            file.seek(size * number // SAMPLED)
            file.readline()  # the end of a feature
            line = file.readline(WHOLE_BYTES).strip().removesuffix(b",")
            try:
                shapes.append(geometry_text.shape_of(orjson.loads(line)["geometry"])[0])
            except (ValueError, TypeError, KeyError):
                continue
    series = gpd.GeoSeries([shape for shape in shapes if shape is not None], crs=measure.WGS84)
    degrees = series[(series.bounds.abs() <= 180).all(axis="columns")]
    return degrees.to_crs(measure.LAMBERT93)
