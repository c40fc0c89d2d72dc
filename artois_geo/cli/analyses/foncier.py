"""``artois-geo foncier``: the land on offer, what remains of it, what can be densified, which site first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from artois_geo.cli import french, options, result_map_option, show, waiting
from artois_geo.studies.land.requests import AvailableRequest, DensificationRequest, LossRequest
from artois_geo.studies.ranking.requests import DRAWS, PROFILES, SEED, SOBRIETY, RankingRequest

if TYPE_CHECKING:
    from artois_geo.layers import Layer

FILE = click.Path(path_type=Path, dir_okay=False)

rules_option = click.option(
    "--regles",
    "rules",
    type=FILE,
    metavar="FICHIER|COUCHE",
    help="Table des contraintes (.toml, .csv, .xlsx : voir « foncier contraintes »), couche de type "
    "« contrainte », ou résultat d'un calcul passé (.json, .geojson). Sans elle, les couches « contrainte ».",
)
repairs_option = click.option(
    "--constats",
    type=options.OutputFile("csv", "xlsx"),
    metavar="FICHIER.csv",
    help="Écrit les polygones invalides des contraintes : surface avant et après réparation.",
)


@dataclass(frozen=True)
class LandFiles:
    """Files that ``foncier disponible`` writes beside its table."""

    etats: Path | None = None
    constats: Path | None = None


@dataclass(frozen=True)
class LossFiles:
    """Files that ``foncier pertes`` writes beside its table."""

    graphique: Path | None = None
    constats: Path | None = None


def _natures(ctx: click.Context, param: click.Parameter, pairs: tuple[str, ...]) -> Mapping[str, str] | None:
    """Read the pairs of ``--nature-de`` as a table, value -> nature."""
    if not pairs:
        return None
    natures = dict(pair.split("=", 1) for pair in pairs if "=" in pair)
    if len(natures) != len(pairs):
        raise click.UsageError("--nature-de s'écrit VALEUR=NATURE, par exemple U=urbanisé.")
    return natures


@click.group(cls=french.Group)
def foncier() -> None:
    """L'offre de foncier économique, ce qu'il en reste, ce qui peut se densifier."""


@foncier.command()
@click.argument("table", type=FILE, required=False)
@click.option(
    "--copier",
    type=options.OutputFile("toml"),
    metavar="FICHIER.toml",
    help="Écrit la table française dans un fichier à compléter, que « foncier disponible --regles » relit.",
)
@options.output
def contraintes(table: Path | None, copier: Path | None, output: dict[str, Any]) -> None:
    """Contraintes de TABLE, ou de la table française : article, recul, effet, couche attendue.

    TABLE est une table de contraintes (.toml, .csv, .xlsx) ; sans elle, celle livrée avec l'outil.
    """
    from artois_geo.studies.library import constraint_list

    if copier is None:
        show.study(constraint_list.study(table, options.catalogue()), **output)
    else:
        show.save(constraint_list.text().encode(), copier)


@foncier.command()
@click.argument("sites", type=options.layer_file)
@rules_option
@click.option(
    "--inscrits",
    "inscribed",
    is_flag=True,
    help="Mesure aussi le rectangle et le cercle inscrits (plus lent).",
)
@click.option(
    "--sol",
    "soil",
    metavar="COUCHE",
    help="OCS GE, zonage de PLU, MOS ou friches, tels que livrés : dit ce que le disponible est déjà (ENAF, "
    "non ENAF, inconnu).",
)
@click.option(
    "--nature",
    "soil_column",
    metavar="COLONNE",
    help="Colonne de --sol qui le dit en clair ; par défaut nature.",
)
@click.option(
    "--nomenclature",
    metavar="NOM|FICHIER.toml",
    help="Sens des classes de --sol : ocsge, ocs2d, naf, plu ou la vôtre ; sans elle, d'après les colonnes.",
)
@click.option(
    "--nature-de",
    "natures",
    multiple=True,
    callback=_natures,
    metavar="VALEUR=NATURE",
    help="Sens d'une valeur de cette colonne, par exemple U=urbanisé ou A=ENAF ; à répéter.",
)
@click.option(
    "--enveloppe",
    "budgets",
    type=FILE,
    metavar="FICHIER",
    help="Ce qui reste à consommer par territoire (colonne « Reste (ha) » de « zan trajectoire »).",
)
@click.option(
    "--territoire",
    "territory_column",
    metavar="COLONNE",
    default="comm_insee",
    show_default=True,
    help="Colonne commune aux sites et à --enveloppe.",
)
@click.option(
    "--pres-de",
    "near",
    metavar="COUCHE",
    help="Garde les sites proches de cette couche ; « canal » : les voies d'eau du catalogue.",
)
@click.option(
    "--distance",
    "near_m",
    type=click.FloatRange(0),
    default=2000,
    show_default=True,
    metavar="M",
    help="De --pres-de, à vol d'oiseau, depuis le contour du site.",
)
@click.option(
    "--comparer",
    "compared",
    type=FILE,
    metavar="FICHIER",
    help="Seconde table de contraintes : une seule table et une seule carte des deux.",
)
@click.option(
    "--etats",
    type=options.OutputFile("geojson"),
    metavar="FICHIER.geojson",
    help="Écrit disponible, inconnu et exclu.",
)
@repairs_option
@result_map_option.maps
@options.agree(
    excludes={"--comparer": "--sol --inscrits", "--nomenclature": "--nature --nature-de"},
    needs={
        "--comparer": "--regles",
        "--distance": "--pres-de",
        "--nature": "--sol",
        "--nature-de": "--sol",
        "--nomenclature": "--sol",
        "--enveloppe": "--sol",
        "--territoire": "--enveloppe",
    },
)
@options.into(AvailableRequest)
@options.into(LandFiles, "files")
@options.waiting
@options.cores
@options.output
def disponible(
    sites: "Layer | Path",
    request: AvailableRequest,
    files: LandFiles,
    maps: result_map_option.MapFiles,
    step: waiting.Step,
    cores: int | None,
    output: dict[str, Any],
) -> None:
    """Ce qui reste de chaque site une fois les contraintes et leurs reculs ôtés.

    SITES est une couche de polygones (nom du catalogue ou fichier). Le sol qu'une couche de contrainte ne
    couvre pas est compté à part : inconnu, ni libre ni perdu. Un site schématique (colonne geometrie) n'est
    pas mesuré : un intervalle dit ce qu'il peut en rester à precision_m près.
    """
    from artois_geo import layers
    from artois_geo.studies.land import available, comparison

    on_progress, catalogue, today = step("Foncier disponible"), options.catalogue(), date.today()
    study = comparison.study if request.compared else available.study
    answer = study(sites, request, catalogue, on=today, cores=cores, on_progress=on_progress)
    if files.etats:
        layers.write(answer.states, files.etats)
        show.written(files.etats)
    if files.constats:
        show.study(answer.repairs, format=files.constats.suffix[1:], sortie=files.constats)
    result_map_option.save(lambda: answer.map, maps)
    show.study(answer.study_table, **output)


@foncier.command()
@click.argument("sites", type=options.layer_file)
@rules_option
@click.option("--site", metavar="NOM", help="Un seul site, par son nom ou son identifiant.")
@click.option("--phrases", "sentences", is_flag=True, help="Une phrase par site au lieu du tableau.")
@click.option(
    "--graphique",
    type=options.OutputFile("svg"),
    metavar="FICHIER.svg",
    help="Dessine la cascade (avec --site).",
)
@repairs_option
@result_map_option.maps
@options.agree(needs={"--graphique": "--site"})
@options.into(LossRequest)
@options.into(LossFiles, "files")
@options.waiting
@options.cores
@options.output
def pertes(
    sites: "Layer | Path",
    request: LossRequest,
    files: LossFiles,
    maps: result_map_option.MapFiles,
    step: waiting.Step,
    cores: int | None,
    output: dict[str, Any],
) -> None:
    """Ce que chaque contrainte coûte à chaque site : seule, exclusivement, et dans l'ordre déclaré."""
    from artois_geo.studies.land import losses

    step("Pertes par contrainte")
    answer = losses.study(sites, request, options.catalogue(), on=date.today(), cores=cores)
    if files.constats:
        show.study(answer.repairs, format=files.constats.suffix[1:], sortie=files.constats)
    if files.graphique:
        show.save(answer.chart().encode(), files.graphique)
    result_map_option.save(lambda: answer.map, maps)
    show.study(answer.study_table, **output)


