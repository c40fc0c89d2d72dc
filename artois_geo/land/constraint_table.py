"""The constraint table of ``land.available``, made of a planner's rules and of the layers they name."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from artois_geo import meaning, shapes
from artois_geo.errors import BadValue, UnknownName
from artois_geo.land import setbacks
from artois_geo.land.rules import Rule, Where
from artois_geo.land.setbacks import QUAD_SEGS
from artois_geo.measure import LAMBERT93, require_lambert93
from artois_geo.text import row_name

SETBACK_COLUMN = "distance_m"  # of the kind « contrainte »

_DEFAULTS = {
    "setback_m": 0.0,
    "kept_share": 0.0,
    "splits": True,
    meaning.QUALITY: None,
    meaning.PRECISION: None,
}
_LISTED = 12  # values of a column that a message names


def select(features: gpd.GeoDataFrame, where: Where, *, name: str) -> gpd.GeoDataFrame:
    """Select the features whose columns hold one of the requested values, compared as text.

    Parameters
    ----------
    features
        Any frame.
    where
        Column -> accepted values; all columns must agree. Nothing: every feature.
    name
        What the layer is called, for the message.

    Raises
    ------
    UnknownName
        A column that the layer has not.
    BadValue
        No feature is left: a filter that selects nothing is a mistake, not an absence of constraint.

    Examples
    --------
    >>> from artois_geo.land import select
    >>> from artois_geo import example
    >>> flood = example.square(x_km=0, y_km=0, side_km=1, zone="rouge")
    >>> len(select(flood, {"zone": ["rouge", "bleu"]}, name="ppri"))
    1
    """
    matches = pd.Series(True, index=features.index)
    for column, values in where.items():
        if column not in features.columns:
            raise UnknownName("colonne", column, map(str, features.columns))
        matches &= features[column].astype(str).isin([str(value) for value in values])
    if where and not matches.any():
        raise BadValue(
            f"« {name} » : aucun objet n'a {_sentence(where)}.\n"
            f"Vérifier le filtre ; {_values(features, where)}."
        )
    return features[matches]


def table(rules: Sequence[Rule], layers: Mapping[str, gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Build the constraint table that :func:`artois_geo.land.available` takes, from rules and their layers.

    Parameters
    ----------
    rules
        Constraints, in the order of the waterfall.
    layers
        Frames in EPSG:2154 by the name that the rules give them.

    Returns
    -------
    GeoDataFrame
        ``constraint`` (name, a categorical of all rules), ``setback_m``, ``kept_share``, ``splits``,
        ``source``, ``geometrie``, ``precision_m``. The constraints that ``outside`` cuts are already drawn
        with their setback. Those of a column of setbacks leave out what covers no ground. A rule whose
        layer is not among ``layers`` and that is waived has no row.

    Examples
    --------
    >>> from artois_geo.land import Rule, table
    >>> from artois_geo import example
    >>> rules = [Rule("Inondation", "ppri", setback_m=10.0)]
    >>> table(rules, {"ppri": example.square(x_km=0, y_km=0, side_km=1)})["setback_m"].tolist()
    [10.0]
    """
    parts = []
    for rule in rules:
        if rule.waived:
            continue
        selected = _selected(rule, layers)
        part = gpd.GeoDataFrame(geometry=selected.geometry.to_numpy(), crs=LAMBERT93)
        part["constraint"], part["source"] = rule.name, rule.source
        part["setback_m"] = _setbacks_m(selected, rule)
        part["kept_share"], part["splits"] = rule.kept_share, not rule.bridged
        for column, absent in ((meaning.QUALITY, None), (meaning.PRECISION, np.nan)):
            part[column] = selected[column].to_numpy() if column in selected.columns else absent
        part["origin"] = [f"{rule.layer}, {row_name(selected.index, row)}" for row in selected.index]
        if rule.outside:
            covers = shapes.are_polygons(part) | (part["setback_m"] > 0)  # the others are refused later
            cut = part[covers].set_geometry(_cut_by(rule, part[covers], layers)).assign(setback_m=0.0)
            part = pd.concat([cut[~cut.geometry.is_empty], part[~covers]])
        if rule.setback_column:
            part = part[shapes.are_polygons(part) | (part["setback_m"] > 0)]
        parts.append(part)
    names = pd.CategoricalDtype([rule.name for rule in rules if not rule.waived])
    constraints = pd.concat(parts, ignore_index=True) if parts else _no_constraint()
    constraints = constraints.astype({"constraint": names})
    # The row named in a message is then that of the planner's own file.
    return (
        constraints.set_index(_unique(constraints.pop("origin")))
        if constraints["constraint"].size
        else constraints
    )


