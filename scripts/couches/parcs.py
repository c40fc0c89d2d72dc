"""``chaine_des_parcs`` (parks, spoil heaps, new natural areas) and ``voies_vertes`` (greenways)."""

import math
from collections.abc import Sequence

import geopandas as gpd
import shapely

from couches import formes, origine
from couches.lecture import Commune, Fact, contradiction, identifiers, location, number, slug, text

WAYS = ("voie verte / véloroute", "linéaire réel", "cavalier")
WHOLE, LARGE_PARK = "ensemble", "grand ensemble"
NOT_A_PARK = {
    WHOLE: "total publié de l'ensemble, pas un parc",
    LARGE_PARK: "grand ensemble : contient des parcs et des terrils comptés à part",
}

# What the facts publish and real polygons contradict: the area that stands, and why.
AREA_CORRECTIONS_HA = {
    "terril-10-d-oignies-bois-des-hautois": (
        59.92,
        "les faits additionnent T116 (42,37 ha) et T117 (59,91 ha), mais T116 est dans T117 : "
        "la réunion des deux polygones de la source fait 59,92 ha",
    ),
}
# Words of the note, and what a reader must know of them.
WARNINGS = {
    "parc-departemental-d-olhain": (
        "170 ha cités avant extension ; 485 ha dans le schéma Desvigne",
        "450 ha (2025), 485 ha dans le schéma Desvigne, 170 ha avant extension : "
        "la surface retenue est 450 ha",
    ),
    "parc-des-iles": (
        "45 ha aménagés, 160 ha au total",
        "45 ha aménagés, 160 ha au total : la surface retenue est 45 ha ; "
        "peut recouvrir en partie les terrils de Drocourt (101 et 205) : contours non publiés",
    ),
}

# --- Which lengths count beside the published 420 km of greenways. --------------------------------
MINING_RAIL = "ancienne voie ferrée minière : comparaison seulement, ce n'est pas une voie verte"
NOT_COUNTED = {
    "eurovelo-5-entre-servins-et-wingles": "partie à aménager : n'existe pas encore",
    "eurovelo-5-aire-sur-la-lys-saint-venant": "seule Saint-Venant est dans le territoire",
    "le-canal-d-aire-a-velo-mont-bernanchon-isbergues": "annoncé pour 2021-2022, ouverture non vérifiée",
    "via-francigena-ev5-etape-bethune-lens": "itinéraire touristique, pas seulement une voie verte",
    "veloroute-31-du-bassin-minier": "longueur non publiée, et recouvre la voie verte Avion – Hénin-Beaumont",
}
WIDER = "périmètre plus large que le territoire : ne pas additionner"
NO_LENGTH = "longueur non publiée"
# As for the canals of the facts that are drawn through the same points.
THROUGH_POINTS_M = 3_000


def parks(rows: Sequence[Fact], communes: dict[str, Commune]) -> gpd.GeoDataFrame:
    """Parks as discs of their published area, as points when there is none."""
    park_rows = [row for row in rows if not _is_way(row)]
    return origine.layer([_park(row, communes) for row in park_rows], key="parc_id")


def ways(rows: Sequence[Fact], communes: dict[str, Commune]) -> gpd.GeoDataFrame:
    """Greenways as lines through the communes they cross, in the order stated, when it is stated."""
    way_rows = [row for row in rows if _is_way(row)]
    ids = identifiers([row["nom"] for row in way_rows])
    return origine.layer(
        [_way(row, way_id, communes) for row, way_id in zip(way_rows, ids, strict=True)], key="voie_id"
    )


def _is_way(row: Fact) -> bool:
    """Greenways, and the published whole of routes: a length without an area."""
    return row["type"] in WAYS or (row["type"] == WHOLE and not row["surface_ha"])


def _park(row: Fact, communes: dict[str, Commune]) -> origine.Row:
    parc_id, published_ha = slug(row["nom"]), number(row["surface_ha"])
    area_ha, correction = AREA_CORRECTIONS_HA.get(parc_id, (published_ha, None))
    not_a_park = NOT_A_PARK.get(row["type"])
    return (
        {"parc_id": parc_id, "parc_nom": row["nom"], "parc_type": row["type"]}
        | location(row["communes_insee"], row["communes"], communes)
        | {
            "surface_ha": area_ha,
            "surface_faits_ha": published_ha,
            "longueur_km": number(row["longueur_km"]),
            "compte_dans_total": not_a_park is None,
            "compte_motif": not_a_park,
            "a_savoir": correction or contradiction(parc_id, WARNINGS, row["note"]),
            "note": text(row["note"]),
        }
        | _drawn_park(row, None if row["type"] == WHOLE else area_ha)
    )


def _drawn_park(row: Fact, area_ha: float | None) -> origine.Row:
    if not row["lat"]:
        return origine.unlocated(row, "total publié pour tout le territoire, sans contour")
    centre = formes.point(float(row["lon"]), float(row["lat"]))
    shape: shapely.Geometry = formes.disc(centre, area_ha) if area_ha else centre
    return origine.located(row, shape, surface_ha=area_ha)


def _way(row: Fact, way_id: str, communes: dict[str, Commune]) -> origine.Row:
    counts, reason = _counts(row, way_id)
    return (
        {"voie_id": way_id, "voie_nom": row["nom"], "voie_type": row["type"]}
        | location(
            row["communes_insee"],
            row["communes"],
            communes,
            epci="" if row["communes_insee"] else row["communes"],
        )
        | {
            "longueur_km": number(row["longueur_km"]),
            "compte_dans_total": counts,
            "compte_motif": reason,
            "note": text(row["note"]),
        }
        | _drawn_way(row, communes)
    )


def _counts(row: Fact, way_id: str) -> tuple[bool, str | None]:
    if row["type"] == WHOLE:
        return False, WIDER
    if row["type"] != "voie verte / véloroute":
        return False, MINING_RAIL
    reason = NOT_COUNTED.get(way_id) or (None if row["longueur_km"] else NO_LENGTH)
    return reason is None, reason


def _drawn_way(row: Fact, communes: dict[str, Commune]) -> origine.Row:
    codes = row["communes_insee"].split("|") if row["communes_insee"] else []
    if len(codes) < 2:
        return origine.unlocated(row, "communes traversées non publiées dans les faits")
    outside = [
        name for code, name in zip(codes, row["communes"].split("|"), strict=True) if code not in communes
    ]
    if outside:
        return origine.unlocated(
            row, f"communes hors du territoire, sans point dans les faits : {', '.join(outside)}"
        )
    points = [formes.point(communes[code].lon, communes[code].lat) for code in codes]
    line = shapely.LineString(points)
    metres = max(THROUGH_POINTS_M, _farthest_m(line, number(row["longueur_km"])))
    return origine.geometry_columns(
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
