"""Options of ``carte`` that turn a column into a map of a number."""

import functools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from artois_geo.cli import options
from artois_geo.studies.requests import ColumnTheme
from artois_geo.text import decimal_point

METHODS = ("quantiles", "jenks", "egaux")  # of maps.numbers.classes, which is not imported for --help
DEFAULT_CLASSES = 5
FORM = "COUCHE:COLONNE"

_Function = TypeVar("_Function", bound=Callable[..., Any])


def option(function: _Function) -> _Function:
    """Add the options; the command gets them as ``themes``, by the name of their layer."""

    @click.option(
        "--aplats",
        multiple=True,
        metavar=FORM,
        help="Colore la couche par classes d'un rapport (densité, part, taux) ; COUCHE:COLONNE/COLONNE "
        "divise d'abord, par exemple communes_schema:pop_totale/surface_ha.",
    )
    @click.option(
        "--cercles",
        multiple=True,
        metavar=FORM,
        help="Dessine une quantité (hectares, habitants) en cercles d'aire proportionnelle.",
    )
    @click.option(
        "--methode",
        type=click.Choice(METHODS),
        default=METHODS[0],
        show_default=True,
        help="Découpe des classes.",
    )
    @click.option(
        "--classes", type=int, default=DEFAULT_CLASSES, show_default=True, help="Nombre de classes, de 2 à 7."
    )
    @click.option("--bornes", default="", metavar="B;B;…", help="Bornes choisies, par exemple « 0;2,5;10 ».")
    @click.option(
        "--quantite-en-aplats",
        "force",
        is_flag=True,
        help="Accepte --aplats sur une quantité : la carte montre alors surtout la taille des territoires.",
    )
    @options.agree(
        needs={
            "--methode": "--aplats|--cercles",
            "--classes": "--aplats|--cercles",
            "--bornes": "--aplats|--cercles",
            "--quantite-en-aplats": "--aplats",
        },
        excludes={"--bornes": "--methode --classes"},
    )
    @functools.wraps(function)
    def wrapper(
        *args: Any,
        aplats: tuple[str, ...],
        cercles: tuple[str, ...],
        methode: str,
        classes: int,
        bornes: str,
        force: bool,
        **kwargs: Any,
    ) -> Any:
        settings = {"method": methode, "classes": classes, "bounds": _bounds(bornes), "force": force}
        themes = _themes({"aplats": aplats, "cercles": cercles}, settings)
        return function(*args, themes=themes, **kwargs)

    return wrapper  # type: ignore[return-value]


def _themes(columns: Mapping[str, Sequence[str]], settings: Mapping[str, Any]) -> dict[str, ColumnTheme]:
    """Return what is drawn of each layer that the options name; a layer is named once."""
    themes: dict[str, ColumnTheme] = {}
    for drawn, texts in columns.items():
        for text in texts:
            name, column = _parts(text, drawn)
            if name in themes:
                raise click.UsageError(f"La couche {name} est demandée deux fois en aplats ou en cercles.")
            themes[name] = ColumnTheme(column, drawn, settings)
    return themes


def _parts(text: str, drawn: str) -> tuple[str, str]:
    name, _, column = text.rpartition(":")
    if not name or not column:
        raise click.UsageError(
            f"--{drawn} {text} : écrire {FORM}, par exemple communes_schema:pop_totale/surface_ha."
        )
    path = Path(name)
    return (path.stem if path.suffix else name), column


def _bounds(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(decimal_point(part)) for part in text.split(";") if part.strip())
    except ValueError as error:
        raise click.UsageError(
            f"--bornes {text} : donner des nombres séparés par des points-virgules, par exemple « 0;2,5;10 »."
        ) from error
