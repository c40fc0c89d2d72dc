"""The files of a new workspace: an empty catalogue, constraints, theme, forms, and what to do with them."""

from collections.abc import Mapping
from pathlib import Path

from artois_geo import layers, sources, theme
from artois_geo.errors import BadValue
from artois_geo.layers.catalogue import CATALOGUE_FILE, quoted
from artois_geo.studies.layers import kinds_of_layers
from artois_geo.studies.library import constraint_list
from artois_geo.studies.requests import WorkspaceRequest
from artois_geo.text import argument

FORM_KINDS = ("site_eco", "terrain_eco", "friche", "projet", "quai")  # that a planner fills
FORM_FOLDER, README = "formulaires", "LISEZMOI.txt"
CONSTRAINTS, THEME = "contraintes.toml", "theme.toml"


def files(folder: Path, request: WorkspaceRequest) -> Mapping[str, bytes]:
    """Make the files of a new workspace, by name.

    Parameters
    ----------
    folder
        As the reader wrote it, for the commands of the ``LISEZMOI``.
    request
        What it is made for.

    Examples
    --------
    >>> list(files(Path("d2"), WorkspaceRequest("Pays de Lens")))[:4]
    ['LISEZMOI.txt', 'catalogue.toml', 'contraintes.toml', 'theme.toml']
    """
    territory = " ".join(request.territoire.split())
    return {
        README: _readme(folder, territory).encode(),
        CATALOGUE_FILE: _catalogue(territory).encode(),
        CONSTRAINTS: constraint_list.text().encode(),
        THEME: theme.template(),
        **{f"{FORM_FOLDER}/{kind}.xlsx": kinds_of_layers.form(kind) for kind in FORM_KINDS},
    }


def is_new(folder: Path, request: WorkspaceRequest) -> bool:
    """Tell whether a workspace has to be made; one that is there already may only be filled.

    Raises
    ------
    BadValue, BadOptions
        It holds something, and it is no workspace or there is nothing to fill it with; a territory that
        is typed wrong.

    Examples
    --------
    >>> is_new(Path("un dossier nouveau"), WorkspaceRequest())
    True
    """
    if request.has_territory:
        sources.scope_of(request.communes, request.epci, request.departement)  # refused before any file
        if (folder / CATALOGUE_FILE).is_file():
            return False
    refuse_filled(folder)
    return True


def refuse_filled(folder: Path) -> None:
    """Refuse a folder that holds something: what somebody put there is not written over.

    Raises
    ------
    BadValue
        It is a file, or a folder with something in it.

    Examples
    --------
    >>> refuse_filled(Path("un dossier nouveau"))
    """
    if folder.is_file():
        raise BadValue(f"{folder} est un fichier : donner le nom d'un dossier nouveau ou vide.")
    if not folder.is_dir() or not any(folder.iterdir()):
        return
    advice = "Donner un dossier nouveau ou vide."
    if (folder / CATALOGUE_FILE).is_file():
        advice = f"C'est déjà un espace de travail : artois-geo --donnees {argument(folder)} couches lister."
    raise BadValue(f"{folder} contient déjà des fichiers, rien n'est écrit.\n{advice}")


def _catalogue(territory: str) -> str:
    lines = ["# Couches de l'espace de travail : chaque import ajoute ici sa rubrique."]
    return "\n".join([*lines, *([f"territoire = {quoted(territory)}"] if territory else []), ""])


def _readme(folder: Path, territory: str) -> str:
    return _README.format(
        title=f"Espace de travail{f' : {territory}' if territory else ''}",
        folder=argument(folder),
        forms="\n".join(
            f"    {FORM_FOLDER}/{kind}.xlsx : {layers.read_kind(kind).title.lower()}" for kind in FORM_KINDS
        ),
    )


_README = """{title}

Ce dossier tient vos couches. Elles passent devant celles livrées avec l'outil.
Une couche livrée sert de fond quand vous n'avez pas la vôtre et qu'elle est sur
votre territoire. Un site ou une offre livrés n'entrent plus dans vos totaux dès
que vous avez les vôtres. Chaque tableau dit d'où vient chaque couche.

CE QUI VA OÙ
    catalogue.toml : la liste de vos couches ; l'import la tient à jour
    contraintes.toml : ce qui réduit le foncier disponible, à compléter
    theme.toml : vos couleurs, votre nom, votre logo (à donner par --theme)
{forms}

Dans un formulaire, les colonnes foncées sont obligatoires ; la feuille
« Explications » dit ce que chacune attend. Un formulaire rempli s'importe comme tout
autre fichier (shapefile, GeoPackage, CSV…).

TROIS COMMANDES
1. Prendre le fichier d'un partenaire :
    artois-geo --donnees {folder} couches importer ZONES.shp --type site_eco --vers zae
2. Voir ce qu'il y a, et d'où chaque couche vient :
    artois-geo --donnees {folder} couches lister
3. Prendre une couche livrée pour la corriger :
    artois-geo --donnees {folder} couches copier logistique

Commencer par les communes (--type commune_contour) : elles disent votre
territoire. Pour ne voir que vos couches : artois-geo --donnees {folder} --sans-livrees …
"""
