"""Exceptions of the library: a wrong *call*, said in French with what to do.

Wrong *data* never raises: it is a row in a table of findings.
"""

import errno
import logging
import re
import tomllib
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from artois_geo.text import comma, point

__all__ = [
    "REPAIR",
    "ArtoisGeoError",
    "BadCRS",
    "BadOptions",
    "BadTable",
    "BadValue",
    "Malformed",
    "MissingPart",
    "NotPublished",
    "SourceError",
    "UnknownName",
    "UnreadableFile",
    "UnwritableFile",
    "invalidity",
    "read_toml",
    "reason",
    "toml_place",
    "why",
]

log = logging.getLogger("artois_geo")


OPTION = re.compile(r"--[a-z][a-z-]+")
#: What a function takes where a message names an option of the command line.
ARGUMENTS = {
    "--cle": "key=…",
    "--colonnes": "columns=…",
    "--correspondance": "columns={champ: colonne}",
    "--couche-source": "layer=…",
    "--crs": "crs=…",
    "--donnees": "layers.read_catalogue(dossier)",
    "--encodage": "encoding=…",
    "--nom": "name=…",
    "--porter": "carry=[…]",
    "--ratio-max": "limits=formats.Limits(ratio=…)",
    "--separateur": "separator=…",
    "--taille-max": "limits=formats.Limits(unpacked_mib=…)",
    "--territoire": "territory=…",
    "--voies": "une couche de lignes",
}


class ArtoisGeoError(Exception):
    """Base of every error that a caller can mend.

    A message names the options of the command line; from Python its traceback ends with the arguments.

    Examples
    --------
    >>> from artois_geo.errors import BadValue
    >>> BadValue("Donner le vrai système par --crs.").__notes__
    ['En Python : crs=… (--crs).']
    """

    def __init__(self, *message: object) -> None:
        super().__init__(*message)
        options = dict.fromkeys(OPTION.findall(str(message[0]) if message else ""))
        arguments = [f"{ARGUMENTS[option]} ({option})" for option in options if option in ARGUMENTS]
        if arguments:
            self.add_note(f"En Python : {', '.join(arguments)}.")


class BadCRS(ArtoisGeoError):
    """A frame is not in the coordinate reference system that the function asks for."""


class BadTable(ArtoisGeoError):
    """A table lacks a column, or holds what the function cannot take."""


class BadValue(ArtoisGeoError):
    """A parameter is outside the values that make sense."""


class BadOptions(ArtoisGeoError):
    """Options of one request contradict or lack one another; the command line then shows its usage."""


class UnreadableFile(ArtoisGeoError):
    """A file is absent, damaged, or not what its name says."""


class UnwritableFile(ArtoisGeoError):
    """A file or folder cannot be written."""


class SourceError(ArtoisGeoError):
    """An open source does not answer, or what it answers is not the whole of what it announces."""


class NotPublished(SourceError):
    """A producer answers that this edition is not published there: asking again brings nothing."""


class MissingPart(ArtoisGeoError):
    """An optional part of the library is not installed; the message says how to install it."""


class Malformed(ValueError):
    """What a cell, a shape or a text holds makes no sense; the message says why in French."""


class UnknownName(ArtoisGeoError):
    """A name that nobody declared; the message offers the nearest ones.

    Examples
    --------
    >>> from artois_geo.errors import UnknownName
    >>> print(UnknownName("couche", "comunes", ["communes", "sites_eco"]))
    couche inconnue : « comunes ». Noms proches : communes.
    """

    def __init__(self, what: str, name: str, known: Iterable[str]) -> None:
        names = sorted(known)
        near_names = get_close_matches(name, names, n=3, cutoff=0.5)
        message = f"{what} {'inconnue' if what.split()[0] in _FEMININE else 'inconnu'} : « {name} »."
        if near_names:
            message += f" Noms proches : {', '.join(near_names)}."
        elif names:
            message += f" Noms connus : {', '.join(names[:20])}{' …' if len(names) > 20 else ''}."
        super().__init__(message)
        self.name = name
        self.near = near_names


