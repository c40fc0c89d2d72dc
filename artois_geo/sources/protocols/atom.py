"""The download service of the Géoplateforme: deliveries of a département, by pages, then the files of one.

Names of deliveries follow three conventions of dates, so that they are discovered, never built; a correction
is the same product published another day: the last publication is taken, those that it replaces are named.
"""

import re
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

from artois_geo.errors import NotPublished, SourceError
from artois_geo.formats import seven_zip
from artois_geo.sources.definition import Source
from artois_geo.sources.payloads import read_xml, require_checksum, require_data, whole_number
from artois_geo.sources.protocols.shape import Counts, file_suffix, units
from artois_geo.sources.reading import contents
from artois_geo.sources.scope import Scope
from artois_geo.sources.snapshot import Raw
from artois_geo.sources.transport import Query, Reply
from artois_geo.text import counted

LIMIT = 50
MOST_PAGES = 100
_MD5 = re.compile(r"[0-9a-fA-F]{32}")
_VOLUME = re.compile(r"\.7z\.\d{3}$")
_ATOM, _DOWNLOAD = (
    "{http://www.w3.org/2005/Atom}",
    "{https://data.geopf.fr/annexes/ressources/xsd/gpf_dl.xsd}",
)


@dataclass(frozen=True)
class _Delivery:
    """A delivery, or a file of one: its title, its address, the day of its publication."""

    title: str
    address: str
    published: str
    checksum: str = ""
    size: int = 0


def queries(source: Source, scope: Scope) -> list[Query]:
    """Say which lists of deliveries are asked for: one per département."""
    access = source.access
    template = access.filters.get(scope.kind, "")
    return [
        Query(unit.name, access.url, dict(access.parameters) | unit.parameters(template))
        for unit in units(source, scope)
    ]


def announced(source: Source, planned: list[Query], raw: Raw) -> list[int]:
    """Ask which delivery is the right one, and how many bytes its files are."""
    seven_zip.require_reader()
    return [
        sum(file.size for file in _chosen(source, query, number, raw)[1])
        for number, query in enumerate(planned, start=1)
    ]


def fetch(source: Source, planned: list[Query], raw: Raw, counts: list[int]) -> Counts:
    """Bring the files of each delivery, and compare them with the size and the checksum that are published.

    Raises
    ------
    SourceError
        Another size, another checksum.
    NotPublished
        No delivery of that title.
    """
    titles, days, replaced, are_summed, address = [], [], [], True, ""
    for number, query in enumerate(planned, start=1):
        delivery, files, earlier = _chosen(source, query, number, raw, renew=False)
        titles.append(delivery.title)
        days.append(delivery.published)
        replaced += earlier
        for rank, file in enumerate(files, start=1):
            volume = _VOLUME.search(file.address)
            suffix = volume[0] if volume else file_suffix(file.address)
            page, name = f"{number:04d}-{rank:03d}{suffix}", f"{source.id}, {file.title}"
            raw.page(page, Query(name, file.address, is_file=True), _Check(source, file, name))
            are_summed, address = are_summed and bool(file.checksum), raw.replies[page].final
    more = {"livraison": " ; ".join(titles), "publie_le": max(days)}
    more |= {"remplace": " ; ".join(replaced)} if replaced else {}
    checksum = "md5 vérifié" if are_summed else "non publiée"
    label = _edition(titles, days)
    return Counts(None, None, checksum=checksum, address=address, edition=label, more=more)


def edition(source: Source, queries: list[Query], raw: Raw) -> str:
    """Ask which deliveries are announced, and their day."""
    entries = [_chosen(source, query, number, raw)[0] for number, query in enumerate(queries, start=1)]
    return _edition([each.title for each in entries], [each.published for each in entries])


def _edition(titles: list[str], days: list[str]) -> str:
    return " ; ".join(f"{title} du {day}" for title, day in zip(titles, days, strict=True))


class _Check:
    """Refuses a file that is not the one announced."""

    def __init__(self, source: Source, file: _Delivery, name: str) -> None:
        self.source, self.file, self.name = source, file, name

    def __call__(self, path: Path, reply: Reply) -> None:
        require_data(path, reply.content_type, self.name, "binary")
        if self.file.size and self.file.size != reply.bytes:
            raise SourceError(
                f"Fichier tronqué ({self.name}) : {counted(self.file.size, 'octet')} annoncés, "
                f"{counted(reply.bytes, 'reçu')}. Rien n'est gardé. Relancer plus tard."
            )
        require_checksum(path, "md5" if self.file.checksum else "", self.file.checksum, self.name)
        if not _VOLUME.search(self.file.address):
            contents.require_readable(path, self.source, self.name)


