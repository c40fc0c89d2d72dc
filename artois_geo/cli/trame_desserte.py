"""``artois-geo trame``: who is served by parks and greenways, and how patches hold together."""

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from artois_geo.cli import french, options, show, trame_inputs, waiting
from artois_geo.cli.trame_inputs import french_number
from artois_geo.studies import Assumptions

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from artois_geo.layers import Layer

PEOPLE = re.compile(r"pop|hab|(^|_)ind(_|$)", re.IGNORECASE)  # a column that counts inhabitants
MEASURE = re.compile(r"(^|_)(ha|m2|km|m|t|surf|surface)(_|$)")  # one that measures, and counts nobody
FIGURES = ("served", "total")
HEADS = "hab."  # the unit of kinds for those who are counted whole


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
@click.option(
    "--ajout-rues", type=options.layer_file, help="Tronçons à ajouter aux rues : base, avec, différence."
)
@trame_inputs.levels
@options.assumption_day
@options.waiting
@options.output
def desserte(
    lieux: "Layer | Path",
    population: "Layer | Path",
    counts: tuple[str, ...],
    distances: tuple[float, ...],
    rues: "Layer | Path | None",
    ajout: "Layer | Path | None",
    ajout_rues: "Layer | Path | None",
    niveau: str | None,
    day: date,
    step: waiting.Step,
    output: dict[str, Any],
) -> None:
    """Habitants, emplois ou hectares à distance de marche de LIEUX (parcs, voies vertes, stations)."""
    from artois_geo import corridors, layers, whatif

    assumptions = Assumptions(day)
    metres = distances or tuple(assumptions.value("green_access_m").values())
    step("Lecture")
    people, measures = layers.read(population), _measures(counts, population)
    places, streets = layers.read(lieux), layers.read(rues) if rues is not None else None
    if ajout_rues is not None and streets is None:
        raise click.UsageError("--ajout-rues complète des rues : donner aussi --rues.")

    def measured(some: "gpd.GeoDataFrame", lines: "gpd.GeoDataFrame | None") -> "pd.DataFrame":
        asked: dict[str, Any] = {"distances_m": metres}
        if lines is not None:
            street = assumptions.value("green_street_band_m")
            graph = trame_inputs.graph(lines, assumptions.value("corridor_snap_m"), niveau, "separes")
            asked |= {"streets": graph, "entrance_m": street["entree"], "band_m": street["bande"]}
        step("Desserte")
        reach = corridors.zones(some, **asked)
        return _whole(corridors.served(people, reach, counts=counts), measures)

    table = measured(places, streets)
    if ajout is not None or ajout_rues is not None:
        more = None if streets is None else trame_inputs.with_added(streets, ajout_rues)
        table = whatif.difference(
            table,
            measured(trame_inputs.with_added(places, ajout), more),
            on=["distance_m", "method", "count"],
            columns=["served", "served_share"],
        )
    notes = [] if rues is not None else ["À vol d'oiseau faute de rues : la distance à pied est plus longue."]
    notes += _shared(people, population, counts)
    show.table(
        table,
        sources=trame_inputs.given(lieux, population, rues, ajout, ajout_rues),
        constants=assumptions.used,
        notes=[*notes, *show.warnings(places), *show.warnings(people)],
        title="Desserte",
        **output,
    )


def _shared(people: "gpd.GeoDataFrame", population: "Layer | Path", counts: tuple[str, ...]) -> list[str]:
    """How the count of a polygon was cut where only a part of it is served."""
    if not (people.geometry.area > 0).any():
        return []
    towns = getattr(population, "kind", "").startswith("commune") or "comm_insee" in people
    where = "la commune" if towns else "chaque polygone de la couche"
    if any(PEOPLE.search(name) for name in counts):
        return [f"Population supposée répartie également dans {where} : comptée au prorata de la surface."]
    return [f"{', '.join(counts)} : supposé réparti également dans {where}, compté au prorata de la surface."]


