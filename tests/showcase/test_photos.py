"""A photo is decoded and written anew before it travels: upright, light, without what it carries."""

import base64
import io
import struct
import zlib
from typing import Any

import pytest
import raster

from artois_geo.errors import BadValue, MissingPart
from artois_geo.showcase import photos

PNG = raster.png((0, 90, 74), side=40)
Image = pytest.importorskip("PIL.Image")
ImageFile = pytest.importorskip("PIL.ImageFile")


def jpeg(size: tuple[int, int] = (60, 40), exif: Any = None, **options: Any) -> bytes:
    """A photo whose left half is red and right half blue."""
    picture = Image.new("RGB", size, "#d00000")
    picture.paste("#0000d0", (size[0] // 2, 0, *size))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=95, **({} if exif is None else {"exif": exif}), **options)
    return buffer.getvalue()


def decoded(address: str) -> Any:
    head, _, text = address.partition(",")
    assert head == "data:image/jpeg;base64"
    return Image.open(io.BytesIO(base64.b64decode(text)))


def test_a_photo_is_written_anew_at_two_sizes_whatever_its_format() -> None:
    for content in (PNG, jpeg((2600, 1300)), jpeg((2600, 1300), progressive=True)):
        photo = photos.read(content)
        assert max(decoded(photo.large).size) <= photos.LARGE
        assert max(decoded(photo.small).size) <= photos.SMALL
    assert decoded(photos.read(jpeg((2600, 1300))).large).size == (1200, 600)
    assert photos.read(PNG) == photos.read(PNG), "the same bytes each time"


def test_the_orientation_of_the_camera_is_applied_and_its_place_is_gone() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the top of the scene is on the right of the picture
    exif[0x013B] = "Auteur secret"
    exif.get_ifd(0x8825)[2] = (50.0, 26.0, 12.5)  # GPS latitude
    content = jpeg(exif=exif, comment=b"note secrete")
    assert b"secret" in content
    photo = photos.read(content)
    picture = decoded(photo.large)
    assert picture.size == (40, 60)
    assert picture.getpixel((20, 5))[0] > 150, "what was left is on top"
    assert picture.getpixel((20, 55))[2] > 150
    for address in (photo.large, photo.small):
        assert not decoded(address).getexif()
        assert b"secret" not in base64.b64decode(address.partition(",")[2])
        assert b"Exif" not in base64.b64decode(address.partition(",")[2])


def test_what_is_transparent_is_white() -> None:
    buffer = io.BytesIO()
    Image.new("RGBA", (20, 20), (255, 0, 0, 0)).save(buffer, "PNG")
    assert min(decoded(photos.read(buffer.getvalue()).large).getpixel((10, 10))) > 250


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xd8\xff<html><script>alert(1)</script></html>",
        b"\x89PNG\r\n\x1a\n" + b"0" * 20,
        b"<svg onload=x>",
        b"",
        b"GIF89a" + b"0" * 40,
        raster.png((0, 90, 74), side=900)[:1000],
        *(jpeg()[: int(part * len(jpeg()))] for part in (0.1, 0.5, 0.9)),
    ],
)
def test_what_only_begins_like_a_photo_is_refused_with_what_to_do(
    content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)  # as a library that writes PDF leaves it
    with pytest.raises(BadValue, match=r"Photo illisible \(port\.jpg\).*PNG ou JPEG"):
        photos.read(content, name="port.jpg")
    assert ImageFile.LOAD_TRUNCATED_IMAGES, "left as it was"


@pytest.mark.parametrize("side", [9_500, 20_000])
def test_a_photo_that_would_fill_the_memory_is_refused_before_it_is_unpacked(side: int) -> None:
    header = PNG.index(b"IHDR") - 4
    data = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", len(data)) + b"IHDR" + data
    chunk += struct.pack(">I", zlib.crc32(b"IHDR" + data))
    with pytest.raises(BadValue, match=r"9500 × 9500 points|trop de points"):
        photos.read(PNG[:header] + chunk + PNG[header + 25 :])


def test_a_file_that_is_too_heavy_is_refused_unread() -> None:
    with pytest.raises(BadValue, match="26 Mo"):
        photos.read(b"\xff\xd8" + bytes(26_000_000))


def test_without_its_decoder_a_photo_is_refused_with_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(photos, "find_spec", lambda name: None)
    with pytest.raises(MissingPart, match=r"artois-geo\[image\]"):
        photos.read(PNG)
