"""A delivery that conforms to a standard: its names, order, system, file name; nothing unpublishable."""

import csv
import io
import json
import re
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from artois_geo import measure
from artois_geo.errors import BadTable, BadValue, UnknownName
from artois_geo.formats.findings import Finding
from artois_geo.formats.geojson import geojson_writer
from artois_geo.formats.geojson.geometry_text import coordinates_of
from artois_geo.formats.tables.text_tables import DANGEROUS
from artois_geo.kinds.publication import masked
from artois_geo.kinds.schema import Field, Schema, kinds, read_kind
from artois_geo.kinds.validation import findings
from artois_geo.layers import store, writing
from artois_geo.text import counted

LAMBERT_DECIMALS = 3  # millimetres: reads back to the same seventh decimal of a degree


@dataclass(frozen=True)
class Exported:
    """What was written, and what was left out."""

    path: Path
    count: int
    withheld: tuple[str, ...]
    outside: tuple[str, ...]
    masked: int
    warnings: tuple[str, ...]


def norms() -> dict[str, list[str]]:
    """List the standards that can be delivered, each with its kinds.

    Examples
    --------
    >>> norms()["cnig-sites-economiques"]
    ['etablissement', 'pole_eco', 'site_eco', 'terrain_eco']
    """
    kinds_of_norm: dict[str, list[str]] = {}
    for name in kinds():
        norm = dict(read_kind(name).delivery).get("norm")
        if norm:
            kinds_of_norm.setdefault(norm, []).append(name)
    return kinds_of_norm


def write_standard(
    features: gpd.GeoDataFrame,
    kind: str,
    folder: Path,
    *,
    norm: str,
    on: date,
    names: Mapping[str, str] | None = None,
    defuse: bool = True,
) -> Exported:
    """Write features as the delivery that a standard describes.

    Parameters
    ----------
    features
        EPSG:2154, of this kind.
    kind
        A kind of the standard.
    folder
        Where the file goes, under the name that the standard gives it.
    norm
        Name of the standard, as in :func:`norms`.
    on
        Date for the file name, where the data do not say it.
    names
        ``siren`` or ``document`` for the file name, where the data do not say it.
    defuse
        Put an apostrophe before texts that a spreadsheet would run; an import here
        takes it off.

    Raises
    ------
    UnknownName
        No such standard.
    BadTable
        Data that do not conform: the first faults are listed, nothing is written.
    BadValue
        A kind of another standard, or a file name that lacks a part.

    Examples
    --------
    >>> from artois_geo import example
    >>> import tempfile
    >>> line = example.line((0, 0), (1, 0), id_local="1", code_com_d="62498", code_com_g="62498")
    >>> line = line.assign(ame_d="VOIE VERTE", ame_g="VOIE VERTE", note="interne")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     exported = write_standard(
    ...         line, "amenagement_cyclable", Path(folder), norm="amenagements-cyclables", on=date(2026, 1, 2)
    ...     )
    >>> exported.path.name, exported.outside
    ('amenagements-cyclables-20260102.geojson', ('note',))
    """
    measure.require_lambert93(features=features)
    standards = norms()
    if norm not in standards:
        raise UnknownName("standard", norm, standards)
    full_schema = read_kind(kind)
    schema = replace(full_schema, fields=full_schema.standard_fields)
    if kind not in standards[norm]:
        raise BadValue(f"Le type « {kind} » n'est pas du standard « {norm} » ({', '.join(standards[norm])}).")
    delivery = dict(schema.delivery)
    frame, hidden = masked(_conforming_columns(features, schema), schema.fields)
    checks = findings(frame, schema)
    _refuse_errors(checks, schema)
    field_names = [field.name for field in schema.fields]
    outside = [
        str(name) for name in features.columns if name not in field_names and name != features.geometry.name
    ]
    withheld = [field.name for field in schema.fields if not field.publish and field.name in features.columns]
    path = Path(folder) / _file_name(frame, schema, on, names or {})
    store.make_folder(path.parent)
    writer = {"csv": _csv, "geojson": _geojson, "shapefile": _shapefile}[delivery["format"]]
    path = writer(frame, schema, path, defuse)
    alerts = {f"{finding.field} : {finding.message}" for finding in checks if finding.level == "alerte"}
    return Exported(path, len(frame), tuple(withheld), tuple(outside), hidden, tuple(sorted(alerts)))


