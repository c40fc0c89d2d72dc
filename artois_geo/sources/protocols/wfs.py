"""WFS 2.0: the count first, then pages in a stable order, and as many objects as announced.

A server may cut a page at 5 000 objects and answer 200 all the same: each page must hold exactly what
is left to bring, otherwise the request is asked again by quarters of its box, where it has one.
Everything is asked in Lambert-93 with its URN, whose axes nobody turns over; a server that does so all
the same is seen by where its objects fall.
"""

import math
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from artois_geo.errors import SourceError
from artois_geo.sources.definition import Source
from artois_geo.sources.payloads import read_json, read_xml, require_data, whole_number
from artois_geo.sources.protocols import editions
from artois_geo.sources.protocols.pieces import Pieces
from artois_geo.sources.protocols.shape import (
    Counts,
    bbox_text,
    incomplete_page,
    require_ceiling,
    require_objects,
    require_whole,
)
from artois_geo.sources.scope import Scope
from artois_geo.sources.snapshot import Raw
from artois_geo.sources.transport import Query, Reply
from artois_geo.text import counted

CODES_PER_QUERY = 100
URN = "urn:ogc:def:crs:EPSG::2154"
_WHOLE = ("numberMatched", "totalFeatures")


def queries(source: Source, scope: Scope) -> list[Query]:
    """Say what is asked, without pages: one request, or several where codes are many."""
    access = source.access
    common = {
        "SERVICE": "WFS",
        "VERSION": "2.0.0",
        "REQUEST": "GetFeature",
        **{name: text.replace("{millesime}", source.vintage) for name, text in access.parameters.items()},
        "SRSNAME": URN,
    }
    filter_text = access.filters.get(scope.kind, "")
    if scope.kind == "emprise" and scope.box:
        return [
            Query(scope.text(), access.url, common | {"BBOX": f"{bbox_text(scope.box)},{URN}"}, box=scope.box)
        ]
    if scope.kind == "france":
        return [Query(scope.text(), access.url, common)]
    batches = [
        scope.codes[start : start + CODES_PER_QUERY] for start in range(0, len(scope.codes), CODES_PER_QUERY)
    ]
    answer = []
    for number, codes in enumerate(batches, start=1):
        listed = ",".join(f"'{code}'" for code in codes)
        cql = filter_text.replace("{communes}", listed).replace("{code}", codes[0])
        name = scope.text() + (f", lot {number} sur {len(batches)}" if len(batches) > 1 else "")
        answer.append(Query(name, access.url, common | {"CQL_FILTER": cql}))
    return answer


def announced(source: Source, planned: list[Query], raw: Raw) -> list[int]:
    """Ask how many objects each request matches; the answer is XML whatever is asked."""
    return [_hits(raw, _label(number), query) for number, query in enumerate(planned, start=1)]


def fetch(source: Source, planned: list[Query], raw: Raw, counts: list[int]) -> Counts:
    """Bring every page of every request.

    Raises
    ------
    SourceError
        A page that does not hold what it must, columns that are not there, objects elsewhere.
    """
    require_ceiling(sum(counts), source.access.most_objects, source.id)
    pieces = Pieces(source, partial(_piece, source, raw))
    for number, (query, count) in enumerate(zip(planned, counts, strict=True), start=1):
        try:
            _bring(source, raw, query, _label(number), count)
        except _CutPage:
            if query.box is None:
                raise
            pieces.bring(query, _label(number), count)
    more = {"morceaux": str(pieces.count)} if pieces.count else {}
    return Counts(sum(counts), sum(counts), edition=editions.of_fetch(source, raw), more=more)


def edition(source: Source, queries: list[Query], raw: Raw) -> str:
    """Ask which edition is the last; nothing where no page lists them."""
    return editions.last(source, raw)


class _CutPage(SourceError):
    """A page that holds fewer objects than asked for."""


def _label(number: int) -> str:
    """Name a request at the head of its raw files."""
    return f"{number:02d}"


def _bring(source: Source, raw: Raw, query: Query, label: str, count: int) -> list[Path]:
    """Bring every page of one request."""
    size = source.access.page_size
    pages = math.ceil(count / size)
    files = []
    for page in range(pages):
        start = page * size
        parameters = {"OUTPUTFORMAT": "application/json"} | dict(query.parameters)
        parameters |= {"COUNT": str(size), "STARTINDEX": str(start), "SORTBY": source.access.sort}
        name = f"{source.id}, {query.name}, page {page + 1} sur {pages}"
        check = _Page(source, name, count, min(size, count - start))
        files.append(raw.page(f"{label}-{page + 1:05d}.json", Query(name, query.url, parameters), check))
    return files


def _piece(source: Source, raw: Raw, query: Query, label: str) -> tuple[Iterator[dict[str, Any]], bool]:
    """Bring a piece of a request that was cut; give its objects, and whether it is cut again."""
    try:
        files = _bring(source, raw, query, label, _hits(raw, label, query))
    except _CutPage:
        return iter(()), True
    return (each for file in files for each in read_json(file, query.name)["features"]), False


def _hits(raw: Raw, label: str, query: Query) -> int:
    """Read the attribute ``numberMatched`` of an answer that holds no object."""
    counts = []

    def check(path: Path, reply: Reply) -> None:
        require_data(path, reply.content_type, query.name, "xml")
        count = whole_number(read_xml(path, query.name).get("numberMatched"))
        if count is None:
            raise SourceError(f"Le serveur n'annonce pas de nombre d'objets ({query.name}).")
        counts.append(count)

    hits = Query(f"{query.name}, compte", query.url, dict(query.parameters) | {"RESULTTYPE": "hits"})
    raw.page(f"00-compte-{label}.xml", hits, check, renew=True)
    return counts[-1]


class _Page:
    """Refuses a page that is not what was asked for."""

    def __init__(self, source: Source, name: str, matched: int, expected: int) -> None:
        self.source, self.name, self.matched, self.expected = source, name, matched, expected

    def __call__(self, path: Path, reply: Reply) -> None:
        require_data(path, reply.content_type, self.name, "json")
        page = read_json(path, self.name)
        features = require_objects(page.get("features"), self.source, self.name)
        count = next((page[key] for key in _WHOLE if isinstance(page.get(key), int)), None)
        if count not in (self.matched, None):
            raise SourceError(
                f"{counted(self.matched, 'objet annoncé', 'objets annoncés')} au départ, {count} maintenant "
                f"({self.name}) : la donnée a changé pendant la lecture. Relancer la même commande."
            )
        if len(features) < self.expected:
            raise _CutPage(incomplete_page(self.expected, len(features), self.name))
        require_whole(self.expected, len(features), self.name)
        returned = whole_number(page.get("numberReturned"))
        require_whole(len(features), len(features) if returned is None else returned, self.name)
