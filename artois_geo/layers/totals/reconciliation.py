"""Published totals beside what the layers hold: the gap, and which objects cause it."""

from collections.abc import Iterable, Mapping

import geopandas as gpd
import pandas as pd

from artois_geo import meaning, measure
from artois_geo.errors import BadTable
from artois_geo.layers.catalogue import Total

NAMED = 6  # objects named in a cause; the table of objects holds them all
M_PER_KM = 1000
COLUMNS = [
    "name",
    "title",
    "declared",
    "held",
    "gap",
    "unit",
    "counted",
    "unmeasured",
    "set_aside",
    "cause",
    "source",
]


def reconcile(totals: Iterable[Total], frames: Mapping[str, gpd.GeoDataFrame]) -> pd.DataFrame:
    """Set each published total beside what the layers hold.

    Parameters
    ----------
    totals
        Totals of the catalogue.
    frames
        Layers by name, EPSG:2154; at least those that the totals name.

    Returns
    -------
    DataFrame
        One row per total: ``name``, ``title``, ``declared``, ``held``, ``gap``
        (held minus declared), ``unit``, ``counted`` (objects in the sum),
        ``unmeasured`` (objects that should count but whose value is unknown),
        ``set_aside`` (objects that must not count), ``cause``, ``source``. A
        total that no layer holds has a null ``held``.

    Raises
    ------
    BadTable
        A total asks for a column that its layer lacks.

    Examples
    --------
    >>> from artois_geo.layers import Total, reconcile
    >>> from artois_geo import example
    >>> total = Total("parcs_ha", "Parcs", 250, "ha", "rapport", layer="parcs", measure="sum", column="ha")
    >>> parks = example.square(x_km=0, y_km=0, side_km=1, nom="Olhain", ha=100.0)
    >>> reconcile([total], {"parcs": parks})[["declared", "held", "gap"]].values.tolist()
    [[250.0, 100.0, -150.0]]
    """
    rows = []
    for total in totals:
        row: dict[str, object] = {
            "name": total.name,
            "title": total.title,
            "declared": float(total.value),
            "held": None,
            "gap": None,
            "unit": total.unit,
            "counted": 0,
            "unmeasured": 0,
            "set_aside": 0,
            "cause": total.comment or "aucune couche ne contient cette information",
            "source": total.source,
        }
        if total.layer:
            row |= _summary(total, objects(total, frames))
        rows.append(row)
    return pd.DataFrame(rows, columns=COLUMNS).astype({"held": "float64", "gap": "float64"})


def objects(total: Total, frames: Mapping[str, gpd.GeoDataFrame]) -> pd.DataFrame:
    """List every object that a total looks at, and how it counts.

    Parameters
    ----------
    total
        A total whose ``layer`` is in ``frames``.
    frames
        Layers by name, EPSG:2154.

    Returns
    -------
    DataFrame
        One row per object of the layer: ``total``, ``object`` (its name),
        ``status`` (``compté``, ``sans valeur``, ``écarté``), ``value`` in the
        unit of the total, ``reason`` of an object set aside.

    Raises
    ------
    BadTable
        The layer is not given, or lacks a column that the total names.

    Examples
    --------
    >>> from artois_geo import example
    >>> total = Total("parcs", "Parcs", 2, "parcs", "rapport", layer="parcs")
    >>> objects(total, {"parcs": example.square(x_km=0, y_km=0, side_km=1, nom="Olhain")})["status"].tolist()
    ['compté']
    """
    if total.layer not in frames:
        raise BadTable(
            f"Le total « {total.name} » porte sur la couche « {total.layer} », qui n'est pas donnée."
        )
    features = frames[total.layer]
    needed = [*total.where, *([total.column] if total.measure == "sum" else [])]
    absent = [name for name in needed if name not in features.columns]
    if absent:
        raise BadTable(f"Total « {total.name} » : la couche « {total.layer} » n'a pas {', '.join(absent)}.")
    counted = pd.Series(True, index=features.index)
    for column, value in total.where.items():
        counted &= (features[column] == value).fillna(False).astype(bool)
    values = _values(total, features)
    status = counted.map({True: "compté", False: "écarté"}).mask(counted & values.isna(), "sans valeur")
    reasons = features["compte_motif"] if "compte_motif" in features else pd.Series("", index=features.index)
    return pd.DataFrame(
        {
            "total": total.name,
            "object": _names(features),
            "status": status,
            "value": values,
            "reason": reasons.where(~counted, ""),
        }
    )


def _values(total: Total, features: gpd.GeoDataFrame) -> pd.Series:
    if total.measure == "sum":
        return pd.to_numeric(features[total.column], errors="coerce").astype("float64")
    if total.measure == "length":
        measure.require_lambert93(**{total.layer: features})
        return (features.geometry.length / M_PER_KM).where(features.geometry.notna())
    return pd.Series(1.0, index=features.index)


def _names(features: gpd.GeoDataFrame) -> pd.Series:
    column = meaning.name_column(features)
    if column is not None:
        return features[column].astype(str)
    return pd.Series([str(label) for label in features.index], index=features.index)


def _summary(total: Total, detail: pd.DataFrame) -> dict[str, object]:
    """Sum the objects that count, and explain the gap by those that do not."""
    counted = detail[detail["status"] == "compté"]
    unmeasured = detail[detail["status"] == "sans valeur"]
    excluded = detail[detail["status"] == "écarté"]
    measured = float(counted["value"].sum())
    causes = [f"{len(counted)} objets comptés"]
    if len(unmeasured):
        causes.append(f"{len(unmeasured)} sans valeur publiée : {_list(unmeasured['object'])}")
    if len(excluded):
        causes.append(f"{len(excluded)} écartés : {_list(excluded['object'])}")
    if total.comment:
        causes.append(total.comment)
    return {
        "held": measured,
        "gap": measured - float(total.value),
        "counted": len(counted),
        "unmeasured": len(unmeasured),
        "set_aside": len(excluded),
        "cause": " ; ".join(causes),
    }


def _list(names: pd.Series) -> str:
    listed = ", ".join(names.head(NAMED))
    return listed + (f" … ({len(names) - NAMED} autres)" if len(names) > NAMED else "")
