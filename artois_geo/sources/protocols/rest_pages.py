"""A web service that answers JSON by pages: numbered, by offset, or each with the address of the next.

Where the service announces a total, as many objects must come; where it does not, the page after the last
is asked for and must be empty. One that has no pages and cuts its answer in silence is seen by its total,
or by an answer as long as its ceiling: it is asked again by quarters of its box.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlunsplit

from artois_geo.errors import SourceError
from artois_geo.sources.definition import Source
from artois_geo.sources.hosts import require_declared, split_address
from artois_geo.sources.payloads import read_json, require_data, whole_number
from artois_geo.sources.protocols import editions
from artois_geo.sources.protocols.pieces import Pieces
from artois_geo.sources.protocols.shape import (
    NO_LAYER,
    Counts,
    point,
    require_ceiling,
    require_columns,
    require_objects,
    require_whole,
    units,
)
from artois_geo.sources.scope import Scope
from artois_geo.sources.snapshot import PAGES, Raw
from artois_geo.sources.transport import Query, Reply
from artois_geo.text import counted


def queries(source: Source, scope: Scope) -> list[Query]:
    """Say what is asked, without pages: each address for each part of the territory."""
    access = source.access
    template = access.filters.get(scope.kind, "")
    return [
        Query(
            ", ".join(filter(None, (path, unit.name))),
            f"{access.url}/{path}" if path else unit.filled(access.url),
            dict(access.parameters) | unit.parameters(template),
            box=unit.box,
        )
        for path in access.paths
        for unit in units(source, scope)
    ]


def announced(source: Source, planned: list[Query], raw: Raw) -> list[int]:
    """Read the total that the first page of each request announces, else how many objects it holds."""
    return [_page(source, query, _label(number), 0, raw).total for number, query in enumerate(planned, 1)]


def fetch(source: Source, planned: list[Query], raw: Raw, counts: list[int]) -> Counts:
    """Bring every page of every request.

    Raises
    ------
    SourceError
        A page that is not whole, a total that changed, an answer cut in silence, a next page elsewhere.
    """
    require_ceiling(sum(counts), source.access.most_objects, source.id)
    received, pieces = 0, Pieces(source, partial(_piece, source, raw))
    for number, query in enumerate(planned, start=1):
        received += _all_pages(source, query, _label(number), raw, pieces)
        require_ceiling(received, source.access.most_objects, source.id)
    more = {"morceaux": str(pieces.count)} if pieces.count else {}
    return Counts(
        sum(counts) if source.access.total else None,
        received,
        edition=editions.of_fetch(source, raw),
        more=more,
    )


def edition(source: Source, queries: list[Query], raw: Raw) -> str:
    """Ask which edition is the last; nothing where no page lists them."""
    return editions.last(source, raw)


def _label(number: int) -> str:
    """Name a request at the head of its raw files."""
    return f"{number:04d}"


def _piece(source: Source, raw: Raw, query: Query, label: str) -> tuple[Iterator[dict[str, Any]], bool]:
    """Bring a piece of a request that was cut; give its objects, and whether it is cut again."""
    page = _page(source, query, label, 0, raw)
    objects = records(read_json(raw.folder / PAGES / _file(label, 0), query.name), source)
    return objects, _is_cut(source, page.total, page.objects)


@dataclass(frozen=True)
class _Page:
    """What a page holds: how many objects, of how many, and where the next is."""

    objects: int
    total: int
    following: str


def _all_pages(source: Source, query: Query, label: str, raw: Raw, pieces: Pieces) -> int:
    """Bring the pages of one request; return how many objects they hold."""
    access, received, page = source.access, 0, 0
    first = answer = _page(source, query, label, 0, raw)
    if _is_cut(source, first.total, first.objects) and query.box is not None:
        return pieces.bring(query, label, first.total if access.total else None)
    while True:
        received += answer.objects
        if access.total and answer.total != first.total:
            raw.forget()
            raise SourceError(
                f"{counted(first.total, 'objet annoncé', 'objets annoncés')} au départ, {answer.total} "
                f"maintenant ({source.id}, {query.name}) : la donnée a changé pendant la lecture. Relancer "
                "la même commande."
            )
        if _is_last(source, answer, received):
            break
        page += 1
        require_ceiling(received, access.most_objects, source.id)
        answer = _page(source, query, label, page, raw, answer.following)
    _require_all(source, f"{source.id}, {query.name}", first.total, received)
    return received


def _is_last(source: Source, page: _Page, received: int) -> bool:
    """Tell whether no page follows: the total is reached, or there is nothing more to ask for."""
    if source.access.style == "aucune":
        return True
    if source.access.style == "suite":
        return not page.following
    return not page.objects or (bool(source.access.total) and received >= page.total)


def _require_all(source: Source, name: str, total: int, received: int) -> None:
    """Refuse an answer that holds fewer objects than announced, or as many as the server ever gives."""
    access = source.access
    if _is_cut(source, total, received):
        raise SourceError(
            f"Réponse coupée par le serveur ({name}) : {counted(received, 'objet reçu', 'objets reçus')}"
            + (f" sur {total}" if total > received else f", son plafond est {access.page_size}")
            + f". Demander un territoire plus petit. {NO_LAYER}"
        )
    if access.total:
        require_whole(total, received, name)


def _is_cut(source: Source, total: int, received: int) -> bool:
    """Tell whether a service without pages left objects out of its answer."""
    access = source.access
    return access.style == "aucune" and (total > received or received >= access.page_size)


def _file(label: str, page: int) -> str:
    return f"{label}-{page + 1:05d}.json"


def _page(source: Source, query: Query, label: str, page: int, raw: Raw, following: str = "") -> _Page:
    """Bring one page, checked, and say what it holds."""
    name = f"{source.id}, {query.name}" + (f", page {page + 1}" if source.access.style != "aucune" else "")
    pages: list[_Page] = []

    def check(path: Path, reply: Reply) -> None:
        require_data(path, reply.content_type, name, "json")
        pages.append(_read(source, path, name))

    numbered = _following(following, query) if following else _numbered(source, query, page)
    file = raw.page(_file(label, page), replace(numbered, name=name), check)
    return pages[-1] if pages else _read(source, file, name)


def _numbered(source: Source, query: Query, page: int) -> Query:
    """Add the number of a page, and how many objects it may hold."""
    access = source.access
    first = {"page_1": page + 1, "page_0": page, "depart": page * access.page_size}
    numbers = {access.page_name: str(first[access.style])} if access.style in first else {}
    sizes = {access.size_name: str(access.page_size)} if access.size_name else {}
    return replace(query, parameters=dict(query.parameters) | sizes | numbers)


def _following(address: str, query: Query) -> Query:
    """Return the request of a next page; one written in plain http is asked for by https."""
    parts = split_address(address, "page suivante")
    if parts.scheme == "http":
        parts = parts._replace(scheme="https")
    url = urlunsplit(parts._replace(query="", fragment=""))
    return replace(query, url=url, parameters=dict(parse_qsl(parts.query, keep_blank_values=True)))


def _read(source: Source, path: Path, name: str) -> _Page:
    """Read what a page holds, or refuse it."""
    access = source.access
    content = read_json(path, name)
    objects = require_objects(_features(content, source), source, name)
    following = content.get(access.next_name) if access.style == "suite" else None
    if following:
        require_declared(_https(str(following)), access.hosts, "page suivante")
    total = _total(content, access.total, name) if access.total else len(objects)
    if access.size_name and len(objects) > access.page_size:
        raise SourceError(f"{counted(len(objects), 'objet')} dans une page de {access.page_size} ({name}).")
    return _Page(len(objects), total, str(following or ""))


def _https(address: str) -> str:
    return address.replace("http://", "https://", 1) if address.startswith("http://") else address


def _total(content: dict[str, Any], key: str, name: str) -> int:
    total = whole_number(content.get(key))
    if total is None:
        raise SourceError(f"Le serveur n'annonce pas de nombre d'objets, « {key} » ({name}).")
    return total


def _features(content: dict[str, Any], source: Source) -> Any:
    """Return the objects of a page as features, or what stands there where it is no list of objects."""
    objects = content.get(source.access.items)
    are_objects = isinstance(objects, list) and all(isinstance(each, dict) for each in objects)
    return list(records(content, source)) if are_objects else objects


def records(content: dict[str, Any], source: Source) -> Iterator[dict[str, Any]]:
    """Yield the objects of a page as features: a record has its geometry in a member, or two numbers."""
    reading = source.reading
    for record in content.get(source.access.items, ()):
        if "properties" in record:
            yield record
            continue
        properties = {name: cell for name, cell in record.items() if name != reading.geometry}
        yield {"type": "Feature", "geometry": _geometry(record, source), "properties": properties}


def _geometry(record: dict[str, Any], source: Source) -> Any:
    reading = source.reading
    if reading.geometry:
        require_columns(set(record), (reading.geometry,), source.id)
        return record[reading.geometry]
    return point(record.get(reading.x), record.get(reading.y))
