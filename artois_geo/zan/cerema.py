"""Cerema's national file of ENAF consumption, any edition, as yearly flows in hectares.

The file has one row per commune. Its annual columns are recognised by their
pattern (``naf{A}art{A+1}``, ``art{A}{use}{A+1}``): labels are first years, values
are m². Columns that span several years are totals of a period or ratios; they
serve as checks and are never added to the annual ones.
"""

import re
from collections.abc import Iterator
from typing import Literal

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from artois_geo.errors import BadTable, BadValue
from artois_geo.measure import M2_PER_HA
from artois_geo.zan.flows import TOTAL, finding, findings_table, numbers

USES = {
    "hab": "consumed_housing_ha",
    "act": "consumed_activity_ha",
    "mix": "consumed_mixed_ha",
    "rou": "consumed_road_ha",
    "fer": "consumed_rail_ha",
    "inc": "consumed_unknown_ha",
}

_TOTAL = re.compile(r"^naf(\d\d)art(\d\d)$")
_USE = re.compile(r"^art(\d\d)(hab|act|mix|rou|fer|inc)(\d\d)$")
_SHARE = re.compile(r"^artcom(\d\d)_?(\d\d)$")
_COMMUNE = re.compile(r"^(\d{5}|2[AB]\d{3})$")
_CENTURY = 2000


def cerema_flows(records: DataFrame, *, edition: str = "", unit: Literal["m2", "ha"] = "m2") -> DataFrame:
    """Read the yearly flows of ENAF consumption in a Cerema table (fichiers fonciers).

    Parameters
    ----------
    records
        The file as delivered, one row per commune; numbers may still be text.
        Needs ``idcom`` and the annual columns. Other columns are not read, but
        ``idcomtxt`` gives the name.
    edition
        What to print beside the figures, for example ``"2009-2024"``. Figures of
        two editions do not mix: each edition is computed again on its communes.
    unit
        The published unit is the m², although its dictionary says hectares.

    Returns
    -------
    DataFrame
        One row per commune and year: ``idcom``, ``idcomtxt`` (if given), ``year``
        (the flow from 1 January of that year to the next), ``consumed_ha``, one
        column per use present, ``provisional`` (the last flow, always revised at
        the next edition), ``edition``. Missing cells stay missing.

    Raises
    ------
    BadTable
        No commune code or annual column, a year missing inside the series, a
        commune twice, or values that cannot be in the unit said.

    Examples
    --------
    >>> from artois_geo.zan import cerema_flows
    >>> from pandas import DataFrame
    >>> table = DataFrame({"idcom": ["01001"], "naf19art20": ["15955"], "art19hab20": ["15955"]})
    >>> cerema_flows(table)[["idcom", "year", "consumed_ha", "consumed_housing_ha"]].values.tolist()
    [['01001', 2019, 1.5955, 1.5955]]
    """
    if unit not in {"m2", "ha"}:
        raise BadValue(f"unité inconnue : « {unit} ». Choisir m2 (celle du fichier publié) ou ha.")
    table = _checked_records(records)
    years = annual_years(table)
    _require_unit(table, years, unit)
    divisor = M2_PER_HA if unit == "m2" else 1
    pieces = []
    for year in years:
        piece = table[[column for column in ("idcom", "idcomtxt") if column in table]].copy()
        piece["year"] = year
        piece[TOTAL] = numbers(table[_total_column(year)]) / divisor
        for use, name in USES.items():
            column = _use_column(year, use)
            if column in table:
                piece[name] = numbers(table[column]) / divisor
        piece["provisional"] = year == years[-1]
        pieces.append(piece)
    flows = pd.concat(pieces, ignore_index=True).sort_values(["idcom", "year"], ignore_index=True)
    flows["edition"] = edition
    return flows


