"""Show a table: on the terminal for reading, or as a file for a spreadsheet or a program."""

import io
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import click

from artois_geo.cli import french

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from artois_geo.constants import Constant
    from artois_geo.layers import Layer
    from artois_geo.tables import Footer, Source

NARROWEST = 30  # below this a terminal is taken to be this wide


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
        Key of ``measure.CONVENTIONS``, empty when the table holds no area.
    notes
        French sentences: what a reader must know before using a figure.
    title
        French title of the table.
    kind
        Kind of layer whose fields name the received columns in French.
    labels
        French headings of columns that neither the vocabulary nor the kind knows.
    format, sortie
        From ``options.output``.
    """
    from artois_geo import tables

    footer = tables.Footer(
        sources=tuple(_source(item) for item in sources),
        constants=tuple(constants),
        surface=_convention(surface),
        notes=(*notes, *_warnings(frame)),
    )
    labels = {**_labels(kind), **labels}
    if format == "tableau":
        _show_text(frame, footer, labels=labels, title=title, sortie=sortie)
        return
    content = _content(frame, footer, format=format, title=title, labels=labels)
    if sortie is None:
        stdout = click.get_binary_stream("stdout")
        stdout.write(content)
        stdout.flush()
    else:
        save(content, sortie)
    if format in {"csv", "csv-brut"}:  # a CSV has no room for its sources
        for line in tables.source_lines(footer):
            click.echo(french.visible(line), err=True)


def save(content: bytes, path: Path) -> None:
    """Replace a file at once, and say so on standard error."""
    from artois_geo.layers import files

    files.replace(path, content)
    click.echo(f"Écrit : {french.visible(str(path))}", err=True)


def _content(
    frame: "pd.DataFrame", footer: "Footer", *, format: str, title: str, labels: Mapping[str, str]
) -> bytes:
    from artois_geo import tables

    if format == "csv":
        return tables.to_csv(frame)
    if format == "csv-brut":
        return tables.to_raw_csv(frame)
    if format == "json":
        return tables.to_json(frame, footer)
    if format == "xlsx":
        return tables.to_xlsx(frame, footer, title=title, labels=labels)
    return _geojson(frame, footer)


def _geojson(frame: "pd.DataFrame", footer: "Footer") -> bytes:
    import geopandas as gpd

    from artois_geo import measure, tables
    from artois_geo.errors import BadTable
    from artois_geo.layers import files

    if not isinstance(frame, gpd.GeoDataFrame):
        raise BadTable("Ce tableau n'a pas de géométrie : choisir le format csv, json ou xlsx.")
    features = frame.to_crs(measure.WGS84)
    features.attrs["members"] = {"sources": tables.source_lines(footer)}
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

    if sortie is None:
        _print(Console(file=sys.stdout, highlight=False), frame, footer, labels, title)
        return
    buffer = io.StringIO()
    _print(Console(file=buffer, highlight=False, no_color=True), frame, footer, labels, title)
    save(buffer.getvalue().encode(), sortie)


def _print(
    console: "Console", frame: "pd.DataFrame", footer: "Footer", labels: Mapping[str, str], title: str
) -> None:
    from rich.text import Text

    from artois_geo import tables

    cells = tables.texts(frame)
    heads = tables.headings(cells, labels)
    grid = _grid(heads, cells, numbers=_numbers(frame))
    wanted = console.measure(grid, options=console.options.update(max_width=10_000))
    if not console.is_terminal:  # a pipe has no width: nothing is folded or cut
        console.width = max(wanted.maximum, 100)
    width = max(console.width, NARROWEST)
    if title:
        console.print(Text(french.visible(title), style="bold"))
    if not len(cells):
        console.print("Aucune ligne.")
    elif wanted.minimum > width:
        _print_cards(console, heads, cells)
    else:
        console.print(grid)
    for line in tables.source_lines(footer):
        console.print(Text(french.visible(line), style="dim"))


def _grid(heads: list[str], cells: "pd.DataFrame", *, numbers: list[bool]) -> Any:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    for head, is_number in zip(heads, numbers, strict=True):
        grid.add_column(
            Text(french.visible(head)),
            justify="right" if is_number else "left",
            no_wrap=is_number,
            overflow="fold",
        )
    for row in cells.itertuples(index=False, name=None):
        grid.add_row(*(Text(_one_line(text)) for text in row))  # Text: no markup in outside text
    return grid


def _print_cards(console: "Console", heads: list[str], cells: "pd.DataFrame") -> None:
    """One block of « heading : value » lines for each row, where the columns do not fit side by side."""
    from rich.text import Text

    for row in cells.itertuples(index=False, name=None):
        console.print("─" * min(console.width, 40), style="dim")
        for head, text in zip(heads, row, strict=True):
            line = Text(f"{french.visible(head)} : ", style="bold")
            console.print(line.append(_one_line(text), style="not bold"))


def _one_line(text: str) -> str:
    return french.visible(" ".join(text.split("\n")))


def _numbers(frame: "pd.DataFrame") -> list[bool]:
    from pandas.api import types

    from artois_geo.tables.values import plain

    shown = plain(frame)
    return [
        types.is_numeric_dtype(shown[name]) and not types.is_bool_dtype(shown[name]) for name in shown.columns
    ]


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

    return measure.CONVENTIONS[surface]


def _labels(kind: str) -> dict[str, str]:
    if not kind:
        return {}
    from artois_geo import layers

    return {
        field.name: f"{field.label} ({field.unit})" if field.unit else field.label
        for field in layers.read_kind(kind).fields
        if field.label
    }


def _warnings(frame: "pd.DataFrame") -> list[str]:
    """What every output must say: drawn for show only, or made up."""
    said = []
    if "geometrie" in frame.columns:
        count = int((frame["geometrie"] == "schématique").sum())
        if count:
            said.append(f"Géométrie schématique : {count} objets sur {len(frame)}, à ne pas mesurer.")
    if "fictif" in frame.columns and frame["fictif"].eq(True).any():
        said.append(f"Données fictives : {int(frame['fictif'].eq(True).sum())} objets sur {len(frame)}.")
    return said
