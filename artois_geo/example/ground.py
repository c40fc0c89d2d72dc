"""The ground of the fictional territory: communes, land cover at two dates, zoning."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.random import Generator

ORIGIN = (150_000.0, 6_700_000.0)
EPCI = {"999000011": "CC de la Vallée d'Exemple", "999000029": "CA du Plateau d'Exemple"}

# cover and use near a town centre, then further and further away, with their odds
_GROUND = (
    ("CS1.1.1.1", "US5", (0.30, 0.02, 0.005)),
    ("CS1.1.1.1", "US2", (0.08, 0.01, 0.0)),
    ("CS1.1.1.2", "US4.1.1", (0.14, 0.03, 0.015)),
    ("CS1.1.2.1", "US6.2", (0.02, 0.01, 0.0)),
    ("CS2.2.1", "US5", (0.25, 0.05, 0.01)),
    ("CS2.2.1", "US6.2", (0.03, 0.01, 0.0)),
    ("CS2.1.1.1", "US6.2", (0.02, 0.01, 0.0)),
    ("CS2.2.1", "US1.1", (0.08, 0.64, 0.67)),
    ("CS2.1.1.1", "US1.2", (0.05, 0.18, 0.25)),
    ("CS1.2.2", "US6.3", (0.03, 0.04, 0.05)),
)
_BUILT = (("CS1.1.1.1", "US5"), ("CS1.1.1.1", "US2"), ("CS1.1.1.2", "US4.2"), ("CS1.1.2.1", "US6.1"))


def dice(seed: int, stream: int) -> Generator:
    # one stream per layer: another number of sites leaves the communes as they were
    return np.random.default_rng([seed, stream])


def frame(shapes: Sequence[shapely.Geometry] | np.ndarray, **columns: object) -> GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=np.asarray(shapes, dtype=object), crs=2154)


def _spread(count: int, side: float, dice: Generator) -> np.ndarray:
    """Place points on a shaken grid: never two at the same coordinates, no sliver."""
    rows = int(np.ceil(np.sqrt(count)))
    point_index = np.arange(count)
    row_lengths = np.array([len(point_index[point_index // rows == row]) for row in range(rows)])
    row, column = point_index // rows, point_index % rows
    grid = np.column_stack([(column + 0.5) / row_lengths[row], (row + 0.5) / (row.max() + 1)])
    shaken = grid + dice.uniform(-0.3, 0.3, (count, 2)) / rows
    return np.round(shaken.clip(0.001, 0.999) * side + ORIGIN, 1)


def _cells(points: np.ndarray, side: float) -> np.ndarray:
    """Divide the square into cells, one per point, in the order of the points."""
    square = shapely.box(*ORIGIN, ORIGIN[0] + side, ORIGIN[1] + side)
    sites = shapely.points(points)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=square))
    cells = shapely.intersection(cells, square)
    # corners on a grid of 10 cm: none so close that seven decimals of a degree would fold the edge
    cells = shapely.remove_repeated_points(shapely.transform(cells, lambda xy: np.round(xy, 1)), 0.05)
    owner, cell = shapely.STRtree(cells).query(sites, predicate="intersects")
    return cells[cell[np.argsort(owner, kind="stable")]]


def make_towns(count: int, side: float, dice: Generator) -> GeoDataFrame:
    points = _spread(count, side, dice)
    shapes = _cells(points, side)
    west = points[:, 0] < np.median(points[:, 0])
    siren = np.where(west, *list(EPCI))
    return frame(
        shapes,
        comm_insee=[f"99{number:03d}" for number in range(1, count + 1)],
        comm_nom=[f"Exemple-{number:03d}" for number in range(1, count + 1)],
        epci_siren=siren,
        epci_nom=[EPCI[code] for code in siren],
        population=np.round(np.exp(dice.normal(7.3, 0.9, count))).astype(int),
        surface_ha=np.round(shapely.area(shapes) / 10_000, 4),
        centre=shapely.points(points),
    )


def groupings(towns: GeoDataFrame) -> GeoDataFrame:
    merged = towns.drop(columns="centre").dissolve(
        "epci_siren", aggfunc={"epci_nom": "first", "population": "sum"}
    )
    return merged.reset_index()


def land_cover(
    towns: GeoDataFrame, count: int, side: float, dice: Generator
) -> tuple[GeoDataFrame, GeoDataFrame, GeoDataFrame]:
    points = _spread(count, side, dice)
    shapes = _cells(points, side)
    centres = shapely.STRtree(towns["centre"].to_numpy())
    distance_m = centres.query_nearest(shapely.points(points), return_distance=True, all_matches=False)[1]
    ring = np.digitize(distance_m, [350.0, 1000.0])
    odds = np.array([odds for *_, odds in _GROUND])
    odds = np.cumsum(odds / odds.sum(axis=0), axis=0)
    draw = dice.random(count)
    kind = np.array([np.searchsorted(odds[:, r], d) for r, d in zip(ring, draw, strict=True)])
    kind = kind.clip(max=len(_GROUND) - 1)
    pairs = np.array([(cs, us) for cs, us, _ in _GROUND], dtype=object)[kind]
    cover_2018 = _cover(shapes, pairs, 2018)
    # most changes are fields near a town that are built on; a few built cells go back to grass
    fields = np.isin(kind, [7]) & (ring < 2)
    built = np.isin(kind, [1, 3])
    chance = dice.random(count)
    rows = np.flatnonzero((fields & (chance < 0.08)) | (built & (chance < 0.05)))
    old = pairs[rows]
    new = np.array([_BUILT[int(pick)] for pick in dice.integers(0, len(_BUILT), len(rows))], dtype=object)
    new = new.reshape(len(rows), 2)
    new[built[rows]] = ("CS2.2.1", "US6.3")
    changed, rest = _halves(shapes[rows])
    unchanged = np.delete(np.arange(count), rows)
    shapes_after = np.concatenate([shapes[unchanged], rest, changed])
    pairs_after = np.concatenate([pairs[unchanged], old, new])
    has_ground = ~shapely.is_empty(shapes_after)
    cover_2021 = _cover(shapes_after[has_ground], pairs_after[has_ground], 2021)
    diff = frame(changed, cs_avant=old[:, 0], us_avant=old[:, 1], cs_apres=new[:, 0], us_apres=new[:, 1])
    return cover_2018, cover_2021, diff


def _halves(cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cut each convex cell from corner to corner: no new corner, so no gap once coordinates are rounded."""
    changed, rest = np.empty(len(cells), dtype=object), np.empty(len(cells), dtype=object)
    for row, cell in enumerate(cells):
        ring = shapely.get_coordinates(cell)[:-1]
        if len(ring) < 4:
            changed[row], rest[row] = cell, shapely.Polygon()
            continue
        middle = len(ring) // 2
        changed[row] = shapely.Polygon(ring[: middle + 1])
        rest[row] = shapely.Polygon(np.concatenate([ring[middle:], ring[:1]]))
    return changed, rest


