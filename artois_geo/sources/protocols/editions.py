"""Which edition a producer announces, where a page of its own lists them: the greatest that it names."""

import re
from pathlib import Path

from artois_geo.errors import SourceError
from artois_geo.sources.definition import Source
from artois_geo.sources.snapshot import Raw
from artois_geo.sources.transport import Query, Reply

INDEX = "00-editions.html"
_READ_BYTES = 1 << 20


def listed(source: Source, raw: Raw, *, renew: bool = True) -> list[str]:
    """Return the editions that the index page of a source names, sorted.

    Raises
    ------
    SourceError
        No such page, or one that names none.
    """
    name = f"{source.id}, liste des éditions"

    def check(path: Path, reply: Reply) -> None:
        if not _named(source, path):
            raise SourceError(f"Aucune édition dans la page qui les liste ({name}) : {source.index}")

    return _named(source, raw.page(INDEX, Query(name, source.index), check, renew=renew))


def last(source: Source, raw: Raw) -> str:
    """Return the greatest edition that a source announces; nothing where no page lists them.

    Raises
    ------
    SourceError
        The page cannot be read.
    """
    return listed(source, raw)[-1] if source.index else ""


def of_fetch(source: Source, raw: Raw) -> str:
    """Return the edition that is fetched: the vintage that is asked for, else the last that is announced.

    What is fetched is whole without it: a page that cannot be read stops nothing.
    """
    if source.vintage[:1].isdigit():
        return source.vintage
    try:
        return last(source, raw)
    except SourceError:
        return ""


def _named(source: Source, path: Path) -> list[str]:
    with path.open("rb") as stream:
        text = stream.read(_READ_BYTES).decode("utf-8", errors="replace")
    return sorted({match[match.re.groups and 1] for match in re.finditer(source.pattern, text)})
