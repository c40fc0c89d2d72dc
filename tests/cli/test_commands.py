"""Each command reads, calls one function, and shows: what it shows is what the function found."""

import csv
import io
import json
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import plain
import pytest
from cli_runner import english, run
from rich.console import Console

from artois_geo import layers, tables, vocabulary
from artois_geo.cli import show, text
from artois_geo.studies.library.reference_tables import CONSTANT_LABELS, TERM_LABELS
from artois_geo.tables.layer_labels import LABELS

TABLE_COMMANDS = [
    "couches lister",
    "couches types",
    "couches infos sites_eco",
    "couches valider communes",
    "couches controle",
    "couches controle --objets chaine_des_parcs",
    "foncier offre",
    "foncier offre foncier_disponible --par epci_sigle",
    "constantes lister",
    "constantes infos reduction_2021_2030",
    "glossaire",
    "glossaire surface",
]


@pytest.fixture(scope="module")
def catalogue() -> layers.Catalogue:
    return layers.read_catalogue()


def rows(line: str) -> list[dict]:
    result = run(*line.split(), "--format", "json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)["rows"]


@pytest.mark.parametrize("line", TABLE_COMMANDS)
def test_every_table_command_answers_in_every_format(line: str, tmp_path: Path) -> None:
    table = run(*line.split())
    assert (table.exit_code, table.stderr) == (0, "")
    answer = json.loads(run(*line.split(), "--format", "json").stdout)
    assert list(answer) == ["rows", "sources", "constants", "surface", "notes"]
    for csv_format in ("csv", "csv-brut"):
        content = run(*line.split(), "--format", csv_format).stdout_bytes
        separator = ";" if csv_format == "csv" else ","
        read = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=separator))
        assert len(read) - 1 == len(answer["rows"])
        if answer["rows"] and csv_format == "csv-brut":
            assert [name.lstrip("'") for name in read[0]][: len(answer["rows"][0])] == list(answer["rows"][0])
        if csv_format == "csv":
            assert english(" ".join(read[0])) == []
    file = tmp_path / "t.xlsx"
    assert run(*line.split(), "--sortie", file).exit_code == 0
    assert openpyxl.load_workbook(file).sheetnames[-1] == "Sources"


@pytest.mark.parametrize("line", TABLE_COMMANDS)
def test_no_column_of_a_printed_table_keeps_its_code_name(line: str) -> None:
    """Every heading is French: the code names of computed columns hold an underscore or are English."""
    heads = run(*line.split()).stdout.splitlines()[1]
    assert "_" not in heads
    assert english(heads) == []


def test_what_a_command_says_of_its_layers_stands_under_every_table(catalogue: layers.Catalogue) -> None:
    vintage = catalogue["sites_eco"].vintage
    answer = json.loads(run("foncier", "offre", "--format", "json").stdout)
    assert [(source["layer"], source["vintage"]) for source in answer["sources"]] == [("sites_eco", vintage)]
    assert "publiées" in answer["surface"]
    assert any("schématique" in note for note in answer["notes"])
    for output in (run("foncier", "offre").stdout, run("foncier", "offre", "--format", "csv").stderr):
        assert vintage in output
        assert "Géométrie schématique" in output


def test_the_end_of_the_file_name_decides_the_format(tmp_path: Path) -> None:
    starts = {"a.json": b"{", "a.csv": b"\xef\xbb\xbf", "a.xlsx": b"PK", "a.txt": b"Couches"}
    for name, start in starts.items():
        result = run("couches", "lister", "--sortie", tmp_path / name)
        assert (result.exit_code, result.stdout) == (0, "")
        assert (tmp_path / name).read_bytes().startswith(start)
        assert f"Écrit : {tmp_path / name}" in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*starts, "a.sources.csv"])


def test_a_table_in_a_pipe_has_no_colour_and_nothing_is_cut() -> None:
    result = run("couches", "controle", COLUMNS="40")
    assert "\x1b" not in result.stdout
    grid = result.stdout.split("\n\n")[0]
    assert 100 <= max(map(len, grid.splitlines())) <= text.PIPED
    gap = next(row["cause"] for row in rows("couches controle") if row["cause"])
    assert set(gap.split()) <= set(grid.split())


