"""Compiled functions (extra ``rapide``): they read well-known binary in place and make no geometry.

- `scan`: rings of polygons in a buffer, their areas, their boxes, the hash of their edges;
- `validity`: polygons that may cross or touch themselves;
- `grid`: zones cut into cells, so that a look in a table tells the zone of most polygons;
- `polygon_areas`: the area of a polygon in each zone;
- `coverage_edges`: the edges of a coverage that no neighbour shares.

Importing one of them loads numba: the rest of ``overlay`` does it only inside functions.
"""
