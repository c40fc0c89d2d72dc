"""Show a table: on the terminal for reading, or as a file for a spreadsheet or a program."""

import dataclasses
import io
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import click

from artois_geo import suffixes
from artois_geo.cli import fictional_inputs, french, options, waiting

if TYPE_CHECKING:
    import pandas as pd

    from artois_geo.constants import Constant
    from artois_geo.layers import Layer
    from artois_geo.studies import StudyTable
    from artois_geo.tables import Footer, Source

CSV = {"csv", "csv-brut"}
FRENCH = {"tableau", "csv", "xlsx"}  # formats that a planner reads
HOW_SHOWN = {"chosen", "afficher", "progress", "cores"}  # options that change no figure


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
    waiting.over()
    below = footer(frame, sources=sources, constants=constants, surface=surface, notes=notes)
    labels = {**_labels(kind or _kind(frame, format)), **labels}
    if format == "tableau":
        frame = _chosen(frame, labels)
        _show_text(frame, below, labels=labels, title=title, sortie=sortie)
        return
    if format in options.FOR_DESKTOP and sortie is not None:
        from artois_geo.studies.spatial_files import spatial_file

        layer = suffixes.stem(sortie)
        file = spatial_file(frame, format, layer, below, title=title, kind=kind, labels=labels)
        content = file.content
        for finding in file.findings:
            warn(f"{finding.level.capitalize()} : {finding.message}")
    else:
        content = _content(frame, below, format=format, title=title, labels=labels, members=members)
    if sortie is None:
        sys.stdout.buffer.write(content)
    elif format in CSV:
        _save_with_sources(content, sortie, below, format)
    else:
        save(content, sortie)
    if format in CSV:  # a CSV has no room for its sources
        tell_sources(below)


def _chosen(frame: "pd.DataFrame", labels: Mapping[str, str]) -> "pd.DataFrame":
    """Keep the columns of ``--afficher``, named by heading, with or without its unit, or by code name."""
    from artois_geo import meaning, tables
    from artois_geo.errors import UnknownName

    columns_asked = options.shown_columns()
    if not columns_asked:
        return frame
    heads = tables.headings(frame, labels)
    names: dict[str, str] = {}
    for head, name in zip(heads, map(str, frame.columns), strict=True):
        for heading_text in (name, head, head.rpartition(" (")[0] or head):
            names.setdefault(meaning.fold(heading_text), name)
    for heading_text in columns_asked:
        if meaning.fold(heading_text) not in names:
            raise UnknownName("colonne", heading_text, heads)
    return frame[list(dict.fromkeys(names[meaning.fold(column)] for column in columns_asked))]


def tell_sources(footer: "Footer") -> None:
    """Say on standard error where figures come from."""
    from artois_geo import tables

    for line in tables.source_lines(footer):
        click.echo(french.visible(line), err=True)


def study(result: "StudyTable", *, format: str = "tableau", sortie: Path | None = None) -> None:
    """Show the table of a study, or its brief form on a terminal; options as for ``table``."""
    if format == "tableau" and result.brief is not None and not options.shown_columns():
        notes = result.notes if result.brief_notes is None else result.brief_notes
        title = result.brief_title or result.title
        kind = result.kind or _kind(result.table, format)  # the brief table may lack what tells the kind
        result = dataclasses.replace(result, table=result.brief, title=title, notes=notes, kind=kind)
    table(
        result.table,
        sources=result.sources,
        constants=result.constants,
        surface=result.surface,
        notes=result.notes,
        title=result.title,
        kind=result.kind,
        labels=result.labels,
        members=result.members,
        format=format,
        sortie=sortie,
    )


def save(content: bytes, path: Path) -> None:
    """Replace a file at once, and say so on standard error."""
    from artois_geo.layers import store

    store.replace(path, content)
    written(path)


def _save_with_sources(content: bytes, path: Path, footer: "Footer", format: str) -> None:
    """Replace a CSV together with the file beside it that says where its figures come from."""
    from artois_geo import tables
    from artois_geo.errors import UnwritableFile
    from artois_geo.layers import store

    companion = path.with_name(f"{path.stem}{tables.SOURCES}")
    if companion.exists() and not _are_sources(companion):
        raise UnwritableFile(
            f"{companion.name} existe et n'a pas été écrit par artois-geo : c'est là que vont les sources de "
            f"{path.name}. Le renommer, ou donner un autre nom à --sortie."
        )
    write = tables.to_csv if format == "csv" else tables.to_raw_csv
    command, options_by_name = _call()
    sources = tables.sources_table(footer, command=command, options=options_by_name)
    store.replace_all({path: content, companion: write(sources)})
    for file in (path, companion):
        written(file)


