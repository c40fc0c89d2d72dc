"""How an offer is written in each language: words, numbers, distances, dates."""

import re
from functools import cache
from typing import Any

from artois_geo import languages, text

METRES_BELOW = 1000
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_THOUSANDS = re.compile(r"(?<=\d) (?=\d{3}(?!\d))")
_RANK = re.compile(r"n° ?(?=\d)")
_UNIT = re.compile(r"(?<=\d) (?=(?:ha|m²|m|km|MW)(?!\w)|[€%])")


@cache
def words() -> dict[str, Any]:
    """Read every word of an offer, by table, key and language.

    Examples
    --------
    >>> words()["groups"]["later"]["fr"]
    'À venir ou à confirmer'
    """
    return languages.read("showcase", "words.toml")


@cache
def _listed() -> dict[str, dict[str, str]]:
    return {entry["fr"]: entry for entry in languages.read("showcase", "values.toml")["listed"].values()}


def value(text: str, lang: str) -> str:
    """Translate a value of a closed list of ours; any other text is a quotation and stays as it is.

    Examples
    --------
    >>> from artois_geo.showcase import value
    >>> value("portuaire", "en"), value("portuaire", "fr"), value("Parc du Canal", "en")
    ('port', 'portuaire', 'Parc du Canal')
    """
    return text if lang == languages.SOURCE else _listed().get(text, {}).get(lang, text)


def phrase(lang: str, key: str, **values: Any) -> str:
    """Write a sentence of ``words.toml`` (``table.key``) in a language.

    Examples
    --------
    >>> phrase("fr", "sums.available", n=2)
    'sur 2 sites'
    """
    table, name = key.split(".")
    return str(words()[table][name][lang]).format(**values)


def number(value: float, lang: str, decimals: int = 1) -> str:
    """Write a number to one decimal, without one where it is whole.

    Examples
    --------
    >>> number(4.1556, "fr"), number(10.0, "fr"), number(1234.0, "en")
    ('4,2', '10', '1,234')
    """
    rounded = text.half_up(value, decimals)
    number_text = text.number(value, 0 if rounded == int(rounded) else decimals)
    return number_text if lang == languages.SOURCE else text.point(number_text).replace(text.THIN_SPACE, ",")


def hectares(value: float, lang: str) -> str:
    """Write an area: « 4,2 ha ».

    Examples
    --------
    >>> hectares(4.1556, "en")
    '4.2\\xa0ha'
    """
    return phrase(lang, "lines.hectares", n=number(value, lang))


def distance(metres: float, lang: str) -> str:
    """Write a distance in metres below a kilometre.

    Examples
    --------
    >>> distance(500, "fr"), distance(3000, "fr")
    ('500\\xa0m', '3\\xa0km')
    """
    if metres < METRES_BELOW:
        return phrase(lang, "lines.metres", n=number(metres, lang))
    return phrase(lang, "lines.kilometres", n=number(metres / METRES_BELOW, lang))


def day(iso: str, lang: str) -> str:
    """Write a day as each language does; a year, a month or any other text stays as it is.

    Examples
    --------
    >>> day("2027-01-31", "fr"), day("2027-01-31", "en"), day("2027", "fr")
    ('31/01/2027', '2027-01-31', '2027')
    """
    match = _DAY.fullmatch(iso[:10])
    return "/".join(reversed(match.groups())) if match and lang == languages.SOURCE else iso


def capital(sentence: str) -> str:
    """Start a text with a capital letter; a number or a capital stays.

    Examples
    --------
    >>> capital("échangeur à 500 m")
    'Échangeur à 500 m'
    """
    return sentence[:1].upper() + sentence[1:]


def unbroken(sentence: str) -> str:
    """Keep the groups of a number, a number and its unit, and a rank, on one line of a published text.

    Examples
    --------
    >>> unbroken("9 parcelles de 5 000 à 20 000 m²")
    '9 parcelles de 5\\u202f000 à 20\\u202f000\\xa0m²'
    >>> unbroken("échangeur A26 n°6.1")
    'échangeur A26 n°\\xa06.1'
    """
    grouped = _THOUSANDS.sub(text.THIN_SPACE, _RANK.sub("n°\u00a0", sentence))
    return _UNIT.sub("\u00a0", grouped)
