"""The table of constraints that a planner writes: ``contraintes.toml``, or the same as CSV or JSON.

::

    [options]
    combinaison = "min"            # ou "produit"
    piece_min_ha = 0.1
    largeur_min_m = 20

    [seulement]                    # facultatif : hors de là, rien n'est disponible
    couche = "zonage.geojson"
    filtre = { typezone = ["U", "AUc"] }

    [[contrainte]]
    nom = "Zone inondable"
    couche = "ppri.geojson"
    filtre = { zone = ["rouge"] }
    recul_m = 0
    part_conservee = 0.0           # 0 : exclu ; 0.5 : compte pour moitié
    couverture = "ppri_perimetre.geojson"
    source = "PPRI de la Lawe, 2021"
"""

import csv
import io
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd

from artois_geo import meaning
from artois_geo.errors import BadTable, BadValue, UnknownName, UnreadableFile
from artois_geo.measure import LAMBERT93, require_lambert93

Where = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Selection:
    """Features of a layer: all of them, or those whose columns hold one of the values."""

    layer: str
    where: Where = field(default_factory=dict)


@dataclass(frozen=True)
class Rule:
    """One constraint: which features, how far around them, what share of the ground still counts."""

    name: str
    layer: str
    where: Where = field(default_factory=dict)
    setback_m: float = 0.0
    kept_share: float = 0.0
    coverage: str = ""
    source: str = ""


@dataclass(frozen=True)
class Options:
    """Everything else a run depends on."""

    combine: str = "min"
    min_piece_ha: float = 0.0
    min_width_m: float = 0.0
    min_compactness: float = 0.0
    min_circle_m: float = 0.0
    min_rectangle_m: tuple[float, float] | None = None
    max_road_m: float = 0.0
    min_frontage_m: float = 0.0
    only_where: Selection | None = None
    force_keep: Selection | None = None
    roads: Selection | None = None


RULE_KEYS = {
    "nom": "name",
    "couche": "layer",
    "filtre": "where",
    "recul_m": "setback_m",
    "part_conservee": "kept_share",
    "couverture": "coverage",
    "source": "source",
}
OPTION_KEYS = {
    "combinaison": "combine",
    "piece_min_ha": "min_piece_ha",
    "largeur_min_m": "min_width_m",
    "compacite_min": "min_compactness",
    "cercle_min_m": "min_circle_m",
    "rectangle_min_m": "min_rectangle_m",
    "voie_max_m": "max_road_m",
    "facade_min_m": "min_frontage_m",
}
SELECTION_KEYS = {"seulement": "only_where", "garder": "force_keep", "voies": "roads"}
COMBINE = {"min": "min", "produit": "product"}


def read_rules(text: str, *, form: str = "toml") -> tuple[list[Rule], Options]:
    """Constraints and options written by a planner, or kept in the output of an earlier run.

    Parameters
    ----------
    text
        The content of the file.
    form
        ``"toml"``; ``"csv"`` (columns nom, couche, filtre, recul_m, part_conservee, couverture,
        source; the filter as ``zone=rouge|bleu``); ``"json"``: rules as :func:`as_record` gives
        them, alone or under the key ``regles`` of an output.

    Raises
    ------
    UnreadableFile
        Not the announced format.
    UnknownName
        An unknown key; the message offers the nearest ones.
    BadTable, BadValue
        No constraint, a name used twice, a number that is not one or makes no sense.

    Examples
    --------
    >>> rules, options = read_rules('''
    ... [options]
    ... largeur_min_m = 20
    ... [[contrainte]]
    ... nom = "Ligne électrique"
    ... couche = "lignes.geojson"
    ... recul_m = 50
    ... ''')
    >>> rules[0].setback_m, options.min_width_m
    (50.0, 20.0)
    """
    try:
        content = _content(text, form)
    except (ValueError, csv.Error) as error:
        raise UnreadableFile(f"Table de contraintes illisible ({form}) : {error}.") from error
    rest = set(content) - {"contrainte", "options", *SELECTION_KEYS}
    if rest:
        raise UnknownName("rubrique", sorted(rest)[0], ["contrainte", "options", *SELECTION_KEYS])
    rules = [_rule(entry, at) for at, entry in enumerate(content.get("contrainte", []), start=1)]
    if not rules:
        raise BadTable(
            "Table de contraintes sans aucune contrainte. Écrire au moins une rubrique [[contrainte]]."
        )
    names = [rule.name for rule in rules]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise BadTable(f"Deux contraintes s'appellent « {twice} ». Donner à chacune son nom.")
    return rules, _options(content)


