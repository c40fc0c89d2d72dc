"""A background of images taken out of an archive of tiles (MBTiles, PMTiles), to travel inside the page."""

import base64
import math
import sqlite3
import struct
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Protocol

from artois_geo.errors import BadValue, MissingPart, UnreadableFile

HOW = "pip install 'artois-geo[tuiles]'"
OPTION = "--zoom-max-fond"
SQLITE, PMTILES, GZIP = b"SQLite format 3\0", b"PMTiles", b"\x1f\x8b"
PMTILES_VERSION = 3
IMAGES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
LOWEST, HIGHEST = 6, 19  # zooms of the page
MOST_BYTES = 19_000_000  # in the page; the rest of it needs room too
AROUND, AROUND_UPTO = 1 / 3, 11  # share of the territory seen around it, up to this zoom
LARGEST_TILE = 4_000_000
SAME_BYTES = 4 / 3  # base64
MERCATOR_LIMIT = 85.05112878
DAMAGE = (sqlite3.Error, struct.error, zlib.error, LookupError, ValueError, TypeError, EOFError, OSError)

Bounds = list[list[float]]
TileAddress = tuple[int, int, int]


@dataclass(frozen=True)
class Tiles:
    """Images by zoom, column and row from the north; equal images are kept once.

    ``image_index`` gives the index of each tile in ``images``, whose items are data addresses.
    """

    name: str
    attribution: str
    image_index: dict[TileAddress, int]
    images: tuple[str, ...]
    weights: dict[int, int]  # bytes in the page up to each zoom

    @property
    def zooms(self) -> tuple[int, int]:
        return min(self.weights), max(self.weights)


class _Archive(Protocol):
    metadata: dict[str, Any]

    def zooms(self) -> tuple[int, int]: ...
    def tiles(self, zoom: int, columns: range, rows: range) -> Iterator[tuple[int, int, bytes]]: ...


def read(path: Path, bounds: Bounds, *, max_zoom: int | None = None) -> Tiles:
    """Read the tiles of an archive that meet a territory, and what is seen around it at coarse zooms.

    Parameters
    ----------
    path
        An MBTiles (SQLite, opened read-only) or PMTiles version 3 file of PNG, JPEG or WebP images.
        What is inside decides, not the name.
    bounds
        South-west and north-east corners, (latitude, longitude).
    max_zoom
        Highest zoom taken; that of the archive by default. Beyond, the page enlarges.

    Raises
    ------
    UnreadableFile
        Absent, damaged, or neither of the two.
    BadValue
        Vector tiles; none over the territory; more than a page holds: the message names the zoom to ask for.
    MissingPart
        A PMTiles file without the optional part ``tuiles``.
    """
    try:
        with _open_archive(path) as archive:
            _refuse_vector(archive.metadata.get("format"), path)
            return _select_tiles(archive, path, bounds, max_zoom)
    except DAMAGE as error:
        raise UnreadableFile(
            f"Fond embarqué illisible ou endommagé : {path}.\nLe télécharger ou l'extraire de nouveau."
        ) from error


def payload(tiles: Tiles) -> dict[str, Any]:
    """Collect what the script of the page reads."""
    return {
        "images": tiles.images,
        "at": {"/".join(map(str, address)): image for address, image in tiles.image_index.items()},
    }


def cover(bounds: Bounds, zoom: int) -> tuple[range, range]:
    """Return columns and rows, from the north, of the tiles that meet a territory.

    Examples
    --------
    The whole world is one tile at zoom 0; the Artois lies in one of four at zoom 1:

    >>> cover([[-85, -180], [85, 179]], 0), cover([[50.3, 2.3], [50.7, 3.1]], 1)
    ((range(0, 1), range(0, 1)), (range(1, 2), range(0, 1)))
    """
    (south, west), (north, east) = bounds
    side = 2**zoom

    def column(longitude: float) -> int:
        return min(max(int((longitude + 180) / 360 * side), 0), side - 1)

    def row(latitude: float) -> int:
        clipped = math.radians(min(max(latitude, -MERCATOR_LIMIT), MERCATOR_LIMIT))
        return min(max(int((1 - math.asinh(math.tan(clipped)) / math.pi) / 2 * side), 0), side - 1)

    return range(column(west), column(east) + 1), range(row(north), row(south) + 1)


