"""The local report as it leaves the house: one HTML page, or a Word document to complete by hand."""

import io
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from typing import Any

import jinja2
from markupsafe import Markup

from artois_geo import tables, theme
from artois_geo.charts.drawing import png
from artois_geo.errors import ArtoisGeoError
from artois_geo.sheets import paper
from artois_geo.sheets.front import column_class
from artois_geo.sheets.report import LocalReport, Part, hectares
from artois_geo.theme import Theme


def local_report_html(report: LocalReport, look: Theme | None = None) -> str:
    """Render the report as one HTML file: style and charts inside, no script, no network.

    A PDF is made by any browser: ``chromium --headless --no-pdf-header-footer
    --print-to-pdf=rapport.pdf rapport.html``.

    Examples
    --------
    >>> from artois_geo.sheets import LocalReport, local_report_html
    >>> empty = LocalReport("Titre", "<b>", "2011", (), (), (), ())
    >>> "&lt;b&gt;" in local_report_html(empty)
    True
    """
    look = look or theme.read()
    style = paper.style(look, "report.css")
    csp = paper.policy(style)
    return _template().render(
        report=report,
        parts=[(part, _cells(part), [Markup(svg) for svg in part.pictures]) for part in report.parts],  # noqa: S704
        identity=theme.identity(look),
        legal=theme.legal_mention(look, "fr"),
        style=style,
        csp=csp,
    )


def local_report_docx(report: LocalReport, look: Theme | None = None) -> bytes:
    """Render the report as a Word document, to be completed by hand.

    Its charts and maps are PNG pictures when the extra ``image`` is installed; without it, the
    document says that the HTML holds them.

    Raises
    ------
    ArtoisGeoError
        ``python-docx`` is not installed (extra ``rapport``).

    Examples
    --------
    >>> from artois_geo.sheets import LocalReport, local_report_docx
    >>> local_report_docx(LocalReport("Titre", "A", "2011", (), (), (), ()))[:2]
    b'PK'
    """
    try:
        import docx
    except ImportError as error:
        raise ArtoisGeoError(
            "Le document Word demande python-docx : pip install "
            "'artois-geo[rapport]'. Le HTML n'en a pas besoin."
        ) from error
    document, owner = docx.Document(), (look or theme.read()).owner
    if owner["name"]:
        document.add_paragraph(_printable(owner["name"]))
    document.add_heading(_printable(report.title), 0)
    document.add_paragraph(_printable(f"{report.name} – {report.period}"))
    for warning in report.warnings:
        document.add_paragraph(warning).runs[0].bold = True
    _bullets(document, "Ce qui manque", report.missing)
    for part in report.parts:
        document.add_heading(_printable(part.heading), 1)
        for sentence in part.told:
            document.add_paragraph(_printable(sentence))
        _docx_table(document, part)
        _docx_pictures(document, part)
        for label in part.to_fill:
            document.add_paragraph(f"{label} : ………………………………………………………………")
    _bullets(document, "Sources et règles", report.lines)
    if owner["legal"]:
        document.add_paragraph(_printable(owner["legal"]))
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def _cells(part: Part) -> dict[str, Any] | None:
    """Prepare the table of a part for a template: headings, classes of columns, rows of texts."""
    if part.table is None:
        return None
    cells = tables.texts(hectares(part.table))
    numbers = tables.numeric_columns(part.table)
    return {
        "heads": tables.headings(cells, part.labels),
        "classes": [
            column_class(cells[name].tolist(), is_number)
            for name, is_number in zip(cells, numbers, strict=True)
        ],
        "rows": cells.to_numpy().tolist(),
    }


def _bullets(document: Any, heading: str, lines: Sequence[str]) -> None:
    document.add_heading(heading, 1)
    for line in lines:
        document.add_paragraph(_printable(line), style="List Bullet")


def _docx_table(document: Any, part: Part) -> None:
    filled = _cells(part)
    if filled is None:
        return
    grid = document.add_table(rows=1, cols=len(filled["heads"]), style="Light Grid Accent 1")
    for cell, head in zip(grid.rows[0].cells, filled["heads"], strict=True):
        cell.text = _printable(head)
    for row in filled["rows"]:
        for cell, text in zip(grid.add_row().cells, row, strict=True):
            cell.text = _printable(text)


def _docx_pictures(document: Any, part: Part) -> None:
    if part.pictures and find_spec("resvg_py") is None:
        document.add_paragraph(
            "Graphiques et cartes : voir la version HTML, ou installer « artois-geo[image] » et refaire "
            "ce document."
        )
        return
    page = document.sections[0]
    width = page.page_width - page.left_margin - page.right_margin
    for svg in part.pictures:
        document.add_picture(io.BytesIO(png(svg)), width=width)


def _printable(text: str) -> str:
    # XML refuses control characters
    return "".join(char if char.isprintable() or char == " " else "�" for char in text)


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(paper.file("report.html.j2"))
