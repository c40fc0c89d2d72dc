"""Two sets of criteria on the same sites: one table, one map of who rises and who falls."""

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from artois_geo.studies import StudyTable
from artois_geo.studies.land import rules as land_rules
from artois_geo.studies.ranking import ranked_sites
from artois_geo.studies.ranking.ranked_sites import RankedSites
from artois_geo.studies.ranking.requests import PROFILES, RankingRequest

if TYPE_CHECKING:
    from artois_geo.layers import Catalogue, Layer
    from artois_geo.studies.result_map import ResultMap

MOVES = ("first_rank", "second_rank", "rank_change", "first_score", "second_score")


@dataclass(frozen=True)
class ComparedRanking:
    """Hold two rankings of the same sites, the names of their criteria, and the table that says both.

    ``moves``: by site, ``first_rank``, ``second_rank``, ``rank_change`` (positive: it rises), both scores.
    """

    first: RankedSites
    second: RankedSites
    moves: pd.DataFrame
    study_table: StudyTable

    @property
    def names(self) -> tuple[str, str]:
        """Return what the two sets of criteria are called."""
        return self.first.title, self.second.title

    def map(self, catalogue: "Catalogue", *, on: date) -> "ResultMap":
        """Return the sites that rise, fall, keep their rank, the largest moves first."""
        from artois_geo.studies.ranking import compared_map, ranked_map  # here: no table waits for folium

        sites = ranked_map.require_shapes(self.first.ranked, self.first.source).loc[self.moves.index]
        map_inputs = sites, self.moves, self.names, self.study_table
        if self.first.rules is None:
            return compared_map.compared_map(*map_inputs)
        rules = land_rules.read(self.first.rules, catalogue, on=on)
        return compared_map.compared_map(*map_inputs, rules.constraints)


def study(source: "Layer | Path", request: RankingRequest, *, on: date) -> RankedSites | ComparedRanking:
    r"""Rank the sites of a table under one set of criteria, or under two where the request compares.

    Parameters
    ----------
    source, request, on
        As for :func:`compare`.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "sites.csv"
    >>> _ = path.write_text("nom;net_ha\nA;10\nB;12\n")
    >>> criteria = path.with_name("criteres.toml")
    >>> _ = criteria.write_text('[[critere]]\ncolonne = "net_ha"\npire = 0\nmeilleur = 20\n')
    >>> study(path, RankingRequest(criteria=criteria, draws=10), on=date(2026, 12, 8)).study_table.title
    'Classement'
    """
    return (compare if request.compared else ranked_sites.rank)(source, request, on=on)


def compare(source: "Layer | Path", request: RankingRequest, *, on: date) -> ComparedRanking:
    r"""Rank the same sites under two sets of criteria, and say who moves.

    Parameters
    ----------
    source, on
        As for :func:`artois_geo.studies.ranking.ranked_sites.rank`.
    request
        With ``compared``: the name of a shipped set of criteria, or the file of another.

    Raises
    ------
    BadTable, BadValue, UnknownName, UnreadableFile
        As for :func:`artois_geo.studies.ranking.ranked_sites.rank`.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "sites.csv"
    >>> _ = path.write_text("nom;net_ha;road_km\nA;10;1\nB;12;9\n")
    >>> ways = {"net_ha": (0, 20), "road_km": (10, 0)}
    >>> files = [path.with_name(f"{column}.toml") for column in ways]
    >>> for file, (column, (worst, best)) in zip(files, ways.items()):
    ...     _ = file.write_text(f'[[critere]]\ncolonne = "{column}"\npire = {worst}\nmeilleur = {best}\n')
    >>> request = RankingRequest(criteria=files[0], compared=str(files[1]), draws=10)
    >>> compare(path, request, on=date(2026, 12, 8)).moves["rank_change"].to_dict()
    {'A': 1, 'B': -1}
    """
    first = ranked_sites.rank(source, replace(request, compared=None), on=on)
    is_profile = request.compared in PROFILES
    compared_demand = {
        "profile": request.compared if is_profile else None,
        "criteria": None if is_profile else Path(str(request.compared)),
    }
    second = ranked_sites.rank(source, replace(request, compared=None, **compared_demand), on=on)  # type: ignore[arg-type]
    moves = _moves(first.ranked, second.ranked)
    names = first.title, second.title
    study_table = StudyTable(
        moves.rename_axis("site").reset_index(),
        title=f"Classement : {names[0]} et {names[1]}",
        sources=list(dict.fromkeys([*first.study_table.sources, *second.study_table.sources])),
        constants=first.study_table.constants,
        notes=[
            f"{name} : {note}"
            for name, answer in zip(names, (first, second), strict=True)
            for note in answer.study_table.notes
        ],
        labels={
            "site": "Site",
            "first_rank": f"Rang, {names[0]}",
            "second_rank": f"Rang, {names[1]}",
            "rank_change": "Places gagnées",
            "first_score": f"Note, {names[0]} (0 à 100)",
            "second_score": f"Note, {names[1]} (0 à 100)",
        },
        members={
            name: answer.study_table.members for name, answer in zip(names, (first, second), strict=True)
        },
    )
    return ComparedRanking(first, second, moves, study_table)


def _moves(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Set ranks and scores side by side, the largest moves first; a rank that one lacks moves nothing."""
    table = pd.DataFrame(index=first.index)
    for order, ranked in (("first", first), ("second", second)):
        table[f"{order}_rank"] = ranked["rank"].reindex(table.index).astype("Int64")
    table["rank_change"] = table["first_rank"] - table["second_rank"]
    for order, ranked in (("first", first), ("second", second)):
        table[f"{order}_score"] = ranked["score"].reindex(table.index)
    size = table["rank_change"].abs().astype("Float64").fillna(-1.0)
    ordered = table.assign(size=size).sort_values(
        ["size", "second_rank"], ascending=[False, True], kind="stable"
    )
    return ordered[list(MOVES)]
