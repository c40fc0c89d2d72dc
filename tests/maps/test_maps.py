"""Maps: what is built, what is refused, what the file may hold."""

import ast
import base64
import hashlib
import html
import json
import re
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import folium
import folium.plugins
import geopandas as gpd
import hostile_texts as hostile
import pandas as pd
import plain
import pytest
import shapely
from package_code import modules, nodes

from artois_geo import layers, maps
from artois_geo.errors import BadCRS, BadValue, UnknownName
from artois_geo.maps import records
from artois_geo.maps.backdrop.towns import cities_around
from artois_geo.maps.static_svg import Disc, spread
from artois_geo.maps.style import read_style

one_file = import_module("artois_geo.maps.standalone")  # the package's name for it is the function
SHIPPED_BUDGET = 660_000  # bytes, 63 000 of them the typeface


def described(kind: str, **fields: str) -> SimpleNamespace:
    record = {"title": "", "group": "", "source": "essai", "licence": "libre", "vintage": "2026"}
    return SimpleNamespace(**{**record, "kind": kind, **fields})


def data_of(page: str) -> Any:
    match = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert match
    return json.loads(match[1], parse_constant=lambda word: pytest.fail(f"{word} is not JSON"))


def inline_scripts(page: str) -> list[str]:
    return re.findall(r"<script>(.*?)</script>", page, re.DOTALL)


def policy_of(page: str) -> str:
    match = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert match
    return html.unescape(match[1])


def sites(**columns: object) -> gpd.GeoDataFrame:
    return plain.square(x_km=0, y_km=0, side_km=1, **{"site_nom": "Alpha", **columns})


@pytest.fixture(scope="module")
def shipped() -> folium.Map:
    catalogue = layers.read_catalogue()
    frames = {name: layers.read(layer) for name, layer in catalogue.items()}
    return maps.build(frames, layers=catalogue, title="Artois")


@pytest.fixture(scope="module")
def shipped_page(shipped: folium.Map) -> str:
    return maps.standalone(shipped)


# --------------------------------------------------------------------------------------- what is built


def test_a_map_is_a_folium_map() -> None:
    assert isinstance(maps.build({"Sites": sites()}), folium.Map)


def test_frames_are_not_changed() -> None:
    frame = sites(surface_ha=5.0)
    before = frame.copy(deep=True)
    maps.standalone(maps.build({"Sites": frame}))
    pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(before))


def test_a_frame_in_degrees_is_refused_by_name() -> None:
    with pytest.raises(BadCRS, match=r"Ma couche.*EPSG:2154"):
        maps.build({"Ma couche": sites().to_crs(4326)})


def test_a_map_without_layers_is_refused() -> None:
    with pytest.raises(BadValue, match="Aucune couche"):
        maps.build({})


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(BadValue, match="« de »"):
        maps.build({"Sites": sites()}, lang="de")


def test_an_unknown_basemap_offers_the_nearest() -> None:
    with pytest.raises(UnknownName, match="plan-ign"):
        maps.build({"Sites": sites()}, basemap="plan_ign")


def test_an_unknown_kind_tells_all_its_columns() -> None:
    page = maps.standalone(maps.build({"À moi": sites(altitude=31, couleur="vert")}))
    assert set(data_of(page)["layers"][0]["columns"]) == {"site_nom", "altitude", "couleur"}


def test_layers_without_a_kind_have_each_its_colour() -> None:
    page = maps.standalone(maps.build({name: sites() for name in "abcde"}))
    assert len({layer["style"]["fill"] for layer in data_of(page)["layers"]}) == 5


def test_wide_shapes_of_unknown_layers_lie_below_small_ones_and_points_on_top() -> None:
    wide, small = plain.square(x_km=0, y_km=0, side_km=9), plain.square(x_km=1, y_km=1, side_km=1)
    drawn_layers = maps.build(
        {"point": plain.point(x_km=1, y_km=1), "petit": small, "grand": wide}
    ).page.layers
    assert [layer.title for layer in drawn_layers] == ["grand", "petit", "point"]


def test_layers_without_any_geometry_still_make_a_map() -> None:
    nowhere = gpd.GeoDataFrame({"nom": ["Sans lieu"]}, geometry=[None], crs=2154)
    empty = gpd.GeoDataFrame({"nom": []}, geometry=[], crs=2154)
    data = data_of(maps.standalone(maps.build({"a": nowhere, "b": empty})))
    assert [layer["points"] for layer in data["layers"]] == [[None], []]


