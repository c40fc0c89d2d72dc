"""A local server that plays a WFS and data.gouv.fr with made-up answers, and can be made to fail.

Everything is ``fictif``: communes are the squares of a grid whose sides touch, with codes and names drawn
from a seed. The form of the answers is that of the reconstructions of ``../shared/data/sources``.
"""

import hashlib
import json
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

SIDE_M = 2_000
WEST, SOUTH = 680_000, 7_030_000
EPCI = "200000001"
STAMP = "20260724-142909"
FILE = "conso_com.csv"

Faults = dict[int, "Answer | Callable[[Answer], Answer]"]


@dataclass
class Answer:
    """What the server sends; ``cut_after`` closes the connection in the middle."""

    body: bytes
    status: int = 200
    content_type: str = "application/json; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    cut_after: int | None = None


def communes(count: int, seed: int = 18, *, dep: str = "62") -> list[dict[str, Any]]:
    """Draw adjoining squares of one département, as features of ADMIN EXPRESS."""
    draw, width = random.Random(seed), max(int(count**0.5), 1)
    features = []
    for number in range(count):
        x, y = WEST + SIDE_M * (number % width), SOUTH + SIDE_M * (number // width)
        ring = [[x, y], [x + SIDE_M, y], [x + SIDE_M, y + SIDE_M], [x, y + SIDE_M], [x, y]]
        code = f"{dep}{number + 1:03d}"
        properties = {
            "cleabs": f"COMMUNE_{number:016d}",
            "nom_officiel": f"Fictif-{code}",
            "code_insee": code,
            "population": draw.randrange(100, 30_000),
            "code_insee_du_departement": dep,
            "codes_siren_des_epci": EPCI,
        }
        features.append(
            {
                "type": "Feature",
                "id": f"commune.{number}",
                "geometry": {"type": "MultiPolygon", "coordinates": [[ring]]},
                "geometry_name": "geometrie",
                "properties": properties,
            }
        )
    return features


def consumption(count: int, seed: int = 18) -> bytes:
    """Draw the table of Cerema: comma separated, m² by year, one département and one EPCI beside it."""
    draw = random.Random(seed)
    flows = [f"naf{year}art{year + 1}" for year in range(11, 25)]
    lines = [",".join(["idcom", "idcomtxt", "iddep", "epci25", "epci25txt", *flows, "surfcom2025"])]
    for number in range(count):
        cells = [str(draw.randrange(0, 50_000)) for _ in flows]
        head = [f"62{number + 1:03d}", f'"Fictif, {number}"', "62", EPCI, "Fictif"]
        lines.append(",".join([*head, *cells, "4000000"]))
    lines.append(",".join(["59001", "Ailleurs", "59", "200000002", "Fictif", *["1"] * 14, "4000000"]))
    return ("\n".join(lines) + "\n").encode()


@dataclass
class World:
    """What the server holds, the requests that it had, and what must go wrong at which of them (from 1)."""

    features: list[dict[str, Any]] = field(default_factory=list)
    table: bytes = b""
    faults: Faults = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)
    page_limit: int = 5_000
    checksum: str | None = None
    port: int = 0

    @property
    def bases(self) -> dict[str, str]:
        """What stands in the place of the real hosts."""
        hosts = ("data.geopf.fr", "www.data.gouv.fr", "static.data.gouv.fr")
        return {host: f"http://127.0.0.1:{self.port}/{host}" for host in hosts}

    @property
    def setting(self) -> str:
        """The same as the environment says it."""
        return " ".join(f"{host}={base}" for host, base in self.bases.items())

    def answer(self, path: str, agent: str) -> Answer:
        """Answer one request, wrongly where it was said so."""
        self.calls.append(path)
        self.agents.add(agent)
        host, _, rest = path.lstrip("/").partition("/")
        right = self._wfs(rest) if host == "data.geopf.fr" else self._datagouv(host, rest)
        fault = self.faults.get(len(self.calls))
        if fault is None:
            return right
        return fault if isinstance(fault, Answer) else fault(right)

    def _wfs(self, rest: str) -> Answer:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(rest).query).items()}
        matching = [feature for feature in self.features if _matches(feature, asked)]
        if asked.get("RESULTTYPE") == "hits":
            space = 'xmlns:wfs="http://www.opengis.net/wfs/2.0"'
            xml = f'<wfs:FeatureCollection {space} numberMatched="{len(matching)}"/>'
            return Answer(xml.encode(), content_type="text/xml")
        start, count = int(asked["STARTINDEX"]), min(int(asked["COUNT"]), self.page_limit)
        return Answer(collection(matching[start : start + count], len(matching)))

    def _datagouv(self, host: str, rest: str) -> Answer:
        path = urlsplit(rest).path
        if host == "static.data.gouv.fr":
            return Answer(self.table, content_type="text/csv", headers={"ETag": '"fictif"'})
        if path.startswith("api/1/datasets/r/"):
            address = f"https://static.data.gouv.fr/resources/fictif/{STAMP}/{FILE}"
            return Answer(b"", 302, "text/plain", {"Location": address})
        resource = {
            "title": FILE,
            "filesize": len(self.table),
            "url": f"https://static.data.gouv.fr/resources/fictif/{STAMP}/{FILE}",
            "latest": "https://www.data.gouv.fr/api/1/datasets/r/fictif",
            "last_modified": "2026-07-24T14:29:09+00:00",
            "checksum": {"type": "sha1", "value": self.checksum or hashlib.sha1(self.table).hexdigest()},
        }
        others = [{"title": "conso_com_dictionnaire.csv"}, {"title": "conso_com"}]
        return Answer(json.dumps({"title": "Fictif", "resources": [*others, resource]}).encode())


def collection(features: list[dict[str, Any]], matched: int) -> bytes:
    """Write a page as the Géoplateforme does."""
    return json.dumps(
        {
            "type": "FeatureCollection",
            "features": features,
            "totalFeatures": matched,
            "numberMatched": matched,
            "numberReturned": len(features),
            "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2154"}},
        }
    ).encode()


def _matches(feature: dict[str, Any], asked: dict[str, str]) -> bool:
    """Do what the filters of the shipped sources say."""
    properties, cql = feature["properties"], asked.get("CQL_FILTER", "")
    if "BBOX" in asked:
        west, south, east, north = map(float, asked["BBOX"].split(",")[:4])
        x, y = feature["geometry"]["coordinates"][0][0][0][:2]
        return west < x + SIDE_M and x < east and south < y + SIDE_M and y < north
    if " IN " in cql:
        return f"'{properties['code_insee']}'" in cql
    if " LIKE " in cql:
        return properties["codes_siren_des_epci"] in cql
    return f"'{properties['code_insee_du_departement']}'" in cql


@contextmanager
def served(world: World) -> Iterator[World]:
    """Serve a world on a port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 16  # a head and its body leave together

        def do_GET(self) -> None:
            answer = world.answer(self.path, self.headers["User-Agent"])
            self.send_response(answer.status)
            headers = {"Content-Type": answer.content_type, "Content-Length": str(len(answer.body))}
            for name, text in (headers | answer.headers).items():
                self.send_header(name, text)
            self.end_headers()
            self.wfile.write(answer.body[: answer.cut_after])
            if answer.cut_after is not None:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    world.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield world
    finally:
        server.shutdown()
        server.server_close()
