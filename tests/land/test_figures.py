"""One site, one figure: the same hectares in tables, files, sentences, charts, sheets, cards and packs."""

import html
import io
import json
import re
from pathlib import Path

import openpyxl
import pandas as pd
import plain
import pytest
from cli_runner import run

from artois_geo import land, layers, packs
from artois_geo.studies.land import rules, wording

RULES = """
[options]
largeur_min_m = 20

[[contrainte]]
nom = "crue"
couche = "crue.geojson"
source = "essai"

[[contrainte]]
nom = "mur"
couche = "mur.geojson"
"""
LEVE = 76.63  # 100 ha, less 21.37 flooded, a wall of 1.2, and a strip of 8 m beside it: 0.8
DRAWN = re.compile(r"\b(39[.,]5\d*|24[.,]49\d*)\b")  # of the sketch, where it is drawn: never to be read
CATALOGUE = {"sites": "site_eco", "communes": "commune", "foncier": "terrain_eco"}


def sites() -> pd.DataFrame:
    """A surveyed site of 100 ha, and 20 km east a sketch of 64 ha whose place is known within 300 m."""
    columns = {"site_comm_insee": "62001", "site_comm_nom": "Ville", "site_epci_siren": "200000001"}
    columns |= {
        "epci_sigle": "E",
        "site_epci_nom": "Essai",
        "famille": "parc",
        "est_sous_site": False,
        "source": "essai",
    }
    surveyed = {"geometrie": "levée", "precision_m": None, "site_surf_brute": 100.0}
    leve = plain.square(x_km=0, y_km=0, side_km=1, site_id="L", site_nom="Levé", **surveyed)
    sketched = {"geometrie": "schématique", "precision_m": 300.0, "site_surf_brute": 64.0}
    sketch = plain.square(x_km=20, y_km=0, side_km=0.8, site_id="E", site_nom="Esquisse", **sketched)
    return pd.concat([leve, sketch], ignore_index=True).assign(**columns)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder_path = tmp_path_factory.mktemp("chiffres")
    flood = [plain.rectangle(x_km=0.7863, y_km=0, width_km=1, height_km=1)]
    flood += [plain.rectangle(x_km=20 + 0.8 * 0.6173, y_km=-5, width_km=5, height_km=10)]
    town = plain.square(x_km=-5, y_km=-5, side_km=40, comm_insee="62001", comm_nom="Ville", surface_ha=1.0)
    town = town.assign(epci_siren="200000001", epci_sigle="E", epci_nom="Essai")
    land = sites()[["site_id", "geometry"]].assign(
        terr_id=["fL", "fE"], site_nom=["Terrain A", "Terrain B"], terr_surf_brute=None, source="essai"
    )
    frames = {"sites": sites(), "communes": town, "foncier": land.assign(compte_dans_total=False)}
    frames |= {"crue": pd.concat(flood, ignore_index=True)}
    frames |= {"mur": plain.rectangle(x_km=0.008, y_km=0, width_km=0.012, height_km=1)}
    for name, frame in frames.items():
        layers.write(frame, folder_path / f"{name}.geojson")
    layer_fields = 'title = "T"\nsource = "essai"\nlicence = "essai"\nvintage = "2026"\n'
    entries = [f'[{name}]\nfile = "{name}.geojson"\nkind = "{kind}"\n' for name, kind in CATALOGUE.items()]
    (folder_path / "catalogue.toml").write_text(layer_fields.join([*entries, ""]), encoding="utf-8")
    (folder_path / "regles.toml").write_text(RULES, encoding="utf-8")
    return folder_path


def test_the_figure_that_must_not_be_read_is_what_the_drawing_would_give(folder: Path) -> None:
    flood = layers.read(folder / "crue.geojson")
    available = land.available(sites().assign(geometrie="levée"), flood, min_width_m=20)
    assert DRAWN.search(f"{available['available_ha'].iloc[1]:.2f}")
    assert DRAWN.search(f"{available['lost_ha'].iloc[1]:.2f}")


def output(folder: Path, *words: object) -> str:
    result = run("--donnees", folder, *words)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def rows(folder: Path, *words: object) -> pd.DataFrame:
    read = pd.DataFrame(json.loads(output(folder, *words, "--format", "json"))["rows"])
    return read.set_index("site_nom" if "site_nom" in read else "site")


def text(page: str) -> str:
    bare = html.unescape(re.sub(r"<[^>]*>", " ", page)).replace("\u202f", " ").replace("\u00a0", " ")
    return re.sub(r"\s+", " ", bare)


@pytest.fixture(scope="module")
def land_words(folder: Path) -> tuple[object, ...]:
    return (folder / "sites.geojson", "--regles", folder / "regles.toml")


