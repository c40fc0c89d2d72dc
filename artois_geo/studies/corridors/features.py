"""Features that the studies of corridors share: read with the shapes they need, added to, named, compared."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from artois_geo import layers, meaning, network, vocabulary, whatif
from artois_geo.layers import Layer
from artois_geo.network import Network
from artois_geo.network.clean import Crossings
from artois_geo.studies.input_checks import LINES, require_shapes

WAYS_ADVICE = (
    "Un réseau se calcule sur des lignes : donner une couche de voies (voies vertes, chemins, rues)."
)
UNNAMED = "sans nom"
M_PER_KM = 1000
_CROSSINGS: Mapping[str, Crossings] = {"separes": "apart", "joints": "joined"}


def read(
    layer: Layer | Path, shapes: Sequence[str] = (LINES,), advice: str = WAYS_ADVICE
) -> gpd.GeoDataFrame:
    """Read a layer; refuse it where it has none of the shapes that are measured.

    Parameters
    ----------
    layer
        Of the catalogue, or a file.
    shapes, advice
        As for ``input_checks.require_shapes``.

    Raises
    ------
    BadTable
        No such shape: an answer would take the unknown for zero.

    Examples
    --------
    >>> read(layers.read_catalogue()["voies_vertes"]).crs.to_epsg()
    2154
    """
    features = layers.read(layer)
    require_shapes(features, layer, shapes, advice=advice)
    return features


def with_increment(base: gpd.GeoDataFrame, increment: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    """Add to features those of a project, if there is one.

    Examples
    --------
    >>> from artois_geo import example
    >>> way = example.line((0, 0), (1, 0))
    >>> len(with_increment(way, None)), len(with_increment(way, way))
    (1, 2)
    """
    return base if increment is None else whatif.with_increment(base, increment)


def build_network(ways: gpd.GeoDataFrame, snap_m: float, level: str | None, crossings: str) -> Network:
    """Build the network of lines, as the options of a command ask for it.

    Parameters
    ----------
    ways
        Lines in EPSG:2154.
    snap_m, level
        As for ``network.build``.
    crossings
        ``separes`` or ``joints``.

    Examples
    --------
    >>> from artois_geo import example
    >>> cross = pd.concat([example.line((0, 1), (2, 1)), example.line((1, 0), (1, 2))], ignore_index=True)
    >>> [len(build_network(cross, 5, None, kind).edges) for kind in ("separes", "joints")]
    [2, 4]
    """
    return network.build(ways, snap_m=snap_m, level=level, crossings=_CROSSINGS[crossings])


def schematic_km(built: Network, ways: gpd.GeoDataFrame) -> pd.Series:
    """Measure on each edge of a network the kilometres that only schematic lines draw: 0 where none does.

    Parameters
    ----------
    built
        From :func:`build_network`.
    ways
        The lines it was built of.

    Examples
    --------
    >>> from artois_geo import example
    >>> way = example.line((0, 0), (3, 0), geometrie="schématique")
    >>> schematic_km(build_network(way, 5, None, "separes"), way).tolist()
    [3.0]
    """
    is_schematic = pd.Series(meaning.schematic(ways), index=ways.index).reindex(built.edges["line"])
    return (built.edges["length_m"] / M_PER_KM).where(is_schematic.to_numpy(), 0.0)


def names(features: gpd.GeoDataFrame) -> pd.Series:
    """Return the name of each feature, else its identifier, else its number in the layer.

    Examples
    --------
    >>> from artois_geo import example
    >>> line = example.line((0, 0), (1, 0))
    >>> names(line.assign(voie_nom=None)).tolist(), names(line).tolist()
    (['sans nom'], ['0'])
    >>> names(line.assign(corridor_id="C1")).tolist()
    ['C1']
    """
    column = meaning.name_column(features) or identifier(features)
    return features.index.to_series().astype(str) if column is None else features[column].fillna(UNNAMED)


def identifier(features: gpd.GeoDataFrame) -> str | None:
    """Find the column that identifies the features of a layer: ``id``, or the first that ends with ``_id``.

    Examples
    --------
    >>> from artois_geo import example
    >>> identifier(example.line((0, 0), (1, 0)).assign(corridor_id="C1"))
    'corridor_id'
    """
    return next((str(name) for name in features if name == "id" or str(name).endswith("_id")), None)


def on_sketches(links: pd.DataFrame, ways: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Mark the links and crossings that hang on a schematic line: one that they join, else any of the layer.

    Parameters
    ----------
    links
        With ``line_a`` and ``line_b`` where they join two lines.
    ways
        The lines.

    Examples
    --------
    >>> from artois_geo import example
    >>> way = example.line((0, 0), (1, 0), geometrie="schématique")
    >>> on_sketches(pd.DataFrame({"line_a": [0], "line_b": [0]}), way).tolist()
    [True]
    """
    is_schematic = pd.Series(meaning.schematic(ways), index=ways.index)
    sides = [side for side in ("line_a", "line_b") if side in links.columns]
    if not sides:
        return np.full(len(links), bool(is_schematic.any()))
    marks = [is_schematic.reindex(links[side]).to_numpy(dtype=bool) for side in sides]
    return np.logical_or.reduce(marks)


def compared(
    before: pd.DataFrame,
    after: pd.DataFrame | None,
    *,
    keys: Sequence[str],
    columns: Sequence[str],
    is_summed: bool = False,
) -> pd.DataFrame:
    """Put the table with a project beside the one without, where there is a project.

    Parameters
    ----------
    before, after
        The same analysis on the base, and with the project; None where nothing is added.
    keys, columns
        As for ``whatif.compare``.
    is_summed
        Figures are sums or counts: a row that one side lacks is a zero there.

    Examples
    --------
    >>> built, planned = ({"etat": [state], "km": [km]} for state, km in (("réalisé", 1.0), ("prévu", 2.0)))
    >>> sides = pd.DataFrame(built), pd.concat([pd.DataFrame(built), pd.DataFrame(planned)])
    >>> compared(*sides, keys=["etat"], columns=["km"], is_summed=True).values.tolist()
    [['réalisé', 1.0, 1.0, 0.0], ['prévu', 0.0, 2.0, 2.0]]
    """
    if after is None:
        return before
    table = whatif.compare(before, after, keys=keys, columns=columns)
    if not is_summed:
        return table
    ends = {
        f"{name}_{side}": table[f"{name}_{side}"].fillna(0) for name in columns for side in ("base", "with")
    }
    differences = {f"{name}_difference": ends[f"{name}_with"] - ends[f"{name}_base"] for name in columns}
    return table.assign(**ends, **differences)


def labels_of_sides(labels: Mapping[str, str]) -> dict[str, str]:
    """Give the headings of columns that the vocabulary does not know, in their three forms too.

    Examples
    --------
    >>> labels_of_sides({"findings": "Constats"})["findings_with"]
    'Constats, avec'
    """
    sides = {
        f"{name}{suffix}": f"{label}, {side}"
        for name, label in labels.items()
        for suffix, side in vocabulary.SIDES.items()
    }
    return {**labels, **sides}


def sources(*candidates: Layer | Path | None) -> list[Layer | Path]:
    """List the layers that were given.

    Examples
    --------
    >>> sources(Path("voies.geojson"), None)
    [PosixPath('voies.geojson')]
    """
    return [layer for layer in candidates if layer is not None]
