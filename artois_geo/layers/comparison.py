"""What changed between two states of a layer: added, removed, changed, value by value."""

from collections import Counter
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from artois_geo import meaning, measure
from artois_geo.errors import BadTable
from artois_geo.formats.geojson.geojson_writer import json_value

MOVED_M2 = 1.0
SAME_SHAPE_M = 0.1
_COLUMNS = ["change", "key", "field", "before", "after", "before_ha", "after_ha", "changed_ha"]


def compare(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, *, key: str) -> gpd.GeoDataFrame:
    """Compare two states of a layer: features added, removed and changed, value by value.

    The number 1 and the text « 1 » of two states are one key where a whole column changed its
    type; « 001 » is another one.

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
        No such column, a key that repeats, or numbers on one side and on the other texts with
        zeros in front (« 001 »), which no rule can pair.

    Examples
    --------
    >>> from artois_geo.layers import compare
    >>> from artois_geo import example
    >>> before = example.square(x_km=0, y_km=0, side_km=1, site="A", etat="projet")
    >>> after = example.rectangle(x_km=0, y_km=0, width_km=2, height_km=1, site="A", etat="actif")
    >>> changes = compare(before, after, key="site")
    >>> changes[["field", "before", "after", "changed_ha"]].values.tolist()
    [['etat', 'projet', 'actif', nan], ['geometry', '', '', 100.0]]
    """
    old, new = _positions(before, after, key)
    rows: list[dict[str, Any]] = []
    for name, old_row in old.items():
        if name not in new:
            shape = before.geometry.iloc[old_row]
            rows.append({"change": "supprimé", "key": name, "before_ha": _ha(shape), "geometry": shape})
    fields = [
        name
        for name in dict.fromkeys([*before.columns, *after.columns])
        if name not in {key, before.geometry.name, after.geometry.name}
    ]
    for name, new_row in new.items():
        shape = after.geometry.iloc[new_row]
        if name not in old:
            rows.append({"change": "ajouté", "key": name, "after_ha": _ha(shape), "geometry": shape})
            continue
        rows += [
            row | {"change": "modifié", "key": name, "geometry": shape}
            for row in _changes(before.iloc[old[name]], after.iloc[new_row], fields)
        ]
    frame = pd.DataFrame(rows, columns=[*_COLUMNS, "geometry"])
    texts = ["field", "before", "after"]
    frame[texts] = frame[texts].astype(object).fillna("")
    numbers = ["before_ha", "after_ha", "changed_ha"]
    frame[numbers] = frame[numbers].astype(float)
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=measure.LAMBERT93)


def renumbered(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, *, key: str) -> pd.DataFrame:
    """List the features that kept their shape and changed their key.

    Parameters
    ----------
    before, after, key
        As for :func:`compare`.

    Returns
    -------
    DataFrame
        One row per feature: ``before_key``, ``after_key``. A shape that several features of one
        state share is left out: nothing says which is which.

    Raises
    ------
    BadCRS
        A layer is not in EPSG:2154.
    BadTable
        As for :func:`compare`.

    Examples
    --------
    >>> from artois_geo.layers import renumbered
    >>> from artois_geo import example
    >>> before = example.square(x_km=0, y_km=0, side_km=1, site="A")
    >>> renumbered(before, before.assign(site="B"), key="site").values.tolist()
    [['A', 'B']]
    """
    old, new = _positions(before, after, key)
    gone = _by_shape(before, {name: row for name, row in old.items() if name not in new})
    come = _by_shape(after, {name: row for name, row in new.items() if name not in old})
    pairs = [(name, come[shape]) for shape, name in gone.items() if shape in come]
    return pd.DataFrame(pairs, columns=["before_key", "after_key"])


def _by_shape(frame: gpd.GeoDataFrame, rows: dict[Any, int]) -> dict[bytes, Any]:
    """Index keys by shape, to a decimetre, without the shapes that repeat."""
    shapes = frame.geometry.iloc[list(rows.values())].to_numpy()
    drawn_rows = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    snapped = np.full(len(shapes), None, dtype=object)
    snapped[drawn_rows] = shapely.normalize(
        shapely.set_precision(shapes[drawn_rows], SAME_SHAPE_M, mode="pointwise")
    )
    texts = [b"" if shape is None else shapely.to_wkb(shape) for shape in snapped]
    repeats = Counter(texts)
    return {text: name for text, name in zip(texts, rows, strict=True) if text and repeats[text] == 1}


