"""Two made-up EPCI, one on the ground of the shipped layers and one of another region, on a local server.

All is ``fictif`` and drawn from a seed: communes are squares whose sides touch, each with its consumption;
easements are squares in the middle of some of them.
"""

import random
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import open_data
from open_data import Answer, World

CALL, ELSEWHERE = "246200364", "243500139"  # real codes, made-up ground
SHIFT_M = {CALL: (0, 0), ELSEWHERE: (-330_000, -240_000)}
YEARS = range(11, 25)

EASEMENTS = """
id = "gpu_sup"
titre = "Servitudes (fictif)"
producteur = "producteur fictif"
licence = "LO-2.0"
attribution = "servitudes fictives"
page = "https://data.geopf.fr"
certitude = "déduit"
[acces]
protocole = "wfs"
hote = "data.geopf.fr"
url = "https://data.geopf.fr/wfs/ows"
parametres = { TYPENAMES = "fictif:servitude" }
tri = "gid"
[acces.filtres]
emprise = ""
[lecture]
format = "geojson"
crs = "EPSG:2154"
cle = "gid"
[couche]
type = "contrainte"
nom = "servitudes"
champs = { contrainte_id = "gid", contrainte_type = "suptype" }
[couche.constantes]
contrainte_effet = "conditionne"
source = "fictif"
[millesime]
valeur = "fictif"
validite_jours = 30
[controle]
colonnes_attendues = ["gid", "suptype"]
"""


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
        told = feature["properties"]
        code, dep, epci = (
            told[name] for name in ("code_insee", "code_insee_du_departement", "codes_siren_des_epci")
        )
        cells = [str(draw.randrange(0, 50_000)) for _ in flows]
        lines.append(",".join([code, told["nom_officiel"], dep, epci, f"Fictif {epci}", *cells, "4000000"]))
    return ("\n".join(lines) + "\n").encode()


def easement(feature: dict[str, Any], category: str, number: int) -> dict[str, Any]:
    """Draw an easement of 100 ha in the corner of a commune."""
    x, y = feature["geometry"]["coordinates"][0][0][0]
    ring = [[x, y], [x + 1000, y], [x + 1000, y + 1000], [x, y + 1000], [x, y]]
    return {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {"gid": number, "suptype": category},
    }


@dataclass
class Country(World):
    """A world that also serves easements."""

    easements: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, path: str, agent: str) -> Answer:
        """Answer one request: easements by their layer, all else as any world."""
        asked = {name: cells[0] for name, cells in parse_qs(urlsplit(path).query).items()}
        if asked.get("TYPENAMES") != "fictif:servitude":
            return super().answer(path, agent)
        self.calls.append(path)
        if asked.get("RESULTTYPE") == "hits":
            space = 'xmlns:wfs="http://www.opengis.net/wfs/2.0"'
            xml = f'<wfs:FeatureCollection {space} numberMatched="{len(self.easements)}"/>'
            return Answer(xml.encode(), content_type="text/xml")
        return Answer(open_data.collection(self.easements, len(self.easements)))


def country() -> Country:
    """Make both EPCI: 36 communes, and 20 elsewhere."""
    features = communes(CALL, 36) + communes(ELSEWHERE, 20)
    return Country(features, consumption(features))
