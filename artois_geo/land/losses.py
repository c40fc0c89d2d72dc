"""What each constraint costs each site: alone, exclusively, and at the margin in declared order."""

from collections.abc import Iterable, Sequence
from typing import Any, Unpack, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from artois_geo import meaning, shapes
from artois_geo.errors import BadTable, BadValue, UnknownName
from artois_geo.land import setbacks
from artois_geo.land.constraint_table import Constraints, as_frame
from artois_geo.land.cuts import (
    Admitted,
    Combine,
    polygons_of,
    require_ground,
    require_known,
    shares_by_name,
    unmeasurable,
    within,
)
from artois_geo.land.moves import find_doubts
from artois_geo.measure import M2_PER_HA
from artois_geo.shapes import Shapes
from artois_geo.text import adding_up, comma

OUTSIDE = "hors du périmètre admis"
SHAPE = "Morceaux trop petits ou trop étroits"
JOINT = " · "  # between the texts that name a constraint together
UNSURVEYED = "Sol que personne n'a regardé"
COLUMNS = ("alone_ha", "only_ha", "marginal_ha", "remaining_ha")
#: Under a square decimetre, two ways to the same area may disagree.
CRUMB_HA = 1e-6

Figures = NDArray[np.float64]


def losses(
    sites: gpd.GeoDataFrame,
    constraints: Constraints,
    *,
    by: str | Sequence[str] | None = None,
    order: Iterable[object] | None = None,
    left: gpd.GeoDataFrame | None = None,
    cores: int | None = None,
    **demands: Unpack[Admitted],
) -> pd.DataFrame:
    """Measure the waterfall of lost hectares: one row per site and constraint.

    Parameters
    ----------
    sites, constraints, combine, only_where, force_keep, cores
        As for :func:`artois_geo.land.available`.
    by
        Column naming each constraint, or several whose texts together name it, joined by « · »; not needed
        where the constraints are given by name.
    order
        Names in the order of the waterfall; by default that of their first row. It changes
        the marginals, never their sum.
    left
        What :func:`artois_geo.land.available` returned for the same sites, constraints and demands: the
        waterfall then goes on to its ``net_ha``, with a row for the ground that is lost to its shape and,
        where some was not looked at, a row for the unknown ground.

    Returns
    -------
    DataFrame
        Indexed by site and constraint name (every pair, 0 where it does not reach).
        ``alone_ha``: what the constraint would take by itself; ``only_ha``: what it takes and no
        other does (freed if it were lifted); ``marginal_ha``: what it adds to those before it;
        ``remaining_ha``: what is left after it, the last being the net area: before any shape demand
        without ``left``, the ``net_ha`` of ``left`` with it.
        A soft constraint counts for the share it takes. The rows that ``left`` adds have no ``alone_ha``.
        All is null for a site that is not measured (``schematic`` of ``left``), which may be a point where
        ``left`` was made with ``skip_unmeasured``.

    Raises
    ------
    BadCRS, BadTable, BadValue, UnknownName
        As for :func:`artois_geo.land.available`; a name of ``order`` is not a constraint; ``left`` is that
        of other sites.

    Examples
    --------
    A flood and a power line that cross over 5 ha:

    >>> from artois_geo import example, land
    >>> import pandas as pd
    >>> site = example.square(x_km=0, y_km=0, side_km=1)
    >>> flood = example.rectangle(x_km=0, y_km=0, width_km=1, height_km=0.5, name="inondation")
    >>> power = example.rectangle(x_km=0, y_km=0, width_km=0.1, height_km=1, name="ligne")
    >>> waterfall = land.losses(site, pd.concat([flood, power], ignore_index=True), by="name")
    >>> waterfall.round(6).values.tolist()
    [[50.0, 45.0, 50.0, 50.0], [10.0, 5.0, 5.0, 45.0]]
    """
    require_known(demands, Admitted)
    constraints, by = _named_by(constraints, by)
    if left is not None:
        measured = _measured(sites, left)
        if not measured.all():
            options: dict[str, Any] = {"by": by, "order": order, "cores": cores, **demands}
            table = losses(sites[measured], constraints, left=left[measured], **options)
            levels = [sites.index, table.index.unique(1)]
            return table.reindex(pd.MultiIndex.from_product(levels, names=table.index.names))
    combine, force_keep = demands.get("combine", "min"), demands.get("force_keep")
    only_where = demands.get("only_where")
    require_ground(sites, only_where=only_where, force_keep=force_keep)
    if combine not in get_args(Combine):
        raise UnknownName("mode de combinaison", combine, get_args(Combine))
    rules = setbacks.constraints_of(constraints, by=by)
    names = _ordered(rules.names, order)
    outlines = sites.geometry.to_numpy()
    granted = None if force_keep is None else within(outlines, force_keep.geometry.to_numpy())
    covers, groups = [], []
    if (admitted := polygons_of(only_where)) is not None:
        outside = shapes.overlaid(shapely.difference, outlines, within(outlines, admitted))
        covers.append(shapes.polygonal(outside))
        groups.append((-1, 0.0))
        names = [OUTSIDE, *names]
    name_numbers = {name: number for number, name in enumerate(rules.names)}
    for name, share in sorted({*zip(rules.name, rules.kept_share, strict=True)}):
        rows = (rules.name == name) & (rules.kept_share == share)
        cover = setbacks.buffered_cover(outlines, rules.ground[rows], rules.setback_m[rows], cores=cores)
        covers.append(_outside(granted, cover))
        groups.append((name, share))
    site, cell, inside = setbacks.split(outlines, covers)
    kept_shares = _shares(inside, groups, [name_numbers.get(name, -1) for name in names])
    figures = _waterfall(shapely.area(outlines), site, shapely.area(cell), kept_shares, combine)
    sketched = find_doubts(sites, rules).reached()
    if left is not None:
        names, figures = _with_steps(names, figures, _shape_and_unknown(figures, left))
        sketched = left["schematic"].to_numpy(dtype=bool)
    index = pd.MultiIndex.from_product([sites.index, names], names=[sites.index.name or "site", by])
    table = pd.DataFrame({column: figures[column].ravel() for column in COLUMNS}, index=index)
    table.loc[np.repeat(sketched, len(names))] = np.nan
    return table


