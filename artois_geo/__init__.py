"""Land toolkit of a territory: layers, ZAN accounts, available land, canal, corridors, maps.

The rooms are imported on first use, so that ``import artois_geo`` stays instant.

>>> import artois_geo
>>> artois_geo.measure.M2_PER_HA
10000
"""

from importlib import import_module
from types import ModuleType

__version__ = "0.1.0"

ROOMS = (
    "canal",
    "charts",
    "cli",
    "constants",
    "corridors",
    "deliveries",
    "densification",
    "errors",
    "example",
    "fluvial",
    "formats",
    "kinds",
    "land",
    "languages",
    "layers",
    "maps",
    "meaning",
    "measure",
    "network",
    "offer",
    "overlay",
    "packs",
    "quantities",
    "ranking",
    "shapes",
    "sheets",
    "showcase",
    "sources",
    "studies",
    "suffixes",
    "tables",
    "territory",
    "text",
    "theme",
    "threads",
    "vocabulary",
    "whatif",
    "zae",
    "zan",
)

__all__ = ["ROOMS", "__version__"]


def __getattr__(name: str) -> ModuleType:
    if name in ROOMS:
        return import_module(f"artois_geo.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, *ROOMS])
