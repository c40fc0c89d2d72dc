"""Cards of the offers, in their groups: the same on the front page and on the board."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class Card:
    """Hold one offer, ready to read; ``counted``: its hectares are in the sum of its group.

    ``value`` is its area, ``short`` what the area is, ``status`` what a buyer can do, ``text`` its access.
    ``colour`` is that of its family, ``ink`` of a text on it, ``picture`` an SVG element of ours,
    ``photo`` the ``data:`` address of its photo and ``credit`` who took it, ``href`` its sheet.
    """

    name: str
    place: str
    value: str
    status: str
    text: str = ""
    counted: bool = True
    number: int = 0
    short: str = ""
    contact: str = ""
    colour: str = ""
    ink: str = "#ffffff"
    href: str = ""
    picture: str = ""
    date: str = ""
    photo: str = ""
    credit: str = ""


@dataclass(frozen=True)
class CardGroup:
    """Hold the offers of one group: title, sum in words, a note, and whether their land is available."""

    title: str
    sum_text: str
    cards: Sequence[Card]
    note: str = ""
    is_available: bool = False


def css(cards: Iterable[Card]) -> str:
    """Write the CSS class of each family colour: the policy of a page allows no style on an element.

    Examples
    --------
    >>> css([Card("A", "", "", "", colour="#ad3f22"), Card("B", "", "", "", colour="red;}")])
    '.c-ad3f22 { --family: #ad3f22; --family-ink: #ffffff; }\\n'
    """
    inks = {card.colour: card.ink for card in cards if all(map(COLOUR.fullmatch, (card.colour, card.ink)))}
    return "".join(
        f".{colour_class(colour)} {{ --family: {colour}; --family-ink: {ink}; }}\n"
        for colour, ink in inks.items()
    )


def colour_class(colour: str) -> str:
    """Return the name of the CSS class of a colour; an empty text for what is none.

    Examples
    --------
    >>> colour_class("#AD3F22"), colour_class("red")
    ('c-ad3f22', '')
    """
    return f"c-{colour[1:].lower()}" if COLOUR.fullmatch(colour) else ""
