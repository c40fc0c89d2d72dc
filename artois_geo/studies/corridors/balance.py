"""Kilometres of greenways by state, and by territory (``trame bilan``)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from artois_geo import charts, corridors, layers, meaning, text
from artois_geo.layers import Layer
from artois_geo.studies import data_warnings, input_checks
from artois_geo.studies.assumptions import Assumptions
from artois_geo.studies.corridors import features
from artois_geo.studies.corridors.requests import BalanceRequest
from artois_geo.studies.study_table import StudyTable

if TYPE_CHECKING:
    from artois_geo.studies.result_map import ResultMap

STATE, LENGTH, COUNTED = "corridor_etat", "longueur_km", meaning.COUNTED
COMPUTED_STATE = "state"
M_PER_KM = 1000
UNKNOWN = "inconnu"
KILOMETRES = ("network_km", "published_km", "network_km_with", "published_km_with")
FACILITIES = {"ame_d", "ame_g"}  # columns of a cycling layer
ADVICE = "Un linéaire se mesure sur des lignes : donner une couche de voies (voies vertes, chemins)."
ZONES_ADVICE = "Un territoire est une surface : donner à --territoires une couche de communes ou d'EPCI."


@dataclass(frozen=True)
class BalanceStudy:
    """Hold the table of kilometres, and its chart (SVG) where one was asked for."""

    table: StudyTable
    chart: str | None = None


def study(layer: Layer | Path, request: BalanceRequest, *, with_chart: bool = False) -> BalanceStudy:
    """Sum the kilometres of a layer of ways by state, and by territory where polygons are given.

    Parameters
    ----------
    layer
        Lines; those that it sets aside from totals (``compte_dans_total``) are left out.
    request
        Columns, territories, and what a project adds.
    with_chart
        Draw the kilometres too.

    Raises
    ------
    BadTable
        The layer has no line and publishes no length, or a column is absent.

    Examples
    --------
    >>> from datetime import date
    >>> from artois_geo import layers
    >>> absent = dict.fromkeys(("state", "published_km", "zones", "key", "increment", "snap_m"))
    >>> request = BalanceRequest(facilities=("VOIE VERTE",), day=date(2026, 12, 8), **absent)
    >>> answer = study(layers.read_catalogue()["voies_vertes"], request).table.table
    >>> answer[["network_km", "published_km"]].values.tolist()  # schematic: never measured
    [[nan, 40.4]]
    """
    assumptions = Assumptions(request.day)
    zones = None
    if request.zones is not None:
        zones = features.read(request.zones, [input_checks.POLYGONS], ZONES_ADVICE)
    snap_m = assumptions.value("corridor_snap_m", request.snap_m)
    ways = _read_ways(layer, request.published_km)
    published = request.published_km or _published_column(ways)
    increment = None if request.increment is None else _read_ways(request.increment, published)
    state = request.state or _state_column(ways)

    def summed(lines: gpd.GeoDataFrame) -> pd.DataFrame:
        counted = _with_state(_counted(lines), state, request.facilities)
        return corridors.balance(
            counted, zones, state=state, key=request.key, snap_m=snap_m, published_km=published
        )

    table = features.compared(
        summed(ways),
        None if increment is None else summed(features.with_increment(ways, increment)),
        keys=[*([request.key] if request.key else []), state],
        columns=["network_km", "drawn_km", *(["published_km", "unmeasured_lines"] if published else [])],
        is_summed=published is None,
    )
    answer = StudyTable(
        table,
        "Linéaire par état",
        sources=features.sources(layer, request.zones, request.increment),
        constants=assumptions.used,
        notes=[
            *([_outside_note(table, request.key)] if request.key else []),
            *_state_notes(ways, state),
            *_line_notes(ways, published),
            *data_warnings.warnings(ways),
        ],
        labels={COMPUTED_STATE: "État"},
    )
    return BalanceStudy(answer, _chart(table, request.key, state) if with_chart else None)


def drawn(layer: Layer | Path, request: BalanceRequest, answer: BalanceStudy) -> "ResultMap":
    """Draw the ways by state, with what a project adds, and the kilometres of the table.

    Parameters
    ----------
    layer, request
        As for :func:`study`.
    answer
        What it returned.
    """
    from artois_geo.studies.corridors import way_maps  # here: a table does not wait for folium

    ways = _read_ways(layer, request.published_km)
    state = request.state or _state_column(ways)
    if request.increment is not None:
        published = request.published_km or _published_column(ways)
        ways = features.with_increment(ways, _read_ways(request.increment, published))
    counted = _with_state(_counted(ways), state, request.facilities)
    labels = counted[state].astype(object).where(counted[state].notna(), UNKNOWN)
    table = answer.table.table
    columns = [name for name in KILOMETRES if name in table.columns]
    states = table[state].astype(object).where(table[state].notna(), UNKNOWN)
    kilometres = table[columns].fillna(0.0).sum(axis=1).groupby(states).sum()
    length_km = (counted.geometry.length / M_PER_KM).mask(
        meaning.schematic(counted) | counted.geometry.isna()
    )
    published = request.published_km or _published_column(ways)
    if published is not None:
        length_km = length_km.fillna(pd.to_numeric(counted[published], errors="coerce"))
    return way_maps.state_map(counted.assign(state=labels, length_km=length_km), kilometres, answer.table)


def _read_ways(layer: Layer | Path, published_km: str | None) -> gpd.GeoDataFrame:
    """Read ways: lines, or objects that cannot be measured and of which a length is published."""
    ways = layers.read(layer)
    if published_km is None and _published_column(ways) is None:
        input_checks.require_shapes(ways, layer, [input_checks.LINES], advice=ADVICE)
    return ways


def _published_column(ways: gpd.GeoDataFrame) -> str | None:
    """Return the column of published lengths, where lines that cannot be measured need one."""
    unmeasured = ways.geometry.isna() | meaning.schematic(ways)
    return LENGTH if LENGTH in ways.columns and unmeasured.any() else None


def _state_column(ways: gpd.GeoDataFrame) -> str:
    """Return the column of the state when none is named: that of the standard, or the one we work out."""
    return STATE if STATE in ways.columns else COMPUTED_STATE


def _with_state(ways: gpd.GeoDataFrame, column: str, facilities: Sequence[str]) -> gpd.GeoDataFrame:
    """Give lines their state: as their layer says it, worked out of a cycling layer, or unknown."""
    if column != COMPUTED_STATE or column in ways.columns:
        return ways
    if not FACILITIES & set(ways.columns):
        return ways.assign(**{COMPUTED_STATE: None})
    state = corridors.cycle_state(ways, facilities=facilities)
    return ways.assign(**{COMPUTED_STATE: state})[state.notna()]


def _counted(ways: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep the lines that their layer does not set aside from totals."""
    return ways[meaning.true_rows(ways, COUNTED)] if COUNTED in ways.columns else ways


