"""People, jobs or hectares within walking distance of parks and greenways (``trame desserte``)."""

import re
from collections.abc import Collection, Sequence
from pathlib import Path

import geopandas as gpd
import pandas as pd

from artois_geo import corridors, layers, whatif
from artois_geo.layers import Layer
from artois_geo.studies import data_warnings
from artois_geo.studies.assumptions import Assumptions
from artois_geo.studies.corridors import features
from artois_geo.studies.corridors.requests import WalkRequest
from artois_geo.studies.input_checks import LINES, POINTS, POLYGONS
from artois_geo.studies.study_table import StudyTable

PEOPLE = re.compile(r"pop|hab|(^|_)ind(_|$)", re.IGNORECASE)  # a column that counts inhabitants
MEASURE = re.compile(r"(^|_)(ha|m2|km|m|t|surf|surface)(_|$)")  # one that measures, and counts nobody
FIGURES = ("served", "total")
HEADS = "hab."  # the unit of kinds for those who are counted whole
BY_AIR = "À vol d'oiseau faute de rues : la distance à pied est plus longue."
ANY_SHAPE = (POLYGONS, LINES, POINTS)
PLACES_ADVICE = "Donner des parcs, des voies vertes ou des stations qui ont une géométrie."
PEOPLE_ADVICE = "Donner à --population des carreaux, des communes, des établissements ou des zones."
STREETS_ADVICE = "Une distance à pied suit des lignes : donner une couche de rues ou de chemins."


def study(places: Layer | Path, request: WalkRequest) -> StudyTable:
    """Sum what lies within walking distance of parks, greenways or stations.

    Parameters
    ----------
    places
        Any geometry.
    request
        Population, distances, streets, and what a project adds.

    Raises
    ------
    BadTable
        A layer has none of the shapes that are measured, or a column is absent.

    Examples
    --------
    >>> from datetime import date
    >>> catalogue = layers.read_catalogue()
    >>> absent = dict.fromkeys(("streets", "increment", "added_streets", "level"))
    >>> counted = {"population": catalogue["communes"], "counts": ("pop_municipale",)}
    >>> request = WalkRequest(**counted, distances_m=(), **absent, day=date(2026, 12, 8))
    >>> study(catalogue["chaine_des_parcs"], request).table["distance_m"].tolist()
    [300.0, 600.0, 900.0]
    """
    assumptions = Assumptions(request.day)
    distances_m = request.distances_m or tuple(assumptions.value("green_access_m").values())
    people = features.read(request.population, ANY_SHAPE, PEOPLE_ADVICE)
    base = features.read(places, ANY_SHAPE, PLACES_ADVICE)
    streets = None if request.streets is None else features.read(request.streets, advice=STREETS_ADVICE)
    measures = _measures(request.counts, request.population)

    def served(origins: gpd.GeoDataFrame, lines: gpd.GeoDataFrame | None) -> pd.DataFrame:
        zones = _zones(origins, lines, distances_m, request.level, assumptions)
        return _whole_people(corridors.served(people, zones, counts=request.counts), measures)

    table = served(base, streets)
    if request.increment is not None or request.added_streets is not None:
        increment, added_streets = (
            None if layer is None else features.read(layer, shapes, advice)
            for layer, shapes, advice in (
                (request.increment, ANY_SHAPE, PLACES_ADVICE),
                (request.added_streets, (LINES,), STREETS_ADVICE),
            )
        )
        more_streets = None if streets is None else features.with_increment(streets, added_streets)
        table = whatif.compare(
            table,
            served(features.with_increment(base, increment), more_streets),
            keys=["distance_m", "method", "count"],
            columns=["served", "served_share"],
        )
    return StudyTable(
        table,
        "Desserte",
        sources=features.sources(
            places, request.population, request.streets, request.increment, request.added_streets
        ),
        constants=assumptions.used,
        notes=[
            *([] if streets is not None else [BY_AIR]),
            *_sharing_notes(people, request.population, request.counts),
            *data_warnings.warnings(base),
            *data_warnings.warnings(people),
        ],
    )


def _zones(
    places: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame | None,
    distances_m: Sequence[float],
    level: str | None,
    assumptions: Assumptions,
) -> gpd.GeoDataFrame:
    """Return the ground within each distance of places, by the streets where there are some."""
    if streets is None:
        return corridors.zones(places, distances_m=distances_m)
    band = assumptions.value("green_street_band_m")
    graph = features.build_network(streets, assumptions.value("corridor_snap_m"), level, "separes")
    return corridors.zones(
        places, distances_m=distances_m, streets=graph, entrance_m=band["entree"], band_m=band["bande"]
    )


def _sharing_notes(people: gpd.GeoDataFrame, population: Layer | Path, counts: Sequence[str]) -> list[str]:
    """Say how the count of a polygon was cut where only a part of it is served."""
    if not (people.geometry.area > 0).any():
        return []
    is_towns = getattr(population, "kind", "").startswith("commune") or "comm_insee" in people
    polygon = "la commune" if is_towns else "chaque polygone de la couche"
    if any(PEOPLE.search(name) for name in counts):
        return [f"Population supposée répartie également dans {polygon} : comptée au prorata de la surface."]
    names = ", ".join(counts)
    return [f"{names} : supposé réparti également dans {polygon}, compté au prorata de la surface."]


def _measures(counts: Sequence[str], population: Layer | Path) -> set[str]:
    """Find the counts that measure, as hectares do; the others count people or jobs, which are whole."""
    kind = getattr(population, "kind", "")
    fields = layers.read_kind(kind).fields if kind in layers.kinds() else ()
    units = {field.name: field.unit for field in fields}
    return {name for name in counts if MEASURE.search(name) or units.get(name) not in {None, "", HEADS}}


def _whole_people(table: pd.DataFrame, measures: Collection[str]) -> pd.DataFrame:
    """Round people, in numbers that keep no decimal beside hectares that have some."""
    is_measure = table["count"].isin(measures)
    rounded = {name: table[name].round().astype("Int64").astype(object) for name in FIGURES}
    return table.assign(**{name: count.where(~is_measure, table[name]) for name, count in rounded.items()})
