"""The door to other people's files: what a file is, from its bytes, before any reader meets it.

A suffix is a claim, the first bytes are the evidence: a GDAL virtual dataset called
``.geojson`` is text that no reader here takes. Archives are unpacked by our own names
into a fresh folder, counted while they inflate.
"""

import stat
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from mmap import ACCESS_READ, mmap
from pathlib import Path

from artois_geo.errors import UnreadableFile
from artois_geo.layers import journals
from artois_geo.layers.findings import Finding

MIB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """What a delivery may cost, so that a bomb is refused instead of read."""

    file_mib: int = 4_096
    members: int = 1_000
    unpacked_mib: int = 4_096
    ratio: int = 100
    child_memory_mib: int = 4_096
    child_seconds: int = 600
    rows: int = 5_000_000


@dataclass(frozen=True)
class Opened:
    """A file whose bytes agree with its format; ``parts`` are those of a shapefile."""

    path: Path
    format: str
    parts: tuple[Path, ...] = ()
    findings: tuple[Finding, ...] = ()  # of the door itself


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
ACCEPTED = "GeoJSON, CSV, Shapefile (dossier ou .zip), GeoPackage, FlatGeobuf, GeoParquet, KML, MapInfo, XLSX"


@contextmanager
def opened(path: Path, limits: Limits) -> Iterator[Opened]:
    """Check a delivery and give its one readable file; unpacked copies live inside the ``with``.

    Raises
    ------
    UnreadableFile
        Absent, too large, not what its suffix says, an archive that climbs,
        inflates, nests or holds several layers.
    """
    with _layer_file(Path(path), limits) as file:
        if file.format != "GeoPackage":
            yield file
            return
        with journals.settled(file.path) as (settled, findings):
            yield replace(file, path=settled, findings=(*file.findings, *findings))


@contextmanager
def _layer_file(path: Path, limits: Limits) -> Iterator[Opened]:
    """The one layer file of a path, a folder or an archive, as it was delivered."""
    path = _plain_file(path)
    if path.is_dir():
        yield _one_of(path, [one for one in path.iterdir() if one.is_file()], path.name)
        return
    if path.stat().st_size > limits.file_mib * MIB:
        raise UnreadableFile(
            f"{path.name} dépasse {limits.file_mib} Mio : fichier refusé (voir --taille-max)."
        )
    if _start(path, 4) == b"PK\x03\x04" and path.suffix.lower() != ".xlsx":
        with tempfile.TemporaryDirectory(prefix="artois-") as folder:
            parts = _unpack(path, Path(folder), limits)
            yield _one_of(Path(folder), parts, path.name)
        return
    yield _recognised(path, path.name)


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


def _one_of(folder: Path, parts: list[Path], said: str) -> Opened:
    """The one layer file of a folder or archive."""
    layers = [one for one in parts if one.suffix.lower() in SUFFIXES and one.suffix.lower() != ".txt"]
    sidecars = {one for one in parts for main in layers if one != main and one in _beside(main)}
    layers = sorted(one for one in layers if one not in sidecars)
    if len(layers) > 1:
        names = ", ".join(one.name for one in layers[:8])
        raise UnreadableFile(f"{said} contient plusieurs couches ({names}) : n'en livrer qu'une par fichier.")
    if not layers:
        nested = [one.name for one in parts if one.suffix.lower() in {".zip", ".7z", ".rar", ".gz"}]
        if nested:
            raise UnreadableFile(
                f"{said} contient une archive dans l'archive ({nested[0]}) : la décompresser d'abord."
            )
        dbf = [one.name for one in parts if one.suffix.lower() == ".dbf"]
        hint = f" ({dbf[0]} sans son .shp)" if dbf else ""
        raise UnreadableFile(f"{said} ne contient aucune couche lisible{hint}.\nFormats lus : {ACCEPTED}.")
    return _recognised(layers[0], said)


def _unpack(path: Path, folder: Path, limits: Limits) -> list[Path]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [one for one in archive.infolist() if not one.is_dir()]
            if len(members) > limits.members:
                raise UnreadableFile(
                    f"{path.name} : plus de {limits.members} fichiers dans l'archive, refusée."
                )
            total = 0
            written = []
            for member in members:
                _refuse_member(path, member)
                if member.filename.startswith("__MACOSX/"):
                    continue
                target = folder / Path(member.filename).name
                if target.exists():
                    raise UnreadableFile(
                        f"{path.name} : deux fichiers s'appellent {target.name} dans l'archive."
                    )
                total += _inflate(archive, member, target, path, limits, total)
                written.append(target)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError, OSError) as error:
        raise UnreadableFile(f"{path.name} : archive illisible ou protégée ({error}).") from error
    return written


def _refuse_member(path: Path, member: zipfile.ZipInfo) -> None:
    name = member.filename.replace("\\", "/")
    link = stat.S_ISLNK(member.external_attr >> 16)
    if name.startswith("/") or ".." in name.split("/") or ":" in name.split("/")[0] or link:
        raise UnreadableFile(
            f"{path.name} : le fichier « {member.filename} » sort de l'archive, archive refusée."
        )


def _inflate(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, path: Path, limits: Limits, before: int
) -> int:
    """Unpack one member, counting what really comes out: the header may lie."""
    most = max(member.compress_size, 1) * limits.ratio + MIB
    done = 0
    with archive.open(member) as source, target.open("wb") as sink:
        while piece := source.read(MIB):
            done += len(piece)
            if done > most:
                raise UnreadableFile(
                    f"{path.name} : « {member.filename} » gonfle de plus de {limits.ratio} fois,"
                    " archive refusée (voir --ratio-max)."
                )
            if before + done > limits.unpacked_mib * MIB:
                raise UnreadableFile(
                    f"{path.name} : plus de {limits.unpacked_mib} Mio une fois décompressé"
                    f" (à « {member.filename} »), archive refusée."
                )
            sink.write(piece)
    return done


def check_workbook(path: Path, limits: Limits) -> None:
    """Refuse an XLSX, which is an archive of XML, that is damaged, a bomb, or leads elsewhere."""
    try:
        with tempfile.TemporaryDirectory(prefix="artois-") as folder, zipfile.ZipFile(path) as archive:
            total = 0
            for number, member in enumerate(one for one in archive.infolist() if not one.is_dir()):
                _refuse_member(path, member)
                target = Path(folder) / str(number)
                total += _inflate(archive, member, target, path, limits, total)
                if _holds_entity(target):
                    raise UnreadableFile(f"{path.name} : entité XML refusée dans « {member.filename} ».")
    except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError, OSError) as error:
        raise UnreadableFile(f"{path.name} : classeur abîmé ou protégé ({error}).") from error


def _holds_entity(path: Path) -> bool:
    if not path.stat().st_size:
        return False
    with path.open("rb") as stream, mmap(stream.fileno(), 0, access=ACCESS_READ) as content:
        return content.find(b"<!DOCTYPE") >= 0 or content.find(b"<!ENTITY") >= 0
