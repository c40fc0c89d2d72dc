"""The languages of maps and sheets: French as it is written in our files, and a catalogue for each other one.

A text of ours that a reader sees stands in a TOML file as ``{ fr = "…" }``, or in the ``[fr]`` table of
``maps/words.toml``. Its translations are in ``locale/<language>/LC_MESSAGES/artois_geo.po``, which any
gettext editor opens; ``scripts/catalogues`` brings them up to date and compiles them.
"""

import gettext
import tomllib
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any

from artois_geo.errors import BadValue

__all__ = [
    "DOMAIN",
    "LANGUAGES",
    "LOCALE",
    "SOURCE",
    "in_all",
    "read",
    "require",
    "said",
    "translated",
    "twins",
]

DOMAIN = "artois_geo"
SOURCE = "fr"  # the language that our files are written in
LOCALE = files("artois_geo").joinpath("locale")
LANGUAGES = (SOURCE, *sorted(folder.name for folder in LOCALE.iterdir() if folder.is_dir()))


def require(lang: str) -> str:
    """Return a language that has a catalogue; refuse another one.

    Raises
    ------
    BadValue
        The message says which there are.

    Examples
    --------
    >>> from artois_geo.languages import require
    >>> require("de")
    Traceback (most recent call last):
    artois_geo.errors.BadValue: Langue inconnue : « de ». Choisir fr ou en.
    """
    if lang not in LANGUAGES:
        raise BadValue(f"Langue inconnue : « {lang} ». Choisir {' ou '.join(LANGUAGES)}.")
    return lang


def said(text: str, context: str, lang: str) -> str:
    """Translate a French text of ours into another language; leave it as it is if no catalogue has it.

    A translation whose blanks are not those of the text is not taken: nothing could fill them.

    Examples
    --------
    >>> from artois_geo.languages import said
    >>> said("Légende", "sheets.words.legend", "en"), said("Légende", "sheets.words.legend", "fr")
    ('Legend', 'Légende')
    """
    if not text or lang == SOURCE:
        return text
    translation = _catalogue(lang).pgettext(context, text)
    return translation if _fills_as(translation, text) else text


def _fills_as(translation: str, text: str) -> bool:
    """Tell whether the blanks of a translation are all blanks of its text."""
    if not {"{", "}"} & set(translation):
        return True
    try:
        return _blanks(translation) <= _blanks(text)
    except ValueError:  # a brace that opens or closes nothing
        return False


def _blanks(text: str) -> set[tuple[str | None, ...]]:
    """Read the blanks of a text, each with its name, its format and its conversion."""
    return {tuple(parts) for _, *parts in Formatter().parse(text) if parts[0] is not None}


def in_all(text: str, context: str) -> dict[str, str]:
    """Translate a French text of ours into every language, by language.

    Examples
    --------
    >>> from artois_geo.languages import in_all
    >>> in_all("Légende", "sheets.words.legend")
    {'fr': 'Légende', 'en': 'Legend'}
    """
    return {lang: said(text, context, lang) for lang in LANGUAGES}


def twins(column: str) -> tuple[str, ...]:
    """Name the columns that may hold the translations of a column.

    Examples
    --------
    >>> from artois_geo.languages import twins
    >>> twins("site_nom")
    ('site_nom_en',)
    """
    return tuple(f"{column}_{lang}" for lang in LANGUAGES if lang != SOURCE)


def read(room: str, name: str) -> dict[str, Any]:
    """Read a TOML file of a room, with the translations of its French texts.

    Examples
    --------
    >>> from artois_geo.languages import read
    >>> read("maps", "columns.toml")["famille"]
    {'fr': 'Famille', 'en': 'Family'}
    """
    text = files(f"artois_geo.{room}").joinpath(name).read_text(encoding="utf-8")
    return translated(tomllib.loads(text), f"{room}.{name.removesuffix('.toml')}")


def translated(entry: Any, context: str) -> Any:
    """Translate an entry of a TOML file: each table with a French text gets every language.

    The context of a text is the path to it, lists left out: it tells apart texts that are the
    same in French only, and does not change when an entry is put before another.

    Examples
    --------
    >>> from artois_geo.languages import translated
    >>> translated({"label": {"fr": "jamais vu"}, "drawn": "discs"}, "essai")
    {'label': {'fr': 'jamais vu', 'en': 'jamais vu'}, 'drawn': 'discs'}
    """
    if isinstance(entry, list):
        return [translated(child, context) for child in entry]
    if not isinstance(entry, dict):
        return entry
    translations = {key: translated(child, f"{context}.{key}") for key, child in entry.items()}
    french = entry.get(SOURCE)
    return in_all(french, context) | translations if isinstance(french, str) else translations


@cache
def _catalogue(lang: str) -> gettext.NullTranslations:
    with LOCALE.joinpath(lang, "LC_MESSAGES", f"{DOMAIN}.mo").open("rb") as compiled:
        return gettext.GNUTranslations(compiled)


def __dir__() -> list[str]:
    return sorted(__all__)
