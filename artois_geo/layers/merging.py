"""Several returns become one layer: each object once, and every disagreement in a table."""

from collections.abc import Iterator, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from artois_geo import measure
from artois_geo.errors import BadTable, BadValue
from artois_geo.formats.geojson.geojson_writer import json_value
from artois_geo.meaning import is_missing

SOURCE = "livraison"  # column that names the return of each object
VALUE, GROUND, COMPLETED, SAME = "valeurs différentes", "recouvrement", "complété", "identique"
COLUMNS = [
    "conflict",
    "key",
    "field",
    "first",
    "first_value",
    "second",
    "second_value",
    "other_key",
    "shared_ha",
]
SAME_SHAPE_M = 0.02
LEAST_M2 = 1.0  # of ground that two objects share


def merge(returns: Mapping[str, gpd.GeoDataFrame], *, key: str) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Merge returns into one layer; where two disagree, the first holds and the table keeps both.

    Parameters
    ----------
    returns
        Name of each return and its features, EPSG:2154, the most trusted first.
    key
        Column that names an object; it must not repeat in a return. Objects without it are all kept.

    Returns
    -------
    tuple
        Features in EPSG:2154 with the column ``livraison``, and the table: ``conflict`` (valeurs
        différentes, recouvrement, complété, identique), ``key``, ``field``, ``first`` and ``second`` (names
        of the returns) with their values, ``other_key`` and ``shared_ha`` of two objects on one ground.

    Raises
    ------
    BadCRS
        A return is not in EPSG:2154.
    BadTable
        A return lacks the key, or repeats it.
    BadValue
        Fewer than two returns.

    Examples
    --------
    >>> first = plain.square(x_km=0, y_km=0, side_km=1, site_id="A", etat="actif")
    >>> second = plain.square(x_km=0, y_km=0, side_km=1, site_id="A", etat="projet")
    >>> merged, conflicts = merge({"nord": first, "sud": second}, key="site_id")
    >>> merged["etat"].tolist(), conflicts[["field", "first_value", "second_value"]].values.tolist()
    (['actif'], [['etat', 'actif', 'projet']])
    """
    if len(returns) < 2:
        raise BadValue("Une fusion demande au moins deux livraisons.")
    measure.require_lambert93(
        **{f"livraison_{rank}": frame for rank, frame in enumerate(returns.values(), 1)}
    )
    for name, frame in returns.items():
        _require_key(name, frame, key)
    columns = list(dict.fromkeys(str(name) for frame in returns.values() for name in frame.columns))
    fields = [name for name in columns if name not in (key, "geometry", SOURCE)]
    merged: list[dict[str, Any]] = []
    row_of_key: dict[str, dict[str, Any]] = {}
    conflicts: list[dict[str, Any]] = []
    for name, frame in returns.items():
        cells = pd.DataFrame(frame.drop(columns=frame.geometry.name)).assign(
            geometry=frame.geometry.to_numpy()
        )
        for record in cells.to_dict("records"):
            row = {str(column): value for column, value in record.items()}
            known = None if is_missing(row[key]) else row_of_key.get(str(row[key]))
            if known is not None:
                conflicts += _joined(known, row, fields, name, key)
                continue
            new = {column: row.get(column) for column in columns} | {SOURCE: row.get(SOURCE) or name}
            merged.append(new)
            if not is_missing(row[key]):
                row_of_key[str(row[key])] = new
    features = gpd.GeoDataFrame(
        {column: _series([row[column] for row in merged]) for column in [key, *fields, SOURCE]},
        geometry=[row["geometry"] for row in merged],
        crs=measure.LAMBERT93,
    )
    conflicts += _on_one_ground(features, key)
    return features, pd.DataFrame(conflicts, columns=COLUMNS)


def _require_key(name: str, frame: gpd.GeoDataFrame, key: str) -> None:
    if key not in frame.columns:
        raise BadTable(f"{name} n'a pas de colonne « {key} » : choisir la clé avec --cle.")
    filled = frame[key].dropna().astype(str)
    if filled.duplicated().any():
        raise BadTable(f"{name} : la clé « {key} » se répète ({filled[filled.duplicated()].iloc[0]}).")


def _joined(
    known: dict[str, Any], row: dict[str, Any], fields: list[str], name: str, key: str
) -> list[dict[str, Any]]:
    """Fill the empty cells of an object that an earlier return holds; list every difference."""
    rows: list[dict[str, Any]] = []
    first = {"key": str(row[key]), "first": known[SOURCE], "second": name}
    for field in [*fields, "geometry"]:
        old, new = known[field], row.get(field)
        if _is_empty(new) or _same(old, new):
            continue
        values = {"field": field, "first_value": _text(old), "second_value": _text(new)}
        if _is_empty(old):
            known[field] = new
            rows.append({"conflict": COMPLETED} | first | values)
        else:
            rows.append({"conflict": VALUE} | first | values)
    return rows or [{"conflict": SAME, "field": ""} | first]


def _is_empty(value: Any) -> bool:
    return value.is_empty if isinstance(value, shapely.Geometry) else is_missing(value)


def _same(old: Any, new: Any) -> bool:
    if isinstance(old, shapely.Geometry) and isinstance(new, shapely.Geometry):
        return bool(shapely.equals_exact(shapely.normalize(old), shapely.normalize(new), SAME_SHAPE_M))
    return json_value(old) == json_value(new)


def _text(value: Any) -> str:
    """Write a value whole: what is not kept in the layer can be copied from the table."""
    if isinstance(value, shapely.Geometry):
        return shapely.to_wkt(value, rounding_precision=3)
    return "" if is_missing(value) else str(json_value(value))


def _series(cells: list[Any]) -> pd.Series:
    return pd.Series([None if is_missing(cell) else cell for cell in cells], dtype=object).infer_objects()


def _on_one_ground(features: gpd.GeoDataFrame, key: str) -> Iterator[dict[str, Any]]:
    """Find the polygons of two returns that share ground."""
    shapes = features.geometry.to_numpy()
    sources, keys = features[SOURCE].tolist(), features[key].tolist()
    first_rows, second_rows = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = first_rows < second_rows
    for first, second in sorted(zip(first_rows[pairs].tolist(), second_rows[pairs].tolist(), strict=True)):
        if sources[first] == sources[second]:
            continue
        both = shapely.make_valid(
            np.array([shapes[first], shapes[second]]), method="structure", keep_collapsed=False
        )
        shared_m2 = float(shapely.area(shapely.intersection(both[0], both[1])))
        if shared_m2 >= LEAST_M2:
            yield {
                "conflict": GROUND,
                "key": _text(keys[first]),
                "field": "geometry",
                "first": sources[first],
                "second": sources[second],
                "other_key": _text(keys[second]),
                "shared_ha": shared_m2 / measure.M2_PER_HA,
            }
