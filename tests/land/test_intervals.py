"""Sites whose place is known to some metres: intervals, totals that count ground once, one last figure."""

import json
from dataclasses import fields

import geopandas as gpd
import numpy as np
import pandas as pd
import plain
import pytest
import shapely
from blocks import HA, block, nothing, stack
from draws import few
from hypothesis import given, settings
from hypothesis import strategies as st

from artois_geo import constants, land, layers
from artois_geo.errors import BadTable, BadValue, UnknownName
from artois_geo.land import cuts

CONVENTION = constants.values(land.MOVES)[-1].value
MOVES = land.read_moves(CONVENTION)
BOUNDS = ["available_low_ha", "available_high_ha"]
#: Share of the diameter left of the 5th percentile of a uniform disc: (t √(1 − t²) + asin t) / π = 0.45.
FIFTH = 0.8054
#: A plain where everything east of 750 m is flooded.
FLOOD = plain.rectangle(x_km=0.75, y_km=-20, width_km=40, height_km=40)


def sketch(*, precision_m: float | None = 250.0, **columns: object) -> gpd.GeoDataFrame:
    """A square of 100 ha that only stands for its place."""
    defaults = {"geometrie": "schématique", "precision_m": precision_m, "surface_ha": 100.0}
    return plain.square(x_km=0, y_km=0, side_km=1, **defaults | columns)


def interval(sites: gpd.GeoDataFrame, constraints: gpd.GeoDataFrame, **demands: object) -> list[float]:
    return land.available(sites, constraints, moves=MOVES, **demands)[BOUNDS].iloc[0].tolist()


# ---------------------------------------------------------------------------------------- the interval
def test_the_interval_of_a_site_beside_a_plain_that_floods_is_that_of_its_steps_to_the_east() -> None:
    # 75 ha are left where it is drawn, 0.1 ha less for each metre further east.
    assert interval(sketch(), FLOOD) == pytest.approx([75 - 25 * FIFTH, 75 + 25 * FIFTH], abs=2.5)
    # One out of twenty of 200 steps: the sampling error of a percentile is 1.5 ha here.


def test_a_schematic_site_is_never_measured() -> None:
    available = land.available(sketch(), FLOOD, moves=MOVES).iloc[0]
    measured = ["available_ha", "unknown_ha", "lost_ha", "net_ha", "high_ha", "available_share", "pieces"]
    assert available[[*measured, "largest_ha", "shared_ha"]].isna().all()
    assert (available["gross_ha"], available["gross_origin"]) == (100.0, "publiée")
    assert available["available_reason"] == "tracé schématique, position connue à 250 m près"
    assert available.geometry.equals(sketch().geometry.item())  # no piece of ground to measure on a map
    unpublished = land.available(sketch(surface_ha=None, precision_m=1500), FLOOD, moves=MOVES).iloc[0]
    assert (unpublished["gross_ha"], unpublished["gross_origin"]) == (100.0, "dessinée")
    assert "1,5 km" in unpublished["available_reason"]


def test_without_a_known_precision_there_is_no_interval_and_a_reason() -> None:
    available = land.available(sketch(precision_m=None), FLOOD, moves=MOVES).iloc[0]
    assert available[["available_ha", *BOUNDS]].isna().all()
    assert "precision_m" in available["available_reason"]
    unasked = land.available(sketch(), FLOOD).iloc[0]
    assert unasked[["available_ha", *BOUNDS]].isna().all()
    assert "non demandé" in unasked["available_reason"]


def test_a_measured_outline_keeps_its_decimals() -> None:
    flood = plain.rectangle(x_km=0.75432, y_km=0, width_km=1, height_km=1)
    available = land.available(sketch(geometrie="levée"), flood, moves=MOVES).iloc[0]
    assert available["available_ha"] == pytest.approx(75.432, abs=HA)
    assert available[BOUNDS].tolist() == [available["available_ha"]] * 2
    assert (available["gross_origin"], available["available_reason"]) == ("mesurée", None)


