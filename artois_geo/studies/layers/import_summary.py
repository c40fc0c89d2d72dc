"""What an import comes to: objects by what became of them, columns by how they were matched."""

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from artois_geo.deliveries.delivery import Delivery
    from artois_geo.deliveries.matching import Match
    from artois_geo.studies.layers.importing import Imported


@dataclass(frozen=True)
class MatchedColumns:
    """Count the columns matched by their exact name and by the recipe, and list each of the rest."""

    exact: int
    by_recipe: int
    listed: tuple["Match", ...]

    @property
    def ways(self) -> Counter[str]:
        """Count the listed columns by how each was matched."""
        return Counter(match.how for match in self.listed)


def object_counts(delivery: "Delivery") -> dict[str, int]:
    """Count the objects received (``in``), kept, set aside, and removed as copies; a refusal keeps none."""
    return delivery.counts


def matched_columns(answer: "Imported") -> MatchedColumns:
    """Sort the columns of an import by how they were matched with fields."""
    inexact = [match for match in answer.delivery.matches if match.how != "exact"]
    listed = [match for match in inexact if not (answer.follows_recipe and match.how == "correspondance")]
    return MatchedColumns(
        exact=len(answer.delivery.matches) - len(inexact),
        by_recipe=len(inexact) - len(listed),
        listed=tuple(listed),
    )
