"""Charts of the ZAN account as SVG: no script, no style element, every text escaped."""

import textwrap
from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from artois_geo import meaning, measure, tables
from artois_geo.charts.drawing import Drawing
from artois_geo.charts.words import escaped, words
from artois_geo.deprecated import renamed_keywords
from artois_geo.errors import BadTable, BadValue, UnknownName

WIDTH, HEIGHT = 760, 320
_LETTERS = 105  # of a line of caption
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 20, 44, 40
_INK, _SOFT, _LINE = "#1b2530", "#536170", "#dbe1e7"
_USED, _PROVISIONAL, _BUDGET, _OVER = "#0b6e99", "#8fc1d9", "#7a4b00", "#a4262c"
_CLASSES = ("#f1eef6", "#bdc9e1", "#74a9cf", "#2b8cbe", "#045a8d")


def flows_chart(
    flows: pd.DataFrame,
    *,
    reference_years: tuple[int, int],
    budget_years: tuple[int, int],
    allowed_ha: float,
) -> Drawing:
    """Draw yearly consumption as bars, with the mean of the reference and the mean that the budget allows.

    Each mean is drawn over the years that it is the mean of.

    Parameters
    ----------
    flows
        ``year``, ``consumed_ha``, ``provisional``: one territory.
    reference_years, budget_years
        First and last flow of each decade.
    allowed_ha
        Budget of the whole decade.

    Returns
    -------
    Drawing
        An SVG element, which a notebook shows.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.charts import flows_chart
    >>> flows = pd.DataFrame({"year": [2020, 2021], "consumed_ha": [2.0, 1.0], "provisional": False})
    >>> svg = flows_chart(
    ...     flows, reference_years=(2011, 2020), budget_years=(2021, 2030), allowed_ha=5.0)
    >>> svg.count("<rect")
    2
    """
    flows = flows.sort_values("year")
    years, consumed_ha = flows["year"].to_numpy(), flows["consumed_ha"].to_numpy(dtype=float)
    allowed_mean = allowed_ha / (budget_years[1] - budget_years[0] + 1)
    in_reference = (years >= reference_years[0]) & (years <= reference_years[1])
    reference_mean = consumed_ha[in_reference].mean() if in_reference.any() else 0.0
    top = _round_up(max([*consumed_ha, allowed_mean, reference_mean, 1e-9]))
    step = (WIDTH - _LEFT - _RIGHT) / len(years)
    parts = _axes(top, "ha par an")
    for index, (year, area_ha) in enumerate(zip(years, consumed_ha, strict=True)):
        x, y = _LEFT + index * step, _y(area_ha, top)
        fill = _PROVISIONAL if bool(flows["provisional"].iloc[index]) else _USED
        parts.append(
            f'<rect x="{x + step * 0.12:.1f}" y="{y:.1f}" width="{step * 0.76:.1f}" '
            f'height="{HEIGHT - _BOTTOM - y:.1f}" fill="{fill}"/>'
        )
        parts.append(_text(x + step / 2, HEIGHT - _BOTTOM + 16, str(year), anchor="middle"))
    if in_reference.any():
        parts.append(_mean_line(in_reference, step, _y(reference_mean, top), _INK))
        text = (
            f"moyenne {years[in_reference][0]}-{years[in_reference][-1]} : {_hectares(reference_mean)} par an"
        )
        parts.append(_text(WIDTH - _RIGHT, 14, text, anchor="end", fill=_INK))
    in_budget = (years >= budget_years[0]) & (years <= budget_years[1])
    if in_budget.any():
        parts.append(_mean_line(in_budget, step, _y(allowed_mean, top), _BUDGET))
        text = f"permis dès {budget_years[0]} : {_hectares(allowed_mean)} par an"
        parts.append(_text(WIDTH - _RIGHT, 30, text, anchor="end", fill=_BUDGET))
    if flows["provisional"].any():
        parts.append(_text(90, _TOP - 18, "(barre claire : flux provisoire)"))
    return _svg(parts, f"Consommation annuelle d'ENAF, {years[0]} à {years[-1]}")


