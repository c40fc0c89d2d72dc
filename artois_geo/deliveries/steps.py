"""The steps of a delivery, one function each: read, match, place, repair, complete, check, decide.

Each takes a stage and returns the next; nothing is changed in place.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from artois_geo import measure
from artois_geo.deliveries import crs_detection, delivery_checks, matching, value_rules
from artois_geo.deliveries.completion import Completion
from artois_geo.deliveries.records import Delivery, DeliveryOptions, Stage
from artois_geo.errors import UnreadableFile
from artois_geo.formats.findings import LEVELS, Finding
from artois_geo.formats.geojson import feature_texts
from artois_geo.formats.opening import Limits, Opened
from artois_geo.formats.raw_table import frame_of
from artois_geo.formats.read import opened_raw
from artois_geo.kinds import repairs, secondary_fields
from artois_geo.kinds.schema import Field, Schema
from artois_geo.meaning import is_missing
from artois_geo.measure import quantities
from artois_geo.text import counted, digits


def read(path: Path, schema: Schema, options: DeliveryOptions) -> Stage:
    """Read the file as it is."""
    with opened(path, schema, options) as (stage, _):
        return stage


@contextmanager
def opened(path: Path, schema: Schema, options: DeliveryOptions) -> Iterator[tuple[Stage, Opened]]:
    """Read the file as it is and keep it open: what is set aside is taken from it as it was written."""
    limits = options.limits or Limits()
    with opened_raw(
        path,
        limits,
        schema.table_hints(),
        layer=options.layer,
        encoding=options.encoding,
        separator=options.separator,
        geometry_column=options.geometry_column,
    ) as (raw, file):
        if len(raw) > limits.rows:
            raise UnreadableFile(
                f"{path.name} : {counted(len(raw), 'objet')}, plus que la limite de {limits.rows}."
            )
        yield Stage(path.name, schema, options, raw, raw, raw.findings), file


def match(stage: Stage) -> Stage:
    """Rename and type the columns that are fields of the kind; the others follow, as they are."""
    raw, schema = stage.raw, stage.schema
    schema_of_year, years = matching.with_years(raw.columns, schema)
    matches = matching.match(raw.columns, schema_of_year, stage.options.columns)
    to_field = {match.source: match.field for match in matches}
    columns, findings = _columns_of_file(stage, to_field)
    constants, constant_findings = _constant_columns(stage, columns)
    columns |= constants
    unfilled_years = {name: year for name, year in years.items() if name not in columns}
    columns |= {name: [year] * len(raw) for name, year in unfilled_years.items()}
    table = replace(raw, columns=columns, original=raw.columns)
    stage = replace(
        stage,
        table=table,
        matches=tuple(matches),
        findings=(*stage.findings, *findings, *constant_findings, *_year_findings(unfilled_years)),
        labels=_labels(columns.get(schema.key, [None] * len(raw))),
    )
    return stage if stage.options.state is None else with_known_shapes(stage, stage.options.state)


def _columns_of_file(stage: Stage, to_field: dict[str, str]) -> tuple[dict[str, list[Any]], list[Finding]]:
    """Convert the columns of a file, under the name of their field where ``to_field`` gives one."""
    findings: list[Finding] = []
    columns: dict[str, list[Any]] = {}
    for name, cells in stage.raw.columns.items():
        field = stage.schema.field(to_field[name]) if name in to_field else None
        if field is None:
            values, rows = _outside_kind(name, cells, stage)
            columns[_free(name, columns, to_field)] = values
        else:
            values, rows = _recipe_then_type(cells, field, stage, heading=name)
            if rows and stage.options.rules.keeps_delivered(field.name):
                is_renamed = name != field.name
                delivered = name if is_renamed else _free(f"{name}_source", stage.raw.columns, to_field)
                columns[delivered] = cells
            columns[field.name] = values
            rows = [*rows, *delivery_checks.unit_findings(name, values, field, stage.options.rules)]
        findings += rows
    return columns, findings


def _year_findings(years: Mapping[str, Any]) -> list[Finding]:
    return [
        Finding(None, name, "millésime", "note", year, f"{year} lu dans les noms de colonnes")
        for name, year in years.items()
    ]


def _outside_kind(name: str, cells: list[Any], stage: Stage) -> tuple[list[Any], list[Finding]]:
    """Convert the cells of a column that is no field; what nobody may mend is wrong, and stays as it is."""
    values, rows = matching.conversion_of_unknown(name, cells)
    if stage.options.mend:
        return values, rows
    return cells, [replace(row, level="erreur") if row.level == "réparation" else row for row in rows]


def _constant_columns(
    stage: Stage, columns: dict[str, list[Any]]
) -> tuple[dict[str, list[Any]], list[Finding]]:
    """Fill by the constants of the recipe the fields that no column of the file is."""
    filled: dict[str, list[Any]] = {}
    findings: list[Finding] = []
    for name in stage.options.rules.constants:
        field = stage.schema.field(name)
        if field is not None and name not in columns:
            filled[name], rows = _recipe_then_type([None] * len(stage.raw), field, stage)
            findings += rows
    return filled, findings


def _recipe_then_type(
    cells: list[Any], field: Field, stage: Stage, *, heading: str = ""
) -> tuple[list[Any], list[Finding]]:
    """Convert the cells of a field as the recipe says, then as its type asks."""
    value_rules.require_usable(stage.options.rules, field)
    rules = stage.options.rules.with_heading(heading, field)
    if field.type in {"number", "integer"}:
        suffixes = stage.raw.shown_suffixes.get(heading, {})
        cells = [quantities.shown(cell, suffixes.get(row, ""), field.unit) for row, cell in enumerate(cells)]
    delivered = cells
    cells, changes = rules.applied(cells, field)
    if changes:
        changes += matching.doubts(delivered, cells, field, quantities.marks_of(delivered))
    cells, constants = rules.filled(cells, field)
    if not stage.options.mend:
        return cells, [*changes, *constants]
    typed_cells, repairs_made = matching.typed(cells, field, texts=stage.raw.texts)
    changed_rows = {change.feature for change in changes}
    return typed_cells, [
        *changes,
        *constants,
        *(repair for repair in repairs_made if repair.feature not in changed_rows),
    ]


def with_known_shapes(stage: Stage, state: gpd.GeoDataFrame) -> Stage:
    """Give a table without any shape those that the layer holds under the same keys.

    Parameters
    ----------
    stage
        Matched: its key is a column.
    state
        The layer as it is, EPSG:2154.
    """
    key, table = stage.schema.key, stage.table
    has_shapes = table.has_geometry and any(shape is not None for shape in table.shapes)
    if has_shapes or not key or key not in table.columns or key not in state.columns:
        return stage
    shape_of = dict(zip(state[key].astype(str), state.geometry, strict=True))
    shapes = np.array([shape_of.get(str(cell)) for cell in table.columns[key]] or [None], dtype=object)
    shapes = shapes[: len(table)]
    count = sum(shape is not None for shape in shapes)
    if not count:
        return stage
    message = f"{counted(count, 'forme reprise', 'formes reprises')} de la couche par « {key} »"
    finding = Finding(None, "geometry", "forme reprise", "note", count, message)
    table = replace(table, shapes=shapes, crs=measure.LAMBERT93, has_geometry=True)
    return replace(
        stage, table=table, raw=replace(stage.raw, shapes=shapes), findings=(*stage.findings, finding)
    )


def place(stage: Stage) -> Stage:
    """Transform the shapes to Lambert-93, by the system that the territory confirms."""
    options, table = stage.options, stage.table
    territory = crs_detection.read_territory(options.territory, options.folder, stage.schema.territory_wgs84)
    shapes = table.shapes
    if table.has_geometry:
        absence = table.crs_problem or _absent_system(table.format)
        declared = crs_detection.DeclaredSystem(table.crs, stage.name, options.crs, absence)
        placement = crs_detection.locate(shapes, declared, territory, lambda row: stage.labels[row])
        shapes = placement.shapes
        stage = replace(
            stage,
            reading=placement.reading,
            in_degrees=placement.in_degrees,
            findings=(*stage.findings, *placement.findings),
        )
    return replace(
        stage,
        table=replace(table, shapes=shapes, crs=measure.LAMBERT93),
        before_ha=_hectares(shapes),
        placed_shapes=shapes,
    )


def repair(stage: Stage) -> Stage:
    """Repair the shapes that have one answer."""
    if not (stage.options.mend and stage.table.has_geometry):
        return stage
    shapes, findings, valid = repairs.mend_and_check(stage.table.shapes.copy(), stage.schema)
    return replace(
        stage,
        table=replace(stage.table, shapes=shapes),
        findings=(*stage.findings, *findings),
        valid=valid,
    )


def complete(stage: Stage) -> Stage:
    """Make the table of features, with the columns that the caller adds; mark exact copies."""
    schema, features, labels = stage.schema, frame_of(stage.table), stage.labels
    filled_in: list[Finding] = []
    if stage.options.complete is not None:
        completion = stage.options.complete
        completed = (
            completion.filled(features, schema)
            if isinstance(completion, Completion)
            else completion(features)
        )
        filled_in += _filled_in(features, completed, schema)
        features = completed
        keys = features[schema.key].tolist() if schema.key in features.columns else [None] * len(features)
        labels = _labels(keys)
    copies = repairs.copies(features, stage.table.shapes) if stage.options.mend and schema.key else []
    message = "copie exacte d'un autre objet, retirée"
    findings = [Finding(row + 1, schema.key, "objet en double", "réparation", "", message) for row in copies]
    return replace(
        stage,
        features=features,
        labels=labels,
        copies=frozenset(copies),
        findings=(*stage.findings, *filled_in, *findings),
    )


def _filled_in(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, schema: Schema) -> list[Finding]:
    """Report the empty cells of a column of the file that were deduced: none of them was declared."""
    findings = []
    for field in schema.fields:
        if field.name == schema.key or not {field.name} <= {*before.columns} & {*after.columns}:
            continue
        filled = before[field.name].map(is_missing) & ~after[field.name].map(is_missing)
        for row in np.flatnonzero(filled.to_numpy()).tolist():
            value = after[field.name].iloc[row]
            written = digits(value) if isinstance(value, int | float) else value
            message = f"« {written} » déduit de la forme, le fichier n'en dit rien"
            findings.append(Finding(row + 1, field.name, "valeur déduite", "réparation", "", message))
    return findings


def check(stage: Stage) -> Stage:
    """Check the features by their kind and as a delivery; blank wrong values of secondary fields."""
    features, findings = stage.features, [*stage.findings, *delivery_checks.import_findings(stage)]
    if stage.options.mend:
        features, findings = secondary_fields.without_faults(
            features, stage.schema, findings, mandatory=stage.options.blank_mandatory
        )
    return replace(stage, features=features, findings=tuple(findings))


def decide(stage: Stage) -> Delivery:
    """Choose what becomes of the delivery, and which features are kept."""
    features = stage.features
    errors = [finding for finding in stage.findings if finding.level == "erreur"]
    bad_rows = {finding.feature - 1 for finding in errors if finding.feature is not None}
    on_file = any(finding.feature is None for finding in errors)
    aside: tuple[int, ...] = ()
    if errors and (on_file or not stage.options.set_aside or len(bad_rows) == len(features)):
        outcome = "reject"
    else:
        outcome = _outcome({finding.level for finding in stage.findings})
        aside = tuple(sorted(bad_rows))
        dropped = bad_rows | stage.copies
        if dropped:
            features = features.loc[[row not in dropped for row in range(len(features))]]
            features.attrs = dict(stage.features.attrs)
    return Delivery(
        name=stage.name,
        schema=stage.schema,
        features=features,
        findings=sorted(stage.findings, key=_order),
        matches=list(stage.matches),
        outcome=outcome,
        reading=stage.reading,
        format=stage.raw.format,
        counted=len(stage.features),
        aside=aside,
        labels=stage.labels,
        before_ha=stage.before_ha,
        after_ha=float(features.geometry.area.sum() / measure.M2_PER_HA),
        raw=stage.table,
        degrees=_unchanged_degrees(stage, features) if stage.in_degrees else None,
    )


def with_set_aside(delivery: Delivery, file: Opened, encoding: str) -> Delivery:
    """Keep the text of the features set aside, where the file is open and holds it."""
    if not delivery.aside or delivery.format != "GeoJSON":
        return delivery
    texts = feature_texts.texts(
        file.path, set(delivery.aside), encoding=encoding or "utf-8", byte_ranges=delivery.raw.byte_ranges
    )
    return replace(delivery, aside_texts=tuple(texts))


def _outcome(levels: set[str]) -> str:
    if "réparation" in levels:
        return "repair"
    return "warn" if levels & {"alerte", "erreur"} else "accept"


def _unchanged_degrees(stage: Stage, features: gpd.GeoDataFrame) -> np.ndarray:
    """Return the shapes that can be written as they came: a way to Lambert-93 and back only costs time."""
    final = stage.features.geometry.to_numpy()
    pairs = zip(stage.placed_shapes, final, strict=True)
    unchanged = np.fromiter((placed_shape is shape for placed_shape, shape in pairs), bool, len(final))
    shapes = stage.raw.shapes.copy()
    shapes[~unchanged] = None
    with_altitude = shapely.has_z(shapes)
    shapes[with_altitude] = shapely.force_2d(shapes[with_altitude])
    return shapes[stage.features.index.get_indexer(features.index)]


def _absent_system(form: str) -> str:
    return "fichier .prj absent, système de coordonnées inconnu" if form == "Shapefile" else ""


def _free(name: str, columns: dict[str, list[Any]], to_field: dict[str, str]) -> str:
    """Return another name for a column outside the kind that bears the name of a field filled by another."""
    while name in columns or name in to_field.values():
        name += "_source"
    return name


def _labels(keys: Iterable[Any]) -> tuple[str, ...]:
    return tuple(str(key) if key else f"n° {row}" for row, key in enumerate(keys, start=1))


def _hectares(shapes: np.ndarray) -> float:
    areas = gpd.GeoSeries(shapes, crs=measure.LAMBERT93).area
    return float(areas.sum() / measure.M2_PER_HA)


def _order(finding: Finding) -> tuple[int, int]:
    return LEVELS.index(finding.level), finding.feature or 0
