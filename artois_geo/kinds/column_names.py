"""Names of columns, compared whatever their case, accents and spacing."""

import re
import unicodedata
from collections.abc import Iterable


def first_named(names: Iterable[str], words: Iterable[str]) -> str | None:
    """Find the first of several known words among column names, whatever its case and accents.

    Examples
    --------
    >>> first_named(["NOM", "INSEE_COM"], ["comm_insee", "insee_com", "nom"])
    'INSEE_COM'
    """
    folded = {fold(str(name)): name for name in reversed(list(names))}
    return next((folded[fold(word)] for word in words if fold(word) in folded), None)


def fold(text: str) -> str:
    """Write a text without case, accents, apostrophes or spacing, to compare spellings.

    Examples
    --------
    >>> fold("Zone d’Activité  ÉCONOMIQUE") == fold("zone d'activite economique")
    True
    """
    plain = unicodedata.normalize("NFKD", text.lower().replace("œ", "oe").replace("’", "'"))
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return re.sub(r"[\s_\-\u200d]+", " ", letters).strip()
