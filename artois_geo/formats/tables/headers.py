"""Where a table begins and what its columns are called: titles, missing, doubled and unnamed headers."""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from artois_geo.errors import UnreadableFile
from artois_geo.formats.findings import Finding, short
from artois_geo.meaning import fold, is_missing

Row = tuple[int, list[Any]]  # line in the file, and cells
HIGHEST_TITLE = 20  # rows in which a header is looked for
_SAMPLE = 200
_YEAR = re.compile(r"(19|20)\d\d")
_DATE = re.compile(r"\d{4}-\d\d-\d\d([T ].*)?|\d\d?/\d\d?/\d{4}")
_CODE = re.compile(r"\d{5}|2[AB]\d{3}")
_NOTE = re.compile(
    r"\*|\(\d\)|(sources?|notes?|nb|n\.b\.|lecture|champ|legende|remarques?|avertissement) ?: ?\S"
)
_QUANTITY = re.compile(r"[+-]?\d[\d\s\u00a0\u202f]*([.,]\d+)?")
_PLACE = re.compile(
    r"[\[(]?\s*-?\d+(\.\d+)?\s*[,; ]\s*-?\d+(\.\d+)?\s*[\])]?"  # two numbers in one cell, or WKT
    r"|(SRID\s*=\s*\d+\s*;)?\s*(MULTI)?(POINT|LINESTRING|POLYGON)\s*(ZM?|M)?\s*\(.*",
    re.IGNORECASE | re.DOTALL,
)
# a first row that holds one of these is a header, whatever its other cells look like
_USUAL = frozenset(
    word
    for words in (
        ("id", "fid", "gid", "ogc", "objectid", "idcom", "identifiant", "ref", "num", "numero", "rang"),
        ("code", "cod", "codgeo", "insee", "siren", "siret", "epci", "com", "commune", "dep", "reg"),
        ("nom", "name", "lib", "libelle", "libgeo", "type", "date", "annee", "surf", "surface", "total"),
        ("lat", "latitude", "lon", "lng", "longitude", "x", "y", "wkt", "geom", "geometry", "geo"),
    )
    for word in words
)


@dataclass(frozen=True)
class Table:
    """The named columns of a table and where each stands in the file, from 0, and the line of each row.

    ``findings`` tell what was left out and why.
    """

    names: list[str]
    columns: list[list[Any]]
    positions: list[int]
    lines: list[int]
    findings: tuple[Finding, ...] = ()


def cut_table(rows: list[Row], path: Path, *, fields: frozenset[str] = frozenset()) -> Table:
    """Find the header of a table and cut its rows into columns.

    Parameters
    ----------
    rows
        Line in the file and cells of each row; an empty cell is ``None`` or a text of blanks.
    path
        For messages.
    fields
        Names that are columns for sure: the fields of the kind.

    Raises
    ------
    UnreadableFile
        Empty, no header, two columns of one name, or a column without a name that holds cells.
    """
    titles, header, body = _split(rows, path, fields)
    names = ["" if is_missing(cell) else str(cell).strip(" \t\u200d\ufeff") for cell in header[1]]
    repeats = _header_repeats(names, body)
    body = [(line, cells) for line, cells in body if line not in repeats]
    _refuse_second_table(names, header, body, path)
    body, notes = _without_notes(names, body)
    columns = [[cells[position] for _, cells in body] for position in range(len(names))]
    lines = [line for line, _ in body]
    _refuse_missing_header(names, columns, path, fields)
    unnamed_findings = _unnamed_columns(names, columns, lines, path)
    positions = [position for position, name in enumerate(names) if name]
    _refuse_repeated_name(names, positions, path)
    return Table(
        [names[position] for position in positions],
        [columns[position] for position in positions],
        positions,
        lines,
        (*_title_findings(titles, header[0]), *map(_repeat_finding, repeats), *unnamed_findings, *notes),
    )


