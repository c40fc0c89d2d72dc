"""Where a declared host is really called: itself by https, or what a setting puts in its place."""

import os
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit, urlunsplit

from artois_geo.errors import BadValue, SourceError

SETTING = "ARTOIS_GEO_SOURCES_HOTES"
LOCAL = "127.0.0.1"


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
        address = urlsplit(base)
        if not (host and equal and address.hostname) or address.query or address.fragment or "@" in base:
            raise BadValue(f"{SETTING} : écrire HÔTE=https://ADRESSE, reçu « {pair} ».")
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
    address = urlsplit(url)
    if address.scheme != "https":
        raise SourceError(f"{what} refusée : {_shown(url)} n'est pas en https.")
    if address.netloc not in hosts:
        raise SourceError(
            f"{what} refusée : {_shown(url)} n'est pas sur un hôte déclaré de la source "
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


def _shown(url: str) -> str:
    """Shorten an address that a server gave, for a message."""
    return url if len(url) <= 120 else f"{url[:119]}…"
