"""A set operation has an answer where GEOS loses its way on edges that are equal but for a rounding."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import shapely
from cli_runner import run

from artois_geo import shapes


def test_only_the_pairs_that_fail_are_cut_on_a_grid() -> None:
    grid_sizes: list[float | None] = []

    def moody(first, second, grid_size=None):  # type: ignore[no-untyped-def]
        if isinstance(first, np.ndarray):
            raise shapely.errors.GEOSException("found non-noded intersection")
        grid_sizes.append(grid_size)
        if first.bounds[0] == 0 and grid_size is None:
            raise shapely.errors.GEOSException("found non-noded intersection")
        return shapely.intersection(first, second, grid_size=grid_size)

    outlines = np.array([shapely.box(0, 0, 2, 1), shapely.box(5, 0, 7, 1)])
    cutters = np.array([shapely.box(1, 0, 2, 1), shapely.box(5, 0, 6, 1)])
    common = shapes.overlaid(moody, outlines, cutters)
    assert shapely.area(common).tolist() == [1.0, 1.0]
    assert grid_sizes == [None, shapes.ground.SNAP_M, None]


def test_a_polygon_that_crosses_itself_is_mended_before_it_is_cut() -> None:
    bow_tie = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])

    def strict(first, second, grid_size=None):  # type: ignore[no-untyped-def]
        if isinstance(first, np.ndarray) or not shapely.is_valid(first):
            raise shapely.errors.GEOSException("side location conflict")
        return shapely.intersection(first, second, grid_size=grid_size)

    common = shapes.overlaid(strict, np.array([bow_tie]), np.array([shapely.box(0, 0, 2, 2)]))
    assert shapely.area(common).tolist() == [pytest.approx(2.0)]


def test_moved_outlines_of_the_shipped_sites_meet_the_real_heritage_without_a_stop(
    shared: Path, tmp_path: Path
) -> None:
    for name in ("bien-inscrit", "terrils"):
        shutil.copy(shared / "data" / "bassin_minier" / f"{name}.geojson", tmp_path)
    rules = tmp_path / "regles.toml"
    rules.write_text(
        "[options]\npiece_min_ha = 1\nlargeur_min_m = 40\n"
        '[[contrainte]]\nnom = "Bien inscrit"\ncouche = "bien-inscrit.geojson"\n'
        '[[contrainte]]\nnom = "Terrils"\ncouche = "terrils.geojson"\nrecul_m = 50\n',
        encoding="utf-8",
    )
    result = run("foncier", "disponible", "sites_eco", "--regles", rules, "--format", "json")
    assert result.exit_code == 0, result.output
    bounds = [
        (row["available_low_ha"], row["available_high_ha"]) for row in json.loads(result.stdout)["rows"]
    ]
    assert len(bounds) > 20
    assert all(0 <= low <= high for low, high in bounds)
