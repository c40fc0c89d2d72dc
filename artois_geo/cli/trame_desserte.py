"""``artois-geo trame``: who is served by parks and greenways, and how patches hold together."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from artois_geo.cli import assumed, french, options, show, trame_inputs

if TYPE_CHECKING:
    import geopandas as gpd

    from artois_geo.layers import Layer


@click.command(cls=french.Command)
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
    "distances",
    multiple=True,
    type=float,
    help="En m ; à répéter. Par défaut 5, 10 et 15 min à pied.",
)
@click.option(
    "--rues", type=options.layer_file, help="Lignes de rues ou de chemins ; sans elles, à vol d'oiseau."
)
@trame_inputs.increment
@trame_inputs.levels
@assumed.on
@options.output
def desserte(
    lieux: "Layer | Path",
    population: "Layer | Path",
    counts: tuple[str, ...],
    distances: tuple[float, ...],
    rues: "Layer | Path | None",
    ajout: "Layer | Path | None",
    niveau: str | None,
    day: date,
    output: dict[str, Any],
) -> None:
    """Habitants, emplois ou hectares à distance de marche de LIEUX (parcs, voies vertes, stations)."""
    from artois_geo import corridors, layers

    taken = assumed.Assumed(day)
    metres = distances or tuple(taken.value("green_access_m").values())
    people = layers.read(population)
    asked: dict[str, Any] = {"distances_m": metres}
    if rues is not None:
        street = taken.value("green_street_band_m")
        graph = trame_inputs.graph(layers.read(rues), taken.value("corridor_snap_m"), niveau, "separes")
        asked |= {"streets": graph, "entrance_m": street["entree"], "band_m": street["bande"]}
    places = layers.read(lieux)
    table = trame_inputs.compared(
        places,
        ajout,
        lambda some: corridors.served(people, corridors.zones(some, **asked), counts=counts),
        on=["distance_m", "method", "count"],
        columns=["served", "served_share"],
    )
    notes = [] if rues is not None else ["À vol d'oiseau faute de rues : la distance à pied est plus longue."]
    show.table(
        table,
        sources=trame_inputs.given(lieux, population, rues, ajout),
        constants=taken.used,
        notes=[*notes, *show.warnings(places), *show.warnings(people)],
        title="Desserte",
        **output,
    )


@click.command(cls=french.Command)
@click.argument("taches", type=options.layer_file)
@click.option("--ecart-max", type=float, help="Plus longue liaison entre deux taches, en m.")
@click.option("--d50", type=float, help="Distance que franchit la moitié des déplacements de l'espèce, en m.")
@click.option("--obstacles", type=options.layer_file, help="Lignes ou polygones que rien ne franchit.")
@trame_inputs.increment
@assumed.on
@options.output
def taches(
    taches: "Layer | Path",
    ecart_max: float | None,
    d50: float | None,
    obstacles: "Layer | Path | None",
    ajout: "Layer | Path | None",
    day: date,
    output: dict[str, Any],
) -> None:
    """Connectivité écologique : surface équivalente connectée, et ce que coûte la perte de chaque tache."""
    import pandas as pd

    from artois_geo import corridors, layers, whatif

    taken = assumed.Assumed(day)
    max_gap_m, half = taken.value("corridor_gap_m", ecart_max), taken.value("half_distance_m", d50)
    walls = layers.read(obstacles) if obstacles is not None else None
    patches = _polygons(layers.read(taches))
    if ajout is not None:
        patches = whatif.added(patches, _polygons(layers.read(ajout)))
    joined = corridors.links(patches, max_gap_m=max_gap_m, obstacles=walls)
    table = corridors.connectivity(patches, joined, half_distance_m=half)
    whole = corridors.equivalent_ha(patches, joined, half_distance_m=half)
    notes = [
        f"Surface équivalente connectée : {trame_inputs.french_number(whole)} ha ({len(patches)} taches, {len(joined)} liaisons)."
    ]
    if ajout is not None:
        old = patches[~patches["is_increment"]]
        before = corridors.equivalent_ha(
            old, corridors.links(old, max_gap_m=max_gap_m, obstacles=walls), half_distance_m=half
        )
        notes.append(
            f"Sans l'ajout : {trame_inputs.french_number(before)} ha ; différence : {trame_inputs.french_number(whole - before)} ha."
        )
    figures = ["component", "component_ha", "component_equivalent_ha", "dpc_share", "dpc_rank"]
    names = [name for name in patches.columns if name == "nom" or str(name).endswith("_nom")][:1]
    shown = table if output["format"] != "tableau" else pd.DataFrame(table[[*names, *figures]])
    show.table(
        shown.sort_values("dpc_rank"),
        sources=trame_inputs.given(taches, obstacles, ajout),
        constants=taken.used,
        surface="lambert93",
        notes=[*notes, *show.warnings(patches)],
        title="Connectivité des taches",
        **output,
    )


def _polygons(frame: "gpd.GeoDataFrame") -> "gpd.GeoDataFrame":
    return frame[frame.geometry.notna() & (frame.geometry.area > 0)]
