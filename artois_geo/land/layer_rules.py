"""The rules that a layer of constraints (kind « contrainte ») states by itself, without a table."""

from typing import Any

import pandas as pd

from artois_geo import meaning
from artois_geo.errors import BadTable, UnknownName
from artois_geo.land.constraint_table import SETBACK_COLUMN
from artois_geo.land.rules import Rule

EFFECT, NATURE = "contrainte_effet", "contrainte_type"
FORBIDDEN, CONDITIONED, INFORMATION = "interdit", "conditionne", "informe"
UNNAMED = "nature non dite"


def layer_rules(features: pd.DataFrame, layer: str, *, effect: str = FORBIDDEN) -> list[Rule]:
    """Return one rule per nature of constraint of a layer that has a given effect.

    Parameters
    ----------
    features
        Layer of kind « contrainte »: ``contrainte_effet``, and where it has them ``contrainte_type``,
        ``distance_m`` (setback of each feature, m), ``source``.
    layer
        What the rules call it.
    effect
        ``interdit``: ground that is lost; ``conditionne``: built under prescriptions; ``informe``.

    Raises
    ------
    UnknownName
        No such effect.
    BadTable
        The layer does not say the effect of its constraints.

    Examples
    --------
    >>> from artois_geo.land import layer_rules
    >>> from artois_geo import example
    >>> flood = {"contrainte_type": "zone inondable", "contrainte_effet": "interdit", "source": "PPRI"}
    >>> (rule,) = layer_rules(example.square(x_km=0, y_km=0, side_km=1, **flood), "contraintes")
    >>> rule.name, rule.where["contrainte_effet"], rule.source
    ('zone inondable', ['interdit'], 'PPRI')
    """
    if effect not in (FORBIDDEN, CONDITIONED, INFORMATION):
        raise UnknownName("effet", effect, (FORBIDDEN, CONDITIONED, INFORMATION))
    if EFFECT not in features.columns:
        raise BadTable(
            f"{layer} n'a pas de colonne « {EFFECT} » : ce n'est pas une couche de type « contrainte ».\n"
            "L'écrire comme couche d'une table : artois-geo foncier contraintes --copier contraintes.toml."
        )
    concerned = features[features[EFFECT].astype(str) == effect]
    if NATURE not in features.columns:
        return [_rule(UNNAMED, layer, concerned, {EFFECT: [effect]})] if len(concerned) else []
    natures = concerned[NATURE].astype(str)
    return [
        _rule(
            UNNAMED if meaning.is_missing(rows[NATURE].iloc[0]) else nature,
            layer,
            rows,
            {NATURE: [nature], EFFECT: [effect]},
        )
        for nature, rows in concerned.groupby(natures, sort=False)
    ]


def _rule(name: str, layer: str, rows: pd.DataFrame, where: dict[str, Any]) -> Rule:
    sources = rows["source"].dropna().astype(str) if "source" in rows else pd.Series(dtype=str)
    cited = " ; ".join(dict.fromkeys(sources))
    return Rule(name, layer, where, setback_column=SETBACK_COLUMN, source=cited)
