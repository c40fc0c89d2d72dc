"""Check what a planner must know of a delivery, beyond what its kind requires of each value."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from artois_geo.deliveries.matching import Match
from artois_geo.deliveries.records import Stage
from artois_geo.deliveries.value_rules import ValueRules, number_of
from artois_geo.formats.exports.short_names import LONGEST
from artois_geo.formats.findings import Finding
from artois_geo.formats.raw_table import RawTable
from artois_geo.kinds import validation
from artois_geo.kinds.checks import geometry_checks
from artois_geo.kinds.names import cut_names
from artois_geo.kinds.repairs import alike
from artois_geo.kinds.schema import Field, Schema
from artois_geo.meaning import fold, is_missing, says_total
from artois_geo.measure import quantities
from artois_geo.text import counted, number

SLIVER_M2 = 50.0
THIN = 0.02  # 4 pi area / perimeter²: 1 for a disc, 0 for a line
MOST_PAIRS = 200
FEW = 5  # rows named one by one
MOST_TOTALS = 20


def import_findings(stage: Stage) -> list[Finding]:
    """Check a typed and placed delivery: by its kind, and as an import."""
    features, schema, has_geometry = stage.features, stage.schema, stage.table.has_geometry
    findings = [
        *_kind_findings(stage),
        *_absent_content(stage),
        *_cut_names(stage.table, schema, stage.matches),
        *_twins(features, schema),
        *_repeated_codes(stage),
        *_totals(features),
    ]
    if has_geometry and len(features):
        if "null" in schema.geometry:
            findings += _without_position(features, _unread_features(stage))
        findings += _slivers(features)
        findings += _same_place(features)
        if not schema.no_overlap and not schema.may_overlap:
            findings += geometry_checks.overlaps(features, valid=stage.valid)
    return _brief(findings)


def unit_findings(heading: str, values: Iterable[Any], field: Field, rules: ValueRules) -> Iterator[Finding]:
    """Report a column whose heading bears another unit than its field, or shares where it wants percents."""
    unit = quantities.of_heading(heading)[1]
    is_number = field.type in {"number", "integer"}
    if not is_number or not field.unit or field.name in {**rules.units, **rules.forms}:
        return
    # « prix_m2 » names a price
    if unit and quantities.factor(unit, field.unit) is None and not field.unit.endswith(unit):
        message = (
            f"« {heading} » s'annonce en {unit}, le champ se donne en {field.unit} : nombres gardés tels"
        )
        yield Finding(None, field.name, quantities.UNIT_RULE, "alerte", unit, f"{message} quels, à vérifier")
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    if field.unit == "%" and all(0 <= number <= 1 for number in numbers) and any(n % 1 for n in numbers):
        message = "valeurs de 0 à 1 dans un champ en % ; si ce sont des parts, écrire dans la recette"
        advice = f'{message}, sous [formes], {field.name} = "part"'
        yield Finding(None, field.name, quantities.UNIT_RULE, "alerte", numbers[0], advice)


def _unread_features(stage: Stage) -> set[int | None]:
    """Number the features that reading found faulty: a shape that could not be read is not also absent."""
    return {
        finding.feature
        for finding in stage.findings
        if (finding.field == "geometry" and finding.level == "erreur")
        or finding.rule in {"structure", "ligne décalée"}
    }


def _kind_findings(stage: Stage) -> Iterator[Finding]:
    """Check by the kind; leave out what reading explains already, soften what is to be completed."""
    schema = stage.schema
    unread = _unread_features(stage)
    outside = {finding.feature for finding in stage.findings if finding.rule == "hors du territoire"}
    no_shapes = bool(schema.geometry) and not stage.table.has_geometry
    for finding in validation.findings(
        stage.features,
        _with_area(schema),
        ignored=set(stage.copies),  # the key of a copy that is dropped is no duplicate
        valid=stage.valid,
        identity=stage.options.identity,
    ):
        explained = (
            (finding.field == "geometry" and finding.feature in unread)
            or (finding.rule == "surface" and finding.feature in outside)
            or (finding.rule == "géométrie absente" and no_shapes)
        )
        if explained:
            continue
        lacking = finding.rule == "champ absent" and finding.level == "erreur"
        if lacking and stage.options.incomplete and finding.field != schema.key:
            yield replace(finding, level="alerte", message=finding.message + " (à compléter)")
        else:
            yield finding


def _absent_content(stage: Stage) -> Iterator[Finding]:
    """Report a file without geometry where the kind needs one, or without any feature."""
    if not stage.table.has_geometry and "null" not in stage.schema.geometry:
        names = ", ".join(list(stage.table.columns)[:10])
        message = f"ni colonne WKT ou GeoJSON, ni longitude et latitude (colonnes : {names})"
        yield Finding(None, "geometry", "géométrie absente", "erreur", "", message)
    if not len(stage.features):
        yield Finding(None, "", "couche vide", "alerte", 0, "le fichier ne contient aucun objet")


def _with_area(schema: Schema) -> Schema:
    """Make ``surface…`` in m² or ha measure the polygon, in a kind that tells nothing of it."""
    if any(field.measures for field in schema.fields):
        return schema

    def guessed(field: Field) -> Field:
        is_surface = field.name.lower().startswith("surface") and field.unit in {"m²", "ha"}
        return (
            replace(field, measures="area") if is_surface and field.type in {"number", "integer"} else field
        )

    return replace(schema, fields=tuple(guessed(field) for field in schema.fields))


def _cut_names(table: RawTable, schema: Schema, matches: Iterable[Match]) -> Iterator[Finding]:
    """Report the columns of a shapefile that look cut at ten letters, and go to no field."""
    if table.format != "Shapefile":
        return
    fields = {match.field for match in matches}
    for name in table.columns:
        numbered = re.search(r"_\d$", name) is not None
        if name not in fields and len(name) == LONGEST and ("_" in name or numbered):
            message = "nom sans doute tronqué à 10 caractères : dire lequel par --correspondance"
            yield Finding(None, name, cut_names.RULE, "alerte", name, message)


def _twins(features: gpd.GeoDataFrame, schema: Schema) -> Iterator[Finding]:
    """Report the keys that look the same and are not: é in one or in two code points, spaces at the ends."""
    if schema.key not in features.columns:
        return
    earlier: dict[str, tuple[int, Any]] = {}
    for position, key in enumerate(features[schema.key], start=1):
        if not isinstance(key, str):
            continue
        appearance = unicodedata.normalize("NFC", key).strip()
        if appearance in earlier and earlier[appearance][1] != key:
            message = f"s'écrit comme la clé de l'objet n° {earlier[appearance][0]}, en d'autres caractères"
            yield Finding(position, schema.key, "clés jumelles", "alerte", key, message)
        earlier.setdefault(appearance, (position, key))


def _repeated_codes(stage: Stage) -> Iterator[Finding]:
    """Report the objects that share the partner's code; the one whose commune the code bears has it."""
    features, code = stage.features, stage.options.code
    if code not in features.columns:
        return
    commune = str(dict(stage.schema.delivery).get("commune_code", ""))
    communes = features[commune].tolist() if commune in features.columns else [None] * len(features)
    for text, rows in _rows_of_code(stage).items():
        owners = [row for row in rows if not is_missing(communes[row]) and str(communes[row]) in text]
        for row in rows if len(rows) > 1 else ():
            if owners == [row]:
                continue
            twin = next(other_row for other_row in (*owners, *rows) if other_row != row) + 1
            message = f"déjà porté par l'objet n° {twin} : deux objets, un seul code"
            yield Finding(row + 1, code, "code en double", "erreur", features[code].iloc[row], message)