_FEMININE = frozenset(
    {
        "clé",
        "colonne",
        "commune",
        "constante",
        "couche",
        "famille",
        "feuille",
        "formule",
        "langue",
        "méthode",
        "nomenclature",
        "norme",
        "option",
        "période",
        "règle",
        "rubrique",
        "source",
        "unité",
        "valeur",
        "variable",
        "version",
        "vocation",
        "voie",
        "zone",
    }
)

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


def toml_place(error: Exception, text: str = "") -> str:
    """Say in French where a TOML text goes wrong, and why if it is a decimal comma.

    Parameters
    ----------
    error
        From ``tomllib``, or from the decoding of the text.
    text
        What was read, where it is known.

    Examples
    --------
    >>> from artois_geo.errors import toml_place
    >>> import tomllib
    >>> try:
    ...     tomllib.loads("a = 50,5")
    ... except tomllib.TOMLDecodeError as error:
    ...     toml_place(error), toml_place(error, "a = 50,5")
    ('ligne 1, colonne 7', "ligne 1 : « 50,5 » s'écrit avec un point dans ce fichier, 50.5")
    """
    match = re.search(r"at line (\d+), column (\d+)", str(error))
    if isinstance(error, UnicodeDecodeError):
        return "texte qui n'est pas en UTF-8 : l'enregistrer en UTF-8"
    lines = text.splitlines()
    number = int(match[1]) if match else len(lines)
    decimal_comma = _DECIMAL_COMMA.search(lines[number - 1]) if 0 < number <= len(lines) else None
    if decimal_comma:
        number_text = point(decimal_comma[1])
        return f"ligne {number} : « {decimal_comma[1]} » s'écrit avec un point dans ce fichier, {number_text}"
    twice = re.search(r"Cannot (?:overwrite|declare).*", str(error))
    if twice and match:
        return f"ligne {match[1]} : clé ou rubrique déjà écrite plus haut"
    return f"ligne {match[1]}, colonne {match[2]}" if match else "fin inattendue"


