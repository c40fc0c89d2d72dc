"""Read tables: CSV, TSV and workbooks, and the geometry that their columns hold."""
