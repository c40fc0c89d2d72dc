"""Two tables of constraints on the same sites: one table, one map."""

from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from artois_geo import meaning, shapes
from artois_geo.measure import LAMBERT93, M2_PER_HA
from artois_geo.studies import StudyTable
from artois_geo.studies.land import available, constraint_layers, wording
from artois_geo.studies.land.available import AvailableLand
from artois_geo.studies.land.requests import AvailableRequest

if TYPE_CHECKING:
    from artois_geo.layers import Catalogue, Layer
    from artois_geo.overlay import Progress
    from artois_geo.studies.result_map import ResultMap

SAME, UNMEASURED = "les deux", "non mesuré"  # states, beside the names of the two tables


@dataclass(frozen=True)
class ComparedLand:
    """Hold what two tables of constraints leave of the same sites, and the table that says it."""

    first: AvailableLand
    second: AvailableLand
    names: tuple[str, str]
    study_table: StudyTable = field(default_factory=lambda: StudyTable(pd.DataFrame()))

    @property
    def repairs(self) -> StudyTable:
        """Return the invalid polygons of both tables, with their areas before and after."""
        repairs_of_each = [answer.rules.repairs for answer in (self.first, self.second)]
        return constraint_layers.repairs_table(
            pd.concat(repairs_of_each, ignore_index=True).drop_duplicates()
        )

    @cached_property
    def parts(self) -> gpd.GeoDataFrame:
        """Return the ground that both leave, that one alone leaves, and the sites that are not measured.

        By label of the site: ``state`` (``les deux``, the name of a table, ``non mesuré``), ``area_ha``, and
        the ``kind`` of its drawing.
        """
        first, second = (answer.remaining.geometry.to_numpy() for answer in (self.first, self.second))
        measured = ~(self.first.remaining["schematic"] | self.second.remaining["schematic"]).to_numpy()
        sites = self.first.sites
        grounds = [
            (SAME, "etat_identique", shapes.overlaid(shapely.intersection, first, second), measured),
            (self.names[0], "etat_perdu", shapes.overlaid(shapely.difference, first, second), measured),
            (self.names[1], "etat_gagne", shapes.overlaid(shapely.difference, second, first), measured),
            (UNMEASURED, "foncier_schema", sites.geometry.to_numpy(), ~measured),
        ]
        rows = []
        for state, kind, ground, concerned in grounds:
            cut = shapes.polygonal(ground)
            solid = concerned & (shapely.area(cut) > shapes.TOLERANCE_M)
            outlines = gpd.GeoSeries(cut[solid], index=sites.index[solid], crs=LAMBERT93)
            part = sites[solid].set_geometry(outlines)
            area_ha = float("nan") if state == UNMEASURED else shapely.area(cut[solid]) / M2_PER_HA
            rows.append(part.assign(state=state, kind=kind, area_ha=area_ha))
        return pd.concat(rows)

    @property
    def states(self) -> gpd.GeoDataFrame:
        """Return the same ground as a file holds it."""
        return self.parts.drop(columns="kind").reset_index(drop=True)

    @cached_property
    def differences(self) -> pd.DataFrame:
        """Return, by label of the site, what it has with each table, and what one alone leaves."""
        table = _table(self.first, self.second)
        for column, state in (("first_only_ha", self.names[0]), ("second_only_ha", self.names[1])):
            part = self.parts[self.parts["state"] == state]
            changed_ha = part["area_ha"].groupby(level=0).sum().reindex(table.index).fillna(0.0)
            table[column] = changed_ha.where(table["gained_ha"].notna())
        return table

    @property
    def map(self) -> "ResultMap":
        """Return that ground, each state with its hectares, the largest difference first."""
        from artois_geo.studies.land.maps import compared  # here: a table does not wait for folium

        answers = (self.first, self.second)
        before_ha, after_ha = (float(answer.measured_totals["available_low_ha"]) for answer in answers)
        return compared.compared_map(
            compared.LandDifference(
                self.names,
                self.first.sites,
                self.parts,
                self.differences,
                (before_ha, after_ha),
                (self.first.rules.constraints.table, self.second.rules.constraints.table),
                self.study_table,
            )
        )


