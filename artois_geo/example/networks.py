"""Lines of the fictional territory: canal, quays, greenways, corridors, constraints."""

from itertools import pairwise

import numpy as np
import shapely
from geopandas import GeoDataFrame
from pandas import DataFrame

from artois_geo.example.ground import ORIGIN, frame
from artois_geo.example.names import NAME


def networks(towns: GeoDataFrame, business: GeoDataFrame, side: float) -> dict[str, DataFrame]:
    """Make a canal from west to east, its quays, greenways between towns, corridors, constraints."""
    x, y = ORIGIN
    steps = np.linspace(0, 1, 9)
    bends = np.column_stack([x + steps * side, y + side * (0.45 + 0.06 * np.sin(steps * 6))])
    axis = _along_a_site(shapely.LineString(bends), business)
    canal = frame(
        [axis],
        ouvrage_id=["canal-d-exemple"],
        ouvrage_nom=["Canal d'Exemple"],
        ouvrage_type=["canal"],
        gabarit=["Va"],
    )
    quays = frame(
        [shapely.line_interpolate_point(axis, share, normalized=True) for share in (0.25, 0.75)],
        quai_id=["quai-1", "quai-2"],
        quai_nom=["Quai d'Amont", "Quai d'Aval"],
        quai_statut=["en service", "en projet"],
    )
    centres = towns["centre"].to_numpy()
    order = np.argsort(shapely.get_x(centres), kind="stable")
    pairs = list(pairwise(order))
    ways = [shapely.LineString([centres[a], centres[b]]) for a, b in pairs]
    insee = towns["comm_insee"].to_numpy()
    greenways = frame(
        ways,
        id_local=[f"VV{number:03d}" for number in range(1, len(ways) + 1)],
        code_com_d=[insee[a] for a, _ in pairs],
        code_com_g=[insee[b] for _, b in pairs],
        ame_d=["VOIE VERTE"] * len(ways),
        ame_g=["VOIE VERTE"] * len(ways),
        statut_d=["EN SERVICE" if number % 4 else "EN TRAVAUX" for number in range(len(ways))],
        statut_g=["EN SERVICE" if number % 4 else "EN TRAVAUX" for number in range(len(ways))],
    )
    corridors = frame(
        [way.buffer(30, cap_style="flat") for way in ways[::2]],
        corridor_id=[f"C{number}" for number in range(1, len(ways[::2]) + 1)],
        corridor_etat=["fonctionnel"] * len(ways[::2]),
    )
    _, south, east, north = business.bounds.to_numpy()[::2].T
    grounds = {
        ("zone inondable", "interdit"): [axis.buffer(120)],
        ("zone humide", "interdit"): list(shapely.box(east - 60, south - 40, east + 90, north + 40)),
        ("périmètre de captage", "conditionne"): [centre.buffer(270) for centre in centres[::3]],
    }
    kinds_and_effects = [pair for pair, shapes in grounds.items() for _ in shapes]
    limits = frame(
        [shape for shapes in grounds.values() for shape in shapes],
        contrainte_id=[f"K{number}" for number in range(1, len(kinds_and_effects) + 1)],
        contrainte_type=[kind for kind, _ in kinds_and_effects],
        contrainte_effet=[effect for _, effect in kinds_and_effects],
        source=[NAME] * len(kinds_and_effects),
    )
    return {
        "voies_vertes": greenways,
        "corridors": corridors,
        "canal": canal,
        "quais": quays,
        "contraintes": limits,
    }


def _along_a_site(axis: shapely.LineString, business: GeoDataFrame) -> shapely.LineString:
    """Move the canal so that it runs 20 m south of the site that was nearest to it."""
    site = business.geometry.iloc[int(business.distance(axis).to_numpy().argmin())]
    west, south, east, _ = site.bounds
    bends = shapely.get_coordinates(axis)
    far_bends = bends[(bends[:, 0] < west - 400) | (bends[:, 0] > east + 400)]
    quay = [(west - 80, south - 20), (east + 80, south - 20)]
    new_bends = np.concatenate([far_bends, quay])
    return shapely.LineString(new_bends[np.argsort(new_bends[:, 0], kind="stable")])