def as_record(rules: Sequence[Rule], options: Options) -> dict[str, Any]:
    """Rules and options as plain values, to be kept with the result: ``read_rules`` takes them back.

    Examples
    --------
    >>> rules = [Rule("Terril", "terrils.geojson", setback_m=30.0)]
    >>> read_rules(json.dumps(as_record(rules, Options())), form="json") == (rules, Options())
    True
    """
    blank_rule, blank = Rule("", ""), Options()
    entries = [
        {
            key: _plain(getattr(rule, name))
            for key, name in RULE_KEYS.items()
            if getattr(rule, name) != getattr(blank_rule, name)
        }
        for rule in rules
    ]
    record: dict[str, Any] = {
        "options": {
            key: _plain(getattr(options, name))
            for key, name in OPTION_KEYS.items()
            if getattr(options, name) != getattr(blank, name)
        }
    }
    if "combinaison" in record["options"]:
        record["options"]["combinaison"] = "produit"
    for key, name in SELECTION_KEYS.items():
        chosen = getattr(options, name)
        if chosen is not None:
            record[key] = {"couche": chosen.layer, "filtre": _plain(chosen.where)}
    return record | {"contrainte": entries}


def select(features: gpd.GeoDataFrame, where: Where, *, name: str) -> gpd.GeoDataFrame:
    """Features whose columns hold one of the values asked for, compared as text.

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
    >>> flood = plain.square(x_km=0, y_km=0, side_km=1, zone="rouge")
    >>> len(select(flood, {"zone": ["rouge", "bleu"]}, name="ppri"))
    1
    """
    chosen = pd.Series(True, index=features.index)
    for column, values in where.items():
        if column not in features.columns:
            raise UnknownName("colonne", column, map(str, features.columns))
        chosen &= features[column].astype(str).isin([str(value) for value in values])
    if where and not chosen.any():
        raise BadValue(
            f"« {name} » : aucun objet ne répond au filtre {dict(where)}. Vérifier les valeurs de la colonne."
        )
    return features[chosen]


