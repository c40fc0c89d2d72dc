"""Archives, unpacked by our own names into a fresh folder and counted while they inflate."""

import gzip
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import IO

from artois_geo.errors import UnreadableFile, why

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
class Part:
    """A file of a delivery, and how it is called inside it (folder/name)."""

    path: Path
    name: str


def is_hidden(name: str) -> bool:
    """Tell whether a file is what a system leaves in folders: ``Thumbs.db``, ``.DS_Store``, ``._zones.shp``…

    Examples
    --------
    >>> [is_hidden(name) for name in ("a/Thumbs.db", "__MACOSX/zones.shp", "._zones.shp", "zones.shp")]
    [True, True, True, False]
    """
    *folders, file_name = name.split("/")
    return (
        "__MACOSX" in folders
        or file_name.startswith(".")
        or file_name.lower() in {"thumbs.db", "desktop.ini"}
    )


def unpack(
    path: Path, folder: Path, limits: Limits, *, is_wanted: Callable[[str], bool]
) -> tuple[list[Part], list[str]]:
    """Unpack the wanted members of a .zip, each folder of it into one of ours, and name the others.

    Raises
    ------
    UnreadableFile
        Damaged, protected, a member that climbs or inflates, or two of one name in one folder.
    """
    parts: list[Part] = []
    unread_names: list[str] = []
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            if len(members) > limits.members:
                raise UnreadableFile(
                    f"{path.name} : plus de {limits.members} fichiers dans l'archive, refusée."
                )
            folders: dict[str, Path] = {}
            total = 0
            for member in members:
                _refuse_member(path, member)
                name = member.filename.replace("\\", "/")
                if is_hidden(name) or not is_wanted(name):
                    unread_names += [] if is_hidden(name) else [name]
                    continue
                inner_folder, _, file_name = name.rpartition("/")
                target = folders.setdefault(inner_folder, folder / str(len(folders))) / file_name
                target.parent.mkdir(exist_ok=True)
                if target.exists():
                    raise UnreadableFile(f"{path.name} : deux fichiers s'appellent {name} dans l'archive.")
                with archive.open(member) as source:
                    size = max(member.compress_size, 1)
                    total += _inflate(source, size, member.filename, target, path, limits, total)
                parts.append(Part(target, name))
    except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError, OSError, zlib.error) as error:
        raise UnreadableFile(f"{path.name} : archive illisible ou protégée ({why(error)}).") from error
    return parts, unread_names


def gunzip(path: Path, folder: Path, limits: Limits) -> Path:
    """Unpack a .gz, which holds one file.

    Raises
    ------
    UnreadableFile
        Damaged, or it inflates beyond the limits.
    """
    target = folder / path.stem
    try:
        with gzip.open(path) as source:
            _inflate(source, path.stat().st_size, path.stem, target, path, limits, 0)
    except (EOFError, OSError, zlib.error) as error:
        raise UnreadableFile(f"{path.name} : archive illisible ({why(error)}).") from error
    return target


def _refuse_member(path: Path, member: zipfile.ZipInfo) -> None:
    name = member.filename.replace("\\", "/")
    link = stat.S_ISLNK(member.external_attr >> 16)
    if name.startswith("/") or ".." in name.split("/") or ":" in name.split("/")[0] or link:
        raise UnreadableFile(
            f"{path.name} : le fichier « {member.filename} » sort de l'archive, archive refusée."
        )


def _inflate(
    source: IO[bytes] | gzip.GzipFile,
    packed: int,
    name: str,
    target: Path,
    path: Path,
    limits: Limits,
    unpacked_before: int,
) -> int:
    """Unpack one file, counting what really comes out: the header may lie."""
    allowed_bytes = packed * limits.ratio + MIB
    unpacked_bytes = 0
    with target.open("wb") as sink:
        while piece := source.read(MIB):
            unpacked_bytes += len(piece)
            if unpacked_bytes > allowed_bytes:
                raise UnreadableFile(
                    f"{path.name} : « {name} » gonfle de plus de {limits.ratio} fois,"
                    " archive refusée (voir « couches importer --ratio-max »)."
                )
            if unpacked_before + unpacked_bytes > limits.unpacked_mib * MIB:
                raise UnreadableFile(
                    f"{path.name} : plus de {limits.unpacked_mib} Mio une fois décompressé"
                    f" (à « {name} »), archive refusée (voir « couches importer --taille-max »)."
                )
            sink.write(piece)
    return unpacked_bytes


def check_workbook(path: Path, limits: Limits) -> None:
    """Refuse an XLSX, which is an archive of XML, that is damaged, a bomb, or leads elsewhere."""
    try:
        with tempfile.TemporaryDirectory(prefix="artois-") as folder, zipfile.ZipFile(path) as archive:
            total = 0
            for number, member in enumerate(item for item in archive.infolist() if not item.is_dir()):
                _refuse_member(path, member)
                target = Path(folder) / str(number)
                with archive.open(member) as source:
                    size = max(member.compress_size, 1)
                    total += _inflate(source, size, member.filename, target, path, limits, total)
                if _holds_entity(target):
                    raise UnreadableFile(f"{path.name} : entité XML refusée dans « {member.filename} ».")
    except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError, OSError, zlib.error) as error:
        raise UnreadableFile(f"{path.name} : classeur abîmé ou protégé ({why(error)}).") from error


def _holds_entity(path: Path) -> bool:
    if not path.stat().st_size:
        return False
    with path.open("rb") as stream, mmap(stream.fileno(), 0, access=ACCESS_READ) as content:
        return content.find(b"<!DOCTYPE") >= 0 or content.find(b"<!ENTITY") >= 0
