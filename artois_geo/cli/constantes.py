"""``artois-geo constantes``: the figures taken from texts and studies."""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from artois_geo.cli import french, options, show

if TYPE_CHECKING:
    import pandas as pd

    from artois_geo.constants import Constant


LABELS = {
    "name": "Nom",
    "title": "Objet",
    "value": "Valeur",
    "unit": "Unité",
    "since": "Depuis",
    "certainty": "Nature",
    "source": "Source",
    "url": "Adresse",
    "checked_on": "Vérifié le",
    "note": "Remarque",
}


@click.group(cls=french.Group)
def constantes() -> None:
    """Chiffres tirés des textes et des études, avec leur source."""


@constantes.command()
@click.option(
    "--date",
    "day",
    type=options.day,
    help="Valeurs en vigueur ce jour-là ; par défaut aujourd'hui.",
)
@options.output
def lister(day: date | None, output: dict[str, Any]) -> None:
    """Valeur en vigueur de chaque constante."""
    from artois_geo import constants

    on = day or date.today()
    in_force = [constants.get(name, on=on) for name in constants.names() if _since(name) <= on]
    columns = ["name", "title", "value", "unit", "since", "certainty", "source"]
    frame = _frame(in_force, columns, read=output["format"] == "tableau")
    show.table(frame, title=f"Constantes en vigueur le {on:%d/%m/%Y}", labels=LABELS, **output)


@constantes.command()
@click.argument("nom")
@options.output
def infos(nom: str, output: dict[str, Any]) -> None:
    """Toutes les valeurs de la constante NOM, la plus ancienne d'abord."""
    from artois_geo import constants

    history = constants.values(nom)
    columns = ["since", "value", "unit", "certainty", "source", "url", "checked_on", "note"]
    frame = _frame(history, columns, read=output["format"] == "tableau")
    show.table(frame, title=f"{nom} : {history[-1].title}", labels=LABELS, **output)


def _since(name: str) -> date:
    from artois_geo import constants

    return constants.values(name)[0].since


def _frame(values: "Iterable[Constant]", columns: list[str], *, read: bool) -> "pd.DataFrame":
    """The constants as a table; ``read`` by a person, each value carries its unit."""
    import pandas as pd

    from artois_geo import tables

    rows = [[getattr(constant, column) for column in columns] for constant in values]
    frame = pd.DataFrame(rows, columns=columns).astype(object)
    if not read:
        return frame
    frame["value"] = [tables.quantity(*pair) for pair in zip(frame["value"], frame["unit"], strict=True)]
    return frame.drop(columns="unit")
