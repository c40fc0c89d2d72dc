"""The text of features set aside, as their file wrote it."""

import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from artois_geo.formats.geojson import geojson_reader


def texts(
    path: Path, rows: Collection[int], *, encoding: str = "utf-8", byte_ranges: np.ndarray | None = None
) -> list[str]:
    """Return the text of features (from 0), as the file wrote it; ``byte_ranges`` are those of a table."""
    if byte_ranges is not None:
        stored = list(_texts_at(path, rows, byte_ranges))
        if None not in stored:
            return stored
    return [
        text
        for row, text in enumerate(geojson_reader.features(path, encoding=encoding, texts=True))
        if row in rows
    ]


def _texts_at(path: Path, rows: Collection[int], byte_ranges: np.ndarray) -> Iterator[Any]:
    """Read the bytes of some features, ``None`` for what is no JSON: the file has changed."""
    with Path(path).open("rb") as stream:
        for row in sorted(rows):
            start, end = byte_ranges[row].tolist()
            stream.seek(start)
            try:
                text = stream.read(end - start).decode()
                json.loads(text)
            except ValueError:
                text = None
            yield text
