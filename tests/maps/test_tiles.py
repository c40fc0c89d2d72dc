"""A background taken from an archive: the right tiles, or a refusal that says what to do."""

import gzip
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import one_site
import plain
import pytest
import raster
from cli_runner import run

from artois_geo import maps
from artois_geo.errors import BadValue, UnreadableFile
from artois_geo.maps import standalone
from artois_geo.maps.backdrop import tiles

ARTOIS = [[50.28, 2.26], [50.70, 3.12]]
RED, BLUE = (200, 40, 40), (40, 40, 200)
SITE = plain.square(x_km=0, y_km=0, side_km=1, nom="A")
Write = Callable[..., Path]


def covering(*zooms: int, **how: Any) -> dict[raster.Place, bytes]:
    """One made-up tile for each place of the Artois, no two alike."""
    images = {}
    for zoom in zooms:
        columns, rows = tiles.cover(ARTOIS, zoom)
        for x in columns:
            for y in rows:
                images[zoom, x, y] = raster.png((zoom * 9, x % 256, y % 256), **how)
    return images


@pytest.fixture(params=[raster.mbtiles, raster.pmtiles], ids=["mbtiles", "pmtiles"])
def write(request: Any) -> Write:
    return request.param  # type: ignore[no-any-return]


def test_the_tiles_of_the_territory_are_taken_and_no_other(write: Write, tmp_path: Path) -> None:
    far = {(9, 0, 0): raster.png(RED), (9, 259, 0): raster.png(RED)}
    tiles_of_area = covering(8, 9)
    archive = tiles.read(write(tmp_path / "fond.x", tiles_of_area | far), ARTOIS)
    assert set(archive.image_index) == set(tiles_of_area)
    assert archive.zooms == (8, 9)


def test_rows_are_turned_over_so_that_north_is_up(write: Write, tmp_path: Path) -> None:
    columns, rows = tiles.cover(ARTOIS, 9)
    assert len(rows) == 2, "a row in the north and one in the south"
    tiles_of_area = {(9, x, y): raster.png(RED if y == rows[0] else BLUE) for x in columns for y in rows}
    archive = tiles.read(write(tmp_path / "fond.x", tiles_of_area), ARTOIS)
    north, south = (archive.images[archive.image_index[9, columns[0], row]] for row in rows)
    assert north == tiles._data_address(raster.png(RED), tmp_path)
    assert south == tiles._data_address(raster.png(BLUE), tmp_path)


def test_equal_images_travel_once(write: Write, tmp_path: Path) -> None:
    tiles_of_area = dict.fromkeys(covering(10), raster.png(RED))
    archive = tiles.read(write(tmp_path / "fond.x", tiles_of_area), ARTOIS)
    assert len(archive.images) == 1
    assert len(archive.image_index) == len(tiles_of_area) > 1


def test_gzipped_tiles_are_opened(tmp_path: Path) -> None:
    tiles_of_area = {position: gzip.compress(data) for position, data in covering(8).items()}
    plain_ones = tiles.read(raster.mbtiles(tmp_path / "a.mbtiles", covering(8)), ARTOIS)
    assert (
        tiles.read(raster.mbtiles(tmp_path / "b.mbtiles", tiles_of_area), ARTOIS).images == plain_ones.images
    )
    zipped = raster.pmtiles(tmp_path / "c.pmtiles", covering(8), zipped=True)
    assert sorted(tiles.read(zipped, ARTOIS).images) == sorted(plain_ones.images)


def test_a_tile_that_swells_without_end_is_refused(tmp_path: Path) -> None:
    bomb = gzip.compress(bytes(30_000_000))
    with pytest.raises(UnreadableFile):
        tiles.read(raster.mbtiles(tmp_path / "a.mbtiles", dict.fromkeys(covering(8), bomb)), ARTOIS)


def test_the_highest_zoom_can_be_lowered(write: Write, tmp_path: Path) -> None:
    file = write(tmp_path / "fond.x", covering(8, 9, 10))
    assert tiles.read(file, ARTOIS, max_zoom=9).zooms == (8, 9)
    with pytest.raises(BadValue, match="commence au zoom 8"):
        tiles.read(file, ARTOIS, max_zoom=7)


def test_an_archive_of_somewhere_else_is_refused(write: Write, tmp_path: Path) -> None:
    file = write(tmp_path / "ailleurs.x", {(9, 0, 0): raster.png(RED)})
    with pytest.raises(BadValue, match="aucune tuile sur le territoire"):
        tiles.read(file, ARTOIS)


def test_vector_tiles_are_refused(tmp_path: Path) -> None:
    vector = dict.fromkeys(covering(8), gzip.compress(b"\x1a\x05hello"))
    for file in (
        raster.mbtiles(tmp_path / "said.mbtiles", vector, format="pbf"),
        raster.mbtiles(tmp_path / "unsaid.mbtiles", vector),
        raster.pmtiles(tmp_path / "v.pmtiles", vector, vector=True),
    ):
        with pytest.raises(BadValue, match="vectorielles") as error:
            tiles.read(file, ARTOIS)
        assert "PNG, JPEG ou WebP" in str(error.value) or "l'un de ces formats" in str(error.value)


