"""What a planner asks of a ranking: criteria, draws, the column that names the sites."""

from dataclasses import dataclass
from pathlib import Path

PROFILES = ("industrie_canal", "pme_artisanat", "renaturation", "site_cle_en_main", "sobriete")
SOBRIETY = "sobriete"  # a profile in six axes, which ranks nothing
DRAWS, SEED = 10_000, 1


@dataclass(frozen=True)
class RankingRequest:
    """Ask for the rank of the sites of a table.

    Parameters
    ----------
    profile, criteria
        Name of a shipped set of criteria, or file of another.
    key
        Column that names the sites; the usual ones are tried without it.
    draws, seed
        Weights drawn at random; same seed, same answer.
    rules
        Table or layer of the constraints that a map of the ranking shows.
    compared
        Name or file of a second set of criteria, for :mod:`artois_geo.studies.ranking.compared`.
    """

    profile: str | None = None
    criteria: Path | None = None
    key: str | None = None
    draws: int = DRAWS
    seed: int = SEED
    rules: Path | None = None
    compared: str | None = None
