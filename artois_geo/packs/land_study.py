"""What the constraints of a catalogue, or those of a table of rules, take from each site."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd

from artois_geo import land
from artois_geo.packs.holdings import Holdings

KIND = "contrainte"
FORBIDDEN, CONDITIONED = "interdit", "conditionne"
LOSS_KEYS = ("combine", "only_where", "force_keep")


@dataclass(frozen=True)
class Constraints:
    """Constraints as ``land.available`` takes them, its other demands, and where they come from."""

    table: gpd.GeoDataFrame
    demands: Mapping[str, Any] = field(default_factory=dict)
    conditions: gpd.GeoDataFrame | None = None
    sources: tuple[str, ...] = ()  # as a sentence cites them
    layers: tuple[str, ...] = ()  # of the catalogue, by name


@dataclass(frozen=True)
class LandStudy:
    """``left`` from ``land.available`` and ``losses`` from ``land.losses``, both by site identifier.

    ``conditions`` holds the ground left where building is possible under prescriptions: it is not taken
    off, and ground that is forbidden too is not in it.
    """

    left: gpd.GeoDataFrame
    losses: pd.DataFrame
    conditions: pd.DataFrame | None
    constraints: Constraints


def held_constraints(holdings: Holdings) -> Constraints | None:
    """Constraints of the catalogue: what is forbidden is lost, what is conditioned is told apart.

    Each keeps its own setback (``distance_m``); a point or a line without one covers no ground and is
    left out.

    Examples
    --------
    >>> from artois_geo import layers
    >>> from artois_geo.packs import holdings
    >>> held_constraints(holdings.read(layers.read_catalogue())) is None
    True
    """
    frame = holdings.kind(KIND)
    if frame is None or "contrainte_effet" not in frame:
        return None
    names = frame["contrainte_type"] if "contrainte_type" in frame else frame.index.astype(str)
    setback = (
        pd.to_numeric(frame["distance_m"], errors="coerce").fillna(0.0) if "distance_m" in frame else 0.0
    )
    table = gpd.GeoDataFrame(
        {"constraint": names, "setback_m": setback, "kept_share": 0.0, "effect": frame["contrainte_effet"]},
        geometry=frame.geometry,
        crs=frame.crs,
    )
    if "geometrie" in frame:
        table["geometrie"] = frame["geometrie"]
    table = table[table.geom_type.isin(["Polygon", "MultiPolygon"]) | (table["setback_m"] > 0)]
    lost, told = (table[table["effect"] == effect] for effect in (FORBIDDEN, CONDITIONED))
    if not len(table):
        return None
    said = frame["source"].dropna().astype(str).unique() if "source" in frame else ()
    return Constraints(
        lost,
        conditions=told if len(told) else None,
        sources=tuple(said),
        layers=(holdings.by_kind[KIND],),
    )


def study(sites: gpd.GeoDataFrame, constraints: Constraints) -> LandStudy | None:
    """Land left and losses of the sites that are drawn; nothing where none is.

    Parameters
    ----------
    sites
        Indexed by identifier, EPSG:2154.
    constraints
        From :func:`held_constraints` or from a table of rules.

    Examples
    --------
    >>> site = plain.square(x_km=0, y_km=0, side_km=1).set_axis(["A"])
    >>> flood = plain.rectangle(x_km=0.75, y_km=0, width_km=1, height_km=1, constraint="Crue")
    >>> study(site, Constraints(flood)).left["available_ha"].to_dict()
    {'A': 75.0}
    """
    drawn = sites[sites.geom_type.isin(["Polygon", "MultiPolygon"])]
    if not len(drawn):
        return None
    demands = dict(constraints.demands)
    left = land.available(drawn, constraints.table, by="constraint", **demands)
    kept = {key: demands[key] for key in LOSS_KEYS if key in demands}
    losses = land.losses(drawn, constraints.table, by="constraint", **kept)
    conditions = None
    free = left[~left.geometry.is_empty]
    if constraints.conditions is not None and len(free):
        conditions = land.losses(free, constraints.conditions, by="constraint")
    return LandStudy(left, losses, conditions, constraints)
