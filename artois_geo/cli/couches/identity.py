"""What ``couches valider`` and ``couches importer`` check the place of an object by."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    import geopandas as gpd

    from artois_geo.kinds.checks.identity import Identity

_Function = TypeVar("_Function", bound=Callable[..., Any])


def tolerances(function: _Function) -> _Function:
    """Add ``--ecart-commune`` and ``--ecart-position``: ``commune_m`` and ``position_m``, in metres."""
    for option in (
        click.option(
            "--ecart-position",
            "position_m",
            type=click.FloatRange(min=0),
            metavar="M",
            help="Écart admis, en mètres, entre un objet et ses colonnes X et Y ; 1 sans cette option.",
        ),
        click.option(
            "--ecart-commune",
            "commune_m",
            type=click.FloatRange(min=0),
            metavar="M",
            help="Écart admis, en mètres, entre un objet et sa commune déclarée ; 200 sans cette option.",
        ),
    ):
        function = option(function)
    return function


def checks(
    folder: Path | None,
    communes: "gpd.GeoDataFrame | None",
    commune_m: float | None,
    position_m: float | None,
) -> "Identity":
    """Return the checks of places: outlines given, else those of a folder of data, and the tolerances."""
    from artois_geo.kinds.checks import identity
    from artois_geo.kinds.communes import commune_outlines
    from artois_geo.layers import catalogue
    from artois_geo.layers.reading import known_communes

    outlines = None
    if communes is not None:
        outlines = commune_outlines(communes)
    elif folder is None or (folder / catalogue.CATALOGUE_FILE).is_file():
        outlines = known_communes(catalogue.read_catalogue(folder))
    given = {"commune_m": commune_m, "position_m": position_m}
    return identity.Identity(outlines, **{name: limit for name, limit in given.items() if limit is not None})
