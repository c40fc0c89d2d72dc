"""What the tables of available land and of losses say: intervals, totals, doubts, columns for a terminal."""

from typing import TYPE_CHECKING

import pandas as pd

from artois_geo import meaning
from artois_geo.studies import data_warnings
from artois_geo.text import counted, number

if TYPE_CHECKING:
    import geopandas as gpd

KILOMETRE = 1000
FIGURES = (
    "gross_ha",
    "available_ha",
    "unknown_ha",
    "lost_ha",
    "net_ha",
    "high_ha",
    "available_share",
    "pieces",
    "largest_ha",
    "rectangle_ha",
    "circle_m",
    "friche_ha",
    "artificialised_ha",
    "urbanised_ha",
    "enaf_ha",
    "not_enaf_ha",
    "soil_unknown_ha",
    "draw_ha",
    "fits_budget",
)
SOILS = ("friche_ha", "artificialised_ha", "urbanised_ha", "enaf_ha", "not_enaf_ha", "soil_unknown_ha")


def brief_available(remaining: "gpd.GeoDataFrame") -> pd.DataFrame:
    """Return what fits a terminal: the name of each site, its figures, an interval where it is not measured.

    Examples
    --------
    >>> from artois_geo import example, land
    >>> flood = example.rectangle(x_km=0.75, y_km=0, width_km=1, height_km=1)
    >>> remaining = land.available(example.square(x_km=0, y_km=0, side_km=1, nom="Les Hauts"), flood)
    >>> brief_available(remaining)[["nom", "available_ha"]].values.tolist()
    [['Les Hauts', 75.0]]
    """
    columns = [column for column in FIGURES if column in remaining.columns]
    if not remaining[["unknown_ha", "unknown_high_ha"]].gt(0).any(axis=None):
        columns = [column for column in columns if column not in ("unknown_ha", "high_ha")]
    name = meaning.first_column(remaining, meaning.site_name_columns("layer"))
    brief = remaining[[*([name] if name else []), *columns, "schematic"]].copy()
    soils = [column for column in SOILS if column in columns]
    brief[soils] = brief[soils].round(2)  # what two outlines leave between them is no hectare
    if remaining["schematic"].any():
        brief["gross_ha"] = _figure_texts(remaining, "gross_ha", "gross_ha", "gross_ha")
        for kind in ("available", "unknown"):
            if f"{kind}_ha" in columns:
                bounds = (f"{kind}_low_ha", f"{kind}_high_ha")
                brief[f"{kind}_ha"] = _figure_texts(remaining, f"{kind}_ha", *bounds)
        brief = brief.dropna(axis="columns", how="all")
    return brief


def by_name(brief: pd.DataFrame) -> pd.DataFrame:
    """Leave the ids out of a table for a terminal where the names of the sites tell its rows apart.

    Examples
    --------
    >>> sites = pd.DataFrame({"nom": ["Les Hauts", "Le Bas"]}, index=pd.Index(["a1", "b2"], name="id"))
    >>> by_name(sites).index.name, by_name(sites.assign(nom="ZA")).index.name
    (None, 'id')
    """
    name = meaning.first_column(brief, meaning.site_name_columns("layer"))
    if name is None or brief[name].isna().any() or brief[name].duplicated().any():
        return brief
    return brief.reset_index(drop=True)


