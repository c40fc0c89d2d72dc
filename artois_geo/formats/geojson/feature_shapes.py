"""The shapes of features in their order: one by one, or many at a time from a thinned text."""

import json
from typing import Any

import numpy as np

from artois_geo.errors import why
from artois_geo.formats.findings import Finding
from artois_geo.formats.geojson import fast_geojson, geometry_text

LARGE = 64 << 20  # bytes of a file for which the compiled reader is worth waking up
BATCH, BATCH_BYTES = 2_000, 1 << 20  # what is parsed at once stays in the processor's cache


class Shapes:
    """Gathers shapes; ``thinned`` is the text they come from when it was thinned."""

    def __init__(self, findings: list[Finding]) -> None:
        self.thinned: fast_geojson.Thinned | None = None
        self._reader: fast_geojson.Reader | None = None
        self._findings = findings
        self._done: list[np.ndarray] = []
        self._waiting: list[fast_geojson.Part | None] = []
        self._one_by_one: list[Any] = []
        self._first = self._size = 0

    def thin(self, stream: Any, *, size: int, largest: int) -> fast_geojson.Thinned:
        """The thinned text of a file of that size, which the features are parsed from."""
        self.thinned = fast_geojson.Thinned(stream, largest=largest)
        self._reader = _compiled() if size >= LARGE else None
        return self.thinned

    def add(self, feature: dict[str, Any], number: int) -> None:
        """The shape of one more feature; raises ``Unusual`` for what only the slow reader can judge."""
        if self.thinned is None:
            self._one_by_one.append(_shape(feature, number, self._findings))
            return
        if "geometry" not in feature:
            raise fast_geojson.Unusual
        part = self.thinned.taken(feature["geometry"])
        self._waiting.append(part)
        self._size += len(part[1]) if part else 0
        if len(self._waiting) == BATCH or self._size > BATCH_BYTES:
            self._build()

    @property
    def apart(self) -> int:
        """Bytes of the file that the thinned text of the features so far lacks."""
        return 0 if self.thinned is None else self.thinned.apart

    def _build(self) -> None:
        shapes, slow = fast_geojson.shapes_of(self._waiting, self._reader)
        for row in slow:
            described, text = self._waiting[row] or ({}, b"")
            try:
                described["coordinates"] = json.loads(text)
            except (ValueError, RecursionError) as error:
                raise fast_geojson.Unusual from error
            shapes[row] = _shape({"geometry": described}, self._first + row + 1, self._findings)
        self._done.append(shapes)
        self._first += len(shapes)
        self._waiting, self._size = [], 0

    def built(self) -> np.ndarray:
        """All of them."""
        if self.thinned is not None:
            self._build()
            if self.thinned.held:
                raise fast_geojson.Unusual  # coordinates that no feature's geometry took
            return np.concatenate(self._done)
        shapes = np.empty(len(self._one_by_one), dtype=object)
        shapes[:] = self._one_by_one
        return shapes


def _compiled() -> fast_geojson.Reader | None:
    try:
        from artois_geo.formats.geojson import positions
    except (ImportError, RuntimeError):  # not installed, or nowhere to keep what it compiles
        return None
    return positions.numbers_in


def _shape(feature: dict[str, Any], number: int, found: list[Finding]) -> Any:
    if "geometry" not in feature:
        if "type" in feature:
            message = "membre « geometry » absent (RFC 7946, 3.2 : écrire null)"
            found.append(Finding(number, "geometry", "géométrie absente", "alerte", "", message))
        return None
    described = feature["geometry"]
    if described is None:
        return None
    try:
        shape, said = geometry_text.shape_of(described)
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        message = f"géométrie illisible : {why(error)}"
        found.append(Finding(number, "geometry", "structure", "erreur", described, message))
        return None
    for rule, message in said:
        found.append(Finding(number, "geometry", rule, "réparation", "", message))
    return shape
