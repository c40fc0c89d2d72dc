"""Read a CSV from its bytes: encoding and separator are detected, every cell stays text."""

import csv
import io

import pandas as pd

from artois_geo.errors import UnreadableFile, why

_SEPARATORS = ";,\t|"


def from_csv(content: bytes, *, name: str) -> pd.DataFrame:
    """Read a CSV or TSV as a table of texts: nothing becomes a number, so no code loses its leading zero.

    Parameters
    ----------
    content
        The file, in UTF-8 (with or without BOM), UTF-16 or Windows-1252.
    name
        How to call the file in a message.

    Returns
    -------
    DataFrame
        All columns as text, an empty cell as ``""``; blank lines left out.

    Raises
    ------
    UnreadableFile
        Not text, empty, two columns of one name, or lines with more cells than the header.

    Examples
    --------
    >>> from artois_geo.tables import from_csv
    >>> from_csv("insee;nom\\n01001;Été".encode("cp1252"), name="x.csv").values.tolist()
    [['01001', 'Été']]
    """
    text = _decoded(content, name)
    header_line = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(_SEPARATORS, key=header_line.count)
    try:
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=separator) if any(map(str.strip, row))]
    except csv.Error as error:
        raise UnreadableFile(f"{name} : lignes ou guillemets mal formés ({why(error)}).") from error
    if not rows:
        raise UnreadableFile(f"{name} est vide.")
    header = [cell.strip() for cell in rows[0]]
    repeated_names = sorted({column for column in header if header.count(column) > 1})
    if repeated_names:
        raise UnreadableFile(f"{name} : deux colonnes s'appellent « {repeated_names[0]} ».")
    for number, row in enumerate(rows[1:], start=2):
        if len(row) > len(header):
            raise UnreadableFile(
                f"{name}, ligne {number} : {len(row)} cases pour {len(header)} colonnes.\n"
                f"Le séparateur reconnu est « {separator} » : "
                "une valeur qui le contient se met entre guillemets."
            )
    body = [[cell.strip() for cell in row] + [""] * (len(header) - len(row)) for row in rows[1:]]
    return pd.DataFrame(body, columns=header, dtype=object)


def _decoded(content: bytes, name: str) -> str:
    is_utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    encodings = ["utf-16"] if is_utf16 else ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UnreadableFile(f"{name} n'est pas un fichier texte : attendu un CSV (UTF-8 ou Windows-1252).")