def test_absent_damaged_and_foreign_files_are_refused(write: Write, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="introuvable"):
        tiles.read(tmp_path / "absent.mbtiles", ARTOIS)
    foreign = tmp_path / "texte.mbtiles"
    foreign.write_text("bonjour")
    with pytest.raises(UnreadableFile, match="ni un MBTiles ni un PMTiles"):
        tiles.read(foreign, ARTOIS)
    archive_bytes = write(tmp_path / "fond.x", covering(8, 9, 10)).read_bytes()
    for end in (20, 110, 130, 500, len(archive_bytes) // 2):
        cut = tmp_path / f"cut{end}.x"
        cut.write_bytes(archive_bytes[:end])
        with pytest.raises(UnreadableFile):
            tiles.read(cut, ARTOIS)


def test_a_sqlite_file_that_holds_no_tiles_is_refused(tmp_path: Path) -> None:
    import sqlite3

    base = sqlite3.connect(tmp_path / "autre.mbtiles")
    base.execute("CREATE TABLE t (x)")
    base.commit()
    base.close()
    with pytest.raises(UnreadableFile):
        tiles.read(tmp_path / "autre.mbtiles", ARTOIS)


def test_the_archive_is_never_written(tmp_path: Path) -> None:
    file = raster.mbtiles(tmp_path / "a ? #.mbtiles", covering(8))
    before = file.read_bytes()
    file.chmod(0o444)
    tiles.read(file, ARTOIS)
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_too_much_names_the_zoom_to_ask_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = raster.mbtiles(tmp_path / "lourd.mbtiles", covering(8, 9, 10))
    weights = tiles.read(file, ARTOIS).weights
    monkeypatch.setattr(tiles, "MOST_BYTES", weights[9])
    with pytest.raises(BadValue, match="--zoom-max-fond 9"):
        tiles.read(file, ARTOIS)
    assert tiles.read(file, ARTOIS, max_zoom=9).zooms == (8, 9)
    monkeypatch.setattr(tiles, "MOST_BYTES", 10)
    with pytest.raises(BadValue, match="territoire plus petit"):
        tiles.read(file, ARTOIS)


def test_a_page_made_too_large_by_its_background_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = random.Random(1).randbytes(20_000).hex().encode()
    bounds = maps.build({"Site": SITE}).page.bounds  # type: ignore[attr-defined]
    tiles_of_area = {
        (z, x, y): raster.png((z, x % 256, y % 256), noise=noise)
        for z in (10, 11)
        for x in tiles.cover(bounds, z)[0]
        for y in tiles.cover(bounds, z)[1]
    }
    carte = maps.build({"Site": SITE}, embedded=raster.mbtiles(tmp_path / "a.mbtiles", tiles_of_area))
    text = maps.standalone(carte)
    assert text.count("data:image/png;base64,") >= len(tiles_of_area)
    monkeypatch.setattr(standalone_module(), "MAX_BYTES", len(text) // 2)
    monkeypatch.setattr(tiles, "SAME_BYTES", 4 / 3)
    monkeypatch.setitem(carte.page.embedded.weights, 11, len(text))  # type: ignore[attr-defined]
    with pytest.raises(BadValue, match="--zoom-max-fond 10"):
        maps.standalone(carte)


def standalone_module() -> Any:
    import sys

    assert standalone
    return sys.modules["artois_geo.maps.standalone"]


def test_the_attribution_is_words_and_the_same_map_gives_the_same_bytes(write: Write, tmp_path: Path) -> None:
    file = write(tmp_path / "fond.x", covering(8))
    pages = [maps.standalone(maps.build({"Site": SITE}, embedded=file)) for _ in range(2)]
    assert pages[0] == pages[1]
    assert tiles.read(file, ARTOIS).attribution == "© Fictif"
    assert "<script>window.hacked" not in pages[0]


def test_a_page_without_background_carries_no_script_for_it() -> None:
    assert "EmbeddedLayer" not in maps.standalone(maps.build({"Site": SITE}))


def test_the_commands_take_an_archive_and_refuse_in_french(tmp_path: Path) -> None:
    file, page = raster.mbtiles(tmp_path / "fond.mbtiles", covering(8, 9)), tmp_path / "carte.html"
    result = run("carte", "communes", "--fond-embarque", file, "--zoom-max-fond", 8, "--sortie", page)
    assert result.exit_code == 0, result.output
    assert "data:image/png;base64," in page.read_text(encoding="utf-8")
    result = run("carte", "communes", "--fond-embarque", tmp_path / "rien.mbtiles", "--sortie", page)
    assert result.exit_code == 1
    assert "introuvable" in result.output
    assert run("carte", "communes", "--zoom-max-fond", 8, "--sortie", page).exit_code == 2
    data = one_site.catalogue(tmp_path / "couches").folder
    result = run(
        "--donnees", data, "simi", "--fond-embarque", file, "--sans-pdf", "--sortie", tmp_path / "simi"
    )
    assert result.exit_code == 0, result.output
    assert "EmbeddedLayer" in (tmp_path / "simi" / "carte.html").read_text(encoding="utf-8")
