"""What the benchmarks found, in Markdown: medians, ratios to every peer, agreement, targets, growth."""

import math
import os
import statistics
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import shapely

Measures = dict[str, list[dict]]
REFERENCE = {
    "T1": "strtree",
    "T2": "prefiltre",
    "T2b": "strtree",
    "T3": "strtree",
    "T4": "geopandas",
    "T5": "folium",
}
APART_M2 = {"T1": 1e-6, "T2": 1e-6, "T2b": 1e-6, "T3": 0.02}
FIRST, LATER = ["artois_gpkg", "artois_parquet"], ["artois_copie"]
#: Task, sizes, our engines, their engine, times faster.
TARGETS = [
    ("T1", ("200k",), FIRST, "geopandas", 20), ("T1", ("200k",), FIRST, "strtree", 3),
    ("T1", ("200k",), FIRST, "postgis", 8), ("T1", ("200k",), FIRST, "duckdb", 8),
    ("T1", ("200k",), FIRST, "sedonadb", 8), ("T1", ("200k",), LATER, "geopandas", 40),
    ("T1", ("200k",), LATER, "strtree", 6), ("T1", ("200k",), LATER, "postgis", 20),
    ("T1", ("200k",), LATER, "duckdb", 20), ("T1", ("200k",), LATER, "sedonadb", 20),
    ("T1", ("200k",), ["artois_sans_noyau"], "geopandas", 4),
    ("T1", ("1M",), FIRST, "geopandas", 30), ("T1", ("1M",), LATER, "geopandas", 60),
    ("T1", ("1M",), FIRST, "strtree", 3), ("T1", ("1M",), LATER, "strtree", 7),
    ("T1", ("1M",), ["artois_gpkg"], "lire_octets_gpkg", 1 / 3),
    ("T1", ("1M",), ["artois_parquet"], "lire_octets_parquet", 1 / 3),
    ("T1", ("1M",), LATER, "lire_octets_copie", 1 / 2),
    ("T2", ("200k",), FIRST, "prefiltre", 1.7), ("T2", ("200k",), FIRST, "duckdb", 1.7),
    ("T2", ("200k",), LATER, "prefiltre", 7), ("T2", ("200k",), LATER, "duckdb", 7),
    ("T2", ("200k",), FIRST, "postgis", 20), ("T2", ("200k",), LATER, "postgis", 60),
    ("T2", ("200k",), FIRST, "geopandas", 20), ("T2", ("200k",), LATER, "geopandas", 60),
    ("T2b", ("20k", "200k", "1M"), ["artois_gpkg", *LATER], "strtree", 2),
    ("T3", ("200k", "1M"), ["artois"], "strtree", 1.5), ("T3", ("200k", "1M"), ["artois"], "duckdb", 4),
    ("T3", ("200k", "1M"), ["artois"], "geopandas", 5), ("T3", ("200k", "1M"), ["artois"], "glaes_10m", 40),
    ("T4", ("200k",), ["artois"], "geopandas", 3),
]  # fmt: skip
LINEAR, T1_PEAK_MB, T4_FILE_SHARE = 1.15, 1024, 4


