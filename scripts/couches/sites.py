"""``sites_eco``, the named sites, and ``foncier_disponible``, what is published as land to come or on offer.

The tables at the top are our conventions, in the order in which they apply: a planner
can read them, and change one line.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import shapely

from artois_geo.kinds.deductions import read_deductions
from couches import formes, origine, publie
from couches.lecture import (
    BadFacts,
    Commune,
    Fact,
    contradiction,
    licence,
    location,
    number,
    plain_text,
    slug,
    text,
    year,
)

SUB_SITE = "sous-site"  # of the facts
ZAE = "zone d'activité économique"

# --- Famille: the five families of the offer table. Not a standard: no source publishes them. -----
FAMILY_BY_NAME = (("parc d'innovation", "parc d'innovation"),)
FAMILY_BY_VOCATION = read_deductions()["famille"].values
CONVENTION = "convention du projet"

# --- Recycled land or extension: only what the words of the facts say. ----------------------------
# An article about an extension does not make the whole site one: its title is not looked at. Nor does
# an extension that is added to an older part (« 66 ha + extension de 81 ha »).
LAND_ORIGIN = (
    (
        "recyclé",
        ("nom", "note", "source"),
        r"ancien site|friche|reconversion|emprise liberee|liberes? apres|usine fermee|delaisse par",
    ),
    ("extension", ("nom", "note"), r"extension|agrandissement"),
)
PARTLY = r"\bha \+ extension"

# --- Sub-sites: never added to their parent. ------------------------------------------------------
PARENTS = {
    "parc-des-industries-artois-flandres": (
        "même opérateur (SIZIAF), même parc",
        (
            "prologis-park",
            "gigafactory-acc",
            "bande-ouest-du-parc-des-industries",
            "parc-tertiaire-est",
            "avenue-de-paris-pole-de-vie-du-parc-des-industries",
            "francaise-de-mecanique-stellantis",
            "usine-atlantic",
        ),
    ),
    "zone-industrielle-de-ruitz": (
        "sous-site des faits, même commune",
        ("village-d-entreprises-de-ruitz", "campus-corning"),
    ),
    "logisterra26": ("« dans LogisterrA26 (ne pas additionner) »", ("plate-forme-logisterra",)),
    "pole-industriel-commercial-et-de-services-henin-beaumont-noyelles-godault": (
        "« partie du pôle Hénin-Beaumont / Noyelles-Godault (ne pas additionner) »",
        ("parc-d-activite-commerciale-de-noyelles",),
    ),
    "parc-de-la-porte-nord": ("même nom, même commune", ("parc-technologique-de-la-porte-nord",)),
    "parc-d-activites-de-l-alouette": ("nommé dans le sous-site", ("plateforme-logistique-groupe-seb",)),
    "vivalley-campus": ("même nom, même commune", ("vivalley-center",)),
    "plate-forme-multimodale-delta-3": (
        "même nom, « incluse dans Delta 3 »",
        ("delta-3-zone-logistique-d", "delta-3-parc-multiservice"),
    ),
}


# --- Figures that contradict each other: words of the note, and what a reader must know. ----------
CONTRADICTIONS = {
    "parc-d-activites-du-moulin": (
        "quelque 25 hectares",
        "23 ha selon un article, « quelque 25 hectares » selon un second : la surface retenue est 23 ha",
    ),
    "logisterra26": (
        "54 ha selon l’inauguration, 55 ha ensuite",
        "54 ha selon l'inauguration, 55 ha ensuite : la surface retenue est 55 ha",
    ),
    "plate-forme-logisterra": (
        "24 ha (25 selon la presse)",
        "24 ha, 25 ha selon la presse : la surface retenue est 24 ha",
    ),
    "parc-d-activites-de-l-alouette": (
        "147 ha (141 ha selon La Gazette)",
        "147 ha (66 ha et une extension de 81 ha) selon l'aménageur, 141 ha selon La Gazette : "
        "la surface retenue est 147 ha",
    ),
    "plate-forme-multimodale-delta-3": (
        "environ 330 ha",
        "de 300 à 330 ha selon les sources, avec une extension de 110 ha : la surface retenue est 330 ha",
    ),
    "ecopole-agora": (
        "50 ha (Seveso) ou 67 ha selon la source",
        "50 ha (Seveso) ou 67 ha selon la source : la surface retenue est 50 ha",
    ),
    "francaise-de-mecanique-stellantis": (
        "emprise ramenée de 140 (ou 138) à 40 ha ; 100 ha libérés selon le SIZIAF, 90 ha",
        "100 ha libérés selon le SIZIAF, 90 ha dans la convention de revitalisation ; "
        "emprise d'origine de 140 ou 138 ha",
    ),
    "port-de-bethune-beuvry": (
        "quais 450 m (330 + 120) ou 550 m selon les sources",
        "450 m de quais (330 + 120) ou 550 m selon les sources : la longueur retenue est 450 m",
    ),
}


@dataclass(frozen=True)
class Offer:
    """Land that the facts speak of as available, now or one day. ``words``: theirs, and checked to be."""

    site_id: str
    status: str
    words: str
    counts: bool
    reason: str
    surface_ha: float | None = None  # null: read in surface_dispo_ha of the facts
    dated: str | None = None
    mode: str | None = None
    published: Mapping[str, tuple[str, str]] = field(
        default_factory=dict
    )  # words of the note, and in English
    timing_source: str | None = None  # where it is not that of the offer


PUBLISHED = ("lots_publies", "acces_publie", "reseaux_publies", "calendrier_publie")

OFFERS = (
    Offer(
        "bande-ouest-du-parc-des-industries",
        "offert",
        "9 parcelles viabilisées (10 ha) en vente de 5 000 à 20 000 m²",
        counts=True,
        reason="parcelles publiées en vente ; la commercialisation depuis 2022 n'est pas connue",
        dated="2022-05-02",
        mode="vente",
        published={
            "lots_publies": ("9 parcelles de 5 000 à 20 000 m²", "9 plots of 5,000 to 20,000 m²"),
            "acces_publie": ("le long de la RN47", "along the RN47 road"),
            "reseaux_publies": ("parcelles viabilisées", "serviced plots"),
            "calendrier_publie": ("terrains inaugurés le 22/05/2023", "land opened on 22 May 2023"),
        },
        timing_source="https://www.parcdesindustries.com/categorie-actu/evenement/",
    ),
    Offer(
        "port-de-harnes",
        "offert",
        "parcelle n°17 de 41 556 m² offerte (AMI) en zone ouest, au sud du canal de la Haute-Deûle",
        counts=True,
        reason="parcelle publiée comme offerte ; occupation temporaire du domaine public, pas une vente",
        dated="2024",
        mode="occupation temporaire",
        published={
            "lots_publies": ("parcelle n°17", "plot no. 17"),
            "acces_publie": ("au sud du canal de la Haute-Deûle", "south of the Haute-Deûle canal"),
        },
    ),
    Offer(
        "site-actuel-de-l-hopital-de-lens",
        "mutable",
        "11 ha en bordure de centre-ville libérés après transfert (2027)",
        counts=False,
        reason="libéré après le transfert annoncé pour 2027 : pas encore offert",
        surface_ha=11,
        published={
            "acces_publie": ("en bordure de centre-ville", "on the edge of the town centre"),
            "calendrier_publie": ("libérés après transfert (2027)", "released after the move (2027)"),
        },
    ),
    Offer(
        "logisterra26",
        "commercialisable à l'origine",
        "environ 50 ha commercialisables en 9 lots",
        counts=False,
        reason="lots de 2018-2019 : ce qui reste à vendre n'est pas publié",
        surface_ha=50,
        dated="2018",
        published={
            "acces_publie": ("échangeur A26 n°6.1 à 500 m", "A26 motorway junction no. 6.1 at 500 m"),
        },
    ),
    Offer(
        "zac-sainte-henriette",
        "urbanisable",
        "120 ha dont 29 urbanisables",
        counts=False,
        reason="urbanisable dans le projet de ZAC (2009) : aucune offre publiée",
        surface_ha=29,
        dated="2009",
    ),
    Offer(
        "zone-d-activites-de-mazinghem",
        "parcelles annoncées",
        "extension de 10 parcelles, travaux mai 2022 – janvier 2023",
        counts=False,
        reason="aucune surface publiée, ni ce qui reste à vendre",
        dated="2023-01",
        published={
            "lots_publies": ("10 parcelles", "10 plots"),
            "acces_publie": ("au bord de la RN43", "on the RN43 road"),
            "calendrier_publie": ("travaux mai 2022 – janvier 2023", "works from May 2022 to January 2023"),
        },
    ),
)


def sites(rows: Sequence[Fact], communes: dict[str, Commune]) -> gpd.GeoDataFrame:
    """The named sites, those that are nowhere to be found included."""
    return origine.layer([_site(row, communes) for row in rows], key="site_id")


def available(rows: Sequence[Fact], communes: dict[str, Commune]) -> gpd.GeoDataFrame:
    """Land published as available: one row per statement of the facts."""
    facts = {slug(row["nom"]): row for row in rows}
    stated = {offer.site_id for offer in OFFERS}
    forgotten = [name for name, row in facts.items() if row["surface_dispo_ha"] and name not in stated]
    if forgotten:
        raise BadFacts(f"Surface disponible publiée mais absente de OFFERS : {', '.join(forgotten)}.")
    return origine.layer(
        [_offer(offer, facts, communes) for offer in OFFERS], key="terr_id", always_drawn=True
    )


def _site(row: Fact, communes: dict[str, Commune]) -> origine.Row:
    site_id = slug(row["nom"])
    family, family_origin = _family(row)
    land, land_words = _land_origin(row)
    parent, parent_origin = _parent(row, site_id)
    not_counted = _not_counted(row, parent)
    return (
        {
            "site_id": site_id,
            "site_nom": row["nom"],
            "site_type": _type(row),
            "site_vocadomi": text(row["vocation"]),
            "site_etat": text(row["etat"]),
            "famille": family,
            "famille_origine": family_origin,
        }
        | _of_site(location(row["communes_insee"], row["communes"], communes, epci=row["epci"]))
        | {
            "site_surf_brute": number(row["surface_ha"]),
            "site_surf_comm_dispo": number(row["surface_dispo_ha"]),
            "foncier_origine": land,
            "foncier_origine_motif": land_words,
            "est_sous_site": parent is not None,
            "parent_id": parent,
            "parent_origine": parent_origin,
            "site_moa_nom": text(row["operateur"]),
            "annee": year(row["annee"]),
            "note": text(row["note"]),
            "a_savoir": contradiction(site_id, CONTRADICTIONS, row["note"]),
        }
        | publie.columns(row)
        | {
            "compte_dans_total": not_counted is None,
            "compte_motif": not_counted,
            "licence_position": licence(row),
        }
        | _geometry_columns(row, number(row["surface_ha"]))
    )


def _of_site(location_columns: dict[str, object]) -> origine.Row:
    """The place of a site under the names of the CNIG; what the standard has no name for keeps its own."""
    names = ("comm_insee", "comm_nom", "epci_siren", "epci_nom")
    return {f"site_{name}" if name in names else name: value for name, value in location_columns.items()}


def _type(row: Fact) -> str | None:
    """The type of a site; none for a sub-site, which ``est_sous_site`` says and the CNIG has no word for."""
    return None if row["site_type"] == SUB_SITE else text(row["site_type"])


def _not_counted(row: Fact, parent: str | None) -> str | None:
    """Why a site is none of the zones that are counted; null when it is one."""
    if row["site_type"] != ZAE:
        return f"n'est pas une ZAE : {row['site_type'] or 'type non publié'}"
    if parent is not None:
        return "compris dans un autre site"
    return "en projet : aucune source ne dit la zone réalisée" if row["etat"] == "en projet" else None


def _geometry_columns(row: Fact, area_ha: float | None) -> origine.Row:
    """A disc of the published area, a point when there is none, nothing when the place is unknown."""
    if not row["lat"]:
        return origine.unlocated(row, f"{row['precision']} : {row['note']}")
    centre = formes.point(float(row["lon"]), float(row["lat"]))
    shape: shapely.Geometry = formes.disc(centre, area_ha) if area_ha else centre
    return origine.located(row, shape)


def _family(row: Fact) -> tuple[str, str]:
    folded_name = plain_text(row["nom"])
    for words, family in FAMILY_BY_NAME:
        if words in folded_name:
            return family, f"{CONVENTION} : le nom contient « {words} »"
    vocation = row["vocation"]
    if not vocation:
        return "autre", f"{CONVENTION} : vocation non publiée"
    if vocation == "mixte" and row["site_type"] not in {ZAE, SUB_SITE}:
        return "autre", f"{CONVENTION} : vocation « mixte » hors ZAE, usage à venir non publié"
    if vocation not in FAMILY_BY_VOCATION:
        raise BadFacts(f"Vocation sans famille, à ajouter à FAMILY_BY_VOCATION : {vocation}.")
    return FAMILY_BY_VOCATION[vocation], f"{CONVENTION} : vocation « {vocation} »"


def _land_origin(row: Fact) -> tuple[str, str | None]:
    """Where the ground of the whole site comes from, and the words that say it."""
    if re.search(PARTLY, plain_text(row["note"])):
        return "inconnu", None
    for value, columns, words in LAND_ORIGIN:
        for column in columns:
            for statement in _statements(row, column):
                if re.search(words, plain_text(statement)):
                    return value, f"{column} : « {statement} »"
    return "inconnu", None


def _statements(row: Fact, column: str) -> list[str]:
    """What a cell says, cut at its separators; the words of an address are its last part."""
    parts = [part.strip() for part in row[column].split(" ; ")]
    if column != "source":
        return parts
    titles = [part.rstrip("/").rsplit("/", 1)[-1] for part in parts]
    return [re.sub(r"[-_?=:]+|\.html?$|\b\d{5}\b", " ", title).strip() for title in titles]


def _parent(row: Fact, site_id: str) -> tuple[str | None, str | None]:
    for parent, (origin, children) in PARENTS.items():
        if site_id in children:
            return parent, origin
    if row["site_type"] == SUB_SITE or "ne pas additionner" in row["note"]:
        raise BadFacts(f"Sous-site sans parent, à ajouter à PARENTS : {row['nom']}.")
    return None, None


def _published(offer: Offer) -> origine.Row:
    """What the facts publish in words, in French and in English; null where they are silent."""
    texts = {name: offer.published.get(name, (None, None)) for name in PUBLISHED}
    return {
        f"{name}{suffix}": pair[i] for name, pair in texts.items() for i, suffix in enumerate(("", "_en"))
    }


def _offer(offer: Offer, facts: dict[str, Fact], communes: dict[str, Commune]) -> origine.Row:
    row = facts[offer.site_id]
    if offer.words not in row["note"]:
        raise BadFacts(f"{row['nom']} : la note des faits ne dit plus « {offer.words} ».")
    for words, _ in offer.published.values():
        if absent := set(words.split()) - set(re.split(r"[\s;,]+", row["note"])):
            raise BadFacts(f"{row['nom']} : la note des faits ne dit plus « {min(absent)} ».")
    area_ha = offer.surface_ha if offer.surface_ha is not None else number(row["surface_dispo_ha"])
    family, family_origin = _family(row)
    land, land_words = _land_origin(row)
    return (
        {
            "terr_id": f"foncier-{offer.site_id}",
            "site_nom": row["nom"],
            "site_id": offer.site_id,
            "dispo_statut": offer.status,
            "terr_surf_brute": area_ha,
            "dispo_source_texte": offer.words,
            "date_info": offer.dated,
            "dispo_mode": offer.mode,
        }
        | _published(offer)
        | {
            "calendrier_publie_source": offer.timing_source,
            "compte_dans_total": offer.counts,
            "compte_motif": offer.reason,
            "site_type": _type(row),
            "site_vocadomi": text(row["vocation"]),
            "famille": family,
            "famille_origine": family_origin,
            "foncier_origine": land,
            "foncier_origine_motif": land_words,
        }
        | _of_site(location(row["communes_insee"], row["communes"], communes))
        | {
            "site_surf_brute": number(row["surface_ha"]),
            "site_moa_nom": text(row["operateur"]),
            "licence_position": licence(row),
        }
        | _geometry_columns(row, area_ha)
    )
