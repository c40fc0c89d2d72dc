"""What the commands of the canal share: their options, the waterways, the places, who runs them."""

from typing import TYPE_CHECKING, Any

import click

from artois_geo import meaning
from artois_geo.cli import assumed, options

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd

    from artois_geo.layers import Layer

COLUMNS = {
    "nom": "Nom",
    "tonnes": "Tonnage (t)",
    "boat_title": "Bateau",
    "etat": "État",
    "gestionnaire": "Gestionnaire",
}
TOLD = ("owner", "manager", "air_draft_m")  # what is always told of a place
SECTION = r"section d(?:u|e la|e l['’]) ?([^;]+)"


def _layers(kinds: str, option: str) -> tuple[str, ...]:
    """Names of every layer of the catalogue of some kinds: licences may keep one kind in several files."""
    from artois_geo.errors import BadTable
    from artois_geo.packs import water_study

    wanted = getattr(water_study, kinds)
    names = tuple(name for name, layer in options.catalogue().items() if layer.kind in wanted)
    if not names:
        raise BadTable(f"Aucune couche de type {' ou '.join(wanted)} dans le catalogue : donner {option}.")
    return names


ways = click.option(
    "--voies",
    multiple=True,
    type=options.layer_file,
    default=lambda: _layers("WATER_KINDS", "--voies"),
    show_default="logistique et canal du catalogue",
    help="Voies d'eau ; à répéter.",
)
stops = click.option(
    "--lieux",
    multiple=True,
    type=options.layer_file,
    default=lambda: _layers("PLACE_KINDS", "--lieux"),
    show_default="logistique, canal et quais du catalogue",
    help="Quais, ports, terminaux, échangeurs, gares ; à répéter.",
)


def front(
    lands: "gpd.GeoDataFrame",
    voies: "tuple[Layer | Path, ...]",
    reach: "pd.DataFrame",
    taken: assumed.Assumed,
) -> "gpd.GeoDataFrame":
    """Bank and ring of each site."""
    from artois_geo import canal as room

    bank_m = taken.value("canal_bank_distance_m")
    front = room.frontage(lands, water(voies), bank_m=bank_m, berths_m=taken.value("canal_berth_m"))
    front["ring"] = room.rings(
        front,
        reach,
        quays=room.LOADING,
        bank_m=bank_m,
        hinterland_m=taken.value("canal_hinterland_distance_m"),
        truck_min=taken.value("canal_truck_minutes"),
    )
    return front


def water(voies: "tuple[Layer | Path, ...]") -> "gpd.GeoDataFrame":
    """Waterways of the layers, named and classed."""
    from artois_geo import canal, constants, layers

    return canal.waters([layers.read(layer) for layer in voies], constants.table("waterways"))


def whole(voies: "tuple[Layer | Path, ...]") -> "gpd.GeoDataFrame":
    """One object for each named waterway: what a map lists."""
    return water(voies).dissolve(by="waterway_name", as_index=False, dropna=False)


def air_drafts(voies: "tuple[Layer | Path, ...]") -> "pd.Series":
    """Air draft of each waterway by its name, as any object of the layers says it; the lowest holds.

    A section without its own takes that of the liaison it belongs to (« section du Dunkerque-Escaut »):
    a boat that sails it has to pass there.
    """
    import pandas as pd

    from artois_geo import canal, constants, layers

    known, pieces = constants.table("waterways"), []
    for layer in voies:
        frame = layers.read(layer)
        text = frame["attributs"].astype("string") if "attributs" in frame.columns else None
        parent = text.str.extract(SECTION, expand=False).str.strip() if text is not None else None
        own = frame.assign(
            nom=canal.names(frame),
            liaison=None if parent is None else "canal " + parent,
            height=canal.drafts(frame),
        )
        named = canal.classify(own, known, column="nom")["waterway_name"]
        liaison = canal.classify(own, known, column="liaison")["waterway_name"]
        pieces.append(pd.DataFrame({"name": named, "liaison": liaison, "height": own["height"]}))
    said = pd.concat(pieces, ignore_index=True)
    heights = said.groupby("name")["height"].min()
    sections = said.dropna(subset=["name", "liaison"]).drop_duplicates("name").set_index("name")["liaison"]
    return heights.fillna(sections.map(heights))


def places(lieux: "tuple[Layer | Path, ...]", carry: tuple[str, ...] = ()) -> "gpd.GeoDataFrame":
    """Places of the layers."""
    from artois_geo import canal, layers

    return canal.places([(getattr(layer, "kind", ""), layers.read(layer)) for layer in lieux], carry=carry)


def told(
    lands: "gpd.GeoDataFrame", places: "gpd.GeoDataFrame", routes: Any, taken: assumed.Assumed
) -> list[str]:
    """What a reader must know of the sites and places."""
    said = [] if routes is not None else ["À vol d'oiseau faute de routes : ni distance ni temps de route."]
    if drawn := int(meaning.schematic(places).sum()):
        said.append(f"Lieux schématiques : {drawn} sur {len(places)} sont posés à 1 à 3 km près.")
    nowhere = int(lands.geometry.isna().sum())
    if nowhere:
        said.append(f"{nowhere} sites sans géométrie : ni distance ni façade.")
    return [*said, opening(taken)]


def opening(taken: assumed.Assumed) -> str:
    """The opening date of the canal, as announced over time."""
    from artois_geo import constants

    known = constants.values("csne_opening_year")
    year = constants.get("csne_opening_year", on=taken.on).value
    history = " ; ".join(f"{one.value} au {one.since:%d/%m/%Y}" for one in known)
    return f"Mise en service du canal Seine-Nord Europe supposée en {year} (annonces : {history})."


def to_carry(asked: tuple[str, ...]) -> tuple[str, ...]:
    """Columns of the places to bring along, those that are shown without being asked for left out."""
    from artois_geo import canal

    known = {"nom", "famille", "gestionnaire", *canal.OWNERS, *canal.HEIGHTS}
    return tuple(name for name in dict.fromkeys(asked) if name not in known)


def column(frame: "gpd.GeoDataFrame", name: str) -> list[Any]:
    """Values of a column, unknown where the layer lacks it."""
    return frame[name].tolist() if name in frame.columns else [None] * len(frame)


def given(*layers: "Layer | Path | None") -> "list[Layer | Path]":
    """The layers that were given, once each."""
    return list(dict.fromkeys(layer for layer in layers if layer is not None))


def road(
    routes: "Layer | Path | None", speed: str | None, oneway: str | None, taken: assumed.Assumed
) -> dict[str, Any]:
    """What ``canal.access`` takes of roads, nothing without them."""
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
