"""Build the shapes of features in their order: one by one, or many at a time from extracted coordinates."""

import json
from typing import Any

import numpy as np

from artois_geo.errors import why
from artois_geo.formats.findings import Finding
from artois_geo.formats.geojson import fast_geojson, geometry_text

LARGE = 64 << 20  # bytes of a file from which the compiled reader is worth loading
BATCH, BATCH_BYTES = 2_000, 1 << 20  # what is parsed at once stays in the processor's cache


class Shapes:
    """Gather the shapes of features in their order, and the findings on them."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self._extractor: fast_geojson.CoordinateExtractor | None = None
        self._reader: fast_geojson.Reader | None = None
        self._batches: list[np.ndarray] = []
        self._pending: list[fast_geojson.Part | None] = []
        self._one_by_one: list[Any] = []
        self._batch_start = self._pending_bytes = 0

    def extract(self, stream: Any, *, size: int, largest: int) -> fast_geojson.CoordinateExtractor:
        """Return the stream without coordinates that the features of a file of that size are parsed from."""
        self._extractor = fast_geojson.CoordinateExtractor(stream, largest=largest)
        self._reader = _compiled() if size >= LARGE else None
        return self._extractor

    def add(self, feature: dict[str, Any], number: int) -> None:
        """Add the shape of one more feature; raises ``Unusual`` for what only the slow reader can judge."""
        if self._extractor is None:
            self._one_by_one.append(self._shape(feature, number))
            return
        if "geometry" not in feature:
            raise fast_geojson.Unusual
        part = self._extractor.part_of(feature["geometry"])
        self._pending.append(part)
        self._pending_bytes += len(part[1]) if part else 0
        if len(self._pending) == BATCH or self._pending_bytes > BATCH_BYTES:
            self._build()

    @property
    def removed_bytes(self) -> int:
        """Count the bytes of the file that the text without coordinates lacks, for the features so far."""
        return 0 if self._extractor is None else self._extractor.removed_bytes

    def _build(self) -> None:
        """Build the shapes that wait; those that are out of the ordinary are read one by one."""
        shapes, slow_rows = fast_geojson.shapes_of(self._pending, self._reader)
        for row in slow_rows:
            described, text = self._pending[row] or ({}, b"")
            try:
                described["coordinates"] = json.loads(text)
            except (ValueError, RecursionError) as error:
                raise fast_geojson.Unusual from error
            shapes[row] = self._shape({"geometry": described}, self._batch_start + row + 1)
        self._batches.append(shapes)
        self._batch_start += len(shapes)
        self._pending, self._pending_bytes = [], 0

    def built(self) -> np.ndarray:
        """Return all the shapes."""
        if self._extractor is not None:
            self._build()
            if self._extractor.coordinates:
                raise fast_geojson.Unusual  # coordinates that no feature's geometry took
            return np.concatenate(self._batches)
        shapes = np.empty(len(self._one_by_one), dtype=object)
        shapes[:] = self._one_by_one
        return shapes

    def _shape(self, feature: dict[str, Any], number: int) -> Any:
        """Build the shape of a feature, ``None`` where it has none or none that can be read."""
        if "geometry" not in feature:
            if "type" in feature:
                message = "membre « geometry » absent (RFC 7946, 3.2 : écrire null)"
                self._report(number, "géométrie absente", "alerte", message)
            return None
        described = feature["geometry"]
        if described is None:
            return None
        try:
            shape, repairs = geometry_text.shape_of(described)
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
            self._report(number, "structure", "erreur", f"géométrie illisible : {why(error)}", described)
            return None
        for rule, message in repairs:
            self._report(number, rule, "réparation", message)
        return shape

    def _report(self, number: int, rule: str, level: str, message: str, cell: Any = "") -> None:
        self.findings.append(Finding(number, "geometry", rule, level, cell, message))


def _compiled() -> fast_geojson.Reader | None:
    try:
        from artois_geo.formats.geojson import positions
    except (ImportError, RuntimeError):  # not installed, or nowhere to keep what it compiles
        return None
    return positions.numbers_in
