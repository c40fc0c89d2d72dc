"""Local report on artificialisation (L. 2231-1, R. 2231-1 CGCT): the four indicators, and what is missing."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from artois_geo import deprecated, tables
from artois_geo.charts import classed_map, flows_chart, trajectory_chart
from artois_geo.sheets import wording
from artois_geo.tables.values import is_number, native

if TYPE_CHECKING:
    from artois_geo.constants.rules import RuleSet

TITLE = "Rapport local de suivi de l'artificialisation des sols"
FICTITIOUS = "Données fictives : ce rapport décrit un territoire qui n'existe pas."


_GUARANTEE = ("budget_before_floor_ha", "floor_ha")  # said only where it changes the budget
HECTARES = ("_ha", "_ha_per_year")
LEAST_HA = 0.005  # less would be written 0,00
_NAMED = 30  # communes whose name still fits on the map


@dataclass(frozen=True)
class Part:
    """Hold one part of the report: sentences, a table, pictures, and lines to fill in by hand."""

    heading: str
    told: tuple[str, ...] = ()
    table: pd.DataFrame | None = None
    labels: dict[str, str] = field(default_factory=dict)
    pictures: tuple[str, ...] = ()
    to_fill: tuple[str, ...] = ()


@dataclass(frozen=True)
class LocalReport:
    """Hold the content of the report, before it becomes HTML or a text document."""

    title: str
    name: str
    period: str
    warnings: tuple[str, ...]
    missing: tuple[str, ...]
    parts: tuple[Part, ...]
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Account:
    """Hold the account of one territory that its report is made from.

    Parameters
    ----------
    name
        Name of the territory.
    flows
        Yearly flows of the territory: ``year``, ``consumed_ha``, the uses, ``provisional``.
    trajectory
        Its row of the trajectory; with what ``zan.dated`` adds, the report says the years gone by.
    area_ha
        Its area, for the percentage that the text asks for; None if unknown.
    rules
        Rule set of the account.
    stocks, flux
        By commune: stocks at both dates (first index level: ``avant``, ``après``) and flows; None if
        no land cover was given.
    communes
        Contours in EPSG:2154 with ``comm_insee``, for the map.
    sources, notes
        French sentences for the end of the report.
    fictitious
        Say at the top that the data are made up.
    """

    name: str
    flows: pd.DataFrame
    trajectory: pd.Series
    area_ha: float | None
    rules: "RuleSet"
    stocks: pd.DataFrame | None = None
    flux: pd.DataFrame | None = None
    communes: gpd.GeoDataFrame | None = None
    sources: Sequence[str] = ()
    notes: Sequence[str] = ()
    fictitious: bool = False


def local_report(account: Account | None = None, **keywords: Any) -> LocalReport:
    """Build the report of one territory: indicators 1° to 4° of R. 2231-1, sources, gaps.

    Parameters
    ----------
    account
        See :class:`Account`.
    keywords
        Its fields, by name, as in version 0.1.0.

    Returns
    -------
    LocalReport
        For ``local_report_html`` and ``local_report_docx``.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.sheets import Account, local_report
    >>> from artois_geo.constants import rules
    >>> flows = pd.DataFrame({"year": range(2011, 2023), "consumed_ha": 1.0, "provisional": False})
    >>> row = pd.Series({"allowed_ha": 5.0, "used_ha": 2.0, "left_ha": 3.0, "projected_ha": 10.0})
    >>> report = local_report(Account("A", flows, row, area_ha=None, rules=rules.read()))
    >>> report.missing[0]
    'Surface du territoire inconnue : le pourcentage de l’indicateur 1° n’est pas calculé.'
    """
    account = deprecated.gathered(Account, account, keywords, function="sheets.local_report(account=)")
    account = replace(account, flows=account.flows.sort_values("year", ignore_index=True))
    first_year, last_year = int(account.flows["year"].min()), int(account.flows["year"].max())
    constants = account.rules.constants
    parts = [
        _consumption(account.flows, account.trajectory, account.area_ha, constants),
        _soil("2", "Artificialisation nette", account, drawn=True),
        _soil("3", "Imperméabilisation", account, drawn=False),
        _objectives(account.trajectory, account.flows, account.name, constants),
        Part(
            "Débat, vote et transmission",
            told=(
                f"Rapport au moins tous les {constants['report_period_years'].value} "
                "ans, débattu et voté par l'assemblée, "
                f"transmis sous {constants['report_transmission_days'].value} jours aux "
                "préfets, à la région, à l'EPCI "
                "ou aux communes (L. 2231-1 CGCT).",
            ),
            to_fill=("Date du débat et du vote", "Numéro de la délibération", "Dates de transmission"),
        ),
    ]
    rules_line = f"Jeu de règles {account.rules.name} : {account.rules.title}."
    return LocalReport(
        title=TITLE,
        name=account.name,
        period=(
            f"flux annuels {first_year} à {last_year}, "
            f"soit du 1er janvier {first_year} au 1er janvier {last_year + 1}"
        ),
        warnings=(FICTITIOUS,) if account.fictitious else (),
        missing=tuple(_missing(account)),
        parts=tuple(parts),
        lines=(*account.sources, *account.notes, rules_line, *_texts(constants)),
    )


def _missing(account: Account) -> list[str]:
    """List what the report lacks: unknown area, provisional flow, absent land cover."""
    flows, flux, stocks = account.flows, account.flux, account.stocks
    gaps = []
    if account.area_ha is None:
        gaps.append("Surface du territoire inconnue : le pourcentage de l’indicateur 1° n’est pas calculé.")
    gaps.append(
        "La part des espaces naturels, agricoles et forestiers n’est pas séparée "
        ": le fichier ne la donne pas "
        "(facultatif)."
    )
    if "provisional" in flows and flows["provisional"].any():
        year = int(flows.loc[flows["provisional"], "year"].max())
        gaps.append(f"Le flux {year} est provisoire : il sera révisé à la prochaine édition.")
    if flux is None or stocks is None:
        year = account.rules.constants["net_artificialisation_first_year"].value
        gaps.append(
            "Indicateurs 2° et 3° absents : aucune occupation du sol n’a été "
            "donnée. Ils ne s’imposent qu’une fois "
            f"l’objectif intégré aux documents (au plus tard en {year})."
        )
    else:
        if "net_artificialised_ha_per_year" not in flux:
            gaps.append("Dates des photographies non données : pas de rythme annuel d’artificialisation.")
        for date_label in ("avant", "après"):
            unknown = float(stocks.loc[date_label]["undescribed_ha"].sum())
            if unknown > 0.005:
                area = tables.number(unknown, 2)
                gaps.append(f"{area} ha sans occupation du sol ({date_label}), comptés dans aucun stock.")
    gaps.append("Les causes des évolutions sont à expliquer par la collectivité.")
    return gaps


def _consumption(flows: pd.DataFrame, row: pd.Series, area_ha: float | None, constants: Any) -> Part:
    """Write indicator 1°: the yearly flows, and their sums over the reference and budget periods."""
    uses = [name for name in flows if str(name).startswith("consumed_") and str(name).endswith("_ha")]
    table = flows[["year", *uses]].copy()
    if area_ha is not None:
        table["consumed_share"] = table["consumed_ha"] / area_ha
    first_year, last_year = int(flows["year"].min()), int(flows["year"].max())
    reference = constants["reference_first_year"].value, constants["reference_last_year"].value
    budget = constants["budget_first_year"].value, constants["budget_last_year"].value
    reference_flows, budget_flows = (flows[flows["year"].between(*years)] for years in (reference, budget))
    sentences = [f"De {first_year} à {last_year} : {_total(flows, area_ha)}."]
    if len(reference_flows):
        mean = tables.number(float(reference_flows["consumed_ha"].sum()) / len(reference_flows), 2)
        sentences.append(
            f"Période de référence {_span(reference_flows)} : "
            f"{_total(reference_flows, area_ha)} ({mean} ha par an)."
        )
    if len(budget_flows):
        sentences.append(
            f"Depuis le 1er janvier {budget[0]} ({_span(budget_flows)}) : {_total(budget_flows, area_ha)}."
        )
    return Part(
        "1° Consommation d'espaces naturels, agricoles et forestiers",
        told=(
            *sentences,
            "Flux brut : création ou extension effective d'espaces urbanisés. Il "
            "n'est pas compensé par la renaturation.",
        ),
        table=pd.concat(
            [table, *(_sum(part, table) for part in (reference_flows, budget_flows) if len(part))]
        ),
        pictures=(
            flows_chart(
                flows, reference_years=reference, budget_years=budget, allowed_ha=float(row["allowed_ha"])
            ),
        ),
        to_fill=(
            "Causes des évolutions constatées",
            "Renaturation, si elle est décomptée (surfaces et preuves)",
        ),
    )


def _total(flows: pd.DataFrame, area_ha: float | None) -> str:
    total = float(flows["consumed_ha"].sum())
    share = f", soit {tables.number(100 * total / area_ha, 2)} % du territoire" if area_ha else ""
    return f"{tables.number(total, 2)} ha consommés{share}"


def _span(flows: pd.DataFrame) -> str:
    first_year, last_year = int(flows["year"].min()), int(flows["year"].max())
    return f"{first_year}-{last_year}" if last_year > first_year else str(first_year)


def _sum(flows: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Sum the yearly rows of a period in one row."""
    rows = table[table["year"].isin(flows["year"])]
    sums = rows.drop(columns="year").sum(min_count=len(rows))
    return pd.DataFrame([{"year": f"Total {_span(flows)}", **sums}])


