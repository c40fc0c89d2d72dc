"""The board on the wall: one A3 landscape page with the map, the numbered offers and their sums."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import quote

import pandas as pd

from artois_geo import deprecated, tables, theme
from artois_geo.sheets import paper, qr, sections, wording
from artois_geo.sheets.front import Figure, Link
from artois_geo.sheets.location import legend
from artois_geo.sheets.location.situation import picture
from artois_geo.sheets.offer.cards import Card, CardGroup, colour_class, css
from artois_geo.theme import Theme

CARDS, LINES = 8, 8
CARDS_OF_MANY, LINES_OF_MANY = 6, 24


@dataclass(frozen=True)
class Board:
    """Hold the content of a board.

    Parameters
    ----------
    title, subtitle
        Heading: what is on offer, in words; and what the board is.
    figure
        SVG element of a map, written by this library: not escaped again.
    narrow, caption
        The same map for a phone, on screen only; a sentence under the legend.
    keys
        Legend: an SVG element of ours, and its name; read off the figure by default.
    figures
        Key figures, ready to read.
    cards
        What is on offer, without a group.
    groups
        What is on offer, in groups: the first as cards, the others as lines.
    tables_of
        Tables by the name of their section (see :func:`site`), under the map.
    warnings
        What a reader must see before any figure.
    notes
        Small sentences at the foot: what is not published, the method.
    sources
        Layers that the board was made from.
    links
        Pages beside it, on screen only.
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
    narrow: str = ""
    caption: str = ""
    figures: Sequence[Figure] = ()
    cards: Sequence[Card] = ()
    groups: Sequence[CardGroup] = ()
    tables_of: Mapping[str, pd.DataFrame] | None = None
    warnings: Sequence[str] = ()
    notes: Sequence[str] = ()
    sources: Sequence[tables.Source] = ()
    links: Sequence[Link] = ()
    lang: str = "fr"
    look: Theme | None = None
    address: str = ""
    issued: date | None = None
    also: Mapping[str, str] | None = None


def board(content: Board | None = None, **keywords: Any) -> str:
    """Build one A3 landscape page, to print or to convert to PDF; on screen it takes the width there is.

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
    >>> from artois_geo.sheets import Board, board
    >>> page = board(Board(title="<Offre>", figure="<svg/>", lang="en"))
    >>> "&lt;Offre&gt;" in page, "A3 landscape" in page
    (True, True)
    """
    content = deprecated.gathered(Board, content, keywords, function="sheets.board(content=)")
    lang, look = content.lang, content.look or theme.read()
    words = wording.words(lang)
    groups, lines, remaining = _shown(content)
    cards = [card for group in (*groups, *lines) for card in group.cards]
    style = paper.style(look, "tokens.css", "board.css", extra=css(cards))
    link = wording.link(content.address) or qr.mecard(look.owner)
    code = qr.qr(link, look.colours["ink"]) if link else ""
    keys = [{"sign": picture(sign), "label": label, "wrapped": False} for sign, label in content.keys]
    return paper.template("board.html.j2").render(
        lang=lang,
        words=words,
        content=content,
        style=style,
        csp=paper.policy(style),
        picture=picture(content.figure),
        narrow=picture(content.narrow) if content.narrow else "",
        drawn=picture,
        keys=keys or legend.read_off(content.figure, look, lang),
        groups=groups,
        lines=lines,
        rest=remaining,
        sections=[
            sections.filled(name, table, "", lang) for name, table in (content.tables_of or {}).items()
        ],
        licences=paper.licences_line(content.sources),
        also=[
            (language, quote(file), wording.words(language)["front"]["language"])
            for language, file in (content.also or {}).items()
        ],
        colour_class=colour_class,
        identity=theme.identity(look),
        contact=theme.contact_line(look),
        legal=theme.legal_mention(look, lang),
        code=picture(code) if code else "",
        issued=paper.issued(content.issued, lang),
    )


def _shown(content: Board) -> tuple[list[CardGroup], list[CardGroup], int]:
    """Split the groups in cards, then in lines, as the board has room for, and count what is left out.

    Each pin of the map has its card or its line: a number that nothing names says nothing.
    """
    groups = list(content.groups) or ([CardGroup("", "", content.cards)] if content.cards else [])
    count = sum(len(group.cards) for group in groups)
    most, lines = (CARDS, LINES) if count <= CARDS + LINES else (CARDS_OF_MANY, LINES_OF_MANY)
    return _part(groups, 0, most), _part(groups, most, most + lines), max(count - most - lines, 0)


def _part(groups: Sequence[CardGroup], start: int, end: int) -> list[CardGroup]:
    """Return the groups of the cards of some ranks."""
    part, rank = [], 0
    for group in groups:
        cards = group.cards[max(start - rank, 0) : max(end - rank, 0)]
        rank += len(group.cards)
        if cards:
            part.append(replace(group, cards=cards))
    return part
