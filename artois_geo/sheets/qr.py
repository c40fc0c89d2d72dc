"""A code for a telephone: an address, or a contact."""

import io
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import quote

import segno
from segno import helpers

from artois_geo.errors import BadValue
from artois_geo.sheets import wording

PLACE = "{id}"


def address(pattern: str, identifier: str) -> str:
    """Make the address of one sheet, from a pattern that contains ``{id}``.

    Raises
    ------
    BadValue
        The pattern is no http or https address, or lacks ``{id}``.

    Examples
    --------
    >>> address("https://exemple.fr/sites/{id}", "zone n°1/a")
    'https://exemple.fr/sites/zone%20n%C2%B01%2Fa'
    """
    if PLACE not in pattern or not wording.link(pattern.replace(PLACE, "x")).startswith("http"):
        raise BadValue(
            f"Adresse des fiches : « {pattern} ». Donner une adresse http ou https avec {PLACE} pour "
            f"l'identifiant, par exemple https://exemple.fr/sites/{PLACE}."
        )
    return pattern.replace(PLACE, quote(identifier, safe=""))


def mecard(contact: Mapping[str, str]) -> str:
    """Encode a contact for a telephone; an empty text without a name.

    Examples
    --------
    >>> mecard({"name": "Agence; A", "mail": "a@exemple.fr"})
    'MECARD:N:Agence\\\\; A;EMAIL:a@exemple.fr;;'
    """
    if not contact.get("name"):
        return ""
    return helpers.make_mecard_data(
        name=contact["name"],
        email=contact.get("mail") or None,
        phone=contact.get("phone") or None,
        url=wording.link(contact.get("url")) or None,
    )


@lru_cache(maxsize=256)  # both languages of a sheet, and often every sheet, lead to the same page
def qr(content: str, colour: str) -> str:
    """Draw a QR code as an SVG element; empty when the content is too long for one.

    Examples
    --------
    >>> qr("https://exemple.fr", "#12304a").startswith("<svg")
    True
    """
    try:
        code = segno.make_qr(content, error="m")
    except segno.DataOverflowError:
        return ""
    buffer = io.BytesIO()
    code.save(
        buffer,
        kind="svg",
        border=0,
        dark=colour,
        xmldecl=False,
        svgclass=None,
        lineclass=None,
        omitsize=True,
    )
    return buffer.getvalue().decode().strip()
