"""The story of docs/import_zae_nantes.md on the real files: what it shows is what the commands say."""

import shutil
from pathlib import Path

import pytest
from cli_runner import Runner
from site_scripts import page_blocks

from artois_geo.cli import root

DOCS = Path(__file__).parents[2] / "docs"
CUT = "  …"
REFUSED = 1  # of the commands, the first


def lines_shown(block: page_blocks.Block) -> list[str]:
    lines = block.body.replace("\\\n", " ").splitlines()
    return [line for line in lines if not line.startswith("$ ") and line != CUT]


def test_the_story_of_the_poorest_import_shows_what_the_commands_say(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in (shared / "data" / "zae_nantes").glob("*.geojson"):
        shutil.copy(file, tmp_path)
    shutil.copy(DOCS / "import_zae_nantes_communes.csv", tmp_path)
    monkeypatch.chdir(tmp_path)
    session = page_blocks.Session(tmp_path)
    codes = []
    for block in page_blocks.blocks((DOCS / "import_zae_nantes.md").read_text(encoding="utf-8")):
        if block.is_python:
            session.run(block)
            continue
        answers = [Runner().invoke(root, words[1:], prog_name="artois-geo") for words in block.commands]
        codes += [answer.exit_code for answer in answers]
        answered = "".join(answer.output for answer in answers).replace("\u202f", " ").splitlines()
        assert [line for line in lines_shown(block) if line not in answered] == []
    assert codes == [REFUSED, 0, 0, 0, 0]