def read_toml(path: Path, refusal: str, advice: str = "") -> dict[str, Any]:
    """Read a TOML file, or refuse it in French.

    Parameters
    ----------
    path
        File in UTF-8.
    refusal
        How the message begins.
    advice
        What the reader may take instead of an absent file.

    Raises
    ------
    UnreadableFile
        Absent, closed, not in UTF-8, or not TOML; the message says where.

    Examples
    --------
    >>> from artois_geo.errors import read_toml
    >>> from pathlib import Path
    >>> read_toml(Path("absent.toml"), "Thème illisible")
    Traceback (most recent call last):
    artois_geo.errors.UnreadableFile: Thème illisible : absent.toml (dossier ou fichier introuvable).
    """
    text = ""
    try:
        text = path.read_text(encoding="utf-8-sig")
        return tomllib.loads(text)
    except OSError as error:
        more = f"\n{advice}" if advice else ""
        raise UnreadableFile(f"{refusal} : {path} ({reason(error)}).{more}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UnreadableFile(f"{refusal} : {path} ({toml_place(error, text)}).") from error


_DECIMAL_COMMA = re.compile(r"=\s*([+-]?\d+,\d+)")


def why(error: BaseException | str) -> str:
    """Say in French why another library refused a file or a shape; its own words go to the journal.

    Examples
    --------
    >>> from artois_geo.errors import Malformed, why
    >>> why(ValueError("ParseException: Unknown type: 'POLYGONE'")), why(Malformed("anneau de 2 positions"))
    ('type de géométrie inconnu : « POLYGONE »', 'anneau de 2 positions')
    >>> why(ValueError("something new"))
    'cause technique, affichée par artois-geo -v'
    """
    if isinstance(error, Malformed):
        return str(error)
    if isinstance(error, OSError) and error.errno in _REASONS:
        return reason(error)
    text = " ".join(str(error).split())
    for pattern, french in _FOREIGN:
        match = re.search(pattern, text, re.IGNORECASE)
        if match:
            return match.expand(french)
    if isinstance(error, KeyError):
        return f"« {error.args[0]} » absent"
    kind = "" if isinstance(error, str) else f"{type(error).__name__} : "
    log.info("cause technique : %s%s", kind, text)
    return "cause technique, affichée par artois-geo -v"


_FOREIGN = (  # what GEOS, SQLite, Arrow, zipfile, json and csv say -> what a planner reads
    (r"not have enough dimensions|has 0 dimension|zero-size array", "géométrie vide"),
    (r"unknown type: '?([^']+)'?", r"type de géométrie inconnu : « \1 »"),
    (r"unknown wkb type (\d+)", r"type de géométrie inconnu (code \1)"),
    (
        r"expected word but encountered end of stream|unexpected eof|smaller than requested|end of stream",
        "texte ou octets tronqués",
    ),
    (r"expected number but encountered (?:word: )?'?([^']+)'?", r"nombre attendu, « \1 » trouvé"),
    (r"parseexception|expected word|expected .* but encountered", "texte WKT mal écrit"),
    (r"do not form a closed linestring|not closed", "contour non fermé"),
    (r"invalid number of points in linearring found (\d+)", r"contour de \1 points, il en faut 4"),
    (r"point array must contain 0 or >1|at least 2 (?:points|coordinates)", "ligne d'un seul point"),
    (r"linearring requires at least 4|a linearring", "contour de moins de 4 points"),
    (r"odd-length|non-hexadecimal|hexadecimal", "octets mal écrits en hexadécimal"),
    (r"nonlinear|curve|compoundcurve|circularstring", "géométrie courbe"),
    (r"topologyexception|side location conflict", "contour qui se croise"),
    (
        r"inhomogeneous|setting an array element|must be real number|not iterable|unpack|float\(\) argument",
        "coordonnées mal imbriquées",
    ),
    (r"could not convert string to float: '?([^']*)'?", r"« \1 » n'est pas un nombre"),
    (r"invalid literal for int\(\) with base 10: '?([^']*)'?", r"« \1 » n'est pas un nombre entier"),
    (r"file is not a database|file is encrypted", "ce n'est pas une base SQLite, ou elle est chiffrée"),
    (r"malformed|disk image", "base de données endommagée"),
    (r"no such table: (?:main\.)?(\S+)", r"table « \1 » absente"),
    (r"no such column: (\S+)", r"colonne « \1 » absente"),
    (r"no such function: (\S+)", r"vue qui demande la fonction « \1 », propre à un autre outil"),
    (r"no such module: (\S+)", r"table qui demande le module « \1 », propre à un autre outil"),
    (r"database is locked", "base tenue par un autre programme"),
    (r"unable to open database", "base impossible à ouvrir"),
    (r"readonly database", "base en lecture seule"),
    (r"not authorized|prohibited", "base qui demande une opération refusée"),
    (
        r"parquet magic bytes|either the file is corrupted or this is not a parquet|parquet file size is",
        "ce n'est pas un fichier Parquet, ou il est tronqué",
    ),
    (r"thrift|corrupt|snappy|decompress|unexpected end of stream|page was smaller", "contenu endommagé"),
    (r"not a zip ?file|bad magic number", "ce n'est pas une archive, ou elle est endommagée"),
    (r"bad crc", "contenu endommagé (somme de contrôle fausse)"),
    (r"truncated|end-of-stream|end-of-central-directory|compressed file ended|incomplete", "fichier tronqué"),
    (r"encrypt|password required", "archive protégée par un mot de passe"),
    (r"compression (?:method|type)|zip file version", "compression inconnue"),
    (r"crc check failed|in directory .* and header|bad offset", "contenu endommagé"),
    (
        r"base64|schema had multiple nodes|flatbuffer|buffer verification|column index|i/o failure",
        "contenu endommagé",
    ),
    (
        r"(?:not well-formed|no element found|unclosed token|mismatched tag|syntax error).* line (\d+)",
        r"XML mal écrit, ligne \1",
    ),
    (r"invalid (?:record length|shape type)", "formes endommagées"),
    (
        r"not recognized as being in a supported|failed to open|unable to open|no such file",
        "le fichier n'est pas ce que dit son nom, ou il est endommagé",
    ),
    (r"^code (-?\d+)$", r"le lecteur s'est arrêté, code \1"),
    (r"out of memory|memoryerror|bad_alloc|cannot allocate", "mémoire insuffisante"),
    (r"expecting value", "valeur attendue"),
    (r"expecting property name|expecting ':'|expecting ',' delimiter|extra data", "JSON mal écrit"),
    (r"unterminated string", "texte dont le guillemet n'est pas fermé"),
    (r"invalid control character|invalid \\escape", "caractère interdit dans un texte"),
    (r"recursion", "contenu imbriqué sans fin"),
    (r"line contains nul", "caractère NUL dans le texte"),
    (r"field larger than field limit", "une cellule dépasse la taille admise"),
    (r"unexpected end of data", "un guillemet ouvert n'est jamais fermé"),
    (r"expected after|new-line character", "guillemets mal placés"),
    (r"codec can't decode|invalid start byte|utf-8", "texte qui n'est pas en UTF-8"),
    (r"crs|projection", "système de coordonnées illisible"),
    (r"there is no item named '?([^']+)'? in the archive", r"pièce « \1 » absente de l'archive"),
)


def invalidity(geos: str) -> str:
    """Say in French why GEOS calls a shape invalid, and where.

    Examples
    --------
    >>> from artois_geo.errors import invalidity
    >>> invalidity("Self-intersection[700000.25 7030000]"), invalidity("Nested holes")
    ('le contour se croise (en 700000 ; 7030000)', 'trous emboîtés')
    """
    cause, _, where = geos.partition("[")
    numbers = [float(word) for word in where.rstrip("]").split()[:2]]
    metres = any(abs(number) > 1_000 for number in numbers)
    texts = [f"{number:.{0 if metres else 6}f}" for number in numbers]
    position = " ; ".join(texts if metres else [_trimmed(text) for text in texts])
    return _INVALID.get(cause.strip(), "contour mal formé") + (f" (en {position})" if position else "")


def _trimmed(number: str) -> str:
    return comma(number.rstrip("0").rstrip("."))


#: What to do with a layer that holds invalid shapes.
REPAIR = (
    "Réparer d'abord cette couche : artois-geo couches importer FICHIER --type libre --vers COUCHE "
    "(ou artois-geo couches reparer COUCHE si elle est déjà importée), puis relancer sur COUCHE ; "
    "en Python : features, constats = layers.repair(couche)"
)

_INVALID = {
    "Self-intersection": "le contour se croise",
    "Ring Self-intersection": "un anneau se touche lui-même",
    "Hole lies outside shell": "un trou est hors du contour",
    "Nested holes": "trous emboîtés",
    "Nested shells": "parties emboîtées",
    "Interior is disconnected": "l'intérieur est coupé en morceaux",
    "Too few points in geometry component": "trop peu de points",
    "Duplicate Rings": "anneaux en double",
    "Invalid Coordinate": "coordonnée impossible",
    "Ring is not closed": "anneau non fermé",
}


def reason(error: OSError) -> str:
    """Tell why the system refused a file, in French.

    Examples
    --------
    >>> import errno
    >>> from artois_geo.errors import reason
    >>> reason(OSError(errno.ENOSPC, "No space left on device"))
    'disque plein'
    """
    return _REASONS.get(error.errno or 0, f"erreur système {error.errno}")


def __dir__() -> list[str]:
    return sorted(__all__)
