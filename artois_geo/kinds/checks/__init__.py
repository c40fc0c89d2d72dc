"""Check attributes, shapes, repeated positions and declared communes."""