def test_hectares_of_an_interval_are_whole_but_below_one() -> None:
    low, high = interval(sketch(), FLOOD)
    assert (low, high) == (round(low), round(high))
    small = plain.square(x_km=0, y_km=0, side_km=0.05, geometrie="schématique", precision_m=10)  # 0.25 ha
    available = land.available(small, FLOOD.assign(geometry=FLOOD.translate(-725)), moves=MOVES).iloc[0]
    assert available["gross_ha"] == 0.3
    assert 0 < available["available_low_ha"] < available["available_high_ha"] < 0.3
    assert round(available["available_high_ha"], 1) == available["available_high_ha"]


def test_ground_that_nothing_takes_keeps_its_published_figure() -> None:
    assert interval(sketch(surface_ha=99.9), nothing()) == [99.9, 99.9]


def test_the_demands_on_the_shape_hold_for_each_move() -> None:
    # Never less than 45 ha are left: with pieces of 80 ha at least, what floods further west leaves nothing.
    assert interval(sketch(), FLOOD, min_piece_ha=80)[0] == 0
    assert interval(sketch(), FLOOD, min_piece_ha=20) == interval(sketch(), FLOOD)


def test_unknown_ground_moves_too() -> None:
    # Somebody looked west of 750 m only; nothing floods.
    survey = plain.rectangle(x_km=-20, y_km=-20, width_km=20.75, height_km=40)
    available = land.available(sketch(), nothing(), coverage=survey, moves=MOVES).iloc[0]
    interval_ha = available[BOUNDS].tolist()
    assert interval_ha == interval(sketch(), FLOOD)
    unknown = available[["unknown_low_ha", "unknown_high_ha"]].tolist()
    assert unknown == pytest.approx([100 - interval_ha[1], 100 - interval_ha[0]], abs=1)


def test_a_soft_constraint_weighs_on_the_net_of_each_move() -> None:
    # Half of what lies east of 750 m counts: 100 ha available whatever the place, half as much lost.
    available = land.available(sketch(), FLOOD.assign(kept_share=0.5), moves=MOVES).iloc[0]
    assert available[BOUNDS].tolist() == [100, 100]
    assert available[["available_low_share", "available_high_share"]].tolist() == [1, 1]
    hard = interval(sketch(), FLOOD)
    soft = [50 + bound / 2 for bound in hard]
    assert available[["net_low_ha", "net_high_ha"]].tolist() == pytest.approx(soft, abs=1)


def test_a_schematic_constraint_moves_around_a_measured_site() -> None:
    site, flood = sketch(geometrie="levée"), FLOOD.assign(geometrie="schématique", precision_m=250)
    available = land.available(site, flood, moves=MOVES).iloc[0]
    assert available[BOUNDS].tolist() == pytest.approx([75 - 25 * FIFTH, 75 + 25 * FIFTH], abs=2.5)
    assert pd.isna(available["available_ha"])
    assert available["available_reason"] == "contrainte schématique, position connue à 250 m près"
    # Drawn 200 m away, it may be here all the same.
    away = flood.set_geometry(flood.translate(450))
    assert land.available(site, away, moves=MOVES)["schematic"].item()
    assert not land.available(site, away.assign(precision_m=150), moves=MOVES)["schematic"].item()
    unsaid = land.available(site, flood.assign(precision_m=None), moves=MOVES).iloc[0]
    assert unsaid[BOUNDS].isna().all()
    assert unsaid["available_reason"].startswith("contrainte schématique, précision de la position inconnue")


def many_sketches() -> gpd.GeoDataFrame:
    sites = [sketch(site_id=f"S{x}").translate(300 * x) for x in range(4)]
    frames = [sketch(site_id=f"S{x}").set_geometry(moved) for x, moved in enumerate(sites)]
    return gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=2154)


