"""A recipe says how the files of a partner are read; a proposed one needs hardly any line edited."""

import os
import shutil
from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from covering import mostly_long
from draws import few
from hypothesis import given, settings
from hypothesis import strategies as st

from artois_geo import layers
from artois_geo.deliveries import recipe
from artois_geo.deliveries.value_rules import ValueRules
from artois_geo.errors import UnreadableFile
from artois_geo.formats import opening
from artois_geo.kinds import commune_outlines
from artois_geo.layers import export, recipes
from artois_geo.studies.layers import importing
from artois_geo.studies.layers.requests import ImportRequest

X, Y = 680_000, 7_030_000
WORDS = ("Industrielle", "INDUSTRIE", "logistique", "mixte", "Fonderie", "")


def zones(names: list[str], **columns: list[object]) -> gpd.GeoDataFrame:
    """Fictional zones of one hectare in a row from west to east, with the columns of a partner."""
    shapes = [shapely.box(X + 200 * i, Y, X + 200 * i + 100, Y + 100) for i in range(len(names))]
    base = {
        "NOM_ZAE": names,
        "INSEE": ["62498"] * len(names),
        "COMMUNE": ["Lens"] * len(names),
        "VOCATION": ["INDUSTRIE"] * len(names),
        "ETAT": ["En activité"] * len(names),
        "GESTION": ["SIZIAF"] * len(names),
        "SURF_HA": ["1,00"] * len(names),
        "SURF_UT": ["0,80"] * len(names),
        "DATE_MAJ": ["15/03/2025"] * len(names),
        "DT_INV": ["2024"] * len(names),
        "CODE_ZAE": [f"Z{name}" for name in names],
    }
    return gpd.GeoDataFrame(base | columns, geometry=shapes, crs=2154)


def delivered(frame: gpd.GeoDataFrame, path: Path) -> Path:
    table = pd.DataFrame(frame.drop(columns="geometry")).assign(
        wkt=[f"SRID=2154;{shape.wkt}" for shape in frame.geometry]
    )
    table.to_csv(path, sep=";", index=False)
    return path


def proposed(file: Path, **settings: object) -> tuple[recipe.Recipe, str]:
    text = importing.propose(file, ImportRequest({"kind": "site_eco", **settings})).text
    return recipe.parse(text, "r.toml"), text


def imported(file: Path, folder: Path, *, trial: bool = False, **settings: object) -> importing.Imported:
    path = folder / f"{file.stem}.toml"
    if not path.is_file():
        path.write_text(proposed(file, layer="zae")[1], encoding="utf-8")
    return importing.study(file, ImportRequest(settings, recipe=path, trial=trial), folder)


def ids(folder: Path) -> dict[str, str]:
    layer = layers.read(folder / "zae.geojson")
    return dict(zip(layer["CODE_ZAE"], layer["site_id"], strict=True))


def test_what_partners_write_is_proposed_and_the_rest_is_said(tmp_path: Path) -> None:
    frame = zones(["A", "B"], VOCATION=["Fonderie", "Logistique"], TX_VAC=["12 %", "3 %"])
    recipe_read, text = proposed(delivered(frame, tmp_path / "z.csv"))
    assert recipe_read.columns["site_nom"] == "NOM_ZAE"
    assert recipe_read.columns["site_taux_vacance"] == "TX_VAC"
    assert recipe_read.rules.values["site_vocadomi"] == {
        "Fonderie": "",
        "Logistique": "entrepôts, logistique",
    }
    assert recipe_read.rules.values["site_moa_type"] == {"SIZIAF": "epci"}
    assert recipe_read.rules.constants == {"site_type": "zone d'activité économique"}
    assert recipe_read.rules.forms == {
        "site_identif_date": "AAAA",
        "site_actu_date": "JJ/MM/AAAA",
        "site_taux_vacance": "pourcentage",
    }
    assert (recipe_read.code, recipe_read.complete) == ("CODE_ZAE", True)
    assert "# NOM_ZAE" not in text
    assert text.count("à confirmer") >= 4
    assert "à compléter" in text


def test_square_metres_are_recognised_by_the_shapes(tmp_path: Path) -> None:
    file = delivered(zones(["A", "B"], SURF_HA=["10000", "10000"]), tmp_path / "z.csv")
    assert proposed(file)[0].rules.units["site_surf_brute"] == "m²"
    received = imported(file, tmp_path).delivery
    assert received.features["site_surf_brute"].tolist() == [1.0, 1.0]


