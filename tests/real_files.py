"""Real layers of the mining basin, as the land rooms take them."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

FACTS = Path(__file__).parents[1] / "scripts" / "couches" / "faits"


def named_sites() -> gpd.GeoDataFrame:
    """The named sites that publish an area: discs of that area, hence schematic."""
    facts = pd.read_csv(FACTS / "sites.csv")
    facts = facts[facts["surface_ha"].notna() & facts["lat"].notna()].reset_index(drop=True)
    points = gpd.GeoSeries(gpd.points_from_xy(facts["lon"], facts["lat"]), crs=4326).to_crs(2154)
    radii_m = np.sqrt(facts["surface_ha"].to_numpy() * 1e4 / np.pi)
    discs = shapely.buffer(points.to_numpy(), radii_m, quad_segs=64)
    return gpd.GeoDataFrame({"site_nom": facts["nom"], "geometrie": "schématique"}, geometry=discs, crs=2154)


def heritage(shared: Path) -> gpd.GeoDataFrame:
    """UNESCO buffer zone, spoil tips (30 m around) and cavaliers (10 m around)."""
    parts = []
    for name, file, setback_m in (
        ("zone tampon UNESCO", "zone-tampon", 0.0),
        ("terrils du bien", "terrils", 30.0),
        ("terrils de la zone tampon", "zt-terrils", 30.0),
        ("cavaliers", "cavaliers", 10.0),
        ("cavaliers de la zone tampon", "zt-cavaliers", 10.0),
    ):
        layer = gpd.read_file(shared / "data" / "bassin_minier" / f"{file}.geojson").to_crs(2154)
        layer = layer[layer.geometry.notna()]
        # The published shapes cross themselves here and there.
        ground = shapely.make_valid(layer.geometry.to_numpy(), method="structure", keep_collapsed=False)
        part = gpd.GeoDataFrame(geometry=ground, crs=2154)
        parts.append(part.assign(constraint=name, setback_m=setback_m))
    return pd.concat(parts, ignore_index=True)
