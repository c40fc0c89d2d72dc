"""A table with geometry as a file for a desktop GIS: French headings, colours of our maps, sources."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import pandas as pd

from artois_geo import layers, measure, tables
from artois_geo.errors import BadTable
from artois_geo.formats.exports import vector_files
from artois_geo.formats.exports.records import Description, SpatialFile
from artois_geo.formats.geojson import geojson_writer

_NONE: Mapping[str, Any] = MappingProxyType({})


def spatial_file(
    frame: pd.DataFrame,
    form: str,
    layer: str,
    footer: tables.Footer,
    *,
    title: str = "",
    kind: str = "",
    labels: Mapping[str, str] = _NONE,
) -> SpatialFile:
    """Write features in a form of desktop GIS.

    Parameters
    ----------
    frame
        EPSG:2154.
    form
        ``gpkg``, ``shp``, ``parquet``, ``fgb`` or ``gpx``.
    layer
        Name of the layer.
    footer
        Sources, constants, convention and notes, which go into the file.
    title
        French title.
    kind
        Kind of layer, for the short names of its standard and its colours; the columns may tell it.
    labels
        French headings that the vocabulary lacks.

    Raises
    ------
    BadTable
        A table without shapes, or shapes and columns that the form cannot hold.

    Examples
    --------
    >>> from artois_geo import example
    >>> quay = example.point(x_km=0, y_km=0, nom="Quai")
    >>> b"<name>Quai</name>" in spatial_file(quay, "gpx", "quais", tables.Footer()).content
    True
    """
    features = _with_shapes(frame)
    from artois_geo.maps.desktop.drawing import drawing  # here: a table for a spreadsheet needs no map

    columns = [str(name) for name in features.columns]
    schema = layers.read_kind(kind) if kind else None
    fields = () if schema is None else schema.fields
    description = Description(
        layer,
        provenance(footer, title),
        dict(zip(columns, tables.headings(features, labels, in_percent=False), strict=True)),
        {field.name: field.short_name for field in fields if field.short_name},
        drawing(features, kind),
    )
    return vector_files.content(features, form, description)


def geojson(frame: pd.DataFrame, footer: tables.Footer, members: Mapping[str, Any] = _NONE) -> bytes:
    """Write features as GeoJSON in WGS 84, with their sources in the collection.

    Parameters
    ----------
    frame
        EPSG:2154.
    footer
        Sources, constants, convention and notes.
    members
        What the collection says besides.

    Raises
    ------
    BadTable
        A table without shapes.

    Examples
    --------
    >>> from artois_geo import example
    >>> b'"sources"' in geojson(example.point(x_km=0, y_km=0), tables.Footer())
    True
    """
    features = _with_shapes(frame).to_crs(measure.WGS84)
    features.attrs["members"] = {"sources": tables.source_lines(footer), **members}
    return geojson_writer.geojson_text(features).encode()


def _with_shapes(frame: pd.DataFrame) -> gpd.GeoDataFrame:
    if not isinstance(frame, gpd.GeoDataFrame):
        raise BadTable("Ce tableau n'a pas de géométrie : choisir le format csv, json ou xlsx.")
    return frame


def provenance(footer: tables.Footer, title: str) -> layers.Provenance:
    """Gather what a file keeps of the footer of a table.

    Examples
    --------
    >>> provenance(tables.Footer(surface="surface en Lambert-93"), "Sites").lines
    ('Surface en Lambert-93',)
    """
    return layers.Provenance(
        title=title,
        sources=tuple(dict.fromkeys(layer.source for layer in footer.sources if layer.source)),
        licences=tuple(dict.fromkeys(layer.licence for layer in footer.sources if layer.licence)),
        lines=tuple(tables.source_lines(footer)),
    )
