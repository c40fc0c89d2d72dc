"""What the commands of the green corridors share: their options, the network, base and increment."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from artois_geo.cli import options

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from artois_geo.layers import Layer
    from artois_geo.network import Network

snapping = click.option("--accrochage", type=float, help="Bouts confondus en deçà de cette distance, en m.")
levels = click.option(
    "--niveau",
    metavar="COLONNE",
    help="Colonne qui distingue un pont du sol : deux niveaux ne se touchent pas.",
)
crossing = click.option(
    "--croisements",
    type=click.Choice(["separes", "joints"]),
    default="separes",
    show_default=True,
    help="Deux lignes qui se croisent sans sommet commun : laissées à part, ou jointes en carrefour.",
)
increment = click.option(
    "--ajout",
    type=options.layer_file,
    help="Couche d'objets à ajouter (tronçon, station) : le tableau montre base, avec, et différence.",
)


def graph(ways: "gpd.GeoDataFrame", snap_m: float, level: str | None, crossings: str) -> "Network":
    """The network of lines, as the options ask for it."""
    from artois_geo import network

    apart = "joined" if crossings == "joints" else "apart"
    return network.build(ways, snap_m=snap_m, level=level, crossings=apart)  # type: ignore[arg-type]


def compared(
    base: "gpd.GeoDataFrame",
    ajout: "Layer | Path | None",
    measure: "Callable[[gpd.GeoDataFrame], pd.DataFrame]",
    *,
    on: Sequence[str],
    columns: Sequence[str],
    words: Sequence[str] = (),
    summed: bool = False,
) -> "pd.DataFrame":
    """The table of the base, or base, with and difference where something is added.

    ``summed``: the figures are sums or counts, and a row that one side lacks is a zero there.
    """
    before = measure(base)
    if ajout is None:
        return before
    from artois_geo import whatif

    after = measure(with_added(base, ajout))
    table = whatif.difference(before, after, on=on, columns=columns, words=words)
    if summed:
        for name in columns:
            ends = [f"{name}_base", f"{name}_with"]
            table[ends] = table[ends].fillna(0)
            table[f"{name}_difference"] = table[ends[1]] - table[ends[0]]
    return table


def with_added(base: "gpd.GeoDataFrame", ajout: "Layer | Path | None") -> "gpd.GeoDataFrame":
    """The layer with its increment, if there is one."""
    if ajout is None:
        return base
    from artois_geo import layers, whatif

    return whatif.added(base, layers.read(ajout))


def sides(labels: Mapping[str, str]) -> dict[str, str]:
    """Headings of columns the vocabulary does not know, in their base, with and difference forms too."""
    from artois_geo import vocabulary

    more = {
        f"{name}{end}": f"{label}, {said}"
        for name, label in labels.items()
        for end, said in vocabulary.SIDES.items()
    }
    return {**labels, **more}


def named(frame: "gpd.GeoDataFrame") -> "pd.Series":
    """The name of each object, or its number in the layer."""
    for column in frame.columns:
        if column == "nom" or str(column).endswith("_nom"):
            return frame[column].fillna("sans nom")
    return frame.index.to_series().astype(str)


def flat(table: "pd.DataFrame", output: dict[str, Any]) -> "pd.DataFrame":
    """A text table has no place for a geometry; a layer needs it."""
    import geopandas as gpd

    if output["format"] in options.WITH_SHAPES or not isinstance(table, gpd.GeoDataFrame):
        return table
    return table.drop(columns=table.geometry.name)


def given(*layers: "Layer | Path | None") -> "list[Layer | Path]":
    """The layers that were given."""
    return [layer for layer in layers if layer is not None]


def french_number(value: float) -> str:
    """One decimal, as French writes it."""
    from artois_geo import tables

    return tables.number(value, 1)
