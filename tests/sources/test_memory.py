"""Ten times more objects cost little more memory, by each protocol that can carry so many."""

import gzip
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import geopandas as gpd
import open_data
import pyarrow
import pyarrow.parquet
import pytest
import shapely
from open_data import Answer, World

FEW, MANY, MOST_RATIO = 10_000, 100_000, 1.5
CHILD = """
import sys, tempfile
from dataclasses import replace
from pathlib import Path
from artois_geo import sources
name, kind, code, base = sys.argv[1:]
source = sources.source_named(name)
source = replace(source, access=replace(source.access, page_size=5_000))
bases = {host: base for host in source.access.hosts}
client = sources.Client(source.access.hosts, wait=float, bases=bases)
scope = sources.scope_of(**{kind: code}) if code else sources.Scope(kind)
with tempfile.TemporaryDirectory() as folder:
    done = sources.take(source, scope, Path(folder), client=client)
    assert done.layer
lines = Path("/proc/self/status").read_text().splitlines()
peak = next(line.split()[1] for line in lines if line.startswith("VmHWM"))  # not that of the parent
print(done.snapshot.facts["objets"], peak)
"""
BOX = "680000,7030000,690000,7040000"
TAKEN = {
    "wfs": ("bdtopo_bati", "emprise", BOX),
    "rest_pages": ("risques_casias", "communes", "62001"),
    "arcgis": ("pene", "france", ""),
    "fichier": ("cadastre_parcelles", "communes", "62001"),
    "datagouv": ("sirene_geo", "communes", "62001"),
    "atom": ("ocsge_artif_2021", "departement", "62"),
}


