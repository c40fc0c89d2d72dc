"""A name that version 0.1.0 offered still answers, if need be with a warning that gives the new one."""

import importlib
import warnings
from pathlib import Path

import pytest

NAMES = (Path(__file__).parents[1] / "public_names_0_1_0.txt").read_text(encoding="utf-8").split()


@pytest.mark.parametrize("name", NAMES)
def test_a_public_name_of_0_1_0_still_answers(name: str) -> None:
    room, _, member = name.partition(".")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        value = getattr(importlib.import_module(f"artois_geo.{room}"), member)
    assert value is not None
    for warning in caught:
        assert issubclass(warning.category, DeprecationWarning), str(warning.message)
        assert member in str(warning.message)