@foncier.command()
@click.argument("parcelles", type=options.layer_file)
@click.argument("batiments", type=options.layer_file)
@click.option(
    "--proprietaire",
    "owner",
    metavar="COLONNE",
    help="Regroupe les parcelles d'un propriétaire qui se touchent.",
)
@click.option(
    "--cle",
    "key",
    default="",
    metavar="COLONNE",
    help="Identifiant cadastral des parcelles ; par défaut id, idu, idpar, parcelle_id ou geo_parcelle.",
)
@click.option(
    "--garder",
    "keep",
    multiple=True,
    metavar="COLONNE",
    help="Colonne des parcelles à garder sur l'unité, d'après la plus grande ; à répéter.",
)
@click.option("--sites", type=options.layer_file, help="Périmètres des ZAE : les parcelles y sont coupées.")
@click.option(
    "--cle-site",
    "site_key",
    default="site_id",
    show_default=True,
    metavar="COLONNE",
    help="Colonne de --sites.",
)
@click.option(
    "--voies",
    "roads",
    metavar="COUCHE",
    help="Voies : un reliquat doit en toucher une, ou une autre unité.",
)
@click.option(
    "--par-site", "by_site", is_flag=True, help="Une ligne par ZAE au lieu d'une par unité foncière."
)
@click.option("--ces-reference", "reference_ces", metavar="PART|COLONNE", help="CES d'une unité sous-bâtie.")
@click.option(
    "--ces-max", "max_ces", metavar="PART|COLONNE", help="CES que le PLU permet (réserve réglementaire)."
)
@click.option("--recul", "setback_m", type=click.FloatRange(0), metavar="M", help="Autour des bâtiments.")
@click.option("--largeur-min", "min_width_m", type=click.FloatRange(0), metavar="M", help="D'un reliquat.")
@click.option("--reliquat-min", "min_part_ha", type=click.FloatRange(0), metavar="HA", help="D'un reliquat.")
@click.option(
    "--mobilisable",
    "mobilisable_share",
    type=click.FloatRange(0, 1),
    metavar="PART",
    help="Part du théorique tenue pour mobilisable.",
)
@result_map_option.maps
@options.agree(
    needs={"--par-site": "--sites", "--cle-site": "--sites"},
    excludes={"--par-site": result_map_option.FILES},
)
@options.into(DensificationRequest)
@options.waiting
@options.output
def densifier(
    parcelles: "Layer | Path",
    batiments: "Layer | Path",
    request: DensificationRequest,
    maps: result_map_option.MapFiles,
    step: waiting.Step,
    output: dict[str, Any],
) -> None:
    """Emprise bâtie, reliquats constructibles et réserve réglementaire de chaque unité foncière.

    Le gisement théorique et la part mobilisable sont deux chiffres : ils ne s'additionnent pas.
    """
    from artois_geo.studies.land import densification

    today, catalogue = date.today(), options.catalogue()
    answer = densification.study(parcelles, batiments, request, catalogue, on=today, on_step=step)
    result_map_option.save(lambda: densification.drawn(answer), maps)
    show.study(answer, **output)


