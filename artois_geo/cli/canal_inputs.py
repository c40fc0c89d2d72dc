"""What the commands of the canal share: their options, the waterways, the places, who runs them."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

import click

from artois_geo import meaning
from artois_geo.cli import options
from artois_geo.studies import Assumptions

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
_Function = TypeVar("_Function", bound=Callable[..., Any])
TOLD = ("owner", "manager", "air_draft_m")  # what is always told of a place
SECTION = r"section d(?:u|e la|e l['’]) ?([^;]+)"


def _layers(kinds: str, option: str) -> tuple[str, ...]:
    """Names of every layer of the catalogue of some kinds: licences may keep one kind in several files."""
    from artois_geo.errors import BadTable
    from artois_geo.studies import site_water

    wanted = getattr(site_water, kinds)
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


@dataclass(frozen=True)
class Declared:
    """Metres to which positions are known where the layers do not say it, as the reader declares them."""

    sites_m: float | None
    waterways_m: float | None
    places_m: float | None

    def notes(self) -> list[str]:
        """What is said of them under the table."""
        parts = {"des sites": self.sites_m, "des voies d'eau": self.waterways_m, "des lieux": self.places_m}
        return [
            f"Précision {part} déclarée par l'utilisateur, là où la couche ne la dit pas : ± {metres:g} m."
            for part, metres in parts.items()
            if metres is not None
        ]


def precisions(function: _Function) -> _Function:
    """Add ``--precision-sites``, ``--precision-axes``, ``--precision-lieux``: ``declared``."""

    @_precision("sites", "les sites")
    @_precision("axes", "les voies d'eau")
    @_precision("lieux", "les quais et autres lieux")
    @functools.wraps(function)
    def wrapper(
        *args: Any,
        precision_sites: float | None,
        precision_axes: float | None,
        precision_lieux: float | None,
        **kwargs: Any,
    ) -> Any:
        return function(*args, declared=Declared(precision_sites, precision_axes, precision_lieux), **kwargs)

    return wrapper  # type: ignore[return-value]


def _precision(suffix: str, objects: str) -> Callable[[_Function], _Function]:
    return click.option(
        f"--precision-{suffix}",
        type=click.FloatRange(0),
        metavar="M",
        help=f"À combien de mètres près sont posés {objects} dont la couche n'a pas de precision_m.",
    )


def front(
    lands: "gpd.GeoDataFrame",
    voies: "tuple[Layer | Path, ...]",
    reach: "pd.DataFrame",
    declared: Declared,
    assumptions: Assumptions,
) -> "gpd.GeoDataFrame":
    """Bank and ring of each site."""
    from artois_geo import canal as room

    return room.waterside(
        lands,
        water(voies),
        reach,
        thresholds=room.Thresholds(
            bank_m=assumptions.value("canal_bank_distance_m"),
            hinterland_m=assumptions.value("canal_hinterland_distance_m"),
            truck_min=assumptions.value("canal_truck_minutes"),
            berths_m=assumptions.value("canal_berth_m"),
        ),
        sites_precision_m=declared.sites_m,
        waterways_precision_m=declared.waterways_m,
    )


def reach(
    lands: "gpd.GeoDataFrame",
    places: "gpd.GeoDataFrame",
    declared: Declared,
    *,
    carry: tuple[str, ...] = (),
    road: Mapping[str, Any] = MappingProxyType({}),
) -> "pd.DataFrame":
    """Distance from each site to each place."""
    from artois_geo import canal

    return canal.access(
        lands,
        places,
        family="famille",
        carry=["nom", *TOLD, *carry],
        sites_precision_m=declared.sites_m,
        places_precision_m=declared.places_m,
        **road,
    )


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
    lands: "gpd.GeoDataFrame", places: "gpd.GeoDataFrame", routes: Any, assumptions: Assumptions
) -> list[str]:
    """What a reader must know of the sites and places."""
    said = [] if routes is not None else ["À vol d'oiseau faute de routes : ni distance ni temps de route."]
    sketched = places[meaning.schematic(places)]
    if len(sketched):
        said.append(f"Lieux schématiques : {len(sketched)} sur {len(places)}{_spread(sketched)}.")
    nowhere = int(lands.geometry.isna().sum())
    if nowhere:
        said.append(f"{_sites(nowhere)} sans géométrie : ni distance ni linéaire de berge.")
    return [*said, opening(assumptions)]


def _sites(count: int) -> str:
    return f"{count} site{'s' if count > 1 else ''}"


def _spread(places: "gpd.GeoDataFrame") -> str:
    """To within how many metres places are known, where their layer says it of them all."""
    from artois_geo import canal

    worst = float(meaning.precision_m(places).max())  # NaN where one position is not said
    return "" if worst != worst else f", posés à {canal.length(worst)} près au pire"


def doubts(front: "gpd.GeoDataFrame") -> list[str]:
    """What positions known too roughly leave undecided, what would decide it, and what is published."""
    from artois_geo import canal

    reasons = front["frontage_reason"].fillna("") + front["ring_reason"].fillna("")
    imprecise, unknown = (
        int(reasons.str.contains(start).sum()) for start in (canal.IMPRECISE, canal.UNKNOWN_PRECISION)
    )
    notes = []
    if imprecise:
        notes.append(
            f"Position trop imprécise pour {_sites(imprecise)} sur {len(front)} : ni linéaire de berge ni "
            "couronne calculés, distances arrondies et données avec leurs bornes."
        )
    if unknown:
        notes.append(
            f"Précision de la position inconnue pour {_sites(unknown)} sur {len(front)} : remplir la colonne "
            "precision_m des couches (sites, voies d'eau, quais), ou la déclarer avec --precision-sites, "
            "--precision-axes, --precision-lieux."
        )
    names, published = canal.names(front), front["frontage_origin"].eq(canal.PUBLISHED)
    for name, row in front[published].iterrows():
        words = canal.quoted(row["frontage_source"])
        notes.append(f"{names[name]} : quai de {row['frontage_m']:g} m, publié (« {words} »).")
    return notes


def opening(assumptions: Assumptions) -> str:
    """The opening date of the canal, as announced over time."""
    from artois_geo import constants

    known = constants.values("csne_opening_year")
    year = constants.get("csne_opening_year", on=assumptions.on).value
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
    routes: "Layer | Path | None", speed: str | None, oneway: str | None, assumptions: Assumptions
) -> dict[str, Any]:
    """What ``canal.access`` takes of roads, nothing without them."""
    if routes is None:
        return {}
    from artois_geo import layers

    return {
        "roads": layers.read(routes),
        "speed": speed,
        "oneway": oneway,
        "speed_kmh": assumptions.value("canal_truck_speed_kmh"),
        "snap_m": assumptions.value("canal_road_snap_m"),
        "reach_m": assumptions.value("canal_road_reach_m"),
    }
