"""The map of the access to the water: sites by ring, the nearest first, with the places and the waterways."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from artois_geo import canal, land, meaning, shapes
from artois_geo.canal.waterside import BEHIND, NO_ROAD, OUT, REACH, WATERSIDE, WATERSIDE_PUBLISHED
from artois_geo.maps import Amount, Step
from artois_geo.maps.results.records import START
from artois_geo.studies.result_map import ResultLayer, ResultMap, waterways_layer
from artois_geo.studies.results import places as result_places
from artois_geo.studies.results import words
from artois_geo.studies.results.words import Texts
from artois_geo.studies.study_table import StudyTable

RINGS = {  # ring -> its words, and the kind of its drawing, in the order of the legend
    WATERSIDE: ("bank", "desserte_bord"),
    WATERSIDE_PUBLISHED: ("bank_published", "desserte_bord"),
    BEHIND: ("behind", "desserte_arriere"),
    REACH: ("reach", "desserte_bassin"),
    OUT: ("out", "desserte_hors"),
    NO_ROAD: ("no_road", "desserte_hors"),
}
UNDECIDED = ("undecided", "desserte_inconnue")
COUNTED = {  # in the title
    "at_bank": (WATERSIDE, WATERSIDE_PUBLISHED),
    "at_behind": (BEHIND,),
    "at_reach": (REACH,),
    "beyond": (OUT, NO_ROAD),
    "at_undecided": ("",),
}
ALWAYS = ("at_bank", "at_behind")
FACTS = (
    "waterway_cemt",
    "frontage_m",
    "frontage_origin",
    "frontage_reason",
    "berth_class",
    "ring_reason",
    "place",
)


def access_map(
    by_site: gpd.GeoDataFrame, served: gpd.GeoDataFrame, water: gpd.GeoDataFrame, study_table: StudyTable
) -> ResultMap:
    """Draw the sites by ring, the places that load boats, and the waterways.

    Parameters
    ----------
    by_site
        Sites with what ``canal desserte`` says of each.
    served
        Places, with ``nom`` and ``famille``.
    water
        Waterways, one feature per name.
    study_table
        The table that says it.
    """
    sources = list(study_table.sources)
    ring_of = by_site["ring"].astype(object).where(by_site["ring"].notna(), "")
    ring_layers = [
        ring_layer(by_site[ring_of == ring], ring) for ring in (*RINGS, "") if (ring_of == ring).any()
    ]
    located = served.rename(columns={"nom": "objet_nom", "famille": "objet_type"})
    return ResultMap(
        [
            *ring_layers,
            ResultLayer(located, "logistique", words.phrase("canal.places"), sources=sources),
            waterways_layer(water, sources),
        ],
        _title(ring_of),
        words.phrase("canal.subtitle"),
        sources,
        convention=words.joined([words.phrase("area.convention"), words.phrase("canal.convention")]),
        notes=list(study_table.notes),
        waterways=False,
    )


def _title(ring_of: pd.Series) -> Texts:
    """Count the sites by ring: the counts add up to the sites."""
    counts = {name: int(ring_of.isin(rings).sum()) for name, rings in COUNTED.items()}
    rings = [
        words.phrase(f"canal.{name}", n=count) for name, count in counts.items() if count or name in ALWAYS
    ]
    key = "canal.title_one" if len(ring_of) == 1 else "canal.title"
    return words.phrase(key, n=len(ring_of), rings=words.joined(rings, ", "))


def ring_layer(sites: gpd.GeoDataFrame, ring: str) -> ResultLayer:
    """Draw the sites of a ring with their hectares, the nearest to the water first; ``""``: no ring is known.

    Examples
    --------
    >>> from artois_geo import example
    >>> site = example.square(x_km=0, y_km=0, side_km=1, waterway_m=12.0, waterway_name="Canal")
    >>> ring_layer(site, WATERSIDE).titles["fr"]
    "Bord à voie d'eau, 1 site : 100,0 ha"
    """
    name, kind = RINGS.get(ring, UNDECIDED)
    key = "canal.ring_one" if len(sites) == 1 else "canal.ring"
    title = words.phrase(key, ring=words.phrase(f"canal.{name}"), n=len(sites), ha=_hectares(sites))
    frame = result_places.named(sites, names=canal.names(sites))
    frame = frame.assign(**{name: sites[name] for name in FACTS if name in sites})
    return ResultLayer(frame, kind, title, [_amount(row) for _, row in sites.iterrows()])


def _amount(row: pd.Series) -> Amount:
    """Write how far the water is: a distance, its bounds where the position is not known well, or unknown."""
    distance_m = row.get("waterway_m")
    text, order = _distance(row), float("-inf")
    if distance_m is not None and not pd.isna(distance_m):
        order = -float(distance_m)
    steps = [Step(words.phrase("canal.distance"), text, START)] if pd.notna(row.get("waterway_name")) else []
    if steps:
        steps.append(Step(words.phrase("canal.waterway"), words.same(str(row["waterway_name"])), START))
    return Amount(text, order=order if np.isfinite(order) else -1e9, steps=steps)


def _distance(row: pd.Series) -> Texts:
    low_m: Any = row.get("waterway_low_m")
    high_m: Any = row.get("waterway_high_m")
    distance_m: Any = row.get("waterway_m")
    if distance_m is None or pd.isna(distance_m):
        return words.phrase("area.unknown")
    bounded = not (pd.isna(low_m) or pd.isna(high_m))
    sketched = meaning.says_schematic(row.get(meaning.QUALITY)) or meaning.is_true(
        row.get("waterway_schematic")
    )
    if bounded and low_m < high_m and (sketched or pd.notna(row.get("ring_reason"))):
        return words.phrase("canal.range", low=(float(low_m), 0), high=(float(high_m), 0))
    return words.phrase("area.m", m=(float(distance_m), 0))


def _hectares(sites: gpd.GeoDataFrame) -> Texts:
    """Write what some sites measure together, those that cannot be measured as their sources publish them."""
    polygons = sites[shapes.are_polygons(sites)]
    unknown_count = len(sites) - len(polygons)
    known_ha = 0.0
    if len(polygons):
        gross = land.available(polygons, polygons.iloc[:0])
        unknown_count += int(gross["gross_ha"].isna().sum())
        known_ha = float(land.totals(polygons, gross.fillna({"gross_ha": 0.0}))["united_ha"])
    if not unknown_count:
        return words.hectares(known_ha, 1)
    if unknown_count == len(sites):
        return words.phrase("canal.no_area")
    return words.phrase("canal.at_least", ha=(known_ha, 1), n=unknown_count)
