"""Fields of a kind behind the names of ten letters that a shapefile leaves of theirs."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from artois_geo.formats.exports.short_names import LONGEST
from artois_geo.formats.findings import Finding
from artois_geo.kinds.schema import Field, Schema, kinds, read_kind
from artois_geo.kinds.validation import admits
from artois_geo.text import counted

RULE = "nom tronqué"
STEM = 8  # letters that a numbered name keeps of its field
# how GDAL, and our export, write a name that another column has already
_NUMBERED = re.compile(rf"(.{{{STEM}}})(_\d|\d\d)")
_SHOWN = 4
Cells = Mapping[str, "Sequence[Any] | pd.Series[Any]"]


@dataclass(frozen=True)
class CutNames:
    """What columns of short names are: ``fields`` by column where it is certain, else what they may be."""

    fields: Mapping[str, str] = field(default_factory=dict)
    doubtful: Mapping[str, tuple[Field, ...]] = field(default_factory=dict)
    kind: str = ""

    @property
    def findings(self) -> list[Finding]:
        """Report the names given back, and each column that several fields may be."""
        pairs = [f"{column} = {name}" for column, name in self.fields.items()]
        more = ", …" if len(pairs) > _SHOWN else ""
        message = (
            f"{counted(len(pairs), 'nom de shapefile lu', 'noms de shapefile lus')} comme le champ du type"
            f" {self.kind} : {', '.join(pairs[:_SHOWN])}{more}"
        )
        notes = [Finding(None, "", RULE, "note", len(pairs), message)] if pairs else []
        return [*notes, *(_doubt(column, fields) for column, fields in self.doubtful.items())]


def long_names(columns: Cells, kind: str | Path | None = None) -> CutNames:
    """Find the kind that a file of short names was written from, and the fields that its columns are.

    Parameters
    ----------
    columns
        Cells of each column, shapes left out. A name of more than ten letters proves that nothing was cut.
    kind
        Kind that the file is said to be of; by default the kind that has most of its columns.

    Returns
    -------
    CutNames
        Empty where no kind has its key, and at least half of the columns, in the file. A column is
        given to a field where it is its short name in the standard, or its first ten letters if no
        other field has the same ones, or if the values fit one field only.

    Examples
    --------
    >>> columns = {"SITEID": ["a"], "SITVOCDOM": ["mixte"], "site_epci_": ["246200364"], "lots": [3]}
    >>> names = long_names(columns)
    >>> names.kind, dict(names.fields), list(names.doubtful)
    ('site_eco', {'SITEID': 'site_id', 'SITVOCDOM': 'site_vocadomi'}, ['site_epci_'])
    """
    if not columns or any(len(str(name)) > LONGEST for name in columns):
        return CutNames()
    if kind:
        return _of_kind(columns, read_kind(kind))[0]
    matches, counts = {}, {}
    for schema in map(read_kind, kinds()):
        matches[schema.name], filled = _of_kind(columns, schema)
        count = len(filled) + len(matches[schema.name].doubtful)
        if _identifies(filled, schema) and 2 * count >= len(columns):
            counts[schema.name] = count
    nearest = [kind for kind, count in counts.items() if count == max(counts.values())]
    return _agreed([matches[kind] for kind in nearest])


def of_fields(columns: Cells, fields: Iterable[Field], kind: str = "") -> CutNames:
    """Tell which of some fields the names of columns are cut from.

    Parameters
    ----------
    columns
        Cells of each column, which may be empty where only its name is known.
    fields
        Fields that no other column fills.

    Examples
    --------
    >>> fields = [Field("site_comm_nom"), Field("site_comm_insee", pattern="[0-9]{5}")]
    >>> dict(of_fields({"site_comm_": ["Lens"], "site_com_1": ["62498"]}, fields).fields)
    {'site_comm_': 'site_comm_nom', 'site_com_1': 'site_comm_insee'}
    """
    groups: dict[str, list[Field]] = defaultdict(list)
    for described in fields:
        if len(described.name) > LONGEST:
            groups[described.name[:LONGEST].lower()].append(described)
    candidates = {name: options for name in columns if (options := _candidates(name, groups))}
    certain, doubtful = {}, {}
    for stem in dict.fromkeys(name[:STEM].lower() for name in candidates):
        together = {name: candidates[name] for name in candidates if name[:STEM].lower() == stem}
        for name, options in _possible(together, columns).items():
            if len(options) == 1 and _is_sure(options[0], candidates[name], columns[name]):
                certain[name] = options[0].name
            elif _is_filled(columns[name]):
                doubtful[name] = options if len(options) > 1 else candidates[name]
    return CutNames(certain, doubtful, kind)


def _is_sure(left: Field, candidates: Sequence[Field], cells: Sequence[Any] | pd.Series) -> bool:
    """Tell whether a column is the field that is left: a badly written code is no label."""
    is_code = any(described.pattern for described in candidates)
    is_free = not (left.pattern or left.enum)
    return not (is_code and is_free) or any(re.search(r"[^\W\d]", str(cell)) for cell in cells)


def is_start(name: str, whole: str) -> bool:
    """Tell whether a name is what a shapefile leaves of a longer one.

    Examples
    --------
    >>> is_start("SITE_QUALI", "site_quali_territoire"), is_start("site_nom", "site_nom")
    (True, False)
    """
    return len(name) == LONGEST < len(whole) and whole.lower().startswith(name.lower())


def _of_kind(columns: Cells, schema: Schema) -> tuple[CutNames, set[str]]:
    """Read columns as those of a kind, and list the fields that they fill for sure."""
    by_name = {described.name.lower(): described.name for described in schema.fields}
    present = {by_name[name.lower()] for name in columns if name.lower() in by_name}
    short = _by_short_name(columns, schema, present)
    other_columns = {
        name: cells for name, cells in columns.items() if name not in short and name.lower() not in by_name
    }
    known_names = present | set(short.values())
    cut = of_fields(
        other_columns, [described for described in schema.fields if described.name not in known_names]
    )
    fields = {**short, **cut.fields}
    return CutNames(fields, cut.doubtful, schema.name), present | set(fields.values())


def _by_short_name(columns: Cells, schema: Schema, present: set[str]) -> dict[str, str]:
    """Pair columns with the absent fields that the standard calls so in a shapefile."""
    short_names = {
        described.short_name.lower(): described.name
        for described in schema.fields
        if described.short_name and described.name not in present
    }
    return {name: short_names[name.lower()] for name in columns if name.lower() in short_names}


def _identifies(filled: set[str], schema: Schema) -> bool:
    """Tell whether fields are enough to know a kind: its key, or all that it requires where it has none."""
    needed = (
        {schema.key}
        if schema.key
        else {kind_field.name for kind_field in schema.fields if kind_field.required}
    )
    return bool(needed) and needed <= filled


def _candidates(name: str, groups: Mapping[str, list[Field]]) -> tuple[Field, ...]:
    """List the fields that a name may be cut from; a number stands where another column has the name."""
    name = name.lower()
    if name in groups:
        return tuple(groups[name])
    numbered = _NUMBERED.fullmatch(name)
    if numbered is None:
        return ()
    shared = (fields for cut, fields in groups.items() if cut.startswith(numbered[1]) and len(fields) > 1)
    return tuple(described for fields in shared for described in fields)


def _possible(candidates: Mapping[str, tuple[Field, ...]], columns: Cells) -> dict[str, tuple[Field, ...]]:
    """Keep of the candidates of each column those of an assignment where every column has its own field."""
    if all(len(fields) == 1 for fields in candidates.values()):
        return dict(candidates)
    fitting = {
        name: [described for described in fields if admits(pd.Series(columns[name], dtype=object), described)]
        for name, fields in candidates.items()
    }
    fields_by_cut_name: dict[str, dict[str, Field]] = {name: {} for name in candidates}
    for assignment in _assignments(list(candidates), fitting, frozenset()):
        for name, described in zip(candidates, assignment, strict=True):
            fields_by_cut_name[name][described.name] = described
    return {name: tuple(fields_by_cut_name[name].values()) or candidates[name] for name in candidates}


def _assignments(
    names: list[str], fitting: Mapping[str, list[Field]], used: frozenset[str]
) -> Iterator[tuple[Field, ...]]:
    """List the ways to give each column a field that no other has."""
    if not names:
        yield ()
        return
    for described in fitting[names[0]]:
        if described.name not in used:
            for following in _assignments(names[1:], fitting, used | {described.name}):
                yield (described, *following)


def _agreed(matches: Sequence[CutNames]) -> CutNames:
    """Keep of several kinds that fit equally well what they agree on."""
    if len(matches) < 2:
        return matches[0] if matches else CutNames()
    names = {column for match in matches for column in match.fields}
    fields = {
        column: match.fields[column]
        for match in matches[:1]
        for column in match.fields
        if all(other_match.fields.get(column) == match.fields[column] for other_match in matches)
    }
    doubtful = {
        column: options
        for match in matches
        for column, options in match.doubtful.items()
        if column not in names
    }
    return CutNames(fields, doubtful, " ou ".join(match.kind for match in matches))


def _is_filled(cells: "Sequence[Any] | pd.Series[Any]") -> bool:
    return not len(cells) or not pd.isna(pd.Series(cells, dtype=object)).all()


def _doubt(column: str, fields: tuple[Field, ...]) -> Finding:
    """Report a column that several fields may be: nothing is guessed."""
    names = [described.name for described in fields]
    short = [described.short_name for described in fields if described.short_name]
    remedy = (
        f"l'écrire {' ou '.join(short)} (noms courts du standard), ou " if len(short) == len(fields) else ""
    )
    message = (
        f"« {column} » peut couper {', '.join(names[:-1])} ou {names[-1]} : gardée sous ce nom ;"
        f" {remedy}donner le fichier d'où vient le shapefile"
    )
    return Finding(None, column, RULE, "alerte", ", ".join(names), message)