def table(rules: Sequence[Rule], layers: Mapping[str, gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """The constraint table that :func:`artois_geo.land.available` takes, from rules and their layers.

    Parameters
    ----------
    rules
        Constraints, in the order of the waterfall.
    layers
        Frames in EPSG:2154 by the name that the rules give them.

    Returns
    -------
    GeoDataFrame
        ``constraint`` (name), ``setback_m``, ``kept_share``, ``source``, ``geometrie``, ``precision_m``.

    Examples
    --------
    >>> rules = [Rule("Inondation", "ppri", setback_m=10.0)]
    >>> table(rules, {"ppri": plain.square(x_km=0, y_km=0, side_km=1)})["setback_m"].tolist()
    [10.0]
    """
    parts = []
    for rule in rules:
        if rule.layer not in layers:
            raise UnknownName("couche", rule.layer, layers)
        layer = layers[rule.layer]
        require_lambert93(**{rule.layer: layer})
        chosen = select(layer, rule.where, name=rule.layer)
        part = gpd.GeoDataFrame(geometry=chosen.geometry.to_numpy(), crs=LAMBERT93)
        part["constraint"], part["source"] = rule.name, rule.source
        part["setback_m"], part["kept_share"] = rule.setback_m, rule.kept_share
        for column in (meaning.QUALITY, meaning.PRECISION):
            part[column] = chosen[column].to_numpy() if column in chosen.columns else None
        part["origin"] = [f"{rule.layer}, ligne {row}" for row in chosen.index]
        parts.append(part)
    whole = pd.concat(parts, ignore_index=True)
    # The row named in a message is then that of the planner's own file.
    return whole.set_index(_unique(whole.pop("origin"))) if whole["constraint"].size else whole


def _unique(labels: pd.Series) -> pd.Index:
    again = labels.groupby(labels).cumcount()
    return pd.Index(labels.where(again == 0, labels + " (" + (again + 1).astype(str) + ")"))


def _content(text: str, form: str) -> dict[str, Any]:
    if form == "toml":
        return tomllib.loads(text)
    if form == "json":
        content = json.loads(text)
        if not isinstance(content, dict):
            raise ValueError("un objet JSON est attendu")
        return content.get("regles", content)
    if form == "csv":
        lines = text.lstrip("\ufeff")
        separator = ";" if ";" in lines.partition("\n")[0] else ","
        rows = csv.DictReader(io.StringIO(lines), delimiter=separator, strict=True)
        return {"contrainte": [_csv_entry(row) for row in rows]}
    raise UnknownName("format", form, ["toml", "csv", "json"])


def _csv_entry(row: dict[str, str]) -> dict[str, Any]:
    entry: dict[str, Any] = {
        key: value.strip() for key, value in row.items() if key and value and value.strip()
    }
    for key in ("recul_m", "part_conservee"):
        if key in entry:
            entry[key] = entry[key].replace(",", ".")
    if "filtre" in entry:
        clauses = [clause.partition("=") for clause in entry["filtre"].split("&")]
        entry["filtre"] = {column.strip(): values.split("|") for column, _, values in clauses}
    return entry


def _rule(entry: Mapping[str, Any], at: int) -> Rule:
    said = f"contrainte n° {at}" + (f" (« {entry['nom']} »)" if "nom" in entry else "")
    given = _renamed(entry, RULE_KEYS)
    for key, name in (("nom", "name"), ("couche", "layer")):
        if not given.get(name):
            raise BadTable(f"{said} : « {key} » manque.")
    given["where"] = _where(given.get("where", {}), said)
    for key, name in (("recul_m", "setback_m"), ("part_conservee", "kept_share")):
        given[name] = _number(given.get(name, 0.0), key, said)
    if not 0 <= given["kept_share"] <= 1:
        raise BadValue(f"{said} : part_conservee doit être entre 0 et 1 (trouvé : {given['kept_share']:g}).")
    return Rule(**given)


def _options(content: Mapping[str, Any]) -> Options:
    given = _renamed(content.get("options", {}), OPTION_KEYS)
    for key, name in OPTION_KEYS.items():
        if name not in given or name in ("combine", "min_rectangle_m"):
            continue
        given[name] = _number(given[name], key, "options")
    if "combine" in given:
        if given["combine"] not in COMBINE:
            raise UnknownName("mode de combinaison", str(given["combine"]), COMBINE)
        given["combine"] = COMBINE[given["combine"]]
    if "min_rectangle_m" in given:
        sides = given["min_rectangle_m"]
        if not isinstance(sides, list) or len(sides) != 2:
            raise BadValue("options : rectangle_min_m attend [longueur, largeur] en mètres.")
        given["min_rectangle_m"] = tuple(_number(side, "rectangle_min_m", "options") for side in sides)
    for key, name in SELECTION_KEYS.items():
        if key in content:
            entry = _renamed(content[key], {"couche": "layer", "filtre": "where"})
            if not entry.get("layer"):
                raise BadTable(f"[{key}] : « couche » manque.")
            given[name] = Selection(entry["layer"], _where(entry.get("where", {}), key))
    return Options(**given)


def _renamed(entry: Mapping[str, Any], keys: Mapping[str, str]) -> dict[str, Any]:
    for key in entry:
        if key not in keys:
            raise UnknownName("clé", key, keys)
    return {keys[key]: value for key, value in entry.items()}


def _where(where: Any, said: str) -> dict[str, list[str]]:
    if not isinstance(where, Mapping):
        raise BadValue(f'{said} : filtre attend {{ colonne = ["valeur"] }}.')
    return {
        str(column): [str(value) for value in (values if isinstance(values, list) else [values])]
        for column, values in where.items()
    }


def _number(value: Any, key: str, said: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = float("nan")
    if not 0 <= number < float("inf"):
        raise BadValue(f"{said} : {key} doit être un nombre positif ou nul (trouvé : {value!r}).")
    return number


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return {key: list(values) for key, values in value.items()} if isinstance(value, Mapping) else value
