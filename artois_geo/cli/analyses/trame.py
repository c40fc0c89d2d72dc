"""``artois-geo trame``: greenways and green corridors, what holds, what is missing, who is served."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from artois_geo.cli import french, options, result_map_option, show, waiting
from artois_geo.cli.analyses import trame_options
from artois_geo.studies.corridors.requests import (
    BalanceRequest,
    ConflictRequest,
    GapRequest,
    MeshRequest,
    PatchRequest,
    WalkRequest,
)

if TYPE_CHECKING:
    from artois_geo.layers import Layer


@click.group(cls=french.Group)
def trame() -> None:
    """Voies vertes et corridors : linéaire, maillage, manques, desserte."""


@trame.command()
@click.argument("couche", type=options.layer_file)
@click.option(
    "--etat",
    "state",
    metavar="COLONNE",
    help="Colonne de l'état ; sans elle, corridor_etat ou les statuts cyclables, sinon « inconnu ».",
)
@click.option(
    "--longueur",
    "published_km",
    metavar="COLONNE",
    help="Longueur publiée (km) des voies qui ne se mesurent pas ; sans elle, longueur_km si elle existe.",
)
@click.option(
    "--amenagement",
    "facilities",
    multiple=True,
    default=("VOIE VERTE",),
    show_default=True,
    help="Aménagement compté dans une couche cyclable ; à répéter.",
)
@click.option("--territoires", "zones", type=options.layer_file, help="Polygones de communes ou d'EPCI.")
@click.option(
    "--par", "key", metavar="COLONNE", help="Colonne qui nomme le territoire, par exemple epci_siren."
)
@trame_options.increment
@click.option(
    "--graphique",
    type=options.OutputFile("svg"),
    metavar="FICHIER.svg",
    help="Dessine aussi les kilomètres par territoire et par état.",
)
@trame_options.snapping
@options.assumption_day
@result_map_option.maps
@options.into(BalanceRequest)
@options.waiting
@options.output
def bilan(
    couche: "Layer | Path",
    request: BalanceRequest,
    graphique: Path | None,
    maps: result_map_option.MapFiles,
    step: waiting.Step,
    output: dict[str, Any],
) -> None:
    """Kilomètres par état, et par territoire si une couche de polygones est donnée.

    Une voie dessinée deux fois, ou portée à droite et à gauche d'une couche cyclable, compte une fois.
    Un tracé schématique ne se mesure pas : sa longueur publiée est comptée à part.
    """
    from artois_geo.studies.corridors import balance

    step("Linéaires")
    answer = balance.study(couche, request, with_chart=graphique is not None)
    if graphique is not None and answer.chart is not None:
        show.save(answer.chart.encode(), graphique)
    result_map_option.save(lambda: balance.drawn(couche, request, answer), maps)
    show.study(answer.table, **output)


@trame.command()
@click.argument("couche", type=options.layer_file)
@click.option(
    "--composantes",
    "by_component",
    is_flag=True,
    help="Un morceau de réseau par ligne, du plus long au plus court.",
)
@click.option(
    "--constats",
    "findings",
    is_flag=True,
    help="Ce que le nettoyage a trouvé : doublons, croisements, boucles …",
)
@trame_options.increment
@trame_options.levels
@trame_options.crossings
@trame_options.snapping
@options.assumption_day
@result_map_option.maps
@options.into(MeshRequest)
@options.waiting
@options.output
def maillage(
    couche: "Layer | Path",
    request: MeshRequest,
    maps: result_map_option.MapFiles,
    step: waiting.Step,
    output: dict[str, Any],
) -> None:
    """Morceaux du réseau, part du plus grand, probabilité d'être reliés, boucles et impasses.

    Avec --ajout, les morceaux se comparent rang par rang et les constats se comptent par règle.
    """
    from artois_geo.studies.corridors import mesh

    step("Maillage")
    answer = mesh.study(couche, request)
    result_map_option.save(lambda: mesh.drawn(couche, request, answer), maps)
    show.study(answer, **output)


@trame.command()
@click.argument("couche", type=options.layer_file)
@click.option(
    "--nombre",
    "count",
    default=10,
    show_default=True,
    type=click.IntRange(1),
    help="Liens proposés au plus.",
)
@click.option("--ecart-max", "max_gap_m", type=float, help="Plus longue discontinuité proposée, en m.")
@click.option(
    "--ecart-min", "min_gap_m", type=float, help="Plus près, deux voies sont tenues pour reliées, en m."
)
@click.option(
    "--a-verifier",
    "to_verify",
    is_flag=True,
    help="Plutôt les croisements sans carrefour et les bouts plus proches que --ecart-min.",
)
@click.option(
    "--cavaliers",
    "railways",
    type=options.layer_file,
    help="Anciennes voies ferrées qui pourraient fermer un écart.",
)
@click.option(
    "--detours",
    "shortcut",
    is_flag=True,
    help="Plutôt les impasses proches à vol d'oiseau et loin par la voie.",
)
@trame_options.increment
@result_map_option.maps
@options.agree(excludes={"--a-verifier": "--detours --cavaliers --ecart-max", "--detours": "--ecart-min"})
@trame_options.levels
@trame_options.crossings
@trame_options.snapping
@options.assumption_day
@options.into(GapRequest)
@options.waiting
@options.output
def manques(
    couche: "Layer | Path",
    request: GapRequest,
    maps: result_map_option.MapFiles,
    step: waiting.Step,
    output: dict[str, Any],
) -> None:
    """Liens manquants, du meilleur gain par kilomètre au moins bon.

    Chaque lien est choisi une fois les précédents faits. Des voies qui se croisent, ou plus proches que
    --ecart-min, sont tenues pour reliées : rien à construire, --a-verifier les liste. Avec --ajout, un
    lien vide d'un côté est fait, nouveau, ou classé au-delà de --nombre ; la carte montre l'ajout.
    """
    from artois_geo.studies.corridors import gaps

    step("Croisements à vérifier" if request.to_verify else "Liens qui manquent")
    answer = gaps.study(couche, request, with_map=maps.asked)
    result_map_option.save(lambda: answer.map, maps)
    show.study(answer.table, **output)


@trame.command()
@click.argument("lieux", type=options.layer_file)
@click.option(
    "--population",
    type=options.layer_file,
    required=True,
    help="Carreaux, établissements ou zones d'activités.",
)
@click.option(
    "--compter",
    "counts",
    multiple=True,
    required=True,
    metavar="COLONNE",
    help="Colonne à additionner ; à répéter.",
)
@click.option(
    "--distance",
    "distances_m",
    multiple=True,
    type=float,
    help="En m ; à répéter. Par défaut 5, 10 et 15 min à pied.",
)
@click.option(
    "--rues",
    "streets",
    type=options.layer_file,
    help="Lignes de rues ou de chemins ; sans elles, à vol d'oiseau.",
)
@trame_options.increment
@click.option(
    "--ajout-rues",
    "added_streets",
    type=options.layer_file,
    help="Tronçons à ajouter aux rues : base, avec, différence.",
)
@trame_options.levels
@options.assumption_day
@options.into(WalkRequest)
@options.waiting
@options.output
def desserte(lieux: "Layer | Path", request: WalkRequest, step: waiting.Step, output: dict[str, Any]) -> None:
    """Habitants, emplois ou hectares à distance de marche de LIEUX (parcs, voies vertes, stations)."""
    from artois_geo.studies.corridors import walking_access

    if request.added_streets is not None and request.streets is None:
        raise click.UsageError("--ajout-rues complète des rues : donner aussi --rues.")
    step("Desserte")
    show.study(walking_access.study(lieux, request), **output)


@trame.command()
@click.argument("taches", type=options.layer_file)
@click.option("--ecart-max", "max_gap_m", type=float, help="Plus longue liaison entre deux taches, en m.")
@click.option(
    "--d50",
    "half_distance_m",
    type=float,
    help="Distance que franchit la moitié des déplacements de l'espèce, en m.",
)
@click.option("--obstacles", type=options.layer_file, help="Lignes ou polygones que rien ne franchit.")
@trame_options.increment
@options.assumption_day
@result_map_option.maps
@options.into(PatchRequest)
@options.waiting
@options.output
def taches(
    taches: "Layer | Path",
    request: PatchRequest,
    maps: result_map_option.MapFiles,
    step: waiting.Step,
    output: dict[str, Any],
) -> None:
    """Connectivité écologique : surface équivalente connectée, et ce que coûte la perte de chaque tache."""
    from artois_geo.studies.corridors import patches

    step("Liaisons entre taches")
    answer = patches.study(taches, request)
    result_map_option.save(lambda: patches.drawn(answer), maps)
    show.study(answer, **output)


@trame.command()
@click.argument("sites", type=options.layer_file)
@click.argument("corridors_", metavar="CORRIDORS", type=options.layer_file)
@click.option("--bande", "band_m", type=float, help="Bande de part et d'autre du corridor, en m.")
@trame_options.increment
@click.option(
    "--ajout-sites", "added_sites", type=options.layer_file, help="Sites à ajouter : base, avec, différence."
)
@result_map_option.maps
@options.assumption_day
@options.into(ConflictRequest)
@options.waiting
@options.output
def conflits(
    sites: "Layer | Path",
    corridors_: "Layer | Path",
    request: ConflictRequest,
    maps: result_map_option.MapFiles,
    step: waiting.Step,
    output: dict[str, Any],
) -> None:
    """Sites disponibles qui coupent un corridor, ou se trouvent dans sa bande.

    --ajout ajoute des tronçons aux corridors : un conflit sans base est un conflit que le projet crée.
    """
    from artois_geo.studies.corridors import conflicts

    step("Croisements")
    answer = conflicts.study(sites, corridors_, request)
    result_map_option.save(lambda: answer.map, maps)
    show.study(answer.study_table, **output)
