"""The picture of a trajectory, in the format that the name of the file asks for."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from artois_geo.cli import show, zan_inputs, zan_places

if TYPE_CHECKING:
    import pandas as pd

    from artois_geo.constants.rules import RuleSet


def trajectory(
    path: Path, flows: zan_inputs.Flows, table: "pd.DataFrame", rules: "RuleSet", *, on: str | None
) -> None:
    """Draw one territory of ``table`` into an SVG or a PNG; ``on`` says which when there are several."""
    from artois_geo import charts, sheets
    from artois_geo.sheets import wording

    row = _chosen(table, flows.key, on)
    code = str(row[flows.key])
    name = str(row["nom"]) if str(row.get("nom", "")).strip() else code
    svg = charts.trajectory_chart(
        row,
        flows.frame[flows.frame[flows.key] == row[flows.key]],
        name=name,
        budget_years=zan_inputs.decades(rules)[1],
        caption=[
            f"{name} : consommation d'ENAF cumulée, enveloppe et projection au rythme observé.",
            wording.remaining(row, "fr"),
            f"{flows.surface[0].upper()}{flows.surface[1:]}.",
            *flows.notes,
        ],
    )
    show.save(sheets.png(svg) if path.suffix.lower() == ".png" else svg.encode(), path)


def _chosen(table: "pd.DataFrame", key: str, on: str | None) -> "pd.Series":
    if on is None and len(table) == 1:
        return table.iloc[0]
    if on is None:
        raise click.UsageError(f"--graphique dessine un seul territoire sur {len(table)} : dire --sur CODE.")
    return table[table[key].astype(str) == zan_places.resolved(table, key, on)].iloc[0]
