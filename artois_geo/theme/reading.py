"""Read a theme file: every colour, font and logo is checked before a page shows it."""

import base64
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from artois_geo.errors import BadValue, UnknownName, UnreadableFile, read_toml, reason
from artois_geo.text import comma
from artois_geo.theme import typeface

COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
FONT = re.compile(r"[\w][\w .-]*")  # no quote, no semicolon: a name cannot leave its string
IMAGES = {".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}
SIGNS = {  # by which a file of each kind is known
    "image/svg+xml": re.compile(
        rb"(?s)\s*(\xef\xbb\xbf)?\s*(<\?xml.*?\?>|<!--.*?-->|<!DOCTYPE.*?>|\s)*<svg[\s>]"
    ),
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
}
_MAIL = re.compile(r"[^\s@]+@[^\s@]+")
_PAGE = re.compile(r"https?://[^\s/]+\S*", re.IGNORECASE)
LARGEST_LOGO = 300_000  # bytes: it travels in every sheet
READABLE = 4.5  # contrast of a text, WCAG 2.2 level AA
NARROW, USUAL, WIDE = (
    0.46,
    0.72,
    1.07,
)  # of the size of a text: DejaVu Sans Bold, the widest of the usual fonts
NARROW_LETTERS, WIDE_LETTERS = frozenset("fijlrtI'’.,-() |!"), frozenset("mwMWœŒæÆ%@")
TEXTS_ON_WHITE = ("brand", "navy", "teal", "ink", "soft", "refusal")


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
    >>> from artois_geo.theme import read
    >>> read().colours["navy"]
    '#12304a'
    """
    shipped = shipped_values()
    if path is None:
        return _theme(shipped, {}, Path())
    own = read_toml(Path(path), "Thème illisible")
    return _theme(shipped, own, Path(path).parent)


def checked(text: str, folder: Path) -> Theme:
    """Read the text of a theme file that is not written yet; its logos are looked up in ``folder``.

    Raises
    ------
    UnreadableFile, UnknownName, BadValue
        As :func:`read`.

    Examples
    --------
    >>> checked('[owner]\\nname = "Agence fictive"', Path()).owner["name"]
    'Agence fictive'
    """
    return _theme(shipped_values(), tomllib.loads(text), folder)


def css(theme: Theme) -> str:
    """Return the theme as CSS: its typeface, then ``--brand``, ``--navy`` …, ``--symbol``, ``--font``.

    Examples
    --------
    >>> from artois_geo.theme import css, read
    >>> ":root { --brand: #17394a;" in css(read()), css(read()).count("@font-face")
    (True, 3)
    """
    colours = " ".join(f"--{name.replace('_', '-')}: {colour};" for name, colour in theme.colours.items())
    colours += f" --symbol: {theme.map['symbol']};"
    faces = typeface.font_faces() if typeface.SHIPPED.name in theme.fonts[:1] else ""
    return f"{faces}:root {{ {colours} --font: {font_stack(theme)}; }}\n"


def font_stack(theme: Theme) -> str:
    """Return the list of fonts as CSS and SVG write it.

    Examples
    --------
    >>> from artois_geo.theme import font_stack, read
    >>> font_stack(read()).endswith("'DejaVu Sans',sans-serif")
    True
    """
    return ",".join([*(f"'{name}'" for name in theme.fonts), "sans-serif"])  # no space: some printers keep it


def contrast(one: str, other: str) -> float:
    """Compute the contrast of two colours, 1 to 21 (WCAG 2.2).

    Examples
    --------
    >>> from artois_geo.theme import contrast
    >>> round(contrast("#000000", "#ffffff"))
    21
    """
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@cache
def shipped_values() -> dict[str, Any]:
    return tomllib.loads(files("artois_geo.theme").joinpath("theme.toml").read_text(encoding="utf-8"))


def _theme(shipped: dict[str, Any], own: dict[str, Any], folder: Path) -> Theme:
    """Build a theme from what is shipped and what a file changes, once it is checked."""
    for name in own:
        if name not in {*shipped, "logos"}:
            raise UnknownName("rubrique du thème", name, {*shipped, "logos"})
    colours = _branded(_colours(shipped, own, "colours"), own.get("colours", {}))
    for name in TEXTS_ON_WHITE:
        _require_readable(colours, name, "#ffffff", "fond blanc")
    _require_readable(colours, "brand_ink", colours["brand"], "« brand »")
    _require_readable(colours, "pale", colours["navy"], "« navy »")
    return Theme(
        owner=_owner(_merged(shipped, own, "owner")),
        colours=colours,
        map=_colours(shipped, own, "map"),
        fonts=_fonts(_merged(shipped, own, "fonts")["text"]),
        logos=tuple(_logo(entry, folder) for entry in own.get("logos", [])),
    )


def _owner(entry: Mapping[str, Any]) -> dict[str, str]:
    """Return who publishes, once a mail and a page are what they say."""
    owner = {name: str(text).strip() for name, text in entry.items()}
    if owner["mail"] and not _MAIL.fullmatch(owner["mail"]):
        raise BadValue(f"Courriel du thème : « {owner['mail']} ». L'écrire nom@domaine, ou le laisser vide.")
    if owner["url"] and not _PAGE.fullmatch(owner["url"]):
        raise BadValue(f"Page du thème : « {owner['url']} ». L'écrire https://…, ou la laisser vide.")
    return owner


def _branded(colours: dict[str, str], own: Mapping[str, Any]) -> dict[str, str]:
    """Give the colour of a house to what it does not colour itself: header, links, rules."""
    if "brand" not in own:
        return colours
    branded = colours | {name: colours["brand"] for name in ("navy", "teal") if name not in own}
    is_readable = contrast(branded["pale"], branded["navy"]) >= READABLE
    return branded if is_readable or "pale" in own else branded | {"pale": "#ffffff"}


def _require_readable(colours: Mapping[str, str], name: str, ground: str, ground_name: str) -> None:
    """Refuse a colour of text that cannot be read on its ground, with the contrast that it has."""
    ratio = contrast(colours[name], ground)
    if ratio < READABLE:
        raise BadValue(
            f"Couleur « {name} » du thème illisible sur {ground_name} : {colours[name]}, contraste de "
            f"{comma(f'{ratio:.1f}')} pour 1. Il en faut {comma(str(READABLE))} : foncer l'une ou éclaircir "
            "l'autre."
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
    if not SIGNS[kind].match(content):
        raise UnreadableFile(
            f"Logo du thème : {path} n'est pas une image {path.suffix.lower()}. L'enregistrer de nouveau."
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
    >>> from artois_geo.theme import text_width
    >>> text_width("Lens", 10) < text_width("Avion", 10) < text_width("Harnes", 10)
    True
    """
    return size * sum(
        NARROW if sign in NARROW_LETTERS else WIDE if sign in WIDE_LETTERS else USUAL for sign in text
    )
