"""Maps: from layers to one page that a planner can send, show and print."""

from artois_geo.maps.build import build
from artois_geo.maps.standalone import standalone
from artois_geo.maps.thematic import Thematic

__all__ = ["Thematic", "build", "standalone"]
