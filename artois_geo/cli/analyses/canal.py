"""``artois-geo canal``: what the canal is worth to a site, freight, and the fluvial scheme."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from artois_geo.cli import french, options, result_map_option, show, waiting
from artois_geo.cli.analyses import canal_options
from artois_geo.studies.canal.requests import AccessRequest, FreightRequest, Precisions, SchemeRequest

if TYPE_CHECKING:
    from artois_geo.layers import Layer

ONE_FLOW = "--tonnes --route-km --eau-km --acheminement-km --manutentions --bateau"


@click.group(cls=french.Group)
def canal() -> None:
    """Le canal : berge, quais, fret, qui décide."""


@canal.command()
@click.argument("sites", type=options.layer_file, default=options.sites)
@canal_options.waterways
@canal_options.places
@canal_options.precisions
@click.option(
    "--porter",
    "carry",
    multiple=True,
    metavar="COLONNE",
    help="Colonne des lieux à montrer avec eux (profondeur, horaires …) ; à répéter.",
)
@click.option(
    "--routes", "roads", type=options.layer_file, help="Lignes de routes ; sans elles, à vol d'oiseau."
)
@click.option("--vitesse", "speed", metavar="COLONNE", help="Colonne des vitesses, en km/h.")
@click.option("--sens", "oneway", metavar="COLONNE", help="Colonne du sens unique (yes, -1 …).")
@click.option(
    "--proches",
    "by_family",
    is_flag=True,
    help="Le lieu le plus proche de chaque famille, une ligne par site et famille.",
)
@click.option("--tous", "by_place", is_flag=True, help="Tous les lieux, une ligne par site et lieu.")
@click.option(
    "--ajout", "added_places", type=options.layer_file, help="Quai, échangeur, gare à ajouter aux lieux."
)
@click.option("--ajout-routes", "added_roads", type=options.layer_file, help="Tronçons à ajouter aux routes.")
@click.option(
    "--ajout-voies", "added_waterways", type=options.layer_file, help="Tronçons à ajouter aux voies d'eau."
)
@result_map_option.maps
@options.assumption_day
@options.agree(
    needs={"--vitesse": "--routes", "--sens": "--routes", "--ajout-routes": "--routes"},
    excludes={
        "--tous": f"--proches {result_map_option.FILES}",
        "--proches": result_map_option.FILES,
    },
)
@options.into(Precisions, "precisions")
@options.into(AccessRequest)
@options.waiting
@options.output
def desserte(
    sites: "Layer | Path",
    request: AccessRequest,
    precisions: Precisions,
    maps: result_map_option.MapFiles,
    step: waiting.Step,
    output: dict[str, Any],
) -> None:
    """Pour chaque site : voie d'eau, linéaire de berge, bateau qui peut accoster, quais à portée.

    SITES est par défaut votre couche de sites, sinon sites_eco. Les seuils sont des conventions, écrites
    sous le tableau. Une position connue moins bien que le seuil ne donne ni berge ni couronne, et le tableau
    dit pourquoi ; ce qu'une source publie l'emporte sur le calcul. Avec une option --ajout, chacun des trois
    tableaux montre base, avec, et différence ; la carte montre la situation avec l'ajout.
    """
    from artois_geo.studies.canal import site_access

    step("Desserte des sites")
    answer = site_access.study(
        sites, request, options.catalogue(), precisions=precisions, with_map=maps.asked
    )
    result_map_option.save(lambda: answer.map, maps)
    show.study(answer.table, **output)


@canal.command()
@click.option(
    "--flux",
    "flows",
    type=click.Path(path_type=Path),
    metavar="FICHIER",
    help="Tableau : Tonnage (t), Par la route (km), Par l'eau (km), Pré- et post-acheminement (km), "
    "Manutentions, Bateau.",
)
@click.option(
    "--filieres",
    "sectors",
    type=click.Path(path_type=Path),
    metavar="FICHIER",
    help="CSV des filières : sector, base, base_unit, ratio_t, river_share, hinterland_share, "
    "competitive_share.",
)
@canal_options.mixed_bases
@click.option("--entonnoir", "funnel", is_flag=True, help="L'entonnoir publié des conteneurs.")
@click.option("--tonnes", type=click.FloatRange(0), help="Tonnage d'un flux donné en ligne.")
@click.option("--route-km", "road_km", type=click.FloatRange(0), help="Trajet par la route seule.")
@click.option("--eau-km", "water_km", type=click.FloatRange(0), help="Trajet par l'eau.")
@click.option(
    "--acheminement-km",
    "haul_km",
    type=click.FloatRange(0),
    default=0.0,
    show_default=True,
    help="Pré et post-acheminement.",
)
@click.option(
    "--manutentions",
    "handlings",
    type=click.IntRange(0),
    default=2,
    show_default=True,
    help="Nombre de transbordements.",
)
@click.option(
    "--bateau",
    "boat",
    default="convoi",
    show_default=True,
    help="Bateau (voir « constantes », freight_factors).",
)
@click.option("--camion", "truck_t", type=float, help="Chargement d'un camion, en t.")
@click.option(
    "--resume",
    "summary",
    is_flag=True,
    help="Une ligne par flux : la fourchette de tous les jeux de facteurs.",
)
@options.assumption_day
@options.agree(
    needs={"--bases-melangees": "--filieres"},
    excludes={
        "--entonnoir": f"--filieres --flux --resume --camion {ONE_FLOW}",
        "--filieres": f"--flux --resume {ONE_FLOW}",
        "--flux": ONE_FLOW,
    },
)
@options.into(FreightRequest)
@options.output
def fret(request: FreightRequest, output: dict[str, Any]) -> None:
    """Potentiel par filière, ou camions et CO2e évités par un flux, toujours avec leur fourchette.

    Un résultat négatif est écrit négatif : la route fait mieux. Pas d'option --ajout ici : un flux est une
    ligne de tableau, non un objet de carte ; comparer deux fichiers --flux ou --filieres.
    """
    from artois_geo.studies.canal import freight

    if request.is_incomplete:
        raise click.UsageError("Donner --flux, --filieres, --entonnoir, ou --tonnes, --route-km et --eau-km.")
    show.study(freight.study(request), **output)


@canal.command()
@click.argument("sites", type=options.layer_file, default=options.sites)
@click.option("--dossier", type=options.OutputFolder(), required=True, help="Dossier à écrire.")
@click.option(
    "--filieres",
    "sectors",
    type=click.Path(path_type=Path),
    metavar="FICHIER",
    help="CSV des filières, comme pour « canal fret ».",
)
@click.option(
    "--colonne-filiere",
    "sector_column",
    metavar="COLONNE",
    help="Colonne des sites qui nomme leur filière.",
)
@canal_options.mixed_bases
@canal_options.waterways
@canal_options.places
@canal_options.precisions
@options.assumption_day
@options.agree(needs={"--bases-melangees": "--filieres"})
@options.into(Precisions, "precisions")
@options.into(SchemeRequest)
def schema(sites: "Layer | Path", dossier: Path, request: SchemeRequest, precisions: Precisions) -> None:
    """Le schéma fluvial en un dossier : trois tableaux liés, un classeur, une couche, une carte hors ligne.

    1. Foncier et infrastructures. 2. Potentiel par filière. 3. Gouvernance : l'inconnu reste inconnu.

    Ce que changerait un quai, une route ou une voie d'eau se lit avec « canal desserte --ajout ».
    """
    from artois_geo.packs import fluvial
    from artois_geo.studies.canal import scheme

    answer = scheme.study(sites, request, options.catalogue(), precisions=precisions)
    footer = show.footer(
        answer.pillars.land, sources=answer.sources, constants=answer.constants, notes=answer.notes
    )
    for path in fluvial.write(dossier, answer, footer=footer).files:
        show.written(path)
    click.echo(answer.summary, err=True)
    show.tell_sources(footer)
