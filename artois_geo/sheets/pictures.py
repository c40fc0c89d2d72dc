"""A chart as PNG, for a document or a slide that does not take SVG."""

from artois_geo.errors import MissingPart

# screens of today and A4 at 200 dots per inch
WIDTH_PX = 1520


def png(svg: str, *, width_px: int = WIDTH_PX) -> bytes:
    """A chart of this package as PNG on a white ground.

    Parameters
    ----------
    svg
        What a chart function returned.
    width_px
        Width of the picture in pixels; its height follows.

    Raises
    ------
    MissingPart
        ``resvg-py`` is not installed (extra ``image``).

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
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, width=width_px, background="#ffffff"))
