"""Ten times more objects cost half as much memory again, not ten times more."""

import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import open_data
import pytest
from open_data import Answer, World

FEW, MANY, MOST_RATIO = 10_000, 100_000, 1.55
CHILD = """
import resource, sys, tempfile
from pathlib import Path
from artois_geo import sources
source = sources.source_named("bdtopo_bati")
client = sources.Client(source.access.hosts, wait=float, bases={"data.geopf.fr": sys.argv[1]})
scope = sources.scope_of(emprise="680000,7030000,690000,7040000")
with tempfile.TemporaryDirectory() as folder:
    sources.take(source, scope, Path(folder), client=client)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


class Buildings(World):
    """A server that draws its buildings as they are asked for."""

    def answer(self, path: str, agent: str) -> Answer:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        count = int(self.checksum or 0)
        if asked.get("RESULTTYPE") == "hits":
            return Answer(f'<x numberMatched="{count}"/>'.encode(), content_type="text/xml")
        start = int(asked["STARTINDEX"])
        numbers = range(start, min(count, start + int(asked["COUNT"])))
        return Answer(open_data.collection([building(number) for number in numbers], count))


def building(number: int) -> dict:
    x, y = open_data.WEST + 20 * (number % 400), open_data.SOUTH + 20 * (number // 400)
    ring = [[x, y], [x + 10, y], [x + 10, y + 10], [x, y + 10], [x, y]]
    properties = {
        "cleabs": f"BATIMENT{number:016d}",
        "usage_1": "Résidentiel",
        "hauteur": 5.0 + number % 7,
        "nombre_d_etages": 2,
        "etat_de_l_objet": "En service",
    }
    geometry = {"type": "MultiPolygon", "coordinates": [[ring]]}
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def peak(count: int) -> int:
    with open_data.served(Buildings(checksum=str(count))) as world:
        base = f"http://127.0.0.1:{world.port}/x"
        done = subprocess.run(
            [sys.executable, "-c", CHILD, base],
            capture_output=True,
            check=True,
            cwd=Path(__file__).parents[2],
        )
    return int(json.loads(done.stdout))


@pytest.mark.long
def test_the_peak_of_many_objects_is_near_that_of_few() -> None:
    assert peak(MANY) <= MOST_RATIO * peak(FEW)