@pytest.fixture(scope="module")
def bounds(folder: Path, land_words: tuple[object, ...]) -> tuple[int, int]:
    row = rows(folder, "foncier", "disponible", *land_words).loc["Esquisse"]
    assert row[["available_ha", "lost_ha", "net_ha"]].isna().all()
    assert (row["gross_ha"], row["gross_origin"]) == (64, "publiée")
    low, high = int(row["available_low_ha"]), int(row["available_high_ha"])
    assert 15 < low < 30 < 50 < high < 64  # drawn, 39.5 ha are free; a step of 300 m is worth 24 ha
    return low, high


# ------------------------------------------------------------------------------------------ the commands
def test_the_table_and_every_file_hold_the_figure_of_the_surveyed_site(
    folder: Path, land_words: tuple[object, ...]
) -> None:
    (line,) = [
        row for row in output(folder, "foncier", "disponible", *land_words).splitlines() if "Levé" in row
    ]
    assert "76,63" in line
    row = rows(folder, "foncier", "disponible", *land_words).loc["Levé"]
    same = ["available_ha", "net_ha", "high_ha", "available_low_ha", "available_high_ha", "largest_ha"]
    assert row[same].tolist() == [row["available_ha"]] * 6
    assert row["available_ha"] == pytest.approx(LEVE, abs=1e-3)
    collection = json.loads(output(folder, "foncier", "disponible", *land_words, "--format", "geojson"))
    rows_by_site = {entry["properties"]["site_nom"]: entry["properties"] for entry in collection["features"]}
    assert rows_by_site["Levé"]["available_ha"] == row["available_ha"]
    flat = output(folder, "foncier", "disponible", *land_words, "--format", "csv-brut")
    assert pd.read_csv(io.StringIO(flat)).set_index("site_nom")["available_ha"]["Levé"] == row["available_ha"]


def test_the_waterfall_the_sentence_and_the_chart_end_where_the_available_land_ends(
    folder: Path, land_words: tuple[object, ...], tmp_path: Path
) -> None:
    available_ha = rows(folder, "foncier", "disponible", *land_words).loc["Levé", "available_ha"]
    steps = rows(folder, "foncier", "pertes", *land_words).loc["Levé"]
    assert steps["constraint"].tolist() == ["crue", "mur", "Morceaux trop petits ou trop étroits"]
    assert steps["marginal_ha"].tolist() == pytest.approx([21.37, 1.2, 0.8], abs=1e-3)
    assert steps["remaining_ha"].iloc[-1] == available_ha
    sentence = rows(folder, "foncier", "pertes", *land_words, "--phrases").loc["Levé", "sentence"]
    assert sentence == (
        "Levé : 100,0 ha bruts − 21,4 crue − 1,2 mur − 0,8 morceaux trop petits ou trop étroits = 76,6 ha."
    )
    output(folder, "foncier", "pertes", *land_words, "--site", "Levé", "--graphique", tmp_path / "l.svg")
    chart = text((tmp_path / "l.svg").read_text(encoding="utf-8"))
    assert "Morceaux trop petits ou trop étroits − 0,8 ha" in chart
    assert "Disponible 76,6 ha" in chart


