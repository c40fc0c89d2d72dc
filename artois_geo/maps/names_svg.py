"""Town names of a still picture: the largest first, each where nothing else stands, or not at all."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from xml.etree import ElementTree as ET

from artois_geo import theme
from artois_geo.maps import style

RANKS = 2
SIZE_PX = 10.5
AIR_PX = 3.0  # between a name and what stands beside it
HALO_PX = 2.5

Box = tuple[float, float, float, float]


def town_names(
    towns: Iterable[list[Any]],
    project: Callable[[float, float], tuple[float, float]],
    *,
    occupied: Sequence[Box],
    avoided: Sequence[Box],
    size: tuple[float, float],
    is_dark: Callable[[float, float], bool] = lambda longitude, latitude: False,
) -> list[ET.Element]:
    """Write the names of ``towns`` (name, longitude, latitude, rank), in white where the ground is dark.

    ``occupied`` is never covered: discs, scale, north; nor are other names. ``avoided`` is covered only
    where a name has no other place: small signs.
    """
    boxes, elements = list(occupied), []
    for name, longitude, latitude, rank in towns:
        if rank > RANKS or not name:
            continue
        x, y = project(longitude, latitude)
        half_width = theme.text_width(str(name), SIZE_PX) / 2 + AIR_PX
        spot = _free_spot(x, y, half_width, [*boxes, *avoided], size) or _free_spot(
            x, y, half_width, boxes, size
        )
        if spot:
            boxes.append(_box(*spot, half_width))
            label = ET.Element("text", _label(*spot, reversed_out=is_dark(longitude, latitude)))
            label.text = str(name)
            elements.append(label)
    return elements


def _free_spot(
    x: float, y: float, half: float, occupied: list[Box], size: tuple[float, float]
) -> tuple[float, float] | None:
    """Return the middle of the nearest free box for a name, or None if there is none."""
    sideways = half + 6
    steps = [(0, 0), (0, 14), (0, -14), (sideways, 0), (-sideways, 0), (0, 24), (0, -24)]
    steps += [(dx, dy) for dy in (14, -14, 24, -24) for dx in (half / 2, -half / 2, half, -half)]
    steps += [(dx, dy) for dy in (34, -34) for dx in (0, half / 2, -half / 2, half, -half)]
    for dx, dy in steps:
        box = _box(x + dx, y + dy, half)
        inside = box[0] > 0 and box[1] > 0 and box[2] < size[0] and box[3] < size[1]
        if inside and not any(_overlap(box, occupied_box) for occupied_box in occupied):
            return x + dx, y + dy
    return None


def _box(x: float, y: float, half_width: float) -> Box:
    half_height = SIZE_PX * 0.6 + AIR_PX / 2
    return (x - half_width, y - half_height, x + half_width, y + half_height)


def _overlap(box: Box, occupied: Box) -> bool:
    return box[0] < occupied[2] and box[2] > occupied[0] and box[1] < occupied[3] and box[3] > occupied[1]


def _label(x: float, y: float, *, reversed_out: bool) -> dict[str, str]:
    """Return the SVG attributes of a name centred on a point, with its halo."""
    ink, halo = style.read_style()["ground"]["label"], "#fff"
    if reversed_out:
        ink, halo = halo, "#10202e"
    return {
        "class": "still-town",
        "x": f"{x:.1f}",
        "y": f"{y + SIZE_PX * 0.35:.1f}",
        "font-size": f"{SIZE_PX}",
        "text-anchor": "middle",
        "font-weight": "600",
        "fill": ink,
        "stroke": halo,
        "stroke-width": f"{HALO_PX:g}",
        "paint-order": "stroke",
    }
