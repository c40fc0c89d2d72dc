"""How well a network holds together (maillage)."""

import numpy as np
import pandas as pd

from artois_geo.deprecated import renamed_keywords
from artois_geo.network import Network, components

M_PER_KM = 1000


@renamed_keywords("corridors.mesh", network="graph")
def mesh(network: Network) -> pd.DataFrame:
    """Measure a whole network, in one row.

    Nodes where exactly two edges meet only join pieces of one way: they are not counted, nor
    are the edges that they cut, so that the measures do not depend on how the lines were cut.

    Parameters
    ----------
    network
        From ``network.build``.

    Returns
    -------
    DataFrame
        One row: ``network_km``, ``components``, ``largest_km``, ``largest_share``, ``p_same``
        (probability that two points of the network, drawn at random, are joined: Σ(Lᵢ/L)²),
        ``effective_km`` (p_same × L), ``nodes``, ``edges``, ``dead_ends``, ``alpha`` (loops
        there are, over loops there could be), ``beta`` (edges per node), ``gamma`` (edges over
        the edges there could be). Measures that make no sense on so few nodes are null.

    Notes
    -----
    α = (e − v + p) / (2v − 5), β = e / v, γ = e / 3(v − 2), for a planar graph of e edges, v nodes
    and p components (Kansky, 1963; Garrison and Marble, 1962).

    Examples
    --------
    Three pieces of 6, 3 and 1 km:

    >>> from artois_geo.corridors import mesh
    >>> from artois_geo import example
    >>> from artois_geo.network import build
    >>> import pandas as pd
    >>> lines = [example.line((0, y), (km, y)) for y, km in [(0, 6), (5, 3), (9, 1)]]
    >>> row = mesh(build(pd.concat(lines, ignore_index=True), snap_m=5))
    >>> row[["components", "largest_share", "p_same", "effective_km"]].round(2).values.tolist()
    [[3.0, 0.6, 0.46, 4.6]]
    """
    table = by_component(network)
    total = table["component_km"].sum()
    shares = table["component_km"] / total if total else table["component_km"]
    nodes, edges = int(table["nodes"].sum()), int(table["edges"].sum())
    loops = edges - nodes + len(table)
    row = {
        "network_km": total,
        "components": len(table),
        "largest_km": table["component_km"].max() if len(table) else 0.0,
        "largest_share": shares.max() if len(table) else np.nan,
        "p_same": float((shares**2).sum()) if len(table) else np.nan,
        "effective_km": float((shares**2).sum() * total),
        "nodes": nodes,
        "edges": edges,
        "dead_ends": int(table["dead_ends"].sum()),
        "alpha": loops / (2 * nodes - 5) if nodes > 2 else np.nan,
        "beta": edges / nodes if nodes else np.nan,
        "gamma": edges / (3 * (nodes - 2)) if nodes > 2 else np.nan,
    }
    return pd.DataFrame([row])


@renamed_keywords("corridors.by_component", network="graph")
def by_component(network: Network) -> pd.DataFrame:
    """Measure each component, longest first: ``component``, ``component_km``, ``component_share``,
    ``nodes``, ``edges``, ``dead_ends``.

    Nodes where two edges meet are not counted; a ring keeps one.

    Examples
    --------
    >>> from artois_geo.corridors import by_component
    >>> from artois_geo import example
    >>> from artois_geo.network import build
    >>> import pandas as pd
    >>> ring = example.line((0, 0), (1, 0), (1, 1), (0, 0))
    >>> by_component(build(ring, snap_m=5))[["nodes", "edges", "dead_ends"]].values.tolist()
    [[1, 1, 0]]
    """
    label = components(network)
    start, end = network.edges["start"].to_numpy(), network.edges["end"].to_numpy()
    count = int(label.max()) + 1 if len(label) else 0
    degree = np.bincount(start, minlength=len(label)) + np.bincount(end, minlength=len(label))
    passing = np.bincount(label, weights=degree == 2, minlength=count).astype(int)
    nodes = np.bincount(label, minlength=count)
    # a ring is made of passing nodes only: one of them stays
    passing -= (passing == nodes) & (nodes > 0)
    km = np.bincount(label[start], weights=network.edges["length_m"], minlength=count) / M_PER_KM
    table = pd.DataFrame(
        {
            "component": np.arange(count),
            "component_km": km,
            "component_share": km / km.sum() if km.sum() else km,
            "nodes": nodes - passing,
            "edges": np.bincount(label[start], minlength=count) - passing,
            "dead_ends": np.bincount(label, weights=degree == 1, minlength=count).astype(int),
        }
    )
    return table.sort_values("component_km", ascending=False, kind="stable", ignore_index=True)
