"""What ``artois-geo couches exporter`` writes as a standard asks, and the trace that an export leaves."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import click

from artois_geo.cli import french, options, show
from artois_geo.cli.couches import report
from artois_geo.studies.layers.requests import SharingRequest, StandardRequest

if TYPE_CHECKING:
    from artois_geo.layers import Layer
    from artois_geo.studies.layers.export import SharedLayer

FORMS = ("geojson", *options.FOR_DESKTOP, "csv", "xlsx")


def as_files(couche: "Layer | Path", target: Path, request: SharingRequest) -> None:
    """Write a layer in the form that the name of the file promises, whole or a file per territory."""
    from artois_geo import suffixes
    from artois_geo.studies.layers import export as layer_export

    form = suffixes.form_of(target, FORMS)
    answer = layer_export.shared(couche, request)
    end = target.name[len(suffixes.stem(target)) :]
    parts = {target: answer}
    if request.by is not None:
        territories = layer_export.by_territory(answer, request.by, options.catalogue())
        parts = {
            target.with_name(f"{suffixes.stem(target)}_{name}{end}"): part
            for name, part in territories.items()
        }
    for path, part in parts.items():
        _write(part, path, form)
        record_export(couche, path, "", len(part.study_table.table))
    _tell(answer, form, [len(part.study_table.table) for part in parts.values()])


def _write(part: "SharedLayer", path: Path, form: str) -> None:
    """Write the features of a layer, or those of a territory."""
    from artois_geo import layers, suffixes

    if form == "geojson":
        layers.write(part.study_table.table, path)
        show.written(path)
        return
    title = (part.study_table.title if form in options.FOR_DESKTOP else "") or suffixes.stem(path)
    standard = {field: field for field in map(str, part.study_table.table.columns)}
    labels = {**part.study_table.labels, **(standard if form == "csv" else {})}  # as the layer names them
    show.study(dataclasses.replace(part.study_table, title=title, labels=labels), format=form, sortie=path)


def _tell(answer: "SharedLayer", form: str, counts: list[int]) -> None:
    """Say where the figures come from, what was left out, and what must not be published."""
    from artois_geo import text

    if form in options.WITH_SHAPES:
        table = answer.study_table
        show.tell_sources(show.footer(table.table, sources=table.sources, surface=table.surface))
    else:
        show.warn("Le fichier ne contient pas la géométrie.")
    if len(counts) > 1:
        objects, files = text.counted(sum(counts), "objet"), text.counted(len(counts), "fichier")
        show.warn(f"{objects} dans {files}, chacun une fois.")
    if answer.withheld:
        show.warn(f"Champs non publiables laissés de côté : {', '.join(answer.withheld)}.")
    if answer.hidden:
        show.warn(f"{text.counted(answer.hidden, 'valeur masquée')} (noms de personnes physiques).")
    if answer.private:
        show.warn(
            f"Champs à ne pas publier dans ce fichier : {', '.join(answer.private)}. Pour une diffusion, "
            "ajouter --publiable."
        )


def conforming(couche: "Layer | Path", target: Path, request: StandardRequest, *, kind: str | None) -> None:
    """Write a layer as its standard asks, record it, and say what was left out."""
    from datetime import date

    from artois_geo import layers
    from artois_geo.errors import BadValue
    from artois_geo.layers import export

    kind_name = kind or getattr(couche, "kind", "")
    if not kind_name:
        raise BadValue("Le type de la couche n'est pas connu : l'indiquer par --type.")
    names = {"siren": request.siren, "document": request.document}
    norm = str(request.norm)
    export_result = export.write_standard(
        layers.read(couche),
        kind_name,
        target,
        norm=norm,
        on=request.day or date.today(),
        names={name: value for name, value in names.items() if value},
        defuse=not request.raw_texts,
    )
    show.written(export_result.path)
    click.echo(f"{export_result.count} objets, conformes : {layers.read_kind(kind_name).standard}.", err=True)
    omitted = {
        "Champs non publiables": export_result.withheld,
        "Colonnes hors du standard": export_result.outside,
    }
    for subject, columns in omitted.items():
        if columns:
            click.echo(f"{subject} laissés de côté : {french.visible(', '.join(columns))}.", err=True)
    if export_result.masked:
        click.echo(f"{export_result.masked} valeurs masquées (noms de personnes physiques).", err=True)
    for line in export_result.warnings[: report.SHOWN]:
        click.echo(f"Alerte : {french.visible(line)}", err=True)
    record_export(couche, export_result.path, norm, export_result.count)


def record_export(couche: "Layer | Path", target: Path, norm: str, count: int) -> None:
    """Write an export in the history of its layer; the shipped layers have none."""
    from artois_geo.layers import OWN, workspace

    if options.workspace() is None or isinstance(couche, Path) or couche.home != OWN:
        return
    workspace.note_export(couche.path.parent, couche.name, target, norm, count)
