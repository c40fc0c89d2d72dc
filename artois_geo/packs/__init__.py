"""What leaves the agency as one folder: the one place where layers, analyses, maps and pages meet."""

from artois_geo.packs.given_tables import by_thing, things
from artois_geo.packs.map_columns import with_study
from artois_geo.packs.simi import TITLE, Pack, simi
from artois_geo.packs.site_sheets import (
    Edition,
    commune_sheet,
    epci_sheet,
    site_id,
    site_ids,
    site_sheet,
    stems,
)
from artois_geo.packs.still import png, svg, undrawn
from artois_geo.studies.catalogue_data import Holdings
from artois_geo.studies.catalogue_data import read as holdings_of
from artois_geo.studies.sites import Study
from artois_geo.studies.sites import study as study_of

__all__ = [
    "TITLE",
    "Edition",
    "Holdings",
    "Pack",
    "Study",
    "by_thing",
    "commune_sheet",
    "epci_sheet",
    "holdings_of",
    "png",
    "simi",
    "site_id",
    "site_ids",
    "site_sheet",
    "stems",
    "study_of",
    "svg",
    "things",
    "undrawn",
    "with_study",
]
