"""Names of columns, compared whatever their case, accents and spacing."""

import re
from collections.abc import Iterable

from artois_geo import meaning


def first_named(names: Iterable[str], words: Iterable[str]) -> str | None:
    """Find the first of several known words among column names, whatever its case and accents.

    Examples
    --------
    >>> from artois_geo.kinds import first_named
    >>> first_named(["NOM", "INSEE_COM"], ["comm_insee", "insee_com", "nom"])
    'INSEE_COM'
    """
    folded = {spelling(str(name)): name for name in reversed(list(names))}
    return next((folded[spelling(word)] for word in words if spelling(word) in folded), None)


def spelling(text: str) -> str:
    """Write a name without case, accents, apostrophes or spacing, to compare spellings.

    Examples
    --------
    >>> spelling("Zone d’Activité  ÉCONOMIQUE") == spelling("zone_d'activite-economique")
    True
    """
    return re.sub(r"[\s_\-\u200d]+", " ", meaning.fold(text)).strip()
