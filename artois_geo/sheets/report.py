"""Local report on artificialisation (L. 2231-1, R. 2231-1 CGCT): the four indicators, and what is missing."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import jinja2
import pandas as pd
from markupsafe import Markup

from artois_geo import tables
from artois_geo.errors import ArtoisGeoError
from artois_geo.sheets.front import _class, _hash
from artois_geo.sheets.pictures import png
from artois_geo.sheets.zan_charts import classed_map, flows_chart, trajectory_chart

if TYPE_CHECKING:
    from artois_geo.constants.rules import RuleSet

TITLE = "Rapport local de suivi de l'artificialisation des sols"
FICTITIOUS = "Données fictives : ce rapport décrit un territoire qui n'existe pas."


_NAMED = 30  # communes whose name still fits on the map


@dataclass(frozen=True)
class Part:
    """One part of the report: what is told, a table, pictures, and lines to fill in by hand."""

    heading: str
    told: tuple[str, ...] = ()
    table: pd.DataFrame | None = None
    labels: dict[str, str] = field(default_factory=dict)
    pictures: tuple[str, ...] = ()
    to_fill: tuple[str, ...] = ()


@dataclass(frozen=True)
class LocalReport:
    """What the report says, before it becomes HTML or a text document."""

    title: str
    name: str
    period: str
    warnings: tuple[str, ...]
    missing: tuple[str, ...]
    parts: tuple[Part, ...]
    lines: tuple[str, ...]


def local_report(
    *,
    name: str,
    flows: pd.DataFrame,
    trajectory: pd.Series,
    area_ha: float | None,
    rules: "RuleSet",
    stocks: pd.DataFrame | None = None,
    flux: pd.DataFrame | None = None,
    communes: gpd.GeoDataFrame | None = None,
    sources: Sequence[str] = (),
    notes: Sequence[str] = (),
    fictitious: bool = False,
) -> LocalReport:
    """The report of one territory: indicators 1° to 4° of R. 2231-1, causes to explain, sources, gaps.

    Parameters
    ----------
    name
        Name of the territory.
    flows
        Yearly flows of the territory: ``year``, ``consumed_ha``, the uses, ``provisional``.
    trajectory
        Its row of the trajectory.
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

    Returns
    -------
    LocalReport
        For :func:`local_report_html` and :func:`local_report_docx`.

    Examples
    --------
    >>> from artois_geo.constants import rules
    >>> flows = pd.DataFrame({"year": range(2011, 2023), "consumed_ha": 1.0, "provisional": False})
    >>> row = pd.Series({"allowed_ha": 5.0, "used_ha": 2.0, "left_ha": 3.0, "projected_ha": 10.0})
    >>> report = local_report(name="A", flows=flows, trajectory=row, area_ha=None, rules=rules.read())
    >>> report.missing[0]
    'Surface du territoire inconnue : le pourcentage de l’indicateur 1° n’est pas calculé.'
    """
    flows = flows.sort_values("year", ignore_index=True)
    first, last = int(flows["year"].min()), int(flows["year"].max())
    missing = _missing(flows, area_ha, stocks, flux, rules)
    held = rules.constants
    parts = [
        _consumption(flows, trajectory, area_ha, held),
        _soil("2", "Artificialisation nette", flux, stocks, communes),
        _soil("3", "Imperméabilisation", flux, stocks, None),
        _objectives(trajectory, flows, name, held),
        Part(
            "Débat, vote et transmission",
            told=(
                f"Rapport au moins tous les {held['report_period_years'].value} "
                "ans, débattu et voté par l'assemblée, "
                f"transmis sous {held['report_transmission_days'].value} jours aux "
                "préfets, à la région, à l'EPCI "
                "ou aux communes (L. 2231-1 CGCT).",
            ),
            to_fill=("Date du débat et du vote", "Numéro de la délibération", "Dates de transmission"),
        ),
    ]
    return LocalReport(
        title=TITLE,
        name=name,
        period=f"flux annuels {first} à {last}, soit du 1er janvier {first} au 1er janvier {last + 1}",
        warnings=(FICTITIOUS,) if fictitious else (),
        missing=tuple(missing),
        parts=tuple(parts),
        lines=(*sources, *notes, f"Jeu de règles {rules.name} : {rules.title}.", *_texts(held)),
    )


def local_report_html(report: LocalReport) -> str:
    """The report as one HTML file: style and charts inside, no script, nothing asked of the network.

    A PDF is made by any browser: ``chromium --headless --no-pdf-header-footer
    --print-to-pdf=rapport.pdf rapport.html``.

    Examples
    --------
    >>> empty = LocalReport("Titre", "<b>", "2011", (), (), (), ())
    >>> "&lt;b&gt;" in local_report_html(empty)
    True
    """
    style = _file("report.css")
    csp = f"default-src 'none'; style-src 'sha256-{_hash(style)}'; base-uri 'none'; form-action 'none'"
    return _template().render(
        report=report,
        parts=[(part, _cells(part), [Markup(svg) for svg in part.pictures]) for part in report.parts],  # noqa: S704
        style=Markup(style),  # noqa: S704 our own file
        csp=csp,
    )


def local_report_docx(report: LocalReport) -> bytes:
    """The report as a Word document, to be completed by hand.

    Its charts and maps are PNG pictures when the extra ``image`` is installed; without it, the
    document says that the HTML holds them.

    Raises
    ------
    ArtoisGeoError
        ``python-docx`` is not installed (extra ``rapport``).

    Examples
    --------
    >>> local_report_docx(LocalReport("Titre", "A", "2011", (), (), (), ()))[:2]
    b'PK'
    """
    try:
        import docx
    except ImportError as error:
        raise ArtoisGeoError(
            "Le document Word demande python-docx : pip install "
            "'artois-geo[rapport]'. Le HTML n'en a pas besoin."
        ) from error
    document = docx.Document()
    document.add_heading(_printable(report.title), 0)
    document.add_paragraph(_printable(f"{report.name} – {report.period}"))
    for warning in report.warnings:
        document.add_paragraph(warning).runs[0].bold = True
    _bullets(document, "Ce qui manque", report.missing)
    for part in report.parts:
        document.add_heading(_printable(part.heading), 1)
        for sentence in part.told:
            document.add_paragraph(_printable(sentence))
        _docx_table(document, part)
        _docx_pictures(document, part)
        for label in part.to_fill:
            document.add_paragraph(f"{label} : ………………………………………………………………")
    _bullets(document, "Sources et règles", report.lines)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def _missing(
    flows: pd.DataFrame,
    area_ha: float | None,
    stocks: pd.DataFrame | None,
    flux: pd.DataFrame | None,
    rules: "RuleSet",
) -> list[str]:
    said = []
    if area_ha is None:
        said.append("Surface du territoire inconnue : le pourcentage de l’indicateur 1° n’est pas calculé.")
    said.append(
        "La part des espaces naturels, agricoles et forestiers n’est pas séparée "
        ": le fichier ne la donne pas "
        "(facultatif)."
    )
    if "provisional" in flows and flows["provisional"].any():
        year = int(flows.loc[flows["provisional"], "year"].max())
        said.append(f"Le flux {year} est provisoire : il sera révisé à la prochaine édition.")
    if flux is None or stocks is None:
        year = rules.constants["net_artificialisation_first_year"].value
        said.append(
            "Indicateurs 2° et 3° absents : aucune occupation du sol n’a été "
            "donnée. Ils ne s’imposent qu’une fois "
            f"l’objectif intégré aux documents (au plus tard en {year})."
        )
    else:
        if "net_artificialised_ha_per_year" not in flux:
            said.append("Dates des photographies non données : pas de rythme annuel d’artificialisation.")
        unknown = float(stocks["undescribed_ha"].sum())
        if unknown > 0.005:
            said.append(f"{tables.number(unknown, 2)} ha sans occupation du sol, comptés dans aucun stock.")
    said.append("Les causes des évolutions sont à expliquer par la collectivité.")
    return said


def _consumption(flows: pd.DataFrame, row: pd.Series, area_ha: float | None, held: Any) -> Part:
    uses = [name for name in flows if str(name).startswith("consumed_") and str(name).endswith("_ha")]
    table = flows[["year", *uses]].copy()
    if area_ha is not None:
        table["consumed_share"] = table["consumed_ha"] / area_ha
    first, last = int(flows["year"].min()), int(flows["year"].max())
    total = float(flows["consumed_ha"].sum())
    share = f", soit {tables.number(100 * total / area_ha, 2)} % du territoire" if area_ha is not None else ""
    split = held["budget_first_year"].value
    decade = held["budget_last_year"].value - split + 1
    return Part(
        "1° Consommation d'espaces naturels, agricoles et forestiers",
        told=(
            f"De {first} à {last} : {tables.number(total, 2)} ha consommés{share}.",
            "Flux brut : création ou extension effective d'espaces urbanisés. Il "
            "n'est pas compensé par la renaturation.",
        ),
        table=table,
        pictures=(flows_chart(flows, split=split, allowed_ha=float(row["allowed_ha"]), decade=decade),),
        to_fill=(
            "Causes des évolutions constatées",
            "Renaturation, si elle est décomptée (surfaces et preuves)",
        ),
    )


def _soil(
    number: str,
    title: str,
    flux: pd.DataFrame | None,
    stocks: pd.DataFrame | None,
    communes: gpd.GeoDataFrame | None,
) -> Part:
    heading = f"{number}° {title}"
    if flux is None or stocks is None:
        return Part(heading, told=("Non renseigné : aucune occupation du sol (OCS GE) n'a été donnée.",))
    sealed = number == "3"
    held, share = ("sealed_ha", "sealed_share") if sealed else ("artificial_ha", "artificial_share")
    columns = (
        ["newly_sealed_ha", "unsealed_ha", "net_sealed_ha"]
        if sealed
        else ["artificialised_ha", "renatured_ha", "net_artificialised_ha"]
    )
    columns += (
        [] if sealed or "net_artificialised_ha_per_year" not in flux else ["net_artificialised_ha_per_year"]
    )
    table = flux[["comm_insee", *columns]].reset_index(drop=True)
    for when in ("avant", "après"):
        stock = stocks.loc[when].set_index("comm_insee")[held]
        table.insert(1 if when == "avant" else 2, f"stock_{when}", table["comm_insee"].map(stock))
    total = flux[columns[2]].sum()
    pictures: tuple[str, ...] = ()
    if communes is not None:
        few = len(communes) <= _NAMED and "comm_nom" in communes
        names = communes["comm_nom"].astype(str) if few else None
        values = communes["comm_insee"].map(stocks.loc["après"].set_index("comm_insee")[share]) * 100
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


def _objectives(row: pd.Series, flows: pd.DataFrame, name: str, held: Any) -> Part:
    wanted = [
        "target_document",
        "reduction_share",
        "reference_ha",
        "allowed_ha",
        "consumed_ha",
        "deducted_ha",
        "used_ha",
        "left_ha",
        "used_share",
        "pace_ha_per_year",
        "allowed_pace_ha_per_year",
        "projected_ha",
        "exhausted_on",
        "status",
    ]
    present = [column for column in wanted if column in row.index]
    frame = pd.DataFrame([row[present]]).infer_objects()
    cells = tables.texts(frame)
    table = pd.DataFrame({"indicateur": tables.headings(cells, {}), "valeur": cells.iloc[0].tolist()})
    budget = held["budget_first_year"].value, held["budget_last_year"].value
    pictures: tuple[str, ...] = ()
    if "observed_years" in row.index:
        pictures = (trajectory_chart(row, flows, name=name, budget_years=budget),)
    return Part(
        "4° Respect des objectifs des documents d'urbanisme",
        told=("Budget : référence × (1 − baisse demandée). Projection : rythme observé × dix années.",),
        table=table,
        labels={"indicateur": "Indicateur", "valeur": "Valeur"},
        pictures=pictures,
        to_fill=("Objectif inscrit dans le document d'urbanisme et écart constaté",),
    )


def _texts(held: Any) -> list[str]:
    names = ("reduction_2021_2030", "communal_floor_ha", "report_period_years")
    return [f"{held[name].title} : {held[name].source}." for name in names if name in held]


def _cells(part: Part) -> dict[str, Any] | None:
    if part.table is None:
        return None
    cells = tables.texts(part.table)
    numbers = tables.numeric_columns(part.table)
    return {
        "heads": tables.headings(cells, part.labels),
        "classes": [_class(cells[name], one) for name, one in zip(cells, numbers, strict=True)],
        "rows": cells.to_numpy().tolist(),
    }


def _bullets(document: Any, heading: str, lines: Sequence[str]) -> None:
    document.add_heading(heading, 1)
    for line in lines:
        document.add_paragraph(_printable(line), style="List Bullet")


def _docx_table(document: Any, part: Part) -> None:
    filled = _cells(part)
    if filled is None:
        return
    grid = document.add_table(rows=1, cols=len(filled["heads"]), style="Light Grid Accent 1")
    for cell, head in zip(grid.rows[0].cells, filled["heads"], strict=True):
        cell.text = _printable(head)
    for row in filled["rows"]:
        for cell, text in zip(grid.add_row().cells, row, strict=True):
            cell.text = _printable(text)


def _docx_pictures(document: Any, part: Part) -> None:
    if part.pictures and find_spec("resvg_py") is None:
        document.add_paragraph(
            "Graphiques et cartes : voir la version HTML, ou installer « artois-geo[image] » et refaire "
            "ce document."
        )
        return
    page = document.sections[0]
    width = page.page_width - page.left_margin - page.right_margin
    for svg in part.pictures:
        document.add_picture(io.BytesIO(png(svg)), width=width)


def _printable(text: str) -> str:
    # XML refuses control characters
    return "".join(char if char.isprintable() or char == " " else "�" for char in text)


@cache
def _file(name: str) -> str:
    return files("artois_geo.sheets").joinpath(name).read_text(encoding="utf-8")


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(_file("report.html.j2"))
