"""The way out to GeoPackage, for desktop GIS: Lambert-93, its provenance inside, replaced at once."""

import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import shapely

from artois_geo import errors, measure
from artois_geo.formats.exports import qgis_style
from artois_geo.formats.exports.plain_columns import plain_columns
from artois_geo.formats.exports.records import Description, Provenance, SpatialFile
from artois_geo.formats.findings import Finding
from artois_geo.formats.geojson import geojson_writer
from artois_geo.text import printable

EPOCH = "2020-01-01T00:00:00.000Z"  # any fixed day: the same features give the same bytes
METADATA_EXTENSION = "http://www.geopackage.org/spec120/#extension_metadata"
SCHEMA_EXTENSION = "http://www.geopackage.org/spec120/#extension_schema"
STANDARD = "http://mrcc.com/qgis.dtd"  # the form of metadata that QGIS shows under a layer of a GeoPackage
METADATA_TABLES = """
CREATE TABLE gpkg_metadata (
  id INTEGER CONSTRAINT m_pk PRIMARY KEY ASC NOT NULL,
  md_scope TEXT NOT NULL DEFAULT 'dataset',
  md_standard_uri TEXT NOT NULL,
  mime_type TEXT NOT NULL DEFAULT 'text/xml',
  metadata TEXT NOT NULL DEFAULT '');
CREATE TABLE gpkg_metadata_reference (
  reference_scope TEXT NOT NULL,
  table_name TEXT,
  column_name TEXT,
  row_id_value INTEGER,
  timestamp DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  md_file_id INTEGER NOT NULL,
  md_parent_id INTEGER,
  CONSTRAINT crmr_mfi_fk FOREIGN KEY (md_file_id) REFERENCES gpkg_metadata(id),
  CONSTRAINT crmr_mpi_fk FOREIGN KEY (md_parent_id) REFERENCES gpkg_metadata(id));
"""
SCHEMA_TABLES = """
CREATE TABLE gpkg_data_columns (
  table_name TEXT NOT NULL,
  column_name TEXT NOT NULL,
  name TEXT,
  title TEXT,
  description TEXT,
  mime_type TEXT,
  constraint_name TEXT,
  CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
  CONSTRAINT gdc_tn UNIQUE (table_name, name));
CREATE TABLE gpkg_data_column_constraints (
  constraint_name TEXT NOT NULL,
  constraint_type TEXT NOT NULL,
  value TEXT,
  min NUMERIC,
  min_is_inclusive BOOLEAN,
  max NUMERIC,
  max_is_inclusive BOOLEAN,
  description TEXT,
  CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
"""
STYLE_TABLES = """
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  f_table_catalog TEXT(256),
  f_table_schema TEXT(256),
  f_table_name TEXT(256),
  f_geometry_column TEXT(256),
  styleName TEXT(30),
  styleQML TEXT,
  styleSLD TEXT,
  useAsDefault BOOLEAN,
  description TEXT,
  owner TEXT(30),
  ui TEXT(30),
  update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
"""


def content(features: gpd.GeoDataFrame, *, layer: str, provenance: Provenance | None = None) -> bytes:
    """Give the bytes of that GeoPackage; the same features and provenance give the same ones."""
    return described(features, Description(layer, provenance or Provenance())).content


def described(features: gpd.GeoDataFrame, description: Description) -> SpatialFile:
    """Give that GeoPackage with its French headings and its style, as QGIS reads them.

    Parameters
    ----------
    features
        EPSG:2154.
    description
        Headings go to ``gpkg_data_columns``, the drawing to ``layer_styles`` (a style for each kind of
        shape, the commonest by default), the provenance to ``gpkg_metadata``.

    Raises
    ------
    BadTable
        Two columns that differ by capitals only, or a value that GeoPackage cannot hold.
    """
    measure.require_lambert93(features=features)
    geojson_writer.require_one_geometry(features)
    table = plain_columns(features)
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / "draft.gpkg"
        try:
            table.to_file(draft, layer=description.layer, driver="GPKG", engine="pyogrio")
            _describe(draft, table, description)
            return SpatialFile(_without_counter(draft.read_bytes()), _several_kinds(table, description))
        except OSError as error:
            raise errors.UnwritableFile(
                f"Écriture impossible du GeoPackage ({errors.reason(error)})."
            ) from error
        except (RuntimeError, ValueError, sqlite3.Error) as error:  # what GDAL refuses: names or values
            raise errors.BadTable(
                f"La couche « {description.layer} » ne s'écrit pas en GeoPackage ({error}).\n"
                "Renommer les colonnes en double, ou choisir .geojson."
            ) from error


def _describe(file: Path, table: gpd.GeoDataFrame, description: Description) -> None:
    """Fill the tables of metadata, headings and styles, and take the clock out of the file."""
    with closing(sqlite3.connect(file, isolation_level=None)) as base:
        base.execute("PRAGMA journal_mode=MEMORY")
        base.execute("BEGIN")
        base.execute("UPDATE gpkg_contents SET last_change = ?", (EPOCH,))
        if description.provenance != Provenance():
            _add_metadata(base, description.layer, description.provenance)
        columns = [str(name) for name in table.columns if name != table.geometry.name]
        headings = {
            name: description.labels[name] for name in columns if description.labels.get(name, name) != name
        }
        if headings:
            _add_headings(base, description.layer, headings)
        if description.drawing is not None:
            labels = {name: headings.get(name, "") for name in ["fid", *columns]}
            _add_styles(base, table, description, labels)
        base.execute("COMMIT")


