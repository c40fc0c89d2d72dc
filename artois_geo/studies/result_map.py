"""The map of a result: one offline page, over the communes of the catalogue."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import geopandas as gpd

    from artois_geo.layers import Catalogue, Layer

GROUND = ("communes_schema", "communes")


def page(
    results: "Mapping[str, tuple[gpd.GeoDataFrame, str]]",
    catalogue: "Catalogue",
    *,
    title: str,
    subtitle: str = "",
    sources: "Iterable[Layer | Path]" = (),
) -> str:
    """Draw the layers of a result over the communes of a catalogue, as one HTML page that needs no network.

    Parameters
    ----------
    results
        Title of a layer -> its features (EPSG:2154) and the kind whose drawing it takes; what has no
        shape is left out.
    catalogue
        Whose communes are drawn beneath, where it has any.
    title, subtitle
        Of the page.
    sources
        What the result was made from, as its cards cite it.

    Examples
    --------
    >>> from artois_geo import layers
    >>> land = plain.square(x_km=0, y_km=0, side_km=1)
    >>> html = page({"Libre": (land, "foncier_libre")}, layers.read_catalogue(), title="Foncier")
    >>> "<title>Foncier" in html
    True
    """
    from artois_geo import layers, maps

    ground = {name: layers.read(catalogue[name]) for name in GROUND if name in catalogue}
    citation = " ; ".join(dict.fromkeys(map(_citation, sources)))
    records = {name: record(name, kind, citation) for name, (_, kind) in results.items()}
    shaped = {name: features[features.geometry.notna()] for name, (features, _) in results.items()}
    carte = maps.build(
        {**{name: features for name, features in shaped.items() if len(features)}, **ground},
        layers={**records, **{name: catalogue[name] for name in ground}},
        title=title,
        subtitle=subtitle,
    )
    return maps.standalone(carte)


def record(title: str, kind: str, source: str) -> "Layer":
    """Describe to the map a layer that was computed.

    Examples
    --------
    >>> record("Foncier libre", "foncier_libre", "").source
    'calcul'
    """
    from artois_geo.layers import Layer

    return Layer(title, Path(title), kind, title, source or "calcul", "", "")


def _citation(source: "Layer | Path") -> str:
    return source.name if isinstance(source, Path) else f"{source.title} ({source.vintage})"