def test_words_years_and_percents_become_those_of_the_standard(tmp_path: Path) -> None:
    frame = zones(["A"], TX_VAC=["12 %"])
    row = imported(delivered(frame, tmp_path / "z.csv"), tmp_path).delivery.features.iloc[0]
    assert (row["site_vocadomi"], row["site_etat"]) == ("industrielle", "existant et actif")
    assert (str(row["site_identif_date"]), str(row["site_actu_date"])) == ("2024-01-01", "2025-03-15")
    assert row["site_taux_vacance"] == 12
    assert (row["DT_INV"], row["GESTION"]) == ("2024", "SIZIAF")  # what was interpreted stays beside


@settings(max_examples=few(8))
@given(
    rows=st.lists(
        st.tuples(st.sampled_from(WORDS), st.sampled_from(["1,5", "12 %", "", "beaucoup"])),
        min_size=1,
        max_size=4,
    )
)
def test_every_cell_is_in_the_layer_or_in_a_finding(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("cellules")
    names = [f"N{number}" for number in range(len(rows))]
    frame = zones(names, VOCATION=[row[0] for row in rows], TX_VAC=[row[1] for row in rows])
    received = imported(delivered(frame, folder / "z.csv"), folder, trial=True).delivery
    findings_by_row = {(row["position"], str(row["found"])) for row in received.rows()}
    cells_of_rows = [
        {spelled(cell) for cell in row} for row in received.features.drop(columns="geometry").to_numpy()
    ]
    for position, cells in enumerate(zip(*received.raw.original.values(), strict=True)):
        for cell in cells:
            text = "" if cell is None else str(cell)
            if text and spelled(text) not in cells_of_rows[position]:
                assert (position + 1, text) in findings_by_row, cell


def spelled(cell: object) -> str:
    """Write a number in one way, and any text as it is."""
    try:
        return repr(float(str(cell).replace(",", ".")))
    except ValueError:
        return str(cell)


@settings(max_examples=few(5))
@given(order=st.permutations(range(4)))
def test_identifiers_stay_when_rows_are_shuffled_and_one_is_added(
    tmp_path_factory: pytest.TempPathFactory, order: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("identifiants")
    frame = zones(["A", "B", "C", "D"])
    imported(delivered(frame.iloc[[1, 2, 3]], folder / "z.csv"), folder)
    before = ids(folder)
    imported(delivered(frame.iloc[order], folder / "z.csv"), folder)
    after = ids(folder)
    assert {code: after[code] for code in before} == before
    assert len(set(after.values())) == 4


def test_a_code_follows_a_zone_that_is_drawn_elsewhere(tmp_path: Path) -> None:
    frame = zones(["A", "B"])
    imported(delivered(frame, tmp_path / "z.csv"), tmp_path)
    before = ids(tmp_path)
    moved = frame.set_geometry(frame.translate(500))
    imported(delivered(moved, tmp_path / "z.csv"), tmp_path)
    assert ids(tmp_path) == before


def test_a_recipe_is_taken_again_next_year_and_named_in_the_history(tmp_path: Path) -> None:
    home = tmp_path / "espace"
    home.mkdir()
    path = tmp_path / "r.toml"
    first = delivered(zones(["A"]), tmp_path / "zae_2025.csv")
    path.write_text(proposed(first, layer="zae")[1], encoding="utf-8")
    answer = importing.study(first, ImportRequest(recipe=path), home)
    assert answer.event["recipe"] == "recettes/zae.toml"
    assert (home / "recettes/zae.toml").read_bytes() == path.read_bytes()
    by_name = importing.study(delivered(zones(["A"]), tmp_path / "zae_2026.csv"), ImportRequest(), home)
    assert (by_name.recognised, by_name.layer, by_name.delivery.outcome) == ("zae.toml", "zae", "repair")
    other_name = delivered(zones(["A"]), tmp_path / "envoi.csv")
    by_columns = importing.study(other_name, ImportRequest({"kind": "site_eco"}), home)
    assert (by_columns.recognised, by_columns.layer) == ("zae.toml", "zae")
    without = importing.study(
        other_name, ImportRequest({"kind": "site_eco"}, no_recipe=True, trial=True), home
    )
    assert (without.recognised, without.delivery.outcome) == ("", "reject")


def test_a_recipe_is_written_even_for_a_refusal_with_every_option(tmp_path: Path) -> None:
    file = delivered(zones(["A"]), tmp_path / "z.csv")
    path = tmp_path / "r.toml"
    settings = {"kind": "site_eco", "set_aside": True, "title": "T"}
    request = ImportRequest(settings, pairs=("site_nom=NOM_ZAE",), recipe=path)
    answer = importing.study(file, request, tmp_path / "espace")
    assert answer.delivery.outcome == "reject"
    recipe_read = recipes.read_recipe(path)
    assert (recipe_read.columns["site_nom"], recipe_read.set_aside, recipe_read.title) == (
        "NOM_ZAE",
        True,
        "T",
    )
    assert not (tmp_path / "espace").exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('type = "site_eco"\nvres = "zae"', "ligne 2 : « vres » clé inconnue"),
        ("ecarter = 1", "ligne 1 : « ecarter » attend true ou false"),
        ('type = "quai"\n[unites]\na = 2', "ligne 3 : « a » attend un texte"),
        ("type = zae", "ligne 1"),
    ],
)
def test_a_wrong_recipe_is_refused_by_its_line(text: str, words: str) -> None:
    with pytest.raises(UnreadableFile, match=words):
        recipe.parse(text, "r.toml")


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ('[correspondance]\nsite_nmo = "NOM"', "ligne 3 : « site_nmo » n'est pas un champ .* site_nom"),
        ('[valeurs.site_vocadomi]\nX = "usine"', "ligne 3 : « X » donne « usine », hors de la liste"),
        ('[formes]\nsite_nom = "AAAA"', "ligne 3 : .*site_nom"),
        ('[unites]\nsite_nom = "ha"', "ligne 3 : .*unité « ha » inapplicable"),
    ],
)
def test_a_recipe_that_does_not_fit_its_kind_is_refused_by_its_line(
    tmp_path: Path, lines: str, words: str
) -> None:
    path = tmp_path / "r.toml"
    path.write_text(f'type = "site_eco"\n{lines}\n', encoding="utf-8")
    file = delivered(zones(["A"]), tmp_path / "z.csv")
    with pytest.raises(UnreadableFile, match=words):
        importing.study(file, ImportRequest(recipe=path), tmp_path)


