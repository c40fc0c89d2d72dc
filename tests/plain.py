"""The plain of the examples, where every area can be checked by hand."""

from artois_geo.example.plain import KM, ORIGIN_X, ORIGIN_Y, line, point, rectangle, square, towns

__all__ = ["KM", "ORIGIN_X", "ORIGIN_Y", "line", "point", "rectangle", "square", "towns"]
