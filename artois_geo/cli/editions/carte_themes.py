"""Options of ``carte`` that turn a column into colours, shades or circles."""

import functools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from artois_geo.cli import french, options
from artois_geo.studies.requests import ColumnTheme
from artois_geo.text import decimal_point

METHODS = ("quantiles", "jenks", "egaux")  # of maps.numbers.classes, which is not imported for --help
DEFAULT_CLASSES = 5
FORM = "COUCHE:COLONNE"
RATIO = "communes_schema:pop_totale/surface_ha"
EXAMPLES = {"aplats": RATIO, "cercles": RATIO, "couleur": "sites_eco:famille"}

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
        "--couleur",
        multiple=True,
        metavar=FORM,
        help="Une couleur par valeur de la colonne (les dix plus fréquentes, puis « autres »), ou par classe "
        "si ce sont des nombres ; les codes d'un PLU, de l'OCS GE ou de l'OCS2D gardent leurs couleurs.",
    )
    @click.option(
        "--methode",
        type=french.Choice(METHODS),
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
            "--methode": "--aplats|--cercles|--couleur",
            "--classes": "--aplats|--cercles|--couleur",
            "--bornes": "--aplats|--cercles|--couleur",
            "--quantite-en-aplats": "--aplats",
        },
        excludes={"--bornes": "--methode --classes"},
    )
    @functools.wraps(function)
    def wrapper(
        *args: Any,
        aplats: tuple[str, ...],
        cercles: tuple[str, ...],
        couleur: tuple[str, ...],
        methode: str,
        classes: int,
        bornes: str,
        force: bool,
        **kwargs: Any,
    ) -> Any:
        settings = {"method": methode, "classes": classes, "bounds": _bounds(bornes), "force": force}
        themes = _themes({"aplats": aplats, "cercles": cercles, "couleur": couleur}, settings)
        return function(*args, themes=themes, **kwargs)

    return wrapper  # type: ignore[return-value]


def _themes(columns: Mapping[str, Sequence[str]], settings: Mapping[str, Any]) -> dict[str, ColumnTheme]:
    """Return what is drawn of each layer that the options name; a layer is named once."""
    themes: dict[str, ColumnTheme] = {}
    for theme_kind, texts in columns.items():
        for text in texts:
            name, column, file = _parts(text, theme_kind)
            if name in themes:
                raise click.UsageError(
                    f"La couche {name} est demandée deux fois en aplats, en cercles ou en couleurs."
                )
            themes[name] = ColumnTheme(
                column, "couleurs" if theme_kind == "couleur" else theme_kind, settings, file
            )
    return themes


def _parts(text: str, drawn: str) -> tuple[str, str, Path | None]:
    name, _, column = text.rpartition(":")
    if not name or not column:
        raise click.UsageError(f"--{drawn} {text} : écrire {FORM}, par exemple {EXAMPLES[drawn]}.")
    path = Path(name)
    return (path.stem, column, path) if path.suffix else (name, column, None)


def _bounds(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(decimal_point(part)) for part in text.split(";") if part.strip())
    except ValueError as error:
        raise click.UsageError(
            f"--bornes {text} : donner des nombres séparés par des points-virgules, par exemple « 0;2,5;10 »."
        ) from error
