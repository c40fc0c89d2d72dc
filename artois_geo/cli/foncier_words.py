"""What ``foncier disponible`` and ``foncier pertes`` say: intervals, totals, doubts, rows to be read."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

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
    "soil_unknown_ha",
    "draw_ha",
    "fits_budget",
)


def brief(left: "gpd.GeoDataFrame", names: Sequence[str]) -> "pd.DataFrame":
    """What fits a terminal: the name of each site and its figures, an interval where it is not measured."""
    columns = [column for column in FIGURES if column in left.columns]
    if not left[["unknown_ha", "unknown_high_ha"]].gt(0).any(axis=None):
        columns = [column for column in columns if column not in ("unknown_ha", "high_ha")]
    named = next((name for name in names if name in left.columns), None)
    shown = left[[*([named] if named else []), *columns, "schematic"]].copy()
    if left["schematic"].any():
        shown["gross_ha"] = _column(left, "gross_ha", "gross_ha", "gross_ha")
        for kind in ("available", "unknown"):
            if f"{kind}_ha" in columns:
                shown[f"{kind}_ha"] = _column(left, f"{kind}_ha", f"{kind}_low_ha", f"{kind}_high_ha")
        shown = shown.dropna(axis="columns", how="all")
    return shown


def loss_rows(waterfall: "pd.DataFrame", left: "gpd.GeoDataFrame", *, readable: bool) -> "pd.DataFrame":
    """Steps that take something, and for each site that is not measured one row with its interval."""
    import pandas as pd

    rows = waterfall.reset_index(level=1)
    rows = rows[(rows["alone_ha"] > 0) | (rows["marginal_ha"] > 0)]
    sketched = left.index[left["schematic"]]
    if not len(sketched):
        return rows
    blank = pd.DataFrame(columns=rows.columns, index=sketched).astype(rows.dtypes)
    whole = pd.concat([rows, blank])
    order = left.index.get_indexer(whole.index).argsort(kind="stable")
    whole = whole.iloc[order]
    of_site = left.loc[whole.index]
    if readable:
        whole["remaining_ha"] = _column(
            of_site.assign(remaining_ha=whole["remaining_ha"].to_numpy()),
            "remaining_ha",
            "available_low_ha",
            "available_high_ha",
        )
        return whole
    columns = ["available_low_ha", "available_high_ha", "available_reason"]
    return whole.assign(**{column: of_site[column].to_numpy() for column in columns})


def with_ranges(states: "gpd.GeoDataFrame", left: "gpd.GeoDataFrame") -> "gpd.GeoDataFrame":
    """The states, with what the map says of a site that is not measured."""
    sketched = left[left["schematic"]]
    texts = {
        label: None if interval is None else f"{interval} ha"
        for label, interval in zip(
            sketched.index,
            map(_interval, sketched["available_low_ha"], sketched["available_high_ha"]),
            strict=True,
        )
    }
    return states.assign(available_range=[texts.get(label) for label in states.index]) if texts else states


def has_interval(left: "gpd.GeoDataFrame") -> bool:
    """Whether a site has an interval in place of a figure."""
    return bool((left["schematic"] & left["available_low_ha"].notna()).any())


def doubts(left: "gpd.GeoDataFrame") -> list[str]:
    """What to know first: how far sites may be from where they are drawn."""
    from artois_geo import meaning

    sketched = meaning.schematic(left)
    metres = meaning.precision_m(left)[sketched]
    known = metres[metres == metres]
    lines = []
    if len(known):
        lines.append(
            f"Positions connues à {_between(known.min(), known.max())} près : lire les intervalles, pas les"
            " décimales."
        )
    origins = set(left["gross_origin"])
    if "publiée" in origins:
        lines.append("Surface brute d'un site schématique : celle que sa source publie.")
    if "dessinée" in origins:
        lines.append("Surface brute d'un site schématique sans surface publiée : celle du tracé, arrondie.")
    if unsure := len(metres) - len(known):
        lines.append(
            f"{counted(unsure)} au tracé schématique sans précision connue (colonne precision_m) :"
            " disponible inconnu."
        )
    if reached := int((left["schematic"].to_numpy(dtype=bool) & ~sketched).sum()):
        lines.append(
            f"{counted(reached)} qu'une contrainte schématique peut atteindre : lire les intervalles."
        )
    return lines


def total(whole: "pd.Series") -> list[str]:
    """Hectares of all sites, the ground that several hold counted once."""
    available = _hectares(whole["available_low_ha"], whole["available_high_ha"])
    unknown = ""
    if whole["unknown_high_ha"] > 0:
        unknown = f" et {_hectares(whole['unknown_low_ha'], whole['unknown_high_ha'])} inconnus"
    if whole["repeated_ha"] > 0.001:
        lines = [
            f"Somme des sites : {_tenth(whole['summed_ha'])} ha bruts.",
            f"Sites emboîtés : {_tenth(whole['repeated_ha'])} ha comptés plusieurs fois ; sans double compte,"
            f" {_tenth(whole['united_ha'])} ha bruts dont {available} disponibles{unknown}.",
        ]
    else:
        lines = [f"Total : {_tenth(whole['united_ha'])} ha bruts dont {available} disponibles{unknown}."]
    if whole["schematic_count"]:
        lines.append(
            "Total du disponible : bornes des sites additionnées, intervalle plus large que la réalité."
        )
    if without := int(whole["no_interval_count"]):
        lines.append(f"{counted(without)} sans intervalle : de rien à toute la surface dans ce total.")
    return lines


def counted(count: int) -> str:
    """So many sites, « site » in agreement."""
    return f"{count} site{'s' if count > 1 else ''}"


def made_up(features: "gpd.GeoDataFrame") -> list[str]:
    """The warnings of every table, but what :func:`doubts` says better."""
    from artois_geo import meaning
    from artois_geo.cli import show

    return show.warnings(features.drop(columns=meaning.QUALITY, errors="ignore"))


def _column(left: "pd.DataFrame", figure: str, low: str, high: str) -> "pd.Series":
    """A figure as text: two decimals where the site is measured, an interval where it is not."""
    import pandas as pd

    from artois_geo import tables

    texts = [
        _interval(row[low], row[high]) if row["schematic"] else tables.number(row[figure], 2)
        for _, row in left.iterrows()
    ]
    return pd.Series(texts, index=left.index, dtype=object)


def _interval(low: float, high: float) -> str | None:
    if low != low or high != high:
        return None
    return _short(high) if low == high else f"{_short(low)} à {_short(high)}"


def _hectares(low: float, high: float) -> str:
    if low == high:
        return _tenth(high)
    return f"{_short(round(low, 1))} à {_short(round(high, 1))}"


def _short(value: float) -> str:
    """A number with the decimals that it was rounded or published to, none when it is whole."""
    from artois_geo import tables

    decimals = next((digits for digits in range(5) if round(value, digits) == value), 5)
    return tables.number(value, decimals)


def _tenth(value: float) -> str:
    from artois_geo import tables

    return tables.number(value, 1)


def _between(low: float, high: float) -> str:
    """Two lengths in metres, or in kilometres from one on."""
    unit, divisor = ("km", KILOMETRE) if high >= KILOMETRE else ("m", 1)
    texts = [_short(round(length / divisor, 3)) for length in (low, high)]
    return f"{'–'.join(dict.fromkeys(texts))} {unit}"
