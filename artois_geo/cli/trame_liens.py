"""``artois-geo trame``: links that are missing, sites in the way of a corridor."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from artois_geo.cli import drawn, french, options, show, trame_inputs, waiting
from artois_geo.studies import Assumptions

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from artois_geo.layers import Layer
    from artois_geo.network import Network

STRAIGHT = "Un lien est un trait droit entre deux morceaux : le tracé reste à étudier sur le terrain."
NOT_A_WAY = "Un cavalier n'est pas toujours une voie verte : la couche ne dit pas s'il se parcourt."


@click.command(cls=french.Command)
@click.argument("couche", type=options.layer_file)
@click.option(
    "--nombre", default=10, show_default=True, type=click.IntRange(1), help="Liens proposés au plus."
)
@click.option("--ecart-max", type=float, help="Plus longue discontinuité proposée, en m.")
@click.option("--ecart-min", type=float, help="Plus près, deux voies sont tenues pour reliées, en m.")
@click.option(
    "--a-verifier",
    "to_verify",
    is_flag=True,
    help="Plutôt les croisements sans carrefour et les bouts plus proches que --ecart-min.",
)
@click.option(
    "--cavaliers", type=options.layer_file, help="Anciennes voies ferrées qui pourraient fermer un écart."
)
@click.option(
    "--detours",
    "shortcut",
    is_flag=True,
    help="Plutôt les impasses proches à vol d'oiseau et loin par la voie.",
)
@trame_inputs.increment
@drawn.option
@options.agree(excludes={"--a-verifier": "--detours --cavaliers --ecart-max", "--detours": "--ecart-min"})
@trame_inputs.levels
@trame_inputs.crossing
@trame_inputs.snapping
@options.assumption_day
@options.waiting
@options.output
def manques(
    couche: "Layer | Path",
    nombre: int,
    ecart_max: float | None,
    ecart_min: float | None,
    to_verify: bool,
    cavaliers: "Layer | Path | None",
    shortcut: bool,
    ajout: "Layer | Path | None",
    carte: Path | None,
    niveau: str | None,
    croisements: str,
    accrochage: float | None,
    day: date,
    step: waiting.Step,
    output: dict[str, Any],
) -> None:
    """Liens manquants, du meilleur gain par kilomètre au moins bon.

    Chaque lien est choisi une fois les précédents faits. Des voies qui se croisent, ou plus proches que
    --ecart-min, sont tenues pour reliées : rien à construire, --a-verifier les liste. Avec --ajout, un
    lien vide d'un côté est fait, nouveau, ou classé au-delà de --nombre ; la carte montre l'ajout.
    """
    from artois_geo import corridors, layers, whatif

    assumptions = Assumptions(day)
    snap_m = assumptions.value("corridor_snap_m", accrochage)
    max_gap_m: Any = None if to_verify else assumptions.value("corridor_gap_m", ecart_max)
    min_gap_m: Any = None if shortcut else assumptions.value("corridor_min_gap_m", ecart_min)
    most: Any = (
        assumptions.value("corridor_detour")["plafond_haut"] if shortcut or cavaliers is not None else None
    )
    railways = trame_inputs.graph(layers.read(cavaliers), snap_m, None, "joints") if cavaliers else None
    reach_m: Any = assumptions.value("cavalier_reach_m") if cavaliers is not None else None

    def proposed(some: "gpd.GeoDataFrame") -> "tuple[Network, gpd.GeoDataFrame]":
        graph = trame_inputs.graph(some, snap_m, niveau, croisements)
        if shortcut:
            table = corridors.shortcuts(graph, max_gap_m=max_gap_m, min_detour=most).head(nombre)
        elif to_verify:
            table = corridors.crossings(graph, min_gap_m=min_gap_m).head(nombre)
        else:
            table = corridors.gaps(graph, max_gap_m=max_gap_m, count=nombre, min_gap_m=min_gap_m)
        if railways is not None:
            table = corridors.closing(table, railways, reach_m=reach_m, max_detour=most)
        return graph, table

    step("Croisements à vérifier" if to_verify else "Liens qui manquent")
    base = layers.read(couche)
    ways = trame_inputs.with_added(base, ajout)
    graph, links = proposed(ways)
    joints = None if shortcut else corridors.crossings(graph, min_gap_m=min_gap_m)
    notes = [] if to_verify else [STRAIGHT]
    notes += [] if joints is None else [_joints(len(joints), min_gap_m, to_verify)]
    notes += [*show.warnings(ways), *([NOT_A_WAY] if railways is not None else [])]
    table: pd.DataFrame = links
    if ajout is not None:
        before, after = (_keyed(side, ways) for side in (proposed(base)[1], links))
        figures = ["gap_m", "gain_p"] if to_verify else ["gap_km", "gain_per_km", "rank"]
        figures = ["straight_km", "network_km", "detour"] if shortcut else figures
        figures += ["railway_km"] if railways is not None else []
        table = whatif.difference(
            before,
            after,
            on=["link"] if shortcut else ["line_a", "line_b", "link"],
            columns=figures,
            words=["closes"] if railways is not None else ["link_kind"] if to_verify else [],
        )
        for side in {"line_a", "line_b"} & set(table.columns):
            table[side] = trame_inputs.named(ways).iloc[table[side]].to_numpy()
    if carte is not None:
        shown = links.iloc[:0] if to_verify else links
        _draw_links(ways, graph, shown, joints, carte, trame_inputs.given(couche, cavaliers, ajout))
    show.table(
        trame_inputs.flat(table, output),
        sources=trame_inputs.given(couche, cavaliers, ajout),
        constants=assumptions.used,
        notes=notes,
        title="Croisements à vérifier" if to_verify else "Liens manquants",
        labels={"link": "Lien"},
        **output,
    )


@click.command(cls=french.Command)
@click.argument("sites", type=options.layer_file)
@click.argument("corridors_", metavar="CORRIDORS", type=options.layer_file)
@click.option("--bande", type=float, help="Bande de part et d'autre du corridor, en m.")
@trame_inputs.increment
@click.option("--ajout-sites", type=options.layer_file, help="Sites à ajouter : base, avec, différence.")
@options.assumption_day
@options.waiting
@options.output
def conflits(
    sites: "Layer | Path",
    corridors_: "Layer | Path",
    bande: float | None,
    ajout: "Layer | Path | None",
    ajout_sites: "Layer | Path | None",
    day: date,
    step: waiting.Step,
    output: dict[str, Any],
) -> None:
    """Sites disponibles qui coupent un corridor, ou se trouvent dans sa bande.

    --ajout ajoute des tronçons aux corridors : un conflit sans base est un conflit que le projet crée.
    """
    from artois_geo import corridors, layers, whatif

    assumptions = Assumptions(day)
    buffer_m = assumptions.value("corridor_band_m", bande)
    base = [_drawn(layers.read(layer)) for layer in (sites, corridors_)]
    lands = _drawn(trame_inputs.with_added(base[0], ajout_sites))
    ways = _drawn(trame_inputs.with_added(base[1], ajout))
    step("Croisements")
    found: pd.DataFrame = corridors.conflicts(lands, ways, buffer_m=buffer_m)
    if ajout is not None or ajout_sites is not None:
        found = whatif.difference(
            corridors.conflicts(*base, buffer_m=buffer_m),
            found,
            on=["site", "corridor"],
            columns=["distance_m", "cut_km", "cut_ha", "band_ha"],
            words=["conflict"],
        )
    found = found.assign(
        site=trame_inputs.named(lands).reindex(found["site"]).to_numpy(),
        corridor=trame_inputs.named(ways).reindex(found["corridor"]).to_numpy(),
    )
    show.table(
        trame_inputs.flat(found, output),
        sources=trame_inputs.given(sites, corridors_, ajout, ajout_sites),
        constants=assumptions.used,
        surface="lambert93",
        notes=[*show.warnings(lands), *show.warnings(ways)],
        title="Conflits entre sites et corridors",
        **output,
    )


def _drawn(frame: "gpd.GeoDataFrame") -> "gpd.GeoDataFrame":
    return frame[frame.geometry.notna()]


def _joints(count: int, min_gap_m: float, listed: bool) -> str:
    """Say what is assumptions as joined without being so in the drawing."""
    from artois_geo import tables

    near = f"Croisements sans carrefour, et bouts à moins de {tables.number(min_gap_m, 0)} m"
    if not count:
        return f"{near} : aucun."
    listing = "" if listed else " (liste : --a-verifier)"
    return f"{near} : {count}, tenus pour reliés, à vérifier sur place{listing}."


def _keyed(links: "gpd.GeoDataFrame", ways: "gpd.GeoDataFrame") -> "pd.DataFrame":
    """Links under a key that the base and the increment share: the lines they join, or where they lie."""
    import numpy as np
    import pandas as pd
    import shapely

    table = pd.DataFrame(links.drop(columns=links.geometry.name))
    if "line_a" not in table.columns:
        ends = shapely.normalize(shapely.set_precision(links.geometry.to_numpy(), 1))
        return table.assign(link=shapely.to_wkt(ends, rounding_precision=0))
    one, other = (ways.index.get_indexer(pd.Index(table[side])) for side in ("line_a", "line_b"))
    table["line_a"], table["line_b"] = np.minimum(one, other), np.maximum(one, other)
    return table.assign(link=table.groupby(["line_a", "line_b"]).cumcount() + 1)


def _draw_links(
    ways: "gpd.GeoDataFrame",
    graph: "Network",
    links: "gpd.GeoDataFrame",
    joints: "gpd.GeoDataFrame | None",
    path: Path,
    sources: "list[Layer | Path]",
) -> None:
    """The network by piece, the longest apart, and the links with their figures."""
    import geopandas as gpd

    from artois_geo import corridors, network

    order = corridors.by_component(graph)["component"].tolist()
    number = graph.edges["start"].map(dict(enumerate(network.components(graph))))
    names = trame_inputs.named(ways).reindex(graph.edges["line"]).to_numpy()
    lines = gpd.GeoDataFrame(
        {"nom": names, "component": number.map(order.index) + 1, "length_km": graph.edges["length_m"] / 1000},
        geometry=graph.edges.geometry,
    )
    named = links.copy()
    if "rank" in named.columns:
        a, b = (trame_inputs.named(ways).reindex(named[side]).to_numpy() for side in ("line_a", "line_b"))
        named.insert(
            0,
            "nom",
            [f"{rank:02d}. {one} – {other}" for rank, one, other in zip(named["rank"], a, b, strict=True)],
        )
    apart = links.iloc[:0] if joints is None else joints
    frames = {
        "Liens manquants": (named, "lien_manquant"),
        "Croisements à vérifier": (apart, "croisement_a_verifier"),
        "Plus grand morceau": (lines[lines["component"] == 1], "reseau_principal"),
        "Autres morceaux": (lines[lines["component"] > 1], "reseau_autre"),
    }
    drawn.write(frames, path, title="Liens manquants", subtitle=STRAIGHT, sources=sources)
