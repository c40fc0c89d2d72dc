"""``artois-geo exemple``: a fictional territory on disk, and the ZAN account run on it."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from artois_geo.cli import fictional_inputs, french, options, show

if TYPE_CHECKING:
    import pandas as pd

    from artois_geo.constants.rules import RuleSet

KINDS = {  # layer -> its kind and its French title
    "communes": ("commune_contour", "Communes"),
    "epci": ("epci_contour", "EPCI"),
    "ocsge_2018": ("ocsge", "Occupation du sol 2018"),
    "ocsge_2021": ("ocsge", "Occupation du sol 2021"),
    "ocsge_diff": ("ocsge_diff", "Changements d'occupation 2018-2021"),
    "projets": ("projet", "Projets"),
    "sites_eco": ("site_eco", "Zones d'activités"),
    "terrains": ("terrain_eco", "Terrains"),
    "parcelles": ("parcelle", "Parcelles"),
    "batiments": ("batiment", "Bâtiments"),
    "friches": ("friche", "Friches"),
    "contraintes": ("contrainte", "Contraintes"),
    "zone_urba": ("zone_urba", "Zonage du PLU"),
    "voies_vertes": ("amenagement_cyclable", "Voies vertes"),
    "corridors": ("corridor_vert", "Corridors verts"),
    "canal": ("libre", "Canal"),
    "quais": ("quai", "Quais"),
}
TABLES, REPORT = ("consommation", "documents", "trajectoire"), "rapport.html"
FIRST_LINE = "# Territoire fictif : aucun de ces objets n'existe."
PHOTOGRAPHS = date(2018, 7, 1), date(2021, 7, 1)


@click.command(cls=french.Command)
@click.argument("dossier", type=options.OutputFolder())
@click.option("--communes", type=click.IntRange(4), default=12, show_default=True, help="Nombre de communes.")
@click.option("--ocsge", type=click.IntRange(4), default=2000, show_default=True, help="Polygones d'OCS GE.")
@click.option("--sites", type=click.IntRange(1), default=12, show_default=True, help="Zones d'activités.")
@click.option(
    "--graine", type=click.IntRange(0), default=1, show_default=True, help="Même graine, même pays."
)
def exemple(dossier: Path, communes: int, ocsge: int, sites: int, graine: int) -> None:
    """Territoire fictif pour apprendre et essayer, et le compte ZAN déroulé dessus.

    Écrit le « Pays d'Exemple » dans DOSSIER ; chaque objet, tableau et page dit qu'il est fictif. Ensuite :
    artois-geo --donnees DOSSIER couches lister
    """
    from artois_geo import example, layers, tables
    from artois_geo.constants import rules
    from artois_geo.errors import UnwritableFile, reason
    from artois_geo.studies.zan import flows

    _refuse_real_data(dossier)
    made = example.layers(communes=communes, ocsge=ocsge, sites=sites, seed=graine)
    try:
        dossier.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnwritableFile(f"{dossier} ne peut pas être créé : {reason(error)}.") from error
    for name in KINDS:
        layers.write(made[name], dossier / f"{name}.geojson")
    for name in TABLES[:2]:
        show.save(tables.to_raw_csv(made[name]), dossier / f"{name}.csv")
    show.save(_catalogue().encode(), dossier / "catalogue.toml")
    held = rules.read()
    budgets, report = _account(made, held)
    show.save(tables.to_csv(budgets.assign(fictif=True)), dossier / f"{TABLES[2]}.csv")
    footer = tables.Footer(
        constants=(held.constants["reduction_2021_2030"],),
        surface=flows.PUBLISHED,
        notes=(fictional_inputs.sentence([f"{TABLES[0]}.csv"]),),
    )
    show.save(tables.to_csv(tables.sources_table(footer)), dossier / f"{TABLES[2]}{tables.SOURCES}")
    show.save(report.encode(), dossier / REPORT)
    written = f"{len(KINDS)} couches, {len(TABLES)} tableaux et un rapport fictifs"
    click.echo(f"{written} dans {french.visible(str(dossier))}.")


def _refuse_real_data(folder: Path) -> None:
    """A folder of somebody's layers is not ours to write over; an earlier example is."""
    from artois_geo.errors import UnwritableFile

    try:
        ours = (folder / "catalogue.toml").read_bytes().startswith(FIRST_LINE.encode())
    except FileNotFoundError:
        names = [*(f"{name}.geojson" for name in KINDS), *(f"{name}.csv" for name in TABLES), REPORT]
        ours = not any((folder / name).exists() for name in names)
    except OSError:
        ours = False
    if not ours:
        raise UnwritableFile(f"{folder} contient déjà des couches : donner un dossier vide ou nouveau.")


def _catalogue() -> str:
    lines = [FIRST_LINE]
    for name, (kind, title) in KINDS.items():
        lines += [
            "",
            f"[{name}]",
            f'file = "{name}.geojson"',
            f'kind = "{kind}"',
            f'title = "{title} (fictif)"',
        ]
        lines += ['source = "artois_geo, Pays d\'Exemple, données fictives"', 'licence = "libre"']
        lines += ['vintage = "fictif"']
    return "\n".join(lines) + "\n"


def _account(made: "dict[str, pd.DataFrame]", rules: "RuleSet") -> "tuple[pd.DataFrame, str]":
    """The whole chain: consumption, trajectory of each EPCI, land cover, report of the first one."""
    import pandas as pd

    from artois_geo import constants, sheets, zan
    from artois_geo.studies.zan.rules import decades

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
        reduction_share=rules.constants["reduction_2021_2030"].value,
    )
    budgets = zan.dated(budgets, budget_years=budget, on=rules.on)
    code = budgets["epci_siren"].iloc[0]
    matrix, names = constants.table("ocsge_artif"), constants.table("ocsge_nomenclature")
    covers = {day: zan.classify(made[f"ocsge_{day.year}"], matrix, names) for day in PHOTOGRAPHS}
    mine = towns[towns["epci_siren"] == code]
    stocks = [zan.stock(mine, cover, key="comm_insee") for cover in covers.values()]
    report = sheets.local_report(
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
    return budgets, sheets.local_report_html(report)
