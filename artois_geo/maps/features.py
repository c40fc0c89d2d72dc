"""From a frame to what the page holds of it: values, positions and shapes, column by column."""

import dataclasses
import json
import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from numbers import Integral, Real
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from artois_geo import languages, meaning, measure
from artois_geo.kinds.publication import private_columns
from artois_geo.kinds.schema import Field
from artois_geo.maps import style

DECIMALS = 5  # of a degree: about one metre
LARGEST_JS_INTEGER = 2**53 - 1
SKETCH_TOLERANCE_M = 6.0  # a disc drawn for an area needs no more corners than this asks
YEAR = re.compile(r"(\d{4})(?:$|-\d)|\d{1,2}/\d{1,2}/(\d{4})")  # ISO 8601 or a French day, nothing vaguer
ALWAYS_SHOWN = ("source", "note", "precision", "geometrie", "epci_nom", "site_epci_nom", meaning.FICTIONAL)
# what packs know of a site beyond its layer, and whom to ask; the card shows them below its facts
ANALYSIS_COLUMNS = (
    "available_ha",
    "available_range",
    "unknown_ha",
    "access_port",
    "access_junction",
    "waterway_name",
    "waterway_away",
    "bank_length",
    "berth_class",
    "ring",
    "zan_account",
    "zan_consumed_ha",
    "zan_epci_share",
    "rank_of",
    "rank_range",
    "contact_nom",
    "contact_mail",
    "contact_tel",
    "site_url",
    "fiche_url",
)

# those that are short enough for the row of a site in the list
ANALYSIS_IN_ROWS = (
    "available_ha",
    "available_range",
    "unknown_ha",
    "zan_account",
    "zan_consumed_ha",
    "rank_of",
)

NOT_PER_FEATURE = ("columns", "dated", "accounted", "list_columns", "roles")

Values = dict[str, list[Any]]
Shapes = Sequence[shapely.Geometry | None]


@dataclass(frozen=True)
class LayerFeatures:
    """Hold the features of one layer; every tuple, and every column, has one item per feature."""

    columns: dict[str, list[Any]]
    keys: tuple[str, ...]
    names: tuple[str | None, ...]
    places: tuple[str | None, ...]
    epci: tuple[str | None, ...]
    classes: tuple[str | None, ...]
    years: tuple[int | None, ...]
    accounts: tuple[str | None, ...]
    dated: str  # column that the years are read from, empty if there is none
    accounted: str  # column that the accounts are read from
    list_columns: tuple[str, ...]  # that a row of the list tells besides name, place, class and area
    areas: tuple[float | None, ...]
    measured: tuple[bool, ...]
    schematic: tuple[bool, ...]
    precision: tuple[float | None, ...]
    sub_sites: tuple[bool, ...]
    counted: tuple[bool, ...]
    points: tuple[tuple[float, float] | None, ...]
    shapes: tuple[dict[str, Any] | None, ...]
    roles: dict[str, str]  # column of the name and of the place, where another says it in a language

    def __len__(self) -> int:
        return len(self.keys)

    def without_rows(self) -> "LayerFeatures":
        """Return the same columns and roles with no feature: what a page lists of a large layer."""
        names = [entry.name for entry in dataclasses.fields(self) if entry.name not in NOT_PER_FEATURE]
        per_feature: dict[str, Any] = dict.fromkeys(names, ())
        return dataclasses.replace(self, columns={name: [] for name in self.columns}, **per_feature)

    @property
    def fictional(self) -> bool:
        """Tell whether there are made-up features: the legend, the list and the preview then say so."""
        return any(meaning.is_true(value) for value in self.columns.get(meaning.FICTIONAL, ()))


def extract_features(
    frame: gpd.GeoDataFrame,
    kind: str,
    *,
    fields: Sequence[Field] = (),
    outlines: gpd.GeoSeries | None = None,
    extra_columns: Sequence[str] = (),
) -> LayerFeatures:
    """Collect what the page holds of a frame.

    Parameters
    ----------
    frame
        Features in EPSG:2154; geometry may be empty or missing.
    kind
        Kind of the layer; the roles of its columns are in ``style.toml``.
    fields
        What the kind says of its columns: those it keeps private stay at home, an
        area in m² is told in hectares, a list is told with commas.
    outlines
        What is drawn in place of the geometries of ``frame``, where they are too
        detailed for a screen; areas are measured on ``frame`` all the same.
    extra_columns
        Columns for the card besides those that the kind lists.

    Examples
    --------
    >>> from artois_geo import example
    >>> features = extract_features(example.square(x_km=0, y_km=0, side_km=1, nom="Alpha"), "")
    >>> features.names, features.areas, features.measured
    (('Alpha',), (100.0,), (True,))
    """
    count = len(frame)
    values = _values(frame, private_columns(fields))
    drawn_as = style.kind_style(kind)
    sub_sites = tuple(meaning.is_true(value) for value in values.get(meaning.SUB_SITE, [None] * count))
    schematic = tuple(meaning.says_schematic(value) for value in values.get("geometrie", [None] * count))
    published = _hectares(values, drawn_as["area"], fields, count)
    roles = _translated_roles(values, drawn_as)
    areas, measured = _areas(frame, published, schematic)
    in_degrees = _in_degrees(_with_light_sketches(frame, schematic) if outlines is None else outlines)
    return LayerFeatures(
        columns=_card_columns(values, drawn_as, roles, extra_columns),
        keys=_keys(frame),
        names=_texts(_role(values, drawn_as["name"], count)),
        places=_texts(_joined_role(values, drawn_as["place"], fields, count)),
        epci=_texts(_role(values, drawn_as["epci"], count)),
        classes=_texts(_role(values, drawn_as["class"], count)),
        years=tuple(_year(value) for value in _role(values, drawn_as["date"], count)),
        accounts=_accounts(values, drawn_as["account"], count),
        dated=_column(values, drawn_as["date"]) or "",
        accounted=_column(values, drawn_as["account"]) or "",
        list_columns=_row_columns(values, drawn_as),
        areas=areas,
        measured=measured,
        schematic=schematic,
        precision=tuple(_number(value) for value in values.get("precision_m", [None] * count)),
        sub_sites=sub_sites,
        counted=_counted_in_total(values.get(_column(values, drawn_as["counted"]) or ""), sub_sites),
        points=_marker_points(in_degrees),
        shapes=_drawn_shapes(in_degrees),
        roles=roles,
    )


