"""The ground that each constraint takes, site by site and around the sites: what the maps of land draw."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from artois_geo import land, shapes
from artois_geo.land.losses import CRUMB_HA, OUTSIDE, SHAPE, UNSURVEYED
from artois_geo.land.setbacks import QUAD_SEGS, buffered_cover
from artois_geo.maps import Amount
from artois_geo.measure import LAMBERT93, M2_PER_HA
from artois_geo.shapes import Shapes
from artois_geo.studies.result_map import ResultLayer
from artois_geo.studies.results import calculation, places, words
from artois_geo.studies.results.words import Texts
from artois_geo.studies.sites import site_land
from artois_geo.studies.sites.site_land import Constraints

KIND = "contrainte_retiree"
#: Ground around the sites where constraints are drawn, in metres: what a reader sees beside them.
MARGIN_M = 2_000
#: Detail that a setback loses on a map, in metres.
SIMPLIFIED_M = 0.5
OURS = {OUTSIDE: "outside", SHAPE: "shape", UNSURVEYED: "unsurveyed"}  # causes that no constraint names


@dataclass(frozen=True)
class Losses:
    """Hold what is lost: by site and cause (``lost_ha``, geometry), and the waterfalls that say it.

    ``sites``, ``remaining``: the measured sites. ``parts`` has a column ``site`` (label) and ``cause``.
    """

    sites: gpd.GeoDataFrame
    remaining: gpd.GeoDataFrame
    waterfall: pd.DataFrame
    parts: gpd.GeoDataFrame

    @property
    def causes(self) -> list[str]:
        """Return the causes in the order of the waterfall, ground that nobody looked at left out."""
        names: list[object] = list(self.waterfall.index.unique(1)) if len(self.waterfall) else []
        return [str(name) for name in names if name != UNSURVEYED]

    def subtraction(self, label: Any) -> calculation.Subtraction:
        """Return the calculation of a site, gross less each cause."""
        row, rows = self.remaining.loc[label], self.waterfall.loc[label]
        parts = [(cause_label(str(name)), float(ha)) for name, ha in rows["marginal_ha"].items()]
        return calculation.Subtraction(float(row["gross_ha"]), parts, float(row["net_ha"]), net_label(row))

    def united_ha(self, cause: str) -> float:
        """Return the hectares that a cause takes, the ground of several sites counted once."""
        rows = self.parts[self.parts["cause"] == cause]
        total_ha = float(rows["lost_ha"].sum())
        drawn_m2 = float(shapely.area(rows.geometry.to_numpy()).sum())
        once_m2 = shapely.union_all(rows.geometry.to_numpy()).area
        return total_ha * once_m2 / drawn_m2 if drawn_m2 > once_m2 + shapes.TOLERANCE_M else total_ha


def losses(
    sites: gpd.GeoDataFrame,
    remaining: gpd.GeoDataFrame,
    constraints: Constraints,
    *,
    waterfall: pd.DataFrame | None = None,
    unknown: gpd.GeoDataFrame | None = None,
) -> Losses:
    """Draw what each constraint takes from each measured site, in declared order.

    Parameters
    ----------
    sites, constraints
        Sites and what was taken off them, EPSG:2154.
    remaining
        From :func:`artois_geo.land.available`, for these sites.
    waterfall
        From :func:`artois_geo.land.losses`; computed here without it.
    unknown
        From :func:`artois_geo.land.unknown`, where some ground was not looked at: nothing took it.

    Examples
    --------
    >>> from artois_geo import example
    >>> site = example.square(x_km=0, y_km=0, side_km=1)
    >>> flood = example.rectangle(x_km=0.75, y_km=0, width_km=1, height_km=1, constraint="Crue")
    >>> rules = Constraints(flood)
    >>> drawn = losses(site, site_land.remaining_land(site, rules), rules)
    >>> drawn.parts[["cause", "lost_ha"]].values.tolist(), drawn.united_ha("Crue")
    ([['Crue', 25.0]], 25.0)
    """
    measured = ~remaining["schematic"].to_numpy(dtype=bool)
    solid, measured_remaining = sites[measured], remaining[measured]
    if waterfall is None:
        demands = {key: constraints.demands[key] for key in site_land.LOSS_KEYS if key in constraints.demands}
        waterfall = land.losses(solid, constraints.table, by="constraint", left=measured_remaining, **demands)
    else:
        waterfall = waterfall[waterfall.index.get_level_values(0).isin(solid.index)]
    spared = measured_remaining.geometry.to_numpy()
    if unknown is not None:
        spared = shapes.overlaid(shapely.union, spared, unknown.geometry.to_numpy()[measured])
    return Losses(solid, measured_remaining, waterfall, _parts(solid, spared, constraints, waterfall))


def constraint_layers(
    drawn: Losses, constraints: Constraints, printed: Mapping[str, Texts]
) -> list[ResultLayer]:
    """Draw each cause in a hatching of its own: what it takes from each site, and its ground around them.

    Parameters
    ----------
    drawn
        From :func:`losses`.
    constraints
        Those that it was computed from.
    printed
        Hectares of each cause, as the balance prints them.

    Examples
    --------
    >>> from artois_geo import example
    >>> site = example.square(x_km=0, y_km=0, side_km=1)
    >>> flood = example.rectangle(x_km=0.75, y_km=0, width_km=1, height_km=1, constraint="Crue")
    >>> rules = Constraints(flood.assign(setback_m=0.0, kept_share=0.0))
    >>> drawn = losses(site, site_land.remaining_land(site, rules), rules)
    >>> [layer.titles["fr"] for layer in constraint_layers(drawn, rules, {"Crue": words.hectares(25, 1)})]
    ['Crue : 25,0 ha retirés']
    """
    around = surroundings(drawn.sites, constraints.table)
    layers = []
    for cause in [*drawn.causes, *(name for name in around if name not in drawn.causes)]:
        rows = drawn.parts[drawn.parts["cause"] == cause]
        frame = places.named(drawn.sites.loc[rows["site"]], rows.geometry.to_numpy())
        amounts = [calculation.area_amount(ha) for ha in rows["lost_ha"]]
        label = cause_label(cause)
        if cause in around:
            outline = [around[cause]]
            outside_frame = gpd.GeoDataFrame(
                {places.NAME: [words.phrase("land.around", name=label)["fr"]]},
                geometry=outline,
                crs=LAMBERT93,
            )
            frame = pd.concat([outside_frame, frame.reset_index(drop=True)], ignore_index=True)
            amounts = [Amount(words.same(""), order=-1.0), *amounts]
        if len(frame):
            title = words.phrase("land.lost", name=label, ha=printed.get(cause, words.hectares(0.0, 1)))
            layers.append(ResultLayer(frame, KIND, title, amounts))
    return layers


def surroundings(outlines: gpd.GeoDataFrame, constraints: gpd.GeoDataFrame) -> dict[str, shapely.Geometry]:
    """Merge the ground of each constraint, with its setback, around some sites.

    Examples
    --------
    >>> from artois_geo import example
    >>> site = example.square(x_km=0, y_km=0, side_km=1)
    >>> flood = example.rectangle(x_km=0.75, y_km=0, width_km=1, height_km=1, constraint="Crue")
    >>> {name: round(ground.area / 10_000) for name, ground in surroundings(site, flood).items()}
    {'Crue': 100}
    """
    if not len(outlines):
        return {}
    window = shapely.buffer(shapely.box(*outlines.total_bounds), MARGIN_M, cap_style="square")
    covers = {}
    for name, rows in constraints.groupby("constraint", sort=False, observed=True):
        near = rows[rows.intersects(window)]
        cover = shapely.union_all(_buffered(near))
        visible = shapely.simplify(shapely.intersection(cover, window), SIMPLIFIED_M)
        if not visible.is_empty:
            covers[str(name)] = visible
    return covers


def cause_label(cause: str) -> dict[str, str]:
    """Name a cause: a constraint as its table writes it, our own ones in each language.

    Examples
    --------
    >>> cause_label("Crue")["en"], cause_label(SHAPE)["fr"]
    ('Crue', 'morceaux trop petits ou trop étroits')
    """
    return words.phrase(f"land.{OURS[cause]}") if cause in OURS else words.same(cause)


def net_label(row: pd.Series) -> dict[str, str]:
    """Say what a calculation comes to: the available ground, or the net one where constraints keep a share.

    Examples
    --------
    >>> net_label(pd.Series({"net_ha": 2.0, "available_ha": 3.0}))["fr"]
    'nets, part conservée déduite'
    """
    weighed = row["net_ha"] < row["available_ha"] - CRUMB_HA
    return words.phrase("land.weighed" if weighed else "land.net")


def _buffered(rows: gpd.GeoDataFrame) -> Shapes:
    setback_m = rows["setback_m"].to_numpy() if "setback_m" in rows else np.zeros(len(rows))
    return shapely.buffer(rows.geometry.to_numpy(), setback_m, quad_segs=QUAD_SEGS)


def _parts(
    sites: gpd.GeoDataFrame, spared: Shapes, constraints: Constraints, waterfall: pd.DataFrame
) -> gpd.GeoDataFrame:
    """Cut each site along the causes of its waterfall, in their order."""
    rest = sites.geometry.to_numpy().copy()
    granted = constraints.demands.get("force_keep")
    frames = []
    names: list[object] = list(waterfall.index.unique(1)) if len(waterfall) else []
    for name in names:
        lost_ha = waterfall["marginal_ha"].xs(name, level=1).reindex(sites.index).to_numpy()
        if name == UNSURVEYED:
            continue
        ground, takes_all = _ground(str(name), sites.geometry.to_numpy(), spared, constraints)
        if granted is not None and name != SHAPE:
            ground = shapes.overlaid(shapely.difference, ground, shapely.union_all(granted.geometry))
        cut = shapes.polygonal(shapes.overlaid(shapely.intersection, rest, ground))
        solid = (lost_ha > 0) & (shapely.area(cut) > shapes.TOLERANCE_M)
        frame = {"site": sites.index[solid], "cause": str(name), "lost_ha": lost_ha[solid]}
        frames.append(gpd.GeoDataFrame(frame, geometry=cut[solid], crs=LAMBERT93))
        if takes_all:
            rest = shapes.polygonal(shapes.overlaid(shapely.difference, rest, ground))
    if not frames:
        return gpd.GeoDataFrame({"site": [], "cause": [], "lost_ha": []}, geometry=[], crs=LAMBERT93)
    return pd.concat(frames, ignore_index=True)


def _ground(name: str, outlines: Shapes, spared: Shapes, constraints: Constraints) -> tuple[Shapes, bool]:
    """Return the ground that a cause covers at each site, and whether it keeps none of it."""
    if name == SHAPE:
        return shapes.overlaid(shapely.difference, outlines, spared), True
    if name == OUTSIDE:
        admitted = shapely.union_all(constraints.demands["only_where"].geometry)
        return shapes.overlaid(shapely.difference, outlines, admitted), True
    rows = constraints.table[constraints.table["constraint"].astype(str) == name]
    setback_m = rows["setback_m"].to_numpy() if "setback_m" in rows else np.zeros(len(rows))
    covers = buffered_cover(outlines, rows.geometry.to_numpy(), setback_m)
    reached = np.where(shapely.is_missing(covers), shapely.Polygon(), covers)
    keeps = "kept_share" in rows and bool((rows["kept_share"] > 0).any())
    return reached, not keeps


def hectares_of(frame: gpd.GeoDataFrame) -> float:
    """Measure features, what several of them cover counted once.

    Examples
    --------
    >>> from artois_geo import example
    >>> hectares_of(example.square(x_km=0, y_km=0, side_km=1))
    100.0
    """
    return float(shapely.union_all(frame.geometry.to_numpy()).area / M2_PER_HA)
