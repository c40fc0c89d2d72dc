"""The photo and the documents of a site: what its layer names, read from the folders of the reader."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from artois_geo import meaning
from artois_geo.errors import BadValue, UnreadableFile, reason
from artois_geo.showcase import photos, writing
from artois_geo.showcase.photos import Photo
from artois_geo.showcase.records import SEPARATOR, Offer

PHOTOS, DOCUMENTS = "photos", "documents"  # folders of a workspace
ENDINGS = (".jpg", ".jpeg", ".png")
PDF, PDF_START = ".pdf", b"%PDF-"
HEAVIEST = 25_000_000  # bytes of a document: it travels in the folder of a fair
COLUMNS = ("photo", "documents")  # that name files
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_BESIDE = re.compile(r"(\.\./)?documents/[a-z0-9][a-z0-9-]*\.pdf")
_BARE = re.compile(r"[^/\\:\x00-\x1f]+")  # the name of a file, and of nothing else

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Document:
    """Hold a document of a site: its title, its ``https`` address or the content of its PDF, its date.

    ``path`` is where a pack puts the file, from the folder of the pack; empty outside a pack.
    """

    title: str
    address: str = ""
    date: str = ""
    content: bytes = b""
    path: str = ""


@dataclass(frozen=True)
class Media:
    """Hold the photo and the documents of a site, and its sheets in a pack: path by language and ending."""

    photo: Photo | None = None
    documents: tuple[Document, ...] = ()
    sheets: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Folders:
    """Name the folders where the files of a reader are; None where there is none."""

    photos: Path | None = None
    documents: Path | None = None

    @classmethod
    def of(cls, workspace: Path, photos: Path | None = None, documents: Path | None = None) -> "Folders":
        """Return the folders that a reader gives, else those of a workspace that are there.

        Raises
        ------
        UnreadableFile
            A folder that a reader gives is not there.
        """
        for folder, what in ((photos, "photos"), (documents, "documents")):
            if folder is not None and not folder.is_dir():
                raise UnreadableFile(f"Dossier de {what} introuvable : {folder}.")
        return cls(photos or _present(workspace / PHOTOS), documents or _present(workspace / DOCUMENTS))


def read(rows: list[Row], stem: str, folders: Folders) -> Media:
    """Read the photo and the documents that the rows of a site name, the first row that names some first.

    Parameters
    ----------
    rows
        The plot on offer, then its site: columns ``photo``, ``photo_credit``, ``photo_date``, and
        ``documents``, ``documents_titres``, ``documents_dates`` (parted by « | »). Without a ``photo``, the
        file of the folder that is named as the sheet.
    stem
        Name of the sheet, without suffix.
    folders
        Where the files are.

    Raises
    ------
    BadValue
        A file that is not there or is no picture or PDF, a name that leaves its folder, an address that is
        not ``https``.

    Examples
    --------
    >>> row = {"documents": "https://exemple.fr/a.pdf", "documents_titres": "Plan"}
    >>> read([row], "zone-a", Folders()).documents
    (Document(title='Plan', address='https://exemple.fr/a.pdf', date='', content=b'', path=''),)
    """
    photo_row = next((row for row in rows if _text(row, "photo")), {})
    papers = next((row for row in rows if _text(row, "documents")), {})
    return Media(_photo(photo_row, stem, folders.photos), _documents(papers, folders.documents))


def of_offer(media_of: Mapping[str, Media], offer: Offer) -> Media:
    """Return the media of an offer: of its plot, else of its site; its sheets are those of its site.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.showcase import offers
    >>> [offer] = offers(pd.DataFrame({"terr_id": ["a"], "site_id": ["s"]}), on=date(2026, 12, 1))
    >>> of_offer({"s": Media(sheets={"fr": {}}), "a": Media(documents=(Document("Plan"),))}, offer)
    Media(photo=None, documents=(Document(title='Plan', ...),), sheets={'fr': {}})
    """
    of_site = media_of.get(offer.site_id, Media())
    own = media_of.get(offer.id, of_site)
    return replace(own, sheets=of_site.sheets)


def reached(document: Document) -> str:
    """Return where a document is: its https address, else its file beside the page; empty for anything else.

    Examples
    --------
    >>> reached(Document("Plan", path="../documents/plan-1.pdf")), reached(Document("", path="javascript:a"))
    ('../documents/plan-1.pdf', '')
    """
    if document.address.lower().startswith("https://"):
        return document.address
    return document.path if _BESIDE.fullmatch(document.path) else ""


def weight(document: Document, lang: str) -> str:
    """Say how heavy the file of a document is; of an address, that it is online.

    Examples
    --------
    >>> weight(Document("Plan", content=b"0" * 1_250_000), "fr"), weight(Document("Plan", content=b"0"), "en")
    ('PDF, 1,3\\xa0Mo', 'PDF, 1\\xa0kB')
    """
    if document.address:
        host = urlsplit(document.address).hostname or ""
        return writing.phrase(lang, "lines.online", host=host.removeprefix("www."))
    size = len(document.content)
    key, number = ("lines.megabytes", size / 1e6) if size >= 1e6 else ("lines.kilobytes", max(size / 1e3, 1))
    return writing.phrase(lang, key, n=writing.number(number, lang, decimals=1 if size >= 1e6 else 0))


def about(document: Document, lang: str) -> str:
    """Say of when a document is and how heavy it is.

    Examples
    --------
    >>> about(Document("Plan", date="2025-06", content=b"0" * 2000), "fr")
    '2025-06, PDF, 2\\xa0ko'
    """
    return ", ".join(part for part in (writing.day(document.date, lang), weight(document, lang)) if part)


def credit(photo: Photo, lang: str) -> str:
    """Write who took a photo and when; an empty text where nobody says it.

    Examples
    --------
    >>> credit(Photo("", "", "M. Fictif", "2025-06-01"), "fr"), credit(Photo("", ""), "fr")
    ('Photo\\xa0: M. Fictif, 01/06/2025', '')
    """
    parts = [part for part in (photo.credit, writing.day(photo.date, lang)) if part]
    return writing.phrase(lang, "lines.photo", who=", ".join(parts)) if parts else ""


def _photo(row: Row, stem: str, folder: Path | None) -> Photo | None:
    name = _text(row, "photo")
    if name:
        path = _file(name, folder, PHOTOS, ENDINGS)
    else:
        candidates = [] if folder is None else [folder / f"{stem}{ending}" for ending in ENDINGS]
        found_path = next(filter(Path.is_file, candidates), None)
        if found_path is None:
            return None
        path = found_path
    credit_of, day = _text(row, "photo_credit"), _text(row, "photo_date")
    return photos.read(_content(path), name=path.name, credit=credit_of, date=day)


def _documents(row: Row, folder: Path | None) -> tuple[Document, ...]:
    titles, days = (_parts(row, f"documents_{name}") for name in ("titres", "dates"))
    documents = []
    for number, name in enumerate(_parts(row, "documents")):
        if not name:
            continue
        address = _checked_address(name) if _ADDRESS.match(name) else ""
        title = titles[number] if number < len(titles) and titles[number] else _own_title(name)
        day = days[number] if number < len(days) else ""
        if address:
            documents.append(Document(title, address=address, date=day))
        else:
            content = _pdf(_file(name, folder, DOCUMENTS, (PDF,)))
            documents.append(Document(title, date=day, content=content, path=_own_path(name, content)))
    return tuple(documents)


def _own_title(name: str) -> str:
    """Name a document by its file, where the layer gives it no title."""
    last = PurePosixPath(urlsplit(name).path if _ADDRESS.match(name) else name).name
    return last or name


def _own_path(name: str, content: bytes) -> str:
    """Name the copy of a document after its file and its content: one file, one copy, on every system."""
    letters = meaning.words(PurePosixPath(name).stem).encode("ascii", "ignore").decode().split()
    digest = hashlib.sha256(content).hexdigest()[:8]
    return f"{DOCUMENTS}/{'-'.join([*letters, digest])[-60:].lstrip('-')}{PDF}"


def _checked_address(address: str) -> str:
    try:
        host = urlsplit(address).hostname
    except ValueError:  # of an address between brackets
        host = None
    if not address.lower().startswith("https://") or not host or re.search(r"[\s\x00-\x1f\"'<>\\]", address):
        raise BadValue(
            f"Document refusé : « {address} ». Donner une adresse https://…, ou le nom d'un fichier PDF du "
            f"dossier {DOCUMENTS}."
        )
    return address


def _file(name: str, folder: Path | None, kind: str, endings: tuple[str, ...]) -> Path:
    """Find a file that a layer names in its folder; a name that leads elsewhere is refused."""
    listed = ", ".join(endings)
    if not _BARE.fullmatch(name) or name in {".", ".."} or not name.lower().endswith(endings):
        raise BadValue(
            f"Fichier refusé (colonne {kind if kind == DOCUMENTS else 'photo'}) : « {name} ». Donner le nom "
            f"d'un fichier {listed} du dossier {kind}, sans chemin."
        )
    path = None if folder is None else folder / name
    if folder is None or path is None or not path.is_file() or path.resolve().parent != folder.resolve():
        raise BadValue(f"Fichier introuvable : « {name} ». Le mettre dans le dossier {folder or kind}.")
    return path


def _pdf(path: Path) -> bytes:
    content = _content(path)
    if not content.startswith(PDF_START) or len(content) > HEAVIEST:
        raise BadValue(
            f"Document refusé : « {path.name} », {len(content) // 1000} ko. Donner un PDF de moins de 25 Mo."
        )
    return content


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableFile(f"Fichier illisible : {path} ({reason(error)}).") from error


def _parts(row: Row, column: str) -> list[str]:
    return [part.strip() for part in _text(row, column).split(SEPARATOR)]


def _text(row: Row, column: str) -> str:
    value = row.get(column)
    if meaning.is_missing(value):
        return ""
    return value.isoformat()[:10] if isinstance(value, date) else str(value).strip()


def _present(folder: Path) -> Path | None:
    return folder if folder.is_dir() else None
