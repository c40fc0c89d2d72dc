"""The commands on land: what they print, what they keep, what they refuse."""

import json
from contextlib import chdir
from pathlib import Path

import plain
import pytest
from click.testing import CliRunner, Result
from test_land import block, stack

from artois_geo import layers
from artois_geo.cli import root


def run(folder: Path, *words: str) -> Result:
    with chdir(folder):  # where the planner's files are
        return CliRunner().invoke(root, words, prog_name="artois-geo")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """20 ha; 4 ha of flood and 2 ha of power line that share 0.4; a survey of the western 60 %."""
    here = tmp_path_factory.mktemp("planner")
    layers.write(block(x_m=0, y_m=0, width_m=500, height_m=400, site_nom="Les Hauts"), here / "sites.geojson")
    zones = stack(
        block(x_m=0, y_m=0, width_m=100, height_m=400, zone="rouge"),
        block(x_m=300, y_m=0, width_m=100, height_m=400, zone="blanc"),
    )
    layers.write(zones, here / "ppri.geojson")
    layers.write(block(x_m=0, y_m=100, width_m=500, height_m=40), here / "ligne.geojson")
    layers.write(block(x_m=-10, y_m=-10, width_m=310, height_m=500), here / "etude.geojson")
    rules = '[[contrainte]]\nnom = "inondation"\ncouche = "ppri.geojson"\nfiltre = { zone = ["rouge"] }\n'
    rules += 'source = "PPRI"\n[[contrainte]]\nnom = "ligne"\ncouche = "ligne.geojson"\n'
    (here / "contraintes.toml").write_text(rules, encoding="utf-8")
    covered = rules.replace('source = "PPRI"', 'couverture = "etude.geojson"')
    (here / "couvert.toml").write_text(covered, encoding="utf-8")
    return here


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
    kept = run(
        folder, "foncier", "disponible", "sites.geojson", "--regles", "contraintes.toml", "--format", "json"
    )
    record = json.loads(kept.stdout)
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
    assert "1 site(s) sans contour, non mesuré(s) : Le Puits." in result.stdout


def test_the_map_holds_the_three_states_apart(folder):
    words = ("foncier", "disponible", "sites.geojson", "--regles", "couvert.toml", "--carte", "etats.html")
    assert run(folder, *words).exit_code == 0
    page = (folder / "etats.html").read_text(encoding="utf-8")
    assert all(title in page for title in ("Foncier disponible", "Foncier inconnu", "Foncier exclu"))


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
    (said,) = rows(run(folder, *words, "--phrases"))
    assert said["sentence"].endswith("− 3,6 inondation − 1,6 ligne − 0,4 les deux à la fois = 14,4 ha.")
    rows(run(folder, *words, "--site", "Les Hauts", "--graphique", "cascade.svg"))
    drawn = (folder / "cascade.svg").read_text(encoding="utf-8")
    assert "14,4 ha" in drawn
    assert "inondation" in drawn


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
    shown = run(folder, *words).stdout
    assert "le premier devient B" in shown
    assert "Le premier change si" in shown


def test_vacancy_and_its_publishable_inventory(folder):
    (folder / "uf.csv").write_text(
        "unit_id;site_id;unit_ha;owner_type\nU1;Z;1,5;personne physique\nU2;Z;2,5;commune\n", encoding="utf-8"
    )
    (folder / "etab.csv").write_text(
        "unit_id;active;closed_on;nom;tranche\nU1;non;2020-01-31;Jean Petit;03\nU2;oui;;Dupont SA;21\n",
        encoding="utf-8",
    )
    given = ("uf.csv", "--etablissements", "etab.csv", "--au", "2026-01-01", "--format", "json")
    (rate,) = rows(run(folder, "zae", "vacance", *given))
    assert (rate["vacancy_share"], rate["vacancy_area_share"], rate["site_taux_vacance"]) == (0.5, 0.375, 50)
    shown = run(folder, "zae", "inventaire", *given, "--publiable").stdout
    assert "Petit" not in shown
    (jobs,) = rows(run(folder, "zae", "inventaire", *given, "--emplois"))
    assert (jobs["jobs_low"], jobs["jobs_high"]) == (50, 99)


def test_jobs_of_who_closed_after_the_day_are_counted_as_its_occupation_is(folder):
    (folder / "uf.csv").write_text("unit_id;site_id;unit_ha;owner_type\nU1;Z;1,5;commune\n", encoding="utf-8")
    (folder / "etab.csv").write_text(
        "unit_id;active;closed_on;nom;tranche\nU1;non;2026-03-01;Dupont SA;21\nU1;non;2020-01-31;Petit;11\n",
        encoding="utf-8",
    )
    given = ("uf.csv", "--etablissements", "etab.csv", "--au", "2026-01-01", "--format", "json")
    (unit,) = rows(run(folder, "zae", "inventaire", *given))
    assert (unit["state"], unit["active_count"], unit["occupants"]) == ("occupée", 1, "Dupont SA")
    (jobs,) = rows(run(folder, "zae", "inventaire", *given, "--emplois"))
    assert (jobs["jobs_low"], jobs["jobs_high"]) == (50, 99)


def test_densification_keeps_theoretical_and_mobilisable_apart(folder):
    layers.write(block(x_m=0, y_m=0, width_m=100, height_m=80), folder / "parcelles.geojson")
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
    (unit,) = rows(run(folder, *words))
    assert unit["theoretical_ha"] == pytest.approx(0.5216, abs=1e-3)
    assert unit["mobilisable_ha"] == pytest.approx(2 / 3 * unit["theoretical_ha"])
    assert unit["reserve_m2"] == pytest.approx(2800, abs=1)


@pytest.mark.parametrize(
    ("words", "said"),
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
def test_a_wrong_request_is_one_french_sentence(folder, words, said):
    (folder / "sites.csv").write_text("nom;net_ha;an\nA;10,5;2026\n", encoding="utf-8")
    result = run(folder, *words)
    assert result.exit_code == 1
    assert "Traceback" not in result.stderr
    assert said in result.stderr
