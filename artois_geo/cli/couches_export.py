"""What ``artois-geo couches exporter`` writes as a standard asks, and the trace that an export leaves."""

from pathlib import Path
from typing import Any

import click

from artois_geo.cli import couches_report, french, show


def conforming(
    couche: Any, target: Path, norm: str, *, kind: str | None, names: dict[str, str], day: Any, defuse: bool
) -> None:
    """Write a layer as its standard asks, record it, and say what was left out."""
    from datetime import date

    from artois_geo import layers
    from artois_geo.errors import BadValue
    from artois_geo.layers import export

    chosen = kind or getattr(couche, "kind", "")
    if not chosen:
        raise BadValue("Le type de la couche n'est pas connu : l'indiquer par --type.")
    target.mkdir(parents=True, exist_ok=True)
    given = {name: value for name, value in names.items() if value}
    done = export.write_standard(
        layers.read(couche), chosen, target, norm=norm, on=day or date.today(), names=given, defuse=defuse
    )
    show.written(done.path)
    click.echo(f"{done.count} objets, conformes : {layers.read_kind(chosen).standard}.", err=True)
    for said, held in (("Champs non publiables", done.withheld), ("Colonnes hors du standard", done.outside)):
        if held:
            click.echo(f"{said} laissés de côté : {french.visible(', '.join(held))}.", err=True)
    if done.masked:
        click.echo(f"{done.masked} valeurs masquées (noms de personnes physiques).", err=True)
    for line in done.warnings[: couches_report.SHOWN]:
        click.echo(f"Alerte : {french.visible(line)}", err=True)
    record_export(couche, done.path, norm, done.count)


def record_export(couche: Any, target: Path, norm: str, count: int) -> None:
    """Write an export in the history of its layer; the shipped layers have none."""
    from artois_geo.layers import workspace

    if click.get_current_context().find_root().params.get("donnees") is None or isinstance(couche, Path):
        return
    workspace.note_export(couche.path.parent, couche.name, target, norm, count)
