"""Sites and features spread over a Dask cluster give the answers of one machine."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import plain
import pytest
import shapely

from artois_geo import land, overlay, territory
from artois_geo.errors import BadCRS, BadTable

HA = 1e-6


def spread_over(frame: gpd.GeoDataFrame, npartitions: int) -> Any:
    """Spread a frame; the import is here because every process collects this file, and one runs it."""
    return pytest.importorskip("dask_geopandas").from_geopandas(frame, npartitions=npartitions)


@pytest.fixture(scope="module")
def country():
    """Sixty sites, some of which overlap, and three hundred constraints of three kinds over 20 km."""
    rng = np.random.default_rng(8)
    x, y = plain.ORIGIN_X + rng.uniform(0, 20_000, 60), plain.ORIGIN_Y + rng.uniform(0, 20_000, 60)
    sides = rng.uniform(200, 2_500, 60)
    sites = gpd.GeoDataFrame(
        {"nom": [f"S{i}" for i in range(60)]}, geometry=shapely.box(x, y, x + sides, y + sides), crs=2154
    )
    x, y = plain.ORIGIN_X + rng.uniform(0, 20_000, 300), plain.ORIGIN_Y + rng.uniform(0, 20_000, 300)
    constraints = gpd.GeoDataFrame(
        {
            "constraint": rng.choice(["inondation", "boisement", "ligne"], 300),
            "setback_m": rng.choice([0.0, 30.0, 500.0], 300),
            "kept_share": rng.choice([0.0, 0.5], 300),
        },
        geometry=shapely.buffer(shapely.points(x, y), rng.uniform(20, 300, 300)),
        crs=2154,
    )
    return sites, constraints


def spread(frame: gpd.GeoDataFrame, parts: int):
    return spread_over(frame, npartitions=parts).spatial_shuffle(npartitions=parts)


def same(spread_table: gpd.GeoDataFrame, expected: gpd.GeoDataFrame) -> None:
    # placing by place gives every row another label
    spread_table, expected = (
        frame.set_index(frame["nom"].astype(object)) for frame in (spread_table, expected)
    )
    spread_table = spread_table.loc[expected.index]
    assert list(spread_table.columns) == list(expected.columns)
    figures = [column for column in expected.columns if column.endswith(("_ha", "_share", "pieces"))]
    assert expected["available_ha"].sum() > 100
    pd.testing.assert_frame_equal(
        pd.DataFrame(spread_table[figures]),
        pd.DataFrame(expected[figures]),
        rtol=0,
        atol=HA,
        check_dtype=False,
    )
    assert spread_table["schematic"].tolist() == expected["schematic"].tolist()
    apart = shapely.symmetric_difference(spread_table.geometry.values, expected.geometry.values)
    assert shapely.area(apart).max() < 1e-2


@pytest.mark.parametrize("spread_constraints", [False, True])
def test_available_land_of_spread_sites_is_that_of_one_machine(country, spread_constraints):
    sites, constraints = country
    # somebody looked for floods in the west only, also where no flood was found
    west = shapely.box(plain.ORIGIN_X, plain.ORIGIN_Y, plain.ORIGIN_X + 9_000, plain.ORIGIN_Y + 30_000)
    looked = gpd.GeoDataFrame({"constraint": ["inondation"]}, geometry=[west], crs=2154)
    options = {"by": "constraint", "coverage": looked, "min_piece_ha": 0.5}
    expected = land.available(sites, constraints, **options)
    assert expected["shared_ha"].gt(1).any()
    assert expected["unknown_ha"].gt(1).any()
    spread_constraints_frame = spread(constraints, 3) if spread_constraints else constraints
    same(land.available(spread(sites, 5), spread_constraints_frame, **options), expected)


def test_a_constraint_out_of_reach_of_a_partition_stays_a_known_name(country):
    sites, _ = country
    far = plain.square(x_km=500, y_km=0, side_km=1, constraint="carrière")
    looked = plain.square(x_km=-50, y_km=-50, side_km=200, constraint="carrière")
    available = land.available(spread(sites, 3), far, by="constraint", coverage=looked)
    assert available["unknown_ha"].sum() == 0
    assert available["available_ha"].sum() == pytest.approx(sites.area.sum() / 10_000)


def test_the_interval_of_a_spread_sketch_is_that_of_one_machine(country):
    sites, constraints = country
    sketches = sites.assign(
        site_id=sites["nom"], geometrie=["schématique", "levée"] * 30, precision_m=[1_500.0, 900.0] * 30
    )
    moves = land.read_moves({"déplacements": 20, "centile bas": 5, "centile haut": 95})
    expected = land.available(sketches, constraints, by="constraint", moves=moves)
    assert expected["available_low_ha"].lt(expected["available_high_ha"]).sum() > 20
    available = land.available(spread(sketches, 5), spread(constraints, 3), by="constraint", moves=moves)
    same(available, expected)
    available, expected = (frame.set_index(frame["nom"].astype(object)) for frame in (available, expected))
    assert available["available_reason"].loc[expected.index].isna().tolist() == [False, True] * 30


@pytest.mark.long
def test_two_workers_leave_the_land_that_one_machine_leaves(country):
    distributed = pytest.importorskip("distributed")
    sites, constraints = country
    expected = land.available(sites, constraints, by="constraint")
    communes = pd.concat(
        [plain.square(x_km=x, y_km=0, side_km=10, insee=f"C{x}") for x in (0, 10)], ignore_index=True
    )
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster),
    ):
        same(land.available(spread(sites, 4), constraints, by="constraint"), expected)
        pieces = territory.split(spread(sites, 4), communes, key="insee")
    split_sites = territory.split(sites, communes, key="insee")
    ordered = [
        frame.assign(insee=frame["insee"].fillna("")).sort_values(["nom", "insee"], ignore_index=True)[
            ["nom", "insee", "piece_ha"]
        ]
        for frame in (pieces, split_sites)
    ]
    pd.testing.assert_frame_equal(
        pd.DataFrame(ordered[0]), pd.DataFrame(ordered[1]), rtol=0, atol=HA, check_dtype=False
    )


def test_a_partition_in_another_system_or_a_repeated_index_is_refused(country):
    sites, constraints = country
    degrees = spread_over(sites.to_crs(4326), npartitions=2)
    with pytest.raises(BadCRS, match="sites"):
        land.available(degrees, constraints)
    with pytest.raises(BadCRS, match="features"):
        territory.split(degrees, sites.rename(columns={"nom": "zone"}), key="zone")
    twice = spread_over(pd.concat([sites, sites]).reset_index(drop=True), npartitions=2)
    repeated = twice.map_partitions(
        lambda part: part.set_index(part["nom"].rename("site")), align_dataframes=False
    )
    with pytest.raises(BadTable, match="partition"):
        land.available(repeated, constraints)
    with pytest.raises(BadTable, match="partition"):
        territory.split(repeated, sites.rename(columns={"nom": "zone"}), key="zone")


@pytest.mark.parametrize("spread", ["before", "after"])
def test_one_coverage_may_be_spread_and_the_other_in_memory(spread, tmp_path):
    field = plain.square(x_km=0, y_km=0, side_km=1, cs="CS2")
    halves = [plain.rectangle(x_km=x, y_km=0, width_km=0.5, height_km=1, cs="CS1") for x in (0, 0.5)]
    sides = {"before": field, "after": pd.concat(halves, ignore_index=True)}
    expected = overlay.change_table(**sides, zones=field, by=["cs"])
    table = overlay.change_table(
        **sides | {spread: spread_over(sides[spread], npartitions=1)},
        zones=field,
        by=["cs"],
    )
    pd.testing.assert_frame_equal(table, expected, check_dtype=False)
    assert table["area_ha"].tolist() == [100.0]
    sides["after"].to_parquet(tmp_path / "sol.parquet")
    with pytest.raises(BadTable, match="after"):
        overlay.change_table(
            spread_over(field, npartitions=1),
            overlay.open_cover(tmp_path / "sol.parquet"),
            zones=field,
            by=["cs"],
        )


def test_a_spread_cover_has_the_areas_of_one_machine():
    halves = [plain.rectangle(x_km=x, y_km=0, width_km=0.5, height_km=1, cs=f"CS{x}") for x in (0, 0.5)]
    cover, zone = pd.concat(halves, ignore_index=True), plain.square(x_km=0, y_km=0, side_km=1, nom="A")
    parts = spread_over(cover, npartitions=2)
    table = overlay.area_table(zone, parts, by=["cs"], key="nom")
    expected = overlay.area_table(zone, cover, by=["cs"], key="nom")
    pd.testing.assert_frame_equal(table, expected, check_dtype=False)
    assert table.set_index("cs")["area_ha"].to_dict() == {"CS0": 50.0, "CS0.5": 50.0}
