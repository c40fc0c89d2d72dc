"""Show a table: on the terminal for reading, or as a file for a spreadsheet or a program."""

import io
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import click

from artois_geo import meaning
from artois_geo.cli import french, waiting

if TYPE_CHECKING:
    import pandas as pd

    from artois_geo.constants import Constant
    from artois_geo.layers import Layer
    from artois_geo.tables import Footer, Source


def table(
    frame: "pd.DataFrame",
    *,
    sources: "Iterable[Layer | Path | Source]" = (),
    constants: "Iterable[Constant]" = (),
    surface: str = "",
    notes: Iterable[str] = (),
    title: str = "",
    kind: str = "",
    labels: Mapping[str, str] = MappingProxyType({}),
    members: Mapping[str, Any] = MappingProxyType({}),
    format: str = "tableau",
    sortie: Path | None = None,
) -> None:
    """Show one table, with where its figures come from.

    Parameters
    ----------
    frame
        What a function of the library returned.
    sources
        Layers the table was made from: layers of the catalogue, files, or ready-made sources.
    constants
        Constants that went into it.
    surface
        Key of ``measure.CONVENTIONS`` or a sentence, empty when the table holds no area.
    notes
        French sentences: what a reader must know before using a figure.
    title
        French title of the table.
    kind
        Kind of layer whose fields name the received columns in French.
    labels
        French headings of columns that neither the vocabulary nor the kind knows.
    members
        What JSON and GeoJSON also carry, so that the run can be repeated from its output.
    format, sortie
        From ``options.output``.
    """
    from artois_geo import tables

    waiting.over()
    below = footer(frame, sources=sources, constants=constants, surface=surface, notes=notes)
    labels = {**_labels(kind), **labels}
    if format == "tableau":
        _show_text(frame, below, labels=labels, title=title, sortie=sortie)
        return
    content = _content(frame, below, format=format, title=title, labels=labels, members=members)
    if sortie is None:
        sys.stdout.buffer.write(content)
    else:
        save(content, sortie)
    if format in {"csv", "csv-brut"}:  # a CSV has no room for its sources
        for line in tables.source_lines(below):
            click.echo(french.visible(line), err=True)


def save(content: bytes, path: Path) -> None:
    """Replace a file at once, and say so on standard error."""
    from artois_geo.layers import files

    files.replace(path, content)
    written(path)


def written(path: Path) -> None:
    """Say on standard error that a file is there."""
    waiting.over()
    waiting.note_written(path)
    click.echo(f"Écrit : {french.visible(str(path))}", err=True)


def footer(
    frame: "pd.DataFrame",
    *,
    sources: "Iterable[Layer | Path | Source]" = (),
    constants: "Iterable[Constant]" = (),
    surface: str = "",
    notes: Iterable[str] = (),
) -> "Footer":
    """What stands under a table; warns by itself of schematic or made-up objects."""
    from artois_geo import tables

    return tables.Footer(
        sources=tuple(_source(item) for item in sources),
        constants=tuple(constants),
        surface=_convention(surface),
        notes=tuple(dict.fromkeys((*notes, *warnings(frame)))),
    )


def warnings(frame: "pd.DataFrame") -> list[str]:
    """What every output must say: drawn for show only, or made up."""
    said = []
    if count := int(meaning.schematic(frame).sum()):
        said.append(f"Géométrie schématique : {count} objets sur {len(frame)}, à ne pas mesurer.")
    if count := int(meaning.fictional(frame).sum()):
        said.append(f"Données fictives : {count} objets sur {len(frame)}.")
    return said


def _content(
    frame: "pd.DataFrame",
    footer: "Footer",
    *,
    format: str,
    title: str,
    labels: Mapping[str, str],
    members: Mapping[str, Any],
) -> bytes:
    from artois_geo import tables

    if format == "csv":
        return tables.to_csv(frame)
    if format == "csv-brut":
        return tables.to_raw_csv(frame)
    if format == "json":
        return tables.to_json(frame, footer, members=members)
    if format == "xlsx":
        return tables.to_xlsx({title or "Tableau": frame}, footer, labels=labels)
    return _geojson(frame, footer, members)


def _geojson(frame: "pd.DataFrame", footer: "Footer", members: Mapping[str, Any]) -> bytes:
    import geopandas as gpd

    from artois_geo import measure, tables
    from artois_geo.errors import BadTable
    from artois_geo.layers import files

    if not isinstance(frame, gpd.GeoDataFrame):
        raise BadTable("Ce tableau n'a pas de géométrie : choisir le format csv, json ou xlsx.")
    features = frame.to_crs(measure.WGS84)
    features.attrs["members"] = {"sources": tables.source_lines(footer), **members}
    return files.geojson_text(features).encode()


def _show_text(
    frame: "pd.DataFrame",
    footer: "Footer",
    *,
    labels: Mapping[str, str],
    title: str,
    sortie: Path | None,
) -> None:
    from rich.console import Console

    from artois_geo.cli import text

    if sortie is None:
        text.write(Console(file=sys.stdout, highlight=False), frame, footer, labels=labels, title=title)
        return
    buffer = io.StringIO()
    text.write(Console(file=buffer, highlight=False), frame, footer, labels=labels, title=title)
    save(buffer.getvalue().encode(), sortie)


def _source(item: "Layer | Path | Source") -> "Source":
    from artois_geo.tables import Source

    if isinstance(item, Source):
        return item
    if isinstance(item, Path):
        return Source(item.name)
    return Source(item.name, item.title, item.vintage, item.licence, item.source)


def _convention(surface: str) -> str:
    if not surface:
        return ""
    from artois_geo import measure

    return measure.CONVENTIONS.get(surface, surface)


def _labels(kind: str) -> dict[str, str]:
    if not kind:
        return {}
    from artois_geo import layers

    return {
        field.name: f"{field.label} ({field.unit})" if field.unit else field.label
        for field in layers.read_kind(kind).fields
        if field.label
    }
