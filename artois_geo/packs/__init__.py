"""Folders that leave the agency: offer, map, sheets, board, data for a portal, manifest."""

from artois_geo.arguments import guard
from artois_geo.deprecated import renamed
from artois_geo.packs.catalogue_map import CatalogueMap, catalogue_map, picture
from artois_geo.packs.given_tables import by_thing, things
from artois_geo.packs.map_image import png, svg, undrawn
from artois_geo.packs.sections.map_columns import with_study
from artois_geo.packs.simi import TITLE, FairOptions, Pack, simi
from artois_geo.packs.site_sheets import (
    Edition,
    commune_sheet,
    epci_sheet,
    site_id,
    site_ids,
    site_sheet,
    stems,
)
from artois_geo.packs.summary import summary
from artois_geo.studies.sites.all_analyses import Study
from artois_geo.studies.sites.all_analyses import study as study_of
from artois_geo.studies.sites.catalogue_data import CatalogueData
from artois_geo.studies.sites.catalogue_data import read as read_catalogue_data

__all__ = [
    "TITLE",
    "CatalogueData",
    "CatalogueMap",
    "Edition",
    "FairOptions",
    "Pack",
    "Study",
    "by_thing",
    "catalogue_map",
    "commune_sheet",
    "epci_sheet",
    "picture",
    "png",
    "read_catalogue_data",
    "simi",
    "site_id",
    "site_ids",
    "site_sheet",
    "stems",
    "study_of",
    "summary",
    "svg",
    "things",
    "undrawn",
    "with_study",
]

__getattr__ = renamed(__name__, {"Holdings": "CatalogueData", "holdings_of": "read_catalogue_data"})


guard(__name__)


def __dir__() -> list[str]:
    return sorted(__all__)
