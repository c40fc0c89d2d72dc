"""Which sites have hectares to measure, and the one that a reader asks for."""

from typing import TYPE_CHECKING

from artois_geo import meaning, shapes
from artois_geo.errors import BadTable, UnknownName
from artois_geo.text import counted

if TYPE_CHECKING:
    import geopandas as gpd

LISTED = 5  # sites that a sentence names


def polygon_sites(sites: "gpd.GeoDataFrame") -> "tuple[gpd.GeoDataFrame, list[str]]":
    """Keep the sites drawn as polygons, with a sentence that names the others: a point has no hectares.

    Raises
    ------
    BadTable
        No site is drawn as a polygon.

    Examples
    --------
    >>> from artois_geo import example
    >>> import pandas as pd
    >>> square = example.square(x_km=0, y_km=0, side_km=1, nom="Les Hauts")
    >>> well = example.point(x_km=0, y_km=0, nom="Le Puits")
    >>> polygon_sites(pd.concat([square, well], ignore_index=True))[1]
    ['1 site sans contour, non mesuré : Le Puits.']
    """
    drawn_as_polygons = shapes.are_polygons(sites)
    if drawn_as_polygons.all():
        return sites, []
    if not drawn_as_polygons.any():
        raise BadTable("Aucun site n'est dessiné en polygone : il n'y a pas de surface à mesurer.")
    omitted = meaning.site_names(sites)[~drawn_as_polygons].astype(str).tolist()
    listed = ", ".join(omitted[:LISTED]) + (" …" if len(omitted) > LISTED else "")
    plural = "s" if len(omitted) > 1 else ""
    sentence = f"{counted(len(omitted), 'site')} sans contour, non mesuré{plural} : {listed}."
    return sites[drawn_as_polygons], [sentence]


def only_site(sites: "gpd.GeoDataFrame", name: str) -> "gpd.GeoDataFrame":
    """Keep the site of that name or label.

    Raises
    ------
    UnknownName
        No such site; the nearest names are offered.

    Examples
    --------
    >>> from artois_geo import example
    >>> len(only_site(example.square(x_km=0, y_km=0, side_km=1, nom="Les Hauts"), "Les Hauts"))
    1
    """
    names = meaning.site_names(sites).astype(str)
    is_asked_site = (names == name) | (sites.index.to_series().astype(str) == name)
    if not is_asked_site.any():
        raise UnknownName("site", name, names)
    return sites[is_asked_site]