def _split(rows: list[Row], path: Path, fields: frozenset[str]) -> tuple[list[Row], Row, list[Row]]:
    """Split the rows that are not empty into titles, header and body, the last two of one width."""
    rows = [(line, cells) for line, cells in rows if not all(map(is_missing, cells))]
    if not rows:
        raise UnreadableFile(f"{path.name} est vide : aucune ligne.")
    top = header_position([cells for _, cells in rows], fields)
    width = max(len(cells) for _, cells in rows[top:])
    header, *body = [(line, [*cells, *[None] * (width - len(cells))]) for line, cells in rows[top:]]
    return rows[:top], header, body


def _refuse_repeated_name(names: list[str], positions: list[int], path: Path) -> None:
    """Refuse a table of which two columns have one name."""
    counts = Counter(names[position] for position in positions)
    repeated = next((name for name, count in counts.items() if count > 1), None)
    if repeated is not None:
        ranks = " et ".join(_rank(position) for position in positions if names[position] == repeated)
        raise UnreadableFile(
            f"{path.name} : deux colonnes s'appellent « {repeated} » ({ranks}) ; en renommer une."
        )


def header_position(rows: list[list[Any]], fields: frozenset[str] = frozenset()) -> int:
    """Give the row of the header: the first with two cells at least, if a title of one cell stands above.

    A title may have a second cell, a year for instance, where the row below names usual columns.

    Examples
    --------
    >>> header_position([["Liste des sites", ""], ["id", "nom"], ["1", "Lens"]])
    1
    >>> header_position([["Liste des sites", "2024"], ["id", "nom"], ["1", "Lens"]])
    1
    """
    filled = [sum(not is_missing(cell) for cell in cells) for cells in rows[: HIGHEST_TITLE + 1]]
    if filled[0] != 1:
        names_below = [_is_column_name(cell, fields) for cell in (rows[1] if len(rows) > 2 else [])]
        is_title = sum(names_below) > 1 and not any(_is_column_name(cell, fields) for cell in rows[0])
        return 1 if is_title and 2 * sum(names_below) >= filled[1] else 0
    header = next((position for position, count in enumerate(filled) if count > 1), 0)
    return header if header + 1 < len(rows) else 0


def _is_column_name(cell: Any, fields: frozenset[str]) -> bool:
    return isinstance(cell, str) and (cell.strip() in fields or fold(cell) in _USUAL)


def _refuse_second_table(names: list[str], header: Row, body: list[Row], path: Path) -> None:
    """Refuse a table below another one: after an empty line, a row that names a column again."""
    previous_line = header[0]
    for line, cells in body:
        filled = [(fold(str(cell)), fold(name)) for cell, name in zip(cells, names, strict=True) if cell]
        if line > previous_line + 1 and len(filled) > 1 and any(cell == name for cell, name in filled):
            raise UnreadableFile(
                f"{path.name}, ligne {line} : un second tableau y commence (« {short(cells[0])} »).\n"
                "N'en laisser qu'un par feuille ou par fichier, puis relancer."
            )
        previous_line = line


def _without_notes(names: list[str], body: list[Row]) -> tuple[list[Row], list[Finding]]:
    """Take out the notes below a table, lines of one cell that begins as « Source : » or « * » do."""
    end = len(body)
    while end and sum(map(bool, names)) > 2 and _is_note(body[end - 1][1]):
        end -= 1
    if end == len(body):
        return body, []
    texts = [str(cell) for _, cells in body[end:] for cell in cells if not is_missing(cell)]
    message = f"notes sous le tableau, à partir de la ligne {body[end][0]} : ce ne sont pas des objets"
    return body[:end], [Finding(None, "", "note sous le tableau", "alerte", " | ".join(texts), message)]


def _is_note(cells: list[Any]) -> bool:
    filled = [cell for cell in cells if not is_missing(cell)]
    return len(filled) == 1 and isinstance(filled[0], str) and _NOTE.match(fold(filled[0])) is not None


