"""A made-up country whose local server answers for every source of the first hour: all of it is ``fictif``.

Each commune is a square of 400 ha. From its south-west corner, in metres:

- an easement (AC1) of 25 ha, 500 m a side, in every commune of an even number, and a towpath (EL3) of 2 ha
  across each third one;
- artificial ground in a strip along its west side, whose width grows from vintage to vintage;
- in its middle, four parcels of 1 ha in a square of 200 m, the first built on (25 a);
- where its number is a multiple of six, a business park that holds them: 4 ha for the BD TOPO, and its
  southern half for FUSAC;
- an establishment that is open in the first parcel, one closed since 2020 in the second.
"""

import gzip
import hashlib
import io
import json
import re
import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import geopandas as gpd
import open_data
import open_territory
import pyarrow
import pyarrow.parquet
import pyproj
import shapely
from open_data import Answer
from open_territory import Country

FUSAC = "671b626dcb2879f4280a2b38"
PLACES = "geolocalisation-des-etablissements-du-repertoire-sirene-pour-les-etudes-statistiques"
STATES = "base-sirene-des-entreprises-et-de-leurs-etablissements-siren-siret"
CONSUMPTION = "6a01b9280dd2d45907e5fc61"
STRIPS_M = {"2018": 400, "2021": 500, "2021 corrigé": 520, "2024": 560}  # of artificial ground, 2 000 m high
LOST_M = 10  # between 2021 and 2024, ground that is artificial no more
PARK_EVERY = 6
PUBLISHED = {"2018": "2025-09-20", "2021": "2025-09-20", "2021 corrigé": "2026-06-20", "2024": "2026-06-20"}
EDITION = "2026-09-01"


def corner(feature: dict[str, Any]) -> tuple[float, float]:
    """Return the south-west corner of a commune."""
    x, y = feature["geometry"]["coordinates"][0][0][0]
    return x, y


def rectangle(feature: dict[str, Any], west: float, south: float, width: float, height: float) -> Any:
    """Draw a rectangle in a commune, from its south-west corner."""
    x, y = corner(feature)
    return shapely.box(x + west, y + south, x + west + width, y + south + height)


def lots(feature: dict[str, Any]) -> list[Any]:
    """Draw the four parcels of a commune."""
    return [rectangle(feature, x, y, 100, 100) for y in (900, 1000) for x in (900, 1000)]


def is_park(number: int) -> bool:
    """Tell whether the commune of a number has a business park."""
    return number % PARK_EVERY == 0


def feature(shape: Any, about: dict[str, Any] | None = None, **properties: Any) -> dict[str, Any]:
    """Write a feature, in metres."""
    rows = (about or {}) | properties
    return {"type": "Feature", "geometry": shapely.geometry.mapping(shape), "properties": rows}


def title(product: str, zone: str) -> str:
    """Name a delivery of OCS GE in the way of its product: vintages, then differences."""
    if "-" in product:
        return f"OCS-GE-ARTIFICIALISATION_2-0_DIFF-{product}_GPKG_LAMB93_{zone}_2026-06-20"
    version = "2-1" if product.endswith("corrigé") else "2-0"
    return f"OCS-GE_{version}_ARTIFICIALISATION_GPKG_LAMB93_{zone}_{product[:4]}-01-01"


def _state(features: list[dict[str, Any]], product: str) -> gpd.GeoDataFrame:
    """Draw the two polygons of each commune of one vintage."""
    width, rows, shapes = STRIPS_M.get(product, 300), [], []
    for number, commune in enumerate(features):
        for west, wide, is_built in ((0, width, True), (width, 2_000 - width, False)):
            shapes.append(rectangle(commune, west, 0, wide, 2_000))
            rows.append(
                {
                    "ID": f"{commune['properties']['code_insee']}-{number}-{int(is_built)}",
                    "code_cs": "CS1.1.1.1" if is_built else "CS2.2.1",
                    "code_us": "US2" if is_built else "US1.1",
                    "millesime": int(product[:4]),
                    "artif": "artif" if is_built else "non artif",
                    "crit_seuil": False,
                }
            )
    return gpd.GeoDataFrame(rows, geometry=shapes, crs="EPSG:2154")