def _without_counter(content: bytes) -> bytes:
    """Set the counter of changes of a SQLite file, and the change that its header was true for, to one.

    GDAL dates a layer twice: written within the same millisecond, the second time changes nothing and
    does not count.
    """
    counter = (1).to_bytes(4, "big")
    return content[:24] + counter + content[28:92] + counter + content[96:]


def _several_kinds(table: gpd.GeoDataFrame, description: Description) -> tuple[Finding, ...]:
    """Report that QGIS makes several layers of shapes of several kinds, and styles the commonest only."""
    dimensions = _dimensions(table)
    if description.drawing is None or len(dimensions) < 2:
        return ()
    first, *secondary = (qgis_style.NAMES[dimension] for dimension in dimensions)
    message = (
        f"{' et '.join([first, *secondary])} dans une couche : QGIS en montre une par forme et leur donne le "
        f"style « {first} » ; pour le reste, Propriétés, Style, Charger le style, depuis la base de données"
    )
    return (Finding(None, "geometry", "plusieurs formes", "note", len(dimensions), message),)


def _dimensions(table: gpd.GeoDataFrame) -> list[int]:
    """List the kinds of shapes (0 points, 1 lines, 2 polygons), the commonest first."""
    counts = Counter(shapely.get_dimensions(table.geometry.to_numpy()).tolist())
    return [dimension for dimension, _ in counts.most_common() if dimension >= 0]


def _add_metadata(base: sqlite3.Connection, layer: str, provenance: Provenance) -> None:
    base.execute("UPDATE gpkg_contents SET description = ?", (_abstract(provenance),))
    _create(base, METADATA_TABLES)
    names = ("gpkg_metadata", "gpkg_metadata_reference")
    _declare(base, "gpkg_metadata", METADATA_EXTENSION, names)
    base.execute(
        "INSERT INTO gpkg_metadata VALUES (1, 'dataset', ?, 'text/xml', ?)",
        (STANDARD, _xml(layer, provenance)),
    )
    base.execute(
        "INSERT INTO gpkg_metadata_reference VALUES ('table', ?, NULL, NULL, ?, 1, NULL)", (layer, EPOCH)
    )


def _add_headings(base: sqlite3.Connection, layer: str, headings: Mapping[str, str]) -> None:
    """Write the French heading of columns as the schema extension of the OGC does."""
    _create(base, SCHEMA_TABLES)
    _declare(base, "gpkg_schema", SCHEMA_EXTENSION, ("gpkg_data_columns", "gpkg_data_column_constraints"))
    base.executemany(
        "INSERT INTO gpkg_data_columns (table_name, column_name, name, title) VALUES (?, ?, ?, ?)",
        [(layer, column, column, printable(heading)) for column, heading in headings.items()],
    )


def _add_styles(
    base: sqlite3.Connection, table: gpd.GeoDataFrame, description: Description, labels: Mapping[str, str]
) -> None:
    """Write a style for each kind of shape as QGIS keeps them; that of the commonest kind is the default."""
    _create(base, STYLE_TABLES)
    base.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change)"
        " VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?)",
        (EPOCH,),
    )
    (geometry_column,) = base.execute(
        "SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?", (description.layer,)
    ).fetchone()
    rows = [
        (
            description.layer,
            geometry_column,
            qgis_style.NAMES[dimension],
            qgis_style.qml(description.drawing, dimension, labels),
            rank == 0,
            EPOCH,
        )
        for rank, dimension in enumerate(_dimensions(table))
        if description.drawing is not None
    ]
    base.executemany(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column,"
        " styleName, styleQML, styleSLD, useAsDefault, description, owner, ui, update_time)"
        " VALUES ('', '', ?, ?, ?, ?, '', ?, 'artois-geo', '', '', ?)",
        rows,
    )


def _create(base: sqlite3.Connection, statements: str) -> None:
    for statement in statements.split(";\n"):
        base.execute(statement)


def _declare(base: sqlite3.Connection, extension: str, definition: str, tables: Iterable[str]) -> None:
    base.executemany(
        "INSERT INTO gpkg_extensions VALUES (?, NULL, ?, ?, 'read-write')",
        [(table, extension, definition) for table in tables],
    )


def _xml(layer: str, provenance: Provenance) -> str:
    """Write the provenance as QGIS writes and reads it; outside text is escaped, never markup."""
    root = ET.Element("qgis", {"version": "3.22"})
    parts = [
        ("identifier", layer),
        ("language", "fre"),
        ("type", "dataset"),
        ("title", provenance.title or layer),
        ("abstract", _abstract(provenance)),
        *(("rights", source) for source in provenance.sources),
        *(("license", licence) for licence in provenance.licences),
    ]
    for name, text in parts:
        ET.SubElement(root, name).text = printable(text)
    return ET.tostring(root, encoding="unicode")


def _abstract(provenance: Provenance) -> str:
    return printable("\n".join(provenance.lines))