@pytest.mark.parametrize("cores", [1, 3])
def test_the_interval_of_a_site_depends_on_no_other_row_nor_their_order_nor_the_cores(cores: int) -> None:
    sites = many_sketches()
    pond = block(x_m=300, y_m=100, width_m=300, height_m=300, setback_m=40.0)
    flood = stack(FLOOD.assign(setback_m=0.0), pond)
    all_sites = land.available(sites, flood, moves=MOVES, cores=cores).set_index("site_id")[BOUNDS]
    turned = land.available(sites.iloc[::-1], flood.iloc[::-1], moves=MOVES).set_index("site_id")[BOUNDS]
    alone = land.available(sites.iloc[[2]], flood, moves=MOVES).set_index("site_id")[BOUNDS]
    pd.testing.assert_frame_equal(all_sites, turned.loc[all_sites.index])
    pd.testing.assert_frame_equal(all_sites.loc[["S2"]], alone)
    assert all_sites["available_low_ha"].nunique() > 1


@settings(max_examples=few(15))
@given(
    ponds=st.lists(st.tuples(st.integers(-300, 1200), st.integers(-300, 1200)), min_size=1, max_size=4),
    precision_m=st.sampled_from([0, 40, 400]),
)
def test_one_more_constraint_never_raises_a_bound(ponds: list[tuple[int, int]], precision_m: float) -> None:
    constraints = stack(*[block(x_m=x, y_m=y, width_m=300, height_m=300) for x, y in ponds])
    site = sketch(precision_m=precision_m)
    low, high = interval(site, constraints)
    fewer = interval(site, constraints.iloc[:-1] if len(ponds) > 1 else nothing())
    assert 0 <= low <= high <= 100
    assert low <= fewer[0]
    assert high <= fewer[1]
    if precision_m == 0:  # known exactly, though not surveyed: the drawn figure, to the hectare
        drawn_ha = land.available(site.assign(geometrie="levée"), constraints)["available_ha"].item()
        assert [low, high] == pytest.approx([drawn_ha, drawn_ha], abs=0.5 + HA)


def test_intervals_of_real_sites_are_those_of_an_independent_simulation(shared) -> None:
    from real_files import heritage

    constraints = heritage(shared)
    grown = shapely.buffer(constraints.geometry.to_numpy(), constraints["setback_m"], quad_segs=16)
    grown_union = shapely.union_all(grown)
    sites = layers.read(layers.read_catalogue()["sites_eco"])
    site_ids = ["zac-sainte-henriette", "plate-forme-multimodale-delta-3", "parc-d-activites-de-l-alouette"]
    sites = sites[sites["site_id"].isin(site_ids)]
    available = land.available(sites, constraints, moves=MOVES)
    generator = np.random.default_rng(1)
    for (_, site), (_, row) in zip(sites.iterrows(), available.iterrows(), strict=True):
        corners = generator.uniform(-1, 1, (1500, 2)) * site["precision_m"]
        steps = corners[np.hypot(*corners.T) <= site["precision_m"]]  # uniform in the disc, by rejection
        moved = [shapely.transform(site.geometry, lambda xy, step=step: xy + step) for step in steps]
        ground = shapely.intersection(
            grown_union, shapely.box(*site.geometry.buffer(site["precision_m"]).bounds)
        )
        free = shapely.area(shapely.difference(moved, ground)) / 1e4
        low, high = row["available_low_ha"], row["available_high_ha"]
        assert (free < low - 0.5).mean() < 0.09, site["site_id"]  # 5 % and three times its sampling error
        assert (free <= low + 1).mean() > 0.015, site["site_id"]
        assert (free > high + 0.5).mean() < 0.09, site["site_id"]
        assert (free >= high - 1).mean() > 0.015, site["site_id"]


@pytest.mark.parametrize(
    "wrong", [{"déplacements": 0}, {"centile bas": 96}, {"centile haut": 101}, {"centile bas": float("nan")}]
)
def test_a_convention_that_makes_no_sense_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(BadValue, match="centiles"):
        land.read_moves(CONVENTION | wrong)