@foncier.command()
@click.argument("tableau", type=options.table_or_layer)
@click.option("--profil", "profile", type=french.Choice(PROFILES), help="Jeu de critères livré avec l'outil.")
@click.option("--criteres", "criteria", type=FILE, metavar="FICHIER.toml", help="Votre jeu de critères.")
@click.option("--montrer", is_flag=True, help="Affiche le profil, à copier dans un fichier, sans classer.")
@click.option(
    "--cle",
    "key",
    metavar="COLONNE",
    help="Colonne qui nomme les sites ; par défaut site_nom, nom ou site_id.",
)
@click.option(
    "--tirages",
    "draws",
    type=click.IntRange(1),
    default=DRAWS,
    show_default=True,
    help="Nombre de pondérations tirées au hasard.",
)
@click.option("--graine", "seed", default=SEED, show_default=True, help="Même graine, mêmes tirages.")
@click.option("--site", metavar="NOM", help="Site du graphique.")
@click.option(
    "--graphique",
    type=options.OutputFile("svg"),
    metavar="FICHIER.svg",
    help="Profil d'un site (--profil sobriete --site).",
)
@click.option(
    "--comparer",
    "compared",
    metavar="PROFIL|FICHIER.toml",
    help="Second jeu de critères : un seul tableau et une seule carte des deux rangs.",
)
@result_map_option.maps
@click.option(
    "--regles",
    "rules",
    type=FILE,
    metavar="FICHIER|COUCHE",
    help="Contraintes à dessiner sur --carte, celles de « foncier disponible ».",
)
@options.agree(
    excludes={"--comparer": "--graphique --site"},
    needs={"--regles": result_map_option.FILES.replace(" ", "|")},
)
@options.into(RankingRequest)
@options.output
def classer(
    tableau: "Layer | Path",
    request: RankingRequest,
    montrer: bool,
    site: str | None,
    graphique: Path | None,
    maps: result_map_option.MapFiles,
    output: dict[str, Any],
) -> None:
    """Classe les sites de TABLEAU (fichier, sortie d'une commande, couche) et dit si cela tient.

    Une valeur absente élargit la note et le rang en intervalles ; une colonne absente est inconnue pour tous.
    Une valeur connue à peu près se donne par ses bornes : net_low_ha et net_high_ha à côté de net_ha.
    """
    from artois_geo.studies.ranking import compared, profiles, ranked_sites

    _require_one_profile(request, site, graphique, maps)
    if montrer:
        click.echo(profiles.text_of(request), nl=False)
    elif request.profile == SOBRIETY:
        sobriety = ranked_sites.sobriety(tableau, request)
        if graphique:
            show.save(sobriety.chart(str(site)).encode(), graphique)
        show.study(sobriety.study_table, **output)
    else:
        answer = compared.study(tableau, request, on=date.today())
        result_map_option.save(lambda: answer.map(options.catalogue(), on=date.today()), maps)
        show.study(answer.study_table, **output)


