"""What the commands of the canal share: their options, the waterways, the places, who runs them."""

from typing import TYPE_CHECKING, Any

import click

from artois_geo.cli import assumed, options

if TYPE_CHECKING:
    from pathlib import Path

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
OWNERS = ("owner", "proprietaire")  # the columns that may name the owner of a quay; the last one holds
HEIGHTS = ("hauteur_libre_m", "air_draft_m")
TOLD = ("owner", "manager", "air_draft_m")  # what is always told of a place
KNOWN = frozenset({"nom", "famille", "gestionnaire", *OWNERS, *HEIGHTS})  # shown without being asked for
SECTION = r"section d(?:u|e la|e l['’]) ?([^;]+)"

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
        quays=LOADING,
        bank_m=bank_m,
        hinterland_m=taken.value("canal_hinterland_distance_m"),
        truck_min=taken.value("canal_truck_minutes"),
    )
    return front


def water(voies: "tuple[Layer | Path, ...]") -> "gpd.GeoDataFrame":
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
        pieces.append(kept.assign(nom=names(frame)))
    found = pd.concat(pieces, ignore_index=True)
    if not len(found):
        raise BadTable("Aucune voie d'eau n'a de géométrie : donner une couche de lignes avec --voies.")
    return room.classify(found, constants.table("waterways"), column="nom")


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
            nom=names(frame),
            liaison=None if parent is None else "canal " + parent,
            height=_draft(frame),
        )
        named = canal.classify(own, known, column="nom")["waterway_name"]
        liaison = canal.classify(own, known, column="liaison")["waterway_name"]
        pieces.append(pd.DataFrame({"name": named, "liaison": liaison, "height": own["height"]}))
    said = pd.concat(pieces, ignore_index=True)
    heights = said.groupby("name")["height"].min()
    sections = said.dropna(subset=["name", "liaison"]).drop_duplicates("name").set_index("name")["liaison"]
    return heights.fillna(sections.map(heights))


def _draft(frame: "gpd.GeoDataFrame") -> "pd.Series":
    from artois_geo import canal

    columns = [name for name in HEIGHTS if name in frame.columns]
    return canal.air_draft(frame, columns=columns, text="attributs" if "attributs" in frame.columns else None)


def places(lieux: "tuple[Layer | Path, ...]", carry: tuple[str, ...] = ()) -> "gpd.GeoDataFrame":
    """Places of all layers: ``nom``, ``famille``, who owns and runs them, air draft, columns to carry.

    Lines are waterways, not places.
    """
    import pandas as pd

    from artois_geo import canal, layers
    from artois_geo.errors import BadTable

    kept = ("geometrie", "etat", "attributs", *OWNERS, "gestionnaire", *HEIGHTS, "source", *carry)
    pieces = []
    for layer in lieux:
        frame = layers.read(layer)
        frame = frame[frame.geometry.isna() | (frame.geometry.length == 0) | (frame.geometry.area > 0)]
        types = [name for name in frame.columns if str(name) == "famille" or str(name).endswith("_type")]
        some = frame[[name for name in dict.fromkeys(kept) if name in frame.columns] + [frame.geometry.name]]
        family = frame[types[0]] if types else "quai" if getattr(layer, "kind", "") == "quai" else "lieu"
        pieces.append(some.assign(nom=names(frame), famille=family))
    found = pd.concat(pieces, ignore_index=True)
    absent = [name for name in carry if name not in found.columns]
    if absent:
        raise BadTable(f"Colonnes absentes des lieux desservis : {', '.join(absent)}. Corriger --porter.")
    wanted = found["famille"].isin(SERVED)
    found = found[wanted] if wanted.any() else found
    parts = {"owner": OWNERS, "manager": ("gestionnaire",), "text": ("attributs",)}
    played = {part: name for part, some in parts.items() for name in some if name in found.columns}
    who = canal.governance({"": found}, columns={"": played})
    return found.assign(
        owner=who["owner"].to_numpy(), manager=who["manager"].to_numpy(), air_draft_m=_draft(found)
    )


def told(
    lands: "gpd.GeoDataFrame", places: "gpd.GeoDataFrame", routes: Any, taken: assumed.Assumed
) -> list[str]:
    """What a reader must know of the sites and places."""
    said = [] if routes is not None else ["À vol d'oiseau faute de routes : ni distance ni temps de route."]
    if "geometrie" in places.columns:
        drawn = int(places["geometrie"].eq("schématique").sum())
        if drawn:
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


def names(frame: "gpd.GeoDataFrame") -> "pd.Series":
    """Names of objects, or their numbers."""
    for column in frame.columns:
        if column in {"nom", "name"} or str(column).endswith("_nom"):
            return frame[column]
    return frame.index.to_series().astype(str)


def column(frame: "gpd.GeoDataFrame", name: str) -> list[Any]:
    """Values of a column, unknown where the layer lacks it."""
    return frame[name].tolist() if name in frame.columns else [None] * len(frame)


def given(*layers: "Layer | Path | None") -> "list[Layer | Path]":
    """The layers that were given, once each."""
    return list(dict.fromkeys(layer for layer in layers if layer is not None))
