"""What is asked of each territory: target in force, guarantee, and the trajectory that follows."""

import functools
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from artois_geo.cli import options, zan_deductions, zan_inputs, zan_names, zan_places

if TYPE_CHECKING:
    import pandas as pd

    from artois_geo.constants import Constant
    from artois_geo.constants.rules import RuleSet

SRADDET = "sraddet-hdf"
_GIVEN = "taux donné"  # document of a rate that the reader wrote
_ALL = "toutes"
_USED = ("reduction_2021_2030", "communal_floor_ha", "communal_floor_document_before")
_SRADDET_RATE = "sraddet_hdf_reduction_2021_2030"
_TARGET = ("target_document", "target_level", "target_since")
_BEFORE = (  # of a trajectory, all that no project changes
    "reference_ha",
    "reduction_share",
    *_TARGET,
    "budget_before_floor_ha",
    "floor_ha",
    "allowed_ha",
    "consumed_ha",
    "deducted_pene_ha",
    "deducted_pv_ha",
    "deducted_renaturation_ha",
    "refused_pv_ha",
    "deducted_ha",
    "used_ha",
    "remaining_on",
    "observed_years",
    "last_observed_year",
    "unobserved_years",
    "counted_on",
    "target_source",
)
_SHOWN = 5  # rates, or territories, that a note names


class Rate(click.ParamType):
    """A reduction, as a share of 1 or as per cent."""

    name = "taux"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        text = "".join(str(value).split())
        percent = text.endswith("%")
        try:
            number = float(text.removesuffix("%").replace(",", ".")) / (100 if percent else 1)
        except ValueError:
            number = -1.0
        if 0 <= number <= 1:
            return number
        near = number if 1 < number <= 100 else 54.47
        share, shown = (f"{one:g}".replace(".", ",") for one in (round(near / 100, 8), near))
        self.fail(f"« {value} » n'est pas une baisse de 0 à 100 %. Écrire {share} ou {shown} %.", param, ctx)


@dataclass(frozen=True)
class Demand:
    """What is asked of the territories, what is taken off their account, and the day of it.

    ``lenient``: targets of a level that an account does not know are left to the others.
    """

    taux: float | None = None
    objectifs: str | None = None
    region: str | None = None
    garantie: Path | None = None
    deductions: Path | None = None
    issued: date | None = None
    lenient: bool = False

    @property
    def on(self) -> date:
        """Day whose targets are in force, and to which the years gone by are counted."""
        return self.issued or zan_inputs.today()


def demand(function: Any) -> Any:
    """Add the options of :class:`Demand`; the command gets them as ``demand``."""
    added = [
        click.option(
            "--taux",
            type=Rate(),
            metavar="TAUX",
            help="Baisse demandée à tous : 0,5447 ou 54,47 %.",
        ),
        click.option(
            "--objectifs",
            metavar=f"CSV|{SRADDET}",
            help="Objectifs des documents : document, niveau, territoire, taux_baisse, en_vigueur_depuis, "
            "source.",
        ),
        click.option(
            "--region",
            metavar="CODE",
            help=f"Région des territoires, si le fichier ne la dit pas ; {zan_places.REGION} par défaut.",
        ),
        click.option(
            "--garantie",
            type=click.Path(path_type=Path),
            metavar="CSV",
            help="Communes et leur document : code, document_date, justificatif.",
        ),
        click.option(
            "--deductions",
            type=click.Path(path_type=Path),
            metavar="CSV",
            help="Déductions : territoire, annee, surface_ha, nature (PENE, PV, renaturation), "
            "justificatif ; pour le photovoltaïque, aussi chaque critère du décret (docs/zan.md).",
        ),
        click.option(
            "--date",
            "issued",
            type=options.day,
            help="Jour du compte : objectifs en vigueur et années écoulées ce jour-là ; aujourd'hui sinon.",
        ),
        options.agree(needs={"--region": "--objectifs"}, excludes={"--taux": "--objectifs"}),
    ]

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        given = {name: kwargs.pop(name) for name in Demand.__dataclass_fields__ if name in kwargs}
        return function(*args, demand=Demand(**given), **kwargs)

    for option in reversed(added):
        wrapper = option(wrapper)
    return wrapper


def used(rules: "RuleSet", demand: Demand) -> "list[Constant]":
    """Constants of a rule set that a trajectory used."""
    names = [
        *_USED[:1] * (demand.taux is None and demand.objectifs is None),
        *(_SRADDET_RATE,) * (demand.objectifs == SRADDET),
        *_USED[1:] * (demand.garantie is not None),
    ]
    return [rules.constants[name] for name in names if name in rules.constants]


