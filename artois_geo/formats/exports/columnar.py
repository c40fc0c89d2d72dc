"""GeoParquet and FlatGeobuf: exact figures, for analysis and for the web."""

import io
import json
import tempfile
from pathlib import Path

import geopandas as gpd
import pyogrio
import shapely

from artois_geo import errors, measure
from artois_geo.formats.exports.plain_columns import plain_columns
from artois_geo.formats.exports.records import Description, SpatialFile

METADATA = b"artois_geo"  # key of the provenance among those of a Parquet file


def geoparquet(features: gpd.GeoDataFrame, description: Description) -> SpatialFile:
    """Give the bytes of a GeoParquet file (1.0, EPSG:2154), its provenance and headings in its metadata.

    Raises
    ------
    BadTable
        Two columns of one name.
    """
    import pyarrow
    from pyarrow import parquet

    measure.require_lambert93(features=features)
    buffer = io.BytesIO()
    try:
        plain_columns(features).to_parquet(buffer, index=False)
        table = parquet.read_table(pyarrow.BufferReader(buffer.getvalue()))
        members = json.dumps(_metadata(description), ensure_ascii=False).encode()
        table = table.replace_schema_metadata({**(table.schema.metadata or {}), METADATA: members})
        sink = io.BytesIO()
        parquet.write_table(table, sink, compression="zstd")
    except (ValueError, pyarrow.ArrowException) as error:
        raise errors.BadTable(
            f"La couche « {description.layer} » ne s'écrit pas en GeoParquet ({errors.why(error)}).\n"
            "Renommer les colonnes en double, ou choisir .geojson."
        ) from error
    return SpatialFile(sink.getvalue())


def flatgeobuf(features: gpd.GeoDataFrame, description: Description) -> SpatialFile:
    """Give the bytes of a FlatGeobuf file in EPSG:2154; indexed, unless a feature has no shape.

    A layer without features has an index too: without one, GDAL 3.8 writes a file of no byte.

    Raises
    ------
    BadTable
        Two columns of one name.
    """
    measure.require_lambert93(features=features)
    table = plain_columns(features)
    shapes = table.geometry.to_numpy()
    shapeless = bool((shapely.is_missing(shapes) | shapely.is_empty(shapes)).any())
    options = {
        "SPATIAL_INDEX": "NO" if shapeless else "YES",
        "TITLE": description.provenance.title or description.layer,
        "DESCRIPTION": "\n".join(description.provenance.lines),
    }
    with tempfile.TemporaryDirectory(prefix="artois-") as folder:
        draft = Path(folder) / "draft.fgb"
        try:
            pyogrio.write_dataframe(
                table, draft, driver="FlatGeobuf", layer=description.layer, layer_options=options
            )
            return SpatialFile(draft.read_bytes())
        except (RuntimeError, ValueError) as error:
            raise errors.BadTable(
                f"La couche « {description.layer} » ne s'écrit pas en FlatGeobuf ({error}).\n"
                "Renommer les colonnes en double, ou choisir .geojson."
            ) from error


def _metadata(description: Description) -> dict[str, object]:
    return {
        "titre": description.provenance.title,
        "sources": list(description.provenance.lines),
        "intitules": dict(description.labels),
    }
