"""What stands under a table: where its figures come from and how they were measured."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

import pandas as pd

from artois_geo.constants import Constant
from artois_geo.measure import CONVENTIONS
from artois_geo.suffixes import FilePath
from artois_geo.tables.frame_warnings import warnings
from artois_geo.tables.french import quantity
from artois_geo.tables.values import is_number
from artois_geo.text import UNITS, UNSAID_FEMININE

SOURCES = ".sources.csv"  # ends the name of the file beside a CSV
COLUMNS = ("rubrique", "objet", "texte", "valeur", "unite", "depuis", "source")
_NO_OPTION: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Source:
    """A layer that a table was made from, and what must be said of it; ``home``: whose folder holds it."""

    layer: str
    title: str = ""
    vintage: str = ""
    licence: str = ""
    source: str = ""
    home: str = ""


@dataclass(frozen=True)
class Footer:
    """The layers, constants, convention and warnings that go with a table.

    ``surface`` is the sentence of the convention, empty when the table holds no area.
    """

    sources: tuple[Source, ...] = ()
    constants: tuple[Constant, ...] = ()
    surface: str = ""
    notes: tuple[str, ...] = ()


class Described(Protocol):
    """A layer as a catalogue describes it."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def vintage(self) -> str: ...
    @property
    def licence(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def home(self) -> str: ...


def source_of(layer: Described | Source | FilePath) -> Source:
    """Return what a footer says of a layer of a catalogue, or of a file.

    Examples
    --------
    >>> from artois_geo.tables import source_of
    >>> source_of("plan/zones.gpkg")
    Source(layer='zones.gpkg', title='', vintage='', licence='', source='', home='')
    """
    if isinstance(layer, Source):
        return layer
    if isinstance(layer, str | PathLike):
        return Source(Path(layer).name)
    return Source(layer.name, layer.title, layer.vintage, layer.licence, layer.source, layer.home)


def footer_of(
    frame: pd.DataFrame,
    *,
    sources: Iterable[Described | Source | FilePath] = (),
    constants: Iterable[Constant] = (),
    surface: str = "",
    notes: Iterable[str] = (),
) -> Footer:
    """Return what stands under a table, with how many of its rows are schematic or made up.

    Parameters
    ----------
    frame
        The table.
    sources
        Layers it was made from: layers of a catalogue, files, or ready-made sources.
    constants
        Constants that went into it.
    surface
        Key of ``measure.CONVENTIONS`` or a sentence, empty when the table holds no area.
    notes
        French sentences: what a reader must know before using a figure.

    Examples
    --------
    >>> from artois_geo.tables import footer_of, source_lines
    >>> from artois_geo import example
    >>> site = example.square(x_km=0, y_km=0, side_km=1, geometrie="schématique")
    >>> source_lines(footer_of(site, surface="lambert93"))
    ['Surfaces planes en Lambert-93 (EPSG:2154)', 'Géométrie schématique : 1 objet sur 1, à ne pas mesurer.']
    """
    return Footer(
        sources=tuple(map(source_of, sources)),
        constants=tuple(constants),
        surface=CONVENTIONS.get(surface, surface),
        notes=tuple(dict.fromkeys([*notes, *warnings(frame)])),
    )


def source_lines(footer: Footer) -> list[str]:
    """Write the footer as French sentences, one per line.

    Examples
    --------
    >>> from artois_geo.tables import Footer, Source, source_lines
    >>> source_lines(Footer(sources=(Source("communes", vintage="2026", licence="LO 2.0"),)))
    ['Couche communes : millésime 2026, licence LO 2.0']
    >>> source_lines(Footer(sources=(Source("zae", vintage="2026", home="espace de travail"),)))
    ['Couche zae (espace de travail) : millésime 2026']
    """
    lines = []
    for source in footer.sources:
        details = [
            f"millésime {source.vintage}" if source.vintage else "millésime non indiqué",
            f"licence {source.licence}" if source.licence else "",
            f"source {UNSAID_FEMININE}" if source.source == UNSAID_FEMININE else source.source,
        ]
        home = f" ({source.home})" if source.home else ""
        lines.append(f"Couche {source.layer}{home} : {', '.join(detail for detail in details if detail)}")
    for constant in footer.constants:
        lines.append(f"{constant.title} : {quantity(constant.value, constant.unit)} ({constant.source})")
    if footer.surface:
        lines.append(_sentence(footer.surface))
    return [*lines, *footer.notes]


def sources_table(
    footer: Footer, *, command: str = "", options: Mapping[str, str] = _NO_OPTION
) -> pd.DataFrame:
    """Return the footer as a table, for the file saved beside a CSV, which has no room for it.

    Parameters
    ----------
    footer
        Of the table.
    command
        What made the table.
    options
        With which options, by the name of each.

    Returns
    -------
    DataFrame
        One row per thing said: ``rubrique`` (``commande``, ``option``, ``convention``, ``couche``,
        ``provenance``, ``millésime``, ``licence``, ``source``, ``constante``, ``note``), ``objet`` it is
        said of, ``texte``; a constant also has ``valeur``, ``unite``, ``depuis`` and ``source``.

    Examples
    --------
    >>> from artois_geo.tables import Footer, Source, sources_table
    >>> footer = Footer(sources=(Source("communes", vintage="2026", licence="LO 2.0"),))
    >>> sources_table(footer)[["rubrique", "objet", "texte"]].values.tolist()[1:]
    [['millésime', 'communes', '2026'], ['licence', 'communes', 'LO 2.0']]
    """
    rows: list[dict[str, Any]] = [
        {"rubrique": "commande", "texte": command},
        *({"rubrique": "option", "objet": name, "texte": text} for name, text in options.items()),
        {"rubrique": "convention", "texte": _sentence(footer.surface)},
    ]
    for source in footer.sources:
        parts = {
            "couche": source.title or source.layer,
            "provenance": source.home,
            "millésime": source.vintage or "non indiqué",
            "licence": source.licence,
            "source": source.source,
        }
        rows += [{"rubrique": part, "objet": source.layer, "texte": text} for part, text in parts.items()]
    for constant in footer.constants:
        row = {
            "rubrique": "constante",
            "objet": constant.title,
            "texte": quantity(constant.value, constant.unit),
            "unite": "part (0 à 1)" if constant.unit == "share" else UNITS.get(constant.unit, constant.unit),
            "depuis": constant.since,
            "source": constant.source,
        }
        rows.append(row | ({"valeur": constant.value} if is_number(constant.value) else {}))
    rows += [{"rubrique": "note", "texte": note} for note in footer.notes]
    filled = [row for row in rows if row["texte"]]
    return pd.DataFrame(filled, columns=list(COLUMNS), dtype=object)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
