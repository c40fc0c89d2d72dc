"""The words, numbers and links of a sheet, in each language."""

import math
import re
from collections.abc import Iterable
from datetime import date, datetime
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

import pandas as pd
from markupsafe import Markup, escape

from artois_geo import languages, showcase, tables
from artois_geo.meaning import is_null
from artois_geo.tables.french import places
from artois_geo.tables.values import as_text, is_number, native

LANGUAGES = languages.LANGUAGES
SCHEMES = {"http", "https", "mailto", "tel"}
ADDRESS = re.compile(r"https?://[^\s<>\"'«»`|;,)]+[^\s<>\"'«»`|;,).]")
MISSING = "–"
# what HTML and XML drop or refuse, and the symbol of each
VISIBLE_SIGNS = {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n"}
VISIBLE_SIGNS |= {0xFFFE: 0xFFFD, 0xFFFF: 0xFFFD}

Words = dict[str, Any]


@cache
def words(lang: str) -> Words:
    """Return our own words in one language, from ``words.toml``.

    Raises
    ------
    BadValue
        A language that has no catalogue.

    Examples
    --------
    >>> words("en")["access"]
    'Access'
    """
    languages.require(lang)
    return {key: _in(lang, entry) for key, entry in read("words.toml").items()}


def offer_title(lang: str, territory: str) -> str:
    """Return the title of an offer: that of its territory where the catalogue names it.

    Examples
    --------
    >>> offer_title("fr", "Pays d'Exemple"), offer_title("en", "")
    ("Offre foncière · Pays d'Exemple", 'Land on offer')
    """
    return " · ".join(part for part in (words(lang)["offer_title"], territory) if part)


def phrase(lang: str, key: str, /, **values: object) -> str:
    """Return a sentence of ``words.toml`` in one language, its blanks filled.

    Parameters
    ----------
    lang
        Language.
    key
        Path of the sentence, with dots.
    values
        Text of each blank ``{name}``; beside one that holds a mark of its language the others are escaped,
        and so is the sentence.

    Raises
    ------
    KeyError
        No such sentence, or a blank that nothing fills.

    Examples
    --------
    >>> phrase("fr", "beneath.ordinal", rank=1, n=12), phrase("en", "exact", km="3.3")
    ('1 sur 12', '3.3 km')
    """
    entry: Any = words(lang)
    for part in key.split("."):
        entry = entry[part]
    is_marked = any(isinstance(value, Markup) for value in values.values())
    # ``format_map`` of markupsafe 2.1 is that of str: it would lose the mark
    return (escape(entry) if is_marked else str(entry)).format(**values)


@cache
def read(name: str) -> dict[str, Any]:
    """Read a TOML file of this room, its texts in every language."""
    return languages.read("sheets", name)


def number(value: float, decimals: int, lang: str) -> str:
    """Write a number as each language does.

    Examples
    --------
    >>> number(1234.5, 1, "fr"), number(1234.5, 1, "en")
    ('1\u202f234,5', '1,234.5')
    """
    if lang == "fr":
        return tables.number(value, decimals)
    return re.sub(r"^-(?=[0.,]*$)", "", f"{value:,.{decimals}f}").replace("-", "−")


def told(value: Any, lang: str, *, decimals: int | None = None, unit: str = "", years: bool = False) -> str:
    """Write a value of a table for a reader; a text changes only where it is of a closed list of ours.

    Examples
    --------
    >>> told(4.1556, "en", unit="ha"), told(True, "fr"), told(None, "fr"), told("<b>", "fr")
    ('4.16 ha', 'oui', '–', '<b>')
    >>> told("hub logistique", "en")
    'logistics hub'
    """
    value = native(value)
    if is_null(value) or value == "":
        return MISSING
    if isinstance(value, bool):
        return words(lang)["yes" if value else "no"]
    if is_number(value):
        if math.isinf(value):
            return "∞" if value > 0 else "−∞"
        digits = places([value]) if decimals is None else decimals
        text = f"{value:.0f}" if years else number(value, digits, lang)
        return f"{text}\u202f{unit}" if unit == "%" else f"{text} {unit}" if unit else text
    if isinstance(value, (datetime, date)):
        return f"{value:%d/%m/%Y}" if lang == "fr" else f"{value:%Y-%m-%d}"
    return showcase.value(as_text(value), lang)


def marked(text: str, value: Any, lang: str) -> str:
    """Mark as French, on a page in another language, a text of a layer that has no translation.

    Examples
    --------
    >>> marked("Parc", "Parc", "en"), marked("port", "portuaire", "en"), marked("Parc", "Parc", "fr")
    (Markup('<span lang="fr">Parc</span>'), 'port', 'Parc')
    """
    is_ours = lang == languages.SOURCE or not isinstance(value, str) or text != value
    if is_ours or not any(map(str.isalpha, text)):
        return text
    return Markup('<span lang="{}">{}</span>').format(languages.SOURCE, visible(text))


def day(value: date, lang: str) -> str:
    """Write a day in words.

    Examples
    --------
    >>> day(date(2023, 1, 1), "fr"), day(date(2026, 11, 30), "fr"), day(date(2023, 1, 1), "en")
    ('1er janvier 2023', '30 novembre 2026', '1 January 2023')
    """
    number = "1er" if lang == "fr" and value.day == 1 else str(value.day)
    return f"{number} {words(lang)['months'][str(value.month)]} {value.year}"


def remaining(row: pd.Series, lang: str) -> str:
    """Tell at which date the remainder of a budget was measured, and which years since are unknown.

    ``row``: of a trajectory that ``zan.dated`` completed.

    Examples
    --------
    >>> row = {"remaining_on": date(2023, 1, 1), "unobserved_years": 4, "counted_on": date(2026, 11, 30)}
    >>> remaining(pd.Series(row), "fr")[:94]
    'Reste au 1er janvier 2023 : 4 années écoulées non observées (2023 à 2026) au 30 novembre 2026,'
    """
    since, counted_on, count = row["remaining_on"], row["counted_on"], int(row["unobserved_years"])
    if not count:
        return phrase(lang, "remaining.observed", day=day(since, lang))
    first_year, last_year = since.year, since.year + count - 1
    span = str(first_year)
    if count > 1:
        span = phrase(lang, f"remaining.{'pair' if count == 2 else 'run'}", first=first_year, last=last_year)
    return phrase(
        lang,
        f"remaining.{'unobserved' if count > 1 else 'unobserved_one'}",
        day=day(since, lang),
        n=count,
        span=span,
        on=day(counted_on, lang),
        current=phrase(lang, "remaining.current") if counted_on.year == last_year else "",
    )


def spoken(table: pd.DataFrame, lang: str) -> pd.DataFrame:
    """Translate the columns of a table: ``site_nom_en`` replaces ``site_nom`` where it is filled.

    Examples
    --------
    >>> table = pd.DataFrame({"nom": ["Parc", "Quai"], "nom_en": ["Park", None]})
    >>> spoken(table, "en")["nom"].tolist(), spoken(table, "fr").columns.tolist()
    (['Park', 'Quai'], ['nom'])
    """
    result = table.copy()
    for name in [name for name in table if isinstance(name, str)]:
        base, _, ending = name.rpartition("_")
        if ending not in LANGUAGES or base not in table:
            continue
        if ending == lang:
            translated = table[name]
            result[base] = translated.where(translated.notna() & translated.ne(""), table[base])
        result = result.drop(columns=name)
    return result


def spoken_row(row: pd.Series, lang: str) -> pd.Series:
    """Translate one row, as :func:`spoken` does a table."""
    return spoken(pd.DataFrame([row], dtype=object), lang).iloc[0]


def visible(text: str) -> str:
    r"""Replace the characters that HTML and XML drop or refuse by visible symbols.

    Examples
    --------
    >>> visible("a\x00b")
    'a␀b'
    """
    repaired = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return repaired.translate(VISIBLE_SIGNS)


def link(address: object) -> str:
    r"""Return the address if a reader may follow it (http, https, mailto, tel), else an empty text.

    Examples
    --------
    >>> link("https://exemple.fr"), link("javascript:alert(1)"), link(" java\tscript:x"), link(None)
    ('https://exemple.fr', '', '', '')
    """
    if not isinstance(address, str) or re.search(r"[\s\x00-\x20\x7f\\<>\"'`]", address):
        return ""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    if parts.scheme.lower() not in SCHEMES or (
        parts.scheme.lower().startswith("http") and not parts.hostname
    ):
        return ""
    return address


def linked(text: str) -> list[tuple[str, str]]:
    """Split a text at its addresses: pieces, each with its address or an empty text.

    Examples
    --------
    >>> linked("voir https://exemple.fr/a, 2022")
    [('voir ', ''), ('https://exemple.fr/a', 'https://exemple.fr/a'), (', 2022', '')]
    """
    pieces, end = [], 0
    for match in ADDRESS.finditer(text):
        pieces += [(text[end : match.start()], ""), (match[0], link(match[0]))]
        end = match.end()
    return [piece for piece in [*pieces, (text[end:], "")] if piece[0]]


def shortened(address: str, characters: int = 50) -> str:
    """Shorten an address for paper: without its scheme, readable, cut when it is long.

    Examples
    --------
    >>> shortened("https://exemple.fr/zone-d%E2%80%99activit%C3%A9s")
    'exemple.fr/zone-d’activités'
    >>> shortened("http://exemple.fr/" + "a" * 80, 20)
    'exemple.fr/aaaaaaaa…'
    """
    without_scheme = address.split("://", 1)[-1]
    readable = unquote(without_scheme) if unquote(without_scheme).isprintable() else without_scheme
    return readable if len(readable) <= characters else f"{readable[: characters - 1]}…"


def first_link(texts: Iterable[str]) -> str:
    """Return the first address that a reader may follow, in any of the texts."""
    return next((address for text in texts for _, address in linked(text) if address), "")


def _in(lang: str, entry: Any) -> Any:
    """Select one language: tables whose keys are the languages become their word."""
    if not isinstance(entry, dict):
        return entry
    if set(entry) == set(LANGUAGES):
        return entry[lang]
    return {key: _in(lang, inner) for key, inner in entry.items()}
