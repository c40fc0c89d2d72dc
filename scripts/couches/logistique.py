"""``canal_seine_nord``, the planned canal and its works; ``logistique``, what serves the territory.

What comes from an ODbL database is in ``logistique_odbl``, a layer of the same kind: a database that holds
such objects is shared under ODbL.
"""

from collections.abc import Sequence

import geopandas as gpd
import shapely

from couches import formes, origine, publie
from couches.lecture import (
    ODBL,
    Commune,
    Fact,
    attributes,
    contradiction,
    leading_number,
    licence,
    location,
    slug,
    text,
    year,
)

CANAL = "Canal Seine-Nord Europe"
# Announcement of 31/03/2025, in words in the facts (``attributs`` of the row of type « date »).
ANNOUNCED_ON = "2025-03-31"
PORT_LINKS = ("bimodal", "trimodal")

# A pontoon for pleasure boats loads nothing: the facts call it a quay, the analyses must not.
PLEASURE = "ponton de plaisance"
MARINA = "halte nautique"

# Figures that contradict each other: words of the attributes, and what a reader must know.
CONTRADICTIONS = {
    "ecluse-de-cuinchy": (
        "sas_utile_m=144,60x12;sas_ienc_m=140,0x11,4",
        "sas de 144,60 × 12 m (article « Canal Dunkerque-Escaut ») ou de 140 × 11,40 m (carte de VNF)",
    ),
    "ecluse-de-douai": (
        "sas_utile_m=144,60x12;sas_ienc_m=89,0x11,4",
        "sas de 144,60 × 12 m (article « Canal Dunkerque-Escaut ») ou de 89 × 11,40 m (carte de VNF)",
    ),
    "port-de-bethune-beuvry": (
        "quais_m=450 (550 selon NPI)",
        "450 m de quais, 550 m selon NPI : la longueur retenue est 450 m",
    ),
    "terminal-trimodal-delta-3": (
        "surface_ha=330",
        "de 300 à 330 ha selon les sources, avec une extension de 110 ha : la surface retenue est 330 ha",
    ),
    "canal-dunkerque-escaut": (
        "144,60x12 (143x11,40 selon une autre source)",
        "écluses de 144,60 × 12 m utiles, 143 × 11,40 m selon une autre source",
    ),
    "quai-fluvial-du-parc-des-industries-artois-flandres": (
        "une source de 2017 parle d’un quai existant",
        "quai « à l'étude » selon le SIZIAF (2022), existant selon une source de 2017",
    ),
}


def canal(rows: Sequence[Fact], communes: dict[str, Commune]) -> gpd.GeoDataFrame:
    """The planned canal: everything is a project, and schematic."""
    return origine.layer([_work(row, communes) for row in rows if _is_project(row)], key="ouvrage_id")


def network(rows: Sequence[Fact], communes: dict[str, Commune], *, odbl: bool = False) -> gpd.GeoDataFrame:
    """Canals, locks, ports, quays, junctions and stations that exist or are studied, of one licence."""
    network_rows = [
        row for row in rows if not _is_project(row) and (licence(row) or "").startswith(ODBL) == odbl
    ]
    return origine.layer([_object(row, communes) for row in network_rows], key="objet_id")


def _is_project(row: Fact) -> bool:
    return row["sous_type"] == "CSNE" or row["nom"].startswith(CANAL)


def _work(row: Fact, communes: dict[str, Commune]) -> origine.Row:
    attribute_values = attributes(row["attributs"])
    announced = row["type"] == "date"
    return (
        {
            "ouvrage_id": slug(row["nom"]),
            "ouvrage_nom": row["nom"],
            "ouvrage_type": "annonce" if announced else row["type"],
            "etat": text(row["etat"]),
            "annee_ouverture": year(row["annee"]),
            "date_annonce": ANNOUNCED_ON if announced else None,
        }
        | location(row["insee"], row["commune"], communes)
        | {
            "dans_territoire": _inside(row, communes),
            "longueur_km": leading_number(attribute_values.get("longueur_km")),
            "gabarit": attribute_values.get("cemt"),
            "chute_m": leading_number(attribute_values.get("chute_m")),
            "sas_m": attribute_values.get("sas_m"),
            "desserte": next((link for link in PORT_LINKS if link in row["attributs"].split(";")), None),
            "surface_ha": leading_number(attribute_values.get("surface_ha")),
            "quai_m": leading_number(attribute_values.get("quai_m")),
            "attributs": text(row["attributs"]),
        }
        | _geometry_columns(row)
    )


def _object(row: Fact, communes: dict[str, Commune]) -> origine.Row:
    attribute_values = attributes(row["attributs"])
    station = row["type"].startswith("gare")
    services = row["sous_type"].split("+") if station else []
    objet_id = slug(row["nom"]) + (f"-ligne-{attribute_values['ligne']}" if station else "")
    return (
        {
            "objet_id": objet_id,
            "objet_nom": row["nom"],
            "objet_type": MARINA if row["sous_type"] == PLEASURE else row["type"],
            "objet_sous_type": text(row["sous_type"]),
            "etat": text(row["etat"]),
            "annee": year(row["annee"]),
        }
        | location(row["insee"], row["commune"], communes)
        | {
            "dans_territoire": _inside(row, communes),
            "fret": "fret" in services if station else None,
            "voyageurs": "voyageurs" in services if station else None,
            "code_uic": attribute_values.get("code_uic"),
            "ligne": attribute_values.get("ligne"),
            "pk": attribute_values.get("pk"),
            "autoroute": attribute_values.get("autoroute"),
            "sortie": attribute_values.get("numero"),
            "longueur_km": leading_number(attribute_values.get("longueur_km")),
            "surface_ha": leading_number(attribute_values.get("surface_ha")),
            "attributs": text(row["attributs"]),
            "a_savoir": contradiction(objet_id, CONTRADICTIONS, row["attributs"]),
        }
        | publie.columns(row)
        | {"licence_position": licence(row)}
        | _geometry_columns(row)
    )


def _inside(row: Fact, communes: dict[str, Commune]) -> bool | None:
    """Whether a commune of the object is of the territory; null when no commune is named."""
    codes = row["insee"].split("|") if row["insee"] else []
    return any(code in communes for code in codes) if codes else None


def _geometry_columns(row: Fact) -> origine.Row:
    if row["geometrie_wkt_4326"]:
        line = shapely.from_wkt(row["geometrie_wkt_4326"])
        return origine.located(row, formes.plane(line))
    if not row["lat"]:
        return origine.unlocated(row, row["precision"])
    centre = formes.point(float(row["lon"]), float(row["lat"]))
    # One point stands for a whole canal, whatever the quality of the point.
    return origine.located(row, centre, stands_for=row["type"] == "canal")
