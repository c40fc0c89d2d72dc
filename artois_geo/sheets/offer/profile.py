"""What an investor reads first on the sheet of a site: three boxes, rows, what is not published, notes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from artois_geo import languages, meaning, showcase, theme
from artois_geo.sheets import wording
from artois_geo.sheets.offer.cards import Card, colour_class
from artois_geo.showcase import Fact, Offer, writing
from artois_geo.theme import Theme

ROWS = ("price", "networks", "calendar")  # the boxes and the contact say the other fields


@dataclass(frozen=True)
class Profile:
    """Hold the offer of a sheet, its card, the group that it is in, the name of its family.

    ``together`` says how many plots of its site are on offer, and their hectares, where there are several.
    """

    offer: Offer
    card: Card
    group_title: str
    is_available: bool
    family: str = ""
    together: str = ""


@dataclass
class Notes:
    """Number the sources of a sheet, each once, with the dates and the words cited from it."""

    lang: str
    entries: list[dict[str, Any]] = field(default_factory=list)

    def number_of(self, fact: Fact | None) -> str:
        """Return the number of the source of a fact; an empty text where none is cited."""
        if fact is None or not fact.source:
            return ""
        entry = next((entry for entry in self.entries if entry["source"] == fact.source), None)
        if entry is None:
            entry = {"source": fact.source, "pieces": _pieces(fact.source), "dates": [], "quotes": []}
            self.entries.append(entry)
        for name, text in (("dates", writing.day(fact.date, self.lang)), ("quotes", fact.quote)):
            if text and text not in entry[name]:
                entry[name].append(text)
        return str(self.entries.index(entry) + 1)


def filled(profile: Profile, row: pd.Series, look: Theme, lang: str) -> dict[str, Any]:
    """Prepare the profile of a sheet for its template, in the order of an investor."""
    offer, words, labels = profile.offer, wording.words(lang), showcase.labels(lang)
    notes = Notes(lang)
    boxes = [_box(name, profile, notes, words, labels[name]) for name in ("surface", "state", "access")]
    rows = [
        {
            "label": labels[name],
            "text": fact.text,
            "note": notes.number_of(fact),
            "date": writing.day(fact.date, lang),
        }
        for name in ROWS
        if (fact := offer.fact(name)) is not None
    ]
    return {
        "number": offer.number,
        "tag": profile.group_title,
        "is_available": profile.is_available,
        "colour_class": colour_class(profile.card.colour),
        "boxes": boxes,
        "rows": rows,
        "missing": showcase.not_published(offer, lang),
        "ask": writing.phrase(lang, "lines.ask", who=whom) if (whom := _whom(offer, look, lang)) else "",
        "contact": _contact(offer, look, lang),
        "notes": [entry | {"date": ", ".join(entry["dates"])} for entry in notes.entries],
        "caption": _caption(offer, row, lang),
        "locator": profile.card.picture,
    }


def _box(name: str, profile: Profile, notes: Notes, words: wording.Words, label: str) -> dict[str, str]:
    """Prepare one box: never empty, always in words."""
    fact = profile.offer.fact(name)
    box = {"label": label, "note_number": notes.number_of(fact), "large": "", "text": "", "note": ""}
    if name == "surface":
        notes_of = (profile.card.short, profile.together)
        return box | {"large": profile.card.value, "note": ". ".join(note for note in notes_of if note)}
    if fact is None and name == "access" and profile.offer.communes:
        return box | {"label": words["unpublished_box"]["place"], "text": ", ".join(profile.offer.communes)}
    text = words["unpublished_box"][name] if fact is None else fact.text
    return box | {"text": text, "note": profile.card.date if name == "state" else ""}


def _whom(offer: Offer, look: Theme, lang: str) -> str:
    owner = look.owner["name"]
    if owner and offer.ask:
        return wording.phrase(lang, "ask_either", first=offer.ask, second=owner)
    return owner or offer.ask


def _contact(offer: Offer, look: Theme, lang: str) -> dict[str, str]:
    """Say whom to write to: who publishes and for whom, else the operator that the facts name."""
    owner, reach = look.owner["name"], theme.contact_line(look)
    fact = offer.fact("contact")
    contact_name = "" if fact is None else fact.text
    if not owner:
        return {"name": contact_name, "line": ""}
    parts = [reach, wording.phrase(lang, "contact_for", who=contact_name) if contact_name else ""]
    return {"name": owner, "line": " · ".join(part for part in parts if part)}


def _caption(offer: Offer, row: pd.Series, lang: str) -> dict[str, Any]:
    """Say how precise the position is, in words, and that nothing can be measured on a sketch."""
    if not meaning.says_schematic(row.get(meaning.QUALITY)):
        return {}
    words = wording.words(lang)
    circle_sentence = f"{words['schematic']}{words['colon']}{words['inside_circle']}"
    if offer.precision_m is None:
        return {"text": f"{words['schematic']}. {words['schematic_told']}", "quote": ""}
    position = writing.phrase(lang, "lines.position", distance=writing.distance(offer.precision_m, lang))
    precision = row.get("precision")
    words_of_source = "" if meaning.is_missing(precision) else str(precision)
    precision_text = showcase.value(words_of_source, lang)
    return {
        "text": f"{position}. {circle_sentence}",
        "quote": precision_text,
        "is_french": lang != languages.SOURCE and precision_text == words_of_source,
    }


def _pieces(source: str) -> list[tuple[str, str]]:
    """Split a source at its addresses, shortened for paper."""
    return [
        (wording.shortened(text, 64) if address else text, address)
        for text, address in wording.linked(source)
    ]


def without_shown(entries: Sequence[Any], hidden: frozenset[str]) -> list[Any]:
    """Leave out the facts that the profile already says, by their columns."""
    return [entry for entry in entries if not hidden.intersection(entry["columns"])]