# --------------------------------------------------------------------------------- ground counted once
def test_ground_of_three_nested_sites_is_counted_once() -> None:
    # A park of 100 ha, a lot of 25 ha in it, a plot of 1 ha in the lot; a pond takes 4 ha of all three but 3.
    sites = stack(
        block(x_m=0, y_m=0, width_m=1000, height_m=1000),
        block(x_m=0, y_m=0, width_m=500, height_m=500),
        block(x_m=0, y_m=0, width_m=100, height_m=100),
        block(x_m=3000, y_m=0, width_m=100, height_m=100),
    )
    pond = block(x_m=0, y_m=0, width_m=200, height_m=200)
    totals = land.totals(sites, land.available(sites, pond))
    assert totals["summed_ha"] == pytest.approx(127, abs=HA)
    assert totals["united_ha"] == pytest.approx(101, abs=HA)
    assert totals["repeated_ha"] == pytest.approx(26, abs=HA)
    assert totals[BOUNDS].tolist() == pytest.approx([97, 97], abs=HA)


@given(
    corners=st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=1, max_size=7),
    pond=st.tuples(st.integers(0, 12), st.integers(0, 12)),
)
def test_totals_of_measured_sites_are_those_of_one_union(
    corners: list[tuple[int, int]], pond: tuple[int, int]
) -> None:
    sites = stack(*[block(x_m=100 * x, y_m=100 * y, width_m=350, height_m=200) for x, y in corners])
    water = block(x_m=100 * pond[0], y_m=100 * pond[1], width_m=300, height_m=300)
    totals = land.totals(sites, land.available(sites, water))
    union = sites.union_all()
    assert totals["united_ha"] == pytest.approx(union.area / 1e4, abs=HA)
    assert totals["repeated_ha"] == pytest.approx(sites.area.sum() / 1e4 - union.area / 1e4, abs=HA)
    free = union.difference(water.geometry.item()).area / 1e4
    assert totals[BOUNDS].tolist() == pytest.approx([free, free], abs=HA)


def test_totals_of_sketches_add_bounds_within_their_common_outline() -> None:
    # Two discs of the same park: what is left of both is at least what is left of the larger.
    park, lot = sketch(site_id="park"), sketch(site_id="lot", surface_ha=25.0, precision_m=0)
    lot = lot.set_geometry(block(x_m=0, y_m=0, width_m=500, height_m=500).geometry)
    sites = stack(park, lot)
    available = land.available(sites, FLOOD, moves=MOVES)
    totals = land.totals(sites, available)
    assert totals[["summed_ha", "united_ha", "repeated_ha"]].tolist() == [125, 100, 25]
    assert totals["available_low_ha"] == available["available_low_ha"].max()
    assert totals["available_high_ha"] == min(available["available_high_ha"].sum(), 100)
    assert totals["schematic_count"] == 2


def test_a_site_without_interval_counts_for_nothing_to_all_in_a_total() -> None:
    far = sketch(precision_m=None).set_geometry(sketch().translate(9000))
    sites = stack(sketch(geometrie="levée"), far)
    totals = land.totals(sites, land.available(sites, FLOOD.iloc[:0], moves=MOVES))
    assert totals[[*BOUNDS, "no_interval_count"]].tolist() == [100, 200, 1]


# ------------------------------------------------------------------------------------- the last figure
def strips() -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, dict[str, object]]:
    """A wall that leaves a strip of 8 m, a flood, and a survey of the west: shape and unknown both take."""
    site = block(x_m=0, y_m=0, width_m=500, height_m=400)
    wall = block(x_m=0, y_m=380, width_m=500, height_m=12, name="mur", kept_share=0.0)
    flood = block(x_m=0, y_m=0, width_m=100, height_m=400, name="inondation", kept_share=0.0)
    wood = block(x_m=100, y_m=0, width_m=100, height_m=100, name="bois", kept_share=0.5)
    survey = block(x_m=-10, y_m=-10, width_m=410, height_m=600)
    return site, stack(wall, flood, wood), {"by": "name", "coverage": survey, "min_width_m": 20}