def _difference(features: list[dict[str, Any]], product: str) -> gpd.GeoDataFrame:
    """Draw what became artificial between two years in each commune, and what no longer is."""
    first, second = product.split("-")
    before = STRIPS_M["2021 corrigé" if first == "2021" else first]
    lost_m = LOST_M if first == "2021" else 0
    rows, shapes = [], []
    for number, commune in enumerate(features):
        for west, wide, sign in ((before, STRIPS_M[second] - before + lost_m, 1), (0, lost_m, -1)):
            if not wide:
                continue
            states = [("CS2.2.1", "US1.1", "non artif"), ("CS1.1.1.1", "US2", "artif")][::sign]
            row: dict[str, Any] = {"artificialisation": sign, "surface": 2_000.0 * wide}
            for year, (cover, use, word) in zip((first, second), states, strict=True):
                row |= {
                    f"id_{year}": f"{number}",
                    f"cs_{year}": cover,
                    f"us_{year}": use,
                    f"artif_{year}": word,
                }
            rows.append(row)
            shapes.append(rectangle(commune, west, 0, wide, 2_000))
    return gpd.GeoDataFrame(rows, geometry=shapes, crs="EPSG:2154")


def packed(frame: gpd.GeoDataFrame, name: str, layer: str) -> bytes:
    """Write a delivery as the IGN does: a GeoPackage in a folder of its name, in a .7z."""
    import py7zr

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "a.gpkg"
        frame.to_file(file, layer=layer, driver="GPKG")
        archive = Path(folder) / "a.7z"
        with py7zr.SevenZipFile(archive, "w") as target:
            target.write(file, f"{name}/{name}.gpkg")
        return archive.read_bytes()


