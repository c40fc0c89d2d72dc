"""Large layers stay usable: bytes, truth of what is drawn and told, what the reader can open."""

import base64
import json
import re
import zlib
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import geopandas as gpd
import hostile_texts as hostile
import numpy as np
import pandas as pd
import parcels
import plain
import pytest
import shapely
from chromium import Opened
from hypothesis import given
from hypothesis import strategies as st

from artois_geo import constants, maps
from artois_geo.errors import ArtoisGeoError
from artois_geo.maps import style
from artois_geo.maps.outlines import compact, simplify

one_file = import_module("artois_geo.maps.standalone")  # the package's name for it is the function
MIDDLE_BUDGET, LARGE_BUDGET = 1_500_000, 5_000_000  # bytes, of 5 000 and 50 000 polygons
NAME = "Parcelles fictives"
Open = Callable[..., Opened]


# ------------------------------------------------------------------------- the reader of the page, in Python


def read_numbers(data: bytes) -> list[int]:
    numbers, value, shift = [], 0, 0
    for byte in data:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            numbers.append(value)
            value = shift = 0
    return numbers


def read_outlines(data: bytes) -> list[list[tuple[int, np.ndarray]]]:
    """Runs of corners of each feature, with what they are."""
    numbers = iter(read_numbers(data))
    features, rings, corners = (next(numbers) for _ in range(3))
    counts = [next(numbers) for _ in range(features)]
    runs = [next(numbers) for _ in range(rings)]
    axes = [np.cumsum([(n >> 1) ^ -(n & 1) for n in (next(numbers) for _ in range(corners))]) for _ in "xy"]
    assert next(numbers, None) is None
    places = np.column_stack(axes)
    lengths = np.array([run >> 2 for run in runs], dtype=int)
    split = np.split(places, np.cumsum(lengths)[:-1]) if rings else []
    read, offset = [], 0
    for count in counts:
        read.append([(runs[i] & 3, split[i]) for i in range(offset, offset + count)])
        offset += count
    return read


def polygons(read: list[list[tuple[int, np.ndarray]]]) -> np.ndarray:
    return np.array([shapely.Polygon(*[runs[0][1], [hole for _, hole in runs[1:]]]) for runs in read])


def inflated(text: str) -> bytes:
    return zlib.decompress(base64.b64decode(text))


def data_of(page: str) -> Any:
    match = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert match
    return json.loads(match[1])


def page_of(frame: gpd.GeoDataFrame, name: str = NAME, **options: Any) -> str:
    return maps.standalone(maps.build({name: frame}, **options))


@pytest.fixture(scope="module")
def six_thousand() -> gpd.GeoDataFrame:
    return parcels.coverage(6_000)


@pytest.fixture(scope="module")
def six_thousand_page(six_thousand: gpd.GeoDataFrame) -> str:
    return page_of(six_thousand)


# ------------------------------------------------------------------------------------------------- outlines


@given(st.lists(st.integers(0, 2**34 - 1), max_size=40))
def test_numbers_of_any_length_come_back(values: list[int]) -> None:
    assert read_numbers(compact.numbers(np.array(values, dtype=np.uint64))) == values


def test_a_hole_a_second_part_a_line_and_a_point_come_back() -> None:
    metres = 1_000.0
    yard = shapely.box(0, 0, 9 * metres, 9 * metres).difference(shapely.box(3e3, 3e3, 6e3, 6e3))
    two = shapely.MultiPolygon([shapely.box(0, 0, metres, metres), shapely.box(5e3, 0, 6e3, metres)])
    line = shapely.LineString([(0, 0), (metres, metres), (2 * metres, 0)])
    both = shapely.GeometryCollection([shapely.Point(metres, metres), shapely.MultiLineString([line])])
    shapes = np.array([yard, two, line, both, None, shapely.Polygon()], dtype=object)
    read = read_outlines(compact.outlines(shapes, 16))
    assert [[kind for kind, _ in runs] for runs in read] == [[2, 2], [2, 2], [1], [0, 1], [], []]
    assert [[len(run) for _, run in runs] for runs in read] == [[4, 4], [4, 4], [3], [1, 3], [], []]
    outer, inner = (shapely.LinearRing(run).is_ccw for _, run in read[0])
    assert outer != inner, "a hole runs the other way: filled areas may lie over each other"