@renamed_keywords("charts.trajectory_chart", trajectory="row")
def trajectory_chart(
    trajectory: pd.DataFrame | pd.Series,
    flows: pd.DataFrame,
    *,
    budget_years: tuple[int, int],
    of: str = "",
    name: str = "",
    caption: Sequence[str] = (),
    lang: str = "fr",
) -> Drawing:
    """Draw the use of the budget year by year, the budget, and where the observed pace leads.

    Parameters
    ----------
    trajectory
        What :func:`artois_geo.zan.trajectory` returned, or one row of it: ``allowed_ha``, ``used_ha``,
        ``projected_ha``, ``observed_years``.
    flows
        ``year`` and ``consumed_ha``; with a whole trajectory, those of all its territories.
    budget_years
        First and last flow of the budget.
    of
        Territory to draw, by its code or name in ``trajectory``: needed where there are several.
    name
        Name of the territory; by default its ``nom``, or what the trajectory is keyed by.
    caption
        Sentences under the chart, for a picture that leaves its page: title, source, edition.
    lang
        Language of our own words and of the numbers.

    Returns
    -------
    Drawing
        An SVG element, which a notebook shows.

    Raises
    ------
    BadTable
        With one row, ``flows`` holds several territories, or another one; a year stands twice.
    BadValue, UnknownName
        Several territories and ``of`` is not given; no such territory.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.charts import trajectory_chart
    >>> row = pd.Series({"allowed_ha": 5.0, "used_ha": 1.0, "projected_ha": 10.0, "observed_years": 1})
    >>> flows = pd.DataFrame({"year": [2021], "consumed_ha": [1.0]})
    >>> "Bois &amp; Cie" in trajectory_chart(row, flows, name="Bois & Cie", budget_years=(2021, 2030))
    True
    >>> two = pd.concat([row.to_frame().T.assign(epci=code) for code in ("CALL", "CAHC")])
    >>> both = pd.concat([flows.assign(epci="CALL"), flows.assign(epci="CAHC", consumed_ha=9.0)])
    >>> "Trajectoire de CALL" in trajectory_chart(two, both, of="CALL", budget_years=(2021, 2030))
    True
    """
    row, flows = _of_territory(trajectory, flows, of)
    _require_one_territory(row, flows)
    name = name or _territory_name(row, flows)
    first_year, last_year = budget_years
    observed = flows[flows["year"].between(first_year, last_year)].sort_values("year")
    used = np.concatenate([[0.0], observed["consumed_ha"].cumsum().to_numpy(dtype=float)])
    if used[-1] > 0:  # deductions are spread over what was consumed
        used = used * (float(row["used_ha"]) / used[-1])
    allowed, projected = float(row["allowed_ha"]), float(row["projected_ha"])
    plotted_ha = [area_ha for area_ha in (*used, allowed, projected) if area_ha == area_ha]
    top = _round_up(max([*plotted_ha, 1e-9]))
    step = (WIDTH - _LEFT - _RIGHT) / (last_year - first_year + 1)
    labels = words(lang)
    parts = _axes(top, labels["cumulated"], lang)
    for offset in range(last_year - first_year + 2):
        x = _LEFT + offset * step
        parts.append(_text(x, HEIGHT - _BOTTOM + 16, str(first_year + offset), anchor="middle"))
    parts.append(_line(_LEFT, WIDTH - _RIGHT, _y(allowed, top), _BUDGET))
    parts.append(
        _text(
            _LEFT + 6,
            _y(allowed, top) - 6,
            labels["budget"].replace("{ha}", _hectares(allowed, lang)),
            fill=_BUDGET,
        )
    )
    text = labels["consumed"].replace("{day}", _day(first_year + len(observed), lang))
    parts.append(
        _label(
            _LEFT + (len(used) - 1) * step,
            _y(used[-1], top),
            text.replace("{ha}", _hectares(float(row["used_ha"]), lang)),
            fill=_USED,
        )
    )
    points = " ".join(
        f"{_LEFT + index * step:.1f},{_y(area_ha, top):.1f}" for index, area_ha in enumerate(used)
    )
    parts.append(f'<polyline points="{points}" fill="none" stroke="{_USED}" stroke-width="3"/>')
    if projected == projected:
        x, y = _LEFT + (len(used) - 1) * step, _y(used[-1], top)
        colour = _OVER if projected > allowed else _USED
        parts.append(
            f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{WIDTH - _RIGHT}" y2="{_y(projected, top):.1f}" '
            f'stroke="{colour}" stroke-width="2" stroke-dasharray="6 5"/>'
        )
        parts.append(
            _text(
                WIDTH - _RIGHT,
                _y(projected, top) - 7,
                labels["projection"].replace("{ha}", _hectares(projected, lang)),
                anchor="end",
                fill=colour,
            )
        )
    caption_lines = [line for sentence in caption for line in textwrap.wrap(sentence, _LETTERS)]
    parts += [_text(4, HEIGHT + 14 + 18 * row_index, line) for row_index, line in enumerate(caption_lines)]
    height = HEIGHT + 18 * len(caption_lines) + 8 * bool(caption_lines)
    return _svg(parts, labels["trajectory"].replace("{name}", name), height=height)