def _chosen(
    source: Source, query: Query, number: int, raw: Raw, *, renew: bool = True
) -> tuple[_Delivery, list[_Delivery], list[str]]:
    """Return the delivery to take, its files, and the titles of its older publications."""
    listed = _listed(source, query, number, raw, renew=renew)
    zone = dict(query.parameters).get("zone", "")
    words = {"{zone}": zone, "{millesime}": source.vintage}
    text = source.access.delivery
    for name, word in words.items():
        text = text.replace(name, re.escape(word))
    pattern = re.compile(text)
    matching = [each for each in listed if pattern.fullmatch(each.title) and _is_in_time(source, each)]
    if not matching:
        titles = ", ".join(each.title for each in listed[:8]) or "aucune"
        raise NotPublished(
            f"Aucune livraison de ce produit ({source.id}, {query.name}).\nLivraisons servies : {titles}."
        )
    *earlier, last = sorted(matching, key=lambda each: (each.published, each.title))
    name = f"{source.id}, fichiers de {last.title}"
    entries = _entries(raw, f"00-fichiers-{number:04d}.xml", Query(name, last.address), renew=renew)[0]
    files = [each for each in entries if file_suffix(each.address) == ".7z" or _VOLUME.search(each.address)]
    if not files:
        raise SourceError(f"Aucune archive .7z dans la livraison ({name}).")
    return last, files, [each.title for each in earlier]


def _is_in_time(source: Source, delivery: _Delivery) -> bool:
    """Tell whether a delivery was published between the days that a source declares."""
    since, before = source.access.since or date.min, source.access.before or date.max
    return since.isoformat() <= delivery.published < before.isoformat()


def _listed(source: Source, query: Query, number: int, raw: Raw, *, renew: bool) -> list[_Delivery]:
    """Bring every page of a list of deliveries; as many must come as are announced."""
    deliveries: list[_Delivery] = []
    page, pages, total = 1, 1, 0
    while page <= pages:
        name = f"{source.id}, livraisons, {query.name}, page {page}"
        parameters = dict(query.parameters) | {"page": str(page), "limit": str(LIMIT)}
        numbered = replace(query, name=name, parameters=parameters)
        entries, pages, total = _entries(raw, f"00-liste-{number:04d}-{page:03d}.xml", numbered, renew=renew)
        if pages > MOST_PAGES:
            raise SourceError(f"{pages} pages de livraisons, plafond {MOST_PAGES} ({name}).")
        deliveries += entries
        page += 1
    titles = {each.title for each in deliveries}
    if len(titles) != total:
        raise SourceError(
            f"Liste incomplète ({source.id}, {query.name}) : {counted(total, 'livraison annoncée')}, "
            f"{counted(len(titles), 'reçue')}. Relancer plus tard."
        )
    return deliveries


def _entries(raw: Raw, file: str, query: Query, *, renew: bool) -> tuple[list[_Delivery], int, int]:
    """Bring a page of entries; return them, how many pages there are, how many entries in all."""

    def check(path: Path, reply: Reply) -> None:
        require_data(path, reply.content_type, query.name, "xml")
        _read(path, query.name)

    return _read(raw.page(file, query, check, renew=renew), query.name)


def _read(path: Path, name: str) -> tuple[list[_Delivery], int, int]:
    feed = read_xml(path, name)
    total, pages = (whole_number(feed.get(f"{_DOWNLOAD}{key}")) for key in ("totalentries", "pagecount"))
    if feed.tag != f"{_ATOM}feed" or total is None or pages is None:
        raise SourceError(f"Réponse qui n'est pas une liste de livraisons ({name}).")
    entries = [each for entry in feed.iter(f"{_ATOM}entry") for each in _files(entry)]
    return entries, pages, total


def _files(entry: ElementTree.Element) -> list[_Delivery]:
    """Read an entry: one address, or one per volume of an archive."""
    title = (entry.findtext(f"{_ATOM}title") or "").strip()
    published = (entry.findtext(f"{_ATOM}updated") or "")[:10]
    content = (entry.findtext(f"{_ATOM}content") or "").strip()
    links = entry.findall(f"{_ATOM}link")
    sections = [link for link in links if link.get("rel") == "section"]
    main = [link for link in links if link.get("rel") == "alternate"]
    checksum = content.lower() if _MD5.fullmatch(content) and not sections else ""
    files = []
    for link in sections or main[:1]:
        size = whole_number(link.get(f"{_DOWNLOAD}length")) or 0
        files.append(_Delivery(title, link.get("href", ""), published, checksum, size))
    return files