@dataclass
class FirstHour(Country):
    """A country whose server has every source of the first hour; what was asked of each host is counted.

    ``products`` are the deliveries of OCS GE that each département has, ``silent`` the starts of addresses
    that answer 404, ``edition`` the day of the cadastre.
    """

    products: dict[str, tuple[str, ...]] = field(default_factory=dict)
    silent: tuple[str, ...] = ()
    edition: str = EDITION
    files: dict[str, bytes] = field(default_factory=dict)

    def _right(self, host: str, target: str) -> Answer:
        if self.silent and f"{host}/{target}".startswith(self.silent):
            return Answer(b"absent", 404, "text/plain")
        return super()._right(host, target)

    def _once(self, name: str, make: Any) -> bytes:
        if name not in self.files:
            self.files[name] = make()
        return self.files[name]

    def _of(self, zone: str) -> list[dict[str, Any]]:
        dep = zone.removeprefix("D").lstrip("0")
        return [each for each in self.features if each["properties"]["code_insee_du_departement"] == dep]

    def _archive(self, name: str) -> bytes:
        zone = re.search(r"_(D\w{3})_", name)[1]  # type: ignore[index]
        product = next(each for each in self._products(zone) if title(each, zone) == name)
        make = _difference if "-" in product else _state
        layer = f"zan_evol_{product}" if "-" in product else f"artif_{product[:4]}_{zone[2:]}"
        return self._once(name, lambda: packed(make(self._of(zone), product), name, layer))

    def _products(self, zone: str) -> tuple[str, ...]:
        return self.products.get(zone, (*STRIPS_M, "2018-2021", "2021-2024"))

    def _download(self, target: str) -> Answer:
        path, base = urlsplit(target).path, "https://data.geopf.fr/telechargement"
        name = path.rpartition("/")[2].removesuffix(".7z")
        if path.startswith("telechargement/download"):
            body = self._archive(name)
            headers = {"ETag": f'"{hashlib.md5(body).hexdigest()}"'}
            return Answer(body, content_type="application/x-7z-compressed", headers=headers)
        if path.count("/") == 3:
            body, href = self._archive(name), f"{base}/download/OCSGE-ARTIFICIALISATION/{name}/{name}.7z"
            link = f'<link rel="alternate" href="{href}" gpf_dl:length="{len(body)}"/>'
            digest = hashlib.md5(body).hexdigest()
            return open_data.feed(
                [f"<entry><title>{name}.7z</title>{link}<content>{digest}</content></entry>"], 1
            )
        zone = open_data._parameters(target)["zone"]
        entries = [
            f"<entry><title>{title(each, zone)}</title><updated>{PUBLISHED.get(each, '2026-06-20')}T00:00:00Z"
            f'</updated><link rel="alternate" href="{base}/resource/OCSGE-ARTIFICIALISATION/'
            f'{title(each, zone)}"/></entry>'
            for each in self._products(zone)
        ]
        return open_data.feed(entries, len(entries))

    def _wfs(self, target: str) -> Answer:
        query = open_data._parameters(target)
        name = query["TYPENAMES"]
        if name.endswith(":commune"):
            return super()._wfs(target)
        if name.endswith(":epci"):
            return self._epci(query)
        west, south, east, north = map(float, query["BBOX"].split(",")[:4])
        near, box = [], shapely.box(west, south, east, north)
        for each in LAYERS[name](self.features):
            if box.intersects(shapely.geometry.shape(each["geometry"])):
                near.append(each)
        return self._page(query, near)

    def _epci(self, query: dict[str, str]) -> Answer:
        """Answer with the outlines of EPCI, those of a filter or near a box."""
        rows = _outlines(self.features)
        if "CQL_FILTER" in query:
            rows = [each for each in rows if each["properties"]["code_siren"] in query["CQL_FILTER"]]
        else:
            box = shapely.box(*map(float, query["BBOX"].split(",")[:4]))
            rows = [each for each in rows if box.intersects(shapely.geometry.shape(each["geometry"]))]
        return self._page(query, rows)

    def _page(self, query: dict[str, str], rows: list[dict[str, Any]]) -> Answer:
        """Answer with how many objects there are, or with a page of them."""
        if query.get("RESULTTYPE") == "hits":
            space = 'xmlns:wfs="http://www.opengis.net/wfs/2.0"'
            xml = f'<wfs:FeatureCollection {space} numberMatched="{len(rows)}"/>'
            return Answer(xml.encode(), content_type="text/xml")
        start, count = int(query["STARTINDEX"]), int(query["COUNT"])
        return Answer(open_data.collection(self.change(rows[start : start + count]), len(rows)))

    def _cadastre(self, target: str) -> Answer:
        path = urlsplit(target).path
        if path.endswith("etalab-cadastre/"):
            return Answer(f'<a href="{self.edition}/">'.encode(), content_type="text/html")
        _, code, what = path.rpartition("/")[2].removesuffix(".json.gz").split("-")
        commune = next(each for each in self.features if each["properties"]["code_insee"] == code)
        if what == "batiments":
            built = rectangle(commune, 900, 900, 50, 50)
            days = {"created": "2004-05-12", "updated": "2021-03-02"}
            rows = [feature(built, type="01", nom=None, commune=code, **days)]
        else:
            rows = [feature(*each) for each in self._parcels(commune)]
        text = json.dumps({"type": "FeatureCollection", "features": open_data.in_degrees(rows)}).encode()
        return Answer(gzip.compress(text, mtime=0), content_type="application/gzip")

    def _parcels(self, commune: dict[str, Any]) -> list[tuple[Any, dict[str, Any]]]:
        """Draw the parcels of a commune; since the second edition one of the first commune is another.

        There the first parcel was measured again, and the fourth has another number.
        """
        code = commune["properties"]["code_insee"]
        lots_drawn = [(lot, open_data.parcel(number, code)) for number, lot in enumerate(lots(commune))]
        if self.edition != EDITION and commune is self.features[0]:
            lots_drawn[0][1]["contenance"] = 9_900
            lots_drawn[3] = lots_drawn[3][0], open_data.parcel(4, code)
        return lots_drawn

    def _datagouv(self, host: str, target: str) -> Answer:
        path = urlsplit(target).path
        if host == "static.data.gouv.fr":
            name = path.split("/")[1]
            body, kind = (
                self._file(name),
                "text/csv" if name == CONSUMPTION else "application/octet-stream",
            )
            return Answer(body, content_type=kind, headers={"ETag": f'"{hashlib.sha1(body).hexdigest()}"'})
        name = path.rstrip("/").rpartition("/")[2]
        if path.startswith("api/1/datasets/r/"):
            address = f"https://static.data.gouv.fr/resources/{name}/{open_data.STAMP}/fichier"
            return Answer(b"", 302, "text/plain", {"Location": address})
        body = self._file(name)
        resource = {
            "title": TITLES[name],
            "filesize": len(body),
            "latest": f"https://www.data.gouv.fr/api/1/datasets/r/{name}",
            "last_modified": "2026-07-24T14:29:09+00:00",
            "checksum": {"type": "sha1", "value": self.checksum or hashlib.sha1(body).hexdigest()},
        }
        return Answer(json.dumps({"title": "Fictif", "resources": [resource]}).encode())

    def _file(self, name: str) -> bytes:
        if name == CONSUMPTION:
            return self.table
        makers = {FUSAC: _fusac, PLACES: _places, STATES: _states}
        return self._once(name, lambda: makers[name](self.features))


