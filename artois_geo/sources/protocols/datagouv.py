"""data.gouv.fr: the page of a dataset, then the one file of an exact title, its checksum verified.

A dated address dies with the next edition, so the dataset is always asked first; the address that the
permanent one leads to is remembered, since it carries the moment of the publication.
"""

import re
from pathlib import Path
from typing import Any

from artois_geo.errors import SourceError
from artois_geo.sources.definition import Source
from artois_geo.sources.payloads import ALGORITHMS, read_json, require_checksum, require_data, whole_number
from artois_geo.sources.protocols.shape import Counts
from artois_geo.sources.reading import contents
from artois_geo.sources.scope import Scope
from artois_geo.sources.snapshot import Raw
from artois_geo.sources.transport import Query, Reply
from artois_geo.text import counted

DATASET = "00-jeu.json"


def queries(source: Source, scope: Scope) -> list[Query]:
    """Say what is asked: the dataset; the file is whole whatever the territory, and cut once here."""
    return [Query(f"{source.id}, fiche du jeu de données", source.access.url)]


def announced(source: Source, planned: list[Query], raw: Raw) -> list[int]:
    """Ask the dataset how large the file is, in bytes; 0 where it does not say."""
    return [whole_number(_resource(source, _dataset(planned[0], raw)).get("filesize")) or 0]


def fetch(source: Source, planned: list[Query], raw: Raw, counts: list[int]) -> Counts:
    """Bring the file, and compare it with the size and the checksum that the dataset publishes.

    Raises
    ------
    SourceError
        No such file, or several; another checksum; columns that are not there.
    """
    dataset = _dataset(planned[0], raw, renew=False)
    resource = _resource(source, dataset)
    published = _checksum(resource)
    algorithm = str(published.get("type") or "").lower() if published.get("value") else ""
    name = f"{source.id}, {resource.get('title')}"

    def check(path: Path, reply: Reply) -> None:
        require_data(path, reply.content_type, name, contents.form(path, source))
        require_checksum(path, algorithm, str(published.get("value")), name)
        contents.require_readable(path, source, name)

    address = str(resource.get("latest") or resource.get("url") or "")
    file = raw.page(f"01-fichier.{source.reading.format}", Query(name, address, is_file=True), check)
    reply = raw.replies[file.name]
    edition = str(resource.get("last_modified") or "")[:10]
    checksum = f"{algorithm} vérifié" if algorithm in ALGORITHMS else "non publié"
    more = {"publie_le": edition} if edition else {}
    return Counts(None, None, checksum=checksum, address=reply.final, edition=_edition(resource), more=more)


def edition(source: Source, queries: list[Query], raw: Raw) -> str:
    """Ask which edition the dataset announces: the day and the checksum of its file."""
    return _edition(_resource(source, _dataset(queries[0], raw)))


def _edition(resource: dict[str, Any]) -> str:
    checksum = _checksum(resource).get("value") or ""
    return " ".join(filter(None, (str(resource.get("last_modified") or "")[:10], str(checksum)[:12])))


def _checksum(resource: dict[str, Any]) -> dict[str, Any]:
    """Return the type and the value of a published checksum, where there is one."""
    published = resource.get("checksum")
    return published if isinstance(published, dict) else {}


def _dataset(query: Query, raw: Raw, *, renew: bool = True) -> dict[str, Any]:
    def check(path: Path, reply: Reply) -> None:
        require_data(path, reply.content_type, query.name, "json")
        if not isinstance(read_json(path, query.name).get("resources"), list):
            raise SourceError(f"Réponse sans liste de fichiers ({query.name}).")

    return read_json(raw.page(DATASET, query, check, renew=renew), query.name)


def _resource(source: Source, dataset: dict[str, Any]) -> dict[str, Any]:
    """Find the file of an exact title: titles are often beginnings of one another."""
    access = source.access
    pattern = re.compile(access.file_pattern or re.escape(access.file))
    files = [each for each in dataset["resources"] if isinstance(each, dict)]
    matching = [each for each in files if pattern.fullmatch(str(each.get("title") or ""))]
    if len(matching) != 1:
        titles = ", ".join(str(each.get("title"))[:60] for each in files[:8])
        raise SourceError(
            f"{counted(len(matching), 'fichier')} « {access.file or access.file_pattern} » dans le jeu de "
            f"données ({source.id}) : il en faut un.\nFichiers du jeu : {titles or 'aucun'}."
        )
    return matching[0]
