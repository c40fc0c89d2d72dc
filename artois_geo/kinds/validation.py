"""Is a layer right? Every finding in one pass, one row each; nothing is changed."""

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date
from difflib import get_close_matches
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from artois_geo import meaning, measure
from artois_geo.formats.findings import Finding, table
from artois_geo.formats.geojson import json_values
from artois_geo.kinds.checks import attribute_checks, column_positions, geometry_checks
from artois_geo.kinds.checks.identity import Identity, communes
from artois_geo.kinds.checks.published_facts import beside_the_standard
from artois_geo.kinds.schema import Field, Schema, read_kind
from artois_geo.suffixes import FilePath
from artois_geo.text import decimal_point, digits

MANY = 10_000
_OLDEST_YEAR, _LATEST_YEAR = 1000, 2200  # of a construction, of a horizon


def validate(
    features: gpd.GeoDataFrame,
    kind: FilePath | None = None,
    *,
    territory: gpd.GeoDataFrame | None = None,
    identity: Identity | None = None,
) -> pd.DataFrame:
    """Check a layer against its kind: one row per finding, all of them in one pass.

    Parameters
    ----------
    features
        Any CRS, as read. Rows are numbered from 1 in their order.
    kind
        Name of a kind or path of a user's TOML; without one only the geometry
        is checked.
    territory
        Where features are expected, any CRS: what falls outside is said.
    identity
        Outlines that hold the declared communes against the shapes, and tolerances.

    Returns
    -------
    DataFrame
        ``feature`` (number, null for the whole file), ``field``, ``rule``,
        ``level`` (erreur, alerte, note), ``found``, ``message``. Empty if right.

    Raises
    ------
    UnknownName
        No such kind.

    Examples
    --------
    >>> from artois_geo.kinds import validate
    >>> from artois_geo import example
    >>> commune = example.square(x_km=0, y_km=0, side_km=1, comm_insee="6211")
    >>> found = validate(commune, "commune")
    >>> found.loc[found["field"] == "comm_insee", "rule"].tolist()
    ['format']
    """
    schema = read_kind(kind) if kind else None
    return table(findings(features, schema, territory=territory, identity=identity))


def findings(
    features: gpd.GeoDataFrame,
    schema: Schema | None,
    *,
    territory: gpd.GeoDataFrame | None = None,
    ignored: Collection[int] = (),
    valid: np.ndarray | None = None,
    identity: Identity | None = None,
) -> list[Finding]:
    """List the same findings one by one; rows in ``ignored`` (from 0) hold no key that counts.

    ``valid`` tells which shapes of a layer in EPSG:2154 are valid, where it is known already.
    """
    rows = [] if schema is None else list(_fields(features, schema, ignored))
    described = {field.name for field in schema.fields} if schema else set()
    plane = None if features.crs is None else measure.to_lambert93(features)
    pairs = [] if plane is None else column_positions.position_columns(plane)
    checked = {name for pair in pairs for name in (pair.easting, pair.northing)}
    rows += attribute_checks.suspicions(features, described, positions=checked)
    valid_shapes = shapely.is_valid(features.geometry.to_numpy()) if valid is None else valid
    rows += geometry_checks.shapes(features, schema, valid_shapes)
    if plane is not None:
        identity = identity or Identity()
        rows += column_positions.positions(plane, pairs, identity.position_m)
        rows += communes(plane, schema, identity)
        rows += geometry_checks.places(plane, territory)
        rows += _overlaps(plane, schema, valid)
        rows += _areas(plane, schema) if schema is not None else ()
    return rows if schema is None else list(beside_the_standard(features, schema, rows))


def admits(column: pd.Series, field: Field) -> bool:
    """Tell whether a column may be that of a field: no value is of another type, form or list.

    Examples
    --------
    >>> insee = Field("site_comm_insee", pattern="[0-9]{5}")
    >>> admits(pd.Series(["62498", None]), insee), admits(pd.Series(["Lens"]), insee)
    (True, False)
    """
    optional = replace(field, required=False, unique=False)
    return all(finding.level != "erreur" for finding in _values(column, optional))


def _overlaps(plane: gpd.GeoDataFrame, schema: Schema | None, valid: np.ndarray | None) -> Iterator[Finding]:
    """Report the polygons that share ground: wrong in a kind that forbids it, of note without a kind."""
    if schema is None:
        yield from geometry_checks.overlaps(plane, forbidden=False, valid=valid)
    elif schema.no_overlap:
        measured = ~meaning.schematic(plane)
        valid_measured = None if valid is None else valid[measured]
        yield from geometry_checks.overlaps(plane[measured], forbidden=True, valid=valid_measured)


def _fields(features: gpd.GeoDataFrame, schema: Schema, ignored: Collection[int]) -> Iterator[Finding]:
    """Check the columns and values of a layer against the fields of its kind."""
    if len(features):
        yield from _columns(features, schema)
    for field in schema.fields:
        if field.name in features.columns:
            yield from _values(features[field.name], field, ignored)
            yield from _needed(features, field)