def _cover(shapes: np.ndarray, pairs: np.ndarray, vintage: int) -> GeoDataFrame:
    return frame(shapes, code_cs=pairs[:, 0], code_us=pairs[:, 1], millesime=[vintage] * len(shapes))


def zoning(towns: GeoDataFrame) -> GeoDataFrame:
    shapes: list[shapely.Geometry] = []
    rows: list[dict[str, object]] = []
    for _, town in towns.iterrows():
        inner, outer = (town["centre"].buffer(radius, quad_segs=4) for radius in (420, 560))
        ground = (
            town.geometry.intersection(inner),
            town.geometry.intersection(outer.difference(inner)),
            town.geometry.difference(outer),
        )
        for kind, shape in zip(("U", "AUc", "A"), ground, strict=True):
            for part in shapely.get_parts(shape):
                if part.geom_type == "Polygon" and part.area > 0:
                    shapes.append(part)
                    rows.append(
                        {
                            "LIBELLE": {"U": "UA", "AUc": "1AU", "A": "A"}[kind],
                            "TYPEZONE": kind,
                            "NOMFIC": "reglement_fictif.pdf",
                            "IDURBA": f"{town.comm_insee}_PLU_20240514",
                            "DATVALID": "20240514",
                        }
                    )
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=2154)
