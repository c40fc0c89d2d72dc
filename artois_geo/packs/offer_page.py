"""The offer of a pack as tables and figures: what the front page, the workbook and the board say."""

from collections.abc import Mapping

import geopandas as gpd
import pandas as pd

from artois_geo import layers, offer, sheets, tables
from artois_geo.layers import Catalogue, Layer
from artois_geo.sheets import wording
from artois_geo.tables.values import is_missing

SITES = "site_nomme"
LAND = "foncier"
PUBLISHED = "surfaces publiées par les sources, convention de mesure non précisée"
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


def first(catalogue: Catalogue, kind: str) -> Layer | None:
    return next((layer for layer in catalogue.values() if layer.kind == kind), None)


def checks(catalogue: Catalogue, frames: Mapping[str, gpd.GeoDataFrame]) -> pd.DataFrame:
    rows = []
    for name, layer in catalogue.items():
        found = layers.validate(frames[name], layer.kind or None)["level"].value_counts()
        counts = {level: int(found.get(level, 0)) for level in ("erreur", "alerte", "note")}
        rows.append({"layer": layer.title, "feature_count": len(frames[name]), **counts})
    return pd.DataFrame(rows)


def land_table(frame: gpd.GeoDataFrame) -> pd.DataFrame:
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


def footer(catalogue: Catalogue, frames: Mapping[str, gpd.GeoDataFrame]) -> tables.Footer:
    sources = tuple(
        tables.Source(layer.name, layer.title, layer.vintage, layer.licence, layer.source)
        for layer in catalogue.values()
    )
    return tables.Footer(sources=sources, surface=PUBLISHED, notes=tuple(_warnings(frames)))


def _warnings(frames: Mapping[str, gpd.GeoDataFrame]) -> list[str]:
    said = []
    if drawn := _drawn(frames):
        whole = sum(len(frame) for frame in frames.values() if "geometrie" in frame)
        said.append(
            f"Géométrie schématique : {tables.number(drawn)} objets sur {tables.number(whole)} sont des "
            "disques, des points de communes ou des lignes simplifiées. Leur emprise n'est pas une limite et "
            "ne se mesure pas."
        )
    if made_up := _made_up(frames):
        said.append(f"Données fictives : {tables.number(made_up)} objets sont inventés.")
    return said


def _drawn(frames: Mapping[str, gpd.GeoDataFrame]) -> int:
    """Objects drawn for show only."""
    marked = [frame["geometrie"] for frame in frames.values() if "geometrie" in frame]
    return sum(int((column == "schématique").sum()) for column in marked)


def _made_up(frames: Mapping[str, gpd.GeoDataFrame]) -> int:
    return sum(int(frame["fictif"].eq(True).sum()) for frame in frames.values() if "fictif" in frame)


def board_warnings(frames: Mapping[str, gpd.GeoDataFrame], lang: str) -> list[str]:
    """What a reader of the board must know: drawn for show only, made up, each said where it is true."""
    words = wording.words(lang)
    said = [f"{words['schematic_place']}. {words['schematic_place_told']}"] if _drawn(frames) else []
    return [*said, f"{words['made_up']}."] if _made_up(frames) else said


def workbook(table: pd.DataFrame, land: pd.DataFrame, totals: pd.DataFrame, footer: tables.Footer) -> bytes:
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


def front_sections(
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


def figures(
    sites: gpd.GeoDataFrame, land: pd.DataFrame, catalogue: Catalogue, checks: pd.DataFrame
) -> list[sheets.Figure]:
    """Figures of the front page, each with what it hides."""
    return [
        *_site_figures(sites),
        _land_figure(land, catalogue, first(catalogue, LAND)),
        _check_figure(checks),
    ]


def board_figures(sites: gpd.GeoDataFrame, land: pd.DataFrame, lang: str) -> list[sheets.Figure]:
    """Figures of the board in one language."""
    whole = offer.offer(sites, by=[]).iloc[0]
    words = wording.words(lang)["board_figures"]
    measured = str(int(whole["site_count"]) - int(whole["unmeasured"]))
    counts = {"site_count": 0, "offer_ha": 0}
    shown = {name: wording.number(whole[name], places, lang) for name, places in counts.items()}
    offered = _offered_ha(land)
    said = wording.MISSING if pd.isna(offered) else f"{wording.number(offered, 1, lang)} ha"
    return [
        sheets.Figure(shown["site_count"], words["sites"]),
        sheets.Figure(
            f"{shown['offer_ha']} ha", words["published"], words["measured"].replace("{n}", measured)
        ),
        sheets.Figure(said, words["offered"]),
    ]


def cards(land: pd.DataFrame, lang: str) -> list[sheets.Card]:
    """What sources publish as available, for the board: what is really offered first."""
    return [
        sheets.Card(
            name=_said(row, "foncier_nom"),
            place=_said(row, "epci_sigle"),
            value=wording.told(row.get("surface_dispo_ha"), lang, unit="ha"),
            status=_said(row, "dispo_statut"),
            text=_said(row, "dispo_source_texte"),
            counted=not is_missing(counted := row.get("compte_dans_total")) and bool(counted),
        )
        for _, row in wording.spoken(land, lang).iterrows()
    ]


def _said(row: pd.Series, name: str) -> str:
    value = row.get(name)
    return value if isinstance(value, str) else ""


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
