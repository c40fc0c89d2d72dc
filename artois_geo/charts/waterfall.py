"""What constraints take from a site, what may be left of it, and its profile on several axes."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from artois_geo import meaning
from artois_geo.arguments import MaybeUnknown
from artois_geo.charts.drawing import Drawing
from artois_geo.charts.words import decimal, escaped, words
from artois_geo.deprecated import renamed_keywords
from artois_geo.errors import BadTable, BadValue, UnknownName
from artois_geo.land.losses import UNSURVEYED

WIDTH = 720
ROW = 30
LABEL = 265
LONGEST = 36  # letters of a label that fit there
VALUE = 70
SURE_HA = 1e-4  # under a square metre, two sums of hectares may disagree
FONT = "font-family='system-ui, sans-serif' font-size='13'"
AVAILABLE, LOST, UNKNOWN, FAINT, INK = "#2f7d4f", "#b5483a", "#c9a227", "#d9dee3", "#1b2733"


@renamed_keywords("charts.waterfall", left="gross_ha")
def waterfall(
    left: pd.DataFrame | pd.Series | float,
    losses: pd.DataFrame | pd.Series | Sequence[tuple[str, float]],
    *,
    site: Any = None,
    unknown_ha: float = 0.0,
    weighted: bool = False,
    title: str = "",
    lang: str = "fr",
) -> Drawing:
    """Draw the waterfall of a site: gross area, what each constraint takes in turn, what is left.

    Parameters
    ----------
    left
        What :func:`artois_geo.land.available` returned, or the row of one site; or the gross area of a
        site (ha).
    losses
        What :func:`artois_geo.land.losses` returned for the same sites with ``left=``, or the rows of the
        site. With a gross area: pairs of name and marginal hectares in declared order, or a series of
        them; those that take nothing are left out.
    site
        Label of the row of ``left`` to draw; needed where there are several.
    unknown_ha
        With a gross area: ground that nobody looked at, drawn in its own colour before the net.
    weighted
        With a gross area: some losses are those of soft constraints, what is left is called net, not
        available.
    title
        Drawn above, and read aloud by a screen reader; by default the name of the site, where ``left``
        has one.
    lang
        Language of our own words and of the numbers.

    Returns
    -------
    Drawing
        A whole ``<svg>``, which a notebook shows; every text is escaped. The interval of a site that is not
        measured, as :func:`interval` draws it.

    Raises
    ------
    BadTable
        The site has no area, or the losses do not lead to what is left of it.
    BadValue, UnknownName
        Several sites and none named; no such site.

    Examples
    --------
    >>> from artois_geo.charts import waterfall
    >>> svg = waterfall(20, [("inondation", 4), ("ligne", 1.6)], title="Les Hauts")
    >>> "14,4 ha" in svg and svg.startswith("<svg")
    True

    A site of 100 ha whose eastern quarter is liable to flooding:

    >>> from artois_geo import example, land
    >>> sites = example.square(x_km=0, y_km=0, side_km=1, site_nom="Les Hauts")
    >>> flood = example.rectangle(x_km=0.75, y_km=0, width_km=1, height_km=1, nom="crue")
    >>> left = land.available(sites, flood)
    >>> losses = land.losses(sites, flood, by="nom", left=left)
    >>> svg = waterfall(left, losses, site=0)
    >>> "Les Hauts" in svg and "75 ha" in svg
    True
    """
    if isinstance(left, pd.DataFrame | pd.Series):
        return _of_site(left, losses, site=site, title=title, lang=lang)
    if isinstance(losses, pd.DataFrame) or (isinstance(losses, tuple) and isinstance(losses[0], str)):
        raise BadTable(
            "Graphique : avec une surface brute, « losses » est une liste de couples [(nom, hectares), …].\n"
            "Écrire charts.waterfall(left, losses, site=…), où left vient de land.available et losses de "
            "land.losses."
        )
    if not left > 0:
        raise BadTable("Graphique : le site n'a pas de surface.")
    pairs = [(str(name), ha) for name, ha in losses.items()] if isinstance(losses, pd.Series) else losses
    return _steps(left, pairs, unknown_ha=unknown_ha, weighted=weighted, title=title, lang=lang)


def _of_site(left: pd.DataFrame | pd.Series, losses: object, *, site: Any, title: str, lang: str) -> Drawing:
    """Draw a site from what the analyses of the land returned."""
    if not isinstance(losses, pd.DataFrame):
        raise BadTable(
            "Graphique : « losses » doit être le tableau que rend land.losses(…, left=left).\n"
            "Pour une liste de couples (nom, hectares), donner d'abord la surface brute du site."
        )
    if isinstance(left, pd.DataFrame):
        label = _site_label(left, site)
        title = title or str(meaning.site_names(left).loc[label])
        row: pd.Series = left.loc[label]
    else:
        row, label = left, left.name if site is None else site
    if losses.index.nlevels > 1:
        losses = _rows_of_site(losses, label)
    gross_ha = float(row["gross_ha"])
    if row["schematic"]:
        bounds = float(row["available_low_ha"]), float(row["available_high_ha"])
        published = row["gross_origin"] == "publiée"
        return interval(gross_ha, *bounds, published=published, title=title, lang=lang)
    steps = losses["marginal_ha"].astype(float)
    if not math.isclose(gross_ha - steps.sum(), row["net_ha"], abs_tol=SURE_HA):
        raise BadTable(
            "Graphique : les pertes ne mènent pas à ce qui reste du site (exigences de forme, sol inconnu, "
            "autres contraintes).\n"
            "Calculer les pertes avec land.losses(sites, contraintes, by=…, left=left)."
        )
    unknown_ha = float(steps.get(UNSURVEYED, 0.0))
    steps = steps.drop(index=UNSURVEYED, errors="ignore")
    weighted = bool(row["net_ha"] < row["available_ha"])
    return waterfall(gross_ha, steps, unknown_ha=unknown_ha, weighted=weighted, title=title, lang=lang)


def _site_label(left: pd.DataFrame, site: Any) -> Any:
    """Return the label of the row to draw: the one that is named, or the only one."""
    if site is None and len(left) != 1:
        raise BadValue(
            f"Graphique : « left » a {len(left)} sites, un graphique en montre un.\n"
            "Écrire charts.waterfall(left, losses, site=…), avec un nom de left.index."
        )
    if site is not None and site not in left.index:
        raise UnknownName("site", str(site), map(str, left.index))
    return left.index[0] if site is None else site


def _rows_of_site(losses: pd.DataFrame, site: Any) -> pd.DataFrame:
    if site not in losses.index.get_level_values(0):
        raise UnknownName("site", str(site), map(str, losses.index.get_level_values(0).unique()))
    return losses.loc[site]


def _steps(
    gross_ha: float,
    losses: Sequence[tuple[str, float]],
    *,
    unknown_ha: float,
    weighted: bool,
    title: str,
    lang: str,
) -> Drawing:
    """Draw the steps from a gross area to what is left."""
    labels = words(lang)
    steps = [(labels["gross"], 0.0, gross_ha, AVAILABLE, f"{_number(gross_ha, lang)} ha")]
    remaining_ha = gross_ha
    for name, area_ha in losses:
        if area_ha * 1e4 >= 1:
            remaining_ha -= area_ha
            steps.append((str(name), remaining_ha, area_ha, LOST, f"−\u202f{_number(area_ha, lang)} ha"))
    if unknown_ha > 0:
        remaining_ha -= unknown_ha
        figure = f"{_number(unknown_ha, lang)} ha"
        steps.append((labels["unknown_ground"], remaining_ha, unknown_ha, UNKNOWN, figure))
    net = max(remaining_ha, 0.0)
    last_label = labels["net" if weighted else "left"]
    steps.append((last_label, 0.0, net, AVAILABLE, f"{_number(net, lang)} ha"))
    scale = (WIDTH - LABEL - VALUE) / gross_ha
    rows = [
        _row(index, _Bar(label, LABEL + start * scale, max(length * scale, 0.5), colour, figure))
        for index, (label, start, length, colour, figure) in enumerate(steps)
    ]
    description = ", ".join(f"{label} {figure}" for label, _, _, _, figure in steps)
    return _svg(rows, len(steps), title=title, described=description, lang=lang)


def interval(
    gross_ha: float,
    low_ha: MaybeUnknown,
    high_ha: MaybeUnknown,
    *,
    published: bool = True,
    title: str = "",
    lang: str = "fr",
) -> Drawing:
    """Draw what may be left of a site that is not measured, beside its published area.

    Parameters
    ----------
    gross_ha
        Area of the site.
    low_ha, high_ha
        Between which the available land stands; NaN where nothing tells, which is said and not drawn.
    published
        The area of the site is that of a source, and is said to be.
    title, lang
        As for :func:`waterfall`.

    Returns
    -------
    Drawing
        A whole ``<svg>``, which a notebook shows; every text is escaped.

    Raises
    ------
    BadTable
        The site has no area.

    Examples
    --------
    >>> from artois_geo.charts import interval
    >>> "70 à 460 ha" in interval(460, 70, 460, title="Parc")
    True
    """
    if not gross_ha > 0:
        raise BadTable("Graphique : le site n'a pas de surface.")
    labels, scale = words(lang), (WIDTH - LABEL - 2 * VALUE) / gross_ha
    has_bounds = low_ha == low_ha and high_ha == high_ha
    figure = labels["unknown"]
    if has_bounds:
        between = labels["between"].format(low=_number(low_ha, lang), high=_number(high_ha, lang))
        figure = f"{between if low_ha < high_ha else _number(high_ha, lang)} ha"
    gross_label, gross = labels["published" if published else "gross"], f"{_number(gross_ha, lang)} ha"
    low, high = (low_ha * scale, high_ha * scale) if has_bounds else (0.0, 0.0)
    rows = [
        _row(0, _Bar(gross_label, LABEL, gross_ha * scale, AVAILABLE, gross)),
        _row(1, _Bar(labels["left"], LABEL, low, AVAILABLE, figure, track=high, track_colour=UNKNOWN)),
    ]
    description = f"{gross_label} {gross}, {labels['left']} {figure}"
    return _svg(rows, len(rows), title=title, described=description, lang=lang)


def profile(
    values: Mapping[str, float | None],
    *,
    highest: float = 100.0,
    title: str = "",
    lang: str = "fr",
    width: int = WIDTH,
) -> Drawing:
    """Draw a profile: one bar per axis, on one fixed scale; what is not known is written, not drawn as zero.

    Parameters
    ----------
    values
        Axis -> value from 0 to ``highest``; None or NaN where nothing is known.
    highest
        End of the scale.
    title
        Drawn above.
    lang
        Language of our own words and of the numbers.
    width
        Of the picture, whose texts keep their size.

    Examples
    --------
    >>> from artois_geo.charts import profile
    >>> "inconnu" in profile({"emploi": 50, "énergie": None}, title="Sobriété")
    True
    """
    label = LABEL * width // WIDTH
    scale = (width - label - VALUE) / highest
    rows, descriptions = [], []
    for index, (name, score) in enumerate(values.items()):
        is_known = score is not None and score == score
        figure = _number(float(score), lang) if is_known and score is not None else words(lang)["unknown"]
        length = float(score) * scale if is_known and score is not None else 0.0
        rows.append(_row(index, _Bar(name, label, length, AVAILABLE, figure, track=highest * scale), label))
        descriptions.append(f"{name} {figure}")
    return _svg(rows, len(values), title=title, described=", ".join(descriptions), lang=lang, width=width)


@dataclass(frozen=True)
class _Bar:
    """Describe one row: its label, its bar, the figure behind it, and the pale track under it."""

    label: str
    x: float
    length: float
    colour: str
    figure: str
    track: float = 0.0
    track_colour: str = FAINT


def _row(row: int, bar: _Bar, start: int = LABEL) -> str:
    """Draw one row: its label, a pale track if there is one, the bar and its figure."""
    y, label, x, length, figure = row * ROW, bar.label, bar.x, bar.length, bar.figure
    track_rect = (
        f"<rect x='{start}' y='{y + 5}' width='{bar.track:.1f}' height='18' fill='{bar.track_colour}'/>"
    )
    track_rect = track_rect if bar.track else ""
    short_label = label if len(label) <= LONGEST else f"{label[: LONGEST - 1]}…"
    end = start + bar.track if bar.track else x + length
    return (
        f"<text x='{start - 10}' y='{y + 19}' text-anchor='end' fill='{INK}'>{escaped(short_label)}</text>"
        f"{track_rect}"
        f"<rect x='{x:.1f}' y='{y + 5}' width='{length:.1f}' height='18' fill='{bar.colour}'>"
        f"<title>{escaped(label)} : {escaped(figure)}</title></rect>"
        f"<text x='{end + 6:.1f}' y='{y + 19}' fill='{INK}'>{escaped(figure)}</text>"
    )


def _svg(
    rows: Sequence[str], count: int, *, title: str, described: str, lang: str, width: int = WIDTH
) -> Drawing:
    """Put the rows of a chart in an SVG with its title and its description."""
    top = 34 if title else 8
    height = top + count * ROW + 8
    head = f"<text x='10' y='22' font-weight='600' fill='{INK}'>{escaped(title)}</text>" if title else ""
    return Drawing(
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' role='img' {FONT}>"
        f"<title>{escaped(title or words(lang)['chart'])}</title><desc>{escaped(described)}</desc>"
        f"<rect width='{width}' height='{height}' fill='#ffffff'/>{head}"
        f"<g transform='translate(0 {top})'>{''.join(rows)}</g></svg>\n"
    )


def _number(amount: float, lang: str) -> str:
    decimals = 1 if abs(amount) >= 0.1 or amount == 0 else 3
    return decimal(f"{amount:.{decimals}f}".removesuffix(".0"), lang)
