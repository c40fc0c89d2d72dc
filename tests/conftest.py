"""What every test may use: the real files that lie beside the project, one browser, the shipped map."""

import os
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from once import Once

SHARED = Path(__file__).parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of the real files; absent on a plain clone, where tests that need it are skipped."""
    if not SHARED.is_dir():
        if os.environ.get("CI"):
            pytest.fail("les fichiers réels (../shared) manquent : en CI aucun test n'est sauté")
        pytest.skip("fichiers réels absents : placer le dossier « shared » à côté du projet")
    return SHARED


@pytest.fixture(scope="session")
def _chromium() -> Iterator[Any]:
    from chromium import chromium

    with chromium() as started:
        yield started


@pytest.fixture
def browser(_chromium: Any) -> Iterator[Any]:
    """One Chromium for all the tests of a process; the pages of a test are closed after it."""
    from chromium import windows

    yield _chromium
    windows.clear(_chromium)


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """Makes dear things once for all the processes of a run."""
    return Once(tmp_path_factory)


@pytest.fixture(scope="session")
def fictional(once: Once) -> Callable[..., Path]:
    """Writes the folder of ``exemple``, each size once in a run; to write there, copy it."""
    from cli_runner import run

    def folder_of(**sizes: int) -> Path:
        size_words = [text for name, size in sizes.items() for text in (f"--{name}", size)]

        def write_example(folder: Path) -> Path:
            assert run("exemple", folder / "pays", *size_words).exit_code == 0
            return folder / "pays"

        return once("-".join(["exemple", *map(str, sizes.values())]), write_example)

    return folder_of


@pytest.fixture(scope="session")
def shipped_file(once: Once) -> Path:
    """The map of the shipped layers."""
    from artois_geo import layers, maps

    def write_map(folder: Path) -> Path:
        catalogue = layers.read_catalogue()
        frames = {name: layers.read(layer) for name, layer in catalogue.items()}
        file = folder / "carte.html"
        maps.build(frames, layers=catalogue, title="Artois : offre foncière", subtitle="SIMI").save(file)
        return file

    return once("carte", write_map)


@pytest.fixture(scope="session")
def layers_file(once: Once) -> Path:
    """The map of the shipped layers with its land on offer listed as any other layer."""
    from artois_geo import layers, maps

    def write_map(folder: Path) -> Path:
        catalogue = layers.read_catalogue()
        frames = {name: layers.read(layer) for name, layer in catalogue.items()}
        file = folder / "carte.html"
        titles = {"title": "Artois : offre foncière", "subtitle": "SIMI"}
        maps.build(frames, layers=catalogue, offer_first=False, **titles).save(file)
        return file

    return once("carte-couches", write_map)


@pytest.fixture(scope="session")
def fair(once: Once) -> Any:
    """The folder of the fair of the shipped layers, without a date."""
    from artois_geo import layers, packs

    return once("salon", lambda folder: packs.simi(layers.read_catalogue(), folder / "simi", pdf=False))


@pytest.fixture(scope="session")
def dated_fair(once: Once) -> Any:
    """The same with all that may be asked for: a date, an archive, a page for the stand."""
    from artois_geo import layers, packs

    options = {"pdf": False, "zipped": True, "kiosk": True, "issued": date(2026, 12, 8)}
    return once("salon-date", lambda folder: packs.simi(layers.read_catalogue(), folder / "simi", **options))


@pytest.fixture
def shipped(shipped_file: Path) -> Path:
    """The page that ``opened`` opens when no file is named; a module may put its own in its place."""
    return shipped_file


@pytest.fixture
def opened(browser: Any, shipped: Path) -> Callable[..., Any]:
    """Open a page in a window of its own."""
    from chromium import open_page

    def opening(address: str = "", *, file: Path = shipped, **options: Any) -> Any:
        return open_page(browser, file, address, **options)

    return opening