def annual_years(records: DataFrame) -> list[int]:
    """List the years whose annual flow the table holds, in order.

    Raises
    ------
    BadTable
        No annual column, or a year missing between the first and the last.

    Examples
    --------
    >>> from artois_geo.zan import annual_years
    >>> from pandas import DataFrame
    >>> annual_years(DataFrame(columns=["idcom", "naf09art10", "naf10art11", "naf09art11"]))
    [2009, 2010]
    """
    first_years = []
    for column in records.columns:
        match = _TOTAL.match(str(column).lower())
        if match and int(match[2]) == int(match[1]) + 1:
            first_years.append(_CENTURY + int(match[1]))
    years = sorted(set(first_years))
    if not years:
        raise BadTable(
            "Aucun flux annuel trouvé : le fichier du Cerema a des colonnes comme naf20art21.\n"
            f"Colonnes lues : {', '.join(map(str, records.columns[:12]))}"
            f"{' …' if len(records.columns) > 12 else ''}."
        )
    absent = sorted(set(range(years[0], years[-1] + 1)) - set(years))
    if absent:
        raise BadTable(
            f"Flux annuels absents : {', '.join(map(str, absent))}. \n"
            "Une somme sur la période serait fausse : reprendre le fichier complet."
        )
    return years


def cerema_edition(records: DataFrame) -> str:
    """Read the edition of a Cerema file in its columns: from the first year to the end of the last flow.

    Examples
    --------
    >>> from artois_geo.zan import cerema_edition
    >>> from pandas import DataFrame
    >>> cerema_edition(DataFrame(columns=["idcom", "naf11art12", "naf12art13", "naf11art13"]))
    '2011-2013'
    """
    years = annual_years(records)
    return f"{years[0]}-{years[-1] + 1}"


def cerema_findings(records: DataFrame, *, rounding_m2: float = 3.0) -> DataFrame:
    """List what is wrong or odd in a Cerema table: one row per finding.

    Checked: commune codes, cells missing or negative, sum of the uses against the
    year, sum of the years against the published period totals, consumption against
    the area of the commune and against the published percentage.

    Parameters
    ----------
    records
        The file as delivered, in m².
    rounding_m2
        Gap that rounding may leave in an identity.

    Returns
    -------
    DataFrame
        ``feature`` (commune), ``field``, ``rule``, ``level`` (``erreur``,
        ``alerte`` or ``note``), ``found``, ``message``; empty if all is right.

    Examples
    --------
    >>> from artois_geo.zan import cerema_findings
    >>> from pandas import DataFrame
    >>> table = DataFrame({"idcom": ["62001"], "naf19art20": [100], "art19hab20": [60], "art19act20": [30]})
    >>> cerema_findings(table)["message"].tolist()
    ['La somme des destinations de 2019 (90 m²) n’est pas le total (100 m²).']
    """
    table = _with_lower_columns(records)
    _need_commune(table)
    codes = table["idcom"].astype("string").str.strip()
    table["idcom"] = _padded(codes)
    years = annual_years(table)
    areas_m2 = {column: numbers(table[column]) for column in table.columns if _is_area(column)}
    findings = [
        *_code_findings(codes),
        *(line for year in years for line in _year_findings(table["idcom"], areas_m2, year, rounding_m2)),
        *_period_findings(table["idcom"], areas_m2, years, rounding_m2),
        *_share_findings(table, areas_m2, years),
    ]
    return findings_table(findings)


def _checked_records(records: DataFrame) -> DataFrame:
    """Return the table with repaired commune codes; refuse unreadable or repeated ones."""
    table = _with_lower_columns(records)
    _need_commune(table)
    codes = _padded(table["idcom"].astype("string").str.strip())
    unreadable = codes[~codes.str.match(_COMMUNE.pattern).fillna(False)]
    if len(unreadable):
        raise BadTable(
            f"Codes de commune illisibles : {', '.join(map(str, unreadable.unique()[:5]))}.\n"
            "La colonne idcom est du texte à cinq caractères (62119, 2A004)."
        )
    repeated = sorted(codes[codes.duplicated()].unique())
    if repeated:
        raise BadTable(
            f"Communes présentes deux fois : {', '.join(repeated[:5])}.\n"
            "Ne pas réunir deux éditions ou deux départements qui se recouvrent."
        )
    table["idcom"] = codes.astype(object)
    if "idcomtxt" in table:
        table["idcomtxt"] = _apostrophes(table["idcomtxt"])
    return table


def _with_lower_columns(records: DataFrame) -> DataFrame:
    table = records.copy()
    table.columns = [str(column).strip().lstrip("\ufeff").lower() for column in records.columns]
    repeated_columns = sorted(set(table.columns[table.columns.duplicated()]))
    if repeated_columns:
        raise BadTable(f"Colonnes en double : {', '.join(repeated_columns[:5])}.")
    return table


