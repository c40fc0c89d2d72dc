"""The typeface that travels in every page and PDF: three weights of its Latin letters, freely licensed."""

import base64
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Typeface:
    """Name a typeface, its version, its licence and where it comes from; ``weights`` are its files."""

    name: str
    version: str
    licence: str
    source: str
    weights: tuple[int, ...]


SHIPPED = Typeface(
    name="Source Sans 3",
    version="3.052",
    licence="SIL Open Font License 1.1",
    source="npm @fontsource/source-sans-3 5.3.1, Adobe",
    weights=(400, 600, 700),
)


def typeface() -> Typeface:
    """Return the typeface that comes with the library; its licence is in ``theme/fonts/OFL.txt``.

    Examples
    --------
    >>> from artois_geo.theme import typeface
    >>> typeface().name, typeface().licence
    ('Source Sans 3', 'SIL Open Font License 1.1')
    """
    return SHIPPED


def licence_text() -> str:
    """Return the licence of the typeface, whole.

    Examples
    --------
    >>> "SIL Open Font License, Version 1.1" in licence_text()
    True
    """
    return files("artois_geo.theme").joinpath("fonts", "OFL.txt").read_text(encoding="utf-8")


@cache
def font_faces() -> str:
    """Write the typeface as CSS ``@font-face`` rules, its letters inside, its licence named.

    Examples
    --------
    >>> font_faces().count("@font-face"), "http" in font_faces()
    (3, False)
    """
    notice = f"/*! {SHIPPED.name} {SHIPPED.version}, {SHIPPED.licence}, © Adobe */"
    return "\n".join([notice, *map(_font_face, SHIPPED.weights)]) + "\n"


def _font_face(weight: int) -> str:
    name = f"source-sans-3-latin-{weight}-normal.woff2"
    letters = base64.b64encode(files("artois_geo.theme").joinpath("fonts", name).read_bytes()).decode()
    return (
        f'@font-face {{ font-family: "{SHIPPED.name}"; font-weight: {weight}; font-display: block; '
        f'src: url("data:font/woff2;base64,{letters}") format("woff2"); }}'
    )
