"""Yearly flows of ENAF consumption from a planner's own table, long or wide.

Only what says consumption, or what the planner names, is a flow: a column of population
or of artificialisation also ends in a year.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from pandas import DataFrame

from artois_geo import meaning
from artois_geo.errors import BadTable, BadValue
from artois_geo.measure import M2_PER_HA
from artois_geo.text import comma, row_name
from artois_geo.zan.flows import TOTAL, numbers, refuse_twice

YEAR_MARK = "{annee}"

_YEAR = r"((?:19|20)\d\d)"
_SAYS_CONSUMPTION = r"(?:consumed|consommation|conso)(?:_enaf)?(?:_(?:ha|m2))?"
_YEAR_COLUMNS = ("year", "annee")
_NAME_COLUMN = re.compile(r"nom|lib|commune|territ|idcomtxt")
_TOTAL_ROW = re.compile(r"(?:sous[- ]?)?(?:total|totaux)\b|(?:ensemble|somme|cumul)$")


def table_flows(
    records: DataFrame, *, key: str, unit: Literal["ha", "m2"], source: str = "", columns: str = ""
) -> DataFrame:
    """Read yearly flows from one's own table, long or wide.

    A column is consumption when it says so (``2011``, ``conso_2011``, ``consommation``) or
    when ``columns`` names it: ``population_2011`` is a number with a year, not a flow.

    Parameters
    ----------
    records
        Long: ``key``, a year (``annee``) and an area (``consommation``). Wide:
        ``key`` and one column per year: ``2011``, ``conso_2011``, ``consommation_ha_2011``.
        The year is the one in which the flow begins.
    key
        Column of the territory code, kept as text.
    unit
        ``"ha"`` or ``"m2"``: has to be said, since nothing in a number tells.
    source
        What to print beside the figures.
    columns
        Where the names do not say consumption: ``"enaf_{annee}"`` for one column per year,
        or the column of the flows in a long table.

    Returns
    -------
    DataFrame
        ``key``, ``year``, ``consumed_ha``, ``provisional`` (always false), ``edition``.

    Raises
    ------
    BadTable
        Columns not recognised, a row of total or without code, a cell that is not a
        number, a negative flow, or the same territory and year twice.

    Examples
    --------
    >>> from artois_geo.zan import table_flows
    >>> from pandas import DataFrame
    >>> table_flows(DataFrame({"epci": ["A"], "2011": ["1,5"], "2012": [2]}), key="epci", unit="ha")[
    ...     ["epci", "year", "consumed_ha"]].values.tolist()
    [['A', 2011, 1.5], ['A', 2012, 2.0]]
    >>> own = DataFrame({"epci": ["A"], "enaf_2011": [15000], "population_2011": [800]})
    >>> table_flows(own, key="epci", unit="m2", columns="enaf_{annee}")["consumed_ha"].tolist()
    [1.5]
    """
    if unit not in {"ha", "m2"}:
        raise BadValue(f"unité inconnue : « {unit} ». Choisir ha ou m2.")
    if key not in records:
        raise BadTable(
            f"Colonne « {key} » absente. Colonnes lues : {', '.join(map(str, records.columns[:12]))}."
        )
    _refuse_rows_without_code(records, key)
    long = _long(records, key, unit, columns)
    _refuse_totals(records, key, long)
    areas = numbers(long[TOTAL])
    if areas.isna().any():
        row = long[areas.isna()].iloc[0]
        raise BadTable(
            f"Flux illisible ou absent pour {row[key]}, {row['year']} : « {row[TOTAL]} ».\n"
            "Écrire 0 si rien n'a été consommé : une case vide ne se compte pas."
        )
    if (areas < 0).any():
        row = long[areas < 0].iloc[0]
        raise BadTable(f"Flux négatif pour {row[key]}, {row['year']} : la consommation est un flux brut.")
    long[TOTAL] = areas / (M2_PER_HA if unit == "m2" else 1)
    long["provisional"] = False
    long["edition"] = source
    refuse_twice(long, [key, "year"])
    return long.sort_values([key, "year"], ignore_index=True)


def year_columns(names: Iterable[object], *, columns: str = "") -> tuple[dict[object, int], list[str]]:
    """Sort column names that end in a year into flows of consumption and the rest.

    Parameters
    ----------
    names
        Columns of a table.
    columns
        Pattern of the flows, as for :func:`table_flows`; without one, only names that say
        consumption are flows.

    Returns
    -------
    dict, list
        Year of each column of flows; the other names that end in a year.

    Examples
    --------
    >>> from artois_geo.zan import year_columns
    >>> year_columns(["insee", "conso_2011", "population_2011"])
    ({'conso_2011': 2011}, ['population_2011'])
    >>> year_columns(["enaf_2011", "population_2011"], columns="enaf_{annee}")
    ({'enaf_2011': 2011}, ['population_2011'])
    """
    if columns:
        prefix, _, suffix = (re.escape(_word(part)) for part in columns.partition(YEAR_MARK))
        pattern = f"{prefix}{_YEAR}{suffix}"
    else:
        pattern = f"(?:{_SAYS_CONSUMPTION}_)?{_YEAR}"
    flows: dict[object, int] = {}
    dated_columns = []
    for name in names:
        word = _word(name)
        if match := re.fullmatch(pattern, word):
            flows[name] = int(match[1])
        elif re.search(rf"(?:^|[^0-9]){_YEAR}$", word):
            dated_columns.append(str(name))
    return flows, dated_columns


def _word(name: object) -> str:
    return re.sub(r"[\s_-]+", "_", meaning.fold(str(name)))


def _long(records: DataFrame, key: str, unit: str, columns: str) -> DataFrame:
    """Return one row per territory and year: ``key``, ``year`` and the cell of the flow, as it is written."""
    folded = {_word(column): column for column in records.columns}
    year = next((folded[name] for name in _YEAR_COLUMNS if name in folded), None)
    flow_column = _flow_column(folded, columns)
    if year is not None and flow_column is not None:
        long = DataFrame(
            {key: records[key].astype(str), "year": numbers(records[year]), TOTAL: records[flow_column]}
        )
        flows = [flow_column]
    else:
        years = _flow_years(records, columns)
        flows = list(years)
        wide_table = records[[key, *years]].rename(columns=years)
        long = wide_table.melt(id_vars=[key], var_name="year", value_name=TOTAL)
        long[key] = long[key].astype(str)
    _refuse_unit(flows, unit)
    if long["year"].isna().any():
        raise BadTable("Une année est absente ou illisible dans la colonne des années.")
    long["year"] = long["year"].astype(int)
    return long.reset_index(drop=True)


def _flow_column(folded: Mapping[str, object], columns: str) -> object | None:
    """Find the column of the flows in a long table: the one named, else the one that says consumption."""
    if columns and YEAR_MARK not in columns:
        if _word(columns) not in folded:
            raise BadTable(
                f"Colonne de flux « {columns} » absente. Colonnes lues : {_listed(folded.values())}.\n"
                f"Pour une colonne par année, écrire l'année {YEAR_MARK} : --colonnes 'conso_{YEAR_MARK}'."
            )
        if not set(_YEAR_COLUMNS) & set(folded):
            raise BadTable(
                f"« {columns} » ne dit pas l'année de chaque flux : il faut une colonne « annee », ou une "
                f"colonne par\nannée nommée avec {YEAR_MARK} (--colonnes 'conso_{YEAR_MARK}')."
            )
        return folded[_word(columns)]
    if columns:
        return None
    return next((folded[name] for name in folded if re.fullmatch(_SAYS_CONSUMPTION, name)), None)


def _flow_years(records: DataFrame, columns: str) -> dict[object, int]:
    """Return the year of each column of flows in a wide table, which must have at least one."""
    years, dated_columns = year_columns(records.columns, columns=columns)
    if years:
        return years
    if columns:
        raise BadTable(
            f"Aucune colonne ne s'écrit « {columns} » avec une année à la place de {YEAR_MARK}.\n"
            f"Colonnes lues : {_listed(records.columns)}."
        )
    if dated_columns:
        pattern = re.sub(rf"{_YEAR}$", YEAR_MARK, dated_columns[0])
        is_artificialisation = "artificiali" in _word(dated_columns[0])
        warning = " ; l'artificialisation est un autre compte" if is_artificialisation else ""
        raise BadTable(
            f"« {dated_columns[0]} » : rien ne dit que cette colonne est de la consommation d'ENAF{warning} "
            f"(colonnes datées : {_listed(dated_columns)}).\n"
            f"Si c'en est, la nommer : --colonnes '{pattern}' (en Python, columns=\"{pattern}\")."
        )
    raise BadTable(
        "Aucune année reconnue : donner les colonnes « annee » et « consommation », ou une colonne\n"
        "par année (2011, 2012, … ou conso_2011, conso_2012, …), ou nommer les siennes avec --colonnes."
    )


def _refuse_unit(flows: Sequence[object], unit: str) -> None:
    for name in flows:
        suffix = re.search(r"_(ha|m2)(?:_|$)", _word(name))
        if suffix and suffix[1] != unit:
            raise BadTable(f"La colonne « {name} » se dit en {suffix[1]}, l'unité donnée est {unit}.")


def _refuse_rows_without_code(records: DataFrame, key: str) -> None:
    missing = [label for label, code in records[key].items() if meaning.is_missing(code)]
    if missing:
        row = row_name(records.index, missing[0])
        raise BadTable(
            f"{row[0].upper()}{row[1:]} sans code de territoire (colonne « {key} ») : ligne de total, "
            "ou code oublié ?\nRetirer la ligne ou la compléter."
        )


def _refuse_totals(records: DataFrame, key: str, long: DataFrame) -> None:
    """Refuse a row that adds up the others: it would be one territory more."""
    label_columns = [name for name in records.columns if _NAME_COLUMN.search(meaning.fold(str(name)))]
    for column in dict.fromkeys([key, *label_columns]):
        labels = records[column].astype(str)
        totals = labels[labels.map(lambda label: bool(_TOTAL_ROW.match(meaning.fold(label))))]
        if len(totals):
            raise BadTable(_total_message(totals.iloc[0], str(records[key][totals.index[0]]), key, long))


def _total_message(label: str, code: str, key: str, long: DataFrame) -> str:
    """Explain what is wrong with a row of total: it doubles the others, or does not even add them up."""
    cells = long.assign(**{TOTAL: numbers(long[TOTAL])})
    is_total = cells[key] == code
    sums = cells[~is_total].groupby("year")[TOTAL].sum()
    totals = cells[is_total].groupby("year")[TOTAL].sum().reindex(sums.index)
    differing_years = sums.index[~((totals - sums).abs() <= 1e-6)]
    if differing_years.empty:
        verdict = "vaut la somme des autres : total compris dans le tableau ?"
    else:
        year = differing_years[0]
        total_text, sum_text = (comma(f"{area:g}") for area in (totals[year], sums[year]))
        verdict = f"ne vaut pas la somme des autres ({year} : {total_text} au lieu de {sum_text})."
    return f"La ligne « {label} » n'est pas un territoire ; elle {verdict}\nLa retirer du tableau."


def _listed(names: Iterable[object]) -> str:
    labels = [str(name) for name in names]
    return ", ".join(labels[:12]) + (" …" if len(labels) > 12 else "")
