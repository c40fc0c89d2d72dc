"""What the end of a file's name promises, decided once: a file written by us is what its name says."""

from collections.abc import Sequence
from os import PathLike
from pathlib import Path

from artois_geo.errors import BadValue

__all__ = [
    "FORM_SHEETS",
    "SUFFIXES",
    "FilePath",
    "form_of",
    "is_device",
    "promises",
    "stem",
]

FilePath = str | PathLike[str]  # a path as every public function takes it

SUFFIXES = {  # form -> ends of names that promise it, the usual one first
    "csv": (".csv",),
    "docx": (".docx",),
    "fgb": (".fgb",),
    "geojson": (".geojson", ".json"),
    "gpkg": (".gpkg",),
    "gpx": (".gpx",),
    "html": (".html", ".htm"),
    "json": (".json",),
    "parquet": (".parquet",),
    "pdf": (".pdf",),
    "png": (".png",),
    "shp": (".shp.zip",),
    "svg": (".svg",),
    "toml": (".toml",),
    "txt": (".txt",),
    "xlsx": (".xlsx",),
}

_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}

FORM_SHEETS = ("Saisie", "Explications", "Listes")  # of a form that we wrote: only the first one is filled


def form_of(path: FilePath, forms: Sequence[str], *, advice: str = "") -> str:
    """Tell in which form to write a file, from the end of its name.

    Parameters
    ----------
    path
        The file to write. Capitals are as good as small letters.
    forms
        Keys of ``SUFFIXES`` that can be written there; where two share an end, the first one holds.
    advice
        French sentence that ends the message: how to get what was asked for.

    Raises
    ------
    BadValue
        The name ends otherwise, or has no end.

    Examples
    --------
    >>> from artois_geo.suffixes import form_of
    >>> form_of("zones.GPKG", ["geojson", "gpkg"])
    'gpkg'
    >>> form_of("carte.pdf", ["html"])
    Traceback (most recent call last):
    ...
    artois_geo.errors.BadValue: « carte.pdf » : rien ne s'écrit ici en .pdf. Finir le nom par .html.
    """
    suffix = Path(path).suffix.lower()
    form = next((form for form in forms if _ends(path, SUFFIXES[form])), None)
    if form is None:
        promised = f"rien ne s'écrit ici en {suffix}" if suffix else "le nom ne dit pas quoi écrire"
        ends = [SUFFIXES[form][0] for form in forms]
        several = f"{', '.join(ends[:-1])} ou {ends[-1]}" if len(ends) > 1 else ends[0]
        raise BadValue(f"« {Path(path).name} » : {promised}. Finir le nom par {several}. {advice}".strip())
    return form


def promises(path: FilePath) -> bool:
    """Tell whether a name ends as that of a file that we can write: no folder is called so.

    Examples
    --------
    >>> from artois_geo.suffixes import promises
    >>> promises("simi.pdf"), promises("livraison_v1.2")
    (True, False)
    """
    return any(_ends(path, ends) for ends in SUFFIXES.values())


def stem(path: FilePath) -> str:
    """Return the name of a file without the end that says its form.

    Examples
    --------
    >>> from artois_geo.suffixes import stem
    >>> stem("envoi/zae.2026.shp.zip"), stem("zae.2026"), stem("simi.pdf")
    ('zae.2026', 'zae', 'simi')
    """
    name = Path(path).name
    ends = [end for ends in SUFFIXES.values() for end in ends if _ends(path, (end,))]
    return name[: -len(max(ends, key=len))] if ends else Path(path).stem


def _ends(path: FilePath, ends: Sequence[str]) -> bool:
    name = Path(path).name.lower()
    return any(name.endswith(end) and name != end for end in ends)


def is_device(name: str) -> bool:
    """Tell whether Windows takes a name, whatever ends it, for one of its devices and not for a file.

    Examples
    --------
    >>> from artois_geo.suffixes import is_device
    >>> is_device("Con.fr.html"), is_device("conseil")
    (True, False)
    """
    return name.split(".")[0].strip().lower() in _DEVICES


def __dir__() -> list[str]:
    return sorted(__all__)