def _title_findings(titles: list[Row], header_line: int) -> list[Finding]:
    if not titles:
        return []
    texts = [str(cell) for _, cells in titles for cell in cells if not is_missing(cell)]
    message = f"lignes au-dessus de l'en-tête, lues comme un titre : l'en-tête est à la ligne {header_line}"
    return [Finding(None, "", "titre", "alerte", " | ".join(texts), message)]


def _header_repeats(names: list[str], rows: list[Row]) -> dict[int, None]:
    """Find the lines that repeat the header, as files put end to end do, in their order."""
    if sum(map(bool, names)) < 2:
        return {}
    return {
        line: None
        for line, cells in rows
        if ["" if is_missing(cell) else str(cell).strip() for cell in cells] == names
    }


def _repeat_finding(line: int) -> Finding:
    message = f"ligne {line} : l'en-tête y est répété, retiré"
    return Finding(None, "", "en-tête répété", "réparation", f"ligne {line}", message)


def _unnamed_columns(
    names: list[str], columns: list[list[Any]], lines: list[int], path: Path
) -> list[Finding]:
    """Report the columns without a name; each must be empty, or number the rows."""
    empty = 0
    findings = []
    for position, (name, column) in enumerate(zip(names, columns, strict=True)):
        if name:
            continue
        filled = [(line, cell) for line, cell in zip(lines, column, strict=True) if not is_missing(cell)]
        if not filled:
            empty += 1
        elif position == 0 and _only_numbers_rows(column):
            message = "1re colonne, sans nom : elle ne fait que numéroter les lignes, ignorée"
            findings.append(Finding(None, "", "colonne sans nom", "note", "1re colonne", message))
        else:
            raise UnreadableFile(
                f"{path.name} : la {_rank(position)} n'a pas de nom et contient des valeurs"
                f" (« {short(filled[0][1])} », ligne {filled[0][0]}) : lui donner un nom dans l'en-tête."
            )
    if empty:
        plural = f"{empty} colonnes sans nom et sans valeur, ignorées"
        message = plural if empty > 1 else "1 colonne sans nom et sans valeur, ignorée"
        findings.append(Finding(None, "", "colonne sans nom", "note", empty, message))
    return findings


def _rank(position: int) -> str:
    return f"{position + 1}{'re' if position == 0 else 'e'} colonne"


def _only_numbers_rows(column: list[Any]) -> bool:
    numbers = [str(cell).strip() for cell in column]
    return any(numbers == [str(number) for number in range(start, start + len(numbers))] for start in (0, 1))


def _refuse_missing_header(
    names: list[str], columns: list[list[Any]], path: Path, fields: frozenset[str]
) -> None:
    """Refuse a table whose first row is a record: its numbers, codes and dates are those of their columns."""
    if any(name in fields or _first_word(name) in _USUAL for name in names):
        return
    doubtful = []
    for name, column in zip(names, columns, strict=True):
        likeness = _likeness(name)
        kinds = Counter(_likeness(cell) for cell in column[:_SAMPLE] if not is_missing(cell))
        count = sum(kinds.values())
        if not likeness:
            if count and kinds[""] < count / 2:  # a name of letters over numbers: a header
                return
        elif (count == 0 and likeness != "year") or kinds[likeness] > count / 2:
            doubtful.append(name)
    if doubtful:
        examples = ", ".join(f"« {name} »" for name in doubtful[:3])
        raise UnreadableFile(
            f"{path.name} : la première ligne ressemble à des données ({examples}) : en-tête absent ?\n"
            "Ajouter au-dessus une ligne qui nomme les colonnes, puis relancer."
        )


def _likeness(cell: Any) -> str:
    """Classify what a cell looks like: a year, a code, a date, a number, a place, or nothing of the sort."""
    text = str(cell).strip()
    kinds = {"year": _YEAR, "code": _CODE, "date": _DATE, "number": _QUANTITY, "place": _PLACE}
    return next((name for name, pattern in kinds.items() if pattern.fullmatch(text)), "")


def _first_word(name: str) -> str:
    return re.split(r"[^a-z0-9]+", fold(name).lstrip("_"))[0]
