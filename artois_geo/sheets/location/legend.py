"""The legend of a location map: only the signs that it really holds."""

from typing import Any

from markupsafe import Markup

from artois_geo.sheets import wording
from artois_geo.theme import Theme


def read_off(figure: str, look: Theme, lang: str) -> list[dict[str, Any]]:
    """List the signs of a figure written by ``situation``, with their names.

    Examples
    --------
    >>> from artois_geo import theme
    >>> read_off("", theme.read(), "fr")
    []
    """
    words = wording.words(lang)
    return [
        {"sign": Markup(sign), "wrapped": True, "label": words[f"map_{name.replace('-', '_')}"]}  # noqa: S704 our own signs, checked colours
        for name, sign in _signs(look).items()
        if f'class="{name}"' in figure
    ]


def _signs(look: Theme) -> dict[str, str]:
    """Draw each sign of the legend, by the class of its elements."""
    site, ink, colours = look.colours["site"], look.colours["ink"], look.map
    line = '<path d="M1 6h24" fill="none" stroke="{}" {}/>'
    return {
        "site": f'<circle cx="13" cy="6" r="5" fill="{site}"/><circle cx="13" cy="6" r="2" fill="#fff"/>',
        "place": f'<path d="M3 1h20v10h-20z" fill="{site}" fill-opacity=".13" stroke="{site}"/>',
        "doubt": f'<circle cx="13" cy="6" r="5" fill="{ink}" fill-opacity=".1" stroke="{ink}" '
        'stroke-dasharray="3 2"/>',
        "other": f'<circle cx="13" cy="6" r="3.6" fill="{colours["other"]}"/>',
        "pin-now": f'<circle cx="13" cy="6" r="5.5" fill="{look.colours["ink"]}"/>',
        "pin-later": f'<circle cx="13" cy="6" r="4.6" fill="#fff" stroke="{look.colours["ink"]}" '
        'stroke-width="1.6" stroke-dasharray="2.6 1.6"/>',
        "pin-zone": f'<circle cx="13" cy="6" r="5.5" fill="{colours["other"]}"/>',
        "halo": f'<circle cx="13" cy="6" r="6" fill="{look.colours["ink"]}" fill-opacity=".14"/>',
        "water": line.format(colours["water"], 'stroke-width="3"'),
        "sketch": line.format(colours["water"], 'stroke-width="2" stroke-dasharray="6 4"'),
        "works": line.format(colours["works"], 'stroke-width="4" stroke-dasharray="9 4"'),
        "motorway": line.format(colours["motorway"], 'stroke-width="2.6"'),
        "main": line.format(colours["main"], 'stroke-width="1.8"'),
        "rail": line.format(colours["rail"], 'stroke-width="1"')
        + line.format(colours["rail"], 'stroke-width="4" stroke-dasharray="1 6"'),
        "green": line.format(colours["green"], 'stroke-width="1.8" stroke-dasharray="6 4"'),
        "limit": line.format(colours["limit"], 'stroke-width="1.4" stroke-dasharray="1 4"'),
    }
