"""What an answer really holds: an HTML page or an error report is no data, whatever its status says."""

import codecs
import hashlib
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import orjson

from artois_geo.errors import SourceError

ALGORITHMS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "md5": hashlib.md5}
_HEAD = 1024
_SHOWN = 200
_MOST_JSON_MIB, _MOST_XML_MIB = 256, 32  # of one page: it is read at once
_COUNT = re.compile(r"[0-9]{1,15}")


def require_data(path: Path, content_type: str, name: str, form: str) -> None:
    """Refuse an answer whose first bytes are those of a web page, of an error report or of another form.

    Parameters
    ----------
    path
        What came.
    content_type
        What the server calls it.
    name
        The request, for the message.
    form
        ``json``, ``xml``, ``csv``, or ``binary`` where only what is no data is refused.

    Raises
    ------
    SourceError
        HTML, an XML report, or nothing at all.
    """
    head = _head(path)
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start:
        raise SourceError(f"Réponse vide du serveur ({name}).")
    lower = start[:200].lower()
    if lower.startswith((b"<!doctype html", b"<html")) or (
        "text/html" in content_type and not start.startswith((b"{", b"["))
    ):
        raise SourceError(
            f"Page web reçue à la place des données ({name}) : maintenance, ou filtrage du réseau. "
            "Relancer plus tard."
        )
    if b"exceptionreport" in head.lower():
        raise SourceError(f"Le serveur répond par un rapport d'erreur ({name}) : {_report(path)}")
    if start.startswith(b"<") and form != "xml":
        raise SourceError(f"XML reçu à la place des données ({name}).")
    if form == "json" and not start.startswith((b"{", b"[")):
        raise SourceError(f"La réponse n'est pas du JSON ({name}).")


def require_checksum(path: Path, algorithm: str, published: str, name: str) -> None:
    """Refuse a file that is not the one whose checksum its producer publishes.

    Parameters
    ----------
    path
        What came.
    algorithm
        ``md5``, ``sha1`` or ``sha256``; any other word, or none: nothing is compared.
    published
        Checksum, in hexadecimal.
    name
        The request, for the message.

    Raises
    ------
    SourceError
        Another checksum.
    """
    if algorithm not in ALGORITHMS:
        return
    digest = ALGORITHMS[algorithm](usedforsecurity=False)
    with path.open("rb") as stream:
        while piece := stream.read(1 << 20):
            digest.update(piece)
    if digest.hexdigest() != published.lower():
        raise SourceError(
            f"Somme de contrôle fausse ({name}) : le fichier reçu n'est pas celui que le producteur annonce. "
            "Rien n'est gardé. Relancer plus tard."
        )


def read_json(path: Path, name: str) -> dict[str, Any]:
    """Read a JSON object.

    Raises
    ------
    SourceError
        Damaged, or something else than an object; or an object that only tells an error.
    """
    _require_size(path, _MOST_JSON_MIB, name)
    try:
        content = orjson.loads(path.read_bytes().removeprefix(codecs.BOM_UTF8))
    except orjson.JSONDecodeError as error:
        raise SourceError(f"Réponse JSON tronquée ou mal écrite ({name}).") from error
    if not isinstance(content, dict):
        raise SourceError(f"Réponse inattendue, un objet JSON était attendu ({name}).")
    if "error" in content:
        raise SourceError(f"Le serveur répond par une erreur ({name}) : {_clean(str(content['error']))}")
    return content


def read_xml(path: Path, name: str) -> ElementTree.Element:
    """Read an XML answer; one that declares entities is refused.

    Raises
    ------
    SourceError
        Damaged, or with a document type.
    """
    _require_size(path, _MOST_XML_MIB, name)
    content = path.read_bytes()
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content or b"\0" in content:  # none hidden by UTF-16
        raise SourceError(f"XML refusé : il déclare des entités ({name}).")
    try:
        return _parsed(content)
    except (ElementTree.ParseError, ValueError) as error:
        raise SourceError(f"Réponse XML tronquée ou mal écrite ({name}).") from error


def whole_number(text: Any) -> int | None:
    """Read a count as a server writes it; ``None`` where it is no count.

    Examples
    --------
    >>> whole_number("812"), whole_number(812), whole_number("²"), whole_number(True), whole_number(-1)
    (812, 812, None, None, None)
    """
    if isinstance(text, bool) or not isinstance(text, int | str) or not _COUNT.fullmatch(str(text)[:20]):
        return None
    return int(text)


def _require_size(path: Path, most_mib: int, name: str) -> None:
    """Refuse an answer that is too large to be read at once."""
    if path.stat().st_size > most_mib << 20:
        raise SourceError(f"Réponse de plus de {most_mib} Mio pour une seule page, refusée ({name}).")


def _parsed(content: bytes) -> ElementTree.Element:
    """Parse XML, by the careful parser where it is installed."""
    try:
        from defusedxml.ElementTree import fromstring
    except ImportError:
        return ElementTree.fromstring(content)  # noqa: S314  (no document type comes this far)
    return fromstring(content)


def _report(path: Path) -> str:
    """Return the text of an error report, in the words of the server."""
    try:
        root = read_xml(path, "")
    except SourceError:
        return "illisible."
    texts = [node.text or "" for node in root.iter() if node.tag.endswith("ExceptionText")]
    return _clean(" ; ".join(texts)) or "sans explication."


def _clean(text: str) -> str:
    """Make a text of a server fit for a message: printable and short."""
    words = " ".join(re.sub(r"[^\x20-\x7e\u00a0-\u024f]", " ", text).split())
    return f"« {words[:_SHOWN]}{'…' if len(words) > _SHOWN else ''} »" if words else ""


def _head(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(_HEAD)
