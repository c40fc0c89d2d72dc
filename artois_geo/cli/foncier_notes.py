"""What stands under ``foncier disponible`` and ``pertes``: the rules behind a figure, to make it again."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from artois_geo import land

COMBINED = {
    "min": "Sous plusieurs contraintes, la plus petite part conservée compte (combinaison : min).",
    "product": "Sous plusieurs contraintes, le produit des parts conservées compte (combinaison : produit).",
}
DEMANDS = {  # option -> what it asks of a piece
    "min_piece_ha": "{} ha au moins (piece_min_ha)",
    "min_width_m": "{} m de large au moins (largeur_min_m)",
    "min_compactness": "compacité de {} au moins (compacite_min)",
    "min_circle_m": "un cercle de {} m y tient (cercle_min_m)",
    "min_rectangle_m": "un rectangle de {} m y tient (rectangle_min_m)",
    "max_road_m": "une voie à {} m au plus (voie_max_m)",
    "min_frontage_m": "{} m au moins le long d'une voie (facade_min_m)",
}
SELECTIONS = {
    "only_where": "Seulement dans {} : rien n'est disponible ailleurs.",
    "force_keep": "Gardé en entier, quelle que soit la contrainte : {}.",
    "roads": "Voies : {}.",
}


def of_rules(rules: "Iterable[land.Rule]", options: "land.Options") -> list[str]:
    """Say each constraint with its setback, its kept share and its coverage, then how they combine."""
    chosen = [(text, getattr(options, name)) for name, text in SELECTIONS.items()]
    return [
        *map(_of_rule, rules),
        COMBINED[options.combine],
        *(text.format(_objects(part.layer, part.where)) for text, part in chosen if part is not None),
    ]


def of_pieces(options: "land.Options") -> str:
    """Say what a piece of what remains must be to count."""
    given = [(text, getattr(options, name)) for name, text in DEMANDS.items()]
    demands = " ; ".join(text.format(_number(value)) for text, value in given if value)
    return f"Un morceau compte si : {demands}." if demands else "Tous les morceaux comptent, même petits."


def _of_rule(rule: "land.Rule") -> str:
    parts = [
        _objects(rule.layer, rule.where),
        f"recul de {_number(rule.setback_m)} m",
        f"{_number(100 * rule.kept_share)} % conservés" if rule.kept_share else "rien de conservé",
        f"couverture {rule.coverage}, inconnu au-delà" if rule.coverage else "couche tenue pour complète",
        f"source : {rule.source or 'non indiquée'}",
    ]
    return f"Contrainte « {rule.name} » : {' ; '.join(parts)}."


def _objects(layer: str, where: "land.rules.Where") -> str:
    """A layer, with which of its objects are taken."""
    clauses = [f"{column} = {' ou '.join(values)}" for column, values in where.items()]
    return f"{layer} ({', '.join(clauses) or 'tous les objets'})"


def _number(value: "float | tuple[float, ...]") -> str:
    """Every figure of the number: it has to be typed again."""
    if isinstance(value, tuple):
        return " × ".join(map(_number, value))
    return f"{value:.12g}".replace(".", ",")
