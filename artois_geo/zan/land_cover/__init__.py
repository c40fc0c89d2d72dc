"""The account of the land cover (OCS GE): status of polygons, thresholds of the decree, stocks, flows."""
