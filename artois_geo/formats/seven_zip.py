"""Archives .7z through the same door as the others: our own names, counted while they inflate.

The package that reads them, py7zr, is optional: without it the refusal says how to get it.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from artois_geo.errors import MissingPart, UnreadableFile, why
from artois_geo.formats.archives import MIB, Limits, Part, is_hidden

MAGIC = b"7z\xbc\xaf\x27\x1c"
HOW = "pip install 'artois-geo[sources]'"


def require_reader() -> Any:
    """Return the module that reads these archives.

    Raises
    ------
    MissingPart
        It is not installed.
    """
    try:
        import py7zr
    except ImportError as error:
        raise MissingPart(
            f"Une archive .7z demande py7zr : {HOW}. Sinon, l'ouvrir avec 7-Zip et donner le fichier qu'elle "
            "contient : artois-geo sources prendre SOURCE --depuis FICHIER."
        ) from error
    return py7zr


def unpack(
    path: Path, folder: Path, limits: Limits, *, is_wanted: Callable[[str], bool], name: str = ""
) -> list[Part]:
    """Unpack the wanted members of a .7z, each under a name of ours.

    Parameters
    ----------
    path
        Archive; its volumes put together.
    folder
        Where the members go.
    limits
        What it may cost.
    is_wanted
        Tells from its name whether a member is read.
    name
        Of the archive, for messages.

    Raises
    ------
    MissingPart
        The reader is not installed.
    UnreadableFile
        Damaged, protected, a member that climbs, is a link or inflates beyond the limits.
    """
    py7zr, name = require_reader(), name or path.name
    try:
        with py7zr.SevenZipFile(path) as archive:
            if archive.needs_password():
                raise UnreadableFile(f"{name} : archive protégée par un mot de passe.")
            members = [member for member in archive.list() if not member.is_directory]
            if len(members) > limits.members:
                raise UnreadableFile(f"{name} : plus de {limits.members} fichiers dans l'archive, refusée.")
            for member in members:
                _refuse_member(name, member)
            names = [each.filename for each in members if _is_read(each.filename, is_wanted)]
            sinks = _Sinks(py7zr, folder, names, limits, path.stat().st_size, name)
            if names:
                archive.extract(targets=names, factory=sinks.factory)
    except (py7zr.exceptions.ArchiveError, EOFError, OSError, ValueError, TypeError, KeyError) as error:
        raise UnreadableFile(f"{name} : archive illisible ou endommagée ({why(error)}).") from error
    return [Part(sinks.paths[each], each) for each in names]


def _is_read(member: str, is_wanted: Callable[[str], bool]) -> bool:
    return not is_hidden(member) and is_wanted(member)


def _refuse_member(name: str, member: Any) -> None:
    path = member.filename.replace("\\", "/")
    if path.startswith("/") or ".." in path.split("/") or ":" in path.split("/")[0] or member.is_symlink:
        raise UnreadableFile(f"{name} : le fichier « {member.filename} » sort de l'archive, archive refusée.")


class _Sinks:
    """Writes members to numbered files, and stops one that inflates."""

    def __init__(
        self, py7zr: Any, folder: Path, members: list[str], limits: Limits, packed: int, name: str
    ) -> None:
        self.paths = {
            member: folder / f"{number}{Path(member).suffix.lower()}" for number, member in enumerate(members)
        }
        self.allowed = min(packed * limits.ratio + MIB, limits.unpacked_mib * MIB)
        self.name, self.unpacked = name, 0
        sinks = self

        class Sink(py7zr.io.Py7zIO):
            def __init__(self, member: str) -> None:
                self.stream, self.count = sinks.paths[member].open("w+b"), 0

            def write(self, piece: bytes | bytearray) -> int:
                sinks.count(len(piece))
                self.count += len(piece)
                return self.stream.write(piece)

            def read(self, size: int | None = None) -> bytes:
                return self.stream.read(-1 if size is None else size)

            def seek(self, offset: int, whence: int = 0) -> int:
                return self.stream.seek(offset, whence)

            def flush(self) -> None:
                self.stream.flush()

            def size(self) -> int:
                return self.count

            def close(self) -> None:
                self.stream.close()

        class Factory(py7zr.io.WriterFactory):
            def create(self, filename: str) -> Any:
                return Sink(filename)

        self.factory = Factory()

    def count(self, size: int) -> None:
        """Count bytes that came out: the header may lie."""
        self.unpacked += size
        if self.unpacked > self.allowed:
            raise UnreadableFile(
                f"{self.name} : contenu de plus de {self.allowed // MIB} Mio une fois décompressé, archive "
                "refusée."
            )
