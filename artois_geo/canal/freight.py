"""Freight that could take the water: tonnes, trucks, CO2e, always with their range."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from artois_geo.errors import BadTable, BadValue
from artois_geo.vocabulary import written

G_PER_T, KG_PER_T = 1_000_000, 1000
SHARES = ("river_share", "hinterland_share", "competitive_share")
WATER, ROAD, DEPENDS, NO_FACTOR = (
    "l'eau fait mieux",
    "la route fait mieux",
    "selon l'hypothèse",
    "facteur absent",
)


def trucks(tonnes: pd.Series, *, truck_t: float) -> pd.Series:
    """Count the full trucks that carry so many tonnes: T / truck_t, rounded up.

    Examples
    --------
    >>> from artois_geo.canal import trucks
    >>> import pandas as pd
    >>> trucks(pd.Series([4400.0, 4401.0, 0.0]), truck_t=20).tolist()
    [220, 221, 0]
    """
    if not truck_t > 0:
        raise BadValue(f"truck_t doit être positif (valeur reçue : {truck_t}).")
    # 0.1 + 0.2 tonnes must not ask for one more truck
    return np.ceil((tonnes / truck_t).round(9)).astype("Int64").rename("trucks")


def potential(
    sectors: pd.DataFrame,
    *,
    capture: Mapping[str, float],
    truck_t: float,
    mixed_bases: bool = False,
) -> pd.DataFrame:
    """Compute the traffic potential by sector and scenario (potentiel de trafic par filière).

    T = base × ratio × fluvialisable × hinterland × compétitif × capture(scénario).

    Parameters
    ----------
    sectors
        One row per sector: ``sector``, ``base``, ``base_unit`` (jobs, m² or tonnes), ``ratio_t`` (tonnes
        a year per unit of base), ``river_share``, ``hinterland_share``, ``competitive_share`` (0 to 1).
    capture
        Share captured, by scenario.
    truck_t
        Load of a truck.
    mixed_bases
        Let sectors rest on bases of different units. They are then summed on purpose, never silently.

    Returns
    -------
    DataFrame
        One row per sector and scenario: ``sector``, ``scenario``, ``base_unit``, ``demand_t`` (base ×
        ratio), ``reachable_t`` (× the three shares), ``potential_t`` (× capture), ``trucks``. A sector
        with a missing figure has no potential: null, not zero.

    Raises
    ------
    BadTable
        A column is absent, or bases of several units are mixed without saying so.
    BadValue
        A share is outside 0 to 1.

    Examples
    --------
    >>> from artois_geo.canal import potential
    >>> import pandas as pd
    >>> sector = {"sector": "céréales", "base": 100_000.0, "base_unit": "t", "ratio_t": 1.0,
    ...           "river_share": 0.8, "hinterland_share": 0.5, "competitive_share": 0.5}
    >>> table = potential(pd.DataFrame([sector]), capture={"moyen": 0.5}, truck_t=20)
    >>> table[["reachable_t", "potential_t", "trucks"]].values.tolist()
    [[20000.0, 10000.0, 500]]
    """
    required = ["sector", "base", "base_unit", "ratio_t", *SHARES]
    absent = [name for name in required if name not in sectors.columns]
    if absent:
        raise BadTable(f"Colonnes absentes des filières : {', '.join(map(written, absent))}.")
    units = sorted(sectors["base_unit"].dropna().astype(str).unique())
    if len(units) > 1 and not mixed_bases:
        raise BadTable(
            f"Les filières reposent sur des bases différentes ({', '.join(units)}) : les calculer à part, "
            "ou accepter le mélange avec mixed_bases=True."
        )
    figures = sectors[["base", "ratio_t", *SHARES]].apply(pd.to_numeric, errors="coerce")
    for name, values in [*((name, figures[name]) for name in SHARES), ("capture", pd.Series(dict(capture)))]:
        if not values.dropna().between(0, 1).all():
            raise BadValue(f"« {name} » doit être une part entre 0 et 1, pas un pourcentage.")
    demand = figures["base"] * figures["ratio_t"]
    reachable = demand * figures[list(SHARES)].prod(axis=1, skipna=False)
    pieces = [
        pd.DataFrame(
            {
                "sector": sectors["sector"],
                "scenario": scenario,
                "base_unit": sectors["base_unit"],
                "demand_t": demand,
                "reachable_t": reachable,
                "potential_t": reachable * share,
                "trucks": trucks(reachable * share, truck_t=truck_t),
            }
        )
        for scenario, share in capture.items()
    ]
    return pd.concat(pieces, ignore_index=True)


def funnel(identified: float, lost: Mapping[str, float]) -> pd.DataFrame:
    """Compute what remains after each reason not to take the water (entonnoir).

    Parameters
    ----------
    identified
        Volume identified, in any unit.
    lost
        Volume that each reason takes away, in order, in the same unit.

    Returns
    -------
    DataFrame
        One row per step: ``step``, ``lost``, ``left``, ``left_share``.

    Raises
    ------
    BadValue
        More is lost than there is.

    Examples
    --------
    >>> from artois_geo.canal import funnel
    >>> steps = funnel(55_000, {"surcoût": 17_000, "obstacles": 9_000})
    >>> steps[["left", "left_share"]].round(2).values.tolist()
    [[55000.0, 1.0], [38000.0, 0.69], [29000.0, 0.53]]
    """
    steps = pd.Series({"identifié": 0.0, **lost})
    remaining = identified - steps.cumsum()
    if not identified > 0 or (remaining < 0).any() or (steps < 0).any():
        raise BadValue("L'entonnoir perd plus que son volume de départ, ou un volume est négatif.")
    return pd.DataFrame(
        {
            "step": steps.index,
            "lost": steps.to_numpy(),
            "left": remaining.to_numpy(),
            "left_share": remaining.to_numpy() / identified,
        }
    )


def emissions(flows: pd.DataFrame, factors: pd.DataFrame, *, truck_t: float) -> pd.DataFrame:
    """Compute the CO2e avoided by the water against the road, by flow and named set of factors.

    avoided = T·Dr·fr − (T·Dw·fw + T·Dpp·fr + n·h·T); the pre- and post-haul at which water and road
    break even is Dpp* = (Dr·fr − Dw·fw − n·h) / fr.

    Parameters
    ----------
    flows
        One row per flow, unique index: ``tonnes``, ``road_km``, ``water_km``, ``haul_km`` (pre- and
        post-haul together), ``handlings`` (transshipments), ``boat``.
    factors
        ``constants.table("freight_factors")``: ``factor_set``, ``boat``, ``road_g_low``, ``road_g_high``,
        ``water_g_low``, ``water_g_high`` (g CO2e per t·km), ``handling_kg_t``.
    truck_t
        Load of a truck.

    Returns
    -------
    DataFrame
        One row per flow and set: ``flow`` (index), ``factor_set``, ``boat``, ``tkm_road`` (t·km taken off
        the long-haul road: T × (Dr − Dpp)), ``trucks``, ``road_tco2e_low`` and ``_high``,
        ``avoided_tco2e_low`` and ``_high`` (negative where the road does better), ``avoided_share_low``
        and ``_high``, ``break_even_km_low`` and ``_high``, ``verdict``. A set without a factor for the
        boat keeps its row, null, « facteur absent ».

    Raises
    ------
    BadTable
        A column is absent, or a set has two rows for one boat.
    BadValue
        A tonnage or a distance is negative.

    Examples
    --------
    A convoy of 4 400 t, 200 km by road against 240 by water and 15 of haulage:

    >>> from artois_geo.canal import emissions
    >>> import pandas as pd
    >>> from artois_geo import constants
    >>> flow = pd.DataFrame({"tonnes": [4400.0], "road_km": [200.0], "water_km": [240.0], "haul_km": [15.0],
    ...                      "handlings": [2], "boat": ["convoi"]})
    >>> table = emissions(flow, constants.table("freight_factors"), truck_t=20)
    >>> columns = ["factor_set", "avoided_tco2e_low", "avoided_tco2e_high"]
    >>> table[columns].round(1).values.tolist()
    [['arrete_2012', 26.7, 26.7], ['ademe_vnf_2019', 31.7, 59.1], ['glec', 46.0, 46.0]]
    """
    numbers = ["tonnes", "road_km", "water_km", "haul_km", "handlings"]
    absent = [name for name in [*numbers, "boat"] if name not in flows.columns]
    if absent:
        raise BadTable(f"Colonnes absentes des flux : {', '.join(map(written, absent))}.")
    if (flows[numbers].to_numpy(dtype=float) < 0).any():
        raise BadValue("Un tonnage, une distance ou un nombre de manutentions est négatif.")
    if factors.duplicated(["factor_set", "boat"]).any():
        raise BadTable("Un jeu de facteurs donne deux lignes pour le même bateau.")
    unknown_boats = sorted(set(flows["boat"]) - set(factors["boat"]))
    if unknown_boats:
        known_boats = ", ".join(sorted(set(factors["boat"])))
        raise BadValue(f"Bateaux inconnus : {', '.join(map(str, unknown_boats))}. Bateaux : {known_boats}.")
    sets = factors[["factor_set"]].drop_duplicates()
    pairs = flows[[*numbers, "boat"]].rename_axis("flow").reset_index().merge(sets, how="cross")
    pairs = pairs.merge(factors, on=["factor_set", "boat"], how="left")
    return _avoided(pairs, truck_t)


def overall(avoided: pd.DataFrame) -> pd.DataFrame:
    """Compute the range of each flow over all sets of factors.

    Parameters
    ----------
    avoided
        From :func:`emissions`.

    Returns
    -------
    DataFrame
        One row per flow: lowest and highest ``avoided_tco2e`` and ``avoided_share``, and the verdict
        on the whole range.

    Examples
    --------
    >>> from artois_geo.canal import emissions, overall
    >>> import pandas as pd
    >>> from artois_geo import constants
    >>> flow = pd.DataFrame({"tonnes": [4400.0], "road_km": [200.0], "water_km": [240.0], "haul_km": [15.0],
    ...                      "handlings": [2], "boat": ["convoi"]})
    >>> table = overall(emissions(flow, constants.table("freight_factors"), truck_t=20))
    >>> table[["avoided_share_low", "avoided_share_high", "verdict"]].round(2).values.tolist()
    [[0.36, 0.8, "l'eau fait mieux"]]
    """
    grouped = avoided.groupby("flow", sort=False)
    result = pd.DataFrame(
        {
            "tkm_road": grouped["tkm_road"].first(),
            "trucks": grouped["trucks"].first(),
            "avoided_tco2e_low": grouped["avoided_tco2e_low"].min(),
            "avoided_tco2e_high": grouped["avoided_tco2e_high"].max(),
            "avoided_share_low": grouped["avoided_share_low"].min(),
            "avoided_share_high": grouped["avoided_share_high"].max(),
        }
    ).reset_index()
    result["verdict"] = _verdict(result["avoided_tco2e_low"], result["avoided_tco2e_high"])
    return result


def _avoided(pairs: pd.DataFrame, truck_t: float) -> pd.DataFrame:
    """Compute what the road emits and what the water avoids, lowest and highest over all factors."""
    tonnes = pairs["tonnes"]
    handling_g = pairs["handlings"] * pairs["handling_kg_t"] * KG_PER_T  # per tonne, as road_g and water_g
    avoided_tco2e, avoided_share, break_even_km, road_tco2e = [], [], [], []
    for road_column in ("road_g_low", "road_g_high"):
        for water_column in ("water_g_low", "water_g_high"):
            truck_g, boat_g = pairs[road_column], pairs[water_column]
            road_g = pairs["road_km"] * truck_g
            water_g = pairs["water_km"] * boat_g + pairs["haul_km"] * truck_g + handling_g
            road_tco2e.append(tonnes * road_g / G_PER_T)
            avoided_tco2e.append(tonnes * (road_g - water_g) / G_PER_T)
            avoided_share.append((road_g - water_g) / road_g.where(road_g > 0))
            break_even_km.append((road_g - pairs["water_km"] * boat_g - handling_g) / truck_g)
    table = pairs[["flow", "factor_set", "boat"]].copy()
    table["tkm_road"] = tonnes * (pairs["road_km"] - pairs["haul_km"])
    table["trucks"] = trucks(tonnes, truck_t=truck_t)
    for name, corners in (
        ("road_tco2e", road_tco2e),
        ("avoided_tco2e", avoided_tco2e),
        ("avoided_share", avoided_share),
        ("break_even_km", break_even_km),
    ):
        bounds = pd.concat(corners, axis=1)
        table[f"{name}_low"], table[f"{name}_high"] = bounds.min(axis=1), bounds.max(axis=1)
    table["verdict"] = _verdict(table["avoided_tco2e_low"], table["avoided_tco2e_high"])
    return table


def _verdict(avoided_low: pd.Series, avoided_high: pd.Series) -> np.ndarray:
    return np.select(
        [avoided_low.isna(), avoided_low > 0, avoided_high < 0], [NO_FACTOR, WATER, ROAD], DEPENDS
    )
