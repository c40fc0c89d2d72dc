"""Outlines of communes: their columns, and the commune that holds most of a feature."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from artois_geo import measure
from artois_geo.errors import BadTable
from artois_geo.kinds import synonyms
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
    >>> from artois_geo.kinds import commune_outlines
    >>> from artois_geo import example
    >>> towns = example.square(x_km=0, y_km=0, side_km=1, INSEE_COM="62498", NOM="Lens")
    >>> list(commune_outlines(towns).columns)
    ['comm_insee', 'comm_nom', 'geometry']
    """
    contour = read_kind("commune_contour")
    spellings = {
        name: tuple(dict.fromkeys([*contour.names(name), *synonyms.names_of(contour.name, name)]))
        for name in ("comm_insee", "comm_nom")
    }
    columns = {name: first_named(map(str, communes.columns), words) for name, words in spellings.items()}
    missing = sorted(name for name, column in columns.items() if column is None)
    if missing:
        raise BadTable(
            f"La couche des communes n'a pas de colonne {', '.join(missing)} (autres noms admis : "
            f"{', '.join(word for name in missing for word in spellings[name][1:])})."
        )
    return communes.rename(columns={column: name for name, column in columns.items()})


def main_commune(features: gpd.GeoDataFrame, communes: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the code and name of the commune that holds most of each feature; null where none does."""
    measure.require_lambert93(features=features, communes=communes)
    shapes, outlines = features.geometry.to_numpy(), communes.geometry.to_numpy()
    feature_rows, commune_rows = shapely.STRtree(outlines).query(shapes, predicate="intersects")
    shared = shapely.intersection(shapes[feature_rows], outlines[commune_rows])
    weight = np.where(
        shapely.get_dimensions(shapes[feature_rows]) == 2, shapely.area(shared), shapely.length(shared) + 1e-9
    )
    pairs = pd.DataFrame({"feature": feature_rows, "commune": commune_rows, "weight": weight})
    best = pairs.sort_values(["weight", "commune"], ascending=[False, True]).drop_duplicates("feature")
    main_rows = best.set_index("feature")["commune"].reindex(range(len(features)))
    names = {column: communes[column].tolist() for column in ("comm_insee", "comm_nom")}
    return pd.DataFrame(
        {
            column: [None if pd.isna(row) else values[int(row)] for row in main_rows]
            for column, values in names.items()
        },
        index=features.index,
    )
