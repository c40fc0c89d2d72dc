"""What SQLite keeps beside a GeoPackage: edits that are saved and not yet folded into the file.

QGIS opens every GeoPackage with a ``-wal`` file, where the edits stay until the project is
closed; a crash leaves a ``-journal``. SQLite and GDAL fold them into the file that they open,
even to read it. Here a copy is folded, and what was delivered does not change by a byte.
"""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from artois_geo.errors import UnreadableFile, reason, why
from artois_geo.formats.findings import Finding

SUFFIXES = ("-wal", "-journal")
_WAL_MODE = b"\x02\x02"  # bytes 18 and 19: whoever opens the file makes a -wal and a -shm
_WAL_MAGIC = (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")
_GEOPACKAGE = (b"GPKG", b"GP10", b"GP11")


@contextmanager
def settled(path: Path) -> Iterator[tuple[Path, list[Finding]]]:
    """Give a GeoPackage in its last saved state, and what to say of it.

    Yields
    ------
    tuple
        The file itself where nothing is pending; else the path of a folded copy of the same
        name, which lives inside the ``with``. Nobody but the owner of the copy can change it.

    Raises
    ------
    UnreadableFile
        The journal cannot be read, the file changes meanwhile, or it is no GeoPackage.

    Examples
    --------
    >>> from artois_geo import example
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "carre.gpkg"
    >>> example.square(x_km=0, y_km=0, side_km=1).to_file(file)
    >>> with settled(file) as (same, findings):
    ...     same == file, findings
    (True, [])
    """
    journals = _journals(path)
    if not journals and _start(path)[18:20] != _WAL_MODE:
        _require_geopackage(path)
        yield path, []
        return
    with tempfile.TemporaryDirectory(prefix="artois-") as folder:
        copy = Path(folder) / path.name
        _copy(path, journals, copy)
        _merge_journals(copy)
        _require_geopackage(copy)
        yield copy, [_journal_finding(path, journal) for journal in journals]


def _start(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(100)


def _journals(path: Path) -> list[Path]:
    """List the files beside a GeoPackage that may hold edits; an empty one holds none."""
    candidates = [path.with_name(path.name + suffix) for suffix in SUFFIXES]
    return [journal for journal in candidates if journal.is_file() and journal.stat().st_size]


def _require_geopackage(path: Path) -> None:
    if _start(path)[68:72] not in _GEOPACKAGE:
        raise UnreadableFile(
            f"{path.name} n'est pas un fichier GeoPackage, malgré son extension :"
            " c'est une base SQLite sans marque de GeoPackage."
        )


def _copy(path: Path, journals: list[Path], copy: Path) -> None:
    """Copy a GeoPackage and its journals as they are at one moment."""
    files = [path, *journals]
    states_before = [(file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    try:
        for file in files:
            shutil.copyfile(file, copy.with_name(file.name))
        states_after = [(file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    except OSError as error:
        raise UnreadableFile(
            f"{path.name} : copie impossible pour lire son journal ({reason(error)})."
        ) from error
    if states_before != states_after:
        raise UnreadableFile(
            f"{path.name} change pendant la lecture : un autre logiciel y écrit.\n"
            "Y arrêter la modification (QGIS : enregistrer et fermer le projet), puis relancer."
        )


def _merge_journals(copy: Path) -> None:
    """Fold the journals of a copy into it."""
    try:
        with closing(sqlite3.connect(copy)) as base:
            base.execute("PRAGMA trusted_schema = OFF")
            base.execute("PRAGMA journal_mode = DELETE").fetchone()
            base.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error as error:
        raise UnreadableFile(f"{copy.name} : GeoPackage illisible ({why(error)}).") from error


def _journal_finding(path: Path, journal: Path) -> Finding:
    """Report a journal that was read, or a file that is none."""
    rule = "journal du GeoPackage"
    if journal.name.endswith(SUFFIXES[0]) and not _start(journal).startswith(_WAL_MAGIC):
        message = f"{journal.name} n'est pas un journal de SQLite : {path.name} est lu sans lui"
        return Finding(None, "", rule, "alerte", journal.name, message)
    message = f"{journal.name} lu avec {path.name} : c'est le dernier état enregistré, fichiers inchangés"
    return Finding(None, "", rule, "note", journal.name, message)
