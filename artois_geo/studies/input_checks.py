"""What is said of the layers that a study reads, and what is refused before any figure is made of them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from artois_geo import meaning, text
from artois_geo.errors import BadTable

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd

    from artois_geo.layers import Layer

FICTIONAL_MARK = "Données fictives"
LINES, POLYGONS, POINTS = "ligne", "polygone", "point"
SHAPE_TYPES = {
    LINES: ("LineString", "MultiLineString", "LinearRing"),
    POLYGONS: ("Polygon", "MultiPolygon"),
    POINTS: ("Point", "MultiPoint"),
}
NONE_OF = {LINES: "aucune ligne", POLYGONS: "aucun polygone", POINTS: "aucun point"}


def warnings(features: "pd.DataFrame") -> list[str]:
    """Say how many objects are drawn for show only, and how many are made up: every output must tell.

    Examples
    --------
    >>> sketch = plain.square(x_km=0, y_km=0, side_km=1, geometrie="schématique", fictif=True)
    >>> warnings(sketch)[1]
    'Données fictives : 1 objets sur 1.'
    """
    sentences = schematic(features)
    if count := int(meaning.fictional(features).sum()):
        sentences.append(f"{FICTIONAL_MARK} : {count} objets sur {len(features)}.")
    return sentences


def schematic(features: "pd.DataFrame") -> list[str]:
    """Say how many objects are drawn for show only.

    Examples
    --------
    >>> schematic(plain.point(x_km=0, y_km=0, geometrie="schématique"))
    ['Géométrie schématique : 1 objets sur 1, à ne pas mesurer.']
    """
    count = int(meaning.schematic(features).sum())
    return [f"Géométrie schématique : {count} objets sur {len(features)}, à ne pas mesurer."] if count else []


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
    >>> from pathlib import Path
    >>> town = plain.square(x_km=0, y_km=0, side_km=1)
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
