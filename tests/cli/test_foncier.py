"""The commands on land: what they print, what they keep, what they refuse."""

import json
from contextlib import chdir
from pathlib import Path

import plain
import pytest
from blocks import block, stack
from cli_runner import Runner
from click.testing import Result

from artois_geo import layers
from artois_geo.cli import root


def run(folder: Path, *words: str) -> Result:
    with chdir(folder):  # where the planner's files are
        return Runner().invoke(root, words, prog_name="artois-geo")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """20 ha; 4 ha of flood and 2 ha of power line that share 0.4; a survey of the western 60 %."""
    folder_path = tmp_path_factory.mktemp("planner")
    layers.write(
        block(x_m=0, y_m=0, width_m=500, height_m=400, site_nom="Les Hauts"), folder_path / "sites.geojson"
    )
    zones = stack(
        block(x_m=0, y_m=0, width_m=100, height_m=400, zone="rouge"),
        block(x_m=300, y_m=0, width_m=100, height_m=400, zone="blanc"),
    )
    layers.write(zones, folder_path / "ppri.geojson")
    layers.write(block(x_m=0, y_m=100, width_m=500, height_m=40), folder_path / "ligne.geojson")
    layers.write(block(x_m=-10, y_m=-10, width_m=310, height_m=500), folder_path / "etude.geojson")
    rules = '[[contrainte]]\nnom = "inondation"\ncouche = "ppri.geojson"\nfiltre = { zone = ["rouge"] }\n'
    rules += 'source = "PPRI"\n[[contrainte]]\nnom = "ligne"\ncouche = "ligne.geojson"\n'
    (folder_path / "contraintes.toml").write_text(rules, encoding="utf-8")
    covered = rules.replace('source = "PPRI"', 'couverture = "etude.geojson"')
    (folder_path / "couvert.toml").write_text(covered, encoding="utf-8")
    return folder_path


def rows(result: Result) -> list[dict]:
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)["rows"]


def test_a_run_can_be_repeated_from_its_output(folder):
    first = run(
        folder, "foncier", "disponible", "sites.geojson", "--regles", "contraintes.toml", "--sortie", "a.json"
    )
    assert first.exit_code == 0, first.stderr
    again = run(folder, "foncier", "disponible", "sites.geojson", "--regles", "a.json", "--sortie", "b.json")
    assert again.exit_code == 0, again.stderr
    assert (folder / "a.json").read_bytes() == (folder / "b.json").read_bytes()
    row = json.loads((folder / "a.json").read_text(encoding="utf-8"))["rows"][0]
    assert row["available_ha"] == pytest.approx(14.4, abs=1e-3)


def test_a_layer_that_changed_since_is_said(folder):
    available = run(
        folder, "foncier", "disponible", "sites.geojson", "--regles", "contraintes.toml", "--format", "json"
    )
    record = json.loads(available.stdout)
    record["entrees"]["ligne.geojson"] = "0" * 64
    (folder / "old.json").write_text(json.dumps(record), encoding="utf-8")
    again = run(folder, "foncier", "disponible", "sites.geojson", "--regles", "old.json")
    assert "La couche « ligne.geojson » a changé" in again.stdout


def test_unknown_ground_and_the_three_states(folder):
    words = ("foncier", "disponible", "sites.geojson", "--regles", "couvert.toml", "--format", "json")
    row = rows(run(folder, *words, "--etats", "etats.geojson"))[0]
    # West of 300 m: 12 - 4 - 0.8 = 7.2 ha known; east: 8 - 0.8 = 7.2 ha that nobody surveyed.
    assert row["available_ha"] == pytest.approx(7.2, abs=1e-3)
    assert row["unknown_ha"] == pytest.approx(7.2, abs=1e-3)
    states = layers.read(folder / "etats.geojson")
    assert sorted(states["state"]) == ["disponible", "exclu", "inconnu"]


def test_a_site_without_outline_is_left_out_and_named(folder):
    both = stack(layers.read(folder / "sites.geojson"), plain.point(x_km=1, y_km=1, site_nom="Le Puits"))
    layers.write(both, folder / "mixed.geojson")
    result = run(folder, "foncier", "disponible", "mixed.geojson", "--regles", "contraintes.toml")
    assert "1 site sans contour, non mesuré : Le Puits." in result.stdout


def test_the_map_holds_the_three_states_apart(folder):
    words = ("foncier", "disponible", "sites.geojson", "--regles", "couvert.toml", "--carte", "etats.html")
    assert run(folder, *words).exit_code == 0
    page = (folder / "etats.html").read_text(encoding="utf-8")
    assert all(title in page for title in ("Disponible : ", "inconnu : ", "retirés"))


