"""The constraints that a planner wrote, with the layers they name: what tables, sheets and cards take off."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from artois_geo import land
from artois_geo.errors import BadTable
from artois_geo.studies import planner_files
from artois_geo.studies.land import constraint_layers
from artois_geo.studies.sites import site_land
from artois_geo.studies.sites.site_land import Constraints
from artois_geo.text import digits

if TYPE_CHECKING:
    import geopandas as gpd

    from artois_geo.layers import Catalogue, Layer

COMBINED = {
    "min": "Sous plusieurs contraintes, la plus petite part conservée compte (combinaison : min).",
    "product": "Sous plusieurs contraintes, le produit des parts conservées compte (combinaison : produit).",
}
DEMANDS = {  # field of land.Options -> what it asks of a piece
    "min_piece_ha": "{} ha au moins (piece_min_ha)",
    "min_width_m": "{} m de large au moins (largeur_min_m)",
    "min_compactness": "compacité de {} au moins (compacite_min)",
    "min_circle_m": "un cercle de {} m y tient (cercle_min_m)",
    "min_rectangle_m": "un rectangle de {} m y tient (rectangle_min_m)",
    "max_road_m": "une voie à {} m au plus (voie_max_m)",
    "min_frontage_m": "{} m au moins le long d'une voie (facade_min_m)",
}
SELECTIONS = {  # field of land.Options that selects features -> what it changes
    "only_where": "Seulement dans {} : rien n'est disponible ailleurs.",
    "force_keep": "Gardé en entier, quelle que soit la contrainte : {}.",
    "roads": "Voies : {}.",
}


@dataclass(frozen=True)
class LandRules:
    """Hold constraints with the layers that they name, each read once.

    Parameters
    ----------
    rules, options
        As the planner wrote them.
    constraints
        What :func:`artois_geo.land.available` takes.
    sources
        Layers and files that were read.
    record
        What a later run needs to be the same: the rules, and the fingerprint of each layer.
    notes
        French sentences: what changed since an earlier run, each constraint, how they combine.
    repairs
        One row per polygon that was invalid, with its area before and after.
    """

    rules: list[land.Rule]
    options: land.Options
    constraints: Constraints
    sources: "list[Layer | Path]"
    record: dict[str, Any]
    notes: list[str]
    repairs: pd.DataFrame


def read(path: Path | None, catalogue: "Catalogue", *, on: date) -> LandRules:
    r"""Read constraints and the layers that they name, beside their table or in a catalogue.

    Parameters
    ----------
    path
        Table (.toml, .csv, .xlsx); the JSON that ``foncier disponible`` wrote; a layer of kind
        « contrainte », by path or name. None: the layers of that kind of the catalogue.
    catalogue
        Where the name of a layer is looked up.
    on
        Day whose convention says how much a repair may change a polygon.

    Raises
    ------
    UnreadableFile, UnknownName, BadTable, BadValue
        A file that cannot be read; a layer, a column or a value that is not there; no constraint at all.

    Examples
    --------
    >>> import tempfile
    >>> from artois_geo import layers
    >>> path = Path(tempfile.mkdtemp()) / "regles.csv"
    >>> _ = path.write_text("nom,couche,recul_m\nFret,logistique_odbl,10\n")
    >>> rules = read(path, layers.read_catalogue(), on=date(2026, 12, 8))
    >>> rules.constraints.table["setback_m"].unique().tolist(), rules.constraints.layers
    ([10.0], ('logistique_odbl',))
    """
    if path is None:
        return _of_layers(_constraint_layers(catalogue), catalogue, on)
    if not planner_files.holds_rules(path):
        return _of_layers([str(path)], catalogue, on)
    rules, options, recorded = planner_files.rules(path)
    names = constraint_layers.names(rules, options)
    present = [name for name in names if planner_files.is_there(name, catalogue, beside=path.parent)]
    if not options.absent_unknown:
        present = names  # the reader of layers says what is not there
    inputs = constraint_layers.read(present, catalogue, beside=path.parent, on=on)
    ground = constraint_layers.surveyed(rules, options, inputs.frames)
    fingerprints = {name: planner_files.fingerprint(source) for name, source in inputs.sources.items()}
    return LandRules(
        rules,
        options,
        Constraints(
            land.table(ground.rules, ground.frames),
            _demands(options, inputs.frames) | {"coverage": ground.coverage},
            sources=tuple(_cited(rule) for rule in rules if not rule.waived),
            layers=_catalogue_names(inputs),
        ),
        [*inputs.sources.values()],
        {"regles": land.as_record(rules, options), "entrees": fingerprints},
        [
            *_changes(recorded, fingerprints),
            *ground.absences,
            *constraint_layers.describe_unset(rules, inputs.frames),
            *constraint_layers.describe_repairs(inputs.repairs),
            *describe([rule for rule in rules if rule.waived or rule.layer in inputs.frames], options),
        ],
        inputs.repairs,
    )


def _of_layers(names: list[str], catalogue: "Catalogue", on: date) -> LandRules:
    """Take the constraints that layers of kind « contrainte » state by themselves."""
    inputs = constraint_layers.read(names, catalogue, beside=None, on=on)
    rules = [rule for name, frame in inputs.frames.items() for rule in land.layer_rules(frame, name)]
    repeated = {rule.name for rule in rules if sum(homonym.name == rule.name for homonym in rules) > 1}
    rules = [
        replace(rule, name=f"{rule.name} ({rule.layer})") if rule.name in repeated else rule for rule in rules
    ]
    conditioned = [
        part
        for name, frame in inputs.frames.items()
        if (part := site_land.conditions(frame, name)) is not None
    ]
    fingerprints = {name: planner_files.fingerprint(source) for name, source in inputs.sources.items()}
    options = land.Options()
    return LandRules(
        rules,
        options,
        Constraints(
            land.table(rules, inputs.frames),
            _demands(options, inputs.frames),
            conditions=pd.concat(conditioned, ignore_index=True) if conditioned else None,
            sources=tuple(map(_cited, rules)),
            layers=_catalogue_names(inputs),
        ),
        [*inputs.sources.values()],
        {"regles": land.as_record(rules, options), "entrees": fingerprints},
        [
            *constraint_layers.describe_unset(rules, inputs.frames),
            *constraint_layers.describe_repairs(inputs.repairs),
            *constraint_layers.describe_effects(inputs.frames),
            *describe(rules, options),
        ],
        inputs.repairs,
    )


def _constraint_layers(catalogue: "Catalogue") -> list[str]:
    """Name the layers of kind « contrainte » of a catalogue; refuse where there is none."""
    names = [name for name, layer in catalogue.items() if layer.kind == site_land.KIND]
    if not names:
        raise BadTable(
            "Aucune contrainte : donner une table avec --regles, ou une couche de type « contrainte ».\n"
            "Pour partir de la table nationale : artois-geo foncier contraintes --copier contraintes.toml."
        )
    return names


def _catalogue_names(inputs: constraint_layers.ConstraintLayers) -> tuple[str, ...]:
    return tuple(source.name for source in inputs.sources.values() if not isinstance(source, Path))


def _cited(rule: land.Rule) -> str:
    return f"{rule.name} : {rule.source}" if rule.source else rule.name


def describe(rules: list[land.Rule], options: land.Options) -> list[str]:
    """Say each constraint with its setback, its kept share and its coverage, then how they combine.

    Examples
    --------
    >>> describe([land.Rule("Crue", "ppri", setback_m=10.0)], land.Options())[0]
    'Contrainte « Crue » : ppri (tous les objets) ; recul de 10 m ; rien de conservé ; \
couche tenue pour complète ; source : non indiquée.'
    """
    selections = [(sentence, getattr(options, name)) for name, sentence in SELECTIONS.items()]
    return [
        *map(_describe_rule, rules),
        COMBINED[options.combine],
        *(
            sentence.format(_objects(selection.layer, selection.where))
            for sentence, selection in selections
            if selection is not None
        ),
    ]


def describe_pieces(options: land.Options) -> str:
    """Say what a piece of what remains must be to count.

    Examples
    --------
    >>> describe_pieces(land.Options(min_width_m=20.0))
    'Un morceau compte si : 20 m de large au moins (largeur_min_m).'
    """
    limits = [(demand, getattr(options, name)) for name, demand in DEMANDS.items()]
    demands = " ; ".join(demand.format(_number(limit)) for demand, limit in limits if limit)
    return f"Un morceau compte si : {demands}." if demands else "Tous les morceaux comptent, même petits."


def _demands(options: land.Options, frames: "Mapping[str, gpd.GeoDataFrame]") -> dict[str, Any]:
    """Gather what :func:`artois_geo.land.available` takes beside the constraints and their coverage."""
    demands: dict[str, Any] = {"combine": options.combine, "pieces": options.pieces}
    for name in SELECTIONS:
        selection = getattr(options, name)
        demands[name] = (
            None
            if selection is None
            else land.select(frames[selection.layer], selection.where, name=selection.layer)
        )
    return demands


def _changes(recorded: Mapping[str, str], fingerprints: Mapping[str, str]) -> list[str]:
    return [
        f"La couche « {name} » a changé depuis le calcul d'origine."
        for name, fingerprint in recorded.items()
        if fingerprints.get(name, fingerprint) != fingerprint
    ]


def _describe_rule(rule: land.Rule) -> str:
    """Write a constraint as a sentence: objects, setback, ground kept, coverage, legal basis, source."""
    if rule.waived:
        return f"Contrainte « {rule.name} » : non appliquée, sans objet ({rule.waived.rstrip('.')})."
    setback = f"recul de {_number(rule.setback_m)} m"
    if rule.setback_column:
        setback = f"recul de la colonne {rule.setback_column}"
    parts = [
        _objects(rule.layer, rule.where),
        setback,
        f"{_number(100 * rule.kept_share)} % conservés" if rule.kept_share else "rien de conservé",
        f"couverture {rule.coverage}, inconnu au-delà" if rule.coverage else "couche tenue pour complète",
        *([f"hors de : {', '.join(rule.outside)}"] if rule.outside else []),
        *(["ne coupe pas un site"] if rule.bridged else []),
        *([f"article : {rule.article}"] if rule.article else []),
        *([f"certitude : {rule.certainty}"] if rule.certainty else []),
        f"source : {rule.source or 'non indiquée'}",
    ]
    return f"Contrainte « {rule.name} » : {' ; '.join(parts)}."


def _objects(layer: str, where: "land.rules.Where") -> str:
    """Name a layer, with which of its objects are taken."""
    clauses = [f"{column} = {' ou '.join(values)}" for column, values in where.items()]
    return f"{layer} ({', '.join(clauses) or 'tous les objets'})"


def _number(value: float | tuple[float, ...]) -> str:
    """Write every figure of a number: it has to be typed again."""
    if isinstance(value, tuple):
        return " × ".join(map(_number, value))
    return digits(round(float(value), 9))
