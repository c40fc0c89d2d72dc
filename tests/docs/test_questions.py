"""The pages of questions: each block, command and Python, does what its page shows."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from site_scripts import page_blocks

PAGES = sorted((Path(__file__).parents[2] / "docs" / "questions").glob("*.md"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, fictional: Callable[..., Path]) -> Path:
    work = tmp_path_factory.mktemp("questions")
    shutil.copytree(fictional(), work / "pays")
    return work


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_block_of_a_question_runs(page: Path, folder: Path) -> None:
    session = page_blocks.Session(folder)
    pasted = page_blocks.blocks(page.read_text(encoding="utf-8"))
    outputs = [form for block in pasted for form in session.run(block)]
    assert all(content for _, content in outputs)
    assert {block.language for block in pasted} == {"bash", "python"}
