"""Charts of the ZAN account as SVG: no script, no style element, every text escaped."""

import textwrap
from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from artois_geo import measure, tables
from artois_geo.charts.words import escaped, words
from artois_geo.errors import BadTable

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
) -> str:
    """Yearly consumption as bars, with the mean of the reference and the mean that the budget allows.

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
    str
        An SVG element.

    Examples
    --------
    >>> flows = pd.DataFrame({"year": [2020, 2021], "consumed_ha": [2.0, 1.0], "provisional": False})
    >>> drawn = flows_chart(
    ...     flows, reference_years=(2011, 2020), budget_years=(2021, 2030), allowed_ha=5.0)
    >>> drawn.count("<rect")
    2
    """
    flows = flows.sort_values("year")
    years, values = flows["year"].to_numpy(), flows["consumed_ha"].to_numpy(dtype=float)
    allowed = allowed_ha / (budget_years[1] - budget_years[0] + 1)
    past = (years >= reference_years[0]) & (years <= reference_years[1])
    reference = values[past].mean() if past.any() else 0.0
    top = _nice(max([*values, allowed, reference, 1e-9]))
    step = (WIDTH - _LEFT - _RIGHT) / len(years)
    parts = _axes(top, "ha par an")
    for place, (year, value) in enumerate(zip(years, values, strict=True)):
        x, y = _LEFT + place * step, _y(value, top)
        fill = _PROVISIONAL if bool(flows["provisional"].iloc[place]) else _USED
        parts.append(
            f'<rect x="{x + step * 0.12:.1f}" y="{y:.1f}" width="{step * 0.76:.1f}" '
            f'height="{HEIGHT - _BOTTOM - y:.1f}" fill="{fill}"/>'
        )
        parts.append(_text(x + step / 2, HEIGHT - _BOTTOM + 16, str(year), anchor="middle"))
    if past.any():
        parts.append(_mean(past, step, _y(reference, top), _INK))
        text = f"moyenne {years[past][0]}-{years[past][-1]} : {_said(reference)} par an"
        parts.append(_text(WIDTH - _RIGHT, 14, text, anchor="end", fill=_INK))
    since = (years >= budget_years[0]) & (years <= budget_years[1])
    if since.any():
        parts.append(_mean(since, step, _y(allowed, top), _BUDGET))
        text = f"permis dès {budget_years[0]} : {_said(allowed)} par an"
        parts.append(_text(WIDTH - _RIGHT, 30, text, anchor="end", fill=_BUDGET))
    if flows["provisional"].any():
        parts.append(_text(90, _TOP - 18, "(barre claire : flux provisoire)"))
    return _svg(parts, f"Consommation annuelle d'ENAF, {years[0]} à {years[-1]}")


