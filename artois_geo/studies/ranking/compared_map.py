"""The map of two rankings: who rises, who falls, who keeps its rank, the largest moves first."""

import geopandas as gpd
import pandas as pd

from artois_geo.maps import Amount, Step
from artois_geo.maps.results.records import START
from artois_geo.studies.ranking import ranked_map
from artois_geo.studies.result_map import ResultLayer, ResultMap
from artois_geo.studies.results import places, words
from artois_geo.studies.results.words import Texts
from artois_geo.studies.sites.site_land import Constraints
from artois_geo.studies.study_table import StudyTable

KINDS = {"up": "etat_gagne", "down": "etat_perdu", "steady": "etat_identique", "unranked": "rang_inconnu"}


def compared_map(
    sites: gpd.GeoDataFrame,
    moves: pd.DataFrame,
    names: tuple[str, str],
    study_table: StudyTable,
    constraints: Constraints | None = None,
) -> ResultMap:
    """Draw the sites by what two sets of criteria change to their rank.

    Parameters
    ----------
    sites
        Ranked sites, in the order of ``moves``.
    moves
        From :func:`artois_geo.studies.ranking.compared.compare`.
    names
        What the two sets of criteria are called.
    study_table
        The table that says it.
    constraints
        Drawn around the sites; None where the reader gave none.
    """
    change = moves["rank_change"]
    groups = {
        "up": change.gt(0).fillna(False),
        "down": change.lt(0).fillna(False),
        "steady": change.eq(0).fillna(False),
        "unranked": change.isna(),
    }
    layers, counts = [], {}
    for name, is_in_group in groups.items():
        rows = is_in_group.to_numpy(dtype=bool)
        counts[name] = int(rows.sum())
        if counts[name]:
            part = sites[rows]
            amounts = [_amount(row, names) for _, row in moves[rows].iterrows()]
            title = ranked_map.sized(words.phrase(f"ranking.{name}", second=names[1], n=counts[name]), part)
            layers.append(ResultLayer(places.named(part, names=part.index), KINDS[name], title, amounts))
    layers += ranked_map.constraints_around(sites, constraints)
    first, second = names
    counted = {name: counts[name] for name in ("up", "down", "steady")}
    return ResultMap(
        layers,
        words.phrase("ranking.compared_title", n=len(sites), first=first, second=second, **counted),
        words.phrase("ranking.compared_subtitle"),
        study_table.sources,
        convention=words.phrase("area.convention"),
        notes=list(study_table.notes),
    )


def _amount(row: pd.Series, names: tuple[str, str]) -> Amount:
    """Write both ranks of a site, and its score under both sets of criteria."""
    before, after = (_rank(row[f"{order}_rank"]) for order in ("first", "second"))
    steps = [
        Step(words.phrase("ranking.score_with", name=name), _score(row[f"{order}_score"]), START)
        for order, name in zip(("first", "second"), names, strict=True)
    ]
    size = row["rank_change"]
    return Amount(
        words.phrase("ranking.move", before=before, after=after),
        order=-1.0 if pd.isna(size) else float(abs(size)),
        steps=steps,
    )


def _rank(rank: object) -> Texts:
    return words.phrase("area.unknown") if pd.isna(rank) else words.same(str(int(rank)))  # type: ignore[call-overload]


def _score(score: float) -> Texts:
    if pd.isna(score):
        return words.phrase("area.unknown")
    return words.phrase("ranking.out_of", score=(float(score), 2))
