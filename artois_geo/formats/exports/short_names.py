"""Names of ten characters for the fields of a shapefile, unique and always the same ones."""

import re
from collections.abc import Iterable, Mapping

from artois_geo import meaning, suffixes

LONGEST = 10
LONGEST_STEM = 60
TABLE_END = "_noms.csv"  # of the file beside a shapefile that tells its whole names
TABLE_HEADER = ("nom_court", "nom", "intitule")


def short_names(columns: Iterable[str], preferred: Mapping[str, str] | None = None) -> dict[str, str]:
    """Give each column a name that the .dbf of a shapefile takes.

    Parameters
    ----------
    columns
        Names of the table, in order.
    preferred
        Names that a standard gives to some of them.

    Returns
    -------
    dict
        Column to its name: letters without accents, figures and ``_``, ten at most, a letter first;
        no two alike, capitals or not. A name that is short enough already stays as it is.

    Examples
    --------
    >>> short_names(["nom", "surface_dispo_ha", "surface_dispo_m2", "Été"])
    {'nom': 'nom', 'surface_dispo_ha': 'surface_di', 'surface_dispo_m2': 'surface__2', 'Été': 'ete'}
    """
    columns = list(columns)
    candidates = {name: _safe((preferred or {}).get(name) or name) for name in columns}
    unchanged = [name for name in columns if candidates[name] == name and len(name) <= LONGEST]
    used: set[str] = set()
    names: dict[str, str] = {}
    for column in [*unchanged, *(name for name in columns if name not in unchanged)]:
        base, number = candidates[column][:LONGEST], 1
        name = base
        while name.lower() in used:
            number += 1
            end = f"_{number}"
            name = base[: LONGEST - len(end)] + end
        used.add(name.lower())
        names[column] = name
    return {column: names[column] for column in columns}


def safe_stem(text: str) -> str:
    """Make the name of a layer one that any system takes as the name of a file.

    Examples
    --------
    >>> safe_stem("ZAE de Béthune/../x"), safe_stem("***"), safe_stem("Con")
    ('zae_de_bethune_x', 'couche', 'couche_Con')
    """
    stem = _letters(text)[:LONGEST_STEM].strip("_") or "couche"
    return f"couche_{stem}" if suffixes.is_device(stem) else stem


def _safe(name: str) -> str:
    text = _letters(name) or "champ"
    return text if text[0].isalpha() else f"c{text}"


def _letters(text: str) -> str:
    """Return a name of plain letters, figures and ``_`` as it is, another one folded to them."""
    if re.fullmatch(r"[0-9A-Za-z_]+", text):
        return text
    return re.sub(r"[^0-9a-z]+", "_", meaning.fold(text)).strip("_")
