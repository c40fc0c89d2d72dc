"""What is refused of the layers that a study reads, before any figure is made of them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from artois_geo import text
from artois_geo.errors import BadTable

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

    from artois_geo.layers import Layer

LINES, POLYGONS, POINTS = "ligne", "polygone", "point"
SHAPE_TYPES = {
    LINES: ("LineString", "MultiLineString", "LinearRing"),
    POLYGONS: ("Polygon", "MultiPolygon"),
    POINTS: ("Point", "MultiPoint"),
}
NONE_OF = {LINES: "aucune ligne", POLYGONS: "aucun polygone", POINTS: "aucun point"}


def require_shapes(
    features: "gpd.GeoDataFrame", layer: "Layer | Path", shapes: Sequence[str], *, advice: str
) -> None:
    """Refuse a layer that has none of the shapes that a study measures: it would answer zero for unknown.

    Parameters
    ----------
    features
        What was read of the layer.
    layer
        Named in the message.
    shapes
        Of ``LINES``, ``POLYGONS``, ``POINTS``: one of them is enough.
    advice
        French sentence: what is measured, and what to give.

    Raises
    ------
    BadTable
        No object has such a shape.

    Examples
    --------
    >>> from artois_geo import example
    >>> from pathlib import Path
    >>> town = example.square(x_km=0, y_km=0, side_km=1)
    >>> require_shapes(town, Path("communes.geojson"), [POLYGONS], advice="")
    >>> try:
    ...     require_shapes(town, Path("communes.geojson"), [LINES], advice="Donner une couche de lignes.")
    ... except BadTable as refusal:
    ...     print(refusal)
    communes.geojson : aucune ligne (1 polygone). Donner une couche de lignes.
    """
    types = features.geom_type
    if types.isin([name for shape in shapes for name in SHAPE_TYPES[shape]]).any():
        return
    counts = {shape: int(types.isin(names).sum()) for shape, names in SHAPE_TYPES.items()}
    contents = [text.counted(count, shape) for shape, count in counts.items() if count]
    if unlocated := int((types.isna() | features.geometry.is_empty).sum()):
        contents.append(text.counted(unlocated, "objet sans géométrie", "objets sans géométrie"))
    missing = " ni ".join(NONE_OF[shape] for shape in shapes)
    raise BadTable(f"{layer.name} : {missing} ({', '.join(contents) or 'couche vide'}). {advice}")