def _shares(
    inside: NDArray[np.bool_], groups: list[tuple[int, float]], numbers: list[int]
) -> NDArray[np.float64]:
    """Give the kept share of each cell under each constraint in turn; one without a row takes nothing."""
    covering = sorted({number for number, _ in groups})
    column_of = {number: column for column, number in enumerate(covering)}
    shares = np.column_stack([shares_by_name(inside, groups), np.ones(len(inside))])
    return shares[:, [column_of.get(number, -1) for number in numbers]]


def _measured(sites: gpd.GeoDataFrame, left: gpd.GeoDataFrame) -> pd.Series:
    """Tell which sites have an outline to measure; ``left`` is about these sites."""
    if not left.index.equals(sites.index):
        raise BadTable("« left » porte sur d'autres sites : donner ce que land.available a rendu ici.")
    return unmeasurable(sites).isna()


def _with_steps(
    names: list[object], figures: dict[str, Figures], steps: dict[str, dict[str, Figures]]
) -> tuple[list[object], dict[str, Figures]]:
    """Put the steps of a waterfall after the constraints, one column each."""
    columns = {
        column: np.column_stack([figures[column], *(step[column] for step in steps.values())])
        for column in COLUMNS
    }
    return [*names, *steps], columns


def _named_by(constraints: Constraints, by: str | Sequence[str] | None) -> tuple[gpd.GeoDataFrame, str]:
    """Gather constraints in one frame, and return the one column that names them."""
    frame = as_frame(constraints)
    if by is None:
        if frame is constraints:
            raise BadValue(
                "Donner by= : la colonne de « constraints » qui nomme chaque contrainte.\n"
                'Ou donner les contraintes par leur nom : {"Zone tampon": couche, "Lignes": (lignes, 20)}.'
            )
        return frame, "constraint"
    columns = meaning.columns_of(by)
    absent = [name for name in columns if name not in frame.columns]
    if absent or not columns:
        raise UnknownName("colonne", ", ".join(map(str, absent)), map(str, frame.columns))
    if len(columns) == 1:
        return frame, columns[0]
    name = JOINT.join(columns)
    texts = frame[columns].astype(str).agg(JOINT.join, axis=1).where(frame[columns].notna().all(axis=1))
    return frame.assign(**{name: texts}), name


