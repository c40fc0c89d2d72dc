"""``artois-geo canal``: what the canal is worth to a site, freight, and the fluvial scheme."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from artois_geo.cli import assumed, drawn, french, options, show

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from artois_geo.layers import Layer

LOADING = ("quai", "port fluvial", "port intérieur", "terminal rail-route-fluvial")
SERVED = (*LOADING, "gare fret", "échangeur autoroutier")
SHIPPED = ("logistique", "canal_seine_nord")
COLUMNS = {
    "nom": "Nom",
    "tonnes": "Tonnage (t)",
    "boat_title": "Bateau",
    "etat": "État",
    "gestionnaire": "Gestionnaire",
}
NO_SECTOR = "Pilier 2 vide : donner les filières avec --filieres (aucune base publiée n'est inventée)."

ways = click.option(
    "--voies",
    multiple=True,
    type=options.layer_file,
    default=SHIPPED,
    show_default=True,
    help="Voies d'eau ; à répéter.",
)
stops = click.option(
    "--lieux",
    multiple=True,
    type=options.layer_file,
    default=SHIPPED,
    show_default=True,
    help="Quais, ports, terminaux, échangeurs, gares ; à répéter.",
)
streets = click.option(
    "--routes", type=options.layer_file, help="Lignes de routes ; sans elles, à vol d'oiseau."
)
speeds = click.option("--vitesse", metavar="COLONNE", help="Colonne des vitesses, en km/h.")
oneways = click.option("--sens", metavar="COLONNE", help="Colonne du sens unique (yes, -1 …).")


@click.group(cls=french.Group)
def canal() -> None:
    """Le canal : berge, quais, fret, qui décide."""


@canal.command()
@click.argument("sites", type=options.layer_file, default="sites_eco")
@ways
@stops
@streets
@speeds
@oneways
@click.option(
    "--proches", is_flag=True, help="Le lieu le plus proche de chaque famille, une ligne par site et famille."
)
@click.option("--tous", is_flag=True, help="Tous les lieux, une ligne par site et lieu.")
@click.option(
    "--ajout", type=options.layer_file, help="Quai, échangeur ou station à ajouter : base, avec, différence."
)
@drawn.option
@assumed.on
@options.output
def desserte(
    sites: "Layer | Path",
    voies: "tuple[Layer | Path, ...]",
    lieux: "tuple[Layer | Path, ...]",
    routes: "Layer | Path | None",
    vitesse: str | None,
    sens: str | None,
    proches: bool,
    tous: bool,
    ajout: "Layer | Path | None",
    carte: Path | None,
    day: date,
    output: dict[str, Any],
) -> None:
    """Pour chaque site : voie d'eau, façade à quai, bateau qui peut accoster, quais à portée.

    SITES est sites_eco par défaut. Les seuils sont des conventions, écrites sous le tableau.
    """
    from artois_geo import canal as room
    from artois_geo import layers, whatif

    taken = assumed.Assumed(day)
    lands = layers.read(sites)
    places = _places(lieux)
    road = _road(routes, vitesse, sens, taken)
    reach = room.access(lands, places, family="famille", carry=["nom"], **road)
    near = room.nearest(reach)
    used = _given(sites, *voies, *lieux, routes, ajout)
    notes = [*_told(lands, places, routes, taken), *show.warnings(lands)]
    if ajout is not None:
        more = whatif.added(places, _places((ajout,)))
        after = room.nearest(room.access(lands, more, family="famille", carry=["nom"], **road))
        table = whatif.difference(
            near, after, on=["site", "family"], columns=["straight_km", "road_km", "road_min"]
        )
        table = table.assign(site=_names(lands).reindex(table["site"]).to_numpy())
        show.table(
            table,
            sources=used,
            constants=taken.used,
            notes=notes,
            title="Desserte : base, avec, différence",
            **output,
        )
        return
    if tous or proches:
        table = reach if tous else near
        named = table.assign(site=_names(lands).reindex(table["site"]).to_numpy(), place=table["nom"]).drop(
            columns="nom"
        )
        show.table(
            named,
            sources=used,
            constants=taken.used,
            notes=notes,
            title="Lieux desservis",
            labels=COLUMNS,
            **output,
        )
        return
    front = _front(lands, voies, reach, taken)
    loading = (
        near[near["family"].isin(LOADING)].sort_values(["road_min", "straight_km"]).drop_duplicates("site")
    )
    best = loading.set_index("site")[["nom", "straight_km", "road_km", "road_min"]].rename(
        columns={"nom": "place"}
    )
    joined = front.join(best)
    figures = [
        "waterway_name",
        "waterway_m",
        "waterway_cemt",
        "frontage_m",
        "frontage_class",
        "berth_class",
        "ring",
        "waterway_schematic",
        *best,
    ]
    if carte is not None:
        frames = {
            "Sites": (joined.assign(nom=_names(lands)), "site_desservi"),
            "Lieux desservis": (
                places.rename(columns={"nom": "objet_nom", "famille": "objet_type"}),
                "logistique",
            ),
            "Voies d'eau": (_whole(voies), "voie_eau"),
        }
        drawn.write(
            frames, carte, title="Desserte par l'eau", subtitle=" ".join(show.warnings(lands)), sources=used
        )
    if output["format"] == "tableau":
        joined = joined.assign(nom=_names(lands))[["nom", *figures]]
    show.table(
        joined,
        sources=used,
        constants=taken.used,
        notes=notes,
        kind=getattr(sites, "kind", ""),
        title="Desserte par l'eau",
        labels=COLUMNS,
        **output,
    )


@canal.command()
@click.option(
    "--flux",
    type=click.Path(path_type=Path),
    metavar="FICHIER",
    help="CSV : tonnes, road_km, water_km, haul_km, handlings, boat.",
)
@click.option(
    "--filieres",
    type=click.Path(path_type=Path),
    metavar="FICHIER",
    help="CSV des filières : sector, base, base_unit, ratio_t, river_share, hinterland_share, "
    "competitive_share.",
)
@click.option(
    "--bases-melangees", is_flag=True, help="Accepte des filières comptées sur des unités différentes."
)
@click.option("--entonnoir", is_flag=True, help="L'entonnoir publié des conteneurs.")
@click.option("--tonnes", type=click.FloatRange(0), help="Tonnage d'un flux donné en ligne.")
@click.option("--route-km", type=click.FloatRange(0), help="Trajet par la route seule.")
@click.option("--eau-km", type=click.FloatRange(0), help="Trajet par l'eau.")
@click.option(
    "--acheminement-km",
    type=click.FloatRange(0),
    default=0.0,
    show_default=True,
    help="Pré et post-acheminement.",
)
@click.option(
    "--manutentions", type=click.IntRange(0), default=2, show_default=True, help="Nombre de transbordements."
)
@click.option(
    "--bateau", default="convoi", show_default=True, help="Bateau (voir « constantes », freight_factors)."
)
@click.option("--camion", type=float, help="Chargement d'un camion, en t.")
@click.option(
    "--resume", is_flag=True, help="Une ligne par flux : la fourchette de tous les jeux de facteurs."
)
@assumed.on
@options.output
def fret(
    flux: Path | None,
    filieres: Path | None,
    bases_melangees: bool,
    entonnoir: bool,
    tonnes: float | None,
    route_km: float | None,
    eau_km: float | None,
    acheminement_km: float,
    manutentions: int,
    bateau: str,
    camion: float | None,
    resume: bool,
    day: date,
    output: dict[str, Any],
) -> None:
    """Potentiel par filière, ou camions et CO2e évités par un flux, toujours avec leur fourchette.

    Un résultat négatif est écrit négatif : la route fait mieux.
    """
    import pandas as pd

    from artois_geo import canal as room
    from artois_geo import constants

    taken = assumed.Assumed(day)
    if entonnoir:
        published = dict(taken.value("funnel_evp"))
        table = room.funnel(published.pop("identifiés"), published)
        show.table(table, constants=taken.used, title="Entonnoir publié (EVP)", **output)
        return
    truck_t = taken.value("truck_load_t", camion)
    opening = _opening(taken)
    if filieres is not None:
        table = _potential(filieres, taken, truck_t, bases_melangees)
        show.table(
            table, constants=taken.used, notes=_mixed(table), title="Potentiel fluvial par filière", **output
        )
        return
    if flux is not None:
        flows = assumed.read_table(flux)
    elif tonnes is None or route_km is None or eau_km is None:
        raise click.UsageError("Donner --flux, --filieres, --entonnoir, ou --tonnes, --route-km et --eau-km.")
    else:
        flows = pd.DataFrame(
            {
                "tonnes": [tonnes],
                "road_km": [route_km],
                "water_km": [eau_km],
                "haul_km": [acheminement_km],
                "handlings": [manutentions],
                "boat": [bateau],
            }
        )
    factors = constants.table("freight_factors")
    table = room.emissions(flows, factors, truck_t=truck_t)
    whole = room.overall(table)
    show.table(
        whole if resume else table,
        constants=taken.used,
        notes=[*_verdicts(whole), *_factors(factors, flows), opening],
        title="CO2e et camions évités",
        **output,
    )


@canal.command()
@click.argument("sites", type=options.layer_file, default="sites_eco")
@click.option("--dossier", type=click.Path(path_type=Path), required=True, help="Dossier à écrire.")
@click.option(
    "--filieres",
    type=click.Path(path_type=Path),
    metavar="FICHIER",
    help="CSV des filières, comme pour « canal fret ».",
)
@click.option("--colonne-filiere", metavar="COLONNE", help="Colonne des sites qui nomme leur filière.")
@click.option(
    "--bases-melangees", is_flag=True, help="Accepte des filières comptées sur des unités différentes."
)
@ways
@stops
@assumed.on
def schema(
    sites: "Layer | Path",
    dossier: Path,
    filieres: Path | None,
    colonne_filiere: str | None,
    bases_melangees: bool,
    voies: "tuple[Layer | Path, ...]",
    lieux: "tuple[Layer | Path, ...]",
    day: date,
) -> None:
    """Le schéma fluvial en un dossier : trois tableaux liés, un classeur, une couche, une carte hors ligne.

    1. Foncier et infrastructures. 2. Potentiel par filière. 3. Gouvernance : l'inconnu reste inconnu.
    """
    import pandas as pd

    from artois_geo import canal as room
    from artois_geo import fluvial, layers, tables

    taken = assumed.Assumed(day)
    lands = layers.read(sites)
    places = _places(lieux)
    reach = room.access(lands, places, family="famille")
    front = _front(lands, voies, reach, taken).assign(nom=_names(lands))
    quays = places[places["famille"].isin(LOADING)]
    land = fluvial.land_table(
        front, quays, name="nom", sector=colonne_filiere, quay_name="nom", family="famille"
    )
    land["operateur"] = [*_column(lands, "operateur"), *_column(quays, "gestionnaire")]
    land["dit"] = [*_column(lands, "note"), *_column(quays, "attributs")]
    source = {"source": "source"} if "source" in land.columns else {}
    governance = fluvial.who(land, columns={"name": "name", "manager": "operateur", "text": "dit", **source})
    truck_t = taken.value("truck_load_t")
    potential = (
        _potential(filieres, taken, truck_t, bases_melangees)
        if filieres
        else pd.DataFrame(columns=["sector"])
    )
    notes = [*_told(lands, places, None, taken), *([] if filieres else [NO_SECTOR])]
    footer = show.footer(land, sources=_given(sites, *voies, *lieux), constants=taken.used, notes=notes)
    known = options.catalogue()
    ground = {name: layers.read(known[name]) for name in ("communes_schema", "communes") if name in known}
    done = fluvial.write(
        dossier,
        land=land,
        potential=potential,
        governance=governance,
        footer=footer,
        background={"Voies d'eau": _whole(voies), **ground},
        described={
            **{title: drawn.record(title, kind, "schéma fluvial") for title, kind in fluvial.DRAWN.items()},
            **{name: known[name] for name in ground},
        },
        labels=COLUMNS,
    )
    for path in done.files:
        show.written(path)
    unknown = int((governance["decides"] == room.UNKNOWN).sum())
    click.echo(f"{len(land)} objets ; on ne sait pas qui décide pour {unknown} d'entre eux.", err=True)
    for line in tables.source_lines(footer):
        click.echo(french.visible(line), err=True)


def _front(
    lands: "gpd.GeoDataFrame",
    voies: "tuple[Layer | Path, ...]",
    reach: "pd.DataFrame",
    taken: assumed.Assumed,
) -> "gpd.GeoDataFrame":
    from artois_geo import canal as room

    bank_m = taken.value("canal_bank_distance_m")
    front = room.frontage(lands, _water(voies), bank_m=bank_m, berths_m=taken.value("canal_berth_m"))
    front["ring"] = room.rings(
        front,
        reach,
        quays=LOADING,
        bank_m=bank_m,
        hinterland_m=taken.value("canal_hinterland_distance_m"),
        truck_min=taken.value("canal_truck_minutes"),
    )
    return front


def _water(voies: "tuple[Layer | Path, ...]") -> "gpd.GeoDataFrame":
    """Lines and surfaces of the layers, named and classed; points are works, not water."""
    import pandas as pd

    from artois_geo import canal as room
    from artois_geo import constants, layers
    from artois_geo.errors import BadTable

    pieces = []
    for layer in voies:
        frame = layers.read(layer)
        frame = frame[frame.geometry.notna() & (frame.geometry.length > 0)]
        kept = frame[
            [name for name in ("geometrie", "etat", "source") if name in frame.columns]
            + [frame.geometry.name]
        ]
        pieces.append(kept.assign(nom=_names(frame)))
    found = pd.concat(pieces, ignore_index=True)
    if not len(found):
        raise BadTable("Aucune voie d'eau n'a de géométrie : donner une couche de lignes avec --voies.")
    return room.classify(found, constants.table("waterways"), column="nom")


def _whole(voies: "tuple[Layer | Path, ...]") -> "gpd.GeoDataFrame":
    """One object for each named waterway: what a map lists."""
    water = _water(voies)
    return water.dissolve(by="waterway_name", as_index=False, dropna=False)


def _places(lieux: "tuple[Layer | Path, ...]") -> "gpd.GeoDataFrame":
    """Places of all layers under the columns ``nom``, ``famille``; lines are waterways, not places."""
    import pandas as pd

    from artois_geo import layers

    carried = ("geometrie", "etat", "attributs", "gestionnaire", "source")
    pieces = []
    for layer in lieux:
        frame = layers.read(layer)
        frame = frame[frame.geometry.isna() | (frame.geometry.length == 0) | (frame.geometry.area > 0)]
        types = [name for name in frame.columns if str(name) == "famille" or str(name).endswith("_type")]
        kept = frame[[name for name in carried if name in frame.columns] + [frame.geometry.name]]
        family = frame[types[0]] if types else "quai" if getattr(layer, "kind", "") == "quai" else "lieu"
        pieces.append(kept.assign(nom=_names(frame), famille=family))
    places = pd.concat(pieces, ignore_index=True)
    wanted = places["famille"].isin(SERVED)
    return places[wanted] if wanted.any() else places


def _road(
    routes: "Layer | Path | None", speed: str | None, oneway: str | None, taken: assumed.Assumed
) -> dict[str, Any]:
    if routes is None:
        return {}
    from artois_geo import layers

    return {
        "roads": layers.read(routes),
        "speed": speed,
        "oneway": oneway,
        "speed_kmh": taken.value("canal_truck_speed_kmh"),
        "snap_m": taken.value("canal_road_snap_m"),
        "reach_m": taken.value("canal_road_reach_m"),
    }


def _potential(path: Path, taken: assumed.Assumed, truck_t: float, mixed: bool) -> "pd.DataFrame":
    from artois_geo import canal as room

    capture = taken.value("capture_share")
    return room.potential(assumed.read_table(path), capture=capture, truck_t=truck_t, mixed_bases=mixed)


def _told(
    lands: "gpd.GeoDataFrame", places: "gpd.GeoDataFrame", routes: Any, taken: assumed.Assumed
) -> list[str]:
    said = [] if routes is not None else ["À vol d'oiseau faute de routes : ni distance ni temps de route."]
    if "geometrie" in places.columns:
        drawn = int(places["geometrie"].eq("schématique").sum())
        if drawn:
            said.append(f"Lieux schématiques : {drawn} sur {len(places)} sont posés à 1 à 3 km près.")
    nowhere = int(lands.geometry.isna().sum())
    if nowhere:
        said.append(f"{nowhere} sites sans géométrie : ni distance ni façade.")
    return [*said, _opening(taken)]


def _opening(taken: assumed.Assumed) -> str:
    from artois_geo import constants

    known = constants.values("csne_opening_year")
    year = constants.get("csne_opening_year", on=taken.on).value
    history = " ; ".join(f"{one.value} au {one.since:%d/%m/%Y}" for one in known)
    return f"Mise en service du canal Seine-Nord Europe supposée en {year} (annonces : {history})."


def _verdicts(whole: "pd.DataFrame") -> list[str]:
    from artois_geo import tables

    low, high = (
        [tables.number(100 * share) for share in whole[f"avoided_share_{end}"]] for end in ("low", "high")
    )
    return [
        f"Flux {flow} : {verdict}, {one} à {other} % évités selon le jeu de facteurs."
        for flow, verdict, one, other in zip(whole["flow"], whole["verdict"], low, high, strict=True)
    ]


def _factors(factors: "pd.DataFrame", flows: "pd.DataFrame") -> list[str]:
    used = factors[factors["boat"].isin(set(flows["boat"]))]
    return [f"{row.factor_set}, {row.boat_title} : {row.source}." for row in used.itertuples()]


def _mixed(table: "pd.DataFrame") -> list[str]:
    units = sorted(table["base_unit"].dropna().astype(str).unique())
    return [f"Filières comptées sur des unités différentes : {', '.join(units)}."] if len(units) > 1 else []


def _names(frame: "gpd.GeoDataFrame") -> "pd.Series":
    for column in frame.columns:
        if column in {"nom", "name"} or str(column).endswith("_nom"):
            return frame[column]
    return frame.index.to_series().astype(str)


def _column(frame: "gpd.GeoDataFrame", name: str) -> list[Any]:
    return frame[name].tolist() if name in frame.columns else [None] * len(frame)


def _given(*layers: "Layer | Path | None") -> "list[Layer | Path]":
    return list(dict.fromkeys(layer for layer in layers if layer is not None))
