"""Maps: from layers to one page that a planner can send, show and print."""

from artois_geo.arguments import guard
from artois_geo.maps.build import build
from artois_geo.maps.inputs.chosen import Style
from artois_geo.maps.numbers.thematic import Thematic
from artois_geo.maps.records import Background, Kiosk
from artois_geo.maps.results.records import Amount, Result, Step
from artois_geo.maps.standalone import standalone

__all__ = ["Amount", "Background", "Kiosk", "Result", "Step", "Style", "Thematic", "build", "standalone"]


guard(__name__)


def __dir__() -> list[str]:
    return sorted(__all__)
