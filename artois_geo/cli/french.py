"""Click's own words in French, whatever the language of the machine.

Click looks its messages up with ``gettext``. While a command runs, ``spoken`` points
``gettext`` to the catalogue in ``locale``; what Click does not translate (names of
types, placeholders of the usage line) is set by the classes below.
"""

import copy
import gettext
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from artois_geo.cli import given_files
from artois_geo.errors import ArtoisGeoError, BadOptions
from artois_geo.text import decimal_point, visible

DOMAIN = "click"
LOCALE = Path(__file__).parent / "locale"
TYPE_NAMES = {
    "text": "texte",
    "integer": "entier",
    "integer range": "entier",
    "float": "nombre",
    "float range": "nombre",
    "boolean": "oui ou non",
    "choice": "choix",
    "datetime": "date",
    "file": "fichier",
    "filename": "fichier",
    "directory": "dossier",
    "path": "chemin",
    "uuid": "uuid",
}


@contextmanager
def spoken() -> Iterator[None]:
    """Make ``gettext`` answer in French, and put everything back afterwards.

    Examples
    --------
    >>> with spoken():
    ...     gettext.gettext("Missing command.")
    'Il manque une commande.'
    """
    domain, language = gettext.textdomain(), os.environ.get("LANGUAGE")
    gettext.bindtextdomain(DOMAIN, str(LOCALE))
    gettext.textdomain(DOMAIN)
    os.environ["LANGUAGE"] = "fr"
    try:
        yield
    finally:
        gettext.textdomain(domain)
        if language is None:
            os.environ.pop("LANGUAGE", None)
        else:
            os.environ["LANGUAGE"] = language


class Choice(click.Choice):
    """One word of a list, in capitals or with its accents too: A3 for a3, séparés for separes."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value not in self.choices:
            from artois_geo.meaning import fold  # here: a command that is typed right does not wait for it

            value = next((choice for choice in self.choices if fold(choice) == fold(str(value))), value)
        return super().convert(value, param, ctx)


class Command(click.Command):
    """A command whose types have French names."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.help = _spaced(self.help) if self.help else self.help
        self.params = [_spoken(param) for param in self.params]

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BadOptions as error:
            raise click.UsageError(str(error), ctx) from error
        except ArtoisGeoError as error:
            message = given_files.with_file_names(str(error), ctx.params)
            if message == str(error):
                raise
            raise ArtoisGeoError(message) from error


class Group(click.Group):
    """A group of French commands; an unknown one is answered with the nearest names."""

    command_class = Command
    group_class = type

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("subcommand_metavar", "COMMANDE [ARGUMENTS]…")
        super().__init__(*args, **kwargs)
        self.help = _spaced(self.help) if self.help else self.help
        self.params = [_spoken(param) for param in self.params]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-") and not ctx.resilient_parsing:
            command_names = self.list_commands(ctx)
            near = get_close_matches(name, command_names)
            advice = "Noms proches" if near else "Commandes"
            raise click.UsageError(
                f"Commande inconnue : « {visible(name)} ». {advice} : {', '.join(near or command_names)}.",
                ctx,
            )
        return super().resolve_command(ctx, args)


class Number(click.types.FloatParamType):
    """A number, with a decimal point or a decimal comma."""

    name = "nombre"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number: Any = decimal_point(value) if isinstance(value, str) else value
        return super().convert(number, param, ctx)


class NumberRange(click.FloatRange):
    """A number between bounds, with a decimal point or a decimal comma."""

    name = "nombre"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number: Any = decimal_point(value) if isinstance(value, str) else value
        return super().convert(number, param, ctx)


def _spoken(param: click.Parameter) -> click.Parameter:
    """Return a parameter whose type and help are in French."""
    french = copy.copy(param)
    french.type = _in_french(param.type)
    if isinstance(french, click.Option) and french.help:
        french.help = _spaced(french.help)
    return french


def _spaced(text: str) -> str:
    """Keep a line of help from beginning with « ; » or ending with an opening quote."""
    return re.sub(r"« ", "«\u00a0", re.sub(r" (?=[;:?!»])", "\u00a0", text))


def _in_french(kind: click.ParamType) -> click.ParamType:
    if type(kind) is click.types.FloatParamType:
        return Number()
    if type(kind) is click.FloatRange:
        return NumberRange(kind.min, kind.max, kind.min_open, kind.max_open, kind.clamp)
    french = copy.copy(kind)
    french.name = TYPE_NAMES.get(kind.name, kind.name)
    return french
