"""Published figures that arithmetic can check: each headline number becomes an assertion."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pandas as pd

from artois_geo.errors import UnreadableFile, read_toml
from artois_geo.layers.catalogue import CATALOGUE_FILE, shipped_folder
from artois_geo.suffixes import FilePath
from artois_geo.text import THIN_SPACE, comma

HOLDS, FAILS = "tient", "ne tient pas"


@dataclass(frozen=True)
class Claim:
    """A figure that somebody published, and the numbers that give it back.

    ``operation`` is ``somme``, ``différence``, ``produit``, ``quotient`` or ``pourcentage`` (100 × the first
    over the second); ``numbers`` are what it is made of, ``labels`` say what each is. The claim holds
    within ``tolerance``, a share of the published figure.
    """

    name: str
    title: str
    published: float
    unit: str
    operation: str
    numbers: Sequence[float]
    source: str
    labels: Sequence[str] = ()
    tolerance: float = 0.05
    comment: str = ""


OPERATIONS: dict[str, tuple[Callable[[Sequence[float]], float], str]] = {
    "somme": (sum, " + "),
    "différence": (lambda numbers: numbers[0] - sum(numbers[1:]), " − "),
    "produit": (math.prod, " × "),
    "quotient": (lambda numbers: numbers[0] / math.prod(numbers[1:]), " ÷ "),
    "pourcentage": (lambda numbers: 100 * numbers[0] / math.prod(numbers[1:]), " ÷ "),
}


def read_claims(folder: FilePath | None = None) -> tuple[Claim, ...]:
    """Read the claims of a folder of layers, from the ``[[claims]]`` of its ``catalogue.toml``.

    Parameters
    ----------
    folder
        Folder of the catalogue; by default the shipped layers. Without a catalogue there is no claim.

    Raises
    ------
    UnreadableFile
        A claim lacks a key, has one too many, or cannot be computed.

    Examples
    --------
    >>> from artois_geo.layers import read_claims
    >>> [claim.published for claim in read_claims() if claim.name == "france_2030"]
    [50]
    """
    file = (shipped_folder() if folder is None else Path(folder)) / CATALOGUE_FILE
    if not file.is_file():
        return ()
    entries = read_toml(file, "Catalogue illisible").get("claims", [])
    return tuple(_claim(entry, file) for entry in entries)


def check_claims(claims: Iterable[Claim]) -> pd.DataFrame:
    """Compute each claim from its own numbers, and set the result beside it.

    Returns
    -------
    DataFrame
        One row per claim: ``claim`` (title), ``published``, ``computed``, ``gap`` (computed minus
        published), ``unit``, ``verdict`` (``tient``, ``ne tient pas``), ``operation`` as written, ``source``,
        ``comment``.

    Examples
    --------
    >>> from artois_geo.layers import Claim, check_claims
    >>> half = Claim("f", "près de la moitié des projets", 50, "%", "pourcentage", (80, 200), "rapport")
    >>> check_claims([half])[["published", "computed", "verdict"]].values.tolist()
    [[50.0, 40.0, 'ne tient pas']]
    """
    columns = ["claim", "published", "computed", "gap", "unit", "verdict", "operation", "source", "comment"]
    rows = []
    for claim in claims:
        computed = float(OPERATIONS[claim.operation][0](claim.numbers))
        gap = computed - claim.published
        holds = abs(gap) <= claim.tolerance * abs(claim.published)
        rows.append(
            {
                "claim": claim.title,
                "published": float(claim.published),
                "computed": computed,
                "gap": gap,
                "unit": claim.unit,
                "verdict": HOLDS if holds else FAILS,
                "operation": _operation_text(claim),
                "source": claim.source,
                "comment": claim.comment,
            }
        )
    return pd.DataFrame(rows, columns=columns)


def _claim(entry: dict[str, Any], file: Path) -> Claim:
    """Build a claim from its entry; refuse an operation that its numbers do not allow."""
    names = {item.name for item in fields(Claim)}
    unknown = sorted(set(entry) - names)
    missing = sorted({"name", "title", "published", "unit", "operation", "numbers", "source"} - set(entry))
    subject = f"{file} : affirmation « {entry.get('name', '?')} »"
    if unknown or missing:
        raise UnreadableFile(
            f"{subject} mal décrite"
            + (f", clés inconnues : {', '.join(unknown)}" if unknown else "")
            + (f", clés absentes : {', '.join(missing)}" if missing else "")
            + "."
        )
    if entry["operation"] not in OPERATIONS:
        raise UnreadableFile(f"{subject} : opération inconnue. Choisir {', '.join(OPERATIONS)}.")
    numbers = entry["numbers"]
    divides = entry["operation"] in {"quotient", "pourcentage"}
    if len(numbers) < 2 or (divides and 0 in numbers[1:]):
        raise UnreadableFile(f"{subject} : il faut au moins deux nombres, et aucun diviseur nul.")
    return Claim(**entry)


def _operation_text(claim: Claim) -> str:
    labels = [*claim.labels, *[""] * len(claim.numbers)]
    parts = [f"{_number(value)} {label}".strip() for value, label in zip(claim.numbers, labels, strict=False)]
    return OPERATIONS[claim.operation][1].join(parts)


def _number(value: float) -> str:
    return comma(f"{value:,.10g}".replace(",", THIN_SPACE))
