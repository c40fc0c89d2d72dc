"""Internal links of the pages lead somewhere, and a page of the site stands in one table of contents."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]+)(?:#[^)\s]*)?\)")
CARD = re.compile(r"^:link: (\S+)\n:link-type: doc$", re.M)
TOCTREE = re.compile(r"^```\{toctree\}\n(.*?)^```", re.M | re.S)
GENERATED = ("reference/", "donnees/", "contributing", "changelog", "notebooks/")


def target(page: Path, link: str) -> Path:
    """Return the file that a link names; the notebooks stand beside the pages once the site is laid."""
    path = (page.parent / link).resolve()
    notebook = ROOT / "notebooks" / path.name
    return notebook if path.suffix == ".ipynb" else path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_of_a_page_lead_to_a_file(page: Path) -> None:
    links = LINK.findall(page.read_text(encoding="utf-8"))
    assert [link for link in links if not target(page, link).exists()] == []


def entries() -> list[str]:
    texts = [page.read_text(encoding="utf-8") for page in sorted(DOCS.rglob("*.md"))]
    blocks = [block for text in texts for block in TOCTREE.findall(text)]
    lines = [line for block in blocks for line in block.splitlines() if line and not line.startswith(":")]
    return [re.sub(r"^.* <(.+)>$", r"\1", line) for line in lines]


def test_every_page_stands_in_exactly_one_table_of_contents() -> None:
    pages = {page.relative_to(DOCS).with_suffix("").as_posix() for page in DOCS.rglob("*.md")} - {"index"}
    listed = [entry for entry in entries() if not entry.startswith(GENERATED)]
    assert sorted(listed) == sorted(pages)


def test_every_notebook_stands_in_the_gallery() -> None:
    notebooks = {f"notebooks/{path.stem}" for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert {entry for entry in entries() if entry.startswith("notebooks/")} == notebooks
    assert notebooks <= set(CARD.findall((DOCS / "etudes.md").read_text(encoding="utf-8")))
