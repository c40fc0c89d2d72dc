"""The files of a pack: written at once, listed with their checksums, put in one archive."""

import hashlib
import io
import json
import zipfile
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from artois_geo import errors, tables
from artois_geo.layers import files

MANIFEST = "manifest.json"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the first day that an archive can say: it must not carry the clock


class Folder:
    """A folder that is being filled; it remembers what it wrote."""

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self.written: dict[str, bytes] = {}

    def add(self, name: str, content: str | bytes) -> Path:
        """Write one file; folders of its name are made.

        Raises
        ------
        UnwritableFile
            A folder cannot be made, the file cannot be written, or its name leaves the folder.
        """
        path = self.path / name
        if not path.resolve().is_relative_to(self.path.resolve()):
            raise errors.UnwritableFile(f"Fichier hors du dossier refusé : {name}.")
        make(path.parent)
        data = content.encode() if isinstance(content, str) else content
        files.replace(path, data)
        self.written[name] = data
        return path

    def close(
        self, *, title: str, sources: list[tables.Source], digests: dict[str, str], issued: date | None = None
    ) -> Path:
        """Write the manifest, and take away what an earlier manifest lists and nobody wrote again.

        A file that was changed since by somebody else stays.
        """
        before = _listed(self.path)
        document = {
            "title": title,
            "issued": issued.isoformat() if issued else None,
            "files": [
                {"path": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
                for name, data in sorted(self.written.items())
            ],
            "sources": [{**asdict(source), "sha256": digests.get(source.layer)} for source in sources],
        }
        for name, digest in before.items():
            _take_away(self.path, name, digest, self.written)
        return self.add(MANIFEST, json.dumps(document, ensure_ascii=False, indent=1) + "\n")

    def archive(self) -> Path:
        """The same files as one ``.zip`` beside the folder, under the folder's name."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in sorted(self.written.items()):
                entry = zipfile.ZipInfo(f"{self.path.name}/{name}", EPOCH)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                entry.create_system = 3  # the same on every machine
                archive.writestr(entry, data)
        path = self.path.resolve().parent / f"{self.path.resolve().name}.zip"
        files.replace(path, buffer.getvalue())
        return path


def make(folder: Path) -> None:
    """Make a folder and those above it.

    Raises
    ------
    UnwritableFile
        It cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise errors.UnwritableFile(
            f"Dossier impossible à créer : {folder} ({errors.reason(error)})."
        ) from error


def _listed(folder: Path) -> dict[str, str]:
    """Files of an earlier manifest, by name; nothing when there is none that can be read."""
    try:
        document: Any = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return {str(entry["path"]): str(entry["sha256"]) for entry in document["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _take_away(folder: Path, name: str, digest: str, kept: dict[str, bytes]) -> None:
    path = (folder / name).resolve()
    if name in kept or not path.is_relative_to(folder.resolve()) or not path.is_file():
        return
    if hashlib.sha256(path.read_bytes()).hexdigest() == digest:
        path.unlink()
