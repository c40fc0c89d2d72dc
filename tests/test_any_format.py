"""An analysis reads what the import reads: same features, same figures, whatever the format of the file."""

import gzip
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import plain
import pytest
import shapely
from cli_runner import english, run

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


def written(frame: gpd.GeoDataFrame, folder: Path, suffix: str) -> Path:
    """A file of the format, as other tools write it."""
    path = folder / f"zones.{suffix}"
    if suffix in {"gpkg", "shp", "fgb", "tab"}:
        drivers = {"tab": "MapInfo File"}
        frame.to_file(path, driver=drivers.get(suffix), encoding="UTF-8")
    elif suffix == "zip":
        inner = written(frame, folder, "shp")
        with zipfile.ZipFile(path, "w") as archive:
            for part in sorted(folder.glob("zones.*")):
                if part.suffix in {".shp", ".dbf", ".shx", ".prj", ".cpg"}:
                    archive.write(part, part.name)
                    part.unlink()
        assert not inner.exists()
    elif suffix == "parquet":
        frame.to_parquet(path)
    elif suffix == "kml":
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
    path = written(zones(), tmp_path, suffix)
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


@pytest.mark.parametrize("suffix", sorted(set(FORMATS) - TEXT_ONLY - TABLES - {"geojson"}))
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_gives_the_same_rows_in_every_format(tmp_path: Path, suffix: str, command: str) -> None:
    rules = tmp_path / "regles.toml"
    flood = plain.rectangle(x_km=0, y_km=0, width_km=0.25, height_km=1)
    layers.write(flood, tmp_path / "inondable.geojson")
    rules.write_text('[[contrainte]]\nnom = "Inondable"\ncouche = "inondable.geojson"\n', encoding="utf-8")
    answers = []
    for each in ("geojson", suffix):
        (tmp_path / each).mkdir()
        words = COMMANDS[command](written(zones(), tmp_path / each, each), rules)
        done = run(*words, *([] if command == "couches exporter" else ["--format", "json"]))
        assert done.exit_code == 0, done.output
        if command == "couches exporter":
            rows = layers.read(tmp_path / "sortie.gpkg").drop(columns="geometry").to_dict("records")
            (tmp_path / "sortie.gpkg").unlink()
        else:
            rows = json.loads(done.stdout)["rows"]
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
    done = run("trame", "taches", f"{path}|layername=autres", "--format", "json")
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("suffix", sorted(TABLES))
def test_a_table_with_two_columns_of_degrees_is_a_layer_of_points(tmp_path: Path, suffix: str) -> None:
    path = written(zones(), tmp_path, suffix)
    assert layers.read(path).geom_type.tolist() == ["Point", "Point"]
    done = run("canal", "desserte", path, "--format", "json")
    assert done.exit_code == 0, done.output
    assert len(json.loads(done.stdout)["rows"]) == 2


def test_numbers_of_a_csv_are_numbers_and_codes_stay_texts(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text(
        "insee;habitants;part;zone;lon;lat\n01001;1 200;0,5;2,345;2,83;50,43\n62498;;12;7;2,84;50,43\n",
        encoding="utf-8",
    )
    frame = layers.read(file)
    assert frame["insee"].tolist() == ["01001", "62498"]
    assert frame["habitants"].fillna(-1).tolist() == [1200, -1]
    assert frame["part"].tolist() == [0.5, 12]
    assert frame["zone"].tolist() == ["2,345", "7"], "two thousand or two and a third: nothing says"


def test_what_was_repaired_is_said_beside_the_answer(tmp_path: Path) -> None:
    bow_tie = shapely.Polygon([(700_000, 7e6), (701_000, 7_001_000), (701_000, 7e6), (700_000, 7_001_000)])
    crossed = gpd.GeoDataFrame({"lots": [1]}, geometry=[bow_tie], crs=2154)
    done = run("trame", "taches", written(crossed, tmp_path, "gpkg"), "--format", "json")
    assert done.exit_code == 0, done.output
    assert "Zones.gpkg : lu comme à l'import, 1 réparation" in done.stderr
    quiet = tmp_path / "sain"
    quiet.mkdir()
    assert "à l'import" not in run("trame", "taches", written(zones(), quiet, "gpkg")).stderr


def test_a_file_without_a_known_system_is_refused_with_a_way_out_that_exists(tmp_path: Path) -> None:
    path = written(zones(), tmp_path, "shp")
    path.with_suffix(".prj").unlink()
    done = run("trame", "taches", path)
    assert done.exit_code == 1
    assert "couches importer zones.shp --type libre" in done.output
    assert "Windows-1252" not in done.output
    assert english(done.output) == []
    home = tmp_path / "espace"
    words = ["couches", "importer", path, "--type", "libre", "--vers", "zones", "--crs", "auto"]
    assert run("--donnees", home, *words).exit_code == 0
    assert run("--donnees", home, "trame", "taches", "zones").exit_code == 0


@pytest.mark.parametrize("suffix", ["gpkg", "shp", "parquet"])
def test_a_file_cut_short_is_no_matter_of_encoding(tmp_path: Path, suffix: str) -> None:
    path = written(zones(), tmp_path, suffix)
    path.write_bytes(path.read_bytes()[:60])
    done = run("trame", "taches", path)
    assert done.exit_code == 1
    assert "encodage" not in done.output
    assert "Traceback" not in done.output