def test_neighbours_have_no_gap_and_no_overlap_once_simplified_and_rounded() -> None:
    frame = parcels.coverage(900)
    tolerance = simplify.tolerance_m(frame.geometry)
    light = simplify.lightened(frame.geometry, tolerance)
    assert light.count_coordinates().sum() < frame.count_coordinates().sum()
    zoom = simplify.precision_zoom(tolerance)
    outlines = polygons(read_outlines(compact.outlines(light.to_crs(compact.WEB_MERCATOR).to_numpy(), zoom)))
    assert shapely.coverage_is_valid(outlines)
    assert shapely.area(outlines).sum() == pytest.approx(shapely.area(shapely.union_all(outlines)), rel=1e-12)
    assert not shapely.get_num_interior_rings(shapely.union_all(outlines))


@given(x=st.floats(-80, 40), y=st.floats(-20, 40), side=st.floats(0.2, 3))
def test_a_corner_is_never_moved_by_more_than_the_tolerance_allows(x: float, y: float, side: float) -> None:
    square = plain.square(x_km=x, y_km=y, side_km=side)
    tolerance = simplify.tolerance_m(square.geometry)
    zoom = simplify.precision_zoom(tolerance)
    read = read_outlines(compact.outlines(square.geometry.to_crs(compact.WEB_MERCATOR).to_numpy(), zoom))
    scale = simplify.WORLD_M / simplify.TILE_PX / 2**zoom
    corners = read[0][0][1] * [scale, -scale] + [-simplify.WORLD_M / 2, simplify.WORLD_M / 2]
    back = gpd.GeoSeries(shapely.points(corners), crs=compact.WEB_MERCATOR).to_crs(2154)
    assert back.distance(square.geometry.iloc[0].exterior).max() <= tolerance / simplify.PIXELS_IN_TOLERANCE


def test_lines_keep_their_ends_and_points_stay() -> None:
    line = plain.line((0, 0), (0.5, 0.0001), (1, 0)).geometry
    light = simplify.lightened(line, 5.0).iloc[0]
    assert list(light.coords) == [line.iloc[0].coords[0], line.iloc[0].coords[-1]]
    point = plain.point(x_km=0, y_km=0).geometry
    assert simplify.lightened(point, 5.0).iloc[0].equals(point.iloc[0])


# ---------------------------------------------------------------------------------------------- what is held


def test_a_layer_is_listed_up_to_five_thousand_features_and_counted_beyond() -> None:
    layers = {count: maps.build({NAME: parcels.coverage(count)}).page.layers[0] for count in (5_000, 5_001)}
    assert (layers[5_000].bulk, len(layers[5_000].features)) == (None, 5_000)
    assert (layers[5_001].bulk is None, len(layers[5_001].features)) == (False, 5_001)


def test_areas_are_those_of_the_original_outlines(six_thousand_page: str) -> None:
    frame = parcels.coverage(6_000)
    attributes = json.loads(inflated(data_of(six_thousand_page)["layers"][0]["bulk"]["attributes"]))
    assert attributes["areas"] == pytest.approx((frame.area / 10_000).tolist(), abs=5e-5)
    assert attributes["measured"] is True


def test_a_published_area_of_a_large_layer_is_told_as_it_is() -> None:
    frame = parcels.coverage(5_200).assign(surface_ha=2.5)
    features = maps.build({NAME: frame}).page.layers[0].features
    assert set(features.areas) == {2.5}
    assert not any(features.measured)


def test_the_frame_is_not_changed() -> None:
    frame = parcels.coverage(5_100)
    before = frame.copy(deep=True)
    page_of(frame)
    assert frame.equals(before)
    assert shapely.equals_exact(frame.geometry.to_numpy(), before.geometry.to_numpy()).all()


