"""``communes`` (a point inside each) and ``communes_schema`` (cells to stand on, no boundaries)."""

from collections.abc import Sequence

import geopandas as gpd

from couches import formes, origine
from couches.lecture import Fact, number, text

# Farthest that a cell lies from the real contours of 2018, rounded up; tests/layers/test_shipped_layers.py
# measures it again on the real file.
CELL_PRECISION_M = 3_000

CELL_ORIGIN = {
    "source": "calcul à partir des points et surfaces de la couche communes",
    "precision": "cellule de Voronoï pondérée",
}
MENTION = "Cellule schématique : ce n'est pas une limite communale, ne pas s'en servir pour mesurer."


def points(rows: Sequence[Fact]) -> gpd.GeoDataFrame:
    """One point inside each commune, which is not its town hall."""
    features = []
    for row in rows:
        shape = formes.point(float(row["lon"]), float(row["lat"]))
        features.append(
            _identity(row)
            | {
                "departement": row["dep"],
                "arrondissement": row["arrondissement_nom"],
                "arrondissement_code": row["arrondissement_code"],
                "comm_siren": row["commune_siren"],
                "codes_postaux": text(row["codes_postaux"]),
                "anciens_codes": text(row["anciens_codes"]),
                "pop_totale": number(row["pop_totale_membres_epci"]),
                "pop_municipale": number(row["pop_municipale_membres_epci"]),
                "pop_champ_communes": number(row["population_champ_communes"]),
                "surface_ha": number(row["surface_ha"]),
            }
            | origine.located(row, shape)
        )
    return origine.layer(features, key="comm_insee", always_drawn=True)


def schema(rows: Sequence[Fact]) -> gpd.GeoDataFrame:
    """Schematic cells of the same communes."""
    centres = [formes.point(float(row["lon"]), float(row["lat"])) for row in rows]
    shapes = formes.cells(centres, [float(row["surface_ha"]) for row in rows])
    features = [
        _identity(row)
        | {
            "pop_totale": number(row["pop_totale_membres_epci"]),
            "surface_ha": number(row["surface_ha"]),
            "mention": MENTION,
        }
        | origine.geometry_columns(
            row | CELL_ORIGIN,
            shape,
            precision_m=CELL_PRECISION_M,
            precision_origine="écart mesuré aux contours de 2018",
        )
        for row, shape in zip(rows, shapes, strict=True)
    ]
    return origine.layer(features, key="comm_insee", always_drawn=True)


def _identity(row: Fact) -> origine.Row:
    return {
        "comm_insee": row["insee"],
        "comm_nom": row["nom"],
        "epci_siren": row["epci_siren"],
        "epci_sigle": row["epci_sigle"],
        "epci_nom": row["epci_nom"],
    }
