"""The old door of the fluvial scheme, now ``artois_geo.packs.fluvial``; it closes with version 0.2."""

import warnings
from pathlib import Path
from typing import Any

from artois_geo.packs import fluvial

_RENAMED = {"who": "governance_table"}
_SAME = ("DRAWN", "PLOT", "TITLE", "Scheme", "land_table", "write")

__all__ = [*_SAME, *_RENAMED]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    new_name = _RENAMED.get(name, name)
    warnings.warn(
        f"artois_geo.fluvial.{name} devient artois_geo.packs.fluvial.{new_name}.",
        DeprecationWarning,
        stacklevel=2,
    )
    return _write if name == "write" else getattr(fluvial, new_name)


def _write(
    folder: Path, *, land: Any, potential: Any, governance: Any, footer: Any, labels: Any, **map_layers: Any
) -> fluvial.Scheme:
    """Write a scheme from the parameters of version 0.1.0 (``background`` and ``described`` too)."""
    study = fluvial.SchemeStudy(fluvial.Pillars(land, potential, governance), **map_layers)
    return fluvial.write(folder, study, footer=footer, labels=labels)
