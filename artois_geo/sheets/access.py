"""How far is the nearest port, terminal, junction, station (desserte, à vol d'oiseau)?"""

import math
from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from artois_geo import meaning, measure
from artois_geo.errors import BadTable
from artois_geo.sheets import wording
from artois_geo.tables.values import is_number, native

M_PER_KM = 1000
COLUMNS = ["access_kind", "objet_id", "objet_nom", "straight_km", "uncertainty_km"]
TYPE, NAME = "objet_type", "objet_nom"


def access(site: gpd.GeoDataFrame, logistics: gpd.GeoDataFrame) -> pd.DataFrame:
    """Straight-line distance from one site to the nearest object of each kind of access.

    The kinds (river port or quay, multimodal terminal, motorway junction, passenger
    station, freight station) and the words that a layer uses for them are in
    ``layout.toml``. What a source says is only studied or planned is left out. A schematic
    site is measured from its centre, a real one from its outline.

    Parameters
    ----------
    site
        One row, EPSG:2154; ``geometrie`` and ``precision_m`` are read when there.
    logistics
        Objects of kind ``logistique``, EPSG:2154, with ``objet_type`` and
        ``objet_nom``; ``etat``, ``fret``, ``voyageurs``, ``precision_m`` when there.

    Returns
    -------
    DataFrame
        One row per kind that is found, in the order of ``layout.toml``: ``access_kind``,
        ``objet_id`` (label of the row of ``logistics``), ``objet_nom``, ``straight_km``,
        ``uncertainty_km`` (both positions together; missing when one is not said).

    Raises
    ------
    BadCRS
        A frame is not in EPSG:2154.
    BadTable
        ``site`` is not one row, or ``logistics`` lacks a column.

    Examples
    --------
    >>> site = plain.square(x_km=0, y_km=0, side_km=1, geometrie="levée", precision_m=0)
    >>> port = plain.square(x_km=3, y_km=0, side_km=1, objet_type="quai", objet_nom="Quai", precision_m=50)
    >>> access(site, port)[["access_kind", "straight_km", "uncertainty_km"]].values.tolist()
    [['port', 2.0, 0.05]]
    """
    measure.require_lambert93(site=site, logistics=logistics)
    if len(site) != 1:
        raise BadTable(f"Desserte : un seul site est attendu, {len(site)} sont donnés.")
    absent = [name for name in (TYPE, NAME) if name not in logistics]
    if absent:
        raise BadTable(f"Desserte : colonnes absentes de la couche logistique : {', '.join(absent)}.")
    start = _start(site.iloc[0])
    if start is None:
        return pd.DataFrame(columns=COLUMNS)
    metres = shapely.distance(logistics.geometry.to_numpy(), start)  # not a number for what has no position
    rows = []
    for kind, serves in _serving(logistics):
        near = np.flatnonzero(serves & ~np.isnan(metres))
        if len(near):
            first = near[metres[near].argmin()]
            rows.append(_row(kind, logistics.iloc[first], float(metres[first]), site.iloc[0]))
    return pd.DataFrame(rows, columns=COLUMNS)


def _start(site: pd.Series) -> shapely.Geometry | None:
    shape = site.get("geometry")
    if shape is None or shape.is_empty:
        return None
    return shape.centroid if meaning.says_schematic(site.get("geometrie")) else shape


def _serving(objects: gpd.GeoDataFrame) -> Iterator[tuple[str, npt.NDArray[np.bool_]]]:
    """Which objects are an access of each kind, and open."""
    layout, types = wording.read("layout.toml"), objects[TYPE]
    usable = np.ones(len(objects), dtype=bool)
    if "etat" in objects:
        usable = _true(objects["etat"].isna() | objects["etat"].isin(layout["open_states"]))
    for kind, entry in layout["access"].items():
        kept = usable & _true(types.isin(entry["types"]))
        if flag := entry.get("flag"):
            kept &= _true(objects[flag].eq(True)) if flag in objects else False
        yield kind, kept


def _true(column: pd.Series) -> npt.NDArray[np.bool_]:
    return column.fillna(False).to_numpy(dtype=bool)


def _row(kind: str, nearest: pd.Series, metres: float, site: pd.Series) -> dict[str, object]:
    doubts = [_metres(row.get("precision_m")) for row in (site, nearest)]
    return {
        "access_kind": kind,
        "objet_id": nearest.name,
        "objet_nom": nearest[NAME],
        "straight_km": metres / M_PER_KM,
        "uncertainty_km": sum(doubts) / M_PER_KM,
    }


def _metres(value: Any) -> float:
    return float(value) if is_number(native(value)) else math.nan
