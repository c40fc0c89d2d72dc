"""What the place of an object is checked by: outlines of communes, and how far it may be off."""

from pathlib import Path
from typing import TYPE_CHECKING

from artois_geo.kinds.checks.identity import Identity
from artois_geo.kinds.communes import commune_outlines
from artois_geo.layers import catalogue
from artois_geo.layers.reading import known_communes

if TYPE_CHECKING:
    import geopandas as gpd


def checks(
    folder: Path | None,
    communes: "gpd.GeoDataFrame | None" = None,
    commune_m: float | None = None,
    position_m: float | None = None,
) -> Identity:
    """Return the checks of places: outlines given, else those of a folder of data, and the tolerances.

    Parameters
    ----------
    folder
        The workspace; without one, the shipped layers.
    communes
        EPSG:2154, outlines of any public file.
    commune_m, position_m
        Metres by which an object may be off; those of the constants where none, or a negative one, is given.

    Raises
    ------
    BadTable
        The outlines have no column of code or of name.

    Examples
    --------
    >>> checks(None).commune_m, checks(None, commune_m=50.0).commune_m
    (200.0, 50.0)
    """
    outlines = None
    if communes is not None:
        outlines = commune_outlines(communes)
    elif folder is None or (folder / catalogue.CATALOGUE_FILE).is_file():
        outlines = known_communes(catalogue.read_catalogue(folder))
    limits = {"commune_m": commune_m, "position_m": position_m}
    return Identity(
        outlines, **{name: limit for name, limit in limits.items() if limit is not None and limit >= 0}
    )