def _state_notes(ways: gpd.GeoDataFrame, column: str) -> list[str]:
    if column in ways.columns or FACILITIES & set(ways.columns):
        return []
    return ["La couche ne dit pas l'état de ses voies : état « inconnu » (--etat COLONNE en nomme une)."]


def _line_notes(ways: gpd.GeoDataFrame, published_km: str | None) -> list[str]:
    """Say what was set aside, and what could not be measured."""
    aside = len(ways) - len(_counted(ways))
    total = f"Voies hors total d'après leur couche (colonne {COUNTED}) : {aside} sur {len(ways)}."
    notes = [total] if aside else []
    if published_km:
        notes.append("Un tracé schématique ou absent ne se mesure pas : sa longueur publiée est à part.")
    return notes


def _outside_note(table: pd.DataFrame, key: str) -> str:
    outside_km = next(name for name in table.columns if str(name).startswith("network_km"))
    total_km = float(table.loc[table[key].isna(), outside_km].sum())
    return f"Hors de tout territoire : {text.number(total_km, 1)} km (territoire vide)."


def _chart(table: pd.DataFrame, key: str | None, state: str) -> str:
    """Draw the kilometres of each territory, one bar a state; those of base and project stand together."""
    sides = {"network_km": "", "network_km_base": "base", "network_km_with": "avec l'ajout"}
    states = table[state].astype(str)
    territories = table[key].astype("string").fillna("hors territoire").astype(str) if key else states
    pieces = []
    for column, side in sides.items():
        if column in table.columns:
            groups = states + (f", {side}" if side else "") if key else side
            pieces.append(pd.DataFrame({"territory": territories, "km": table[column], "group": groups}))
    return charts.bars(
        pd.concat(pieces).sort_values(["territory", "group"], kind="stable"),
        charts.BarColumns("territory", "km", group="group" if key or len(pieces) > 1 else None),
        title="Linéaire par territoire et par état" if key else "Linéaire par état",
        unit="km",
    )
