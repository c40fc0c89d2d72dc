"""The raw files of a snapshot become files for the import: each object once, those of the territory."""

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import shapely

from artois_geo.errors import SourceError
from artois_geo.sources import contours
from artois_geo.sources.contours import Contours
from artois_geo.sources.definition import Source
from artois_geo.sources.payloads import read_json
from artois_geo.sources.protocols.csv_files import csv_header, with_mark
from artois_geo.sources.protocols.pieces import are_of_one_request, key_of
from artois_geo.sources.protocols.rest_pages import records
from artois_geo.sources.protocols.shape import NO_LAYER, require_columns
from artois_geo.sources.reading import contents
from artois_geo.sources.reading.parts import CSV, GEOJSON, Parts
from artois_geo.sources.scope import FRANCE, Scope
from artois_geo.text import counted

_ABOUT = ("00-",)  # raw files that tell of the data, and hold none
_CODE = re.compile(r"[0-9A-Z]+")
_BATCH = 1_000


@dataclass
class Collected:
    """What was put together: how many objects, and which communes asked for have none."""

    objects: int
    outside: int
    absent: tuple[str, ...] = ()
    per_page: dict[str, int] = field(default_factory=dict)
    values: dict[str, int] = field(default_factory=dict)
    files: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Selection:
    """Which objects are wanted: those of ``scope`` as it was asked of the source, inside ``contours``.

    ``is_cut`` says that the producer cut the answer by territory, so that anything outside it is an error.
    """

    scope: Scope
    is_cut: bool
    requested: Scope
    contours: Contours | None = None


def collect(source: Source, selection: Selection, pages: list[Path], stem: Path) -> Collected:
    """Write the objects of the raw files that are in the territory to a file, or several where they are many.

    Parameters
    ----------
    source, selection
        What was asked.
    pages
        Raw files, in order.
    stem
        Path of the files to write, without its suffix: GeoJSON, or CSV with the header of the file.

    Raises
    ------
    SourceError
        An object that comes twice, one outside the territory, a commune without any where each has one.
    """
    counts, scope = _Counts(source, selection.scope), selection.scope
    holding = [page for page in pages if not page.name.startswith(_ABOUT) and page.suffix != ".xml"]
    is_table = source.reading.format == "csv"
    with Parts(stem, CSV if is_table else GEOJSON) as parts:
        if is_table:
            _collect_csv(source, holding, parts, counts)
        else:
            _collect_geojson(source, selection, holding, parts, counts)
    if selection.is_cut and counts.foreign:
        raise SourceError(
            f"{counted(counts.foreign, 'objet reçu', 'objets reçus')} hors du territoire demandé "
            f"({source.id}) : le serveur a ignoré le filtre. {NO_LAYER}"
        )
    absent = tuple(code for code in scope.codes if code not in counts.communes) if counts.by_commune else ()
    if source.least_per_commune and (absent or not counts.count):
        raise _empty_communes_error(source, scope, absent)
    outside = counts.foreign + counts.outside
    return Collected(counts.count, outside, absent, counts.per_page, counts.values, tuple(parts.files))


def _empty_communes_error(source: Source, scope: Scope, absent: tuple[str, ...]) -> SourceError:
    """Say which communes have no object, where each has one."""
    communes = ", ".join(absent[:10]) + (" …" if len(absent) > 10 else "") if absent else scope.text()
    return SourceError(
        f"Aucun objet pour {communes} ({source.id}), alors que chaque commune en a. Vérifier le code et le "
        f"millésime ; des axes inversés donnent aussi une réponse vide.\n{NO_LAYER}"
    )


