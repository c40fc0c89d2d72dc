"""Lines of the fictional territory: canal, quays, greenways, corridors, constraints."""

from itertools import pairwise

import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from pandas import DataFrame

from artois_geo.example.ground import ORIGIN, frame
from artois_geo.example.names import NAME


def networks(towns: GeoDataFrame, business: GeoDataFrame, side: float) -> dict[str, DataFrame]:
    """Make a canal from west to east, its quays, greenways between towns, corridors, constraints."""
    axis = _along_a_site(_winding_axis(side), business)
    centres = towns["centre"].to_numpy()
    pairs = list(pairwise(np.argsort(shapely.get_x(centres), kind="stable")))
    ways = [shapely.LineString([centres[west], centres[east]]) for west, east in pairs]
    return {
        "voies_vertes": _greenways(ways, pairs, towns["comm_insee"].to_numpy()),
        "corridors": _corridors(ways[::2]),
        "canal": frame(
            [axis],
            ouvrage_id=["canal-d-exemple"],
            ouvrage_nom=["Canal d'Exemple"],
            ouvrage_type=["canal"],
            gabarit=["Va"],
        ),
        "quais": frame(
            [shapely.line_interpolate_point(axis, share, normalized=True) for share in (0.25, 0.75)],
            quai_id=["quai-1", "quai-2"],
            quai_nom=["Quai d'Amont", "Quai d'Aval"],
            quai_statut=["en service", "en projet"],
        ),
        "contraintes": _constraints(axis, centres, business),
    }


def _winding_axis(side: float) -> shapely.LineString:
    x, y = ORIGIN
    steps = np.linspace(0, 1, 9)
    return shapely.LineString(
        np.column_stack([x + steps * side, y + side * (0.45 + 0.06 * np.sin(steps * 6))])
    )


def _greenways(
    ways: list[shapely.LineString], pairs: list[tuple[int, int]], insee: NDArray[np.object_]
) -> GeoDataFrame:
    """Make a greenway of each way, one in four still to be built, with the communes at its ends."""
    statuses = ["EN SERVICE" if number % 4 else "EN TRAVAUX" for number in range(len(ways))]
    return frame(
        ways,
        id_local=[f"VV{number:03d}" for number in range(1, len(ways) + 1)],
        code_com_d=[insee[west] for west, _ in pairs],
        code_com_g=[insee[east] for _, east in pairs],
        ame_d=["VOIE VERTE"] * len(ways),
        ame_g=["VOIE VERTE"] * len(ways),
        statut_d=statuses,
        statut_g=statuses,
    )


def _corridors(ways: list[shapely.LineString]) -> GeoDataFrame:
    return frame(
        [way.buffer(30, cap_style="flat") for way in ways],
        corridor_id=[f"C{number}" for number in range(1, len(ways) + 1)],
        corridor_etat=["fonctionnel"] * len(ways),
    )


def _constraints(
    axis: shapely.LineString, centres: NDArray[np.object_], business: GeoDataFrame
) -> GeoDataFrame:
    """Make the floodable ground along the canal, a wetland on every second site, perimeters."""
    _, south, east, north = business.bounds.to_numpy()[::2].T
    grounds = {
        ("zone inondable", "interdit"): [axis.buffer(120)],
        ("zone humide", "interdit"): list(shapely.box(east - 60, south - 40, east + 90, north + 40)),
        ("périmètre de captage", "conditionne"): [centre.buffer(270) for centre in centres[::3]],
    }
    kinds_and_effects = [pair for pair, shapes in grounds.items() for _ in shapes]
    return frame(
        [shape for shapes in grounds.values() for shape in shapes],
        contrainte_id=[f"K{number}" for number in range(1, len(kinds_and_effects) + 1)],
        contrainte_type=[kind for kind, _ in kinds_and_effects],
        contrainte_effet=[effect for _, effect in kinds_and_effects],
        source=[NAME] * len(kinds_and_effects),
    )


def _along_a_site(axis: shapely.LineString, business: GeoDataFrame) -> shapely.LineString:
    """Move the canal so that it runs 20 m south of the site that was nearest to it."""
    site = business.geometry.iloc[int(business.distance(axis).to_numpy().argmin())]
    west, south, east, _ = site.bounds
    bends = shapely.get_coordinates(axis)
    far_bends = bends[(bends[:, 0] < west - 400) | (bends[:, 0] > east + 400)]
    quay = [(west - 80, south - 20), (east + 80, south - 20)]
    new_bends = np.concatenate([far_bends, quay])
    return shapely.LineString(new_bends[np.argsort(new_bends[:, 0], kind="stable")])
