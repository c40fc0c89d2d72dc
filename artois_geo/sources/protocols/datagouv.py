"""data.gouv.fr: the page of a dataset, then the one file of an exact title, its checksum verified.

A dated address dies with the next edition, so the dataset is always asked first; the address that the
permanent one leads to is remembered, since it carries the moment of the publication.
"""

import csv
import hashlib
from pathlib import Path
from typing import Any

from artois_geo.errors import SourceError
from artois_geo.sources.definition import Source
from artois_geo.sources.payloads import read_json, require_data
from artois_geo.sources.protocols.shape import Counts, require_columns
from artois_geo.sources.scope import Scope
from artois_geo.sources.snapshot import Raw
from artois_geo.sources.transport import Query, Reply
from artois_geo.text import counted

DATASET = "00-jeu.json"
_ALGORITHMS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "md5": hashlib.md5}


def queries(source: Source, scope: Scope) -> list[Query]:
    """Say what is asked: the dataset; the file is whole whatever the territory, and cut once here."""
    return [Query(f"{source.id}, fiche du jeu de données", source.access.url)]


def announced(source: Source, asked: list[Query], raw: Raw) -> list[int]:
    """Ask the dataset how large the file is, in bytes; 0 where it does not say."""
    return [int(_resource(source, _dataset(asked[0], raw)).get("filesize") or 0)]


def fetch(source: Source, asked: list[Query], raw: Raw, counts: list[int]) -> Counts:
    """Bring the file, and compare it with the size and the checksum that the dataset publishes.

    Raises
    ------
    SourceError
        No such file, or several; another checksum; columns that are not there.
    """
    dataset = _dataset(asked[0], raw, renew=False)
    resource = _resource(source, dataset)
    published = resource.get("checksum") or {}
    name = f"{source.id}, {source.access.file}"

    def check(path: Path, reply: Reply) -> None:
        require_data(path, reply.content_type, name, source.reading.format)
        _require_checksum(path, published, name)
        if source.reading.format == "csv":
            header = csv_header(path, source.reading.encoding, source.reading.separator)[0]
            require_columns(set(header), source.expected, name)

    address = str(resource.get("latest") or resource.get("url") or "")
    file = raw.page(f"01-fichier.{source.reading.format}", Query(name, address), check)
    reply = raw.replies[file.name]
    edition = str(resource.get("last_modified") or "")[:10]
    checksum = f"{published['type']} vérifié" if _algorithm(published) else "non publié"
    more = {"publie_le": edition} if edition else {}
    return Counts(None, None, checksum=checksum, address=reply.final, more=more)


def csv_header(path: Path, encoding: str, separator: str) -> tuple[list[str], str]:
    """Read the header of a CSV and the separator that it shows: sniffed on this line only.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "a.csv"
    >>> _ = file.write_text('idcom,"nom"\\n62001,"a;b"\\n')
    >>> csv_header(file, "utf-8", "")
    (['idcom', 'nom'], ',')
    """
    try:
        with path.open(encoding=with_mark(encoding), newline="") as stream:
            line = stream.readline(1 << 20)
    except (UnicodeDecodeError, LookupError) as error:
        raise SourceError(f"{path.name} : texte qui n'est pas en {encoding}.") from error
    chosen = separator or max(",;\t", key=line.count)
    return next(csv.reader([line], delimiter=chosen), []), chosen


def with_mark(encoding: str) -> str:
    """Name an encoding so that the mark that may begin a text is no part of it."""
    return "utf-8-sig" if encoding.lower() in {"utf-8", "utf8"} else encoding


def _dataset(query: Query, raw: Raw, *, renew: bool = True) -> dict[str, Any]:
    def check(path: Path, reply: Reply) -> None:
        require_data(path, reply.content_type, query.name, "json")
        if not isinstance(read_json(path, query.name).get("resources"), list):
            raise SourceError(f"Réponse sans liste de fichiers ({query.name}).")

    return read_json(raw.page(DATASET, query, check, renew=renew), query.name)


def _resource(source: Source, dataset: dict[str, Any]) -> dict[str, Any]:
    """Find the file of an exact title: titles are often beginnings of one another."""
    files = [each for each in dataset["resources"] if isinstance(each, dict)]
    matching = [each for each in files if each.get("title") == source.access.file]
    if len(matching) != 1:
        titles = ", ".join(str(each.get("title"))[:60] for each in files[:8])
        raise SourceError(
            f"{counted(len(matching), 'fichier')} « {source.access.file} » dans le jeu de données "
            f"({source.id}) : il en faut un.\nFichiers du jeu : {titles or 'aucun'}."
        )
    return matching[0]


def _algorithm(published: dict[str, Any]) -> Any:
    return _ALGORITHMS.get(str(published.get("type", "")).lower()) if published.get("value") else None


def _require_checksum(path: Path, published: dict[str, Any], name: str) -> None:
    algorithm = _algorithm(published)
    if algorithm is None:
        return
    digest = algorithm(usedforsecurity=False)
    with path.open("rb") as stream:
        while piece := stream.read(1 << 20):
            digest.update(piece)
    if digest.hexdigest() != str(published["value"]).lower():
        raise SourceError(
            f"Somme de contrôle fausse ({name}) : le fichier reçu n'est pas celui que data.gouv.fr annonce. "
            "Rien n'est gardé. Relancer plus tard."
        )
