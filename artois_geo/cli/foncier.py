"""``artois-geo foncier``: what land is on offer."""

from typing import TYPE_CHECKING, Any

import click

from artois_geo.cli import french, options, show
from artois_geo.cli.foncier_classer import classer
from artois_geo.cli.foncier_densifier import densifier
from artois_geo.cli.foncier_land import disponible, pertes

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from artois_geo.layers import Layer

PUBLISHED = "surfaces publiées par les sources, convention de mesure non précisée"


@click.group(cls=french.Group)
def foncier() -> None:
    """L'offre de foncier économique, ce qu'il en reste, ce qui peut se densifier."""


for command in (disponible, pertes, densifier, classer):
    foncier.add_command(command)


@foncier.command()
@click.argument("couche", type=options.layer_file, default="sites_eco")
@click.option(
    "--par",
    "by",
    multiple=True,
    metavar="COLONNE",
    default=("epci_sigle", "famille"),
    show_default=True,
    help="Colonnes de regroupement ; à répéter.",
)
@click.option(
    "--surface",
    "area",
    metavar="COLONNE",
    help="Colonne des hectares publiés ; par défaut surface_ha, ou surface_dispo_ha pour du foncier.",
)
@options.output
def offre(couche: "Layer | Path", by: tuple[str, ...], area: str | None, output: dict[str, Any]) -> None:
    """Nombre de sites et hectares publiés, par EPCI et par famille.

    COUCHE est sites_eco (par défaut), foncier_disponible ou un fichier. Un sous-site n'est jamais ajouté
    à son parc ; un foncier annoncé sans être offert est écarté.
    """
    from artois_geo import layers, offer

    sites = layers.read(couche)
    is_land = getattr(couche, "kind", "") == "foncier"
    asked = {"area": area or ("surface_dispo_ha" if is_land else "surface_ha")}
    if is_land:
        asked["counted"] = "compte_dans_total"
    show.table(
        offer.offer(sites, by=by, **asked),
        sources=[couche],
        surface=PUBLISHED,
        notes=[_total(offer.offer(sites, by=[], **asked)), *show.warnings(sites)],
        kind=getattr(couche, "kind", ""),
        title="Foncier offert" if is_land else "Offre par groupe de sites",
        **output,
    )


def _total(table: "pd.DataFrame") -> str:
    from artois_geo import tables

    row = tables.texts(table).iloc[0]
    return (
        f"Total : {row['site_count']} sites, {row['offer_ha']} ha publiés ; "
        f"{row['unmeasured']} sites sans surface publiée, {row['set_aside']} écartés."
    )
