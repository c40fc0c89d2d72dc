"""The records of a result: texts in each language, nothing computed here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from artois_geo.maps.features import plain_value

Texts = Mapping[str, str]  # by language

START, LESS, MORE, TOTAL = "", "−", "+", "="


@dataclass(frozen=True)
class Step:
    """Hold a line of a calculation: what it starts from, takes off, adds or comes to.

    ``sign`` is one of ``START``, ``LESS``, ``MORE`` and ``TOTAL``.
    """

    label: Texts
    amount: Texts
    sign: str = START


@dataclass(frozen=True)
class Amount:
    """Hold the amount of a place: its text, its order in the list (largest first), its calculation."""

    text: Texts
    order: float = 0.0
    steps: Sequence[Step] = ()


@dataclass(frozen=True)
class Result:
    """Hold what a map says of a result.

    Parameters
    ----------
    amounts
        By name of a layer, the amount of each of its features, in the order of the frame.
    balance
        The calculation of the whole, as a sum of what the legend says.
    convention
        How areas are measured, what is schematic: under the legend.
    notes
        Sentences that a reader must see before using a figure.
    """

    amounts: Mapping[str, Sequence[Amount]] = field(default_factory=dict)
    balance: Sequence[Step] = ()
    convention: Texts = field(default_factory=dict)
    notes: Sequence[Texts] = ()


def payload(result: Result) -> dict[str, Any]:
    """Collect what the script of the page reads of a result.

    Examples
    --------
    >>> payload(Result(convention={"fr": "en plan"}))["convention"]
    {'fr': 'en plan'}
    """
    return {
        "balance": steps_payload(result.balance),
        "convention": _plain(result.convention),
        "notes": [_plain(note) for note in result.notes],
    }


def amounts_payload(amounts: Sequence[Amount]) -> list[dict[str, Any]]:
    """Collect the amounts of a layer for the script of the page.

    Examples
    --------
    >>> amounts_payload([Amount({"fr": "2,5 ha"}, order=2.5)])
    [{'text': {'fr': '2,5 ha'}, 'order': 2.5, 'steps': []}]
    """
    return [
        {"text": _plain(amount.text), "order": amount.order, "steps": steps_payload(amount.steps)}
        for amount in amounts
    ]


def steps_payload(steps: Sequence[Step]) -> list[dict[str, Any]]:
    """Collect the lines of a calculation for the script of the page.

    Examples
    --------
    >>> steps_payload([Step({"fr": "brut"}, {"fr": "4 ha"})])
    [{'label': {'fr': 'brut'}, 'amount': {'fr': '4 ha'}, 'sign': ''}]
    """
    return [{"label": _plain(step.label), "amount": _plain(step.amount), "sign": step.sign} for step in steps]


def formula(steps: Sequence[Step], lang: str) -> str:
    """Write a calculation on one line.

    Examples
    --------
    >>> gross, lost = Step({"fr": "bruts"}, {"fr": "4 ha"}), Step({"fr": "crue"}, {"fr": "1 ha"}, LESS)
    >>> formula([gross, lost, Step({"fr": "nets"}, {"fr": "3 ha"}, TOTAL)], "fr")
    '4 ha bruts − 1 ha crue = 3 ha nets'
    """
    if not any(step.sign for step in steps):  # figures that make no sum
        colon = " : " if lang == "fr" else ": "
        return " · ".join(f"{step.label[lang]}{colon}{step.amount[lang]}" for step in steps)
    return " ".join(f"{step.sign} {step.amount[lang]} {step.label[lang]}".strip() for step in steps)


def _plain(texts: Texts) -> dict[str, str]:
    return {lang: str(plain_value(text)) for lang, text in texts.items()}
