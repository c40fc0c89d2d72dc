"""ArcGIS REST: pages by offset until no transfer limit is exceeded, the count asked for first.

The server answers its errors with a 200; whether it can page is told by each page.
"""

from datetime import UTC, datetime
from pathlib import Path

from artois_geo.errors import SourceError
from artois_geo.sources.definition import Source
from artois_geo.sources.payloads import read_json, require_data, whole_number
from artois_geo.sources.protocols.shape import (
    Counts,
    require_ceiling,
    require_objects,
    require_whole,
    units,
)
from artois_geo.sources.scope import Scope
from artois_geo.sources.snapshot import Raw
from artois_geo.sources.transport import Query, Reply

_COMMON = {"outFields": "*", "returnGeometry": "true"}
_LATEST_MS = 4_102_444_800_000  # of the year 2100


def queries(source: Source, scope: Scope) -> list[Query]:
    """Say what is asked, without pages."""
    access = source.access
    template = access.filters.get(scope.kind, "")
    common = _COMMON | {"where": "1=1", "outSR": source.reading.crs.rpartition(":")[2] or "4326"}
    return [
        Query(
            unit.name, access.url, common | dict(access.parameters) | unit.parameters(template), box=unit.box
        )
        for unit in units(source, scope)
    ]


def announced(source: Source, planned: list[Query], raw: Raw) -> list[int]:
    """Ask how many objects each request matches."""
    return [_count(source, query, number, raw) for number, query in enumerate(planned, start=1)]


def fetch(source: Source, planned: list[Query], raw: Raw, counts: list[int]) -> Counts:
    """Bring every page of every request.

    Raises
    ------
    SourceError
        A page that is not whole, or an error with a 200.
    """
    require_ceiling(sum(counts), source.access.most_objects, source.id)
    size = source.access.page_size
    for number, (query, count) in enumerate(zip(planned, counts, strict=True), start=1):
        for page, start in enumerate(range(0, count, size), start=1):
            name = f"{source.id}, {query.name}, page {page}"
            parameters = dict(query.parameters) | {
                "f": "geojson",
                "resultOffset": str(start),
                "resultRecordCount": str(size),
                "orderByFields": source.access.sort or source.reading.key,
            }
            check = _Check(source, name, min(size, count - start))
            raw.page(f"{number:04d}-{page:05d}.json", Query(name, query.url, parameters), check)
    try:
        announced_edition = edition(source, planned, raw)
    except SourceError:
        announced_edition = ""  # what came is whole without it
    return Counts(sum(counts), sum(counts), edition=announced_edition)


def edition(source: Source, queries: list[Query], raw: Raw) -> str:
    """Ask when the layer was last edited; nothing where it does not tell."""
    name, url = f"{source.id}, fiche de la couche", source.access.url.removesuffix("/query")

    def check(path: Path, reply: Reply) -> None:
        require_data(path, reply.content_type, name, "json")
        read_json(path, name)

    file = raw.page("00-couche.json", Query(name, url, {"f": "json"}), check, renew=True)
    editing = read_json(file, name).get("editingInfo")
    moment = editing.get("lastEditDate") if isinstance(editing, dict) else None
    if not isinstance(moment, int) or not 0 < moment < _LATEST_MS:
        return ""
    return datetime.fromtimestamp(moment / 1000, UTC).isoformat(timespec="seconds")


class _Check:
    """Refuses a page that is not what was asked for."""

    def __init__(self, source: Source, name: str, expected: int) -> None:
        self.source, self.name, self.expected = source, name, expected

    def __call__(self, path: Path, reply: Reply) -> None:
        require_data(path, reply.content_type, self.name, "json")
        page = read_json(path, self.name)
        features = require_objects(page.get("features"), self.source, self.name)
        require_whole(self.expected, len(features), self.name)


def _count(source: Source, query: Query, number: int, raw: Raw) -> int:
    name, counts = f"{source.id}, {query.name}, compte", []

    def check(path: Path, reply: Reply) -> None:
        require_data(path, reply.content_type, name, "json")
        count = whole_number(read_json(path, name).get("count"))
        if count is None:
            raise SourceError(f"Le serveur n'annonce pas de nombre d'objets ({name}).")
        counts.append(count)

    parameters = dict(query.parameters) | {"returnCountOnly": "true", "f": "json"}
    raw.page(f"00-compte-{number:04d}.json", Query(name, query.url, parameters), check, renew=True)
    return counts[-1]
