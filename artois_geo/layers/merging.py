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
    >>> from artois_geo import example
    >>> first = example.square(x_km=0, y_km=0, side_km=1, site_id="A", etat="actif")
    >>> second = example.square(x_km=0, y_km=0, side_km=1, site_id="A", etat="projet")
    >>> merged, conflicts = merge({"nord": first, "sud": second}, key="site_id")
    >>> merged["etat"].tolist(), conflicts[["field", "first_value", "second_value"]].values.tolist()
    (['actif'], [['etat', 'actif', 'projet']])
    """
    _require_mergeable(returns, key)
    columns = list(dict.fromkeys(str(name) for frame in returns.values() for name in frame.columns))
    fields = [name for name in columns if name not in (key, "geometry", SOURCE)]
    objects: dict[str | int, dict[str, Any]] = {}  # by key; by rank those that have none
    conflicts: list[dict[str, Any]] = []
    for name, frame in returns.items():
        for row in _rows(frame):
            identifier = len(objects) if is_missing(row[key]) else str(row[key])
            if identifier not in objects:
                row_source = {SOURCE: row.get(SOURCE) or name}
                objects[identifier] = {column: row.get(column) for column in columns} | row_source
                continue
            earlier = objects[identifier]
            conflicts += _differences(earlier, row, fields, name, key)
            objects[identifier] = _completed(earlier, row, fields)
    features = gpd.GeoDataFrame(
        {column: _series([row[column] for row in objects.values()]) for column in [key, *fields, SOURCE]},
        geometry=[row["geometry"] for row in objects.values()],
        crs=measure.LAMBERT93,
    )
    conflicts += _on_one_ground(features, key)
    return features, pd.DataFrame(conflicts, columns=COLUMNS)


def _require_mergeable(returns: Mapping[str, gpd.GeoDataFrame], key: str) -> None:
    if len(returns) < 2:
        raise BadValue("Une fusion demande au moins deux livraisons.")
    measure.require_lambert93(
        **{f"livraison_{rank}": frame for rank, frame in enumerate(returns.values(), 1)}
    )
    for name, frame in returns.items():
        _require_key(name, frame, key)


def _require_key(name: str, frame: gpd.GeoDataFrame, key: str) -> None:
    if key not in frame.columns:
        raise BadTable(f"{name} n'a pas de colonne « {key} » : choisir la clé avec --cle.")
    filled = frame[key].dropna().astype(str)
    if filled.duplicated().any():
        raise BadTable(f"{name} : la clé « {key} » se répète ({filled[filled.duplicated()].iloc[0]}).")


def _rows(frame: gpd.GeoDataFrame) -> Iterator[dict[str, Any]]:
    """Yield the cells of each object by column, its shape under « geometry »."""
    attributes = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    for record in attributes.assign(geometry=frame.geometry.to_numpy()).to_dict("records"):
        yield {str(column): value for column, value in record.items()}


def _differences(
    earlier: dict[str, Any], row: dict[str, Any], fields: list[str], name: str, key: str
) -> list[dict[str, Any]]:
    """List what a return says otherwise, or more, of an object that an earlier one holds."""
    rows: list[dict[str, Any]] = []
    names = {"key": str(row[key]), "first": earlier[SOURCE], "second": name}
    for field in [*fields, "geometry"]:
        old, new = earlier[field], row.get(field)
        if not _is_empty(new) and not _same(old, new):
            conflict = COMPLETED if _is_empty(old) else VALUE
            values = {"field": field, "first_value": _text(old), "second_value": _text(new)}
            rows.append({"conflict": conflict} | names | values)
    return rows or [{"conflict": SAME, "field": ""} | names]


def _completed(earlier: dict[str, Any], row: dict[str, Any], fields: list[str]) -> dict[str, Any]:
    """Fill the empty cells of an object with those of a later return."""
    filled = {name: row.get(name) for name in [*fields, "geometry"] if _is_empty(earlier[name])}
    return earlier | {name: value for name, value in filled.items() if not _is_empty(value)}


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
