"""The command line: it reads, calls one function, shows. Everything a reader sees is in French.

Each command lives in its own module, imported only when it is called, so that
``artois-geo --help`` answers at once. This module is the one place where an error
becomes a message and an exit code: 0 done, 1 the data or the request is wrong,
2 the command line is wrong.
"""

import errno
import signal
import sys
import warnings
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from artois_geo import __version__, errors
from artois_geo.cli import french, journal, waiting

COMMANDS = {  # name -> what the root page says of it
    "couches": "Voir les couches, en vérifier une, la donner à un partenaire.",
    "espace": "Créer un espace de travail : le dossier de vos couches.",
    "sources": "Données ouvertes officielles : les prendre, les dater, les rejouer sans réseau.",
    "trame": "Voies vertes et corridors : linéaire, maillage, manques, desserte.",
    "canal": "Le canal : berge, quais, fret, qui décide.",
    "foncier": "L'offre de foncier économique, ce qu'il en reste, ce qui peut se densifier.",
    "zae": "L'inventaire des ZAE (art. L.318-8-2 du code de l'urbanisme).",
    "zan": "Comptes ZAN : consommation, trajectoire, projets, artificialisation, rapport.",
    "carte": "Carte de couches en un seul fichier HTML, lisible sans réseau.",
    "fiche": "Fiche d'un site, d'une commune ou d'une intercommunalité : une page A4, en HTML ou en PDF.",
    "simi": "Dossier du salon : offre, carte hors ligne, fiches en deux langues, planche A3.",
    "theme": "Votre nom, votre contact, vos couleurs et votre logo, dans un fichier.",
    "exemple": "Territoire fictif pour apprendre et essayer, et le compte ZAN déroulé dessus.",
    "constantes": "Chiffres tirés des textes et des études, avec leur source.",
    "glossaire": "Sens et unité des colonnes calculées.",
}

MODULES = {  # name -> the module that holds the command of that name
    "couches": "couches.commands",
    "espace": "couches.workspaces",
    "sources": "couches.sources",
    "trame": "analyses.trame",
    "canal": "analyses.canal",
    "foncier": "analyses.foncier",
    "zae": "analyses.zae",
    "zan": "zan.commands",
    "carte": "editions.carte",
    "fiche": "editions.fiche",
    "simi": "editions.simi",
    "theme": "editions.theme_file",
    "exemple": "editions.exemple",
    "constantes": "constantes",
    "glossaire": "glossaire",
}


class Root(french.Group):
    """The root group: loads a command when it is called, and says every error in French."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        return getattr(import_module(f"{__name__}.{MODULES[cmd_name]}"), cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commandes\u00a0"):
            formatter.write_dl(list(COMMANDS.items()))

    def main(self, *args: Any, **kwargs: Any) -> Any:
        with french.spoken():
            return super().main(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        trace = ctx.params["trace"]
        try:
            with warnings.catch_warnings(), journal.told(everything=ctx.params["bavard"]):
                if not trace:  # libraries warn in English of what is no concern of a planner
                    warnings.simplefilter("ignore")
                super().invoke(ctx)
            sys.stdout.flush()
        except click.NoSuchOption as error:
            misplaced = [param for param in self.params if error.option_name in param.opts]
            if misplaced and error.ctx is not ctx:
                raise click.UsageError(
                    f"« {error.option_name} » se place avant la commande : "
                    f"artois-geo {error.option_name} … {ctx.invoked_subcommand} …",
                    error.ctx,
                ) from error
            raise
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except KeyboardInterrupt as error:
            click.echo(f"\n{waiting.interrupted(ctx, str(error))}", err=True)
            ctx.exit(130)
        except BrokenPipeError:  # the reader of the pipe has left: Click ends quietly
            raise
        except Exception as error:
            if trace:
                raise
            raise Refusal(_said(error)) from error


class Refusal(click.ClickException):
    """An error of the data or of the request: one French message, exit code 1."""

    def show(self, file: Any = None) -> None:
        click.echo(f"Erreur : {french.visible(self.message)}", file=file, err=True)


def main() -> None:
    """Run ``artois-geo``."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal that lacks a French character shows « ? »
            stream.reconfigure(errors="replace")
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt)
    root(prog_name="artois-geo")


def _interrupt(*_: object) -> None:
    # what was begun is taken back whole, even if the reader insists
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt


@click.group(cls=Root, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--donnees",
    type=click.Path(path_type=Path),
    metavar="DOSSIER",
    envvar="ARTOIS_GEO_DONNEES",
    show_envvar=True,
    help="Espace de travail : le dossier de vos couches, devant celles livrées avec l'outil ; sans cette "
    "option, les couches livrées seules.",
)
@click.option(
    "--sans-livrees",
    is_flag=True,
    envvar="ARTOIS_GEO_SANS_LIVREES",
    show_envvar=True,
    help="Avec --donnees : les couches de l'espace de travail et aucune autre.",
)
@click.option("-v", "--bavard", is_flag=True, help="Dit ce que fait le calcul : moteur choisi, détours.")
@click.option("--trace", is_flag=True, help="Montre le détail technique d'une erreur.")
@click.version_option(
    __version__, prog_name="artois-geo", message="%(prog)s %(version)s", help="Affiche la version."
)
def root(donnees: Path | None, sans_livrees: bool, bavard: bool, trace: bool) -> None:
    """Foncier, ZAN, canal et trame verte d'un territoire : couches, tableaux, cartes hors ligne.

    L'aide d'une commande : artois-geo COMMANDE --help
    """


def _said(error: Exception) -> str:
    if isinstance(error, errors.ArtoisGeoError):
        return str(error)
    if isinstance(error, MemoryError):
        return "Mémoire insuffisante pour ce fichier."
    if isinstance(error, OSError) and error.errno in errno.errorcode:
        where = f"{error.filename} : " if error.filename else ""
        return f"{where}{errors.reason(error)}."
    return (
        f"Défaut d'artois-geo ({type(error).__name__} : {error}).\n"
        "Relancer avec « artois-geo --trace … » et transmettre le détail affiché."
    )
