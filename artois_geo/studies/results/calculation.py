"""The calculation of a result: figures rounded so that they add up, as lines that each language reads."""

from collections.abc import Sequence
from dataclasses import dataclass

from artois_geo import text
from artois_geo.maps import Amount, Step
from artois_geo.maps.results.records import LESS, MORE, START, TOTAL
from artois_geo.studies.results import words
from artois_geo.studies.results.words import Texts

SITE_DECIMALS, TOTAL_DECIMALS = 2, 1


@dataclass(frozen=True)
class Subtraction:
    """Hold gross hectares, what each cause takes off, and what that comes to."""

    gross_ha: float
    parts: Sequence[tuple[Texts, float]]
    net_ha: float
    net_label: Texts


def steps(subtraction: Subtraction, *, decimals: int) -> list[Step]:
    """Write a subtraction as lines whose printed figures add up; a cause that takes nothing has no line.

    Gross and net are rounded as their tables round them; the largest remainders of the causes are rounded up.

    Parameters
    ----------
    subtraction
        Hectares.
    decimals
        That are printed.

    Examples
    --------
    >>> lost = [(words.same("crue"), 1.006), (words.same("ligne"), 0.0)]
    >>> lines = steps(Subtraction(4.0, lost, 2.994, words.same("nets")), decimals=2)
    >>> [(line.sign, line.amount["fr"]) for line in lines]
    [('', '4,00 ha'), ('−', '1,01 ha'), ('=', '2,99 ha')]
    """
    parts = [(label, ha) for label, ha in subtraction.parts if ha > 0]
    start, end = (units(ha, decimals) for ha in (subtraction.gross_ha, subtraction.net_ha))
    rounded = text.adding_up([ha for _, ha in parts], start - end, decimals=decimals)

    def line(label: Texts, count: int, sign: str) -> Step:
        return Step(label, words.hectares(count / 10**decimals, decimals), sign)

    return [
        line(words.phrase("land.gross"), start, START),
        *(line(label, count, LESS) for (label, _), count in zip(parts, rounded, strict=True) if count),
        line(subtraction.net_label, end, TOTAL),
    ]


def shares(parts: Sequence[tuple[Texts, float]], total_ha: float, label: Texts) -> list[Step]:
    """Write what each cause takes off, as lines whose printed figures add up to the printed total.

    Parameters
    ----------
    parts
        Causes and their hectares; one that takes nothing has no line, and there is none where none takes.
    total_ha
        What they take together, printed as a table rounds it.
    label
        Of the total.

    Examples
    --------
    >>> lost = [(words.same("crue"), 1.004), (words.same("ligne"), 2.004)]
    >>> lines = shares(lost, 3.008, words.same("perdus"))
    >>> [(line.sign, line.amount["fr"]) for line in lines]
    [('', '1,01 ha'), ('+', '2,00 ha'), ('=', '3,01 ha')]
    """
    taking = [(cause, ha) for cause, ha in parts if ha > 0]
    if not taking:
        return []
    total = units(total_ha, SITE_DECIMALS)
    rounded = text.adding_up([ha for _, ha in taking], total, decimals=SITE_DECIMALS)
    lines = [
        Step(cause, words.hectares(count / 10**SITE_DECIMALS), MORE if position else START)
        for position, ((cause, _), count) in enumerate(zip(taking, rounded, strict=True))
    ]
    return [*lines, Step(label, words.hectares(total_ha), TOTAL)]


def amount(subtraction: Subtraction) -> Amount:
    """Give the amount of a site, with its calculation.

    Examples
    --------
    >>> amount(Subtraction(4.0, [], 4.0, words.same("nets"))).text["fr"]
    '4,00 ha'
    """
    return Amount(
        words.hectares(subtraction.net_ha, SITE_DECIMALS),
        order=subtraction.net_ha,
        steps=steps(subtraction, decimals=SITE_DECIMALS),
    )


def area_amount(area_ha: float, decimals: int = SITE_DECIMALS) -> Amount:
    """Give hectares that were not computed from others.

    Examples
    --------
    >>> area_amount(1.5).text["fr"], area_amount(float("nan")).text["fr"]
    ('1,50 ha', 'inconnu')
    """
    return Amount(words.hectares(area_ha, decimals), order=area_ha if area_ha == area_ha else -1.0)


def units(area_ha: float, decimals: int) -> int:
    """Count the units of the last decimal that a table prints.

    Examples
    --------
    >>> units(0.125, 2), units(79.84, 1)
    (13, 798)
    """
    return int(text.half_up(area_ha, decimals).scaleb(decimals))