class _Counts:
    """Counts objects, and refuses one that comes again."""

    def __init__(self, source: Source, scope: Scope) -> None:
        self.keys = tuple(source.reading.key.split())
        self.commune, self.keep = source.reading.commune, source.reading.keep
        self.overlapping = source.access.overlapping
        self.columns = source.reading.columns.get(scope.kind, "").split() if scope.kind != FRANCE else []
        self.codes = frozenset(scope.codes)
        self.by_commune = scope.kind == "communes" and bool(self.commune)
        self.pages: dict[str, str] = {}
        self.communes: set[str] = set()
        self.per_page: dict[str, int] = {}
        self.counted, self.values = source.reading.counted, dict[str, int]()
        self.count = self.foreign = self.outside = 0  # foreign: of a territory that was not asked for

    def start(self, page: str) -> None:
        """Count from none the objects of a page."""
        self.per_page[page] = 0

    def takes(self, values: Callable[[str], Any], page: str, *, is_inside: bool = True) -> bool:
        """Tell whether an object is in the territory and comes for the first time, and count it."""
        if not self._is_new(values, page):
            return False
        if not self._is_of_territory(values):
            self.foreign += 1
            return False
        if self.by_commune:
            self.communes.add(str(values(self.commune)))
        if not is_inside:
            self.outside += 1
            return False
        if any(str(values(name)) not in admitted for name, admitted in self.keep.items()):
            return False
        self.count += 1
        self.per_page[page] += 1
        if self.counted:
            word = str(values(self.counted) or "").lower()
            self.values[word] = self.values.get(word, 0) + 1
        return True

    def _is_new(self, values: Callable[[str], Any], page: str) -> bool:
        """Tell whether an object comes for the first time; twice within a request is an error."""
        if not self.keys:
            return True
        key = key_of(values, self.keys)
        if not key.strip():
            raise SourceError(f"Objet sans identifiant « {' '.join(self.keys)} » ({page}).")
        earlier = self.pages.get(key)
        if earlier is None:
            self.pages[key] = page
            return True
        if (self.overlapping and _request(earlier) != _request(page)) or are_of_one_request(earlier, page):
            return False
        if earlier == page:
            raise SourceError(f"Objet répété : {key[:60]} (deux fois dans {page}). {NO_LAYER}")
        raise SourceError(
            f"Objet répété : {key[:60]} (dans {earlier} et dans {page}). Les pages se recouvrent, il en "
            f"manque donc d'autres. {NO_LAYER}"
        )

    def _is_of_territory(self, values: Callable[[str], Any]) -> bool:
        if not self.columns:
            return True
        code_texts = " ".join(str(values(name) or "") for name in self.columns)
        return not self.codes.isdisjoint(_CODE.findall(code_texts))


def _request(page: str) -> str:
    """Return the number of the request that a page answers."""
    return page.partition("-")[0]


def _collect_geojson(
    source: Source, selection: Selection, pages: list[Path], parts: Parts, counts: _Counts
) -> None:
    tells = contours.inside(source, selection.requested, selection.contours)
    box = contours.box_of(source, selection.contours, selection.requested)
    identifiers = _Identifiers(source)
    for name, paths in contents.whole_files(pages):
        counts.start(name)
        with contents.opened(paths, source) as plain:
            for features in _batches(_features(plain, paths[0], source, box, selection.scope)):
                is_inside = _are_inside(features, tells) if selection.contours else [True] * len(features)
                for feature, is_wanted in zip(features, is_inside, strict=True):
                    properties = feature.get("properties") or {}
                    require_columns(set(properties), source.expected, name)
                    if counts.takes(properties.get, name, is_inside=bool(is_wanted)):
                        row = {"type": "Feature", "geometry": feature.get("geometry")}
                        row["properties"] = properties | identifiers.of(properties)
                        parts.write(_written(row, name))


def _written(row: dict[str, Any], name: str) -> bytes:
    try:
        return orjson.dumps(row)
    except (orjson.JSONEncodeError, RecursionError) as error:  # half a character, a number without end
        raise SourceError(f"Objet mal écrit, ou trop imbriqué ({name}). {NO_LAYER}") from error


