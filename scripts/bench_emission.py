"""T5, a map written as one file, against folium: python bench_emission.py T5 ENGINE SIZE FOLDER.

Bytes and seconds to write it; how it then opens in a browser is measured by ``bench_maps.py``.
"""

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import bench_child
import pandas as pd
from bench_child import Files

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "tests")]

#: Polygons by size of the bench: a map shows less than a table counts.
COUNTS = {"2k": 500, "20k": 5_000, "200k": 50_000, "1M": 200_000}


def artois(files: Files) -> pd.DataFrame:
    import bench_maps

    return _write_page(bench_maps.artois_page, files)


def folium(files: Files) -> pd.DataFrame:
    """``folium.GeoJson`` with a style and a tooltip, as its documentation shows."""
    import bench_maps

    bench_maps.one_file.MAX_BYTES = 10**12  # its page is measured, however large
    return _write_page(bench_maps.plain_folium, files)


def _write_page(build: Callable[[Any], str], files: Files) -> pd.DataFrame:
    import parcels

    page = build(parcels.coverage(COUNTS[files.size]))
    bench_child.engine_figures["mo_ecrits"] = len(page.encode()) / 1e6
    return pd.DataFrame({"mesure": ["polygones"], "count": [COUNTS[files.size]]})


ENGINES = {"artois": artois, "folium": folium}

if __name__ == "__main__":
    bench_child.run(ENGINES, lambda name, files: import_module("bench_maps"))  # loading a browser is not ours
