"""Examples in docstrings walk on the same plain as the tests; no property is timed."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "tests"))

import draws

draws.register()


@pytest.fixture(autouse=True)
def _examples_know_the_plain(doctest_namespace: dict[str, object]) -> None:
    import plain

    doctest_namespace["plain"] = plain
