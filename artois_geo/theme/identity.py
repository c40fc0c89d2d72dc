"""Who publishes: the block of logo, name and contact that stands at the top of every page."""

import re

from markupsafe import Markup, escape

from artois_geo.languages import SOURCE
from artois_geo.theme.reading import Theme

_SCHEME = re.compile(r"^https?://(www\.)?", re.IGNORECASE)
CONTACT = ("mail", "phone", "url")


def contact_line(look: Theme) -> str:
    """Join the mail, telephone and page of who publishes; an empty text without any.

    Examples
    --------
    >>> from artois_geo.theme import contact_line
    >>> from artois_geo import theme
    >>> contact_line(theme.read())
    ''
    """
    return " · ".join(contact_parts(look))


def contact_parts(look: Theme) -> list[str]:
    """List the mail, telephone and page of who publishes, as they are read: a page without its ``https://``.

    Examples
    --------
    >>> from pathlib import Path
    >>> from artois_geo.theme import reading
    >>> contact_parts(reading.checked('[owner]\\nurl = "https://exemple.fr/"', Path()))
    ['exemple.fr']
    """
    parts = (look.owner.get(name, "") for name in CONTACT)
    return [_SCHEME.sub("", part).removesuffix("/").replace(" ", "\u00a0") for part in parts if part]


def legal_mention(look: Theme, lang: str) -> Markup:
    """Write the legal mention of who publishes in a language; in French, marked so, where it has no other.

    Examples
    --------
    >>> from artois_geo.theme import legal_mention
    >>> from artois_geo import theme
    >>> legal_mention(theme.read(), "fr")
    Markup('')
    """
    mention = look.owner.get("legal", "")
    if lang == SOURCE or not mention:
        return escape(mention)
    translated = look.owner.get(f"legal_{lang}", "")
    return escape(translated) if translated else Markup('<span lang="{}">{}</span>').format(SOURCE, mention)


def identity(look: Theme) -> Markup:
    """Write the identity of who publishes as HTML: logos, name, contact; nothing in its place without any.

    Examples
    --------
    >>> from artois_geo.theme import identity
    >>> from artois_geo import theme
    >>> identity(theme.read())
    Markup('')
    """
    logos = Markup("").join(
        Markup('<img class="logo" src="{}" alt="{}">').format(logo.address, logo.name) for logo in look.logos
    )
    name = look.owner.get("name", "")
    contact = Markup(" · ").join(Markup("<i>{}</i>").format(part) for part in contact_parts(look))
    owner = Markup("<b>{}</b>").format(name) if name else Markup("")
    owner += Markup("<span>{}</span>").format(contact) if contact else Markup("")
    block = logos + (Markup('<span class="owner">{}</span>').format(owner) if owner else Markup(""))
    return Markup('<div class="identity">{}</div>').format(block) if block else Markup("")