def _rows_of_code(stage: Stage) -> dict[str, list[int]]:
    """List the objects of each code of the partner, written alike, exact copies left out."""
    rows_of_code: dict[str, list[int]] = {}
    for row, cell in enumerate(stage.features[stage.options.code]):
        if not is_missing(cell) and row not in stage.copies:
            rows_of_code.setdefault(fold(str(cell)), []).append(row)
    return rows_of_code


def _without_position(features: gpd.GeoDataFrame, unread: set[int | None]) -> Iterator[Finding]:
    """Report features without geometry among others that have one: a total, or an address not found."""
    missing = features.geometry.isna().to_numpy()
    rows = [row for row in np.flatnonzero(missing).tolist() if row + 1 not in unread]
    if not rows or missing.all():
        return
    message = "sans géométrie alors que les autres en ont"
    if len(rows) > FEW:
        yield Finding(
            None, "geometry", "sans place", "alerte", len(rows), f"{counted(len(rows), 'objet')} {message}"
        )
        return
    for row in rows:
        yield Finding(row + 1, "geometry", "sans place", "alerte", "", message)


def _totals(features: gpd.GeoDataFrame) -> Iterator[Finding]:
    """Report rows called a total: each is counted with what it adds up."""
    names = features.columns.drop(features.geometry.name)
    labels: dict[int, str] = {}
    for name in names:
        if pd.api.types.is_object_dtype(features[name]):
            cells = features[name].tolist()
            labels |= {row: cell for row, cell in enumerate(cells) if says_total(cell) and row not in labels}
    if not labels:
        return
    numbers = {str(name): _numbers(features[name].tolist()) for name in names}
    for row in sorted(labels)[:MOST_TOTALS]:
        column = next((name for name in numbers if _adds_up(numbers[name], row, labels)), None)
        message = f"ligne « {labels[row]} »"
        if column is not None:
            message += f" : « {column} » y vaut la somme des autres, elle les compterait deux fois"
            yield Finding(row + 1, column, "total", "alerte", features[column].iloc[row], message)
        elif says_total(labels[row], surely=True):
            message += " : un total parmi les objets ? La retirer du fichier, elle serait comptée en plus"
            yield Finding(row + 1, "", "total", "alerte", labels[row], message)


