"""Two made-up EPCI, one on the ground of the shipped layers and one of another region, on a local server.

All is ``fictif`` and drawn from a seed: communes are squares whose sides touch, each with its consumption;
easements are squares in the middle of some of them.
"""

import random
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import open_data
import shapely
from open_data import Answer, World

CALL, ELSEWHERE = "246200364", "243500139"  # real codes, made-up ground
SHIFT_M = {CALL: (0, 0), ELSEWHERE: (-330_000, -240_000)}
YEARS = range(11, 25)


def communes(epci: str, count: int, seed: int = 18) -> list[dict[str, Any]]:
    """Draw the adjoining communes of an EPCI."""
    features = open_data.communes(count, seed, dep=epci[2:4])
    x_shift, y_shift = SHIFT_M[epci]
    for feature in features:
        rings = feature["geometry"]["coordinates"][0]
        rings[0] = [[x + x_shift, y + y_shift] for x, y in rings[0]]
        feature["properties"]["codes_siren_des_epci"] = epci
        feature["properties"]["cleabs"] += epci
    return features


def consumption(features: list[dict[str, Any]], seed: int = 18) -> bytes:
    """Draw the table of Cerema for communes, in m² by year."""
    draw = random.Random(seed)
    flows = [f"naf{year}art{year + 1}" for year in YEARS]
    lines = [",".join(["idcom", "idcomtxt", "iddep", "epci25", "epci25txt", *flows, "surfcom2025"])]
    for feature in features:
        properties = feature["properties"]
        code, dep, epci = (
            properties[name] for name in ("code_insee", "code_insee_du_departement", "codes_siren_des_epci")
        )
        cells = [str(draw.randrange(0, 50_000)) for _ in flows]
        lines.append(
            ",".join([code, properties["nom_officiel"], dep, epci, f"Fictif {epci}", *cells, "4000000"])
        )
    return ("\n".join(lines) + "\n").encode()


def easement(feature: dict[str, Any], category: str, number: int) -> dict[str, Any]:
    """Draw an easement of 100 ha in the corner of a commune, as API Carto describes it."""
    x, y = feature["geometry"]["coordinates"][0][0][0]
    corner = shapely.geometry.mapping(shapely.box(x + 1, y + 1, x + 1001, y + 1001))
    properties = open_data.easement(number, "62001") | {"suptype": category}
    return {"type": "Feature", "geometry": corner, "properties": properties}


def zone(number: int, feature: dict[str, Any]) -> dict[str, Any]:
    """Make a commune one zone of a plan, as the Géoportail de l'urbanisme describes it."""
    code = feature["properties"]["code_insee"]
    properties = {
        "gid": number + 1,
        "gpu_doc_id": f"{code}-fictif",
        "gpu_timestamp": "2026-01-01T00:00:00Z",
        "partition": f"DU_{code}",
        "libelle": "AU" if number % 2 else "A",
        "libelong": "zone fictive",
        "typezone": "AUc" if number % 2 else "A",
        "nomfic": "reglement.pdf",
        "urlfic": "https://exemple.fr/reglement.pdf",
        "idurba": f"{code}_PLU_20200101",
        "datvalid": "20200101",
    }
    return feature | {"properties": properties}


@dataclass
class Country(World):
    """A world that also serves the zones of plans, and the easements that it is given, in metres."""

    easements: list[dict[str, Any]] = field(default_factory=list)

    def _apicarto(self, target: str) -> Answer:
        query = {name: cells[0] for name, cells in parse_qs(urlsplit(target).query).items()}
        near = []
        if urlsplit(target).path.endswith("-s"):
            box = shapely.from_geojson(query["geom"])
            easements = open_data.in_degrees(self.easements)
            near = [each for each in easements if box.intersects(shapely.geometry.shape(each["geometry"]))]
        return Answer(open_data.collection(near, len(near)))

    def _wfs(self, target: str) -> Answer:
        query = {name: cells[0] for name, cells in parse_qs(urlsplit(target).query).items()}
        if not query["TYPENAMES"].startswith("wfs_du:"):
            return super()._wfs(target)
        is_zone = query["TYPENAMES"].endswith("zone_urba")
        zones = [zone(*each) for each in enumerate(self.features)] if is_zone else []
        world = World(zones)
        return world._wfs(target)


def country(local_count: int = 36, elsewhere: int = 20) -> Country:
    """Make both EPCI, each of so many communes."""
    features = communes(CALL, local_count) + communes(ELSEWHERE, elsewhere)
    return Country(features, consumption(features))
