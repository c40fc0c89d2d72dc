"""Run every engine on every task, alternately, each in a new process, and print the tables in Markdown."""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import bench_data  # noqa: E402
import bench_land  # noqa: E402
import bench_postgis  # noqa: E402
import bench_report  # noqa: E402

OURS = ["artois_gpkg", "artois_parquet", "artois_copie"]
FLOOR = ["lire_octets_gpkg", "lire_octets_parquet", "lire_octets_copie"]
ENGINES = {
    "T1": [*OURS, "artois_sans_noyau", "strtree", "geopandas", "duckdb", "sedonadb", "postgis", *FLOOR],
    "T2": [*OURS, "prefiltre", "duckdb", "geopandas", "postgis"],
    "T2b": ["artois_gpkg", "artois_copie", "strtree", "postgis"],
    "T3": ["artois", "strtree", "duckdb", "sedonadb", "geopandas", "raster_10m", "glaes_10m"],
    "T4": ["artois", "geopandas", "geopandas_arrow", "duckdb"],
    "T5": ["artois", "folium"],
}
CHILD = {"T3": "bench_land.py", "T4": "bench_import.py", "T5": "bench_emission.py"}
#: Seconds of the longest measure seen on two cores at 200k, to announce a duration; 1M is five times that.
LONG_S = {"T1": 130, "T2": 550, "T2b": 300, "T3": 30, "T4": 250, "T5": 120}
SHARE = {"2k": 0.03, "20k": 0.2, "200k": 1.0, "1M": 5.0}


def main() -> None:
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is stopped
    folder = options.donnees.resolve()
    tasks, sizes = options.tache or list(ENGINES), options.taille or ["20k"]
    minutes = sum(LONG_S[task] * SHARE[size] for task in tasks for size in sizes) * options.repetitions / 60
    _say(f"Durée estimée : {max(1, round(minutes))} min si la machine est à vous, données non comprises.")
    for size in sizes:
        prepare(folder, size, tasks, options.communes)
    for task in tasks:
        measures = {}
        for size in sizes:
            measures[size] = _task(task, size, folder, options)
            print(bench_report.table(task, size, folder, measures[size]), flush=True)
        if len(sizes) > 1 and task in ("T1", "T2", "T2b"):
            print(bench_report.growth(task, sizes, folder, measures), flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/bench", description="Mesures de vitesse et de mémoire, contre les outils du métier."
    )
    parser.add_argument(
        "--tache", action="append", choices=list(ENGINES), help="répétable ; toutes par défaut"
    )
    parser.add_argument("--taille", action="append", choices=list(bench_data.SIZES), help="répétable ; 20k")
    parser.add_argument("--moteur", action="append", default=[], help="ne mesurer que celui-ci ; répétable")
    parser.add_argument("--sans", action="append", default=[], help="moteur à ne pas mesurer ; répétable")
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--limite", type=float, default=900.0, help="secondes par mesure")
    parser.add_argument("--donnees", type=Path, default=Path(tempfile.gettempdir()) / "artois-geo-bench-2")
    parser.add_argument("--communes", type=Path, help="contours réels, au lieu de communes fictives")
    return parser.parse_args()


def prepare(folder: Path, size: str, tasks: list[str], communes: Path | None = None) -> None:
    """Make the data that the tasks need and that are not there yet."""
    if {"T1", "T2", "T2b", "T4"} & set(tasks):
        bench_data.make(folder, size, communes=communes)
    if "T2b" in tasks:
        bench_data.make_other(folder, size)
    if "T3" in tasks:
        folder.mkdir(parents=True, exist_ok=True)
        bench_land.territory(folder, size)
    if "T4" in tasks:
        bench_data.make_delivery(folder, size)
    folder.mkdir(parents=True, exist_ok=True)


def _task(task: str, size: str, folder: Path, options: argparse.Namespace) -> dict[str, list[dict]]:
    engines = [
        name
        for name in ENGINES[task]
        if name not in options.sans and (not options.moteur or name in options.moteur)
    ]
    with bench_postgis.server(folder, size, [task]) if "postgis" in engines else nullcontext("") as absent:
        measures: dict[str, list[dict]] = {name: [] for name in engines}
        if absent:
            measures["postgis"].append({"failed": absent})
        if any(name.startswith("artois") for name in engines):
            artois_name = next(name for name in engines if name.startswith("artois"))
            _measure_once(task, artois_name, size, folder, options.limite)  # compiles, once and for all
        for _ in range(options.repetitions):
            for name in engines:
                if not any("failed" in run_record for run_record in measures[name]):
                    measures[name].append(_measure_once(task, name, size, folder, options.limite))
    return measures


def _measure_once(task: str, name: str, size: str, folder: Path, limit: float) -> dict:
    """One fresh process; what went wrong is a measure too."""
    command = [sys.executable, str(HERE / CHILD.get(task, "bench_peers.py")), task, name, size, str(folder)]
    # a measure that fails must not be compared by what an earlier one left
    (folder / "resultats" / f"{task}_{size}_{name}.parquet").unlink(missing_ok=True)
    load, start = os.getloadavg()[0], time.perf_counter()
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=False)
        if run.returncode:
            record = {"failed": (run.stderr.strip().splitlines() or ["arrêté par le système"])[-1][:120]}
        else:
            record = json.loads(run.stdout.strip().splitlines()[-1])
    except subprocess.TimeoutExpired:
        record = {"failed": f"plus de {limit:.0f} s"}
    _say(f"{task} {size} {name} ({time.perf_counter() - start:.0f} s, charge {load:.1f}) : {record}")
    return record | {"load": load}


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
