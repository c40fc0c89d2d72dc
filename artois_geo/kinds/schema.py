"""Kinds of layers: the fields a layer must have, read from ``definitions/*.toml``."""

import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from artois_geo.errors import UnknownName, UnreadableFile, toml_place
from artois_geo.formats.tables.hints import TableHints
from artois_geo.suffixes import FilePath
from artois_geo.text import counted

EXTRA_FIELDS = "extra_fields.toml"
FEWEST_FIELDS = 3  # of one kind, and of no other, for its labels to name the columns of a table
Frame = TypeVar("Frame", bound=pd.DataFrame)
FIGURES = {"number": "float64", "integer": "Int64", "year": "Int64"}
TYPES = ("string", "integer", "number", "boolean", "date", "year", "json")


@dataclass(frozen=True)
class Field:
    """One field of a kind, with what a standard says of it."""

    name: str
    type: str = "string"
    required: bool = False
    unique: bool = False
    enum: tuple[Any, ...] = ()
    pattern: str = ""
    minimum: float | None = None
    maximum: float | None = None
    separator: str = ""
    unit: str = ""
    label: str = ""
    definition: str = ""
    aliases: tuple[str, ...] = ()
    short_name: str = ""
    publish: bool = True
    measures: str = ""  # "area": the polygon must agree with the value
    open: bool = False  # the list of values may grow: an unknown one is an alert
    label_en: str = ""
    example: Any = None
    extra: bool = False  # of extra_fields.toml: no standard has it, so an export to the standard leaves it
    date_format: str = "%Y-%m-%d"  # how the standard writes it; in memory and in layers, ISO 8601
    required_when: tuple[tuple[str, Any], ...] = ()  # required where these fields have these values
    publish_when: tuple[tuple[str, Any], ...] = ()  # published only where they have

    def is_cut(self, value: Any) -> bool:
        """Tell whether a value is one of the list up to its comma: the columns after it may have moved."""
        return any(str(entry).startswith(f"{value}, ") for entry in self.enum)


@dataclass(frozen=True)
class Schema:
    """A kind of layer: key, allowed geometries, fields in order."""

    name: str
    title: str
    geometry: tuple[str, ...]
    fields: tuple[Field, ...]
    key: str = ""
    standard: str = ""
    source: str = ""
    note: str = ""
    no_overlap: bool = False
    coverage: bool = False
    may_overlap: bool = False  # sharing ground is normal: constraints, projects
    territory_wgs84: tuple[float, ...] = ()  # west, south, east, north
    delivery: tuple[tuple[str, Any], ...] = ()

    def __repr__(self) -> str:
        required = ", ".join(field.name for field in self.fields if field.required)
        fields = counted(len(self.fields), "champ")
        return f"<Schema {self.name} : {self.title} ; {fields}, obligatoires : {required or 'aucun'}>"

    def field(self, name: str) -> Field | None:
        """Return the field of that name, if the kind has one."""
        return next((item for item in self.fields if item.name == name), None)

    @property
    def standard_fields(self) -> tuple[Field, ...]:
        """Return the fields of the standard, without those that only this library knows."""
        return tuple(field for field in self.fields if not field.extra)

    def table_hints(self) -> TableHints:
        """Return what a table of this kind is expected to look like."""
        delivery = dict(self.delivery)
        return TableHints(
            fields=frozenset(field.name for field in self.fields),
            separator=str(delivery.get("separator", ";")),
            geometry_column=delivery.get("geometry_column", ""),
            point_column=delivery.get("point_column", ""),
            crs=delivery.get("crs"),
        )

    def names(self, name: str) -> tuple[str, ...]:
        """Return the name of a field, then the other names that files give it."""
        field = self.field(name)
        return (name, *(field.aliases if field is not None else ()))


def kinds() -> list[str]:
    """List the kinds that the library knows.

    Examples
    --------
    >>> from artois_geo.kinds import kinds
    >>> "commune" in kinds()
    True
    """
    return sorted(
        item.name.removesuffix(".toml") for item in _folder().iterdir() if item.name.endswith(".toml")
    )


def read_kind(kind: FilePath) -> Schema:
    """Read the schema of a kind.

    Parameters
    ----------
    kind
        Name of a kind of the library, or path of a user's own TOML file.

    Raises
    ------
    UnknownName
        No such kind; the message offers the nearest names.
    UnreadableFile
        The user's file is absent or not a kind.

    Examples
    --------
    >>> from artois_geo.kinds import read_kind
    >>> read_kind("commune").key
    'comm_insee'
    """
    text = str(kind)
    if text.endswith(".toml"):
        path = Path(text)
        if not path.is_file():
            raise UnreadableFile(f"Type de couche introuvable : {path}.")
        return _parse(path.stem, path.read_text(encoding="utf-8"), str(path))
    return _known(text)


def kind_of(columns: Iterable[str]) -> str:
    """Guess the kind of layer that columns come from, to name them in French; empty if none has enough.

    Examples
    --------
    >>> from artois_geo.kinds import kind_of
    >>> kind_of(["site_id", "site_nom", "site_etat", "net_ha"]), kind_of(["nom", "net_ha"])
    ('site_eco', '')
    """
    names = set(columns)
    counts = {}
    for kind in kinds():
        schema = read_kind(kind)
        if schema.key in names:
            counts[kind] = sum(field.name in names for field in schema.fields)
    likeliest = max(counts, key=lambda kind: counts[kind], default="")
    return likeliest if counts.get(likeliest, 0) >= FEWEST_FIELDS else ""


