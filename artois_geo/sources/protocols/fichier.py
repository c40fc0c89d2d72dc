"""A file at an address: one per commune, per département, or one alone; the edition read in an index page.

Nothing is announced but its length: what comes must open to its end, hold the columns expected, and lie where
it must.
"""

from dataclasses import replace
from pathlib import Path

from artois_geo.errors import SourceError
from artois_geo.sources.definition import Source
from artois_geo.sources.payloads import require_data
from artois_geo.sources.protocols import editions
from artois_geo.sources.protocols.shape import Counts, file_suffix, units
from artois_geo.sources.reading import contents
from artois_geo.sources.scope import Scope
from artois_geo.sources.snapshot import Raw
from artois_geo.sources.transport import Query, Reply


def queries(source: Source, scope: Scope) -> list[Query]:
    """Say which files are asked for; ``{millesime}`` stands for the edition that the index will tell."""
    return [Query(unit.name, unit.filled(source.access.url)) for unit in units(source, scope)]


def announced(source: Source, planned: list[Query], raw: Raw) -> list[int]:
    """Ask which edition is the last; how large its files are is not told, 0 each."""
    if source.index:
        _edition(source, raw)
    return [0] * len(planned)


def fetch(source: Source, planned: list[Query], raw: Raw, counts: list[int]) -> Counts:
    """Bring every file.

    Raises
    ------
    SourceError
        One that is absent, damaged or of another form.
    """
    last = _edition(source, raw, renew=False) if source.index else source.vintage
    address = ""
    for number, query in enumerate(planned, start=1):
        url = query.url.replace("{millesime}", last)
        name = f"{source.id}, {query.name}"
        file = f"{number:04d}-fichier{file_suffix(url) or '.' + source.reading.format}"
        raw.page(file, replace(query, name=name, url=url, is_file=True), _Check(source, name))
        address = raw.replies[file].final
    return Counts(None, None, vintage=last, checksum="non publiée", address=address, edition=last)


def edition(source: Source, queries: list[Query], raw: Raw) -> str:
    """Ask which edition is the last; nothing where no page lists them."""
    return editions.last(source, raw)


class _Check:
    """Refuses a file that does not open to its end, or is of another form."""

    def __init__(self, source: Source, name: str) -> None:
        self.source, self.name = source, name

    def __call__(self, path: Path, reply: Reply) -> None:
        require_data(path, reply.content_type, self.name, contents.form(path, self.source))
        contents.require_readable(path, self.source, self.name)


def _edition(source: Source, raw: Raw, *, renew: bool = True) -> str:
    """Read which edition to take in the page that lists them: that of the source, else the greatest."""
    names = editions.listed(source, raw, renew=renew)
    if source.vintage and source.vintage not in names:
        last_names = ", ".join(names[-6:])
        raise SourceError(f"Édition {source.vintage} absente ({source.id}). Éditions servies : {last_names}.")
    return source.vintage or names[-1]
