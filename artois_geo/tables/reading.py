"""A CSV of others, from its bytes: encoding and separator found, every cell kept as text."""

import csv
import io

import pandas as pd

from artois_geo.errors import UnreadableFile, why

_SEPARATORS = ";,\t|"


def from_csv(content: bytes, *, name: str) -> pd.DataFrame:
    """A CSV or TSV as a table of texts: nothing is taken for a number, so no code loses its zero.

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
    >>> from_csv("insee;nom\\n01001;Été".encode("cp1252"), name="x.csv").values.tolist()
    [['01001', 'Été']]
    """
    text = _decoded(content, name)
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(_SEPARATORS, key=first.count)
    try:
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=separator) if any(map(str.strip, row))]
    except csv.Error as error:
        raise UnreadableFile(f"{name} : lignes ou guillemets mal formés ({why(error)}).") from error
    if not rows:
        raise UnreadableFile(f"{name} est vide.")
    header = [cell.strip() for cell in rows[0]]
    twice = sorted({column for column in header if header.count(column) > 1})
    if twice:
        raise UnreadableFile(f"{name} : deux colonnes s'appellent « {twice[0]} ».")
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
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    encodings = ["utf-16"] if wide else ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UnreadableFile(f"{name} n'est pas un fichier texte : attendu un CSV (UTF-8 ou Windows-1252).")