def test_the_sobriety_profile_is_drawn_never_summed(folder):
    (folder / "sobre.csv").write_text("nom;jobs_per_ha\nSIZIAF;20\n", encoding="utf-8")
    words = ("foncier", "classer", "sobre.csv", "--profil", "sobriete", "--format", "json")
    (row,) = rows(run(folder, *words, "--site", "SIZIAF", "--graphique", "sobre.svg"))
    assert row["emploi"] == 50
    assert row["forme"] is None
    assert "score" not in row
    assert "inconnu" in (folder / "sobre.svg").read_text(encoding="utf-8")


def test_losses_as_table_sentence_and_chart(folder):
    words = ("foncier", "pertes", "sites.geojson", "--regles", "contraintes.toml", "--format", "json")
    table = rows(run(folder, *words))
    assert [row["marginal_ha"] for row in table] == pytest.approx([4, 1.6], abs=1e-3)
    (loss,) = rows(run(folder, *words, "--phrases"))
    assert loss["sentence"].endswith("− 3,6 inondation − 1,6 ligne − 0,4 les deux à la fois = 14,4 ha.")
    rows(run(folder, *words, "--site", "Les Hauts", "--graphique", "cascade.svg"))
    chart = (folder / "cascade.svg").read_text(encoding="utf-8")
    assert "14,4 ha" in chart
    assert "inondation" in chart


def test_a_ranking_says_its_fragility(folder):
    (folder / "sites.csv").write_text("nom;net_ha;an\nA;10,5;2026\nB;12;2027\nC;30;2031\n", encoding="utf-8")
    criteria = '[[critere]]\ncolonne = "net_ha"\npire = 0\nmeilleur = 20\n'
    criteria += '[[critere]]\ncolonne = "an"\npire = 2036\nmeilleur = 2026\n'
    criteria += '[[veto]]\ncolonne = "an"\ntest = ">"\nvaleur = 2030\nlibelle = "trop tard"\n'
    (folder / "criteres.toml").write_text(criteria, encoding="utf-8")
    words = ("foncier", "classer", "sites.csv", "--criteres", "criteres.toml", "--tirages", "500")
    ranked = {row["site"]: row for row in rows(run(folder, *words, "--format", "json"))}
    # A (52.5 + 100) / 2 = 76.25; B (60 + 90) / 2 = 75; C stands apart.
    assert ranked["A"]["score"] == pytest.approx(76.25)
    assert (ranked["A"]["rank"], ranked["B"]["rank"], ranked["C"]["rank"]) == (1, 2, None)
    assert ranked["C"]["veto"] == "trop tard"
    assert "1ᵉʳ dans" in ranked["A"]["said"]
    output = run(folder, *words).stdout
    assert "le premier devient B" in output
    assert "Le premier change si" in output


@pytest.fixture(scope="module")
def half_known(folder) -> Path:
    """Three sites, one of them drawn for show; frontage and largest piece are 45 % of the canal profile."""
    sites = stack(
        block(x_m=0, y_m=0, width_m=100, height_m=100, site_nom="Quai", frontage_m=185.0, largest_ha=1.0),
        block(x_m=500, y_m=0, width_m=100, height_m=100, site_nom="Hors", frontage_m=0.0, largest_ha=15.0),
        block(x_m=900, y_m=0, width_m=100, height_m=100, site_nom="Disque", frontage_m=0.0, largest_ha=15.0),
    )
    layers.write(sites.assign(geometrie=["levée", "levée", "schématique"]), folder / "eau.geojson")
    return folder


def test_a_profile_known_below_half_of_its_weight_has_intervals_and_no_first(half_known):
    words = ("foncier", "classer", "eau.geojson", "--profil", "industrie_canal")
    result = run(half_known, *words, "--format", "json")
    rows_by_site = {row["site"]: row for row in rows(result)}
    assert [row["rank"] for row in rows_by_site.values()] == [None, None, None]
    assert [row["score"] for row in rows_by_site.values()] == [None, None, None]
    assert "first_share" not in rows_by_site["Quai"]
    # The disc measures no frontage: its false 0 no longer sinks it.
    assert (rows_by_site["Disque"]["score_low"], rows_by_site["Disque"]["score_high"]) == (0, 100)
    assert rows_by_site["Disque"]["said"] == "Hors classement : aucun critère connu."
    output = run(half_known, *words).stdout
    assert "Critères connus à 45,0 % du poids : le classement ne départage pas les sites." in output
    assert "1 site sur 3 sans rang : aucun critère connu." in output
    assert "Tracé schématique pour 1 site sur 3, à ne pas mesurer. « façade sur la voie d'eau »," in output
    assert "« plus grand morceau d'un seul tenant » : critères comptés comme inconnus." in output
    assert "ne change le premier" not in output
    assert "pondérations" not in output


