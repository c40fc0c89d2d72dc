"""Units of business parks with their establishments, premises and owners, ready for the survey."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from artois_geo import densification, layers, territory, text, zae
from artois_geo.errors import BadTable
from artois_geo.studies import StudyTable, planner_files, zae_files
from artois_geo.studies.land.densification import ALONE, units_of
from artois_geo.zae.attachment import CLASS

if TYPE_CHECKING:
    from artois_geo.layers import Layer

UNITS, FIRMS, PREMISES, SITES = "unites", "etablissements", "locaux", "sites_epci"
DEGREE_STEP_M = 0.02  # limits written to seven decimals of a degree agree to that: thinner pieces are none
TITLES = {FIRMS: "Établissements", PREMISES: "Locaux"}
LABELS = {
    "file": "Fichier",
    "row_count": "Lignes",
    CLASS: "Rattachement",
    "unit_id": "Unité foncière",
    "site_id": "ZAE",
    "parcels": "Parcelles",
    "owner_type": "Propriétaire (type)",
    "owner_group": "Propriétaire (groupe)",
    "owner_name": "Propriétaire (nom)",
    "counted": "Compté ici",
}


@dataclass(frozen=True)
class AttachmentRequest:
    """Ask for the units of business parks and what stands on them.

    Parameters
    ----------
    sites, site_key
        Perimeters of the parks and the column that names them.
    etablissements, locaux
        Located rows: SIRENE, CNIG or a table with coordinates.
    etats
        States of establishments by siret, where the located ones do not say them.
    proprietaires
        File of the parcels of legal persons (DGFiP).
    owner, key
        Columns of the parcels: owner (without it each parcel is a unit), cadastral identifier.
    epci, epci_key
        Outlines of the EPCI and the column that names them: a park across two is split by hectares.
    """

    sites: "Layer | Path"
    site_key: str = "site_id"
    etablissements: "Layer | Path | None" = None
    etats: "Layer | Path | None" = None
    locaux: "Layer | Path | None" = None
    proprietaires: Path | None = None
    owner: str | None = None
    key: str = ""
    epci: "Layer | Path | None" = None
    epci_key: str = "epci_siren"


@dataclass(frozen=True)
class Attachment:
    """Hold the files to write, by name, and the count of rows of each class."""

    files: Mapping[str, StudyTable]
    summary: StudyTable


def study(
    parcelles: "Layer | Path", request: AttachmentRequest, *, on_step: Callable[[str], object] = str
) -> Attachment:
    """Build the units of the parks, and give each located row its unit.

    Parameters
    ----------
    parcelles
        Layer of parcels, with their cadastral identifiers.
    request
        Perimeters, files, columns.
    on_step
        Called with the name of each step, in French.

    Raises
    ------
    BadTable, BadCRS, UnreadableFile
        A file or a column that cannot be used.

    Examples
    --------
    >>> from artois_geo import example
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> lot = example.square(x_km=0, y_km=0, side_km=0.1, id="62498000AB0001")
    >>> park = example.square(x_km=0, y_km=0, side_km=1, site_id="A")
    >>> layers.write(lot, folder / "lots.geojson"), layers.write(park, folder / "zae.geojson")
    (None, None)
    >>> head = "siret;etatAdministratifEtablissement;x_lambert93;y_lambert93\\n"
    >>> x, y = example.point(x_km=0.05, y_km=0.05).get_coordinates().iloc[0]
    >>> _ = (folder / "sirene.csv").write_text(f"{head}1;A;{x};{y}\\n2;A;;\\n")
    >>> request = AttachmentRequest(folder / "zae.geojson", etablissements=folder / "sirene.csv")
    >>> study(folder / "lots.geojson", request).files["etablissements"].table["rattachement"].tolist()
    ['dans une unité', 'sans position']
    """
    on_step("Unités foncières")
    sites = layers.read(request.sites)
    planner_files.require_columns(sites, request.sites.name, {request.site_key: "--cle-site"})
    units = _units(parcelles, sites, request)
    files: dict[str, StudyTable] = {}
    counts = []
    on_step("Rattachement")
    for name, paths in _given(request).items():
        rows = zae.attached(zae_files.located(*map(_path, paths)), units, sites, site_key=request.site_key)
        counts.append({"file": paths[0].name, "row_count": len(rows), **zae.class_counts(rows)})
        files[name] = StudyTable(
            rows,
            title=TITLES[name],
            sources=[*paths, parcelles, request.sites],
            notes=_notes(rows),
            labels=LABELS,
        )
    units, owner_notes = _owned(units, request)
    sources = [parcelles, request.sites, *([request.proprietaires] if request.proprietaires else [])]
    used = [source for paths in _given(request).values() for source in paths]
    files[UNITS] = StudyTable(
        units,
        title="Unités foncières",
        sources=sources,
        surface="lambert93",
        notes=owner_notes,
        labels=LABELS,
    )
    if request.epci is not None:
        files[SITES] = _by_epci(sites, request)
    notes = [
        f"{text.counted(len(units), 'unité foncière', 'unités foncières')} dans {_sites(sites)}.",
        *owner_notes,
    ]
    summary = StudyTable(
        pd.DataFrame(counts),
        title="Rattachement aux unités foncières",
        sources=[*used, *sources],
        notes=notes,
        labels=LABELS,
    )
    return Attachment(files, summary)


def _given(request: AttachmentRequest) -> "dict[str, list[Layer | Path]]":
    """List the files of located rows that were given, with those that complete them."""
    firms = [each for each in (request.etablissements, request.etats) if each is not None]
    paths_by_role = {FIRMS: firms, PREMISES: [request.locaux] if request.locaux is not None else []}
    return {name: paths for name, paths in paths_by_role.items() if paths}


def _path(source: "Layer | Path") -> Path:
    return source if isinstance(source, Path) else source.path


def _sites(sites: pd.DataFrame) -> str:
    return text.counted(len(sites), "site")


def _units(
    parcelles: "Layer | Path", sites: gpd.GeoDataFrame, request: AttachmentRequest
) -> gpd.GeoDataFrame:
    """Build the units of the parks; a file without identifiers is named in the message."""
    parcels = layers.read(parcelles)
    if request.owner:
        planner_files.require_columns(parcels, parcelles.name, {request.owner: "--proprietaire"})
    try:
        key = request.key or densification.parcel_key(parcels)
    except BadTable as error:
        raise BadTable(f"{parcelles.name} : {error}") from error
    units = units_of(parcels, owner=request.owner, key=key, sites=sites, site_key=request.site_key)
    return units.drop(columns=ALONE, errors="ignore")


def _owned(units: gpd.GeoDataFrame, request: AttachmentRequest) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Add the owners that the file of legal persons knows, and say how many it does not."""
    if request.proprietaires is None:
        return units.assign(owner_type=None), []
    owned = zae.with_owners(units, zae_files.owners(request.proprietaires), zae_files.owner_groups())
    unknown = int(owned["owner_type"].isna().sum())
    source = zae_files.official()["personnes_morales"]["source"]
    return gpd.GeoDataFrame(owned, crs=units.crs), [
        f"Propriétaire inconnu pour {text.counted(unknown, 'unité')} sur {len(units)} : personne physique, "
        "groupe public ou privé selon le cas, parcelle absente du fichier ; jamais compté comme privé.",
        f"Propriétaires : {source}.",
        "Contient des propriétaires : à ne pas publier tel quel.",
    ]