def test_every_sort_of_geometry_is_drawn() -> None:
    x, y = plain.ORIGIN_X, plain.ORIGIN_Y
    shapes = [
        shapely.Point(x, y),
        shapely.MultiPoint([(x, y), (x + 900, y)]),
        shapely.LineString([(x, y), (x + 900, y + 900)]),
        shapely.MultiLineString([[(x, y), (x + 900, y)], [(x, y + 50), (x + 900, y + 50)]]),
        shapely.MultiPolygon([shapely.box(x, y, x + 90, y + 90), shapely.box(x + 200, y, x + 300, y + 90)]),
        shapely.GeometryCollection([shapely.Point(x, y), shapely.box(x, y, x + 90, y + 90)]),
        shapely.Polygon(),
        None,
    ]
    frame = gpd.GeoDataFrame({"nom": [str(i) for i in range(len(shapes))]}, geometry=shapes, crs=2154)
    layer = data_of(maps.standalone(maps.build({"Tout": frame})))["layers"][0]
    has_point = [point is not None for point in layer["points"]]
    assert has_point == [True] * 6 + [False] * 2
    kinds = [shape and shape["type"] for shape in layer["shapes"]]
    assert kinds == [
        None,
        "MultiPoint",
        "LineString",
        "MultiLineString",
        "MultiPolygon",
        "GeometryCollection",
        None,
        None,
    ]


def test_same_input_gives_same_bytes() -> None:
    def once() -> str:
        return maps.standalone(maps.build({"Sites": sites(), "Encore": sites(site_nom="Bêta")}))

    assert once() == once()


def test_a_map_written_twice_is_the_same_page(shipped: folium.Map, shipped_page: str) -> None:
    assert maps.standalone(shipped) == shipped_page


def test_the_map_of_the_shipped_layers_keeps_its_budget(shipped_page: str) -> None:
    assert len(shipped_page.encode("utf-8")) <= SHIPPED_BUDGET


def test_every_shipped_feature_is_in_the_page(shipped_page: str) -> None:
    counts = {layer["id"]: len(layer["keys"]) for layer in data_of(shipped_page)["layers"]}
    catalogue = layers.read_catalogue()
    expected = {name.replace("_", "-"): len(layers.read(layer)) for name, layer in catalogue.items()}
    expected["communes-schema"] = 0  # the same towns as « communes »: no reader can reach them
    assert counts == expected


def test_saving_writes_the_self_contained_page(tmp_path: Path) -> None:
    carte = maps.build({"Sites": sites()})
    carte.save(tmp_path / "carte.html")
    assert (tmp_path / "carte.html").read_text(encoding="utf-8") == maps.standalone(carte)


def test_a_notebook_shows_the_same_page() -> None:
    carte = maps.build({"Sites": sites()})
    cell = carte._repr_html_()
    match = re.search(r'srcdoc="([^"]*)"', cell)
    assert match
    assert html.unescape(match[1]) == maps.standalone(carte)


# ------------------------------------------------------------------------------- truth of what is said


def test_a_published_area_is_told_before_a_measured_one() -> None:
    features = maps.build({"Sites": sites(surface_ha=5.0)}).page.layers[0].features
    assert (features.areas, features.measured) == ((5.0,), (False,))


def test_an_area_nobody_published_is_measured_on_the_plane() -> None:
    features = maps.build({"Sites": sites()}).page.layers[0].features
    assert (features.areas, features.measured) == ((100.0,), (True,))


def test_a_schematic_shape_is_never_measured() -> None:
    features = maps.build({"Sites": sites(geometrie="schématique")}).page.layers[0].features
    assert (features.areas, features.schematic) == ((None,), (True,))


def test_square_metres_of_a_kind_are_told_in_hectares() -> None:
    frame = plain.square(x_km=0, y_km=0, side_km=1, site_id="f1", unite_fonciere_surface=25_000)
    carte = maps.build({"Friches": frame}, layers={"Friches": described("friche")})
    assert carte.page.layers[0].features.areas == (2.5,)


def test_a_sub_site_and_what_the_layer_leaves_out_are_not_added() -> None:
    rows = [sites(surface_ha=1.0), sites(surface_ha=2.0, est_sous_site=True)]
    both = pd.concat(rows, ignore_index=True)
    assert maps.build({"s": both}).page.layers[0].features.counted == (True, False)
    offer = plain.square(x_km=0, y_km=0, side_km=1, site_nom="A", compte_dans_total=False)
    carte = maps.build({"f": offer}, layers={"f": described("terrain_eco")})
    assert carte.page.layers[0].features.counted == (False,)