def _soil(number: str, title: str, account: Account, *, drawn: bool) -> Part:
    """Write indicator 2° or 3°: stocks at both dates, flows, and a map of the communes if ``drawn``."""
    flux, stocks, communes = account.flux, account.stocks, account.communes if drawn else None
    heading = f"{number}° {title}"
    if flux is None or stocks is None:
        return Part(heading, told=("Non renseigné : aucune occupation du sol (OCS GE) n'a été donnée.",))
    sealed = number == "3"
    stock_column, share_column = (
        ("sealed_ha", "sealed_share") if sealed else ("artificial_ha", "artificial_share")
    )
    columns = (
        ["newly_sealed_ha", "unsealed_ha", "net_sealed_ha"]
        if sealed
        else ["artificialised_ha", "renatured_ha", "net_artificialised_ha"]
    )
    columns += (
        [] if sealed or "net_artificialised_ha_per_year" not in flux else ["net_artificialised_ha_per_year"]
    )
    table = flux[["comm_insee", *columns]].reset_index(drop=True)
    for date_label in ("avant", "après"):
        stock = stocks.loc[date_label].set_index("comm_insee")[stock_column]
        table.insert(1 if date_label == "avant" else 2, f"stock_{date_label}", table["comm_insee"].map(stock))
    table["comm_insee"] = _named_communes(table["comm_insee"], account.communes)
    total = flux[columns[2]].sum()
    pictures: tuple[str, ...] = ()
    if communes is not None:
        names_fit = len(communes) <= _NAMED and "comm_nom" in communes
        names = communes["comm_nom"].astype(str) if names_fit else None
        values = communes["comm_insee"].map(stocks.loc["après"].set_index("comm_insee")[share_column]) * 100
        pictures = (classed_map(communes, values, title="Part artificialisée", unit="%", names=names),)
    return Part(
        heading,
        told=(
            f"Solde du territoire : {tables.number(float(total), 2)} ha.",
            "Catégories 1° et 2° de l'annexe à l'article R. 101-1 du code de "
            "l'urbanisme ; indicateur distinct du 2°."
            if sealed
            else "Nomenclature de l'annexe à l'article R. 101-1 du code de "
            "l'urbanisme, mesurée sur l'OCS GE.",
        ),
        table=table,
        labels={
            "comm_insee": "Commune",
            "stock_avant": "Stock avant (ha)",
            "stock_après": "Stock après (ha)",
        },
        pictures=pictures,
        to_fill=("Causes des évolutions constatées",),
    )


