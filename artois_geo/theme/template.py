"""A theme file to fill: in French, every key explained, what its author already gave in its place."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from artois_geo.theme import reading

PARTS = {  # of a theme, as its template explains them
    "owner": "qui publie : en haut de la carte, des fiches, de la planche ; vide, rien n'est montré",
    "colours": "couleurs #rrvvbb ; les textes restent lisibles sur fond blanc (contraste de 4,5)",
    "map": "couleurs de la carte des fiches",
    "fonts": "polices, par ordre de préférence ; Source Sans 3 voyage dans les pages (licence OFL 1.1)",
}
USES = {
    "legal": "mention légale, en bas des pages",
    "legal_en": "la même en anglais",
    "brand": "votre couleur : filet de l'en-tête, boutons ; colore aussi navy et teal",
    "brand_ink": "texte sur brand",
    "navy": "titres, en-tête",
    "teal": "liens, filets, barres",
    "ink": "texte",
    "soft": "étiquettes, notes",
    "line": "filets entre les lignes",
    "ground": "derrière les chiffres",
    "accent": "alertes",
    "tip": "derrière les alertes",
    "tint": "derrière ce qui est vraiment offert",
    "refusal": "ce qui ne compte pas",
    "pale": "textes de l'en-tête, sur navy",
    "site": "le site d'une fiche, sur sa carte",
}
LOGO = """# Logos, dans l'ordre : .svg, .png ou .jpg, à côté de ce fichier.
# [[logos]]
# file = "logo.svg"
# name = "Nom de l'organisme"
"""


@dataclass(frozen=True)
class ThemeRequest:
    """Ask for a theme file: who publishes, its colour, its logo; what is empty is left to fill."""

    nom: str = ""
    courriel: str = ""
    telephone: str = ""
    page: str = ""
    mention: str = ""
    couleur: str = ""
    logo: Path | None = None

    @property
    def owner(self) -> Mapping[str, str]:
        """Return what the request says of who publishes, by the keys of a theme."""
        values = (self.nom, self.courriel, self.telephone, self.page, self.mention)
        return dict(zip(("name", "mail", "phone", "url", "legal"), values, strict=True))


def template(request: ThemeRequest | None = None, folder: Path | None = None) -> bytes:
    """Write a theme file to fill, in French: who publishes, then each colour and font as it is shipped.

    Parameters
    ----------
    request
        What the author already gives; nothing by default.
    folder
        Where the file will stand, to write the way to the logo; the working folder by default.

    Raises
    ------
    BadValue
        A colour that is not ``#rrggbb``, or that cannot be read on white.
    UnreadableFile
        A logo that is absent, too large or no image.

    Examples
    --------
    >>> from artois_geo.theme import ThemeRequest, template
    >>> import tomllib
    >>> tomllib.loads(template().decode())["colours"]
    {}
    >>> agency = template(ThemeRequest(nom="Agence fictive", couleur="#7a003c")).decode()
    >>> tomllib.loads(agency)["owner"]["name"], tomllib.loads(agency)["colours"]
    ('Agence fictive', {'brand': '#7a003c'})
    """
    request, folder = request or ThemeRequest(), folder or Path()
    lines = ["# Votre thème : à donner par --theme. Enlever le « # » de ce qui doit changer."]
    for part, values in reading.shipped_values().items():
        lines += ["", f"[{part}]  # {PARTS[part]}"]
        lines += [_line(part, name, value, request) for name, value in values.items()]
    text = "\n".join([*lines, "", _logo(request, folder)])
    reading.checked(text, folder)
    return text.encode()


def _line(part: str, name: str, value: Any, request: ThemeRequest) -> str:
    """Write one key of a part: as the request gives it, else as it is shipped, to be uncommented."""
    typed_text = request.owner.get(name) if part == "owner" else request.couleur if name == "brand" else ""
    remark = f"  # {USES[name]}" if part in {"owner", "colours"} and name in USES else ""
    text = json.dumps(typed_text or value, ensure_ascii=False)
    return f"{'' if part == 'owner' or typed_text else '# '}{name} = {text}{remark}"


def _logo(request: ThemeRequest, folder: Path) -> str:
    if request.logo is None:
        return LOGO
    file = Path(os.path.relpath(request.logo, folder)).as_posix()
    name = request.nom or request.logo.stem
    keys = (
        f"{key} = {json.dumps(text, ensure_ascii=False)}" for key, text in (("file", file), ("name", name))
    )
    return "\n".join(["[[logos]]", *keys, ""])
