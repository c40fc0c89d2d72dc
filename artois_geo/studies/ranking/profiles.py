"""Sets of criteria, shipped or written by a planner, and the sites as they can be held against them."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from importlib.resources import files
from typing import Any

import pandas as pd

from artois_geo import constants, ranking
from artois_geo.errors import UnreadableFile, toml_place
from artois_geo.ranking.criteria import bound_columns
from artois_geo.studies import input_headings, planner_files
from artois_geo.studies.ranking.requests import RankingRequest

MIN_KNOWN_SHARE, WEIGHT_CHANGE = "classement_part_connue_min", "sensibilite_variation"


@dataclass(frozen=True)
class Profile:
    """Hold the criteria of a ranking, its vetoes, and its settings (``titre``, ``methode``, ``source``)."""

    criteria: Sequence[ranking.Criterion]
    vetoes: Sequence[ranking.Veto]
    settings: Mapping[str, Any]

    @property
    def rules(self) -> dict[str, Any]:
        """Return ``vetoes`` and ``method`` as :func:`artois_geo.ranking.rank` takes them."""
        geometric = self.settings["methode"] == "geometrique"
        return {"vetoes": self.vetoes, "method": "geometric" if geometric else "additive"}


def text_of(request: RankingRequest) -> str:
    """Return the text of the profile of a request, to be copied into a file.

    Examples
    --------
    >>> text_of(RankingRequest(profile="sobriete")).splitlines()[0].startswith("#")
    True
    """
    if request.criteria is not None:
        return planner_files.text_of(request.criteria)
    name = f"{request.profile}.toml"
    return files("artois_geo.ranking").joinpath("profiles", name).read_text(encoding="utf-8")


def read(request: RankingRequest) -> Profile:
    """Read the profile of a request.

    Raises
    ------
    UnreadableFile
        Not TOML; the message says where.
    BadTable, BadValue, UnknownName
        See :func:`artois_geo.ranking.read_profile`.

    Examples
    --------
    >>> read(RankingRequest(profile="industrie_canal")).rules["method"]
    'geometric'
    """
    text = text_of(request)
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        name = request.criteria.name if request.criteria else "profil"
        raise UnreadableFile(f"{name} : TOML illisible ({toml_place(error, text)}).") from error
    return Profile(*ranking.read_profile(content))


def shipped(name: str) -> Profile:
    """Read a profile that comes with ``ranking``.

    Examples
    --------
    >>> shipped("sobriete").settings["titre"]
    'Sobriété en six axes'
    """
    return read(RankingRequest(profile=name))


def weighted(profile: Profile, on: date) -> Profile:
    """Compute the weights of a profile from its pairwise comparisons, if any, by the limits of a day.

    Examples
    --------
    >>> profile = weighted(shipped("site_cle_en_main"), date(2026, 12, 8))
    >>> len(profile.criteria) == len(shipped("site_cle_en_main").criteria)
    True
    """
    criteria = ranking.compared(
        profile.criteria,
        profile.settings.get("comparaisons"),
        random_index=constants.get("ahp_indice_aleatoire", on=on).value,
        max_consistency_ratio=constants.get("ahp_ratio_maximal", on=on).value,
    )
    return replace(profile, criteria=criteria)


def in_columns(profile: Profile, sites: pd.DataFrame) -> Profile:
    """Return the profile with the columns of the sites that its headings name: « Distance à l'eau (m) ».

    Examples
    --------
    >>> profile = Profile([ranking.Criterion("Surface nette (ha)", 0, 20)], [], {})
    >>> in_columns(profile, pd.DataFrame(columns=["net_ha"])).criteria[0].column
    'net_ha'
    """
    criteria = [
        replace(
            criterion,
            column=input_headings.column(criterion.column, sites),
            label=criterion.name,
        )
        for criterion in profile.criteria
    ]
    vetoes = [
        replace(veto, column=input_headings.column(veto.column, sites), label=veto.name)
        for veto in profile.vetoes
    ]
    return replace(profile, criteria=criteria, vetoes=vetoes)


def padded(sites: pd.DataFrame, profile: Profile) -> pd.DataFrame:
    """Add the columns of the profile that the sites have not, unknown for all.

    Examples
    --------
    >>> sites = pd.DataFrame({"net_ha": [2.0]})
    >>> padded(sites, Profile([ranking.Criterion("an", 2036, 2026)], [], {}))["an"].tolist()
    [nan]
    """
    columns = [veto.column for veto in profile.vetoes]
    columns += [criterion.column for criterion in profile.criteria]
    return sites.assign(**{column: float("nan") for column in columns if column not in sites.columns})


def absent(sites: pd.DataFrame, profile: Profile) -> list[str]:
    """Name the criteria of which the sites have neither the column nor its bounds.

    Examples
    --------
    >>> criteria = [ranking.Criterion("net_ha", 0, 20), ranking.Criterion("an", 2036, 2026)]
    >>> absent(pd.DataFrame({"net_low_ha": [1.0], "net_high_ha": [2.0]}), Profile(criteria, [], {}))
    ['an']
    """
    return [
        criterion.name
        for criterion in profile.criteria
        if not {criterion.column, *sum(bound_columns(criterion.column), ())} & set(sites.columns)
    ]
