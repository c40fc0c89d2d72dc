"""Examples in docstrings walk on the same plain as the tests; no property is timed."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings

# A slow machine is no fault of a rule; where many build, the same examples each time, and new ones at home.
settings.register_profile("untimed", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("untimed")
sys.path.insert(0, str(Path(__file__).parent / "tests"))


@pytest.fixture(autouse=True)
def _examples_know_the_plain(doctest_namespace: dict[str, object]) -> None:
    import plain

    doctest_namespace["plain"] = plain
