"""An analysis reads what the import reads: same features, same figures, whatever the format of the file."""

import gzip
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import plain
import pyogrio
import pytest
import shapely
from cli_runner import english, run
from covering import covering, mostly_long

from artois_geo import layers
from artois_geo.errors import UnreadableFile

FORMATS = ["geojson", "gpkg", "shp", "zip", "parquet", "fgb", "csv", "xlsx", "kml", "tab", "json.gz"]
TEXT_ONLY = {"kml"}  # a format that keeps no number
TABLES = {"csv", "xlsx"}  # points in two columns


def zones() -> gpd.GeoDataFrame:
    rows = [
        plain.square(x_km=0, y_km=0, side_km=1, site_nom="Béthune Est", lots=3),
        plain.rectangle(x_km=2, y_km=0, width_km=0.5, height_km=1, site_nom="Œuf", lots=7),
    ]
    return pd.concat(rows, ignore_index=True)


def write_zones(frame: gpd.GeoDataFrame, folder: Path, suffix: str) -> Path:
    """A file of the format, as other tools write it."""
    path = folder / f"zones.{suffix}"
    if suffix in {"gpkg", "shp", "fgb", "tab"}:
        drivers = {"tab": "MapInfo File"}
        frame.to_file(path, driver=drivers.get(suffix), encoding="UTF-8")
    elif suffix == "zip":
        inner = write_zones(frame, folder, "shp")
        with zipfile.ZipFile(path, "w") as archive:
            for part in sorted(folder.glob("zones.*")):
                if part.suffix in {".shp", ".dbf", ".shx", ".prj", ".cpg"}:
                    archive.write(part, part.name)
                    part.unlink()
        assert not inner.exists()
    elif suffix == "parquet":
        frame.to_parquet(path)
    elif suffix == "kml":
        if "LIBKML" not in pyogrio.list_drivers():
            pytest.skip("pyogrio 0.9 à 0.11 : sans LIBKML")
        frame.to_crs(4326).to_file(path, driver="KML", engine="pyogrio")
    elif suffix in {"csv", "xlsx"}:
        places = frame.centroid.to_crs(4326)
        table = pd.DataFrame(frame.drop(columns="geometry")).assign(longitude=places.x, latitude=places.y)
        table.to_csv(path, sep=";", index=False) if suffix == "csv" else table.to_excel(path, index=False)
    else:
        text = json.dumps(json.loads(frame.to_crs(4326).to_json()))
        path.write_bytes(gzip.compress(text.encode()) if suffix.endswith("gz") else text.encode())
    return path


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_layer_reads_the_same_in_every_format(tmp_path: Path, suffix: str) -> None:
    path = write_zones(zones(), tmp_path, suffix)
    frame = layers.read(path)
    assert frame.crs.to_epsg() == 2154
    if suffix not in TABLES:
        # GeoJSON keeps 7 decimals of a degree, MapInfo a ten-millionth of its bounds
        assert sorted(frame.area) == pytest.approx([500_000, 1_000_000], rel=2e-5)
    if suffix not in TEXT_ONLY:
        assert sorted(zip(frame["site_nom"], frame["lots"], strict=True)) == [("Béthune Est", 3), ("Œuf", 7)]


COMMANDS: dict[str, Callable[[Path, Path], list[object]]] = {
    "foncier disponible": lambda zones, rules: ["foncier", "disponible", zones, "--regles", rules],
    "foncier pertes": lambda zones, rules: ["foncier", "pertes", zones, "--regles", rules],
    "trame taches": lambda zones, rules: ["trame", "taches", zones],
    "canal desserte": lambda zones, rules: ["canal", "desserte", zones],
    "couches comparer": lambda zones, rules: ["couches", "comparer", zones, zones, "--cle", "lots"],
    "couches infos": lambda zones, rules: ["couches", "infos", zones],
    "couches exporter": lambda zones, rules: [
        "couches",
        "exporter",
        zones,
        "--sortie",
        rules.with_name("sortie.gpkg"),
    ],
}


