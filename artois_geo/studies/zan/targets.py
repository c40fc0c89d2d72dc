"""What is asked of each territory: the reduction in force, with its document, and the communal guarantee."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from artois_geo import constants, meaning, tables, zan
from artois_geo.constants.rules import RuleSet
from artois_geo.errors import BadOptions, BadTable
from artois_geo.studies import planner_files
from artois_geo.studies.zan import territories
from artois_geo.studies.zan.flows import Flows
from artois_geo.studies.zan.requests import SRADDET, Demand, OpenCatalogue
from artois_geo.text import counted

NATIONAL_RATE, SRADDET_RATE = "reduction_2021_2030", "sraddet_hdf_reduction_2021_2030"
FLOOR, FLOOR_DOCUMENT = "communal_floor_ha", "communal_floor_document_before"
TARGET = ("target_document", "target_level", "target_since")
OBJECTIVES = ("niveau", "territoire", "taux_baisse", "document", "en_vigueur_depuis", "source")
PROOF = ("document_date", "justificatif")  # of the guarantee
UNKNOWN = "inconnu"  # document of a territory whose region has no target here
_GIVEN = "taux donné"  # document of a rate that the reader gave
_MAX_LISTED = 5  # rates, or territories, that a note names


def constants_of(demand: Demand) -> list[str]:
    """Name the constants that the targets and the guarantee of a demand use.

    Examples
    --------
    >>> constants_of(Demand()), constants_of(Demand(taux=0.5))
    (['reduction_2021_2030'], [])
    """
    return [
        *(NATIONAL_RATE,) * (demand.taux is None and demand.objectifs is None),
        *(SRADDET_RATE,) * (demand.objectifs == SRADDET),
        *(FLOOR, FLOOR_DOCUMENT) * (demand.garantie is not None),
    ]


def located(demand: Demand, catalogue: OpenCatalogue) -> Demand:
    """Return a demand that knows the region of the catalogue, where its targets may need one.

    Examples
    --------
    >>> from artois_geo import layers
    >>> located(Demand(objectifs=SRADDET), layers.read_catalogue).assumed_region
    '32'
    """
    if demand.objectifs is None or demand.region is not None or demand.assumed_region:
        return demand
    return replace(demand, assumed_region=catalogue().region)


def rates(flows: Flows, rule_set: RuleSet, demand: Demand) -> tuple[pd.DataFrame, list[str]]:
    """Find the reduction asked of each territory, with its document, level, date and source; and say it.

    Parameters
    ----------
    flows
        Account whose territories are asked for a reduction.
    rule_set
        National rate, and that of the SRADDET.
    demand
        One rate for all, or the targets of documents; without either the national rate.

    Returns
    -------
    DataFrame, list of str
        ``flows.key``, ``reduction_share`` (0 to 1; missing where the targets of its region are unknown),
        ``target_document``, ``target_level``,
        ``target_since``, ``target_source``; French notes.

    Examples
    --------
    >>> from artois_geo.constants import rules
    >>> territory = pd.DataFrame({"epci": ["A"]})
    >>> flows = Flows(pd.DataFrame(), "epci", None, None, territory, [], "")
    >>> rates(flows, rules.read(), Demand(taux=0.4))[0]["reduction_share"].tolist()
    [0.4]
    """
    codes = flows.territories[[flows.key]]
    if demand.taux is not None:
        table = codes.assign(
            reduction_share=demand.taux,
            target_document=_GIVEN,
            target_level="tous les territoires",
            target_since=None,
            target_source="donné par l'utilisateur",
        )
        return table, [f"Taux de {tables.quantity(demand.taux, 'share')} donné, non vérifié."]
    national = rule_set.constants[NATIONAL_RATE]
    if demand.objectifs is None:
        table = codes.assign(
            reduction_share=national.value, target_document=zan.NATIONAL, target_level="France"
        )
        notes = [
            "Taux national, aucun objectif local renseigné : un PLU(i), un SCoT ou le SRADDET en vigueur "
            "peut demander plus."
        ]
    else:
        table, notes = _targets(flows, rule_set, demand)
    is_national = table["target_document"] == zan.NATIONAL
    for column, cell in (("target_since", pd.Timestamp(national.since)), ("target_source", national.source)):
        table[column] = table[column].mask(is_national, cell) if column in table else cell
    return table, [*_rate_sentences(table, demand), *notes]


def floors(flows: Flows, rule_set: RuleSet, path: Path | None) -> tuple[float | pd.Series, list[str]]:
    """Return the guarantee of each commune in hectares (0 where its condition is not proved), and say it.

    Raises
    ------
    BadOptions
        The account is not by commune, or the rule set has no guarantee.

    Examples
    --------
    >>> from artois_geo.constants import rules
    >>> flows = Flows(pd.DataFrame(), "epci", None, None, pd.DataFrame(), [], "")
    >>> floors(flows, rules.read(), None)[0]
    0.0
    """
    if path is None:
        return 0.0, [
            "Garantie communale non appliquée : les communes qui remplissent la condition ne sont pas "
            "renseignées."
        ]
    if flows.key != "commune":
        raise BadOptions(
            "--garantie se calcule avec --par commune (par EPCI ou SCoT : « zan trajectoire --pression »)."
        )
    if FLOOR not in rule_set.constants:
        raise BadOptions(f"Le jeu de règles {rule_set.name} n'a pas de garantie communale.")
    table = territories.with_commune_key(planner_files.text_table(path, wanted=PROOF), "commune", path.name)
    conditions = zan.communal_floors(
        table,
        key="commune",
        floor_ha=rule_set.constants[FLOOR].value,
        document_before=rule_set.constants[FLOOR_DOCUMENT].value,
    )
    floor_ha = conditions.set_index("commune")["floor_ha"]
    communes = flows.territories.set_index("commune").index
    is_unproved = conditions["floor_condition"] == "à vérifier"
    unproved_count = int(is_unproved.sum()) + len(set(communes) - set(floor_ha.index))
    count = int((floor_ha > 0).sum())
    proved = f"{count} communes remplissent" if count > 1 else f"{count} commune remplit"
    return floor_ha.reindex(communes, fill_value=0.0), [
        f"Garantie communale : {proved} la condition, {unproved_count} à vérifier."
    ]


def _given(path: Path) -> pd.DataFrame:
    return planner_files.text_table(path, wanted=OBJECTIVES)


def _targets(flows: Flows, rule_set: RuleSet, demand: Demand) -> tuple[pd.DataFrame, list[str]]:
    """Find the rate of each territory by the most precise document in force; list targets of no territory."""
    is_shipped = demand.objectifs == SRADDET
    targets = _sraddet(rule_set) if is_shipped else _given(Path(str(demand.objectifs)))
    territories_of_flows = territories.with_regions(
        flows.territories, flows.key, demand.region, demand.assumed_region
    )
    if (is_shipped or demand.lenient) and "niveau" in targets:
        targets = targets[[meaning.fold(str(name)) in territories_of_flows for name in targets["niveau"]]]
    _refuse_unknown_region(territories_of_flows, targets)
    national_share = rule_set.constants[NATIONAL_RATE].value
    table = zan.targets_in_force(
        territories_of_flows, targets, key=flows.key, on=demand.on, national_share=national_share
    )
    table, notes = _with_unknown(table, territories_of_flows, targets, is_shipped=is_shipped)
    is_assumed = demand.region is None and not territories.gives_region(flows.territories)
    if is_assumed and demand.assumed_region and _is_regional(table):
        notes.append(
            f"Région {demand.assumed_region} supposée, celle du catalogue : le fichier ne dit pas celle des "
            "territoires."
        )
    if is_shipped:
        return table, notes
    absent = [
        f"{level} {code}"
        for level, code in zip(targets["niveau"], targets["territoire"].astype(str), strict=True)
        if code not in set(territories_of_flows[meaning.fold(str(level))].astype(str))
    ]
    if absent:
        more = f" … ({len(absent)})" if len(absent) > _MAX_LISTED else ""
        notes.append(f"Objectifs sans territoire dans ce compte : {', '.join(absent[:_MAX_LISTED])}{more}.")
    return table, notes


def _regions_of(targets: pd.DataFrame) -> set[str]:
    """Return the regions that targets name at their own level."""
    if "niveau" not in targets or "territoire" not in targets:
        return set()
    is_region = targets["niveau"].map(lambda name: meaning.fold(str(name))) == "region"
    return set(targets.loc[is_region, "territoire"].astype(str))


def _refuse_unknown_region(placed: pd.DataFrame, targets: pd.DataFrame) -> None:
    """Refuse targets of regions for territories of which none has a known one."""
    if _regions_of(targets) and placed["region"].isna().all():
        raise BadTable(
            "Région des territoires inconnue, et les objectifs sont ceux d'une région.\n"
            'L\'ajouter en tête de catalogue.toml, comme : region = "CODE" (code Insee), puis relancer.'
        )


def _with_unknown(
    table: pd.DataFrame, placed: pd.DataFrame, targets: pd.DataFrame, *, is_shipped: bool
) -> tuple[pd.DataFrame, list[str]]:
    """Make unknown, and say it, what no target names and may have targets that are not here.

    The targets of one region say nothing of another: no rate stands in the place of its own.
    """
    regions = _regions_of(targets)
    is_elsewhere = ~placed["region"].isin(regions) if is_shipped else placed["region"].isna() & bool(regions)
    is_unknown = (table["target_document"] == zan.NATIONAL) & is_elsewhere
    if not is_unknown.any():
        return table, []
    of_region = "région " + placed["region"].fillna("inconnue")
    texts = {"target_document": UNKNOWN, "target_source": "objectifs de cette région non livrés avec l'outil"}
    table = table.assign(
        reduction_share=table["reduction_share"].mask(is_unknown),
        target_level=table["target_level"].mask(is_unknown, of_region),
        target_since=table["target_since"].mask(is_unknown),
        **{name: table[name].mask(is_unknown, cell) for name, cell in texts.items()},
    )
    return table, [
        f"Objectif inconnu pour {counted(int(is_unknown.sum()), 'territoire')} : sans les objectifs de sa "
        "région, l'enveloppe et le reste sont inconnus. Les écrire dans un tableau d'objectifs (docs/zan.md)."
    ]


def _is_regional(table: pd.DataFrame) -> bool:
    return bool(table["target_level"].str.startswith("région").any())


def _rate_sentences(table: pd.DataFrame, demand: Demand) -> list[str]:
    """Say each rate in use: document, level, date and source, most used first."""
    columns = ["reduction_share", *TARGET, "target_source"]
    counts = table.value_counts(columns, dropna=False).reset_index()
    notes = [_rate_sentence(row, several=len(counts) > 1) for row in counts.head(_MAX_LISTED).itertuples()]
    if len(counts) > _MAX_LISTED:
        notes.append(f"… et {len(counts) - _MAX_LISTED} autres objectifs, dans les colonnes du tableau.")
    if demand.objectifs is not None:
        notes.append(f"Objectifs : document le plus précis en vigueur le {demand.on:%d/%m/%Y}.")
    if demand.objectifs == SRADDET and _is_regional(table):
        notes.append(
            "Le SRADDET fixe aussi des objectifs par SCoT, sous leur seul numéro : un SCoT connu par son nom "
            "a ici l'objectif de la région."
        )
    return notes


def _rate_sentence(rate: Any, *, several: bool) -> str:
    share = tables.quantity(rate.reduction_share, "share")
    if rate.target_document == UNKNOWN:
        return f"Baisse inconnue : {rate.target_level}, {rate.target_source} ({rate.count})."
    source = f" ({rate.target_source})" if str(rate.target_source or "").strip() else ""
    count = f" : {rate.count} territoire{'s' if rate.count > 1 else ''}" if several else ""
    since = f"en vigueur depuis le {rate.target_since:%d/%m/%Y}"
    return f"Baisse de {share} : {rate.target_document}, {rate.target_level}, {since}{source}{count}."


def _sraddet(rule_set: RuleSet) -> pd.DataFrame:
    """Return the shipped targets of the SRADDET in the columns of a planner's table."""
    table = constants.table("zan_sraddet_hdf")
    return table.rename(
        columns={"level": "niveau", "territory": "territoire", "reduction_share": "taux_baisse"}
    ).assign(
        niveau=lambda frame: frame["niveau"].replace("autre", "SCoT"),
        document="SRADDET",
        en_vigueur_depuis=rule_set.constants[SRADDET_RATE].since,
        source=table.attrs["source"],
    )
