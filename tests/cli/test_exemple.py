"""``exemple``: a fictional territory, never in place of somebody's layers."""

from pathlib import Path

import pytest
from cli_runner import run

SMALL = ("--communes", "4", "--sites", "2", "--ocsge", "20")


def test_the_example_says_what_it_wrote_and_can_be_made_again(tmp_path: Path) -> None:
    for _ in range(2):
        result = run("exemple", tmp_path / "pays", *SMALL)
        assert result.exit_code == 0
    suffixes = [path.suffix for path in (tmp_path / "pays").iterdir()]
    assert [suffixes.count(suffix) for suffix in (".geojson", ".csv", ".html", ".toml")] == [17, 7, 1, 3]
    assert "trajectoire.sources.csv" in {path.name for path in (tmp_path / "pays").iterdir()}
    assert "17 couches, 6 tableaux, 2 réglages et un rapport fictifs" in result.stdout


@pytest.mark.parametrize("name", ["catalogue.toml", "communes.geojson", "consommation.csv"])
def test_layers_of_somebody_are_not_written_over(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text('[communes]\nfile = "communes.geojson"\n', encoding="utf-8")
    result = run("exemple", tmp_path, *SMALL)
    assert (result.exit_code, "contient déjà des couches" in result.stderr) == (1, True)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text(encoding="utf-8").startswith("[communes]")
