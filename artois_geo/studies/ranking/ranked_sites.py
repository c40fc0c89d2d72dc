"""The rank of the sites of a table and its sensitivity; or their sobriety, on six axes, never summed."""

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from artois_geo import charts, constants, meaning, ranking
from artois_geo.errors import BadTable, UnknownName
from artois_geo.ranking.criteria import bound_columns
from artois_geo.studies import StudyTable, planner_files
from artois_geo.studies.land import rules as land_rules
from artois_geo.studies.ranking import profiles, selected_land, sentences
from artois_geo.studies.ranking.profiles import Profile
from artois_geo.studies.ranking.requests import RankingRequest
from artois_geo.studies.sites import deduced
from artois_geo.tables import values

if TYPE_CHECKING:
    from artois_geo.layers import Catalogue, Layer
    from artois_geo.studies.result_map import ResultMap

COMPLETENESS = "_completeness"


@dataclass(frozen=True)
class RankedSites:
    """Hold the ranked sites, the sentence that sums the ranking up, and the table that says it."""

    ranked: pd.DataFrame
    title: str
    verdict: str
    source: "Layer | Path"
    study_table: StudyTable
    profile: Profile
    rules: Path | None = None

    def map(self, catalogue: "Catalogue", *, on: date) -> "ResultMap":
        """Return the sites by standing, the waterways, and the constraints that the reader gave."""
        from artois_geo.studies.ranking import ranked_map  # here: a table does not wait for folium

        sites = ranked_map.require_shapes(self.ranked, self.source)
        criteria = self.profile.criteria
        map_ranking = ranked_map.Ranking(sites, criteria, self.title, self.verdict, self.study_table)
        if self.rules is None:
            return ranked_map.ranked_map(map_ranking, None, [self.source])
        rules = land_rules.read(self.rules, catalogue, on=on)
        return ranked_map.ranked_map(map_ranking, rules.constraints, [self.source, *rules.sources])


@dataclass(frozen=True)
class Sobriety:
    """Hold the axes of each site (0 to 100), and the table that says them."""

    axes: pd.DataFrame
    study_table: StudyTable

    def chart(self, site: str) -> str:
        """Draw the axes of a site, as SVG; refuse a name that no site has."""
        rows = self.axes.set_axis(self.axes.index.astype(str))
        if site not in rows.index:
            raise UnknownName("site", site, rows.index)
        axes = [column for column in rows.columns if not column.endswith(COMPLETENESS)]
        points = {axis: float(rows[axis].loc[site]) for axis in axes}
        return charts.profile(points, title=f"Sobriété : {site}")


@dataclass(frozen=True)
class _Contest:
    """Hold sites as they can be held against a profile, the draws, and what is first to say of them."""

    sites: pd.DataFrame
    profile: Profile
    draws: dict[str, Any]
    notes: list[str]


def rank(source: "Layer | Path", request: RankingRequest, *, on: date) -> RankedSites:
    r"""Rank the sites of a table, and say whether that holds under other weights and unknown values.

    Parameters
    ----------
    source
        Layer, table, or the output of a command; with shapes, the ranking can be drawn.
    request
        Criteria, draws, the column that names the sites.
    on
        Day whose constants say how much must be known, and by how much weights are moved.

    Raises
    ------
    BadTable, BadValue, UnknownName, UnreadableFile
        A file, a column or a criterion that cannot be used.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "sites.csv"
    >>> _ = path.write_text("nom;net_ha\nA;10\nB;12\n")
    >>> criteria = path.with_name("criteres.toml")
    >>> _ = criteria.write_text('[[critere]]\ncolonne = "net_ha"\npire = 0\nmeilleur = 20\n')
    >>> rank(path, RankingRequest(criteria=criteria, draws=10), on=date(2026, 12, 8)).verdict
    'Premier aux poids choisis : B.'
    """
    contest = _contest(source, request)
    contest = replace(contest, profile=profiles.weighted(contest.profile, on))
    limits = [constants.get(name, on=on) for name in (profiles.WEIGHT_CHANGE, profiles.MIN_KNOWN_SHARE)]
    change_share, min_known_share = (limit.value for limit in limits)
    ranked = ranking.rank(contest.sites, contest.profile.criteria, **contest.profile.rules)
    known_share = ranking.known_share(ranked)
    is_settled = known_share >= min_known_share
    ranked = ranked.assign(
        standing=ranking.standing(ranked, settled=is_settled),
        said=ranking.said(
            contest.sites,
            contest.profile.criteria,
            min_known_share=min_known_share,
            **contest.profile.rules,
            **contest.draws,
        ),
    )
    aside = sentences.unranked(ranked)
    if is_settled:
        verdict = _verdict(contest, ranked, min_known_share)
        ranked, notes, members = _tested(contest, ranked, change_share, min_known_share)
    else:
        verdict, notes, members = sentences.unsettled(known_share), list[str](), dict[str, Any]()
        ranked = _without_places(ranked)
    title = contest.profile.settings["titre"] or str(request.criteria)
    brief_notes = [*selected_land.total(ranked), *contest.notes, *aside, *notes]
    study_table = StudyTable(
        _named(_ordered(ranked, contest.profile)),
        title="Classement",
        sources=[source],
        constants=limits,
        notes=[verdict, *brief_notes],
        labels={"site": "Site"},
        members=_settings(contest, known_share) | members,
        brief=_named(ranked[_brief_columns(ranked)]),
        brief_title=f"Classement. {verdict}",
        brief_notes=brief_notes,
    )
    return RankedSites(ranked, title, verdict, source, study_table, contest.profile, request.rules)


