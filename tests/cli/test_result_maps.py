"""``--carte``, ``--image``, ``--planche``: every analysis that gives places draws them, and says so."""

import re
from contextlib import chdir
from pathlib import Path

import plain
import pytest
from blocks import stack
from cli_runner import run

from artois_geo import layers

DRAWN = (
    "foncier disponible",
    "foncier pertes",
    "foncier classer",
    "foncier densifier",
    "canal desserte",
    "trame bilan",
    "trame manques",
    "trame maillage",
    "trame taches",
    "trame conflits",
    "zae rapprocher",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two parks of 100 ha; a flood takes the eastern quarter of the first; a path crosses the second."""
    root = tmp_path_factory.mktemp("cartes")
    sites = stack(
        plain.square(x_km=0, y_km=0, side_km=1, nom="Parc", comm_nom="Bourg"),
        plain.square(x_km=3, y_km=0, side_km=1, nom="Zone", comm_nom="Ville"),
    )
    layers.write(sites.assign(fictif=True), root / "sites.geojson")
    layers.write(plain.rectangle(x_km=0.75, y_km=0, width_km=1, height_km=1), root / "crue.geojson")
    layers.write(plain.line((2, 0.5), (5, 0.5), corridor_nom="Chemin"), root / "voie.geojson")
    for name, setback in (("pres", 0), ("loin", 250)):
        rules = f"nom,couche,recul_m\nCrue,crue.geojson,{setback}\n"
        (root / f"{name}.csv").write_text(rules, encoding="utf-8")
    (root / "theme.toml").write_text('[owner]\nname = "Agence fictive"\n', encoding="utf-8")
    return root


@pytest.mark.parametrize("command", DRAWN)
def test_help_names_the_map_the_picture_and_the_page(command: str) -> None:
    result = run(*command.split(), "--help")
    assert all(option in result.output for option in ("--carte", "--image", "--planche", "--papier"))


def page(folder: Path, *command: str) -> str:
    with chdir(folder):
        answer = run(*command, "--carte", "carte.html")
        assert answer.exit_code == 0, answer.output
        return Path("carte.html").read_text(encoding="utf-8")


def test_the_map_says_what_the_table_says(folder: Path) -> None:
    with chdir(folder):
        table = run("foncier", "disponible", "sites.geojson", "--regles", "pres.csv", "--format", "csv")
    assert "75,0" in table.output
    html = page(folder, "foncier", "disponible", "sites.geojson", "--regles", "pres.csv")
    assert "<h1>2 sites : 175,0 ha disponibles sur 200,0 ha bruts</h1>" in html
    assert '"Crue : 25,0 ha retirés"' in html
    assert "75,00 ha" in html


def test_losses_conflicts_and_two_tables_are_drawn(folder: Path) -> None:
    losses = page(folder, "foncier", "pertes", "sites.geojson", "--regles", "pres.csv")
    assert "<h1>25,0 ha perdus sur 200,0 ha bruts, dont Crue : 25,0 ha</h1>" in losses
    both = page(
        folder, "foncier", "disponible", "sites.geojson", "--regles", "pres.csv", "--comparer", "loin.csv"
    )
    title = re.search(r"<h1>(.*?)</h1>", both)
    assert title is not None
    assert title[1] == "De pres à loin : 175,0 ha puis 150,0 ha disponibles (− 25,0 ha)"
    ways = page(folder, "trame", "bilan", "voie.geojson")
    assert "<h1>3,00 km de voies en 1 état</h1>" in ways
    clash = page(folder, "trame", "conflits", "sites.geojson", "voie.geojson")
    assert "1 conflit entre site et corridor : 10,00 ha dans une bande de 50 m" in clash


def test_the_page_of_a_committee_and_the_picture_bear_the_theme(folder: Path) -> None:
    words = ("foncier", "disponible", "sites.geojson", "--regles", "pres.csv", "--theme", "theme.toml")
    with chdir(folder):
        files = ("--planche", "planche.html", "--papier", "a4", "--image", "carte.svg")
        assert run(*words, *files).exit_code == 0
        sheet = Path("planche.html").read_text(encoding="utf-8")
        picture = Path("carte.svg").read_text(encoding="utf-8")
    assert "Agence fictive" in sheet
    assert "175,0 ha disponibles" in sheet
    assert "175,0 ha disponibles" in picture
    assert "Agence fictive" in picture
    assert "Surfaces planes en Lambert-93" in picture


@pytest.mark.parametrize(("options", "message"), [(("--papier", "a4"), "--papier demande --planche")])
def test_a_paper_without_a_page_is_refused(folder: Path, options: tuple[str, ...], message: str) -> None:
    with chdir(folder):
        result = run("foncier", "disponible", "sites.geojson", "--regles", "pres.csv", *options)
    assert message in result.output