def test_private_columns_stay_at_home() -> None:
    frame = plain.point(x_km=0, y_km=0, SIRET="1", etab_contact_mail="a@b.fr", ETABTEL="0321000000")
    page = maps.standalone(maps.build({"e": frame}, layers={"e": described("etablissement")}))
    assert "a@b.fr" not in page
    assert "0321000000" not in page


def test_each_layer_says_source_vintage_and_licence(shipped_page: str) -> None:
    catalogue = layers.read_catalogue()
    for layer in data_of(shipped_page)["layers"]:
        record = catalogue[layer["id"].replace("-", "_")]
        assert (layer["title"], layer["source"]) == (record.title, record.source)
        assert (layer["vintage"], layer["licence"]) == (record.vintage, record.licence)


def test_schematic_features_of_the_shipped_layers_are_all_flagged(shipped_page: str) -> None:
    catalogue = layers.read_catalogue()
    for layer in data_of(shipped_page)["layers"]:
        if not layer["keys"]:
            continue
        frame = layers.read(catalogue[layer["id"].replace("-", "_")])
        assert len(layer["schematic"]) == (frame["geometrie"] == "schématique").sum()


def test_real_outlines_are_preferred_to_schematic_cells() -> None:
    cell = plain.square(x_km=0, y_km=0, side_km=1, comm_nom="A", epci_sigle="X", geometrie="schématique")
    real = plain.square(x_km=0, y_km=0, side_km=3, comm_nom="A", epci_sigle="X")
    records = {"schéma": described("commune_schema"), "contours": described("commune_contour")}
    ground = maps.build({"schéma": cell, "contours": real}, layers=records).page.ground
    alone = maps.build({"schéma": cell}, layers=records).page.ground
    assert ground is not None
    assert alone is not None
    assert (ground["schematic"], alone["schematic"]) == (False, True)
    assert ground["bounds"] != alone["bounds"]


def test_real_outlines_of_the_artois_replace_the_cells(shared: Path) -> None:
    towns = layers.read(layers.read_catalogue()["communes"])
    real = gpd.read_file(shared / "data" / "artois_communes_2018_simplifie.geojson").to_crs(2154)
    real = real.rename(columns={"insee": "comm_insee", "nom": "comm_nom"})
    records = {"communes": described("commune"), "contours": described("commune_contour")}
    ground = maps.build({"communes": towns, "contours": real}, layers=records).page.ground
    assert ground is not None
    assert len(ground["cells"]) == len(real) == 150
    assert ground["limits"], "the EPCI come from the layer of towns, by INSEE code"


def test_an_epci_written_by_its_code_is_shown_by_its_name() -> None:
    town = {"comm_insee": "99001", "epci_siren": "999000011", "epci_nom": "CC Exemple (fictif)"}
    towns = plain.square(x_km=0, y_km=0, side_km=9, **town)
    projects = pd.concat([sites(epci="999000011"), sites(epci="999000029"), sites(epci=None)])
    frames = {"communes": towns, "projets": projects.reset_index(drop=True), "sites": sites(**town)}
    records = {"communes": described("commune_contour"), "projets": described("projet")}
    carte = maps.build(frames, layers=records)
    by_name = {layer.name: layer.features for layer in carte.page.layers}
    assert by_name["projets"].epci == ("CC Exemple (fictif)", "999000029", None)  # no layer names the second
    assert by_name["sites"].epci == ("CC Exemple (fictif)",)


def test_cities_around_are_those_of_the_drawn_ground() -> None:
    cities = data_of(maps.standalone(maps.build({"s": sites()})))["cities"]
    assert {"Lille", "Arras", "Douai"} <= {city["name"] for city in cities}
    assert len(cities_around([[50.28, 2.26], [50.70, 3.12]])) == len(read_style()["ground"]["cities"])
    far = sites().to_crs(2154).translate(xoff=-300_000, yoff=-300_000).to_frame("geometry")
    assert data_of(maps.standalone(maps.build({"s": far})))["cities"] == []


def test_without_background_no_ground_is_drawn() -> None:
    cell = plain.square(x_km=0, y_km=0, side_km=1, comm_nom="A")
    carte = maps.build({"s": cell}, layers={"s": described("commune_schema")}, background=False)
    assert carte.page.ground is None


