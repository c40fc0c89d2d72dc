"""Is a feature in the commune that it declares? Its code held against the outlines of communes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from artois_geo import constants, meaning
from artois_geo.formats.findings import Finding
from artois_geo.kinds.column_names import spelling
from artois_geo.kinds.communes import main_commune
from artois_geo.kinds.schema import Schema
from artois_geo.text import counted, distance

_INSEE = re.compile(r"(\d{2}|2[AB])\d{3}")
_CODES = ("site_comm_insee", "comm_insee", "insee", "insee_com", "code_insee", "codgeo", "code_commune")


def _convention(name: str) -> float:
    return float(constants.get(name, on=date.today()).value)


@dataclass(frozen=True)
class Identity:
    """What the place of a feature is checked by.

    ``communes`` are outlines in EPSG:2154 with ``comm_insee`` and ``comm_nom``; within ``commune_m``
    of its commune a feature is in it; within ``position_m`` two positions are one.
    """

    communes: gpd.GeoDataFrame | None = None
    commune_m: float = field(default_factory=lambda: _convention("delivery_commune_m"))
    position_m: float = field(default_factory=lambda: _convention("delivery_position_m"))


def communes(plane: gpd.GeoDataFrame, schema: Schema | None, identity: Identity) -> Iterator[Finding]:
    """Find the features that lie away from the commune that they declare.

    Parameters
    ----------
    plane
        EPSG:2154. A schematic shape, or one known to within ``precision_m``, may be that far away.
    schema
        Kind, which may name the column of the code.
    identity
        Outlines and tolerance.

    Examples
    --------
    >>> from artois_geo import example
    >>> towns = example.square(x_km=0, y_km=0, side_km=1, comm_insee="62498", comm_nom="Lens")
    >>> site = example.square(x_km=15, y_km=0, side_km=1, comm_insee="62498")
    >>> [row.message for row in communes(site, None, Identity(towns))]
    ['déclaré à Lens (62498), à 14,0 km de cette commune, hors de la seule commune connue, Lens (62498)']
    """
    if identity.communes is not None and len(plane):
        for column in _code_columns(plane, schema):
            yield from _away(plane, column, identity, identity.communes)


def _away(
    plane: gpd.GeoDataFrame, column: str, identity: Identity, outlines: gpd.GeoDataFrame
) -> Iterator[Finding]:
    """Find the features that lie away from the commune whose code a column holds."""
    codes = np.array([_code(value) for value in plane[column]], dtype=object)
    names = dict(zip(outlines["comm_insee"].astype(str), outlines["comm_nom"].astype(str), strict=True))
    shapes = plane.geometry.to_numpy()
    usable = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes)) & (codes != "")
    by_code = _outline_of(outlines)
    distances = shapely.distance(shapes, np.array([by_code.get(code) for code in codes], dtype=object))
    away = usable & (distances > tolerance_m(plane, identity.commune_m))
    unknown = usable & np.isnan(distances)
    rows = np.flatnonzero(away | unknown)
    if not len(rows):
        return
    actual = main_commune(plane.iloc[rows].set_geometry(plane.geometry.iloc[rows].make_valid()), outlines)
    unchecked: list[str] = []
    for row, code, name in zip(rows, actual["comm_insee"], actual["comm_nom"], strict=True):
        declared = codes[row]
        nowhere = pd.isna(code)
        if unknown[row] and nowhere:
            unchecked.append(declared)
            continue
        actual_town = "" if nowhere else f"{name} ({code})"
        if unknown[row]:
            message = f"code absent des contours de communes, alors que l'objet est dans {actual_town}"
        else:
            distance_text = distance(distances[row])
            message = f"déclaré à {names[declared]} ({declared}), à {distance_text} de cette commune, "
            message += f"dans {actual_town}" if actual_town else _nearest(shapes[row], outlines)
        yield Finding(int(row) + 1, column, "commune", "alerte", declared, message)
    if unchecked:
        listed = ", ".join(sorted(set(unchecked))[:5])
        message = (
            f"{counted(len(unchecked), 'objet')} hors des communes connues, code sans contour ({listed}) : "
            "commune non vérifiée"
        )
        yield Finding(None, column, "commune", "note", listed, message)


def _code_columns(frame: gpd.GeoDataFrame, schema: Schema | None) -> list[str]:
    """List every column of codes: the one that a completion fills agrees, the delivered one may not."""
    declared = dict(schema.delivery).get("commune_code", "") if schema is not None else ""
    code_spellings = {spelling(name) for name in (*_CODES, declared)}
    return [name for name in map(str, frame.columns) if spelling(name) in code_spellings]


def _code(cell: Any) -> str:
    """Read a cell as an INSEE code, its lost zero put back; empty where it is none."""
    text = "" if meaning.is_missing(cell) else str(cell).strip().removesuffix(".0").upper()
    text = text.zfill(5) if len(text) == 4 else text
    return text if _INSEE.fullmatch(text) else ""


def _outline_of(outlines: gpd.GeoDataFrame) -> dict[str, shapely.Geometry]:
    parts: dict[str, list[shapely.Geometry]] = {}
    for code, shape in zip(outlines["comm_insee"].astype(str), outlines.geometry, strict=True):
        parts.setdefault(code, []).append(shape)
    return {code: same[0] if len(same) == 1 else shapely.union_all(same) for code, same in parts.items()}


def tolerance_m(plane: gpd.GeoDataFrame, metres: float) -> np.ndarray:
    """Give the metres by which each shape may be off; a schematic one of unknown precision, by anything.

    Examples
    --------
    >>> from artois_geo import example
    >>> places = example.point(x_km=0, y_km=0, precision_m=3000.0)
    >>> tolerance_m(places, 200.0).tolist()
    [3000.0]
    """
    precision = meaning.precision_m(plane)
    unmeasured = meaning.schematic(plane) & np.isnan(precision)
    return np.where(unmeasured, np.inf, np.fmax(precision, metres))


def _nearest(shape: shapely.Geometry, outlines: gpd.GeoDataFrame) -> str:
    distances = shapely.distance(outlines.geometry.to_numpy(), shape)
    nearest = outlines.iloc[int(np.argmin(distances))]
    town = f"{nearest['comm_nom']} ({nearest['comm_insee']})"
    if len(outlines) == 1:
        return f"hors de la seule commune connue, {town}"
    gap = distance(distances.min())
    return f"hors des {len(outlines)} communes connues ; la plus proche, {town}, est à {gap}"