def test_a_wide_table_keeps_its_columns_and_names_those_that_have_no_room() -> None:
    columns = {f"colonne_{number}": [number + 0.5] for number in range(12)}
    frame = pd.DataFrame({"nom": ["Parc"], "colonne_vide": [None], **columns})
    grid, hidden = printed(frame, 80, NO_COLOR="1", TERM="dumb").split("\n\n")[:2]
    heads = grid.split()
    assert {"nom", "colonne_0", "colonne_5"} <= set(heads)
    assert "Colonnes sans place ici : colonne_vide ;" in " ".join(hidden.split())
    assert all(name in heads or name in hidden for name in frame.columns)


def test_the_columns_of_a_table_are_chosen_by_their_headings() -> None:
    result = run("couches", "lister", "--afficher", "Titre;name")
    assert result.stdout.splitlines()[1].split() == ["Titre", "Nom"]
    refused = run("couches", "lister", "--afficher", "Titr")
    assert refused.exit_code == 1
    assert "Titre" in refused.stderr
    assert run("couches", "lister", "--afficher", "Titre", "--format", "json").exit_code == 2


def printed(frame: pd.DataFrame, width: int, **environment: str) -> str:
    buffer = io.StringIO()
    console = Console(file=buffer, force_terminal=True, width=width, _environ=environment)
    text.write(console, tables.text_table(frame, {}), tables.Footer(notes=("Une note.",)), title="Titre")
    return buffer.getvalue()


WIDE = pd.DataFrame(
    {"site_nom": ["Parc des industries Artois-Flandres"], "area_ha": [460.0], "piece_ha": [1234.5]}
)


@pytest.mark.parametrize("width", [30, 40, 60, 80, 120, 200])
def test_no_line_is_wider_than_the_terminal_and_no_figure_is_cut(width: int) -> None:
    table = printed(WIDE, width, NO_COLOR="1", TERM="xterm")
    plain_text = "".join(part.split("m", 1)[-1] for part in f"m{table}".split("\x1b["))
    assert max(map(len, plain_text.splitlines())) <= width
    assert "1\u202f234,50" in plain_text
    assert "460,00" in plain_text


def test_markup_and_control_characters_in_a_cell_are_shown_not_run() -> None:
    table = printed(pd.DataFrame({"nom": ["[red]zone[/red] \x1b[31m"]}), 80, NO_COLOR="1")
    assert "[red]zone[/red] �[31m" in table


def test_an_empty_table_says_so() -> None:
    assert "Aucune ligne." in run("couches", "valider", "communes").stdout


def test_geojson_goes_out_in_wgs_84_with_its_sources(tmp_path: Path) -> None:
    square = plain.square(x_km=0, y_km=0, side_km=1, nom="A", fictif=True, geometrie="schématique")
    file = tmp_path / "a.geojson"
    show.table(square, sources=[Path("b.geojson")], format="geojson", sortie=file)
    back = layers.read(file)
    assert back.geometry.iloc[0].centroid.distance(square.geometry.iloc[0].centroid) < 0.1
    sources = json.loads(file.read_text(encoding="utf-8"))["sources"]
    assert [line.split(" ")[0] for line in sources] == ["Couche", "Géométrie", "Données"]


def test_every_layer_is_listed_with_its_vintage_and_licence(
    catalogue: layers.Catalogue,
) -> None:
    assert [(row["name"], row["vintage"], row["licence"]) for row in rows("couches lister")] == [
        (layer.name, layer.vintage, layer.licence) for layer in catalogue.values()
    ]


def test_every_kind_is_listed() -> None:
    assert [row["name"] for row in rows("couches types")] == layers.kinds()


def test_controle_shows_every_published_total_and_what_is_missing(catalogue: layers.Catalogue) -> None:
    totals = rows("couches controle")
    assert [row["declared"] for row in totals] == [total.value for total in catalogue.totals]
    for row in totals:
        if row["held"] is None:
            assert row["gap"] is None
        else:
            assert row["gap"] == pytest.approx(row["held"] - row["declared"])
        assert row["cause"]