def _columns(features: gpd.GeoDataFrame, schema: Schema) -> Iterator[Finding]:
    """Report the fields that no column is, and the columns that are no field."""
    present = [name for name in features.columns if name != features.geometry.name]
    expected = [field.name for field in schema.fields]
    for field in schema.fields:
        if field.name in present or field.extra:
            continue
        resembling = get_close_matches(field.name, set(present) - set(expected), n=1, cutoff=0.8)
        hint = f" ; « {resembling[0]} » y ressemble" if resembling else ""
        level, need = ("erreur", "obligatoire") if field.required else ("note", "facultatif")
        yield Finding(None, field.name, "champ absent", level, "", f"champ {need} absent{hint}")
    for name in present:
        if name not in expected:
            yield Finding(
                None, str(name), "champ inconnu", "note", name, "champ hors du type, conservé tel quel"
            )


def _values(column: pd.Series, field: Field, ignored: Collection[int] = ()) -> Iterator[Finding]:
    """Check the values of a column against its field."""
    values = column.tolist()
    sound: set[str] = set()  # texts already found right: columns repeat few of them
    for number, value in enumerate(values, start=1):
        if _is_empty(value):
            if field.required:
                yield Finding(
                    number, field.name, "valeur absente", "erreur", "", "valeur obligatoire absente"
                )
            continue
        if isinstance(value, str) and value in sound:
            continue
        parts = str(value).split(field.separator) if field.separator and isinstance(value, str) else [value]
        for part in parts:
            fault = _fault(part, field)
            if fault:
                rule, level, message = fault
                yield Finding(number, field.name, rule, level, value, message)
                break
        else:
            if isinstance(value, str) and len(sound) < MANY:
                sound.add(value)
    if field.unique:
        yield from _repeated(values, field, ignored)


def _needed(features: gpd.GeoDataFrame, field: Field) -> Iterator[Finding]:
    """Report missing values that another field makes mandatory (conditionnels du standard)."""
    for column, expected in field.required_when:
        if column not in features.columns:
            continue
        pairs = zip(features[field.name], features[column], strict=True)
        for number, (value, condition) in enumerate(pairs, start=1):
            applies = _is_empty(condition) if expected == "" else condition == expected
            if applies and _is_empty(value):
                reason = f"{column} est vide" if expected == "" else f"{column} = « {expected} »"
                message = f"valeur attendue puisque {reason}"
                yield Finding(number, field.name, "valeur absente", "alerte", "", message)


def _is_empty(value: Any) -> bool:
    return meaning.is_null(value) or (isinstance(value, str) and not value)


def _fault(value: Any, field: Field) -> tuple[str, str, str] | None:
    """Return the rule that a value breaks, its level and the message; ``None`` for a right value."""
    wrong_type = _wrong_type(value, field.type)
    if wrong_type:
        return "type", "erreur", wrong_type
    if isinstance(value, float | dict | list) and value == value:
        reason = json_values.fault(value)
        if reason:
            return "valeur impossible", "erreur", f"valeur qu'aucune couche ne peut contenir : {reason}"
    if field.enum and value not in field.enum:
        return _off_list(value, field)
    if field.pattern and not re.fullmatch(field.pattern, str(value)):
        lost_zero = re.fullmatch(field.pattern, f"0{value}") is not None
        hint = " ; un zéro initial a été perdu" if lost_zero else ""
        return "format", "erreur", f"ne suit pas la forme attendue ({field.pattern}){hint}"
    if field.minimum is not None and float(value) < field.minimum:
        return "minimum", "erreur", f"inférieur à {digits(field.minimum)}"
    if field.maximum is not None and float(value) > field.maximum:
        return "maximum", "erreur", f"supérieur à {digits(field.maximum)}"
    return None


def _off_list(value: Any, field: Field) -> tuple[str, str, str]:
    """Explain that a value is not in the list of its field; suggest the nearest, or what cut it."""
    suggestion = nearest(value, field.enum)
    differs_by_spelling = bool(suggestion) and meaning.fold(str(value)) == meaning.fold(suggestion)
    hint = f"proche de « {suggestion} »"
    if not suggestion:
        hint = f"attendu : {', '.join(map(str, field.enum[:8]))}"
        hint += f" … ({len(field.enum)} valeurs)" if len(field.enum) > 8 else ""
    if field.is_cut(value):
        hint += " ; ou valeur coupée sur sa virgule, les colonnes suivantes étant décalées"
    level = "alerte" if differs_by_spelling or field.open else "erreur"
    return "liste de valeurs", level, f"hors de la liste ; {hint}"


_EXPECTATIONS = {
    "integer": "nombre entier attendu",
    "year": "année attendue (AAAA)",
    "number": "nombre attendu",
}


