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
    found = {name: _medians(runs) for name, runs in measures.items() if _done(runs)}
    ours = [name for name in found if name.startswith("artois")]
    reference = REFERENCE[task]
    extra = sorted({key for one in found.values() for key in one} & set(_EXTRA))
    heads = ["moteur", "n", "s", "s processeur", "pic Mo", *(f"× {one} (temps ; processeur)" for one in ours)]
    heads += [f"écart max à {reference}, m²", *(_EXTRA[key] for key in extra), "charge"]
    lines = [f"\n## {task}, {size}\n", "| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    for name, runs in measures.items():
        if name not in found:
            told = next((one["failed"] for one in runs if "failed" in one), "non mesuré")
            lines.append(
                "| " + " | ".join([name, "–", f"non mesuré : {_cell(told)}", *[""] * (len(heads) - 3)]) + " |"
            )
            continue
        one = found[name]
        cells = [name, str(len(runs)), f"{one['wall_s']:.2f}", f"{one['cpu_s']:.2f}", f"{one['peak_mb']:.0f}"]
        cells += [_ratios(one, found[mine]) for mine in ours]
        cells += [apart(task, size, folder, name, reference)]
        cells += [f"{one[key]:.6g}" if key in one else "" for key in extra] + [f"{one['load']:.1f}"]
        lines.append("| " + " | ".join(cells) + " |")
    lines += ["", _about(task), *_targets(task, size, folder, found)]
    return "\n".join(lines)


_EXTRA = {
    "objets": "objets écrits", "invalides": "dont invalides", "mis_de_cote": "mis de côté",
    "mo_lus": "fichier lu, Mo",
    "mo_ecrits": "page, Mo", "total_ha": "total, ha",
}  # fmt: skip


def _about(task: str) -> str:
    said = f"{os.cpu_count()} cœurs. Médianes, pic le plus haut ; « × artois » : combien de fois plus long."
    if task in ("T1", "T2", "T2b"):
        said += " PostGIS : chargement non compté, processeur et mémoire (PSS) du serveur comptés."
    if task == "T4":
        said += " Mis de côté : objets que la réparation refuse de deviner, avec leur motif."
    return said


def _done(runs: list[dict]) -> bool:
    return bool(runs) and not any("failed" in one for one in runs)


def _medians(runs: list[dict]) -> dict[str, float]:
    numbers = {key for one in runs for key, value in one.items() if isinstance(value, int | float)}
    found = {key: statistics.median(one[key] for one in runs if key in one) for key in numbers}
    return found | {"peak_mb": max(one["peak_mb"] for one in runs)}


def _ratios(theirs: dict[str, float], mine: dict[str, float]) -> str:
    return " ; ".join(f"{theirs[key] / max(mine[key], 1e-9):.2g}" for key in ("wall_s", "cpu_s"))


def _cell(text: str) -> str:
    return text.replace("|", "/").replace("\n", " ")


def apart(task: str, size: str, folder: Path, name: str, reference: str) -> str:
    """The cell (or site) that differs most from the reference, in m²; one that lacks counts whole."""
    paths = [folder / "resultats" / f"{task}_{size}_{one}.parquet" for one in (name, reference)]
    if name.startswith("lire") or not all(path.exists() for path in paths):
        return "–"
    mine, theirs = (pd.read_parquet(path) for path in paths)
    if "area_ha" not in mine.columns or "area_ha" not in theirs.columns:
        return "–"
    keys = [column for column in theirs.columns if column != "area_ha"]
    text = dict.fromkeys(keys, str)
    both = mine.astype(text).merge(theirs.astype(text), on=keys, how="outer", suffixes=("", "_other"))
    gap = (both["area_ha"].fillna(0) - both["area_ha_other"].fillna(0)).abs().max() * 10_000
    return f"{gap:.1g}"


def _targets(task: str, size: str, folder: Path, found: dict[str, dict[str, float]]) -> list[str]:
    rows = []
    for of, sizes, mine, theirs, wanted in TARGETS:
        if of != task or size not in sizes or theirs not in found:
            continue
        for name in (one for one in mine if one in found):
            wall, cpu = (found[theirs][key] / max(found[name][key], 1e-9) for key in ("wall_s", "cpu_s"))
            rows.append(
                (
                    f"{name} contre {theirs}",
                    f"≥ {wanted:.2g} ×",
                    f"{wall:.2g} ×",
                    f"{cpu:.2g} ×",
                    wall >= wanted,
                )
            )
    for name in (one for one in found if one.startswith("artois")):
        gap = apart(task, size, folder, name, REFERENCE[task])
        if task in APART_M2 and gap != "–":
            met = float(gap) <= APART_M2[task]
            rows.append((f"{name} : écart max", f"≤ {APART_M2[task]:g} m²", f"{gap} m²", "", met))
        if (task, size) == ("T1", "1M") and name != "artois_sans_noyau":
            peak = found[name]["peak_mb"]
            rows.append((f"{name} : mémoire", f"≤ {T1_PEAK_MB} Mo", f"{peak:.0f} Mo", "", peak <= T1_PEAK_MB))
        if task == "T4":
            share = found[name]["peak_mb"] * 1.048576 / found[name]["mo_lus"]
            told = f"{share:.1f} × le fichier"
            rows.append(
                (f"{name} : mémoire", f"≤ {T4_FILE_SHARE} × le fichier", told, "", share <= T4_FILE_SHARE)
            )
    if not rows:
        return []
    head = ["", "| cible | voulu | mesuré (temps) | mesuré (processeur) | |", "|---|---|---|---|---|"]
    return [
        *head,
        *(f"| {a} | {b} | {c} | {d} | {'tenue' if met else 'NON tenue'} |" for a, b, c, d, met in rows),
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
        if not all(_done(measures[size][name]) for size in sizes):
            continue
        found = [_medians(measures[size][name]) for size in sizes]
        cells = [f"{one['wall_s']:.2f} ; {one['cpu_s']:.2f} ; {one['peak_mb']:.0f}" for one in found]
        more = counted[sizes[-1]] / counted[sizes[0]]
        powers = [
            math.log(found[-1][key] / max(found[0][key], 1e-9)) / math.log(more)
            for key in ("wall_s", "cpu_s")
        ]
        kept = found[-1]["cpu_s"] / max(found[0]["cpu_s"], 1e-9) <= LINEAR * more
        met = ("≤" if kept else ">") + f" {LINEAR:g} × linéaire" if name.startswith("artois") else ""
        lines.append("| " + " | ".join([name, *cells, *(f"{one:.2f}" for one in powers), met]) + " |")
    told = ", ".join(f"{size} {number / 1e6:.1f} M" for size, number in counted.items())
    return "\n".join([*lines, "", f"Sommets : {told}."])


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
