"""What constraints leave of each site: its table, its three states, their map."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from artois_geo import land, layers
from artois_geo.studies import Assumptions, StudyTable, planner_files
from artois_geo.studies.land import constraint_layers, near, soil, wording
from artois_geo.studies.land import rules as land_rules
from artois_geo.studies.land.measurable import polygon_sites
from artois_geo.studies.land.requests import AvailableRequest
from artois_geo.studies.land.rules import LandRules
from artois_geo.studies.sites import site_land
from artois_geo.studies.zan import trajectory

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from artois_geo.layers import Catalogue, Layer
    from artois_geo.overlay import Progress
    from artois_geo.studies.result_map import ResultMap

TITLE = "Foncier disponible"


@dataclass(frozen=True)
class AvailableLand:
    """Hold the sites, the rules, what remains of the sites, and the table that says it."""

    sites: "gpd.GeoDataFrame"
    rules: LandRules
    remaining: "gpd.GeoDataFrame"
    study_table: StudyTable

    @cached_property
    def unknown(self) -> "gpd.GeoDataFrame | None":
        """Return the ground that nobody looked at, by site; None where all was."""
        if not self.remaining["unknown_ha"].gt(0).any():
            return None
        constraints = self.rules.constraints
        return land.unknown(self.sites, constraints.table, by="constraint", **constraints.demands)

    @property
    def states(self) -> "gpd.GeoDataFrame":
        """Return the available, unknown and excluded ground of each site (:func:`artois_geo.land.states`)."""
        return land.states(self.sites, self.remaining, unknown=self.unknown)

    @property
    def measured_totals(self) -> "pd.Series":
        """Return what the measured sites make together (:func:`artois_geo.land.totals`)."""
        measured = ~self.remaining["schematic"].astype(bool)
        return land.totals(self.sites[measured], self.remaining[measured])

    @property
    def repairs(self) -> StudyTable:
        """Return the invalid polygons of the constraints, with their areas before and after."""
        return constraint_layers.repairs_table(self.rules.repairs)

    @property
    def map(self) -> "ResultMap":
        """Return what remains of each site, what each constraint takes, and the calculation of both."""
        from artois_geo.studies.land.maps import net  # here: a table does not wait for folium

        constraints = self.rules.constraints
        return net.available_map(
            net.NetLand(self.sites, self.remaining, constraints, self.study_table, self.unknown)
        )


def study(
    source: "Layer | Path",
    request: AvailableRequest,
    catalogue: "Catalogue",
    *,
    on: date,
    cores: int | None = None,
    on_progress: "Progress | None" = None,
) -> AvailableLand:
    r"""Measure what constraints leave of each site, what that ground is, and what it draws from a budget.

    Parameters
    ----------
    source
        Layer of sites; those that are not drawn as polygons are named in the notes.
    request
        Constraints, soil, budgets.
    catalogue
        Where the name of a layer is looked up.
    on
        Day whose convention reads the interval of a schematic site.
    cores, on_progress
        As for :func:`artois_geo.land.available`.

    Raises
    ------
    BadTable, BadCRS, BadValue, UnknownName, UnreadableFile
        A file, a layer or a column that cannot be used.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "regles.csv"
    >>> _ = path.write_text("nom,couche,recul_m\nFret,logistique_odbl,10\n")
    >>> shipped = layers.read_catalogue()
    >>> answer = study(shipped["sites_eco"], AvailableRequest(path), shipped, on=date(2026, 12, 8))
    >>> answer.study_table.title, len(answer.remaining)  # 26 of the shipped sites are polygons
    ('Foncier disponible', 26)
    """
    sites, notes = polygon_sites(layers.read(source))
    near_sources: list[Layer | Path] = []
    if request.near:
        sites, near_notes, near_sources = near.near_sites(sites, request.near, request.near_m, catalogue)
        notes = [*near_notes, *notes]
    rules = land_rules.read(request.rules, catalogue, on=on)
    assumptions = Assumptions(on)
    remaining = site_land.remaining_land(
        sites,
        rules.constraints,
        moves=land.read_moves(assumptions.value(land.MOVES)),
        cores=cores,
        inscribed=request.inscribed,
        progress=on_progress,
    )
    sources = [source, *rules.sources, *near_sources]
    if request.soil:
        described = soil.describe(remaining, request, catalogue, on=on)
        remaining, notes = described.remaining, [*described.notes, *notes]
        sources.append(described.source)
    if request.budgets:
        column = request.territory_column
        budgets = _coded(planner_files.table(request.budgets, wanted=[column], as_written=[column]), column)
        key = _column_of_sites(remaining, request.territory_column)
        remaining = land.drawn(remaining, budgets.rename(columns={request.territory_column: key}), key=key)
        sources.append(request.budgets)
        notes = [*notes, trajectory.day_of(budgets)]
    study_table = StudyTable(
        remaining,
        title=TITLE,
        sources=sources,
        constants=assumptions.used if wording.has_interval(remaining) else [],
        surface="lambert93",
        notes=[
            *wording.doubts(remaining),
            *notes,
            *rules.notes,
            land_rules.describe_pieces(rules.options),
            *wording.totals(land.totals(sites, remaining)),
            *wording.quality_warnings(sites),
        ],
        kind=getattr(source, "kind", ""),
        members=rules.record,
        brief=wording.by_name(wording.brief_available(remaining)),
    )
    return AvailableLand(sites, rules, remaining, study_table)


def _column_of_sites(sites: "pd.DataFrame", column: str) -> str:
    """Return the name that the standard gives a column of territories in a layer of sites."""
    of_the_standard = f"site_{column}"
    return of_the_standard if column not in sites and of_the_standard in sites else column


def _coded(budgets: "pd.DataFrame", column: str) -> "pd.DataFrame":
    """Turn a code that a spreadsheet read as a number into text again."""
    if column in budgets.columns and budgets[column].dtype.kind in "if":
        return budgets.assign(**{column: budgets[column].astype(int).astype(str).str.zfill(5)})
    return budgets
