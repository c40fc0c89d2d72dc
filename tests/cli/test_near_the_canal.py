"""« Combien d'hectares près du canal, sans l'UNESCO, à 50 m des terrils ? » in four commands."""

from contextlib import chdir
from pathlib import Path

import plain
import pytest
from blocks import block, stack
from cli_runner import run

from artois_geo import layers

CRITERIA = (
    'titre = "Près du canal"\n[[critere]]\ncolonne = "waterway_m"\npire = 2000\nmeilleur = 0\n'
    '[[critere]]\ncolonne = "available_ha"\npire = 0\nmeilleur = 10\n'
)
LAYER = 'source = "essai"\nlicence = "libre"\nvintage = "fictif"\n'


@pytest.fixture
def territory(tmp_path: Path) -> Path:
    """A park of 10 ha 40 m from the canal, a lot of 2.5 ha in it, a zone of 4 ha at 1 km, another at 9 km."""
    sites = stack(
        block(x_m=0, y_m=0, width_m=500, height_m=200, site_nom="Parc"),
        block(x_m=0, y_m=0, width_m=250, height_m=100, site_nom="Lot"),
        block(x_m=0, y_m=1000, width_m=200, height_m=200, site_nom="Zone"),
        block(x_m=0, y_m=9000, width_m=200, height_m=200, site_nom="Loin"),
    )
    layers.write(sites.assign(fictif=True), tmp_path / "sites.geojson")
    canal = plain.line((-2, -0.04), (2, -0.04), ouvrage_type="canal", nom="Canal d'essai")
    layers.write(canal, tmp_path / "canal.geojson")
    quay = plain.point(x_km=1, y_km=-0.04, objet_nom="Quai d'essai", objet_type="quai")
    layers.write(quay, tmp_path / "quais.geojson")
    layers.write(block(x_m=400, y_m=-10, width_m=100, height_m=300), tmp_path / "unesco.geojson")
    layers.write(block(x_m=0, y_m=1250, width_m=200, height_m=100), tmp_path / "terril.geojson")
    layers.write(
        plain.square(x_km=-3, y_km=-3, side_km=15, comm_nom="Commune d'essai", comm_insee="99001"),
        tmp_path / "communes.geojson",
    )
    (tmp_path / "catalogue.toml").write_text(
        f'[canal]\nfile = "canal.geojson"\nkind = "libre"\ntitle = "Canal"\n{LAYER}'
        f'[quais]\nfile = "quais.geojson"\nkind = "quai"\ntitle = "Quais"\n{LAYER}'
        f'[communes]\nfile = "communes.geojson"\nkind = "commune_contour"\ntitle = "Communes"\n{LAYER}',
        encoding="utf-8",
    )
    (tmp_path / "contraintes.csv").write_text(
        "Contrainte;Couche;Recul (m)\nBien UNESCO;unesco.geojson;\nTerril;terril.geojson;50,0\n", "utf-8"
    )
    (tmp_path / "criteres.toml").write_text(CRITERIA, encoding="utf-8")
    return tmp_path


def test_four_commands_end_in_a_ranked_map_and_a_total_counted_once(territory: Path) -> None:
    """Park: 10 − 100 m × 200 m of UNESCO = 8 ha; the lot (2.5 ha) lies in it and is counted once.

    Zone: its top edge is 50 m from the tip: a setback of 50 m stops there, 4 ha. Total 8 + 4 = 12.0 ha.
    """
    near = ("--pres-de", "canal", "--distance", "2000")
    commands = [
        (
            "foncier",
            "disponible",
            "sites.geojson",
            "--regles",
            "contraintes.csv",
            *near,
            "--sortie",
            "n.geojson",
        ),
        ("canal", "desserte", "n.geojson", "--voies", "canal.geojson", "--sortie", "e.geojson"),
        ("foncier", "classer", "e.geojson", "--criteres", "criteres.toml", "--regles", "contraintes.csv"),
    ]
    with chdir(territory):
        assert run("foncier", "contraintes", "contraintes.csv").exit_code == 0
        for words in commands[:2]:
            result = run("--donnees", ".", *words)
            assert result.exit_code == 0, result.output
        ranked = run("--donnees", ".", *commands[2], "--carte", "carte.html")
        assert ranked.exit_code == 0, ranked.output
        page = Path("carte.html").read_text(encoding="utf-8")
    assert "3 sites hors veto : 12,0 ha disponibles, sans double compte." in ranked.stdout
    assert "Loin" not in ranked.stdout
    for title in ("Premier tiers", "Voies d'eau", "Bien UNESCO", "Terril", "Communes"):
        assert title in page or title.replace("'", "\\u0027") in page
