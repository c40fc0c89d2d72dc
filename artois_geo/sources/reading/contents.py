"""What a raw file holds, whatever it is wrapped in: its objects, one by one, those near a box if it can."""

import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pyarrow
import pyarrow.compute
import pyarrow.parquet
import shapely

from artois_geo.errors import SourceError, UnreadableFile
from artois_geo.formats import archives, seven_zip
from artois_geo.formats.archives import Limits
from artois_geo.formats.databases import geopackage_reader
from artois_geo.formats.geojson import geojson_reader
from artois_geo.layers import history, store
from artois_geo.sources.definition import Source
from artois_geo.sources.protocols.csv_files import csv_header
from artois_geo.sources.protocols.shape import point, require_attributes, require_columns, require_inside
from artois_geo.sources.scope import Box

_GZIP, _ZIP, _SQLITE = b"\x1f\x8b", b"PK\x03\x04", b"SQLite format 3\x00"
_PARQUET, _BATCH = b"PAR1", 8_192  # rows
_VOLUME = re.compile(r"(.*\.7z)\.\d{3}")
_WORDS = {True: "oui", False: "non"}  # as kinds write them: a boolean in a text field would be taken out
_READABLE = {"geojson": (".geojson", ".json"), "csv": (".csv",), "gpkg": (".gpkg",), "parquet": (".parquet",)}
LIMITS = Limits(unpacked_mib=16_384, file_mib=8_192)


def form(path: Path, source: Source) -> str:
    """Name what the first bytes of a file must be: packed, or text of the format of its source."""
    start = _start(path)
    packed = start.startswith((_GZIP, _ZIP, seven_zip.MAGIC, _SQLITE, _PARQUET))
    return "binary" if packed else {"geojson": "json"}.get(source.reading.format, source.reading.format)


def whole_files(pages: Iterable[Path]) -> Iterator[tuple[str, list[Path]]]:
    """Yield the raw files by name, the volumes of an archive together."""
    volumes: dict[str, list[Path]] = {}
    for page in pages:
        match = _VOLUME.fullmatch(page.name)
        name = page.name if match is None else match[1].partition("-")[0] + match[1][match[1].index(".7z") :]
        volumes.setdefault(name, []).append(page)
    yield from volumes.items()


@contextmanager
def opened(paths: list[Path], source: Source) -> Iterator[Path]:
    """Give the one readable file that raw files hold, unpacked where they are packed.

    Raises
    ------
    SourceError
        Damaged, or it does not hold one file of the format of the source.
    """
    start = _start(paths[0])
    if not start.startswith((_GZIP, _ZIP, seven_zip.MAGIC)):
        yield paths[0]
        return
    with tempfile.TemporaryDirectory(prefix="artois-") as temporary:
        folder = Path(temporary)
        try:
            path = _unpacked(_joined(paths, folder), folder, source, paths[0].name)
        except UnreadableFile as error:
            message = str(error).replace(paths[0].name, "fichier reçu")  # it has no name of its own yet
            raise SourceError(f"Fichier tronqué ou endommagé ({source.id}) : {message}") from error
        yield path


def _joined(paths: list[Path], folder: Path) -> Path:
    """Put the volumes of an archive together."""
    if len(paths) == 1:
        return paths[0]
    joined_file = folder / "volumes.7z"
    store.replace(
        joined_file, (piece for path in paths for piece in history.read_pieces(path)), within=folder
    )
    return joined_file


def _unpacked(path: Path, folder: Path, source: Source, name: str) -> Path:
    start = _start(path)
    if start.startswith(_GZIP):
        inside = archives.gunzip(path, store.make_folder(folder / "gz"), LIMITS)
        return inside
    suffixes = _READABLE[source.reading.format]

    def is_wanted(member: str) -> bool:
        return member.lower().endswith(suffixes)

    if start.startswith(_ZIP):
        parts, _ = archives.unpack(path, folder, LIMITS, is_wanted=is_wanted)
    else:
        parts = seven_zip.unpack(path, folder, LIMITS, is_wanted=is_wanted, name=name)
    if len(parts) != 1:
        listed = ", ".join(part.name for part in parts[:6]) or "aucun"
        raise UnreadableFile(
            f"{name} : un fichier {' ou '.join(suffixes)} attendu dans l'archive, trouvé : {listed}."
        )
    return parts[0].path


