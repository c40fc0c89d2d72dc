"""Read formats with a schema of their own: GeoPackage, shapefile, GeoParquet, what GDAL reads."""
