"""A table with geometry as a file for a desktop GIS: French headings, colours of our maps, sources."""

from collections.abc import Mapping
from types import MappingProxyType

import geopandas as gpd

from artois_geo import layers, tables
from artois_geo.formats.exports import vector_files
from artois_geo.formats.exports.records import Description, SpatialFile

_NONE: Mapping[str, str] = MappingProxyType({})


def spatial_file(
    features: gpd.GeoDataFrame,
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
    features
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
        Shapes or columns that the form cannot hold.

    Examples
    --------
    >>> from artois_geo import example
    >>> quay = example.point(x_km=0, y_km=0, nom="Quai")
    >>> b"<name>Quai</name>" in spatial_file(quay, "gpx", "quais", tables.Footer()).content
    True
    """
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
