"""What every protocol gives back, how a territory becomes requests, and what no protocol may let through."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from artois_geo.errors import SourceError
from artois_geo.sources.definition import Source
from artois_geo.sources.hosts import split_address
from artois_geo.sources.scope import Box, Scope, degrees, departement_of
from artois_geo.text import counted

NO_LAYER = "Aucune couche n'est écrite, la précédente reste."
BOX = "{boite}"
_X, _Y = (0.0, 1_400_000.0), (5_900_000.0, 7_300_000.0)  # of Lambert-93, with some room
_LON, _LAT = (-6.0, 11.0), (41.0, 52.0)
_BOUNDS = {"EPSG:2154": (_X, _Y), "EPSG:4326": (_LON, _LAT)}


@dataclass(frozen=True)
class Counts:
    """What was announced and received; ``announced`` is None where the producer announces no count."""

    announced: int | None
    received: int | None
    vintage: str = ""
    checksum: str = ""  # what the producer published, and whether it is right
    address: str = ""  # last address of a file, which carries its date
    edition: str = ""  # what tells one edition from the next, compared with what the producer announces later
    more: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Unit:
    """A part of a territory that one request asks for: its French name, and what fills the templates."""

    name: str
    words: dict[str, str]
    box: Box | None = None  # in degrees

    def filled(self, template: str) -> str:
        """Put the words in their places in an address or a filter."""
        for name, word in self.words.items():
            template = template.replace(f"{{{name}}}", word)
        return template

    def parameters(self, template: str) -> dict[str, str]:
        """Read ``name={word}&name=…`` as parameters."""
        pairs = (pair.partition("=") for pair in template.split("&") if pair)
        return {name: self.filled(text) for name, _, text in pairs}


def units(source: Source, scope: Scope) -> Iterator[Unit]:
    """Yield the parts of a territory that are asked for one by one: communes, else the whole."""
    common = {"millesime": source.vintage} if source.vintage and not source.index else {}
    if scope.kind == "departement":
        for code in scope.codes:
            words = {"code": code, "dep": code, "zone": f"D{code:0>3}"}
            yield Unit(f"département {code}", common | words)
        return
    if scope.kind != "communes":
        code = scope.codes[0] if scope.codes else ""
        words = common | {"code": code, "dep": code}
        yield _boxed(Unit(scope.text(), words), scope.box)
        return
    for number, code in enumerate(scope.codes):
        words = common | {"code": code, "commune": code, "dep": departement_of(code)}
        yield _boxed(Unit(f"commune {code}", words), scope.boxes[number] if scope.boxes else None)


def _boxed(unit: Unit, box: Box | None) -> Unit:
    """Give a part of a territory its box, from metres of Lambert-93."""
    if box is None:
        return unit
    box = degrees(box)
    return Unit(unit.name, unit.words | {"boite": polygon_text(box)}, box)


def bbox_text(box: Box) -> str:
    """Write a box of Lambert-93 in whole metres, as a WFS asks for it."""
    return ",".join(f"{edge:.0f}" for edge in box)


def polygon_text(box: Box) -> str:
    """Write a box in degrees as a polygon of GeoJSON."""
    west, south, east, north = box
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return orjson.dumps({"type": "Polygon", "coordinates": [ring]}).decode()


def file_suffix(url: str) -> str:
    """Return the suffix of a file from its address, that of what it holds included (``.json.gz``)."""
    name = split_address(url).path.rpartition("/")[2].lower()
    head, dot, last = name.rpartition(".")
    if last in {"gz", "zip"} and head.endswith((".json", ".geojson", ".csv")):
        return f".{head.rpartition('.')[2]}.{last}"
    return f".{last}" if dot and last.isalnum() and len(last) <= 7 else ""


def require_columns(names: set[str], expected: tuple[str, ...], name: str) -> None:
    """Refuse objects that lack a column that the source expects, and show what is nearest.

    Raises
    ------
    SourceError
        A column is missing: renamed, or withdrawn.
    """
    missing = [column for column in expected if column not in names]
    if missing:
        unknown = sorted(names - set(expected))
        listing = ", ".join(unknown[:12]) + (" …" if len(unknown) > 12 else "")
        raise SourceError(
            f"Colonne absente de la réponse ({name}) : {', '.join(missing)}. Colonnes non attendues : "
            f"{listing or 'aucune'}.\nLe producteur a sans doute changé ses noms : corriger « champs » et "
            "« colonnes_attendues » dans un TOML du dossier sources de l'espace de travail."
        )


def require_ceiling(count: int, most: int, name: str) -> None:
    """Refuse more objects than a source admits.

    Raises
    ------
    SourceError
        Too many: a file of the producer is the way.
    """
    if count > most:
        raise SourceError(
            f"{counted(count, 'objet annoncé', 'objets annoncés')}, plafond de la source {most} ({name}) : "
            "demander un territoire plus petit, ou prendre le fichier du producteur."
        )


def require_whole(expected: int, received: int, name: str) -> None:
    """Refuse a page that does not hold as many objects as it must.

    Raises
    ------
    SourceError
        Fewer objects, or more.
    """
    if expected != received:
        raise SourceError(incomplete_page(expected, received, name))


def incomplete_page(expected: int, received: int, name: str) -> str:
    """Say that a page does not hold as many objects as it must."""
    return (
        f"Page incomplète ({name}) : {counted(expected, 'objet attendu', 'objets attendus')}, "
        f"{counted(received, 'reçu')}. {NO_LAYER} Relancer plus tard, ou demander un territoire plus petit."
    )


def require_objects(objects: Any, source: Source, name: str) -> list[dict[str, Any]]:
    """Return the objects of an answer, or refuse one that is no list, lacks a column or falls elsewhere.

    Raises
    ------
    SourceError
        What is wrong, with the first object that shows it.
    """
    if not isinstance(objects, list) or not all(isinstance(each, dict) for each in objects):
        raise SourceError(f"Réponse sans liste d'objets ({name}).")
    for each in objects:
        properties = each.get("properties") if "properties" in each else each
        require_attributes(properties, name)
        require_columns(set(properties or ()), source.expected, name)
        require_inside(each.get("geometry"), source.reading.crs, name)
    return objects


def require_attributes(properties: Any, name: str) -> None:
    """Refuse an object whose attributes are no names and cells.

    Raises
    ------
    SourceError
        A list, a text, a number.
    """
    if not isinstance(properties, dict | None):
        raise SourceError(f"Objet sans attributs lisibles ({name}).")


def require_inside(geometry: Any, crs: str, name: str) -> None:
    """Refuse an object that falls outside France; say so where turned axes explain it.

    Raises
    ------
    SourceError
        Turned axes, or another system.
    """
    point, bounds = _first_point(geometry), _BOUNDS.get(crs)
    if point is None or bounds is None or _is_within(point, bounds):
        return
    if _is_within((point[1], point[0]), bounds):
        raise SourceError(f"Axes inversés dans la réponse ({name}) : le nord est écrit avant l'est.")
    system = "en Lambert-93" if crs == "EPSG:2154" else "en degrés"
    raise SourceError(
        f"Objet hors de France {system} ({name}) : {point[0]:.6g} ; {point[1]:.6g}. Le serveur a répondu "
        "dans un autre système de coordonnées."
    )


def point(x: Any, y: Any) -> dict[str, Any] | None:
    """Return a point as GeoJSON has it; ``None`` where its position is not known.

    Examples
    --------
    >>> point("2.8", 50.4), point(float("nan"), 50.4), point(None, "")
    ({'type': 'Point', 'coordinates': [2.8, 50.4]}, None, None)
    """
    try:
        position = [float(x), float(y)]
    except (TypeError, ValueError, OverflowError):
        return None
    return {"type": "Point", "coordinates": position} if all(map(math.isfinite, position)) else None


def _is_within(point: tuple[float, float], bounds: tuple[tuple[float, float], tuple[float, float]]) -> bool:
    return all(low < ordinate < high for ordinate, (low, high) in zip(point, bounds, strict=True))


def _first_point(geometry: Any) -> tuple[float, float] | None:
    """Return the first position of a geometry, however deep it lies."""
    nested = geometry.get("coordinates") if isinstance(geometry, dict) else None
    while isinstance(nested, list) and nested and isinstance(nested[0], list):
        nested = nested[0]
    try:
        return float(nested[0]), float(nested[1])  # type: ignore[index]
    except (TypeError, ValueError, IndexError):
        return None
