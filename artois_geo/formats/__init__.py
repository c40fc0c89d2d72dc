"""Read files as they are, opened safely, and write GeoJSON and GeoPackage."""

from artois_geo.arguments import guard
from artois_geo.formats.crs_readings import why_unusable
from artois_geo.formats.exports.records import Provenance
from artois_geo.formats.findings import Finding
from artois_geo.formats.geojson.geojson_writer import geojson_text
from artois_geo.formats.opening import Limits
from artois_geo.formats.raw_table import RawTable
from artois_geo.formats.read import read_any, read_raw

__all__ = [
    "Finding",
    "Limits",
    "Provenance",
    "RawTable",
    "geojson_text",
    "read_any",
    "read_raw",
    "why_unusable",
]


guard(__name__)


def __dir__() -> list[str]:
    return sorted(__all__)