def study(
    source: "Layer | Path",
    request: AvailableRequest,
    catalogue: "Catalogue",
    *,
    on: date,
    cores: int | None = None,
    on_progress: "Progress | None" = None,
) -> ComparedLand:
    r"""Measure what two tables of constraints leave of the same sites, and the difference.

    Parameters
    ----------
    source, catalogue, on, cores, on_progress
        As for :func:`artois_geo.studies.land.available.study`.
    request
        With ``compared``, the second table of constraints.

    Raises
    ------
    BadTable, BadCRS, BadValue, UnknownName, UnreadableFile
        As for :func:`artois_geo.studies.land.available.study`.

    Examples
    --------
    >>> import tempfile
    >>> from artois_geo import layers
    >>> shipped, folder = layers.read_catalogue(), Path(tempfile.mkdtemp())
    >>> for setback in (10, 50):
    ...     text = f"nom,couche,recul_m\nFret,logistique_odbl,{setback}\n"
    ...     _ = (folder / f"recul{setback}.csv").write_text(text)
    >>> request = AvailableRequest(folder / "recul10.csv", compared=folder / "recul50.csv")
    >>> study(shipped["sites_eco"], request, shipped, on=date(2026, 12, 8)).names
    ('recul10', 'recul50')
    """
    settings: dict[str, Any] = {"on": on, "cores": cores, "on_progress": on_progress}
    first = available.study(source, replace(request, compared=None), catalogue, **settings)
    second_request = replace(request, rules=request.compared, compared=None)
    second = available.study(source, second_request, catalogue, **settings)
    names = _names(request.rules, request.compared)
    compared = ComparedLand(first, second, names)
    table = compared.differences
    brief = _brief(compared)
    labels = {
        "first_only_ha": "Perdu (ha)",
        "second_only_ha": "Gagné (ha)",
        "first_ha": f"Disponible, {names[0]} (ha)",
        "second_ha": f"Disponible, {names[1]} (ha)",
        "gained_ha": "Différence (ha)",
    } | {
        f"{order}_{bound}_ha": f"{name}, borne {'basse' if bound == 'low' else 'haute'} (ha)"
        for order, name in zip(("first", "second"), names, strict=True)
        for bound in ("low", "high")
    }
    said_by = [list(answer.study_table.notes) for answer in (first, second)]
    notes = [note for note in said_by[0] if note in said_by[1]]
    for name, said_alone in zip(names, said_by, strict=True):
        notes += [f"{name} : {note}" for note in said_alone if note not in notes]
    tables = [path for path in (request.rules, request.compared) if path is not None]
    sources = list(dict.fromkeys([*first.study_table.sources, *second.study_table.sources, *tables]))
    study_table = StudyTable(
        table.reset_index(drop=True),
        title=f"Foncier disponible : {names[0]} et {names[1]}",
        sources=sources,
        constants=first.study_table.constants,
        surface="lambert93",
        notes=notes,
        labels=labels,
        members={
            name: answer.study_table.members for name, answer in zip(names, (first, second), strict=True)
        },
        brief=brief,
    )
    return replace(compared, study_table=study_table)


def _names(first: Path | None, second: Path | None) -> tuple[str, str]:
    """Name two tables by their files; by their folders too where these have the same name."""
    stems = [path.stem if path else "couches" for path in (first, second)]
    if stems[0] == stems[1]:
        stems = [str(path.with_suffix("")) if path else "couches" for path in (first, second)]
    return (stems[0], stems[1]) if stems[0] != stems[1] else (f"{stems[0]} (1)", f"{stems[1]} (2)")


def _brief(compared: ComparedLand) -> pd.DataFrame:
    """Return what a terminal shows: an interval in place of a figure where a site is not measured."""
    table = compared.differences
    columns = ["site", "gross_ha", "first_ha", "second_ha", "first_only_ha", "second_only_ha", "gained_ha"]
    brief = table[columns].copy()
    for order, answer in (("first", compared.first), ("second", compared.second)):
        brief[f"{order}_ha"] = wording.brief_available(answer.remaining)["available_ha"]
    return brief.reset_index(drop=True)


def _table(first: AvailableLand, second: AvailableLand) -> pd.DataFrame:
    """Set the two results side by side, by label of the site."""
    table = pd.DataFrame({"site": meaning.site_names(first.sites).astype(str)})
    table["gross_ha"] = first.remaining["gross_ha"]
    for order, answer in (("first", first), ("second", second)):
        table[f"{order}_ha"] = answer.remaining["available_ha"]
        if answer.remaining["schematic"].any():
            table[f"{order}_low_ha"] = answer.remaining["available_low_ha"]
            table[f"{order}_high_ha"] = answer.remaining["available_high_ha"]
    gained = second.remaining["available_ha"] - first.remaining["available_ha"]
    return table.assign(gained_ha=gained.where(np.abs(gained) > 1e-9, gained * 0))
