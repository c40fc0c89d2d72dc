"""The files of a pack: written together at the end, listed with their checksums, put in one archive."""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

from artois_geo import errors, sheets, tables
from artois_geo.layers import store

MANIFEST = "manifest.json"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the first day that an archive can say: it must not carry the clock


class Folder:
    """Gather the files of a folder; nothing reaches the disk before all of them are ready."""

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self.files: dict[str, bytes] = {}

    def add(self, name: str, content: str | bytes) -> None:
        """Add one file, kept in memory until the folder is written.

        Raises
        ------
        UnwritableFile
            Its name leaves the folder.
        """
        if not (self.path / name).resolve().is_relative_to(self.path.resolve()):
            raise errors.UnwritableFile(f"Fichier hors du dossier refusé : {name}.")
        self.files[name] = content.encode() if isinstance(content, str) else content

    def add_all(self, contents: Mapping[str, str | bytes]) -> None:
        """Add several files, by name."""
        for name, content in contents.items():
            self.add(name, content)

    def add_pages(self, pages: Mapping[str, str], *, in_pdf: bool) -> None:
        """Add HTML pages by name without suffix; as PDF too where ``in_pdf``."""
        for name, page in pages.items():
            self.add(f"{name}.html", page)
            if in_pdf:
                self.add(f"{name}.pdf", sheets.to_pdf(page))

    def write(
        self, *, earlier_digests: Mapping[str, str] = MappingProxyType({}), zipped: bool = False
    ) -> list[Path]:
        """Write the files together; an interruption waits until they are all there.

        Files of ``earlier_digests`` (checksum by name) that are not among them are removed, unless
        somebody changed them since. ``zipped``: one archive of them too, beside the folder.

        Raises
        ------
        UnwritableFile
            A folder cannot be made, or a file cannot be written: the old files are as they were.
        """
        contents = {self.path / name: data for name, data in self.files.items()}
        for folder in {path.parent for path in contents}:
            store.make_folder(folder)
        if zipped:
            contents |= self._archive()
        with store.uninterrupted(f"le dossier {self.path} est écrit en entier."):
            store.replace_all(contents)
            for name, digest in earlier_digests.items():
                _remove_if_unchanged(self.path, name, digest, self.files)
        return list(contents)

    def write_with_manifest(
        self,
        *,
        title: str,
        sources: list[tables.Source],
        digests: dict[str, str],
        issued: date | None = None,
        zipped: bool = False,
        publisher: str = "",
    ) -> list[Path]:
        """Write the files and their manifest, in place of those that an earlier manifest lists."""
        earlier_digests = _listed(self.path)
        document = {
            "title": title,
            **({"publisher": publisher} if publisher else {}),
            "issued": issued.isoformat() if issued else None,
            "files": [
                {"path": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
                for name, data in sorted(self.files.items())
            ],
            "sources": [{**asdict(source), "sha256": digests.get(source.layer)} for source in sources],
        }
        self.add(MANIFEST, json.dumps(document, ensure_ascii=False, indent=1) + "\n")
        return self.write(earlier_digests=earlier_digests, zipped=zipped)

    def _archive(self) -> dict[Path, bytes]:
        """Pack the same files in one ``.zip`` beside the folder, under the folder's name."""
        folder, buffer = self.path.resolve(), io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in sorted(self.files.items()):
                entry = zipfile.ZipInfo(f"{folder.name}/{name}", EPOCH)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                entry.create_system = 3  # the same on every machine
                archive.writestr(entry, data)
        return {folder.parent / f"{folder.name}.zip": buffer.getvalue()}


def _listed(folder: Path) -> dict[str, str]:
    """Read the files of an earlier manifest and their checksums; none when it cannot be read."""
    try:
        document: Any = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return {str(entry["path"]): str(entry["sha256"]) for entry in document["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _remove_if_unchanged(folder: Path, name: str, digest: str, current_files: dict[str, bytes]) -> None:
    path = (folder / name).resolve()
    if name in current_files or not path.is_relative_to(folder.resolve()) or not path.is_file():
        return
    if hashlib.sha256(path.read_bytes()).hexdigest() == digest:
        path.unlink()
