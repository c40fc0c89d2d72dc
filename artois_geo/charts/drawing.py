"""A chart that shows itself in a notebook and saves itself, as SVG or as PNG."""

import re
from functools import cache
from pathlib import Path
from typing import Any

from artois_geo import suffixes
from artois_geo.errors import MissingPart
from artois_geo.layers import store
from artois_geo.suffixes import FilePath

# screens of today and A4 at 200 dots per inch
WIDTH_PX = 1520
WHITE = "background:#fff"
# the width of a chart that only says its proportions: without it, a notebook stretches the chart to its own
ONLY_VIEW = re.compile(r"<svg(?![^>]*\swidth=)[^>]*\sviewBox=['\"]\S+ \S+ (?P<width>\S+) ")
FONTS = ("Arial", "Liberation Sans", "DejaVu Sans", "Noto Sans", "Helvetica", "Segoe UI")


class Drawing(str):
    """A chart: the text of its SVG, which a notebook shows as a picture.

    Examples
    --------
    >>> from artois_geo.charts import Drawing
    >>> chart = Drawing("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 2 1'></svg>")
    >>> chart.startswith("<svg"), "background:#fff" in chart._repr_svg_()
    (True, True)
    """

    __slots__ = ()

    def _repr_svg_(self) -> str:
        """Return the picture that a notebook shows, on a white ground: a dark one would swallow its words."""
        view = ONLY_VIEW.match(self)
        width = f' width="{view["width"]}"' if view else ""
        return self.replace("<svg", f'<svg{width} style="{WHITE};max-width:100%"', 1)

    def save(self, path: FilePath) -> None:
        """Write the chart to a file, as SVG or as PNG by the end of its name.

        Parameters
        ----------
        path
            File whose name ends with ``.svg`` or ``.png``; replaced at once if it is there.

        Raises
        ------
        BadValue
            The name ends otherwise.
        MissingPart, UnwritableFile
            As for :func:`png`; the file cannot be written.

        Examples
        --------
        >>> from artois_geo.charts import Drawing
        >>> from pathlib import Path
        >>> import tempfile
        >>> chart = Drawing("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 2 1'></svg>")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     chart.save(f"{folder}/vide.svg")
        ...     (Path(folder) / "vide.svg").read_text() == chart
        True
        """
        form = suffixes.form_of(path, ("svg", "png"))
        store.replace(Path(path), png(self) if form == "png" else self.encode())


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
    >>> from artois_geo.sheets import png
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