def test_overlapping_discs_are_pushed_apart_and_far_ones_stay() -> None:
    discs = [Disc(0, 0, 5, {}, False, (0, 0)) for _ in range(6)] + [Disc(500, 0, 5, {}, False, (500, 0))]
    spread(discs)
    for i, disc in enumerate(discs):
        for other_disc in discs[:i]:
            assert ((disc.x - other_disc.x) ** 2 + (disc.y - other_disc.y) ** 2) ** 0.5 > 9
    assert (discs[-1].x, discs[-1].y) == (500, 0)


# ----------------------------------------------------------------------------------- one file, offline


def test_the_policy_lets_in_only_the_scripts_of_the_page(shipped_page: str) -> None:
    policy = policy_of(shipped_page)
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    allowed = set(re.findall(r"'(sha256-[^']+)'", policy))
    scripts = inline_scripts(shipped_page)
    assert len(scripts) == 3
    for script in scripts:
        digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
        assert f"sha256-{digest}" in allowed


def test_nothing_outside_is_referred_to(shipped_page: str) -> None:
    outside = re.sub(r"<script\b.*?</script>", "", shipped_page, flags=re.DOTALL)
    assert not re.search(r"""(?:src|href|url\()\s*=?\s*["']?(?:https?:)?//""", outside)
    assert "@import" not in outside


def test_leaflet_comes_with_its_licence(shipped_page: str) -> None:
    assert "BSD 2-Clause License" in shipped_page


def test_an_online_basemap_opens_one_host_and_says_so() -> None:
    page = maps.standalone(maps.build({"Sites": sites()}, basemap="plan-ign"))
    assert re.search(r"img-src data: https://data\.geopf\.fr;", policy_of(page))
    assert data_of(page)["basemap"]["attribution"] == "© IGN – Plan IGN v2"
    offline = maps.standalone(maps.build({"Sites": sites()}))
    assert "geopf" not in offline


def test_a_record_and_its_keywords_ask_for_the_same_page() -> None:
    towns = {"Sites": sites(), "Communes": plain.square(x_km=0, y_km=0, side_km=9, comm_nom="A")}
    described_layers = {"Communes": described("commune")}
    pairs = [
        (
            {"background": maps.Background(towns=False, basemap="osm")},
            {"background": False, "basemap": "osm"},
        ),
        ({"kiosk": maps.Kiosk(idle_s=30, tour=["Alpha"])}, {"kiosk": True, "idle_s": 30, "tour": ["Alpha"]}),
        ({"kiosk": maps.Kiosk()}, {"kiosk": True}),
    ]
    pages = [
        tuple(maps.standalone(maps.build(towns, layers=described_layers, **options)) for options in pair)
        for pair in pairs
    ]
    assert [record == keywords for record, keywords in pages] == [True] * 3
    assert len({page for pair in pages for page in pair}) == 3, "each option changes the page"


def test_a_keyword_that_no_page_has_is_refused() -> None:
    with pytest.raises(TypeError, match="titel"):
        maps.build({"Sites": sites()}, titel="Offre")


@pytest.mark.parametrize("basemap", ["plan-ign", "ortho-ign", "osm"])
def test_each_basemap_has_an_https_address_with_its_tiles(basemap: str) -> None:
    background = maps.build({"Sites": sites()}, basemap=basemap).page.basemap
    assert background.url.startswith(f"https://{background.host}/")
    assert all(part in background.url for part in ("{z}", "{x}", "{y}"))


def test_tiles_added_by_hand_are_refused() -> None:
    carte = maps.build({"Sites": sites()})
    folium.TileLayer("OpenStreetMap").add_to(carte)
    with pytest.raises(BadValue, match="tuiles"):
        maps.standalone(carte)


def test_icons_that_load_pictures_are_refused() -> None:
    carte = maps.build({"Sites": sites()})
    folium.Marker([50.4, 2.8], icon=folium.Icon(color="red", icon="home")).add_to(carte)
    with pytest.raises(BadValue, match=r"folium\.Icon"):
        maps.standalone(carte)


def test_a_folium_map_of_ones_own_becomes_one_file_too() -> None:
    own = folium.Map([50.4, 2.8], tiles=None)
    folium.CircleMarker([50.4, 2.8], popup="Lens").add_to(own)
    page = maps.standalone(own)
    assert "cdn" not in re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    assert "default-src 'none'" in policy_of(page)


def test_a_page_too_heavy_is_refused_with_its_heaviest_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_file, "MAX_BYTES", 400_000)
    heavy = sites(note="mot " * 60_000)
    with pytest.raises(BadValue, match=r"« Lourde ».*simplifier"):
        maps.standalone(maps.build({"Légère": sites(), "Lourde": heavy}))


