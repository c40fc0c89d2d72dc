"""Small files that provoke each message, and those that its advice asks for; all of them fictifs."""

import gzip
import json
import shutil
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import open_data
import openpyxl
import pandas as pd
import plain
import pyproj
import shapely
from cli_runner import run

from artois_geo import layers
from artois_geo.constants import rules

YEARS = range(2011, 2023)
FILIERES = (
    "sector;base;base_unit;ratio_t;river_share;hinterland_share;competitive_share\n"
    "btp;100;salariés;10;0,2;0,5;0,5\n"
)
NO_DATUM = "+proj=lcc +lat_1=49 +lat_2=44 +lat_0=46.5 +lon_0=3 +x_0=700000 +y_0=6600000 +ellps=intl"
TERRAIN = """
title = "Terrains (fictif)"
key = "terr_id"
geometry = ["Point", "Polygon", "MultiPolygon"]
[[fields]]
name = "terr_id"
required = true
unique = true
[[fields]]
name = "surface_m2"
type = "number"
"""
PETIT = """
[sites]
file = "sites.geojson"
kind = "site_eco"
title = "Sites (fictif)"
source = "fictif"
licence = "libre"
vintage = "fictif"
"""
ZONES = """
titre = "Zonage (fictif)"
colonnes = { zone = ["zone"] }
[[classe]]
zone = ["U"]
nature = "non ENAF"
[[classe]]
zone = ["A"]
nature = "ENAF"
"""
PARK = "pv_espace;pv_reversible;pv_couvert_vegetal;pv_activite_agricole;pv_hauteur_m;pv_espacement_m"


def write(folder: Path) -> None:
    """Fill a folder, once for all the tests; the tests work on copies."""
    assert run("exemple", folder / "pays", "--communes", "6", "--ocsge", "60", "--sites", "4").exit_code == 0
    _layers(folder)
    _tables(folder)
    _accounts(folder)
    _bad_files(folder)
    (folder / "conso_ouverte.csv").write_bytes(open_data.consumption(3))
    (folder / "ouvert").mkdir()
    shutil.copy(folder / "sites.geojson", folder / "ouvert" / "conso_enaf.geojson")


def squares(**columns: object) -> gpd.GeoDataFrame:
    """Three squares side by side, with the same columns."""
    rows = [plain.square(x_km=2 * rank, y_km=0, side_km=1) for rank in range(3)]
    frame = gpd.GeoDataFrame(pd.concat(rows, ignore_index=True), crs=2154)
    return frame.assign(**columns)


def sites() -> gpd.GeoDataFrame:
    return squares(
        site_id=["S1", "S2", "S3"], site_nom=["Nord", "Sud", "Est"], lots=[1, 2, 3], comm_insee="62498"
    )


def save(path: Path, text: str, encoding: str = "utf-8") -> None:
    path.write_bytes(text.encode(encoding))


