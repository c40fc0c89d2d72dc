"""The offer of a pack as tables and figures: what the front pages, the workbook and the board say."""

from collections.abc import Mapping

import geopandas as gpd
import pandas as pd

from artois_geo import languages, layers, meaning, offer, sheets, tables
from artois_geo.layers import Catalogue, Layer
from artois_geo.maps import style
from artois_geo.packs import holdings
from artois_geo.sheets import wording
from artois_geo.tables.values import is_missing

SITES = "site_nomme"
LAND = "foncier"
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


def first(catalogue: Catalogue, kind: str) -> Layer | None:
    return next((layer for layer in catalogue.values() if layer.kind == kind), None)


def checks(catalogue: Catalogue, frames: Mapping[str, gpd.GeoDataFrame]) -> pd.DataFrame:
    rows = []
    for name, layer in catalogue.items():
        found = layers.validate(frames[name], layer.kind or None)["level"].value_counts()
        counts = {level: int(found.get(level, 0)) for level in ("erreur", "alerte", "note")}
        rows.append({"layer": layer.title, "feature_count": len(frames[name]), **counts})
    return pd.DataFrame(rows)


def land_table(frame: gpd.GeoDataFrame | None, lang: str = "fr") -> pd.DataFrame:
    """What sources publish as available, what is really offered first."""
    if frame is None:
        return pd.DataFrame()
    columns = [name for name in LAND_COLUMNS if name in frame]
    table = pd.DataFrame(wording.spoken(pd.DataFrame(frame), lang)[columns]).reset_index(drop=True)
    if "compte_dans_total" not in columns:
        return table
    return table.sort_values("compte_dans_total", ascending=False, kind="stable").reset_index(drop=True)


def offered_ha(land: pd.DataFrame) -> float:
    """Hectares that a source says are on offer now; missing when none says so."""
    if not {"surface_dispo_ha", "compte_dans_total"} <= set(land.columns):
        return float("nan")
    total = offer.offer(land, by=[], area="surface_dispo_ha", counted="compte_dans_total")
    return float(total["offer_ha"].iloc[0])


def footer(catalogue: Catalogue, frames: Mapping[str, gpd.GeoDataFrame], lang: str = "fr") -> tables.Footer:
    sources = tuple(holdings.source(layer, lang) for layer in catalogue.values())
    published = str(wording.words(lang)["front"]["published"])
    return tables.Footer(sources=sources, surface=published, notes=tuple(_warnings(frames, lang)))


def _warnings(frames: Mapping[str, gpd.GeoDataFrame], lang: str) -> list[str]:
    said, words = [], wording.words(lang)["front"]
    if drawn := _drawn(frames):
        whole = sum(len(frame) for frame in frames.values() if "geometrie" in frame)
        n, every = (wording.number(count, 0, lang) for count in (drawn, whole))
        said.append(words["schematic"].replace("{n}", n).replace("{all}", every))
    if made_up := _made_up(frames):
        said.append(words["made_up"].replace("{n}", wording.number(made_up, 0, lang)))
    return said


def _drawn(frames: Mapping[str, gpd.GeoDataFrame]) -> int:
    """Objects drawn for show only."""
    return sum(int(meaning.schematic(frame).sum()) for frame in frames.values())


def _made_up(frames: Mapping[str, gpd.GeoDataFrame]) -> int:
    return sum(int(meaning.fictional(frame).sum()) for frame in frames.values())


def board_warnings(frames: Mapping[str, gpd.GeoDataFrame], lang: str) -> list[str]:
    """What a reader of the board must know: drawn for show only, made up, each said where it is true."""
    words = wording.words(lang)
    said = [f"{words['schematic_place']}. {words['schematic_place_told']}"] if _drawn(frames) else []
    return [*said, f"{words['made_up']}."] if _made_up(frames) else said


def workbook(table: pd.DataFrame, land: pd.DataFrame, totals: pd.DataFrame, footer: tables.Footer) -> bytes:
    sheets_of = {"Offre par EPCI et famille": table, "Foncier publié": land, "Totaux publiés": totals}
    filled = {title: frame for title, frame in sheets_of.items() if len(frame.columns)}
    return tables.to_xlsx(filled, footer, labels=labels())


def labels(lang: str = "fr") -> dict[str, str]:
    """Headings of the columns that no list of ours names: those of the layers, then our own."""
    fields = [*layers.read_kind(SITES).fields, *layers.read_kind(LAND).fields]
    named = {field.name: languages.said(field.label, "layers.kinds", lang) for field in fields if field.label}
    units = {field.name: languages.said(field.unit, "units", lang) for field in fields if field.unit}
    told = {name: f"{label} ({units[name]})" if name in units else label for name, label in named.items()}
    return told | wording.words(lang)["front"]["labels"]


def families(table: pd.DataFrame, lang: str) -> pd.DataFrame:
    """The table with its families as the legend of the map calls them; other spellings stay."""
    if lang == languages.SOURCE or "famille" not in table:
        return table
    known = [one for one in style.read_style()["families"] if one["values"]]
    named = {style.fold(one["values"][0]): one["label"][lang] for one in known}
    said = [named.get(style.fold(str(value)), value) for value in table["famille"]]
    return table.assign(famille=pd.Series(said, index=table.index, dtype=object))


def board_figures(sites: gpd.GeoDataFrame, land: pd.DataFrame, lang: str) -> list[sheets.Figure]:
    """Figures of the board in one language."""
    whole = offer.offer(sites, by=[]).iloc[0]
    words = wording.words(lang)["board_figures"]
    measured = str(int(whole["site_count"]) - int(whole["unmeasured"]))
    counts = {"site_count": 0, "offer_ha": 0}
    shown = {name: wording.number(whole[name], places, lang) for name, places in counts.items()}
    offered = offered_ha(land)
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
