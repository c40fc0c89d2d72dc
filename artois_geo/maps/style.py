"""What ``style.toml`` and ``words.toml`` say: how each kind is drawn, and the words of the page."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from artois_geo import languages, meaning

LANGUAGES = languages.LANGUAGES
OTHER, UNKNOWN = "other", "unknown"  # families of style.toml: no spelling matches; nothing was stated

Style = dict[str, Any]


@cache
def read_style() -> Style:
    """Read all of ``style.toml``, its labels in every language, and the columns that name a site."""
    style = languages.read("maps", "style.toml")
    for drawn_as in (style["default"], *style["kinds"].values()):
        if isinstance(drawn_as.get("name"), str):
            drawn_as["name"] = list(meaning.site_name_columns(drawn_as["name"]))
    return style


@cache
def read_words() -> dict[str, dict[str, str]]:
    """Read every word of the page: language, then key, then word.

    Examples
    --------
    >>> read_words()["en"]["legend"]
    'Legend and layers'
    """
    french = languages.read("maps", "words.toml")["fr"]
    return {
        lang: {key: languages.said(text, f"maps.words.{key}", lang) for key, text in french.items()}
        for lang in LANGUAGES
    }


@cache
def read_columns() -> dict[str, dict[str, Any]]:
    """Read all of ``columns.toml``: label of a column in each language, unit, decimals."""
    return languages.read("maps", "columns.toml")


def kind_style(kind: str) -> Style:
    """Return how a kind is drawn; a kind that ``style.toml`` does not name is drawn like ``[default]``.

    Examples
    --------
    >>> kind_style("terrain_eco")["drawn"], kind_style("un type à soi")["drawn"]
    ('discs', 'shapes')
    """
    style = read_style()
    return {**style["default"], **style["kinds"].get(kind, {})}


def is_known(kind: str) -> bool:
    """Tell whether ``style.toml`` names this kind."""
    return kind in read_style()["kinds"]


def drawn_like(kind: str, columns: Iterable[object]) -> str:
    """Name the kind whose drawing a layer takes: its own, or one that its columns make known.

    Examples
    --------
    >>> drawn_like("", ["id", "code_cs"]), drawn_like("zone_urba_2017", ["TYPEZONE"]), drawn_like("", ["nom"])
    ('ocsge', 'zone_urba', '')
    """
    if is_known(kind):
        return kind
    styles, present = read_style()["kinds"], set(columns)
    return next((name for name in styles if present & set(styles[name].get("recognised", []))), kind)


def covers_the_offer(kind: str, columns: Iterable[object]) -> bool:
    """Tell whether a layer would hide the sites of an offer: land cover, zoning, parcels, buildings.

    Examples
    --------
    >>> covers_the_offer("parcelle", []), covers_the_offer("", ["code_cs"]), covers_the_offer("friche", [])
    (True, True, False)
    """
    covering = read_style()["beneath_the_offer"]
    return kind in covering or drawn_like(kind, columns) in covering


def family(value: object) -> str:
    """Return the family (id in ``style.toml``) that a spelling belongs to.

    Examples
    --------
    >>> family("Parcs d’industrie"), family("ferme"), family(None)
    ('industrie', 'other', 'unknown')
    """
    if value is None or not str(value).strip():
        return UNKNOWN
    return _spellings("families").get(meaning.words(str(value)), OTHER)


def account(value: object) -> str:
    """Return the ZAN account (id in ``style.toml``) of a spelling: recycled land, extension…

    Examples
    --------
    >>> account("recyclé"), account("Extension urbaine"), account("zone 2"), account(None)
    ('recycled', 'extension', 'other', 'unknown')
    """
    if value is None or not str(value).strip():
        return UNKNOWN
    return _spellings("accounts").get(meaning.words(str(value)), OTHER)


def looks(drawn_as: Style, classes: Sequence[str | None]) -> list[str | int | None]:
    """Return the look of each feature: the id of its family for discs, the place of its icon for symbols."""
    if drawn_as["drawn"] == "discs":
        return [family(value) for value in classes]
    icons = drawn_as.get("icons", [])
    icon_index = {meaning.words(value): index for index, icon in enumerate(icons) for value in icon["values"]}
    return [icon_index.get(meaning.words(value or "")) for value in classes]


@cache
def _spellings(entries: str) -> dict[str, str]:
    return {meaning.words(value): entry["id"] for entry in read_style()[entries] for value in entry["values"]}


def slug(text: str) -> str:
    """Make a name that can stand in an id or an address.

    Examples
    --------
    >>> slug("Évin-Malmaison <script>"), slug("***")
    ('evin-malmaison-script', 'x')
    """
    ascii_only = meaning.words(text).encode("ascii", "ignore").decode()
    return "-".join(ascii_only.split())[:60] or "x"
