"""The same cover seen otherwise: only what lies around a territory, or under other names of columns."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from artois_geo.overlay import frames
from artois_geo.overlay.frames import Geometries
from artois_geo.overlay.sources import Batch, Bounds, Cover, GeoPackage, GeoParquet


@dataclass(frozen=True)
class Window:
    """What a file holds around a territory: the rest is not read."""

    cover: Cover
    bounds: Bounds

    @property
    def rows(self) -> int:
        return self.cover.rows

    def require(self, columns: Sequence[str], *, name: str) -> None:
        self.cover.require(columns, name=name)

    def parts(self, columns: Sequence[str], bounds: Bounds | None) -> list[Iterator[Batch]]:
        return self.cover.parts(columns, self.bounds if bounds is None else bounds)


@dataclass(frozen=True)
class Renamed:
    """A cover under other names of columns."""

    cover: Cover
    names: Mapping[str, str]  # ours to its own

    @property
    def rows(self) -> int:
        return self.cover.rows

    def require(self, columns: Sequence[str], *, name: str) -> None:
        frames.require_columns(pd.DataFrame(columns=list(self.names)), columns, name=name)
        self.cover.require([self.names[column] for column in columns], name=name)

    def parts(self, columns: Sequence[str], bounds: Bounds | None) -> list[Iterator[Batch]]:
        return self.cover.parts([self.names[column] for column in columns], bounds)


def renamed(cover: GeoPackage | GeoParquet, names: Mapping[str, str]) -> Cover:
    """Give the columns of a file other names, so that two deliveries can be compared.

    Parameters
    ----------
    cover
        What `open_cover` gives.
    names
        New name to name in the file; a column not named here cannot be asked for.

    Returns
    -------
    Cover
        To be given to `area_table` or `change_table` in place of a frame.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "ocsge.gpkg"
    >>> plain.square(x_km=0, y_km=0, side_km=1, CODE_CS="CS1").to_file(path, layer="sol")
    >>> from artois_geo.overlay import area_table, open_cover
    >>> zone = plain.square(x_km=0, y_km=0, side_km=1)
    >>> area_table(zone, renamed(open_cover(path), {"cs": "CODE_CS"}), by=["cs"])
       zone   cs  area_ha
    0     0  CS1    100.0
    """
    return Renamed(cover, names)


def around(cover: Cover, zones: Geometries) -> Cover:
    """Limit a cover left in its file to where zones may lie: the rest is not read."""
    bounds = bounds_of(zones)
    return Window(cover, bounds) if bounds and isinstance(cover, GeoPackage | GeoParquet | Renamed) else cover


def bounds_of(zones: Geometries) -> Bounds | None:
    """Return the box of all zones; None where there is no ground."""
    if not len(zones):  # some versions of shapely have no bounds for nothing
        return None
    west, south, east, north = (float(side) for side in shapely.total_bounds(zones))
    return None if np.isnan(west) else (west, south, east, north)
