"""What leaves the agency as one folder: the one place where layers, analyses, maps and pages meet."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import geopandas as gpd
import pandas as pd

from artois_geo import errors, layers, maps, offer, sheets, tables
from artois_geo.layers import Catalogue, Layer, files
from artois_geo.maps import static_svg
from artois_geo.maps.carte import Carte

SITES = "site_nomme"
LAND = "foncier"
MAP, PAGE, TABLE, WORKBOOK = "carte.html", "index.html", "offre.csv", "offre.xlsx"
TITLE = "Offre foncière de l'Artois"
PUBLISHED = "surfaces publiées par les sources, convention de mesure non précisée"
LINKS = (
    sheets.Link(MAP, "Ouvrir la carte", "un seul fichier, sans réseau"),
    sheets.Link(WORKBOOK, "Tableau de l'offre, Excel", "avec ses sources"),
    sheets.Link(TABLE, "Tableau de l'offre, CSV", "pour un tableur français"),
)
LAND_COLUMNS = (
    "foncier_nom",
    "epci_sigle",
    "dispo_statut",
    "surface_dispo_ha",
    "compte_dans_total",
    "date_info",
    "dispo_source_texte",
    "source",
)
LABELS = {
    "layer": "Couche",
    "feature_count": "Objets",
    "erreur": "Erreurs",
    "alerte": "Alertes",
    "note": "Notes",
    "title": "Total publié par les sources",
    "unit": "Unité",
    "cause": "Ce qui explique l'écart",
    "source": "Source",
}


@dataclass(frozen=True)
class Pack:
    """A folder that was written, and the tables it was written from.

    ``offer`` by EPCI and family, ``land`` the objects published as available,
    ``totals`` each published total beside what is held, ``checks`` one row a layer.
    """

    folder: Path
    files: tuple[Path, ...]
    offer: pd.DataFrame
    land: pd.DataFrame
    totals: pd.DataFrame
    checks: pd.DataFrame


def simi(
    catalogue: Catalogue,
    folder: Path,
    *,
    basemap: str | None = None,
    tell: Callable[[str], None] = lambda step: None,
) -> Pack:
    """Write the folder of a property fair: offer table, offline map, front page.

    Parameters
    ----------
    catalogue
        Layers; one of kind ``site_nomme`` is needed, one of kind ``foncier`` is used
        when there. All are drawn on the map.
    folder
        Made if absent. ``index.html``, ``carte.html``, ``offre.csv`` and ``offre.xlsx``
        are replaced, other files stay.
    basemap
        Online background that the reader of the map may choose, see ``maps.build``;
        without one the map asks the network for nothing.
    tell
        Called with a French sentence at the start of each of the steps.

    Returns
    -------
    Pack
        What was written, and the tables in it. Same layers, same bytes.

    Raises
    ------
    BadTable
        No layer of named sites in the catalogue, or one without the columns it needs.
    UnreadableFile
        A layer cannot be read.
    UnwritableFile
        The folder cannot be made, or a file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     pack = simi(layers.read_catalogue(), Path(place) / "simi")
    ...     sorted(path.name for path in pack.files)
    ['carte.html', 'index.html', 'offre.csv', 'offre.xlsx']
    """
    sites_layer = _first(catalogue, SITES)
    if sites_layer is None:
        raise errors.BadTable(
            f"Pas d'offre à montrer : aucune couche de type « {SITES} » dans {catalogue.folder}."
        )
    _make(folder)
    land_layer = _first(catalogue, LAND)
    tell("Lecture et contrôle des couches")
    frames = {name: layers.read(layer) for name, layer in catalogue.items()}
    checks = _checks(catalogue, frames)
    tell("Rapprochement avec les totaux publiés")
    totals = layers.reconcile(catalogue.totals, frames)
    tell("Tableau de l'offre")
    table = offer.offer(frames[sites_layer.name], by=["epci_sigle", "famille"])
    land = _land(frames[land_layer.name]) if land_layer else pd.DataFrame()
    footer = _footer(catalogue, frames)
    written = [
        _write(folder / TABLE, tables.to_csv(table)),
        _write(folder / WORKBOOK, _workbook(table, land, totals, footer)),
    ]
    tell("Carte hors ligne")
    said = f"Faits publiés, positions schématiques · {sites_layer.vintage}"
    carte = cast(Carte, maps.build(frames, layers=catalogue, title=TITLE, subtitle=said, basemap=basemap))
    written.append(_write(folder / MAP, maps.standalone(carte).encode()))
    tell("Page d'accueil")
    page = sheets.front_page(
        title=TITLE,
        subtitle="Dossier du salon : carte hors ligne, tableau de l'offre, totaux et contrôles",
        links=LINKS,
        figures=[
            *_site_figures(frames[sites_layer.name]),
            _land_figure(land, catalogue, land_layer),
            _check_figure(checks),
        ],
        sections=_sections(table, land, totals, checks),
        warnings=footer.notes,
        footer=footer,
        picture=static_svg.patterns() + static_svg.draw(carte.page),
    )
    written.append(_write(folder / PAGE, page.encode()))  # last: it links what is there
    return Pack(folder, tuple(written), table, land, totals, checks)


def _first(catalogue: Catalogue, kind: str) -> Layer | None:
    return next((layer for layer in catalogue.values() if layer.kind == kind), None)


def _checks(catalogue: Catalogue, frames: Mapping[str, gpd.GeoDataFrame]) -> pd.DataFrame:
    rows = []
    for name, layer in catalogue.items():
        found = layers.validate(frames[name], layer.kind or None)["level"].value_counts()
        counts = {level: int(found.get(level, 0)) for level in ("erreur", "alerte", "note")}
        rows.append({"layer": layer.title, "feature_count": len(frames[name]), **counts})
    return pd.DataFrame(rows)


def _land(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    """What sources publish as available, what is really offered first."""
    columns = [name for name in LAND_COLUMNS if name in frame]
    table = pd.DataFrame(frame[columns]).reset_index(drop=True)
    if "compte_dans_total" not in columns:
        return table
    return table.sort_values("compte_dans_total", ascending=False, kind="stable").reset_index(drop=True)


def _offered_ha(land: pd.DataFrame) -> float:
    """Hectares that a source says are on offer now; missing when none says so."""
    if not {"surface_dispo_ha", "compte_dans_total"} <= set(land.columns):
        return float("nan")
    total = offer.offer(land, by=[], area="surface_dispo_ha", counted="compte_dans_total")
    return float(total["offer_ha"].iloc[0])


def _footer(catalogue: Catalogue, frames: Mapping[str, gpd.GeoDataFrame]) -> tables.Footer:
    sources = tuple(
        tables.Source(layer.name, layer.title, layer.vintage, layer.licence, layer.source)
        for layer in catalogue.values()
    )
    return tables.Footer(sources=sources, surface=PUBLISHED, notes=tuple(_warnings(frames)))


def _warnings(frames: Mapping[str, gpd.GeoDataFrame]) -> list[str]:
    said = []
    marked = [frame for frame in frames.values() if "geometrie" in frame]
    drawn = sum(int((frame["geometrie"] == "schématique").sum()) for frame in marked)
    if drawn:
        whole = sum(map(len, marked))
        said.append(
            f"Géométrie schématique : {tables.number(drawn)} objets sur {tables.number(whole)} sont des "
            "disques, des points de communes ou des lignes simplifiées. Leur emprise n'est pas une limite et "
            "ne se mesure pas."
        )
    made_up = sum(int(frame["fictif"].eq(True).sum()) for frame in frames.values() if "fictif" in frame)
    if made_up:
        said.append(f"Données fictives : {tables.number(made_up)} objets sont inventés.")
    return said


def _workbook(table: pd.DataFrame, land: pd.DataFrame, totals: pd.DataFrame, footer: tables.Footer) -> bytes:
    sheets_of = {"Offre par EPCI et famille": table, "Foncier publié": land, "Totaux publiés": totals}
    filled = {title: frame for title, frame in sheets_of.items() if len(frame.columns)}
    return tables.to_xlsx(filled, footer, labels=_labels())


def _labels() -> dict[str, str]:
    fields = [*layers.read_kind(SITES).fields, *layers.read_kind(LAND).fields]
    return {
        field.name: f"{field.label} ({field.unit})" if field.unit else field.label
        for field in fields
        if field.label
    } | LABELS


def _sections(
    table: pd.DataFrame, land: pd.DataFrame, totals: pd.DataFrame, checks: pd.DataFrame
) -> list[sheets.Section]:
    labels = _labels()
    if len(totals):
        mixed = dict.fromkeys(["declared", "held", "gap"], object)  # hectares, kilometres and people
        totals = totals[["title", "unit", "declared", "held", "gap", "cause"]].astype(mixed)
    sections = [
        sheets.Section(
            "L'offre par intercommunalité et par famille",
            table,
            "Surfaces que des sources publient. Un sous-site n'est jamais ajouté à son parc ; un tiret veut "
            "dire qu'aucune source ne donne de surface.",
            labels,
        ),
        sheets.Section(
            "Le foncier publié comme disponible",
            land,
            "« Compté » : vraiment offert d'après sa source. Le reste est montré sans être additionné.",
            labels,
        ),
        sheets.Section(
            "Les totaux publiés et ce que les couches contiennent",
            totals,
            "Rien n'est ajusté pour retrouver un total : l'écart et sa cause sont le résultat.",
            labels,
        ),
        sheets.Section(
            "Le contrôle des couches", checks, "Constats de chaque couche face à son type.", labels
        ),
    ]
    return [section for section in sections if len(section.table)]


def _site_figures(sites: gpd.GeoDataFrame) -> list[sheets.Figure]:
    whole = offer.offer(sites, by=[])
    count, aside = int(whole["site_count"].iloc[0]), int(whole["set_aside"].iloc[0])
    measured = count - int(whole["unmeasured"].iloc[0])
    return [
        sheets.Figure(tables.number(count), "sites économiques nommés", f"et {aside} sous-sites"),
        sheets.Figure(
            _ha(float(whole["offer_ha"].iloc[0])),
            "surface publiée des sites",
            f"connue pour {measured} sites seulement",
        ),
    ]


def _land_figure(land: pd.DataFrame, catalogue: Catalogue, layer: Layer | None) -> sheets.Figure:
    announced = [total for total in catalogue.totals if layer and total.layer == layer.name]
    notes = [f"{tables.number(total.value)} {total.unit} annoncés : {total.title}" for total in announced]
    return sheets.Figure(_ha(_offered_ha(land)), "vraiment offerts d'après une source", " ; ".join(notes))


def _check_figure(checks: pd.DataFrame) -> sheets.Figure:
    faults = int(checks["erreur"].sum())
    label = "erreurs dans les couches" if faults > 1 else "erreur dans les couches"
    return sheets.Figure(tables.number(faults), label, f"{len(checks)} couches vérifiées")


def _ha(value: float) -> str:
    return "–" if pd.isna(value) else f"{tables.number(value, 0 if value >= 100 else 1)} ha"


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise errors.UnwritableFile(
            f"Dossier impossible à créer : {folder} ({errors.reason(error)})."
        ) from error


def _write(path: Path, content: bytes) -> Path:
    files.replace(path, content)
    return path
