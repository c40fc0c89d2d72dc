"""The map of two tables of constraints on the same sites: what is lost, gained and the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from artois_geo.maps import Amount, Step
from artois_geo.maps.results.records import LESS, MORE, START, TOTAL
from artois_geo.studies.land.maps import causes
from artois_geo.studies.result_map import ResultLayer, ResultMap
from artois_geo.studies.results import calculation, places, words
from artois_geo.studies.results.calculation import SITE_DECIMALS, TOTAL_DECIMALS
from artois_geo.studies.results.words import Texts
from artois_geo.studies.study_table import StudyTable

SAME, UNMEASURED = "les deux", "non mesuré"  # states, beside the names of the two tables


@dataclass(frozen=True)
class LandDifference:
    """Hold what two tables of constraints leave of the same sites.

    ``parts`` and ``differences`` as :class:`artois_geo.studies.land.comparison.ComparedLand` gives them;
    ``measured_ha``: what each leaves of the measured sites; ``tables``: the constraints of each.
    """

    names: tuple[str, str]
    sites: gpd.GeoDataFrame
    parts: gpd.GeoDataFrame
    differences: pd.DataFrame
    measured_ha: tuple[float, float]
    tables: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]
    study_table: StudyTable


def compared_map(compared: LandDifference) -> ResultMap:
    """Draw what one table of constraints leaves and the other does not, the largest differences first.

    Parameters
    ----------
    compared
        Both states of the sites.
    """
    first, second = compared.names
    before_ha, after_ha = compared.measured_ha
    parts = dict(iter(compared.parts.groupby("state", sort=False)))
    balance = _balance(parts, compared.names, before_ha, after_ha)
    texts = {
        "same": _hectares_of(parts.get(SAME)),
        "lost": balance[1].amount,
        "gained": balance[2].amount,
    }
    steps = _steps_by_site(compared)
    layers = [
        *_layer(parts, SAME, words.phrase("compared.same", ha=texts["same"]), steps),
        *_layer(parts, first, words.phrase("compared.lost", first=first, ha=texts["lost"]), steps),
        *_layer(parts, second, words.phrase("compared.gained", second=second, ha=texts["gained"]), steps),
        *_layer(parts, UNMEASURED, words.phrase("compared.unmeasured"), {}),
        *_constraint_layers(compared),
    ]
    title = words.phrase(
        "compared.title",
        first=first,
        second=second,
        before=balance[0].amount,
        after=balance[-1].amount,
        difference=_signed(calculation.units(after_ha, 1) - calculation.units(before_ha, 1)),
    )
    subtitle = words.phrase("compared.subtitle")
    notes = list(compared.study_table.notes)
    sources = compared.study_table.sources
    return ResultMap(layers, title, subtitle, sources, balance, words.phrase("area.convention"), notes)


def _balance(
    parts: Mapping[object, gpd.GeoDataFrame], names: tuple[str, str], before_ha: float, after_ha: float
) -> list[Step]:
    """Compute the hectares of both states and of what changes; the printed figures add up."""
    first, second = names
    before, after, gained = (
        calculation.units(ha, TOTAL_DECIMALS) for ha in (before_ha, after_ha, _area_ha(parts.get(second)))
    )
    lost_ha = before + gained - after
    if lost_ha < 0:
        lost_ha, gained = 0, after - before
    lines = (
        (words.phrase("compared.before", name=first), before, START),
        (words.phrase("compared.less"), lost_ha, LESS),
        (words.phrase("compared.more"), gained, MORE),
        (words.phrase("compared.after", name=second), after, TOTAL),
    )
    return [
        Step(label, words.hectares(count / 10**TOTAL_DECIMALS, TOTAL_DECIMALS), sign)
        for label, count, sign in lines
    ]


def _steps_by_site(compared: LandDifference) -> dict[object, list[Step]]:
    """Write, for each site, what it had, lost and gained, and has."""
    first, second = compared.names
    table = compared.differences
    steps = {}
    for label, row in table.iterrows():
        before, after, gained = (
            calculation.units(float(row[name]), SITE_DECIMALS)
            for name in ("first_ha", "second_ha", "second_only_ha")
        )
        lost_ha = before + gained - after
        lines = [(words.phrase("compared.before", name=first), before, START)]
        lines += [(words.phrase("compared.less"), lost_ha, LESS)] if lost_ha else []
        lines += [(words.phrase("compared.more"), gained, MORE)] if gained else []
        lines.append((words.phrase("compared.after", name=second), after, TOTAL))
        steps[label] = [
            Step(text, words.hectares(count / 10**SITE_DECIMALS, SITE_DECIMALS), sign)
            for text, count, sign in lines
        ]
    return steps


def _layer(
    parts: Mapping[object, gpd.GeoDataFrame],
    state: str,
    title: Texts,
    steps: Mapping[object, list[Step]],
) -> list[ResultLayer]:
    part = parts.get(state)
    if part is None:
        return []
    amounts = [
        Amount(
            words.hectares(area_ha),
            order=area_ha if area_ha == area_ha else -1.0,
            steps=steps.get(label, []),
        )
        for label, area_ha in zip(part.index, part["area_ha"], strict=True)
    ]
    return [ResultLayer(places.named(part), str(part["kind"].iloc[0]), title, amounts)]


def _constraint_layers(compared: LandDifference) -> list[ResultLayer]:
    """Draw the ground of the constraints of both tables, each once, under the tables that hold it."""
    covers: dict[str, list[str]] = {}
    shapes: dict[tuple[str, str], Any] = {}
    for name, table in zip(compared.names, compared.tables, strict=True):
        around = causes.surroundings(compared.sites, table)
        for cause, ground in around.items():
            twin = next((key for key in shapes if key[0] == cause and shapes[key].equals(ground)), None)
            key = twin or (cause, name)
            shapes.setdefault(key, ground)
            covers.setdefault(str(key), []).append(name)
    layers = []
    for key, ground in shapes.items():
        held_by = covers[str(key)]
        title = key[0] if len(held_by) > 1 else f"{key[0]} ({held_by[0]})"
        frame = gpd.GeoDataFrame({places.NAME: [title]}, geometry=[ground], crs=compared.sites.crs)
        layers.append(ResultLayer(frame, causes.KIND, title))
    return layers


def _area_ha(part: gpd.GeoDataFrame | None) -> float:
    return 0.0 if part is None else causes.hectares_of(part)


def _hectares_of(part: gpd.GeoDataFrame | None) -> Texts:
    return words.hectares(_area_ha(part), TOTAL_DECIMALS)


def _signed(count: int) -> Texts:
    """Write a difference with its sign, in each language."""
    sign = "+" if count > 0 else "−" if count < 0 else "±"
    figure = words.hectares(abs(count) / 10**TOTAL_DECIMALS, TOTAL_DECIMALS)
    return {lang: f"{sign} {text}" for lang, text in figure.items()}