def _layers(folder: Path) -> None:
    (folder / "petit").mkdir()
    layers.write(sites(), folder / "petit/sites.geojson")
    save(folder / "petit/catalogue.toml", PETIT)
    layers.write(sites(), folder / "sites.geojson")
    layers.write(sites().assign(lots=[1, 2, 4]), folder / "sites_apres.geojson")
    layers.write(sites().assign(site_id=["T1", "T2", "T3"]), folder / "renumerotes.geojson")
    layers.write(sites().assign(lots=["001", "002", "003"]), folder / "zeros.geojson")
    layers.write(plain.point(x_km=0, y_km=3, nom="Écluse"), folder / "points.geojson")
    mail = "accueil@exemple.fr"
    layers.write(plain.point(x_km=0, y_km=3, etab_contact_mail=mail), folder / "contacts.geojson")
    spots = '<wpt lat="50.4" lon="2.8"/>', '<trkpt lat="50.4" lon="2.8"/><trkpt lat="50.5" lon="2.8"/>'
    save(folder / "mixte.gpx", f"<gpx>{spots[0]}<trk><trkseg>{spots[1]}</trkseg></trk></gpx>")
    layers.write(plain.line((0, -0.1), (6, -0.1), ouvrage_nom="Canal d'Aire"), folder / "eau.geojson")
    layers.write(
        plain.point(x_km=1, y_km=0, quai_nom="Quai", famille="quai", profondeur="3 m"),
        folder / "lieux.geojson",
    )
    layers.write(squares(numero=["1", "2", "3"], idu=["A1", "A2", None]), folder / "parcelles.geojson")
    layers.write(squares(numero=["1", "2", "3"]), folder / "parcelles_sans_idu.geojson")
    layers.write(plain.square(x_km=0.2, y_km=0.2, side_km=0.2), folder / "batiments.geojson")
    built = [plain.square(x_km=2 * rank, y_km=0, side_km=1) for rank in range(2)]
    layers.write(gpd.GeoDataFrame(pd.concat(built), crs=2154), folder / "bati_plein.geojson")
    layers.write(plain.rectangle(x_km=0, y_km=0, width_km=0.2, height_km=1), folder / "inondable.geojson")
    save(folder / "zones.toml", ZONES)
    save(folder / "regles.toml", '[[contrainte]]\nnom = "Inondable"\ncouche = "inondable.geojson"\n')
    layers.write(squares(zone=["U", "A", "A"]), folder / "zonage.geojson")
    x, y = np.arange(5_100) % 80 * 1_000 + plain.ORIGIN_X, np.arange(5_100) // 80 * 1_000 + plain.ORIGIN_Y
    many = gpd.GeoDataFrame(geometry=shapely.box(x, y, x + 500, y + 500), crs=2154)
    layers.write(many.assign(taux=np.arange(len(many)) / len(many)), folder / "beaucoup.geojson")
    ways = [plain.line((0, 0), (1, 0), statut="existant"), plain.line((1.02, 0), (2, 0), statut="projet")]
    layers.write(gpd.GeoDataFrame(pd.concat(ways), crs=2154), folder / "voies.geojson")
    layers.write(squares(habitants=[10, 20, 30]), folder / "population.geojson")
    cover = squares(code_cs="CS1.1.1.1", code_us="US5")
    layers.write(cover, folder / "ocsge.geojson")
    cover.to_file(folder / "ocsge.gpkg")
    diff = squares(cs_2018="CS2.2.1", us_2018="US1.1", cs_2021="CS1.1.1.1", us_2021="US5")
    layers.write(diff, folder / "diff.geojson")
    layers.write(squares(comm_insee=["62001", "62002", "62003"], nom="C"), folder / "contours.geojson")
    layers.write(squares(avant=["bois", "champ", "bois"], apres="bâti"), folder / "mos.geojson")
    (folder / "reprise/recettes").mkdir(parents=True)
    save(
        folder / "reprise/recettes/zones.toml", 'type = "libre"\nvers = "zones"\nfichier = "sites.geojson"\n'
    )
    save(folder / "passages.csv", "avant;apres;compte\nbois;bâti;consommation\nchamp;bâti;consommation\n")
    layers.write(squares(nom="C"), folder / "contours_sans_code.geojson")
    layers.write(squares(comm_insee=["62001", "62002", "62003"], epci="E"), folder / "contours_epci.geojson")
    layers.write(squares(comm_insee="62999"), folder / "zonage_insee.geojson")


def _tables(folder: Path) -> None:
    save(folder / "filieres.csv", FILIERES)
    save(
        folder / "flux.csv",
        "tonnes;road_km;water_km;haul_km;handlings;boat\n1000;100;110;5;2;convoi\n",
    )
    save(folder / "anonymes.csv", "code;unit_ha\nA;1\nB;2\n")
    save(folder / "homonymes.csv", "nom;code;unit_ha\nParc;A;1\nParc;B;2\n")
    save(folder / "criteres.toml", '[[critere]]\ncolonne = "unit_ha"\npire = 0\nmeilleur = 4\npoids = 1\n')
    save(
        folder / "unites.csv",
        "unit_id;unit_ha;zae;secteur;parcels;owner_type;proprio\n"
        "UF-AB01;1;A;A;AB01|AB02;privé;privé\nUF-AB03;3;A;A;AB03;public;public\n",
    )
    save(
        folder / "unites_nues.csv", "unit_id;unit_ha;secteur;proprio\nUF-AB01;1;A;privé\nUF-AB03;3;A;public\n"
    )
    save(
        folder / "etablissements.csv",
        "unit_id;active;closed_on;enseigne\nUF-AB01;oui;;Sel\nUF-AB03;oui;;Eau\n",
    )
    save(folder / "de_2024.csv", "unit_id;active;closed_on;nom\nUF-AB02;oui;;Sel\n")
    save(folder / "inconnus.csv", "unit_id;active;closed_on;nom\nUF-ZZ99;oui;;Sel\n")
    save(folder / "corriges.csv", "unit_id;active;closed_on;nom\nAB02;oui;;Sel\n")
    save(folder / "noms.sources.csv", "a;b\n1;2\n")


