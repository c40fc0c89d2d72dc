"""``artois-geo fiche``: one page about a site, a commune or an EPCI, in French and in English."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from artois_geo.cli import french, options, show, study_inputs, waiting
from artois_geo.studies import planner_files

if TYPE_CHECKING:
    import pandas as pd

    from artois_geo.packs import CatalogueData, Edition

LANGUAGES = {"fr": ("fr",), "en": ("en",), "les-deux": ("fr", "en")}
SHOWN = 5  # of the names that no sheet has
PHOTOS = (".jpg", ".jpeg", ".png")


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
    type=click.Choice(["html", "pdf"]),
    help="Forme des fiches d'un dossier ; html par défaut.",
)
@click.option(
    "--langue", type=click.Choice(list(LANGUAGES)), default="fr", show_default=True, help="Langue des fiches."
)
@click.option("--photos", type=click.Path(path_type=Path), help="Dossier de photos : ID.jpg, ID.png.")
@click.option(
    "--tableau",
    "tableaux",
    type=Table(),
    multiple=True,
    help="Section de plus : NOM=FICHIER.csv, lignes dont site_id, comm_insee ou epci_sigle est celui de la "
    "fiche. Noms connus : losses, ranking, canal, zan, sobriety ; tout autre nom est le titre.",
)
@study_inputs.asked
@options.edition
@options.agree(excludes={"--commune": "--photos", "--epci": "--photos"})
@options.waiting
def fiche(
    site: str | None,
    tous: bool,
    offre: bool,
    commune: str | None,
    epci: str | None,
    sortie: Path | None,
    written: str | None,
    langue: str,
    adresse: str,
    theme: Path | None,
    photos: Path | None,
    tableaux: tuple[tuple[str, Path], ...],
    issued: date | None,
    step: waiting.Step,
    **analyses: Any,
) -> None:
    """Fiche d'un site, d'une commune ou d'une intercommunalité : une page A4, en HTML ou en PDF.

    SITE est l'identifiant ou le nom d'un site. La fiche tient dans un seul fichier qui s'ouvre sans réseau.
    Pertes, rang, canal, compte ZAN et sobriété sont calculés là où les couches du dossier le permettent.
    """
    if sum(map(bool, (site, tous, offre, commune, epci))) != 1:
        raise click.UsageError("Donner un SITE, ou une seule des options --tous, --offre, --commune, --epci.")
    form = _form(sortie, written)
    from artois_geo import packs
    from artois_geo import theme as themes

    held = packs.read_catalogue_data(options.catalogue())
    wanted = _wanted(held, site, offre, commune, epci)
    count = len(wanted) * len(LANGUAGES[langue])
    if form == "html" and count > 1:
        raise click.UsageError(
            f"{count} fiches pour un seul fichier HTML : donner un dossier à --sortie, ou un .pdf."
        )
    look = themes.read(theme)
    step("Analyses")
    studied = study_inputs.study(held, on=issued or date.today(), **analyses)
    pages: dict[str, str] = {}
    tell = step("Fiches")
    edition = packs.Edition(look=look, address=adresse, issued=issued, study=studied)
    complete = _completed(edition, held, photos, tableaux)
    for lang in LANGUAGES[langue]:
        full = replace(complete, lang=lang)
        for stem, (make, name) in wanted.items():
            pages[f"{stem}.{lang}"] = make(held, name, full)
            tell(len(pages), count)
    step("Écriture")
    for path in _save(pages, sortie, written):
        click.echo(french.visible(str(path)))


def _form(sortie: Path | None, written: str | None) -> str:
    """Form of the one file to write, nothing for a folder; refused now rather than after the work."""
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


def _wanted(
    held: "CatalogueData", site: str | None, offre: bool, commune: str | None, epci: str | None
) -> "dict[str, tuple[Callable[[CatalogueData, str, Edition], str], str]]":
    """What makes each sheet, and of what, by the name of its file."""
    from artois_geo import packs
    from artois_geo.errors import BadTable
    from artois_geo.maps import style

    if commune or epci:
        name = str(commune or epci)
        return {style.slug(name): (packs.commune_sheet if commune else packs.epci_sheet, name)}
    stems = packs.stems(held, on_offer=offre)
    if site is not None:
        identifier = packs.site_id(held, site)
        stems = {identifier: stems[identifier]}
    if not stems:
        raise BadTable(
            f"Pas de fiche à écrire : aucun site de {held.catalogue.folder}"
            f"{' dont une source publie du foncier disponible' if offre else ''}."
        )
    return {stem: (packs.site_sheet, name) for name, stem in stems.items()}


def _completed(
    edition: "Edition", held: "CatalogueData", photos: Path | None, tableaux: tuple[tuple[str, Path], ...]
) -> "Edition":
    """The edition with the photos and the tables that were given; a row that no sheet takes is said."""
    from artois_geo import packs

    taken = {} if photos is None else _photos(photos, packs.stems(held))
    sections: dict[str, dict[str, pd.DataFrame]] = {}
    for name, file in tableaux:
        pieces = packs.by_thing(planner_files.table(file), file.name)
        if strangers := sorted(set(pieces) - packs.things(held)):
            click.echo(french.visible(f"{file.name} : aucune fiche pour {_few(strangers)}."), err=True)
        for identifier, rows in pieces.items():
            sections.setdefault(identifier, {})[name] = rows
    return replace(edition, photos=taken, sections=sections)


def _few(names: list[str]) -> str:
    more = f" et {len(names) - SHOWN} autres" if len(names) > SHOWN else ""
    return ", ".join(f"« {name} »" for name in names[:SHOWN]) + more


def _photos(folder: Path, stems: dict[str, str]) -> dict[str, bytes]:
    from artois_geo.errors import UnreadableFile

    if not folder.is_dir():
        raise UnreadableFile(f"Dossier de photos introuvable : {folder}.")
    found = {}
    for identifier, stem in stems.items():
        files = (folder / f"{stem}{suffix}" for suffix in PHOTOS)
        if file := next(filter(Path.is_file, files), None):
            found[identifier] = file.read_bytes()
    return found


def _save(pages: dict[str, str], sortie: Path | None, written: str | None) -> list[Path]:
    """One file, one PDF of all, or a folder with a file for each."""
    from artois_geo import sheets
    from artois_geo.packs.folder import Folder

    if sortie is None and len(pages) == 1:
        sortie = Path(f"{next(iter(pages)).rpartition('.')[0]}.{written or 'html'}")
    if sortie is not None and (form := _form(sortie, written)):
        whole = list(pages.values())
        show.save(sheets.to_pdf(whole) if form == "pdf" else whole[0].encode(), sortie)
        return []
    folder = Folder(sortie or Path("fiches"))
    for name, page in pages.items():
        folder.add(f"{name}.{written or 'html'}", sheets.to_pdf(page) if written == "pdf" else page)
    done = folder.write()
    waiting.over()
    waiting.note_written(folder.path)
    return done