#: Constraints as a caller may give them: a frame; or frames by name, each alone or with its setback (m).
Constraints: TypeAlias = (
    gpd.GeoDataFrame
    | Mapping[str, gpd.GeoDataFrame | tuple[gpd.GeoDataFrame, float]]
    | Sequence[gpd.GeoDataFrame | tuple[gpd.GeoDataFrame, float]]
)


def as_frame(constraints: Any) -> Any:
    """Gather constraints given one by one in one frame, named in its column ``constraint``.

    Parameters
    ----------
    constraints
        Frames in EPSG:2154 by name, each alone or with its setback (m); without names in a list. A frame
        stays as it is.

    Returns
    -------
    GeoDataFrame
        All their rows in that order; ``constraint`` is a categorical of all names.

    Raises
    ------
    BadCRS, BadTable, BadValue
        One is no frame in Lambert-93, or its setback is no number.

    Examples
    --------
    >>> from artois_geo import example
    >>> flood = example.square(x_km=0, y_km=0, side_km=1)
    >>> as_frame({"Crue": flood, "Ligne": (example.line((0, 0), (1, 0)), 20)})["setback_m"].tolist()
    [0.0, 20.0]
    """
    if not isinstance(constraints, Mapping | list | tuple):
        return constraints
    if isinstance(constraints, Mapping):
        parts_by_name = {str(name): part for name, part in constraints.items()}
    else:
        parts_by_name = {f"Contrainte {number}": part for number, part in enumerate(constraints, start=1)}
    parts = [_named_part(name, part) for name, part in parts_by_name.items()]
    names = pd.CategoricalDtype(list(parts_by_name))
    frame = pd.concat(parts) if parts else _no_constraint().drop(columns="origin")
    frame = frame.astype({"constraint": names})
    return frame.set_index(_unique(frame.pop("origin"))) if parts else frame


def _named_part(name: str, given: Any) -> gpd.GeoDataFrame:
    """Return the rows of one constraint, with its name and its setback."""
    frame, setback_m = given if isinstance(given, tuple) and len(given) == 2 else (given, None)
    require_lambert93(**{name: frame})
    frame = frame.to_frame("geometry") if isinstance(frame, gpd.GeoSeries) else frame
    part = gpd.GeoDataFrame(geometry=frame.geometry.to_numpy(), crs=LAMBERT93)
    for column, default in _DEFAULTS.items():
        part[column] = frame[column].to_numpy() if column in frame.columns else default
    if isinstance(setback_m, int | float):
        part["setback_m"] = float(setback_m)
    elif setback_m is not None:
        raise BadValue(
            f"« {name} » : le recul est un nombre de mètres (reçu : {setback_m!r}).\n"
            f'Écrire par exemple {{"{name}": (couche, 20)}}.'
        )
    part["constraint"] = name
    part["origin"] = [f"{name}, {row_name(frame.index, row)}" for row in frame.index]
    return part


