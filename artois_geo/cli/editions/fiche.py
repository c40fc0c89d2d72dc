"""``artois-geo fiche``: one page about a site, a commune or an EPCI, in French and in English."""

from pathlib import Path

import click

from artois_geo.cli import french, options, show, waiting
from artois_geo.cli.editions import study_inputs
from artois_geo.studies.requests import LANGUAGES, SheetRequest


class Table(click.ParamType):
    """NOM=FICHIER: a CSV table for a section of the sheets."""

    name = "nom=fichier"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, Path]:
        if isinstance(value, tuple):
            return value
        name, sign, file = str(value).partition("=")
        if not (name and sign and file):
            self.fail(f"« {value} » : écrire NOM=FICHIER.csv, par exemple losses=pertes.csv.", param, ctx)
        return name, Path(file)


@click.command(cls=french.Command)
@click.argument("site", required=False)
@click.option("--tous", is_flag=True, help="Tous les sites de la couche.")
@click.option("--offre", is_flag=True, help="Les sites dont une source publie du foncier disponible.")
@click.option("--commune", metavar="INSEE", help="Fiche d'une commune : son code INSEE ou son nom.")
@click.option(
    "--epci", metavar="SIGLE", help="Fiche d'une intercommunalité : son sigle, son SIREN ou son nom."
)
@click.option(
    "--sortie",
    type=options.OutputFile("html", "pdf", advice="Plusieurs fiches vont dans un dossier.", bare=True),
    metavar="FICHIER",
    help="Fichier .html ou .pdf, ou dossier pour plusieurs fiches. Sans --sortie : NOM.html, ou le dossier "
    "fiches. Un .pdf réunit toutes les fiches demandées.",
)
@click.option(
    "--format",
    "written",
    type=french.Choice(["html", "pdf"]),
    help="Forme des fiches d'un dossier ; html par défaut.",
)
@click.option(
    "--langue",
    type=french.Choice(list(LANGUAGES)),
    default="fr",
    show_default=True,
    help="Langue des fiches.",
)
@options.media
@click.option(
    "--tableau",
    "tableaux",
    type=Table(),
    multiple=True,
    help="Section de plus : NOM=FICHIER.csv, lignes dont site_id, comm_insee ou epci_sigle est celui de la "
    "fiche. Noms connus : losses, ranking, canal, zan, sobriety ; tout autre nom est le titre.",
)
@study_inputs.analysis_options
@options.edition
@options.agree(excludes={"--commune": "--photos", "--epci": "--photos"})
@options.into(SheetRequest)
@options.waiting
def fiche(
    request: SheetRequest,
    analyses: study_inputs.Analyses,
    sortie: Path | None,
    written: str | None,
    step: waiting.Step,
) -> None:
    """Fiche d'un site, d'une commune ou d'une intercommunalité : une page A4, en HTML ou en PDF.

    SITE est l'identifiant ou le nom d'un site. La fiche tient dans un seul fichier qui s'ouvre sans réseau.
    Pertes, rang, canal, compte ZAN et sobriété sont calculés là où les couches du dossier le permettent.
    """
    _require_one_subject(request)
    form = _form(sortie, written)
    from artois_geo.packs import sheet_files

    plan = sheet_files.plan(options.catalogue(), request)
    if form == "html" and plan.count > 1:
        raise click.UsageError(
            f"{plan.count} fiches pour un seul fichier HTML : donner un dossier à --sortie, ou un .pdf."
        )
    step("Analyses")
    studied = study_inputs.study(plan.data, analyses, request.on)
    pages = sheet_files.pages(plan, studied, on_progress=step("Fiches"), on_warning=show.warn)
    step("Écriture")
    for path in _save(pages, sortie, written):
        click.echo(french.visible(str(path)))


def _require_one_subject(request: SheetRequest) -> None:
    if request.subjects != 1:
        raise click.UsageError("Donner un SITE, ou une seule des options --tous, --offre, --commune, --epci.")


def _form(sortie: Path | None, written: str | None) -> str:
    """Return the form of the one file to write, nothing for a folder; refuse before any work."""
    from artois_geo import suffixes
    from artois_geo.sheets import pdf

    form = ""
    if sortie is not None and sortie.suffix and not sortie.is_dir():
        form = suffixes.form_of(sortie, ("html", "pdf"))
    if form and written not in {None, form}:
        raise options.contradiction(str(written), sortie)
    if "pdf" in {form, written}:
        pdf.require()
    return form


def _save(pages: dict[str, str], sortie: Path | None, written: str | None) -> list[Path]:
    """Write one file, one PDF of all, or a folder with a file for each."""
    from artois_geo import sheets
    from artois_geo.packs.folder import Folder

    if sortie is None and len(pages) == 1:
        sortie = Path(f"{next(iter(pages)).rpartition('.')[0]}.{written or 'html'}")
    if sortie is not None and (form := _form(sortie, written)):
        sheet_pages = list(pages.values())
        show.save(sheets.to_pdf(sheet_pages) if form == "pdf" else sheet_pages[0].encode(), sortie)
        return []
    folder = Folder(sortie or Path("fiches"))
    for name, page in pages.items():
        folder.add(f"{name}.{written or 'html'}", sheets.to_pdf(page) if written == "pdf" else page)
    paths = folder.write()
    waiting.over()
    waiting.note_written(folder.path)
    return paths
