"""What files say of each territory of an account: code, name, EPCI, SCoT, region."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from artois_geo import constants, meaning
from artois_geo.errors import BadTable, BadValue, UnknownName
from artois_geo.kinds import column_names
from artois_geo.layers import read_kind
from artois_geo.studies import input_headings

COMMUNE_CODE, OVERSEAS = r"(?:\d{2}|2[AB])\d{3}", "97"
_COLUMNS = {"epci": ("epci",), "scot": ("scot",), "region": ("idreg", "region")}


def commune_column(names: Iterable[str]) -> str | None:
    """Find the column of the commune code, by the names of Cerema, of our layers, of IGN and of geo.api.

    Examples
    --------
    >>> commune_column(["nom", "INSEE_COM"]), commune_column(["nom"])
    ('INSEE_COM', None)
    """
    return column_names.first_named(
        names, ("idcom", *read_kind("commune_contour").names("comm_insee"), "commune")
    )


def with_usual_name(table: Any, par: str) -> Any:
    """Return the same table, where ``epci`` also finds the column that public files call otherwise.

    Raises
    ------
    BadTable
        A commune stands in two EPCI.

    Examples
    --------
    >>> with_usual_name(pd.DataFrame({"epci_siren": ["200"]}), "epci")["epci"].tolist()
    ['200']
    """
    if par in table:
        return table
    aliases = read_kind("commune_contour").names("epci_siren") if par == "epci" else (f"{par}_siren",)
    column = column_names.first_named(map(str, table.columns), (par, *aliases))
    if column is None:
        return table
    if par == "epci":
        _refuse_several_epci(table[column])
    return table.assign(**{par: table[column]})


def _refuse_several_epci(codes: pd.Series) -> None:
    several = codes[codes.astype(str).str.count(r"\d{9}") > 1]
    if len(several):
        raise BadTable(
            f"Une commune dans plusieurs EPCI ({codes.name} : {several.iloc[0]}) : ses hectares seraient "
            "comptés deux fois.\nNe garder qu'un SIREN par commune."
        )


def with_commune_key(table: pd.DataFrame, key: str, name: str) -> pd.DataFrame:
    """Return the same table without shapes, whose code of the commune is called ``key`` and is text.

    Raises
    ------
    BadTable
        No column of the code; ``name`` says of which table.

    Examples
    --------
    >>> with_commune_key(pd.DataFrame({"code_insee": [62119]}), "commune", "pole.csv")["commune"].tolist()
    ['62119']
    """
    names = [str(column) for column in table.columns]
    column = key if key in names else commune_column(names)
    if column is None:
        raise BadTable(
            f"{name} n'a pas de colonne de code de commune (comm_insee, insee, code_insee, INSEE_COM, code, "
            f"idcom…).\nColonnes lues : {input_headings.listed(table.iloc[:, :12])}."
        )
    plain_table = pd.DataFrame(table.drop(columns="geometry", errors="ignore"))
    return plain_table.rename(columns={column: key}).astype({key: str})


def with_levels(
    territories: pd.DataFrame, membership: pd.DataFrame, records: pd.DataFrame, *, key: str, by: str
) -> pd.DataFrame:
    """Give territories the EPCI, the SCoT and the region that the file gives to all their communes.

    Parameters
    ----------
    territories
        One row per territory, in the order of ``membership``.
    membership
        ``key`` of each commune and its territory ``by``.
    records
        The file of consumption, with the levels of each commune.
    key, by
        Columns of the commune and of the territory.

    Returns
    -------
    DataFrame
        A territory that stands on two EPCI has none.

    Examples
    --------
    >>> membership = pd.DataFrame({"idcom": ["01001", "01002"], "pole": "P", "scot": "S"})
    >>> pole = pd.DataFrame({"pole": ["P"]})
    >>> with_levels(pole, membership, membership, key="idcom", by="pole")["scot"].tolist()
    ['S']
    """
    completed = territories.copy()
    territory = membership[by].astype(str)
    for level in (level for level in _COLUMNS if level != by):
        commune_levels = _level(membership, records, key, level)
        if commune_levels is None:
            continue
        groups = commune_levels.groupby(territory, sort=False)
        shared = groups.first().where(groups.nunique(dropna=False) == 1)
        completed[level] = territory.drop_duplicates().map(shared).to_numpy()
    return completed


def names_by_code(
    membership: pd.DataFrame, records: pd.DataFrame, *, key: str, by: str, par: str
) -> pd.Series | None:
    """Return the names of territories by code, where the file or the territories give them.

    Examples
    --------
    >>> membership = pd.DataFrame({"idcom": ["01001"], "comm_nom": ["L'Abergement"]})
    >>> names_by_code(membership, membership, key="idcom", by="idcom", par="commune").tolist()
    ["L'Abergement"]
    """
    name_column = {"commune": "comm_nom", "epci": "epci_nom"}.get(par)
    if name_column in membership:
        return membership.drop_duplicates(by).astype({by: str}).set_index(by)[name_column]
    column = _dated(records, {"commune": ("idcom",), "epci": ("epci",)}.get(par, ()), ending="txt")
    if column is None or key not in records:
        return None
    commune_names = membership[key].astype(str).map(_by_commune(records, key, column).str.replace('"', "'"))
    return commune_names.groupby(membership[by].astype(str)).first()


def with_regions(territories: pd.DataFrame, key: str, region: str | None, assumed: str = "") -> pd.DataFrame:
    """Give territories a region: that of the file or of their communes, else the given, else the assumed one.

    Parameters
    ----------
    territories
        ``key``, and ``region`` where the file or the communes tell it.
    key
        Column of the territory.
    region
        INSEE code that the reader gives.
    assumed
        INSEE code of the catalogue; where that is empty too, the region is missing.

    Raises
    ------
    BadValue
        The file says another region than the given one.

    Examples
    --------
    >>> with_regions(pd.DataFrame({"epci": ["A"]}), "epci", None, "53")["region"].tolist()
    ['53']
    """
    default = region or assumed or None
    if "region" not in territories:
        return territories.assign(region=pd.Series(default, index=territories.index, dtype="string"))
    differing = territories[
        territories["region"].notna() & (territories["region"] != (region or territories["region"]))
    ]
    if len(differing):
        raise BadValue(
            f"--region {region} : le fichier place {differing[key].iloc[0]} en région "
            f"{differing['region'].iloc[0]}. Retirer --region, ou corriger son code."
        )
    return territories.assign(region=territories["region"].astype("string").fillna(default or pd.NA))


def gives_region(territories: pd.DataFrame) -> bool:
    """Tell whether the file gives the region of every territory.

    Examples
    --------
    >>> gives_region(pd.DataFrame({"region": ["32", None]}))
    False
    """
    return "region" in territories and bool(territories["region"].notna().all())


def resolve(table: pd.DataFrame, key: str, code_or_name: str) -> str:
    """Return the code of a territory given by its code or its name.

    Raises
    ------
    UnknownName, BadValue
        No territory, or several, of that name.

    Examples
    --------
    >>> resolve(pd.DataFrame({"epci": ["200"], "nom": ["Béthune-Bruay"]}), "epci", "bethune-bruay")
    '200'
    """
    codes = table[key].astype(str)
    if code_or_name in set(codes):
        return code_or_name
    if "nom" not in table:
        raise UnknownName("territoire", code_or_name, codes.unique())
    names = table["nom"].fillna("").astype(str)
    namesakes = sorted(codes[names.map(meaning.fold) == meaning.fold(code_or_name)].unique())
    if len(namesakes) > 1:
        raise BadValue(
            f"Plusieurs territoires s'appellent « {code_or_name} » : {', '.join(namesakes)}. Donner le code."
        )
    if not namesakes:
        raise UnknownName("territoire", code_or_name, {*codes, *names[names != ""]})
    return namesakes[0]


def title_of(table: pd.DataFrame, key: str, code: str) -> str:
    """Return a territory as a title names it: its name and its code, or its code alone.

    Examples
    --------
    >>> title_of(pd.DataFrame({"epci": ["200"], "nom": ["Béthune"]}), "epci", "200")
    'Béthune (200)'
    """
    names = table.loc[table[key].astype(str) == code, "nom"].tolist() if "nom" in table else []
    name = next((str(name) for name in names if not meaning.is_missing(name)), "")
    return f"{name} ({code})" if name and name != code else code


def _level(membership: pd.DataFrame, records: pd.DataFrame, key: str, level: str) -> pd.Series | None:
    """Return the EPCI, SCoT or region of each commune, as the territories say it, else the records."""
    level_column = next((name for name in (level, f"{level}_siren") if name in membership), None)
    if level_column is not None:
        return membership[level_column].astype("string")
    column = _dated(records, _COLUMNS[level])
    if column is None or key not in records:
        return _region_of_communes(membership[key]) if level == "region" else None
    return membership[key].astype(str).map(_by_commune(records, key, column))


def _region_of_communes(codes: pd.Series) -> pd.Series | None:
    """Return the region of communes by their code; None where these codes are not those of communes."""
    text = codes.astype("string")
    if not text.str.fullmatch(COMMUNE_CODE).all():
        return None
    departements = constants.table("departements").set_index("dep")["region"]
    overseas = text.str.startswith(OVERSEAS)
    return text.str[:2].mask(overseas, text.str[:3]).map(departements).astype("string")


def _by_commune(records: pd.DataFrame, key: str, column: str) -> pd.Series:
    codes = records[key].astype(str)
    codes = codes.str.zfill(5) if key == "idcom" else codes
    cells = records[column].astype("string").str.strip().replace("", None)
    return cells.set_axis(codes)[~codes.duplicated().to_numpy()]


def _dated(records: pd.DataFrame, names: tuple[str, ...], ending: str = "") -> str | None:
    """Find a column by its name, or by that of its latest edition: epci, epci24, epci25."""
    for name in names:
        columns = [
            str(column)
            for column in records.columns
            if str(column).startswith(name)
            and str(column).endswith(ending)
            and (middle := str(column)[len(name) : len(str(column)) - len(ending)]).isdigit() | (not middle)
        ]
        if columns:
            return max(columns)
    return None