def test_a_ranking_is_written_as_geojson_and_drawn(half_known):
    words = ("foncier", "classer", "eau.geojson", "--profil", "renaturation", "--carte", "rang.html")
    assert run(half_known, *words).exit_code == 0
    assert "Aucun critère connu" in (half_known / "rang.html").read_text(encoding="utf-8")
    criteria = '[[critere]]\ncolonne = "largest_ha"\npire = 0\nmeilleur = 20\nlibelle = "morceau"\n'
    (half_known / "morceau.toml").write_text(criteria, encoding="utf-8")
    words = ("foncier", "classer", "eau.geojson", "--criteres", "morceau.toml", "--carte", "rang.html")
    collection = json.loads(run(half_known, *words, "--format", "geojson").stdout)
    assert [feature["properties"]["site"] for feature in collection["features"]] == ["Hors", "Quai", "Disque"]
    assert collection["features"][0]["geometry"]["type"] == "Polygon"
    assert collection["poids_critiques"][0]["below"] is None
    page = (half_known / "rang.html").read_text(encoding="utf-8")
    heads = ("Premier tiers : rang 1", "Deuxième tiers : rang 2", "Aucun critère connu")
    assert all(head in page for head in heads)


def test_a_table_without_shapes_is_not_drawn(folder):
    (folder / "plat.csv").write_text("nom;largest_ha\nA;3\n", encoding="utf-8")
    words = ("foncier", "classer", "plat.csv", "--profil", "industrie_canal", "--carte", "rang.html")
    result = run(folder, *words)
    assert result.exit_code == 1
    assert "plat.csv n'a pas de formes à dessiner" in result.stderr


def test_vacancy_and_its_publishable_inventory(folder):
    (folder / "uf.csv").write_text(
        "unit_id;site_id;unit_ha;owner_type\nU1;Z;1,5;personne physique\nU2;Z;2,5;commune\n", encoding="utf-8"
    )
    (folder / "etab.csv").write_text(
        "unit_id;active;closed_on;nom;tranche\nU1;non;2020-01-31;Jean Petit;03\nU2;oui;;Dupont SA;21\n",
        encoding="utf-8",
    )
    words = ("uf.csv", "--etablissements", "etab.csv", "--au", "2026-01-01", "--format", "json")
    (rate,) = rows(run(folder, "zae", "vacance", *words))
    assert (rate["vacancy_share"], rate["vacancy_area_share"], rate["site_taux_vacance"]) == (0.5, 0.375, 50)
    output = run(folder, "zae", "inventaire", *words, "--publiable").stdout
    assert "Petit" not in output
    (jobs,) = rows(run(folder, "zae", "inventaire", *words, "--emplois"))
    assert (jobs["jobs_low"], jobs["jobs_high"]) == (50, 99)


def test_jobs_of_who_closed_after_the_day_are_counted_as_its_occupation_is(folder):
    (folder / "uf.csv").write_text("unit_id;site_id;unit_ha;owner_type\nU1;Z;1,5;commune\n", encoding="utf-8")
    (folder / "etab.csv").write_text(
        "unit_id;active;closed_on;nom;tranche\nU1;non;2026-03-01;Dupont SA;21\nU1;non;2020-01-31;Petit;11\n",
        encoding="utf-8",
    )
    words = ("uf.csv", "--etablissements", "etab.csv", "--au", "2026-01-01", "--format", "json")
    (unit,) = rows(run(folder, "zae", "inventaire", *words))
    assert (unit["state"], unit["active_count"], unit["occupants"]) == ("occupée", 1, "Dupont SA")
    (jobs,) = rows(run(folder, "zae", "inventaire", *words, "--emplois"))
    assert (jobs["jobs_low"], jobs["jobs_high"]) == (50, 99)


