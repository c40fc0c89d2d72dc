"""The only file that goes on the network: politely, to declared hosts, never more than announced.

One request at a time, at most so many a second; what may pass by itself (too many requests, a server
that is down, a cut) is tried again five times, longer each time, or as long as ``Retry-After`` says.
Any other refusal is never tried again. What comes is written beside its place, checked, then renamed.
"""

import hashlib
import random
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
import urllib3

from artois_geo import __version__
from artois_geo.errors import SourceError
from artois_geo.layers import store
from artois_geo.sources.hosts import (
    LOCAL,
    called_address,
    joined_address,
    replaced_hosts,
    require_declared,
    shown_address,
    without_secrets,
)
from artois_geo.sources.partial import PARTIAL, Partial
from artois_geo.sources.payloads import whole_number
from artois_geo.sources.scope import Box
from artois_geo.text import counted

USER_AGENT = f"artois_geo/{__version__}"
RETRIES = 5
FIRST_WAIT_S, MOST_WAIT_S = 1.0, 300.0
TIMEOUT_S = (10.0, 60.0)  # to connect, then between two pieces
MOST_REDIRECTIONS = 5
PASSING = {429, 502, 503, 504}
REDIRECTIONS = {301, 302, 303, 307, 308}
PIECE = 1 << 16
_KEPT = "Ce qui est déjà reçu est gardé : relancer la même commande"


@dataclass(frozen=True)
class Query:
    """One request: what it brings, an address and its parameters; ``is_file`` where a cut may be resumed.

    ``box`` is the one that the parameters write, as they write it, where there is one.
    """

    name: str
    url: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    is_file: bool = False
    box: Box | None = None

    @property
    def address(self) -> str:
        """Write the whole address."""
        if not self.parameters:
            return self.url
        return f"{self.url}?{urlencode(self.parameters, safe=':,/')}"


@dataclass(frozen=True)
class Reply:
    """What came back, and what must be remembered of it."""

    requested: str
    final: str
    when: str
    status: int
    content_type: str
    bytes: int
    sha256: str
    etag: str = ""
    last_modified: str = ""

    def facts(self) -> dict[str, str | int]:
        """Name what is remembered of an answer as a provenance does."""
        names: dict[str, str | int] = {
            "adresse": without_secrets(self.requested),
            "adresse_finale": without_secrets(self.final),
            "date": self.when,
            "statut": self.status,
            "type": self.content_type,
            "octets": self.bytes,
            "sha256": self.sha256,
            "etag": self.etag,
            "modifie": self.last_modified,
        }
        return {name: fact for name, fact in names.items() if fact != ""}


class _Passing(Exception):
    """Something that may pass by itself; ``wait_s`` where the server says how long."""

    def __init__(self, cause: str, wait_s: float | None = None) -> None:
        super().__init__(cause)
        self.wait_s = wait_s