def test_the_five_commonest_values_have_their_colour_and_the_rest_shares_one() -> None:
    frame = parcels.coverage(5_050)
    values = np.array([f"V{min(index % 12, 8)}" for index in range(len(frame))], dtype=object)
    values[:50] = None
    bulk = maps.build({NAME: frame.assign(vocation=values)}).page.layers[0].bulk
    labels = [
        entry["label"] if isinstance(entry["label"], str) else entry["label"]["fr"] for entry in bulk.classes
    ]
    assert labels[0] == "V8", "four of twelve"
    assert labels[5:] == ["Autres valeurs", "Non renseigné"]
    assert len({entry["fill"] for entry in bulk.classes}) == len(bulk.classes)
    labels_of_objects = [labels[look] for look in bulk.looks]
    assert [a == b for a, b in zip(labels_of_objects, values, strict=True) if b in labels[:5]].count(
        False
    ) == 0
    assert labels_of_objects[:50] == ["Non renseigné"] * 50


def test_land_cover_has_the_colours_and_words_of_its_nomenclature_whatever_its_size(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Water is blue and says so; the order, the number and the frequency of classes change nothing."""
    codes = ["CS1.2.2", "CS2.2.1", "CS2.2.1", "CS9.9", None]
    cover = pd.concat(
        [plain.square(x_km=x, y_km=0, side_km=1, code_cs=code) for x, code in enumerate(codes)],
        ignore_index=True,
    )
    water, grass = ("#00ccf2", "Surfaces d'eau (CS1.2.2)"), ("#ccf24d", "Formations herbacées (CS2.2.1)")
    small = maps.build({"sol": cover}).page.layers[0].theme
    monkeypatch.setattr(compact, "BULK_FROM", 1)
    large = maps.build({"sol": cover}).page.layers[0].bulk
    for classes, looks in ((small.entries, small.looks), (large.classes, large.looks)):
        entries = [classes[look] for look in looks]
        assert [(entry["fill"], entry["label"]["fr"]) for entry in entries[:3]] == [water, grass, grass]
        assert [entry["label"]["fr"] for entry in entries[3:]] == ["code hors nomenclature", "inconnu"]
        assert [entry.get("hatch", False) for entry in entries] == [False, False, False, True, True]


def test_every_class_of_land_cover_is_named_as_the_nomenclature_names_it() -> None:
    names = constants.table("ocsge_nomenclature")
    cover = names[names["axis"] == "CS"]
    icons = style.kind_style("ocsge")["icons"]
    assert [icon["label"]["fr"] for icon in icons] == [
        f"{label} ({code})" for code, label in zip(cover["code"], cover["label"], strict=True)
    ]
    assert len({icon["fill"] for icon in icons}) == len(icons)


def test_private_columns_of_a_large_layer_stay_at_home() -> None:
    count = 5_001
    frame = gpd.GeoDataFrame(
        {"SIRET": [str(n) for n in range(count)], "etab_contact_mail": ["a@b.fr"] * count},
        geometry=[shapely.Point(plain.ORIGIN_X + n, plain.ORIGIN_Y) for n in range(count)],
        crs=2154,
    )
    record = type("Record", (), {"kind": "etablissement", "title": "É"})()
    features = maps.build({"e": frame}, layers={"e": record}).page.layers[0].features
    assert "a@b.fr" not in json.dumps([features.columns, features.names])


def test_the_preview_without_script_counts_a_large_layer_and_stays_small(six_thousand_page: str) -> None:
    still = re.search(r"<noscript>(.*)</noscript>", six_thousand_page, re.DOTALL)
    assert still
    assert f"6\u202f000 {style.read_words()['fr']['noscript_counted'].split('{n} ')[1]}" in still[1]
    assert style.read_words()["fr"]["fictional_mark"] in still[1]
    assert len(still[1]) < 20_000


# ----------------------------------------------------------------------------------------------------- bytes


def test_five_thousand_polygons_keep_their_budget() -> None:
    page = page_of(parcels.coverage(5_000))
    assert len(page.encode()) <= MIDDLE_BUDGET
    assert data_of(page)["layers"][0]["keys"][-1] == "4999"


@pytest.mark.long
@pytest.mark.parametrize(("count", "budget"), [(50_000, LARGE_BUDGET), (200_000, 10_000_000)])
def test_large_coverages_keep_their_budget(count: int, budget: int) -> None:
    assert len(page_of(parcels.coverage(count)).encode()) <= budget


def test_a_large_layer_is_written_twice_in_the_same_bytes(six_thousand_page: str) -> None:
    assert page_of(parcels.coverage(6_000)) == six_thousand_page


def test_a_page_too_large_names_the_large_layer_and_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_file, "MAX_BYTES", 300_000)
    frames = {"Petite": plain.square(x_km=0, y_km=0, side_km=1), "Grosse": parcels.coverage(5_001)}
    with pytest.raises(ArtoisGeoError, match=r"(?s)« Grosse ».*Mo.*découper") as refused:
        maps.standalone(maps.build(frames))
    assert "Petite" not in str(refused.value)


# ----------------------------------------------------------------------------------------------- the browser


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory, six_thousand_page: str) -> Path:
    page_file = tmp_path_factory.mktemp("large") / "parcelles.html"
    page_file.write_text(six_thousand_page, encoding="utf-8")
    return page_file


def seen_at(view: Opened, point: shapely.Point) -> tuple[float, float]:
    """Where a place of the plane is on the screen, from the view that the address tells."""
    zoom, latitude, longitude = map(float, re.findall(r"m=([\d.]+)/(-?[\d.]+)/(-?[\d.]+)", view.page.url)[0])
    box = view.page.locator(".leaflet-container").bounding_box()
    world = gpd.GeoSeries([shapely.Point(longitude, latitude)], crs=4326).to_crs(3857).iloc[0]
    projected = gpd.GeoSeries([point], crs=2154).to_crs(3857).iloc[0]
    pixels = 256 * 2**zoom / simplify.WORLD_M
    return (
        box["x"] + box["width"] / 2 + (projected.x - world.x) * pixels,
        box["y"] + box["height"] / 2 - (projected.y - world.y) * pixels,
    )


@pytest.mark.browser
def test_pointing_at_200_random_places_tells_the_right_parcel(
    opened: Open, six_thousand: gpd.GeoDataFrame
) -> None:
    view = opened("#m=12.6/50.5/2.65")
    page = view.page
    dice = np.random.default_rng(3)
    west, north, east, south = 480, 90, 1000, 800  # clear of the panels
    tolerance = simplify.tolerance_m(six_thousand.geometry)
    tree = six_thousand.sindex
    wrong, tried = [], 0
    page.evaluate("document.querySelector('#legend').open = false")
    x, y = dice.uniform(west, east, 400), dice.uniform(north, south, 400)
    for plane, pixel in zip(planes_at(view, x, y), zip(x, y, strict=True), strict=True):
        matches = tree.query(plane, predicate="within")
        if (
            len(matches) != 1
            or plane.distance(six_thousand.geometry.iloc[matches[0]].exterior) < 2 * tolerance
        ):
            continue  # on the very edge, or outside the coverage
        page.mouse.move(*pixel)
        tooltip = page.evaluate("document.querySelector('.tip b')?.textContent")
        if tooltip != six_thousand["nom"].iloc[matches[0]]:
            wrong.append((tooltip, six_thousand["nom"].iloc[matches[0]]))
        tried += 1
        if tried == 200:
            break
    assert tried == 200
    assert wrong == []


def plane_at(view: Opened, x: float, y: float) -> shapely.Point:
    return planes_at(view, np.array([x]), np.array([y]))[0]


def planes_at(view: Opened, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Points of the plane under places of the window."""
    zoom, latitude, longitude = map(float, re.findall(r"m=([\d.]+)/(-?[\d.]+)/(-?[\d.]+)", view.page.url)[0])
    box = view.page.locator(".leaflet-container").bounding_box()
    world = gpd.GeoSeries([shapely.Point(longitude, latitude)], crs=4326).to_crs(3857).iloc[0]
    metres = simplify.WORLD_M / 256 / 2**zoom
    projected = shapely.points(
        world.x + (x - box["x"] - box["width"] / 2) * metres,
        world.y - (y - box["y"] - box["height"] / 2) * metres,
    )
    return gpd.GeoSeries(projected, crs=3857).to_crs(2154).to_numpy()


@pytest.mark.browser
def test_a_large_layer_is_drawn_counted_and_says_so_without_any_request(opened: Open, shipped: Path) -> None:
    view = opened()
    page = view.page
    assert view.requests == [shipped.as_uri()]
    assert view.complaints == []
    section = page.locator("#list details")
    assert "6 000 objets" in section.inner_text().replace("\u202f", " ")
    assert "pas listés un à un" in section.inner_text()
    assert page.locator("#list li button").count() == 0
    assert "données fictives" in page.inner_text("#legend")
    painted = page.evaluate(
        """() => { const c = document.querySelector('canvas.picture');
        const { data } = c.getContext('2d').getImageData(0, 0, c.width, c.height);
        return data.filter((value, i) => i % 4 === 3 && value).length; }"""
    )
    assert painted > 100_000


def canvas(page: Any) -> str:
    return str(page.evaluate("() => document.querySelector('canvas.picture').toDataURL()"))


@pytest.mark.browser
def test_a_class_of_a_large_layer_leaves_map_count_and_pointer(
    opened: Open, six_thousand: gpd.GeoDataFrame
) -> None:
    view = opened("#m=13/50.5/2.65")
    page = view.page
    before = canvas(page)
    page.get_by_label("Logistique").uncheck()
    assert canvas(page) != before
    visible_count = int((six_thousand["vocation"] != "Logistique").sum())
    assert f"{visible_count:,} objets".replace(",", " ") in page.inner_text("#list summary").replace(
        "\u202f", " "
    )
    # the address keeps the choice
    again = opened(view.page.url.split("html")[1]).page
    assert not again.get_by_label("Logistique").is_checked()
    page.get_by_label("Logistique").check()
    assert canvas(page) == before
    page.locator("#legend input[data-layer=parcelles-fictives]").uncheck()
    assert page.locator("canvas.picture").count() == 0


@pytest.mark.long
@pytest.mark.browser
def test_moving_the_map_paints_the_same_picture_as_opening_it_there(opened: Open) -> None:
    moved = opened("#m=12/50.5000/2.6500").page
    moved.focus(".leaflet-container")
    for key in ("ArrowRight", "ArrowDown"):
        moved.keyboard.press(key)
        moved.wait_for_timeout(700)
    fresh = opened(moved.url.split("html")[1]).page
    differing = [
        page.evaluate(
            """() => { const c = document.querySelector('canvas.picture');
            return [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]; }"""
        )
        for page in (moved, fresh)
    ]
    moved_pixels, opened_pixels = (np.array(pixels).reshape(-1, 4).astype(int) for pixels in differing)
    assert moved_pixels.shape == opened_pixels.shape
    assert (np.abs(moved_pixels - opened_pixels).max(axis=1) > 60).mean() < 0.02  # the edges of the strips


@pytest.mark.browser
def test_a_parcel_opens_by_click_by_key_by_search_and_by_address(
    opened: Open, six_thousand: gpd.GeoDataFrame
) -> None:
    view = opened("#m=14/50.5/2.65")
    page = view.page
    page.mouse.click(700, 450)
    name = page.inner_text("#card-name")
    row = six_thousand.set_index("nom").loc[name]
    area = f"{row.geometry.area / 10_000:.1f}".replace(".", ",")
    assert f"{area} ha" in page.inner_text("#card").replace("\u202f", " ")
    assert "surface plane en Lambert-93" in page.inner_text("#card")
    again = opened(view.page.url.split("html")[1]).page
    assert again.inner_text("#card-name") == name
    page.keyboard.press("Escape")
    page.focus(".leaflet-container")
    page.keyboard.press("Enter")
    assert page.locator("#card-name").count() == 1
    page.keyboard.press("Escape")
    page.fill("#query", "62004321")
    page.keyboard.press("Enter")
    assert page.inner_text("#card-name") == "62004321"


@pytest.mark.browser
def test_hostile_values_of_a_large_layer_are_shown_exactly_and_never_run(
    opened: Open, tmp_path: Path
) -> None:
    texts = hostile.TEXTS
    count = compact.BULK_FROM + len(texts)
    frame = parcels.coverage(count)
    values = [texts[index % len(texts)] for index in range(count)]
    uses = [texts[index % 30] for index in range(count)]
    frame = frame.assign(nom=values, commune=values, epci=values, vocation=uses, note=values)
    frame = frame.assign(**dict.fromkeys(texts[:6], values))
    page = page_of(frame, texts[1], title=texts[2])
    file = tmp_path / "hostile.html"
    file.write_text(re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page), encoding="utf-8")
    layer = data_of(page)["layers"][0]["id"]
    cards = []
    view = opened(f"#m=13/50.5/2.65&s={layer}.0", file=file, reduced_motion="reduce")
    for row, text in enumerate(texts):
        card = view.page.evaluate(
            """address => new Promise(told => {
                const tell = () => told([document.querySelector('#card-name').textContent,
                    document.querySelector('#card .told')?.textContent,
                    [...document.querySelectorAll('#card a')].map(a => a.protocol)]);
                if (location.hash === address) return tell();
                addEventListener('hashchange', () => setTimeout(tell), {once: true});
                location.hash = address;
            })""",
            f"#m=13/50.5/2.65&s={layer}.{row}",
        )
        assert view.page.evaluate(hostile.MARK) is None, text
        cards.append(card[:2])
        assert set(card[2]) <= {"http:", "https:"}
    assert [name for name, _ in cards] == texts
    assert [note for _, note in cards] == texts
    view.page.mouse.move(700, 450)
    assert view.page.locator(".tip").count() == 1
    assert view.page.evaluate(hostile.MARK) is None


