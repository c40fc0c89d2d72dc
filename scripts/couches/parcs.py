"""``chaine_des_parcs`` (parks, spoil heaps, new natural areas) and ``voies_vertes`` (greenways)."""

import math
from collections.abc import Sequence

import geopandas as gpd
import shapely

from couches import formes, origine
from couches.faits import Commune, Fact, number, place, slug, text

WAYS = ("voie verte / véloroute", "linéaire réel", "cavalier")
WHOLE = "ensemble"

# What the facts publish and real polygons contradict: the area that stands, and why.
AREA_CORRECTIONS_HA = {
    "terril-10-d-oignies-bois-des-hautois": (
        59.92,
        "les faits additionnent T116 (42,37 ha) et T117 (59,91 ha), mais T116 est dans T117 : "
        "la réunion des deux polygones de la source fait 59,92 ha",
    ),
}
WARNINGS = {
    "parc-des-iles": "peut recouvrir en partie les terrils de Drocourt (101 et 205) : contours non publiés",
}

# --- Which lengths count beside the published 420 km of greenways. --------------------------------
MINING_RAIL = "ancienne voie ferrée minière : comparaison seulement, ce n'est pas une voie verte"
NOT_COUNTED = {
    "eurovelo-5-entre-servins-et-wingles": "partie à aménager : n'existe pas encore",
    "via-francigena-ev5-etape-bethune-lens": "itinéraire touristique, pas seulement une voie verte",
    "veloroute-31-du-bassin-minier": "longueur non publiée, et recouvre la voie verte Avion – Hénin-Beaumont",
}
# As for the canals of the facts that are drawn through the same points.
THROUGH_POINTS_M = 3_000


def parks(rows: Sequence[Fact], communes: dict[str, Commune]) -> gpd.GeoDataFrame:
    """Parks as discs of their published area, as points when there is none."""
    kept = [row for row in rows if row["type"] not in WAYS]
    return origine.layer([_park(row, communes) for row in kept], key="parc_id")


def ways(rows: Sequence[Fact], communes: dict[str, Commune]) -> gpd.GeoDataFrame:
    """Greenways as lines through the communes they cross, in the order stated, when it is stated."""
    kept = [row for row in rows if row["type"] in WAYS]
    return origine.layer([_way(row, communes) for row in kept], key="voie_id")


def _park(row: Fact, communes: dict[str, Commune]) -> origine.Row:
    parc_id, published_ha = slug(row["nom"]), number(row["surface_ha"])
    area_ha, correction = AREA_CORRECTIONS_HA.get(parc_id, (published_ha, None))
    whole = row["type"] == WHOLE
    return (
        {"parc_id": parc_id, "parc_nom": row["nom"], "parc_type": row["type"]}
        | place(row["communes_insee"], row["communes"], communes)
        | {
            "surface_ha": area_ha,
            "surface_faits_ha": published_ha,
            "longueur_km": number(row["longueur_km"]),
            "compte_dans_total": not whole,
            "compte_motif": "total publié de l'ensemble, pas un parc" if whole else None,
            "a_savoir": correction or WARNINGS.get(parc_id),
            "note": text(row["note"]),
        }
        | _drawn_park(row, None if whole else area_ha)
    )


def _drawn_park(row: Fact, area_ha: float | None) -> origine.Row:
    if not row["lat"]:
        return origine.unlocated(row, "total publié pour tout le territoire, sans contour")
    centre = formes.point(float(row["lon"]), float(row["lat"]))
    shape: shapely.Geometry = formes.disc(centre, area_ha) if area_ha else centre
    return origine.located(row, shape, surface_ha=area_ha)


def _way(row: Fact, communes: dict[str, Commune]) -> origine.Row:
    way_id = slug(row["nom"])
    counts, reason = _counts(row, way_id)
    return (
        {"voie_id": way_id, "voie_nom": row["nom"], "voie_type": row["type"]}
        | place(row["communes_insee"], row["communes"], communes)
        | {
            "longueur_km": number(row["longueur_km"]),
            "compte_dans_total": counts,
            "compte_motif": reason,
            "note": text(row["note"]),
        }
        | _drawn_way(row, communes)
    )


def _counts(row: Fact, way_id: str) -> tuple[bool, str | None]:
    if row["type"] != "voie verte / véloroute":
        return False, MINING_RAIL
    reason = NOT_COUNTED.get(way_id)
    return reason is None, reason


def _drawn_way(row: Fact, communes: dict[str, Commune]) -> origine.Row:
    codes = row["communes_insee"].split("|") if row["communes_insee"] else []
    if len(codes) < 2:
        return origine.unlocated(row, "communes traversées non publiées dans les faits")
    points = [formes.point(communes[code].lon, communes[code].lat) for code in codes]
    line = shapely.LineString(points)
    metres = max(THROUGH_POINTS_M, _farthest_m(line, number(row["longueur_km"])))
    return origine.drawn(
        row,
        line,
        precision_m=metres,
        precision_origine="ligne entre points de communes : écart possible pour la longueur publiée",
    )


def _farthest_m(line: shapely.LineString, length_km: float | None) -> int:
    """How far a way of that length may stray from the straight line between its two ends."""
    straight = shapely.Point(line.coords[0]).distance(shapely.Point(line.coords[-1]))
    length_m = (length_km or 0) * 1000
    if length_m <= straight:
        return 0
    return math.ceil(math.sqrt(length_m**2 - straight**2) / 2 / 1000) * 1000
