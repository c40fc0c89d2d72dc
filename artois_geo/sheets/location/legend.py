"""The legend of a location map: only the signs that it really holds."""

from markupsafe import Markup

from artois_geo.sheets import wording
from artois_geo.theme import Theme


def read_off(figure: str, look: Theme, lang: str) -> list[dict[str, Markup]]:
    """List the signs of a figure written by ``situation``, with their names.

    Examples
    --------
    >>> from artois_geo import theme
    >>> read_off("", theme.read(), "fr")
    []
    """
    words = wording.words(lang)
    return [
        {"sign": Markup(sign), "label": words[f"map_{name}"]}  # noqa: S704 our own signs, checked colours
        for name, sign in _signs(look).items()
        if f'class="{name}"' in figure
    ]


def _signs(look: Theme) -> dict[str, str]:
    """Draw each sign of the legend, by the class of its elements."""
    site, colours = look.colours["site"], look.map
    line = '<path d="M1 6h24" fill="none" stroke-linecap="round" stroke="{}" {}/>'
    return {
        "site": f'<circle cx="13" cy="6" r="5" fill="{site}"/><circle cx="13" cy="6" r="2" fill="#fff"/>',
        "place": f'<path d="M3 1h20v10h-20z" fill="{site}" fill-opacity=".13" stroke="{site}"/>',
        "doubt": f'<circle cx="13" cy="6" r="5" fill="{site}" fill-opacity=".1" stroke="{site}" '
        'stroke-dasharray="3 2"/>',
        "other": f'<circle cx="13" cy="6" r="3.6" fill="{colours["other"]}"/>',
        "water": line.format(colours["water"], 'stroke-width="3.6"'),
        "works": line.format(colours["works"], 'stroke-width="3.6" stroke-dasharray="1 6"'),
        "green": line.format(colours["green"], 'stroke-width="1.8" stroke-dasharray="6 4"'),
        "limit": line.format(colours["limit"], 'stroke-width="1.4" stroke-dasharray="1 4"'),
    }
