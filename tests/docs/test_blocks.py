"""Each fenced block of the README and of the guides runs from top to bottom, or says why it does not."""

import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest
from site_scripts import page_blocks

from artois_geo import example, layers
from artois_geo.deliveries import recipe

ROOT = Path(__file__).parents[2]
MOST_NOT_RUN = 10
RUN_ELSEWHERE = {  # on real files, which stand beside the project
    "import_zae_nantes": "tests/docs/test_real_imports.py",
    "imports": "tests/real/test_corpus.py",
}
READERS: dict[str, Callable[[str], object]] = {  # what a page's settings are written for
    "imports": lambda body: recipe.require_fitting(
        recipe.parse(body, "recette.toml"), layers.read_kind("site_eco"), "recette.toml", body
    ),
    "donnees_ouvertes": tomllib.loads,  # tests/sources/test_sources.py takes this source
}
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
QUESTIONS = sorted((ROOT / "docs" / "questions").glob("*.md"))
RUN = [page for page in PAGES if page.stem not in RUN_ELSEWHERE]
ARTOIS = (682_000, 7_035_000)


def pasted(page: Path) -> list[page_blocks.Block]:
    return page_blocks.blocks(page.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def fictional_folder(tmp_path_factory: pytest.TempPathFactory, fictional: Callable[..., Path]) -> Path:
    """Lay what a reader has: the fictional territory, zones of the Artois, an OCS GE, a table."""
    folder = tmp_path_factory.mktemp("lecteur")
    shutil.copytree(fictional(), folder / "pays")
    shutil.copy(folder / "pays" / "communes.geojson", folder)
    sites = layers.read(folder / "pays" / "sites_eco.geojson")
    west, south = sites.total_bounds[:2]
    zones = sites.set_geometry(sites.translate(ARTOIS[0] - west, ARTOIS[1] - south))
    zones = zones[["site_nom", "site_type", "geometry"]]
    layers.write_geopackage(zones, folder / "zones.gpkg", layer="zones")
    gpd.GeoDataFrame(zones).to_file(folder / "zones.shp")
    for year in (2018, 2021):
        cover = example.layers()[f"ocsge_{year}"]
        layers.write_geopackage(cover, folder / f"OCS_GE_62_{year}.gpkg", layer="ocsge")
    years = range(2011, 2025)
    for name, prefix, value in (("suivi", "", "1,5"), ("suivi_m2", "enaf_", "15000")):
        heading = ";".join(f"{prefix}{year}" for year in years)
        row = ";".join([value] * len(years))
        (folder / f"{name}.csv").write_text(f"insee;{heading}\n62498;{row}\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize("page", RUN, ids=lambda page: page.stem)
def test_every_block_of_a_page_runs_or_says_why_not(
    page: Path, fictional_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "page"
    shutil.copytree(fictional_folder, folder)
    session = page_blocks.Session(folder)
    for block in pasted(page):
        if not block.reason_not_run:
            session.run(block)


@pytest.mark.parametrize("page", [*PAGES, *QUESTIONS], ids=lambda page: page.stem)
def test_a_page_shows_no_line_that_nobody_runs(page: Path) -> None:
    shown_blocks = [block for block in pasted(page) if not block.reason_not_run]
    assert [line for block in shown_blocks for line in block.others] == []
    languages = {block.language for block in shown_blocks if not block.language.startswith("{")}
    assert languages <= {"bash", "console", "python", "text", "toml", ""}


def test_the_settings_of_a_page_are_read_by_what_they_are_written_for() -> None:
    pages = [(page.stem, block) for page in PAGES for block in pasted(page)]
    settings = [(name, block.body) for name, block in pages if block.language == "toml"]
    assert {name for name, _ in settings} == set(READERS)
    for name, body in settings:
        READERS[name](body)


BROKEN = {  # a block that a slip of the pen has spoilt, by its language
    "bash": "artois-geo couches lisster",
    "": "artois-geo couches lister --formatt csv",
    "console": "$ artois-geo couches infos sites_ecoo",
    "python": "from artois_geo import landd",
}


@pytest.mark.parametrize(("language", "body"), BROKEN.items(), ids=lambda text: text or "sans langue")
def test_a_broken_block_stops_the_page(language: str, body: str, tmp_path: Path) -> None:
    (block,) = page_blocks.blocks(f"```{language}\n{body}\n```\n")
    with pytest.raises((page_blocks.BlockError, ImportError)):
        page_blocks.Session(tmp_path).run(block)


def test_a_line_that_calls_something_else_is_seen_after_one_that_runs() -> None:
    text = "```bash\n# deux lignes\nartois-geo couches lister\ncurl exemple.fr\n```\n"
    page = f"```{{toctree}}\n:hidden:\n\nguides\n```\n{text}```console\n$ ls\nunfichier\n```\n"
    assert [block.others for block in page_blocks.blocks(page)] == [[], ["curl exemple.fr"], ["ls"]]


def test_few_blocks_are_not_run() -> None:
    reasons = [block.reason_not_run for page in PAGES for block in pasted(page) if block.reason_not_run]
    assert len(reasons) <= MOST_NOT_RUN


def test_the_pages_run_elsewhere_are_named_there() -> None:
    for page, test in RUN_ELSEWHERE.items():
        assert page in (ROOT / test).read_text(encoding="utf-8")