@pytest.mark.parametrize(
    ("suffix", "command"),
    covering(sorted(set(FORMATS) - TEXT_ONLY - TABLES - {"geojson"}), COMMANDS),
)
def test_a_command_gives_the_same_rows_in_every_format(tmp_path: Path, suffix: str, command: str) -> None:
    rules = tmp_path / "regles.toml"
    flood = plain.rectangle(x_km=0, y_km=0, width_km=0.25, height_km=1)
    layers.write(flood, tmp_path / "inondable.geojson")
    rules.write_text('[[contrainte]]\nnom = "Inondable"\ncouche = "inondable.geojson"\n', encoding="utf-8")
    answers = []
    for each in ("geojson", suffix):
        (tmp_path / each).mkdir()
        words = COMMANDS[command](write_zones(zones(), tmp_path / each, each), rules)
        result = run(*words, *([] if command == "couches exporter" else ["--format", "json"]))
        assert result.exit_code == 0, result.output
        if command == "couches exporter":
            rows = layers.read(tmp_path / "sortie.gpkg").drop(columns="geometry").to_dict("records")
            (tmp_path / "sortie.gpkg").unlink()
        else:
            rows = json.loads(result.stdout)["rows"]
        answers.append(pd.json_normalize(rows))
    first, second = answers
    assert len(first) == len(second)
    numbers = [name for name in first.columns if pd.api.types.is_numeric_dtype(first[name])]
    first, second = (frame[numbers].sort_values(numbers).reset_index(drop=True) for frame in answers)
    pd.testing.assert_frame_equal(first, second, rtol=1e-4, atol=2e-3, check_dtype=False)


def test_a_file_of_several_layers_names_one_as_qgis_does(tmp_path: Path) -> None:
    path = tmp_path / "zones.gpkg"
    zones().to_file(path, layer="zae")
    zones().iloc[:1].to_file(path, layer="autres")
    with pytest.raises(UnreadableFile, match=r"zones\.gpkg\|layername=NOM"):
        layers.read(path)
    assert len(layers.read(f"{path}|layername=zae")) == 2
    result = run("trame", "taches", f"{path}|layername=autres", "--format", "json")
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("suffix", sorted(TABLES))
def test_a_table_with_two_columns_of_degrees_is_a_layer_of_points(tmp_path: Path, suffix: str) -> None:
    path = write_zones(zones(), tmp_path, suffix)
    assert layers.read(path).geom_type.tolist() == ["Point", "Point"]
    result = run("canal", "desserte", path, "--format", "json")
    assert result.exit_code == 0, result.output
    assert len(json.loads(result.stdout)["rows"]) == 2