def test_the_limit_is_twenty_megabytes() -> None:
    assert one_file.MAX_BYTES == 20_000_000


# --------------------------------------------------------------------------------------- hostile texts


def hostile_frame() -> gpd.GeoDataFrame:
    texts = hostile.TEXTS
    shapes = [shapely.Point(plain.ORIGIN_X + 400 * i, plain.ORIGIN_Y) for i in range(len(texts))]
    columns = {"nom": texts, "comm_nom": texts, "epci_sigle": texts, "source": texts}
    columns |= {text: [text] * len(texts) for text in texts[:8]}
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=2154)


def test_hostile_texts_reach_the_page_unchanged_and_nothing_runs_at_build() -> None:
    assert len(hostile.TEXTS) >= 40
    page = maps.standalone(
        maps.build(
            {text: hostile_frame().head(2) for text in hostile.TEXTS[:20]} | {"toutes": hostile_frame()},
            title=hostile.TEXTS[0],
            subtitle=hostile.TEXTS[16],
        )
    )
    data = data_of(page)
    assert next(layer for layer in data["layers"] if layer["id"] == "toutes")["names"] == hostile.TEXTS
    assert {layer["title"] for layer in data["layers"]} >= set(hostile.TEXTS[:20])
    assert data["headings"]["fr"] == [hostile.TEXTS[0], hostile.TEXTS[16]]
    assert not hostile.CANARY.exists()


def test_no_outside_text_stands_in_a_script_of_the_page() -> None:
    page = maps.standalone(maps.build({"toutes": hostile_frame()}, title=hostile.TEXTS[1]))
    assert all(hostile.MARK not in script for script in inline_scripts(page))


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        float("-inf"),
        None,
        pd.NaT,
        pd.NA,
        2**70,
        "\ud800",
        {"a": 1},
        ["x"],
        b"\xff",
    ],
    ids=repr,
)
def test_odd_values_leave_valid_json(value: object) -> None:
    frame = gpd.GeoDataFrame(
        {"nom": ["A"]}, geometry=[shapely.Point(plain.ORIGIN_X, plain.ORIGIN_Y)], crs=2154
    )
    frame["valeur"] = pd.Series([value], dtype=object, index=frame.index)
    assert data_of(maps.standalone(maps.build({"x": frame})))["layers"][0]["names"] == ["A"]


def test_whole_numbers_too_large_for_a_browser_are_kept_as_text() -> None:
    frame = sites(parcelle=2**60)
    columns = data_of(maps.standalone(maps.build({"x": frame})))["layers"][0]["columns"]
    assert columns["parcelle"] == [str(2**60)]


def test_no_room_uses_the_parts_of_folium_that_run_texts() -> None:
    forbidden = {
        "Popup",
        "Tooltip",
        "GeoJson",
        "GeoJsonPopup",
        "GeoJsonTooltip",
        "Html",
        "DivIcon",
        "explore",
    }
    for path in modules():
        imported = {
            alias.name for node in nodes(path) if isinstance(node, ast.Import) for alias in node.names
        }
        imported |= {str(node.module) for node in nodes(path) if isinstance(node, ast.ImportFrom)}
        calls = [node.func for node in nodes(path) if isinstance(node, ast.Call)]
        called = {getattr(call, "attr", getattr(call, "id", "")) for call in calls}
        assert not called & forbidden, path.name
        assert not any(name.startswith("branca") for name in imported), path.name
        assert "folium" not in imported or "maps" in {path.parent.name, path.parent.parent.name}, path.name


def test_the_map_element_has_a_fixed_name() -> None:
    assert f'id="map_{records.MAP_ID}"' in maps.standalone(maps.build({"Sites": sites()}))


def test_layers_that_lie_elsewhere_than_the_territory_are_shown_where_they_are() -> None:
    catalogue = layers.read_catalogue()
    towns = {"communes_schema": layers.read(catalogue["communes_schema"])}
    near, far = (plain.square(x_km=x, y_km=0, side_km=1) for x in (0, 400))
    home: Any = maps.build(towns | {"a": near}, layers=catalogue)
    away: Any = maps.build(towns | {"a": far}, layers=catalogue)
    both: Any = maps.build(towns | {"a": near, "b": far}, layers=catalogue)
    assert home.page.bounds == both.page.bounds == maps.build(towns, layers=catalogue).page.bounds
    (_, west), (_, east) = away.page.bounds
    assert east - west < 0.1
    assert west > home.page.bounds[1][1]
