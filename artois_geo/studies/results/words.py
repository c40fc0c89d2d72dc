"""What the map of a result says, in each language: sentences of ``words.toml``, their blanks filled."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from artois_geo import languages
from artois_geo.sheets import wording

Texts = Mapping[str, str]  # by language
Filling = str | int | tuple[float, int] | Texts


def phrase(key: str, /, **fillings: Filling) -> dict[str, str]:
    """Write a sentence in each language.

    Parameters
    ----------
    key
        Path of the sentence in ``words.toml``, with a dot.
    fillings
        What fills each blank: a text, a count, a number with its decimals, or texts by language.

    Examples
    --------
    >>> phrase("land.available", ha=hectares(1079.84, 1))
    {'fr': 'Disponible : 1\u202f079,8 ha', 'en': 'Available: 1,079.8 ha'}
    """
    section, name = key.split(".")
    sentence = _words()[section][name]
    return {
        lang: sentence[lang].format_map({blank: _filled(value, lang) for blank, value in fillings.items()})
        for lang in languages.LANGUAGES
    }


def hectares(area_ha: float, decimals: int = 2) -> dict[str, str]:
    """Write hectares in each language; unknown ones as such.

    Examples
    --------
    >>> hectares(2.634)["fr"], hectares(float("nan"))["fr"]
    ('2,63 ha', 'inconnu')
    """
    return phrase("area.unknown") if area_ha != area_ha else phrase("area.ha", ha=(area_ha, decimals))


def interval(low_ha: float, high_ha: float) -> dict[str, str]:
    """Write hectares known within bounds, with the decimals that the bounds were rounded to.

    Examples
    --------
    >>> interval(3, 12.5)["fr"], interval(4, 4)["fr"], interval(float("nan"), 2)["fr"]
    ('3 à 12,5 ha', '4 ha', 'inconnu')
    """
    if low_ha != low_ha or high_ha != high_ha:
        return phrase("area.unknown")
    low, high = ((bound, _decimals(bound)) for bound in (low_ha, high_ha))
    return phrase("area.ha", ha=high) if low_ha == high_ha else phrase("area.range", low=low, high=high)


def total(low_ha: float, high_ha: float) -> dict[str, str]:
    """Write the hectares of several sites, to the decimal, as the notes of a table do.

    Examples
    --------
    >>> total(79.84, 79.84)["fr"], total(3.04, 12.5)["fr"]
    ('79,8 ha', '3 à 12,5 ha')
    """
    return hectares(high_ha, 1) if low_ha == high_ha else interval(round(low_ha, 1), round(high_ha, 1))


def same(text: str) -> dict[str, str]:
    """Give a name that no language translates.

    Examples
    --------
    >>> same("Crue")
    {'fr': 'Crue', 'en': 'Crue'}
    """
    return dict.fromkeys(languages.LANGUAGES, text)


def joined(sentences: Iterable[Texts], separator: str = " ") -> dict[str, str]:
    """Put sentences one after the other, in each language.

    Examples
    --------
    >>> joined([same("A."), same("B.")])["fr"]
    'A. B.'
    """
    each = list(sentences)
    return {lang: separator.join(texts[lang] for texts in each) for lang in languages.LANGUAGES}


@cache
def _words() -> dict[str, Any]:
    return languages.read("studies.results", "words.toml")


def _filled(filling: Filling, lang: str) -> str:
    if isinstance(filling, str):
        return filling
    if isinstance(filling, int):
        return wording.number(filling, 0, lang)
    if isinstance(filling, tuple):
        return wording.number(filling[0], filling[1], lang)
    return filling[lang]


def _decimals(figure: float) -> int:
    return next((digits for digits in range(5) if round(figure, digits) == figure), 5)