def _notes(rows: pd.DataFrame) -> list[str]:
    """Say how many rows stand in each class, and how many states of activity nobody can read."""
    counts = ", ".join(f"{count} {name}" for name, count in zae.class_counts(rows).items())
    notes = [f"{text.counted(len(rows), 'ligne')} : {counts}."]
    if "active" in rows and (unread := int(rows["active"].isna().sum())):
        notes.append(f"État inconnu pour {text.counted(unread, 'ligne')} : ni actif ni fermé, à compléter.")
    return notes


def _by_epci(sites: gpd.GeoDataFrame, request: AttachmentRequest) -> StudyTable:
    """Split each park over the EPCI by hectares; it counts once, where most of it lies."""
    outlines = layers.read(request.epci) if request.epci is not None else sites
    planner_files.require_columns(
        outlines, getattr(request.epci, "name", ""), {request.epci_key: "--cle-epci"}
    )
    plain_sites = sites[[request.site_key, "geometry"]]
    pieces = territory.split(plain_sites, outlines[[request.epci_key, "geometry"]], key=request.epci_key)
    solid = pieces.area > DEGREE_STEP_M * pieces.length
    table = pd.DataFrame(pieces[solid].drop(columns=["geometry", "piece_km"]))
    largest = table.sort_values("piece_ha", ascending=False, kind="stable").drop_duplicates(request.site_key)
    order = list(zip(largest[request.site_key], largest[request.epci_key], strict=True))
    pairs = list(zip(table[request.site_key], table[request.epci_key], strict=True))
    return StudyTable(
        table.assign(counted=[pair in order for pair in pairs]).reset_index(drop=True),
        title="Sites par EPCI",
        sources=[request.sites, *([request.epci] if request.epci is not None else [])],
        surface="lambert93",
        notes=[
            "Un site à cheval sur deux EPCI est partagé par ses hectares et compté une fois, au plus grand."
        ],
        labels=LABELS,
    )
