"""``artois-geo zae``: the inventory of business parks that the law asks for."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from artois_geo.cli import french, options, result_map_option, show, waiting
from artois_geo.studies.requests import DraftRequest
from artois_geo.studies.zae import InventoryRequest, SurveyRequest
from artois_geo.studies.zae_attachment import AttachmentRequest

if TYPE_CHECKING:
    from artois_geo.layers import Layer

_Function = TypeVar("_Function", bound=Callable[..., Any])
FILE = click.Path(path_type=Path, dir_okay=False)


@click.group(cls=french.Group)
def zae() -> None:
    """L'inventaire des ZAE (art. L.318-8-2 du code de l'urbanisme)."""


def _survey(function: _Function) -> _Function:
    """Add the options that both commands share; the command gets them as ``request``."""
    function = options.into(SurveyRequest)(function)
    for option in reversed(
        (
            click.argument("unites", type=FILE),
            click.option(
                "--etablissements",
                type=FILE,
                required=True,
                metavar="FICHIER",
                help="Un établissement par ligne : Unité foncière (celle de UNITES), Actif (oui/non), "
                "Fermé le, Nom, Tranche d'effectif.",
            ),
            click.option(
                "--locaux",
                type=FILE,
                metavar="FICHIER",
                help="Locaux vacants : Unité foncière, Vacant depuis le (LOCOMVAC).",
            ),
            click.option(
                "--au",
                "on",
                type=options.day,
                metavar="DATE",
                help="1er janvier ; par défaut celui de cette année.",
            ),
            click.option(
                "--zae", "key", default="site_id", show_default=True, metavar="COLONNE", help="Nom de la ZAE."
            ),
            click.option(
                "--rattacher",
                is_flag=True,
                help="Rattache par sa parcelle une réponse dont l'unité n'existe plus, et le dit.",
            ),
            click.option(
                "--autre-occupant", metavar="COLONNE", help="Vrai si quelqu'un occupe sans établissement."
            ),
        )
    ):
        function = option(function)
    return function


@zae.command()
@_survey
@click.option("--unites-foncieres", "by_unit", is_flag=True, help="Une ligne par unité foncière.")
@click.option("--a-verifier", "to_check", is_flag=True, help="Les unités à vérifier avant la consultation.")
@options.agree(excludes={"--a-verifier": "--unites-foncieres"})
@options.output
def vacance(request: SurveyRequest, by_unit: bool, to_check: bool, output: dict[str, Any]) -> None:
    """Taux de vacance de chaque ZAE, en unités (la loi) et en surface.

    UNITES : un tableau avec Unité foncière, Surface de l'unité foncière (ha) et la ZAE
    (par exemple la sortie de « foncier densifier »).
    """
    from artois_geo.studies.zae import vacancy

    show.study(vacancy(request, by_unit=by_unit, to_check=to_check), **output)


@zae.command()
@_survey
@click.option(
    "--type-proprietaire",
    "owner_type",
    default="owner_type",
    show_default=True,
    metavar="COLONNE",
    help="Colonne de UNITES.",
)
@click.option(
    "--occupant", default="nom", show_default=True, metavar="COLONNE", help="Nom, dans --etablissements."
)
@click.option("--publiable", is_flag=True, help="Sans aucune donnée personnelle, prêt à publier.")
@click.option("--avancement", is_flag=True, help="Jauge de complétude et calendrier de six ans, par ZAE.")
@click.option(
    "--fait-le",
    "done_on",
    metavar="COLONNE",
    default="inventaire_date",
    show_default=True,
    help="Dans UNITES : date du dernier inventaire de la ZAE.",
)
@click.option(
    "--declarees",
    type=click.IntRange(1),
    metavar="N",
    help="Avec --avancement : nombre de ZAE que le territoire déclare ; sans espace, celui publié.",
)
@click.option("--emplois", is_flag=True, help="Emplois par ZAE, en intervalle, d'après les tranches SIRENE.")
@options.agree(
    needs={"--fait-le": "--avancement", "--declarees": "--avancement"},
    excludes={
        "--emplois": "--avancement --publiable --type-proprietaire --occupant",
        "--avancement": "--publiable",
    },
)
@options.into(InventoryRequest, "form")
@options.output
def inventaire(request: SurveyRequest, form: InventoryRequest, output: dict[str, Any]) -> None:
    """État parcellaire, propriétaires et occupants de chaque unité foncière."""
    from artois_geo.studies.zae import inventory

    form = replace(form, is_shipped_territory=options.workspace() is None)
    show.study(inventory(request, form), **output)


@zae.command()
@click.argument("zones", type=options.layer_file)
@click.option(
    "--brouillon",
    "brouillons",
    type=options.layer_file,
    multiple=True,
    required=True,
    metavar="COUCHE",
    help="Sites de la base nationale (FUSAC), zones de la BD TOPO… ; à répéter.",
)
@click.option("--cle", "key", default="", metavar="COLONNE", help="Nom de la zone dans ZONES.")
@click.option(
    "--cle-brouillon", "draft_key", default="", metavar="COLONNE", help="Nom de la zone dans le brouillon."
)
@click.option(
    "--part-meme",
    type=click.FloatRange(0, 1),
    metavar="PART",
    help="Part commune de chaque zone à partir de laquelle deux zones sont la même (0 à 1).",
)
@result_map_option.maps
@options.into(DraftRequest)
@options.output
def rapprocher(
    zones: "Layer | Path", request: DraftRequest, maps: result_map_option.MapFiles, output: dict[str, Any]
) -> None:
    """Met vos ZONES à côté d'un brouillon national : même zone, recouvrement, absente d'un côté.

    Chaque zone a sa ligne, avec la surface commune et sa part dans chacune ; rien n'est fusionné.
    """
    from artois_geo.studies.sites import draft_zones

    answer = draft_zones.study(zones, request)
    result_map_option.save(lambda: answer.map, maps)
    show.study(answer.answer, **output)


@zae.command()
@click.argument("parcelles", type=options.layer_file)
@click.option("--sites", type=options.layer_file, required=True, help="Périmètres des ZAE.")
@click.option(
    "--cle-site", "site_key", default="site_id", show_default=True, metavar="COLONNE", help="Nom de la ZAE."
)
@click.option(
    "--etablissements",
    type=options.table_or_layer,
    metavar="FICHIER|COUCHE",
    help="SIRENE (colonnes officielles), couche CNIG, ou tableau avec coordonnées.",
)
@click.option(
    "--etats-sirene",
    "etats",
    type=options.table_or_layer,
    metavar="FICHIER|COUCHE",
    help="État, nom, effectif de chaque établissement, par siret, si --etablissements ne les dit pas.",
)
@click.option(
    "--locaux",
    type=options.table_or_layer,
    metavar="FICHIER|COUCHE",
    help="Locaux vacants, avec coordonnées.",
)
@click.option(
    "--proprietaires",
    type=FILE,
    metavar="FICHIER",
    help="Parcelles des personnes morales (DGFiP, PM_….csv tel que livré).",
)
@click.option(
    "--proprietaire",
    "owner",
    metavar="COLONNE",
    help="Colonne de PARCELLES ; sans elle, une parcelle, une unité.",
)
@click.option("--cle", "key", default="", metavar="COLONNE", help="Identifiant cadastral dans PARCELLES.")
@click.option("--epci", type=options.layer_file, help="Contours des EPCI : partage les ZAE à cheval.")
@click.option(
    "--cle-epci",
    "epci_key",
    default="epci_siren",
    show_default=True,
    metavar="COLONNE",
    help="Nom de l'EPCI.",
)
@click.option("--dossier", type=options.OutputFolder(), required=True, help="Dossier à remplir.")
@options.agree(needs={"--cle-epci": "--epci", "--etats-sirene": "--etablissements"})
@options.into(AttachmentRequest)
@options.waiting
def rattacher(
    parcelles: "Layer | Path", request: AttachmentRequest, dossier: Path, step: waiting.Step
) -> None:
    """Rattache établissements, locaux et propriétaires aux unités foncières des ZAE.

    DOSSIER reçoit unites.gpkg, etablissements.csv et locaux.csv, à donner tels quels à « zae vacance » et à
    « zae inventaire ». Chaque ligne est dans une unité, dans le site hors unité, hors site ou sans position.
    """
    from artois_geo.layers import store
    from artois_geo.studies import zae_attachment

    answer = zae_attachment.study(parcelles, request, on_step=step)
    store.make_folder(dossier)
    for name, part in answer.files.items():
        form = "gpkg" if name == zae_attachment.UNITS else "csv"
        show.study(part, format=form, sortie=dossier / f"{name}.{form}")
    show.study(answer.summary)
