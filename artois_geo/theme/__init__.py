"""Colours, typeface, name, contact and logos that maps, sheets and board share, from one file."""

from artois_geo.theme.identity import contact_line, identity, legal_mention
from artois_geo.theme.reading import (
    COLOUR,
    FONT,
    IMAGES,
    LARGEST_LOGO,
    READABLE,
    TEXTS_ON_WHITE,
    Logo,
    Theme,
    contrast,
    css,
    font_stack,
    read,
    text_width,
)
from artois_geo.theme.template import ThemeRequest, template
from artois_geo.theme.typeface import Typeface, typeface

__all__ = [
    "COLOUR",
    "FONT",
    "IMAGES",
    "LARGEST_LOGO",
    "READABLE",
    "TEXTS_ON_WHITE",
    "Logo",
    "Theme",
    "ThemeRequest",
    "Typeface",
    "contact_line",
    "contrast",
    "css",
    "font_stack",
    "identity",
    "legal_mention",
    "read",
    "template",
    "text_width",
    "typeface",
]


def __dir__() -> list[str]:
    return sorted(__all__)
