"""The rules of ``foncier disponible`` stand under its figure: it can be made again from them alone."""

import json
import re
from contextlib import chdir
from pathlib import Path

import pytest
from blocks import block
from cli_runner import run
from draws import few
from hypothesis import given, settings
from hypothesis import strategies as st

from artois_geo import layers

RULE = re.compile(
    r"Contrainte « (?P<nom>.+?) » : (?P<couche>\S+) "
    r"\((?:(?P<colonne>\w+) = (?P<zone>\w+)|tous les objets)\) ; "
    r"recul de (?P<recul>[\d,]+) m ; (?:(?P<part>[\d,]+) % conservés|rien de conservé) ; "
    r"(?:couverture (?P<couverture>\S+), inconnu au-delà|couche tenue pour complète) ; "
    r"source : (?P<source>.+)\."
)


def rebuilt(notes: list[str]) -> str:
    """The table of constraints, typed again from what stands under the result."""
    combined = next(note for note in notes if "combinaison" in note)
    mode = combined.rpartition(" ")[2].strip(").")
    lines = ["[options]", f'combinaison = "{mode}"']
    pieces = next((note for note in notes if note.startswith("Un morceau compte si")), "")
    for key, unit in (("piece_min_ha", "ha au moins"), ("largeur_min_m", "m de large au moins")):
        if match := re.search(rf"([\d,]+) {unit} \({key}\)", pieces):
            lines.append(f"{key} = {match[1].replace(',', '.')}")
    for match in filter(None, map(RULE.fullmatch, notes)):
        lines += ["[[contrainte]]", f'nom = "{match["nom"]}"', f'couche = "{match["couche"]}"']
        lines.append(f"recul_m = {match['recul'].replace(',', '.')}")
        lines.append(f"part_conservee = {float((match['part'] or '0').replace(',', '.')) / 100}")
        lines += [f'filtre = {{ {match["colonne"]} = ["{match["zone"]}"] }}'] if match["zone"] else []
        lines += [f'couverture = "{match["couverture"]}"'] if match["couverture"] else []
    return "\n".join(lines)


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """20 ha, a flooded strip, a line across, and a survey of the western part."""
    folder_path = tmp_path_factory.mktemp("regles")
    layers.write(block(x_m=0, y_m=0, width_m=500, height_m=400, site_nom="A"), folder_path / "sites.geojson")
    layers.write(block(x_m=0, y_m=0, width_m=90, height_m=400, zone="rouge"), folder_path / "ppri.geojson")
    layers.write(block(x_m=0, y_m=100, width_m=500, height_m=40), folder_path / "ligne.geojson")
    layers.write(block(x_m=-10, y_m=-10, width_m=310, height_m=500), folder_path / "etude.geojson")
    return folder_path


@settings(max_examples=few(8))
@given(
    setback=st.floats(0, 60).map(lambda metres: round(metres, 3)),
    kept_share=st.sampled_from([0, 0.07, 0.333, 0.5, 1]),
    piece=st.sampled_from([0, 0.35, 3]),
    width=st.sampled_from([0, 12.5, 40]),
    combine=st.sampled_from(["min", "produit"]),
    covered=st.booleans(),
)
def test_the_figure_can_be_made_again_from_what_stands_under_it(
    setback: float, kept_share: float, piece: float, width: float, combine: str, covered: bool, ground: Path
) -> None:
    text = (
        f'[options]\ncombinaison = "{combine}"\npiece_min_ha = {piece}\nlargeur_min_m = {width}\n'
        '[[contrainte]]\nnom = "Zone inondable"\ncouche = "ppri.geojson"\nfiltre = { zone = ["rouge"] }\n'
        f"recul_m = {setback}\npart_conservee = {kept_share}\n"
        '[[contrainte]]\nnom = "Ligne"\ncouche = "ligne.geojson"\n'
        'part_conservee = 0.5\nsource = "RTE, 2024"\n' + ('couverture = "etude.geojson"\n' if covered else "")
    )
    results = []
    with chdir(ground):
        for rules in (text, None):
            Path("c.toml").write_text(rules or rebuilt(results[0]["notes"]), encoding="utf-8")
            words = ("sites.geojson", "--regles", "c.toml", "--format", "json")
            result = run("foncier", "disponible", *words)
            assert result.exit_code == 0, result.output
            results.append(json.loads(result.stdout))
    assert results[0]["rows"] == results[1]["rows"]
    assert ("RTE, 2024" in str(results[0]["notes"]), "non indiquée" in str(results[0]["notes"])) == (
        True,
        True,
    )


def test_losses_end_after_unknown_ground_and_say_what_a_piece_must_be(ground: Path) -> None:
    with chdir(ground):
        Path("p.toml").write_text(
            '[options]\npiece_min_ha = 1\n[[contrainte]]\nnom = "L"\ncouche = "ligne.geojson"\n'
            'couverture = "etude.geojson"\n',
            encoding="utf-8",
        )
        table = run("foncier", "pertes", "sites.geojson", "--regles", "p.toml").stdout
    assert "Un morceau compte si : 1 ha au moins (piece_min_ha)." in table
    (unknown,) = [line.split() for line in table.splitlines() if "Sol que personne n'a regardé" in line]
    assert unknown[-2:] == ["7,20", "10,80"]  # 200 m × 360 m east of the survey; 300 m × 360 m in it
