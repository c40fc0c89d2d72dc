"""What land is on offer? (quelle est l'offre foncière ?)

Areas are those that sources publish, read from a column: nothing is measured here, so
that a schematic geometry never becomes a figure.
"""

import sys
from collections.abc import Sequence
from types import ModuleType

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from artois_geo import deprecated, meaning, shapes
from artois_geo.arguments import guard
from artois_geo.errors import BadTable, BadValue, UnknownName
from artois_geo.measure import quantities
from artois_geo.text import row_name

__all__ = [
    "BY_OUTLINE",
    "COUNTS",
    "FAMILIES",
    "ORIGINS",
    "UNKNOWN_ORIGIN",
    "offer",
]


class _Room(ModuleType):
    """The room, which bears the name of its main function."""

    def __call__(self, *_: object, **__: object) -> None:
        raise BadValue(
            "« offer » est ici la pièce, pas la fonction.\n"
            "Écrire offer.offer(sites, by=…), ou from artois_geo.offer import offer."
        )


sys.modules[__name__].__class__ = _Room

ORIGINS = {"recyclé": "recycled_ha", "extension": "extension_ha"}
COUNTS = ("site_count", "unmeasured", "set_aside")
UNKNOWN_ORIGIN = "origin_unknown_ha"
BY_OUTLINE = ("schematic_ha", "outline_unknown_ha")  # of what no real outline is said to stand for
FAMILIES = ("parc d'innovation", "parcs d'industrie", "hub logistique", "espaces tertiaires", "autre")


def offer(
    sites: pd.DataFrame,
    *,
    by: str | Sequence[str],
    area: str | None = None,
    counted: str | None = None,
) -> pd.DataFrame:
    """Count sites and sum published hectares, by whatever columns are asked for.

    A sub-site (``est_sous_site``) is set aside: it already lies in its parent, and is
    never added to it, even where the parent publishes no area.

    Parameters
    ----------
    sites
        One row per site, any CRS or none. ``foncier_origine`` (``recyclé``,
        ``extension``, anything else is unknown), ``geometrie`` (``levée``,
        ``numérisée``, ``schématique``, anything else is unknown; without that column a polygon
        is a real outline) and ``est_sous_site`` are read when they are there.
    by
        Column, or columns, to group by, in this order; empty for one row of totals. A row
        whose value is missing keeps a group of its own.
    area
        Column of published hectares, missing where no source gives the area, or of another unit
        of ground that its name tells (``surface_m2``); by default the first of
        ``meaning.PUBLISHED_HA`` that the table has.
    counted
        Column of true and false: rows where it is not true are set aside (land that
        a source announces without offering it).

    Returns
    -------
    DataFrame
        One row per group: the columns ``by``, ``site_count``, ``offer_ha`` (missing
        when no site of the group has a published area), its parts ``recycled_ha``,
        ``extension_ha`` and ``origin_unknown_ha``, its part ``schematic_ha`` whose
        place is only schematic, its part ``outline_unknown_ha`` of which nothing says
        whether an outline is real or schematic, ``unmeasured`` (sites without a
        published area) and ``set_aside`` (rows that must not be added).

    Raises
    ------
    UnknownName
        ``by``, ``area`` or ``counted`` is no column of ``sites``.
    BadTable
        ``area`` holds something else than numbers, or a negative one; a row is a total of the others.
    BadValue
        ``by`` names a column twice.

    Examples
    --------
    A park of 100 ha, a lot of 20 ha inside it, and a site whose area nobody publishes:

    >>> from artois_geo.offer import offer
    >>> import pandas as pd
    >>> sites = pd.DataFrame(
    ...     {
    ...         "epci": ["CALL", "CALL", "CALL"],
    ...         "site_surf_brute": [100.0, 20.0, None],
    ...         "est_sous_site": [False, True, False],
    ...         "foncier_origine": ["recyclé", "extension", "inconnu"],
    ...     }
    ... )
    >>> table = offer(sites, by=["epci"])
    >>> table[["site_count", "unmeasured", "set_aside"]].values.tolist()
    [[2, 1, 1]]
    >>> table[["offer_ha", "recycled_ha", "extension_ha"]].values.tolist()
    [[100.0, 100.0, 0.0]]
    """
    by = meaning.columns_of(by)
    area = area or meaning.first_column(sites, meaning.PUBLISHED_HA) or meaning.PUBLISHED_HA[-1]
    _check(sites, by, area, counted)
    _refuse_totals(sites)
    hectares = _hectares(sites, area)
    is_counted = _counted(sites, counted)
    origin = _column(sites, "foncier_origine").map(ORIGINS).fillna(UNKNOWN_ORIGIN)
    is_schematic, is_outlined = meaning.schematic(sites), _outlined(sites)
    counted_ha = hectares.where(is_counted)
    pieces = pd.DataFrame(
        {
            "site_count": is_counted.astype("int64"),
            "offer_ha": counted_ha,
            **{name: counted_ha.where(origin == name) for name in [*ORIGINS.values(), UNKNOWN_ORIGIN]},
            "schematic_ha": counted_ha.where(is_schematic),
            "outline_unknown_ha": counted_ha.where(~is_schematic & ~is_outlined),
            "unmeasured": (is_counted & hectares.isna()).astype("int64"),
            "set_aside": (~is_counted).astype("int64"),
        }
    )
    return _summed(pieces, sites, by)


