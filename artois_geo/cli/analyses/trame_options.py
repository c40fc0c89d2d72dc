"""Options that the commands of the green corridors share: network and increment."""

import click

from artois_geo.cli import french, options

snapping = click.option(
    "--accrochage", "snap_m", type=float, help="Bouts confondus en deçà de cette distance, en m."
)
levels = click.option(
    "--niveau",
    "level",
    metavar="COLONNE",
    help="Colonne qui distingue un pont du sol : deux niveaux ne se touchent pas.",
)
crossings = click.option(
    "--croisements",
    "crossings",
    type=french.Choice(["separes", "joints"]),
    default="separes",
    show_default=True,
    help="Deux lignes qui se croisent sans sommet commun : laissées à part, ou jointes en carrefour.",
)
increment = click.option(
    "--ajout",
    "increment",
    type=options.layer_file,
    help="Couche d'objets à ajouter (tronçon, station) : le tableau montre base, avec, et différence.",
)
