"""The raw files of a snapshot become one file for the import: each object once, those of the territory."""

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from artois_geo.errors import SourceError
from artois_geo.formats.geojson import geojson_reader
from artois_geo.sources.definition import Source
from artois_geo.sources.payloads import read_json
from artois_geo.sources.protocols.datagouv import csv_header, with_mark
from artois_geo.sources.protocols.shape import NO_LAYER, require_columns
from artois_geo.sources.scope import FRANCE, Scope
from artois_geo.text import counted

_MEMBERS = ("type", "geometry", "properties")  # a server adds its own, which are no attribute
_CODE = re.compile(r"[0-9A-Z]+")


@dataclass
class Collected:
    """What was put together: how many objects, and which communes asked for have none."""

    objects: int
    outside: int
    absent: tuple[str, ...] = ()


def collect(source: Source, scope: Scope, pages: list[Path], file: Path, *, is_cut: bool) -> Collected:
    """Write the objects of the raw files that are in the territory to one file, page by page.

    Parameters
    ----------
    source, scope
        What was asked.
    pages
        Raw files, in order.
    file
        To write: GeoJSON, or CSV with the header of the file.
    is_cut
        Whether the producer cut the answer by territory, so that anything outside it is an error.

    Raises
    ------
    SourceError
        An object that comes twice, one outside the territory, a commune without any where each has one.
    """
    seen = _Seen(source, scope)
    write = _collect_csv if source.reading.format == "csv" else _collect_geojson
    write(source, pages, file, seen)
    if is_cut and seen.outside:
        raise SourceError(
            f"{counted(seen.outside, 'objet reçu', 'objets reçus')} hors du territoire demandé "
            f"({source.id}) : le serveur a ignoré le filtre. {NO_LAYER}"
        )
    absent = tuple(code for code in scope.codes if code not in seen.communes) if seen.by_commune else ()
    if source.least_per_commune and (absent or not seen.count):
        what = ", ".join(absent[:10]) + (" …" if len(absent) > 10 else "") if absent else scope.text()
        raise SourceError(
            f"Aucun objet pour {what} ({source.id}), alors que chaque commune en a. Vérifier le code et le "
            f"millésime ; des axes inversés donnent aussi une réponse vide.\n{NO_LAYER}"
        )
    return Collected(seen.count, seen.outside, absent)


class _Seen:
    """Counts objects, and refuses one that comes again."""

    def __init__(self, source: Source, scope: Scope) -> None:
        self.key, self.commune = source.reading.key, source.reading.commune
        self.column = source.reading.columns.get(scope.kind, "") if scope.kind != FRANCE else ""
        self.codes = frozenset(scope.codes)
        self.by_commune = scope.kind == "communes" and bool(self.commune)
        self.pages: dict[str, str] = {}
        self.communes: set[str] = set()
        self.count = self.outside = 0

    def takes(self, values: Callable[[str], Any], page: str) -> bool:
        """Tell whether an object is in the territory, and count it."""
        key = str(values(self.key) or "")
        if not key:
            raise SourceError(f"Objet sans identifiant « {self.key} » ({page}).")
        if key in self.pages:
            raise SourceError(
                f"Objet répété : {key[:60]} ({_pair(self.pages[key], page)}). Les pages se recouvrent, il en "
                f"manque donc d'autres. {NO_LAYER}"
            )
        self.pages[key] = page
        if self.column and self.codes.isdisjoint(_CODE.findall(str(values(self.column) or ""))):
            self.outside += 1
            return False
        self.count += 1
        if self.by_commune:
            self.communes.add(str(values(self.commune)))
        return True


def _pair(first: str, second: str) -> str:
    return f"deux fois dans {first}" if first == second else f"dans {first} et dans {second}"


def _collect_geojson(source: Source, pages: list[Path], file: Path, seen: _Seen) -> None:
    with file.open("wb") as stream:
        stream.write(b'{"type":"FeatureCollection","features":[')
        separator = b"\n"
        for page in pages:
            for feature in _features(page):
                properties = feature.get("properties") or {}
                require_columns(set(properties), source.expected, page.name)
                if seen.takes(properties.get, page.name):
                    stream.write(separator)
                    stream.write(orjson.dumps({name: feature.get(name) for name in _MEMBERS}))
                    separator = b",\n"
        stream.write(b"\n]}\n")


def _features(page: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a page; those of a large file one by one."""
    if page.suffix == ".json":
        yield from read_json(page, page.name).get("features", ())
    elif page.suffix == ".geojson":
        yield from geojson_reader.features(page)


def _collect_csv(source: Source, pages: list[Path], file: Path, seen: _Seen) -> None:
    tables = [page for page in pages if page.suffix == ".csv"]
    encoding = with_mark(source.reading.encoding)
    with file.open("w", encoding="utf-8", newline="") as stream:
        for page in tables:
            header, separator = csv_header(page, source.reading.encoding, source.reading.separator)
            require_columns(set(header), source.expected, page.name)
            writer = csv.writer(stream, delimiter=separator, lineterminator="\n")
            writer.writerow(header)
            columns = {name: number for number, name in enumerate(header)}
            try:
                with page.open(encoding=encoding, newline="") as lines:
                    reader = csv.reader(lines, delimiter=separator)
                    next(reader, None)
                    for number, cells in enumerate(reader, start=2):
                        if not cells:
                            continue
                        if len(cells) != len(header):
                            raise SourceError(
                                f"{page.name}, ligne {number} : {counted(len(cells), 'cellule')}, "
                                f"{len(header)} attendues. Fichier tronqué ou endommagé."
                            )
                        if seen.takes(lambda name: cells[columns[name]], page.name):  # noqa: B023
                            writer.writerow(cells)
            except (csv.Error, UnicodeDecodeError) as error:
                raise SourceError(f"{page.name} : fichier endommagé, ou d'un autre encodage.") from error
