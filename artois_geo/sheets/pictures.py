"""A chart as PNG, for a document or a slide that does not take SVG."""

from functools import cache
from typing import Any

from artois_geo.errors import MissingPart

# screens of today and A4 at 200 dots per inch
WIDTH_PX = 1520
FONTS = ("Arial", "Liberation Sans", "DejaVu Sans", "Noto Sans", "Helvetica", "Segoe UI")


def png(svg: str, *, width_px: int = WIDTH_PX) -> bytes:
    """Render a chart of this package as PNG on a white ground.

    Parameters
    ----------
    svg
        What a chart function returned.
    width_px
        Width of the picture in pixels; its height follows.

    Raises
    ------
    MissingPart
        ``resvg-py`` is not installed (extra ``image``), or the machine has no font to write with.

    Examples
    --------
    >>> chart = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 2 1'></svg>"
    >>> png(chart, width_px=4)[:4]
    b'\\x89PNG'
    """
    try:
        import resvg_py
    except ImportError as error:
        raise MissingPart(
            "Une image PNG demande resvg-py : pip install 'artois-geo[image]'. Le SVG n'en a pas besoin."
        ) from error
    family = _font(resvg_py) if "<text" in svg else None
    return bytes(
        resvg_py.svg_to_bytes(svg_string=svg, width=width_px, background="#ffffff", sans_serif_family=family)
    )


@cache
def _font(resvg: Any) -> str:
    """Find a sans-serif font of this machine: resvg draws no letter in one that is absent."""
    text = '<text x="1" y="9" font-family="sans-serif">A</text>'
    blank, probe = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 10 10'>{content}</svg>"
        for content in ("", text)
    )
    without = bytes(resvg.svg_to_bytes(svg_string=blank))
    for family in FONTS:
        if bytes(resvg.svg_to_bytes(svg_string=probe, sans_serif_family=family)) != without:
            return family
    raise MissingPart(
        "Une image PNG demande une police sans empattement : installer DejaVu Sans ou Arial. "
        "Le SVG n'en a pas besoin."
    )