def _wrong_type(value: Any, expected: str) -> str:
    """Explain why a value is not of the expected type; empty where it is."""
    if expected == "string":
        return "" if isinstance(value, str) else "texte attendu (un code écrit en nombre perd ses zéros)"
    if expected == "boolean":
        return "" if isinstance(value, bool | np.bool_) else "vrai ou faux attendu"
    if expected == "date":
        return _wrong_date(value)
    return "" if expected == "json" else _wrong_number(value, expected)


def _wrong_number(value: Any, expected: str) -> str:
    number = isinstance(value, int | float | np.number) and not isinstance(value, bool | np.bool_)
    if number and expected == "year" and not _OLDEST_YEAR <= value <= _LATEST_YEAR:
        return _EXPECTATIONS[expected] + (" ; numéro de jour d'un tableur" if _is_day_number(value) else "")
    if number and (expected == "number" or float(value).is_integer()):
        return ""
    hint = " ; nombre écrit en texte" if isinstance(value, str) and _reads_as_number(value) else ""
    return _EXPECTATIONS[expected] + hint


def _wrong_date(value: Any) -> str:
    if isinstance(value, date | pd.Timestamp):
        return ""
    try:
        date.fromisoformat(value)
    except (TypeError, ValueError):
        if _is_day_number(value):
            advice = "y mettre la colonne au format date"
            return f"date attendue (AAAA-MM-JJ) ; numéro de jour d'un tableur : {advice}"
        return "date attendue (AAAA-MM-JJ)"
    return ""


def _is_day_number(value: Any) -> bool:
    """Tell whether a value is the number by which spreadsheets hold a day of our times, as text or not."""
    return re.fullmatch(r"[2-5]\d{4}([.,]\d+)?", str(value).strip()) is not None


def _reads_as_number(text: str) -> bool:
    return re.fullmatch(r"[+-]?\d+(\.\d+)?", decimal_point(text)) is not None


def nearest(value: Any, allowed: tuple[Any, ...]) -> str:
    """Return the allowed value that differs only by case, accent or a letter; empty when none does.

    Examples
    --------
    >>> nearest("Industriel", ("industrielle", "tertiaire"))
    'industrielle'
    """
    spellings = {meaning.fold(str(entry)): str(entry) for entry in allowed}
    spelling = meaning.fold(str(value))
    resembling = get_close_matches(spelling, spellings, n=1, cutoff=0.8)
    if resembling:
        return spellings[resembling[0]]
    containing = [
        entry for entry in spellings if len(spelling) > 3 and (spelling in entry or entry in spelling)
    ]
    return spellings[containing[0]] if len(containing) == 1 else ""


def _repeated(values: list[Any], field: Field, ignored: Collection[int] = ()) -> Iterator[Finding]:
    """Report every bearer of a repeated key: no program can tell which one is right."""
    bearers: dict[str, list[int]] = {}
    for number, value in enumerate(values, start=1):
        if not _is_empty(value) and number - 1 not in ignored:
            bearers.setdefault(str(value), []).append(number)
    for numbers in bearers.values():
        for number in numbers if len(numbers) > 1 else ():
            twin = next(candidate for candidate in numbers if candidate != number)
            message = f"déjà porté par l'objet n° {twin}"
            yield Finding(number, field.name, "doublon", "erreur", values[number - 1], message)


def _areas(plane: gpd.GeoDataFrame, schema: Schema) -> Iterator[Finding]:
    """Report declared areas that differ from the polygon, with the unit named when it explains the gap."""
    polygons = shapely.get_dimensions(plane.geometry.to_numpy()) == 2
    true_ha = np.where(polygons, plane.geometry.area / measure.M2_PER_HA, np.nan)
    for field in schema.fields:
        if field.measures != "area" or field.name not in plane.columns:
            continue
        declared = pd.to_numeric(plane[field.name], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        unit, scale = ("m²", measure.M2_PER_HA) if field.unit == "m²" else ("ha", 1.0)
        ratios = np.divide(declared / scale, true_ha, out=np.full(len(plane), np.nan), where=true_ha > 0)
        for row in np.flatnonzero((ratios < 0.9) | (ratios > 1.1)):
            measured = digits(float(f"{true_ha[row] * scale:.4g}"))
            hint = _unit_hint(ratios[row])
            message = f"{digits(declared[row])} {field.unit} déclarés, {measured} {unit} mesurés{hint}"
            yield Finding(int(row) + 1, field.name, "surface", "alerte", declared[row], message)


def _unit_hint(ratio: float) -> str:
    for power, unit in ((1e4, "des m²"), (1e2, "des ares"), (1e-4, "des hectares"), (1e-2, "des ares")):
        if 0.9 <= ratio / power <= 1.1:
            return f" ; l'unité semble être {unit}"
    return ""