def _need_commune(table: DataFrame) -> None:
    if "idcom" not in table:
        raise BadTable(
            "Colonne « idcom » absente : est-ce bien le fichier du Cerema par commune ?\n"
            f"Colonnes lues : {', '.join(map(str, table.columns[:12]))}."
        )


def _padded(codes: Series) -> Series:
    # a spreadsheet turns 01001 into 1001: four digits have only one reading
    return codes.str.replace(r"\.0$", "", regex=True).str.replace(r"^(\d{4})$", r"0\1", regex=True)


def _apostrophes(names: Series) -> Series:
    # the published file writes L"Abergement for L'Abergement
    return names.astype("string").str.replace('"', "'", regex=False).str.strip().astype(object)


def _total_column(year: int) -> str:
    return f"naf{year - _CENTURY:02d}art{year - _CENTURY + 1:02d}"


def _use_column(year: int, use: str) -> str:
    return f"art{year - _CENTURY:02d}{use}{year - _CENTURY + 1:02d}"


def _is_area(column: str) -> bool:
    return bool(_TOTAL.match(column) or _USE.match(column))


def _require_unit(table: DataFrame, years: list[int], unit: str) -> None:
    """Refuse flows that cannot be in the given unit: decimals in m², or more than the commune."""
    flows = DataFrame({year: numbers(table[_total_column(year)]) for year in years})
    nonzero = flows.to_numpy()[flows.to_numpy() != 0]
    nonzero = nonzero[~np.isnan(nonzero)]
    if unit == "m2" and len(nonzero) and np.mean(nonzero != np.round(nonzero)) > 0.5:
        raise BadTable(
            "Les flux annuels ont des décimales : le fichier publié est en m² entiers. Ces valeurs semblent\n"
            'en hectares. Le dire avec unit="ha" si c\'est le cas.'
        )
    area = _commune_area(table)
    if area is None:
        return
    scale = 1 if unit == "m2" else M2_PER_HA
    above_area = table.loc[flows.sum(axis=1) * scale > area, "idcom"]
    if len(above_area):
        raise BadTable(
            f"La consommation dépasse la surface de la commune : {', '.join(map(str, above_area[:5]))}.\n"
            f"L'unité des flux n'est sans doute pas celle annoncée ({unit}) ; ou surfcom n'est pas en m²."
        )


def _commune_area(table: DataFrame) -> Series | None:
    # the shapefile of some editions cuts surfcom2025 to surfcom202
    columns = [column for column in table.columns if re.fullmatch(r"surfcom\d{2,4}", column)]
    return numbers(table[columns[0]]) if columns else None


def _code_findings(codes: Series) -> Iterator[dict[str, object]]:
    """List the commune codes that are unknown, repaired or repeated."""
    for code, original in zip(_padded(codes), codes, strict=True):
        if not _COMMUNE.match(str(code)):
            message = "Code de commune inconnu de l’INSEE."
            yield finding(original, "idcom", "code", "erreur", original, message)
        elif code != original:
            yield finding(code, "idcom", "code", "alerte", original, "Zéro initial perdu, rétabli.")
    for code in sorted(codes[codes.duplicated()].dropna().unique()):
        yield finding(code, "idcom", "doublon", "erreur", code, "La commune figure deux fois.")


def _year_findings(
    codes: Series, areas_m2: dict[str, Series], year: int, rounding_m2: float
) -> Iterator[dict[str, object]]:
    """List missing and negative cells of a year, and uses that do not add up to its total."""
    columns = [_total_column(year), *(_use_column(year, use) for use in USES)]
    present = [column for column in columns if column in areas_m2]
    for column in present:
        for row in codes.index[areas_m2[column].isna()]:
            yield finding(codes[row], column, "vide", "erreur", "", f"Le flux {year} manque.")
        for row in codes.index[areas_m2[column] < 0]:
            area_m2 = areas_m2[column][row]
            level, message = "erreur", "Une consommation n’est jamais négative."
            if area_m2 >= -rounding_m2 and column != columns[0]:
                level, message = "note", "Arrondi négatif, gardé tel quel."
            yield finding(codes[row], column, "signe", level, f"{area_m2:g}", message)
    use_columns = [column for column in present if column != columns[0]]
    if use_columns:
        total_m2, uses_m2 = areas_m2[columns[0]], _sum_columns(areas_m2, use_columns)
        gaps_m2 = uses_m2 - total_m2
        for row in codes.index[gaps_m2.abs() > rounding_m2]:
            message = (
                f"La somme des destinations de {year} ({uses_m2[row]:.0f} m²) "
                f"n’est pas le total ({total_m2[row]:.0f} m²)."
            )
            yield finding(codes[row], columns[0], "destinations", "erreur", f"{gaps_m2[row]:g}", message)


