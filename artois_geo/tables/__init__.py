"""What a table looks like outside: French text, CSV, JSON and spreadsheet, as bytes.

Nothing is written here: the command line and the packs do, through the one atomic
door of ``layers``. The room lies below both, so that a file made by a command and
the same file in a pack are the same bytes.
"""

from artois_geo.arguments import guard
from artois_geo.tables.footer import (
    SOURCES,
    Described,
    Footer,
    Source,
    footer_of,
    source_lines,
    source_of,
    sources_table,
)
from artois_geo.tables.formats import to_csv, to_json, to_raw_csv
from artois_geo.tables.forms import FormField, to_form
from artois_geo.tables.french import MISSING, headings, number, numeric_columns, quantity, texts
from artois_geo.tables.reading import from_csv
from artois_geo.tables.shown import ShownTable, show
from artois_geo.tables.text_table import TextTable, text_table
from artois_geo.tables.workbook import to_xlsx

__all__ = [
    "MISSING",
    "SOURCES",
    "Described",
    "Footer",
    "FormField",
    "ShownTable",
    "Source",
    "TextTable",
    "footer_of",
    "from_csv",
    "headings",
    "number",
    "numeric_columns",
    "quantity",
    "show",
    "source_lines",
    "source_of",
    "sources_table",
    "text_table",
    "texts",
    "to_csv",
    "to_form",
    "to_json",
    "to_raw_csv",
    "to_xlsx",
]


guard(__name__)


def __dir__() -> list[str]:
    return sorted(__all__)
