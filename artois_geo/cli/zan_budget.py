"""What is asked of each territory: target in force, guarantee, and the trajectory that follows."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from artois_geo.cli import options, zan_deductions, zan_inputs, zan_names

if TYPE_CHECKING:
    import pandas as pd

    from artois_geo.constants import Constant
    from artois_geo.constants.rules import RuleSet

SRADDET = "sraddet-hdf"
_ALL = "toutes"
_USED = ("reduction_2021_2030", "communal_floor_ha", "communal_floor_document_before")


def targets(function: Any) -> Any:
    """Add ``--taux``, ``--objectifs`` and ``--region``: what is asked of each territory."""
    for option in (
        options.agree(needs={"--region": "--objectifs"}, excludes={"--taux": "--objectifs"}),
        click.option(
            "--region", default="32", show_default=True, help="Région des territoires, pour le SRADDET."
        ),
        click.option(
            "--objectifs",
            metavar=f"CSV|{SRADDET}",
            help="Objectifs des documents : document, niveau, territoire, taux_baisse, en_vigueur_depuis, "
            "source.",
        ),
        click.option(
            "--taux",
            type=click.FloatRange(0, 1),
            help="Baisse demandée à tous (0,5447 pour 54,47 %).",
        ),
    ):
        function = option(function)
    return function


def used(rules: "RuleSet", *, targets: bool, floors: bool) -> "list[Constant]":
    """Constants of a rule set that a trajectory used."""
    names = [*_USED[:1] * targets, *_USED[1:] * floors]
    return [rules.constants[name] for name in names if name in rules.constants]


def trajectory(
    flows: zan_inputs.Flows,
    rules: "RuleSet",
    rate: float | None,
    targets: str | None,
    region: str,
    floors: Path | None,
    deductions: Path | None,
    on: date | None = None,
) -> "tuple[pd.DataFrame, list[str]]":
    """Trajectory of each territory under the targets and guarantees given, and what to say of it.

    Targets are those in force on a day, by default that of the account.
    """
    from artois_geo import zan as accounts

    reference, budget = zan_inputs.decades(rules)
    asked, said = _rates(flows, rules, rate, targets, region, on or zan_inputs.today())
    floor, told = _floors(flows, rules, floors)
    ledger, deducted = None, list[str]()
    if deductions is not None:
        ledger, deducted = zan_deductions.read_deductions(deductions, flows, rules)
    table = accounts.trajectory(
        flows.frame,
        key=flows.key,
        reference_years=reference,
        budget_years=budget,
        reduction_share=asked.set_index(flows.key)["reduction_share"],
        floor_ha=floor,
        deductions=ledger,
    )
    table.insert(3, "target_document", table[flows.key].map(asked.set_index(flows.key)["target_document"]))
    return table, [*said, *told, *deducted, *zan_inputs.doubts(rules, *_USED)]


def pressed(
    table: "pd.DataFrame", flows: zan_inputs.Flows, by: str, pooling: tuple[str, ...], *, floors: bool
) -> "tuple[pd.DataFrame, list[str]]":
    """Cost of the guarantee inside each ``by``, and what the communes that pool theirs bring."""
    from artois_geo import tables
    from artois_geo import zan as accounts
    from artois_geo.errors import BadValue, UnknownName

    if by not in flows.places:
        raise click.UsageError(f"--pression : pas de colonne « {by} » dans les territoires.")
    joined = table.merge(flows.places[[flows.key, by]], on=flows.key)
    if not pooling:
        return accounts.pressure(joined, by=by), []
    if flows.key != "commune" or not floors:
        raise click.UsageError("--mutualiser demande --par commune et --garantie CSV.")
    codes = joined[flows.key].astype(str)
    asked = set(codes[joined["floor_ha"] > 0]) if pooling == (_ALL,) else set(pooling)
    for code in sorted(asked - set(codes)):
        raise UnknownName("commune à mutualiser", code, codes.tolist())
    bare = sorted(asked & set(codes[joined["floor_ha"] == 0]))
    if bare:
        raise BadValue(
            f"{', '.join(bare)} n'a pas de garantie à mettre en commun : sa condition n'est pas remplie ou "
            "reste à vérifier. Compléter le fichier de --garantie, ou retirer la commune de --mutualiser."
        )
    pooled = accounts.pressure(joined, by=by, pooled=codes.isin(asked))
    total = tables.quantity(float(pooled["pooled_ha"].sum()), "ha")
    return pooled, [
        f"Garantie mise en commun (communes : {len(asked)}) : {total} changent de mains dans le même {by}. "
        "Aucun hectare n'est créé."
    ]


def _rates(
    flows: zan_inputs.Flows, rules: "RuleSet", rate: float | None, targets: str | None, region: str, on: date
) -> "tuple[pd.DataFrame, list[str]]":
    from artois_geo import zan as accounts

    places = flows.places.assign(region=region)
    if rate is not None:
        asked = places[[flows.key]].assign(reduction_share=rate, target_document="taux donné")
        shown = f"{100 * rate:g}".replace(".", ",")
        return asked, [f"Taux de {shown} % donné par --taux, non vérifié."]
    national = rules.constants["reduction_2021_2030"]
    if targets is None:
        asked = places[[flows.key]].assign(reduction_share=national.value, target_document="loi")
        return asked, [
            "Taux national, faute de --objectifs : un PLU(i), un SCoT ou le "
            "SRADDET en vigueur peut demander plus."
        ]
    table = _sraddet(rules) if targets == SRADDET else zan_inputs.read_table(Path(targets))
    for level in ("commune", "epci", "scot"):
        if flows.key == level:
            places = places.assign(**{level: places[flows.key]})
    asked = accounts.targets_in_force(places, table, key=flows.key, on=on, national_share=national.value)
    return asked, [f"Objectif : document le plus précis en vigueur le {on:%d/%m/%Y}."]


def _sraddet(rules: "RuleSet") -> "pd.DataFrame":
    from artois_geo import constants

    table = constants.table("zan_sraddet_hdf")
    since = rules.constants["sraddet_hdf_reduction_2021_2030"].since
    return table.rename(
        columns={"level": "niveau", "territory": "territoire", "reduction_share": "taux_baisse"}
    ).assign(
        niveau=lambda frame: frame["niveau"].replace("autre", "SCoT"),
        document="SRADDET",
        en_vigueur_depuis=since,
        source=table.attrs["source"],
    )


def _floors(
    flows: zan_inputs.Flows, rules: "RuleSet", path: Path | None
) -> "tuple[float | pd.Series, list[str]]":
    from artois_geo import zan as accounts

    if path is None:
        return 0.0, [
            "Garantie communale non appliquée : l'option --garantie donne les "
            "communes qui remplissent la condition."
        ]
    if flows.key != "commune":
        raise click.UsageError("--garantie se calcule avec --par commune (voir aussi --pression).")
    known = rules.constants
    if "communal_floor_ha" not in known:
        raise click.UsageError(f"Le jeu de règles {rules.name} n'a pas de garantie communale.")
    table = zan_names.named_key(zan_inputs.read_table(path), "commune", path.name)
    floors = accounts.communal_floors(
        table,
        key="commune",
        floor_ha=known["communal_floor_ha"].value,
        document_before=known["communal_floor_document_before"].value,
    )
    given = floors.set_index("commune")["floor_ha"]
    every = flows.places.set_index("commune").index
    open_ones = int((floors["floor_condition"] == "à vérifier").sum()) + len(set(every) - set(given.index))
    said = (
        f"Garantie communale : {int((given > 0).sum())} communes remplissent la "
        f"condition, {open_ones} à vérifier."
    )
    return given.reindex(every, fill_value=0.0), [said]