def plain_text(text: str) -> str:
    """Return the words of an attribution, which archives write as HTML; nothing of it is run or linked.

    Examples
    --------
    >>> plain_text('<a href="https://exemple.fr">&copy; IGN</a> <b>2024</b>')
    '© IGN 2024'
    """
    parser = _Words()
    parser.feed(text)
    parser.close()
    return " ".join("".join(parser.words).split())


def _select_tiles(archive: _Archive, path: Path, bounds: Bounds, max_zoom: int | None) -> Tiles:
    """Select the tiles over the territory, zoom after zoom, within the weight of a page."""
    lowest_zoom, highest_zoom = archive.zooms()
    last_zoom = min(highest_zoom, HIGHEST if max_zoom is None else max_zoom)
    image_index: dict[TileAddress, int] = {}
    images: dict[bytes, int] = {}
    weights: dict[int, int] = {}
    total = 0
    for zoom in range(max(lowest_zoom, LOWEST), last_zoom + 1):
        columns, rows = cover(_with_surroundings(bounds) if zoom <= AROUND_UPTO else bounds, zoom)
        for column, row, tile in archive.tiles(zoom, columns, rows):
            image = _unzipped(tile)
            if image not in images:
                total += math.ceil(len(image) * SAME_BYTES)
                images[image] = len(images)
            if total > MOST_BYTES:
                raise BadValue(_too_heavy_message(path, zoom, weights))
            image_index[zoom, column, row] = images[image]
            weights[zoom] = total
    if not image_index:
        raise BadValue(_no_tile_message(path, lowest_zoom, highest_zoom, max_zoom))
    return Tiles(
        name=str(archive.metadata.get("name") or path.stem),
        attribution=plain_text(str(archive.metadata.get("attribution") or "")),
        image_index=image_index,
        images=tuple(_data_address(image, path) for image in images),
        weights=weights,
    )


def _with_surroundings(bounds: Bounds) -> Bounds:
    (south, west), (north, east) = bounds
    extra_latitude, extra_longitude = (north - south) * AROUND, (east - west) * AROUND
    return [
        [south - extra_latitude, west - extra_longitude],
        [north + extra_latitude, east + extra_longitude],
    ]


def _too_heavy_message(path: Path, zoom: int, weights: dict[int, int]) -> str:
    lower_zoom = max((lower for lower in weights if lower < zoom), default=None)
    limit = f"{MOST_BYTES / 1e6:.0f} Mo"
    message = f"Le fond {path.name} dépasse {limit} au zoom {zoom} : c'est trop pour une page."
    if lower_zoom is None:
        return f"{message}\nExtraire un territoire plus petit, ou des images plus légères (WebP, JPEG)."
    weight = f"{weights[lower_zoom] / 1e6:.1f} Mo"
    return f"{message}\nS'arrêter au zoom {lower_zoom} ({OPTION} {lower_zoom}) : {weight}."


def _no_tile_message(path: Path, lowest_zoom: int, highest_zoom: int, max_zoom: int | None) -> str:
    """Tell which zooms the archive has, where none of its tiles meets the territory."""
    lowest_useful = max(lowest_zoom, LOWEST)
    if max_zoom is not None and max_zoom < lowest_useful:
        return (
            f"Le fond {path.name} commence au zoom {lowest_zoom} : "
            f"demander {OPTION} {lowest_useful} au moins."
        )
    return (
        f"Le fond {path.name} (zooms {lowest_zoom} à {highest_zoom}) n'a aucune tuile "
        "sur le territoire de la carte.\n"
        "En extraire un du bon endroit."
    )


def _refuse_vector(tile_format: object, path: Path) -> None:
    if str(tile_format).lower() in {"pbf", "mvt"}:
        raise BadValue(
            f"Le fond {path.name} contient des tuiles vectorielles (pbf) : la page ne lit que des images.\n"
            "Donner un extrait en PNG, JPEG ou WebP."
        )


