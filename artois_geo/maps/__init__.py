"""Maps: from layers to one page that a planner can send, show and print."""

from artois_geo.maps.build import build
from artois_geo.maps.inputs.chosen import Style
from artois_geo.maps.numbers.thematic import Thematic
from artois_geo.maps.records import Background, Kiosk
from artois_geo.maps.standalone import standalone

__all__ = ["Background", "Kiosk", "Style", "Thematic", "build", "standalone"]


def __dir__() -> list[str]:
    return sorted(__all__)