def _refuse_errors(checks: Iterable[Finding], schema: Schema) -> None:
    """Refuse data that do not conform, with the first ten faults."""
    errors = [finding for finding in checks if finding.level == "erreur"]
    if errors:
        listed = "\n".join(map(_error_line, errors[:10]))
        raise BadTable(
            f"{counted(len(errors), 'écart')} au standard {schema.standard}, rien n'est écrit :\n{listed}\n"
            "Compléter la recette de l'import ([constantes], [valeurs]), puis relancer « couches importer »."
        )


def _error_line(finding: Finding) -> str:
    subject = "" if finding.feature is None else f"objet n° {finding.feature}, "
    return f"- {subject}{finding.field} : {finding.message}"


def _conforming_columns(features: gpd.GeoDataFrame, schema: Schema) -> gpd.GeoDataFrame:
    """Select the fields of the standard that may be published, in its order; absent ones are empty."""
    delivery = dict(schema.delivery)
    columns: dict[str, Any] = {}
    for field in schema.fields:
        if not field.publish:
            continue
        if field.name in features.columns:
            columns[field.name] = features[field.name]
        elif delivery.get("point_column") == field.name:
            continue
        elif field.required:
            continue  # validate says that it lacks
        elif delivery["format"] == "csv":
            columns[field.name] = pd.Series([None] * len(features), index=features.index, dtype=object)
    return gpd.GeoDataFrame(
        columns, geometry=features.geometry.to_numpy(), index=features.index, crs=features.crs
    )


def _file_name(frame: gpd.GeoDataFrame, schema: Schema, on: date, names: Mapping[str, str]) -> str:
    template = dict(schema.delivery)["file_name"]
    parts = {"date": on.strftime("%Y%m%d")} | _from_data(frame) | dict(names)
    missing = [name for name in re.findall(r"{(\w+)}", template) if not parts.get(name)]
    if missing:
        raise BadValue(f"Nom de fichier du standard : il manque « {missing[0]} » (--{missing[0]}).")
    for name, value in parts.items():
        if not re.fullmatch(r"[0-9A-Za-z_-]*", value):
            raise BadValue(f"Nom de fichier du standard : « {name} » vaut « {value} ».")
    return str(template).format(**parts)


def _from_data(frame: gpd.GeoDataFrame) -> dict[str, str]:
    """Read the parts of the file name on which the data agree."""
    parts_of_name = {}
    for column, name in (("site_epci_siren", "siren"), ("epci_siren", "siren"), ("INSEE", "document")):
        values = set(frame[column].dropna()) if column in frame.columns else set()
        if len(values) == 1:
            parts_of_name[name] = str(values.pop())
    documents = set(frame["IDURBA"].dropna()) if "IDURBA" in frame.columns else set()
    if len(documents) == 1:
        parts = str(documents.pop()).split("_")
        if len(parts) >= 3:
            parts_of_name |= {"document": parts[0], "date": parts[2][:8]}
    return parts_of_name