def test_a_sketch_has_its_interval_everywhere_and_no_figure(
    folder: Path, land_words: tuple[object, ...], bounds: tuple[int, int], tmp_path: Path
) -> None:
    interval = f"{bounds[0]} à {bounds[1]}"
    table = output(folder, "foncier", "disponible", *land_words)
    assert re.search(rf"Esquisse\s+64\s+{interval}", table)
    assert "Positions connues à 300 m près : lire les intervalles, pas les décimales." in table
    assert "déplacements : 200, centile bas : 5, centile haut : 95 (convention du projet)" in table
    losses = output(folder, "foncier", "pertes", *land_words)
    assert re.search(rf"Esquisse(\s+–){{4}}\s+{interval}", losses)
    row = rows(folder, "foncier", "pertes", *land_words).loc["Esquisse"]
    assert row[["available_low_ha", "available_high_ha"]].tolist() == list(bounds)
    sentence = rows(folder, "foncier", "pertes", *land_words, "--phrases").loc["Esquisse", "sentence"]
    assert sentence.startswith(f"Esquisse : 64 ha publiés, {interval} ha disponibles (tracé schématique")
    output(folder, "foncier", "pertes", *land_words, "--site", "Esquisse", "--graphique", tmp_path / "e.svg")
    assert f"Disponible {interval} ha" in text((tmp_path / "e.svg").read_text(encoding="utf-8"))
    for form in ("csv", "csv-brut", "json", "geojson", "tableau"):
        for command in (("disponible",), ("pertes",)):
            if (command, form) != (("pertes",), "geojson"):
                assert not DRAWN.search(output(folder, "foncier", *command, *land_words, "--format", form))
    result = run(
        "--donnees", folder, "foncier", "disponible", *land_words, "--etats", tmp_path / "etats.geojson",
        "--carte", tmp_path / "carte.html", "--sortie", tmp_path / "table.xlsx",
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    states = layers.read(tmp_path / "etats.geojson").set_index("site_nom")
    assert states.loc[["Esquisse"], "state"].tolist() == ["inconnu"]
    assert states.loc[["Esquisse"], "area_ha"].isna().all()
    page = (tmp_path / "carte.html").read_text(encoding="utf-8")
    assert f"{interval} ha" in page
    assert not DRAWN.search(page)
    book = openpyxl.load_workbook(tmp_path / "table.xlsx")
    cells = [cell.value for sheet in book for line in sheet.iter_rows() for cell in line]
    assert set(bounds) <= set(cells)
    assert not [value for value in cells if DRAWN.search(str(value))]


def test_totals_of_the_command_are_those_of_one_union(folder: Path, land_words: tuple[object, ...]) -> None:
    # The surveyed site, twice: the sum is 200 ha, the ground 100.
    twice = pd.concat([sites().iloc[[0]]] * 2, ignore_index=True).assign(site_id=["a", "b"])
    layers.write(twice, folder / "deux.geojson")
    table = output(folder, "foncier", "disponible", folder / "deux.geojson", *land_words[1:])
    assert "Somme des sites : 200,0 ha bruts." in table
    assert (
        "Sites emboîtés : 100,0 ha comptés plusieurs fois ; sans double compte, 100,0 ha bruts dont 76,6 "
        "disponibles." in table
    )


@pytest.mark.parametrize(
    ("low", "high", "distance"),
    [(600, 3000, "0,6–3 km"), (3000, 3000, "3 km"), (50, 300, "50–300 m"), (1500, 1500, "1,5 km")],
)
def test_how_far_positions_are_known_is_told_in_one_unit(low: float, high: float, distance: str) -> None:
    frame = pd.DataFrame({"geometrie": "schématique", "precision_m": [low, high], "gross_origin": "publiée"})
    lines = wording.doubts(frame.assign(schematic=True))
    assert lines[0] == f"Positions connues à {distance} près : lire les intervalles, pas les décimales."


# ------------------------------------------------------------------------------------- sheets, map, pack
def test_the_whole_pack_holds_no_second_figure(folder: Path, bounds: tuple[int, int], tmp_path: Path) -> None:
    rules = folder / "regles.toml"
    output(folder, "simi", "--contraintes", rules, "--sans-pdf", "--sortie", tmp_path / "simi")
    files = [path for path in (tmp_path / "simi").rglob("*") if path.suffix != ".xlsx" and path.is_file()]
    pages = {path.name: path.read_text(encoding="utf-8") for path in files}
    for name, page in pages.items():
        assert not DRAWN.search(re.sub(r"data:[^\"')]*", "", page) if name.endswith("html") else page), name
    for lang, between, comma in (("fr", "à", ","), ("en", "to", ".")):
        sketch, leve = text(pages[f"e.{lang}.html"]), text(pages[f"l.{lang}.html"])
        interval = f"{bounds[0]} {between} {bounds[1]}"
        assert sketch.count(interval) >= 2, sketch  # the figure and the chart
        assert not re.search(r"\b\d+[.,]\d+ ha\b", sketch)  # nothing there is measured
        figures = {value for value in re.findall(r"\b(\d+[.,]\d+)\b", leve) if value.startswith(("76", "77"))}
        assert figures == {f"76{comma}6", f"76{comma}63", f"77{comma}43"}  # 77.43: before the shape
        assert f"{bounds[0]} {between} {bounds[1]} ha" in pages["carte.html"]
    assert '"available_ha":76.63' in pages["carte.html"] or "76.63" in pages["carte.html"]


def test_the_sheet_of_a_territory_adds_bounds_and_says_so(folder: Path, bounds: tuple[int, int]) -> None:
    sheet = folder / "epci.html"
    output(folder, "fiche", "--epci", "E", "--contraintes", folder / "regles.toml", "--sortie", sheet)
    page = text(sheet.read_text(encoding="utf-8"))
    low, high = (round(LEVE + bound) for bound in bounds)
    assert f"Sites étudiés : 2 ; 164,0 ha bruts, {low} à {high} ha hors contraintes." in page
    assert "bornes des sites additionnées" in page


def test_the_card_of_a_sketch_tells_its_interval_in_both_languages(
    folder: Path, bounds: tuple[int, int]
) -> None:
    catalogue_data = packs.read_catalogue_data(layers.read_catalogue(folder))
    constraints = rules.read(
        folder / "regles.toml", catalogue_data.catalogue, on=pd.Timestamp("2026-12-08").date()
    ).constraints
    studied = packs.study_of(catalogue_data, on=pd.Timestamp("2026-12-08").date(), constraints=constraints)
    cards = packs.with_study(catalogue_data.frames, catalogue_data, studied)["sites"].set_index("site_id")
    low, high = bounds
    assert cards.loc["E", "available_range"] == f"{low} à {high} ha"
    assert cards.loc["E", "available_range_en"] == f"{low} to {high} ha"
    assert pd.isna(cards.loc["E", "available_ha"])
    assert cards.loc["L", "available_ha"] == pytest.approx(LEVE, abs=1e-3)
    assert studied.figures["available_ha"].dropna().index.tolist() == ["L"]
