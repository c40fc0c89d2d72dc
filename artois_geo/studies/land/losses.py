"""What each constraint costs each site: a table, a sentence per site, the waterfall of one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from artois_geo import land, layers, meaning
from artois_geo.studies import Assumptions, StudyTable
from artois_geo.studies.land import constraint_layers, wording
from artois_geo.studies.land import rules as land_rules
from artois_geo.studies.land.measurable import only_site, polygon_sites
from artois_geo.studies.land.requests import LossRequest
from artois_geo.studies.sites import site_land
from artois_geo.text import counted

if TYPE_CHECKING:
    import geopandas as gpd

    from artois_geo.layers import Catalogue, Layer
    from artois_geo.studies.result_map import ResultMap

LABELS = {"site": "Site", "constraint": "Contrainte", "sentence": "Phrase"}


@dataclass(frozen=True)
class LandLosses:
    """Hold sites, their constraints, what remains, their waterfalls, the table that says it, the repairs."""

    sites: "gpd.GeoDataFrame"
    constraints: site_land.Constraints
    names: pd.Series
    remaining: "gpd.GeoDataFrame"
    waterfall: pd.DataFrame
    study_table: StudyTable
    repairs: StudyTable

    @property
    def map(self) -> "ResultMap":
        """Return what each constraint takes, the sites that lose most first."""
        from artois_geo.studies.land.maps import net  # here: a table does not wait for folium

        unknown = None
        if self.remaining["unknown_ha"].gt(0).any():
            demands = self.constraints.demands
            unknown = land.unknown(self.sites, self.constraints.table, by="constraint", **demands)
        return net.losses_map(
            net.NetLand(
                self.sites, self.remaining, self.constraints, self.study_table, unknown, self.waterfall
            )
        )

    def chart(self) -> str:
        """Draw the waterfall of the first site, as SVG."""
        rows = self.waterfall.droplevel(0)
        return site_land.chart(self.remaining.iloc[0], rows, title=str(self.names.iloc[0]))


def study(
    source: "Layer | Path",
    request: LossRequest,
    catalogue: "Catalogue",
    *,
    on: date,
    cores: int | None = None,
) -> LandLosses:
    r"""Measure what each constraint takes from each site: alone, exclusively, and in declared order.

    Parameters
    ----------
    source
        Layer of sites; those that are not drawn as polygons are named in the notes.
    request
        Constraints, the only site, sentences in place of rows.
    catalogue
        Where the name of a layer is looked up.
    on
        Day whose convention reads the interval of a schematic site.
    cores
        As for :func:`artois_geo.land.available`.

    Raises
    ------
    BadTable, BadCRS, BadValue, UnknownName, UnreadableFile
        A file, a layer, a site or a column that cannot be used.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "regles.csv"
    >>> _ = path.write_text("nom,couche,recul_m\nFret,logistique_odbl,10\n")
    >>> shipped = layers.read_catalogue()
    >>> answer = study(shipped["sites_eco"], LossRequest(path), shipped, on=date(2026, 12, 8))
    >>> answer.study_table.table["available_reason"].iloc[0][:18]
    'tracé schématique,'
    """
    sites, unmeasured = polygon_sites(layers.read(source))
    if request.site is not None:
        sites = only_site(sites, request.site)
    names = meaning.site_names(sites)
    rules = land_rules.read(request.rules, catalogue, on=on)
    assumptions = Assumptions(on)
    moves = land.read_moves(assumptions.value(land.MOVES))
    remaining, waterfall = site_land.waterfalls(sites, rules.constraints, moves=moves, cores=cores)
    by_sentence = _sentences(waterfall, remaining, names) if request.sentences else None
    study_table = StudyTable(
        _rows(waterfall, remaining, names, readable=False) if by_sentence is None else by_sentence,
        title="Pertes par contrainte",
        sources=[source, *rules.sources],
        constants=assumptions.used if wording.has_interval(remaining) else [],
        surface="lambert93",
        notes=[
            *wording.doubts(remaining),
            *unmeasured,
            *rules.notes,
            land_rules.describe_pieces(rules.options),
            *wording.quality_warnings(sites),
            *_untouched(waterfall, remaining),
        ],
        labels=LABELS,
        members=rules.record,
        brief=_rows(waterfall, remaining, names, readable=True) if by_sentence is None else None,
    )
    repairs = constraint_layers.repairs_table(rules.repairs)
    return LandLosses(sites, rules.constraints, names, remaining, waterfall, study_table, repairs)


def _rows(
    waterfall: pd.DataFrame, remaining: "gpd.GeoDataFrame", names: pd.Series, *, readable: bool
) -> pd.DataFrame:
    rows = wording.loss_rows(waterfall, remaining, readable=readable)
    rows.insert(0, "site", names.reindex(rows.index).to_numpy())
    return rows.reset_index(drop=True)


def _sentences(waterfall: pd.DataFrame, remaining: "gpd.GeoDataFrame", names: pd.Series) -> pd.DataFrame:
    name_of: Mapping[object, str] = names.astype(str).to_dict()
    sentences = [
        land.sentence(rows, site_name=name_of[label], left=remaining.loc[label])
        for label, rows in waterfall.groupby(level=0, sort=False)
    ]
    return pd.DataFrame({"site": names.to_numpy(), "sentence": sentences})


def _untouched(waterfall: pd.DataFrame, remaining: "gpd.GeoDataFrame") -> list[str]:
    """Say how many measured sites no constraint reaches; none of them holds ground that nobody looked at."""
    measured = remaining.index[~remaining["schematic"] & ~(remaining["unknown_ha"] > 0)]
    alone_ha = waterfall["alone_ha"].groupby(level=0).sum().reindex(measured)
    untouched = int((alone_ha <= 0).sum())
    return [f"{counted(untouched, 'site')} qu'aucune contrainte n'atteint."] if untouched else []
