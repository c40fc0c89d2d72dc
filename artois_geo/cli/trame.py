"""``artois-geo trame``: greenways and green corridors, what holds, what is missing, who is served."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from artois_geo.cli import assumed, drawn, french, options, show

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from artois_geo.layers import Layer
    from artois_geo.network import Network

STRAIGHT = "Un lien est un trait droit entre deux morceaux : le tracé reste à étudier sur le terrain."
NOT_A_WAY = "Un cavalier n'est pas toujours une voie verte : la couche ne dit pas s'il se parcourt."
FINDINGS = {
    "feature": "Objet",
    "field": "Champ",
    "rule": "Règle",
    "level": "Niveau",
    "found": "Trouvé",
    "message": "Constat",
}

snapping = click.option("--accrochage", type=float, help="Bouts confondus en deçà de cette distance, en m.")
levels = click.option(
    "--niveau",
    metavar="COLONNE",
    help="Colonne qui distingue un pont du sol : deux niveaux ne se touchent pas.",
)
crossing = click.option(
    "--croisements",
    type=click.Choice(["separes", "joints"]),
    default="separes",
    show_default=True,
    help="Deux lignes qui se croisent sans sommet commun : laissées à part, ou jointes en carrefour.",
)
increment = click.option(
    "--ajout",
    type=options.layer_file,
    help="Couche d'objets à ajouter (tronçon, station) : le tableau montre base, avec, et différence.",
)


@click.group(cls=french.Group)
def trame() -> None:
    """Voies vertes et corridors : linéaire, maillage, manques, desserte."""


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
@increment
@snapping
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
    table = _measured(ways, ajout, measured, on=by, columns=["network_km", "drawn_km"])
    show.table(
        table,
        sources=_given(couche, territoires, ajout),
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
@increment
@levels
@crossing
@snapping
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
    graph = _graph(ways, snap_m, niveau, croisements)
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
        table = _measured(
            ways,
            ajout,
            lambda some: corridors.mesh(_graph(some, snap_m, niveau, croisements)),
            on=[],
            columns=figures,
        )
    show.table(
        table,
        sources=_given(couche, ajout),
        constants=taken.used,
        notes=[_found(graph), *show.warnings(ways)],
        title="Maillage",
        **output,
    )


@trame.command()
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
@levels
@crossing
@snapping
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
    graph = _graph(ways, snap_m, niveau, croisements)
    notes = [STRAIGHT, *show.warnings(ways)]
    if shortcut:
        most = taken.value("corridor_detour")["plafond_haut"]
        table = corridors.shortcuts(graph, max_gap_m=max_gap_m, min_detour=most).head(nombre)
    else:
        table = corridors.gaps(graph, max_gap_m=max_gap_m, count=nombre)
    if cavaliers is not None:
        railways = _graph(layers.read(cavaliers), snap_m, None, "joints")
        table = corridors.closing(
            table,
            railways,
            reach_m=taken.value("cavalier_reach_m"),
            max_detour=taken.value("corridor_detour")["plafond_haut"],
        )
        notes.append(NOT_A_WAY)
    if carte is not None:
        _draw_links(ways, graph, table, carte, _given(couche, cavaliers))
    show.table(
        _flat(table, output),
        sources=_given(couche, cavaliers),
        constants=taken.used,
        notes=notes,
        title="Liens manquants",
        **output,
    )


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
    "distances",
    multiple=True,
    type=float,
    help="En m ; à répéter. Par défaut 5, 10 et 15 min à pied.",
)
@click.option(
    "--rues", type=options.layer_file, help="Lignes de rues ou de chemins ; sans elles, à vol d'oiseau."
)
@increment
@levels
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
        graph = _graph(layers.read(rues), taken.value("corridor_snap_m"), niveau, "separes")
        asked |= {"streets": graph, "entrance_m": street["entree"], "band_m": street["bande"]}
    places = layers.read(lieux)
    table = _measured(
        places,
        ajout,
        lambda some: corridors.served(people, corridors.zones(some, **asked), counts=counts),
        on=["distance_m", "method", "count"],
        columns=["served", "served_share"],
    )
    notes = [] if rues is not None else ["À vol d'oiseau faute de rues : la distance à pied est plus longue."]
    show.table(
        table,
        sources=_given(lieux, population, rues, ajout),
        constants=taken.used,
        notes=[*notes, *show.warnings(places), *show.warnings(people)],
        title="Desserte",
        **output,
    )


@trame.command()
@click.argument("taches", type=options.layer_file)
@click.option("--ecart-max", type=float, help="Plus longue liaison entre deux taches, en m.")
@click.option("--d50", type=float, help="Distance que franchit la moitié des déplacements de l'espèce, en m.")
@click.option("--obstacles", type=options.layer_file, help="Lignes ou polygones que rien ne franchit.")
@increment
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
        f"Surface équivalente connectée : {_fr(whole)} ha ({len(patches)} taches, {len(joined)} liaisons)."
    ]
    if ajout is not None:
        old = patches[~patches["is_increment"]]
        before = corridors.equivalent_ha(
            old, corridors.links(old, max_gap_m=max_gap_m, obstacles=walls), half_distance_m=half
        )
        notes.append(f"Sans l'ajout : {_fr(before)} ha ; différence : {_fr(whole - before)} ha.")
    figures = ["component", "component_ha", "component_equivalent_ha", "dpc_share", "dpc_rank"]
    names = [name for name in patches.columns if name == "nom" or str(name).endswith("_nom")][:1]
    shown = table if output["format"] != "tableau" else pd.DataFrame(table[[*names, *figures]])
    show.table(
        shown.sort_values("dpc_rank"),
        sources=_given(taches, obstacles, ajout),
        constants=taken.used,
        surface="lambert93",
        notes=[*notes, *show.warnings(patches)],
        title="Connectivité des taches",
        **output,
    )


@trame.command()
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
        site=_named(lands).reindex(found["site"]).to_numpy(),
        corridor=_named(ways).reindex(found["corridor"]).to_numpy(),
    )
    show.table(
        _flat(found, output),
        sources=[sites, corridors_],
        constants=taken.used,
        surface="lambert93",
        notes=[*show.warnings(lands), *show.warnings(ways)],
        title="Conflits entre sites et corridors",
        **output,
    )


def _graph(ways: "gpd.GeoDataFrame", snap_m: float, level: str | None, crossings: str) -> "Network":
    from artois_geo import network

    apart = "joined" if crossings == "joints" else "apart"
    return network.build(ways, snap_m=snap_m, level=level, crossings=apart)  # type: ignore[arg-type]


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
    names = _named(ways).reindex(graph.edges["line"]).to_numpy()
    lines = gpd.GeoDataFrame(
        {"nom": names, "component": number.map(order.index) + 1, "length_km": graph.edges["length_m"] / 1000},
        geometry=graph.edges.geometry,
    )
    named = links.copy()
    if "rank" in named.columns:
        a, b = (_named(ways).reindex(named[side]).to_numpy() for side in ("line_a", "line_b"))
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


def _measured(
    base: "gpd.GeoDataFrame", ajout: "Layer | Path | None", measure: Any, *, on: list[str], columns: list[str]
) -> "pd.DataFrame":
    """The table of the base, or base, with and difference where something is added."""
    before = measure(base)
    if ajout is None:
        return before
    from artois_geo import layers, whatif

    after = measure(whatif.added(base, layers.read(ajout)))
    return whatif.difference(before, after, on=on, columns=columns)


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


def _unnamed(table: "pd.DataFrame", key: str | None) -> str:
    outside = table[key].isna()
    km = next(name for name in table.columns if str(name).startswith("network_km"))
    return f"Hors de tout territoire : {_fr(float(table.loc[outside, km].sum()))} km (territoire vide)."


def _polygons(frame: "gpd.GeoDataFrame") -> "gpd.GeoDataFrame":
    return frame[frame.geometry.notna() & (frame.geometry.area > 0)]


def _named(frame: "gpd.GeoDataFrame") -> "pd.Series":
    for column in frame.columns:
        if column == "nom" or str(column).endswith("_nom"):
            return frame[column].fillna("sans nom")
    return frame.index.to_series().astype(str)


def _flat(table: "gpd.GeoDataFrame", output: dict[str, Any]) -> "pd.DataFrame":
    """A text table has no place for a geometry; GeoJSON needs it."""
    return table if output["format"] == "geojson" else table.drop(columns=table.geometry.name)


def _given(*layers: "Layer | Path | None") -> "list[Layer | Path]":
    return [layer for layer in layers if layer is not None]


def _fr(value: float) -> str:
    from artois_geo import tables

    return tables.number(value, 1)
