"""Exceptions of the library: a wrong *call*, said in French with what to do.

Wrong *data* never raises: it is a row in a table of findings.
"""

import errno
import re
from collections.abc import Iterable
from difflib import get_close_matches


class ArtoisGeoError(Exception):
    """Base of every error that a caller can mend."""


class BadCRS(ArtoisGeoError):
    """A frame is not in the coordinate reference system that the function asks for."""


class BadTable(ArtoisGeoError):
    """A table lacks a column, or holds what the function cannot take."""


class BadValue(ArtoisGeoError):
    """A parameter is outside the values that make sense."""


class UnreadableFile(ArtoisGeoError):
    """A file is absent, damaged, or not what its name says."""


class UnwritableFile(ArtoisGeoError):
    """A file or folder cannot be written."""


class MissingPart(ArtoisGeoError):
    """An optional part of the library is not installed; the message says how to install it."""


class UnknownName(ArtoisGeoError):
    """A name that nobody declared; the message offers the nearest ones.

    Examples
    --------
    >>> print(UnknownName("couche", "comunes", ["communes", "sites_eco"]))
    couche inconnue : « comunes ». Noms proches : communes.
    """

    def __init__(self, what: str, name: str, known: Iterable[str]) -> None:
        names = sorted(known)
        near_names = get_close_matches(name, names, n=3, cutoff=0.5)
        feminine = what.split()[0] in {"couche", "colonne", "constante", "famille", "commune", "nomenclature"}
        message = f"{what} {'inconnue' if feminine else 'inconnu'} : « {name} »."
        if near_names:
            message += f" Noms proches : {', '.join(near_names)}."
        elif names:
            message += f" Noms connus : {', '.join(names[:20])}{' …' if len(names) > 20 else ''}."
        super().__init__(message)
        self.name = name
        self.near = near_names


_REASONS = {
    errno.ENOENT: "dossier ou fichier introuvable",
    errno.EACCES: "accès refusé",
    errno.EPERM: "accès refusé",
    errno.EROFS: "support en lecture seule",
    errno.ENOSPC: "disque plein",
    errno.EDQUOT: "quota de disque dépassé",
    errno.EFBIG: "fichier trop grand",
    errno.ENOTDIR: "un fichier se trouve là où il faut un dossier",
    errno.EISDIR: "c'est un dossier, un fichier est attendu",
    errno.EEXIST: "ce nom est déjà pris",
    errno.ENAMETOOLONG: "nom trop long",
    errno.ELOOP: "liens qui tournent en rond",
    errno.EBUSY: "fichier tenu par un autre programme",
    errno.EMFILE: "trop de fichiers ouverts",
    errno.EIO: "le disque ne répond pas",
}


def toml_place(error: ValueError) -> str:
    """Tell where a TOML file goes wrong, in French.

    Examples
    --------
    >>> import tomllib
    >>> try:
    ...     tomllib.loads("a = = 1")
    ... except tomllib.TOMLDecodeError as error:
    ...     toml_place(error)
    'ligne 1, colonne 5'
    """
    position = re.search(r"at line (\d+), column (\d+)", str(error))
    return f"ligne {position[1]}, colonne {position[2]}" if position else "fin inattendue ou texte hors UTF-8"


def reason(error: OSError) -> str:
    """Tell why the system refused a file, in French.

    Examples
    --------
    >>> reason(OSError(errno.ENOSPC, "No space left on device"))
    'disque plein'
    """
    return _REASONS.get(error.errno or 0, f"erreur système {error.errno}")
