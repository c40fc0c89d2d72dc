"""The map of a ranking: sites by the third that holds their whole interval of ranks."""

from typing import TYPE_CHECKING

import geopandas as gpd

from artois_geo import ranking
from artois_geo.errors import BadTable
from artois_geo.studies.land import land_map

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from artois_geo.layers import Layer

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
TRUST = (  # what a card says of any site
    "available_ha",
    "waterway_m",
    "geometrie",
    "precision_m",
    "fictif",
    "site_comm_nom",
    "comm_nom",
    "epci_sigle",
)


def layers_by_standing(ranked: gpd.GeoDataFrame) -> dict[str, tuple[gpd.GeoDataFrame, str]]:
    """Split the sites by standing: the title of each layer, its sites and the kind of its drawing.

    Examples
    --------
    >>> from artois_geo import example
    >>> site = example.square(x_km=0, y_km=0, side_km=1, standing="premier tiers", rank=1)
    >>> list(layers_by_standing(site))
    ['Premier tiers : rang 1']
    """
    standings = ranked["standing"]
    rank_count = int(standings.isin(ranking.STANDINGS[:4]).sum())
    third = -(-rank_count // 3)
    spans = [(1, third), (third + 1, min(2 * third, rank_count)), (2 * third + 1, rank_count)]
    titles = [
        f"{name} : rangs {best} à {worst}" if best < worst else f"{name} : rang {best}"
        for name, (best, worst) in zip(THIRDS, spans, strict=True)
    ]
    titles += ["Place non établie : valeurs inconnues", "Aucun critère connu", "Hors classement : veto"]
    results = {}
    for standing, title, kind in zip(ranking.STANDINGS, titles, KINDS, strict=True):
        sites = ranked[standings == standing]
        if len(sites):
            # what a map says of a site is its ranking, not the sixty columns it was computed from
            columns = [name for name in (*RANKING, *TRUST, sites.geometry.name) if name in sites.columns]
            results[f"{title}{_sized(sites)}"] = (sites[columns].reset_index(names="nom"), kind)
    return results


def _sized(sites: gpd.GeoDataFrame) -> str:
    """Write the hectares available on sites of one standing, where all are measured."""
    if "available_ha" not in sites or sites["available_ha"].isna().any():
        return ""
    return f" : {land_map.hectares(sites)}"


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
