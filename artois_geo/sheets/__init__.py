"""Pages and sheets: HTML that opens from disk, prints, and asks the network for nothing."""

from artois_geo.arguments import guard
from artois_geo.charts.drawing import png
from artois_geo.sheets.access import access, access_of_sites
from artois_geo.sheets.board import Board, board
from artois_geo.sheets.front import Figure, FileRow, FrontPage, Link, Section, front_page
from artois_geo.sheets.location.overview import Look, locator, overview
from artois_geo.sheets.location.pins import Pin
from artois_geo.sheets.location.situation import Ground, ground_of, situation
from artois_geo.sheets.offer.cards import Card, CardGroup
from artois_geo.sheets.offer.profile import Profile
from artois_geo.sheets.offer.visitors import VisitorPage, visitor_page
from artois_geo.sheets.pdf import has_pdf, to_pdf
from artois_geo.sheets.report import Account, LocalReport, local_report
from artois_geo.sheets.report_pages import local_report_docx, local_report_html
from artois_geo.sheets.sheet import Options, commune, epci, site

__all__ = [
    "Account",
    "Board",
    "Card",
    "CardGroup",
    "Figure",
    "FileRow",
    "FrontPage",
    "Ground",
    "Link",
    "LocalReport",
    "Look",
    "Options",
    "Pin",
    "Profile",
    "Section",
    "VisitorPage",
    "access",
    "access_of_sites",
    "board",
    "commune",
    "epci",
    "front_page",
    "ground_of",
    "has_pdf",
    "local_report",
    "local_report_docx",
    "local_report_html",
    "locator",
    "overview",
    "png",
    "site",
    "situation",
    "to_pdf",
    "visitor_page",
]


guard(__name__)


def __dir__() -> list[str]:
    return sorted(__all__)
