"""CSV and TSV: cells stay texts until the kind types them."""

import csv
import io
import re
from pathlib import Path

import numpy as np

from artois_geo import meaning, vocabulary
from artois_geo.errors import BadValue, UnreadableFile, why
from artois_geo.formats.archives import MIB
from artois_geo.formats.findings import Finding
from artois_geo.formats.raw_table import RawTable
from artois_geo.formats.tables import headers, table_geometry
from artois_geo.formats.tables.headers import Row
from artois_geo.formats.tables.hints import TableHints
from artois_geo.text import counted, encoded_once

SEPARATORS = {";": "point-virgule", ",": "virgule", "\t": "tabulation", "|": "barre"}
DANGEROUS = re.compile(r"'*[=+\-@\t\r]")
MOSTLY = 0.8  # of the rows as long as the header: a separator that cuts them is likely
_DEFUSED = re.compile(r"'+[=+\-@\t\r]")
csv.field_size_limit(MIB * 64)


def read_csv(
    path: Path,
    hints: TableHints,
    *,
    encoding: str = "",
    separator: str = "",
    geometry_column: str | None = "",
) -> RawTable:
    """Read a CSV or TSV as it is: texts, the separator and the encoding found or given.

    Raises
    ------
    UnreadableFile
        Empty, a header that is none or has two columns of one name, or the geometry column absent.
    BadValue
        A separator that is not one character, nor one of the names of :data:`SEPARATORS`.
    """
    text, findings = _decoded(path, encoding)
    separator = _separator_character(separator) or _separator(text, hints, geometry_column or "")
    rows = _rows(text, separator, path, geometry_column or "")
    if rows:
        header = rows[headers.header_position([cells for _, cells in rows])]
        if geometry_column and geometry_column not in [cell.strip() for cell in header[1]]:
            raise UnreadableFile(_no_column(path, geometry_column, header[1], separator, text))
        rows, shifted = _same_length(header, rows)
        findings += shifted
    table = headers.cut_table(rows, path, fields=hints.fields)
    raw = RawTable(
        columns={
            name: [without_apostrophe(cell or "") or None for cell in column]
            for name, column in zip(table.names, table.columns, strict=True)
        },
        lines=table.lines,
        shapes=np.empty(len(table.lines), dtype=object),
        findings=(*findings, *table.findings),
        texts=True,
        format="CSV",
        has_geometry=False,
    )
    return table_geometry.with_shapes(raw, path, hints, geometry_column)


def without_apostrophe(cell: str) -> str:
    """Strip the apostrophe that keeps a spreadsheet from running it as a formula.

    Examples
    --------
    >>> without_apostrophe("'=1+1"), without_apostrophe("l'Artois")
    ('=1+1', "l'Artois")
    """
    return cell[1:] if _DEFUSED.match(cell) else cell


