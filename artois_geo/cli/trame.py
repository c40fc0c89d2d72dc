"""``artois-geo trame``: greenways and green corridors, what holds, what is missing, who is served."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from artois_geo import meaning
from artois_geo.cli import french, options, show, trame_inputs, waiting
from artois_geo.cli.trame_desserte import desserte, taches
from artois_geo.cli.trame_inputs import french_number
from artois_geo.cli.trame_liens import conflits, manques
from artois_geo.studies import Assumptions

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
    "findings": "Constats",
}

STATE, LENGTH, COUNTED = "corridor_etat", "longueur_km", "compte_dans_total"
FACILITIES = {"ame_d", "ame_g"}  # columns of a cycling layer

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
@click.option(
    "--etat",
    metavar="COLONNE",
    help="Colonne de l'état ; sans elle, corridor_etat ou les statuts cyclables, sinon « inconnu ».",
)
@click.option(
    "--longueur",
    metavar="COLONNE",
    help="Longueur publiée (km) des voies qui ne se mesurent pas ; sans elle, longueur_km si elle existe.",
)
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
@click.option(
    "--graphique",
    type=options.OutputFile("svg"),
    metavar="FICHIER.svg",
    help="Dessine aussi les kilomètres par territoire et par état.",
)
@trame_inputs.snapping
@options.assumption_day
@options.waiting
@options.output
def bilan(
    couche: "Layer | Path",
    etat: str | None,
    longueur: str | None,
    amenagement: tuple[str, ...],
    territoires: "Layer | Path | None",
    key: str | None,
    ajout: "Layer | Path | None",
    graphique: Path | None,
    accrochage: float | None,
    day: date,
    step: waiting.Step,
    output: dict[str, Any],
) -> None:
    """Kilomètres par état, et par territoire si une couche de polygones est donnée.

    Une voie dessinée deux fois, ou portée à droite et à gauche d'une couche cyclable, compte une fois.
    Un tracé schématique ne se mesure pas : sa longueur publiée est comptée à part.
    """
    from artois_geo import corridors, layers

    assumptions = Assumptions(day)
    zones = layers.read(territoires) if territoires is not None else None
    snap_m = assumptions.value("corridor_snap_m", accrochage)

    step("Linéaires")
    ways = layers.read(couche)
    published = longueur or _published(ways)
    state = etat or _state_column(ways)

    def measured(ways: "gpd.GeoDataFrame") -> "pd.DataFrame":
        ways = _with_state(_counted_lines(ways), state, amenagement)
        return corridors.balance(ways, zones, state=state, key=key, snap_m=snap_m, published_km=published)

    by = [*([key] if key else []), state]
    table = trame_inputs.compared(
        ways,
        ajout,
        measured,
        on=by,
        columns=["network_km", "drawn_km", *(["published_km", "unmeasured_lines"] if published else [])],
        summed=published is None,
    )
    notes = [_unnamed(table, key)] if key else []
    notes += [*_state_notes(ways, state), *_line_notes(ways, published), *show.warnings(ways)]
    if graphique is not None:
        show.save(_chart(table, key, state).encode(), graphique)
    show.table(
        table,
        sources=trame_inputs.given(couche, territoires, ajout),
        constants=assumptions.used,
        notes=notes,
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
@options.assumption_day
@options.waiting
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
    step: waiting.Step,
    output: dict[str, Any],
) -> None:
    """Morceaux du réseau, part du plus grand, probabilité d'être reliés, boucles et impasses.

    Avec --ajout, les morceaux se comparent rang par rang et les constats se comptent par règle.
    """
    from artois_geo import corridors, layers

    assumptions = Assumptions(day)
    snap_m = assumptions.value("corridor_snap_m", accrochage)
    step("Maillage")
    ways = layers.read(couche)
    graph = trame_inputs.graph(ways, snap_m, niveau, croisements)
    if constats:
        table = (
            graph.findings
            if ajout is None
            else trame_inputs.compared(
                ways,
                ajout,
                lambda some: _counted(trame_inputs.graph(some, snap_m, niveau, croisements)),
                on=["rule"],
                columns=["findings"],
                summed=True,
            )
        )
        show.table(
            table,
            sources=trame_inputs.given(couche, ajout),
            constants=assumptions.used,
            title="Constats",
            labels=trame_inputs.sides(FINDINGS),
            **output,
        )
        return
    if composantes:
        table = trame_inputs.compared(
            ways,
            ajout,
            lambda some: _ranked(trame_inputs.graph(some, snap_m, niveau, croisements)),
            on=["rank"],
            columns=["component_km", "component_share", "dead_ends"],
        )
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
        constants=assumptions.used,
        notes=[_found(graph), *show.warnings(ways)],
        title="Maillage",
        **output,
    )


def _chart(table: "pd.DataFrame", key: str | None, state: str) -> str:
    """Kilometres of each territory, one bar a state; the bars of base and increment stand together."""
    import pandas as pd

    from artois_geo import charts

    sides = {"network_km": "", "network_km_base": "base", "network_km_with": "avec l'ajout"}
    states = table[state].astype(str)
    places = table[key].astype("string").fillna("hors territoire").astype(str) if key else states
    pieces = []
    for column, side in sides.items():
        if column in table.columns:
            inks = states + (f", {side}" if side else "") if key else side
            pieces.append(pd.DataFrame({"place": places, "km": table[column], "ink": inks}))
    drawn = pd.concat(pieces).sort_values(["place", "ink"], kind="stable")
    return charts.bars(
        drawn,
        label="place",
        value="km",
        title="Linéaire par territoire et par état" if key else "Linéaire par état",
        unit="km",
        group="ink" if key or len(pieces) > 1 else None,
    )


def _ranked(graph: "Network") -> "pd.DataFrame":
    """Components, the longest first, under their place."""
    from artois_geo import corridors

    table = corridors.by_component(graph)
    return table.assign(rank=range(1, len(table) + 1))


def _counted(graph: "Network") -> "pd.DataFrame":
    """How many findings each rule has."""
    rules = graph.findings["rule"].astype(str)
    return rules.value_counts().rename_axis("rule").rename("findings").reset_index()


def _state_column(ways: "gpd.GeoDataFrame") -> str:
    """Column of the state when none is named: that of the standard, or the one that we work out."""
    return STATE if STATE in ways.columns else "state"


def _with_state(ways: "gpd.GeoDataFrame", column: str, facilities: tuple[str, ...]) -> "gpd.GeoDataFrame":
    """Lines with their state: as their layer says it, worked out of a cycling layer, or unknown."""
    from artois_geo import corridors

    if column != "state" or column in ways.columns:
        return ways
    if not FACILITIES & set(ways.columns):
        return ways.assign(state=None)
    state = corridors.cycle_state(ways, facilities=facilities)
    return ways.assign(state=state)[state.notna()]


def _state_notes(ways: "gpd.GeoDataFrame", column: str) -> list[str]:
    if column in ways.columns or FACILITIES & set(ways.columns):
        return []
    return ["La couche ne dit pas l'état de ses voies : état « inconnu » (--etat COLONNE en nomme une)."]


def _published(ways: "gpd.GeoDataFrame") -> str | None:
    """Column of published lengths, where lines that cannot be measured need one."""
    apart = ways.geometry.isna() | meaning.schematic(ways)
    return LENGTH if LENGTH in ways.columns and apart.any() else None


def _counted_lines(ways: "gpd.GeoDataFrame") -> "gpd.GeoDataFrame":
    """Lines that their layer does not set aside from totals."""
    return ways[ways[COUNTED].map(meaning.is_true)] if COUNTED in ways.columns else ways


def _line_notes(ways: "gpd.GeoDataFrame", published: str | None) -> list[str]:
    """What was set aside, and what could not be measured."""
    aside = len(ways) - len(_counted_lines(ways))
    total = f"Voies hors total d'après leur couche (colonne {COUNTED}) : {aside} sur {len(ways)}."
    notes = [total] if aside else []
    if published:
        notes.append("Un tracé schématique ou absent ne se mesure pas : sa longueur publiée est à part.")
    return notes


def _found(graph: "Network") -> str:
    counts = graph.findings["rule"].value_counts()
    said = ", ".join(f"{FOUND.get(str(rule), rule)} : {count}" for rule, count in counts.items())
    return f"Nettoyage : {said or 'rien à signaler'} (détail avec --constats)."


def _unnamed(table: "pd.DataFrame", key: str | None) -> str:
    outside = table[key].isna()
    km = next(name for name in table.columns if str(name).startswith("network_km"))
    said = french_number(float(table.loc[outside, km].sum()))
    return f"Hors de tout territoire : {said} km (territoire vide)."