def sobriety(source: "Layer | Path", request: RankingRequest) -> Sobriety:
    r"""Measure the sites of a table on the six axes of sobriety, which are never summed.

    Parameters
    ----------
    source, request
        As for :func:`rank`.

    Raises
    ------
    BadTable, BadValue, UnknownName, UnreadableFile
        As for :func:`rank`.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "sites.csv"
    >>> _ = path.write_text("nom;jobs_per_ha\nA;20\n")
    >>> sobriety(path, RankingRequest(profile="sobriete")).axes["emploi"].tolist()
    [50.0]
    """
    contest = _contest(source, request)
    axes = ranking.profile(contest.sites, contest.profile.criteria)
    headings = {
        column: f"{column.removesuffix(COMPLETENESS)} : part connue"
        for column in axes.columns
        if column.endswith(COMPLETENESS)
    }
    study_table = StudyTable(
        _named(axes),
        title="Sobriété",
        sources=[source],
        notes=[*contest.notes, "Profil en six axes, de 0 à 100 : il ne s'additionne pas."],
        labels={"site": "Site"} | headings,
        members={"profil": contest.profile.settings},
    )
    return Sobriety(axes, study_table)


def _contest(source: "Layer | Path", request: RankingRequest) -> _Contest:
    """Read the profile and the sites, and leave unknown what is absent or drawn for show only."""
    table = _rows(source, request.key)
    profile = profiles.in_columns(profiles.read(request), table)
    sites = _keyed(table, request.key)
    settings = profile.settings
    heading = f"Profil : {settings['titre'] or request.criteria}. {settings['note']}".strip()
    absent = [
        f"Critère « {name} » : colonne absente, inconnu pour tous les sites."
        for name in profiles.absent(sites, profile)
    ]
    measured = ranking.without_sketches(
        profiles.padded(sites, profile), profile.criteria, vetoes=profile.vetoes
    )
    notes = [heading, settings["source"], *absent]
    notes += sentences.schematic_sites(measured, measured.attrs["emptied"])
    draws = {"draws": request.draws, "seed": request.seed}
    return _Contest(measured, profile, draws, [note for note in notes if note])


def _rows(source: "Layer | Path", key: str | None) -> pd.DataFrame:
    """Read a table that a planner hands over, or a layer with what its standard lets us deduce."""
    return planner_files.table(source, as_written=[key]) if isinstance(source, Path) else deduced.read(source)


def _keyed(table: pd.DataFrame, key: str | None) -> pd.DataFrame:
    """Index the sites by their names; refuse a table that has none, or where one repeats."""
    name = key or meaning.first_column(table, meaning.site_name_columns("ranking"))
    if name is None:
        raise BadTable("Aucune colonne ne nomme les sites : la donner avec --cle.")
    if name not in table.columns:
        raise UnknownName("colonne", name, map(str, table.columns))
    if table[name].duplicated().any():
        repeated = table.loc[table[name].duplicated(), name].iloc[0]
        raise BadTable(
            f"Deux lignes s'appellent « {repeated} » dans « {name} ». Choisir une autre colonne avec --cle."
        )
    return table.set_index(name)


