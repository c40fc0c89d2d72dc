"""The way out to GeoPackage, for desktop GIS: Lambert-93, its provenance inside, replaced at once."""

import re
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd

from artois_geo import errors, meaning, measure
from artois_geo.formats.geojson import geojson_writer

EPOCH = "2020-01-01T00:00:00.000Z"  # any fixed day: the same features give the same bytes
EXTENSION = "http://www.geopackage.org/spec120/#extension_metadata"
STANDARD = "http://mrcc.com/qgis.dtd"  # the form of metadata that QGIS shows under a layer of a GeoPackage
TABLES = """
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
_UNPRINTABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0


@dataclass(frozen=True)
class Provenance:
    """Where the features of a file come from, in French, for whoever opens it.

    ``lines`` says it all (layers with their vintage, convention, constants, warnings);
    ``sources`` and ``licences`` are those of the layers, apart.
    """

    title: str = ""
    sources: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()


def content(features: gpd.GeoDataFrame, *, layer: str, provenance: Provenance | None = None) -> bytes:
    """Give the bytes of that GeoPackage; the same features and provenance give the same ones."""
    measure.require_lambert93(features=features)
    geojson_writer.require_one_geometry(features)
    table = _writable(features)
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / "draft.gpkg"
        try:
            table.to_file(draft, layer=layer, driver="GPKG", engine="pyogrio")
            _describe(draft, layer, provenance or Provenance())
            return draft.read_bytes()
        except OSError as error:
            raise errors.UnwritableFile(
                f"Écriture impossible du GeoPackage ({errors.reason(error)})."
            ) from error
        except (RuntimeError, ValueError, sqlite3.Error) as error:  # what GDAL refuses: names or values
            raise errors.BadTable(
                f"La couche « {layer} » ne s'écrit pas en GeoPackage ({error}).\n"
                "Renommer les colonnes en double, ou choisir .geojson."
            ) from error


def _writable(features: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the table with columns that GDAL takes: other values as texts, no column for its own key."""
    index = features.index.name
    table = features
    if index == "id":
        table = features.rename_axis("fid_source").reset_index()
    elif index is not None and index not in features.columns:
        table = features.reset_index()
    table = table.rename(columns={name: "fid_source" for name in table.columns if str(name).lower() == "fid"})
    texts = {
        name: [_text(value) for value in table[name]]
        for name in table.columns.drop(table.geometry.name)
        if table[name].dtype == object
    }
    return table.assign(**texts)


def _text(value: object) -> str | None:
    """Return a text as it is, blank too; another value as text, nothing where it is missing."""
    if isinstance(value, str):
        return value
    return None if meaning.is_missing(value) else str(value)


def _describe(file: Path, layer: str, provenance: Provenance) -> None:
    """Fill the metadata extension of the OGC, and take the clock out of the file."""
    with closing(sqlite3.connect(file, isolation_level=None)) as base:
        base.execute("PRAGMA journal_mode=MEMORY")
        base.execute("BEGIN")
        base.execute("UPDATE gpkg_contents SET last_change = ?", (EPOCH,))
        if provenance != Provenance():
            base.execute("UPDATE gpkg_contents SET description = ?", (_abstract(provenance),))
            for statement in TABLES.split(";\n"):
                base.execute(statement)
            base.executemany(
                "INSERT INTO gpkg_extensions VALUES (?, NULL, 'gpkg_metadata', ?, 'read-write')",
                [(name, EXTENSION) for name in ("gpkg_metadata", "gpkg_metadata_reference")],
            )
            base.execute(
                "INSERT INTO gpkg_metadata VALUES (1, 'dataset', ?, 'text/xml', ?)",
                (STANDARD, _xml(layer, provenance)),
            )
            base.execute(
                "INSERT INTO gpkg_metadata_reference VALUES ('table', ?, NULL, NULL, ?, 1, NULL)",
                (layer, EPOCH),
            )
        base.execute("COMMIT")


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
        ET.SubElement(root, name).text = _printable(text)
    return ET.tostring(root, encoding="unicode")


def _abstract(provenance: Provenance) -> str:
    return _printable("\n".join(provenance.lines))


def _printable(text: str) -> str:
    return _UNPRINTABLE.sub("", text)
