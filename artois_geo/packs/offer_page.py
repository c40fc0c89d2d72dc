"""The offer of a pack, ready to print: tables, warnings, headings, figures and cards.

The front pages, the workbook and the board all take them from here, so that they say the same.
"""

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd

from artois_geo import languages, layers, meaning, offer, tables
from artois_geo.formats.findings import LEVELS
from artois_geo.layers import Catalogue, Layer
from artois_geo.maps import style
from artois_geo.sheets import wording
from artois_geo.studies.sites import catalogue_data

SITES, LAND = catalogue_data.SITES, catalogue_data.LAND
CHECK_LEVELS = tuple(level for level in LEVELS if level != "réparation")  # a check repairs nothing
LAND_COLUMNS = (
    "site_nom",
    "terr_nom",
    "epci_sigle",
    "dispo_statut",
    "terr_surf_brute",
    "compte_dans_total",
    "date_info",
    "dispo_source_texte",
    "source",
)


def first_layer_of_kind(catalogue: Catalogue, kind: str) -> Layer | None:
    """Return the first layer of a kind, None without any."""
    return next((layer for layer in catalogue.values() if layer.kind == kind), None)


def checks(catalogue: Catalogue, frames: Mapping[str, gpd.GeoDataFrame]) -> pd.DataFrame:
    """Count the findings of each layer, by level."""
    rows = []
    for name, layer in catalogue.items():
        level_counts = layers.validate(frames[name], layer.kind or None)["level"].value_counts()
        counts = {level: int(level_counts.get(level, 0)) for level in CHECK_LEVELS}
        rows.append({"layer": layer.title, "feature_count": len(frames[name]), **counts})
    return pd.DataFrame(rows)


def land_table(frame: gpd.GeoDataFrame | None, lang: str = "fr") -> pd.DataFrame:
    """List what sources publish as available; what is really offered comes first."""
    if frame is None:
        return pd.DataFrame()
    columns = [name for name in LAND_COLUMNS if name in frame]
    table = pd.DataFrame(wording.spoken(pd.DataFrame(frame), lang)[columns]).reset_index(drop=True)
    is_counted = meaning.true_rows(table, meaning.COUNTED)
    return table.iloc[np.argsort(~is_counted, kind="stable")].reset_index(drop=True)


def offered_ha(land: pd.DataFrame) -> float:
    """Sum the hectares that sources say are on offer now; NaN when none says so."""
    if not {"terr_surf_brute", meaning.COUNTED} <= set(land.columns):
        return float("nan")
    total = offer.offer(land, by=[], area="terr_surf_brute", counted=meaning.COUNTED)
    return float(total["offer_ha"].iloc[0])


def footer(catalogue: Catalogue, frames: Mapping[str, gpd.GeoDataFrame], lang: str = "fr") -> tables.Footer:
    """List the layers of a catalogue as sources, with the convention and the warnings of the offer."""
    sources = tuple(catalogue_data.source(layer, lang) for layer in catalogue.values())
    published = str(wording.words(lang)["front"]["published"])
    return tables.Footer(sources=sources, surface=published, notes=tuple(_warnings(frames, lang)))


def _warnings(frames: Mapping[str, gpd.GeoDataFrame], lang: str) -> list[str]:
    warnings = []
    if schematic := _schematic_count(frames):
        total = sum(len(frame) for frame in frames.values() if "geometrie" in frame)
        counts = {"n": wording.number(schematic, 0, lang), "all": wording.number(total, 0, lang)}
        warnings.append(wording.phrase(lang, "front.schematic", **counts))
    if made_up := _fictional_count(frames):
        warnings.append(wording.phrase(lang, "front.made_up", n=wording.number(made_up, 0, lang)))
    return warnings


def _schematic_count(frames: Mapping[str, gpd.GeoDataFrame]) -> int:
    """Count the schematic objects."""
    return sum(int(meaning.schematic(frame).sum()) for frame in frames.values())


def _fictional_count(frames: Mapping[str, gpd.GeoDataFrame]) -> int:
    return sum(int(meaning.fictional(frame).sum()) for frame in frames.values())


def fictional_warning(frames: Mapping[str, gpd.GeoDataFrame], lang: str) -> list[str]:
    """Return the warning that data are fictional; nothing where none is."""
    return [f"{wording.words(lang)['made_up']}."] if _fictional_count(frames) else []


def workbook(
    table: pd.DataFrame,
    land: pd.DataFrame,
    totals: pd.DataFrame,
    footer: tables.Footer,
    *,
    author: str = "",
) -> bytes:
    """Build the workbook of the offer: a sheet for each table that has columns, the offer itself first."""
    named = totals.drop(columns="name", errors="ignore")  # ours, in English: the title says it
    sheets_of = {"Foncier publié": land, "Offre par EPCI et famille": table, "Totaux publiés": named}
    filled = {title: frame for title, frame in sheets_of.items() if len(frame.columns)}
    return tables.to_xlsx(filled, footer, labels=labels(), author=author)


def labels(lang: str = "fr") -> dict[str, str]:
    """Return column headings: those of the kinds of layers, then our own."""
    fields = [*layers.read_kind(SITES).fields, *layers.read_kind(LAND).fields]
    field_labels = {
        field.name: languages.said(field.label, "layers.kinds", lang) for field in fields if field.label
    }
    units = {field.name: languages.said(field.unit, "units", lang) for field in fields if field.unit}
    full_labels = {
        name: f"{label} ({units[name]})" if name in units else label for name, label in field_labels.items()
    }
    return full_labels | wording.words(lang)["front"]["labels"]


def families(table: pd.DataFrame, lang: str) -> pd.DataFrame:
    """Translate the families of a table by the legend of the map; unknown spellings stay."""
    if lang == languages.SOURCE or "famille" not in table:
        return table
    known_families = [family for family in style.read_style()["families"] if family["values"]]
    label_of_value = {meaning.words(family["values"][0]): family["label"][lang] for family in known_families}
    family_labels = [label_of_value.get(meaning.words(str(value)), value) for value in table["famille"]]
    return table.assign(famille=pd.Series(family_labels, index=table.index, dtype=object))
