"""A table as a notebook and a page show it: French headings, units, comma, and what must be said under it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

import pandas as pd
from rich.cells import cell_len

from artois_geo import kinds, vocabulary
from artois_geo.constants import Constant
from artois_geo.errors import BadTable
from artois_geo.suffixes import FilePath
from artois_geo.tables.footer import Described, Footer, Source, footer_of, source_lines
from artois_geo.tables.french import headings, numeric_columns, texts
from artois_geo.tables.values import plain
from artois_geo.text import counted, number, visible

MOST_ROWS = 200  # shown; a notebook keeps what it shows
WIDEST_ROW = 8  # columns of one row that a page shows side by side
AREA_UNITS = ("ha", "m²", "ha/an")
NO_CONVENTION = (
    'Convention des surfaces non indiquée : la dire, par exemple surface="lambert93" pour des surfaces '
    'mesurées ici, ou surface="surfaces publiées".'
)
LABELS = {"constraint": "Contrainte", "site_nom": "Nom du site"}  # of columns of no kind
SPACE = "  "  # between two columns of a text
CAPTION = '<caption style="text-align:left">'


@dataclass(frozen=True, repr=False)
class ShownTable:
    """A table that shows itself: ``str`` gives it as text, a notebook as a table.

    ``frame`` is the table as it was given, ``footer`` what stands under it, ``labels`` the French headings
    of columns that the vocabulary does not know.
    """

    frame: pd.DataFrame
    footer: Footer = field(default_factory=Footer)
    labels: Mapping[str, str] = field(default_factory=dict)
    title: str = ""

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        """Write the table as text, its columns side by side."""
        heads, rows, numbers = self._cells()
        columns = [[head, *(row[index] for row in rows)] for index, head in enumerate(heads)]
        widths = [max(map(cell_len, column)) for column in columns]
        lines = [
            SPACE.join(map(_padded, row, widths, numbers)).rstrip()
            for row in (heads, ["─" * width for width in widths], *rows)
        ]
        title = [visible(self.title), ""] if self.title else []
        below = [visible(line) for line in self._below()]
        return "\n".join([*title, *lines, *(["", *below] if below else [])])

    def _repr_html_(self) -> str:
        """Write the table for a notebook; every text is escaped."""
        heads, rows, numbers = self._cells()
        if len(rows) == 1 and len(heads) > WIDEST_ROW:
            head, body = "", _upright(heads, rows[0])
        else:
            head, body = _across(heads, rows, ["right" if is_figure else "left" for is_figure in numbers])
        title = f"{CAPTION}{escape(visible(self.title))}</caption>" if self.title else ""
        below = "<br>".join(escape(visible(line)) for line in self._below())
        foot = f"<p><small>{below}</small></p>" if below else ""
        table = f"<table>{title}{head}<tbody>{body}</tbody></table>"
        return f'<div lang="fr" style="overflow-x:auto">{table}{foot}</div>'

    def _cells(self) -> tuple[list[str], list[list[str]], list[bool]]:
        """Return the headings, the texts of the rows shown, and which columns hold figures."""
        frame = _flat(self.frame)
        rows_shown = frame.head(MOST_ROWS)
        # decimals and sides are those of the whole table
        cells = texts(frame).head(MOST_ROWS) if len(frame) > len(rows_shown) else texts(rows_shown)
        rows = [[_one_line(text) for text in row] for row in cells.itertuples(index=False, name=None)]
        heads = [_one_line(head) for head in headings(plain(frame), self.labels)]
        return heads, rows, numeric_columns(frame)

    def _below(self) -> list[str]:
        """Say what is under the table: rows that are not shown, then the footer."""
        hidden = len(self.frame) - MOST_ROWS
        if not len(self.frame):
            return ["Aucune ligne.", *source_lines(self.footer)]
        more = [f"{counted(hidden, 'ligne')} de plus, sur {number(len(self.frame))}."] if hidden > 0 else []
        return [*more, *source_lines(self.footer)]


def show(
    frame: pd.DataFrame,
    *,
    sources: Iterable[Described | Source | FilePath] = (),
    constants: Iterable[Constant] = (),
    surface: str = "",
    notes: Iterable[str] = (),
    title: str = "",
    kind: str = "",
) -> ShownTable:
    """Show a table as the command line does: French headings, units, decimal comma, sources under it.

    Parameters
    ----------
    frame
        What a function of the library returned; its geometry is not shown.
    sources
        Layers it was made from: layers of a catalogue, paths of files.
    constants
        Constants that went into it, from :func:`artois_geo.constants.get`.
    surface
        How its areas were measured: ``"lambert93"``, ``"ellipsoid"``, or a French sentence. Where the table
        holds areas and it is not given, the footer says that it is not known.
    notes
        French sentences: what a reader must know before using a figure.
    title
        French title.
    kind
        Kind of layer whose fields name the received columns in French; guessed without it.

    Returns
    -------
    ShownTable
        A notebook shows it; ``str`` gives it as text.

    Raises
    ------
    BadTable
        Not a table, or one with two columns of the same name.
    UnknownName
        No such kind.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.tables import show
    >>> left = pd.DataFrame({"site_nom": ["Les Hauts"], "available_ha": [1234.5], "available_share": [0.5]})
    >>> print(show(left, sources=["sites.gpkg"], surface="lambert93"))
    Nom du site  Surface disponible (ha)  Part disponible (%)
    ───────────  ───────────────────────  ───────────────────
    Les Hauts                   1\u202f234,50                   50
    <BLANKLINE>
    Couche sites.gpkg : millésime non indiqué
    Surfaces planes en Lambert-93 (EPSG:2154)
    """
    if not isinstance(frame, pd.DataFrame):
        raise BadTable(
            f"Un tableau est attendu (reçu : {type(frame).__name__}).\n"
            "Pour une colonne seule : tables.show(colonne.to_frame())."
        )
    if isinstance(sources, str):
        sources = [sources]
    kind = kind or kinds.kind_of(map(str, frame.columns))
    footer = footer_of(frame, sources=sources, constants=constants, surface=surface, notes=notes)
    if not surface and _holds_areas(frame):
        footer = Footer(footer.sources, footer.constants, "", (*footer.notes, NO_CONVENTION))
    labels = {**kinds.usual_labels(), **LABELS, **kinds.field_labels(kind)}
    return ShownTable(frame, footer, labels, title)


def _across(heads: Sequence[str], rows: Sequence[Sequence[str]], sides: Sequence[str]) -> tuple[str, str]:
    """Write the head and the rows of a table."""
    head = "".join(
        f'<th scope="col" style="text-align:{side}">{escape(text)}</th>'
        for text, side in zip(heads, sides, strict=True)
    )
    lines = (
        "".join(
            f'<td style="text-align:{side}">{escape(text)}</td>'
            for text, side in zip(row, sides, strict=True)
        )
        for row in rows
    )
    return f"<thead><tr>{head}</tr></thead>", "".join(f"<tr>{line}</tr>" for line in lines)


def _upright(heads: Sequence[str], row: Sequence[str]) -> str:
    """Write a row too wide for a page as lines, a heading and its value on each."""
    return "".join(
        f'<tr><th scope="row" style="text-align:left">{escape(head)}</th>'
        f'<td style="text-align:right">{escape(text)}</td></tr>'
        for head, text in zip(heads, row, strict=True)
    )


def _holds_areas(frame: pd.DataFrame) -> bool:
    entries = [vocabulary.known(str(name)) for name in frame.columns]
    return any(entry is not None and entry.unit in AREA_UNITS for entry in entries)


def _flat(frame: pd.DataFrame) -> pd.DataFrame:
    """Turn the levels of an index of several into columns."""
    if frame.index.nlevels < 2:
        return frame
    levels = [level for level, name in enumerate(frame.index.names) if name not in frame.columns]
    return frame.reset_index(levels)


def _padded(cell: str, width: int, is_figure: bool) -> str:
    spaces = " " * (width - cell_len(cell))
    return f"{spaces}{cell}" if is_figure else f"{cell}{spaces}"


def _one_line(text: str) -> str:
    return visible(" ".join(text.split("\n")))
