"""A local server that plays the services of producers with made-up answers, and can be made to fail.

Everything is ``fictif``: communes are the squares of a grid whose sides touch, with codes and names drawn
from a seed. The form of the answers is that of the reconstructions of ``../shared/data/sources``.
"""

import gzip
import hashlib
import json
import random
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import geopandas as gpd
import pyproj
import shapely

SIDE_M = 2_000
WEST, SOUTH = 680_000, 7_030_000
EPCI = "200000001"
STAMP = "20260724-142909"
FILE = "conso_com.csv"
PER_COMMUNE = 25  # old industrial sites

Faults = dict[int, "Answer | Callable[[Answer], Answer]"]


@dataclass
class Answer:
    """What the server sends; ``cut_after`` closes the connection in the middle."""

    body: bytes
    status: int = 200
    content_type: str = "application/json; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    cut_after: int | None = None
    chunked: bool = False  # without a length: an end that is missing tells of a cut


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


def in_degrees(features: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the same features in longitude and latitude."""
    project = pyproj.Transformer.from_crs("EPSG:2154", "EPSG:4326", always_xy=True)
    turned = []
    for feature in features:
        shape = shapely.transform(
            shapely.geometry.shape(feature["geometry"]), project.transform, interleaved=False
        )
        turned.append(feature | {"geometry": json.loads(shapely.to_geojson(shape))})
    return turned


def objects_inside(features: list[dict[str, Any]], properties: Callable[[int, str], dict[str, Any]]) -> list:
    """Draw one square of 100 m in the middle of each commune, in degrees, with properties of a source."""
    objects = []
    for number, feature in enumerate(features):
        x, y = feature["geometry"]["coordinates"][0][0][0]
        middle = shapely.box(x + 950, y + 950, x + 1050, y + 1050)
        row = properties(number, feature["properties"]["code_insee"])
        objects.append({"type": "Feature", "geometry": shapely.geometry.mapping(middle), "properties": row})
    return in_degrees(objects)


def easement(number: int, code: str) -> dict[str, Any]:
    """Describe an easement as API Carto does."""
    return {
        "gid": number + 1,
        "suptype": "pm1",
        "partition": f"130010000_PM1_{code[:2]}_20200101",
        "idass": f"PM1-{number}",
        "nomass": "fictif",
        "typeass": "Zone d'aléa",
        "nomsuplitt": "Plan de prévention fictif",
    }


def installation(number: int, code: str) -> dict[str, Any]:
    """Describe an old industrial site as Géorisques does, its geometry apart."""
    return {
        "identifiant_ssp": f"SSP{number:07d}",
        "nom_etablissement": "Atelier fictif",
        "code_insee": code,
        "statut": "En arrêt",
        "date_maj": "2025-01-01",
    }


def parcel(number: int, code: str) -> dict[str, Any]:
    """Describe a parcel as Etalab does."""
    return {
        "id": f"{code}000AC{number + 1:04d}",
        "commune": code,
        "prefixe": "000",
        "section": "AC",
        "numero": str(number + 1),
        "contenance": 10_000,
        "created": "2004-05-12",
        "updated": "2021-03-02",
    }


@cache
def archive(
    layer: str,
    count: int,
    name: str = "artificialisation",
    epsg: int = 2154,
    code: str = "code_cs",
    each: int = 1,
) -> bytes:
    """Write a delivery of OCS GE: a GeoPackage of adjoining squares in a .7z, in a folder of its name.

    ``code`` is the column of the cover; with ``each`` identifiers come so many times.
    """
    import py7zr

    squares = [shapely.geometry.shape(each["geometry"]) for each in communes(count)]
    rows = {
        "ID": [f"OCSGE{number // each:04d}" for number in range(count)],
        code: ["CS1.1.1.1" if number % 2 else "CS2.2.1" for number in range(count)],
        "code_us": ["US2" if number % 2 else "US1.1" for number in range(count)],
        "millesime": [2021] * count,
        "artif": ["artif" if number % 2 else "non artif" for number in range(count)],
        "crit_seuil": [False] * count,
    }
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{name}.gpkg"
        gpd.GeoDataFrame(rows, geometry=squares, crs=epsg).to_file(file, layer=layer, driver="GPKG")
        packed = Path(folder) / "a.7z"
        with py7zr.SevenZipFile(packed, "w") as target:
            target.write(file, f"{name}/{name}.gpkg")
            target.writestr(b"fictif", f"__MACOSX/._{name}.gpkg")
        return packed.read_bytes()


DELIVERY = "OCS-GE_2-0_ARTIFICIALISATION_GPKG_LAMB93_D062_2021-01-01"
RELEASES = {"ADMIN-EXPRESS-COG": ("2025-01-01", "2026-01-01"), "BDTOPO": ("2026-09-15", "2026-06-15")}
EDITIONS = ("2026-03-01", "2026-06-01", "2026-09-01")
_SPACE = (
    'xmlns="http://www.w3.org/2005/Atom" '
    'xmlns:gpf_dl="https://data.geopf.fr/annexes/ressources/xsd/gpf_dl.xsd"'
)


def feed(entries: list[str], total: int, pages: int = 1) -> Answer:
    """Write a page of the download service."""
    counts = f'gpf_dl:pagecount="{pages}" gpf_dl:totalentries="{total}"'
    xml = f"<feed {_SPACE} {counts}>{''.join(entries)}</feed>"
    return Answer(xml.encode(), content_type="application/atom+xml")


@dataclass
class World:
    """What the server holds, the requests that it had, and what must go wrong at which of them (from 1)."""

    features: list[dict[str, Any]] = field(default_factory=list)
    table: bytes = b""
    faults: Faults = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)
    ranges: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)
    page_limit: int = 5_000
    checksum: str | None = None
    port: int = 0
    packed: bytes = b""
    editions: tuple[str, ...] = EDITIONS
    releases: dict[str, tuple[str, ...]] = field(default_factory=lambda: dict(RELEASES))
    edited_ms: int | None = 1_780_000_000_000  # of a layer, None: not told
    deliveries: dict[str, str] = field(default_factory=lambda: {DELIVERY: "2025-09-20"})
    change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]] = list  # of the objects of an answer

    @property
    def bases(self) -> dict[str, str]:
        """What stands in the place of the real hosts."""
        hosts = (
            "data.geopf.fr",
            "www.data.gouv.fr",
            "static.data.gouv.fr",
            "apicarto.ign.fr",
            "www.georisques.gouv.fr",
            "cadastre.data.gouv.fr",
            "cartagene.cerema.fr",
        )
        return {host: f"http://127.0.0.1:{self.port}/{host}" for host in hosts}

    @property
    def setting(self) -> str:
        """The same as the environment says it."""
        return " ".join(f"{host}={base}" for host, base in self.bases.items())

    def answer(self, path: str, agent: str) -> Answer:
        """Answer one request, wrongly where it was said so."""
        self.calls.append(path)
        self.agents.add(agent)
        host, _, target = path.lstrip("/").partition("/")
        right = self._right(host, target)
        fault = self.faults.get(len(self.calls))
        if fault is None:
            return right
        return fault if isinstance(fault, Answer) else fault(right)

    def _right(self, host: str, target: str) -> Answer:
        services = {
            "apicarto.ign.fr": self._apicarto,
            "www.georisques.gouv.fr": self._georisques,
            "cadastre.data.gouv.fr": self._cadastre,
            "cartagene.cerema.fr": self._arcgis,
            "data.geopf.fr": self._download if target.startswith("telechargement") else self._wfs,
        }
        return services[host](target) if host in services else self._datagouv(host, target)

    def _apicarto(self, target: str) -> Answer:
        parts, near = urlsplit(target), []
        box = shapely.from_geojson(_parameters(target)["geom"])
        if parts.path.endswith("-s"):
            easements = objects_inside(self.features, easement)
            near = [each for each in easements if box.intersects(shapely.geometry.shape(each["geometry"]))]
        return Answer(collection(self.change(near)[: self.page_limit], len(near)))

    def _georisques(self, target: str) -> Answer:
        query = self.defaults | _parameters(target)
        rows = objects_inside(self.features, installation)
        in_commune = [each for each in rows if each["properties"]["code_insee"] == query["code_insee"]]
        matching = [
            {
                "geom": each["geometry"],
                **each["properties"],
                "identifiant_ssp": f"SSP{query['code_insee']}{number:02d}",
            }
            for each in in_commune
            for number in range(PER_COMMUNE)
        ]
        start, size = int(query["page"]) - 1, int(query["page_size"])
        page_rows = matching[start * size :][: min(size, self.page_limit)]
        page = {"results": len(matching), "data": self.change(page_rows)}
        if (start + 1) * size < len(matching):
            words = f"code_insee={query['code_insee']}&page={start + 2}&page_size={size}"
            page["next"] = f"https://www.georisques.gouv.fr/{urlsplit(target).path}?{words}"
        return Answer(json.dumps(page).encode())

    def _cadastre(self, target: str) -> Answer:
        path = urlsplit(target).path
        if path.endswith("etalab-cadastre/"):
            links = "".join(f'<a href="{edition}/">{edition}/</a>' for edition in (*self.editions, "latest"))
            return Answer(f"<html><body>{links}</body></html>".encode(), content_type="text/html")
        code = path.rpartition("/")[2].split("-")[1]
        rows = [
            each for each in objects_inside(self.features, parcel) if each["properties"]["commune"] == code
        ]
        text = json.dumps({"type": "FeatureCollection", "features": self.change(rows)}).encode()
        return Answer(gzip.compress(text, mtime=0), content_type="application/gzip")

    def _arcgis(self, target: str) -> Answer:
        query = _parameters(target)
        if not urlsplit(target).path.endswith("/query"):
            editing = {"editingInfo": {"lastEditDate": self.edited_ms}} if self.edited_ms else {}
            return Answer(json.dumps({"name": "Fictif"} | editing).encode())
        if "returnCountOnly" in query:
            return Answer(json.dumps({"count": len(self.features)}).encode())
        start, size = int(query["resultOffset"]), min(int(query["resultRecordCount"]), self.page_limit)
        rows = objects_inside(self.features, lambda number, _: {"objectid": number + 1})
        page = {"type": "FeatureCollection", "features": self.change(rows[start : start + size])}
        return Answer(json.dumps(page).encode())

    def _download(self, target: str) -> Answer:
        """Play the download service: deliveries two a page, the files of one, a file."""
        path, base = urlsplit(target).path, "https://data.geopf.fr/telechargement"
        product = path.rpartition("/")[2]
        if product in self.releases:
            names = [f"{product}_4-0__GPKG_LAMB93_FRA_{day}" for day in self.releases[product]]
            return feed([f"<entry><title>{name}</title></entry>" for name in names], len(names))
        if path.startswith("telechargement/download"):
            headers = {"ETag": f'"{hashlib.md5(self.packed).hexdigest()}"'}
            return Answer(self.packed, content_type="application/x-7z-compressed", headers=headers)
        if path.count("/") == 3:
            title = path.rpartition("/")[2]
            href = f"{base}/download/OCSGE-ARTIFICIALISATION/{title}/{title}.7z"
            digest = self.checksum or hashlib.md5(self.packed).hexdigest()
            link = f'<link rel="alternate" href="{href}" gpf_dl:length="{len(self.packed)}"/>'
            return feed([f"<entry><title>{title}.7z</title>{link}<content>{digest}</content></entry>"], 1)
        entries = [
            f"<entry><title>{title}</title><updated>{day}T00:00:00Z</updated>"
            f'<link rel="alternate" href="{base}/resource/OCSGE-ARTIFICIALISATION/{title}"/></entry>'
            for title, day in self.deliveries.items()
        ]
        page, pages = int(_parameters(target)["page"]), -(-len(entries) // 2)
        return feed(entries[2 * page - 2 : 2 * page], len(entries), max(pages, 1))

    def _wfs(self, target: str) -> Answer:
        query = _parameters(target)
        matching = [feature for feature in self.features if _matches(feature, query)]
        if query.get("RESULTTYPE") == "hits":
            space = 'xmlns:wfs="http://www.opengis.net/wfs/2.0"'
            xml = f'<wfs:FeatureCollection {space} numberMatched="{len(matching)}"/>'
            return Answer(xml.encode(), content_type="text/xml")
        start, count = int(query["STARTINDEX"]), min(int(query["COUNT"]), self.page_limit)
        return Answer(collection(self.change(matching[start : start + count]), len(matching)))

    def _datagouv(self, host: str, target: str) -> Answer:
        path = urlsplit(target).path
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
        other_titles = [{"title": "conso_com_dictionnaire.csv"}, {"title": "conso_com"}]
        return Answer(json.dumps({"title": "Fictif", "resources": [*other_titles, resource]}).encode())


def partial(answer: Answer, start: int) -> Answer:
    """Answer what is missing of a file."""
    size = len(answer.body)
    headers = answer.headers | {"Content-Range": f"bytes {start}-{size - 1}/{size}"}
    return replace(answer, body=answer.body[start:], status=206, headers=headers)


def _parameters(target: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}


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


def _matches(feature: dict[str, Any], query: dict[str, str]) -> bool:
    """Do what the filters of the shipped sources say."""
    properties, cql = feature["properties"], query.get("CQL_FILTER", "")
    if "BBOX" in query:
        west, south, east, north = map(float, query["BBOX"].split(",")[:4])
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
            if self.headers["Range"]:
                world.ranges.append(self.headers["Range"])
                if answer.headers.get("ETag") == self.headers["If-Range"] and answer.status == 200:
                    answer = partial(answer, int(self.headers["Range"][6:-1]))
            self.send_response(answer.status)
            headers = {"Content-Type": answer.content_type, "Content-Length": str(len(answer.body))}
            if answer.chunked:
                headers = {"Content-Type": answer.content_type, "Transfer-Encoding": "chunked"}
            for name, text in (headers | answer.headers).items():
                self.send_header(name, text)
            self.end_headers()
            body = answer.body[: answer.cut_after]
            if answer.chunked:
                body = b"%x\r\n%s\r\n" % (len(body), body) + (
                    b"0\r\n\r\n" if answer.cut_after is None else b""
                )
            self.wfile.write(body)
            if answer.cut_after is not None:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that was killed
    world.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield world
    finally:
        server.shutdown()
        server.server_close()
