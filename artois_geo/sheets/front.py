"""The front page of a folder: what is in it, the figures that matter, what they are worth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

import pandas as pd
from markupsafe import Markup

from artois_geo import deprecated, tables, theme
from artois_geo.sheets import paper, sections, wording
from artois_geo.tables.french import is_ungrouped
from artois_geo.tables.values import native, plain
from artois_geo.theme import Theme

SHORT, LONG = 20, 80  # characters


@dataclass(frozen=True)
class Figure:
    """Hold one figure of the front page, ready to read: ``1 472 ha``, what it is, its limits."""

    value: str
    label: str
    note: str = ""


@dataclass(frozen=True)
class Link:
    """Hold one file of the folder: its name beside the page, title, purpose, and where it opens."""

    file: str
    title: str
    told: str = ""
    view: str = ""  # after the ``#``: the language of the map

    @property
    def address(self) -> str:
        """Return the address of the file, quoted, and where it opens."""
        return quote(self.file) + (f"#{quote(self.view, safe='=&%')}" if self.view else "")


@dataclass(frozen=True)
class FileRow:
    """Hold the files about one site: its name, what it is, and the links to its files."""

    name: str
    told: str
    links: Sequence[Link]


@dataclass(frozen=True)
class Section:
    """Hold one table of the page. ``labels`` names columns that the vocabulary does not know."""

    title: str
    table: pd.DataFrame
    told: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FrontPage:
    """Hold the content of the page that opens a folder.

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
        More files, a row for each site: the sheets.
    warnings
        Sentences that a reader must see before any figure.
    footer
        Sources, constants and convention, at the end of the page.
    picture
        SVG element written by ``maps``: the only text that is not escaped.
    look
        Theme; the shipped one by default.
    lang
        Language of our own words, of numbers and dates; columns are read as ``wording.spoken`` does.
    also
        The same page in other languages: its file by language.
    """

    title: str
    subtitle: str
    links: Sequence[Link]
    figures: Sequence[Figure] = ()
    sections: Sequence[Section] = ()
    rows: Sequence[FileRow] = ()
    warnings: Sequence[str] = ()
    footer: tables.Footer | None = None
    picture: str = ""
    look: Theme | None = None
    lang: str = "fr"
    also: Mapping[str, str] | None = None


def front_page(content: FrontPage | None = None, **keywords: Any) -> str:
    """Build the page that opens a folder: figures, links to its files, tables, sources.

    Parameters
    ----------
    content
        See :class:`FrontPage`.
    keywords
        Its fields, by name, as in version 0.1.0.

    Returns
    -------
    str
        HTML with its style inside and no script; a Content-Security-Policy refuses
        everything else. Same arguments, same bytes.

    Raises
    ------
    BadValue
        Unknown language.

    Examples
    --------
    >>> from artois_geo.sheets import FrontPage, Link, front_page
    >>> page = front_page(FrontPage("Offre <2026>", "", [Link("carte.html", "La carte")]))
    >>> "Offre &lt;2026&gt;" in page, 'href="carte.html"' in page
    (True, True)
    """
    content = deprecated.gathered(FrontPage, content, keywords, function="sheets.front_page(content=)")
    lang = content.lang
    look = content.look or theme.read()
    style = paper.style(look, "front.css")
    return paper.template("front.html.j2").render(
        lang=lang,
        words=wording.words(lang)["front"],
        also=[
            (code, quote(file), wording.words(code)["front"]["language"])
            for code, file in (content.also or {}).items()
        ],
        title=content.title,
        subtitle=content.subtitle,
        links=content.links,
        figures=content.figures,
        rows=content.rows,
        sections=[_filled(section, lang) for section in content.sections],
        warnings=content.warnings,
        lines=_lines(content.footer or tables.Footer(), lang),
        picture=Markup(content.picture),  # noqa: S704 written by maps, which escapes every text
        identity=theme.identity(look),
        style=style,
        csp=paper.policy(style),
    )


def _filled(section: Section, lang: str) -> dict[str, Any]:
    """Prepare a table of the page for its template: headings, classes of columns, rows of texts."""
    table = plain(wording.spoken(section.table, lang))
    numbers = tables.numeric_columns(table)
    columns = [_texts(table[name], is_number, lang) for name, is_number in zip(table, numbers, strict=True)]
    return {
        "title": section.title,
        "told": section.told,
        "heads": [_heading(str(name), section.labels, lang) for name in table],
        "classes": [
            column_class(texts, is_number) for texts, is_number in zip(columns, numbers, strict=True)
        ],
        "rows": [list(row) for row in zip(*_marked(table, columns, lang), strict=True)],
    }


def _marked(table: pd.DataFrame, columns: Sequence[Sequence[str]], lang: str) -> list[list[str]]:
    """Mark as French the texts of a table that have no translation."""
    return [
        [wording.marked(text, value, lang) for text, value in zip(texts, table[name], strict=True)]
        for name, texts in zip(table, columns, strict=True)
    ]


def _heading(column: str, labels: Mapping[str, str], lang: str) -> str:
    own_heading = sections.heading(column, lang)
    return labels.get(column, own_heading) if own_heading == column else own_heading


def _texts(values: pd.Series, is_number: bool, lang: str) -> list[str]:
    """Write the values of a column; in an ``object`` column each value has its own decimals."""
    name, native_values = str(values.name), [native(value) for value in values]
    if not is_number:
        return [wording.told(value, lang, years=is_ungrouped(name)) for value in native_values]
    return [cell["text"] for cell in sections.cells(name, native_values, is_number, lang)]


def _lines(footer: tables.Footer, lang: str) -> list[tuple[str, str]]:
    """Write the footer as lines: each layer by its title and the words of its source, then the constants."""
    words = wording.words(lang)
    lines = []
    for source in footer.sources:
        facts = [f"{words['vintage']} {source.vintage or words['unstated']}"]
        facts += [f"{words['licence']} {source.licence}"] if source.licence else []
        line = f"{source.title or source.layer}{words['colon']}{', '.join(facts)}"
        lines.append((line, wording.marked(source.source, source.source, lang)))
    return [*lines, *((line, "") for line in tables.source_lines(replace(footer, sources=())))]


def column_class(texts: Sequence[str], is_number: bool) -> str:
    """Choose the class of a column: number, short text on one line, or long text with more room."""
    if is_number:
        return "n"
    longest = max(map(len, texts), default=0)
    return "short" if longest <= SHORT else "long" if longest > LONG else ""