def _measures(counts: tuple[str, ...], population: "Layer | Path") -> set[str]:
    """The counts that measure, as hectares do; the others count people or jobs, which are whole."""
    from artois_geo import layers

    kind = getattr(population, "kind", "")
    units = (
        {field.name: field.unit for field in layers.read_kind(kind).fields} if kind in layers.kinds() else {}
    )
    return {name for name in counts if MEASURE.search(name) or units.get(name) not in {None, "", HEADS}}


def _whole(table: "pd.DataFrame", measures: set[str]) -> "pd.DataFrame":
    """The same table with whole people, in numbers that keep no decimal beside hectares that have some."""
    measured = table["count"].isin(measures)
    return table.assign(
        **{
            name: table[name].round().astype("Int64").astype(object).where(~measured, table[name])
            for name in FIGURES
        }
    )


@click.command(cls=french.Command)
@click.argument("taches", type=options.layer_file)
@click.option("--ecart-max", type=float, help="Plus longue liaison entre deux taches, en m.")
@click.option("--d50", type=float, help="Distance que franchit la moitié des déplacements de l'espèce, en m.")
@click.option("--obstacles", type=options.layer_file, help="Lignes ou polygones que rien ne franchit.")
@trame_inputs.increment
@options.assumption_day
@options.waiting
@options.output
def taches(
    taches: "Layer | Path",
    ecart_max: float | None,
    d50: float | None,
    obstacles: "Layer | Path | None",
    ajout: "Layer | Path | None",
    day: date,
    step: waiting.Step,
    output: dict[str, Any],
) -> None:
    """Connectivité écologique : surface équivalente connectée, et ce que coûte la perte de chaque tache."""
    import geopandas as gpd
    import pandas as pd

    from artois_geo import corridors, layers, whatif

    assumptions = Assumptions(day)
    max_gap_m, half = (
        assumptions.value("corridor_gap_m", ecart_max),
        assumptions.value("half_distance_m", d50),
    )
    walls = layers.read(obstacles) if obstacles is not None else None

    def measured(some: gpd.GeoDataFrame, said: str) -> tuple[gpd.GeoDataFrame, float, str]:
        step("Liaisons entre taches")
        joined = corridors.links(some, max_gap_m=max_gap_m, obstacles=walls)
        whole = corridors.equivalent_ha(some, joined, half_distance_m=half)
        held = f"{len(some)} taches, {len(joined)} liaisons"
        note = f"Surface équivalente connectée{said} : {french_number(whole)} ha ({held})."
        return corridors.connectivity(some, joined, half_distance_m=half), whole, note

    patches = _polygons(layers.read(taches))
    table, whole, note = measured(patches, "")
    notes, figures = [note], ["component_ha", "component_equivalent_ha", "dpc_share", "dpc_rank"]
    columns = ["component", *figures]
    if ajout is not None:
        before, patches = table, _polygons(trame_inputs.with_added(patches, ajout))
        after, larger, note = measured(patches, " avec l'ajout")
        notes += [note, f"Différence : {french_number(larger - whole)} ha."]
        sides = [side.rename_axis("patch").reset_index() for side in (before, after)]
        compared = whatif.difference(*sides, on=["patch"], columns=figures).set_index("patch")
        columns = list(compared.columns)
        table = gpd.GeoDataFrame(patches.join(compared))
    names = [name for name in patches.columns if name == "nom" or str(name).endswith("_nom")][:1]
    ordered = table.sort_values("dpc_rank" if ajout is None else "dpc_rank_with")
    show.table(
        pd.DataFrame(ordered[[*names, *columns]]) if output["format"] == "tableau" else ordered,
        sources=trame_inputs.given(taches, obstacles, ajout),
        constants=assumptions.used,
        surface="lambert93",
        notes=[*notes, *show.warnings(patches)],
        title="Connectivité des taches",
        **output,
    )


def _polygons(frame: "gpd.GeoDataFrame") -> "gpd.GeoDataFrame":
    return frame[frame.geometry.notna() & (frame.geometry.area > 0)]
