"""What stands on the fictional ground: business sites, plots, parcels, buildings, projects, brownfields."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.random import Generator

from artois_geo.example.ground import frame
from artois_geo.example.names import DAY, NAME


def make_sites(towns: GeoDataFrame, count: int, dice: Generator) -> GeoDataFrame:
    town = np.arange(count) % len(towns)
    rank_in_town = np.arange(count) // len(towns)
    centre = shapely.get_coordinates(towns["centre"].to_numpy())[town]
    width, depth = np.rint(dice.uniform(180, 420, count)), np.rint(dice.uniform(150, 360, count))
    # round the town, so that two sites of a commune do not meet
    angle = rank_in_town * 1.9
    reach = 250 + 480 * rank_in_town
    x, y = centre[:, 0] + np.cos(angle) * reach, centre[:, 1] + np.sin(angle) * reach
    shapes = shapely.box(x, y, x + width, y + depth)
    hectares = np.round(shapely.area(shapes) / 10_000, 4)
    insee = towns["comm_insee"].to_numpy()[town]
    kinds = ["industrielle", "entrepôts, logistique", "artisanale", "mixte", "tertiaire"]
    return frame(
        shapes,
        site_id=[f"{code}_SITE-ECO_{number:04d}" for number, code in enumerate(insee, start=1)],
        site_nom=[f"Zone d'Exemple {number}" for number in range(1, count + 1)],
        site_type=["zone d'activité économique"] * count,
        site_vocadomi=[kinds[number % len(kinds)] for number in range(count)],
        site_etat=["existant et actif" if number % 4 else "en projet" for number in range(count)],
        site_surf_brute=hectares,
        site_surf_utile=np.round(hectares * 0.8, 4),
        site_identif_date=[DAY] * count,
        site_actu_date=[DAY] * count,
        site_comm_nom=towns["comm_nom"].to_numpy()[town],
        site_comm_insee=insee,
        site_epci_nom=towns["epci_nom"].to_numpy()[town],
        site_epci_siren=towns["epci_siren"].to_numpy()[town],
        site_moa_type=["epci"] * count,
    )


def with_jobs(business: GeoDataFrame, dice: Generator) -> GeoDataFrame:
    """Add the firms and jobs of each site that is in use."""
    firms = dice.integers(2, 12, len(business))
    jobs = np.rint(business.area.to_numpy() / 10_000 * dice.uniform(8, 40, len(business))).astype(int)
    active = business["site_etat"].to_numpy() == "existant et actif"
    return business.assign(
        site_nb_etab=pd.array(np.where(active, firms, 0), dtype="Int64"),
        site_nb_emploi=pd.array(np.where(active, jobs, 0), dtype="Int64"),
    )


def make_plots(business: GeoDataFrame, dice: Generator) -> GeoDataFrame:
    shapes: list[shapely.Geometry] = []
    rows: list[dict[str, object]] = []
    for _, site in business.iterrows():
        west, south, east, north = site.geometry.bounds
        for quarter in range(4):
            x = west + (east - west) * (quarter % 2) / 2
            y = south + (north - south) * (quarter // 2) / 2
            shapes.append(shapely.box(x, y, x + (east - west) / 2, y + (north - south) / 2))
            free = bool(dice.random() < 0.35)
            rows.append(
                {
                    "terr_id": f"{site.site_comm_insee}_TERRAIN-ECO_{len(rows) + 1:05d}",
                    "site_id": site.site_id,
                    "terr_surf_brute": round(shapes[-1].area / 10_000, 4),
                    "terr_utile": "oui",
                    "terr_identif_date": DAY,
                    "terr_actu_date": DAY,
                    "terr_maitrise_fonc": "commune",
                    "terr_stade_amngt": "viabilisé non aménagé" if free else "viabilisé et aménagé",
                    "terr_stade_comm": "en vente" if free else "vendu, commercialisation achevée",
                    "terr_etat_occup": "inoccupé" if free else "occupé",
                    "terr_usage": "bâti productif",
                }
            )
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=2154)


def parcels(plots: GeoDataFrame) -> GeoDataFrame:
    insee = plots["terr_id"].str[:5]
    number = range(1, len(plots) + 1)
    ids = [f"{code}000{chr(65 + n // 9999)}A{n % 9999:04d}" for code, n in zip(insee, number, strict=True)]
    return frame(
        plots.geometry.to_numpy(),
        id=ids,
        commune=insee.to_numpy(),
        contenance=np.rint(plots.area.to_numpy()).astype(int),
        proprietaire=[f"P{n // 3}" for n in number],
    )


def buildings(plots: GeoDataFrame, dice: Generator) -> GeoDataFrame:
    used = plots[plots["terr_etat_occup"] == "occupé"]
    west, south, east, north = used.bounds.to_numpy().T
    share = np.sqrt(dice.uniform(0.05, 0.45, len(used)))
    x, y = (west + east) / 2, (south + north) / 2
    half_width, half_depth = (east - west) * share / 2, (north - south) * share / 2
    return frame(
        shapely.box(x - half_width, y - half_depth, x + half_width, y + half_depth),
        batiment_id=[f"B{number:05d}" for number in range(1, len(used) + 1)],
    )


def projects(business: GeoDataFrame, dice: Generator) -> GeoDataFrame:
    accounts = ["local", "local", "recyclé", "PENE", "régional", "local", "exempté"]
    count = len(business)
    account = np.array([accounts[number % len(accounts)] for number in range(count)])
    start = dice.integers(2025, 2033, count)
    hectares = np.round(business.area.to_numpy() / 10_000 * dice.uniform(0.2, 0.6, count), 2)
    park = account == "exempté"

    def of_parks(value: object) -> list[object]:
        return [value if is_park else None for is_park in park]

    yes = of_parks(True)
    return frame(
        business.geometry.to_numpy(),
        projet_id=[f"projet-{number:03d}" for number in range(1, count + 1)],
        projet_nom=[f"Projet d'exemple {number}" for number in range(1, count + 1)],
        comm_insee=business["site_comm_insee"].to_numpy(),
        epci=business["site_epci_siren"].to_numpy(),
        projet_nature=np.where(park, "énergie", "activité"),
        projet_etat=["étude"] * count,
        annee_debut=start,
        consommation_ha=np.where(account == "recyclé", 0.0, hectares),
        projet_compte=account,
        occupation_avant=np.where(account == "recyclé", "friche", "culture"),
        justificatif=np.where(account == "local", "", "pièce fictive"),
        pv_espace=of_parks("agricole"),
        pv_reversible=yes,
        pv_couvert_vegetal=yes,
        pv_activite_agricole=yes,
        pv_hauteur_m=of_parks(1.2),
        pv_espacement_m=of_parks(3.0),
        pv_ancrage=yes,
        pv_cloture=yes,
        pv_voies=yes,
        source=[NAME] * count,
    )


def brownfields(towns: GeoDataFrame, side: float, dice: Generator) -> GeoDataFrame:
    site_towns = towns.iloc[:: max(1, len(towns) // 4)]
    corners = shapely.get_coordinates(site_towns["centre"].to_numpy()) - 300
    size = np.rint(dice.uniform(80, 200, len(site_towns)))
    return frame(
        shapely.box(corners[:, 0] - size, corners[:, 1] - size, corners[:, 0], corners[:, 1]),
        site_id=[f"friche-{code}" for code in site_towns["comm_insee"]],
        site_nom=[f"Friche d'{name}" for name in site_towns["comm_nom"]],
        site_type=["friche industrielle"] * len(site_towns),
        site_statut=["friche sans projet"] * len(site_towns),
        site_identif_date=[DAY] * len(site_towns),
        site_actu_date=[DAY] * len(site_towns),
        comm_nom=site_towns["comm_nom"].to_numpy(),
        comm_insee=site_towns["comm_insee"].to_numpy(),
        urba_zaer=["non"] * len(site_towns),
        source_nom=[NAME] * len(site_towns),
    )
