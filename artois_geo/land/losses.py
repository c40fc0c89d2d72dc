"""What each constraint costs each site: alone, exclusively, and at the margin in declared order."""

from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from artois_geo import shapes
from artois_geo.errors import UnknownName
from artois_geo.land import reach
from artois_geo.land.available import Combine, _check, _inside, shares_by_name
from artois_geo.measure import M2_PER_HA

OUTSIDE = "hors du périmètre admis"


def losses(
    sites: gpd.GeoDataFrame,
    constraints: gpd.GeoDataFrame,
    *,
    by: str,
    order: Iterable[object] | None = None,
    combine: Combine = "min",
    only_where: gpd.GeoDataFrame | None = None,
    force_keep: gpd.GeoDataFrame | None = None,
    cores: int | None = None,
) -> pd.DataFrame:
    """Waterfall of lost hectares: one row per site and constraint.

    Parameters
    ----------
    sites, constraints, combine, only_where, force_keep, cores
        As for :func:`artois_geo.land.available`.
    by
        Column naming each constraint.
    order
        Names in the order of the waterfall; by default that of their first row. It changes
        the marginals, never their sum.

    Returns
    -------
    DataFrame
        Indexed by site and constraint name (every pair, 0 where it does not reach).
        ``alone_ha``: what the constraint would take by itself; ``only_ha``: what it takes and no
        other does (freed if it were lifted); ``marginal_ha``: what it adds to those before it;
        ``remaining_ha``: what is left after it, the last being the net area before any shape demand.
        A soft constraint counts for the share it takes.

    Raises
    ------
    BadCRS, BadTable, BadValue, UnknownName
        As for :func:`artois_geo.land.available`; a name of ``order`` is not a constraint.

    Examples
    --------
    A flood and a power line that cross over 5 ha:

    >>> from artois_geo import land
    >>> import pandas as pd
    >>> site = plain.square(x_km=0, y_km=0, side_km=1)
    >>> flood = plain.rectangle(x_km=0, y_km=0, width_km=1, height_km=0.5, name="inondation")
    >>> power = plain.rectangle(x_km=0, y_km=0, width_km=0.1, height_km=1, name="ligne")
    >>> waterfall = land.losses(site, pd.concat([flood, power], ignore_index=True), by="name")
    >>> waterfall.round(6).values.tolist()
    [[50.0, 45.0, 50.0, 50.0], [10.0, 5.0, 5.0, 45.0]]
    """
    _check(sites, only_where, force_keep, None, None, combine=combine)
    rules = reach.constraints_of(constraints, by=by)
    names = _ordered(rules.names, order)
    ground = sites.geometry.to_numpy()
    covers, groups = [], []
    if only_where is not None:
        covers.append(shapes.polygonal(shapely.difference(ground, _inside(ground, only_where))))
        groups.append((-1, 0.0))
        names = [OUTSIDE, *names]
    number = {name: at for at, name in enumerate(rules.names)}
    for name, share in sorted({*zip(rules.name, rules.kept_share, strict=True)}):
        rows = (rules.name == name) & (rules.kept_share == share)
        covers.append(
            _spared(
                reach.taken(ground, rules.ground[rows], rules.setback_m[rows], cores=cores),
                ground,
                force_keep,
            )
        )
        groups.append((name, share))
    site, cell, inside = reach.split(ground, covers)
    known = sorted({name for name, _ in groups})
    kept = shares_by_name(inside, groups)[:, [known.index(number.get(name, -1)) for name in names]]
    return _waterfall(sites, names, site, shapely.area(cell), kept, combine, by=by)


