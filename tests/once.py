"""What several processes of tests need: made by the first that asks, read by the others."""

import fcntl
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

Made = TypeVar("Made")


class Once:
    """The folder that the processes of one run share; each name in it is made once."""

    def __init__(self, factory: pytest.TempPathFactory):
        own = factory.getbasetemp()
        self.folder = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own

    def __call__(self, name: str, make: Callable[[Path], Made]) -> Made:
        """Return what ``make`` made of the empty folder ``name``, or what another process kept of it.

        What is made is read, never written to: the other tests of the run read it too.
        """
        folder, pickle_file = self.folder / f"once-{name}", self.folder / f"once-{name}.pickle"
        with (self.folder / f"once-{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not pickle_file.exists():
                folder.mkdir(exist_ok=True)
                pickle_file.write_bytes(pickle.dumps(make(folder)))
            return pickle.loads(pickle_file.read_bytes())
