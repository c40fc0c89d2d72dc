"""Files of establishments, premises and owners as they are delivered: their columns, codes and positions."""

import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from artois_geo import meaning, measure
from artois_geo.errors import BadTable
from artois_geo.kinds.column_names import first_named
from artois_geo.studies import planner_files
from artois_geo.text import decimal_point

SURVEY = ("siret", "nom", "opened_on", "closed_on", "tranche", "naf", "vacant_since")


@cache
def official() -> dict[str, Any]:
    """Read the columns and codes of official files.

    Examples
    --------
    >>> official()["personnes_morales"]["colonnes"]
    24
    """
    return tomllib.loads(files("artois_geo.zae").joinpath("official.toml").read_text(encoding="utf-8"))


def located(path: Path, states: Path | None = None) -> gpd.GeoDataFrame:
    """Read located rows, with the columns that a survey takes beside their own; no row is lost.

    Parameters
    ----------
    path
        Layer of points in any format, or table with Lambert-93 or WGS 84 coordinates: SIRENE, the CNIG
        standard, LOCOMVAC or an Excel file of one's own.
    states
        Table of establishments, by siret, whose columns complete those that ``path`` lacks.

    Returns
    -------
    GeoDataFrame
        EPSG:2154; ``active`` (null where no file says it), ``closed_on``, ``nom``… as found.

    Raises
    ------
    BadTable
        Nothing tells where rows are; a siret that the table of states holds twice, or no siret at all.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "sirene.csv"
    >>> head = "siret;etatAdministratifEtablissement;dateDebut;longitude;latitude\\n"
    >>> _ = path.write_text(f"{head}1;F;2020-01-31;2,83;50,43\\n")
    >>> located(path)[["active", "closed_on"]].values.tolist()
    [[False, '2020-01-31']]
    """
    rows = planner_files.raw_table(path)
    if states is not None:
        rows = _completed(rows, path.name, states)
    columns = _survey_columns(rows)
    table = _surveyed(rows, columns)
    if isinstance(rows, gpd.GeoDataFrame) and rows.geometry.notna().any():
        return gpd.GeoDataFrame(
            table, geometry=measure.to_lambert93(rows).geometry.to_numpy(), crs=measure.LAMBERT93
        )
    return gpd.GeoDataFrame(table, geometry=_points(rows, columns, path.name), crs=measure.LAMBERT93)


def _survey_columns(rows: pd.DataFrame) -> dict[str, str | None]:
    """Find the column of a file that holds each thing that a survey reads, None where none does."""
    return {
        name: first_named(map(str, rows.columns), words)
        for name, words in official()["etablissements"].items()
        if isinstance(words, list)
    }


def _surveyed(rows: pd.DataFrame, columns: dict[str, str | None]) -> pd.DataFrame:
    """Return rows without their shapes, with the columns that a survey takes beside their own."""
    table = pd.DataFrame(rows.drop(columns="geometry", errors="ignore"))
    for name in SURVEY:
        column = columns[name]
        if column is not None and name not in table:
            table[name] = rows[column]
    if columns["etat"] is not None:
        table["active"] = pd.Series(
            [_active(cell) for cell in rows[columns["etat"]]], index=rows.index, dtype=object
        )
    if columns["closed_on"] is None and columns["changed_on"] is not None and "active" in table:
        # the last change of a closed establishment is its end
        closed = table["active"].map(lambda state: state is False).astype(bool)
        table["closed_on"] = rows[columns["changed_on"]].where(closed, None)
    for name in ("active", "nom"):
        if name not in table and columns["siret"] is not None:
            table[name] = pd.Series(None, index=rows.index, dtype=object)
    return table


def _completed(rows: pd.DataFrame, name: str, states: Path) -> pd.DataFrame:
    """Add to located rows the columns that a table of states has beside them, by siret."""
    table = planner_files.raw_table(states)
    table = pd.DataFrame(table.drop(columns="geometry", errors="ignore"))
    words = official()["etablissements"]["siret"]
    keys = [first_named(map(str, frame.columns), words) for frame in (rows, table)]
    for key, file in zip(keys, (name, states.name), strict=True):
        if key is None:
            raise BadTable(f"{file} n'a pas de colonne « siret » : les états s'y rattachent par elle.")
    numbers = table[keys[1]].astype(str).str.strip()
    if numbers.duplicated().any():
        raise BadTable(f"{states.name} : le siret {numbers[numbers.duplicated()].iloc[0]} figure deux fois.")
    more = table.set_axis(numbers)[[column for column in table.columns if column not in rows.columns]]
    own = rows[keys[0]].astype(str).str.strip()
    return rows.assign(**{column: more[column].reindex(own).to_numpy() for column in more.columns})


