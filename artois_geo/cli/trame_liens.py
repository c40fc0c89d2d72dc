"""``artois-geo trame``: links that are missing, sites in the way of a corridor."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from artois_geo.cli import assumed, drawn, french, options, show, trame_inputs

if TYPE_CHECKING:
    import geopandas as gpd

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
@click.option(
    "--cavaliers", type=options.layer_file, help="Anciennes voies ferrées qui pourraient fermer un écart."
)
@click.option(
    "--detours",
    "shortcut",
    is_flag=True,
    help="Plutôt les impasses proches à vol d'oiseau et loin par la voie.",
)
@drawn.option
@trame_inputs.levels
@trame_inputs.crossing
@trame_inputs.snapping
@assumed.on
@options.output
def manques(
    couche: "Layer | Path",
    nombre: int,
    ecart_max: float | None,
    cavaliers: "Layer | Path | None",
    shortcut: bool,
    carte: Path | None,
    niveau: str | None,
    croisements: str,
    accrochage: float | None,
    day: date,
    output: dict[str, Any],
) -> None:
    """Liens manquants, du meilleur gain par kilomètre au moins bon.

    Chaque lien est choisi une fois les précédents faits. Un croisement sans carrefour vient d'abord :
    il est à vérifier, pas à construire.
    """
    from artois_geo import corridors, layers

    taken = assumed.Assumed(day)
    snap_m = taken.value("corridor_snap_m", accrochage)
    max_gap_m = taken.value("corridor_gap_m", ecart_max)
    ways = layers.read(couche)
    graph = trame_inputs.graph(ways, snap_m, niveau, croisements)
    notes = [STRAIGHT, *show.warnings(ways)]
    if shortcut:
        most = taken.value("corridor_detour")["plafond_haut"]
        table = corridors.shortcuts(graph, max_gap_m=max_gap_m, min_detour=most).head(nombre)
    else:
        table = corridors.gaps(graph, max_gap_m=max_gap_m, count=nombre)
    if cavaliers is not None:
        railways = trame_inputs.graph(layers.read(cavaliers), snap_m, None, "joints")
        table = corridors.closing(
            table,
            railways,
            reach_m=taken.value("cavalier_reach_m"),
            max_detour=taken.value("corridor_detour")["plafond_haut"],
        )
        notes.append(NOT_A_WAY)
    if carte is not None:
        _draw_links(ways, graph, table, carte, trame_inputs.given(couche, cavaliers))
    show.table(
        trame_inputs.flat(table, output),
        sources=trame_inputs.given(couche, cavaliers),
        constants=taken.used,
        notes=notes,
        title="Liens manquants",
        **output,
    )


@click.command(cls=french.Command)
@click.argument("sites", type=options.layer_file)
@click.argument("corridors_", metavar="CORRIDORS", type=options.layer_file)
@click.option("--bande", type=float, help="Bande de part et d'autre du corridor, en m.")
@assumed.on
@options.output
def conflits(
    sites: "Layer | Path", corridors_: "Layer | Path", bande: float | None, day: date, output: dict[str, Any]
) -> None:
    """Sites disponibles qui coupent un corridor, ou se trouvent dans sa bande."""
    from artois_geo import corridors, layers

    taken = assumed.Assumed(day)
    lands, ways = layers.read(sites), layers.read(corridors_)
    lands, ways = lands[lands.geometry.notna()], ways[ways.geometry.notna()]
    found = corridors.conflicts(lands, ways, buffer_m=taken.value("corridor_band_m", bande))
    found = found.assign(
        site=trame_inputs.named(lands).reindex(found["site"]).to_numpy(),
        corridor=trame_inputs.named(ways).reindex(found["corridor"]).to_numpy(),
    )
    show.table(
        trame_inputs.flat(found, output),
        sources=[sites, corridors_],
        constants=taken.used,
        surface="lambert93",
        notes=[*show.warnings(lands), *show.warnings(ways)],
        title="Conflits entre sites et corridors",
        **output,
    )


def _draw_links(
    ways: "gpd.GeoDataFrame",
    graph: "Network",
    links: "gpd.GeoDataFrame",
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
    frames = {
        "Liens manquants": (named, "lien_manquant"),
        "Plus grand morceau": (lines[lines["component"] == 1], "reseau_principal"),
        "Autres morceaux": (lines[lines["component"] > 1], "reseau_autre"),
    }
    drawn.write(frames, path, title="Liens manquants", subtitle=STRAIGHT, sources=sources)
