"""Notebooks run from top to bottom, check a figure by hand, and end with the same thing as a command."""

import os
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SUBJECTS = (
    "canal_fret",
    "dossier_salon",
    "fichier_partenaire",
    "foncier_net",
    "ocs_ge",
    "voies_vertes",
    "zae_inventaire",
    "zan_trajectoire",
)
BY_HAND = "**À la main"
COMMAND = "!artois-geo "


def notebook(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=nbformat.NO_CONVERT)


def sources(path: Path, kind: str) -> list[str]:
    return [cell.source for cell in notebook(path).cells if cell.cell_type == kind]


def execute(path: Path) -> nbformat.NotebookNode:
    """Run every cell in a kernel of this interpreter, with its commands on the path."""
    scripts = str(Path(sys.executable).parent)
    client = NotebookClient(notebook(path), kernel_name="python3", timeout=120, startup_timeout=60)
    environment = os.environ | {"PATH": scripts + os.pathsep + os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    return client.execute(cwd=str(path.parent), env=environment)


def printed(cell: nbformat.NotebookNode) -> str:
    return "".join(output.get("text", "") for output in cell.outputs)


def test_each_subject_has_its_notebook() -> None:
    assert tuple(path.stem for path in NOTEBOOKS) == SUBJECTS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_from_top_to_bottom_and_its_command_answers(path: Path) -> None:
    executed = execute(path)
    answer = printed(executed.cells[-1])
    assert answer
    assert "Erreur" not in answer
    assert "not found" not in answer


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_keeps_no_output(path: Path) -> None:
    code = [cell for cell in notebook(path).cells if cell.cell_type == "code"]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_checks_a_figure_by_hand_and_ends_with_a_command(path: Path) -> None:
    prose, code = sources(path, "markdown"), sources(path, "code")
    assert any(BY_HAND in text for text in prose)
    assert any(line.startswith("assert ") for text in code for line in text.splitlines())
    assert prose[-1].startswith("## Et en une commande")
    assert code[-1].splitlines()[-1].startswith(COMMAND)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_says_whether_its_data_are_invented(path: Path) -> None:
    invented = any("example.layers(" in text for text in sources(path, "code"))
    assert ("fictif" in sources(path, "markdown")[0] or "fictive" in sources(path, "markdown")[0]) == invented