def _period_findings(
    codes: Series, areas_m2: dict[str, Series], years: list[int], rounding_m2: float
) -> Iterator[dict[str, object]]:
    """List the published totals of a period that differ from the sum of its years."""
    for column, published in areas_m2.items():
        first_year, end_year, use = _period(column)
        annual_columns = [
            _use_column(year, use) if use else _total_column(year) for year in range(first_year, end_year)
        ]
        is_annual = end_year <= first_year + 1
        is_outside = first_year < years[0] or end_year > years[-1] + 1
        if is_annual or is_outside or not set(annual_columns) <= set(areas_m2):
            continue
        if use and not _is_period_area(published, areas_m2, first_year, end_year):
            continue
        summed_m2 = _sum_columns(areas_m2, annual_columns)
        gaps_m2 = summed_m2 - published
        for row in codes.index[gaps_m2.abs() > rounding_m2]:
            message = (
                f"La somme des flux {first_year} à {end_year - 1} ({summed_m2[row]:.0f} m²) "
                f"n’est pas le total publié ({published[row]:.0f} m²)."
            )
            yield finding(codes[row], column, "période", "erreur", f"{gaps_m2[row]:g}", message)


def _period(column: str) -> tuple[int, int, str]:
    """Read in the name of a column its first year, the year it ends before, and its use (empty: total)."""
    if total := _TOTAL.match(column):
        return _CENTURY + int(total[1]), _CENTURY + int(total[2]), ""
    use = _USE.match(column)
    assert use is not None  # one of the columns of areas
    return _CENTURY + int(use[1]), _CENTURY + int(use[3]), use[2]


def _sum_columns(areas_m2: dict[str, Series], columns: list[str]) -> Series:
    return DataFrame({column: areas_m2[column] for column in columns}).sum(axis=1, skipna=False)


def _is_period_area(published: Series, areas_m2: dict[str, Series], first_year: int, end_year: int) -> bool:
    # art16hab22 is a ratio (decimals) in some editions, an area beside naf16art22 in others
    if f"naf{first_year - _CENTURY:02d}art{end_year - _CENTURY:02d}" not in areas_m2:
        return False
    figures = published.dropna()
    return bool((figures == figures.round()).all())


def _share_findings(
    table: DataFrame, areas_m2: dict[str, Series], years: list[int]
) -> Iterator[dict[str, object]]:
    """List consumption above the area of a commune, or unlike its published percentage."""
    commune_m2 = _commune_area(table)
    if commune_m2 is None:
        return
    codes = table["idcom"]
    consumed_m2 = _sum_columns(areas_m2, [_total_column(year) for year in years])
    for row in table.index[consumed_m2 > commune_m2]:
        message = "La consommation dépasse la surface de la commune : unité douteuse."
        yield finding(codes[row], "surfcom", "unité", "erreur", f"{consumed_m2[row]:.0f}", message)
    for column in table.columns:
        match = _SHARE.match(column)
        if not match or (_CENTURY + int(match[1]), _CENTURY + int(match[2]) - 1) != (years[0], years[-1]):
            continue
        published = numbers(table[column])
        computed = 100 * consumed_m2 / commune_m2
        # in percent, published with two decimals
        for row in table.index[(computed - published).abs() > 0.011]:
            message = (
                f"La part de la commune vaut {computed[row]:.2f} %, le fichier dit {published[row]:.2f} %."
            )
            yield finding(codes[row], column, "part", "alerte", f"{published[row]:g}", message)