def in_language(features: LayerFeatures, role: str, lang: str) -> tuple[str | None, ...]:
    """Return names or places of the features, in a language where a column of it says them.

    Examples
    --------
    >>> from artois_geo import example
    >>> features = extract_features(example.square(x_km=0, y_km=0, side_km=1, nom="Parc", nom_en="Park"), "")
    >>> in_language(features, "name", "fr"), in_language(features, "name", "en")
    (('Parc',), ('Park',))
    """
    texts = {"name": features.names, "place": features.places}[role]
    translated = features.columns.get(f"{features.roles[role]}_{lang}") if role in features.roles else None
    if translated is None:
        return texts
    return tuple(translation or text for translation, text in zip(_texts(translated), texts, strict=True))


def plain_value(value: Any) -> Any:
    """Convert a value to what JSON can hold: exact text, finite number, true, false or nothing.

    Examples
    --------
    >>> plain_value(float("nan")), plain_value(2**60), plain_value(float("inf"))
    (None, '1152921504606846976', 'inf')
    """
    if isinstance(value, (list, tuple, dict, set, np.ndarray)):
        return _utf8_text(json.dumps(value, ensure_ascii=False, default=str, sort_keys=True))
    if meaning.is_null(value):
        return None
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, Integral):
        return int(value) if abs(int(value)) <= LARGEST_JS_INTEGER else str(int(value))
    if isinstance(value, Real):
        number = float(value)
        return number if math.isfinite(number) else str(number)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return _utf8_text(str(value))


def rounded(geometry: Shapes, decimals: int = DECIMALS) -> list[dict[str, Any] | None]:
    """Convert to GeoJSON geometries, coordinates rounded; nothing where there is no geometry."""
    flat = shapely.transform(
        shapely.force_2d(np.array(geometry, dtype=object)), lambda xy: np.round(xy, decimals)
    )
    texts = shapely.to_geojson(flat)
    return [None if text is None else json.loads(text) for text in texts]


def _values(frame: gpd.GeoDataFrame, withheld: Collection[str]) -> Values:
    values: Values = {}
    for position, label in enumerate(frame.columns):
        name = _utf8_text(str(label))
        if label == frame.geometry.name or name in withheld:
            continue
        while name in values:  # two columns of one name: both are shown
            name += " (2)"
        values[name] = [plain_value(value) for value in frame.iloc[:, position]]
    return values


def _card_columns(
    values: Values, drawn_as: style.Style, roles: Mapping[str, str], extra_columns: Sequence[str]
) -> Values:
    """Select the columns for the card: those that the kind lists, else all; with their translations."""
    if "facts" not in drawn_as:
        return values
    shown_columns = {
        *ALWAYS_SHOWN,
        *ANALYSIS_COLUMNS,
        *drawn_as["facts"],
        *drawn_as["figures"],
        *extra_columns,
    }
    shown_columns |= {twin for name in (*shown_columns, *roles.values()) for twin in languages.twins(name)}
    return {name: column for name, column in values.items() if name in shown_columns}


def _row_columns(values: Values, drawn_as: style.Style) -> tuple[str, ...]:
    """List figures, ZAN account and date of the kind, then what the analyses found."""
    roles = [_column(values, drawn_as[role]) for role in ("account", "date")]
    columns = dict.fromkeys([*drawn_as["row"], *drawn_as["figures"], *roles, *ANALYSIS_IN_ROWS])
    area = _column(values, drawn_as["area"])
    return tuple(name for name in columns if name and name in values and name != area)


def _translated_roles(values: Values, drawn_as: style.Style) -> dict[str, str]:
    used = {role: next((name for name in drawn_as[role] if name in values), "") for role in ("name", "place")}
    return {role: name for role, name in used.items() if set(languages.twins(name)) & set(values)}


