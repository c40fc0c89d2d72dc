"""Is a layer right? Every finding in one pass, one row each; nothing is changed."""

import re
from collections.abc import Collection, Iterator
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from artois_geo import measure
from artois_geo.formats.findings import Finding, table
from artois_geo.formats.geojson import json_values
from artois_geo.kinds.checks import attribute_checks, column_positions, geometry_checks
from artois_geo.kinds.checks.identity import Identity, communes
from artois_geo.kinds.schema import Field, Schema, read_kind
from artois_geo.text import digits

MANY = 10_000


def validate(
    features: gpd.GeoDataFrame,
    kind: str | Path | None = None,
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
    >>> commune = plain.square(x_km=0, y_km=0, side_km=1, comm_insee="6211")
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
    """The same findings one by one; rows in ``ignored`` (from 0) hold no key that counts.

    ``valid`` says which shapes of a layer in EPSG:2154 are valid, where it is known already.
    """
    found: list[Finding] = []
    if schema is not None:
        found += _columns(features, schema) if len(features) else []
        for field in schema.fields:
            if field.name in features.columns:
                found += _values(features[field.name], field, ignored)
                found += _needed(features, field)
    described = {field.name for field in schema.fields} if schema else set()
    plane = None if features.crs is None else measure.to_lambert93(features)
    pairs = [] if plane is None else column_positions.position_columns(plane)
    checked = {name for pair in pairs for name in (pair.easting, pair.northing)}
    found += attribute_checks.suspicions(features, described, positions=checked)
    right = shapely.is_valid(features.geometry.to_numpy()) if valid is None else valid
    found += geometry_checks.shapes(features, schema, right)
    if plane is not None:
        identity = identity or Identity()
        found += column_positions.positions(plane, pairs, identity.position_m)
        found += communes(plane, schema, identity)
        found += geometry_checks.places(plane, territory)
        if schema is None or schema.no_overlap:
            found += geometry_checks.overlaps(plane, forbidden=schema is not None, valid=valid)
        if schema is not None:
            found += _areas(plane, schema)
    return found


def _columns(features: gpd.GeoDataFrame, schema: Schema) -> Iterator[Finding]:
    present = [name for name in features.columns if name != features.geometry.name]
    known = [field.name for field in schema.fields]
    for field in schema.fields:
        if field.name in present:
            continue
        near = get_close_matches(field.name, set(present) - set(known), n=1, cutoff=0.8)
        hint = f" ; « {near[0]} » y ressemble" if near else ""
        level = "erreur" if field.required else "note"
        said = "obligatoire" if field.required else "facultatif"
        yield Finding(None, field.name, "champ absent", level, "", f"champ {said} absent{hint}")
    for name in present:
        if name not in known:
            yield Finding(
                None, str(name), "champ inconnu", "note", name, "champ hors du type, conservé tel quel"
            )


def _values(column: pd.Series, field: Field, ignored: Collection[int] = ()) -> Iterator[Finding]:
    values = column.tolist()
    sound: set[str] = set()  # texts already found right: columns repeat few of them
    for number, value in enumerate(values, start=1):
        if _is_missing(value):
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
    """Values that another field makes mandatory (conditionnels du standard)."""
    for other, expected in field.required_when:
        if other not in features.columns:
            continue
        for number, (value, said) in enumerate(
            zip(features[field.name], features[other], strict=True), start=1
        ):
            met = _is_missing(said) if expected == "" else said == expected
            if met and _is_missing(value):
                reason = f"{other} est vide" if expected == "" else f"{other} = « {expected} »"
                message = f"valeur attendue puisque {reason}"
                yield Finding(number, field.name, "valeur absente", "alerte", "", message)


def _is_missing(value: Any) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or value == "" or value != value


def _fault(value: Any, field: Field) -> tuple[str, str, str] | None:
    wrong = _wrong_type(value, field.type)
    if wrong:
        return "type", "erreur", wrong
    if isinstance(value, float | dict | list) and value == value:
        reason = json_values.fault(value)
        if reason:
            return "valeur impossible", "erreur", f"valeur qu'aucune couche ne peut contenir : {reason}"
    if field.enum and value not in field.enum:
        near = nearest(value, field.enum)
        same = bool(near) and _fold(str(value)) == _fold(near)
        hint = f"proche de « {near} »" if near else f"attendu : {', '.join(map(str, field.enum[:8]))}"
        if len(field.enum) > 8 and not near:
            hint += f" … ({len(field.enum)} valeurs)"
        if any(str(one).startswith(f"{value}, ") for one in field.enum):
            hint += " ; ou valeur coupée sur sa virgule, les colonnes suivantes étant décalées"
        level = "alerte" if same or field.open else "erreur"
        return "liste de valeurs", level, f"hors de la liste ; {hint}"
    if field.pattern and not re.fullmatch(field.pattern, str(value)):
        lost_zero = re.fullmatch(field.pattern, f"0{value}") is not None
        hint = " ; un zéro initial a été perdu" if lost_zero else ""
        return "format", "erreur", f"ne suit pas la forme attendue ({field.pattern}){hint}"
    if field.minimum is not None and float(value) < field.minimum:
        return "minimum", "erreur", f"inférieur à {digits(field.minimum)}"
    if field.maximum is not None and float(value) > field.maximum:
        return "maximum", "erreur", f"supérieur à {digits(field.maximum)}"
    return None


def _wrong_type(value: Any, expected: str) -> str:
    number = isinstance(value, int | float | np.number) and not isinstance(value, bool | np.bool_)
    if expected == "string":
        return "" if isinstance(value, str) else "texte attendu (un code écrit en nombre perd ses zéros)"
    if expected == "boolean":
        return "" if isinstance(value, bool | np.bool_) else "vrai ou faux attendu"
    if expected == "date":
        return _wrong_date(value)
    if expected == "json":
        return ""
    if number and (expected == "number" or float(value).is_integer()):
        return ""
    said = {"integer": "nombre entier attendu", "year": "année attendue (AAAA)", "number": "nombre attendu"}
    hint = " ; nombre écrit en texte" if isinstance(value, str) and _reads_as_number(value) else ""
    return said[expected] + hint


def _wrong_date(value: Any) -> str:
    if isinstance(value, date | pd.Timestamp):
        return ""
    try:
        date.fromisoformat(value)
    except (TypeError, ValueError):
        serial = isinstance(value, int | float) and 20_000 < value < 60_000
        return "date attendue (AAAA-MM-JJ)" + (" ; numéro de jour d'un tableur" if serial else "")
    return ""


def _reads_as_number(text: str) -> bool:
    compact = re.sub(r"[\s\u00a0\u202f]", "", text).replace(",", ".")
    return re.fullmatch(r"[+-]?\d+(\.\d+)?", compact) is not None


def nearest(value: Any, allowed: tuple[Any, ...]) -> str:
    """The allowed value that differs only by case, accent or a letter; empty when none does.

    Examples
    --------
    >>> nearest("Industriel", ("industrielle", "tertiaire"))
    'industrielle'
    """
    folded = {_fold(str(one)): str(one) for one in allowed}
    said = _fold(str(value))
    close = get_close_matches(said, folded, n=1, cutoff=0.8)
    if close:
        return folded[close[0]]
    holding = [one for one in folded if len(said) > 3 and (said in one or one in said)]
    return folded[holding[0]] if len(holding) == 1 else ""


def _fold(text: str) -> str:
    import unicodedata

    plain = unicodedata.normalize("NFD", text.lower().replace("œ", "oe").replace("’", "'"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).strip()


def _repeated(values: list[Any], field: Field, ignored: Collection[int] = ()) -> Iterator[Finding]:
    """Every bearer of a repeated key: which one is right is not for a program to say."""
    bearers: dict[str, list[int]] = {}
    for number, value in enumerate(values, start=1):
        if not _is_missing(value) and number - 1 not in ignored:
            bearers.setdefault(str(value), []).append(number)
    for numbers in bearers.values():
        for number in numbers if len(numbers) > 1 else ():
            other = next(one for one in numbers if one != number)
            message = f"déjà porté par l'objet n° {other}"
            yield Finding(number, field.name, "doublon", "erreur", values[number - 1], message)


def _areas(plane: gpd.GeoDataFrame, schema: Schema) -> Iterator[Finding]:
    """Declared areas that differ from the polygon, with the unit named when it explains the gap."""
    polygons = shapely.get_dimensions(plane.geometry.to_numpy()) == 2
    true_ha = np.where(polygons, plane.geometry.area / measure.M2_PER_HA, np.nan)
    for field in schema.fields:
        if field.measures != "area" or field.name not in plane.columns:
            continue
        declared = pd.to_numeric(plane[field.name], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        in_ha = declared / measure.M2_PER_HA if field.unit == "m²" else declared
        ratios = np.divide(in_ha, true_ha, out=np.full(len(plane), np.nan), where=true_ha > 0)
        for row in np.flatnonzero((ratios < 0.9) | (ratios > 1.1)):
            ratio, held = ratios[row], true_ha[row]
            hint = _unit_hint(ratio)
            measured = digits(float(f"{held:.4g}"))
            message = f"{digits(declared[row])} {field.unit} déclarés, {measured} ha mesurés{hint}"
            yield Finding(int(row) + 1, field.name, "surface", "alerte", declared[row], message)


def _unit_hint(ratio: float) -> str:
    for power, said in ((1e4, "des m²"), (1e2, "des ares"), (1e-4, "des hectares"), (1e-2, "des ares")):
        if 0.9 <= ratio / power <= 1.1:
            return f" ; l'unité semble être {said}"
    return ""
