"""The front page of a folder: what is in it, the figures that matter, what they are worth."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote

import pandas as pd
from markupsafe import Markup

from artois_geo import tables, theme
from artois_geo.sheets import paper
from artois_geo.theme import Theme

SHORT, LONG = 20, 80  # characters


@dataclass(frozen=True)
class Figure:
    """One figure of the front page, ready to read: ``1 472 ha``, what it is, what it hides."""

    value: str
    label: str
    note: str = ""


@dataclass(frozen=True)
class Link:
    """One file of the folder: its name beside the page, its French title, what it is for."""

    file: str
    title: str
    told: str = ""


@dataclass(frozen=True)
class FileRow:
    """Files about one thing: its name, what it is, and the links to its files."""

    name: str
    told: str
    links: Sequence[Link]


@dataclass(frozen=True)
class Section:
    """One table of the page. ``labels`` names columns that the vocabulary does not know."""

    title: str
    table: pd.DataFrame
    told: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


def front_page(
    *,
    title: str,
    subtitle: str,
    links: Sequence[Link],
    figures: Sequence[Figure] = (),
    sections: Sequence[Section] = (),
    rows: Sequence[FileRow] = (),
    warnings: Sequence[str] = (),
    footer: tables.Footer | None = None,
    picture: str = "",
    look: Theme | None = None,
) -> str:
    """A French page that opens a folder: figures, links to its files, tables, sources.

    Parameters
    ----------
    title, subtitle
        Heading of the page.
    links
        Files beside the page; the first one is the main one.
    figures
        Figures to put forward, each with what it hides.
    sections
        Tables, in order.
    rows
        More files, a row for each thing: the sheets.
    warnings
        French sentences that a reader must see before any figure.
    footer
        Sources, constants and convention, at the end of the page.
    picture
        SVG element written by ``maps``: the only text that is not escaped.
    look
        Theme; the shipped one by default.

    Returns
    -------
    str
        HTML with its style inside and no script; a Content-Security-Policy refuses
        everything else. Same arguments, same bytes.

    Examples
    --------
    >>> page = front_page(title="Offre <2026>", subtitle="", links=[Link("carte.html", "La carte")])
    >>> "Offre &lt;2026&gt;" in page, 'href="carte.html"' in page
    (True, True)
    """
    style = _style() + (theme.css(look) if look else "")
    return paper.template("front.html.j2").render(
        title=title,
        subtitle=subtitle,
        links=[(quote(link.file), link) for link in links],
        figures=figures,
        rows=[(row, [(quote(link.file), link) for link in row.links]) for row in rows],
        sections=[_filled(section) for section in sections],
        warnings=warnings,
        lines=tables.source_lines(footer or tables.Footer()),
        picture=Markup(picture),  # noqa: S704 written by maps, which escapes every text
        style=Markup(style),  # noqa: S704 our own file
        csp=f"default-src 'none'; style-src 'sha256-{_hash(style)}'; base-uri 'none'; form-action 'none'",
    )


def _filled(section: Section) -> dict[str, Any]:
    cells = tables.texts(section.table)
    numbers = tables.numeric_columns(section.table)
    return {
        "title": section.title,
        "told": section.told,
        "heads": tables.headings(cells, section.labels),
        "classes": [_class(cells[name], one) for name, one in zip(cells, numbers, strict=True)],
        "rows": cells.to_numpy().tolist(),
    }


def _class(texts: pd.Series, is_number: bool) -> str:
    """How a column is set: numbers to the right, short texts on one line, long ones given room."""
    if is_number:
        return "n"
    longest = int(texts.str.len().max() or 0) if len(texts) else 0
    return "short" if longest <= SHORT else "long" if longest > LONG else ""


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _style() -> str:
    return files("artois_geo.sheets").joinpath("front.css").read_text(encoding="utf-8")
