"""The front page of a folder for its visitors: a promise, the sums, a map, the offers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from artois_geo import theme
from artois_geo.sheets import paper, wording
from artois_geo.sheets.front import Figure, Link
from artois_geo.sheets.location import legend
from artois_geo.sheets.location.situation import picture
from artois_geo.sheets.offer.cards import CardGroup, colour_class, css
from artois_geo.theme import Theme


@dataclass(frozen=True)
class VisitorPage:
    """Hold the content of the front page.

    Parameters
    ----------
    title, promise
        What the page is, and its main sentence.
    sums
        Hectares of each group.
    leads
        Sentences under the sums: a canal under way.
    links
        Buttons, the main one first: map, board.
    groups
        Offers, each linked to its sheet.
    figure
        SVG element of ours: the map of the offers.
    narrow, caption
        The same map for a phone; a sentence under the legend.
    technicians
        Page of counts, checks and files.
    look, lang
        Theme, the shipped one by default; language of our words.
    also
        The same page in other languages: its file by language.
    warnings
        What a reader must see before any figure: fictional data.
    """

    title: str
    promise: str
    sums: Sequence[Figure] = ()
    leads: Sequence[str] = ()
    links: Sequence[Link] = ()
    groups: Sequence[CardGroup] = ()
    figure: str = ""
    narrow: str = ""
    caption: str = ""
    technicians: Link | None = None
    look: Theme | None = None
    lang: str = "fr"
    also: Mapping[str, str] | None = None
    warnings: Sequence[str] = ()


def visitor_page(content: VisitorPage) -> str:
    """Build the front page: HTML with its style inside and no script; same arguments, same bytes.

    Raises
    ------
    BadValue
        Unknown language.

    Examples
    --------
    >>> from artois_geo.sheets import Link, VisitorPage, visitor_page
    >>> page = visitor_page(VisitorPage("Offre <2026>", "Du foncier", links=[Link("carte.html", "La carte")]))
    >>> "Offre &lt;2026&gt;" in page, 'href="carte.html"' in page
    (True, True)
    """
    words, look = wording.words(content.lang), content.look or theme.read()
    cards = [card for group in content.groups for card in group.cards]
    style = paper.style(look, "tokens.css", "visitors.css", extra=css(cards))
    return paper.template("visitors.html.j2").render(
        content=content,
        lang=content.lang,
        words=words,
        also=[
            (code, quote(file), wording.words(code)["front"]["language"])
            for code, file in (content.also or {}).items()
        ],
        picture=picture(content.figure) if content.figure else "",
        narrow=picture(content.narrow) if content.narrow else "",
        keys=legend.read_off(content.figure, look, content.lang),
        colour_class=colour_class,
        drawn=picture,
        identity=theme.identity(look),
        owner=look.owner["name"],
        contact=theme.contact_line(look),
        legal=theme.legal_mention(look, content.lang),
        style=style,
        csp=paper.policy(style),
    )