def loss_rows(waterfall: pd.DataFrame, remaining: "gpd.GeoDataFrame", *, readable: bool) -> pd.DataFrame:
    """Keep the steps that take something, and one row with its interval for each site that is not measured.

    Parameters
    ----------
    waterfall, remaining
        From :func:`artois_geo.studies.sites.site_land.waterfalls`.
    readable
        Write the interval as a text in ``remaining_ha``; else its bounds and its reason have columns.

    Examples
    --------
    >>> from artois_geo import example
    >>> from artois_geo.studies.sites import site_land
    >>> flood = example.rectangle(x_km=0.75, y_km=0, width_km=1, height_km=1, constraint="Crue")
    >>> rules = site_land.Constraints(flood)
    >>> remaining, waterfall = site_land.waterfalls(example.square(x_km=0, y_km=0, side_km=1), rules)
    >>> loss_rows(waterfall, remaining, readable=True)["remaining_ha"].tolist()
    [75.0]
    """
    rows = waterfall.reset_index(level=1)
    rows = rows[(rows["alone_ha"] > 0) | (rows["marginal_ha"] > 0)]
    sketched = remaining.index[remaining["schematic"]]
    if not len(sketched):
        return rows
    blank = pd.DataFrame(columns=rows.columns, index=sketched).astype(rows.dtypes)
    all_rows = pd.concat([rows, blank])
    order = remaining.index.get_indexer(all_rows.index).argsort(kind="stable")
    all_rows = all_rows.iloc[order]
    of_site = remaining.loc[all_rows.index]
    if readable:
        all_rows["remaining_ha"] = _figure_texts(
            of_site.assign(remaining_ha=all_rows["remaining_ha"].to_numpy()),
            "remaining_ha",
            "available_low_ha",
            "available_high_ha",
        )
        return all_rows
    columns = ["available_low_ha", "available_high_ha", "available_reason"]
    return all_rows.assign(**{column: of_site[column].to_numpy() for column in columns})


def with_ranges(states: "gpd.GeoDataFrame", remaining: "gpd.GeoDataFrame") -> "gpd.GeoDataFrame":
    """Add to the states what the map says of a site that is not measured.

    Examples
    --------
    >>> from artois_geo import example
    >>> site = example.square(x_km=0, y_km=0, side_km=1)
    >>> bounds = {"schematic": True, "available_low_ha": 3.0, "available_high_ha": 12.5}
    >>> with_ranges(site, site.assign(**bounds))["available_range"].tolist()
    ['3 à 12,5 ha']
    """
    sketched = remaining[remaining["schematic"]]
    intervals = map(_interval, sketched["available_low_ha"], sketched["available_high_ha"])
    ranges = {
        label: None if interval is None else f"{interval} ha"
        for label, interval in zip(sketched.index, intervals, strict=True)
    }
    return states.assign(available_range=[ranges.get(label) for label in states.index]) if ranges else states


def has_interval(remaining: "gpd.GeoDataFrame") -> bool:
    """Tell whether a site has an interval in place of a figure.

    Examples
    --------
    >>> from artois_geo import example
    >>> has_interval(example.square(x_km=0, y_km=0, side_km=1, schematic=True, available_low_ha=None))
    False
    """
    return bool((remaining["schematic"] & remaining["available_low_ha"].notna()).any())


def doubts(remaining: "gpd.GeoDataFrame") -> list[str]:
    """Say what to know first: how far sites may be from where they are drawn.

    Examples
    --------
    >>> from artois_geo import example
    >>> sketch = {"geometrie": "Schématique", "precision_m": 1500, "schematic": True}
    >>> site = example.square(x_km=0, y_km=0, side_km=1, gross_origin="publiée", **sketch)
    >>> doubts(site)[0]
    'Positions connues à 1,5 km près : lire les intervalles, pas les décimales.'
    """
    sketched = meaning.schematic(remaining)
    precisions_m = meaning.precision_m(remaining)[sketched]
    known_m = precisions_m[precisions_m == precisions_m]
    lines = []
    if len(known_m):
        lines.append(
            f"Positions connues à {_span(known_m.min(), known_m.max())} près : lire les intervalles, pas les"
            " décimales."
        )
    origins = set(remaining["gross_origin"])
    if "publiée" in origins:
        lines.append("Surface brute d'un site schématique : celle que sa source publie.")
    if "dessinée" in origins:
        lines.append("Surface brute d'un site schématique sans surface publiée : celle du tracé, arrondie.")
    if unsure := len(precisions_m) - len(known_m):
        lines.append(
            f"{counted(unsure, 'site')} au tracé schématique sans précision connue (colonne precision_m) :"
            " disponible inconnu."
        )
    if reached := int((remaining["schematic"].to_numpy(dtype=bool) & ~sketched).sum()):
        lines.append(
            f"{counted(reached, 'site')} qu'une contrainte schématique peut atteindre : lire les intervalles."
        )
    return lines


