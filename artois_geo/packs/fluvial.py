"""The fluvial scheme in one folder: its three pillars as linked tables, and one offline map."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from artois_geo import charts, layers, maps, tables
from artois_geo.layers import store
from artois_geo.studies import result_map
from artois_geo.studies.canal.scheme import LABELS, PLOT, Pillars, SchemeStudy, governance_table, land_table

__all__ = [
    "DRAWN",
    "PLOT",
    "TITLE",
    "Pillars",
    "Scheme",
    "SchemeStudy",
    "governance_table",
    "land_table",
    "write",
]

LAND, POTENTIAL, GOVERNANCE = "1_foncier_et_infrastructures", "2_potentiel_par_filiere", "3_gouvernance"
LAYER, WORKBOOK, MAP, CHART = (
    "foncier_et_infrastructures.geojson",
    "schema_fluvial.xlsx",
    "carte.html",
    "potentiel.svg",
)
TITLE = "Schéma fluvial"
SOURCE = "schéma fluvial"
DRAWN = {"Foncier": "site_desservi", "Quais et ports": "quai", "Voies d'eau": "voie_eau"}  # layer -> kind


@dataclass(frozen=True)
class Scheme:
    """Hold a folder that was written, and its three tables, linked by ``object``."""

    folder: Path
    files: tuple[Path, ...]
    land: gpd.GeoDataFrame
    potential: pd.DataFrame
    governance: pd.DataFrame


def write(
    folder: Path, study: SchemeStudy, *, footer: tables.Footer, labels: Mapping[str, str] = LABELS
) -> Scheme:
    """Write the three tables with their sources, their workbook, the layer, the chart and the map.

    Parameters
    ----------
    folder
        Made if absent; files of the same names are replaced.
    study
        The three tables, and what lies under their map.
    footer
        Sources, constants and warnings of them all.
    labels
        French headings of received columns.

    Raises
    ------
    UnwritableFile
        The folder or a file cannot be written.

    Examples
    --------
    >>> from artois_geo import example
    >>> import tempfile
    >>> site = example.square(x_km=0, y_km=0, side_km=1, object="terrain 0", object_kind=PLOT, name="Parc")
    >>> pillars = Pillars(site, potential=pd.DataFrame(columns=["sector"]), governance=pd.DataFrame())
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     scheme = write(Path(folder), SchemeStudy(pillars), footer=tables.Footer())
    ...     sorted(path.name for path in scheme.files)[:2]
    ['1_foncier_et_infrastructures.csv', '1_foncier_et_infrastructures.sources.csv']
    """
    store.make_folder(folder)
    pillars, land = study.pillars, study.pillars.land
    located = gpd.GeoDataFrame(land[land.geometry.notna()])
    contents = _tables(pillars, footer, labels)
    paths = [_write_bytes(folder / name, content) for name, content in contents.items()]
    layers.write(located, folder / LAYER)
    paths.append(folder / LAYER)
    if len(pillars.potential):
        paths.append(_write_bytes(folder / CHART, _chart(pillars.potential).encode()))
    notes = " ".join(note for note in footer.notes if "schématique" in note)
    paths.append(_write_bytes(folder / MAP, _page(located, study, notes)))
    return Scheme(folder, tuple(paths), land, pillars.potential, pillars.governance)


def _tables(pillars: Pillars, footer: tables.Footer, labels: Mapping[str, str]) -> dict[str, bytes]:
    """Return the files of the three tables, each with its sources, then their workbook, by name."""
    land = pd.DataFrame(pillars.land.drop(columns=pillars.land.geometry.name))
    by_file = {LAND: land, POTENTIAL: pillars.potential, GOVERNANCE: pillars.governance}
    sources = tables.to_csv(tables.sources_table(footer))
    contents = {}
    for name, table in by_file.items():
        contents[f"{name}.csv"] = tables.to_csv(table)
        contents[f"{name}{tables.SOURCES}"] = sources
    titles = ("Foncier et infrastructures", "Potentiel par filière", "Gouvernance")
    sheets = {
        title: table for title, table in zip(titles, by_file.values(), strict=True) if len(table.columns)
    }
    contents[WORKBOOK] = tables.to_xlsx(sheets, footer, labels=labels)
    return contents


def _chart(potential: pd.DataFrame) -> str:
    """Draw the potential of each sector, its scenarios together."""
    return charts.bars(
        potential.sort_values("sector", kind="stable"),
        charts.BarColumns("sector", "potential_t", group="scenario"),
        title="Potentiel fluvial par filière",
        unit="t/an",
    )


def _page(located: gpd.GeoDataFrame, study: SchemeStudy, notes: str) -> bytes:
    """Write the map of the plots and the quays, over waterways and towns, as one offline page."""
    plots, quays = located["object_kind"] == PLOT, located["object_kind"] != PLOT
    features = {
        "Foncier": located[plots].rename(columns={"name": "nom"}),
        "Quais et ports": located[quays].rename(columns={"name": "quai_nom"}),
        **study.background,
    }
    records = {title: result_map.described(title, kind, SOURCE) for title, kind in DRAWN.items()}
    carte = maps.build(
        {title: frame for title, frame in features.items() if len(frame)},
        layers={**records, **study.described},
        title=" · ".join(part for part in (TITLE, study.territory) if part),
        subtitle=notes,
    )
    return maps.standalone(carte).encode()


def _write_bytes(path: Path, content: bytes) -> Path:
    store.replace(path, content)
    return path
