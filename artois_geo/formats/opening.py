"""The door to other people's files: what a file is, from its bytes, before any reader meets it.

A suffix is a claim, the first bytes are the evidence: a GDAL virtual dataset called
``.geojson`` is text that no reader here takes.
"""

import re
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from artois_geo.errors import UnreadableFile
from artois_geo.formats import journals
from artois_geo.formats.archives import MIB, Limits, Part, gunzip, is_hidden, unpack
from artois_geo.formats.findings import Finding


@dataclass(frozen=True)
class Opened:
    """A file whose bytes agree with its format.

    ``parts`` are those of a shapefile, or files that continue each other; ``layer`` is what
    remains of the layer asked for, ``source`` the file that it chose among several.
    """

    path: Path
    format: str
    parts: tuple[Path, ...] = ()
    findings: tuple[Finding, ...] = ()  # of the door itself
    layer: str = ""
    source: str = ""


SUFFIXES = {
    ".geojson": "GeoJSON",
    ".json": "GeoJSON",
    ".geojsonl": "GeoJSON",
    ".geojsons": "GeoJSON",
    ".ndjson": "GeoJSON",
    ".csv": "CSV",
    ".tsv": "CSV",
    ".txt": "CSV",
    ".shp": "Shapefile",
    ".gpkg": "GeoPackage",
    ".fgb": "FlatGeobuf",
    ".kml": "KML",
    ".tab": "MapInfo",
    ".mif": "MapInfo",
    ".parquet": "GeoParquet",
    ".geoparquet": "GeoParquet",
    ".xlsx": "XLSX",
}
SHAPE_PARTS = (".shp", ".dbf", ".shx", ".prj", ".cpg", ".qpj", ".cst")
COMPANIONS = {".tab": (".dat", ".map", ".id", ".ind"), ".mif": (".mid",), ".shp": SHAPE_PARTS[1:]}
ACCEPTED = (
    "GeoJSON (aussi .gz), CSV, Shapefile (dossier ou .zip), GeoPackage, FlatGeobuf, GeoParquet, KML ou KMZ,"
    " MapInfo, XLSX"
)


_TABLES = {".csv", ".tsv", ".xlsx"}
_FOLLOWING = re.compile(r"part[-._]?\d+.*\.parquet", re.IGNORECASE)
_GEOJSON = re.compile(
    rb'"type"\s*:\s*"(FeatureCollection|Feature|(Multi)?(Point|LineString|Polygon)|GeometryCollection)"'
)


@contextmanager
def opened(path: Path, limits: Limits, layer: str = "") -> Iterator[Opened]:
    """Check a delivery and give its one readable file; unpacked copies live inside the ``with``.

    Parameters
    ----------
    path
        File, folder or archive.
    limits
        What it may cost.
    layer
        A file of the folder or archive (``zones``, ``zones.shp``, ``donnees/zones.shp``), a layer
        of the one file, or both (``projet.gpkg/zones``).

    Raises
    ------
    UnreadableFile
        Absent, too large, not what its suffix says, an archive that climbs,
        inflates, nests or holds several layers.
    """
    with _layer_file(Path(path), limits, layer) as file:
        if file.format != "GeoPackage":
            yield file
            return
        with journals.settled(file.path) as (settled, findings):
            yield replace(file, path=settled, findings=(*file.findings, *findings))


@contextmanager
def _layer_file(path: Path, limits: Limits, layer: str) -> Iterator[Opened]:
    """The one layer file of a path, a folder or an archive, as it was delivered."""
    path = _plain_file(path)
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if file.is_file() and not is_hidden(file.name))
        yield _one_of([Part(file, file.name) for file in files], path.name, layer)
        return
    if path.stat().st_size > limits.file_mib * MIB:
        raise UnreadableFile(
            f"{path.name} dépasse {limits.file_mib} Mio : fichier refusé (voir --taille-max)."
        )
    start = _start(path, 4)
    if start[:2] == b"\x1f\x8b" or (start == b"PK\x03\x04" and path.suffix.lower() != ".xlsx"):
        with tempfile.TemporaryDirectory(prefix="artois-") as folder:
            if start[:2] == b"\x1f\x8b":
                file = gunzip(path, Path(folder), limits)
                yield replace(_recognised(file, path.name), layer=layer)
                return
            parts, others = unpack(path, Path(folder), limits, is_wanted=_is_wanted)
            yield _one_of(parts, path.name, layer, others)
        return
    yield replace(_recognised(path, path.name), layer=layer)