def _of_territory(
    trajectory: pd.DataFrame | pd.Series, flows: pd.DataFrame, of: str
) -> tuple[pd.Series, pd.DataFrame]:
    """Return the row of the territory to draw, and its flows."""
    if isinstance(trajectory, pd.Series):
        return trajectory, flows
    keys = _keys(trajectory.iloc[0], flows) if len(trajectory) else []
    names = [
        column for column in trajectory.columns if column in keys or trajectory[column].dtype.kind in "OU"
    ]
    own_rows = trajectory
    if of:
        is_chosen = (trajectory[names].astype(str) == of).any(axis=1)
        if not is_chosen.any():
            raise UnknownName("territoire", of, trajectory[names].astype(str).to_numpy().ravel())
        own_rows = trajectory[is_chosen]
    if len(own_rows) != 1:
        raise BadValue(
            f"Une courbe est celle d'un territoire ({len(own_rows)} reçus).\n"
            "Écrire charts.trajectory_chart(trajectory, flows, of=…), avec son code ou son nom."
        )
    row = own_rows.iloc[0]
    is_own = [(flows[key].isna() | (flows[key].astype(str) == str(row[key]))).to_numpy() for key in keys]
    return row, flows[np.logical_and.reduce(is_own)] if keys else flows


def _keys(row: pd.Series, flows: pd.DataFrame) -> list[str]:
    """List the columns that name a territory in a trajectory and in its flows."""
    return [name for name in flows.columns if name in row.index and flows[name].dtype.kind not in "biuf"]


def _territory_name(row: pd.Series, flows: pd.DataFrame) -> str:
    own_name = row.get("nom")
    keys = _keys(row, flows)
    return str(own_name) if not meaning.is_missing(own_name) else str(row[keys[0]]) if keys else ""


def _require_one_territory(row: pd.Series, flows: pd.DataFrame) -> None:
    """Refuse flows whose years would add up several territories into one curve."""
    for key in _keys(row, flows):
        territories = flows.loc[flows[key].notna(), key]
        strangers = territories[territories.astype(str) != str(row[key])]
        if len(strangers) and pd.notna(row[key]):
            raise BadTable(
                f"La courbe de {row[key]} a reçu les flux d'un autre territoire "
                f"({key} : {strangers.iloc[0]}).\n"
                f"Ne garder que les siens : flows[flows[{key!r}] == {str(row[key])!r}]."
            )
    if flows["year"].duplicated().any():
        year = flows.loc[flows["year"].duplicated(), "year"].iloc[0]
        raise BadTable(
            f"Plusieurs flux pour {year} : les flux de plusieurs territoires ne font pas une courbe.\n"
            "Ne garder que ceux du territoire dessiné, comme flows[flows['epci'] == CODE]."
        )


def classed_map(
    zones: gpd.GeoDataFrame, values: pd.Series, *, title: str, unit: str, names: pd.Series | None = None
) -> Drawing:
    """Draw zones shaded by a value in five equal classes, with legend, scale bar and north.

    Parameters
    ----------
    zones
        Polygons in EPSG:2154.
    values
        Same index; missing values are left white.
    title, unit
        What the map shows.
    names
        Same index: what to write in each zone.

    Returns
    -------
    Drawing
        An SVG element, which a notebook shows.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.charts import classed_map
    >>> from artois_geo import example
    >>> zone = example.square(x_km=0, y_km=0, side_km=1)
    >>> "<path" in classed_map(zone, pd.Series([0.4]), title="Part artificialisée", unit="%")
    True
    """
    measure.require_lambert93(zones=zones)
    west, south, east, north = zones.total_bounds
    scale = min(520.0 / (east - west), 400.0 / (north - south))
    height = (north - south) * scale + 60
    minimum, maximum = float(values.min()), float(values.max())
    span = (maximum - minimum) or 1.0
    parts = []
    shapes = shapely.simplify(zones.geometry.to_numpy(), 0.5 / scale)
    for shape, value in zip(shapes, values, strict=True):
        fill = "#ffffff"
        if value == value:
            fill = _CLASSES[min(len(_CLASSES) - 1, int((value - minimum) / span * len(_CLASSES)))]
        parts.append(
            f'<path d="{_path(shape, west, north, scale)}" fill="{fill}" '
            'stroke="#8894a0" stroke-width="0.8"/>'
        )
    if names is not None:
        for point, name in zip(shapely.point_on_surface(shapes), names, strict=True):
            parts.append(
                _text((point.x - west) * scale + 4, (north - point.y) * scale + 4, name, anchor="middle")
            )
    for rank, fill in enumerate(_CLASSES):
        y = 36 + rank * 24
        edges = minimum + span * rank / len(_CLASSES), minimum + span * (rank + 1) / len(_CLASSES)
        parts.append(f'<rect x="550" y="{y}" width="20" height="16" fill="{fill}" stroke="#8894a0"/>')
        parts.append(_text(578, y + 13, f"{_number(edges[0])} à {_number(edges[1])} {unit}"))
    bar_m = _round_up(float(east - west) / 4, (1, 2, 5))
    bottom = height - 18
    parts.append(
        f'<path d="M10 {bottom:.0f}h{bar_m * scale:.1f}" stroke="{_INK}" stroke-width="3" fill="none"/>'
    )
    parts.append(_text(10, bottom - 6, f"{_number(bar_m / 1000)} km"))
    parts.append(_text(550, 22, title, fill=_INK))
    parts.append(_text(550, 180, "Nord en haut, Lambert-93"))
    return _svg(parts, title, width=WIDTH, height=int(height))


