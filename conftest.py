"""Examples in docstrings walk on the same plain as the tests."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "tests"))


@pytest.fixture(autouse=True)
def _examples_know_the_plain(doctest_namespace: dict[str, object]) -> None:
    import plain

    doctest_namespace["plain"] = plain
