"""The results of the analyses as sections of a sheet and lines of a map card."""
