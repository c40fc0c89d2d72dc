"""A photo of the reader, decoded before it travels in a page: its first bytes prove nothing."""

import struct
import zlib
from importlib.util import find_spec
from io import BytesIO

from artois_geo.errors import BadValue

PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8"
MOST_PIXELS = 80_000_000
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # of a PNG, by its kind of colour
FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # markers of a JPEG that give its size
ALONE = {0x01, *range(0xD0, 0xD8)}  # markers without a length
ADVICE = "Photo illisible : {reason}. Donner un fichier PNG ou JPEG, ou l'enregistrer de nouveau."


def media_type(content: bytes) -> str:
    """Return the media type of a photo once all of it is read.

    A PNG is decoded to its last row; a JPEG is walked segment by segment to its end, and decoded
    where Pillow is installed (it comes with the extra ``pdf``).

    Raises
    ------
    BadValue
        It is no PNG or JPEG, it is cut, or it does not decode.

    Examples
    --------
    >>> media_type(b"\\xff\\xd8\\xff<html>")
    Traceback (most recent call last):
    artois_geo.errors.BadValue: Photo illisible : ...
    """
    try:
        if content.startswith(PNG):
            _read_png(content)
            kind = "image/png"
        elif content.startswith(JPEG):
            _read_jpeg(content)
            kind = "image/jpeg"
        else:
            raise ValueError("ce n'est ni un PNG ni un JPEG")
        _decode(content)
    except (ValueError, struct.error, zlib.error, OSError, SyntaxError) as error:
        reason = str(error) if isinstance(error, ValueError) and str(error) else "le fichier est abîmé"
        raise BadValue(ADVICE.format(reason=reason)) from error
    return kind


def _read_png(content: bytes) -> None:
    """Check every chunk of a PNG and unpack its rows."""
    offset, rows, header = len(PNG), b"", None
    while True:
        length, name = struct.unpack_from(">I4s", content, offset)
        data = content[offset + 8 : offset + 8 + length]
        (checksum,) = struct.unpack_from(">I", content, offset + 8 + length)
        if zlib.crc32(name + data) != checksum:
            raise ValueError("le PNG est abîmé")
        offset += 12 + length
        if name == b"IHDR":
            header = struct.unpack(">IIBBBBB", data)
        elif name == b"IDAT":
            rows += data
        elif name == b"IEND":
            break
    if header is None:
        raise ValueError("le PNG ne dit pas sa taille")
    width, height, depth, colour, *_, interlaced = header
    _check_size(width, height)
    row_bytes = 1 + (width * depth * CHANNELS.get(colour, 4) + 7) // 8
    unpacked = zlib.decompressobj().decompress(rows, height * row_bytes * 2 + 1)
    if not interlaced and len(unpacked) != height * row_bytes:
        raise ValueError("le PNG est incomplet")


def _read_jpeg(content: bytes) -> None:
    """Walk the segments of a JPEG: a size, then picture data, then its end."""
    offset, sized = 2, False
    while True:
        mark, code = struct.unpack_from(">BB", content, offset)
        if mark != 0xFF:
            raise ValueError("le JPEG est abîmé")
        if code in ALONE or code == 0xFF:
            offset += 1 if code == 0xFF else 2
            continue
        if code == 0xDA:
            break
        (length,) = struct.unpack_from(">H", content, offset + 2)
        if code in FRAMES:
            height, width = struct.unpack_from(">HH", content, offset + 5)
            _check_size(width, height)
            sized = True
        offset += 2 + length
    if not sized or content.rfind(b"\xff\xd9") < offset:
        raise ValueError("le JPEG est incomplet")


def _check_size(width: int, height: int) -> None:
    if not 0 < width * height <= MOST_PIXELS:
        raise ValueError(f"{width} × {height} points")


def _decode(content: bytes) -> None:
    if find_spec("PIL") is None:
        return
    from PIL import Image

    with Image.open(BytesIO(content), formats=("PNG", "JPEG")) as picture:
        picture.load()
