"""English from another catalogue for as long as a test lasts, whatever was read before and is read after."""

import gettext
from collections.abc import Iterator
from contextlib import contextmanager

import caches
import pytest

from artois_geo import languages


@contextmanager
def english_of(catalogue: gettext.NullTranslations) -> Iterator[None]:
    """Translate with a catalogue; no word of it stays in what the library keeps for the tests that follow."""
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(languages, "_catalogue", lambda lang: catalogue)
            caches.forget()
            yield
    finally:
        caches.forget()
