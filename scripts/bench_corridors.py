"""Growth of the graph measures: 10 000, 100 000 and 500 000 segments, time and peak memory.

    python scripts/bench_corridors.py [--tailles 10000 100000 500000] [--passes 3]

Each size runs in a fresh process, so that the peak memory is its own; seconds are those of the processor, so
that a busy machine changes little. The network is a country of villages:
meshes of streets, a few of them apart, with ends that almost meet, doubles and crossings without junction.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
SIDE, STEP_M, SPREAD_M = 50, 100.0, 6_500.0


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tailles", type=int, nargs="+", default=[10_000, 100_000, 500_000])
    parser.add_argument("--passes", type=int, default=3)
    parser.add_argument("--enfant", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.enfant:
        print(json.dumps(measure(options.enfant)))
        return
    previous = None
    print("segments  étape      calcul, s (médiane)  croissance / linéaire  pic Mo")
    for size in options.tailles:
        runs = [child(size) for _ in range(options.passes)]
        medians = {step: statistics.median(run[step] for run in runs) for step in runs[0] if step not in SAID}
        peak = max(run["peak_mb"] for run in runs)
        for step, seconds in medians.items():
            growth = ""
            if previous is not None:
                growth = f"{seconds / previous[1][step] / (runs[0]['segments'] / previous[0]):.2f}"
            print(f"{runs[0]['segments']:>8}  {step:<9}  {seconds:>18.2f}  {growth:>21}  {peak:>6.0f}")
        print(
            f"          nœuds {runs[0]['nodes']}, morceaux {runs[0]['components']}, "
            f"constats {runs[0]['findings']}"
        )
        previous = (runs[0]["segments"], medians)


SAID = ("segments", "nodes", "components", "findings", "peak_mb", "base_mb")


def child(size: int) -> dict[str, float]:
    command = [sys.executable, __file__, "--enfant", str(size)]
    result = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    return json.loads(result.stdout.splitlines()[-1])


def measure(size: int) -> dict[str, float]:
    sys.path.insert(0, str(ROOT))
    from artois_geo import corridors, network

    lines = villages(size)
    base = peak_mb()
    begin = time.process_time()
    graph = network.build(lines, snap_m=5)
    built = time.process_time()
    row = corridors.mesh(graph).iloc[0]
    meshed = time.process_time()
    corridors.gaps(graph, max_gap_m=1000, count=10)
    linked = time.process_time()
    return {
        "segments": len(lines),
        "graphe": built - begin,
        "maillage": meshed - built,
        "manques": linked - meshed,
        "total": linked - begin,
        "nodes": len(graph.nodes),
        "components": int(row["components"]),
        "findings": len(graph.findings),
        "base_mb": base,
        "peak_mb": peak_mb(),
    }


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def villages(size: int):  # type: ignore[no-untyped-def]
    """About ``size`` segments: square meshes of streets, one in two joined to the next by a road."""
    import geopandas as gpd
    import shapely

    random = np.random.default_rng(size)
    each = 2 * SIDE * (SIDE - 1)
    count = max(1, round(size / each))
    along, across = np.meshgrid(np.arange(SIDE), np.arange(SIDE))
    rows = int(np.ceil(np.sqrt(count)))
    tracks = []
    for number in range(count):
        origin = np.array([number % rows, number // rows]) * SPREAD_M
        nodes = np.stack([along, across], axis=-1) * STEP_M + random.normal(0, 10, (SIDE, SIDE, 2)) + origin
        for first, second in ((nodes[:, :-1], nodes[:, 1:]), (nodes[:-1], nodes[1:])):
            ends = np.stack([first.reshape(-1, 2), second.reshape(-1, 2)], axis=1)
            tracks.append(ends + random.uniform(-1.5, 1.5, ends.shape))  # ends that almost meet
        if number % 2 and (number - 1) // rows == number // rows:
            tracks.append(np.array([[nodes[0, 0], nodes[0, 0] - [SPREAD_M - (SIDE - 1) * STEP_M, 0]]]))
    tracks_drawn = shapely.linestrings(np.concatenate(tracks) + np.array([680_000, 7_030_000]))
    again = random.choice(tracks_drawn, len(tracks_drawn) // 100)
    return gpd.GeoDataFrame(geometry=np.concatenate([tracks_drawn, again]), crs=2154)


if __name__ == "__main__":
    main()
