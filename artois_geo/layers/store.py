"""The only room that replaces a file: at once or not at all, one writer at a time.

The promise is that of ``git``: a reader, or a process killed at any instant, sees
the whole old file or the whole new one. It holds for a process crash on a local
file system; after a power cut it holds where the system honours ``fsync``. The lock
is the kernel's (``flock``): it dies with its holder, so it is never stale. Where
``flock`` is missing, an exclusive file stands in for it and names its holder.
"""

import errno
import json
import os
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from artois_geo.errors import UnwritableFile, reason

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

LOCK_FILE = ".verrou"
PREFIX, SUFFIX = ".artois-", ".tmp"
WAIT_S = 10.0
DAY_S = 86_400.0
_POLL_S = 0.05
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_AS_WRITTEN = getattr(os, "O_BINARY", 0)  # Windows opens for text: it would write \r\n for each \n
_STILL_ACTIVE, _MAY_QUERY = 259, 0x1000  # of the Windows API


def make_folder(folder: Path) -> Path:
    """Make a folder and those above it where they lack, and return it.

    Raises
    ------
    UnwritableFile
        It cannot be made, and why.

    Examples
    --------
    >>> import tempfile
    >>> make_folder(Path(tempfile.mkdtemp()) / "2026" / "couches").name
    'couches'
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnwritableFile(f"Dossier impossible à créer : {folder} ({reason(error)}).") from error
    return folder


def replace(
    path: Path,
    content: bytes | Iterable[bytes],
    *,
    within: Path | None = None,
    check: Callable[[Path], None] | None = None,
) -> None:
    """Replace a file at once: the whole old one or the whole new one, never a mixture.

    Parameters
    ----------
    path
        File to write. A symbolic link is followed and stays a link; the mode of
        the old file is kept.
    content
        Bytes, or pieces of bytes written one after the other.
    within
        Folder that the file, links followed, must not leave.
    check
        Called with the temporary file before it takes its place; raising leaves
        the old file as it was.

    Raises
    ------
    UnwritableFile
        Folder absent or closed, disk full, link that leaves the folder.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     replace(Path(folder) / "note.txt", b"neuf")
    ...     [(file.name, file.read_bytes()) for file in Path(folder).iterdir()]
    [('note.txt', b'neuf')]
    """
    target = _followed(Path(path), within)
    temporary = _beside(target)
    with suppress(OSError):  # a folder that cannot be listed can still be written
        sweep(target.parent, deep=False)
    try:
        _write(temporary, (content,) if isinstance(content, bytes) else content)
        if target.exists():
            os.chmod(temporary, target.stat().st_mode & 0o7777)
        if check is not None:
            check(temporary)
        os.replace(temporary, target)
        _sync_folder(target.parent)
    except OSError as error:
        raise UnwritableFile(_reason(path, error)) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def replace_all(contents: Mapping[Path, bytes]) -> None:
    """Replace several files together: each is ready beside its place before the first takes it.

    Raises
    ------
    UnwritableFile
        One of them cannot be written; all the old ones are as they were.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     replace_all({Path(folder) / name: b"neuf" for name in ("a.txt", "b.txt")})
    ...     sorted(file.name for file in Path(folder).iterdir())
    ['a.txt', 'b.txt']
    """
    ready: dict[Path, Path] = {}  # by the place that each will take
    path = Path()
    try:
        for path, content in contents.items():
            target = _followed(path, None)
            if target.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            ready[target] = _beside(target)
            _write(ready[target], (content,))
            if target.exists():
                os.chmod(ready[target], target.stat().st_mode & 0o7777)
        for path, temporary in ready.items():
            os.replace(temporary, path)
        for folder in {target.parent for target in ready}:
            _sync_folder(folder)
    except OSError as error:
        raise UnwritableFile(_reason(path, error)) from error
    finally:
        for temporary in ready.values():
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


def _beside(target: Path) -> Path:
    return target.with_name(f"{PREFIX}{os.getpid()}-{secrets.token_hex(4)}{SUFFIX}")


def _followed(path: Path, root: Path | None) -> Path:
    circle = f"Écriture impossible : {path} est un lien qui ne mène nulle part."
    try:
        target = path.resolve()
    except (OSError, RuntimeError) as error:
        raise UnwritableFile(circle) from error
    if os.path.islink(target):  # from Python 3.13 a circle is no error; a closed folder is told later
        raise UnwritableFile(circle)
    if root is not None and not target.is_relative_to(Path(root).resolve()):
        raise UnwritableFile(
            f"Écriture refusée : {path} est un lien qui sort du dossier de données (vers {target}).\n"
            "Remplacer le lien par un fichier, ou écrire dans l'autre dossier avec --donnees."
        )
    return target


def _write(temporary: Path, pieces: Iterable[bytes]) -> None:
    mask = os.umask(0)
    os.umask(mask)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _AS_WRITTEN, 0o666 & ~mask)
    try:
        for piece in pieces:
            view = memoryview(piece)
            while view:
                view = view[os.write(descriptor, view) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _reason(path: Path, error: OSError) -> str:
    if error.errno in _FULL:
        return (
            f"Écriture impossible : {path}, disque plein ou quota atteint.\n"
            "L'ancien fichier est intact. Libérer de la place, puis relancer la commande."
        )
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return (
            f"Écriture impossible : {path}, accès refusé : dossier ou fichier protégé, ou ouvert ailleurs.\n"
            "L'ancien fichier est intact."
        )
    return f"Écriture impossible : {path} ({reason(error)})."


@contextmanager
def uninterrupted(message: str) -> Iterator[None]:
    """Make an interruption wait for the last of steps that make one change, then tell what is done.

    Raises
    ------
    KeyboardInterrupt
        At the end, with ``message``, if the reader interrupted meanwhile.

    Examples
    --------
    >>> with uninterrupted("la couche est écrite en entier."):
    ...     pass
    """
    if threading.current_thread() is not threading.main_thread():  # interruptions reach the main one only
        yield
        return
    interruptions = []
    handler = signal.signal(signal.SIGINT, lambda *_: interruptions.append(True))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
    if interruptions:
        raise KeyboardInterrupt(message)


@contextmanager
def lock(folder: Path, *, command: str, wait_s: float = WAIT_S) -> Iterator[None]:
    """Hold the lock of a folder as its only writer; sweep first what a killed writer left behind.

    Parameters
    ----------
    folder
        Workspace; the lock covers every layer in it.
    command
        What the holder is doing, for the message others get.
    wait_s
        How long to wait for the holder, in seconds.

    Raises
    ------
    UnwritableFile
        Somebody else still writes after ``wait_s``, or the folder is closed.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, lock(Path(folder), command="essai"):
    ...     (Path(folder) / ".verrou").is_file()
    True
    """
    file = Path(folder) / LOCK_FILE
    take = _flock if fcntl is not None else _exclusive
    with take(file, command, wait_s):
        sweep(Path(folder))
        yield


def sweep(folder: Path, *, deep: bool = True) -> int:
    """Remove the temporary files of processes that are gone, and count them.

    A folder may be shared by several machines, whose processes are not ours to judge: what is
    younger than a day is left where no lock is held (``deep`` is for who holds it).
    """
    removed = 0
    pattern = f"{PREFIX}*{SUFFIX}"
    for temporary in sorted(folder.rglob(pattern) if deep else folder.glob(pattern)):
        pid = temporary.name.removeprefix(PREFIX).split("-")[0]
        if not pid.isdigit() or _alive(int(pid)):
            continue
        with suppress(OSError):
            if deep or time.time() - temporary.stat().st_mtime > DAY_S:
                temporary.unlink()
                removed += 1
    return removed


@contextmanager
def _flock(file: Path, command: str, wait_s: float) -> Iterator[None]:
    descriptor = _opened(file, os.O_RDWR | os.O_CREAT)
    try:
        _until(lambda: _taken(descriptor), file, wait_s)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, _signature(command), 0)
        try:
            yield
        finally:
            with suppress(OSError):
                os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)  # frees the lock


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _exclusive(file: Path, command: str, wait_s: float) -> Iterator[None]:
    """Hold a lock by the creation of a file, where the system has no ``flock``."""
    file = file.with_name(f"{file.name}.exclusif")

    def created() -> bool:
        _drop_if_stale(file)
        try:
            descriptor = _opened(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        except FileExistsError:
            return False
        os.write(descriptor, _signature(command))
        os.close(descriptor)
        return True

    _until(created, file, wait_s)
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def _drop_if_stale(file: Path) -> None:
    """Remove a lock whose holder, on this machine, is dead; whoever wins the rename does it."""
    holder = _holder(file)
    pid, host = holder.get("pid"), holder.get("poste")
    if isinstance(pid, int) and host == socket.gethostname() and not _alive(pid):
        set_aside = file.with_name(f"{PREFIX}{os.getpid()}-{secrets.token_hex(4)}{SUFFIX}")
        with suppress(OSError):
            os.rename(file, set_aside)
            set_aside.unlink()


def _opened(file: Path, flags: int) -> int:
    try:
        return os.open(file, flags | _AS_WRITTEN, 0o666)
    except FileExistsError:
        raise
    except OSError as error:
        raise UnwritableFile(_reason(file, error)) from error


def _until(ready: Callable[[], bool], file: Path, wait_s: float) -> None:
    end = time.monotonic() + wait_s
    while not ready():
        if time.monotonic() > end:
            holder = _holder(file)
            since = f" depuis {holder['depuis']}" if "depuis" in holder else ""
            raise UnwritableFile(
                f"Le dossier {file.parent} est en cours d'écriture par « {holder.get('commande', '?')} »"
                f" (processus {holder.get('pid', '?')} sur {holder.get('poste', '?')}{since}).\n"
                f"Rien n'a été changé après {wait_s:g} s d'attente : relancer quand il aura fini."
            )
        time.sleep(_POLL_S)


def _signature(command: str) -> bytes:
    since = datetime.now(UTC).isoformat(timespec="seconds")
    holder = {"pid": os.getpid(), "poste": socket.gethostname(), "commande": command, "depuis": since}
    return json.dumps(holder, ensure_ascii=False).encode()


def _holder(file: Path) -> dict[str, Any]:
    try:
        holder = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return holder if isinstance(holder, dict) else {}


def _alive(pid: int) -> bool:
    if os.name == "nt":
        return _alive_on_windows(pid)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _alive_on_windows(pid: int) -> bool:
    """Ask the system of a process: there ``os.kill`` with 0 would send it a Ctrl-C."""
    import ctypes

    system = ctypes.windll.kernel32  # type: ignore[attr-defined]
    handle = system.OpenProcess(_MAY_QUERY, False, pid)
    if not handle:
        return False
    code = ctypes.c_ulong()
    try:
        return not system.GetExitCodeProcess(handle, ctypes.byref(code)) or code.value == _STILL_ACTIVE
    finally:
        system.CloseHandle(handle)
