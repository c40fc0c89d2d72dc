"""No property is timed, and what is collected once is not swept again and again."""

import gc
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "tests"))

import draws

import artois_geo.showcase  # noqa: F401 - else pytest lays its module « offers » over its function of that name

draws.register()
gc.disable()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Sweep only what the tests make: thousands of tests and all the modules last to the end."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 20, 20)
    gc.enable()
