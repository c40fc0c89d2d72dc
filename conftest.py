"""No property is timed."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "tests"))

import draws

import artois_geo.showcase  # noqa: F401 - else pytest lays its module « offers » over its function of that name

draws.register()