def _unzipped(data: bytes) -> bytes:
    if not data.startswith(GZIP):
        return data
    stream = zlib.decompressobj(wbits=31)
    content = stream.decompress(data, LARGEST_TILE)
    if stream.unconsumed_tail:
        raise ValueError("a tile that swells without end")
    return content


def _data_address(data: bytes, path: Path) -> str:
    kind = next((mime for magic, mime in IMAGES.items() if data.startswith(magic)), "")
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        kind = "image/webp"
    if not kind:
        raise BadValue(
            f"Le fond {path.name} contient des tuiles qui ne sont ni PNG, ni JPEG, ni WebP "
            "(des tuiles vectorielles, par exemple).\nDonner un extrait dans l'un de ces formats."
        )
    return f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"


@contextmanager
def _open_archive(path: Path) -> Iterator[_Archive]:
    """Open an archive by what it holds, not by its name."""
    if not path.is_file():
        raise UnreadableFile(f"Fond embarqué introuvable : {path}.")
    with path.open("rb") as file:
        head = file.read(len(SQLITE))
    if head == SQLITE:
        address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(address, uri=True)) as base:
            yield _MBTiles(base)
    elif head.startswith(PMTILES):
        if head[len(PMTILES)] != PMTILES_VERSION:
            raise BadValue(f"{path.name} est un PMTiles d'une autre version que 3 : le convertir.")
        with path.open("rb") as file:
            yield _PMTiles(file, path)
    else:
        raise UnreadableFile(f"{path} n'est ni un MBTiles ni un PMTiles : donner l'un ou l'autre.")


class _Words(HTMLParser):
    """What stands between tags, but for scripts and style sheets."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        if self.cdata_elem is None:
            self.words.append(data)


class _MBTiles:
    """Rows are counted from the south in the file."""

    def __init__(self, base: sqlite3.Connection) -> None:
        base.execute("PRAGMA trusted_schema = OFF")
        self.base = base
        self.metadata = dict(base.execute("SELECT name, value FROM metadata"))

    def zooms(self) -> tuple[int, int]:
        lowest, highest = self.base.execute("SELECT min(zoom_level), max(zoom_level) FROM tiles").fetchone()
        return (0, -1) if lowest is None else (int(lowest), int(highest))

    def tiles(self, zoom: int, columns: range, rows: range) -> Iterator[tuple[int, int, bytes]]:
        last_row = 2**zoom - 1
        records = self.base.execute(
            "SELECT tile_column, tile_row, tile_data FROM tiles WHERE zoom_level = ? "
            "AND tile_column BETWEEN ? AND ? AND tile_row BETWEEN ? AND ? "
            "ORDER BY tile_row DESC, tile_column",
            (zoom, columns[0], columns[-1], last_row - rows[-1], last_row - rows[0]),
        )
        for column, row, data in records:
            if data:
                yield int(column), last_row - int(row), bytes(data)


class _PMTiles:
    def __init__(self, file: Any, path: Path) -> None:
        """Read the header of a PMTiles file; refuse it where its part is not installed."""
        try:
            from pmtiles.reader import Reader
            from pmtiles.tile import TileType
        except ImportError as error:
            raise MissingPart(
                f"Lire un PMTiles demande un complément qui n'est pas installé.\nL'installer avec : {HOW}\n"
                "Ou donner un MBTiles."
            ) from error

        def piece(offset: int, length: int) -> bytes:
            file.seek(offset)
            data = bytes(file.read(length))
            if len(data) < length:
                raise EOFError
            return data

        self.reader = Reader(piece)
        header = self.reader.header()
        vector = header["tile_type"] == TileType.MVT
        self.metadata = {**self.reader.metadata(), **({"format": "pbf"} if vector else {"format": "image"})}
        self.low, self.high = int(header["min_zoom"]), int(header["max_zoom"])

    def zooms(self) -> tuple[int, int]:
        return self.low, self.high

    def tiles(self, zoom: int, columns: range, rows: range) -> Iterator[tuple[int, int, bytes]]:
        for row in rows:
            for column in columns:
                data = self.reader.get(zoom, column, row)
                if data:
                    yield column, row, data
