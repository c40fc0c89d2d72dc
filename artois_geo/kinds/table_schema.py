"""A Frictionless Table Schema file that the user gives, as a kind to check against."""

import json
from pathlib import Path
from typing import Any

from artois_geo.errors import UnreadableFile
from artois_geo.kinds.schema import Field, Schema

_TYPES = {
    "string": "string",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "date": "date",
    "datetime": "string",
    "year": "year",
    "array": "json",
    "object": "json",
    "any": "json",
}
_SHAPES = ("geopoint", "geojson")
_ANY = ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "null")


def read_table_schema(path: Path) -> Schema:
    """Make a kind of a Table Schema file (``fields``, ``constraints``, ``primaryKey``).

    Parameters
    ----------
    path
        JSON file, as published by a standard. Its fields of type ``geopoint`` or
        ``geojson`` are the geometry, not columns. Nothing it refers to is fetched.

    Raises
    ------
    UnreadableFile
        Not JSON, or no ``fields``.

    Examples
    --------
    >>> from artois_geo.kinds import read_table_schema
    >>> from pathlib import Path
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "schema.json"
    ...     _ = file.write_text('{"fields": [{"name": "id", "constraints": {"required": true}}]}')
    ...     read_table_schema(file).fields[0].required
    True
    """
    path = Path(path)
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
        described = document["fields"]
        entries = [(entry["name"], entry) for entry in described]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise UnreadableFile(
            f"{path.name} n'est pas un Table Schema : liste « fields » absente ou illisible."
        ) from error
    keys = document.get("primaryKey", "")
    key = keys if isinstance(keys, str) else (keys[0] if len(keys) == 1 else "")
    shapes = [name for name, entry in entries if entry.get("type") in _SHAPES]
    fields = tuple(_field(name, entry, key) for name, entry in entries if entry.get("type") not in _SHAPES)
    return Schema(
        name=str(document.get("name", path.stem)),
        title=str(document.get("title", path.stem)),
        geometry=_ANY,
        fields=fields,
        key=key if any(field.name == key for field in fields) else "",
        standard=f"{document.get('title', path.stem)} {document.get('version', '')}".strip(),
        source=path.name,
        delivery=(("geometry_column", shapes[0]),) if shapes else (),
        may_overlap=True,
    )


def _field(name: str, described: dict[str, Any], key: str) -> Field:
    """Build a field from its entry in a Table Schema."""
    limits = described.get("constraints", {})
    kind = _TYPES.get(described.get("type", "string"), "string")
    date_format = described.get("format", "default")
    if kind == "date" and date_format == "%Y":
        kind = "year"
    return Field(
        name=name,
        type=kind,
        required=bool(limits.get("required", False)),
        unique=bool(limits.get("unique", False)) or name == key,
        enum=tuple(limits.get("enum", ())),
        pattern=str(limits.get("pattern", "")),
        minimum=limits.get("minimum"),
        maximum=limits.get("maximum"),
        label=str(described.get("title", "")),
        definition=str(described.get("description", "")),
        date_format=date_format if kind == "date" and date_format.startswith("%") else "%Y-%m-%d",
    )