@given(text=st.text(max_size=20))
def test_a_recipe_reads_back_whatever_texts_it_holds(text: str) -> None:
    usable = "".join(letter for letter in text if not "\ud800" <= letter <= "\udfff")
    rules = ValueRules({"b": usable}, {"c": {usable: usable}}, {"a": "ha"}, {"e": "AAAA"})
    recipe_read = recipe.Recipe(kind="x", title=usable, columns={"a": usable}, rules=rules, complete=True)
    notes = recipe.Notes((usable,), {("", "titre"): usable, ("valeurs.c", usable): usable})
    assert recipe.parse(recipe.text_of(recipe_read, notes), "r.toml") == recipe_read


def test_a_code_borne_twice_costs_the_object_whose_commune_it_does_not_bear(tmp_path: Path) -> None:
    frame = zones(["A", "B"], CODE_ZAE=["62498-1", "62498-1"], INSEE=["62274", "62498"])
    received = imported(
        delivered(frame, tmp_path / "z.csv"), tmp_path, set_aside=True, code="CODE_ZAE"
    ).delivery
    assert received.aside == (0,)
    assert [row["rule"] for row in received.rows() if row["level"] == "erreur"] == ["code en double"]


def test_a_delivery_with_objects_set_aside_is_opened_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = zones(["A", "B"]).assign(site_id=["1", "62498_SITE-ECO_1"]).to_crs(4326)
    frame.to_file(tmp_path / "z.geojson")
    opened: list[str] = []
    door = opening.opened
    monkeypatch.setattr(
        opening,
        "opened",
        lambda path, *more_args, **more: (opened.append(path.name), door(path, *more_args, **more))[1],
    )
    columns = ("site_nom=NOM_ZAE", "site_comm_insee=INSEE", "site_comm_nom=COMMUNE")
    request = ImportRequest({"kind": "site_eco", "set_aside": True, "incomplete": True}, pairs=columns)
    answer = importing.study(tmp_path / "z.geojson", request, tmp_path / "espace")
    assert (answer.delivery.aside, opened) == ((0,), ["z.geojson"])
    assert "Lens" in (tmp_path / "espace/site_eco.rejets.geojson").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "names",
    [
        ("insee", "nom"),
        ("INSEE_COM", "NOM"),
        ("code", "nom"),
        ("code_insee", "nom_officiel"),
        ("COM", "Libellé"),
    ],
)
def test_outlines_of_communes_are_taken_under_the_names_of_public_files(names: tuple[str, str]) -> None:
    towns = gpd.GeoDataFrame({names[0]: ["62498"], names[1]: ["Lens"]}, geometry=[shapely.box(0, 0, 1, 1)])
    assert commune_outlines(towns)[["comm_insee", "comm_nom"]].values.tolist() == [["62498", "Lens"]]


