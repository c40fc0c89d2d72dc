"""What the canal is worth to sites, freight by water, and the fluvial scheme, from layers and constants.

``requests`` holds what a planner asks; ``site_access``, ``freight`` and ``scheme`` answer.
``water_access`` decides once which layers, thresholds and places serve a site, for them and for sheets.
"""
