"""The picture of a trajectory, in the format that the name of the file asks for."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from artois_geo.cli import show, zan_inputs

if TYPE_CHECKING:
    import pandas as pd

    from artois_geo.constants.rules import RuleSet


def trajectory(
    path: Path, flows: zan_inputs.Flows, table: "pd.DataFrame", rules: "RuleSet", *, on: str | None
) -> None:
    """Draw one territory of ``table`` into an SVG or a PNG; ``on`` says which when there are several."""
    from artois_geo import charts, sheets

    row = _chosen(table, flows.key, on)
    code = str(row[flows.key])
    name = str(row["nom"]) if str(row.get("nom", "")).strip() else code
    svg = charts.trajectory_chart(
        row,
        flows.frame[flows.frame[flows.key] == row[flows.key]],
        name=name,
        budget_years=zan_inputs.decades(rules)[1],
        caption=[
            f"{name} : consommation d'ENAF cumulée, budget et projection au rythme observé.",
            f"{flows.surface[0].upper()}{flows.surface[1:]}.",
            *flows.notes,
        ],
    )
    show.save(sheets.png(svg) if path.suffix.lower() == ".png" else svg.encode(), path)


def _chosen(table: "pd.DataFrame", key: str, on: str | None) -> "pd.Series":
    from artois_geo.errors import UnknownName

    if on is None and len(table) == 1:
        return table.iloc[0]
    if on is None:
        raise click.UsageError(f"--graphique dessine un seul territoire sur {len(table)} : dire --sur CODE.")
    found = table[table[key].astype(str) == on]
    if found.empty:
        raise UnknownName("territoire à dessiner", on, table[key].astype(str).tolist())
    return found.iloc[0]
