"""The board on the wall: one A3 landscape page with the map, the offer and the figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from artois_geo import deprecated, tables, theme
from artois_geo.sheets import paper, qr, sections, wording
from artois_geo.sheets.front import Figure
from artois_geo.sheets.location.situation import picture
from artois_geo.theme import Theme

CARDS = 8


@dataclass(frozen=True)
class Card:
    """Hold one offer of the board; ``counted``: its source really offers it."""

    name: str
    place: str
    value: str
    status: str
    text: str = ""
    counted: bool = True


@dataclass(frozen=True)
class Board:
    """Hold the content of a board.

    Parameters
    ----------
    title, subtitle
        Heading.
    figure
        SVG element of a map, written by this library: not escaped again.
    keys
        Legend: an SVG element of ours, and its name.
    figures
        Key figures, ready to read.
    cards
        What is on offer, the first ``CARDS`` of them.
    tables_of
        Tables by the name of their section (see :func:`site`), under the map.
    warnings
        What a reader must see before any figure.
    sources
        Layers that the board was made from.
    lang
        ``"fr"`` or ``"en"``.
    look
        Theme; the shipped one by default.
    address
        Where the whole stands online, behind the QR code; without it the contact of the theme.
    issued
        Date to print.
    """

    title: str
    figure: str
    subtitle: str = ""
    keys: Sequence[tuple[str, str]] = ()
    figures: Sequence[Figure] = ()
    cards: Sequence[Card] = ()
    tables_of: Mapping[str, pd.DataFrame] | None = None
    warnings: Sequence[str] = ()
    sources: Sequence[tables.Source] = ()
    lang: str = "fr"
    look: Theme | None = None
    address: str = ""
    issued: date | None = None


def board(content: Board | None = None, **keywords: Any) -> str:
    """Build one A3 landscape page, to print or to convert to PDF.

    Parameters
    ----------
    content
        See :class:`Board`.
    keywords
        Its fields, by name, as in version 0.1.0.

    Returns
    -------
    str
        HTML with its style inside and no script. Same arguments, same bytes.

    Raises
    ------
    BadValue
        Unknown language.

    Examples
    --------
    >>> page = board(Board(title="<Offre>", figure="<svg/>", lang="en"))
    >>> "&lt;Offre&gt;" in page, "A3 landscape" in page
    (True, True)
    """
    content = deprecated.gathered(Board, content, keywords, function="sheets.board(content=)")
    lang, cards = content.lang, content.cards
    words = wording.words(lang)
    look = content.look or theme.read()
    style = paper.style(look, "board.css")
    link = wording.link(content.address) or qr.mecard(look.owner)
    code = qr.qr(link, look.colours["navy"]) if link else ""
    return paper.template("board.html.j2").render(
        lang=lang,
        words=words,
        title=content.title,
        subtitle=content.subtitle,
        style=style,
        csp=paper.policy(style),
        picture=picture(content.figure),
        keys=[{"sign": picture(sign), "label": label} for sign, label in content.keys],
        figures=content.figures,
        cards=cards[:CARDS],
        rest=max(len(cards) - CARDS, 0),
        sections=[
            sections.filled(name, table, "", lang) for name, table in (content.tables_of or {}).items()
        ],
        warnings=content.warnings,
        layers=paper.layers_line(content.sources, words),
        owner=look.owner,
        logos=look.logos,
        code=picture(code) if code else "",
        issued=paper.issued(content.issued, lang),
    )