def trajectory(flows: zan_inputs.Flows, rules: "RuleSet", demand: Demand) -> "tuple[pd.DataFrame, list[str]]":
    """Trajectory of each territory under the targets and guarantees given, and what to say of it."""
    from artois_geo import zan as accounts

    reference, budget = zan_inputs.decades(rules)
    rates, notes = _rates(flows, rules, demand)
    floor, guarantee = _floors(flows, rules, demand.garantie)
    ledger, deducted = None, list[str]()
    if demand.deductions is not None:
        ledger, deducted = zan_deductions.read_deductions(demand.deductions, flows, rules)
    rates = rates.set_index(flows.key)
    table = accounts.trajectory(
        flows.frame,
        key=flows.key,
        reference_years=reference,
        budget_years=budget,
        reduction_share=rates["reduction_share"],
        floor_ha=floor,
        deductions=ledger,
    )
    for position, name in enumerate(_TARGET, start=3):
        table.insert(position, name, table[flows.key].map(rates[name]))
    table = accounts.dated(table, budget_years=budget, on=demand.on)
    table["target_source"] = table[flows.key].map(rates["target_source"])
    return table, [*notes, *guarantee, *deducted, *zan_inputs.doubts(rules, *_USED)]


def remaining(table: "pd.DataFrame") -> list[str]:
    """What the reader of a remainder must know: its day, and the years gone by since."""
    from artois_geo.sheets import wording

    return [wording.remaining(row, "fr") for _, row in table.head(1).iterrows()]


def day_of(budgets: "pd.DataFrame") -> str:
    """Of which day the remainders of a table are, if « trajectoire » wrote it beside them."""
    import pandas as pd

    from artois_geo.sheets import wording

    names = ["remaining_on", "counted_on"]
    if {*names, "unobserved_years"} <= set(budgets):
        row = budgets.iloc[0]
        days = pd.to_datetime(row[names].astype(str), errors="coerce", format="ISO8601")
        if days.notna().all():
            return f"Enveloppe. {wording.remaining(pd.concat([days, row[['unobserved_years']]]), 'fr')}"
    return "Enveloppe : le jour du reste n'est pas dit, des années écoulées peuvent n'y être pas comptées."


def completed(table: "pd.DataFrame", budgets: "pd.DataFrame", key: str) -> "pd.DataFrame":
    """A what-if, its columns joined by what the trajectory says of each territory before any project."""
    rest = [name for name in _BEFORE if name in budgets and name not in table]
    joined = table.merge(budgets[[key, *rest]], on=key, how="left", validate="many_to_one")
    first = [name for name in ("scenario", key, *_BEFORE) if name in joined]
    return joined[[*first, *(name for name in joined if name not in first)]]


def by_commune(inputs: dict[str, Any], pression: str) -> dict[str, Any]:
    """The inputs of an account by commune: only communes have a guarantee to set against the others."""
    if pression == "commune":
        raise click.UsageError("--pression se compte par EPCI ou SCoT : chaque commune a sa garantie.")
    if inputs["par"] == zan_inputs.POLE and inputs["territoires"] is None:
        raise click.UsageError(
            f"--pression et --par {zan_inputs.POLE} demandent --territoires FICHIER : les communes du pôle "
            f"et leur « {pression} »."
        )
    if pression == inputs["cle"]:
        raise click.UsageError(
            f"--pression {pression} : le tableau n'a que des totaux par « {pression} ». La garantie se "
            "compte commune par commune : donner un tableau par commune, avec cette colonne."
        )
    return {**inputs, "par": "commune"}


