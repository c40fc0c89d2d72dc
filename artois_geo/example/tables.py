"""Tables of the fictional territory: yearly consumption, communal documents."""

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.random import Generator
from pandas import DataFrame

from artois_geo.example.names import NAME

_USES = ("hab", "act", "mix", "rou", "fer", "inc")


def consumption(towns: GeoDataFrame, dice: Generator) -> DataFrame:
    """Make a table like Cerema's: whole square metres, uses that add up, totals of the period."""
    area = np.rint(towns.area.to_numpy()).astype(int)
    table = DataFrame(
        {"idcom": towns["comm_insee"], "idcomtxt": towns["comm_nom"], "epci25": towns["epci_siren"]}
    )
    table["epci25txt"], table["scot"] = towns["epci_nom"], f"SCoT du {NAME}"
    total = np.zeros(len(towns), dtype=int)
    size = area * dice.uniform(0.0001, 0.0022, len(towns))
    columns: dict[str, np.ndarray] = {}
    for year in range(11, 25):
        pace = 1.0 if year < 21 else 0.75
        shares = dice.dirichlet([5, 3, 0.3, 0.8, 0.05, 0.1], len(towns))
        flow = size * pace * dice.gamma(2.0, 0.5, len(towns))
        parts = np.rint(shares * flow[:, None]).astype(int)
        columns[f"naf{year}art{year + 1}"] = parts.sum(axis=1)
        total += parts.sum(axis=1)
        for column, use in enumerate(_USES):
            columns[f"art{year}{use}{year + 1}"] = parts[:, column]
    columns |= {"naf11art25": total, "artcom1125": np.round(100 * total / area, 2)}
    columns |= {"pop22": towns["population"].to_numpy(), "surfcom2025": area}
    return pd.concat([table, DataFrame(columns)], axis=1)


def plans(towns: GeoDataFrame, dice: Generator) -> DataFrame:
    draw = dice.random(len(towns))
    return DataFrame(
        {
            "comm_insee": towns["comm_insee"],
            "document_date": np.where(draw < 0.7, "2024-05-14", np.where(draw < 0.85, "2026-10-01", "")),
            "justificatif": np.where(draw < 0.85, "délibération fictive", ""),
        }
    )


def units(plots: GeoDataFrame) -> DataFrame:
    """Make the land units of the zones, one per plot, as an inventory lists them."""
    rank = np.arange(len(plots))
    return DataFrame(
        {
            "unit_id": [f"UF{number:04d}" for number in rank + 1],
            "site_id": plots["site_id"].to_numpy(),
            "owner_type": np.where(plots["terr_etat_occup"] == "occupé", "privé", "public"),
            "unit_ha": plots["terr_surf_brute"].to_numpy(),
        }
    )


def establishments(plots: GeoDataFrame, dice: Generator) -> DataFrame:
    """Make the firms of the occupied units; one in eight closed in 2020, so that some units are vacant."""
    rows = np.flatnonzero((plots["terr_etat_occup"] == "occupé").to_numpy())
    closed = dice.random(len(rows)) < 0.125
    closed[:1] = True  # however few they are, an example of a vacant unit
    return DataFrame(
        {
            "unit_id": [f"UF{number:04d}" for number in rows + 1],
            "nom": [f"Entreprise fictive {number}" for number in range(1, len(rows) + 1)],
            "active": np.where(closed, "non", "oui"),
            "closed_on": np.where(closed, "2020-01-01", ""),
        }
    )


def flows() -> DataFrame:
    """Make the freight of two firms that could leave the road."""
    return DataFrame(
        {
            "flux": ["Céréales fictives", "Conteneurs fictifs"],
            "tonnes": [100_000, 40_000],
            "road_km": [120, 90],
            "water_km": [110, 105],
            "haul_km": [5, 12],
            "handlings": [2, 2],
            "boat": ["convoi", "convoi"],
        }
    )