TITLES = {
    CONSUMPTION: open_data.FILE,
    FUSAC: "fusac.gpkg",
    PLACES: "GeolocalisationEtablissement_Sirene.parquet",
    STATES: "Sirene : Fichier StockEtablissement du 01 novembre 2026 (format parquet)",
}


def _outlines(features: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Draw the EPCI that communes make."""
    shapes: dict[str, list[Any]] = {}
    for each in features:
        siren = each["properties"]["codes_siren_des_epci"]
        shapes.setdefault(siren, []).append(shapely.geometry.shape(each["geometry"]))
    about = {"nature": "Communauté d'agglomération"}
    return [
        feature(
            shapely.union_all(parts),
            cleabs=f"EPCI____{siren:0>16}",
            code_siren=siren,
            nom_officiel=f"Fictif {siren}",
            **about,
        )
        for siren, parts in shapes.items()
    ]


def _zones(features: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Draw the zones of plans; the first is of a plan whose identifier follows an older standard."""
    zones = [open_territory.zone(*each) for each in enumerate(features)]
    zones[0]["properties"]["idurba"] = zones[0]["properties"]["idurba"].replace("_PLU_", "")
    return zones


def _parks(features: list[dict[str, Any]]) -> list[dict[str, Any]]:
    common = {
        "categorie": "Industriel et commercial",
        "nature": "Zone industrielle",
        "etat_de_l_objet": "En service",
    }
    parks = [(number, each) for number, each in enumerate(features) if is_park(number)]
    return [
        feature(
            rectangle(each, 900, 900, 200, 200),
            cleabs=f"SURFACTI{number:016d}",
            nature_detaillee="Zone d'activités",
            toponyme=f"Zone fictive {each['properties']['code_insee']}" if number else None,
            **common,
        )
        for number, each in parks
    ]


def _lines(kind: str, south: float, **properties: Any) -> Any:
    """Make what draws one line from west to east of each commune."""

    def draw(features: list[dict[str, Any]]) -> list[dict[str, Any]]:
        rows = []
        for number, each in enumerate(features):
            x, y = corner(each)
            line = shapely.LineString([(x + 1, y + south), (x + 1_999, y + south)])
            rows.append(
                feature(line, cleabs=f"{kind}{number:016d}", etat_de_l_objet="En service", **properties)
            )
        return rows

    return draw


LAYERS = {
    "wfs_du:zone_urba": _zones,
    "wfs_du:prescription_surf": lambda features: [],
    "BDTOPO_V3:zone_d_activite_ou_d_interet": _parks,
    "BDTOPO_V3:troncon_de_route": _lines(
        "TRONROUT",
        1_500,
        nature="Route à 1 chaussée",
        importance="2",
        cpx_numero="D1",
        cpx_classement_administratif="D",
    ),
    "BDTOPO_V3:troncon_de_voie_ferree": _lines(
        "TRON_VFE", 1_600, nature="Voie ferrée principale", usage="Fret", electrification="Electrifiée"
    ),
    "BDTOPO_V3:troncon_hydrographique": _lines(
        "TRON_EAU",
        1_700,
        nature="Canal",
        navigabilite=True,
        classe_de_largeur="Entre 15 et 50 m",
        trace_connu=True,
        cpx_toponyme_de_cours_d_eau="Canal fictif",
    ),
}


def _fusac(features: list[dict[str, Any]]) -> bytes:
    parks = [(number, each) for number, each in enumerate(features) if is_park(number)]
    rows = [
        {"site_id": f"F{number:04d}", "site_nom": f"Site fictif {number}", "site_type": "ZAE"}
        for number, _ in parks
    ]
    shapes = [rectangle(each, 900, 900, 200, 100) for _, each in parks]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "fusac.gpkg"
        gpd.GeoDataFrame(rows, geometry=shapes, crs="EPSG:2154").to_file(
            file, layer="site_eco", driver="GPKG"
        )
        return file.read_bytes()


@cache
def _projection() -> pyproj.Transformer:
    return pyproj.Transformer.from_crs("EPSG:2154", "EPSG:4326", always_xy=True)


def degrees(feature: dict[str, Any], west: float, south: float) -> tuple[float, float]:
    """Return the longitude and latitude of a place of a commune."""
    x, y = corner(feature)
    return _projection().transform(x + west, y + south)


def _sirets(feature: dict[str, Any]) -> tuple[str, str]:
    code = feature["properties"]["code_insee"]
    return f"{code:0>12}01", f"{code:0>12}02"


def _places(features: list[dict[str, Any]]) -> bytes:
    rows = []
    for each in features:
        for siret, west in zip(_sirets(each), (950, 1_050), strict=True):
            lon, lat = degrees(each, west, 950)
            rows.append(
                {
                    "siret": siret,
                    "x_longitude": lon,
                    "y_latitude": lat,
                    "qualite_xy": "11",
                    "plg_code_commune": each["properties"]["code_insee"],
                }
            )
    return parquet(rows)


def _states(features: list[dict[str, Any]]) -> bytes:
    rows = []
    for each in features:
        for siret, state, day in zip(_sirets(each), "AF", ("2015-03-01", "2020-06-30"), strict=True):
            rows.append(
                {
                    "siret": siret,
                    "etatAdministratifEtablissement": state,
                    "dateDebut": day,
                    "dateCreationEtablissement": "2010-01-01",
                    "trancheEffectifsEtablissement": "11" if state == "A" else "NN",
                    "activitePrincipaleEtablissement": "52.10B",
                    "enseigne1Etablissement": "Atelier fictif",
                    "codeCommuneEtablissement": each["properties"]["code_insee"],
                }
            )
    return parquet(rows)


def parquet(rows: list[dict[str, Any]]) -> bytes:
    """Write rows as a Parquet file."""
    stream = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), stream)
    return stream.getvalue()


def first_hour(*epci: tuple[str, int]) -> FirstHour:
    """Make EPCI of so many communes."""
    return country([each for siren, count in epci for each in open_territory.communes(siren, count)])


def astride(dep: str, count: int) -> FirstHour:
    """Make the EPCI of CALL, the last half of whose communes is in another département."""
    features = open_territory.communes(open_territory.CALL, count)
    for each in features[count // 2 :]:
        about = each["properties"]
        about |= {"code_insee": dep + about["code_insee"][2:], "code_insee_du_departement": dep}
    return country(features)


def country(features: list[dict[str, Any]]) -> FirstHour:
    """Make a country of communes, with its consumption and easements."""
    territory = FirstHour(features, open_territory.consumption(features))
    for number, each in enumerate(features):
        about = open_data.easement(number, "62001")
        if number % 2 == 0:
            territory.easements.append(feature(rectangle(each, 1, 1, 500, 500), **about | {"suptype": "ac1"}))
        if number % 3 == 0:
            path = rectangle(each, 1, 1_800, 1_998, 10)
            territory.easements.append(
                feature(path, **about | {"suptype": "el3", "gid": 10_000 + number, "idass": f"EL3-{number}"})
            )
    return territory