@dataclass
class Client:
    """Calls the declared hosts of one source, one request at a time.

    Parameters
    ----------
    hosts
        The only ones that may be called.
    per_second
        Requests a second, at most.
    most_bytes
        Of one answer.
    wait, clock, jitter
        How time passes; tests put theirs.
    bases
        What stands in the place of hosts; by default what the environment says.
    """

    hosts: tuple[str, ...]
    per_second: float = 2.0
    most_bytes: int = 1 << 29
    wait: Callable[[float], None] = field(default_factory=lambda: time.sleep)
    clock: Callable[[], float] = time.monotonic
    jitter: Callable[[], float] = random.random
    bases: Mapping[str, str] = field(default_factory=replaced_hosts)
    requests: int = 0
    received_bytes: int = 0
    _next: float = 0.0
    _session: Any = None

    def fetch(self, query: Query, file: Path, check: Callable[[Path, Reply], None], *, within: Path) -> Reply:
        """Bring what a request answers to its file, whole and checked, or leave no trace of it.

        Parameters
        ----------
        query
            The request.
        file
            Where it goes.
        check
            Called with what came, before it takes its name; raising refuses it.
        within
            Folder that the file does not leave.

        Raises
        ------
        SourceError
            No answer, a refusal, another host, more than the ceiling.
        """
        for attempt in range(RETRIES + 1):
            try:
                return self._once(query, file, check, within)
            except _Passing as cause:
                if attempt == RETRIES:
                    raise SourceError(
                        f"{urlsplit(query.url).netloc} : {cause}, après {counted(RETRIES + 1, 'essai')} "
                        f"({query.name}).\n{_KEPT} plus tard."
                    ) from cause
                pause = FIRST_WAIT_S * 2**attempt * (1 + self.jitter() / 4)
                if cause.wait_s is not None:
                    pause = cause.wait_s
                if pause > MOST_WAIT_S:
                    raise SourceError(
                        f"{urlsplit(query.url).netloc} demande d'attendre {pause / 60:.0f} min "
                        f"({query.name}).\n{_KEPT} après ce délai."
                    ) from cause
                self.wait(pause)
        raise AssertionError("unreachable")

    def _once(self, query: Query, file: Path, check: Callable[[Path, Reply], None], within: Path) -> Reply:
        """Bring an answer once; what a cut leaves of a file is resumed where the server can."""
        partial = Partial.of(file) if query.is_file else None
        headers = {"Accept-Encoding": "identity"} | partial.headers() if partial else {}
        with self._opened(query, headers) as (answer, final):
            digest, size = hashlib.sha256(), 0

            def pieces() -> Iterator[bytes]:
                nonlocal size
                incoming = self._pieces(answer, query)
                for piece in partial.completed(answer, incoming) if partial else incoming:
                    digest.update(piece)
                    size += len(piece)
                    if size > self.most_bytes:
                        raise self._too_large(query)
                    yield piece

            def checked(temporary: Path) -> None:
                came = Reply(
                    requested=query.address,
                    final=final,
                    when=datetime.now(UTC).isoformat(timespec="seconds"),
                    status=200,
                    content_type=answer.headers.get("Content-Type", ""),
                    bytes=size,
                    sha256=digest.hexdigest(),
                    etag=answer.headers.get("ETag", ""),
                    last_modified=answer.headers.get("Last-Modified", ""),
                )
                if partial:
                    partial.drop()
                check(temporary, came)
                replies.append(came)

            replies: list[Reply] = []
            store.replace(file, pieces(), within=within, check=checked)
            return replies[0]

    def _pieces(self, answer: Any, query: Query) -> Iterator[bytes]:
        """Yield the bytes of an answer; a cut is something that may pass, too many bytes are not."""
        announced = whole_number(answer.headers.get("Content-Length", ""))
        is_plain = answer.headers.get("Content-Encoding", "identity") == "identity"
        if announced is not None and announced > self.most_bytes:
            raise self._too_large(query)
        size = 0
        try:
            for piece in answer.iter_content(PIECE):
                size += len(piece)
                self.received_bytes += len(piece)
                if size > self.most_bytes:
                    raise self._too_large(query)
                yield piece
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise _Passing("connexion coupée avant la fin de la réponse") from error
        if is_plain and announced is not None and size != announced:
            raise _Passing("connexion coupée avant la fin de la réponse")

    def _opened(self, query: Query, headers: Mapping[str, str]) -> "_Answer":
        """Follow a request to its answer, through redirections that stay on declared hosts."""
        require_declared(query.url, self.hosts, "adresse")
        url = query.address
        for _ in range(MOST_REDIRECTIONS + 1):
            answer = self._called(url, headers)
            if answer.status_code not in REDIRECTIONS:
                if answer.status_code != 200 and not (headers and answer.status_code == PARTIAL):
                    self._refuse(answer, query)
                return _Answer(answer, url)
            location = answer.headers.get("Location", "")
            answer.close()
            url = joined_address(url, location)
            require_declared(url, self.hosts, "redirection")
        raise SourceError(f"{urlsplit(query.url).netloc} : trop de redirections ({query.name}).")

    def _called(self, url: str, headers: Mapping[str, str]) -> Any:
        address = called_address(url, self.bases)
        pause = self._next - self.clock()
        if pause > 0:
            self.wait(pause)
        self._next = self.clock() + 1 / self.per_second
        self.requests += 1
        host = urlsplit(url).netloc
        try:
            return self._open_session(address).get(
                address, stream=True, allow_redirects=False, timeout=TIMEOUT_S, headers=dict(headers)
            )
        except requests.exceptions.SSLError as error:
            raise SourceError(
                f"{host} : certificat refusé. Derrière un pare-feu qui remplace les certificats, donner "
                "le sien par la variable REQUESTS_CA_BUNDLE, ou prendre ceux du système : "
                "pip install 'artois-geo[sources]'."
            ) from error
        except requests.exceptions.ProxyError as error:
            raise SourceError(f"{host} : le mandataire (proxy) refuse la connexion.") from error
        except requests.exceptions.Timeout as error:
            raise _Passing("pas de réponse à temps") from error
        except requests.exceptions.ConnectionError as error:
            raise _Passing("connexion impossible ou coupée") from error
        except requests.RequestException as error:
            raise SourceError(f"{host} : requête impossible.") from error
        except ValueError as error:  # requests itself reads where a redirection leads
            raise SourceError(
                f"redirection refusée : {host} renvoie à ce qui n'est pas une adresse."
            ) from error

    def _open_session(self, address: str) -> Any:
        if self._session is None:
            self._session = requests.Session()
            self._session.headers["User-Agent"] = USER_AGENT
            if (adapter := _system_adapter()) is not None:
                self._session.mount("https://", adapter)
            # no proxy between a machine and itself
            self._session.trust_env = urlsplit(address).hostname != LOCAL
        return self._session

    def _refuse(self, answer: Any, query: Query) -> None:
        """Say what a status other than 200 means: something that passes, or a refusal."""
        status, host = answer.status_code, urlsplit(query.url).netloc
        wait_s = _retry_after(answer.headers.get("Retry-After", ""))
        answer.close()
        if status in PASSING:
            causes = {429: "trop de requêtes (429)"}
            raise _Passing(causes.get(status, f"service indisponible ({status})"), wait_s)
        reasons = {
            400: "requête refusée",
            401: "accès réservé",
            403: "accès refusé",
            404: "adresse introuvable",
            410: "adresse retirée",
        }
        reason = reasons.get(status, "refus" if status < 500 else "panne du serveur")
        raise SourceError(
            f"{host} répond {status}, {reason} ({query.name}) : {shown_address(query.address, 300)}\n"
            "Si l'adresse a changé, la corriger dans un TOML du dossier sources de l'espace de travail."
        )

    def _too_large(self, query: Query) -> SourceError:
        return SourceError(
            f"{urlsplit(query.url).netloc} : réponse de plus de {self.most_bytes / (1 << 20):.0f} Mio, "
            f"refusée ({query.name})."
        )


@dataclass
class _Answer:
    """An open answer and its final address; closed when it is left."""

    answer: Any
    final: str

    def __enter__(self) -> tuple[Any, str]:
        return self.answer, self.final

    def __exit__(self, *_: object) -> None:
        self.answer.close()


def _system_adapter() -> Any:
    """Return what trusts the certificates of the system, None where its package is not installed."""
    try:
        import truststore
    except ImportError:
        return None

    class Adapter(requests.adapters.HTTPAdapter):
        def init_poolmanager(self, *arguments: Any, **settings: Any) -> Any:
            context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            return super().init_poolmanager(*arguments, ssl_context=context, **settings)

        def proxy_manager_for(self, proxy: str, **settings: Any) -> Any:
            context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            return super().proxy_manager_for(proxy, ssl_context=context, **settings)

    return Adapter()


def _retry_after(text: str) -> float | None:
    """Read ``Retry-After``: seconds, or a date."""
    seconds = whole_number(text.strip())
    if seconds is not None:
        return float(seconds)
    try:
        moment = parsedate_to_datetime(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return max((moment - datetime.now(UTC)).total_seconds(), 0.0)
    except (TypeError, ValueError, OverflowError):
        return None