def test_a_folder_without_published_totals_has_none_to_show(tmp_path: Path) -> None:
    layers.write(plain.square(x_km=0, y_km=0, side_km=1, nom="A"), tmp_path / "a.geojson")
    result = run("--donnees", tmp_path, "couches", "controle")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "Aucune ligne." in result.stdout


def test_the_objects_of_a_total_add_up_to_what_is_held() -> None:
    held_by_total = {row["name"]: row["held"] for row in rows("couches controle")}
    for name in ("foncier_disponible", "chaine_des_parcs", "communes"):
        counted = [row for row in rows(f"couches controle --objets {name}") if row["status"] == "compté"]
        assert sum(row["value"] for row in counted) == pytest.approx(held_by_total[name])


def test_a_faulty_layer_exits_1_and_its_findings_go_to_standard_output(tmp_path: Path) -> None:
    file = tmp_path / "c.geojson"
    layers.write(plain.square(x_km=0, y_km=0, side_km=1, comm_insee="6211"), file)
    result = run("couches", "valider", file, "--type", "commune", "--format", "json")
    assert (result.exit_code, result.stderr) == (1, "")
    answer = json.loads(result.stdout)
    assert {"feature", "field", "rule", "level", "found", "message"} == set(answer["rows"][0])
    assert "type commune" in answer["notes"][0]
    short = json.loads(
        run("couches", "valider", file, "--type", "commune", "--resume", "--format", "json").stdout
    )
    assert sum(row["finding_count"] for row in short["rows"]) == len(answer["rows"])


def test_a_kind_of_ones_own_can_be_given_as_a_file(tmp_path: Path) -> None:
    file, kind = tmp_path / "c.geojson", tmp_path / "terrain.toml"
    layers.write(plain.square(x_km=0, y_km=0, side_km=1, code="x"), file)
    kind.write_text(
        'title = "Terrains"\ngeometry = ["Polygon"]\n[[fields]]\nname = "code"\nenum = ["a", "b"]\n',
        encoding="utf-8",
    )
    result = run("couches", "valider", file, "--type", kind)
    assert result.exit_code == 1
    assert "« x »" in result.stdout or " x " in result.stdout


@pytest.mark.parametrize(
    ("file", "rule"),
    [
        ("zae_nantes/zae.geojson", "recouvrement"),
        ("bassin_minier/zt-cavaliers.geojson", "géométrie absente"),
        ("ademe_sites_pollues_france.geojson", "zéro initial perdu"),
        ("plu/200011781_PLUi_20180101/ZONE_URBA.shp", "encodage"),
        ("plu/241800432_PLUi_20200128/241800432_ZONE_URBA_20200128.shp", "géométrie invalide"),
        ("plu/30014_PLU_20171013/30014_ZONE_URBA_20171013.shp", "recouvrement"),
    ],
)
def test_real_files_give_findings_and_never_a_traceback(file: str, rule: str, shared: Path) -> None:
    result = run("couches", "valider", shared / "data" / file, "--resume", "--format", "json")
    assert result.stderr == ""
    assert rule in {row["rule"] for row in json.loads(result.stdout)["rows"]}


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "csv", "xlsx"])
def test_a_layer_is_exported_whole(suffix: str, tmp_path: Path, catalogue: layers.Catalogue) -> None:
    file = tmp_path / f"communes.{suffix}"
    result = run("couches", "exporter", "communes", "--sortie", file)
    assert result.exit_code == 0
    sources = result.stderr
    if suffix == "xlsx":
        sources = str(openpyxl.load_workbook(file)["Sources"]["A1"].value)
    assert catalogue["communes"].vintage in sources
    if suffix == "geojson":
        back = pd.DataFrame(layers.read(file))
    elif suffix == "gpkg":
        back = pd.DataFrame(gpd.read_file(file))
        assert gpd.read_file(file).crs.to_epsg() == 2154
    elif suffix == "csv":
        back = pd.read_csv(file, sep=";", dtype=str, encoding="utf-8-sig", decimal=",")
    else:
        book = openpyxl.load_workbook(file)
        back = pd.DataFrame(book.worksheets[0].values).iloc[1:]
    assert len(back) == 150
    if suffix != "xlsx":
        assert "62119" in set(back["comm_insee"])


