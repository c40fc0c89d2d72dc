"""A partner's file becomes a typed layer in Lambert-93, and everything that was wrong with it is said.

Refuse by default, repair only what has one answer, warn on what is the planner's
decision. Nothing disappears: features kept and features set aside add up to the
features of the file.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from artois_geo import measure
from artois_geo.deliveries import crs_detection, delivery_checks, matching
from artois_geo.deliveries.matching import Match
from artois_geo.errors import UnreadableFile
from artois_geo.formats import crs_readings
from artois_geo.formats.findings import LEVELS, Finding, short
from artois_geo.formats.opening import Limits
from artois_geo.formats.raw_table import RawTable, frame_of
from artois_geo.formats.read import read_raw
from artois_geo.kinds import repairs, secondary_fields
from artois_geo.kinds.checks.identity import Identity
from artois_geo.kinds.schema import Schema, read_kind

OUTCOMES = ("accept", "warn", "repair", "reject")


@dataclass(frozen=True)
class Delivery:
    """What a delivery gave: the layer, the findings, and what is set aside."""

    name: str
    schema: Schema
    features: gpd.GeoDataFrame
    findings: list[Finding]
    matches: list[Match]
    outcome: str
    reading: str
    format: str
    counted: int
    aside: tuple[int, ...] = ()  # rows of the file, from 0
    labels: tuple[str, ...] = ()
    before_ha: float = 0.0
    after_ha: float = 0.0
    raw: RawTable = field(default_factory=RawTable, repr=False)
    # of each kept feature, its shape in WGS 84 as it was delivered, None where it was repaired
    degrees: np.ndarray | None = field(default=None, repr=False)

    def rows(self) -> list[dict[str, Any]]:
        """Findings for a report: ``feature`` by its key, its ``position`` in the file from 1."""
        return [self._said(one) for one in self.findings]

    def _said(self, one: Finding) -> dict[str, Any]:
        label = "" if one.feature is None else self.labels[one.feature - 1]
        said: dict[str, Any] = {
            "feature": label,
            "position": one.feature,
            "field": one.field,
            "rule": one.rule,
            "level": one.level,
            "found": short(one.found),
            "message": re.sub(r"l'objet n° (\d+)", self._other, one.message),
        }
        if one.rule == secondary_fields.RULE:
            said["delivered"] = one.found
        if one.before_m2 is not None:
            said |= {"before_m2": one.before_m2, "after_m2": one.after_m2, "flagged": repairs.flagged(one)}
        return said

    def _other(self, found: re.Match[str]) -> str:
        label = self.labels[int(found[1]) - 1]
        return f"« {label} » (n° {found[1]})" if label != f"n° {found[1]}" else found[0]


def read_delivery(
    path: Path,
    kind: str | Path,
    *,
    crs: str | None = None,
    layer: str = "",
    columns: Mapping[str, str] | None = None,
    encoding: str = "",
    territory: str = "",
) -> gpd.GeoDataFrame:
    """A partner's file as a typed table; what cannot be parsed stays as text for ``validate``.

    Shapefile (folder or zip), GeoPackage, GeoJSON, CSV or TSV, GeoParquet,
    FlatGeobuf, KML, MapInfo and XLSX. What has one answer is repaired; :func:`receive`
    also gives the findings.

    Parameters
    ----------
    path
        File or folder.
    kind
        Name of a kind, or path of a TOML that describes one.
    crs
        System of the coordinates when the file does not say it, or says it wrong;
        ``"auto"`` accepts the only reading that falls in the territory.
    layer
        Layer or sheet, where the file holds several.
    columns
        Field of the kind to column of the file.
    encoding
        Encoding of the texts, where the file does not say it.
    territory
        ``france`` (by default), ``monde``, ``ouest,sud,est,nord`` or a layer.

    Returns
    -------
    GeoDataFrame
        EPSG:2154, one row per feature of the file.

    Raises
    ------
    UnreadableFile
        Not what it claims to be, damaged, or over a limit.
    BadCRS
        Coordinates that fall nowhere near the territory; candidates are listed.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "quais.csv"
    ...     _ = file.write_text("QUAI_ID;quai_nom;quai_statut;lon;lat\\n1;Béthune;En service;2,64;50,53\\n")
    ...     quays = read_delivery(file, "quai")
    >>> quays["quai_statut"].tolist(), quays.crs.to_epsg()
    (['en service'], 2154)
    """
    return receive(
        path, kind, crs=crs or "", layer=layer, columns=columns, encoding=encoding, territory=territory
    ).features


def receive(
    path: Path,
    kind: str | Path | Schema,
    *,
    crs: str = "",
    layer: str = "",
    columns: Mapping[str, str] | None = None,
    encoding: str = "",
    separator: str = "",
    geometry_column: str = "",
    territory: str = "",
    folder: Path | None = None,
    mend: bool = True,
    set_aside: bool = False,
    incomplete: bool = False,
    complete: Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame] | None = None,
    limits: Limits | None = None,
    identity: Identity | None = None,
) -> Delivery:
    """A partner's file, typed, placed, repaired, checked: the layer and everything that was wrong.

    Parameters
    ----------
    path, kind, crs, layer, columns, encoding, territory
        See :func:`read_delivery`.
    separator, geometry_column
        Of a CSV, where they should not be found by themselves.
    folder
        Workspace, whose ``territoire.geojson`` is the territory by default.
    mend
        Repair what has one answer; otherwise it stays an error.
    set_aside
        Keep the sound features and set the others aside.
    incomplete
        Take a file that lacks whole mandatory fields: an alert each, no error.
    complete
        Called with the placed features before they are checked, to add columns
        (identifiers, main commune).
    limits
        What the file may cost.
    identity
        Outlines that hold the declared communes against the shapes, and tolerances.

    Returns
    -------
    Delivery
        ``outcome`` is ``accept``, ``warn``, ``repair`` or ``reject``.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "quais.csv"
    ...     _ = file.write_text("quai_id;quai_nom;quai_statut;lon;lat\\n1;Lens;ouvert;2,83;50,43\\n")
    ...     refused = receive(file, "quai")
    >>> refused.outcome, refused.rows()[0]["rule"], refused.rows()[0]["found"]
    ('reject', 'liste de valeurs', 'ouvert')
    """
    path = Path(path)
    schema = kind if isinstance(kind, Schema) else read_kind(kind)
    limits = limits or Limits()
    raw = read_raw(
        path,
        limits,
        schema.table_hints(),
        layer=layer,
        encoding=encoding,
        separator=separator,
        geometry_column=geometry_column,
    )
    if len(raw) > limits.rows:
        raise UnreadableFile(f"{path.name} : {len(raw)} objets, plus que la limite de {limits.rows}.")
    raw.original = dict(raw.columns)
    matches, typing = _shape_columns(raw, schema, columns, mend=mend)
    labels = _labels(raw, schema)
    rows = [*raw.findings, *typing]
    where = crs_detection.territory(territory, folder, schema.territory_wgs84)
    reading = "sans géométrie"
    received = raw.shapes
    if raw.has_geometry:
        raw.shapes, reading, placed = crs_detection.place(
            raw.shapes,
            raw.crs,
            asked=crs,
            where=where,
            label=lambda row: labels[row],
            said=path.name,
            missing=raw.crs_problem or _undeclared(raw.format),
        )
        rows += placed
    raw.crs = measure.LAMBERT93
    before = _hectares(raw.shapes)
    placed_shapes, valid = raw.shapes.copy(), None
    if mend and raw.has_geometry:
        raw.shapes, mended, valid = repairs.mend_and_check(raw.shapes, schema)
        rows += mended
    frame = frame_of(raw)
    if complete is not None:
        frame = complete(frame)
        labels = _labels_of(frame, schema)
    twice = repairs.copies(frame, raw.shapes) if mend and schema.key else []
    rows += [
        Finding(
            row + 1, schema.key, "objet en double", "réparation", "", "copie exacte d'un autre objet, retirée"
        )
        for row in twice
    ]
    rows += delivery_checks.import_findings(
        frame,
        schema,
        raw,
        matches,
        unreadable=rows,
        dropped=set(twice),
        incomplete=incomplete,
        valid=valid,
        identity=identity,
    )
    if mend:
        frame, rows = secondary_fields.without_faults(frame, schema, rows)
    decided = _decided(
        path, schema, frame, rows, matches, raw, labels, reading, before, set(twice), set_aside
    )
    if reading != crs_readings.DEGREES:
        return decided
    return replace(decided, degrees=_untouched(received, placed_shapes, frame, decided))


def _undeclared(form: str) -> str:
    return "fichier .prj absent, système de coordonnées inconnu" if form == "Shapefile" else ""


def _shape_columns(
    raw: RawTable, schema: Schema, given: Mapping[str, str] | None, *, mend: bool
) -> tuple[list[Match], list[Finding]]:
    """Rename and type the columns of the kind; the others follow, as they are."""
    named, years = matching.with_years(raw.columns, schema)
    matches = matching.match(raw.columns, named, given)
    to_field = {one.source: one.field for one in matches}
    found: list[Finding] = []
    columns: dict[str, list[Any]] = {}
    for name, values in raw.columns.items():
        target = schema.field(to_field[name]) if name in to_field else None
        if target is None:
            values, rows = matching.conversion_of_unknown(name, values)
            if not mend:  # what would have been mended is wrong
                values = raw.columns[name]
                rows = [replace(row, level="erreur") if row.level == "réparation" else row for row in rows]
        elif mend:
            values, rows = matching.typed(values, target, texts=raw.texts)
        else:
            rows = []
        found += rows
        label = target.name if target is not None else _free(name, columns, to_field)
        columns[label] = values
    for name, year in years.items():
        if name not in columns:
            columns[name] = [year] * len(raw)
            found.append(
                Finding(None, name, "millésime", "note", year, f"{year} lu dans les noms de colonnes")
            )
    raw.columns = columns
    return matches, found


def _free(name: str, columns: dict[str, list[Any]], to_field: dict[str, str]) -> str:
    """A column outside the kind that bears the name of a field filled by another one."""
    while name in columns or name in to_field.values():
        name += "_source"
    return name


def _labels(raw: RawTable, schema: Schema) -> tuple[str, ...]:
    keys = raw.columns.get(schema.key, [None] * len(raw))
    return tuple(str(key) if key else f"n° {row}" for row, key in enumerate(keys, start=1))


def _labels_of(frame: gpd.GeoDataFrame, schema: Schema) -> tuple[str, ...]:
    keys = frame[schema.key].tolist() if schema.key in frame.columns else [None] * len(frame)
    return tuple(str(key) if key else f"n° {row}" for row, key in enumerate(keys, start=1))


def _hectares(shapes: np.ndarray) -> float:
    areas = gpd.GeoSeries(shapes, crs=measure.LAMBERT93).area
    return float(areas.sum() / measure.M2_PER_HA)


def _decided(
    path: Path,
    schema: Schema,
    frame: gpd.GeoDataFrame,
    rows: list[Finding],
    matches: list[Match],
    raw: RawTable,
    labels: tuple[str, ...],
    reading: str,
    before: float,
    twice: set[int],
    set_aside: bool,
) -> Delivery:
    errors = [one for one in rows if one.level == "erreur"]
    bad = {one.feature - 1 for one in errors if one.feature is not None}
    whole = any(one.feature is None for one in errors)
    aside: tuple[int, ...] = ()
    levels = {one.level for one in rows}
    if errors and (whole or not set_aside or len(bad) == len(frame)):
        outcome = "reject"
        kept = frame
    else:
        aside = tuple(sorted(bad))
        keep = np.array([row not in bad and row not in twice for row in range(len(frame))], dtype=bool)
        kept = frame.loc[keep] if not keep.all() else frame
        kept.attrs = dict(frame.attrs)
        outcome = (
            "repair" if "réparation" in levels else "warn" if levels & {"alerte", "erreur"} else "accept"
        )
    return Delivery(
        name=path.name,
        schema=schema,
        features=kept,
        findings=sorted(rows, key=_order),
        matches=matches,
        outcome=outcome,
        reading=reading,
        format=raw.format,
        counted=len(frame),
        aside=aside,
        labels=labels,
        before_ha=before,
        after_ha=float(kept.geometry.area.sum() / measure.M2_PER_HA),
        raw=raw,
    )


def _untouched(
    received: np.ndarray, placed: np.ndarray, frame: gpd.GeoDataFrame, decided: Delivery
) -> np.ndarray:
    """What can be written back as it came: a way to Lambert-93 and back would only cost time."""
    now = frame.geometry.to_numpy()
    same = np.fromiter((one is other for one, other in zip(placed, now, strict=True)), bool, len(now))
    shapes = received.copy()
    shapes[~same] = None
    high = shapely.has_z(shapes)
    shapes[high] = shapely.force_2d(shapes[high])
    return shapes[frame.index.get_indexer(decided.features.index)]


def _order(one: Finding) -> tuple[int, int]:
    return LEVELS.index(one.level), one.feature or 0


def findings_table(delivery: Delivery) -> pd.DataFrame:
    """The findings of a delivery as a table: one row each."""
    columns = ["feature", "position", "field", "rule", "level", "found", "message"]
    return pd.DataFrame(delivery.rows(), columns=[*columns, "before_m2", "after_m2", "flagged"]).dropna(
        axis=1, how="all"
    )
