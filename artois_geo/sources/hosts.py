"""Where a declared host is really called: itself by https, or what a setting puts in its place."""

import os
import re
from collections.abc import Iterable, Mapping
from urllib.parse import SplitResult, parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from artois_geo.errors import BadValue, SourceError
from artois_geo.text import visible

SETTING = "ARTOIS_GEO_SOURCES_HOTES"
LOCAL = "127.0.0.1"
HIDDEN = "***"
_SECRET = re.compile(r"key|token|secret|passw|signature|^sig$|credential|authori[sz]ation", re.IGNORECASE)
_SHOWN = 120


def replaced_hosts(text: str | None = None) -> dict[str, str]:
    """Read what the setting puts in the place of hosts: ``host=address``, separated by spaces.

    Parameters
    ----------
    text
        The setting; that of the environment without it.

    Raises
    ------
    BadValue
        Not of this form, or an address that is neither https nor http on this machine.

    Examples
    --------
    >>> replaced_hosts("data.geopf.fr=http://127.0.0.1:8000/geopf")
    {'data.geopf.fr': 'http://127.0.0.1:8000/geopf'}
    >>> replaced_hosts("data.geopf.fr=http://exemple.fr")
    Traceback (most recent call last):
    artois_geo.errors.BadValue: ARTOIS_GEO_SOURCES_HOTES : http n'est admis que vers 127.0.0.1 (http://exemple.fr).
    """
    bases = {}
    for pair in (os.environ.get(SETTING, "") if text is None else text).split():
        host, equal, base = pair.partition("=")
        try:
            address = urlsplit(base)
        except ValueError:
            address = urlsplit("")
        if not (host and equal and address.hostname) or address.query or address.fragment or "@" in base:
            host_part = base.rpartition("@")[2]  # what stands before may be a password
            raise BadValue(f"{SETTING} : écrire HÔTE=https://ADRESSE, reçu « {host}{equal}{host_part} ».")
        if address.scheme != "https" and not (address.scheme == "http" and address.hostname == LOCAL):
            raise BadValue(f"{SETTING} : http n'est admis que vers {LOCAL} ({base}).")
        bases[host] = base.rstrip("/")
    return bases


def require_declared(url: str, hosts: Iterable[str], what: str) -> None:
    """Refuse an address that leaves the declared hosts, or https.

    Raises
    ------
    SourceError
        Another host, another scheme, a port or a name of a user in the address.
    """
    address = split_address(url, what)
    if address.scheme != "https":
        raise SourceError(f"{what} refusée : {shown_address(url)} n'est pas en https.")
    if address.netloc not in hosts:
        raise SourceError(
            f"{what} refusée : {shown_address(url)} n'est pas sur un hôte déclaré de la source "
            f"({', '.join(hosts)}). Rien n'a été demandé là-bas."
        )


def called_address(url: str, bases: Mapping[str, str]) -> str:
    """Return the address to call for an address of a declared host.

    Examples
    --------
    >>> called_address("https://data.geopf.fr/wfs/ows?A=1", {"data.geopf.fr": "http://127.0.0.1:80/x"})
    'http://127.0.0.1:80/x/wfs/ows?A=1'
    """
    address = urlsplit(url)
    base = bases.get(address.netloc)
    if base is None:
        return url
    return base + urlunsplit(("", "", address.path, address.query, ""))


def split_address(url: str, what: str = "adresse") -> SplitResult:
    """Split an address that a server gave.

    Raises
    ------
    SourceError
        It is none: a bracket that is not closed, letters that turn into others.
    """
    try:
        return urlsplit(url)
    except ValueError as error:
        raise SourceError(f"{what} refusée : {shown_address(url)} n'est pas une adresse.") from error


def joined_address(url: str, location: str) -> str:
    """Return where a redirection leads.

    Raises
    ------
    SourceError
        To no address.
    """
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise SourceError(
            f"redirection refusée : {shown_address(location)} n'est pas une adresse."
        ) from error


def without_secrets(url: str) -> str:
    """Hide what an address may hold that is nobody else's: a key, a signature, a password.

    Examples
    --------
    >>> without_secrets("https://exemple.fr/a?page=2&apikey=abc")
    'https://exemple.fr/a?page=2&apikey=***'
    """
    try:
        address = urlsplit(url)
    except ValueError:
        return url.rpartition("@")[2]
    netloc = address.netloc.rpartition("@")
    pairs = parse_qsl(address.query, keep_blank_values=True)
    if not netloc[1] and not any(_SECRET.search(name) for name, _ in pairs):
        return url
    hidden = [(name, HIDDEN if _SECRET.search(name) else text) for name, text in pairs]
    user = f"{HIDDEN}@" if netloc[1] else ""
    return urlunsplit(address._replace(netloc=user + netloc[2], query=urlencode(hidden, safe=":,/'*")))


def shown_address(url: str, most: int = _SHOWN) -> str:
    """Write an address that a server gave in a message: printable, short, without its secrets."""
    text = visible(without_secrets(url))
    return text if len(text) <= most else f"{text[: most - 1]}…"
