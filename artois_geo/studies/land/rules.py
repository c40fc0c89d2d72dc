"""The constraints that a planner wrote, with the layers they name: what tables, sheets and cards take off."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from artois_geo import land
from artois_geo.studies import planner_files
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
    """

    rules: list[land.Rule]
    options: land.Options
    constraints: Constraints
    sources: "list[Layer | Path]"
    record: dict[str, Any]
    notes: list[str]


def read(path: Path, catalogue: "Catalogue") -> LandRules:
    r"""Read a table of constraints and the layers that it names, beside it or in a catalogue.

    Parameters
    ----------
    path
        Table (.toml, .csv, .xlsx), or the JSON that ``foncier disponible`` wrote.
    catalogue
        Where the name of a layer is looked up.

    Raises
    ------
    UnreadableFile, UnknownName, BadTable, BadValue
        A file that cannot be read; a layer, a column or a value that is not there.

    Examples
    --------
    >>> import tempfile
    >>> from artois_geo import layers
    >>> path = Path(tempfile.mkdtemp()) / "regles.csv"
    >>> _ = path.write_text("nom,couche,recul_m\nFret,logistique_odbl,10\n")
    >>> rules = read(path, layers.read_catalogue())
    >>> rules.constraints.table["setback_m"].unique().tolist(), rules.constraints.layers
    ([10.0], ('logistique_odbl',))
    """
    rules, options, recorded = planner_files.rules(path)
    inputs = {
        name: planner_files.layer(name, catalogue, beside=path.parent)
        for name in _layer_names(rules, options)
    }
    frames = {name: features for name, (features, _) in inputs.items()}
    sources = [source for _, source in inputs.values()]
    fingerprints = {name: planner_files.fingerprint(source) for name, (_, source) in inputs.items()}
    return LandRules(
        rules,
        options,
        Constraints(
            land.table(rules, frames),
            _demands(rules, options, frames),
            sources=tuple(f"{rule.name} : {rule.source}" if rule.source else rule.name for rule in rules),
            layers=tuple(source.name for source in sources if not isinstance(source, Path)),
        ),
        sources,
        {"regles": land.as_record(rules, options), "entrees": fingerprints},
        [*_changes(recorded, fingerprints), *describe(rules, options)],
    )


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


def _layer_names(rules: list[land.Rule], options: land.Options) -> list[str]:
    """List the layers that rules and options name, each once, in the order in which they are read."""
    selections = [getattr(options, name) for name in SELECTIONS]
    names = [rule.layer for rule in rules] + [rule.coverage for rule in rules if rule.coverage]
    names += [selection.layer for selection in selections if selection is not None]
    return list(dict.fromkeys(names))


def _demands(
    rules: list[land.Rule], options: land.Options, frames: "Mapping[str, gpd.GeoDataFrame]"
) -> dict[str, Any]:
    """Gather what :func:`artois_geo.land.available` takes beside the constraints."""
    demands: dict[str, Any] = {"combine": options.combine, "pieces": options.pieces}
    covered = [frames[rule.coverage].assign(constraint=rule.name) for rule in rules if rule.coverage]
    for name in SELECTIONS:
        selection = getattr(options, name)
        demands[name] = (
            None
            if selection is None
            else land.select(frames[selection.layer], selection.where, name=selection.layer)
        )
    return demands | {"coverage": pd.concat(covered, ignore_index=True) if covered else None}


def _changes(recorded: Mapping[str, str], fingerprints: Mapping[str, str]) -> list[str]:
    return [
        f"La couche « {name} » a changé depuis le calcul d'origine."
        for name, fingerprint in recorded.items()
        if fingerprints.get(name, fingerprint) != fingerprint
    ]


def _describe_rule(rule: land.Rule) -> str:
    parts = [
        _objects(rule.layer, rule.where),
        f"recul de {_number(rule.setback_m)} m",
        f"{_number(100 * rule.kept_share)} % conservés" if rule.kept_share else "rien de conservé",
        f"couverture {rule.coverage}, inconnu au-delà" if rule.coverage else "couche tenue pour complète",
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
