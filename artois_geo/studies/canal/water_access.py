"""How water serves sites, decided once: which layers, which thresholds, which place loads first.

``canal desserte``, ``canal schema`` and the sheets of sites take their figures here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from artois_geo import canal, constants, layers
from artois_geo.errors import BadTable
from artois_geo.layers import Catalogue, Layer
from artois_geo.studies import input_checks
from artois_geo.studies.assumptions import Assumptions
from artois_geo.studies.canal.requests import Precisions
from artois_geo.studies.layers import contents

WATER_KINDS = ("logistique", "voie_eau_projet", "voie_eau")
PLACE_KINDS = ("logistique", "voie_eau_projet", "quai")
WATERWAY = "ouvrage_type"  # a layer of no special kind is a waterway where this column says « canal »
PLACE_FACTS = ("owner", "manager", "air_draft_m")  # of every place, asked for or not
FAMILY = "famille"  # of a place, as ``canal.places`` writes it
NOT_DECLARED = Precisions()
ROADS_ADVICE = "Une distance par la route suit des lignes : donner une couche de routes."


@dataclass(frozen=True)
class RoadSource:
    """Hold roads as ``canal.access`` takes them, their title, and their layers of the catalogue by name."""

    settings: canal.Roads
    title: str
    layers: tuple[str, ...] = ()


def waterway_layers(
    catalogue: Catalogue, *, read_layer: Callable[[Layer], gpd.GeoDataFrame] = layers.read
) -> list[str]:
    """List the layers of a catalogue that hold waterways; licences keep them in several files.

    Parameters
    ----------
    catalogue
        Layers by name.
    read_layer
        How a layer of no special kind is read, to look for ``ouvrage_type`` in it.

    Examples
    --------
    >>> waterway_layers(layers.read_catalogue())
    ['canal_seine_nord', 'logistique', 'logistique_odbl']
    """
    special = set(layers.kinds()) - {"libre"}
    return [
        name
        for name, layer in catalogue.items()
        if layer.kind in WATER_KINDS or (layer.kind not in special and _says_water(read_layer(layer)))
    ]


def place_layers(catalogue: Catalogue) -> list[str]:
    """List the layers of a catalogue that hold quays, ports, terminals, junctions, stations.

    Examples
    --------
    >>> place_layers(layers.read_catalogue())
    ['canal_seine_nord', 'logistique', 'logistique_odbl']
    """
    return [name for name, layer in catalogue.items() if layer.kind in PLACE_KINDS]


def layers_or_default(
    waterways: Sequence[Layer | Path], places: Sequence[Layer | Path], catalogue: Catalogue
) -> tuple[list[Layer | Path], list[Layer | Path]]:
    """Return the layers that the reader gave, else those of the catalogue, for waterways and for places.

    Raises
    ------
    BadTable
        Nothing is given, and the catalogue has no layer of these kinds.

    Examples
    --------
    >>> quays = [Path("quais.geojson")]
    >>> ways, stops = layers_or_default((), quays, layers.read_catalogue())
    >>> ways[0].name, stops == quays
    ('canal_seine_nord', True)
    """
    return (
        list(waterways) or _from_catalogue(waterway_layers(catalogue), catalogue, WATER_KINDS, "--voies"),
        list(places) or _from_catalogue(place_layers(catalogue), catalogue, PLACE_KINDS, "--lieux"),
    )


def _from_catalogue(
    names: Sequence[str], catalogue: Catalogue, kinds: Sequence[str], option: str
) -> list[Layer | Path]:
    if not names:
        raise BadTable(
            f"Aucune couche de type {' ou '.join(kinds)} dans le catalogue : donner {option}."
            f"{contents.withheld(catalogue, kinds)}"
        )
    return [catalogue[name] for name in names]


def _says_water(frame: gpd.GeoDataFrame) -> bool:
    return WATERWAY in frame and bool(frame[WATERWAY].eq("canal").any())


def road_source(
    layer: Layer | Path, speed: str | None, oneway: str | None, assumptions: Assumptions
) -> RoadSource:
    """Read roads, with the truck speed and the tolerances that a study assumes.

    Parameters
    ----------
    layer
        Lines.
    speed, oneway
        Columns of the layer, as for ``canal.Roads``.
    assumptions
        Record the constants.

    Raises
    ------
    BadTable
        The layer has no line.

    Examples
    --------
    >>> from artois_geo import example
    >>> from datetime import date
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "routes.geojson"
    ...     layers.write(example.line((0, 0), (3, 0)), path)
    ...     source = road_source(path, None, None, Assumptions(date(2026, 12, 8)))
    >>> source.title, source.settings.speed_kmh
    ('routes.geojson', 50)
    """
    lines = layers.read(layer)
    input_checks.require_shapes(lines, layer, [input_checks.LINES], advice=ROADS_ADVICE)
    roads = canal.Roads(
        lines,
        speed=speed,
        oneway=oneway,
        speed_kmh=assumptions.value("canal_truck_speed_kmh"),
        snap_m=assumptions.value("canal_road_snap_m"),
        reach_m=assumptions.value("canal_road_reach_m"),
    )
    if isinstance(layer, Path):
        return RoadSource(roads, layer.name)
    return RoadSource(roads, layer.title, (layer.name,))


def read_places(places: Sequence[Layer | Path], carry: Sequence[str] = ()) -> gpd.GeoDataFrame:
    """Read the places of layers, with columns of theirs to carry.

    Raises
    ------
    BadTable
        No layer has a column to carry.

    Examples
    --------
    >>> places = read_places([layers.read_catalogue()["logistique"]])
    >>> "quai" in set(places["famille"])
    True
    """
    pieces = [(getattr(layer, "kind", ""), layers.read(layer)) for layer in places]
    return canal.places(pieces, carry=carry)


def waterways(pieces: Sequence[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Gather the waterways of layers, named and classed by the table of the constants.

    Examples
    --------
    >>> from artois_geo import example
    >>> waterways([example.line((0, 0), (3, 0), nom="Canal de Lens")])["waterway_name"].tolist()
    ['Canal de Lens']
    """
    return canal.waters(pieces, constants.table("waterways"))


