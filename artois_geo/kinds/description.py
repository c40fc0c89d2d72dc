"""What a layer holds, column by column; what a table of findings says, rule by rule."""

import geopandas as gpd
import pandas as pd

from artois_geo.formats.findings import LEVELS
from artois_geo.kinds.schema import read_kind


def describe(features: gpd.GeoDataFrame, kind: str = "") -> pd.DataFrame:
    """Describe each column of a layer: its name, how far it is filled.

    Parameters
    ----------
    features
        Any CRS.
    kind
        Kind of layer, whose labels and definitions are used.

    Returns
    -------
    DataFrame
        ``column``, ``label``, ``unit``, ``filled_count`` and ``filled_share`` (0 to 1)
        of the features that have a value, ``distinct_count``, ``definition``.

    Raises
    ------
    UnknownName
        No such kind.

    Examples
    --------
    >>> from artois_geo.kinds import describe
    >>> from artois_geo import example
    >>> site = example.square(x_km=0, y_km=0, side_km=1, site_nom="Parc du canal", annee=None)
    >>> describe(site)[["column", "filled_count", "distinct_count"]].values.tolist()
    [['site_nom', 1, 1], ['annee', 0, 0]]
    """
    fields = {field.name: field for field in read_kind(kind).fields} if kind else {}
    rows = []
    for name in features.columns.drop(features.geometry.name):
        values = features[name].dropna()
        field = fields.get(str(name))
        rows.append(
            {
                "column": str(name),
                "label": field.label if field else "",
                "unit": field.unit if field else "",
                "filled_count": len(values),
                "filled_share": len(values) / len(features) if len(features) else float("nan"),
                "distinct_count": int(values.astype(str).nunique()),
                "definition": field.definition if field else "",
            }
        )
    columns = ["column", "label", "unit", "filled_count", "filled_share", "distinct_count", "definition"]
    return pd.DataFrame(rows, columns=columns)


def summarise(findings: pd.DataFrame) -> pd.DataFrame:
    """Count the findings of a table by level, rule and field, the gravest first.

    Parameters
    ----------
    findings
        From :func:`validate` or :func:`read_any`.

    Returns
    -------
    DataFrame
        ``level``, ``rule``, ``field``, ``finding_count``, ``feature`` (number of the
        first feature, null for the whole file), ``message`` of the first finding.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.kinds import summarise
    >>> found = pd.DataFrame({"feature": [1, 2], "field": "nom", "rule": "vide", "level": "alerte"})
    >>> summarise(found.assign(found="", message="nom vide"))["finding_count"].tolist()
    [2]
    """
    groups = findings.groupby(["level", "rule", "field"], sort=False, dropna=False)
    table = groups.agg(
        finding_count=("message", "size"), feature=("feature", "first"), message=("message", "first")
    ).reset_index()
    order = table["level"].map({level: rank for rank, level in enumerate(LEVELS)})
    ranked = table.assign(_order=order).sort_values(["_order", "finding_count"], ascending=[True, False])
    return ranked.drop(columns="_order").reset_index(drop=True)
