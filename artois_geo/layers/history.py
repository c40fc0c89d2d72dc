"""What happened to a layer: one line per event, one file per version, all readable.

``.historique/COUCHE.jsonl`` holds one JSON object a line; ``.historique/COUCHE/0003.geojson``
is the third version as it was written. A change made by another tool is noticed by
its checksum and kept as a version of its own before anything replaces it.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd

from artois_geo import meaning, suffixes
from artois_geo.errors import BadValue, UnknownName, UnreadableFile
from artois_geo.formats.geojson import geojson_reader
from artois_geo.layers import store
from artois_geo.layers.catalogue import CATALOGUE_FILE, read_catalogue

FOLDER = ".historique"
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def layer_path(folder: Path, layer: str) -> Path:
    """Return the file of a layer in a workspace; a name that could leave it is refused.

    Raises
    ------
    BadValue
        Anything but lower-case ASCII letters, digits, ``_`` and ``-``.

    Examples
    --------
    >>> layer_path(Path("donnees"), "../sites")
    Traceback (most recent call last):
    artois_geo.errors.BadValue: nom de couche refusé : « ../sites ». Proposition : « sites ».
    """
    if not NAME.fullmatch(layer) or suffixes.is_device(layer):
        proposal = re.sub(r"[^a-z0-9]+", "_", meaning.fold(layer)).strip("_")[:64] or "couche"
        if suffixes.is_device(proposal):
            proposal = f"couche_{proposal}"
        raise BadValue(f"nom de couche refusé : « {layer} ». Proposition : « {proposal} ».")
    if (Path(folder) / CATALOGUE_FILE).is_file():
        catalogue = read_catalogue(Path(folder))
        if layer in catalogue:
            return catalogue[layer].path
    return Path(folder) / f"{layer}.geojson"


def events(folder: Path, layer: str) -> list[dict[str, Any]]:
    """Read the events of a layer, the oldest first; none for a layer without history.

    Raises
    ------
    UnreadableFile
        The journal was damaged by something else.
    """
    layer_path(folder, layer)  # refuses a name that leaves the folder
    file = Path(folder) / FOLDER / f"{layer}.jsonl"
    if not file.is_file():
        return []
    rows = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            rows.append(json.loads(line))
        except ValueError as error:
            raise UnreadableFile(f"Historique illisible : {file}, ligne {number}.") from error
    return rows


def commit(
    folder: Path,
    layer: str,
    pieces: Iterable[bytes],
    event: dict[str, Any],
    *,
    check: Callable[[Path], None] | None = None,
    on_committed: Callable[[int], None] | None = None,
) -> int:
    """Put new bytes in the place of a layer and write down what happened. Call it under the lock.

    Parameters
    ----------
    folder, layer
        Workspace and name of the layer.
    pieces
        Bytes of the layer, piece by piece.
    event
        What to remember: command, input, counts, hectares.
    check
        Called with the new version before it takes the place of the layer.
    on_committed
        Called with the number of the version once the layer is in its place: what belongs to
        the same change.

    Returns
    -------
    int
        Number of the version; the one before if nothing changed.

    Notes
    -----
    The order survives a crash at any step: version, then layer, then journal. A
    layer whose checksum the journal does not know is kept as a version first. An interruption
    while the version is written leaves nothing; later, it waits until everything is in its place.
    """
    path = layer_path(folder, layer)
    keep_foreign(folder, layer)
    version_events = [event for event in events(folder, layer) if "version" in event]
    number = _last(version_events) + 1
    file = _version_file(folder, layer, number)
    store.make_folder(file.parent)
    try:
        store.replace(file, pieces, within=folder, check=check)
        digest = checksum(file)
    except BaseException:
        file.unlink(missing_ok=True)  # no line of the journal names it
        raise
    with store.uninterrupted(f"la couche « {layer} » était déjà remplacée, elle est entière."):
        if version_events and version_events[-1]["sha256"] == digest and path.is_file():
            file.unlink()
            number = version_events[-1]["version"]
        else:
            _take_its_place(file, path, folder)
        note(folder, layer, event | {"version": number, "sha256": digest})
        if on_committed is not None:
            on_committed(number)
    return number


def keep_foreign(folder: Path, layer: str) -> None:
    """Keep a layer that another tool changed (or made) as a version, before it is replaced.

    The next version may already be there without a line of the journal (the disk was full, the
    process was killed): it is that of the layer as it is, or it goes, and frees its room.
    """
    path = layer_path(folder, layer)
    layer_events = events(folder, layer)
    versions = [event for event in layer_events if "version" in event]
    current = checksum(path) if path.exists() else ""
    number = _last(layer_events) + 1
    file = _version_file(folder, layer, number)
    already_kept = file.is_file() and bool(current) and checksum(file) == current
    if not already_kept:
        file.unlink(missing_ok=True)
    if not current or (versions and versions[-1]["sha256"] == current):
        return
    if not already_kept:
        store.make_folder(file.parent)
        store.replace(file, read_pieces(path), within=folder)
    note(folder, layer, {"command": "modifiée hors de l'outil", "version": number, "sha256": current})


def _take_its_place(file: Path, path: Path, folder: Path) -> None:
    """Copy a version to the place of the layer; without room for the copy, the version goes too."""
    try:
        store.replace(path, read_pieces(file), within=folder)
    except BaseException:
        if not path.is_file() or checksum(path) != checksum(file):
            file.unlink(missing_ok=True)  # no line of the journal names it
        raise


def note(folder: Path, layer: str, event: dict[str, Any]) -> None:
    """Add one line to the journal of a layer."""
    file = Path(folder) / FOLDER / f"{layer}.jsonl"
    store.make_folder(file.parent)
    stamped = {"when": datetime.now(UTC).isoformat(timespec="seconds")} | event
    line = json.dumps(stamped, ensure_ascii=False) + "\n"
    journal = file.read_bytes() if file.is_file() else b""
    store.replace(file, journal + line.encode(), within=folder)


def version_path(folder: Path, layer: str, version: int) -> Path:
    """Return the file of one version, its checksum verified.

    Raises
    ------
    UnknownName
        No such version.
    UnreadableFile
        The version was changed or removed since.
    """
    versions = {event["version"]: event for event in events(folder, layer) if "version" in event}
    if version not in versions:
        raise UnknownName(f"version de « {layer} »", str(version), map(str, versions))
    file = _version_file(folder, layer, version)
    if not file.is_file() or checksum(file) != versions[version]["sha256"]:
        raise UnreadableFile(
            f"La version {version} de « {layer} » a été changée ou effacée : {file}.\n"
            "La reprendre d'une sauvegarde, ou choisir une autre version avec couches historique."
        )
    return file


def checksum(path: Path) -> str:
    """Compute the SHA-256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    for piece in read_pieces(path):
        digest.update(piece)
    return digest.hexdigest()


