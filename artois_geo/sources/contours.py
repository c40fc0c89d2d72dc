"""The communes of a territory, from the last snapshot that has them: what many sources must be asked with.

A source that is not cut by the territory asked for is asked by commune, by box or by département, and what
falls outside the contours is left out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyproj
import shapely

from artois_geo import measure
from artois_geo.errors import SourceError
from artois_geo.formats.geojson import geojson_reader
from artois_geo.sources import snapshot as frozen
from artois_geo.sources.definition import Source
from artois_geo.sources.protocols.shape import BOX
from artois_geo.sources.scope import Box, Scope, departement_of

COMMUNES = "communes"
CODE = "comm_insee"
_WAYS = ("communes", "emprise", "departement", "france")  # the finest first
_EDGE_M = 1.0  # a polygon that shares but an edge is a neighbour


@dataclass(frozen=True)
class Contours:
    """Shapes of communes in EPSG:2154, by code, and the snapshot that they come from."""

    shapes: dict[str, Any]
    origin: str

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """List the codes, sorted."""
        return tuple(sorted(self.shapes))

    @cached_property
    def box(self) -> Box:
        """Return the box of them all, in whole metres."""
        west, south, east, north = shapely.total_bounds(list(self.shapes.values()))
        return float(np.floor(west)), float(np.floor(south)), float(np.ceil(east)), float(np.ceil(north))

    def boxes(self) -> tuple[Box, ...]:
        """Return the box of each commune, in the order of the codes."""
        return tuple(tuple(shapely.bounds(self.shapes[code]).tolist()) for code in self.codes)

    def written(self) -> bytes:
        """Write them as GeoJSON, so that a snapshot is read again without the network."""
        rows = [
            {
                "type": "Feature",
                "properties": {CODE: code},
                "geometry": orjson.loads(shapely.to_geojson(self.shapes[code])),
            }
            for code in self.codes
        ]
        crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2154"}}
        return orjson.dumps({"type": "FeatureCollection", "crs": crs, "features": rows}) + b"\n"


def read(file: Path, origin: str) -> Contours:
    """Read contours as a layer or a snapshot has them.

    Raises
    ------
    SourceError
        A file that is no layer of communes.
    """
    communes = geojson_reader.read(file)
    if CODE not in communes or communes[CODE].isna().any() or communes.geometry.isna().any():
        raise SourceError(f"{file.name} : commune sans code ou sans contour.")
    return Contours(dict(zip(communes[CODE], communes.geometry, strict=True)), origin)


def are_needed(source: Source, scope: Scope) -> bool:
    """Tell whether a source can be asked for a territory only once its communes are known."""
    if scope.kind not in source.scopes:
        return True
    return scope.kind == COMMUNES and BOX in source.access.filters.get(COMMUNES, "")


def of_scope(folder: Path, scope: Scope) -> Contours | None:
    """Return the contours of a territory from the last snapshot of communes that has it, else None."""
    for snapshot in reversed(frozen.snapshots(folder, COMMUNES)):
        territory = snapshot.facts["territoire"]
        is_same = (territory["type"], tuple(territory["codes"])) == (scope.kind, scope.codes)
        box = tuple(territory["emprise"]) if territory["emprise"] else None
        file = snapshot.folder / frozen.LAYER
        if not file.is_file() or not ((is_same and box == scope.box) or scope.kind == COMMUNES):
            continue
        contours = read(file, snapshot.name)
        if scope.kind != COMMUNES:
            return contours
        if set(scope.codes) <= set(contours.shapes):
            return Contours({code: contours.shapes[code] for code in scope.codes}, snapshot.name)
    return None


def require(folder: Path, source: Source, scope: Scope) -> Contours | None:
    """Return the contours that a source needs for a territory; None where it needs none.

    Raises
    ------
    SourceError
        They are needed and no snapshot has them.
    """
    return require_of(folder, source, scope) if are_needed(source, scope) else None


def require_of(folder: Path, source: Source, scope: Scope) -> Contours:
    """Return the contours of a territory.

    Raises
    ------
    SourceError
        No snapshot has them.
    """
    contours = of_scope(folder, scope)
    if contours is None:
        raise SourceError(
            f"« {source.id} » se demande par {', '.join(source.scopes)} : pour {scope.text()}, il faut "
            f"d'abord les contours des communes.\nartois-geo sources prendre communes {option(scope)}"
        )
    return contours


def option(scope: Scope) -> str:
    """Write the option that asks for a territory."""
    words = ",".join(scope.codes) if scope.codes else ",".join(f"{edge:.0f}" for edge in scope.box or ())
    return f"--{scope.kind} {words}"


def adapted(source: Source, scope: Scope, contours: Contours | None) -> Scope:
    """Return the territory in the way in which a source is asked for it."""
    if contours is None:
        return scope
    way = next(way for way in _WAYS if way in source.scopes)
    if way == "communes":
        return Scope(way, contours.codes, boxes=contours.boxes())
    if way == "emprise":
        return Scope(way, box=scope.box or contours.box)
    if way == "departement":
        return Scope(way, tuple(sorted({departement_of(code) for code in contours.codes})))
    return Scope(way)


def inside(source: Source, scope: Scope, contours: Contours | None) -> Callable[[np.ndarray], np.ndarray]:
    """Return what tells which geometries of a page are in a territory.

    Notes
    -----
    A polygon that shares but an edge with the territory is a neighbour; a line or a point there is in it.
    """
    if contours is None:
        return lambda shapes: np.ones(len(shapes), dtype=bool)
    area = shapely.box(*scope.box) if scope.box else shapely.union_all(list(contours.shapes.values()))
    inner = shapely.buffer(area, -_EDGE_M, join_style="mitre")
    project = None
    if source.reading.crs != measure.LAMBERT93:
        project = pyproj.Transformer.from_crs(source.reading.crs, measure.LAMBERT93, always_xy=True)
    outer = shapely.buffer(area, _EDGE_M, join_style="mitre")
    shapely.prepare([outer, inner])

    def tells(array: np.ndarray) -> np.ndarray:
        if project is not None:
            array = shapely.transform(array, lambda points: np.stack(project.transform(*points.T), axis=1))
        is_flat = shapely.get_dimensions(array) < 2
        return np.where(is_flat, shapely.intersects(outer, array), shapely.intersects(inner, array))

    return tells


def box_of(source: Source, contours: Contours | None, scope: Scope) -> Box | None:
    """Return the box near which a large file is read, in its own system; None: all of it."""
    if contours is None:
        return None
    box = scope.box or contours.box
    if source.reading.crs == measure.LAMBERT93:
        return box
    project = pyproj.Transformer.from_crs(measure.LAMBERT93, source.reading.crs, always_xy=True)
    west, south, east, north = project.transform_bounds(*box)
    return west, south, east, north
