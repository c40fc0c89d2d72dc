"""English from another catalogue for as long as a test lasts, whatever was read before and is read after."""

import gettext
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from artois_geo import languages


@contextmanager
def english_of(catalogue: gettext.NullTranslations) -> Iterator[None]:
    """Translate with a catalogue; no word of it stays in what the library keeps for the tests that follow."""
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(languages, "_catalogue", lambda lang: catalogue)
            _forget_words()
            yield
    finally:
        _forget_words()


def _forget_words() -> None:
    """Empty what every module that translates keeps of what it read."""
    translating = [
        vars(module)
        for name, module in sorted(sys.modules.items())
        if name.startswith("artois_geo.") and vars(module).get("languages") is languages
    ]
    for names in translating:
        for value in names.values():
            if hasattr(value, "cache_clear"):
                value.cache_clear()