def _active(cell: Any) -> bool | None:
    """Read the state of an establishment; nothing where no list has the value."""
    if isinstance(cell, bool):
        return cell
    states = official()["etablissements"]["actif"]
    folded = "" if meaning.is_missing(cell) else meaning.fold(str(cell))
    for answer, spellings in ((True, states["oui"]), (False, states["non"])):
        if folded in {meaning.fold(spelling) for spelling in spellings}:
            return answer
    return None


def _points(rows: pd.DataFrame, columns: dict[str, str | None], name: str) -> gpd.GeoSeries:
    """Place rows by their coordinates; a row without both of them has no shape."""
    for crs, across, along in (
        (measure.LAMBERT93, "x_lambert", "y_lambert"),
        (measure.WGS84, "longitude", "latitude"),
    ):
        first_column, second_column = columns[across], columns[along]
        if first_column is None or second_column is None:
            continue
        x, y = (_numbers(rows[column]) for column in (first_column, second_column))
        points = gpd.GeoSeries(gpd.points_from_xy(x, y, crs=crs), index=rows.index)
        return points.where((x.notna() & y.notna()).to_numpy(), None).to_crs(measure.LAMBERT93)
    words = official()["etablissements"]
    raise BadTable(
        f"{name} : rien ne dit où sont les lignes. Colonnes attendues : {words['x_lambert'][0]} et "
        f"{words['y_lambert'][0]} (Lambert-93), longitude et latitude, ou une couche de points. Des adresses "
        "se placent d'abord avec https://adresse.data.gouv.fr/csv, qui ajoute longitude et latitude."
    )


def _numbers(column: pd.Series) -> pd.Series:
    texts = column.astype("string").map(decimal_point, na_action="ignore")
    return pd.to_numeric(texts, errors="coerce")


def owners(path: Path) -> pd.DataFrame:
    """Read the owners of parcels from the open file of legal persons (24 columns, by position).

    Returns
    -------
    DataFrame
        ``parcel`` (14 characters), ``group``, ``name``, for the rights of an owner only.

    Raises
    ------
    BadTable
        Fewer columns.
    """
    layout = official()["personnes_morales"]
    rows = planner_files.raw_table(path)
    if rows.shape[1] < layout["colonnes"]:
        raise BadTable(
            f"{path.name} : {rows.shape[1]} colonnes au lieu de {layout['colonnes']}. Donner le fichier "
            "PM_….csv des parcelles des personnes morales (DGFiP) tel qu'il est livré."
        )
    cells = {
        name: rows.iloc[:, layout[name]].map(
            lambda cell: "" if meaning.is_missing(cell) else str(cell).strip()
        )
        for name in (
            "departement",
            "commune",
            "prefixe",
            "section",
            "plan",
            "droit",
            "groupe",
            "denomination",
        )
    }
    widths = {"departement": 2, "commune": 3, "prefixe": 3, "section": 2, "plan": 4}
    parcel = pd.Series("", index=rows.index)
    for name, width in widths.items():
        parcel = parcel + cells[name].str.removesuffix(".0").str.zfill(width)
    table = pd.DataFrame(
        {
            "parcel": parcel,
            "group": cells["groupe"].str.removesuffix(".0"),
            "name": cells["denomination"].where(cells["denomination"] != "", None),
        }
    )
    return table[cells["droit"].str[:1].isin(layout["droits"])].reset_index(drop=True)


def owner_groups() -> pd.DataFrame:
    """Return the groups of legal persons: ``group``, ``label``, ``sector`` (null where it may be both).

    Examples
    --------
    >>> owner_groups().set_index("group").loc["4", "sector"]
    'public'
    """
    entries = official()["personnes_morales"]["groupes"]
    return pd.DataFrame(
        [(entry["code"], entry["nom"], entry.get("secteur")) for entry in entries],
        columns=["group", "label", "sector"],
    )