def sentence(waterfall: pd.DataFrame, *, site_name: str = "", left: pd.Series | None = None) -> str:
    """Say the waterfall of one site in words that a mayor reads, rounded so that the figures add up.

    Parameters
    ----------
    waterfall
        The rows of one site, as :func:`losses` gives them (``losses(…).loc[site]``).
    site_name
        What the site is called; nothing is said if empty.
    left
        Row of the site, from :func:`artois_geo.land.available`: needed where the site is not measured,
        whose sentence is an interval; says « nets » where soft constraints weigh.

    Returns
    -------
    str
        In hectares to the decimal, with a comma; the steps are rounded so that the last figure is exact.

    Raises
    ------
    BadTable
        The site is not measured and ``left`` is absent.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.land import sentence
    >>> rows = pd.DataFrame(
    ...     [[4.0, 3.6, 4.0, 16.0], [2.0, 1.6, 1.6, 14.4]],
    ...     index=["inondation", "ligne"],
    ...     columns=["alone_ha", "only_ha", "marginal_ha", "remaining_ha"],
    ... )
    >>> sentence(rows, site_name="Les Hauts")
    'Les Hauts : 20,0 ha bruts − 3,6 inondation − 1,6 ligne − 0,4 les deux à la fois = 14,4 ha.'
    """
    head = f"{site_name} : " if site_name else ""
    if waterfall.empty:
        return f"{head}aucune contrainte."
    if waterfall["remaining_ha"].isna().all():
        return f"{head}{_order_of_magnitude(left)}."
    if waterfall.index.nlevels > 1:
        waterfall = waterfall.droplevel(list(range(waterfall.index.nlevels - 1)))
    gross = float(waterfall["remaining_ha"].iloc[0] + waterfall["marginal_ha"].iloc[0])
    net = float(waterfall["remaining_ha"].iloc[-1])
    steps = _steps(waterfall, gross - net)
    start, end = (round(round(hectares, 1) * 10) for hectares in (gross, net))
    tenths = adding_up([*steps.values()], start - end, decimals=1)
    terms = "".join(f" − {_tenths(ha)} {name}" for name, ha in zip(steps, tenths, strict=True) if ha)
    nets = " nets" if left is not None and left["net_ha"] < left["available_ha"] else ""
    return f"{head}{_tenths(start)} ha bruts{terms} = {_tenths(end)} ha{nets}."


def _steps(waterfall: pd.DataFrame, lost_ha: float) -> dict[str, float]:
    """Name the hectares that each constraint takes alone, those taken together, and the last steps."""
    exclusive_ha = {str(name): float(ha) for name, ha in waterfall["only_ha"].items() if ha > 0}
    final_steps = {
        name.lower(): exclusive_ha.pop(name) for name in (SHAPE, UNSURVEYED) if name in exclusive_ha
    }
    overlap_ha = lost_ha - sum(exclusive_ha.values()) - sum(final_steps.values())
    touching_count = int((waterfall["alone_ha"] > 0).sum())
    together = "les deux à la fois" if touching_count == 2 else "sous plusieurs contraintes à la fois"
    return exclusive_ha | ({together: overlap_ha} if overlap_ha > CRUMB_HA else {}) | final_steps


def _order_of_magnitude(site: pd.Series | None) -> str:
    """Describe a site that is not measured: its published area, the interval, and why."""
    if site is None:
        raise BadTable(
            "Un site schématique n'a pas de cascade : donner sa ligne, sentence(…, left=left.loc[site])."
        )
    if pd.isna(site["gross_ha"]):
        return f"surface inconnue ({site['available_reason']})"
    published = site["gross_origin"] == "publiée"
    gross = f"{_short(site['gross_ha'])} ha {'publiés' if published else 'bruts'}"
    low_ha, high_ha = site["available_low_ha"], site["available_high_ha"]
    if pd.isna(low_ha):
        return f"{gross}, disponible inconnu ({site['available_reason']})"
    interval = _short(low_ha) if low_ha == high_ha else f"{_short(low_ha)} à {_short(high_ha)}"
    return f"{gross}, {interval} ha disponibles ({site['available_reason']})"