def bands(rule: Rule, layers: Mapping[str, gpd.GeoDataFrame]) -> shapes.Shapes:
    """Draw the features of a rule with their setbacks, whatever ``outside`` may cut of them.

    Examples
    --------
    >>> from artois_geo.land import Rule, bands
    >>> from artois_geo import example
    >>> from artois_geo.measure import M2_PER_HA
    >>> axis = example.line((0, 0), (1, 0))
    >>> (band,) = bands(Rule("L.111-6", "axe", setback_m=100.0), {"axe": axis})
    >>> round(band.area / M2_PER_HA, 1)  # 1 km × 200 m, and the two round ends
    23.1
    """
    selected = _selected(rule, layers)
    return _drawn(selected.geometry.to_numpy(), _setbacks_m(selected, rule))


def _selected(rule: Rule, layers: Mapping[str, gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Select the features of a rule in its layer."""
    if rule.layer not in layers:
        raise UnknownName("couche", rule.layer, layers)
    layer = layers[rule.layer]
    require_lambert93(**{rule.layer: layer})
    return select(layer, rule.where, name=rule.layer)


def _setbacks_m(selected: gpd.GeoDataFrame, rule: Rule) -> NDArray[np.float64]:
    """Return the setback of each feature: that of the rule, or that of its column where it has one."""
    if not rule.setback_column:
        return np.full(len(selected), rule.setback_m)
    if rule.setback_column not in selected.columns:
        if rule.setback_column == SETBACK_COLUMN:  # optional in the kind « contrainte »
            return np.full(len(selected), rule.setback_m)
        raise UnknownName("colonne", rule.setback_column, map(str, selected.columns))
    metres = pd.to_numeric(selected[rule.setback_column], errors="coerce")
    return metres.fillna(rule.setback_m).to_numpy(dtype=float)


def _drawn(ground: shapes.Shapes, setback_m: NDArray[np.float64]) -> shapes.Shapes:
    """Draw the setbacks around some features, those without one as they are."""
    covered = ground.copy()
    wide = setback_m > 0
    covered[wide] = shapely.buffer(ground[wide], setback_m[wide], quad_segs=QUAD_SEGS)
    return shapes.polygonal(covered)


def _cut_by(
    rule: Rule, part: gpd.GeoDataFrame, layers: Mapping[str, gpd.GeoDataFrame]
) -> "gpd.GeoSeries[Any]":
    """Draw the features of a rule with their setbacks, less the ground that the rule does not concern."""
    ground_covered = _drawn(part.geometry.to_numpy(), part["setback_m"].to_numpy())
    for name in rule.outside:
        if name not in layers:
            raise UnknownName("couche", name, layers)
        shapes.require_polygons(**{name: layers[name]})
        exempt = layers[name].geometry.to_numpy()
        ground_covered = setbacks.subtract(ground_covered, exempt, np.zeros(len(exempt)))
    return gpd.GeoSeries(ground_covered, index=part.index, crs=LAMBERT93)


def _no_constraint() -> gpd.GeoDataFrame:
    columns = ["constraint", "setback_m", "kept_share", "source", "origin"]
    return gpd.GeoDataFrame({name: [] for name in columns}, geometry=[], crs=LAMBERT93).assign(splits=True)


def _sentence(where: Mapping[str, Iterable[Any]]) -> str:
    """Write a filter as a planner says it."""
    return " et ".join(
        f"« {column} » égal à {' ou '.join(f'« {value} »' for value in values)}"
        for column, values in where.items()
    )


def _values(features: gpd.GeoDataFrame, where: Mapping[str, Iterable[Any]]) -> str:
    """List what the columns of a filter hold."""
    contents = []
    for column in where:
        values = sorted({str(value) for value in features[column].dropna()})
        listed = ", ".join(values[:_LISTED]) + (" …" if len(values) > _LISTED else "")
        contents.append(f"« {column} » contient : {listed or 'rien'}")
    return " ; ".join(contents)


def _unique(labels: pd.Series) -> pd.Index:
    repeat_number = labels.groupby(labels).cumcount()
    return pd.Index(labels.where(repeat_number == 0, labels + " (" + (repeat_number + 1).astype(str) + ")"))
