"""The types of the library serve a script: paths are text too, frames are frames, wrong calls are seen."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("user_script.txt")  # a name that pytest does not run
PACKAGE = Path(__file__).parents[2]


def complaints(script: Path, cache: Path) -> list[str]:
    """What mypy says of a script, with the types of this package."""
    options = ["--strict", "--ignore-missing-imports", "--follow-imports=silent", "--no-error-summary"]
    call = [sys.executable, "-m", "mypy", *options, "--cache-dir", str(cache), "--config-file=", str(script)]
    result = subprocess.run(call, cwd=PACKAGE, capture_output=True, text=True, check=False)
    return [line for line in result.stdout.splitlines() if ": error:" in line]


@pytest.mark.long
def test_a_script_of_sixty_lines_has_right_types(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.read_text(encoding="utf-8"), encoding="utf-8")
    assert complaints(script, tmp_path / "cache") == []


@pytest.mark.long
def test_a_wrong_call_is_seen_before_it_runs(tmp_path: Path) -> None:
    wrong = tmp_path / "faux.py"
    wrong.write_text(
        "from artois_geo import charts, layers, network\n"
        "layers.write(layers.read('communes'), 3)\n"
        "charts.waterfall(20, [('a', 1.0)], site_nom='x')\n"
        "network.build(layers.read('communes'), snap_m=5, crossings='joint')\n"
        "charts.profile({'a': 1.0}).save()\n",
        encoding="utf-8",
    )
    lines = [
        line.partition("faux.py:")[2].partition(":")[0] for line in complaints(wrong, tmp_path / "cache")
    ]
    assert lines == ["2", "3", "4", "5"]
