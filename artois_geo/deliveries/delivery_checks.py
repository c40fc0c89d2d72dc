"""What a planner must hear about a delivery, beyond what its kind says of each value."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from artois_geo.deliveries.matching import SHAPEFILE_LENGTH, Match
from artois_geo.formats.findings import Finding
from artois_geo.formats.raw_table import RawTable
from artois_geo.kinds import validation
from artois_geo.kinds.checks import geometry_checks
from artois_geo.kinds.checks.identity import Identity
from artois_geo.kinds.repairs import alike
from artois_geo.kinds.schema import Field, Schema
from artois_geo.meaning import fold
from artois_geo.text import number

SLIVER_M2 = 50.0
THIN = 0.02  # 4 pi area / perimeter²: 1 for a disc, 0 for a line
MOST_PAIRS = 200
FEW = 5  # rows named one by one
MOST_TOTALS = 20
_TOTAL = re.compile(r"(sous[- ])?(total|totaux|ensemble|somme|cumul)\b")


def import_findings(
    frame: gpd.GeoDataFrame,
    schema: Schema,
    raw: RawTable,
    matches: list[Match],
    *,
    unreadable: list[Finding],
    dropped: set[int],
    incomplete: bool,
    valid: np.ndarray | None = None,
    identity: Identity | None = None,
) -> list[Finding]:
    """Findings on a typed and placed delivery: those of its kind, and those of an import.

    Parameters
    ----------
    frame
        EPSG:2154, one row per feature of the file.
    unreadable
        Findings of the reading: a shape that could not be read is not also absent.
    dropped
        Rows removed as copies: their key is no duplicate.
    incomplete
        A whole mandatory field that lacks is an alert, not an error.
    valid
        Which shapes are valid, where it is known already.
    identity
        Outlines of communes and tolerances.
    """
    told = {one.feature for one in unreadable if one.field == "geometry" and one.level == "erreur"}
    told |= {one.feature for one in unreadable if one.rule in {"structure", "ligne décalée"}}
    placeless = {one.feature for one in unreadable if one.rule == "hors du territoire"}
    found = []
    checks = validation.findings(frame, _with_area(schema), ignored=dropped, valid=valid, identity=identity)
    for one in checks:
        if one.feature in told and one.field == "geometry":
            continue
        if one.rule == "surface" and one.feature in placeless:
            continue
        if one.rule == "champ absent" and one.level == "erreur" and incomplete and one.field != schema.key:
            one = replace(one, level="alerte", message=one.message + " (à compléter)")
        if one.rule == "géométrie absente" and schema.geometry and not raw.has_geometry:
            continue
        found.append(one)
    if not raw.has_geometry and "null" not in schema.geometry:
        names = ", ".join(list(raw.columns)[:10])
        message = f"ni colonne WKT ou GeoJSON, ni longitude et latitude (colonnes : {names})"
        found.append(Finding(None, "geometry", "géométrie absente", "erreur", "", message))
    if not len(frame):
        found.append(Finding(None, "", "couche vide", "alerte", 0, "le fichier ne contient aucun objet"))
    found += _cut_names(raw, schema, matches)
    found += _twins(frame, schema)
    found += _totals(frame, raw)
    if raw.has_geometry and len(frame):
        if "null" in schema.geometry:
            found += _placeless(frame, told)
        found += _slivers(frame, schema)
        found += _same_place(frame)
        if not schema.no_overlap and not schema.may_overlap:
            found += geometry_checks.overlaps(frame, valid=valid)
    return _brief(found)


def _with_area(schema: Schema) -> Schema:
    """A kind that says nothing of what a surface measures: ``surface…`` in m² or ha is the polygon's."""
    if any(field.measures for field in schema.fields):
        return schema

    def guessed(field: Field) -> Field:
        named = field.name.lower().startswith("surface") and field.unit in {"m²", "ha"}
        return replace(field, measures="area") if named and field.type in {"number", "integer"} else field

    return replace(schema, fields=tuple(guessed(field) for field in schema.fields))


def _cut_names(raw: RawTable, schema: Schema, matches: list[Match]) -> Iterator[Finding]:
    """Columns of a shapefile that look cut at ten letters, and go to no field."""
    if raw.format != "Shapefile":
        return
    placed = {one.field for one in matches}
    for name in raw.columns:
        twin = re.search(r"_\d$", name) is not None
        if name not in placed and len(name) == SHAPEFILE_LENGTH and ("_" in name or twin):
            message = "nom sans doute tronqué à 10 caractères : dire lequel par --correspondance"
            yield Finding(None, name, "nom tronqué", "alerte", name, message)