def _counted_in_total(declared: list[Any] | None, sub_sites: Sequence[bool]) -> tuple[bool, ...]:
    """Tell whether an area may be added to others: no sub-site, nor what its layer does not count."""
    is_counted = [True] * len(sub_sites) if declared is None else map(meaning.is_true, declared)
    return tuple(counted and not sub_site for counted, sub_site in zip(is_counted, sub_sites, strict=True))


def _joined_role(values: Values, candidates: Sequence[str], fields: Sequence[Field], count: int) -> list[Any]:
    """Return the values of a role; those that are lists, with commas."""
    column = next((name for name in candidates if name in values), "")
    separator = next((field.separator for field in fields if field.name == column and field.separator), None)
    column_values = _role(values, candidates, count)
    return (
        column_values
        if separator is None
        else [value and ", ".join(str(value).split(separator)) for value in column_values]
    )


def _hectares(values: Values, candidates: Sequence[str], fields: Sequence[Field], count: int) -> list[Any]:
    column = next((name for name in candidates if name in values), None)
    if column is None:
        return [None] * count
    in_m2 = any(field.name == column and field.unit == "m²" for field in fields)
    per_unit = 1 / measure.M2_PER_HA if in_m2 else 1
    numbers = [_number(value) for value in values[column]]
    return [None if number is None else number * per_unit for number in numbers]


def _column(values: Values, candidates: Sequence[str]) -> str | None:
    return next((name for name in candidates if name in values), None)


def _role(values: Values, candidates: Sequence[str], count: int) -> list[Any]:
    column = _column(values, candidates)
    return [None] * count if column is None else values[column]


def _year(value: Any) -> int | None:
    """Return the year of a date; nothing where the text is no date."""
    if isinstance(value, float) and value.is_integer():  # a column of years with a gap holds 2026.0
        value = int(value)
    match = YEAR.match(str(value))
    return int(match[1] or match[2]) if match else None


def _accounts(values: Values, candidates: Sequence[str], count: int) -> tuple[str | None, ...]:
    """Return the ZAN account of each feature (id in ``style.toml``); nothing without such a column."""
    column = _column(values, candidates)
    return tuple([None] * count if column is None else [style.account(value) for value in values[column]])


def _texts(values: list[Any]) -> tuple[str | None, ...]:
    # a blank is no name
    return tuple(None if value is None or not str(value).strip() else str(value) for value in values)


def _utf8_text(text: str) -> str:
    # half of a surrogate pair cannot be written as UTF-8
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _number(value: Any) -> float | None:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _areas(
    frame: gpd.GeoDataFrame, published: list[Any], schematic: Sequence[bool]
) -> tuple[tuple[float | None, ...], tuple[bool, ...]]:
    """Return the published area, else the plane area of a shape that is no sketch; and which of the two."""
    plane = measure.area_ha(frame).to_numpy()
    areas: list[float | None] = []
    measured: list[bool] = []
    for published_value, plane_ha, is_sketch in zip(published, plane, schematic, strict=True):
        published_ha = _number(published_value)
        use_plane = published_ha is None and not is_sketch and bool(plane_ha > 0)
        areas.append(round(float(plane_ha), 4) if use_plane else published_ha)
        measured.append(use_plane)
    return tuple(areas), tuple(measured)


def _keys(frame: gpd.GeoDataFrame) -> tuple[str, ...]:
    """Make one short key per feature, stable when rows are added after it."""
    slugs = (
        [style.slug(str(label)) for label in frame.index]
        if frame.index.dtype == object or str(frame.index.dtype).startswith("str")
        else []
    )
    if slugs and len(set(slugs)) == len(slugs):
        return tuple(slugs)
    return tuple(str(position) for position in range(len(frame)))


def _with_light_sketches(frame: gpd.GeoDataFrame, schematic: Sequence[bool]) -> gpd.GeoSeries:
    """Return the geometries, sketches with fewer corners; real outlines as they are."""
    return frame.geometry.where(~np.array(schematic, dtype=bool), frame.geometry.simplify(SKETCH_TOLERANCE_M))


def _in_degrees(geometry: gpd.GeoSeries) -> Shapes:
    shapes = geometry.to_crs(measure.WGS84)
    return [None if shape is None or shape.is_empty else shape for shape in shapes]


def _marker_points(in_degrees: Shapes) -> tuple[tuple[float, float] | None, ...]:
    """Return where the marker or label of each feature stands: on the feature."""
    return tuple(None if shape is None else _marker_point(shape) for shape in in_degrees)


def _marker_point(shape: shapely.Geometry) -> tuple[float, float]:
    line = shape if shape.geom_type == "LineString" else None
    point = line.interpolate(0.5, normalized=True) if line is not None else shape.point_on_surface()
    return round(point.x, DECIMALS), round(point.y, DECIMALS)


def _drawn_shapes(in_degrees: Shapes) -> tuple[dict[str, Any] | None, ...]:
    """Return what is drawn besides the marker: a lone point has none."""
    return tuple(
        rounded([None if shape is None or shape.geom_type == "Point" else shape for shape in in_degrees])
    )
