"""The sheets that a reader asks for: which ones, by the name of their file, and their pages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from artois_geo import theme
from artois_geo.errors import BadTable
from artois_geo.layers import Catalogue
from artois_geo.packs import given_tables, offer_view, site_sheets
from artois_geo.packs.sections import site_media
from artois_geo.packs.site_sheets import Edition
from artois_geo.showcase import Folders, Media
from artois_geo.studies import planner_files
from artois_geo.studies.requests import LANGUAGES, SheetRequest
from artois_geo.studies.sites import catalogue_data
from artois_geo.studies.sites.all_analyses import Study
from artois_geo.studies.sites.catalogue_data import CatalogueData
from artois_geo.theme import Theme

MOST_NAMES = 5  # of those that no sheet has, in a message

Maker = Callable[[CatalogueData, str, Edition], str]


@dataclass(frozen=True)
class Plan:
    """Hold the sheets to make: what makes each, and of what, by the name of its file."""

    data: CatalogueData
    request: SheetRequest
    sheets: Mapping[str, tuple[Maker, str]]
    look: Theme

    @property
    def count(self) -> int:
        """Return how many pages there will be, in all languages."""
        return len(self.sheets) * len(LANGUAGES[self.request.langue])


def plan(catalogue: Catalogue, request: SheetRequest) -> Plan:
    """Choose the sheets that a reader asks for.

    Raises
    ------
    BadTable
        No site to make a sheet of.
    UnknownName
        No such site; the message offers the nearest ones.

    Examples
    --------
    >>> from artois_geo import layers
    >>> list(plan(layers.read_catalogue(), SheetRequest(site="port de harnes")).sheets)
    ['port-de-harnes']
    """
    data = catalogue_data.read(catalogue)
    return Plan(data, request, _makers(data, request), theme.read(request.theme))


def pages(
    plan: Plan,
    study: Study | None,
    *,
    on_progress: Callable[[int, int], object] = lambda done, total: None,
    on_warning: Callable[[str], object] = lambda sentence: None,
) -> dict[str, str]:
    """Build the sheets of a plan, in each language, by the name of their file without suffix.

    Parameters
    ----------
    plan
        From :func:`plan`.
    study
        Analyses of the sites, from ``packs.study_of``.
    on_progress
        Called after each page with their number so far, out of how many.
    on_warning
        Called with a French sentence about rows of the reader that no sheet takes.

    Raises
    ------
    UnreadableFile, BadValue
        No such folder of photos or documents, or a file of them that is not what it should be.

    Examples
    --------
    >>> from artois_geo import layers
    >>> both = SheetRequest(site="port-de-harnes", langue="les-deux")
    >>> list(pages(plan(layers.read_catalogue(), both), None))
    ['port-de-harnes.fr', 'port-de-harnes.en']
    """
    request = plan.request
    edition = Edition(
        look=plan.look,
        address=request.adresse,
        issued=request.issued,
        media=_media(plan),
        sections=_sections(plan, on_warning),
        study=study,
        views={lang: offer_view.read(plan.data, request.on, lang) for lang in LANGUAGES[request.langue]},
        access=site_sheets.access_by_id(
            plan.data, [name for make, name in plan.sheets.values() if make is site_sheets.site_sheet]
        ),
    )
    pages_by_name: dict[str, str] = {}
    for lang in LANGUAGES[request.langue]:
        for stem, (make, name) in plan.sheets.items():
            pages_by_name[f"{stem}.{lang}"] = make(plan.data, name, replace(edition, lang=lang))
            on_progress(len(pages_by_name), plan.count)
    return pages_by_name


def _makers(data: CatalogueData, request: SheetRequest) -> dict[str, tuple[Maker, str]]:
    """Return what makes each sheet, and of what, by the name of its file."""
    if request.commune or request.epci:
        name = str(request.commune or request.epci)
        make = site_sheets.commune_sheet if request.commune else site_sheets.epci_sheet
        return {site_sheets.file_stem(name): (make, name)}
    stems = site_sheets.stems(data, on_offer=request.offre)
    if request.site is not None:
        identifier = site_sheets.site_id(data, request.site)
        stems = {identifier: stems[identifier]}
    if not stems:
        raise BadTable(
            f"Pas de fiche à écrire : aucun site de {data.catalogue.folder}"
            f"{' dont une source publie du foncier disponible' if request.offre else ''}."
        )
    return {stem: (site_sheets.site_sheet, name) for name, stem in stems.items()}


def _media(plan: Plan) -> dict[str, Media]:
    """Read the photos and documents of the sites that have a sheet; no sheet links to a file beside it."""
    site_names = {name for make, name in plan.sheets.values() if make is site_sheets.site_sheet}
    stems = {name: stem for name, stem in site_sheets.stems(plan.data).items() if name in site_names}
    folders = Folders.of(plan.data.catalogue.folder, plan.request.photos, plan.request.documents)
    return site_media.unlinked(site_media.read(plan.data, stems, folders))


def _sections(plan: Plan, on_warning: Callable[[str], object]) -> dict[str, dict[str, pd.DataFrame]]:
    """Share the tables of the reader between the sheets; rows that no sheet takes are told."""
    sections: dict[str, dict[str, pd.DataFrame]] = {}
    for name, file in plan.request.tableaux:
        pieces = given_tables.by_thing(planner_files.table(file), file.name)
        if strangers := sorted(set(pieces) - given_tables.things(plan.data)):
            on_warning(f"{file.name} : aucune fiche pour {_few(strangers)}.")
        for identifier, rows in pieces.items():
            sections.setdefault(identifier, {})[name] = rows
    return sections


def _few(names: list[str]) -> str:
    more = f" et {len(names) - MOST_NAMES} autres" if len(names) > MOST_NAMES else ""
    return ", ".join(f"« {name} »" for name in names[:MOST_NAMES]) + more
