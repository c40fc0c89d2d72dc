"""Make the shipped layers (``data/geojson``) from the facts. Same facts, same bytes.

python scripts/faire_couches.py [--faits scripts/couches/faits] [--sortie data/geojson]
"""

import argparse
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
FACTS = PROJECT / "scripts" / "couches" / "faits"
sys.path.insert(0, str(PROJECT))  # so that it runs without an installation

import geopandas as gpd  # noqa: E402
from couches import communes, lecture, logistique, parcs, projets, sites  # noqa: E402

from artois_geo import layers  # noqa: E402
from artois_geo.errors import ArtoisGeoError  # noqa: E402


def main(arguments: list[str] | None = None) -> int:
    """Write every layer; 0 when done, 1 with one French message when not."""
    parser = argparse.ArgumentParser(description="Fabrique les couches livrées à partir des faits.")
    parser.add_argument("--faits", type=Path, default=FACTS, metavar="DOSSIER")
    parser.add_argument("--sortie", type=Path, default=PROJECT / "data" / "geojson", metavar="DOSSIER")
    options = parser.parse_args(arguments)
    try:
        layers_made = build(lecture.read(options.faits))
        for name, features in layers_made.items():
            layers.write(features, options.sortie / f"{name}.geojson")
            print(f"{name} : {len(features)} objets, {features.geometry.isna().sum()} sans géométrie")
    except (lecture.BadFacts, ArtoisGeoError) as error:
        print(f"Erreur : {error}", file=sys.stderr)
        return 1
    return 0


def build(facts: dict[str, list[lecture.Fact]]) -> dict[str, gpd.GeoDataFrame]:
    """Every layer by name, in EPSG:2154."""
    by_insee = lecture.communes_by_insee(facts["communes"])
    return {
        "communes": communes.points(facts["communes"]),
        "communes_schema": communes.schema(facts["communes"]),
        "sites_eco": sites.sites(facts["sites"], by_insee),
        "foncier_disponible": sites.available(facts["sites"], by_insee),
        "grands_projets": projets.projects(facts["projects"], by_insee),
        "chaine_des_parcs": parcs.parks(facts["chaine_des_parcs"], by_insee),
        "voies_vertes": parcs.ways(facts["chaine_des_parcs"], by_insee),
        "canal_seine_nord": logistique.canal(facts["logistics"], by_insee),
        "logistique": logistique.network(facts["logistics"], by_insee),
        "logistique_odbl": logistique.network(facts["logistics"], by_insee, odbl=True),
        "chiffres_cles": projets.figures(facts["key_figures"]),
    }


if __name__ == "__main__":
    raise SystemExit(main())
