"""« Pays d'Exemple »: a wholly fictional territory, with every kind of layer that the toolkit knows.

It lies in the Atlantic, so that nobody takes it for ground. Every feature carries
``fictif`` = true. Same seed and sizes, same features, to the last digit. It is what
notebooks, documentation and tests use where open data may not be shipped. Examples of one function
walk on a plain of kilometre squares instead: :func:`square`, :func:`rectangle`, :func:`line`, :func:`point`.
"""

import numpy as np
from pandas import DataFrame

from artois_geo.arguments import guard
from artois_geo.errors import BadValue
from artois_geo.example.business import (
    brownfields,
    buildings,
    make_plots,
    make_sites,
    parcels,
    projects,
    with_jobs,
)
from artois_geo.example.ground import EPCI, ORIGIN, dice, groupings, land_cover, make_towns, zoning
from artois_geo.example.names import NAME
from artois_geo.example.networks import networks
from artois_geo.example.plain import line, point, rectangle, square, towns
from artois_geo.example.tables import consumption, firms, flows, legal_owners, plans

__all__ = [
    "COMMUNE_M",
    "EPCI",
    "NAME",
    "ORIGIN",
    "layers",
    "line",
    "point",
    "rectangle",
    "square",
    "towns",
]

COMMUNE_M = 2_800.0
PRECISION_M = 1  # of what is measured against each other: without it, nothing could be said of a bank


def layers(*, communes: int = 12, ocsge: int = 2_000, sites: int = 12, seed: int = 1) -> dict[str, DataFrame]:
    """Make every layer of the fictional territory, ready to be written or analysed.

    Parameters
    ----------
    communes
        Number of communes (4 at least).
    ocsge
        Number of land-cover polygons of the first photograph.
    sites
        Number of business sites; parcels, buildings and plots follow.
    seed
        Same seed, same territory.

    Returns
    -------
    dict
        By name: ``communes``, ``epci``, ``ocsge_2018``, ``ocsge_2021``, ``ocsge_diff``,
        ``consommation`` (a Cerema-like table, m², no geometry), ``documents``
        (communal documents), ``etablissements`` (SIRENE-like), ``proprietaires`` (like the file of legal
        persons), ``flux`` (freight), ``projets``, ``sites_eco``, ``terrains``, ``parcelles``,
        ``batiments``, ``friches``, ``contraintes``, ``zone_urba``, ``voies_vertes``,
        ``corridors``, ``canal``, ``quais``. Geometries in EPSG:2154.

    Raises
    ------
    BadValue
        A size too small to make a territory.

    Examples
    --------
    >>> from artois_geo.example import layers
    >>> territory = layers(communes=4, ocsge=60, sites=3)
    >>> len(territory["communes"]), bool(all(frame["fictif"].all() for frame in territory.values()))
    (4, True)
    """
    if communes < 4 or ocsge < communes or sites < 1:
        raise BadValue("Le territoire d'exemple demande 4 communes, autant de polygones OCS GE, et un site.")
    side = float(np.rint(COMMUNE_M * np.sqrt(communes)))
    towns = make_towns(communes, side, dice(seed, 1))
    cover_2018, cover_2021, cover_changes = land_cover(towns, ocsge, side, dice(seed, 2))
    business = make_sites(towns, sites, dice(seed, 3))
    business = with_jobs(business, dice(seed, 10))
    plots = make_plots(business, dice(seed, 4))
    territory: dict[str, DataFrame] = {
        "communes": towns.drop(columns="centre"),
        "epci": groupings(towns),
        "ocsge_2018": cover_2018,
        "ocsge_2021": cover_2021,
        "ocsge_diff": cover_changes,
        "consommation": consumption(towns, dice(seed, 5)),
        "documents": plans(towns, dice(seed, 6)),
        "flux": flows(),
        "projets": projects(business, dice(seed, 7)),
        "sites_eco": business,
        "terrains": plots,
        "parcelles": parcels(plots),
        "batiments": buildings(plots, dice(seed, 8)),
        "friches": brownfields(towns, side, dice(seed, 9)),
        "zone_urba": zoning(towns),
        **networks(towns, business, side),
    }
    territory["etablissements"] = firms(business, plots, dice(seed, 11))
    territory["proprietaires"] = legal_owners(territory["parcelles"], dice(seed, 12))
    for name in ("sites_eco", "canal", "quais"):
        territory[name] = territory[name].assign(precision_m=PRECISION_M)
    return {name: frame.assign(fictif=True) for name, frame in territory.items()}


guard(__name__)


def __dir__() -> list[str]:
    return sorted(__all__)