def pressed(
    table: "pd.DataFrame", flows: zan_inputs.Flows, by: str, pooling: tuple[str, ...]
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


def _rates(flows: zan_inputs.Flows, rules: "RuleSet", demand: Demand) -> "tuple[pd.DataFrame, list[str]]":
    """Reduction asked of each territory, with its document, level, date and source, and the notes on it."""
    from artois_geo import tables
    from artois_geo import zan as accounts

    if demand.taux is not None:
        rates = flows.places[[flows.key]].assign(
            reduction_share=demand.taux, target_document=_GIVEN, target_level="tous les territoires"
        )
        rates = rates.assign(target_since=None, target_source="donné par l'utilisateur")
        share = tables.quantity(demand.taux, "share")
        return rates, [f"Taux de {share} donné, non vérifié."]
    national = rules.constants["reduction_2021_2030"]
    if demand.objectifs is None:
        rates = flows.places[[flows.key]].assign(
            reduction_share=national.value, target_document=accounts.NATIONAL, target_level="France"
        )
        notes = [
            "Taux national, aucun objectif local renseigné : un PLU(i), un SCoT ou le SRADDET en vigueur "
            "peut demander plus."
        ]
    else:
        rates, notes = _targets(flows, rules, demand, national.value)
    law = rates["target_document"] == accounts.NATIONAL
    for name, value in (("target_since", national.since), ("target_source", national.source)):
        rates[name] = rates[name].mask(law, value) if name in rates else value
    return rates, [*_lines(rates, demand), *notes]


def _targets(
    flows: zan_inputs.Flows, rules: "RuleSet", demand: Demand, national_share: float
) -> "tuple[pd.DataFrame, list[str]]":
    """The rate of each territory by the most precise document in force, and the targets of none of them."""
    from artois_geo import meaning
    from artois_geo import zan as accounts

    shipped = demand.objectifs == SRADDET
    table = _sraddet(rules) if shipped else zan_inputs.read_table(Path(str(demand.objectifs)))
    places = zan_places.with_regions(flows.places, flows.key, demand.region)
    if (shipped or demand.lenient) and "niveau" in table:
        table = table[[meaning.fold(str(name)) in places for name in table["niveau"]]]
    rates = accounts.targets_in_force(
        places, table, key=flows.key, on=demand.on, national_share=national_share
    )
    notes = []
    if demand.region is None and not zan_places.says_region(flows.places) and _regional(rates):
        notes = [f"Région {zan_places.REGION} supposée : le fichier ne dit pas celle des territoires."]
    if shipped:
        return rates, notes
    absent = [
        f"{level} {code}"
        for level, code in zip(table["niveau"], table["territoire"].astype(str), strict=True)
        if code not in set(places[meaning.fold(str(level))].astype(str))
    ]
    shown = ", ".join(absent[:_SHOWN]) + (f" … ({len(absent)})" if len(absent) > _SHOWN else "")
    return rates, [*notes, *[f"Objectifs sans territoire dans ce compte : {shown}."] * bool(absent)]


def _regional(rates: "pd.DataFrame") -> bool:
    return bool(rates["target_level"].str.startswith("région").any())


def _lines(rates: "pd.DataFrame", demand: Demand) -> list[str]:
    """One line for each rate in use: document, level, date and source, most used first."""
    columns = ["reduction_share", *_TARGET, "target_source"]
    counts = rates.value_counts(columns, dropna=False).reset_index()
    lines = [_line(row, several=len(counts) > 1) for row in counts.head(_SHOWN).itertuples()]
    if len(counts) > _SHOWN:
        lines.append(f"… et {len(counts) - _SHOWN} autres objectifs, dans les colonnes du tableau.")
    if demand.objectifs is not None:
        lines.append(f"Objectifs : document le plus précis en vigueur le {demand.on:%d/%m/%Y}.")
    if demand.objectifs == SRADDET and _regional(rates):
        lines.append(
            "Le SRADDET fixe aussi des objectifs par SCoT, sous leur seul numéro : un SCoT connu par son nom "
            "a ici l'objectif de la région."
        )
    return lines


def _line(rate: Any, *, several: bool) -> str:
    from artois_geo import tables

    share = tables.quantity(rate.reduction_share, "share")
    source = f" ({rate.target_source})" if str(rate.target_source or "").strip() else ""
    count = f" : {rate.count} territoire{'s' if rate.count > 1 else ''}" if several else ""
    since = f"en vigueur depuis le {rate.target_since:%d/%m/%Y}"
    return f"Baisse de {share} : {rate.target_document}, {rate.target_level}, {since}{source}{count}."


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
            "Garantie communale non appliquée : les communes qui remplissent la condition ne sont pas "
            "renseignées."
        ]
    if flows.key != "commune":
        raise click.UsageError(
            "--garantie se calcule avec --par commune (par EPCI ou SCoT : « zan trajectoire --pression »)."
        )
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
    count = int((given > 0).sum())
    shown = f"{count} communes remplissent" if count > 1 else f"{count} commune remplit"
    return given.reindex(every, fill_value=0.0), [
        f"Garantie communale : {shown} la condition, {open_ones} à vérifier."
    ]