def _rows(text: str, separator: str, path: Path, geometry_column: str) -> list[Row]:
    """Cut a text into the cells of each row that holds any, with the line on which it ends.

    A text whose quotes do not close where cells end is refused, and the right separator is suggested
    where the geometry column exists under another one.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        return [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        header = _first_line(text, separator)
        if geometry_column and geometry_column not in header:
            raise UnreadableFile(_no_column(path, geometry_column, header, separator, text)) from error
        raise UnreadableFile(_malformed(path, separator, error)) from error


def _first_line(text: str, separator: str) -> list[str]:
    return next(csv.reader(text.splitlines()[:1], delimiter=separator), [])


def _decoded(path: Path, encoding: str) -> tuple[str, list[Finding]]:
    """Decode a file as requested, else as its first bytes tell, else as UTF-8, else as Windows-1252."""
    content = path.read_bytes()
    if encoding:
        try:
            return content.decode(encoding), []
        except (UnicodeDecodeError, LookupError) as error:
            raise UnreadableFile(f"{path.name} : texte illisible en {encoding} (--encodage).") from error
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        finding = Finding(None, "", "encodage", "note", "UTF-16", "textes lus en UTF-16")
        return content.decode("utf-16"), [finding]
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        message = "textes lus en Windows-1252 : ce n'est pas de l'UTF-8 ; vérifier un nom accentué"
        finding = Finding(None, "", "encodage", "alerte", "CP1252", message)
        return content.decode("cp1252", errors="replace"), [finding]
    once = encoded_once(text)
    if once == text:
        return text, []
    message = "textes encodés deux fois (« Ã© » pour « é »), lus comme ils étaient avant la seconde"
    return once, [Finding(None, "", "encodage", "alerte", "UTF-8 deux fois", message)]


def _malformed(path: Path, separator: str, error: csv.Error) -> str:
    """Explain that the quotes of a text do not close where cells end."""
    reasons = {
        "expected after": f"un guillemet fermant n'est pas suivi de « {separator} »",
        "unexpected end": "un guillemet ouvert n'est jamais fermé",
        "field larger": "une cellule dépasse 64 Mio",
    }
    reason = next((text for words, text in reasons.items() if words in str(error)), why(error))
    return (
        f"{path.name}, lu avec le séparateur « {separator} » : {reason}.\n"
        "Corriger ces guillemets, ou donner le bon séparateur par « couches importer --separateur »."
    )


def _separator_character(separator: str) -> str:
    """Return the character that a person gives, or names: a tabulation is hard to type."""
    names = {name: character for character, name in SEPARATORS.items()}
    character = names.get(meaning.fold(separator), separator)
    if len(character) > 1 or character in {"\n", "\r", '"'}:
        raise BadValue(f"Séparateur « {separator} » : donner un seul caractère, ou {', '.join(names)}.")
    return character


def _separator(text: str, hints: TableHints, geometry_column: str) -> str:
    """Choose the separator that cuts the first lines into the same number of cells, the kind's own first."""
    lines = io.StringIO(text, newline="")
    sample = "".join(line for line, _ in zip(lines, range(200), strict=False))
    preferred = hints.separator
    scores = {}
    for separator in dict.fromkeys((preferred, *SEPARATORS)):
        try:
            rows = [row for row in csv.reader(io.StringIO(sample, newline=""), delimiter=separator) if row]
        except csv.Error:
            continue
        titles = headers.header_position(rows) if rows else 0
        rows = rows[titles:]
        if not rows or len(rows[0]) < 2:
            continue
        regular_share = sum(len(row) == len(rows[0]) for row in rows) / len(rows)
        names = {cell.strip() for cell in rows[0]}
        ours = sum(vocabulary.column_of(name) is not None for name in names)  # « Surface, base (ha) »
        recognised = (geometry_column in rows[0], len(names & hints.fields), ours, ours == len(names))
        scores[separator] = (*recognised, regular_share > MOSTLY, not titles, regular_share, len(rows[0]))
    return max(scores, key=lambda separator: scores[separator]) if scores else preferred


def _same_length(header: Row, rows: list[Row]) -> tuple[list[Row], list[Finding]]:
    """Cut rows to the width of the header; one that holds more or fewer cells gives a finding."""
    width = len(header[1])
    titles = [cell.strip() for cell in header[1]]
    needed = max((rank for rank, title in enumerate(titles, start=1) if title), default=0)
    number = 0
    findings = []
    level = []
    for line, cells in rows:
        if line > header[0] and [cell.strip() for cell in cells] != titles:
            number += 1
            if len(cells) < needed or any(cell.strip() for cell in cells[width:]):
                doubt = "de trop" if len(cells) > width else "manquant"
                count = counted(len(cells), "cellule")
                message = f"ligne {line} : {count} pour {counted(width, 'colonne')}, séparateur {doubt} ?"
                findings.append(Finding(number, "", "ligne décalée", "erreur", " | ".join(cells), message))
        level.append((line, cells[:width] if line >= header[0] else cells))
    return level, findings


def _no_column(path: Path, column: str, header: list[str], separator: str, text: str) -> str:
    """Explain that no column bears the name of the geometry; suggest the separator under which one does."""
    listed = ", ".join(header[:12])[:200]
    message = f"{path.name} : colonne de géométrie « {column} » absente ; colonnes lues : {listed}."
    for candidate in SEPARATORS:
        if candidate != separator and column in _first_line(text, candidate):
            name = SEPARATORS[candidate]
            message += f"\nElle existe avec le séparateur {name} : --separateur {name}."
    return message
