"""What constraints take from a site, what may be left of it, and its profile on several axes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from artois_geo.charts.words import decimal, escaped, words
from artois_geo.errors import BadTable

WIDTH = 720
ROW = 30
LABEL = 265
LONGEST = 36  # letters of a label that fit there
VALUE = 70
FONT = "font-family='system-ui, sans-serif' font-size='13'"
AVAILABLE, LOST, UNKNOWN, FAINT, INK = "#2f7d4f", "#b5483a", "#c9a227", "#d9dee3", "#1b2733"


def waterfall(
    gross_ha: float,
    losses: Sequence[tuple[str, float]],
    *,
    unknown_ha: float = 0.0,
    weighted: bool = False,
    title: str = "",
    lang: str = "fr",
) -> str:
    """Draw the waterfall of a site: gross area, what each constraint takes in turn, what is left.

    Parameters
    ----------
    gross_ha
        Area of the site.
    losses
        Name and marginal hectares, in declared order; those that take nothing are left out.
    unknown_ha
        Ground that nobody looked at, drawn in its own colour before the net.
    weighted
        Some losses are those of soft constraints: what is left is called net, not available.
    title
        Drawn above, and read aloud by a screen reader.
    lang
        Language of our own words and of the numbers.

    Returns
    -------
    str
        A whole ``<svg>``; every text is escaped.

    Raises
    ------
    BadTable
        The site has no area.

    Examples
    --------
    >>> svg = waterfall(20, [("inondation", 4), ("ligne", 1.6)], title="Les Hauts")
    >>> "14,4 ha" in svg and svg.startswith("<svg")
    True
    """
    if gross_ha <= 0:
        raise BadTable("Graphique : le site n'a pas de surface.")
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
    low_ha: float,
    high_ha: float,
    *,
    published: bool = True,
    title: str = "",
    lang: str = "fr",
) -> str:
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
    str
        A whole ``<svg>``; every text is escaped.

    Raises
    ------
    BadTable
        The site has no area.

    Examples
    --------
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
) -> str:
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
) -> str:
    """Put the rows of a chart in an SVG with its title and its description."""
    top = 34 if title else 8
    height = top + count * ROW + 8
    head = f"<text x='10' y='22' font-weight='600' fill='{INK}'>{escaped(title)}</text>" if title else ""
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' role='img' {FONT}>"
        f"<title>{escaped(title or words(lang)['chart'])}</title><desc>{escaped(described)}</desc>"
        f"<rect width='{width}' height='{height}' fill='#ffffff'/>{head}"
        f"<g transform='translate(0 {top})'>{''.join(rows)}</g></svg>\n"
    )


def _number(amount: float, lang: str) -> str:
    decimals = 1 if abs(amount) >= 0.1 or amount == 0 else 3
    return decimal(f"{amount:.{decimals}f}".removesuffix(".0"), lang)