def test_the_waterfall_and_its_sentence_end_at_the_net_land() -> None:
    site, constraints, demands = strips()
    available = land.available(site, constraints, **demands)
    rows = land.losses(site, constraints, by="name", left=available).loc[0]
    # 0.6 of wall, 4 − 0.12 of flood, half a wood of 1 ha; then 8 m × 400 m too narrow, 100 m × 380 m unseen
    assert rows["marginal_ha"].tolist() == pytest.approx([0.6, 3.88, 0.5, 0.32, 3.8], abs=HA)
    assert rows["remaining_ha"].iloc[-1] == available["net_ha"].item() == pytest.approx(10.9, abs=HA)
    assert rows.index[-2:].tolist() == [
        "Morceaux trop petits ou trop étroits",
        "Sol que personne n'a regardé",
    ]
    assert land.sentence(rows) == (
        "20,0 ha bruts − 0,5 mur − 3,9 inondation − 0,5 bois − 0,1 sous plusieurs contraintes à la fois"
        " − 0,3 morceaux trop petits ou trop étroits − 3,8 sol que personne n'a regardé = 10,9 ha."
    )


@settings(max_examples=few(20))
@given(
    ponds=st.lists(st.tuples(st.integers(0, 950), st.integers(0, 950)), min_size=1, max_size=5),
    min_piece_ha=st.sampled_from([0.0, 5.0, 60.0]),
    side=st.integers(20, 400),
)
def test_the_sentence_the_waterfall_and_the_available_land_never_disagree(
    ponds: list[tuple[int, int]], min_piece_ha: float, side: int
) -> None:
    site = plain.square(x_km=0, y_km=0, side_km=1)
    blocks = [
        block(x_m=x, y_m=y, width_m=side, height_m=1000, name=f"C{number}")
        for number, (x, y) in enumerate(ponds)
    ]
    available = land.available(site, stack(*blocks), by="name", min_piece_ha=min_piece_ha)
    rows = land.losses(site, stack(*blocks), by="name", left=available).loc[0]
    assert rows["remaining_ha"].iloc[-1] == available["available_ha"].item()
    assert rows["marginal_ha"].sum() == pytest.approx(100 - available["available_ha"].item(), abs=HA)
    assert (rows["marginal_ha"] >= 0).all()
    sentence = land.sentence(rows)
    available_text = f"{available['available_ha'].item():.1f}".replace(".", ",")
    assert sentence.endswith(f"= {available_text} ha.")
    first, *losses_ha = [float(word.replace(",", ".")) for word in sentence.split() if word[0].isdigit()]
    assert first - sum(losses_ha[:-1]) == pytest.approx(losses_ha[-1], abs=1e-6)


def test_a_sketched_site_has_no_waterfall_and_its_sentence_is_its_interval() -> None:
    available = land.available(sketch(), FLOOD.assign(name="crue"), by="name", moves=MOVES)
    rows = land.losses(sketch(), FLOOD.assign(name="crue"), by="name", left=available).loc[0]
    assert rows.isna().all(axis=None)
    assert land.losses(sketch(), FLOOD.assign(name="crue"), by="name").isna().all(axis=None)
    low, high = (f"{value:.0f}" for value in available[BOUNDS].iloc[0])
    assert land.sentence(rows, site_name="Parc", left=available.iloc[0]) == (
        f"Parc : 100 ha publiés, {low} à {high} ha disponibles "
        "(tracé schématique, position connue à 250 m près)."
    )
    with pytest.raises(BadTable, match="left="):
        land.sentence(rows)


def test_losses_of_other_sites_are_refused() -> None:
    site, constraints, demands = strips()
    available = land.available(site, constraints, **demands)
    with pytest.raises(BadTable, match="autres sites"):
        land.losses(site.set_axis(["x"]), constraints, by="name", left=available)


# ---------------------------------------------------------------------------------------- one geometry
def test_what_is_available_has_one_geometry_and_can_be_written(tmp_path) -> None:
    site, constraints, demands = strips()
    sites = stack(site.assign(nom="mesuré"), sketch(nom="schématique"))
    available = land.available(sites, constraints, moves=MOVES, **demands)
    assert [name for name, kind in available.dtypes.items() if str(kind) == "geometry"] == ["geometry"]
    layers.write(available, tmp_path / "left.geojson")
    layers.write_geopackage(available, tmp_path / "left.gpkg", layer="left")
    available.to_file(tmp_path / "other.gpkg")
    available.to_file(tmp_path / "other.geojson")
    assert len(json.loads(available.to_json())["features"]) == 2
    read = layers.read(tmp_path / "left.geojson")
    assert read["available_low_ha"].tolist() == pytest.approx(available["available_low_ha"].tolist())
    assert read.area.tolist() == pytest.approx(available.area.tolist(), rel=1e-4)


