"""The map of a ranking: sites by the third that holds their whole interval of ranks, the first ones first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from artois_geo import ranking
from artois_geo.errors import BadTable
from artois_geo.maps import Amount, Step
from artois_geo.maps.results.records import MORE, START, TOTAL
from artois_geo.studies.land.maps import causes
from artois_geo.studies.ranking import selected_land
from artois_geo.studies.result_map import Cited, ResultLayer, ResultMap
from artois_geo.studies.results import places, words
from artois_geo.studies.results.words import Texts
from artois_geo.studies.sites.site_land import Constraints
from artois_geo.studies.study_table import StudyTable

if TYPE_CHECKING:
    from pathlib import Path

    from artois_geo.layers import Layer

THIRDS = ("first", "second", "last")
KINDS = ("rang_tete", "rang_milieu", "rang_queue", "rang_ouvert", "rang_inconnu", "rang_veto")
OTHERS = ("open", "nothing", "veto")
SAME_SCORE = 0.01
EVERY_SCORE = (0.0, 100.0)  # bounds that say nothing
RANKING = ("completeness", "veto", "said")


@dataclass(frozen=True)
class Ranking:
    """Hold ranked sites, the criteria and what they are called, the verdict, the table that says it."""

    sites: gpd.GeoDataFrame
    criteria: Sequence[ranking.Criterion]
    title: str
    verdict: str
    study_table: StudyTable


def ranked_map(ranked: Ranking, constraints: Constraints | None, sources: Sequence[Cited]) -> ResultMap:
    """Draw the sites by standing, the waterways, and the constraints that the reader gave.

    Parameters
    ----------
    ranked
        From :func:`artois_geo.studies.ranking.ranked_sites.rank`.
    constraints
        Drawn around the sites; None where the reader gave none.
    sources
        What the ranking and the constraints were made from.
    """
    sites = ranked.sites
    layers = [
        *layers_by_standing(sites, ranked.criteria),
        *constraints_around(sites, constraints),
    ]
    return ResultMap(
        layers,
        headline(sites),
        _subtitle(ranked),
        sources,
        convention=words.phrase("area.convention"),
        notes=list(ranked.study_table.notes),
    )


def _subtitle(ranked: Ranking) -> Texts:
    """Name the criteria, and say the verdict, which is a French sentence of the table."""
    subtitle = words.phrase("ranking.subtitle", title=ranked.title)
    return {**subtitle, "fr": f"{subtitle['fr']}. {ranked.verdict}"}


def constraints_around(sites: gpd.GeoDataFrame, constraints: Constraints | None) -> list[ResultLayer]:
    """Draw the ground of constraints around some sites, each in a hatching of its own.

    Examples
    --------
    >>> from artois_geo import example
    >>> constraints_around(example.square(x_km=0, y_km=0, side_km=1), None)
    []
    """
    if constraints is None:
        return []
    around = causes.surroundings(sites[~sites.geometry.isna()], constraints.table)
    return [constraint_layer(name, ground) for name, ground in around.items()]


def constraint_layer(name: str, ground: object) -> ResultLayer:
    """Draw the ground of a constraint, in a hatching of its own.

    Examples
    --------
    >>> from artois_geo import example
    >>> site = example.square(x_km=0, y_km=0, side_km=1)
    >>> constraint_layer("Crue", site.geometry.iloc[0]).titles["fr"]
    'Crue'
    """
    frame = gpd.GeoDataFrame({places.NAME: [name]}, geometry=[ground], crs="EPSG:2154")
    return ResultLayer(frame, causes.KIND, name)


def layers_by_standing(
    ranked: gpd.GeoDataFrame, criteria: Sequence[ranking.Criterion] = ()
) -> list[ResultLayer]:
    """Split the sites by standing, each layer with its ranks and its hectares.

    Examples
    --------
    >>> from artois_geo import example
    >>> site = example.square(x_km=0, y_km=0, side_km=1, standing="premier tiers", rank=1, score=50.0)
    >>> site = site.assign(score_low=40.0, score_high=60.0, rank_low=1, rank_high=1)
    >>> [layer.titles["fr"] for layer in layers_by_standing(site)]
    ['Premier tiers : rang 1']
    """
    standings = ranked["standing"]
    results = []
    for standing, title, kind in zip(ranking.STANDINGS, _titles(standings), KINDS, strict=True):
        sites = ranked[standings == standing]
        if len(sites):
            frame = places.named(sites, names=sites.index).assign(
                **{name: sites[name] for name in RANKING if name in sites}
            )
            amounts = [amount(row, criteria) for _, row in sites.iterrows()]
            results.append(ResultLayer(frame, kind, sized(title, sites), amounts))
    return results


def amount(row: pd.Series, criteria: Sequence[ranking.Criterion]) -> Amount:
    """Give the rank and the score of a site, and how the score is made; unknown where nothing is known.

    Examples
    --------
    >>> row = pd.Series({"rank": 2, "rank_low": 1, "rank_high": 3, "score": 50.0, "score_low": 40.0})
    >>> amount(pd.concat([row, pd.Series({"score_high": 60.0})]), []).text["fr"]
    'rang 2 (1 à 3) · 50,00'
    """
    rank: Any = row.get("rank")
    if str(row.get("veto") or ""):
        text, order = words.phrase("ranking.vetoed"), -1e6
    elif pd.isna(rank):
        low, high = float(row["score_low"]), float(row["score_high"])
        text, order = words.phrase("ranking.score_range", low=(low, 2), high=(high, 2)), low - 1e3
        if (low, high) == EVERY_SCORE:
            return Amount(words.phrase("area.unknown"), order=order)
    else:
        score = (float(row["score"]), 2)
        text, order = words.phrase("ranking.rank_score", rank=_rank(row), score=score), -float(rank)
    return Amount(text, order=order, steps=[*_criterion_steps(row, criteria)])


def headline(sites: gpd.GeoDataFrame) -> Texts:
    """Say the ranking in one sentence: the hectares that no veto leaves out, else how many sites are ranked.

    Examples
    --------
    >>> from artois_geo import example
    >>> headline(example.square(x_km=0, y_km=0, side_km=1, rank=1, veto=""))["fr"]
    '1 site classé sur 1'
    """
    admitted = selected_land.admitted(sites)
    sums = selected_land.sums(sites)
    if sums is None:
        count = int(pd.notna(sites["rank"]).sum()) if "rank" in sites else 0
        key = {0: "ranked_none", 1: "ranked_one"}.get(count, "ranked")
        return words.phrase(f"ranking.{key}", n=count, all=len(sites))
    low_ha, high_ha = sums["available_low_ha"], sums["available_high_ha"]
    available = words.total(low_ha, high_ha)
    key = "admitted_one" if len(admitted) == 1 else "admitted"
    return words.phrase(f"ranking.{key}", n=len(admitted), ha=available)


def _criterion_steps(row: pd.Series, criteria: Sequence[ranking.Criterion]) -> Iterator[Step]:
    """Yield what each criterion brings to the score: its weight times its score of 0 to 100."""
    total = sum(criterion.weight for criterion in criteria) or 1.0
    points_so_far = 0.0
    for number, criterion in enumerate(criteria):
        points: Any = row.get(f"score_{criterion.column}")
        weight = (100 * criterion.weight / total, 0)
        label = words.phrase("ranking.criterion", name=criterion.name, weight=weight)
        text = words.phrase("area.unknown")
        if not (points is None or pd.isna(points)):
            text = words.phrase("ranking.points", score=(float(points), 2))
            points_so_far += float(points)
        yield Step(label, text, MORE if number else START)
    score: Any = row.get("score")
    if criteria and not pd.isna(score):
        text = words.phrase("ranking.out_of", score=(float(score), 2))
        # a geometric score is no sum
        yield Step(
            words.phrase("ranking.score"), text, TOTAL if abs(points_so_far - score) < SAME_SCORE else START
        )


def _rank(row: pd.Series) -> Texts:
    """Write a rank, and between which it may be."""
    low: Any = row.get("rank_low")
    high: Any = row.get("rank_high")
    if pd.isna(low) or pd.isna(high) or low == high:
        return words.phrase("ranking.rank", rank=int(row["rank"]))
    return words.phrase("ranking.rank_range", rank=int(row["rank"]), low=int(low), high=int(high))


def _titles(standings: pd.Series) -> list[Texts]:
    rank_count = int(standings.isin(ranking.STANDINGS[:4]).sum())
    third = -(-rank_count // 3)
    spans = [(1, third), (third + 1, min(2 * third, rank_count)), (2 * third + 1, rank_count)]
    titles: list[Texts] = []
    for name, (best, worst) in zip(THIRDS, spans, strict=True):
        key = f"ranking.{name}" if best < worst else f"ranking.{name}_one"
        titles.append(words.phrase(key, best=best, worst=worst))
    return [*titles, *(words.phrase(f"ranking.{name}") for name in OTHERS)]


def sized(title: Texts, sites: gpd.GeoDataFrame) -> Texts:
    """Add the hectares available on some sites: exact where all are measured, else an interval.

    Examples
    --------
    >>> from artois_geo import example
    >>> sized(words.same("Premier tiers"), example.square(x_km=0, y_km=0, side_km=1))["fr"]
    'Premier tiers'
    """
    if not {*selected_land.NEEDED} <= set(sites.columns):
        return title
    sums = selected_land.sums_of(sites)
    if sums is None:
        return title
    low_ha, high_ha = sums["available_low_ha"], sums["available_high_ha"]
    return words.phrase("ranking.sized", title=title, ha=words.total(low_ha, high_ha))


def require_shapes(sites: "pd.DataFrame", source: "Layer | Path") -> gpd.GeoDataFrame:
    """Refuse to draw a table that has no shapes.

    Examples
    --------
    >>> from artois_geo import example, layers
    >>> len(require_shapes(example.square(x_km=0, y_km=0, side_km=1), layers.read_catalogue()["sites_eco"]))
    1
    """
    if not isinstance(sites, gpd.GeoDataFrame):
        raise BadTable(
            f"{source.name} n'a pas de formes à dessiner : pour --carte, donner la sortie .geojson"
            " d'une commande (foncier disponible --format geojson)."
        )
    return sites