def _ordered(names: tuple[object, ...], order: Iterable[object] | None) -> list[object]:
    if order is None:
        return list(names)
    requested = list(dict.fromkeys(order))
    for name in requested:
        if name not in names:
            raise UnknownName("nom de contrainte", str(name), map(str, names))
    return requested + [name for name in names if name not in requested]


def _outside(granted: Shapes | None, cover: Shapes) -> Shapes:
    """Subtract from what a constraint covers the ground that stays whatever covers it."""
    if granted is not None:
        reached = ~shapely.is_missing(cover)
        cover[reached] = shapes.overlaid(shapely.difference, cover[reached], granted[reached])
    return cover


def _waterfall(
    gross_m2: Figures, site: NDArray[np.intp], area_m2: Figures, kept_shares: Figures, combine: Combine
) -> dict[str, Figures]:
    """Compute the figures of each column, a row per site and a position per constraint, from the cells."""
    shares_after = (
        np.minimum.accumulate(kept_shares, axis=1) if combine == "min" else np.cumprod(kept_shares, axis=1)
    )
    shares_before = np.concatenate([np.ones((len(kept_shares), 1)), shares_after[:, :-1]], axis=1)
    shares_without = np.empty_like(kept_shares)
    for position in range(kept_shares.shape[1]):
        other_shares = np.delete(kept_shares, position, axis=1)
        shares_without[:, position] = (
            other_shares.min(axis=1, initial=1.0) if combine == "min" else other_shares.prod(axis=1)
        )
    final_shares = shares_after[:, -1:] if kept_shares.shape[1] else shares_after
    shares = {
        "alone_ha": 1 - kept_shares,
        "only_ha": shares_without - final_shares,
        "marginal_ha": shares_before - shares_after,
    }
    figures = {}
    for column, share in shares.items():
        hectares = np.zeros((len(gross_m2), kept_shares.shape[1]))
        np.add.at(hectares, site, share * area_m2[:, None])
        figures[column] = hectares / M2_PER_HA
    figures["remaining_ha"] = gross_m2[:, None] / M2_PER_HA - figures["marginal_ha"].cumsum(axis=1)
    return {column: np.where(np.abs(values) < CRUMB_HA, 0.0, values) for column, values in figures.items()}


def _shape_and_unknown(figures: dict[str, Figures], left: gpd.GeoDataFrame) -> dict[str, dict[str, Figures]]:
    """Compute the last steps of the waterfall, down to ``net_ha`` of ``left``: shape, then unknown ground."""
    net_ha, high_ha, shape_lost_ha = (
        left[column].to_numpy(dtype=float) for column in ("net_ha", "high_ha", "shape_lost_ha")
    )
    gross = left["gross_ha"].to_numpy(dtype=float)
    before_shape_ha = np.where(shape_lost_ha > 0, gross - figures["marginal_ha"].sum(axis=1), high_ha)
    # Where the shape takes nothing, the figure of ``left``.
    figures["remaining_ha"][:, -1:] = before_shape_ha[:, None]
    steps = {}
    if (shape_lost_ha > 0).any():
        steps[SHAPE] = (before_shape_ha - high_ha, high_ha)
    if (high_ha > net_ha).any():
        steps[UNSURVEYED] = (high_ha - net_ha, net_ha)
    return {
        name: dict(zip(COLUMNS, (np.full(len(left), np.nan), lost_ha, lost_ha, remaining_ha), strict=True))
        for name, (lost_ha, remaining_ha) in steps.items()
    }


def _tenths(value: int) -> str:
    return comma(f"{value / 10:.1f}")


def _short(hectares: float) -> str:
    return comma(f"{hectares:g}")