def features(
    path: Path, source: Source, box: Box | None = None, codes: tuple[str, ...] = ()
) -> Iterator[dict[str, Any]]:
    """Yield the objects of a readable file as features, those of a box or of communes where it can choose.

    Parameters
    ----------
    path
        Of the format of the source.
    source
        What it is.
    box
        In the system of the source.
    codes
        Of communes.

    Raises
    ------
    SourceError
        Damaged, truncated, or of another form.
    """
    try:
        if _start(path).startswith(_SQLITE):
            yield from _geopackage(path, source, box)
        elif _start(path).startswith(_PARQUET):
            yield from _parquet(path, source, codes)
        else:
            for feature in geojson_reader.features(path):
                if not isinstance(feature, dict):
                    raise SourceError(f"Élément qui n'est pas un objet géographique ({source.id}).")
                require_attributes(feature.get("properties"), source.id)
                yield feature
    except UnreadableFile as error:
        message = str(error).replace(path.name, "fichier reçu")
        raise SourceError(f"Fichier tronqué, ou d'une autre forme ({source.id}) : {message}") from error


def _geopackage(path: Path, source: Source, box: Box | None) -> Iterator[dict[str, Any]]:
    epsg = int(source.reading.crs.rpartition(":")[2])
    for properties, shape in geopackage_reader.features_in(path, set(source.expected), box, epsg):
        geometry = _described(shape, source)
        words = {name: _WORDS[cell] for name, cell in properties.items() if isinstance(cell, bool)}
        yield {"type": "Feature", "geometry": geometry, "properties": properties | words}


def _described(shape: Any, source: Source) -> Any:
    try:
        return None if shape is None else orjson.loads(shapely.to_geojson(shapely.force_2d(shape)))
    except ValueError as error:  # a coordinate that is no number
        raise SourceError(f"Forme illisible ({source.id}) : une coordonnée n'est pas un nombre.") from error


def _parquet(path: Path, source: Source, codes: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """Yield the rows of communes, their point from two columns: a national file never fits in memory."""
    reading = source.reading
    try:
        table = pyarrow.parquet.ParquetFile(path)
        require_columns(set(table.schema_arrow.names), source.expected, source.id)
        for batch in table.iter_batches(_BATCH, columns=list(source.expected)):
            if codes:
                batch = batch.filter(pyarrow.compute.is_in(batch[reading.commune], pyarrow.array(codes)))
            for row in batch.to_pylist():
                geometry = point(row.get(reading.x), row.get(reading.y))
                yield {"type": "Feature", "geometry": geometry, "properties": row}
    except (pyarrow.ArrowException, OSError) as error:
        raise SourceError(f"Fichier tronqué ou mal écrit ({source.id}) : parquet illisible.") from error


def require_readable(path: Path, source: Source, name: str) -> None:
    """Refuse a file that does not open to its end, lacks a column, or lies elsewhere.

    Raises
    ------
    SourceError
        What is wrong with it.
    """
    with opened([path], source) as plain:
        if source.reading.format == "csv":
            header = csv_header(plain, source.reading.encoding, source.reading.separator)[0]
            require_columns(set(header), source.expected, name)
        elif source.reading.format == "geojson":
            for feature in features(plain, source):
                require_columns(set(feature.get("properties") or ()), source.expected, name)
                require_inside(feature.get("geometry"), source.reading.crs, name)
        else:
            next(features(plain, source), None)  # finds the layer by its columns


def _start(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(16)
