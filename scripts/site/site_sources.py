"""Lay the sources of the site: hand-written pages with what their blocks show, notebooks, reference."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import page_blocks
import site_reference
from site_markdown import fence

ROOT = Path(__file__).parents[2]
QUESTIONS = "questions"
# the journal has every word of the search, and comes before the page that explains it
NO_SEARCH = "---\nnosearch: true\n---\n"


def answered(text: str, session: page_blocks.Session) -> str:
    """Return a page with, after each of its blocks, what the block shows."""
    pieces, position = [], 0
    for block in page_blocks.blocks(text):
        pieces.append(text[position : block.end])
        pieces += ["\n\n" + _output_block(form, content) for form, content in session.run(block)]
        position = block.end
    return "".join([*pieces, text[position:]])


def _output_block(form: str, content: str) -> str:
    """Write what a block shows; the rich forms are ours, not a reader's."""
    return fence(content) if form == "text" else f"````{{raw}} html\n{content}\n````\n"


def lay(folder: Path) -> None:
    """Write the sources of the site in a new folder."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "docs", folder)
    (folder / "notebooks").mkdir()
    for notebook in (ROOT / "notebooks").glob("*.ipynb"):
        shutil.copy(notebook, folder / "notebooks")
    for name in ("CONTRIBUTING.md", "CHANGELOG.md"):
        text = (ROOT / name).read_text(encoding="utf-8").replace("](docs/", "](")
        unsearched = NO_SEARCH if name == "CHANGELOG.md" else ""
        (folder / f"{Path(name).stem.lower()}.md").write_text(unsearched + text, encoding="utf-8")
    for name, text in site_reference.pages().items():
        page = folder / name
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8")
    alone = [[folder / f"{name}.md"] for name in ("demarrer", "carnets")]
    for pages in (*alone, sorted((folder / QUESTIONS).glob("*.md"))):
        with tempfile.TemporaryDirectory() as work:
            answer(pages, Path(work))


def answer(pages: list[Path], work: Path) -> None:
    """Write, in pages that share the files of one folder, what their blocks show."""
    page_blocks.territory(work)
    for page in pages:
        text = page.read_text(encoding="utf-8")
        page.write_text(answered(text, page_blocks.Session(work)), encoding="utf-8")


if __name__ == "__main__":
    os.environ.update(page_blocks.WIDE)
    lay(Path(sys.argv[1]))