def _named_communes(codes: pd.Series, communes: gpd.GeoDataFrame | None) -> pd.Series:
    """Write the name of each commune before its code, where the contours give one."""
    if communes is None or "comm_nom" not in communes:
        return codes
    names = codes.map(communes.drop_duplicates("comm_insee").set_index("comm_insee")["comm_nom"])
    return codes.where(names.isna(), names.astype(str) + " (" + codes.astype(str) + ")")


def _objectives(row: pd.Series, flows: pd.DataFrame, name: str, constants: Any) -> Part:
    """Write indicator 4°: the trajectory of the territory and its budget."""
    columns = [
        "reduction_share",
        "target_document",
        "target_level",
        "target_since",
        "target_source",
        "reference_ha",
        "budget_before_floor_ha",
        "floor_ha",
        "allowed_ha",
        "consumed_ha",
        "deducted_ha",
        "used_ha",
        "left_ha",
        "remaining_on",
        "unobserved_years",
        "used_share",
        "pace_ha_per_year",
        "allowed_pace_ha_per_year",
        "projected_ha",
        "exhausted_on",
        "status",
    ]
    has_floor = row.get("floor_ha", 0) > 0
    present = [
        column for column in columns if column in row.index and (has_floor or column not in _GUARANTEE)
    ]
    frame = pd.DataFrame([row[present]]).infer_objects()
    cells = tables.texts(hectares(frame))
    table = pd.DataFrame({"indicateur": tables.headings(cells, {}), "valeur": cells.iloc[0].tolist()})
    sentences = [wording.remaining(row, "fr")] if "unobserved_years" in row.index else []
    budget = constants["budget_first_year"].value, constants["budget_last_year"].value
    pictures: tuple[str, ...] = ()
    if "observed_years" in row.index:
        pictures = (trajectory_chart(row, flows, name=name, budget_years=budget),)
    return Part(
        "4° Respect des objectifs des documents d'urbanisme",
        told=(
            "Enveloppe : référence × (1 − baisse demandée). Projection : rythme observé × dix années.",
            *sentences,
        ),
        table=table,
        labels={"indicateur": "Indicateur", "valeur": "Valeur"},
        pictures=pictures,
        to_fill=("Objectif inscrit dans le document d'urbanisme et écart constaté",),
    )


def _texts(constants: Any) -> list[str]:
    names = ("reduction_2021_2030", "communal_floor_ha", "report_period_years")
    return [f"{constants[name].title} : {constants[name].source}." for name in names if name in constants]


def hectares(table: pd.DataFrame) -> pd.DataFrame:
    """Write the hectares of a table with two decimals, and « < 0,01 » for less that is not zero.

    Examples
    --------
    >>> hectares(pd.DataFrame({"consumed_ha": [15.7961, 0.0001, 0.0]}))["consumed_ha"].tolist()
    ['15,80', '< 0,01', '0,00']
    """
    rounded = table.copy()
    for name in [name for name in table if str(name).endswith(HECTARES) or str(name).startswith("stock_")]:
        rounded[name] = [
            (("< 0,01" if 0 < value < LEAST_HA else tables.number(value, 2)) if is_number(value) else value)
            for value in map(native, table[name])
        ]
    return rounded