def _is_wanted(name: str) -> bool:
    """Whether a member of an archive is a layer, or a part of one."""
    name = name.lower()
    suffix = Path(name).suffix
    companion = any(suffix in suffixes for suffixes in COMPANIONS.values())
    return (suffix in SUFFIXES and suffix != ".txt") or companion or name.endswith(journals.SUFFIXES)


def _plain_file(path: Path) -> Path:
    try:
        found = path.resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:
        raise UnreadableFile(f"Fichier introuvable : {path}. Un chemin de fichier est attendu.") from error
    if not found.is_dir() and not stat.S_ISREG(found.stat().st_mode):
        raise UnreadableFile(f"{path} n'est pas un fichier ordinaire.")
    return found


def _start(path: Path, count: int = 512) -> bytes:
    with path.open("rb") as stream:
        return stream.read(count)


def _recognised(path: Path, said: str) -> Opened:
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise UnreadableFile(
            f"{said} : format non pris en charge « {suffix or 'sans extension'} ».\nFormats lus : {ACCEPTED}."
        )
    kind = SUFFIXES[suffix]
    start = _start(path)
    if not start.strip():
        raise UnreadableFile(f"{said} est vide ({path.stat().st_size} octets) : téléchargement à refaire ?")
    wrong = _mismatch(kind, suffix, start)
    if wrong:
        raise UnreadableFile(f"{said} n'est pas un fichier {kind}, malgré son extension : {wrong}.")
    if kind == "KML":
        _refuse_entities(path, said)
    beside = _beside(path)
    if kind == "Shapefile" and not any(one.suffix.lower() == ".dbf" for one in beside):
        raise UnreadableFile(
            f"{said} : fichier .dbf absent, aucun attribut ne serait lu.\nRedemander le shapefile complet."
        )
    return Opened(path, kind, (path, *beside))


def _mismatch(kind: str, suffix: str, start: bytes) -> str:
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n\x1e")
    if kind == "GeoJSON":
        if text[:1] == b"<":
            return (
                "son contenu est une page web" if b"html" in text.lower()[:200] else "son contenu est du XML"
            )
        return (
            ""
            if text[:1] in b"{[" or start[:2] in (b"\xff\xfe", b"\xfe\xff")
            else "son contenu n'est pas du JSON"
        )
    if kind == "CSV":
        if b"\x00" in start and start[:2] not in (b"\xff\xfe", b"\xfe\xff"):
            return "son contenu n'est pas du texte"
        return "son contenu est du XML" if text[:5] in (b"<?xml", b"<OGRV", b"<!DOC", b"<OGRW") else ""
    if kind == "KML":
        return "" if b"<kml" in start or b"<?xml" in text[:5] else "balise <kml> absente"
    if suffix == ".mif":
        return "" if text[:7].lower() == b"version" else "en-tête MIF absent"
    if suffix == ".tab":
        return "" if text[:6].lower() == b"!table" else "en-tête !table absent"
    magic = {
        "Shapefile": b"\x00\x00\x27\x0a",
        "GeoPackage": b"SQLite format 3\x00",
        "FlatGeobuf": b"fgb",
        "GeoParquet": b"PAR1",
        "XLSX": b"PK\x03\x04",
    }[kind]
    if not start.startswith(magic):
        return "ses premiers octets sont autres"
    return ""


def _refuse_entities(path: Path, said: str) -> None:
    content = path.read_bytes().upper()
    for word in (b"<!DOCTYPE", b"<!ENTITY", b"<NETWORKLINK"):
        if word in content:
            raise UnreadableFile(
                f"{said} : « {word.decode().lower()} » refusé, le fichier mènerait ailleurs."
            )