def test_what_must_not_be_published_is_not_exported(tmp_path: Path) -> None:
    private = [field.name for field in layers.read_kind("terrain_eco").fields if not field.publish]
    assert private
    values = dict.fromkeys(private, "2024-01-01")
    layers.write(
        plain.square(x_km=0, y_km=0, side_km=1, terr_id="T1", **values), tmp_path / "terrains.geojson"
    )
    (tmp_path / "catalogue.toml").write_text(
        '[terrains]\nfile = "terrains.geojson"\nkind = "terrain_eco"\ntitle = "Terrains"\nsource = "essai"\n'
        'licence = "essai"\nvintage = "2024"\n',
        encoding="utf-8",
    )
    for suffix in ("geojson", "csv", "gpkg"):
        file = tmp_path / f"out.{suffix}"
        result = run(
            "--donnees", tmp_path, "couches", "exporter", "terrains", "--sortie", file, "--publiable"
        )
        assert result.exit_code == 0
        assert private[0] in result.stderr
        assert private[0].encode() not in file.read_bytes()


def test_the_folder_of_data_can_come_from_the_environment(tmp_path: Path) -> None:
    layers.write(plain.square(x_km=0, y_km=0, side_km=1, nom="A"), tmp_path / "la_mienne.geojson")
    result = run("couches", "lister", ARTOIS_GEO_DONNEES=str(tmp_path))
    assert "la_mienne" in result.stdout


def test_offre_takes_a_file_and_other_columns(tmp_path: Path) -> None:
    file = tmp_path / "sites.geojson"
    frame = pd.concat(
        [
            plain.square(x_km=x, y_km=0, side_km=1, zone=zone, ha=x + 1.5)
            for x, zone in ((0, "A"), (1, "A"), (2, "B"))
        ]
    )
    layers.write(gpd.GeoDataFrame(frame, crs=2154), file)
    result = run("foncier", "offre", file, "--par", "zone", "--surface", "ha", "--format", "json")
    table = json.loads(result.stdout)
    assert [(row["zone"], row["site_count"], row["offer_ha"]) for row in table["rows"]] == [
        ("A", 2, 4.0),
        ("B", 1, 3.5),
    ]
    assert table["sources"][0]["layer"] == "sites.geojson"


def test_the_map_of_named_layers_stands_on_the_communes(tmp_path: Path) -> None:
    file = tmp_path / "c.html"
    result = run("carte", "logistique", "--sortie", file, "--titre", "Essai <b>", "--hors-ligne")
    assert (result.exit_code, result.stdout) == (0, "")
    page = file.read_text(encoding="utf-8")
    assert "<title>Essai &lt;b&gt;</title>" in page
    assert "Béthune" in page
    assert "logistique : Géométrie schématique" in result.stderr


def test_constants_are_those_in_force_on_the_day() -> None:
    assert rows("constantes lister --date 01/01/1970") == []
    early = rows("constantes lister --date 01/01/2000")
    assert all(row["since"] <= "2000-01-01" for row in early)
    assert "reduction_2021_2030" not in [row["name"] for row in early]
    names = [row["name"] for row in rows("constantes lister --date 2026-11-23")]
    assert "reduction_2021_2030" in names
    history = rows("constantes infos reduction_2021_2030")
    assert [row["value"] for row in history] == [0.5]
    assert all(row["source"] for row in history)


@pytest.mark.parametrize("word", ["écart", "ECART", "ecart"])
def test_a_word_is_found_whatever_its_accents(word: str) -> None:
    assert "gap" in [row["column"] for row in rows(f"glossaire {word}")]


def test_the_glossary_holds_the_whole_vocabulary() -> None:
    assert [row["column"] for row in rows("glossaire")] == list(vocabulary.terms())


def test_labels_of_the_commands_are_french_and_full() -> None:
    for labels in (LABELS, CONSTANT_LABELS, TERM_LABELS):
        assert all(labels.values())
        assert english(" ".join(labels.values())) == []
