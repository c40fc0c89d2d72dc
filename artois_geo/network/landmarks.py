"""The motorways, main roads and railways of a map: what a reader finds the way by, out of every road."""

from collections.abc import Mapping, Sequence

import geopandas as gpd
import pandas as pd
import shapely

from artois_geo import meaning

ROADS, RAILS = "route", "voie_ferree"  # kinds of layers
MOTORWAY, MAIN, RAIL = "motorway", "main", "rail"
ORDER = (MAIN, RAIL, MOTORWAY)  # from below up
TOLERANCE_M = 20.0
SHORTEST_M = 400.0  # a shorter piece of a main road or of a track is a crossing, not a landmark

# words of the BD TOPO (IGN), folded
_OPEN = "en service"
_MOTORWAY_NATURES = {"type autoroutier"}
_MOTORWAY_CLASSES = {"autoroute"}
_MAIN_CLASSES = {"nationale", "route nationale"}
_MAIN_IMPORTANCE = {"1", "2"}
_NO_MAIN_ROAD = {"bretelle", "rond-point", "bac ou liaison maritime", "chemin", "sentier", "escalier"}
_NO_MAIN_TRACK = {"voie de service", "tramway", "metro", "funiculaire ou cremaillere", "sans objet"}


def landmarks(layers: Mapping[str, gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Select the motorways, main roads and main tracks in service, joined where their ends meet.

    Nothing is added: two lines are joined where they share an end, a gap stays a gap, and a line moves by
    ``TOLERANCE_M`` at most. A schematic road is no landmark and is left out.

    Parameters
    ----------
    layers
        Layers by kind, EPSG:2154: ``route`` (columns ``nature``, ``importance``, ``etat_de_l_objet``,
        ``cpx_numero``, ``cpx_classement_administratif`` of the BD TOPO, each where it is there) and
        ``voie_ferree`` (``nature``, ``etat_de_l_objet``). Others are ignored.

    Returns
    -------
    GeoDataFrame
        One row per class (``motorway``, ``main`` or ``rail``) and number; columns ``class``, ``number``.

    Examples
    --------
    >>> import geopandas as gpd
    >>> import shapely
    >>> from artois_geo.network import landmarks
    >>> road = gpd.GeoDataFrame(
    ...     {"nature": ["Type autoroutier", "Bretelle"], "cpx_numero": ["A26", "A26"]},
    ...     geometry=[shapely.LineString([(0, 0), (900, 0)]), shapely.LineString([(900, 0), (900, 90)])],
    ...     crs="EPSG:2154")
    >>> ways = landmarks({"route": road})
    >>> ways[["class", "number"]].values.tolist(), ways.length.tolist()
    ([['motorway', 'A26']], [900.0])
    """
    pieces = [
        piece
        for kind, select in ((ROADS, _main_roads), (RAILS, _main_tracks))
        if (frame := layers.get(kind)) is not None and len(piece := select(_drawn(frame)))
    ]
    if not pieces:
        empty: dict[str, Sequence[str]] = {"class": [], "number": []}
        return gpd.GeoDataFrame(empty, geometry=[], crs="EPSG:2154")
    rows = []
    for (name, number), piece in pd.concat(pieces).groupby(["class", "number"], sort=True):
        joined = shapely.line_merge(shapely.multilinestrings(shapely.get_parts(piece.geometry.to_numpy())))
        parts = shapely.get_parts(joined)
        long_parts = parts[(shapely.length(parts) >= SHORTEST_M) | (name == MOTORWAY)]
        if len(long_parts):
            shape = shapely.simplify(shapely.multilinestrings(long_parts), TOLERANCE_M)
            rows.append({"class": name, "number": number, "geometry": shape})
    return gpd.GeoDataFrame(
        rows, columns=["class", "number", "geometry"], geometry="geometry", crs="EPSG:2154"
    )


def _drawn(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the lines in service that are no sketch, flat."""
    is_line = frame.geom_type.isin(("LineString", "MultiLineString")) & ~frame.geometry.is_empty
    lines = frame[is_line.to_numpy() & ~meaning.schematic(frame)]
    state = _folded(lines, "etat_de_l_objet")
    lines = lines[(state == "") | (state == _OPEN)]
    return lines.set_geometry(shapely.force_2d(lines.geometry.to_numpy()), crs=frame.crs)


def _main_roads(lines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    nature, grade = _folded(lines, "nature"), _folded(lines, "cpx_classement_administratif")
    importance = _folded(lines, "importance")
    is_motorway = (nature.isin(_MOTORWAY_NATURES) & ~grade.isin({"departementale"})) | grade.isin(
        _MOTORWAY_CLASSES
    )
    is_main = importance.isin(_MAIN_IMPORTANCE) | grade.isin(_MAIN_CLASSES) | nature.isin(_MOTORWAY_NATURES)
    if not any(column in lines for column in ("nature", "importance", "cpx_classement_administratif")):
        is_main |= True  # a layer that grades nothing holds what its author calls roads
    is_drawn = (is_motorway | is_main) & ~nature.isin(_NO_MAIN_ROAD)
    names = is_motorway.map({True: MOTORWAY, False: MAIN})
    return _classed(lines, names, "cpx_numero")[is_drawn.to_numpy()]


def _main_tracks(lines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    nature = _folded(lines, "nature")
    return _classed(lines, pd.Series(RAIL, index=lines.index), "")[~nature.isin(_NO_MAIN_TRACK).to_numpy()]


def _classed(lines: gpd.GeoDataFrame, names: pd.Series, number: str) -> gpd.GeoDataFrame:
    numbers = lines[number] if number in lines else pd.Series("", index=lines.index)
    number_texts = ["" if meaning.is_missing(text) else str(text).strip() for text in numbers]
    columns = {"class": names.to_numpy(), "number": number_texts}
    return gpd.GeoDataFrame(columns, geometry=lines.geometry.to_numpy(), crs=lines.crs)


def _folded(lines: gpd.GeoDataFrame, column: str) -> pd.Series:
    if column not in lines:
        return pd.Series("", index=lines.index, dtype=object)
    texts = ["" if meaning.is_missing(text) else meaning.fold(str(text)) for text in lines[column]]
    return pd.Series([text.removesuffix(".0") for text in texts], index=lines.index, dtype=object)
