"""Fields that a delivery lacks and that its shapes give: identifier, main commune, area."""

from collections.abc import Callable, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from artois_geo import measure
from artois_geo.errors import BadTable
from artois_geo.layers import identifiers
from artois_geo.layers.matching import first_named
from artois_geo.layers.schema import Schema, read_kind


def completer(
    schema: Schema,
    communes: gpd.GeoDataFrame | None = None,
    earlier: Sequence[gpd.GeoDataFrame] = (),
    *,
    code: str = "",
) -> Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]:
    """Make what fills the empty fields of a kind from the shapes; given values are never touched.

    Parameters
    ----------
    schema
        Its ``delivery`` table says which field takes the commune (``commune_code``,
        ``commune_name``) and how an identifier is made (``id_format``).
    communes
        EPSG:2154, polygons with ``comm_insee`` and ``comm_nom``, or the names of ADMIN EXPRESS
        and geo.api.gouv.fr; the main commune has the largest share of the feature.
    earlier, code
        States of the layer and column of the partner's code, see :func:`identifiers.identifiers`: an
        object known before keeps its identifier.

    Returns
    -------
    callable
        Features in EPSG:2154 to the same features, completed. ``attrs["identifiers"]`` counts those that
        were given, that earlier states know, and that are new, where the kind has a key.
    """
    told = dict(schema.delivery)
    if communes is not None:
        communes = commune_outlines(communes)

    def complete(features: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        filled = features.copy()
        filled.attrs = dict(features.attrs)
        if communes is not None:
            main = main_commune(features, communes)
            for target, column in (("commune_code", "comm_insee"), ("commune_name", "comm_nom")):
                if target in told:
                    _fill(filled, told[target], main[column].tolist())
        for field in schema.fields:
            if field.measures == "area":
                per_unit = 1.0 if field.unit == "m²" else measure.M2_PER_HA
                areas = np.round(features.geometry.area.to_numpy() / per_unit, 4)
                _fill(filled, field.name, areas.tolist())
        if schema.key:
            names = identifiers.identifiers(filled, schema, earlier, code=code)
            filled.attrs["identifiers"] = {"given": names.given, "known": names.known, "new": names.new}
            _fill(filled, schema.key, names.identifiers)
        return filled

    return complete


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


def _fill(features: gpd.GeoDataFrame, name: str, values: Sequence[object]) -> None:
    if name not in features.columns:
        features[name] = pd.Series(list(values), index=features.index, dtype=object).infer_objects()
        return
    held = features[name].tolist()
    filled = [
        new if old is None or old is pd.NA or old == "" or old != old else old
        for old, new in zip(held, values, strict=True)
    ]
    features[name] = pd.Series(filled, index=features.index, dtype=object).infer_objects()