def _without_places(ranked: pd.DataFrame) -> pd.DataFrame:
    """Keep the bounds of the score alone: what rests on the little that is known would be read as a place."""
    places = {name: ranked[name].mask(ranked[name].notna()) for name in ("rank", "rank_low", "rank_high")}
    unranked = ranked.assign(**places, score=float("nan"))
    return unranked.sort_values("score_high", ascending=False, kind="stable")


def _leaders(contest: _Contest) -> list[Any]:
    return ranking.contenders(contest.sites, contest.profile.criteria, **contest.profile.rules)


def _verdict(contest: _Contest, ranked: pd.DataFrame, min_known_share: float) -> str:
    leaders = _leaders(contest)
    return sentences.first_place(
        leaders,
        is_vague=bool(ranked.loc[leaders[0], "completeness"] < min_known_share),
        is_complete=bool((ranked["completeness"] == 1).all()),
    )


def _tested(
    contest: _Contest, ranked: pd.DataFrame, change_share: float, min_known_share: float
) -> tuple[pd.DataFrame, list[str], dict[str, Any]]:
    """Test the ranking under other weights: its rows with their stability, what to say, what a file keeps."""
    sites, profile = contest.sites, contest.profile
    rules = profile.rules
    stable = ranking.stability(sites, profile.criteria, **rules, **contest.draws)
    is_vague = ranked["completeness"] < min_known_share
    stable.loc[is_vague, ["first_share", "top3_share"]] = float("nan")
    turns = ranking.one_at_a_time(sites, profile.criteria, change_share=change_share, **rules)
    members: dict[str, Any] = {"sensibilite": _records(turns)}
    leaders = _leaders(contest)
    is_certain = len(leaders) == 1 and not is_vague[leaders[0]]
    notes = [
        f"Part des pondérations : {contest.draws['draws']} tirages au hasard des poids et de ce qui est"
        f" inconnu, graine {contest.draws['seed']}.",
        *sentences.weight_changes(turns, profile, change_share, is_certain=is_certain),
    ]
    if rules["method"] == "additive":
        critical = ranking.critical_weights(sites, profile.criteria, vetoes=profile.vetoes)
        members["poids_critiques"] = _records(critical)
        notes += sentences.critical_weights(critical, profile) if is_certain else []
    return ranked.join(stable).sort_values("rank", na_position="last", kind="stable"), notes, members


def _settings(contest: _Contest, known_share: float) -> dict[str, Any]:
    """Gather what a file keeps so that the ranking can be made again."""
    return {
        "criteres": [vars(criterion) for criterion in contest.profile.criteria],
        "part_connue": known_share,
        "tirages": contest.draws["draws"],
        "graine": contest.draws["seed"],
    }


def _brief_columns(ranked: pd.DataFrame) -> list[str]:
    if ranked["rank"].notna().any():
        ranks = ["rank", "best_rank", "worst_rank", "score", "score_low", "score_high"]
        return [*ranks, "completeness", "first_share", "veto"]
    return ["score_low", "score_high", "completeness", "veto"]


def _ordered(ranked: pd.DataFrame, profile: Profile) -> pd.DataFrame:
    """Put what the ranking says in front, then its criteria, then the rest of the table."""
    front = [*_brief_columns(ranked), "rank", "rank_low", "rank_high", "score", "standing", "said"]
    for criterion in profile.criteria:
        bounds = [name for pair in bound_columns(criterion.column) for name in pair]
        front += [criterion.column, *bounds, f"score_{criterion.column}"]
    leading = [name for name in dict.fromkeys(front) if name in ranked.columns]
    return ranked[[*leading, *(name for name in ranked.columns if name not in leading)]]


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Convert rows for a JSON member: what is missing is null."""
    names = [str(name) for name in frame.columns]
    return [
        {name: None if meaning.is_null(cell) else cell for name, cell in zip(names, row, strict=True)}
        for row in values.rows(frame)
    ]


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    """Turn the names of the sites into a column."""
    return frame.reset_index(names="site") if "site" not in frame.columns else frame
