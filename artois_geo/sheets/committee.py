"""The map of a result for a committee: one A3 or A4 landscape page, with its calculation, legend and list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from textwrap import wrap

from artois_geo import theme
from artois_geo.sheets import paper, wording
from artois_geo.sheets.location.situation import picture
from artois_geo.theme import Theme

PAPERS = ("a3", "a4")


@dataclass(frozen=True)
class Line:
    """Hold a line of the calculation: ``sign`` is empty, « − », « + » or « = »."""

    sign: str
    label: str
    amount: str


@dataclass(frozen=True)
class Row:
    """Hold a place of the list: its name, its town, its amount and how that was computed."""

    name: str
    amount: str
    place: str = ""
    formula: str = ""


@dataclass(frozen=True)
class RowTable:
    """Hold the places of a layer; ``rest`` says how many are left out."""

    title: str
    rows: Sequence[Row]
    rest: str = ""


@dataclass(frozen=True)
class Committee:
    """Hold the content of the page.

    Parameters
    ----------
    title, subtitle
        The result in one sentence; what was computed.
    figure
        SVG element of the map, written by this library.
    keys
        Legend: an SVG element of ours, and its name.
    balance
        The calculation of the whole.
    tables
        Places, in the order of the result.
    convention, notes, sources
        How areas are measured; what to know first; what the result was made from.
    warnings
        What a reader must see before any figure.
    paper
        ``"a3"`` or ``"a4"``.
    lang, look, issued
        Language, theme, date to print.
    """

    title: str
    figure: str
    subtitle: str = ""
    keys: Sequence[tuple[str, str]] = ()
    balance: Sequence[Line] = ()
    tables: Sequence[RowTable] = ()
    convention: str = ""
    notes: Sequence[str] = ()
    sources: str = ""
    warnings: Sequence[str] = ()
    paper: str = "a3"
    lang: str = "fr"
    look: Theme | None = None
    issued: date | None = None


@dataclass(frozen=True)
class _Room:
    """Hold the room of a paper: millimetres of the map and of what stands beside it, letters of its lines."""

    map_mm: float  # width of the map
    page_mm: float  # height within the margins, without the head of the page and the title
    least_mm: float  # height of the map, whatever the foot takes
    foot_mm: float  # of a line of the foot
    foot_letters: int
    line_mm: float  # of the calculation
    key_mm: float
    head_mm: float  # of a table, and of what says how many rows are left out
    row_mm: float
    formula_mm: float
    warning_mm: float
    title_mm: float
    letters: int
    formula_letters: int
    title_letters: int
    note_letters: int


ROOM = {
    "a3": _Room(252.0, 251.0, 180.0, 3.6, 255, 6.2, 5.6, 14.0, 6.4, 5.0, 8.0, 9.0, 74, 80, 95, 2600),
    "a4": _Room(172.0, 170.0, 118.0, 2.8, 225, 5.0, 4.2, 11.0, 5.2, 3.8, 6.0, 6.0, 68, 74, 95, 1500),
}
FOOT_LINES = 4  # the last line of the foot, its rule and its margins
FEWEST_ROWS = 3  # of each table, before the first ones take the rest


def committee(content: Committee) -> str:
    """Build the page, to print or to convert to PDF: what it has no room for is counted, never cut.

    Parameters
    ----------
    content
        See :class:`Committee`.

    Returns
    -------
    str
        HTML with its style inside and no script. Same arguments, same bytes.

    Examples
    --------
    >>> page = committee(Committee(title="<Foncier>", figure="<svg/>", paper="a4"))
    >>> "&lt;Foncier&gt;" in page, 'class="a4"' in page
    (True, True)
    """
    lang, look = content.lang, content.look or theme.read()
    words = wording.words(lang)
    style = paper.style(look, "tokens.css", "committee.css")
    notes, more = _fitting_notes(content, words)
    return paper.template("committee.html.j2").render(
        lang=lang,
        words=words,
        content=content,
        style=style,
        csp=paper.policy(style),
        picture=picture(content.figure),
        keys=[{"sign": picture(sign), "label": label} for sign, label in content.keys],
        tables=_fitting_tables(content, words),
        notes=notes,
        more=more,
        identity=theme.identity(look),
        contact=theme.contact_line(look),
        legal=theme.legal_mention(look, lang),
        issued=paper.issued(content.issued, lang),
    )


def map_size(content: Committee) -> tuple[float, float]:
    """Return the width and the height that the map has on the paper, in mm: what its foot leaves.

    Parameters
    ----------
    content
        The page; its figure may still be empty.

    Examples
    --------
    >>> map_size(Committee("Foncier", "")), map_size(Committee("Foncier", "", notes=["Note. " * 300]))
    ((252.0, 229.4), (252.0, 204.2))
    """
    room = ROOM[content.paper]
    notes, more = _fitting_notes(content, wording.words(content.lang))
    texts = [" ".join([content.convention, *notes, more]), content.sources]
    foot_lines = FOOT_LINES + sum(_lines_of(text, room.foot_letters) for text in texts)
    height = room.page_mm - room.foot_mm * foot_lines - room.warning_mm * len(content.warnings)
    height -= room.title_mm * (_lines_of(content.title, room.title_letters) - 1)
    return room.map_mm, round(max(height, room.least_mm), 1)


def _fitting_tables(content: Committee, words: wording.Words) -> list[RowTable]:
    """Keep the rows that the paper has room for, and say how many are left out."""
    room = ROOM[content.paper]
    height_left_mm = map_size(content)[1] - room.line_mm * len(content.balance)
    height_left_mm -= room.key_mm * sum(_lines_of(label, room.letters) for _, label in content.keys)
    height_left_mm -= room.head_mm * len(content.tables)
    row_counts = [0] * len(content.tables)
    for most in (FEWEST_ROWS, None):
        for number, table in enumerate(content.tables):
            for row in table.rows[row_counts[number] : most]:
                height_left_mm -= _row_mm(row, room)
                if height_left_mm < 0:
                    break
                row_counts[number] += 1
            if height_left_mm < 0:
                break
        if height_left_mm < 0:
            break
    return [
        RowTable(table.title, table.rows[:count], _missing_row(len(table.rows) - count, words))
        for table, count in zip(content.tables, row_counts, strict=True)
        if table.rows
    ]


def _missing_row(missing: int, words: wording.Words) -> str:
    """Say how many rows are left out."""
    return words["rows_left_one" if missing == 1 else "rows_left"].format(n=missing) if missing else ""


def _row_mm(row: Row, room: _Room) -> float:
    """Estimate the height of a row: its name may take lines, its formula too, in small letters."""
    more_lines = _lines_of(f"{row.name} {row.place}", room.letters - len(row.amount)) - 1
    formula_lines = _lines_of(row.formula, room.formula_letters) if row.formula else 0
    return room.row_mm + room.formula_mm * (more_lines + formula_lines)


def _lines_of(text: str, letters: int) -> int:
    return max(1, len(wrap(text, max(letters, 10))))


def _fitting_notes(content: Committee, words: wording.Words) -> tuple[list[str], str]:
    """Keep the notes that the foot has room for, whole, and say how many are left out."""
    letters_left = ROOM[content.paper].note_letters - len(content.convention) - len(content.sources)
    notes = []
    for note in content.notes:
        letters_left -= len(note)
        if letters_left < 0:
            break
        notes.append(note)
    missing = len(content.notes) - len(notes)
    return notes, words["notes_left"].format(n=missing) if missing else ""
