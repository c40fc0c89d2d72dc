"""The location map of a sheet: the drawing, its signs, its legend."""
