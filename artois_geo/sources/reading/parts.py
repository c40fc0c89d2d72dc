"""Objects go to one file, and to a further one each time it is full: none is too large to be read."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

MOST_OBJECTS = 20_000


@dataclass(frozen=True)
class Form:
    """What stands before, between and after the objects of a file."""

    suffix: str
    head: bytes = b""
    separator: bytes = b""
    tail: bytes = b""


GEOJSON = Form(".geojson", b'{"type":"FeatureCollection","features":[\n', b",\n", b"\n]}\n")
CSV = Form(".csv")


@dataclass
class Parts:
    """Files of at most :data:`MOST_OBJECTS` objects, the first named after ``stem``, the others numbered.

    ``head`` stands before the objects of each, and may be set until the first object is written.
    """

    stem: Path
    form: Form
    files: list[Path] = field(default_factory=list)
    head: bytes = b""
    _stream: IO[bytes] | None = None
    _count: int = 0

    def __enter__(self) -> "Parts":
        self.head = self.head or self.form.head
        return self

    def __exit__(self, *_: Any) -> None:
        if not self.files:
            self._open()
        self._close()

    def write(self, text: bytes) -> None:
        """Write one object."""
        if self._stream is None or self._count == MOST_OBJECTS:
            self._close()
            self._open()
        if self._stream is not None:
            self._stream.write(self.form.separator + text if self._count else text)
        self._count += 1

    def _open(self) -> None:
        number = f"-{len(self.files) + 1:04d}" if self.files else ""
        self.files.append(self.stem.with_name(f"{self.stem.name}{number}{self.form.suffix}"))
        self._stream, self._count = self.files[-1].open("wb"), 0
        self._stream.write(self.head)

    def _close(self) -> None:
        if self._stream is not None:
            self._stream.write(self.form.tail)
            self._stream.close()
            self._stream = None