def _adds_up(numbers: np.ndarray, row: int, labels: Mapping[int, str]) -> bool:
    """Tell whether a number is the sum of all others, of those that are no total, or of those above."""
    others = np.array([number not in labels for number in range(len(numbers))])
    above = others & (np.arange(len(numbers)) < row)
    previous = [other for other in labels if other < row]
    above[: max(previous, default=-1) + 1] = False
    all_others = np.arange(len(numbers)) != row
    return any(
        np.isfinite(numbers[addends]).sum() > 1 and np.isclose(np.nansum(numbers[addends]), numbers[row])
        for addends in (all_others, others, above)
    )


def _numbers(cells: list[Any]) -> np.ndarray:
    """Read the numbers of a column, written with their unit or not; NaN for anything else."""
    marks = quantities.marks_of(cells)
    read = [None if cell is None else number_of(cell, marks) for cell in cells]
    return np.array([np.nan if number is None else number for number in read], dtype=float)


def _slivers(features: gpd.GeoDataFrame) -> Iterator[Finding]:
    """Report polygons so small and thin that cutting layers may have left them."""
    shapes = features.geometry.to_numpy()
    areas, lengths = shapely.area(shapes), shapely.length(shapes)
    polygons = (shapely.get_dimensions(shapes) == 2) & ~shapely.is_empty(shapes)
    with np.errstate(divide="ignore", invalid="ignore"):
        thinness = 4 * np.pi * areas / lengths**2
    for row in np.flatnonzero(polygons & (areas < SLIVER_M2) & (thinness < THIN)):
        area = f"{number(areas[row], 1)} m²"
        message = f"micro-objet de {area}, reste d'un découpage ?"
        yield Finding(int(row) + 1, "geometry", "micro-objet", "alerte", area, message)


def _same_place(features: gpd.GeoDataFrame) -> Iterator[Finding]:
    """Report features of one and the same shape."""
    numbers: dict[bytes, int] = {}
    shapes = features.geometry.to_numpy()
    for row, mark in alike(shapes):
        if shapes[row] is None or shapes[row].is_empty:
            continue
        if mark in numbers:
            message = f"même géométrie que l'objet n° {numbers[mark]} : comptée deux fois"
            yield Finding(row + 1, "geometry", "même géométrie", "alerte", shapes[row].geom_type, message)
        numbers.setdefault(mark, row + 1)


def _brief(findings: list[Finding]) -> list[Finding]:
    """Count the alerts of one rule beyond a readable number, instead of listing them."""
    brief: list[Finding] = []
    counts: dict[tuple[str, str], int] = {}
    for finding in findings:
        key = (finding.rule, finding.field)
        counts[key] = counts.get(key, 0) + 1
        if finding.level == "erreur" or finding.feature is None or counts[key] <= MOST_PAIRS:
            brief.append(finding)
    graves = {(finding.rule, finding.field) for finding in findings if finding.level == "erreur"}
    for (rule, field), count in counts.items():
        if count > MOST_PAIRS and (rule, field) not in graves:
            message = f"{count - MOST_PAIRS} autres lignes de la règle « {rule} » ne sont pas listées"
            brief.append(Finding(None, field, rule, "alerte", count, message))
    return brief
