"""Tables of the fictional territory: yearly consumption, communal documents, firms, owners, freight."""

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.random import Generator
from pandas import DataFrame

from artois_geo.example.names import NAME

_ADDRESS = (
    "N° de voirie",
    "Indice de répétition",
    "Code voie MAJIC",
    "Code voie rivoli",
    "Nature voie",
    "Nom voie",
)
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


def firms(business: GeoDataFrame, plots: GeoDataFrame, dice: Generator) -> DataFrame:
    """Make a table like SIRENE: a firm or two on each plot in use, a closed one on some empty plots.

    One row lies outside the parks, and one has no position.
    """
    used = (plots["terr_etat_occup"] == "occupé").to_numpy()
    plot = np.concatenate([np.flatnonzero(used), np.flatnonzero(~used)[::2]])
    is_open = used[plot]
    spots = plots.geometry.representative_point().to_numpy()[plot]
    x, y = np.array([[spot.x, spot.y] for spot in spots]).reshape(-1, 2).T
    west, south, _, _ = business.total_bounds
    x, y = np.round([*x, west - 3_000, np.nan], 2), np.round([*y, south - 3_000, np.nan], 2)
    is_open = np.append(is_open, [True, True])
    count = len(is_open)
    since = [f"{year}-03-31" for year in dice.integers(2015, 2024, count)]
    return DataFrame(
        {
            "siret": [f"{99_000_000_000_000 + number}" for number in range(count)],
            "dateCreationEtablissement": ["2010-01-01"] * count,
            "trancheEffectifsEtablissement": dice.choice(["01", "11", "21"], count),
            "dateDebut": since,
            "etatAdministratifEtablissement": np.where(is_open, "A", "F"),
            "denominationUsuelleEtablissement": [
                f"Firme d'exemple {number}" for number in range(1, count + 1)
            ],
            "activitePrincipaleEtablissement": ["52.10B"] * count,
            "coordonneeLambertAbscisseEtablissement": x,
            "coordonneeLambertOrdonneeEtablissement": y,
        }
    )


def legal_owners(lots: GeoDataFrame, dice: Generator) -> DataFrame:
    """Make a table like that of the parcels of legal persons, of 24 columns; one in four is not in it."""
    rows = lots.iloc[[number for number in range(len(lots)) if number % 4]]
    names = rows["id"].to_numpy()
    empty = np.full(len(rows), "")
    group = dice.choice(["0", "4", "9"], len(rows))
    label = {"0": "SCI d'exemple", "4": "Commune d'exemple", "9": "Établissement d'exemple"}
    columns: dict[str, object] = {
        "Département (Champ géographique)": [name[:2] for name in names],
        "Code Direction (Champ géographique)": empty,
        "Code Commune (Champ géographique)": [name[2:5] for name in names],
        "Nom Commune (Champ géographique)": empty,
        "Préfixe (Références cadastrales)": [name[5:8] for name in names],
        "Section (Références cadastrales)": [name[8:10] for name in names],
        "N° plan (Références cadastrales)": [name[10:] for name in names],
        **{f"{part} (Adresse parcelle)": empty for part in _ADDRESS},
        "Contenance (Caractéristiques parcelle)": rows["contenance"].to_numpy(),
        **{f"{part} (Evaluation SUF)": empty for part in ("SUF", "Nature culture", "Contenance")},
        "Code droit (Propriétaire(s) parcelle)": ["P - PROPRIETAIRE"] * len(rows),
        "N° MAJIC (Propriétaire(s) parcelle)": empty,
        "N° SIREN (Propriétaire(s) parcelle)": ["990000000"] * len(rows),
        "Groupe personne (Propriétaire(s) parcelle)": group,
        "Forme juridique (Propriétaire(s) parcelle)": empty,
        "Forme juridique abrégée (Propriétaire(s) parcelle)": empty,
        "Dénomination (Propriétaire(s) parcelle)": [label[code] for code in group],
    }
    return DataFrame(columns)


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
