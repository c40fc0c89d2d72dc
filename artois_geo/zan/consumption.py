"""Consumption of natural, agricultural and forest land (ENAF) over a period: first of the three accounts."""

import pandas as pd
from pandas import DataFrame, Series

from artois_geo.deprecated import renamed_keywords
from artois_geo.errors import BadTable, BadValue
from artois_geo.measure import M2_PER_HA
from artois_geo.zan.flows import TOTAL, area_columns, need, refuse_twice


@renamed_keywords("zan.consumption", years=("first_year", "last_year"))
def consumption(flows: DataFrame, *, key: str, years: tuple[int, int]) -> DataFrame:
    """Return the ENAF consumed by each territory in each year of a period.

    Parameters
    ----------
    flows
        A flow frame: ``key``, ``year``, ``consumed_ha`` and, if known, the uses.
    key
        Column of the territory.
    years
        First and last *flow*: 2011 and 2020 for the ten flows of the reference decade.

    Returns
    -------
    DataFrame
        One row per territory and year, sorted; the columns of ``flows``.

    Raises
    ------
    BadTable
        A year is missing or empty for a territory, or stands twice.
    BadValue
        The last year is before the first.

    Examples
    --------
    >>> from artois_geo.zan import consumption
    >>> from pandas import DataFrame
    >>> flows = DataFrame({"epci": "A", "year": [2012, 2011], "consumed_ha": [2.0, 1.0]})
    >>> consumption(flows, key="epci", years=(2011, 2012))["consumed_ha"].tolist()
    [1.0, 2.0]
    """
    need(flows, [key, "year", TOTAL], "flows")
    first_year, last_year = years
    if last_year < first_year:
        raise BadValue(f"Période à l'envers : de {first_year} à {last_year}.")
    period_flows = flows[flows["year"].between(first_year, last_year)]
    refuse_twice(period_flows, [key, "year"])
    require_years(period_flows, flows[key], key=key, years=years)
    return period_flows.sort_values([key, "year"], ignore_index=True)


@renamed_keywords("zan.summary", years=("first_year", "last_year"))
def summary(
    flows: DataFrame,
    *,
    key: str,
    years: tuple[int, int],
    area_ha: Series | None = None,
    population: Series | None = None,
) -> DataFrame:
    """Sum the ENAF consumed by each territory over a whole period, in total and by use.

    Parameters
    ----------
    flows, key, years
        As for :func:`consumption`.
    area_ha, population
        Area of each territory (ha) and inhabitants, indexed by territory; give
        ``consumed_share`` and ``consumed_m2_per_inhabitant``.

    Returns
    -------
    DataFrame
        One row per territory: ``first_year``, ``last_year``, ``years``,
        ``consumed_ha``, the uses, ``consumed_ha_per_year``, ``provisional_years``.

    Raises
    ------
    BadTable
        As :func:`consumption`; or a territory would have consumed more than its
        area, which means a wrong unit.

    Examples
    --------
    >>> from artois_geo.zan import summary
    >>> from pandas import DataFrame, Series
    >>> flows = DataFrame({"epci": "A", "year": [2011, 2012], "consumed_ha": [1.0, 2.0]})
    >>> table = summary(flows, key="epci", years=(2011, 2012), area_ha=Series({"A": 300.0}))
    >>> table[["consumed_ha", "consumed_share", "consumed_ha_per_year"]].values.tolist()
    [[3.0, 0.01, 1.5]]
    """
    period_flows = consumption(flows, key=key, years=years)
    groups = period_flows.groupby(key, sort=True)
    table = groups[area_columns(period_flows)].sum().reset_index()
    year_count = years[1] - years[0] + 1
    table.insert(1, "first_year", years[0])
    table.insert(2, "last_year", years[1])
    table.insert(3, "years", year_count)
    table["consumed_ha_per_year"] = table[TOTAL] / year_count
    if "provisional" in period_flows:
        table["provisional_years"] = groups["provisional"].sum().to_numpy().astype(int)
    if area_ha is not None:
        area = _known_figures(table[key], area_ha, "surface")
        above_area = table.loc[table[TOTAL] > area, key]
        if len(above_area):
            raise BadTable(
                f"La consommation dépasse la surface du territoire : {', '.join(map(str, above_area[:5]))}.\n"
                "Des m² ont sans doute été lus comme des hectares."
            )
        table["consumed_share"] = table[TOTAL] / area
    if population is not None:
        table["consumed_m2_per_inhabitant"] = (
            table[TOTAL] * M2_PER_HA / _known_figures(table[key], population, "population")
        )
    return table


def require_years(period_flows: DataFrame, territories: Series, *, key: str, years: tuple[int, int]) -> None:
    """Refuse a flow frame in which a territory lacks a year: its sum would be too small without a word.

    Examples
    --------
    >>> flows = DataFrame({"epci": ["A"], "year": [2011], "consumed_ha": [1.0]})
    >>> require_years(flows, flows["epci"], key="epci", years=(2011, 2011))
    """
    flow_keys = set(zip(period_flows[key], period_flows["year"], strict=True))
    for territory in sorted(territories.unique(), key=str):
        absent = [year for year in range(years[0], years[1] + 1) if (territory, year) not in flow_keys]
        if absent:
            raise BadTable(
                f"Flux absents pour {territory} : {', '.join(map(str, absent))}.\n"
                "Une période se compte sur toutes ses années."
            )
    empty = period_flows[period_flows[TOTAL].isna()]
    if len(empty):
        raise BadTable(
            f"Flux vide pour {empty[key].iloc[0]}, {empty['year'].iloc[0]} : "
            "une case vide ne compte pas pour 0."
        )


def _known_figures(territories: Series, figures: Series, noun: str) -> Series:
    aligned = territories.map(figures).astype(float)
    if aligned.isna().any() or (aligned <= 0).any():
        unknown = territories[aligned.isna() | (aligned <= 0)].iloc[0]
        raise BadTable(f"Pas de {noun} connue pour {unknown} : la donner ou ne pas la demander.")
    return pd.Series(aligned, index=territories.index)
