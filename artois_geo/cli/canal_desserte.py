"""``artois-geo canal desserte``: bank, berth, quays in reach of each site, and what a project changes."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from artois_geo.cli import canal_inputs, drawn, french, options, show, waiting
from artois_geo.cli.canal_inputs import COLUMNS
from artois_geo.studies import Assumptions

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from artois_geo.layers import Layer

BANK = (
    "waterway_name",
    "waterway_m",
    "waterway_low_m",
    "waterway_high_m",
    "waterway_cemt",
    "air_draft_m",
    "frontage_m",
    "frontage_origin",
    "frontage_class",
    "berth_class",
    "frontage_reason",
    "ring",
    "ring_reason",
    "waterway_schematic",
)
DISTANCES = ("waterway_m", "waterway_low_m", "waterway_high_m", "frontage_m")
ROAD = ("straight_km", "road_km", "road_min")
BOUNDS = ("straight_low_km", "straight_high_km")
QUAY = {"nom": "place", "owner": "quay_owner", "manager": "quay_manager", "method": "quay_method"}
LIAISON = "La hauteur libre d'une section est celle publiée pour toute sa liaison ; vide : inconnue."


@dataclass(frozen=True)
class Situation:
    """One state of the world: the base, or the base with what is added."""

    voies: "tuple[Layer | Path, ...]"
    places: "gpd.GeoDataFrame"
    reach: "pd.DataFrame"
    near: "pd.DataFrame"
    declared: canal_inputs.Declared


@click.command(cls=french.Command)
@click.argument("sites", type=options.layer_file, default="sites_eco")
@canal_inputs.ways
@canal_inputs.stops
@canal_inputs.precisions
@click.option(
    "--porter",
    multiple=True,
    metavar="COLONNE",
    help="Colonne des lieux à montrer avec eux (profondeur, horaires …) ; à répéter.",
)
@click.option("--routes", type=options.layer_file, help="Lignes de routes ; sans elles, à vol d'oiseau.")
@click.option("--vitesse", metavar="COLONNE", help="Colonne des vitesses, en km/h.")
@click.option("--sens", metavar="COLONNE", help="Colonne du sens unique (yes, -1 …).")
@click.option(
    "--proches", is_flag=True, help="Le lieu le plus proche de chaque famille, une ligne par site et famille."
)
@click.option("--tous", is_flag=True, help="Tous les lieux, une ligne par site et lieu.")
@click.option("--ajout", type=options.layer_file, help="Quai, échangeur, gare à ajouter aux lieux.")
@click.option("--ajout-routes", type=options.layer_file, help="Tronçons à ajouter aux routes.")
@click.option("--ajout-voies", type=options.layer_file, help="Tronçons à ajouter aux voies d'eau.")
@drawn.option
@options.assumption_day
@options.agree(
    needs={"--vitesse": "--routes", "--sens": "--routes", "--ajout-routes": "--routes"},
    excludes={"--tous": "--proches --carte", "--proches": "--carte"},
)
@options.waiting
@options.output
def desserte(
    sites: "Layer | Path",
    voies: "tuple[Layer | Path, ...]",
    lieux: "tuple[Layer | Path, ...]",
    porter: tuple[str, ...],
    routes: "Layer | Path | None",
    vitesse: str | None,
    sens: str | None,
    proches: bool,
    tous: bool,
    ajout: "Layer | Path | None",
    ajout_routes: "Layer | Path | None",
    ajout_voies: "Layer | Path | None",
    carte: Path | None,
    day: date,
    step: waiting.Step,
    declared: canal_inputs.Declared,
    output: dict[str, Any],
) -> None:
    """Pour chaque site : voie d'eau, linéaire de berge, bateau qui peut accoster, quais à portée.

    SITES est sites_eco par défaut. Les seuils sont des conventions, écrites sous le tableau. Une position
    connue moins bien que le seuil ne donne ni berge ni couronne, et le tableau dit pourquoi ; ce qu'une
    source publie l'emporte sur le calcul. Avec une option --ajout, chacun des trois tableaux montre base,
    avec, et différence ; la carte montre la situation avec l'ajout.
    """
    from artois_geo import canal, layers, whatif

    assumptions = Assumptions(day)
    step("Desserte des sites")
    lands = layers.read(sites)
    carry = canal_inputs.to_carry(porter)
    road = canal_inputs.road(routes, vitesse, sens, assumptions)
    base = _situation(lands, voies, canal_inputs.places(lieux, carry), carry, road, declared)
    after = base
    adding = ajout is not None or ajout_routes is not None or ajout_voies is not None
    if adding:
        places = base.places
        if ajout is not None:
            places = whatif.added(places, canal_inputs.places((ajout,)))
        if ajout_routes is not None:
            road = {**road, "roads": whatif.added(road["roads"], layers.read(ajout_routes))}
        after = _situation(lands, (*voies, *canal_inputs.given(ajout_voies)), places, carry, road, declared)
    used = canal_inputs.given(sites, *after.voies, *lieux, routes, ajout, ajout_routes)
    notes = [
        *canal_inputs.told(lands, after.places, routes, assumptions),
        *show.warnings(lands),
        *declared.notes(),
    ]
    if tous or proches:
        key = "place" if tous else "family"
        table = _reached(base, key, assumptions)
        if adding:
            words = ["owner", "manager"] if tous else ["nom", "owner", "manager"]
            table = whatif.difference(
                table,
                _reached(after, key, assumptions),
                on=["site", key],
                columns=[*ROAD, "air_draft_m"],
                words=words,
            )
            table = table.rename(columns={"nom_base": "place_base", "nom_with": "place_with"})
        if "nom" in table.columns:
            table = table.assign(place=table["nom"])
        elif "place" in table.columns:
            table["place"] = after.places["nom"].reindex(table["place"]).to_numpy()
        table = table.assign(site=canal.names(lands).reindex(table["site"]).to_numpy())
        table, title, kind = table.drop(columns="nom", errors="ignore"), "Lieux desservis", ""
    else:
        table = _by_site(lands, base, carry, assumptions)
        with_project = _by_site(lands, after, carry, assumptions) if adding else table
        notes += canal_inputs.doubts(with_project)
        if carte is not None:
            _draw(with_project, after, carte, " ".join(show.warnings(lands)), used)
        if adding:
            table = _compared(table, with_project, canal.names(lands))
        elif output["format"] == "tableau":
            shown = [*BANK, *QUAY.values(), ROAD[0], *BOUNDS, *ROAD[1:], *_carried(carry, lands).values()]
            table = table.assign(nom=canal.names(lands))[["nom", *shown]]
            # each distance with its own figures: an air draft in centimetres would give them two decimals
            table = table.astype(dict.fromkeys((*DISTANCES, ROAD[0], *BOUNDS), object))
        if adding and output["format"] == "tableau":
            table = table.drop(columns=table.geometry.name)
        title, kind = "Desserte par l'eau", getattr(sites, "kind", "")
        notes.append(LIAISON)
    show.table(
        table,
        sources=used,
        constants=assumptions.used,
        notes=notes,
        kind=kind,
        title=f"{title} : base, avec, différence" if adding else title,
        labels=COLUMNS,
        **output,
    )


def _situation(
    lands: "gpd.GeoDataFrame",
    voies: "tuple[Layer | Path, ...]",
    places: "gpd.GeoDataFrame",
    carry: tuple[str, ...],
    road: dict[str, Any],
    declared: canal_inputs.Declared,
) -> Situation:
    from artois_geo import canal

    reach = canal_inputs.reach(lands, places, declared, carry=carry, road=road)
    return Situation(voies, places, reach, canal.nearest(reach, sites=lands), declared)


def _reached(situation: Situation, key: str, assumptions: Assumptions) -> "pd.DataFrame":
    from artois_geo import canal

    reach = situation.reach if key == "place" else situation.near
    return canal.rounded(reach, bank_m=assumptions.value("canal_bank_distance_m"))


def _by_site(
    lands: "gpd.GeoDataFrame", situation: Situation, carry: tuple[str, ...], assumptions: Assumptions
) -> "gpd.GeoDataFrame":
    """Each site with its bank, the air draft of its waterway, and the nearest place that loads boats."""
    from artois_geo import canal

    front = canal_inputs.front(lands, situation.voies, situation.reach, situation.declared, assumptions)
    drafts = canal_inputs.air_drafts(situation.voies)
    front["air_draft_m"] = front["waterway_name"].map(drafts).astype(float)
    near = canal.rounded(
        canal.nearest_quay(situation.near), bank_m=assumptions.value("canal_bank_distance_m")
    )
    best = near[[*QUAY, *ROAD, *BOUNDS, *carry]].rename(columns={**QUAY, **_carried(carry, lands)})
    return front.drop(columns=[name for name in best.columns if name in front.columns]).join(best)


def _carried(carry: tuple[str, ...], lands: "gpd.GeoDataFrame") -> dict[str, str]:
    """A column of the places that the sites have too is told apart."""
    return {name: f"{name}_lieu" if name in lands.columns else name for name in carry}


def _compared(
    before: "gpd.GeoDataFrame", after: "gpd.GeoDataFrame", names: "pd.Series"
) -> "gpd.GeoDataFrame":
    import geopandas as gpd

    from artois_geo import whatif

    sides = [table.rename_axis("site").reset_index() for table in (before, after)]
    words = ["waterway_name", "berth_class", "frontage_reason", "ring", "ring_reason", *QUAY.values()]
    figures = ["waterway_m", "frontage_m", "air_draft_m", *ROAD]
    table = whatif.difference(*sides, on=["site"], columns=figures, words=words)
    shapes = before.geometry.reindex(table["site"]).to_numpy()
    table["site"] = names.reindex(table["site"]).to_numpy()
    return gpd.GeoDataFrame(table, geometry=shapes, crs=before.crs)


def _draw(
    table: "gpd.GeoDataFrame",
    situation: Situation,
    path: Path,
    subtitle: str,
    sources: "list[Layer | Path]",
) -> None:
    from artois_geo import canal

    places = situation.places.rename(columns={"nom": "objet_nom", "famille": "objet_type"})
    frames = {
        "Sites": (table.assign(nom=canal.names(table)), "site_desservi"),
        "Lieux desservis": (places, "logistique"),
        "Voies d'eau": (canal_inputs.whole(situation.voies), "voie_eau"),
    }
    drawn.write(frames, path, title="Desserte par l'eau", subtitle=subtitle, sources=sources)
