"""The map of a result: one offline page, over the towns of the catalogue."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd

from artois_geo import layers, meaning, tables
from artois_geo.layers import Catalogue, Layer
from artois_geo.studies.canal import water_access

Features = dict[
    str, tuple[gpd.GeoDataFrame, str]
]  # title of a layer -> its features, the kind of its drawing
WATER = "Voies d'eau"


@dataclass(frozen=True)
class ResultMap:
    """Hold what the map of a result shows.

    Parameters
    ----------
    features
        By title, the features and the kind of layer whose drawing they take.
    title, subtitle
        Of the page, in French.
    sources
        Layers that the result was made from.
    waterways
        Whether those of the catalogue are drawn too.
    """

    features: Mapping[str, tuple[gpd.GeoDataFrame, str]]
    title: str
    subtitle: str = ""
    sources: Iterable[Layer | Path | tables.Source] = ()
    waterways: bool = False


def page(result: ResultMap, catalogue: Catalogue) -> bytes:
    """Write the page of a result, in one file that opens without a network.

    Parameters
    ----------
    result
        Layers without any located feature are left out.
    catalogue
        Its towns are the ground.

    Examples
    --------
    >>> from artois_geo import example
    >>> site = example.square(x_km=0, y_km=0, side_km=1, nom="Parc")
    >>> result = ResultMap({"Sites": (site, "site_desservi")}, title="Desserte")
    >>> b"Parc" in page(result, {})
    True
    """
    from artois_geo import maps  # here: a table without its map does not wait for folium

    cited = " ; ".join(dict.fromkeys(_cited(source) for source in result.sources))
    features = {**result.features, **(_waterways(catalogue) if result.waterways else {})}
    records = {title: described(title, kind, cited) for title, (_, kind) in features.items()}
    located = {title: frame[frame.geometry.notna()] for title, (frame, _) in features.items()}
    towns = ground(catalogue)
    carte = maps.build(
        {**{title: frame for title, frame in located.items() if len(frame)}, **towns},
        layers={**records, **{name: catalogue[name] for name in towns}},
        title=result.title,
        subtitle=result.subtitle,
    )
    return maps.standalone(carte).encode()


def ground(catalogue: Catalogue) -> dict[str, gpd.GeoDataFrame]:
    """Read the towns of a catalogue, by name: what the layers of a result lie on.

    Examples
    --------
    >>> list(ground(layers.read_catalogue()))
    ['communes_schema', 'communes']
    """
    return {
        name: layers.read(layer)
        for kind in reversed(meaning.GROUND_KINDS)
        for name, layer in catalogue.items()
        if layer.kind == kind
    }


def _waterways(catalogue: Catalogue) -> Features:
    """Read the waterways of a catalogue, one feature per name."""
    frames = [layers.read(catalogue[name]) for name in water_access.waterway_layers(catalogue)]
    lines = water_access.one_by_name(water_access.waterways(frames)) if frames else None
    return {} if lines is None or lines.empty else {WATER: (lines, "voie_eau")}


def described(title: str, kind: str, source: str) -> Layer:
    """Describe a layer that a study made, as a catalogue would.

    Examples
    --------
    >>> described("Sites", "site_desservi", "").source
    'calcul'
    """
    return Layer(title, Path(title), kind, title, source or "calcul", "", "")


def _cited(source: Layer | Path | tables.Source) -> str:
    return source.name if isinstance(source, Path) else f"{source.title} ({source.vintage})"
