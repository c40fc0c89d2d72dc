"""The text of features set aside, as their file wrote it."""

import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from artois_geo.formats.geojson import geojson_reader


def texts(
    path: Path, rows: Collection[int], *, encoding: str = "utf-8", places: np.ndarray | None = None
) -> list[str]:
    """The text of some features (from 0), as the file wrote it; ``places`` come from ``read_raw``."""
    if places is not None:
        found = list(_taken_at(path, rows, places))
        if None not in found:
            return found
    return [
        text
        for row, text in enumerate(geojson_reader.features(path, encoding=encoding, texts=True))
        if row in rows
    ]


def _taken_at(path: Path, rows: Collection[int], places: np.ndarray) -> Iterator[Any]:
    """The texts that stand at the places of some features, ``None`` for what is no JSON: the file changed."""
    with Path(path).open("rb") as stream:
        for row in sorted(rows):
            start, end = places[row].tolist()
            stream.seek(start)
            try:
                text = stream.read(end - start).decode()
                json.loads(text)
            except ValueError:
                text = None
            yield text