def test_two_geometries_are_refused_by_a_message_that_works(tmp_path) -> None:
    site = plain.square(x_km=0, y_km=0, side_km=1)
    both = site.assign(reste=site.geometry)
    for write in (layers.write, lambda frame, path: layers.write_geopackage(frame, path, layer="a")):
        with pytest.raises(BadTable, match=r"drop\(columns=\['reste'\]\)") as refused:
            write(both, tmp_path / "both.gpkg")
        assert "« reste »" in str(refused.value)
    layers.write(both.drop(columns=["reste"]), tmp_path / "one.geojson")


def test_shipped_layers_can_be_sites_and_constraints_at_once() -> None:
    sites = layers.read(layers.read_catalogue()["sites_eco"])
    discs = sites[sites.geom_type == "Polygon"]
    parks = layers.read(layers.read_catalogue()["chaine_des_parcs"])
    for constraints in (discs.iloc[:1], parks[parks.geom_type == "Polygon"]):
        available = land.available(discs, constraints, moves=MOVES)
        assert available["schematic"].all()
        assert available["available_low_ha"].notna().all()


def test_states_never_call_unknown_ground_excluded() -> None:
    site, constraints, demands = strips()
    available = land.available(site, constraints, **demands)
    with pytest.raises(BadTable, match=r"land\.unknown"):
        land.states(site, available)
    sites = stack(site, sketch())
    shapes = land.states(sites, land.available(sites, nothing(), moves=MOVES))
    assert shapes["state"].tolist() == ["disponible", "inconnu"]
    assert shapes["area_ha"].isna().tolist() == [False, True]


def test_soil_of_a_sketched_site_is_not_known() -> None:
    available = land.available(stack(sketch(), sketch(geometrie="levée")), FLOOD, moves=MOVES)
    cover = plain.square(x_km=0, y_km=0, side_km=1, nature="ENAF")
    ground = land.soil(available.assign(insee="62001"), cover, by="nature")
    assert ground["enaf_ha"].isna().tolist() == [True, False]
    budget = pd.DataFrame({"insee": ["62001"], "left_ha": [1000.0]})
    assert land.drawn(ground, budget, key="insee")["fits_budget"].isna().tolist() == [True, False]


def test_no_site_at_all_is_no_hectare() -> None:
    available = land.available(sketch().iloc[:0], FLOOD, moves=MOVES)
    assert len(available) == 0
    assert land.totals(sketch().iloc[:0], available)[["summed_ha", "united_ha", *BOUNDS]].tolist() == [
        0,
        0,
        0,
        0,
    ]


@pytest.mark.parametrize("name", [field.name for field in fields(land.PieceDemands)])
def test_a_demand_on_pieces_is_one_by_keyword_and_in_a_record(name: str) -> None:
    lots = stack(sketch(geometrie="levée"), plain.rectangle(x_km=3, y_km=0, width_km=0.5, height_km=0.01))
    limit = {"min_rectangle_m": (900.0, 700.0), "min_compactness": 0.3, "min_piece_ha": 10.0}.get(name, 200.0)
    road = plain.rectangle(x_km=0, y_km=-0.1, width_km=2, height_km=0.05)
    by_keyword = land.available(lots, FLOOD, roads=road, **{name: limit})
    in_a_record = land.available(lots, FLOOD, roads=road, pieces=land.PieceDemands(**{name: limit}))
    assert by_keyword["available_ha"].tolist() == in_a_record["available_ha"].tolist()
    assert land.PieceDemands.__annotations__.keys() <= cuts.Demands.__annotations__.keys()


def test_an_unknown_demand_is_refused() -> None:
    with pytest.raises(UnknownName, match="min_width_m"):
        land.unknown(sketch(), FLOOD, min_width=20)  # type: ignore[call-arg]
