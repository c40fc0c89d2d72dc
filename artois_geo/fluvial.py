"""The fluvial scheme in one folder: its three pillars as linked tables, and one offline map."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from artois_geo import canal, charts, errors, layers, maps, tables
from artois_geo.layers import Layer, store

LAND, POTENTIAL, GOVERNANCE = "1_foncier_et_infrastructures", "2_potentiel_par_filiere", "3_gouvernance"
LAYER, WORKBOOK, MAP, CHART = (
    "foncier_et_infrastructures.geojson",
    "schema_fluvial.xlsx",
    "carte.html",
    "potentiel.svg",
)
TITLE = "Schéma fluvial de l'Artois"
PLOT = "terrain"
FIGURES = (
    "waterway_name",
    "waterway_cemt",
    "waterway_m",
    "waterway_low_m",
    "waterway_high_m",
    "waterway_origin",
    "frontage_m",
    "frontage_origin",
    "frontage_source",
    "frontage_reason",
    "frontage_class",
    "berth_class",
    "berth_reason",
    "ring",
    "ring_origin",
    "ring_source",
    "ring_reason",
)
DRAWN = {"Foncier": "site_desservi", "Quais et ports": "quai", "Voies d'eau": "voie_eau"}  # layer -> kind


@dataclass(frozen=True)
class Scheme:
    """A folder that was written, and its three tables, linked by ``object``."""

    folder: Path
    files: tuple[Path, ...]
    land: gpd.GeoDataFrame
    potential: pd.DataFrame
    governance: pd.DataFrame


def land_table(
    front: gpd.GeoDataFrame,
    quays: gpd.GeoDataFrame,
    *,
    name: str,
    sector: str | None,
    quay_name: str,
    family: str,
) -> gpd.GeoDataFrame:
    """Build pillar 1: plots with their bank, and quays, in one layer whose ``object`` links the other tables.

    Parameters
    ----------
    front
        From ``canal.waterside``.
    quays
        Quays and ports, EPSG:2154; a published length (``quai_publie_m``) is their frontage.
    name, sector
        Columns of ``front``: name of the plot, and its sector (pillar 2).
    quay_name, family
        Columns of ``quays``.

    Examples
    --------
    >>> site = plain.square(x_km=0, y_km=0, side_km=1, nom="Parc", ring="arrière-quai")
    >>> quay = plain.point(x_km=3, y_km=0, nom="Port", famille="quai")
    >>> table = land_table(site, quay, name="nom", sector=None, quay_name="nom", family="famille")
    >>> table[["object", "object_kind", "name"]].values.tolist()
    [['terrain 0', 'terrain', 'Parc'], ['quai 0', 'quai', 'Port']]
    """
    plot_columns = [
        column for column in (*FIGURES, "geometrie", "precision_m", "source") if column in front.columns
    ]
    plots = front[[*plot_columns, front.geometry.name]].assign(
        object=[f"{PLOT} {label}" for label in front.index],
        object_kind=PLOT,
        name=front[name],
        sector=front[sector] if sector else None,
    )
    quay_columns = [column for column in ("geometrie", "precision_m", "source") if column in quays.columns]
    docks = quays[[*quay_columns, quays.geometry.name]].assign(
        object=[f"{kind} {label}" for label, kind in quays[family].items()],
        object_kind=quays[family],
        name=quays[quay_name],
        sector=None,
        **canal.quay_lengths(quays),
    )
    pillar = gpd.GeoDataFrame(pd.concat([plots, docks], ignore_index=True), crs=front.crs)
    leading_columns = ["object", "object_kind", "name", "sector"]
    return pillar[[*leading_columns, *[column for column in pillar.columns if column not in leading_columns]]]


def write(
    folder: Path,
    *,
    land: gpd.GeoDataFrame,
    potential: pd.DataFrame,
    governance: pd.DataFrame,
    footer: tables.Footer,
    background: Mapping[str, gpd.GeoDataFrame],
    described: Mapping[str, Layer],
    labels: Mapping[str, str],
) -> Scheme:
    """Write the three tables with their sources, their workbook, the layer, the chart and the map.

    Parameters
    ----------
    folder
        Made if absent; files of the same names are replaced.
    land, potential, governance
        The three pillars; ``potential`` may have no row, where no sector was given.
    footer
        Sources, constants and warnings of them all.
    background, described
        Other layers of the map (waterways, communes), and what the catalogue says of layers.
    labels
        French headings of received columns.

    Raises
    ------
    UnwritableFile
        The folder or a file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> site = plain.square(x_km=0, y_km=0, side_km=1, object="terrain 0", object_kind=PLOT, name="Parc")
    >>> empty = pd.DataFrame(columns=["sector"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     scheme = write(Path(folder), land=site, potential=empty, governance=empty,
    ...                  footer=tables.Footer(), background={}, described={}, labels={})
    ...     sorted(path.name for path in scheme.files)[:2]
    ['1_foncier_et_infrastructures.csv', '1_foncier_et_infrastructures.sources.csv']
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise errors.UnwritableFile(f"{folder} : {errors.reason(error)}.") from error
    pillars = {
        LAND: pd.DataFrame(land.drop(columns=land.geometry.name)),
        POTENTIAL: potential,
        GOVERNANCE: governance,
    }
    beside = tables.to_csv(tables.sources_table(footer))
    paths = []
    for name, table in pillars.items():
        paths.append(_write_bytes(folder / f"{name}.csv", tables.to_csv(table)))
        paths.append(_write_bytes(folder / f"{name}{tables.SOURCES}", beside))
    titles = ("Foncier et infrastructures", "Potentiel par filière", "Gouvernance")
    sheets = {
        title: table for title, table in zip(titles, pillars.values(), strict=True) if len(table.columns)
    }
    paths.append(_write_bytes(folder / WORKBOOK, tables.to_xlsx(sheets, footer, labels=labels)))
    located = gpd.GeoDataFrame(land[land.geometry.notna()])
    layers.write(located, folder / LAYER)
    paths.append(folder / LAYER)
    if len(potential):
        chart = charts.bars(
            potential.sort_values("sector", kind="stable"),  # the scenarios of a sector together
            label="sector",
            value="potential_t",
            group="scenario",
            title="Potentiel fluvial par filière",
            unit="t/an",
        )
        paths.append(_write_bytes(folder / CHART, chart.encode()))
    plots, quays = located["object_kind"] == PLOT, located["object_kind"] != PLOT
    frames = {
        "Foncier": located[plots].rename(columns={"name": "nom"}),
        "Quais et ports": located[quays].rename(columns={"name": "quai_nom"}),
        **background,
    }
    frames = {title: frame for title, frame in frames.items() if len(frame)}
    notes = " ".join(note for note in footer.notes if "schématique" in note)
    carte = maps.build(frames, layers=described, title=TITLE, subtitle=notes)
    paths.append(_write_bytes(folder / MAP, maps.standalone(carte).encode()))
    return Scheme(folder, tuple(paths), land, potential, governance)


def who(land: gpd.GeoDataFrame, *, columns: Mapping[str, str], text: Sequence[str] = ()) -> pd.DataFrame:
    """Build pillar 3: who owns, runs and decides for each object of pillar 1.

    Parameters
    ----------
    land
        From :func:`land_table`, with the columns named below.
    columns
        Columns for the parts ``name``, ``owner``, ``manager``, ``text``, ``source`` of ``canal.governance``.
    text
        More columns whose text may name an owner or a concession.

    Examples
    --------
    >>> quay = plain.point(x_km=0, y_km=0, object="quai 0", object_kind="quai", name="Port")
    >>> table = who(quay.assign(dit="concession=VNF"), columns={"name": "name", "text": "dit"})
    >>> table[["object", "manager"]].values.tolist()
    [['quai 0', 'VNF']]
    """
    objects = land.copy()
    parts = dict(columns)
    if text:
        joined = objects[list(text)].astype("string").fillna("").agg(";".join, axis=1)
        objects["_text"] = joined
        parts["text"] = "_text"
    table = canal.governance({"": objects}, columns={"": parts})
    return table.assign(object=objects["object"].to_numpy(), object_kind=objects["object_kind"].to_numpy())


def _write_bytes(path: Path, content: bytes) -> Path:
    store.replace(path, content)
    return path
