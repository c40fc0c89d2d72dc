"""Colours, fonts and logos that maps, sheets and board share, from one file."""

import base64
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from artois_geo.errors import BadValue, UnknownName, UnreadableFile, read_toml, reason

COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
FONT = re.compile(r"[\w][\w .-]*")  # no quote, no semicolon: a name cannot leave its string
IMAGES = {".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}
LARGEST_LOGO = 300_000  # bytes: it travels in every sheet
READABLE = 4.5  # contrast of a text, WCAG 2.2 level AA
NARROW, USUAL, WIDE = (
    0.46,
    0.72,
    1.07,
)  # of the size of a text: DejaVu Sans Bold, the widest of the usual fonts
NARROW_LETTERS, WIDE_LETTERS = frozenset("fijlrtI'’.,-() |!"), frozenset("mwMWœŒæÆ%@")
PARTS = {  # of a theme, as its template explains them
    "owner": "qui publie : en haut des fiches et de la planche ; vide, rien n'est montré",
    "colours": "couleurs #rrvvbb ; les textes restent lisibles sur fond blanc (contraste de 4,5)",
    "map": "couleurs de la carte des fiches",
    "fonts": "polices, par ordre de préférence : la première que le poste possède",
}
COLOUR_USES = {
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
_LOGO = """# Logos, en haut à droite, dans l'ordre : .svg, .png ou .jpg, à côté de ce fichier.
# [[logos]]
# file = "logo.svg"
# name = "Nom de l'organisme"
"""
TEXTS_ON_WHITE = ("navy", "teal", "ink", "soft", "refusal")


@dataclass(frozen=True)
class Logo:
    """An image as a ``data:`` address, and the name that stands for it."""

    name: str
    address: str


@dataclass(frozen=True)
class Theme:
    """What a house looks like. Colours are ``#rrggbb``, by their names in ``theme.toml``."""

    owner: Mapping[str, str]
    colours: Mapping[str, str]
    map: Mapping[str, str]
    fonts: tuple[str, ...]
    logos: tuple[Logo, ...] = ()


def read(path: Path | None = None) -> Theme:
    """Read the theme of a file, or the one that comes with the library.

    Parameters
    ----------
    path
        TOML file of the same keys as ``theme.toml``; what it leaves out keeps its
        shipped value. Logos are read beside it.

    Raises
    ------
    UnreadableFile
        No such file, not TOML, or a logo that is absent, too large or no image.
    UnknownName
        A key that no theme has.
    BadValue
        A colour that is not ``#rrggbb``, a font name with odd signs, or a colour
        of text that cannot be read on white.

    Examples
    --------
    >>> read().colours["navy"]
    '#12304a'
    """
    shipped = _shipped()
    if path is None:
        return _theme(shipped, {}, Path())
    own = read_toml(Path(path), "Thème illisible")
    return _theme(shipped, own, Path(path).parent)


def template() -> bytes:
    """Write a theme file to fill, in French: who publishes, then each colour and font as it is shipped.

    Examples
    --------
    >>> tomllib.loads(template().decode())
    {'owner': {'name': '', 'mail': '', 'phone': '', 'url': ''}, 'colours': {}, 'map': {}, 'fonts': {}}
    """
    shipped = _shipped()
    lines = ["# Votre thème : à donner par --theme. Enlever le « # » de ce qui doit changer."]
    for part, values in shipped.items():
        lines += ["", f"[{part}]  # {PARTS[part]}"]
        for name, value in values.items():
            remark = f"  # {COLOUR_USES[name]}" if part == "colours" else ""
            text = json.dumps(value, ensure_ascii=False)
            lines.append(f"{'' if part == 'owner' else '# '}{name} = {text}{remark}")
    return "\n".join([*lines, "", _LOGO]).encode()


def css(theme: Theme) -> str:
    """Return the theme as CSS custom properties: ``--navy`` …, ``--symbol``, ``--font``.

    Examples
    --------
    >>> css(read()).startswith(":root { --navy: #12304a;")
    True
    """
    colours = " ".join(f"--{name}: {colour};" for name, colour in theme.colours.items())
    colours += f" --symbol: {theme.map['symbol']};"
    return f":root {{ {colours} --font: {font_stack(theme)}; }}\n"


def font_stack(theme: Theme) -> str:
    """Return the list of fonts as CSS and SVG write it.

    Examples
    --------
    >>> font_stack(read()).endswith("'DejaVu Sans',sans-serif")
    True
    """
    return ",".join([*(f"'{name}'" for name in theme.fonts), "sans-serif"])  # no space: some printers keep it


def contrast(one: str, other: str) -> float:
    """Compute the contrast of two colours, 1 to 21 (WCAG 2.2).

    Examples
    --------
    >>> round(contrast("#000000", "#ffffff"))
    21
    """
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@cache
def _shipped() -> dict[str, Any]:
    return tomllib.loads(files("artois_geo").joinpath("theme.toml").read_text(encoding="utf-8"))


def _theme(shipped: dict[str, Any], own: dict[str, Any], folder: Path) -> Theme:
    """Build a theme from what is shipped and what a file changes, once it is checked."""
    for name in own:
        if name not in {*shipped, "logos"}:
            raise UnknownName("rubrique du thème", name, {*shipped, "logos"})
    colours = _colours(shipped, own, "colours")
    for name in TEXTS_ON_WHITE:
        if contrast(colours[name], "#ffffff") < READABLE:
            raise BadValue(
                f"Couleur « {name} » du thème illisible sur fond blanc : {colours[name]}. La foncer."
            )
    if contrast(colours["pale"], colours["navy"]) < READABLE:
        raise BadValue(
            "Couleur « pale » du thème illisible sur « navy » : éclaircir l'une ou foncer l'autre."
        )
    return Theme(
        owner={name: str(text) for name, text in _merged(shipped, own, "owner").items()},
        colours=colours,
        map=_colours(shipped, own, "map"),
        fonts=_fonts(_merged(shipped, own, "fonts")["text"]),
        logos=tuple(_logo(entry, folder) for entry in own.get("logos", [])),
    )


def _fonts(entry: Any) -> tuple[str, ...]:
    """Return the fonts of an entry, which is one font or a list of fonts."""
    return tuple(_font(name) for name in ([entry] if isinstance(entry, str) else entry))


def _merged(shipped: dict[str, Any], own: dict[str, Any], part: str) -> dict[str, Any]:
    own_values = own.get(part, {})
    if not isinstance(own_values, dict):
        raise BadValue(f"« {part} » du thème doit être une rubrique : [{part}].")
    for name in own_values:
        if name not in shipped[part]:
            raise UnknownName(f"clé du thème dans [{part}]", name, shipped[part])
    return {**shipped[part], **own_values}


def _colours(shipped: dict[str, Any], own: dict[str, Any], part: str) -> dict[str, str]:
    colours = {name: str(colour) for name, colour in _merged(shipped, own, part).items()}
    for name, colour in colours.items():
        if not COLOUR.fullmatch(colour):
            raise BadValue(
                f"Couleur « {name} » du thème : « {colour} ». L'écrire #rrvvbb, par exemple #12304a."
            )
    return colours


def _font(name: object) -> str:
    if not FONT.fullmatch(str(name)):
        raise BadValue(
            f"Police du thème : « {name} ». Un nom de police n'a que des lettres, chiffres et espaces."
        )
    return str(name)


def _logo(entry: Mapping[str, Any], folder: Path) -> Logo:
    """Read the image of a logo, once its kind and size are checked."""
    path = folder / str(entry.get("file", ""))
    kind = IMAGES.get(path.suffix.lower())
    if kind is None:
        raise UnreadableFile(f"Logo du thème : {path}. Donner un fichier {', '.join(IMAGES)}.")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(f"Logo du thème illisible : {path} ({reason(error)}).") from error
    if len(content) > LARGEST_LOGO:
        raise UnreadableFile(
            f"Logo du thème trop lourd : {path}, {len(content) // 1000} ko. Le réduire à 300 ko."
        )
    return Logo(str(entry.get("name", "")), f"data:{kind};base64,{base64.b64encode(content).decode()}")


def _luminance(colour: str) -> float:
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in channels
    ]
    return sum(weight * light for weight, light in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def text_width(text: str, size: float) -> float:
    """Estimate how wide a text in bold may be, in the widest usual font: for names that must not touch.

    Examples
    --------
    >>> text_width("Lens", 10) < text_width("Avion", 10) < text_width("Harnes", 10)
    True
    """
    return size * sum(
        NARROW if sign in NARROW_LETTERS else WIDE if sign in WIDE_LETTERS else USUAL for sign in text
    )