def _accounts(folder: Path) -> None:
    years = [f"conso_{year}" for year in YEARS]
    codes = {"62001": "0,08", "62002": "2", "62003": "0,12"}

    def flows(name: str, key: str, columns: list[str], rows: dict[str, str]) -> None:
        lines = [";".join([key, *columns])]
        lines += [";".join([code, *[cell] * len(columns)]) for code, cell in rows.items()]
        save(folder / name, "\n".join(lines) + "\n")

    flows("conso.csv", "commune", years, codes)
    flows("une.csv", "commune", years, {"62001": "2"})
    flows("conso_deux.csv", "commune", years, {"62001": "2", "35001": "2"})
    save(
        folder / "objectifs_53.csv",
        "document;niveau;territoire;taux_baisse;en_vigueur_depuis;source\n"
        "SRADDET;région;53;0,6;2025-01-01;fictif\n",
    )
    flows("conso_epci.csv", "epci", years, {"200046977": "2"})
    flows("enaf.csv", "commune", [f"enaf_{year}" for year in YEARS], codes)
    flows("sans_annee.csv", "commune", ["enaf"], codes)
    save(folder / "longue.csv", "commune;annee;enaf\n" + "".join(f"62001;{year};1\n" for year in YEARS))
    save(folder / "epci.csv", "commune;epci\n62001;E\n62002;E\n62003;E\n")
    save(folder / "pole.csv", "commune;epci;pma\n62001;E;P\n62002;E;P\n62003;E;P\n")
    save(folder / "territoires.csv", "commune;nom\n62001;A\n62002;B\n62003;C\n")
    cerema = pd.read_csv(folder / "pays/consommation.csv", dtype=str, encoding="utf-8")
    flow = next(name for name in cerema.columns if name.startswith("naf"))
    cerema.assign(**{flow: "-5"}).to_csv(folder / "cerema_faux.csv", index=False)
    cerema.assign(idreg="84").to_csv(folder / "cerema_84.csv", index=False)
    guarantee = "commune;document_date;justificatif\n62001;2020-01-01;délibération\n62002;;\n62003;;\n"
    save(folder / "garantie.csv", guarantee)
    save(folder / "garantie_complete.csv", guarantee.replace(";;", ";2020-01-01;délibération"))
    save(
        folder / "projets.csv",
        "projet_id;commune;projet_compte;consommation_ha;annee_debut;justificatif\nP1;62001;local;1;2025;\n",
    )
    save(folder / "offre.csv", "site_id;commune;consumed_ha\nS1;62001;0,1\n")
    save(
        folder / "parc_pv.csv",
        f"projet_id;commune;projet_compte;consommation_ha;annee_debut;justificatif;{PARK}\n"
        "P1;62001;exempté;1;2025;PC 1;agricole;oui;oui;oui;1,2;3\n",
    )
    save(folder / "regles_2021.toml", rules.text(rules.read("loi-2021-1104")))


def _bad_files(folder: Path) -> None:
    """Files that no reader takes as they are: other systems, several layers, archives, encodings."""
    _systems(folder)
    _several(folder)
    _large_files(folder)
    accents = sites().assign(site_nom=["Béthune", "Hénin", "Liévin"])
    save(folder / "latin1.geojson", accents.to_crs(4326).to_json(ensure_ascii=False), "cp1252")
    accents.to_file(folder / "sans_cpg.shp", encoding="cp1252")
    (folder / "sans_cpg.cpg").unlink()
    _no_language(folder / "sans_cpg.dbf")
    save(folder / "terrain.toml", TERRAIN)
    cut = squares(terr_id=["1", "2", "3"], surface_to=[1.0, 2.0, 3.0])
    cut.to_file(folder / "coupe.shp", encoding="UTF-8")
    layers.write(squares(terr_id=["1", "1", "3"]), folder / "doublons.geojson")
    crossed = gpd.GeoDataFrame(
        {"n": range(30)}, geometry=[_bow_tie(7_000_000 + 2_000 * n, n + 100) for n in range(30)], crs=2154
    )
    save(folder / "croises.geojson", crossed.to_crs(4326).to_json())
    crossed.to_file(folder / "croises.gpkg")
    (folder / "lie").mkdir()
    (folder / "autre").mkdir()
    (folder / "lie/zones.geojson").symlink_to("../autre/zones.geojson")
    header = "nom;longitude;latitude\n"
    save(folder / "guillemets.csv", header + '"Parc, Nord";2,8;50,4\n')
    save(folder / "accents.csv", header + "Béthune;2,6;50,5\n", "cp1252")
    save(folder / "barres.csv", "nom|geom\nParc|POINT(2.8 50.4)\n")
    save(folder / "tabule.csv", "nom\tgeom\nParc\tPOINT(2.8 50.4)\n")