def one_by_name(waterways: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Join the pieces of each named waterway: what a map lists.

    Examples
    --------
    >>> from artois_geo import example
    >>> pieces = [example.line((x, 0), (x + 1, 0), nom="Canal de Lens") for x in (0, 1)]
    >>> len(one_by_name(waterways(pieces)))
    1
    """
    return waterways.dissolve(by="waterway_name", as_index=False, dropna=False)


def reach(
    sites: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
    *,
    carry: Sequence[str] = (),
    precisions: Precisions = NOT_DECLARED,
    roads: canal.Roads | None = None,
) -> pd.DataFrame:
    """Measure the distance from each site to each place, with the name of the place.

    Parameters
    ----------
    sites
        EPSG:2154, unique index.
    places
        From ``canal.places``.
    carry
        More columns of the places.
    precisions
        As the reader declares them.
    roads
        Without them, straight lines only.

    Examples
    --------
    >>> from artois_geo import example
    >>> quays = canal.places([("quai", example.point(x_km=3, y_km=0, quai_nom="Quai"))])
    >>> reach(example.point(x_km=0, y_km=0), quays)[["nom", "straight_km"]].values.tolist()
    [['Quai', 3.0]]
    """
    return canal.access(
        sites,
        places,
        family=FAMILY,
        carry=["nom", *carry],
        roads=roads,
        sites_precision_m=precisions.sites_m,
        places_precision_m=precisions.places_m,
    )


def waterfront(
    sites: gpd.GeoDataFrame,
    waterways: gpd.GeoDataFrame,
    reached: pd.DataFrame,
    assumptions: Assumptions,
    precisions: Precisions = NOT_DECLARED,
) -> gpd.GeoDataFrame:
    """Measure the bank, the berth and the ring of each site, with the thresholds that a study assumes.

    Parameters
    ----------
    sites
        EPSG:2154, unique index.
    waterways
        From :func:`waterways`.
    reached
        From :func:`reach`, of the same sites.
    assumptions
        Record the thresholds.
    precisions
        As the reader declares them.

    Examples
    --------
    >>> from artois_geo import example
    >>> from datetime import date
    >>> site = example.rectangle(x_km=1, y_km=0.03, width_km=0.2, height_km=0.3, precision_m=5)
    >>> canal_line = example.line((0, 0), (3, 0), nom="Canal de Lens", precision_m=5)
    >>> quays = canal.places([("quai", example.point(x_km=3, y_km=0, quai_nom="Quai", precision_m=5))])
    >>> assumptions = Assumptions(date(2026, 12, 8))
    >>> front = waterfront(site, waterways([canal_line]), reach(site, quays), assumptions)
    >>> front[["frontage_m", "ring"]].values.tolist()
    [[200.0, "bord à voie d'eau"]]
    """
    thresholds = canal.Thresholds(
        bank_m=assumptions.value("canal_bank_distance_m"),
        hinterland_m=assumptions.value("canal_hinterland_distance_m"),
        truck_min=assumptions.value("canal_truck_minutes"),
        berths_m=assumptions.value("canal_berth_m"),
    )
    return canal.waterside(
        sites,
        waterways,
        reached,
        thresholds=thresholds,
        sites_precision_m=precisions.sites_m,
        waterways_precision_m=precisions.waterways_m,
    )


def nearest_quays(reached: pd.DataFrame, assumptions: Assumptions) -> pd.DataFrame:
    """Find the first place that loads boats for each site, in the figures that its precision leaves.

    Parameters
    ----------
    reached
        From :func:`reach`.
    assumptions
        Record the bank distance: positions known no better never make a distance of zero.

    Examples
    --------
    >>> from artois_geo import example
    >>> from datetime import date
    >>> stops = {"quai": 3, "gare fret": 1}
    >>> pieces = [("", example.point(x_km=km, y_km=0, famille=name)) for name, km in stops.items()]
    >>> reached = reach(example.point(x_km=0, y_km=0), canal.places(pieces))
    >>> nearest_quays(reached, Assumptions(date(2026, 12, 8)))["straight_km"].tolist()
    [3.0]
    """
    return rounded(canal.nearest_quay(canal.nearest(reached)), assumptions)


def rounded(reached: pd.DataFrame, assumptions: Assumptions) -> pd.DataFrame:
    """Give distances the figures that the precision of the positions leaves them.

    Examples
    --------
    >>> from artois_geo import example
    >>> from datetime import date
    >>> quays = canal.places([("quai", example.point(x_km=3, y_km=0.3, precision_m=500))])
    >>> reached = reach(example.point(x_km=0, y_km=0, precision_m=500), quays)
    >>> rounded(reached, Assumptions(date(2026, 12, 8)))["straight_km"].tolist()
    [3.0]
    """
    return canal.rounded(reached, bank_m=assumptions.value("canal_bank_distance_m"))
