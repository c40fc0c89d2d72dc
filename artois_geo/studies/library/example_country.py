"""The fictional country on disk: its layers, its tables, its catalogue, and the ZAN account run on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path

import geopandas as gpd
import pandas as pd

from artois_geo import constants, example, sheets, tables, zan
from artois_geo.constants import rules
from artois_geo.constants.rules import RuleSet
from artois_geo.errors import UnwritableFile
from artois_geo.layers.catalogue import quoted
from artois_geo.studies import data_warnings
from artois_geo.studies.requests import ExampleRequest
from artois_geo.studies.zan.flows import PUBLISHED
from artois_geo.studies.zan.rules import decades
from artois_geo.studies.zan.targets import NATIONAL_RATE

KINDS = {  # layer -> its kind, its French and its English title
    "communes": ("commune_contour", "Communes", "Communes"),
    "epci": ("epci_contour", "EPCI", "Intercommunal authorities"),
    "ocsge_2018": ("ocsge", "Occupation du sol 2018", "Land cover 2018"),
    "ocsge_2021": ("ocsge", "Occupation du sol 2021", "Land cover 2021"),
    "ocsge_diff": ("ocsge_diff", "Changements d'occupation 2018-2021", "Land cover changes 2018-2021"),
    "projets": ("projet", "Projets", "Projects"),
    "sites_eco": ("site_eco", "Zones d'activités", "Business parks"),
    "terrains": ("terrain_eco", "Terrains", "Plots"),
    "parcelles": ("parcelle", "Parcelles", "Parcels"),
    "batiments": ("batiment", "Bâtiments", "Buildings"),
    "friches": ("friche", "Friches", "Brownfields"),
    "contraintes": ("contrainte", "Contraintes", "Constraints"),
    "zone_urba": ("zone_urba", "Zonage du PLU", "Zoning of the local plan"),
    "voies_vertes": ("amenagement_cyclable", "Voies vertes", "Greenways"),
    "corridors": ("corridor_vert", "Corridors verts", "Green corridors"),
    "canal": ("libre", "Canal", "Canal"),
    "quais": ("quai", "Quais", "Quays"),
}
# tables of the example, as partners give them
RECEIVED = ("consommation", "documents", "etablissements", "proprietaires", "flux")
WRITTEN = ("contraintes.toml", "criteres.toml")  # as a planner writes them, for the commands that ask for one
TRAJECTORY, REPORT, CATALOGUE = "trajectoire", "rapport.html", "catalogue.toml"
FIRST_LINE = "# Territoire fictif : aucun de ces objets n'existe."
PHOTOGRAPHS = date(2018, 7, 1), date(2021, 7, 1)


@dataclass(frozen=True)
class Country:
    """Hold the files of the fictional country: layers by name, other contents by file name."""

    layers: Mapping[str, gpd.GeoDataFrame]
    documents: Mapping[str, bytes]


def country(request: ExampleRequest) -> Country:
    """Make the fictional country, and run the ZAN account on it.

    Parameters
    ----------
    request
        Its size, and the seed: same seed, same country.

    Examples
    --------
    >>> made = country(ExampleRequest(communes=4, ocsge=40, sites=2))
    >>> len(made.layers), list(made.documents)[-1]
    (17, 'rapport.html')
    """
    frames = example.layers(
        communes=request.communes, ocsge=request.ocsge, sites=request.sites, seed=request.graine
    )
    rule_set = rules.read()
    budgets, report = _account(frames, rule_set)
    footer = tables.Footer(
        constants=(rule_set.constants[NATIONAL_RATE],),
        surface=PUBLISHED,
        notes=(f"{data_warnings.MARK} : {RECEIVED[0]}.csv.",),
    )
    return Country(
        layers={name: frames[name] for name in KINDS},
        documents={
            **{f"{name}.csv": tables.to_raw_csv(frames[name]) for name in RECEIVED},
            **{name: files(__package__).joinpath("exemple", name).read_bytes() for name in WRITTEN},
            CATALOGUE: _catalogue().encode(),
            f"{TRAJECTORY}.csv": tables.to_csv(budgets.assign(fictif=True)),
            f"{TRAJECTORY}{tables.SOURCES}": tables.to_csv(tables.sources_table(footer)),
            REPORT: report.encode(),
        },
    )


def refuse_real_data(folder: Path) -> None:
    """Refuse to write over a folder of somebody's layers; an earlier example is ours.

    Raises
    ------
    UnwritableFile
        The folder holds layers that are not those of an example.

    Examples
    --------
    >>> refuse_real_data(Path("un dossier nouveau"))
    """
    try:
        is_ours = (folder / CATALOGUE).read_bytes().startswith(FIRST_LINE.encode())
    except FileNotFoundError:
        tables_of = (f"{name}.csv" for name in (*RECEIVED, TRAJECTORY))
        names = [*(f"{name}.geojson" for name in KINDS), *tables_of, *WRITTEN, REPORT]
        is_ours = not any((folder / name).exists() for name in names)
    except OSError:
        is_ours = False
    if not is_ours:
        raise UnwritableFile(f"{folder} contient déjà des couches : donner un dossier vide ou nouveau.")


def _catalogue() -> str:
    """Write the ``catalogue.toml`` of the country."""
    lines = [FIRST_LINE, f"territoire = {quoted(example.NAME)}"]
    for name, (kind, title, title_en) in KINDS.items():
        lines += [
            "",
            f"[{name}]",
            f'file = "{name}.geojson"',
            f'kind = "{kind}"',
            f'title = "{title} (fictif)"',
            f'title_en = "{title_en} (fictional)"',
            'source = "artois_geo, Pays d\'Exemple, données fictives"',
            'licence = "libre"',
            'vintage = "fictif"',
        ]
    return "\n".join(lines) + "\n"


def _account(made: Mapping[str, gpd.GeoDataFrame], rules: RuleSet) -> tuple[pd.DataFrame, str]:
    """Run the whole chain: consumption, trajectory of each EPCI, land cover, report of the first one."""
    towns = made["communes"]
    reference, budget = decades(rules)
    flows = zan.cerema_flows(made["consommation"], edition="fictive")
    membership = towns[["comm_insee", "epci_siren"]].rename(columns={"comm_insee": "idcom"})
    grouped = zan.group(flows, pd.DataFrame(membership), by="epci_siren")
    budgets = zan.trajectory(
        grouped,
        key="epci_siren",
        reference_years=reference,
        budget_years=budget,
        reduction_share=rules.constants[NATIONAL_RATE].value,
    )
    budgets = zan.dated(budgets, budget_years=budget, on=rules.on)
    code = budgets["epci_siren"].iloc[0]
    matrix, names = constants.table("ocsge_artif"), constants.table("ocsge_nomenclature")
    covers = {day: zan.classify(made[f"ocsge_{day.year}"], matrix, names) for day in PHOTOGRAPHS}
    mine = towns[towns["epci_siren"] == code]
    stocks = [zan.stock(mine, cover, key="comm_insee") for cover in covers.values()]
    account = sheets.Account(
        name=str(mine["epci_nom"].iloc[0]),
        flows=grouped[grouped["epci_siren"] == code],
        trajectory=budgets.iloc[0],
        area_ha=float(mine["surface_ha"].sum()),
        stocks=pd.concat(stocks, keys=["avant", "après"], names=["date", None]),
        flux=zan.flux_series(covers, zones=mine, key="comm_insee"),
        communes=mine,
        rules=rules,
        sources=["Pays d'Exemple : toutes les données sont fictives."],
        fictitious=True,
    )
    return budgets, sheets.local_report_html(sheets.local_report(account))
