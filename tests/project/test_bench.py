"""The benchmarks run: on the smallest made-up cover, ours and one peer give the same figures."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    folder = tmp_path_factory.mktemp("mesures")
    bench_options = ["--tache", "T1", "--tache", "T2", "--taille", "2k", "--repetitions", "1"]
    engines = [f"--moteur={name}" for name in ("artois_parquet", "strtree", "prefiltre", "glaes_10m")]
    command = [
        sys.executable,
        str(SCRIPTS / "bench_tables.py"),
        *bench_options,
        *engines,
        "--donnees",
        str(folder),
    ]
    result = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout, folder


@pytest.mark.long
@pytest.mark.parametrize(("task", "peer"), [("T1", "strtree"), ("T2", "prefiltre")])
def test_ours_and_the_peer_agree_and_the_target_is_said(
    measured: tuple[str, Path], task: str, peer: str
) -> None:
    printed, folder = measured
    our_area_ha, peer_area_ha = (
        pd.read_parquet(folder / "resultats" / f"{task}_2k_{name}.parquet")["area_ha"].sum()
        for name in ("artois_parquet", peer)
    )
    assert our_area_ha == pytest.approx(peer_area_ha, rel=1e-9)
    assert our_area_ha > 0
    section = printed.split(f"## {task}, 2k")[1]
    assert "| artois_parquet : écart max | ≤ 1e-06 m² |" in section
    assert section.split("écart max |")[1].split("\n")[0].endswith("| tenue |")


@pytest.mark.long
def test_areas_add_up_to_the_communes(measured: tuple[str, Path]) -> None:
    _, folder = measured
    communes = pd.read_parquet(folder / "communes.parquet")
    import shapely

    ground = shapely.area(shapely.from_wkb(communes["geometry"])).sum() / 10_000
    table = pd.read_parquet(folder / "resultats" / "T1_2k_artois_parquet.parquet")
    assert table["area_ha"].sum() == pytest.approx(ground, rel=1e-9)


def test_a_peer_that_fails_is_a_row_with_its_reason(tmp_path: Path) -> None:
    sys.path.insert(0, str(SCRIPTS))
    try:
        import bench_report
    finally:
        sys.path.remove(str(SCRIPTS))
    runs = {"artois": [{"failed": "No module named 'glaes'"}]}
    report_table = bench_report.table("T3", "2k", tmp_path, runs)
    assert "| artois | – | non mesuré : No module named 'glaes' |" in report_table


def test_a_measure_that_fails_leaves_no_earlier_result_to_compare(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.syspath_prepend(SCRIPTS)
    import bench_tables

    earlier = tmp_path / "resultats" / "T1_2k_rien.parquet"
    earlier.parent.mkdir()
    earlier.write_bytes(b"hier")
    assert "failed" in bench_tables._measure_once("T1", "rien", "2k", tmp_path, 60)
    assert not earlier.exists()