def table(task: str, size: str, folder: Path, measures: Measures) -> str:
    """One task at one size: a row per engine, then the targets, met or not."""
    medians = {name: _medians(runs) for name, runs in measures.items() if _is_finished(runs)}
    artois_names = [name for name in medians if name.startswith("artois")]
    reference = REFERENCE[task]
    extra = sorted({key for row_medians in medians.values() for key in row_medians} & set(_EXTRA))
    heads = [
        "moteur",
        "n",
        "s",
        "s processeur",
        "pic Mo",
        *(f"× {artois_name} (temps ; processeur)" for artois_name in artois_names),
    ]
    heads += [f"écart max à {reference}, m²", *(_EXTRA[key] for key in extra), "charge"]
    lines = [f"\n## {task}, {size}\n", "| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    for name, runs in measures.items():
        if name not in medians:
            reason = next((run["failed"] for run in runs if "failed" in run), "non mesuré")
            lines.append(
                "| "
                + " | ".join([name, "–", f"non mesuré : {_cell(reason)}", *[""] * (len(heads) - 3)])
                + " |"
            )
            continue
        row_medians = medians[name]
        cells = [
            name,
            str(len(runs)),
            f"{row_medians['wall_s']:.2f}",
            f"{row_medians['cpu_s']:.2f}",
            f"{row_medians['peak_mb']:.0f}",
        ]
        cells += [_ratios(row_medians, medians[artois_name]) for artois_name in artois_names]
        cells += [apart(task, size, folder, name, reference)]
        cells += [f"{row_medians[key]:.6g}" if key in row_medians else "" for key in extra] + [
            f"{row_medians['load']:.1f}"
        ]
        lines.append("| " + " | ".join(cells) + " |")
    lines += ["", _about(task), *_targets(task, size, folder, medians)]
    return "\n".join(lines)


_EXTRA = {
    "objets": "objets écrits", "invalides": "dont invalides", "mis_de_cote": "mis de côté",
    "mo_lus": "fichier lu, Mo",
    "mo_ecrits": "page, Mo", "total_ha": "total, ha",
}  # fmt: skip


def _about(task: str) -> str:
    conditions = (
        f"{os.cpu_count()} cœurs. Médianes, pic le plus haut ; « × artois » : combien de fois plus long."
    )
    if task in ("T1", "T2", "T2b"):
        conditions += " PostGIS : chargement non compté, processeur et mémoire (PSS) du serveur comptés."
    if task == "T4":
        conditions += " Mis de côté : objets que la réparation refuse de deviner, avec leur motif."
    return conditions


def _is_finished(runs: list[dict]) -> bool:
    return bool(runs) and not any("failed" in run for run in runs)


def _medians(runs: list[dict]) -> dict[str, float]:
    numbers = {key for run in runs for key, value in run.items() if isinstance(value, int | float)}
    medians = {key: statistics.median(run[key] for run in runs if key in run) for key in numbers}
    return medians | {"peak_mb": max(run["peak_mb"] for run in runs)}


def _ratios(peer: dict[str, float], artois: dict[str, float]) -> str:
    return " ; ".join(f"{peer[key] / max(artois[key], 1e-9):.2g}" for key in ("wall_s", "cpu_s"))


def _cell(text: str) -> str:
    return text.replace("|", "/").replace("\n", " ")


def apart(task: str, size: str, folder: Path, name: str, reference: str) -> str:
    """The cell (or site) that differs most from the reference, in m²; one that lacks counts whole."""
    paths = [
        folder / "resultats" / f"{task}_{size}_{engine_name}.parquet" for engine_name in (name, reference)
    ]
    if name.startswith("lire") or not all(path.exists() for path in paths):
        return "–"
    engine_result, reference_result = (pd.read_parquet(path) for path in paths)
    if "area_ha" not in engine_result.columns or "area_ha" not in reference_result.columns:
        return "–"
    keys = [column for column in reference_result.columns if column != "area_ha"]
    text = dict.fromkeys(keys, str)
    both = engine_result.astype(text).merge(
        reference_result.astype(text), on=keys, how="outer", suffixes=("", "_other")
    )
    gap = (both["area_ha"].fillna(0) - both["area_ha_other"].fillna(0)).abs().max() * 10_000
    return f"{gap:.1g}"


def _targets(task: str, size: str, folder: Path, medians: dict[str, dict[str, float]]) -> list[str]:
    rows = []
    for of, sizes, artois_prefix, peer_name, least_ratio in TARGETS:
        if of != task or size not in sizes or peer_name not in medians:
            continue
        for name in (candidate for candidate in artois_prefix if candidate in medians):
            wall, cpu = (
                medians[peer_name][key] / max(medians[name][key], 1e-9) for key in ("wall_s", "cpu_s")
            )
            rows.append(
                (
                    f"{name} contre {peer_name}",
                    f"≥ {least_ratio:.2g} ×",
                    f"{wall:.2g} ×",
                    f"{cpu:.2g} ×",
                    wall >= least_ratio,
                )
            )
    for name in (candidate for candidate in medians if candidate.startswith("artois")):
        gap = apart(task, size, folder, name, REFERENCE[task])
        if task in APART_M2 and gap != "–":
            is_met = float(gap) <= APART_M2[task]
            rows.append((f"{name} : écart max", f"≤ {APART_M2[task]:g} m²", f"{gap} m²", "", is_met))
        if (task, size) == ("T1", "1M") and name != "artois_sans_noyau":
            peak = medians[name]["peak_mb"]
            rows.append((f"{name} : mémoire", f"≤ {T1_PEAK_MB} Mo", f"{peak:.0f} Mo", "", peak <= T1_PEAK_MB))
        if task == "T4":
            share = medians[name]["peak_mb"] * 1.048576 / medians[name]["mo_lus"]
            share_text = f"{share:.1f} × le fichier"
            rows.append(
                (
                    f"{name} : mémoire",
                    f"≤ {T4_FILE_SHARE} × le fichier",
                    share_text,
                    "",
                    share <= T4_FILE_SHARE,
                )
            )
    if not rows:
        return []
    head = ["", "| cible | voulu | mesuré (temps) | mesuré (processeur) | |", "|---|---|---|---|---|"]
    return [
        *head,
        *(f"| {a} | {b} | {c} | {d} | {'tenue' if is_met else 'NON tenue'} |" for a, b, c, d, is_met in rows),
    ]


def growth(task: str, sizes: list[str], folder: Path, measures: dict[str, Measures]) -> str:
    """From one size to the next: the exponent of time in vertices, and the peak memory."""
    counted = {size: _vertices(folder, size) for size in sizes}
    heads = [
        "moteur",
        *(f"{size} : s ; s processeur ; Mo" for size in sizes),
        "exposant temps",
        "exposant processeur",
    ]
    lines = [
        f"\n## {task}, croissance\n",
        "| " + " | ".join([*heads, ""]) + " |",
        "|---" * (len(heads) + 1) + "|",
    ]
    for name in measures[sizes[0]]:
        if not all(_is_finished(measures[size][name]) for size in sizes):
            continue
        medians = [_medians(measures[size][name]) for size in sizes]
        cells = [
            f"{size_medians['wall_s']:.2f} ; {size_medians['cpu_s']:.2f} ; {size_medians['peak_mb']:.0f}"
            for size_medians in medians
        ]
        more = counted[sizes[-1]] / counted[sizes[0]]
        powers = [
            math.log(medians[-1][key] / max(medians[0][key], 1e-9)) / math.log(more)
            for key in ("wall_s", "cpu_s")
        ]
        is_linear = medians[-1]["cpu_s"] / max(medians[0]["cpu_s"], 1e-9) <= LINEAR * more
        verdict = ("≤" if is_linear else ">") + f" {LINEAR:g} × linéaire" if name.startswith("artois") else ""
        lines.append("| " + " | ".join([name, *cells, *(f"{power:.2f}" for power in powers), verdict]) + " |")
    vertex_counts = ", ".join(f"{size} {number / 1e6:.1f} M" for size, number in counted.items())
    return "\n".join([*lines, "", f"Sommets : {vertex_counts}."])


def _vertices(folder: Path, size: str) -> int:
    file = pq.ParquetFile(folder / f"ocsge_{size}_2021.parquet")
    return sum(
        int(
            shapely.get_num_coordinates(
                shapely.from_wkb(batch.column(0).to_numpy(zero_copy_only=False))
            ).sum()
        )
        for batch in file.iter_batches(10_000, columns=["geometry"])
    )
