"""What partners call the fields and the values of a kind, from ``synonyms.toml``."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from artois_geo.kinds.column_names import spelling


@dataclass(frozen=True)
class Synonyms:
    """Names that partners give to the fields of one kind, and words that they write for its lists.

    ``columns``: field to names, the likeliest first. ``values``: field to what is written, folded, and the
    value of the list. ``usual``: what an absent field usually is. ``codes``: columns of a stable code.
    """

    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    usual: Mapping[str, Any] = field(default_factory=dict)
    codes: tuple[str, ...] = ()


@cache
def of_kind(kind: str) -> Synonyms:
    """Return the synonyms of a kind, those of every kind behind its own.

    Examples
    --------
    >>> of_kind("site_eco").columns["site_nom"][0], of_kind("site_eco").values["site_moa_type"]["siziaf"]
    ('nom_zae', 'epci')
    """
    entries = tomllib.loads(files("artois_geo.kinds").joinpath("synonyms.toml").read_text(encoding="utf-8"))
    own, every = entries.get(kind, {}), entries["tous"]
    return Synonyms(
        {name: tuple(words) for name, words in own.get("colonnes", {}).items()},
        {
            name: {spelling(word): value for word, value in words.items()}
            for name, words in own.get("valeurs", {}).items()
        },
        own.get("constantes", {}),
        (*own.get("codes", ()), *every["codes"]),
    )


def names_of(kind: str, name: str) -> tuple[str, ...]:
    """Return what partners call a field of a kind; nothing where none is known.

    Examples
    --------
    >>> "insee_com" in names_of("commune_contour", "comm_insee")
    True
    """
    return of_kind(kind).columns.get(name, ())
