"""What a page says in the language of the page: its text and attributes, without what it marks as French."""

import re
from html.parser import HTMLParser

from artois_geo import languages

SILENT = {"script", "style"}
VOID = {"meta", "img", "br", "link", "input", "hr", "path", "rect", "circle", "line", "use", "stop", "image"}
SAID = ("alt", "title", "aria-label", "placeholder")
CONTEXTS = ("sheets.", "showcase.", "charts.", "vocabulary", "units", "layers.kinds")


class Said(HTMLParser):
    """Gather the texts of a page that are not marked ``lang="fr"``."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        hidden = bool(self.open and self.open[-1][1]) or tag in SILENT or dict(attrs).get("lang") == "fr"
        if not hidden:
            self.texts += [value for name, value in attrs if name in SAID and value]
        if tag not in VOID:
            self.open.append((tag, hidden))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not (self.open and self.open[-1][1]):
            self.texts += [value for name, value in attrs if name in SAID and value]

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not (self.open and self.open[-1][1]):
            self.texts.append(data)


def text_of_page(page: str) -> str:
    parser = Said()
    parser.feed(page)
    return " ".join(" ".join(parser.texts).split())


def french_words() -> set[str]:
    """Our French texts that are said otherwise in English, whole: labels, list values, messages."""
    english = languages._catalogue("en")
    pairs = {
        (str(key).partition("\x04")[2], str(text))
        for key, text in english._catalog.items()  # type: ignore[attr-defined]
        if isinstance(key, str) and str(key).startswith(CONTEXTS)
    }
    translations = {text.casefold() for _, text in pairs}
    return {
        french
        for french, text in pairs
        if french.casefold() not in translations and "{" not in french and len(french) > 3
    }


def french_on(page: str, words: set[str]) -> list[str]:
    text = text_of_page(page)
    return sorted(
        word for word in words if word in text and re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text)
    )