@pytest.mark.browser
def test_lines_and_points_in_bulk_are_drawn_and_open(opened: Open, tmp_path: Path) -> None:
    count = compact.BULK_FROM + 1
    x = plain.ORIGIN_X + np.arange(count) % 80 * 500
    y = plain.ORIGIN_Y + np.arange(count) // 80 * 500
    names = [str(index) for index in range(count)]
    dots = gpd.GeoDataFrame({"nom": names}, geometry=shapely.points(x, y), crs=2154)
    ends = np.stack([np.column_stack([x, y + 250]), np.column_stack([x + 300, y + 250])], axis=1)
    ways = gpd.GeoDataFrame({"nom": names}, geometry=shapely.linestrings(ends), crs=2154)
    file = tmp_path / "points.html"
    file.write_text(maps.standalone(maps.build({"Points": dots, "Chemins": ways})), encoding="utf-8")
    view = opened("#m=14/50.50/2.90", file=file)
    checks = set()
    for frame, name in ((dots, "Points"), (ways, "Chemins")):
        centre = plane_at(view, 700, 450)
        near = frame.geometry.distance(centre).idxmin()
        geometry = frame.geometry.iloc[near]
        target = geometry if name == "Points" else geometry.interpolate(150)
        view.page.mouse.click(*seen_at(view, target))
        card = view.page.inner_text("#card")
        checks.add((name in card, view.page.inner_text("#card-name") == str(near)))
        view.page.keyboard.press("Escape")
    assert checks == {(True, True)}
    assert view.complaints == []


@pytest.mark.browser
def test_a_layer_of_middle_size_is_listed_drawn_and_opened_like_a_small_one(
    opened: Open, tmp_path: Path
) -> None:
    file = tmp_path / "middle.html"
    file.write_text(page_of(parcels.coverage(1_500)), encoding="utf-8")
    page = opened("#m=12/50.5/2.65", file=file).page
    assert page.locator("#list li button").count() == 250
    page.mouse.click(700, 450)
    assert re.fullmatch(r"62\d{6}", page.inner_text("#card-name"))
