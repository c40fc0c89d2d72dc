"""Words, numbers and escapes that the charts share."""

import unicodedata
from functools import cache
from xml.sax.saxutils import escape

from artois_geo import languages
from artois_geo.text import comma


@cache
def words(lang: str) -> dict[str, str]:
    """Return the words of the charts in one language, from ``words.toml``.

    Examples
    --------
    >>> words("en")["left"]
    'Available'
    """
    return {name: translations[lang] for name, translations in languages.read("charts", "words.toml").items()}


def decimal(text: str, lang: str) -> str:
    """Write a number that has a point as the language writes it.

    Examples
    --------
    >>> decimal("1.5", "fr"), decimal("1.5", "en")
    ('1,5', '1.5')
    """
    return comma(text) if lang == "fr" else text


def escaped(text: object) -> str:
    """Escape outside text for an SVG element, without what XML refuses.

    Examples
    --------
    >>> from artois_geo.charts import escaped
    >>> escaped("Bois & \\x00Cie")
    'Bois &amp; Cie'
    """
    return escape("".join(char for char in str(text) if unicodedata.category(char)[0] != "C"))