def _are_sources(path: Path) -> bool:
    from artois_geo import tables

    if not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.readline(200).decode("utf-8-sig", errors="replace").strip()
    return head.replace(";", ",") == ",".join(tables.sources_table(tables.Footer()).columns)


def _call() -> tuple[str, dict[str, str]]:
    """Return the running command and what the reader gave it: files by their names, wherever they lie."""
    ctx = click.get_current_context(silent=True)
    if ctx is None:
        return "", {}
    typed_options = options.given()
    folder = options.workspace()
    options_by_name = {"donnees": folder.name} if folder else {}
    if options.without_shipped():
        options_by_name["sans-livrees"] = _in_words(True)
    for param in ctx.command.params:
        value = ctx.params.get(str(param.name))
        is_given = isinstance(param, click.Argument) or typed_options.intersection(param.opts)
        changes_figures = param.name not in HOW_SHOWN and not isinstance(param.type, options.OutputFile)
        if is_given and changes_figures and value not in (None, ()):
            options_by_name[param.opts[0].lstrip("-")] = _in_words(value)
    return f"artois-geo {ctx.command_path.partition(' ')[2]}", options_by_name


def _in_words(value: Any) -> str:
    if isinstance(value, (tuple, list)):
        return ", ".join(map(_in_words, value))
    if isinstance(value, bool):
        return "oui" if value else "non"
    return str(getattr(value, "name", value))


def warn(sentence: str) -> None:
    """Say something on standard error; the layers may have written it, so that it is made printable."""
    click.echo(french.visible(sentence), err=True)


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
    """Return what stands under a table; warn of schematic objects, and of inputs that are made up."""
    from artois_geo import tables
    from artois_geo.studies.data_warnings import MARK

    inputs = list(sources)
    below = tables.footer_of(frame, sources=inputs, constants=constants, surface=surface, notes=notes)
    files = [item for item in inputs if not isinstance(item, tables.Source)]
    fictional = fictional_inputs.names(files)
    if not fictional:
        return below
    # the inputs know: a result may have lost the column
    lines = [line for line in below.notes if not line.startswith(MARK)]
    return dataclasses.replace(below, notes=(*lines, fictional_inputs.sentence(fictional)))


def _content(
    frame: "pd.DataFrame",
    footer: "Footer",
    *,
    format: str,
    title: str,
    labels: Mapping[str, str],
    members: Mapping[str, Any],
) -> bytes:
    """Write a table in a format of files that no desktop GIS is needed for."""
    from artois_geo import tables

    if format == "csv":
        return tables.to_csv(frame, labels)
    if format == "csv-brut":
        return tables.to_raw_csv(frame)
    if format == "json":
        return tables.to_json(frame, footer, members=members)
    if format == "xlsx":
        return tables.to_xlsx({title or "Tableau": frame}, footer, labels=labels)
    from artois_geo.studies import spatial_files  # here: a spreadsheet needs no shapes

    return spatial_files.geojson(frame, footer, members)


def _show_text(
    frame: "pd.DataFrame",
    footer: "Footer",
    *,
    labels: Mapping[str, str],
    title: str,
    sortie: Path | None,
) -> None:
    """Print a table on the terminal, or save the same text."""
    from rich.console import Console

    from artois_geo import tables
    from artois_geo.cli import text

    rows = tables.text_table(frame, labels)
    if sortie is None:
        text.write(Console(file=sys.stdout, highlight=False), rows, footer, title=title)
        return
    buffer = io.StringIO()
    text.write(Console(file=buffer, highlight=False), rows, footer, title=title)
    save(buffer.getvalue().encode(), sortie)


def _kind(frame: "pd.DataFrame", format: str) -> str:
    """Guess the kind of a file that no catalogue describes, where its columns are named in French."""
    from artois_geo import kinds

    return kinds.kind_of(map(str, frame.columns)) if format in FRENCH else ""


def _labels(kind: str) -> dict[str, str]:
    from artois_geo import kinds

    return kinds.field_labels(kind)
