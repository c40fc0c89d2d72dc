"""What changed between two states of a layer: added, removed, changed, value by value."""

from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from artois_geo import measure
from artois_geo.errors import BadTable
from artois_geo.layers.files import json_value

MOVED_M2 = 1.0
_COLUMNS = ["change", "key", "field", "before", "after", "before_ha", "after_ha", "changed_ha"]


def compare(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, *, key: str) -> gpd.GeoDataFrame:
    """Features added, removed and changed from one state of a layer to another.

    Parameters
    ----------
    before, after
        EPSG:2154, each with the column ``key``.
    key
        Column that names a feature in both; its values must be unique.

    Returns
    -------
    GeoDataFrame
        One row per difference: ``change`` (ajouté, supprimé, modifié), ``key``,
        ``field`` (``geometry`` for the shape), ``before`` and ``after`` as texts,
        ``before_ha``, ``after_ha`` and ``changed_ha`` (symmetric difference) where
        the shape says it. The geometry is the newer shape, or the one that is gone.

    Raises
    ------
    BadCRS
        A layer is not in EPSG:2154.
    BadTable
        No such column, or a key that repeats.

    Examples
    --------
    >>> before = plain.square(x_km=0, y_km=0, side_km=1, site="A", etat="projet")
    >>> after = plain.rectangle(x_km=0, y_km=0, width_km=2, height_km=1, site="A", etat="actif")
    >>> changes = compare(before, after, key="site")
    >>> changes[["field", "before", "after", "changed_ha"]].values.tolist()
    [['etat', 'projet', 'actif', nan], ['geometry', '', '', 100.0]]
    """
    measure.require_lambert93(before=before, after=after)
    old, new = _by_key(before, key, "before"), _by_key(after, key, "after")
    rows: list[dict[str, Any]] = []
    for name, at in old.items():
        if name not in new:
            shape = before.geometry.iloc[at]
            rows.append({"change": "supprimé", "key": name, "before_ha": _ha(shape), "geometry": shape})
    fields = [
        name
        for name in dict.fromkeys([*before.columns, *after.columns])
        if name not in {key, before.geometry.name, after.geometry.name}
    ]
    for name, at in new.items():
        shape = after.geometry.iloc[at]
        if name not in old:
            rows.append({"change": "ajouté", "key": name, "after_ha": _ha(shape), "geometry": shape})
            continue
        rows += [
            row | {"change": "modifié", "key": name, "geometry": shape}
            for row in _changes(before.iloc[old[name]], after.iloc[at], fields)
        ]
    frame = pd.DataFrame(rows, columns=[*_COLUMNS, "geometry"])
    frame[["field", "before", "after"]] = frame[["field", "before", "after"]].fillna("")
    numbers = ["before_ha", "after_ha", "changed_ha"]
    frame[numbers] = frame[numbers].astype(float)
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=measure.LAMBERT93)


def _by_key(frame: gpd.GeoDataFrame, key: str, said: str) -> dict[Any, int]:
    if key not in frame.columns:
        raise BadTable(f"« {said} » n'a pas de colonne « {key} » : choisir la clé avec --cle.")
    found = {value: row for row, value in enumerate(frame[key].tolist())}
    if len(found) < len(frame):
        raise BadTable(
            f"« {said} » : la clé « {key} » se répète, les objets ne se suivent pas d'un état à l'autre."
        )
    return found


def _changes(old: pd.Series, new: pd.Series, fields: list[str]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for name in fields:
        was, now = json_value(old.get(name)), json_value(new.get(name))
        if was != now:
            rows.append({"field": str(name), "before": _said(was), "after": _said(now)})
    one, other = _shape(old), _shape(new)
    if (one is None) != (other is None) or (one is not None and not shapely.equals_exact(one, other, 0.02)):
        moved = (
            _ha(shapely.symmetric_difference(one, other)) if one is not None and other is not None else None
        )
        if moved is None or moved * measure.M2_PER_HA >= MOVED_M2 or not _ha(one):
            rows.append(
                {"field": "geometry", "before_ha": _ha(one), "after_ha": _ha(other), "changed_ha": moved}
            )
    return rows


def _shape(row: pd.Series) -> Any:
    return next((value for value in row if isinstance(value, shapely.Geometry)), None)


def _ha(shape: Any) -> float | None:
    return None if shape is None else float(shape.area / measure.M2_PER_HA)


def _said(value: Any) -> str:
    return "(vide)" if value is None else str(value)