# --- a partner's shapefile in CC50, as its expected.md says

VARIANTS = {
    "as delivered": {},
    "NOM/CODE_INSEE/TYPE": {"NOM_ZAE": "NOM", "INSEE": "CODE_INSEE", "VOCATION": "TYPE"},
    "libelle/insee_com/destination": {
        "NOM_ZAE": "libelle",
        "INSEE": "insee_com",
        "VOCATION": "destination",
        "ETAT": "statut",
        "SURF_HA": "superficie",
    },
    "capitals and dates as 2024-01-31": {"NOM_ZAE": "NOM_ZONE", "DATE_MAJ": "DT_MAJ"},
}


@pytest.mark.parametrize(
    "variant", mostly_long(VARIANTS, "libelle/insee_com/destination", "capitals and dates as 2024-01-31")
)
def test_the_partner_of_cc50_is_imported_with_two_lines_edited(
    shared: Path, tmp_path: Path, variant: str
) -> None:
    folder = tmp_path / "livraison"
    shutil.copytree(shared / "cases/partenaire_cc50", folder)
    for file in (folder, *folder.iterdir()):
        os.chmod(file, 0o755)
    file = folder / "ZAE_CABBALR_2025.shp"
    if VARIANTS[variant]:
        frame = gpd.read_file(file, encoding="cp1252").rename(columns=VARIANTS[variant])
        if "DT_MAJ" in frame:
            capitals = ["NOM_ZONE", "COMMUNE", "VOCATION", "ETAT", "GESTION"]
            frame = frame.assign(DT_MAJ="2024-01-31", DT_INV="2024-01-31")
            frame[capitals] = frame[capitals].apply(lambda column: column.str.upper())
        frame.to_file(file, encoding="cp1252")
    text = proposed(file, layer="zae")[1]
    communes = (shared / "data/artois_communes_2026.geojson").as_posix()
    edited = text.replace("ecarter = false", "ecarter = true").replace(
        'communes = ""', f'communes = "{communes}"'
    )
    changed = [
        pair for pair in zip(text.splitlines(), edited.splitlines(), strict=True) if len(set(pair)) > 1
    ]
    assert len(changed) == 2
    path = tmp_path / "r.toml"
    path.write_text(edited, encoding="utf-8")
    answer = importing.study(file, ImportRequest(recipe=path), tmp_path / "espace")
    received = answer.delivery
    zae = layers.read(tmp_path / "espace/zae.geojson")
    exported = export.write_standard(
        zae,
        "site_eco",
        tmp_path,
        norm="cnig-sites-economiques",
        on=date(2026, 11, 30),
        names={"siren": "200072460"},
    )
    assert (exported.path.name, exported.count) == ("fr-200072460-SITE-ECO20261130.csv", 11)
    assert (received.counted, len(received.features), received.aside) == (12, 11, (11,))
    rules = {(row["position"], row["rule"]) for row in received.rows()}
    assert {
        (12, "code en double"),
        (11, "même géométrie"),
        (12, "commune"),
        (3, "géométrie réparée"),
    } <= rules
    far = next(row for row in received.rows() if row["rule"] == "commune")
    assert (far["found"], "46,3 km" in far["message"]) == ("62274", True)
    assert not received.features["site_etat"].isna().any()
    assert set(received.features["site_vocadomi"]) == {
        "industrielle",
        "mixte",
        "tertiaire",
        "entrepôts, logistique",
        "artisanale",
        "commerciale",
    }
