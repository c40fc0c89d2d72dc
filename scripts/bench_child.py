"""One measure, in a process of its own: wall and processor seconds, peak memory, and the table it gave."""

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd

CORES = 2


class Files:
    """Where the made-up data of one size are."""

    def __init__(self, folder: Path, size: str) -> None:
        self.folder, self.size = folder, size
        self.communes = folder / "communes.parquet"
        self.before, self.after = (folder / f"ocsge_{size}_{year}" for year in (2021, 2024))
        self.other = folder / f"mos_{size}_2024"
        self.copies = folder / "copies"
        self.sites, self.constraints = (
            folder / f"{layer_name}_{size}.parquet" for layer_name in ("sites", "contraintes")
        )
        self.delivery = folder / f"livraison_{size}.geojson"
        self.results = folder / "resultats"


#: What an engine adds to its measure: processor seconds or memory of a server, size of a file…
engine_figures: dict[str, float | str] = {}


def run(
    engines: dict[str, Callable[[Files], pd.DataFrame]],
    ready: Callable[[str, Files], None],
    after: Callable[[pd.DataFrame, Files], pd.DataFrame] | None = None,
) -> None:
    """Measure the engine named on the command line: TASK ENGINE SIZE FOLDER; one line of JSON comes out.

    ``ready`` comes before the measure, ``after`` (the table to compare) once it is taken.
    """
    task, name, size, folder = sys.argv[1:5]
    files = Files(Path(folder), size)
    ready(name, files)
    wall, cpu = time.perf_counter(), _processor_s()
    table = engines[name](files)
    wall, cpu = time.perf_counter() - wall, _processor_s() - cpu
    own = {"wall_s": wall, "cpu_s": cpu, "peak_mb": _peak_mb(), "rows": len(table)}
    own["cpu_s"] += float(engine_figures.pop("server_cpu_s", 0.0))
    own["peak_mb"] += float(engine_figures.pop("server_mb", 0.0))
    files.results.mkdir(exist_ok=True)
    if after is not None:
        table = after(table, files)
    table.to_parquet(files.results / f"{task}_{size}_{name}.parquet")
    print(json.dumps(own | engine_figures))


def _processor_s() -> float:
    """Of this process with all its threads, and of the processes it started and that ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _peak_mb() -> float:
    """Of this program or of a child: ``ru_maxrss`` of Linux would count what the parent held before."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    status = Path("/proc/self/status")
    if not status.exists():
        return max(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, children)
    peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return max(int(peak.split()[1]) / 1024, children)
