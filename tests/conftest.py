"""What every test may use: the real files that lie beside the project."""

import os
from pathlib import Path

import pytest

SHARED = Path(__file__).parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of the real files; absent on a plain clone, where tests that need it are skipped."""
    if not SHARED.is_dir():
        if os.environ.get("CI"):
            pytest.fail("les fichiers réels (../shared) manquent : en CI aucun test n'est sauté")
        pytest.skip("fichiers réels absents : placer le dossier « shared » à côté du projet")
    return SHARED
