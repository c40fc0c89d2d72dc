"""Sites and constraints drawn in metres on the plain, a handful of hectares each."""

import geopandas as gpd
import pandas as pd
import plain

HA = 1e-6  # km² of a hectare is 0.01; areas below are given in hectares with this tolerance


def block(*, x_m: float, y_m: float, width_m: float, height_m: float, **columns: object) -> gpd.GeoDataFrame:
    return plain.rectangle(
        x_km=x_m / 1000, y_km=y_m / 1000, width_km=width_m / 1000, height_km=height_m / 1000, **columns
    )


def stack(*frames: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return pd.concat(frames, ignore_index=True)


def nothing() -> gpd.GeoDataFrame:
    return plain.square(x_km=50, y_km=50, side_km=1, name="loin")