def totals(sums: pd.Series) -> list[str]:
    """Say the hectares of all sites, the ground that several hold counted once.

    Parameters
    ----------
    sums
        From :func:`artois_geo.land.totals`.

    Examples
    --------
    >>> from artois_geo import example, land
    >>> site = example.square(x_km=0, y_km=0, side_km=1)
    >>> flood = example.rectangle(x_km=0.75, y_km=0, width_km=1, height_km=1)
    >>> totals(land.totals(site, land.available(site, flood)))
    ['Total : 100,0 ha bruts dont 75,0 disponibles.']
    """
    available = hectares(sums["available_low_ha"], sums["available_high_ha"])
    unknown = ""
    if sums["unknown_high_ha"] > 0:
        unknown = f" et {hectares(sums['unknown_low_ha'], sums['unknown_high_ha'])} inconnus"
    united = f"{number(sums['united_ha'], 1)} ha bruts dont {available} disponibles{unknown}."
    if sums["repeated_ha"] > 0.001:
        repeated = f"{number(sums['repeated_ha'], 1)} ha comptés plusieurs fois"
        lines = [
            f"Somme des sites : {number(sums['summed_ha'], 1)} ha bruts.",
            f"Sites emboîtés : {repeated} ; sans double compte, {united}",
        ]
    else:
        lines = [f"Total : {united}"]
    if sums["schematic_count"]:
        lines.append(
            "Total du disponible : bornes des sites additionnées, intervalle plus large que la réalité."
        )
    if without := int(sums["no_interval_count"]):
        lines.append(
            f"{counted(without, 'site')} sans intervalle : de rien à toute la surface dans ce total."
        )
    return lines


def quality_warnings(sites: "gpd.GeoDataFrame") -> list[str]:
    """Return the warnings of every table, but what :func:`doubts` says better.

    Examples
    --------
    >>> from artois_geo import example
    >>> quality_warnings(example.square(x_km=0, y_km=0, side_km=1, geometrie="Schématique"))
    []
    """
    return data_warnings.warnings(sites.drop(columns=meaning.QUALITY, errors="ignore"))


def _figure_texts(rows: pd.DataFrame, figure: str, low: str, high: str) -> pd.Series:
    """Write a figure: two decimals where the site is measured, an interval where it is not."""
    texts = [
        _interval(row[low], row[high]) if row["schematic"] else number(row[figure], 2)
        for _, row in rows.iterrows()
    ]
    return pd.Series(texts, index=rows.index, dtype=object)


def _interval(low_ha: float, high_ha: float) -> str | None:
    if low_ha != low_ha or high_ha != high_ha:
        return None
    return _shortest(high_ha) if low_ha == high_ha else f"{_shortest(low_ha)} à {_shortest(high_ha)}"


def hectares(low_ha: float, high_ha: float) -> str:
    """Write hectares known within bounds, to the decimal.

    Examples
    --------
    >>> hectares(3.04, 3.04), hectares(3, 12.5)
    ('3,0', '3 à 12,5')
    """
    if low_ha == high_ha:
        return number(high_ha, 1)
    return f"{_shortest(round(low_ha, 1))} à {_shortest(round(high_ha, 1))}"


def _shortest(figure: float) -> str:
    """Write a number with the decimals that it was rounded or published to, none when it is whole."""
    decimals = next((digits for digits in range(5) if round(figure, digits) == figure), 5)
    return number(figure, decimals)


def _span(low_m: float, high_m: float) -> str:
    """Write two lengths in metres, or in kilometres from one on."""
    unit, divisor = ("km", KILOMETRE) if high_m >= KILOMETRE else ("m", 1)
    texts = [_shortest(round(length / divisor, 3)) for length in (low_m, high_m)]
    return f"{'–'.join(dict.fromkeys(texts))} {unit}"
