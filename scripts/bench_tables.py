"""Run every engine on every task, alternately, each in a new process, and print one table."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

ENGINES = {
    "T1": [
        "artois_gpkg", "artois_parquet", "artois_copie", "artois_sans_noyau", "strtree", "geopandas",
        "duckdb", "sedonadb", "lire_octets_gpkg",
    ],
    "T2": ["artois_gpkg", "artois_parquet", "artois_copie", "prefiltre", "duckdb", "geopandas"],
}  # fmt: skip
REFERENCE = {"T1": "strtree", "T2": "prefiltre"}


def main() -> None:
    options = _options()
    folder = options.donnees.resolve()
    if not (folder / f"ocsge_{options.taille}_2024.gpkg").exists():
        import bench_data

        bench_data.make(folder, options.taille)
    for task in options.tache or list(ENGINES):
        engines = [e for e in ENGINES[task] if e not in options.sans]
        _measure(task, options.taille, folder, engines[:1], repetitions=1, limit=options.limite)  # compiles
        measures = _measure(task, options.taille, folder, engines, options.repetitions, options.limite)
        print(_table(task, options.taille, folder, measures), flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Mesures des tableaux de surfaces.")
    parser.add_argument("--taille", default="20k", choices=["2k", "20k", "200k", "1M"])
    parser.add_argument("--tache", action="append", choices=list(ENGINES))
    parser.add_argument("--sans", action="append", default=[], help="moteur à ne pas mesurer")
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--limite", type=float, default=900.0, help="secondes par mesure")
    parser.add_argument("--donnees", type=Path, default=Path(tempfile.gettempdir()) / "artois-geo-bench")
    return parser.parse_args()


def _measure(
    task: str, size: str, folder: Path, engines: list[str], repetitions: int, limit: float
) -> dict[str, list[dict]]:
    measures: dict[str, list[dict]] = {engine: [] for engine in engines}
    for _ in range(repetitions):
        for engine in engines:
            if any("failed" in measure for measure in measures[engine]):
                continue
            command = [sys.executable, str(HERE / "bench_peers.py"), task, engine, size, str(folder)]
            try:
                run = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=False)
            except subprocess.TimeoutExpired:
                measures[engine].append({"failed": f"plus de {limit:.0f} s"})
                continue
            if run.returncode:
                measures[engine].append({"failed": (run.stderr.strip().splitlines() or ["?"])[-1][:120]})
            else:
                measures[engine].append(json.loads(run.stdout.strip().splitlines()[-1]))
            print(
                task, size, engine, measures[engine][-1], f"charge {os.getloadavg()[0]:.1f}", file=sys.stderr
            )
    return measures


def _table(task: str, size: str, folder: Path, measures: dict[str, list[dict]]) -> str:
    """Medians, ratios to every peer, peak memory, and the cell that differs most from the reference."""
    median = {
        engine: {key: statistics.median(m[key] for m in runs) for key in ("wall_s", "cpu_s", "peak_mb")}
        for engine, runs in measures.items()
        if runs and "failed" not in runs[-1]
    }
    reference = REFERENCE[task]
    lines = [
        f"\n## {task}, {size} (médianes ; rapports au moteur {reference})\n",
        "| moteur | n | s | s processeur | Mo | × temps | × processeur | écart max, m² |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for engine, runs in measures.items():
        if engine not in median:
            lines.append(f"| {engine} | – | {runs[-1]['failed'] if runs else '–'} | | | | | |")
            continue
        m, base = median[engine], median.get(reference, median[engine])
        lines.append(
            f"| {engine} | {len(runs)} | {m['wall_s']:.2f} | {m['cpu_s']:.2f} | {m['peak_mb']:.0f} "
            f"| {base['wall_s'] / m['wall_s']:.1f} | {base['cpu_s'] / max(m['cpu_s'], 1e-9):.1f} "
            f"| {_apart(task, size, folder, engine, reference)} |"
        )
    return "\n".join(lines)


def _apart(task: str, size: str, folder: Path, engine: str, reference: str) -> str:
    paths = [folder / "resultats" / f"{task}_{size}_{name}.parquet" for name in (engine, reference)]
    if engine.startswith("lire") or not all(path.exists() for path in paths):
        return "–"
    mine, theirs = (pd.read_parquet(path) for path in paths)
    keys = [column for column in theirs.columns if column != "area_ha"]
    both = mine.astype(dict.fromkeys(keys, str)).merge(
        theirs.astype(dict.fromkeys(keys, str)), on=keys, how="outer", suffixes=("", "_other")
    )
    gap = (both["area_ha"].fillna(0) - both["area_ha_other"].fillna(0)).abs().max() * 10_000
    return f"{gap:.1g}"


if __name__ == "__main__":
    main()