def trajectory_chart(
    row: pd.Series,
    flows: pd.DataFrame,
    *,
    name: str,
    budget_years: tuple[int, int],
    caption: Sequence[str] = (),
    lang: str = "fr",
) -> str:
    """Use of the budget year by year, the budget, and where the observed pace leads.

    Parameters
    ----------
    row
        One row of a trajectory: ``allowed_ha``, ``used_ha``, ``projected_ha``, ``observed_years``.
    flows
        ``year`` and ``consumed_ha`` of that territory.
    name
        Name of the territory.
    budget_years
        First and last flow of the budget.
    caption
        Sentences under the chart, for a picture that leaves its page: title, source, edition.
    lang
        Language of our own words and of the numbers.

    Returns
    -------
    str
        An SVG element.

    Raises
    ------
    BadTable
        ``flows`` holds several territories, or another one than ``row``.

    Examples
    --------
    >>> row = pd.Series({"allowed_ha": 5.0, "used_ha": 1.0, "projected_ha": 10.0, "observed_years": 1})
    >>> flows = pd.DataFrame({"year": [2021], "consumed_ha": [1.0]})
    >>> "Bois &amp; Cie" in trajectory_chart(row, flows, name="Bois & Cie", budget_years=(2021, 2030))
    True
    """
    _require_one_territory(row, flows)
    first, last = budget_years
    seen = flows[flows["year"].between(first, last)].sort_values("year")
    used = np.concatenate([[0.0], seen["consumed_ha"].cumsum().to_numpy(dtype=float)])
    if used[-1] > 0:  # deductions are spread over what was consumed
        used = used * (float(row["used_ha"]) / used[-1])
    allowed, projected = float(row["allowed_ha"]), float(row["projected_ha"])
    known = [value for value in (*used, allowed, projected) if value == value]
    top = _nice(max([*known, 1e-9]))
    step = (WIDTH - _LEFT - _RIGHT) / (last - first + 1)
    word = words(lang)
    parts = _axes(top, word["cumulated"], lang)
    for place in range(last - first + 2):
        parts.append(_text(_LEFT + place * step, HEIGHT - _BOTTOM + 16, str(first + place), anchor="middle"))
    parts.append(_line(_LEFT, WIDTH - _RIGHT, _y(allowed, top), _BUDGET))
    parts.append(
        _text(
            _LEFT + 6,
            _y(allowed, top) - 6,
            word["budget"].replace("{ha}", _said(allowed, lang)),
            fill=_BUDGET,
        )
    )
    text = word["consumed"].replace("{day}", _day(first + len(seen), lang))
    parts.append(
        _label(
            _LEFT + (len(used) - 1) * step,
            _y(used[-1], top),
            text.replace("{ha}", _said(float(row["used_ha"]), lang)),
            fill=_USED,
        )
    )
    points = " ".join(f"{_LEFT + at * step:.1f},{_y(value, top):.1f}" for at, value in enumerate(used))
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
                word["projection"].replace("{ha}", _said(projected, lang)),
                anchor="end",
                fill=colour,
            )
        )
    told = [line for sentence in caption for line in textwrap.wrap(sentence, _LETTERS)]
    parts += [_text(4, HEIGHT + 14 + 18 * place, line) for place, line in enumerate(told)]
    height = HEIGHT + 18 * len(told) + 8 * bool(told)
    return _svg(parts, word["trajectory"].replace("{name}", name), height=height)


def _require_one_territory(row: pd.Series, flows: pd.DataFrame) -> None:
    """Refuse flows whose years would add up several territories into one curve."""
    keys = [name for name in flows.columns if name in row.index and flows[name].dtype.kind not in "biuf"]
    for key in keys:
        known = flows.loc[flows[key].notna(), key]
        others = known[known.astype(str) != str(row[key])]
        if len(others) and pd.notna(row[key]):
            raise BadTable(
                f"La courbe de {row[key]} a reçu les flux d'un autre territoire ({key} : {others.iloc[0]}).\n"
                f"Ne garder que les siens : flows[flows[{key!r}] == {str(row[key])!r}]."
            )
    if flows["year"].duplicated().any():
        year = flows.loc[flows["year"].duplicated(), "year"].iloc[0]
        raise BadTable(
            f"Plusieurs flux pour {year} : les flux de plusieurs territoires ne font pas une courbe.\n"
            "Ne garder que ceux du territoire dessiné, par exemple flows[flows['epci'] == '200072460']."
        )


