"""The header of a CSV as producers write them: its mark, its separator."""

import csv
from pathlib import Path

from artois_geo.errors import SourceError


def csv_header(path: Path, encoding: str, separator: str) -> tuple[list[str], str]:
    """Read the header of a CSV and the separator that it shows: sniffed on this line only.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "a.csv"
    >>> _ = file.write_text('idcom,"nom"\\n62001,"a;b"\\n')
    >>> csv_header(file, "utf-8", "")
    (['idcom', 'nom'], ',')
    """
    try:
        with path.open(encoding=with_mark(encoding), newline="") as stream:
            line = stream.readline(1 << 20)
    except (UnicodeDecodeError, LookupError) as error:
        raise SourceError(f"{path.name} : texte qui n'est pas en {encoding}.") from error
    delimiter = separator or max(",;\t", key=line.count)
    return next(csv.reader([line], delimiter=delimiter), []), delimiter


def with_mark(encoding: str) -> str:
    """Name an encoding so that the mark that may begin a text is no part of it."""
    return "utf-8-sig" if encoding.lower() in {"utf-8", "utf8"} else encoding
