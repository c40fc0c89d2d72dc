"""The map of a ranking: sites by the third that holds their whole interval of ranks."""

from pathlib import Path
from typing import TYPE_CHECKING

from artois_geo.cli import drawn

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

THIRDS = ("Premier tiers", "Deuxième tiers", "Dernier tiers")
KINDS = ("rang_tete", "rang_milieu", "rang_queue", "rang_ouvert", "rang_inconnu", "rang_veto")
RANKING = (
    "rank",
    "rank_low",
    "rank_high",
    "score",
    "score_low",
    "score_high",
    "completeness",
    "veto",
    "said",
)
TRUST = ("geometrie", "precision_m", "fictif", "comm_nom", "epci_sigle")  # what a card says of any site


def write(ranked: "gpd.GeoDataFrame", path: Path, title: str, verdict: list[str], source: Path) -> None:
    """One layer for each standing, over the towns of the catalogue."""
    from artois_geo import ranking

    classes = ranked["standing"]
    number = int(classes.isin(ranking.STANDINGS[:4]).sum())
    third = -(-number // 3)
    spans = [(1, third), (third + 1, min(2 * third, number)), (2 * third + 1, number)]
    heads = [
        f"{name} : rangs {first} à {last}" if first < last else f"{name} : rang {first}"
        for name, (first, last) in zip(THIRDS, spans, strict=True)
    ]
    heads += ["Place non établie : valeurs inconnues", "Aucun critère connu", "Hors classement : veto"]
    frames = {}
    for name, head, kind in zip(ranking.STANDINGS, heads, KINDS, strict=True):
        mine = ranked[classes == name]
        if len(mine):
            # what a map says of a site is its ranking, not the sixty columns it was computed from
            wanted = (*RANKING, *TRUST, mine.geometry.name)
            shown = mine[[column for column in wanted if column in mine.columns]]
            frames[head] = (shown.reset_index(names="nom"), kind)
    drawn.write(frames, path, title=f"Classement : {title}", subtitle=" ".join(verdict), sources=[source])


def require_shapes(sites: "pd.DataFrame", path: Path) -> None:
    """Refuse to draw a table that has no shapes."""
    import geopandas as gpd

    from artois_geo.errors import BadTable

    if not isinstance(sites, gpd.GeoDataFrame):
        raise BadTable(
            f"{path.name} n'a pas de formes à dessiner : pour --carte, donner la sortie .geojson"
            " d'une commande (foncier disponible --format geojson)."
        )