def _last(layer_events: list[dict[str, Any]]) -> int:
    return max((event["version"] for event in layer_events if "version" in event), default=0)


def _version_file(folder: Path, layer: str, number: int) -> Path:
    return Path(folder) / FOLDER / layer / f"{number:04d}.geojson"


def read_pieces(path: Path) -> Iterator[bytes]:
    """Yield the bytes of a file, one mebibyte at a time."""
    with path.open("rb") as stream:
        while piece := stream.read(1 << 20):
            yield piece


def earlier_states(folder: Path, layer: str, kind: str) -> list[gpd.GeoDataFrame]:
    """Read what a workspace holds of a layer: as it is, its versions from the last, other layers of its kind.

    Parameters
    ----------
    folder, layer
        Workspace and name of the layer.
    kind
        Kind of the layer: its identifiers are unique in a workspace, whatever the layer.

    Raises
    ------
    UnreadableFile
        A file of the workspace is damaged.

    Examples
    --------
    >>> earlier_states(Path("absent"), "zae", "site_eco")
    []
    """
    current = layer_path(folder, layer)
    paths = [current, *_versions(folder, layer)]
    if (folder / CATALOGUE_FILE).is_file():
        for name, entry in read_catalogue(folder).items():
            if entry.kind == kind and name != layer:
                paths += [entry.path, *_versions(folder, name)]
    return [geojson_reader.read(path) for path in paths if path.is_file()]


def _versions(folder: Path, layer: str) -> list[Path]:
    """List the files of the versions of a layer, the latest first."""
    return sorted((folder / FOLDER / layer).glob("*.geojson"), reverse=True)