def _require_one_profile(
    request: RankingRequest, site: str | None, graphique: Path | None, maps: result_map_option.MapFiles
) -> None:
    """Refuse options of ``classer`` that do not go together."""
    if graphique and (request.profile != SOBRIETY or site is None):
        raise click.UsageError("--graphique demande --profil sobriete et --site.")
    if maps.asked and request.profile == SOBRIETY:
        raise click.UsageError("--carte dessine un classement : le profil de sobriété n'en est pas un.")
    if (request.profile is None) == (request.criteria is None):
        raise click.UsageError("Donner --profil ou --criteres, l'un des deux.")


@foncier.command()
@click.argument("couche", type=options.layer_file, default=options.sites)
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
    "area_column",
    metavar="COLONNE",
    help="Colonne des hectares publiés ; par défaut site_surf_brute, ou terr_surf_brute pour des terrains.",
)
@options.output
def offre(
    couche: "Layer | Path", by: tuple[str, ...], area_column: str | None, output: dict[str, Any]
) -> None:
    """Nombre de sites et hectares publiés, par EPCI et par famille.

    COUCHE est par défaut votre couche de sites, sinon sites_eco ; ou une autre, ou un fichier. Un sous-site
    n'est jamais ajouté à son parc ; un foncier annoncé sans être offert est écarté.
    """
    from artois_geo.studies.land import offer

    show.study(offer.study(couche, by=by, area_column=area_column), **output)
