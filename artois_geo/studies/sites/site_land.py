"""What the constraints of a catalogue, or those of a table of rules, take from each site."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd

from artois_geo import charts, land, shapes
from artois_geo.land.losses import UNSURVEYED
from artois_geo.sheets import wording
from artois_geo.studies.sites.catalogue_data import CatalogueData

KIND = "contrainte"
LOSS_KEYS = ("combine", "only_where", "force_keep")


@dataclass(frozen=True)
class Constraints:
    """Hold the constraints of ``land.available``, its other parameters, and their sources."""

    table: gpd.GeoDataFrame
    demands: Mapping[str, Any] = field(default_factory=dict)
    conditions: gpd.GeoDataFrame | None = None
    sources: tuple[str, ...] = ()  # as a sentence cites them
    layers: tuple[str, ...] = ()  # of the catalogue, by name


@dataclass(frozen=True)
class LandStudy:
    """Hold ``left`` from ``land.available`` and ``losses`` from ``land.losses``, by identifier of ``sites``.

    ``conditions``: the remaining ground where building is possible under prescriptions. It is not
    subtracted, and ground that is forbidden too is not in it.
    """

    left: gpd.GeoDataFrame
    losses: pd.DataFrame
    conditions: pd.DataFrame | None
    constraints: Constraints
    sites: gpd.GeoDataFrame
    moves: land.Moves | None = None


def held_constraints(holdings: CatalogueData) -> Constraints | None:
    """Read the constraints of the catalogue: forbidden ground is lost, conditioned ground is kept apart.

    Each keeps its own setback (``distance_m``); a point or a line without one covers no ground and is
    left out.

    Examples
    --------
    >>> from artois_geo import layers
    >>> from artois_geo.studies.sites import catalogue_data as holdings
    >>> held_constraints(holdings.read(layers.read_catalogue())) is None
    True
    """
    frame = holdings.kind(KIND)
    if frame is None or "contrainte_effet" not in frame:
        return None
    frame = frame.reset_index(drop=True)  # several layers may use the same labels
    rules = land.layer_rules(frame, KIND)
    forbidden, conditioned = land.table(rules, {KIND: frame}), conditions(frame, KIND)
    if not len(forbidden) and conditioned is None:
        return None
    sources = frame["source"].dropna().astype(str).unique() if "source" in frame else ()
    return Constraints(forbidden, conditions=conditioned, sources=tuple(sources), layers=holdings.names(KIND))


def conditions(features: gpd.GeoDataFrame, layer: str) -> gpd.GeoDataFrame | None:
    """Return the ground of a layer of constraints where building is possible under prescriptions.

    Examples
    --------
    >>> from artois_geo import example
    >>> zone = example.square(x_km=0, y_km=0, side_km=1, contrainte_effet="conditionne")
    >>> len(conditions(zone, "captages")), conditions(zone.assign(contrainte_effet="informe"), "z") is None
    (1, True)
    """
    rules = land.layer_rules(features, layer, effect=land.CONDITIONED)
    conditioned = land.table(rules, {layer: features})
    return conditioned if len(conditioned) else None


def study(
    sites: gpd.GeoDataFrame, constraints: Constraints, *, moves: land.Moves | None = None
) -> LandStudy | None:
    """Measure the remaining land and the losses of the sites that have an outline; None without any.

    Parameters
    ----------
    sites
        Indexed by identifier, EPSG:2154.
    constraints
        From :func:`held_constraints` or from a table of rules.
    moves
        For the interval of a schematic site, see ``land.available``.

    Examples
    --------
    >>> from artois_geo import example
    >>> site = example.square(x_km=0, y_km=0, side_km=1).set_axis(["A"])
    >>> flood = example.rectangle(x_km=0.75, y_km=0, width_km=1, height_km=1, constraint="Crue")
    >>> study(site, Constraints(flood)).left["available_ha"].to_dict()
    {'A': 75.0}
    """
    polygon_sites = sites[shapes.are_polygons(sites)]
    if not len(polygon_sites):
        return None
    remaining, losses = waterfalls(polygon_sites, constraints, moves=moves)
    conditions = None
    free = remaining[~(remaining.geometry.is_empty | remaining["schematic"])]
    if constraints.conditions is not None and len(free):
        conditions = land.losses(free, constraints.conditions, by="constraint")
    return LandStudy(remaining, losses, conditions, constraints, polygon_sites, moves)


def remaining_land(sites: gpd.GeoDataFrame, constraints: Constraints, **settings: Any) -> gpd.GeoDataFrame:
    """Measure what constraints leave of each site.

    Parameters
    ----------
    sites
        Polygons in EPSG:2154.
    constraints
        From :func:`held_constraints` or from a table of rules.
    **settings
        ``moves``, ``cores``, ``inscribed``, ``progress`` of :func:`artois_geo.land.available`.

    Examples
    --------
    >>> from artois_geo import example
    >>> site = example.square(x_km=0, y_km=0, side_km=1)
    >>> flood = example.rectangle(x_km=0.75, y_km=0, width_km=1, height_km=1, constraint="Crue")
    >>> remaining_land(site, Constraints(flood))["available_ha"].tolist()
    [75.0]
    """
    return land.available(sites, constraints.table, by="constraint", **settings, **constraints.demands)


def waterfalls(
    sites: gpd.GeoDataFrame,
    constraints: Constraints,
    *,
    moves: land.Moves | None = None,
    cores: int | None = None,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Measure what is left of each site, and the waterfall that ends there.

    Examples
    --------
    >>> from artois_geo import example
    >>> site = example.square(x_km=0, y_km=0, side_km=1)
    >>> flood = example.rectangle(x_km=0.75, y_km=0, width_km=1, height_km=1, constraint="Crue")
    >>> left, losses = waterfalls(site, Constraints(flood))
    >>> losses["remaining_ha"].tolist(), left["available_ha"].tolist()
    ([75.0], [75.0])
    """
    remaining = remaining_land(sites, constraints, moves=moves, cores=cores)
    loss_demands = {key: constraints.demands[key] for key in LOSS_KEYS if key in constraints.demands}
    return remaining, land.losses(
        sites, constraints.table, by="constraint", left=remaining, cores=cores, **loss_demands
    )


def chart(left: pd.Series, losses: pd.DataFrame, *, title: str = "", lang: str = "fr") -> str:
    """Draw the waterfall of a site, or the interval of one that is not measured.

    Parameters
    ----------
    left, losses
        Row and rows of the site, from :func:`waterfalls`.
    title, lang
        As for ``charts.waterfall``.

    Examples
    --------
    >>> from artois_geo import example
    >>> site = example.square(x_km=0, y_km=0, side_km=1)
    >>> flood = example.rectangle(x_km=0.75, y_km=0, width_km=1, height_km=1, constraint="Crue")
    >>> left, losses = waterfalls(site, Constraints(flood))
    >>> "75 ha" in chart(left.iloc[0], losses.loc[0])
    True
    """
    words = wording.words(lang)["values"]
    words = {name: label for name, label in words.items() if name != UNSURVEYED}
    return charts.waterfall(left, losses.rename(index=words), title=title, lang=lang)