def field_labels(kind: str) -> dict[str, str]:
    """Return the French heading of each field of a kind, with its unit; none for a kind that is not named.

    Examples
    --------
    >>> from artois_geo.kinds import field_labels
    >>> field_labels("site_eco")["site_nom"], field_labels("")
    ('Nom du site', {})
    """
    fields = read_kind(kind).fields if kind else ()
    return {
        field.name: f"{field.label} ({field.unit})" if field.unit else field.label
        for field in fields
        if field.label
    }


def usual_labels() -> dict[str, str]:
    """Return the French heading of each field that most of its kinds name alike, for a table of no kind.

    Examples
    --------
    >>> from artois_geo.kinds import usual_labels
    >>> usual_labels()["epci_siren"], "site_nom" in usual_labels()
    ("SIREN de l'EPCI", False)
    """
    counts: dict[str, Counter[str]] = {}
    for kind in kinds():
        for name, label in field_labels(kind).items():
            counts.setdefault(name, Counter())[label] += 1
    likeliest = {name: labels.most_common(1)[0] for name, labels in counts.items()}
    return {name: label for name, (label, count) in likeliest.items() if 2 * count > counts[name].total()}


def with_empty_figures(frame: Frame, kind: str) -> Frame:
    """Return the frame, its columns of figures that nobody filled typed as figures: else they are ``object``.

    Parameters
    ----------
    frame
        Features or rows of a kind.
    kind
        Name of a kind; the frame stays as it is where there is no such kind.

    Examples
    --------
    >>> import pandas as pd
    >>> empty = pd.DataFrame({"site_surf_brute": [None], "site_nom": [None]})
    >>> [str(kind) for kind in with_empty_figures(empty, "site_eco").dtypes]
    ['float64', 'object']
    """
    if kind not in kinds():
        return frame
    types = {
        field.name: FIGURES[field.type]
        for field in read_kind(kind).fields
        if field.type in FIGURES and field.name in frame.columns
        if frame[field.name].dtype == object and frame[field.name].isna().all()
    }
    return frame.astype(types) if types else frame


@cache
def _known(name: str) -> Schema:
    if name not in kinds():
        raise UnknownName("type de couche", name, kinds())
    path = _folder().joinpath(f"{name}.toml")
    schema = _parse(name, path.read_text(encoding="utf-8"), path.name)
    return replace(schema, fields=(*schema.fields, *_extra_fields().get(name, ())))


@cache
def _extra_fields() -> dict[str, tuple[Field, ...]]:
    """Read what the kinds of the CNIG hold beside their standard, by kind."""
    text = files("artois_geo.kinds").joinpath(EXTRA_FIELDS).read_text(encoding="utf-8")
    by_kind: dict[str, list[Field]] = {}
    for entry in tomllib.loads(text)["fields"]:
        field = _field({key: entry[key] for key in entry if key != "kinds"}, EXTRA_FIELDS)
        for kind in entry["kinds"]:
            by_kind.setdefault(kind, []).append(replace(field, extra=True))
    return {kind: tuple(described) for kind, described in by_kind.items()}


def _folder() -> Any:
    return files("artois_geo.kinds").joinpath("definitions")


def _parse(name: str, text: str, file_name: str) -> Schema:
    """Build a schema from the text of a TOML file."""
    try:
        entry = tomllib.loads(text)
        described = [_field(item, file_name) for item in entry.get("fields", [])]
        return Schema(
            name=name,
            title=entry["title"],
            geometry=tuple(entry["geometry"]),
            fields=tuple(described),
            key=entry.get("key", ""),
            standard=entry.get("standard", ""),
            source=entry.get("source", ""),
            note=entry.get("note", ""),
            no_overlap=entry.get("no_overlap", False),
            coverage=entry.get("coverage", False),
            may_overlap=entry.get("may_overlap", False),
            territory_wgs84=tuple(entry.get("territory_wgs84", ())),
            delivery=tuple(entry.get("delivery", {}).items()),
        )
    except tomllib.TOMLDecodeError as error:
        raise UnreadableFile(
            f"Type de couche illisible : {file_name} ({toml_place(error, text)})."
        ) from error
    except KeyError as error:
        raise UnreadableFile(
            f"Type de couche incomplet : {file_name}, clé absente : « {error.args[0]} »."
        ) from error


def _field(entry: dict[str, Any], file_name: str) -> Field:
    """Build a field from its entry; refuse a key or a type that no field has."""
    names = {item.name for item in fields(Field)}
    unknown = sorted(set(entry) - names)
    if unknown or entry.get("type", "string") not in TYPES:
        raise UnreadableFile(
            f"{file_name} : champ « {entry.get('name', '?')} » mal décrit"
            f" ({', '.join(unknown) or 'type ' + str(entry.get('type'))})."
        )
    lists: dict[str, Any] = {key: tuple(entry[key]) for key in ("enum", "aliases") if key in entry}
    pairs: dict[str, Any] = {
        key: tuple(entry[key].items()) for key in ("required_when", "publish_when") if key in entry
    }
    return Field(**(entry | lists | pairs))