def test_numbers_of_a_csv_are_numbers_and_codes_stay_texts(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text(
        "insee;siren;habitants;part;zone;lon;lat\n01001;246200364;1 200;0,5;2,345;2,83;50,43\n"
        "62498;246200364;;12;7;2,84;50,43\n",
        encoding="utf-8",
    )
    frame = layers.read(file)
    assert frame["insee"].tolist() == ["01001", "62498"]
    assert frame["siren"].tolist() == ["246200364"] * 2
    assert frame["habitants"].fillna(-1).tolist() == [1200, -1]
    assert frame["part"].tolist() == [0.5, 12]
    assert frame["zone"].tolist() == ["2,345", "7"], "two thousand or two and a third: nothing says"


def test_what_was_repaired_is_said_beside_the_answer(tmp_path: Path) -> None:
    bow_tie = shapely.Polygon([(700_000, 7e6), (701_000, 7_001_000), (701_000, 7e6), (700_000, 7_001_000)])
    crossed = gpd.GeoDataFrame({"lots": [1]}, geometry=[bow_tie], crs=2154)
    result = run("trame", "taches", write_zones(crossed, tmp_path, "gpkg"), "--format", "json")
    assert result.exit_code == 0, result.output
    assert "Lecture de zones.gpkg comme à l'import : 1 réparation" in result.stderr
    quiet = tmp_path / "sain"
    quiet.mkdir()
    assert "à l'import" not in run("trame", "taches", write_zones(zones(), quiet, "gpkg")).stderr


def test_a_file_without_a_known_system_is_refused_with_a_way_out_that_exists(tmp_path: Path) -> None:
    path = write_zones(zones(), tmp_path, "shp")
    path.with_suffix(".prj").unlink()
    result = run("trame", "taches", path)
    assert result.exit_code == 1
    assert "couches importer zones.shp --type libre" in result.output
    assert "Windows-1252" not in result.output
    assert english(result.output) == []
    home = tmp_path / "espace"
    words = ["couches", "importer", path, "--type", "libre", "--vers", "zones", "--crs", "auto"]
    assert run("--donnees", home, *words).exit_code == 0
    assert run("--donnees", home, "trame", "taches", "zones").exit_code == 0


@pytest.mark.parametrize("suffix", ["gpkg", "shp", "parquet"])
def test_a_file_cut_short_is_no_matter_of_encoding(tmp_path: Path, suffix: str) -> None:
    path = write_zones(zones(), tmp_path, suffix)
    path.write_bytes(path.read_bytes()[:60])
    result = run("trame", "taches", path)
    assert result.exit_code == 1
    assert "encodage" not in result.output
    assert "Traceback" not in result.output


# --- every door of a command: tables and layers that are not its first argument

OPEN_FORMATS = ["gpkg", "zip", "parquet", "tab", "json.gz"]
RULES = '[[contrainte]]\nnom = "Inondable"\ncouche = "{file}"\n'
SITES = {"unit_id": ["U1", "U2"], "unit_ha": [1.0, 3.0], "zae": ["A", "A"]}
FIRMS = {"unit_id": ["U1", "U2"], "active": ["oui", "non"], "closed_on": ["", "2010-01-01"]}
FLUX = {"tonnes": [1000, 500], "road_km": [100, 50], "water_km": [110, 60]}
FLUX |= {"haul_km": [5, 5], "handlings": [2, 2], "boat": ["convoi", "convoi"]}
CONSO = {"insee": ["62498", "62041"], **{f"conso_{year}": [1.5, 0.5] for year in range(2011, 2023)}}
EPCI = {"insee": ["62498", "62041"], "epci": ["CALL", "CUA"]}
CRITERIA = '[[critere]]\ncolonne = "unit_ha"\npire = 0\nmeilleur = 4\npoids = 1\n'
FLAT = {"csv", "xlsx", "json"}


def table_file(columns: dict[str, list[object]], folder: Path, stem: str, suffix: str) -> Path:
    """The same rows as a spreadsheet, as the rows that a command writes, or as points in a layer."""
    path = folder / f"{stem}.{suffix}"
    table = pd.DataFrame(columns)
    if suffix == "csv":
        table.to_csv(path, sep=";", decimal=",", index=False)
    elif suffix == "xlsx":
        table.to_excel(path, index=False)
    elif suffix == "json":
        path.write_text(json.dumps({"rows": table.to_dict("records")}), encoding="utf-8")
    else:
        points = [plain.point(x_km=row, y_km=0).geometry.iloc[0] for row in range(len(table))]
        frame = gpd.GeoDataFrame(table, geometry=points, crs=2154)
        write_zones(frame, folder, suffix).rename(path)
    return path


def command_on_tables(name: str, folder: Path, suffix: str) -> list[object]:
    """The words of a command whose every table is in one format."""
    if name == "zae vacance":
        units = table_file(SITES, folder, "unites", suffix)
        firms = table_file(FIRMS, folder, "etablissements", suffix)
        return ["zae", "vacance", units, "--etablissements", firms, "--zae", "zae", "--au", "2026-01-01"]
    if name == "canal fret":
        return ["canal", "fret", "--flux", table_file(FLUX, folder, "flux", suffix), "--resume"]
    if name == "foncier classer":
        criteria = folder / "criteres.toml"
        criteria.write_text(CRITERIA, encoding="utf-8")
        sites = table_file(SITES, folder, "sites", suffix)
        return ["foncier", "classer", sites, "--criteres", criteria, "--cle", "unit_id"]
    flows = table_file(CONSO, folder, "conso", suffix)
    groups = table_file(EPCI, folder, "epci", suffix)
    words = ["zan", "trajectoire", flows, "--cle", "insee", "--unite", "ha", "--par", "epci"]
    return [*words, "--territoires", groups]


@pytest.mark.parametrize(
    ("suffix", "name"),
    covering(
        ["xlsx", "json", "gpkg", "parquet"],
        ["zae vacance", "canal fret", "foncier classer", "zan trajectoire"],
    ),
)
def test_a_table_gives_the_same_account_in_every_format(tmp_path: Path, name: str, suffix: str) -> None:
    answers = []
    for each in ("csv", suffix):
        (tmp_path / each).mkdir()
        result = run(*command_on_tables(name, tmp_path / each, each), "--format", "json")
        assert result.exit_code == 0, result.output
        answers.append(pd.json_normalize(json.loads(result.stdout)["rows"]))
    first, second = answers
    numbers = [name for name in first.columns if pd.api.types.is_numeric_dtype(first[name])]
    assert numbers
    pd.testing.assert_frame_equal(first[numbers], second[numbers], check_dtype=False)


@pytest.mark.parametrize("typed", [True, False], ids=["nombres", "textes"])
@pytest.mark.parametrize(
    ("suffix", "name"),
    covering(["json.gz", "parquet"], ["zae vacance", "canal fret", "foncier classer", "zan trajectoire"]),
)
def test_rows_without_shapes_are_a_table_compressed_or_not(
    tmp_path: Path, name: str, suffix: str, typed: bool
) -> None:
    (tmp_path / "csv").mkdir()
    words = command_on_tables(name, tmp_path / "csv", "csv")
    packed = [
        packed_rows(word, suffix, typed=typed) if str(word).endswith(".csv") else word for word in words
    ]
    answers = []
    for each in (words, packed):
        result = run(*each, "--format", "json")
        assert result.exit_code == 0, result.output
        answers.append(pd.json_normalize(json.loads(result.stdout)["rows"]))
    pd.testing.assert_frame_equal(*answers, check_dtype=False)


def packed_rows(file: object, suffix: str, *, typed: bool) -> Path:
    """The rows of a CSV as another tool hands them on, with numbers or all in texts."""
    path = Path(str(file))
    table = pd.read_csv(path, sep=";", decimal="," if typed else ".", dtype={"insee": str} if typed else str)
    target = path.with_suffix(f".{suffix}")
    if suffix == "parquet":
        table.to_parquet(target)
    else:
        target.write_bytes(gzip.compress(table.to_json(orient="records").encode()))
    return target


@pytest.mark.parametrize("suffix", mostly_long(OPEN_FORMATS, "zip", "parquet"))
def test_a_constraint_layer_is_read_in_every_format(tmp_path: Path, suffix: str) -> None:
    flood = plain.rectangle(x_km=0, y_km=0, width_km=0.25, height_km=1)
    layers.write(zones(), tmp_path / "sites.geojson")
    write_zones(flood, tmp_path, suffix)
    (tmp_path / "regles.toml").write_text(RULES.format(file=f"zones.{suffix}"), encoding="utf-8")
    words = ["foncier", "pertes", tmp_path / "sites.geojson", "--regles", tmp_path / "regles.toml"]
    result = run(*words, "--format", "json")
    assert result.exit_code == 0, result.output
    (row,) = [row for row in json.loads(result.stdout)["rows"] if row.get("constraint") == "Inondable"]
    assert row["alone_ha"] == pytest.approx(25, abs=0.01)


def test_the_rules_themselves_may_be_a_workbook(tmp_path: Path) -> None:
    flood = plain.rectangle(x_km=0, y_km=0, width_km=0.25, height_km=1)
    layers.write(zones(), tmp_path / "sites.geojson")
    layers.write(flood, tmp_path / "inondable.geojson")
    table = pd.DataFrame({"nom": ["Inondable"], "couche": ["inondable.geojson"], "recul_m": [0.5]})
    answers = []
    for suffix in ("csv", "xlsx"):
        rules = tmp_path / f"regles.{suffix}"
        if suffix == "csv":
            table.to_csv(rules, sep=";", decimal=",", index=False)
        else:
            table.to_excel(rules, index=False)
        words = ["foncier", "pertes", tmp_path / "sites.geojson", "--regles", rules, "--format", "json"]
        result = run(*words)
        assert result.exit_code == 0, result.output
        answers.append(json.loads(result.stdout)["rows"])
    assert answers[0] == answers[1]


@pytest.mark.parametrize("suffix", mostly_long(OPEN_FORMATS, "gpkg", "tab"))
def test_zones_of_land_cover_are_read_in_every_format(tmp_path: Path, suffix: str) -> None:
    cover = plain.rectangle(x_km=0, y_km=0, width_km=3, height_km=1, code_cs="CS1.1.1.1", code_us="US5")
    layers.write(cover, tmp_path / "ocsge.geojson")
    path = write_zones(zones(), tmp_path, suffix)
    for soil in (tmp_path / "ocsge.geojson", written_as(cover, tmp_path, suffix)):
        result = run("zan", "stock", soil, "--zones", path, "--cle", "lots", "--format", "json")
        assert result.exit_code == 0, result.output
        rows = json.loads(result.stdout)["rows"]
        assert sum(row["artificial_ha"] for row in rows) == pytest.approx(150, abs=0.01)


def written_as(frame: gpd.GeoDataFrame, folder: Path, suffix: str) -> Path:
    """A land cover in a folder of its own, so that two files of a format do not meet."""
    home = folder / "sol"
    home.mkdir()
    return write_zones(frame, home, suffix)


@pytest.mark.parametrize("suffix", mostly_long(OPEN_FORMATS, "json.gz", "tab"))
def test_people_and_territories_are_read_in_every_format(tmp_path: Path, suffix: str) -> None:
    layers.write(plain.point(x_km=0.5, y_km=0.5, nom="Parc"), tmp_path / "parcs.geojson")
    people = write_zones(zones(), tmp_path, suffix)
    words = ["trame", "desserte", tmp_path / "parcs.geojson", "--population", people, "--compter", "lots"]
    result = run(*words, "--distance", "300", "--format", "json")
    assert result.exit_code == 0, result.output
    layers.write(plain.line((0, 0.5), (1, 0.5), etat="existant"), tmp_path / "voies.geojson")
    words = ["trame", "bilan", tmp_path / "voies.geojson", "--etat", "etat", "--territoires", people]
    result = run(*words, "--par", "site_nom", "--format", "json")
    assert result.exit_code == 0, result.output
    assert "Béthune Est" in result.stdout
