"""What the files say of each territory of an account: its name, its EPCI, its SCoT, its region."""

from typing import TYPE_CHECKING

from artois_geo import meaning
from artois_geo.errors import BadValue, UnknownName

if TYPE_CHECKING:
    import pandas as pd

REGION = "32"  # Hauts-de-France, where neither the file nor the reader says which
_COLUMNS = {"epci": ("epci",), "scot": ("scot",), "region": ("idreg", "region")}


def with_levels(
    places: "pd.DataFrame", membership: "pd.DataFrame", records: "pd.DataFrame", *, key: str, by: str
) -> "pd.DataFrame":
    """Territories with the EPCI, the SCoT and the region that the file gives to all their communes.

    ``membership``: ``key`` of each commune and its territory ``by``; ``places``: one row per territory,
    in the order of ``membership``. A territory that stands on two EPCI has none.
    """
    completed = places.copy()
    territory = membership[by].astype(str)
    for level in (level for level in _COLUMNS if level != by):
        each = _level(membership, records, key, level)
        if each is None:
            continue
        groups = each.groupby(territory, sort=False)
        whole = groups.first().where(groups.nunique(dropna=False) == 1)
        completed[level] = territory.drop_duplicates().map(whole).to_numpy()
    return completed


def names(
    membership: "pd.DataFrame", records: "pd.DataFrame", *, key: str, by: str, par: str
) -> "pd.Series | None":
    """Names of the territories by code, where the file or the territories give them."""
    own = {"commune": "comm_nom", "epci": "epci_nom"}.get(par)
    if own in membership:
        return membership.drop_duplicates(by).astype({by: str}).set_index(by)[own]
    column = _dated(records, {"commune": ("idcom",), "epci": ("epci",)}.get(par, ()), ending="txt")
    if column is None or key not in records:
        return None
    each = membership[key].astype(str).map(_by_commune(records, key, column).str.replace('"', "'"))
    return each.groupby(membership[by].astype(str)).first()


def with_regions(places: "pd.DataFrame", key: str, region: str | None) -> "pd.DataFrame":
    """Territories with a region: that of the file, else the one given, else Hauts-de-France."""
    if "region" not in places:
        return places.assign(region=region or REGION)
    others = places[places["region"].notna() & (places["region"] != (region or places["region"]))]
    if len(others):
        raise BadValue(
            f"--region {region} : le fichier place {others[key].iloc[0]} en région "
            f"{others['region'].iloc[0]}. Retirer --region, ou corriger son code."
        )
    return places.assign(region=places["region"].fillna(region or REGION))


def says_region(places: "pd.DataFrame") -> bool:
    """Whether the file gives the region of every territory."""
    return "region" in places and bool(places["region"].notna().all())


def resolved(table: "pd.DataFrame", key: str, wanted: str) -> str:
    """Code of a territory given by its code or its name; refused if several have that name."""
    codes = table[key].astype(str)
    if wanted in set(codes):
        return wanted
    if "nom" not in table:
        raise UnknownName("territoire", wanted, codes.unique())
    named = table["nom"].fillna("").astype(str)
    same = sorted(codes[named.map(meaning.fold) == meaning.fold(wanted)].unique())
    if len(same) > 1:
        raise BadValue(f"Plusieurs territoires s'appellent « {wanted} » : {', '.join(same)}. Donner le code.")
    if not same:
        raise UnknownName("territoire", wanted, {*codes, *named[named != ""]})
    return same[0]


def named(table: "pd.DataFrame", key: str, code: str) -> str:
    """A territory as a title names it: its name and its code, or its code where no name is known."""
    names = table.loc[table[key].astype(str) == code, "nom"].tolist() if "nom" in table else []
    name = next((str(name) for name in names if not meaning.is_missing(name)), "")
    return f"{name} ({code})" if name and name != code else code


def _level(membership: "pd.DataFrame", records: "pd.DataFrame", key: str, level: str) -> "pd.Series | None":
    """EPCI, SCoT or region of each commune, as the territories say it, else the records."""
    own = next((name for name in (level, f"{level}_siren") if name in membership), None)
    if own is not None:
        return membership[own].astype("string")
    column = _dated(records, _COLUMNS[level])
    if column is None or key not in records:
        return None
    return membership[key].astype(str).map(_by_commune(records, key, column))


def _by_commune(records: "pd.DataFrame", key: str, column: str) -> "pd.Series":
    codes = records[key].astype(str)
    codes = codes.str.zfill(5) if key == "idcom" else codes
    values = records[column].astype("string").str.strip().replace("", None)
    return values.set_axis(codes)[~codes.duplicated().to_numpy()]


def _dated(records: "pd.DataFrame", names: tuple[str, ...], ending: str = "") -> str | None:
    """A column by its name, or by that of its latest edition: epci, epci24, epci25."""
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
