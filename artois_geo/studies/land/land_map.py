"""What lies on the maps of land: constraints with the hectares they take, under their names."""

from typing import TYPE_CHECKING

import geopandas as gpd
import shapely

from artois_geo.land.setbacks import QUAD_SEGS
from artois_geo.measure import LAMBERT93, M2_PER_HA
from artois_geo.text import number

if TYPE_CHECKING:
    from artois_geo.studies.result_map import Features

#: Ground around the sites where constraints are drawn, in metres: what a reader sees beside them.
MARGIN_M = 2_000
#: Detail that a setback loses on a map, in metres.
SIMPLIFIED_M = 0.5
#: Kinds of the drawing of constraints, taken in turn.
KINDS = ("contrainte_violette", "contrainte_brune", "contrainte_grise")


def constraint_layers(constraints: gpd.GeoDataFrame, outlines: gpd.GeoDataFrame) -> "Features":
    """Draw the constraints of a run around its sites, each under its name and the hectares it takes alone.

    Parameters
    ----------
    constraints
        From :func:`artois_geo.land.table`.
    outlines
        Sites, with ``schematic`` where one is not measured: no hectares are said of those. A frame without
        that column gives the place alone.

    Returns
    -------
    dict
        Title of each layer, with its features and the kind of its drawing.

    Examples
    --------
    >>> from artois_geo import example
    >>> site = example.square(x_km=0, y_km=0, side_km=1, schematic=False)
    >>> flood = example.rectangle(x_km=0.75, y_km=0, width_km=1, height_km=1, constraint="Crue")
    >>> list(constraint_layers(flood.assign(setback_m=0.0, kept_share=0.0), site))
    ['Crue : 25,0 ha retirés']
    """
    window = shapely.box(*shapely.buffer(shapely.box(*outlines.total_bounds), MARGIN_M).bounds)
    measured = outlines[~outlines["schematic"].astype(bool)] if "schematic" in outlines else outlines[:0]
    ground = shapely.union_all(measured.geometry.to_numpy())
    drawn_layers: Features = {}
    for name, rows in constraints.groupby("constraint", sort=False, observed=True):
        shapes = shapely.buffer(rows.geometry.to_numpy(), rows["setback_m"].to_numpy(), quad_segs=QUAD_SEGS)
        cover = shapely.union_all(shapes)
        visible = shapely.simplify(shapely.intersection(cover, window), SIMPLIFIED_M)
        if visible.is_empty:
            continue
        title = str(name)
        if len(measured):
            lost_share = 1 - float(rows["kept_share"].min())
            taken_ha = shapely.intersection(cover, ground).area / M2_PER_HA * lost_share
            title += f" : {number(taken_ha, 1)} ha retirés" if lost_share else " : sol gardé"
        part = gpd.GeoDataFrame({"contrainte_nom": [str(name)]}, geometry=[visible], crs=LAMBERT93)
        drawn_layers[title] = (part, KINDS[len(drawn_layers) % len(KINDS)])
    return drawn_layers


def hectares(features: gpd.GeoDataFrame) -> str:
    """Write the hectares of some features, what several of them cover counted once.

    Examples
    --------
    >>> from artois_geo import example
    >>> hectares(example.square(x_km=0, y_km=0, side_km=1))
    '100,0 ha'
    """
    return f"{number(shapely.union_all(features.geometry.to_numpy()).area / M2_PER_HA, 1)} ha"
