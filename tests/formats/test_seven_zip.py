"""Archives .7z: members that climb or inflate are refused; without py7zr the refusal says what to install."""

import builtins
from pathlib import Path

import pytest

from artois_geo.errors import MissingPart, UnreadableFile
from artois_geo.formats import seven_zip
from artois_geo.formats.archives import Limits

py7zr = pytest.importorskip("py7zr")


def packed(folder: Path, **members: bytes) -> Path:
    path = folder / "a.7z"
    with py7zr.SevenZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(content, name)
    return path


def read(path: Path, folder: Path, limits: Limits | None = None) -> list[str]:
    folder.mkdir()
    return [
        f"{part.name} {part.path.name} {part.path.read_bytes().decode()}"
        for part in seven_zip.unpack(path, folder, limits or Limits(), is_wanted=lambda name: name[-1] == "g")
    ]


def test_wanted_members_get_names_of_ours(tmp_path: Path) -> None:
    path = packed(tmp_path, **{"d/a.gpkg": b"un", "__MACOSX/._a.gpkg": b"x", "d/lisez.txt": b"x"})
    assert read(path, tmp_path / "f") == ["d/a.gpkg 0.gpkg un"]


def test_a_member_that_climbs_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = packed(tmp_path, **{"a.gpkg": b"un"})
    for name in ("../a.gpkg", "/etc/a.gpkg", "C:\\a.gpkg"):
        real = py7zr.SevenZipFile.list

        def lists(self: object, name: str = name, real: object = real) -> list:
            members = real(self)  # type: ignore[operator]
            for member in members:
                member.filename = name
            return members

        with monkeypatch.context() as patch:
            patch.setattr(py7zr.SevenZipFile, "list", lists)
            with pytest.raises(UnreadableFile, match="sort de l'archive"):
                read(path, tmp_path / str(len(list(tmp_path.iterdir()))))


def test_a_member_that_inflates_is_stopped(tmp_path: Path) -> None:
    path = packed(tmp_path, **{"a.gpkg": bytes(3_000_000)})
    assert path.stat().st_size < 2_000
    with pytest.raises(UnreadableFile, match="archive refusée"):
        read(path, tmp_path / "f")


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path, **{"a.gpkg": b"un" * 500})
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(UnreadableFile, match="illisible ou endommagée"):
        read(path, tmp_path / "f")


def test_without_the_reader_the_refusal_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, real = packed(tmp_path, **{"a.gpkg": b"un"}), builtins.__import__

    def without(name: str, *arguments: object, **settings: object) -> object:
        if name == "py7zr":
            raise ImportError(name)
        return real(name, *arguments, **settings)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingPart, match=r"pip install 'artois-geo\[sources\]'"):
        read(path, tmp_path / "f")
