"""What became what between two layers of surfaces: ground whose class differs, measured in Lambert-93."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from artois_geo import meaning, measure, overlay
from artois_geo.maps.numbers import colours
from artois_geo.maps.numbers.thematic import Themed
from artois_geo.maps.outlines import compact, simplify

SMALLEST_M2 = 1.0  # of a part that is drawn: below, two drawings of one limit differ, not the ground
POLYGONS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)

Entry = Mapping[str, Any]
Class = int | str | None  # an entry, words of its own, or None where a layer does not cover the ground


@dataclass(frozen=True)
class Passage:
    """Hold the ground that went from one class to another.

    ``before`` and ``after`` are entries of the legend, None where that layer does not cover the ground.
    ``parts`` are its pieces of one holding, the largest first, in EPSG:2154; ``hectares`` are those of all.
    """

    before: Entry | None
    after: Entry | None
    hectares: float
    parts: tuple[Any, ...]


@dataclass(frozen=True)
class Changes:
    """Hold the passages between two layers, the largest first, and what is in none of them, in hectares.

    ``slivers`` are passages whose parts are all smaller than 1 m²; ``unknown`` is ground whose class one of
    the layers does not state; ``sketches`` counts the schematic features, which are never measured.
    """

    passages: tuple[Passage, ...]
    unchanged: float
    unknown: float
    slivers: float
    sketches: int


def between(
    before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, *, themes: tuple[Themed, Themed] | None = None
) -> Changes | None:
    """Measure what differs between two layers; None where one of them has no surface to be compared.

    Parameters
    ----------
    before, after
        Features in EPSG:2154. Ground that a layer covers twice counts twice.
    themes
        Their classes, of one legend; without any, only ground that appears or goes differs.

    Examples
    --------
    A meadow of 100 ha, of which a quarter is built:

    >>> from artois_geo import example, maps
    >>> meadow = example.square(x_km=0, y_km=0, side_km=1, type="pré")
    >>> built = example.rectangle(x_km=0, y_km=0, width_km=1, height_km=0.25, type="bâti")
    >>> rest = example.rectangle(x_km=0, y_km=0.25, width_km=1, height_km=0.75, type="pré")
    >>> frames = {"2018": meadow, "2024": pd.concat([built, rest])}
    >>> changes = maps.build(frames, compare=("2018", "2024")).page.changes
    >>> [(p.before["label"], p.after["label"], p.hectares) for p in changes.passages], changes.unchanged
    ([('pré', 'bâti', 25.0)], 75.0)
    """
    sketches = sum(int(meaning.schematic(frame).sum()) for frame in (before, after))
    sides = [_surfaces(frame) for frame in (before, after)]
    if any(len(side) == 0 for side in sides):
        return None
    classes = [_classes(frame, themes[i] if themes else None) for i, frame in enumerate((before, after))]
    first, second = (gpd.GeoDataFrame(geometry=side, crs=measure.LAMBERT93) for side in sides)
    pieces = overlay.intersections(first, second)
    rows = [sides[0].index[pieces["feature_row"]], sides[1].index[pieces["zone_row"]]]
    shared = gpd.GeoDataFrame(
        {"before": [classes[0][row] for row in rows[0]], "after": [classes[1][row] for row in rows[1]]},
        geometry=pieces.geometry.to_numpy(),
        crs=measure.LAMBERT93,
    )
    gone = _alone(first, second, pieces, "feature_row", "zone_row")
    came = _alone(second, first, pieces, "zone_row", "feature_row")
    alone = [
        *((classes[0][sides[0].index[row]], None, shape) for row, shape in gone),
        *((None, classes[1][sides[1].index[row]], shape) for row, shape in came),
    ]
    return _sorted_out(shared, alone, themes, sketches)


def payload(changes: Changes) -> dict[str, Any]:
    """Collect what the script of the page reads: passages, then their parts as outlines of whole numbers."""
    parts = [part for passage in changes.passages for part in passage.parts]
    shapes = gpd.GeoSeries(parts, crs=measure.LAMBERT93)
    tolerance = simplify.tolerance_m(shapes) if parts else 1.0
    zoom = simplify.precision_zoom(tolerance)
    light = simplify.lightened(shapes, tolerance).to_crs(compact.WEB_MERCATOR).to_numpy()
    return {
        "passages": [
            {
                "before": passage.before,
                "after": passage.after,
                "ha": round(passage.hectares, 4),
                "areas": [round(part.area / measure.M2_PER_HA, 4) for part in passage.parts],
            }
            for passage in changes.passages
        ],
        "shapes": {"outlines": compact.text_of(compact.outlines(light, zoom)), "zoom": zoom},
        "unchanged": round(changes.unchanged, 4),
        "unknown": round(changes.unknown, 4),
        "slivers": round(changes.slivers, 4),
        "sketches": changes.sketches,
    }


def _surfaces(frame: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Return the polygons of a layer that are no sketch, valid, under the positions of their rows."""
    shapes = gpd.GeoSeries(frame.geometry.to_numpy(), crs=measure.LAMBERT93)
    flat = shapely.force_2d(shapes.to_numpy())
    is_surface = np.isin(shapely.get_type_id(flat), POLYGONS) & ~shapely.is_empty(flat)
    surface_ranks = np.flatnonzero(is_surface & ~meaning.schematic(frame))
    valid = shapely.make_valid(flat[surface_ranks], method="structure", keep_collapsed=False)
    return gpd.GeoSeries(valid, index=surface_ranks, crs=measure.LAMBERT93)


