"""A photo is decoded before it travels in a page: its first bytes prove nothing."""

import io

import pytest
import raster

from artois_geo.errors import BadValue
from artois_geo.sheets.offer import photos

PNG = raster.png((0, 90, 74), side=40)


def jpeg() -> bytes:
    image = pytest.importorskip("PIL.Image")
    buffer = io.BytesIO()
    image.linear_gradient("L").save(buffer, "JPEG")
    return buffer.getvalue()


def test_whole_photos_are_known_for_what_they_are() -> None:
    assert photos.media_type(PNG) == "image/png"
    assert photos.media_type(jpeg()) == "image/jpeg"


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xd8\xff<html><script>alert(1)</script></html>",
        b"\x89PNG\r\n\x1a\n" + b"0" * 20,
        b"<svg onload=x>",
        b"",
        PNG[:-20],
        PNG.replace(b"IDAT", b"IDAX"),
        PNG[:40] + b"\x00" + PNG[41:],
    ],
)
def test_what_only_begins_like_a_photo_is_refused_with_what_to_do(content: bytes) -> None:
    with pytest.raises(BadValue, match=r"Photo illisible.*PNG ou JPEG"):
        photos.media_type(content)


def test_a_jpeg_that_is_cut_is_refused() -> None:
    for part in (0.1, 0.5, 0.9):
        content = jpeg()
        with pytest.raises(BadValue, match="Photo illisible"):
            photos.media_type(content[: int(part * len(content))])


@pytest.mark.parametrize("side", [20_000])
def test_a_photo_that_would_fill_the_memory_is_refused_before_it_is_unpacked(side: int) -> None:
    header = PNG.index(b"IHDR") - 4
    import struct
    import zlib

    data = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", len(data)) + b"IHDR" + data
    chunk += struct.pack(">I", zlib.crc32(b"IHDR" + data))
    with pytest.raises(BadValue, match="20000 × 20000"):
        photos.media_type(PNG[:header] + chunk + PNG[header + 25 :])


def jpeg_segments(*segments: tuple[int, bytes], end: bytes = b"\xff\xd9") -> bytes:
    body = b"".join(b"\xff" + bytes([code]) + len(data + b"  ").to_bytes(2) + data for code, data in segments)
    return b"\xff\xd8" + body + b"\xff\xda\x00\x02" + end


SIZE = (0xC0, b"\x08" + (9).to_bytes(2) + (9).to_bytes(2) + b"\x01")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (jpeg_segments(), "incomplet"),  # no size
        (jpeg_segments(SIZE, end=b""), "incomplet"),  # no end
        (b"\xff\xd8\xff\xff\x00" + jpeg_segments(SIZE)[2:], "abîmé"),  # filling, then no mark
        (b"\xff\xd8\xff\xd0" + b"\x00\x00" + jpeg_segments(SIZE)[2:], "abîmé"),  # a mark that stands alone
        (PNG[:8] + PNG[-12:], "ne dit pas sa taille"),
    ],
)
def test_a_picture_is_walked_to_its_end_even_where_nothing_decodes_it(
    content: bytes, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photos, "find_spec", lambda name: None)
    with pytest.raises(BadValue, match=reason):
        photos.media_type(content)
    assert photos.media_type(jpeg_segments(SIZE)) == "image/jpeg"
