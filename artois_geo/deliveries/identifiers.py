"""Identifiers that last: an object known before keeps its own, a new one gets a number never used.

An object is known by the code that the partner gives it, else by its shape, else by
its name and commune; it is looked for in the layer as it is, then in older versions, so that
an object that comes back has the identifier it had.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from artois_geo.errors import UnknownName
from artois_geo.kinds.schema import Schema
from artois_geo.meaning import first_column, fold, is_missing, site_name_columns

CODE_WORDS = re.compile(r"(^|[_\W])(id|ident|identifiant|code|cod|ref|reference|num|numero|uid|uuid)", re.I)
#: Two shapes that share more than half of their union: neither can share as much with a third.
MOST_OF_THE_UNION = 0.5
SAME_POINT_M = 1.0
NAMED = site_name_columns("delivery")
NOWHERE = "00000"  # commune of an object that lies in none


@dataclass(frozen=True)
class Names:
    """Identifier of each object; how many the delivery gave, how many were known before, how many are new."""

    identifiers: list[str]
    given: int
    known: int
    new: int


def identifiers(
    features: gpd.GeoDataFrame,
    schema: Schema,
    earlier: Sequence[gpd.GeoDataFrame] = (),
    *,
    code: str = "",
) -> Names:
    """Give each object its identifier: its own if it has one, the one it had, else a new number.

    Parameters
    ----------
    features
        EPSG:2154. An identifier already given is kept.
    schema
        Its key, and in its ``delivery`` table ``id_format`` and ``commune_code``.
    earlier
        States of the layer, the latest first; those without the key tell nothing.
    code
        Column of the partner's own code, which does not change from one delivery to the next; by default
        a column outside the kind that bears the name of a code and never contradicts the shapes.

    Returns
    -------
    Names
        New objects are numbered by commune from west to east, after the highest number ever used there.

    Raises
    ------
    UnknownName
        ``features`` have no column ``code``.

    Examples
    --------
    A zone was there last year; another has come, west of it:

    >>> from artois_geo import example, layers
    >>> old = example.square(x_km=1, y_km=0, side_km=0.1, site_id="62413_SITE-ECO_00001")
    >>> both = gpd.GeoDataFrame(geometry=[old.translate(-500).item(), old.geometry.item()], crs=2154)
    >>> both["site_comm_insee"] = "62413"
    >>> identifiers(both, layers.read_kind("site_eco"), [old]).identifiers
    ['62413_SITE-ECO_00002', '62413_SITE-ECO_00001']
    """
    if code and code not in features.columns:
        raise UnknownName("colonne", code, map(str, features.columns))
    own_identifiers = (
        features[schema.key] if schema.key in features.columns else pd.Series(None, index=features.index)
    )
    names: list[str | None] = [None if is_missing(value) else str(value) for value in own_identifiers]
    states = [state[state[schema.key].notna()] for state in earlier if schema.key in state.columns]
    own = len(names) - names.count(None)
    for state in states:
        for row, name in _recognised(features, state, names, schema, code).items():
            names[row] = name
    new = names.count(None)
    used = [str(name) for state in states for name in state[schema.key]] + [name for name in names if name]
    return Names(_numbered(features, names, schema, used), own, len(names) - own - new, new)


def _recognised(
    features: gpd.GeoDataFrame, state: gpd.GeoDataFrame, names: list[str | None], schema: Schema, code: str
) -> dict[int, str]:
    """Find the objects without identifier that a state knows: row, and the identifier it has there."""
    key = state[schema.key].astype(str).to_numpy()
    used_names = {name for name in names if name}
    new = np.array([row for row, name in enumerate(names) if name is None], dtype=int)
    old = np.array([row for row, name in enumerate(key) if name not in used_names], dtype=int)
    codes = (_texts(features, (code,)), _texts(state, (code,))) if code else None
    recognised: dict[int, str] = {}
    for level in (_by_code, _by_shape, _by_name):
        for row, state_row in level(features, state, new, old, schema, code):
            if codes is not None:
                new_code, old_code = codes[0][row], codes[1][state_row]
                # Two codes that differ are two objects, whatever their shapes and names.
                if new_code and old_code and new_code != old_code:
                    continue
            recognised[row] = key[state_row]
        new = new[~np.isin(new, list(recognised))]
        old = old[~np.isin(key[old], list(recognised.values()))]
    return recognised


Rows = NDArray[np.int_]
Pairs = list[tuple[int, int]]


def _by_code(
    features: gpd.GeoDataFrame, state: gpd.GeoDataFrame, new: Rows, old: Rows, schema: Schema, code: str
) -> Pairs:
    """Pair objects of the same code; a column that the reader does not name must agree with the shapes."""
    if code:
        return _equal(_texts(features, (code,)), _texts(state, (code,)), new, old)
    columns = _code_columns(features, state, schema)
    if not columns:
        return []
    same_shape = dict(_by_shape(features, state, new, old, schema, code))
    best: Pairs = []
    for column in columns:
        new_codes, old_codes = _texts(features, (column,)), _texts(state, (column,))
        if _counts_rows(new_codes) or _counts_rows(old_codes):
            continue
        pairs = _equal(new_codes, old_codes, new, old)
        agrees = any(same_shape.get(row) == old_row for row, old_row in pairs)
        contradicts = any(new_codes[row] != old_codes[old_row] for row, old_row in same_shape.items())
        if agrees and not contradicts and len(pairs) > len(best):
            best = pairs
    return best


def _code_columns(features: gpd.GeoDataFrame, state: gpd.GeoDataFrame, schema: Schema) -> list[str]:
    """List the columns outside the kind that both states have and whose name is that of a code."""
    fields = {field.name for field in schema.fields}
    return [
        str(name)
        for name in features.columns
        if name in state.columns and name not in fields and CODE_WORDS.search(str(name))
    ]


def _by_shape(
    features: gpd.GeoDataFrame, state: gpd.GeoDataFrame, new: Rows, old: Rows, schema: Schema, _code: str
) -> Pairs:
    """Pair objects of one position: polygons that share most of their union, points within a metre."""
    new_shapes, old_shapes = _sound(features, new), _sound(state, old)
    if not len(new) or not len(old):
        return []
    new_position, old_position = shapely.STRtree(old_shapes).query(
        new_shapes, predicate="dwithin", distance=SAME_POINT_M
    )
    first_shapes, second_shapes = new_shapes[new_position], old_shapes[old_position]
    surfaces = (shapely.area(first_shapes) > 0) & (shapely.area(second_shapes) > 0)
    shared = np.zeros(len(new_position))
    both = shapely.area(shapely.intersection(first_shapes[surfaces], second_shapes[surfaces]))
    shared[surfaces] = both / (
        shapely.area(first_shapes[surfaces]) + shapely.area(second_shapes[surfaces]) - both
    )
    points = (shapely.get_dimensions(first_shapes) == 0) & (shapely.get_dimensions(second_shapes) == 0)
    shared[points] = 1.0
    shared[~surfaces & ~points] = shapely.equals_exact(
        shapely.normalize(first_shapes[~surfaces & ~points]),
        shapely.normalize(second_shapes[~surfaces & ~points]),
        SAME_POINT_M,
    )
    distances = shapely.distance(first_shapes, second_shapes)
    same_name = _texts(features, NAMED)[new[new_position]] == _texts(state, NAMED)[old[old_position]]
    pairs: dict[int, int] = {}
    matched: set[int] = set()
    # Of several at the same place, the one of the same name first.
    for number in np.lexsort((old[old_position], distances.round(3), ~same_name, -shared.round(6))):
        new_row, old_row = int(new[new_position[number]]), int(old[old_position[number]])
        if shared[number] > MOST_OF_THE_UNION and new_row not in pairs and old_row not in matched:
            pairs[new_row] = old_row
            matched.add(old_row)
    return list(pairs.items())


def _by_name(
    features: gpd.GeoDataFrame, state: gpd.GeoDataFrame, new: Rows, old: Rows, schema: Schema, _code: str
) -> Pairs:
    """Pair objects of the same name in the same commune, where no other has it."""
    commune = str(dict(schema.delivery).get("commune_code", ""))
    if not any(name in features.columns and name in state.columns for name in NAMED):
        return []
    return _equal(
        _texts(features, NAMED, commune),
        _texts(state, NAMED, commune),
        new,
        old,
    )


def _texts(frame: gpd.GeoDataFrame, columns: Sequence[str], also: str = "") -> NDArray[np.object_]:
    """Fold the text of the first existing column, with that of another column; empty if there is none."""
    name = first_column(frame, columns)
    texts = ["" if name is None or is_missing(value) else fold(str(value)) for value in _column(frame, name)]
    if also:
        other_texts = ["" if is_missing(value) else fold(str(value)) for value in _column(frame, also)]
        texts = [
            f"{text}|{addition}" if text else "" for text, addition in zip(texts, other_texts, strict=True)
        ]
    return np.array(texts, dtype=object)


def _column(frame: gpd.GeoDataFrame, name: str | None) -> Iterable[object]:
    return frame[name] if name in frame.columns else [None] * len(frame)


def _equal(new_texts: NDArray[np.object_], old_texts: NDArray[np.object_], new: Rows, old: Rows) -> Pairs:
    """Pair the same text where it stands once on each side."""
    sides = []
    for texts, rows in ((new_texts, new), (old_texts, old)):
        counts = pd.Series(texts).value_counts()
        sides.append({texts[row]: int(row) for row in rows if texts[row] and counts[texts[row]] == 1})
    return [(row, sides[1][text]) for text, row in sides[0].items() if text in sides[1]]


def _counts_rows(texts: NDArray[np.object_]) -> bool:
    """Tell whether a column only numbers the rows of its file, from 0 or 1."""
    if not len(texts) or not all(text.isdigit() for text in texts):
        return False
    numbers = sorted(map(int, texts))
    return numbers[0] in (0, 1) and numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def _sound(frame: gpd.GeoDataFrame, rows: Rows) -> NDArray[np.object_]:
    """Return shapes that can be laid over one another: other checks report those that are not valid."""
    shapes = frame.geometry.to_numpy()[rows].copy()
    shapes[shapely.is_missing(shapes)] = shapely.Point()
    wrong = ~shapely.is_valid(shapes)
    shapes[wrong] = shapely.make_valid(shapes[wrong], method="structure", keep_collapsed=False)
    return shapes


def _numbered(
    features: gpd.GeoDataFrame, names: Sequence[str | None], schema: Schema, used: Iterable[str]
) -> list[str]:
    """Fill ``id_format`` with the commune and its next number, from west to east then south to north."""
    form = str(dict(schema.delivery).get("id_format", "{rank}"))
    code = str(dict(schema.delivery).get("commune_code", ""))
    pattern = re.compile(
        re.escape(re.sub(r"\{rank[^}]*\}", "\0", form).replace("{commune}", "\1"))
        .replace(re.escape("\0"), r"(?P<rank>\d+)")
        .replace(re.escape("\1"), r"(?P<commune>\w+?)")
    )
    highest: dict[str, int] = {}
    for name in used:
        match = pattern.fullmatch(name)
        if match:
            commune = match.groupdict().get("commune", NOWHERE)
            highest[commune] = max(highest.get(commune, 0), int(match["rank"]))
    communes = [NOWHERE if is_missing(value) else str(value) for value in _column(features, code)]
    middle = shapely.centroid(features.geometry.to_numpy())
    west_east = np.nan_to_num(np.column_stack([shapely.get_x(middle), shapely.get_y(middle)])).round(1)
    numbered_names = list(names)
    for row in sorted(range(len(features)), key=lambda row: (communes[row], *west_east[row])):
        if numbered_names[row] is None:
            commune = communes[row] if "{commune}" in form else NOWHERE
            highest[commune] = highest.get(commune, 0) + 1
            numbered_names[row] = form.format(commune=communes[row], rank=highest[commune])
    return [str(name) for name in numbered_names]