def _beside(path: Path) -> tuple[Path, ...]:
    wanted = COMPANIONS.get(path.suffix.lower(), ())
    found = [one for one in path.parent.iterdir() if one.stem == path.stem and one.suffix.lower() in wanted]
    return tuple(sorted(found))


def _one_of(parts: list[Part], said: str, layer: str, others: Sequence[str] = ()) -> Opened:
    """The one layer file of a folder or archive: the one asked for, else the only one that can be drawn."""
    files = [part for part in parts if part.path.suffix.lower() in SUFFIXES and part.path.suffix != ".txt"]
    if not files:
        raise UnreadableFile(_without_layer(said, [part.name for part in parts] + list(others)))
    following = _following(files)
    if following:
        first = _recognised(following[0], said)
        return replace(first, parts=following, layer=layer)
    chosen, inner = _asked_for(files, layer)
    drawn = [file for file in files if _is_drawn(file.path)]
    if chosen is None:
        several = drawn or files
        if len(several) > 1:
            raise UnreadableFile(_several(several, said, layer))
        chosen, inner = several[0], layer
    left = [file.name for file in files if file != chosen]
    findings: tuple[Finding, ...] = ()
    if left:
        listed = ", ".join(left[:8])
        message = (
            f"{chosen.name} est lu ; autres fichiers de {said}, non lus : {listed} (voir --couche-source)"
        )
        findings = (Finding(None, "", "autres fichiers", "note", listed, message),)
    source = chosen.name if len(files) > 1 else ""
    return replace(_recognised(chosen.path, said), findings=findings, layer=inner, source=source)


def _following(files: list[Part]) -> tuple[Path, ...]:
    """Files that continue each other, as Dask and Spark write them: part.0.parquet, part.1.parquet…"""
    folders = {file.path.parent for file in files}
    if len(files) < 2 or len(folders) > 1 or not all(_FOLLOWING.fullmatch(file.path.name) for file in files):
        return ()

    def order(path: Path) -> list[int]:
        return [int(number) for number in re.findall(r"\d+", path.name)]

    return tuple(sorted((file.path for file in files), key=order))


def _asked_for(files: list[Part], layer: str) -> tuple[Part | None, str]:
    """The file that a name designates, alone or before a slash, and the layer named inside it."""
    for length in (len(layer), layer.rfind("/")):
        name, inner = layer[: max(length, 0)], layer[max(length, 0) + 1 :]
        matches = (
            [file for file in files if name in (file.name, file.path.name, file.path.stem)] if name else []
        )
        if len(matches) == 1:
            return matches[0], inner
    return None, layer


def _is_drawn(path: Path) -> bool:
    """Whether a file is a layer, not a table or metadata beside one."""
    suffix = path.suffix.lower()
    return suffix not in _TABLES and (suffix != ".json" or _GEOJSON.search(_start(path, 1 << 16)) is not None)


def _several(files: list[Part], said: str, layer: str) -> str:
    """The message on a delivery of several layers."""
    names = [file.name for file in files]
    listed = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
    missing = f" ; « {layer} » n'en désigne pas une seule" if layer else ""
    return (
        f"{said} contient plusieurs couches ({listed}){missing}.\n"
        f"En choisir une avec --couche-source, par exemple --couche-source {names[0]}."
    )


def _without_layer(said: str, names: list[str]) -> str:
    """The message on a delivery of which nothing can be read."""
    nested = [name for name in names if Path(name).suffix.lower() in {".zip", ".7z", ".rar", ".gz"}]
    if nested:
        return f"{said} contient une archive dans l'archive ({nested[0]}) : la décompresser d'abord."
    dbf = [name for name in names if name.lower().endswith(".dbf")]
    hint = f" ({dbf[0]} sans son .shp)" if dbf else ""
    return f"{said} ne contient aucune couche lisible{hint}.\nFormats lus : {ACCEPTED}."
