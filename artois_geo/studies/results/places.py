"""What the map of a result says of a place besides its amount: name, town, precision, source."""

from collections.abc import Iterable

import geopandas as gpd
import pandas as pd

from artois_geo import meaning
from artois_geo.maps import style
from artois_geo.measure import LAMBERT93
from artois_geo.shapes import Shapes

TRUST = (meaning.QUALITY, "precision", meaning.PRECISION, meaning.FICTIONAL)
FULL_NAMES = ("epci_nom", "site_epci_nom")
NAME = "objet"  # column that the kinds of results read the name from


def named(
    sites: gpd.GeoDataFrame, ground: Shapes | None = None, *, names: Iterable[object] | None = None
) -> gpd.GeoDataFrame:
    """Keep of sites their name, town, EPCI and what tells how far they are known.

    The sixty columns that a result was computed from are not what its map says.

    Parameters
    ----------
    sites
        EPSG:2154.
    ground
        Shapes that stand for them; their own without it.
    names
        What they are called, where no column of theirs says it.

    Examples
    --------
    >>> from artois_geo import example
    >>> list(named(example.square(x_km=0, y_km=0, side_km=1, nom="Parc", net_ha=3)).columns)
    ['objet', 'geometry']
    """
    usual = style.read_style()["default"]
    usual_columns = [*usual["place"], *usual["epci"], *FULL_NAMES, *TRUST]
    columns = [name for name in dict.fromkeys(usual_columns) if name in sites.columns and name != NAME]
    shapes = sites.geometry.to_numpy() if ground is None else ground
    called = meaning.site_names(sites) if names is None else names
    table = pd.DataFrame({NAME: [str(name) for name in called]}, index=sites.index)
    table = table.join(pd.DataFrame(sites[columns]))
    for column in set(usual["place"]) & set(columns):  # a site in two communes: a list of the standard
        table[column] = table[column].map(lambda towns: ", ".join(str(towns).split("|")), na_action="ignore")
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(shapes, index=sites.index, crs=LAMBERT93))