def _systems(folder: Path) -> None:
    """Layers whose system is absent, unknown, or not the one that is declared."""
    frame = sites()
    for name, code in (("degres", 4326), ("lambert2", 27572), ("cc50", 3950), ("utm", 32631)):
        _without_system(frame.to_crs(code), folder / f"{name}.csv")
    turned = frame.to_crs(4326)
    _without_system(turned.set_geometry(turned.geometry.map(_turned)), folder / "axes.csv")
    _without_system(frame.set_geometry(frame.translate(210_000, -770_000)), folder / "marseille.csv")
    frame.to_crs(4326).to_file(folder / "degres.shp", encoding="UTF-8")
    (folder / "degres.prj").unlink()
    frame.to_file(folder / "datum.shp", encoding="UTF-8")
    (folder / "datum.prj").write_text(pyproj.CRS(NO_DATUM).to_wkt("WKT1_ESRI"), encoding="utf-8")
    plane = json.loads(frame.to_json(to_wgs84=False))
    plane.pop("crs", None)
    save(folder / "metres.geojson", json.dumps(plane))
    link = {"type": "link", "properties": {"href": "x.prj"}}
    unknown = {"type": "name", "properties": {"name": "EPSG:999999"}}
    for name, system in (("lien", link), ("faux", unknown)):
        save(folder / f"crs_{name}.geojson", json.dumps({**plane, "crs": system}))


def _several(folder: Path) -> None:
    """Files of several layers, sheets or files."""
    for layer in ("zae", "autres"):
        sites().to_file(folder / "plusieurs.gpkg", layer=layer)
    _kml(folder / "plusieurs.kml")
    book = openpyxl.Workbook()
    for title in ("A", "B"):
        sheet = book.active if title == "A" else book.create_sheet(title)
        sheet.title = title
        sheet.append(["nom", "longitude", "latitude"])
        sheet.append(["Nord", 2.8, 50.4])
    book.save(folder / "feuilles.xlsx")
    for name, parts in {
        "plusieurs.zip": {"zae.geojson": "sites.geojson", "points.geojson": "points.geojson"},
        "base.zip": {"plusieurs.gpkg": "plusieurs.gpkg", "flux.csv": "flux.csv"},
        "avec_table.zip": {"sites.geojson": "sites.geojson", "flux.csv": "flux.csv"},
    }.items():
        with zipfile.ZipFile(folder / name, "w") as archive:
            for inside, file in parts.items():
                archive.write(folder / file, inside)


def _large_files(folder: Path) -> None:
    """Two archives: one that swells too much, one that holds more than 1 Mio."""
    head = '{"type": "FeatureCollection", "features": ['
    feature = json.dumps(json.loads(sites().iloc[:1].to_crs(4326).to_json())["features"][0])
    blank = head + feature + " " * 3_000_000 + "]}"
    (folder / "bombe.json.gz").write_bytes(gzip.compress(blank.encode()))
    noise = np.random.default_rng(1).bytes(700_000).hex()
    bulky = head + feature.replace('"Nord"', f'"{noise}"') + "]}"
    save(folder / "gros.geojson", bulky)
    (folder / "gros.json.gz").write_bytes(gzip.compress(bulky.encode()))


def _without_system(frame: gpd.GeoDataFrame, path: Path) -> None:
    """Shapes as texts, which say no system."""
    table = pd.DataFrame(frame.drop(columns="geometry")).assign(geom=frame.to_wkt()["geometry"])
    table.to_csv(path, sep=";", index=False)


def _bow_tie(y: float, size: float) -> shapely.Polygon:
    corners = [(700_000, y), (700_000 + size, y + size), (700_000 + size, y), (700_000, y + size)]
    return shapely.Polygon(corners)


def _turned(shape: shapely.Geometry) -> shapely.Geometry:
    return shapely.transform(shape, lambda points: points[:, ::-1])


def _no_language(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[29] = 0  # the byte that names a code page
    path.write_bytes(bytes(content))


def _kml(path: Path) -> None:
    folders = "".join(
        f"<Folder><name>{name}</name><Placemark><name>{name}</name><Polygon><outerBoundaryIs><LinearRing>"
        "<coordinates>2.8,50.4 2.81,50.4 2.81,50.41 2.8,50.4</coordinates>"
        "</LinearRing></outerBoundaryIs></Polygon></Placemark></Folder>"
        for name in ("zae", "autres")
    )
    save(path, f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{folders}</Document></kml>')