def _classes(frame: gpd.GeoDataFrame, themed: Themed | None) -> list[Class]:
    """Return the class of each feature: its entry, or its own words where the entry holds several."""
    if themed is None:
        return [0] * len(frame)
    values = frame[themed.column].tolist()
    return [
        str(value) if themed.entries[look].get("mixed") else look
        for look, value in zip(themed.looks, values, strict=True)
    ]


def _alone(
    features: gpd.GeoDataFrame, others: gpd.GeoDataFrame, pieces: pd.DataFrame, own: str, other: str
) -> Iterator[tuple[int, Any]]:
    """Yield what of each feature no feature of the other layer covers."""
    covered = pieces.groupby(own)["piece_ha"].sum().reindex(range(len(features)), fill_value=0.0)
    missing_m2 = features.area.to_numpy() - covered.to_numpy() * measure.M2_PER_HA
    partners = pieces.groupby(own)[other].agg(list)
    shapes = features.geometry.to_numpy()
    for row in np.flatnonzero(missing_m2 > SMALLEST_M2):
        if row not in partners.index:
            yield int(row), shapes[row]
        else:
            union = shapely.union_all(others.geometry.to_numpy()[partners[row]])
            yield int(row), shapely.difference(shapes[row], union)


def _sorted_out(
    shared: gpd.GeoDataFrame,
    alone: Sequence[tuple[Class, Class, Any]],
    themes: tuple[Themed, Themed] | None,
    sketches: int,
) -> Changes:
    """Gather the pieces by passage, and put apart what is no change."""
    groups: dict[tuple[Class, Class], list[Any]] = {}
    pieces = zip(shared["before"], shared["after"], shared.geometry, strict=True)
    for was, became, shape in (*pieces, *alone):
        groups.setdefault((was, became), []).append(shape)
    unchanged = unknown = slivers = 0.0
    passages = []
    for (was, became), shapes in groups.items():
        hectares = float(shapely.area(shapes).sum()) / measure.M2_PER_HA
        if was == became:
            unchanged += hectares
        elif any(_is_unknown(side, themes) for side in (was, became)):
            unknown += hectares
        elif parts := _parts(shapes):
            before, after = (_entry(side, themes) for side in (was, became))
            passages.append(Passage(before, after, hectares, parts))
        else:
            slivers += hectares
    passages.sort(key=lambda passage: -passage.hectares)
    return Changes(tuple(passages), unchanged, unknown, slivers, sketches)


def _is_unknown(side: Class, themes: tuple[Themed, Themed] | None) -> bool:
    return themes is not None and isinstance(side, int) and bool(themes[0].entries[side].get("missing"))


def _entry(side: Class, themes: tuple[Themed, Themed] | None) -> Entry | None:
    """Return the entry of a class; a value that shares an entry has its own words and the colour of all."""
    if side is None or themes is None:
        return None if side is None else {"label": "", "fill": ""}
    if not isinstance(side, int):
        mixed = next(entry for entry in themes[0].entries if entry.get("mixed"))
        return {"label": colours.spoken(side), "fill": mixed["fill"]}
    return {key: value for key, value in themes[0].entries[side].items() if key in {"label", "fill", "hatch"}}


def _parts(shapes: Sequence[Any]) -> tuple[Any, ...]:
    """Join the pieces that touch, and return the parts that can be drawn, the largest first."""
    parts = shapely.get_parts(shapely.union_all(shapes))
    areas = shapely.area(parts)
    order = np.argsort(-areas, kind="stable")
    return tuple(parts[index] for index in order if areas[index] >= SMALLEST_M2)