def _check(sites: pd.DataFrame, by: Sequence[str], area: str, counted: str | None) -> None:
    for name in [*by, area, *([counted] if counted else [])]:
        if name not in sites.columns:
            raise UnknownName("colonne", name, map(str, sites.columns))
    if len(set(by)) != len(by):
        raise BadValue(f"Une colonne de regroupement est donnée deux fois : {', '.join(by)}.")


def _hectares(sites: pd.DataFrame, area: str) -> pd.Series:
    """Read the hectares of a column: the unit of a cell, else that of its heading, is turned into them."""
    unit = quantities.of_heading(area)[1] or "ha"
    cells = sites[area].tolist()
    numbers, unread = quantities.numbers_in(cells, unit if unit in quantities.UNITS else "ha", "ha")
    if unread:
        row = row_name(sites.index, sites.index[unread[0]])
        raise BadTable(
            f"La colonne « {area} » doit contenir des nombres d'hectares ; {row} : « {cells[unread[0]]} ».\n"
            f"{quantities.advice(cells[unread[0]])} Une surface inconnue se laisse vide."
        )
    if min(numbers, default=0) < 0:
        raise BadTable(f"La colonne « {area} » contient une surface négative.")
    return pd.Series(numbers, index=sites.index, dtype="float64")


def _refuse_totals(sites: pd.DataFrame) -> None:
    """Refuse a row that adds up the others: it would be one site more."""
    for name in meaning.SITE_NAMES:
        labels = sites[name].tolist() if name in sites.columns else []
        total = next((n for n, cell in enumerate(labels) if meaning.says_total(cell, surely=True)), None)
        if total is not None:
            row = row_name(sites.index, sites.index[total])
            raise BadTable(
                f"« {labels[total]} » ({row}, colonne « {name} ») n'est pas un site : la ligne serait "
                "comptée en plus de ceux qu'elle additionne.\nLa retirer du tableau."
            )


def _counted(sites: pd.DataFrame, counted: str | None) -> pd.Series:
    is_counted = ~meaning.true_rows(sites, meaning.SUB_SITE)
    if counted:
        is_counted &= meaning.true_rows(sites, counted)
    return pd.Series(is_counted, index=sites.index)


def _outlined(sites: pd.DataFrame) -> NDArray[np.bool_]:
    """Mark the sites of a real outline: as the layer says, else those that it draws as polygons."""
    if meaning.QUALITY in sites or not isinstance(sites, gpd.GeoDataFrame):
        return meaning.outlined(sites)
    return shapes.are_polygons(sites).to_numpy()


def _column(sites: pd.DataFrame, name: str) -> pd.Series:
    if name in sites.columns:
        return pd.Series(sites[name]).astype(object)
    return pd.Series(None, index=sites.index, dtype=object)


def _summed(pieces: pd.DataFrame, sites: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    keys = [_ordered(meaning.one_spelling(sites[name])) for name in by] or [pd.Series(0, index=sites.index)]
    table = pieces.groupby(keys, dropna=False, sort=True, observed=True).sum(min_count=1)
    # a group with a known area knows its parts too: what is not there is 0, not unknown
    parts = [*ORIGINS.values(), UNKNOWN_ORIGIN, *BY_OUTLINE]
    table[parts] = table[parts].fillna(0.0).where(table["offer_ha"].notna(), axis=0)
    if not by:
        return table.reindex([0]).fillna(dict.fromkeys(COUNTS, 0)).astype(dict.fromkeys(COUNTS, "int64"))
    table.index.names = by
    table = table.reset_index()
    return table.astype(dict.fromkeys(by, object))


def _ordered(values: pd.Series) -> pd.Series:
    """Put families in the order of the field, everything else in its own order."""
    if values.isin(FAMILIES).any():
        other_values = sorted(set(values.dropna().astype(str)) - set(FAMILIES))
        return values.astype(pd.CategoricalDtype([*FAMILIES, *other_values], ordered=True))
    return values


__getattr__ = deprecated.renamed(__name__, {"KNOWN_GEOMETRIES": "artois_geo.meaning.KNOWN_GEOMETRIES"})


guard(__name__)


def __dir__() -> list[str]:
    return sorted(__all__)
