"""Lines of the fictional territory: canal, quays, greenways, corridors, constraints."""

from itertools import pairwise

import numpy as np
import shapely
from geopandas import GeoDataFrame
from pandas import DataFrame

from artois_geo.example.ground import ORIGIN, frame
from artois_geo.example.names import NAME


def networks(towns: GeoDataFrame, side: float) -> dict[str, DataFrame]:
    """Canal from west to east, its quays, greenways between towns, corridors, constraints."""
    x, y = ORIGIN
    steps = np.linspace(0, 1, 9)
    axis = shapely.LineString(
        np.column_stack([x + steps * side, y + side * (0.45 + 0.06 * np.sin(steps * 6))])
    )
    canal = frame(
        [axis], ouvrage_id=["canal-d-exemple"], ouvrage_nom=["Canal d'Exemple"], ouvrage_type=["canal"]
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
    limits = frame(
        [axis.buffer(120), *(centre.buffer(150) for centre in centres[::3])],
        contrainte_id=[f"K{number}" for number in range(1, len(centres[::3]) + 2)],
        contrainte_type=["zone inondable", *["périmètre de captage"] * len(centres[::3])],
        contrainte_effet=["interdit", *["conditionne"] * len(centres[::3])],
        source=[NAME] * (len(centres[::3]) + 1),
    )
    return {
        "voies_vertes": greenways,
        "corridors": corridors,
        "canal": canal,
        "quais": quays,
        "contraintes": limits,
    }
