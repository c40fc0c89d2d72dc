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
from artois_geo.measure import quantities
from artois_geo.text import comma, row_name
from artois_geo.zan.flows import TOTAL, numbers, refuse_twice

YEAR_MARK = "{annee}"
_UNITS = {"ha": "ha", "m2": "m²"}  # as an option writes them, and as they are written

_YEAR = r"((?:19|20)\d\d)"
_SAYS_CONSUMPTION = r"(?:consumed|consommation|conso)(?:_enaf)?(?:_(?:ha|m2))?"
_YEAR_COLUMNS = ("year", "annee")
_NAME_COLUMN = re.compile(r"nom|lib|commune|territ|idcomtxt")


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
    _refuse_lost_zeros(records, key)
    long = _long(records, key, unit, columns)
    _refuse_totals(records, key, long)
    long[TOTAL] = _hectares(long, key, unit)
    long["provisional"] = False
    long["edition"] = source
    refuse_twice(long, [key, "year"])
    return long.sort_values([key, "year"], ignore_index=True)


def _hectares(long: DataFrame, key: str, unit: str) -> list[float]:
    """Read the flows in hectares; the unit of a cell wins over that of the table."""
    cells = long[TOTAL].tolist()
    areas, unread = quantities.numbers_in(cells, _UNITS[unit], "ha")
    absent = [position for position, area in enumerate(areas) if area != area]
    if absent:
        position = (unread or absent)[0]
        row = long.iloc[position]
        named = f"pour {row[key]}, {row['year']} : « {'' if meaning.is_missing(row[TOTAL]) else row[TOTAL]} »"
        if unread:
            raise BadTable(f"Flux illisible {named}.\n{quantities.advice(row[TOTAL])}")
        raise BadTable(
            f"Flux illisible ou absent {named}.\n"
            "Écrire 0 si rien n'a été consommé : une case vide ne se compte pas."
        )
    if min(areas, default=0) < 0:
        row = long.iloc[areas.index(min(areas))]
        raise BadTable(f"Flux négatif pour {row[key]}, {row['year']} : la consommation est un flux brut.")
    return areas


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
        word = _word(name if columns else _without_unit(name))
        if match := re.fullmatch(pattern, word):
            flows[name] = int(match[1])
        elif re.search(rf"(?:^|[^0-9]){_YEAR}$", word):
            dated_columns.append(str(name))
    return flows, dated_columns


def _without_unit(name: object) -> str:
    """Write a heading without the unit of ground that ends it: « Conso 2011 (m²) » is « Conso 2011 »."""
    bare, unit = quantities.of_heading(str(name))
    return bare if unit in _UNITS.values() else str(name)


def _word(name: object) -> str:
    return re.sub(r"[\s_-]+", "_", meaning.fold(str(name)))


def _long(records: DataFrame, key: str, unit: str, columns: str) -> DataFrame:
    """Return one row per territory and year: ``key``, ``year`` and the cell of the flow, as it is written."""
    folded = {_word(name): name for name in records.columns}
    if not columns:
        folded |= {_word(_without_unit(name)): name for name in records.columns}
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
        heading_unit = quantities.of_heading(str(name))[1]
        suffix = re.search(r"_(ha|m2)(?:_|$)", _word(name))
        own_unit = _UNITS[suffix[1]] if suffix else heading_unit
        if own_unit in _UNITS.values() and own_unit != _UNITS[unit]:
            raise BadTable(f"La colonne « {name} » se dit en {own_unit}, l'unité donnée est {_UNITS[unit]}.")


def _refuse_rows_without_code(records: DataFrame, key: str) -> None:
    missing = [label for label, code in records[key].items() if meaning.is_missing(code)]
    if missing:
        row = row_name(records.index, missing[0])
        raise BadTable(
            f"{row[0].upper()}{row[1:]} sans code de territoire (colonne « {key} ») : ligne de total, "
            "ou code oublié ?\nRetirer la ligne ou la compléter."
        )


def _refuse_lost_zeros(records: DataFrame, key: str) -> None:
    """Refuse a commune that stands twice, once with a code whose first zero a spreadsheet has eaten."""
    codes = {str(code).strip() for code in records[key]}
    twins = sorted(code for code in codes if re.fullmatch(r"\d{4}", code) and f"0{code}" in codes)
    if twins:
        raise BadTable(
            f"« {twins[0]} » et « 0{twins[0]} » (colonne « {key} ») sont le même code, dont un tableur a "
            "ôté le zéro initial :\nelle compterait deux fois. Écrire les codes en texte, sur 5 chiffres."
        )


def _refuse_totals(records: DataFrame, key: str, long: DataFrame) -> None:
    """Refuse a row that adds up the others: it would be one territory more."""
    label_columns = [name for name in records.columns if _NAME_COLUMN.search(meaning.fold(str(name)))]
    for column in dict.fromkeys([key, *label_columns]):
        labels = records[column].astype(str)
        for code, label in zip(records[key].astype(str), labels, strict=True):
            is_sure = not meaning.fold(label).startswith("somme")  # a département too
            message = meaning.says_total(label) and _total_message(label, code, key, long, is_sure=is_sure)
            if message:
                raise BadTable(message)
    _refuse_unlabelled_total(key, long)


def _refuse_unlabelled_total(key: str, long: DataFrame) -> None:
    """Refuse a territory whose flow is, every year, the sum of all the others: a group among its communes."""
    areas, _ = quantities.numbers_in(long[TOTAL].tolist(), "ha", "ha")
    table = long.assign(**{TOTAL: areas}).pivot_table(index=key, columns="year", values=TOTAL)
    if len(table) < 3 or table.shape[1] < 2 or table.isna().any(axis=None):
        return
    are_sums = ((table - (table.sum() - table)).abs() <= 1e-6) & (table > 0)
    groups = table.index[are_sums.all(axis=1)]
    if len(groups):
        raise BadTable(
            f"« {groups[0]} » vaut chaque année la somme des autres : un EPCI parmi ses communes ?\n"
            "La retirer du tableau, elle les compterait deux fois."
        )


def _total_message(label: str, code: str, key: str, long: DataFrame, *, is_sure: bool) -> str:
    """Explain what is wrong with a row of total: it doubles the others, or does not even add them up."""
    cells = long.assign(**{TOTAL: numbers(long[TOTAL])})
    is_total = cells[key] == code
    sums = cells[~is_total].groupby("year")[TOTAL].sum()
    totals = cells[is_total].groupby("year")[TOTAL].sum().reindex(sums.index)
    differing_years = sums.index[~((totals - sums).abs() <= 1e-6)]
    if differing_years.empty:
        verdict = "vaut la somme des autres : total compris dans le tableau ?"
    elif not is_sure:
        return ""
    else:
        year = differing_years[0]
        total_text, sum_text = (comma(f"{area:g}") for area in (totals[year], sums[year]))
        verdict = f"ne vaut pas la somme des autres ({year} : {total_text} au lieu de {sum_text})."
    return f"La ligne « {label} » n'est pas un territoire ; elle {verdict}\nLa retirer du tableau."


def _listed(names: Iterable[object]) -> str:
    labels = [str(name) for name in names]
    return ", ".join(labels[:12]) + (" …" if len(labels) > 12 else "")
