"""What ``artois-geo couches exporter`` writes as a standard asks, and the trace that an export leaves."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import click

from artois_geo.cli import french, options, show
from artois_geo.cli.couches import report
from artois_geo.studies.layers.requests import StandardRequest

if TYPE_CHECKING:
    from artois_geo.layers import Layer


def as_file(couche: "Layer | Path", target: Path, *, kind: str | None) -> None:
    """Write a layer in the form that the name of the file promises, record it, and say what was left out."""
    from artois_geo import layers, suffixes, tables
    from artois_geo.studies.layers import export as layer_export

    form = suffixes.form_of(target, ("geojson", "gpkg", "csv", "xlsx"))
    answer = layer_export.shared(couche, kind=kind)
    shared = answer.study_table
    if form == "geojson":
        layers.write(shared.table, target)
        show.written(target)
    else:
        title = (shared.title if form == "gpkg" else "") or target.stem
        show.study(dataclasses.replace(shared, title=title), format=form, sortie=target)
    if form in options.WITH_SHAPES:
        footer = show.footer(shared.table, sources=shared.sources, surface=shared.surface)
        for line in tables.source_lines(footer):
            click.echo(french.visible(line), err=True)
    else:
        click.echo("Le fichier ne contient pas la géométrie.", err=True)
    if answer.withheld:
        click.echo(f"Champs non publiables laissés de côté : {', '.join(answer.withheld)}.", err=True)
    if answer.hidden:
        click.echo(f"{answer.hidden} valeurs masquées (noms de personnes physiques).", err=True)
    record_export(couche, target, "", len(shared.table))


def conforming(couche: "Layer | Path", target: Path, request: StandardRequest, *, kind: str | None) -> None:
    """Write a layer as its standard asks, record it, and say what was left out."""
    from datetime import date

    from artois_geo import layers
    from artois_geo.errors import BadValue
    from artois_geo.layers import export, store

    chosen = kind or getattr(couche, "kind", "")
    if not chosen:
        raise BadValue("Le type de la couche n'est pas connu : l'indiquer par --type.")
    store.make_folder(target)
    names = {"siren": request.siren, "document": request.document}
    norm = str(request.norm)
    done = export.write_standard(
        layers.read(couche),
        chosen,
        target,
        norm=norm,
        on=request.day or date.today(),
        names={name: value for name, value in names.items() if value},
        defuse=not request.raw_texts,
    )
    show.written(done.path)
    click.echo(f"{done.count} objets, conformes : {layers.read_kind(chosen).standard}.", err=True)
    omitted = {"Champs non publiables": done.withheld, "Colonnes hors du standard": done.outside}
    for subject, columns in omitted.items():
        if columns:
            click.echo(f"{subject} laissés de côté : {french.visible(', '.join(columns))}.", err=True)
    if done.masked:
        click.echo(f"{done.masked} valeurs masquées (noms de personnes physiques).", err=True)
    for line in done.warnings[: report.SHOWN]:
        click.echo(f"Alerte : {french.visible(line)}", err=True)
    record_export(couche, done.path, norm, done.count)


def record_export(couche: "Layer | Path", target: Path, norm: str, count: int) -> None:
    """Write an export in the history of its layer; the shipped layers have none."""
    from artois_geo.layers import OWN, workspace

    if options.workspace() is None or isinstance(couche, Path) or couche.home != OWN:
        return
    workspace.note_export(couche.path.parent, couche.name, target, norm, count)