@dataclass
class Large(World):
    """A server that draws its objects as they are asked for, or holds one large file of them."""

    protocol: str = ""
    count: int = 0
    file: bytes = b""
    served: dict[str, Callable[[str], Answer]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.served = {
            "wfs": self._wfs_pages,
            "rest_pages": self._numbered_pages,
            "arcgis": self._offset_pages,
            "fichier": self._file,
            "datagouv": self._dataset,
            "atom": self._delivery,
        }
        self.file = {"fichier": _parcels, "datagouv": _places, "atom": _cover}.get(self.protocol, _nothing)(
            self.count
        )

    def answer(self, path: str, agent: str) -> Answer:
        self.calls.append(path)
        return self.served[self.protocol](path)

    def _wfs_pages(self, path: str) -> Answer:
        query = _query(path)
        if query.get("RESULTTYPE") == "hits":
            return Answer(f'<x numberMatched="{self.count}"/>'.encode(), content_type="text/xml")
        numbers = self._numbers(int(query["STARTINDEX"]), int(query["COUNT"]))
        return Answer(open_data.collection([building(number) for number in numbers], self.count))

    def _numbered_pages(self, path: str) -> Answer:
        query = _query(path)
        size = int(query["page_size"])
        rows = [
            open_data.installation(number, "62001")
            | {"geom": {"type": "Point", "coordinates": in_degrees(number)[0]}}
            for number in self._numbers((int(query["page"]) - 1) * size, size)
        ]
        return Answer(json.dumps({"results": self.count, "data": rows}).encode())

    def _offset_pages(self, path: str) -> Answer:
        query = _query(path)
        if "returnCountOnly" in query:
            return Answer(json.dumps({"count": self.count}).encode())
        numbers = self._numbers(int(query["resultOffset"]), int(query["resultRecordCount"]))
        rows = [outlined(number, {"objectid": number, "nom": f"Fictif {number}"}) for number in numbers]
        return Answer(json.dumps({"type": "FeatureCollection", "features": rows}).encode())

    def _file(self, path: str) -> Answer:
        if path.endswith("/etalab-cadastre/"):
            return Answer(b"<a>2026-09-01</a>", content_type="text/html")
        return Answer(self.file, content_type="application/gzip")

    def _dataset(self, path: str) -> Answer:
        if not path.endswith("/f"):
            file = {"title": "fictif.parquet", "url": "https://static.data.gouv.fr/f", "checksum": None}
            return Answer(json.dumps({"resources": [file]}).encode())
        return Answer(self.file, content_type="application/octet-stream")

    def _delivery(self, path: str) -> Answer:
        self.packed = self.file
        return self._download("telechargement" + path.partition("telechargement")[2])

    def _numbers(self, start: int, count: int) -> range:
        return range(start, min(self.count, start + count))


def _query(path: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}


def building(number: int) -> dict[str, Any]:
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


def in_degrees(number: int) -> list[list[float]]:
    x, y = 2.7 + 0.0003 * (number % 400), 50.3 + 0.0002 * (number // 400)
    return [[x, y], [x + 1e-4, y], [x + 1e-4, y + 1e-4], [x, y + 1e-4], [x, y]]


def outlined(number: int, properties: dict[str, Any]) -> dict[str, Any]:
    geometry = {"type": "Polygon", "coordinates": [in_degrees(number)]}
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _nothing(_: int) -> bytes:
    return b""


def _parcels(count: int) -> bytes:
    def row(number: int) -> str:
        section, rank = chr(65 + number // 9_000) * 2, number % 9_000 + 1
        numbered = {"id": f"62001000{section}{rank:04d}", "section": section, "numero": str(rank)}
        numbered["contenance"] = 79
        return json.dumps(outlined(number, open_data.parcel(number, "62001") | numbered))

    text = ",".join(map(row, range(count)))
    return gzip.compress(f'{{"type":"FeatureCollection","features":[{text}]}}'.encode(), 1, mtime=0)


def _places(count: int) -> bytes:
    corners = [in_degrees(number)[0] for number in range(count)]
    table = pyarrow.table(
        {
            "siret": [f"{number:014d}" for number in range(count)],
            "x_longitude": [x for x, _ in corners],
            "y_latitude": [y for _, y in corners],
            "qualite_xy": ["11"] * count,
            "plg_code_commune": ["62001"] * count,
        }
    )
    sink = pyarrow.BufferOutputStream()
    pyarrow.parquet.write_table(table, sink)
    return bytes(sink.getvalue())


def _cover(count: int) -> bytes:
    py7zr = pytest.importorskip("py7zr")
    corners = [(open_data.WEST + 20 * (n % 400), open_data.SOUTH + 20 * (n // 400)) for n in range(count)]
    rows = {
        "ID": [f"OCSGE{number:06d}" for number in range(count)],
        "code_cs": "CS1.1.1.1",
        "code_us": "US2",
        "millesime": 2021,
        "artif": "artif",
        "crit_seuil": False,
    }
    squares = [shapely.box(x, y, x + 20, y + 20) for x, y in corners]
    with tempfile.TemporaryDirectory() as folder:
        file, packed = Path(folder) / "a.gpkg", Path(folder) / "a.7z"
        frame = gpd.GeoDataFrame(rows, geometry=squares, crs=2154)
        frame.to_file(file, layer="artif_2021_62", driver="GPKG")
        with py7zr.SevenZipFile(packed, "w", filters=[{"id": py7zr.FILTER_COPY}]) as target:
            target.write(file, "a/a.gpkg")
        return packed.read_bytes()


@cache
def peak(protocol: str, count: int) -> int:
    """Return the most memory that a process held which took so many objects."""
    with open_data.served(Large(protocol=protocol, count=count)) as world:
        result = subprocess.run(
            [sys.executable, "-c", CHILD, *TAKEN[protocol], f"http://127.0.0.1:{world.port}/x"],
            capture_output=True,
            check=True,
            cwd=Path(__file__).parents[2],
        )
    objects, most = map(int, result.stdout.split())
    assert objects == count
    return most


@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="la mémoire d'un processus sous Linux")
@pytest.mark.long
@pytest.mark.parametrize("protocol", TAKEN)
def test_the_peak_of_many_objects_is_near_that_of_few(protocol: str) -> None:
    assert peak(protocol, MANY) <= MOST_RATIO * peak(protocol, FEW)