def _twins(frame: gpd.GeoDataFrame, schema: Schema) -> Iterator[Finding]:
    """Keys that look the same and are not: é in one or in two code points, spaces at the ends."""
    if schema.key not in frame.columns:
        return
    seen: dict[str, tuple[int, Any]] = {}
    for position, key in enumerate(frame[schema.key], start=1):
        if not isinstance(key, str):
            continue
        shown = unicodedata.normalize("NFC", key).strip()
        if shown in seen and seen[shown][1] != key:
            message = f"s'écrit comme la clé de l'objet n° {seen[shown][0]}, en d'autres caractères"
            yield Finding(position, schema.key, "clés jumelles", "alerte", key, message)
        seen.setdefault(shown, (position, key))


def _placeless(frame: gpd.GeoDataFrame, told: set[int | None]) -> Iterator[Finding]:
    """Features without a place where others have one: a total, or an address that was not found."""
    missing = frame.geometry.isna().to_numpy()
    rows = [row for row in np.flatnonzero(missing).tolist() if row + 1 not in told]
    if not rows or missing.all():
        return
    message = "sans géométrie alors que les autres en ont"
    if len(rows) > FEW:
        yield Finding(None, "geometry", "sans place", "alerte", len(rows), f"{len(rows)} objets {message}")
        return
    for row in rows:
        yield Finding(row + 1, "geometry", "sans place", "alerte", "", message)


def _totals(frame: gpd.GeoDataFrame, raw: RawTable) -> Iterator[Finding]:
    """Rows called a total in which a number is the sum of the others: counted twice."""
    rows = np.flatnonzero(frame.geometry.isna().to_numpy()) if raw.has_geometry else np.arange(len(frame))
    names = frame.columns.drop(frame.geometry.name)
    words: dict[int, str] = {}
    for name in names:
        if not pd.api.types.is_object_dtype(frame[name]):
            continue
        cells = frame[name].to_numpy()
        words |= {row: cells[row] for row in rows.tolist() if _says_total(cells[row])}
    if not words:
        return
    numbers = {name: np.array([_number(cell) for cell in frame[name]]) for name in names}
    for row in sorted(words)[:MOST_TOTALS]:
        for name, column in numbers.items():
            others = np.delete(column, row)
            if len(others) > 1 and np.isfinite(column).all() and np.isclose(others.sum(), column[row]):
                message = (
                    f"ligne « {words[row]} » : « {name} » y vaut la somme des autres,"
                    " elle les compterait deux fois"
                )
                yield Finding(row + 1, str(name), "total", "alerte", frame[name].iloc[row], message)
                break


def _says_total(cell: Any) -> bool:
    return isinstance(cell, str) and _TOTAL.match(fold(cell)) is not None


def _number(cell: Any) -> float:
    """A number written as one or as a French text; NaN for anything else."""
    if isinstance(cell, str):
        cell = re.sub(r"[\s\u00a0\u202f]", "", cell).replace(",", ".")
    try:
        return float(cell)
    except (TypeError, ValueError):
        return float("nan")


def _slivers(frame: gpd.GeoDataFrame, schema: Schema) -> Iterator[Finding]:
    shapes = frame.geometry.to_numpy()
    areas, lengths = shapely.area(shapes), shapely.length(shapes)
    polygons = (shapely.get_dimensions(shapes) == 2) & ~shapely.is_empty(shapes)
    with np.errstate(divide="ignore", invalid="ignore"):
        thinness = 4 * np.pi * areas / lengths**2
    for row in np.flatnonzero(polygons & (areas < SLIVER_M2) & (thinness < THIN)):
        area = f"{number(areas[row], 1)} m²"
        message = f"micro-objet de {area}, reste d'un découpage ?"
        yield Finding(int(row) + 1, "geometry", "micro-objet", "alerte", area, message)


def _same_place(frame: gpd.GeoDataFrame) -> Iterator[Finding]:
    """Features of one and the same shape."""
    marks: dict[bytes, int] = {}
    shapes = frame.geometry.to_numpy()
    for row, mark in alike(shapes):
        if shapes[row] is None or shapes[row].is_empty:
            continue
        if mark in marks:
            message = f"même géométrie que l'objet n° {marks[mark]} : comptée deux fois"
            yield Finding(row + 1, "geometry", "même géométrie", "alerte", shapes[row].geom_type, message)
        marks.setdefault(mark, row + 1)


def _brief(found: list[Finding]) -> list[Finding]:
    """Alerts of one rule beyond a readable number are counted, never dropped without a word."""
    kept: list[Finding] = []
    counts: dict[tuple[str, str], int] = {}
    for one in found:
        key = (one.rule, one.field)
        counts[key] = counts.get(key, 0) + 1
        if one.level == "erreur" or one.feature is None or counts[key] <= MOST_PAIRS:
            kept.append(one)
    for (rule, field), count in counts.items():
        if count > MOST_PAIRS and not any(
            one.level == "erreur" for one in found if (one.rule, one.field) == (rule, field)
        ):
            message = f"{count - MOST_PAIRS} autres lignes de la règle « {rule} » ne sont pas listées"
            kept.append(Finding(None, field, rule, "alerte", count, message))
    return kept
