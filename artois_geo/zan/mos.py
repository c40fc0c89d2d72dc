"""Consumption of ENAF from a land-use map (MOS, OCS2D), with the user's own rules of passage.

A MOS is allowed in place of Cerema's file if it follows the definition of the law
and is homogeneous over both decades (R. 2231-1 CGCT). Which class counts as ENAF,
and which passage as consumption, is the user's table: nothing is guessed from a code.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from pandas import DataFrame, Series

from artois_geo import deprecated, overlay
from artois_geo.errors import BadTable, BadValue
from artois_geo.text import counted
from artois_geo.zan.flows import TOTAL, need

COUNTS = ("consommation", "renaturation", "aucun")
UNDECIDED = "indéterminé"


@deprecated.renamed_keywords("zan.mos_classes", keys="on")
def mos_classes(mos: DataFrame, classes: DataFrame, *, keys: Sequence[str], columns: Sequence[str]) -> Series:
    """Return the class of each MOS feature at one date, from its codes.

    Parameters
    ----------
    mos
        Features with ``columns`` (for OCS2D in 2021: ``["us21", "cs21"]``).
    classes
        The user's table: the columns ``keys`` (``["us3", "cs3"]``) and ``classe``.
    keys, columns
        Same length: how the codes are called in the table and in the layer.

    Returns
    -------
    Series
        The class, same index.

    Raises
    ------
    BadTable
        A couple of codes is not in the table.
    BadValue
        Not as many columns as keys.

    Examples
    --------
    >>> from artois_geo.zan import mos_classes
    >>> from pandas import DataFrame
    >>> classes = DataFrame({"us3": ["US1.1.3"], "cs3": ["CS4.1.1"], "classe": ["A"]})
    >>> mos = DataFrame({"us21": ["US1.1.3"], "cs21": ["CS4.1.1"]})
    >>> mos_classes(mos, classes, keys=["us3", "cs3"], columns=["us21", "cs21"]).tolist()
    ['A']
    """
    if len(columns) != len(keys):
        raise BadValue(
            f"« columns » donne {counted(len(columns), 'colonne')} pour {counted(len(keys), 'clé')} : "
            "il en faut une du MOS pour chacune.\nÉcrire columns=[…], dans l'ordre de keys."
        )
    need(classes, [*keys, "classe"], "classes")
    need(mos, columns, "mos")
    class_by_codes = classes.set_index(list(keys))["classe"]
    if class_by_codes.index.duplicated().any():
        repeated = class_by_codes.index[class_by_codes.index.duplicated()][0]
        raise BadTable(f"Codes présents deux fois dans la table des classes : {repeated}.")
    pairs = mos[list(columns)].astype(str)
    index = pd.MultiIndex.from_frame(pairs) if len(keys) > 1 else pd.Index(pairs.iloc[:, 0])
    feature_classes = class_by_codes.reindex(index)
    if feature_classes.isna().any():
        absent = feature_classes.index[feature_classes.isna()][0]
        raise BadTable(f"Codes absents de la table des classes : {absent}.")
    return Series(feature_classes.to_numpy(), index=mos.index, name="classe")


@dataclass(frozen=True)
class MosPeriod:
    """Name the two dates of a MOS and the yearly flows between them.

    Parameters
    ----------
    before, after
        Columns of the MOS with the class at the first and at the second date.
    years
        First and last annual flow between the two photographs: ``(2010, 2020)``
        from 1 January 2010 to 31 December 2020.
    """

    before: str
    after: str
    years: tuple[int, int]


def mos_flows(
    mos: GeoDataFrame,
    passages: DataFrame,
    *,
    zones: GeoDataFrame,
    key: str,
    period: MosPeriod | None = None,
    cores: int | None = None,
    progress: overlay.Progress | None = None,
    **keywords: Any,
) -> DataFrame:
    """Compute the ENAF consumed in each zone between two dates of a MOS.

    Parameters
    ----------
    mos
        Polygons in EPSG:2154 with the class at both dates.
    passages
        The user's matrix: ``avant``, ``apres`` (classes) and ``compte``:
        ``consommation``, ``renaturation``, ``aucun`` or ``indéterminé``.
    zones, key
        Polygons in EPSG:2154 and the column that names them.
    period
        Columns of both dates and years between them; its fields may still be given one by one, as in
        version 0.1.0.
    cores, progress
        As for ``overlay.area_table``.

    Returns
    -------
    DataFrame
        One row per zone: ``first_year``, ``last_year``, ``consumed_ha`` (certain),
        ``undecided_ha`` (what the matrix leaves open: the truth lies between
        ``consumed_ha`` and their sum), ``renatured_enaf_ha``, ``consumed_ha_per_year``.

    Raises
    ------
    BadTable
        A passage found on the ground is not in the matrix.

    Examples
    --------
    >>> from artois_geo.zan import MosPeriod, mos_flows
    >>> from pandas import DataFrame
    >>> from artois_geo import example
    >>> commune = example.square(x_km=0, y_km=0, side_km=1, insee="62498")
    >>> mos = example.rectangle(x_km=0, y_km=0, width_km=0.5, height_km=1, c10="A", c21="Ue")
    >>> passages = DataFrame({"avant": ["A"], "apres": ["Ue"], "compte": ["consommation"]})
    >>> period = MosPeriod(before="c10", after="c21", years=(2011, 2020))
    >>> mos_flows(mos, passages, zones=commune, key="insee", period=period)[
    ...     ["consumed_ha", "consumed_ha_per_year"]].values.tolist()
    [[50.0, 5.0]]
    """
    need(passages, ["avant", "apres", "compte"], "passages")
    period = deprecated.gathered(MosPeriod, period, keywords, function="zan.mos_flows(period=)")
    before, after, years = period.before, period.after, period.years
    if years[1] < years[0]:
        raise BadValue(f"Période à l'envers : de {years[0]} à {years[1]}.")
    rules = _rules(passages)
    areas = overlay.area_table(zones, mos, by=[before, after], key=key, cores=cores, progress=progress)
    pairs = list(zip(areas[before].astype(str), areas[after].astype(str), strict=True))
    # ground that kept its class is no passage, unless the matrix says so
    counts = [rules.get(pair, "aucun" if pair[0] == pair[1] else "") for pair in pairs]
    if "" in counts:
        class_before, class_after = pairs[counts.index("")]
        raise BadTable(
            f"Passage absent de la matrice : « {class_before} » vers « {class_after} ». "
            "L'ajouter, même s'il ne compte pas."
        )
    areas["compte"] = counts
    table = DataFrame({key: zones[key].to_numpy(), "first_year": years[0], "last_year": years[1]})
    for name, account in (
        (TOTAL, "consommation"),
        ("undecided_ha", UNDECIDED),
        ("renatured_enaf_ha", "renaturation"),
    ):
        sums = areas[areas["compte"] == account].groupby(key)["area_ha"].sum()
        table[name] = table[key].map(sums).fillna(0.0).astype(float)
    table["consumed_ha_per_year"] = table[TOTAL] / (years[1] - years[0] + 1)
    return table


def disaggregate(period: DataFrame, *, key: str) -> DataFrame:
    """Divide the flow of a period into equal yearly flows, to meet a trajectory that counts in years.

    The total is exact, the years are not: they are marked ``estimated``.

    Examples
    --------
    >>> from artois_geo.zan import disaggregate
    >>> from pandas import DataFrame
    >>> period = DataFrame({"epci": ["A"], "first_year": 2011, "last_year": 2012, "consumed_ha": [3.0]})
    >>> disaggregate(period, key="epci")[["year", "consumed_ha"]].values.tolist()
    [[2011.0, 1.5], [2012.0, 1.5]]
    """
    need(period, [key, "first_year", "last_year", TOTAL], "period")
    year_count = (period["last_year"] - period["first_year"] + 1).astype(int)
    yearly = period.loc[np.repeat(period.index, year_count)]
    year_offset = yearly.groupby(level=0).cumcount().to_numpy()
    flows = DataFrame(
        {key: yearly[key].to_numpy(), "year": yearly["first_year"].to_numpy(dtype=int) + year_offset}
    )
    flows[TOTAL] = yearly[TOTAL].to_numpy() / np.repeat(year_count.to_numpy(), year_count)
    flows["provisional"], flows["estimated"] = False, True
    flows["edition"] = "MOS, réparti également entre les années"
    return flows.sort_values([key, "year"], ignore_index=True)


def _rules(passages: DataFrame) -> dict[tuple[str, str], str]:
    words = passages["compte"].astype(str).str.strip().str.lower()
    unknown = sorted(set(words) - {*COUNTS, UNDECIDED})
    if unknown:
        raise BadTable(f"Compte inconnu : « {unknown[0]} ». Choisir {', '.join([*COUNTS, UNDECIDED])}.")
    pairs = list(zip(passages["avant"].astype(str), passages["apres"].astype(str), strict=True))
    if len(set(pairs)) < len(pairs):
        raise BadTable("Un passage figure deux fois dans la matrice.")
    return dict(zip(pairs, words, strict=True))
