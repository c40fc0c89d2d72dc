"""Outlines of communes: their columns, and the commune that holds most of a feature."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from artois_geo import measure
from artois_geo.errors import BadTable
from artois_geo.kinds.column_names import first_named
from artois_geo.kinds.schema import read_kind


def commune_outlines(communes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Name ``comm_insee`` and ``comm_nom`` the columns of outlines, whatever names a public file gives.

    Raises
    ------
    BadTable
        No column holds the code, or the name.

    Examples
    --------
    >>> towns = plain.square(x_km=0, y_km=0, side_km=1, INSEE_COM="62498", NOM="Lens")
    >>> list(commune_outlines(towns).columns)
    ['comm_insee', 'comm_nom', 'geometry']
    """
    contour = read_kind("commune_contour")
    known = {name: contour.names(name) for name in ("comm_insee", "comm_nom")}
    columns = {name: first_named(map(str, communes.columns), words) for name, words in known.items()}
    missing = sorted(name for name, column in columns.items() if column is None)
    if missing:
        raise BadTable(
            f"La couche des communes n'a pas de colonne {', '.join(missing)} (autres noms admis : "
            f"{', '.join(word for name in missing for word in known[name][1:])})."
        )
    return communes.rename(columns={column: name for name, column in columns.items()})


def main_commune(features: gpd.GeoDataFrame, communes: gpd.GeoDataFrame) -> pd.DataFrame:
    """Code and name of the commune that holds most of each feature; null where none does."""
    measure.require_lambert93(features=features, communes=communes)
    shapes, outlines = features.geometry.to_numpy(), communes.geometry.to_numpy()
    one, other = shapely.STRtree(outlines).query(shapes, predicate="intersects")
    shared = shapely.intersection(shapes[one], outlines[other])
    weight = np.where(
        shapely.get_dimensions(shapes[one]) == 2, shapely.area(shared), shapely.length(shared) + 1e-9
    )
    pairs = pd.DataFrame({"feature": one, "commune": other, "weight": weight})
    best = pairs.sort_values(["weight", "commune"], ascending=[False, True]).drop_duplicates("feature")
    chosen = best.set_index("feature")["commune"].reindex(range(len(features)))
    names = {column: communes[column].tolist() for column in ("comm_insee", "comm_nom")}
    return pd.DataFrame(
        {
            column: [None if pd.isna(row) else values[int(row)] for row in chosen]
            for column, values in names.items()
        },
        index=features.index,
    )
