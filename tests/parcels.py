"""A wholly fictional coverage of thousands of parcels, in which neighbours share every corner."""

import geopandas as gpd
import numpy as np
import shapely
from geopandas import GeoDataFrame

WEST, SOUTH, WIDTH_M, HEIGHT_M = 648_000.0, 7_036_000.0, 58_000.0, 36_000.0
USES = ["Logistique", "Industrie", "Artisanat", "Tertiaire", "Commerce"]
TOWNS = 154
AUTHORITIES = ["Fictive A", "Fictive B", "Fictive C"]
CORNERS_A_SIDE = 3
NODE_JITTER, CORNER_JITTER = 0.22, 0.05  # of the side of a parcel: rings stay simple


def coverage(count: int, *, seed: int = 7) -> GeoDataFrame:
    """``count`` parcels of twelve corners over the Artois, random uses, the same for the same seed."""
    dice = np.random.default_rng(seed)
    side = float(np.sqrt(WIDTH_M * HEIGHT_M / count))
    columns = int(np.ceil(WIDTH_M / side))
    rows = int(np.ceil(count / columns))
    shapes = _cells(columns, rows, side, dice)[:count]
    number = np.arange(count)
    return gpd.GeoDataFrame(
        {
            "nom": [f"62{parcel_number:06d}" for parcel_number in number],
            "commune": [f"Commune fictive {parcel_number // 40 % TOWNS}" for parcel_number in number],
            "epci": np.array(AUTHORITIES)[dice.integers(0, len(AUTHORITIES), count)],
            "vocation": np.array(USES)[dice.integers(0, len(USES), count)],
            "annee": dice.integers(2026, 2036, count),
            "source": "Données fictives",
            "fictif": True,
        },
        geometry=shapes,
        crs=2154,
    )


def _cells(columns: int, rows: int, side: float, dice: np.random.Generator) -> np.ndarray:
    x, y = np.meshgrid(np.arange(columns + 1), np.arange(rows + 1))
    nodes = np.stack([x, y], axis=-1) + dice.uniform(-NODE_JITTER, NODE_JITTER, (rows + 1, columns + 1, 2))
    across = _edges(nodes[:, :-1], nodes[:, 1:], dice)
    up = _edges(nodes[:-1], nodes[1:], dice)
    start = nodes[:-1, :-1, None]
    rings = np.concatenate(
        [
            start, across[:-1], nodes[:-1, 1:, None], up[:, 1:], nodes[1:, 1:, None],
            across[1:, :, ::-1], nodes[1:, :-1, None], up[:, :-1, ::-1], start,
        ],
        axis=2,
    )  # fmt: skip
    metres = np.round(np.array([WEST, SOUTH]) + rings * side, 2)
    return shapely.polygons(metres.reshape(rows * columns, rings.shape[2], 2))


def _edges(first: np.ndarray, last: np.ndarray, dice: np.random.Generator) -> np.ndarray:
    """Corners between two nodes, the same for both parcels of the edge."""
    share = (np.arange(1, CORNERS_A_SIDE) / CORNERS_A_SIDE)[None, None, :, None]
    straight = first[:, :, None] * (1 - share) + last[:, :, None] * share
    return straight + dice.uniform(-CORNER_JITTER, CORNER_JITTER, straight.shape)
