"""``artois-geo trame``: greenways and green corridors, what holds, what is missing, who is served."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from artois_geo.cli import assumed, french, options, show, trame_inputs
from artois_geo.cli.trame_desserte import desserte, taches
from artois_geo.cli.trame_liens import conflits, manques

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from artois_geo.layers import Layer
    from artois_geo.network import Network

FINDINGS = {
    "feature": "Objet",
    "field": "Champ",
    "rule": "Règle",
    "level": "Niveau",
    "found": "Trouvé",
    "message": "Constat",
}

FOUND = {
    "geometry_missing": "sans géométrie",
    "not_a_line": "autres que des lignes",
    "zero_length": "de longueur nulle",
    "shorter_than_tolerance": "plus courtes que la tolérance",
    "multipart": "en plusieurs parties",
    "self_crossing": "qui se recoupent",
    "self_loop": "boucles",
    "duplicate": "doublons",
    "crossing_without_junction": "croisements sans carrefour",
}


@click.group(cls=french.Group)
def trame() -> None:
    """Voies vertes et corridors : linéaire, maillage, manques, desserte."""


for command in (manques, desserte, taches, conflits):
    trame.add_command(command)


@trame.command()
@click.argument("couche", type=options.layer_file)
@click.option("--etat", metavar="COLONNE", help="Colonne de l'état ; sans elle, celle des statuts cyclables.")
@click.option(
    "--amenagement",
    multiple=True,
    default=("VOIE VERTE",),
    show_default=True,
    help="Aménagement compté dans une couche cyclable ; à répéter.",
)
@click.option("--territoires", type=options.layer_file, help="Polygones de communes ou d'EPCI.")
@click.option(
    "--par", "key", metavar="COLONNE", help="Colonne qui nomme le territoire, par exemple epci_siren."
)
@trame_inputs.increment
@trame_inputs.snapping
@assumed.on
@options.output
def bilan(
    couche: "Layer | Path",
    etat: str | None,
    amenagement: tuple[str, ...],
    territoires: "Layer | Path | None",
    key: str | None,
    ajout: "Layer | Path | None",
    accrochage: float | None,
    day: date,
    output: dict[str, Any],
) -> None:
    """Kilomètres par état, et par territoire si une couche de polygones est donnée.

    Une voie dessinée deux fois, ou portée à droite et à gauche d'une couche cyclable, compte une fois.
    """
    from artois_geo import corridors, layers

    taken = assumed.Assumed(day)
    zones = layers.read(territoires) if territoires is not None else None
    snap_m = taken.value("corridor_snap_m", accrochage)

    def measured(ways: "gpd.GeoDataFrame") -> "pd.DataFrame":
        ways, column = _with_state(ways, etat, amenagement)
        return corridors.balance(ways, zones, state=column, key=key, snap_m=snap_m)

    ways = layers.read(couche)
    by = ([key] if key else []) + [etat or "state"]
    table = trame_inputs.compared(ways, ajout, measured, on=by, columns=["network_km", "drawn_km"])
    show.table(
        table,
        sources=trame_inputs.given(couche, territoires, ajout),
        constants=taken.used,
        notes=[_unnamed(table, key), *show.warnings(ways)] if key else show.warnings(ways),
        title="Linéaire par état",
        labels={"state": "État"},
        **output,
    )


@trame.command()
@click.argument("couche", type=options.layer_file)
@click.option(
    "--composantes", is_flag=True, help="Un morceau de réseau par ligne, du plus long au plus court."
)
@click.option(
    "--constats", is_flag=True, help="Ce que le nettoyage a trouvé : doublons, croisements, boucles …"
)
@trame_inputs.increment
@trame_inputs.levels
@trame_inputs.crossing
@trame_inputs.snapping
@assumed.on
@options.output
def maillage(
    couche: "Layer | Path",
    composantes: bool,
    constats: bool,
    ajout: "Layer | Path | None",
    niveau: str | None,
    croisements: str,
    accrochage: float | None,
    day: date,
    output: dict[str, Any],
) -> None:
    """Morceaux du réseau, part du plus grand, probabilité d'être reliés, boucles et impasses."""
    from artois_geo import corridors, layers

    taken = assumed.Assumed(day)
    snap_m = taken.value("corridor_snap_m", accrochage)
    ways = layers.read(couche)
    graph = trame_inputs.graph(ways, snap_m, niveau, croisements)
    if constats:
        show.table(
            graph.findings,
            sources=[couche],
            constants=taken.used,
            title="Constats",
            labels=FINDINGS,
            **output,
        )
        return
    if composantes:
        table = corridors.by_component(graph)
    else:
        figures = ["network_km", "components", "largest_share", "p_same", "effective_km", "dead_ends"]
        table = trame_inputs.compared(
            ways,
            ajout,
            lambda some: corridors.mesh(trame_inputs.graph(some, snap_m, niveau, croisements)),
            on=[],
            columns=figures,
        )
    show.table(
        table,
        sources=trame_inputs.given(couche, ajout),
        constants=taken.used,
        notes=[_found(graph), *show.warnings(ways)],
        title="Maillage",
        **output,
    )


def _with_state(
    ways: "gpd.GeoDataFrame", column: str | None, facilities: tuple[str, ...]
) -> "tuple[gpd.GeoDataFrame, str]":
    from artois_geo import corridors

    if column is not None:
        return ways, column
    state = corridors.cycle_state(ways, facilities=facilities)
    return ways.assign(state=state)[state.notna()], "state"


def _found(graph: "Network") -> str:
    counts = graph.findings["rule"].value_counts()
    said = ", ".join(f"{FOUND.get(str(rule), rule)} : {count}" for rule, count in counts.items())
    return f"Nettoyage : {said or 'rien à signaler'} (détail avec --constats)."


def _unnamed(table: "pd.DataFrame", key: str | None) -> str:
    outside = table[key].isna()
    km = next(name for name in table.columns if str(name).startswith("network_km"))
    return f"Hors de tout territoire : {trame_inputs.french_number(float(table.loc[outside, km].sum()))} km (territoire vide)."
