"""``artois-geo exemple``: a fictional territory on disk, and the ZAN account run on it."""

from pathlib import Path

import click

from artois_geo.cli import french, options, show
from artois_geo.studies.requests import ExampleRequest


@click.command(cls=french.Command)
@click.argument("dossier", type=options.OutputFolder())
@click.option("--communes", type=click.IntRange(4), default=12, show_default=True, help="Nombre de communes.")
@click.option("--ocsge", type=click.IntRange(4), default=2000, show_default=True, help="Polygones d'OCS GE.")
@click.option("--sites", type=click.IntRange(1), default=12, show_default=True, help="Zones d'activités.")
@click.option(
    "--graine", type=click.IntRange(0), default=1, show_default=True, help="Même graine, même pays."
)
@options.into(ExampleRequest)
def exemple(request: ExampleRequest, dossier: Path) -> None:
    """Territoire fictif pour apprendre et essayer, et le compte ZAN déroulé dessus.

    Écrit le « Pays d'Exemple » dans DOSSIER ; chaque objet, tableau et page dit qu'il est fictif. Ensuite :
    artois-geo --donnees DOSSIER couches lister
    """
    from artois_geo import layers
    from artois_geo.layers import store
    from artois_geo.studies.library import example_country

    example_country.refuse_real_data(dossier)
    country = example_country.country(request)
    store.make_folder(dossier)
    for name, layer in country.layers.items():
        layers.write(layer, dossier / f"{name}.geojson")
    for name, content in country.documents.items():
        show.save(content, dossier / name)
    counts_text = f"{len(country.layers)} couches, 6 tableaux, 2 réglages et un rapport fictifs"
    click.echo(f"{counts_text} dans {french.visible(str(dossier))}.")