def _axes(top: float, unit: str, lang: str = "fr") -> list[str]:
    parts = [_text(4, _TOP - 18, unit)]
    for share in (0, 0.25, 0.5, 0.75, 1):
        y = _y(top * share, top)
        parts.append(f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{WIDTH - _RIGHT}" y2="{y:.1f}" stroke="{_LINE}"/>')
        parts.append(_text(_LEFT - 8, y + 4, _number(top * share, lang), anchor="end"))
    return parts


def _label(x: float, y: float, text: str, *, fill: str) -> str:
    """Write a text beside a point: on the side where there is room, below it unless the axis is there."""
    is_right_half = x > (_LEFT + WIDTH - _RIGHT) / 2
    is_near_axis = y > HEIGHT - _BOTTOM - 20
    return _text(
        x - 8 if is_right_half else x + 8,
        y - 8 if is_near_axis else y + 16,
        text,
        anchor="end" if is_right_half else "start",
        fill=fill,
    )


def _mean_line(is_drawn: np.ndarray, step: float, y: float, colour: str) -> str:
    """Draw a level line over the bars of some years, which follow each other."""
    first_bar = int(np.argmax(is_drawn))
    return _line(_LEFT + step * first_bar, _LEFT + step * (first_bar + int(is_drawn.sum())), y, colour)


def _line(x1: float, x2: float, y: float, colour: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y:.1f}" x2="{x2:.1f}" y2="{y:.1f}" stroke="{colour}" stroke-width="2"/>'


def _y(area_ha: float, top_ha: float) -> float:
    return HEIGHT - _BOTTOM - area_ha / top_ha * (HEIGHT - _TOP - _BOTTOM)


def _round_up(minimum: float, steps: Sequence[float] = (1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10)) -> float:
    """Return the round number at or just above a value: the end of an axis."""
    power = 10.0 ** np.floor(np.log10(minimum))
    return float(next((step * power for step in steps if step * power >= minimum), 10 * power))


def _number(amount: float, lang: str = "fr") -> str:
    digits = 0 if amount == round(amount) else 2 if abs(amount) < 10 else 1
    return tables.number(amount, digits) if lang == "fr" else f"{amount:,.{digits}f}"


def _day(year: int, lang: str) -> str:
    return f"01/01/{year}" if lang == "fr" else f"{year}-01-01"


def _hectares(area_ha: float, lang: str = "fr") -> str:
    return f"{tables.number(area_ha, 2) if lang == 'fr' else f'{area_ha:,.2f}'} ha"


def _text(x: float, y: float, text: str, *, anchor: str = "start", fill: str = _SOFT) -> str:
    # the white edge keeps a label readable over a bar; twice, as printers of SVG do not all know paint-order
    anchoring = f'x="{x:.1f}" y="{y:.1f}" font-size="13" text-anchor="{anchor}"'
    content = escaped(text)
    return (
        f'<text {anchoring} fill="#ffffff" stroke="#ffffff" stroke-width="3" aria-hidden="true">'
        f"{content}</text>"
        f'<text {anchoring} fill="{fill}">{content}</text>'
    )


def _path(shape: shapely.Geometry, west: float, north: float, scale: float) -> str:
    subpaths = []
    for polygon in shapely.get_parts(shape):
        if polygon.geom_type != "Polygon":
            continue
        for ring in (polygon.exterior, *polygon.interiors):
            vertices = shapely.get_coordinates(ring)
            x, y = (vertices[:, 0] - west) * scale + 4, (north - vertices[:, 1]) * scale + 4
            points = "L".join(f"{px:.1f} {py:.1f}" for px, py in zip(x, y, strict=True))
            subpaths.append(f"M{points}Z")
    return "".join(subpaths)


def _svg(parts: Sequence[str], title: str, *, width: int = WIDTH, height: int = HEIGHT) -> Drawing:
    return Drawing(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'font-family="system-ui, Arial, sans-serif"><title>{escaped(title)}</title>{"".join(parts)}</svg>'
    )