def _batches(features: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while batch := list(islice(features, _BATCH)):
        yield batch


def _are_inside(features: list[dict[str, Any]], tells: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Tell which objects are in the territory; one of unreadable shape stays, for the import to say so."""
    shapes = _shapes(features)
    is_drawn = [isinstance(feature.get("geometry"), dict) for feature in features]
    return tells(shapes) | (np.array(is_drawn, dtype=bool) & shapely.is_missing(shapes))


def _shapes(features: list[dict[str, Any]]) -> np.ndarray:
    shapes = (feature.get("geometry") for feature in features)
    texts = [_written(shape, "géométrie") if isinstance(shape, dict) else None for shape in shapes]
    return np.asarray(shapely.from_geojson(texts, on_invalid="ignore"), dtype=object)


class _Identifiers:
    """Give an object the words of its key, else its rank in the file of its commune."""

    def __init__(self, source: Source) -> None:
        self.reading = source.reading
        self.ranks: dict[str, int] = {}

    def of(self, properties: dict[str, Any]) -> dict[str, str]:
        """Return the column of the identifier of an object, none where the source asks for none."""
        reading = self.reading
        if not reading.identifier:
            return {}
        if reading.key:
            words = [key_of(properties.get, (name,)) for name in reading.key.split()]
            return {reading.identifier: "-".join(filter(None, words))}
        commune = str(properties.get(reading.commune) or "")
        self.ranks[commune] = self.ranks.get(commune, 0) + 1
        return {reading.identifier: f"{commune}-{self.ranks[commune]:05d}"}


def _features(
    path: Path,
    page: Path,
    source: Source,
    box: tuple[float, float, float, float] | None,
    scope: Scope,
) -> Iterator[dict[str, Any]]:
    """Yield the objects of a page; those of a large file one by one."""
    if page.suffix == ".json" and source.access.protocol in {"rest_pages", "wfs", "arcgis"}:
        yield from records(read_json(path, page.name), source)
    else:
        yield from contents.features(path, source, box, scope.codes)


def _collect_csv(source: Source, pages: list[Path], parts: Parts, counts: _Counts) -> None:
    header: list[str] = []
    for page in pages:
        counts.start(page.name)
        with contents.opened([page], source) as plain:
            header = _copy_rows(source, plain, page.name, header, parts, counts)


class _Bytes:
    """Gives a row written as CSV back as bytes."""

    def write(self, text: str) -> bytes:
        return text.encode()


def _copy_rows(
    source: Source, path: Path, name: str, header: list[str], parts: Parts, counts: _Counts
) -> list[str]:
    """Copy the rows of a CSV that are in the territory; one header for all the files."""
    encoding = with_mark(source.reading.encoding)
    names, separator = csv_header(path, source.reading.encoding, source.reading.separator)
    require_columns(set(names), source.expected, name)
    if header and header != names:
        raise SourceError(f"{name} : d'autres colonnes que les fichiers d'avant. {NO_LAYER}")
    writer: Any = csv.writer(_Bytes(), delimiter=separator, lineterminator="\n")
    if not header:
        parts.head = writer.writerow(names)
    columns = {column: number for number, column in enumerate(names)}
    try:
        with path.open(encoding=encoding, newline="") as lines:
            reader = csv.reader(lines, delimiter=separator)
            next(reader, None)
            for number, cells in enumerate(reader, start=2):
                if not cells:
                    continue
                if len(cells) != len(names):
                    raise SourceError(
                        f"{name}, ligne {number} : {counted(len(cells), 'cellule')}, "
                        f"{len(names)} attendues. Fichier tronqué ou endommagé."
                    )
                if counts.takes(lambda column: cells[columns[column]], name):  # noqa: B023
                    parts.write(writer.writerow(cells))
    except (csv.Error, UnicodeDecodeError) as error:
        raise SourceError(f"{name} : fichier endommagé, ou d'un autre encodage.") from error
    return names
