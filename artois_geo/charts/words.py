"""Words, numbers and escapes that the charts share."""

import unicodedata
from functools import cache
from xml.sax.saxutils import escape

from artois_geo import languages


@cache
def words(lang: str) -> dict[str, str]:
    """Words of the charts in one language, from ``words.toml``.

    Examples
    --------
    >>> words("en")["left"]
    'Available'
    """
    return {name: said[lang] for name, said in languages.read("charts", "words.toml").items()}


def decimal(text: str, lang: str) -> str:
    """A number written with a point, as the language writes it.

    Examples
    --------
    >>> decimal("1.5", "fr"), decimal("1.5", "en")
    ('1,5', '1.5')
    """
    return text.replace(".", ",") if lang == "fr" else text


def escaped(text: object) -> str:
    """Outside text as the content of an SVG element: escaped, without what XML refuses.

    Examples
    --------
    >>> escaped("Bois & \\x00Cie")
    'Bois &amp; Cie'
    """
    return escape("".join(char for char in str(text) if unicodedata.category(char)[0] != "C"))
