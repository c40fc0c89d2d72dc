"""A photo of the reader, decoded and written anew: neither its first bytes nor what it carries is trusted."""

import base64
import warnings
from dataclasses import dataclass
from importlib.util import find_spec
from io import BytesIO

from artois_geo.errors import BadValue, MissingPart

FORMATS = ("PNG", "JPEG")
HEAVIEST = 25_000_000  # bytes of a file
MOST_PIXELS = 80_000_000
LARGE, SMALL = 1200, 440  # pixels of the longest side, on a sheet and on a card
QUALITY = {LARGE: 80, SMALL: 72}
HOW = "pip install 'artois-geo[image]'"
ADVICE = (
    "Photo illisible{name} : {reason}. Donner un fichier PNG ou JPEG de moins de 25 Mo, ou l'enregistrer de "
    "nouveau."
)


@dataclass(frozen=True)
class Photo:
    """Hold a photo as two ``data:`` addresses, for a sheet and for a card; who took it and when."""

    large: str
    small: str
    credit: str = ""
    date: str = ""


def read(content: bytes, *, name: str = "", credit: str = "", date: str = "") -> Photo:
    """Decode a photo to its last row and write it anew, upright, without place, author or comment.

    Parameters
    ----------
    content
        Bytes of a PNG or JPEG file.
    name
        Of the file, for the message of a refusal.
    credit, date
        Who took it, and when (ISO 8601).

    Raises
    ------
    BadValue
        It is no PNG or JPEG, it is cut, it does not decode, or it is too large.
    MissingPart
        The optional part ``image`` is not installed.

    Examples
    --------
    >>> read(b"\\xff\\xd8\\xff<html>", name="port.jpg")
    Traceback (most recent call last):
    artois_geo.errors.BadValue: Photo illisible (port.jpg) : ...
    """
    require()
    from PIL import ImageFile

    tolerant, ImageFile.LOAD_TRUNCATED_IMAGES = (
        ImageFile.LOAD_TRUNCATED_IMAGES,
        False,
    )  # another library may set it
    try:
        if len(content) > HEAVIEST:
            raise ValueError(f"{len(content) // 1_000_000} Mo")
        large, small = (_encoded(content, side) for side in (LARGE, SMALL))
    except (ValueError, OSError, SyntaxError, MemoryError, EOFError) as error:
        reason = str(error) if type(error) is ValueError and str(error) else "le fichier est abîmé"
        name_text = f" ({name})" if name else ""
        raise BadValue(ADVICE.format(name=name_text, reason=reason)) from error
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = tolerant
    return Photo(large, small, credit, date)


def require() -> None:
    """Refuse a photo that nothing here can decode.

    Raises
    ------
    MissingPart
        The optional part ``image`` is not installed.
    """
    if find_spec("PIL") is None:
        raise MissingPart(
            f"Une photo demande un complément qui n'est pas installé.\nL'installer avec : {HOW}\n"
            "Ou retirer la photo : la carte de situation prend sa place."
        )


def _encoded(content: bytes, side: int) -> str:
    """Write a photo as a JPEG of at most so many pixels a side, in a ``data:`` address."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # its size is judged below
            opened = Image.open(BytesIO(content), formats=FORMATS)
    except UnidentifiedImageError as error:
        raise ValueError("ce n'est ni un PNG ni un JPEG") from error
    except Image.DecompressionBombError as error:
        raise ValueError("trop de points") from error
    with opened as picture:
        width, height = picture.size
        if not 0 < width * height <= MOST_PIXELS:
            raise ValueError(f"{width} × {height} points")
        picture.draft("RGB", (side, side))  # a JPEG decodes at the size that is needed
        upright = ImageOps.exif_transpose(picture).convert("RGBA")
        upright.thumbnail((side, side))
        ground = Image.new("RGB", upright.size, "#ffffff")
        ground.paste(upright, mask=upright.getchannel("A"))
        buffer = BytesIO()
        ground.save(buffer, "JPEG", quality=QUALITY[side], optimize=True)  # without EXIF, place or comment
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"