def sentence(waterfall: pd.DataFrame, *, site_name: str = "") -> str:
    """The waterfall of one site in words that a mayor reads, rounded so that the figures add up.

    Parameters
    ----------
    waterfall
        The rows of one site, as :func:`losses` gives them (``losses(…).loc[site]``).
    site_name
        What the site is called; nothing is said if empty.

    Returns
    -------
    str
        In hectares to the decimal, with a comma.

    Examples
    --------
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
    if waterfall.index.nlevels > 1:
        waterfall = waterfall.droplevel(list(range(waterfall.index.nlevels - 1)))
    gross = float(waterfall["remaining_ha"].iloc[0] + waterfall["marginal_ha"].iloc[0])
    net = float(waterfall["remaining_ha"].iloc[-1])
    steps = {str(name): float(ha) for name, ha in waterfall["only_ha"].items() if ha > 0}
    both = gross - net - sum(steps.values())
    touching = int((waterfall["alone_ha"] > 0).sum())
    if both > 1e-9:
        steps["les deux à la fois" if touching == 2 else "sous plusieurs contraintes à la fois"] = both
    tenths = _adding_up([net, *steps.values()], gross)
    said = "".join(
        f" − {_tenths(value)} {name}" for name, value in zip(steps, tenths[1:], strict=True) if value
    )
    return f"{head}{_tenths(sum(tenths))} ha bruts{said} = {_tenths(tenths[0])} ha."


def _ordered(names: tuple[object, ...], order: Iterable[object] | None) -> list[object]:
    if order is None:
        return list(names)
    wanted = list(dict.fromkeys(order))
    for name in wanted:
        if name not in names:
            raise UnknownName("nom de contrainte", str(name), map(str, names))
    return wanted + [name for name in names if name not in wanted]


def _spared(
    cover: NDArray[np.object_], ground: NDArray[np.object_], force_keep: gpd.GeoDataFrame | None
) -> NDArray[np.object_]:
    if force_keep is None:
        return cover
    kept = _inside(ground, force_keep)
    reached = ~shapely.is_missing(cover)
    cover[reached] = shapely.difference(cover[reached], kept[reached])
    return cover


def _waterfall(
    sites: gpd.GeoDataFrame,
    names: list[object],
    site: NDArray[np.intp],
    area: NDArray[np.float64],
    kept: NDArray[np.float64],
    combine: Combine,
    *,
    by: str,
) -> pd.DataFrame:
    running = np.minimum.accumulate(kept, axis=1) if combine == "min" else np.cumprod(kept, axis=1)
    before = np.concatenate([np.ones((len(kept), 1)), running[:, :-1]], axis=1)
    without = np.empty_like(kept)
    for at in range(kept.shape[1]):
        others = np.delete(kept, at, axis=1)
        without[:, at] = others.min(axis=1, initial=1.0) if combine == "min" else others.prod(axis=1)
    last = running[:, -1:] if kept.shape[1] else running
    index = pd.MultiIndex.from_product([sites.index, names], names=[sites.index.name or "site", by])
    table = pd.DataFrame(index=index)
    for column, share in (
        ("alone_ha", 1 - kept),
        ("only_ha", without - last),
        ("marginal_ha", before - running),
    ):
        table[column] = _summed(share * area[:, None], site, len(sites)).ravel() / M2_PER_HA
    gross = shapely.area(sites.geometry.to_numpy()) / M2_PER_HA
    marginal = table["marginal_ha"].to_numpy().reshape(len(sites), len(names))
    table["remaining_ha"] = (gross[:, None] - marginal.cumsum(axis=1)).ravel()
    return table


def _summed(values: NDArray[np.float64], site: NDArray[np.intp], count: int) -> NDArray[np.float64]:
    total = np.zeros((count, values.shape[1]))
    np.add.at(total, site, values)
    return total


def _adding_up(parts: list[float], total: float) -> list[int]:
    """Tenths of a hectare whose sum is the total's: the largest remainders are rounded up."""
    exact = [part * 10 for part in parts]
    tenths = [int(value + 1e-7) for value in exact]
    missing = round(total * 10) - sum(tenths)
    for at in sorted(range(len(parts)), key=lambda at: tenths[at] - exact[at])[: max(missing, 0)]:
        tenths[at] += 1
    return tenths


def _tenths(value: int) -> str:
    return f"{value / 10:.1f}".replace(".", ",")
