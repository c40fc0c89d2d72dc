"""What a pack says of itself: checksums, vintages, one archive, nothing of an earlier pack left behind."""

import hashlib
import io
import json
import zipfile
from datetime import date
from pathlib import Path

import geopandas as gpd
import one_site
import pytest

from artois_geo import errors, layers, packs, sheets
from artois_geo.packs.folder import Folder
from artois_geo.sheets import pdf

DAY = date(2026, 12, 8)


@pytest.fixture
def pack(dated_fair: packs.Pack) -> packs.Pack:
    return dated_fair


def manifest(pack: packs.Pack) -> dict[str, object]:
    return json.loads((pack.folder / "manifest.json").read_text(encoding="utf-8"))


def test_the_manifest_lists_every_file_with_its_checksum(pack: packs.Pack) -> None:
    listed = {entry["path"]: entry for entry in manifest(pack)["files"]}
    inside = {path.relative_to(pack.folder).as_posix() for path in pack.folder.rglob("*") if path.is_file()}
    assert set(listed) == inside - {"manifest.json"}
    for name, entry in listed.items():
        content = (pack.folder / name).read_bytes()
        assert (entry["bytes"], entry["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())


def test_the_manifest_gives_the_vintage_of_every_source(pack: packs.Pack) -> None:
    catalogue = layers.read_catalogue()
    sources = {entry["layer"]: entry for entry in manifest(pack)["sources"]}
    assert set(sources) == set(catalogue)
    for name, layer in catalogue.items():
        assert sources[name]["vintage"] == layer.vintage
        assert sources[name]["sha256"] == hashlib.sha256(layer.path.read_bytes()).hexdigest()


def test_the_only_date_is_the_one_that_was_given(pack: packs.Pack, fair: packs.Pack) -> None:
    assert manifest(pack)["issued"] == "2026-12-08"
    assert manifest(fair)["issued"] is None


def test_the_archive_holds_the_same_files_and_no_clock(pack: packs.Pack) -> None:
    archive = pack.folder.parent / "simi.zip"
    assert archive in pack.files
    with zipfile.ZipFile(archive) as zip_archive:
        for entry in zip_archive.infolist():
            assert entry.date_time == (1980, 1, 1, 0, 0, 0)
            assert zip_archive.read(entry) == (pack.folder.parent / entry.filename).read_bytes()
        assert {name.split("/")[0] for name in zip_archive.namelist()} == {"simi"}
        assert zip_archive.namelist() == sorted(zip_archive.namelist())


def test_the_same_pack_gives_the_same_archive(tmp_path: Path) -> None:
    archives = []
    for parent in ("a", "b"):
        folder = Folder(tmp_path / parent / "simi")
        folder.add("fiches/é.html", "<p>")
        folder.write_with_manifest(title="T", sources=[], digests={}, zipped=True)
        archives.append((tmp_path / parent / "simi.zip").read_bytes())
    assert archives[0] == archives[1]
    assert zipfile.ZipFile(io.BytesIO(archives[0])).namelist() == ["simi/fiches/é.html", "simi/manifest.json"]


def filled(path: Path, *names: str) -> Folder:
    folder = Folder(path)
    for name in names:
        folder.add(name, name)
    folder.write_with_manifest(title="T", sources=[], digests={})
    return folder


def test_what_an_earlier_pack_wrote_and_this_one_does_not_is_taken_away(tmp_path: Path) -> None:
    filled(tmp_path, "fiches/vendu.html", "fiches/reste.html")
    (tmp_path / "fiches" / "note.txt").write_text("à garder")
    filled(tmp_path, "fiches/reste.html")
    assert sorted(path.name for path in (tmp_path / "fiches").iterdir()) == ["note.txt", "reste.html"]


def test_a_file_that_somebody_changed_since_stays(tmp_path: Path) -> None:
    filled(tmp_path, "fiches/vendu.html")
    (tmp_path / "fiches" / "vendu.html").write_text("annoté à la main")
    filled(tmp_path, "autre.html")
    assert (tmp_path / "fiches" / "vendu.html").read_text() == "annoté à la main"


def test_a_manifest_that_points_outside_takes_nothing_away(tmp_path: Path) -> None:
    outside = tmp_path / "précieux.txt"
    outside.write_text("x")
    digest = hashlib.sha256(b"x").hexdigest()
    inside = tmp_path / "simi"
    inside.mkdir()
    document = {
        "files": [{"path": "../précieux.txt", "sha256": digest}, {"path": str(outside), "sha256": digest}]
    }
    (inside / "manifest.json").write_text(json.dumps(document))
    filled(inside, "a.html")
    assert outside.read_text() == "x"


def test_a_broken_manifest_is_written_anew(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{")
    filled(tmp_path, "a.html")
    assert json.loads((tmp_path / "manifest.json").read_text())["files"][0]["path"] == "a.html"


def test_the_data_for_a_portal_keep_their_ids_and_only_public_columns(pack: packs.Pack) -> None:
    for name, layer in layers.read_catalogue().items():
        document = json.loads((pack.folder / "web" / f"{name}.geojson").read_text(encoding="utf-8"))
        features = layers.read(layer)
        assert [feature["id"] for feature in document["features"]] == features.index.tolist()
        private = {field.name for field in layers.read_kind(layer.kind).fields if not field.publish}
        assert not private & set(document["features"][0]["properties"])
    assert gpd.read_file(pack.folder / "web" / "sites_eco.geojson").crs.to_epsg() == 4326


def test_the_list_for_a_portal_names_each_file_with_its_licence(pack: packs.Pack) -> None:
    rows = json.loads((pack.folder / "web" / "index.json").read_text(encoding="utf-8"))["rows"]
    assert all((pack.folder / "web" / row["file"]).is_file() and row["licence"] for row in rows)


def test_the_sheets_of_the_pack_lead_online_when_told_where(tmp_path: Path) -> None:
    catalogue = one_site.catalogue(tmp_path / "couches")
    pack = packs.simi(catalogue, tmp_path / "simi", pdf=False, address="https://exemple.fr/sites/{id}")
    page = (pack.folder / "fiches" / "zone.fr.html").read_text(encoding="utf-8")
    assert "La fiche en ligne" in page


def test_with_the_optional_part_sheets_and_boards_come_as_pdf_too(tmp_path: Path) -> None:
    """One site is enough: a catalogue that holds only it."""
    pytest.importorskip("weasyprint")
    pack = packs.simi(one_site.catalogue(tmp_path / "couches"), tmp_path / "simi", pdf=True)
    names = {path.relative_to(pack.folder).as_posix() for path in pack.files if path.suffix == ".pdf"}
    assert {"planche-a3.fr.pdf", "planche-a3.en.pdf"} <= names
    assert len(names) == 4
    assert all((pack.folder / name).read_bytes().startswith(b"%PDF-") for name in names)
    assert sheets.has_pdf()


def test_a_refusal_late_in_the_work_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    catalogue, folder = one_site.catalogue(tmp_path / "couches"), tmp_path / "simi"
    packs.simi(catalogue, folder, pdf=False, issued=DAY)
    before = contents(folder)

    def refused(step: str) -> None:
        if step == "Pages d'accueil et manifeste":
            raise errors.BadTable("refus")

    with pytest.raises(errors.BadTable, match="refus"):
        packs.simi(catalogue, folder, pdf=False, issued=date(2027, 1, 1), tell=refused)
    assert contents(folder) == before


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_file_that_cannot_be_written_leaves_the_others_as_they_were(tmp_path: Path) -> None:
    filled(tmp_path, "a.html", "z.html")
    (tmp_path / "m.html").mkdir()
    before = contents(tmp_path)
    folder = Folder(tmp_path)
    for name in ("a.html", "m.html", "z.html"):
        folder.add(name, "neuf")
    with pytest.raises(errors.UnwritableFile, match=r"m\.html.*dossier"):
        folder.write_with_manifest(title="T", sources=[], digests={}, zipped=True)
    assert contents(tmp_path) == before
    assert not tmp_path.with_suffix(".zip").exists()


@pytest.mark.parametrize("refused", [{"pdf": True}, {"address": "https://exemple.fr"}])
def test_what_can_be_refused_at_once_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: dict[str, object]
) -> None:
    monkeypatch.setattr(pdf, "has_pdf", lambda: False)
    steps: list[str] = []
    with pytest.raises((errors.MissingPart, errors.BadValue)):
        packs.simi(one_site.catalogue(tmp_path / "couches"), tmp_path / "simi", tell=steps.append, **refused)
    assert steps == []


@pytest.mark.parametrize(("parent", "name"), [(".", "ici"), ("..", "la")])
def test_the_archive_is_named_after_the_folder_however_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, parent: str, name: str
) -> None:
    folder_path = tmp_path / "la" / "ici"
    folder_path.mkdir(parents=True)
    monkeypatch.chdir(folder_path)
    folder = Folder(Path(parent))
    folder.add("carte.html", "<p>")
    folder.write(zipped=True)
    archive = (folder_path / parent).resolve().with_suffix(".zip")
    assert zipfile.ZipFile(archive).namelist() == [f"{name}/carte.html"]
