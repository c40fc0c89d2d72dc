"""``artois-geo glossaire``: what the computed columns mean."""

import unicodedata
from typing import Any

import click

from artois_geo.cli import french, options, show

LABELS = {"column": "Colonne", "label": "Libellé", "unit": "Unité", "definition": "Définition"}


@click.command(cls=french.Command)
@click.argument("mot", required=False, default="")
@options.output
def glossaire(mot: str, output: dict[str, Any]) -> None:
    """Sens et unité des colonnes calculées ; avec MOT, celles dont il est question."""
    import pandas as pd

    from artois_geo import vocabulary
    from artois_geo.errors import UnknownName

    wanted = _folded(mot)
    found = [
        (term.name, term.label, term.unit, term.definition)
        for term in vocabulary.terms().values()
        if wanted in _folded(f"{term.name} {term.label} {term.definition}")
    ]
    if not found:
        raise UnknownName("terme", mot, vocabulary.terms())
    frame = pd.DataFrame(found, columns=list(LABELS))
    show.table(frame, title="Glossaire", labels=LABELS, **output)


def _folded(text: str) -> str:
    """Lower case, without accents: « Renaturé » is found by « renature »."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