def _positions(
    before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, key: str
) -> tuple[dict[Any, int], dict[Any, int]]:
    """Return the row of each key in the two states, under keys that can be held against each other."""
    measure.require_lambert93(before=before, after=after)
    for name, frame in (("avant", before), ("après", after)):
        if key not in frame.columns:
            raise BadTable(f"L'état « {name} » n'a pas de colonne « {key} » : choisir la clé avec --cle.")
    old, new = before[key].tolist(), after[key].tolist()
    if {_type(old), _type(new)} == {"number", "text"}:
        old, new = _as_texts(old), _as_texts(new)
        _refuse_lost_zeros(old, new, key)
    return _by_key(old, key, "avant"), _by_key(new, key, "après")


def _type(values: list[Any]) -> str:
    """Tell what a whole column of keys is made of: numbers, texts, or anything else."""
    filled = [value for value in values if not meaning.is_missing(value)]
    if filled and all(isinstance(value, str) for value in filled):
        return "text"
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in filled)
    return "number" if filled and numbers else ""


def _as_texts(values: list[Any]) -> list[Any]:
    """Write keys as texts: the whole number 1 as « 1 »."""
    return [f"{value:.15g}" if isinstance(value, int | float) else value for value in values]


def _refuse_lost_zeros(old: list[Any], new: list[Any], key: str) -> None:
    """Refuse a column of which one state lost the zeros in front: « 001 » against 1."""
    if set(old) & set(new):
        return
    bare = {str(value).lstrip("0"): value for value in new}
    example = next((value for value in old if str(value).lstrip("0") in bare), None)
    if example is not None:
        twin = bare[str(example).lstrip("0")]
        raise BadTable(
            f"La clé « {key} » est en nombre d'un côté, en texte de l'autre, et ses zéros de tête manquent : "
            f"« {example} » et « {twin} ».\nRemettre la colonne en texte dans le fichier qui les a perdus, "
            "ou choisir une autre clé avec --cle."
        )


def _by_key(values: list[Any], key: str, name: str) -> dict[Any, int]:
    """Return the row of each key; a number and its text are two keys."""
    rows = {value: row for row, value in enumerate(values)}
    if len(rows) < len(values):
        raise BadTable(
            f"État « {name} » : la clé « {key} » se répète, les objets ne se suivent pas d'un état à l'autre."
        )
    return rows


def _changes(old: pd.Series, new: pd.Series, fields: list[str]) -> list[dict[str, Any]]:
    """List the values that differ between two states of a feature, and what its shape gained or lost."""
    rows: list[dict[str, Any]] = []
    for name in fields:
        old_value, new_value = json_value(old.get(name)), json_value(new.get(name))
        if old_value != new_value:
            rows.append({"field": str(name), "before": _cell_text(old_value), "after": _cell_text(new_value)})
    old_shape, new_shape = _shape(old), _shape(new)
    if (old_shape is None) != (new_shape is None) or (
        old_shape is not None and not shapely.equals_exact(old_shape, new_shape, 0.02)
    ):
        moved_ha = (
            _ha(shapely.symmetric_difference(old_shape, new_shape))
            if old_shape is not None and new_shape is not None
            else None
        )
        if moved_ha is None or moved_ha * measure.M2_PER_HA >= MOVED_M2 or not _ha(old_shape):
            rows.append(
                {
                    "field": "geometry",
                    "before_ha": _ha(old_shape),
                    "after_ha": _ha(new_shape),
                    "changed_ha": moved_ha,
                }
            )
    return rows


def _shape(row: pd.Series) -> Any:
    return next((value for value in row if isinstance(value, shapely.Geometry)), None)


def _ha(shape: Any) -> float | None:
    return None if shape is None else float(shape.area / measure.M2_PER_HA)


def _cell_text(value: Any) -> str:
    return "(vide)" if value is None else str(value)