def classed_map(
    zones: gpd.GeoDataFrame, values: pd.Series, *, title: str, unit: str, names: pd.Series | None = None
) -> str:
    """Zones shaded by a value in five equal classes, with legend, scale bar and north.

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
    str
        An SVG element.

    Examples
    --------
    >>> zone = plain.square(x_km=0, y_km=0, side_km=1)
    >>> "<path" in classed_map(zone, pd.Series([0.4]), title="Part artificialisée", unit="%")
    True
    """
    measure.require_lambert93(zones=zones)
    west, south, east, north = zones.total_bounds
    scale = min(520.0 / (east - west), 400.0 / (north - south))
    height = (north - south) * scale + 60
    low, high = float(values.min()), float(values.max())
    span = (high - low) or 1.0
    parts = []
    shapes = shapely.simplify(zones.geometry.to_numpy(), 0.5 / scale)
    for shape, value in zip(shapes, values, strict=True):
        fill = "#ffffff"
        if value == value:
            fill = _CLASSES[min(len(_CLASSES) - 1, int((value - low) / span * len(_CLASSES)))]
        parts.append(
            f'<path d="{_path(shape, west, north, scale)}" fill="{fill}" '
            'stroke="#8894a0" stroke-width="0.8"/>'
        )
    if names is not None:
        for point, name in zip(shapely.point_on_surface(shapes), names, strict=True):
            parts.append(
                _text((point.x - west) * scale + 4, (north - point.y) * scale + 4, name, anchor="middle")
            )
    for place, fill in enumerate(_CLASSES):
        y = 36 + place * 24
        edges = low + span * place / len(_CLASSES), low + span * (place + 1) / len(_CLASSES)
        parts.append(f'<rect x="550" y="{y}" width="20" height="16" fill="{fill}" stroke="#8894a0"/>')
        parts.append(_text(578, y + 13, f"{_number(edges[0])} à {_number(edges[1])} {unit}"))
    bar = _nice(float(east - west) / 4, (1, 2, 5))
    bottom = height - 18
    parts.append(
        f'<path d="M10 {bottom:.0f}h{bar * scale:.1f}" stroke="{_INK}" stroke-width="3" fill="none"/>'
    )
    parts.append(_text(10, bottom - 6, f"{_number(bar / 1000)} km"))
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
    """A text beside a point: on the side where there is room, below it unless the axis is there."""
    late = x > (_LEFT + WIDTH - _RIGHT) / 2
    low = y > HEIGHT - _BOTTOM - 20
    return _text(
        x - 8 if late else x + 8, y - 8 if low else y + 16, text, anchor="end" if late else "start", fill=fill
    )


def _mean(years: np.ndarray, step: float, y: float, colour: str) -> str:
    """A level line over the bars of some years, which follow each other."""
    first = int(np.argmax(years))
    return _line(_LEFT + step * first, _LEFT + step * (first + int(years.sum())), y, colour)


def _line(x1: float, x2: float, y: float, colour: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y:.1f}" x2="{x2:.1f}" y2="{y:.1f}" stroke="{colour}" stroke-width="2"/>'


def _y(value: float, top: float) -> float:
    return HEIGHT - _BOTTOM - value / top * (HEIGHT - _TOP - _BOTTOM)


def _nice(value: float, steps: Sequence[float] = (1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10)) -> float:
    power = 10.0 ** np.floor(np.log10(value))
    return float(next((step * power for step in steps if step * power >= value), 10 * power))


def _number(value: float, lang: str = "fr") -> str:
    digits = 0 if value == round(value) else 2 if abs(value) < 10 else 1
    return tables.number(value, digits) if lang == "fr" else f"{value:,.{digits}f}"


def _day(year: int, lang: str) -> str:
    return f"01/01/{year}" if lang == "fr" else f"{year}-01-01"


def _said(area_ha: float, lang: str = "fr") -> str:
    return f"{tables.number(area_ha, 2) if lang == 'fr' else f'{area_ha:,.2f}'} ha"


def _text(x: float, y: float, text: str, *, anchor: str = "start", fill: str = _SOFT) -> str:
    # the white edge keeps a label readable over a bar; twice, as printers of SVG do not all know paint-order
    place = f'x="{x:.1f}" y="{y:.1f}" font-size="13" text-anchor="{anchor}"'
    said = escaped(text)
    return (
        f'<text {place} fill="#ffffff" stroke="#ffffff" stroke-width="3" aria-hidden="true">{said}</text>'
        f'<text {place} fill="{fill}">{said}</text>'
    )


def _path(shape: shapely.Geometry, west: float, north: float, scale: float) -> str:
    drawn = []
    for polygon in shapely.get_parts(shape):
        if polygon.geom_type != "Polygon":
            continue
        for ring in (polygon.exterior, *polygon.interiors):
            points = shapely.get_coordinates(ring)
            x, y = (points[:, 0] - west) * scale + 4, (north - points[:, 1]) * scale + 4
            drawn.append("M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in zip(x, y, strict=True)) + "Z")
    return "".join(drawn)


def _svg(parts: Sequence[str], title: str, *, width: int = WIDTH, height: int = HEIGHT) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'font-family="system-ui, Arial, sans-serif"><title>{escaped(title)}</title>{"".join(parts)}</svg>'
    )
