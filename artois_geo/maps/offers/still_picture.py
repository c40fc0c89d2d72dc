"""The picture of a page without script: beside an offer, what its first view shows and nothing more."""

from dataclasses import replace
from typing import Any

from artois_geo import languages
from artois_geo.maps import static_svg, style
from artois_geo.maps.features import LayerFeatures
from artois_geo.maps.records import MapLayer, Page
from artois_geo.maps.static_svg import Disc, Project

PIN_RADIUS = 8.0
PAPER = "#ffffff"


def draw(page: Page) -> str:
    """Draw the map of a page as an SVG element; where it shows offers first, with their numbered pins.

    Examples
    --------
    >>> from artois_geo import example, maps
    >>> says = {"terr_id": "a", "dispo_statut": "offert", "geometrie": "schématique"}
    >>> plot = example.square(x_km=0, y_km=0, side_km=1, **says)
    >>> record = {"title": "Terrains", "kind": "terrain_eco"}
    >>> picture = draw(maps.build({"Terrains": plot}, layers={"Terrains": record}).page)
    >>> picture.count("<circle"), ">1</text>" in picture
    (1, True)
    """
    if page.vitrine is None:
        return static_svg.draw(page)
    return static_svg.draw(_first_view(page), pins=lambda project: _pins(page, project))


def _first_view(page: Page) -> Page:
    """Keep of a page what its first view draws: land, limits, waters, the other sites as grey dots."""
    first = style.read_style()["offer_first"]["groups"]
    layers_shown = [layer for layer in page.layers if layer.group in first or not style.is_known(layer.kind)]
    ground = page.ground
    if ground and page.hides_cells:
        ground = {**ground, "cells": ground["land"]}
    return replace(page, ground=ground, layers=tuple(_plain(layer, page) for layer in layers_shown))


def _plain(layer: MapLayer, page: Page) -> MapLayer:
    """Return a layer as the first view draws it: no sketch of an area, no sign of a closer view."""
    drawing_kind = layer.style["drawn"]
    if drawing_kind not in {"discs", "symbols"} or not style.is_known(layer.kind):
        return layer
    features = layer.features
    if drawing_kind == "symbols":
        return replace(layer, features=_without_points(features, range(len(features))))
    stand_ins = set(page.pin_numbers(layer)) | (
        set(page.vitrine.twins) if page.vitrine and page.vitrine.sites == layer.name else set()
    )
    grey = {**layer.style, "drawn": "symbols", "fill": style.read_style()["offer_first"]["other_sites"]}
    shapes = tuple(
        None if sketch or row in stand_ins else shape
        for row, (shape, sketch) in enumerate(zip(features.shapes, features.schematic, strict=True))
    )
    dots = replace(_without_points(features, stand_ins), shapes=shapes)
    return replace(layer, style=grey, features=dots)


def _without_points(features: LayerFeatures, rows: Any) -> LayerFeatures:
    hidden = set(rows)
    points = tuple(None if row in hidden else point for row, point in enumerate(features.points))
    return replace(features, points=points)


def _pins(page: Page, project: Project) -> list[Disc]:
    """Make the pins of the offers: filled where the land is available, an outline where it is to come."""
    if page.vitrine is None:
        return []
    layer = next(layer for layer in page.layers if layer.name == page.vitrine.layer)
    families = {family["id"]: family for family in style.read_style()["families"]}
    pins = []
    for offer in page.vitrine.offers[languages.SOURCE]:
        row = page.vitrine.rows[offer.id]
        point = layer.features.points[row]
        if point is None:
            continue
        family = families[style.family(layer.features.classes[row])]
        look: dict[str, Any] = {"letter": str(offer.number), "fill": family["fill"], "ink": family["ink"]}
        if offer.group == "later":
            look |= {"fill": PAPER, "ink": "#1b2530", "stroke": family["fill"]}
        x, y = project(*point)
        pins.append(Disc(x, y, PIN_RADIUS, look, True, (x, y)))
    return pins
