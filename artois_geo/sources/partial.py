"""What a cut leaves of a large file: kept beside its place, and continued where the server says that it may.

The server must name a version of the file (``ETag``, else ``Last-Modified``): it is sent back with the range,
so that a file that changed in between is sent whole again.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from artois_geo.errors import SourceError

PARTIAL = 206
SUFFIX = ".partiel"
_PIECE = 1 << 16


@dataclass(frozen=True)
class Partial:
    """The beginning of a file, and beside it the version that it is of."""

    path: Path
    about: Path

    @classmethod
    def of(cls, file: Path) -> "Partial":
        """Return the beginning of a file, which may be absent."""
        path = file.with_name(file.name + SUFFIX)
        return cls(path, path.with_name(path.name + ".json"))

    def headers(self) -> dict[str, str]:
        """Ask for what is missing, if the version is still the same; nothing where all is missing."""
        try:
            version = str(json.loads(self.about.read_bytes())["version"])
            size = self.path.stat().st_size
        except (OSError, ValueError, KeyError, TypeError):
            return {}
        return {"Range": f"bytes={size}-", "If-Range": version} if size and version else {}

    def completed(self, answer: Any, incoming: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the whole file: its beginning if the answer continues it, then what comes, kept meanwhile."""
        continues = answer.status_code == PARTIAL and self._continues(answer.headers)
        if answer.status_code == PARTIAL and not continues:
            self.drop()
            raise SourceError("Suite de fichier qui ne commence pas où il faut : relancer la même commande.")
        if continues:
            with self.path.open("rb") as stream:
                while piece := stream.read(_PIECE):
                    yield piece
        version = answer.headers.get("ETag") or answer.headers.get("Last-Modified") or ""
        if version.startswith("W/") or "Content-Encoding" in answer.headers:  # no promise of the same bytes
            version = ""
        self.about.write_text(json.dumps({"version": version}))
        with self.path.open("ab" if continues else "wb") as stream:
            for piece in incoming:
                stream.write(piece)
                yield piece

    def _continues(self, headers: Mapping[str, str]) -> bool:
        return self.path.is_file() and headers.get("Content-Range", "").startswith(
            f"bytes {self.path.stat().st_size}-"
        )

    def drop(self) -> None:
        """Remove what is there."""
        self.path.unlink(missing_ok=True)
        self.about.unlink(missing_ok=True)