def test_densification_keeps_theoretical_and_mobilisable_apart(folder):
    plot = block(x_m=0, y_m=0, width_m=100, height_m=80, id="62498000AB0001", usage="bureaux")
    layers.write(plot, folder / "parcelles.geojson")
    layers.write(block(x_m=0, y_m=20, width_m=40, height_m=30), folder / "batiments.geojson")
    words = (
        "foncier",
        "densifier",
        "parcelles.geojson",
        "batiments.geojson",
        "--ces-max",
        "0,5",
        "--format",
        "json",
    )
    (unit,) = rows(run(folder, *words, "--garder", "usage"))
    assert (unit["unit_id"], unit["parcels"]) == ("UF-62498000AB0001", "62498000AB0001")
    assert unit["usage"] == "bureaux"
    assert unit["theoretical_ha"] == pytest.approx(0.5216, abs=1e-3)
    assert unit["mobilisable_ha"] == pytest.approx(2 / 3 * unit["theoretical_ha"])
    assert unit["reserve_m2"] == pytest.approx(2800, abs=1)


@pytest.fixture(scope="module")
def survey(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Path:
    """Three files of the same parcels: as surveyed, with one more in front, in another order."""
    folder_path, case = tmp_path_factory.mktemp("survey"), shared / "cases" / "unites_renumerotees"
    for name in ("q1", "q2", "q3"):
        words = (f"{case}/{name}.geojson", f"{case}/qb.geojson", "--sites", f"{case}/z.geojson")
        assert run(folder_path, "foncier", "densifier", *words, "--sortie", f"{name}.json").exit_code == 0
    # The answers of the case, on the units of q1 in their order.
    units = [
        row["unit_id"] for row in json.loads((folder_path / "q1.json").read_text(encoding="utf-8"))["rows"]
    ]
    text = old = (case / "etab.csv").read_text(encoding="utf-8")
    for number, unit in enumerate(units, start=1):
        text = text.replace(f"UF{number:06d}", unit)
    (folder_path / "etab.csv").write_text(text, encoding="utf-8")
    (folder_path / "ancien.csv").write_text(old, encoding="utf-8")
    (folder_path / "parcelle.csv").write_text(text.replace("UF-", ""), encoding="utf-8")
    return folder_path


@pytest.mark.parametrize(("name", "share"), [("q1", 66.7), ("q2", 57.1), ("q3", 66.7)])
def test_vacancy_follows_the_parcels_and_not_their_order_in_the_file(survey, name, share):
    words = ("zae", "vacance", f"{name}.json", "--au", "2026-01-01", "--format", "json", "--etablissements")
    (rate,) = rows(run(survey, *words, "etab.csv"))
    assert round(100 * rate["vacancy_area_share"], 1) == share
    # A table that names parcels is attached to the units that hold them, and says so.
    result = run(survey, *words, "parcelle.csv", "--rattacher")
    assert rows(result) == [rate]
    assert "parcelle.csv : 3 réponses rattachées" in result.stdout


def test_answers_that_name_no_unit_are_refused_with_what_to_do(survey):
    words = ("zae", "vacance", "q1.json", "--au", "2026-01-01", "--etablissements")
    result = run(survey, *words, "ancien.csv")
    assert result.exit_code == 1
    assert "ancien.csv : 3 réponses sur 3 sans unité foncière : UF000001, UF000002" in result.stderr
    assert "par exemple UF-99001000AA0001" in result.stderr
    result = run(survey, *words, "parcelle.csv")
    assert result.exit_code == 1
    assert "99001000AA0002 → UF-99001000AA0002" in result.stderr
    assert "--rattacher" in result.stderr


def test_a_missing_column_is_named_with_the_file_of_the_reader(survey):
    words = ("zae", "inventaire", "q1.json", "--etablissements", "etab.csv", "--au", "2026-01-01")
    result = run(survey, *words)
    assert result.exit_code == 1
    assert (
        "q1.json n'a pas de colonne « Type de propriétaire » (owner_type). Donner avec --type-proprietaire"
        in result.stderr
    )
    result = run(survey, *words, "--type-proprietaire", "state", "--occupant", "raison")
    assert "etab.csv n'a pas de colonne « raison »" in result.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("foncier", "disponible", "sites.geojson", "--regles", "absent.toml"), "absent.toml"),
        (
            ("foncier", "pertes", "sites.geojson", "--regles", "contraintes.toml", "--site", "Les Haut"),
            "Les Hauts",
        ),
        (("zae", "vacance", "sites.csv", "--etablissements", "sites.csv", "--au", "2026-01-01"), "unit_id"),
        (("foncier", "classer", "sites.csv", "--criteres", "contraintes.toml"), "contrainte"),
    ],
)
def test_a_wrong_request_is_one_french_sentence(folder, words, message):
    (folder / "sites.csv").write_text("nom;net_ha;an\nA;10,5;2026\n", encoding="utf-8")
    result = run(folder, *words)
    assert result.exit_code == 1
    assert "Traceback" not in result.stderr
    assert message in result.stderr