def _csv(frame: gpd.GeoDataFrame, schema: Schema, path: Path, defuse: bool) -> Path:
    """Write a CSV with the columns of the standard, geometry and point among them."""
    delivery = dict(schema.delivery)
    names = [name for name in frame.columns if name != frame.geometry.name]
    geometry, point = delivery["geometry_column"], delivery.get("point_column", "")
    shapes = frame.geometry.to_crs(delivery["crs"])
    header = [*names]
    geometry_position = (
        header.index(delivery["geometry_after"]) + 1
        if delivery.get("geometry_after") in header
        else len(header)
    )
    if point and point not in header:
        header.append(point)
        geometry_position = len(header)
    header.insert(geometry_position, geometry)
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delivery["separator"], lineterminator="\r\n")
    writer.writerow(header)
    fields = {field.name: field for field in schema.fields}
    columns = {name: frame[name].tolist() for name in names}
    for row, shape in enumerate(shapes):
        cells = {name: _cell(values[row], fields[name], defuse) for name, values in columns.items()}
        cells[geometry] = _shape_cell(shape, delivery)
        if point:
            cells[point] = cells.get(point) or _point_cell(shape)
            if shape is None or shape.geom_type not in {"Polygon", "MultiPolygon"}:
                cells[geometry] = ""
        writer.writerow([cells[name] for name in header])
    target = path.with_name(f"{path.name}.csv")
    store.replace(target, buffer.getvalue().encode())
    return target


def _cell(value: Any, field: Field, defuse: bool) -> str:
    """Write a cell as the standard does."""
    plain = geojson_writer.json_value(value)
    if plain is None:
        return ""
    if isinstance(plain, bool):
        return "true" if plain else "false"
    if isinstance(plain, float) and plain.is_integer():
        return str(int(plain))
    if isinstance(plain, list | dict):
        return json.dumps(plain, ensure_ascii=False)
    if not isinstance(plain, str):
        return str(plain)
    if field.type == "date" and field.date_format != "%Y-%m-%d":
        return date.fromisoformat(plain).strftime(field.date_format)
    return f"'{plain}" if defuse and DANGEROUS.match(plain) else plain


def _shape_cell(shape: Any, delivery: Mapping[str, Any]) -> str:
    decimals = 7 if delivery["crs"] == "EPSG:4326" else LAMBERT_DECIMALS
    if shape is None:
        return ""
    if delivery["geometry_format"] == "geojson":
        return json.dumps(coordinates_of(shape, decimals=decimals), separators=(", ", ": "))
    if delivery["geometry_format"] == "lonlat":
        return f"{shape.x:.{decimals}f}, {shape.y:.{decimals}f}"
    return _wkt(shape, decimals)


def _point_cell(shape: Any) -> str:
    return "" if shape is None else _wkt(shapely.point_on_surface(shape), 7)


def _wkt(shape: Any, decimals: int) -> str:
    return shapely.to_wkt(shape, rounding_precision=decimals, trim=True)


def _geojson(frame: gpd.GeoDataFrame, schema: Schema, path: Path, defuse: bool) -> Path:
    target = path.with_name(f"{path.name}.geojson")
    writing.write(frame, target)
    return target


def _shapefile(frame: gpd.GeoDataFrame, schema: Schema, path: Path, defuse: bool) -> Path:
    """Write a shapefile in Lambert-93, UTF-8, with its .cpg; the date of the .dbf is no clock's."""
    import pyogrio

    texts = {}
    for field in schema.fields:
        if field.name in frame.columns and (field.type == "date" or field.type == "string"):
            texts[field.name] = [_cell(value, field, defuse=False) or None for value in frame[field.name]]
    table = frame.assign(
        **{name: pd.Series(values, index=frame.index, dtype=object) for name, values in texts.items()}
    )
    target = path.with_name(f"{path.name}.shp")
    with tempfile.TemporaryDirectory(prefix="artois-") as folder:
        draft = Path(folder) / target.name
        pyogrio.write_dataframe(table, draft, driver="ESRI Shapefile", encoding="UTF-8")
        parts = {file.suffix: file.read_bytes() for file in Path(folder).iterdir()}
    dbf = bytearray(parts[".dbf"])
    dbf[1:4] = bytes([100, 1, 1])
    parts[".dbf"] = bytes(dbf)
    for suffix in sorted(
        parts, key=lambda suffix: suffix == ".shp"
    ):  # the .shp last: without it there is no layer
        store.replace(target.with_suffix(suffix), parts[suffix])
    return target
