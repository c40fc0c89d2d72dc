"""The old door of the fluvial scheme, now ``artois_geo.packs.fluvial``; it closes with version 0.2."""

from pathlib import Path
from typing import Any

from artois_geo.deprecated import renamed, warn
from artois_geo.packs import fluvial

_NEW_NAMES = {name: name for name in ("DRAWN", "PLOT", "TITLE", "Scheme", "land_table")}
_NEW_NAMES["who"] = "governance_table"

__getattr__ = renamed(__name__, {old: f"artois_geo.packs.fluvial.{new}" for old, new in _NEW_NAMES.items()})


def write(
    folder: Path, *, land: Any, potential: Any, governance: Any, footer: Any, labels: Any, **map_layers: Any
) -> fluvial.Scheme:
    """Write a scheme from the parameters of version 0.1.0 (``background`` and ``described`` too).

    Examples
    --------
    >>> import warnings
    >>> from pathlib import Path
    >>> from artois_geo.fluvial import write
    >>> import tempfile
    >>> from artois_geo import example, tables
    >>> from pandas import DataFrame
    >>> columns = {"object": "terrain 0", "object_kind": "terrain", "name": "Parc"}
    >>> site = example.square(x_km=0, y_km=0, side_km=1, **columns)
    >>> pillars = {"land": site, "potential": DataFrame(columns=["sector"]), "governance": DataFrame()}
    >>> with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     len(write(Path(folder), **pillars, footer=tables.Footer(), labels={}).files)
    9
    """
    new_name = "artois_geo.packs.fluvial.write"
    warn(f"artois_geo.fluvial.write s'appelle désormais {new_name}.")
    study = fluvial.SchemeStudy(fluvial.Pillars(land, potential, governance), **map_layers)
    return fluvial.write(folder, study, footer=footer, labels=labels)
