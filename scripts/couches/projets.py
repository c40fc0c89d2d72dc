"""``grands_projets`` (points of the projects) and ``chiffres_cles`` (published figures, no geometry)."""

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd

from couches import formes, origine
from couches.lecture import BadFacts, Commune, Fact, location, number, slug, text

TITLES = Path(__file__).with_name("chiffres.toml")

# Projects that are also a named site: the card of one leads to the other.
SITES = {
    "lancement-d-acc-vallee-de-l-electromobilite": "gigafactory-acc",
    "vivalley": "vivalley-campus",
    "parc-solaire-de-leforest": "parc-solaire-communautaire-de-leforest",
    "garage-solidaire-afeji-mobilite-services": "garage-solidaire-afeji-mobilite-services",
    "piac-de-carvin": "piac-pepiniere-d-initiatives-et-d-activites-creatrices",
    "campus-euralogistic": "campus-euralogistic",
    "pole-de-vie-du-parc-des-industries-artois-flandres": (
        "avenue-de-paris-pole-de-vie-du-parc-des-industries"
    ),
}


def projects(rows: Sequence[Fact], communes: dict[str, Commune]) -> gpd.GeoDataFrame:
    """Major projects and label winners; those of the whole territory have no geometry."""
    return origine.layer([_project(row, communes) for row in rows], key="projet_id")


def figures(rows: Sequence[Fact]) -> gpd.GeoDataFrame:
    """Published and computed figures, one feature each, without geometry."""
    described = tomllib.loads(TITLES.read_text(encoding="utf-8"))
    titled = described["titres"].keys() & described["titres_en"].keys()
    absent = [row["indicateur"] for row in rows if row["indicateur"] not in titled]
    if absent:
        raise BadFacts(f"Chiffres sans titre, à ajouter à {TITLES.name} : {', '.join(absent)}.")
    return origine.layer(
        [
            _figure(row, _source_of(row, before), described)
            for row, before in zip(rows, [rows[0], *rows], strict=False)
        ],
        key="indicateur",
    )


def _project(row: Fact, communes: dict[str, Commune]) -> origine.Row:
    projet_id = slug(row["nom"])
    return (
        {
            "projet_id": projet_id,
            "projet_nom": row["nom"],
            "categorie": row["categorie"],
            "numero": text(row["numero"]),
        }
        | location(row["communes_insee"], row["communes"], communes)
        | {
            "porteur": text(row["porteur"]),
            "statut": text(row["statut"]),
            "chiffres": text(row["chiffres"]),
            "site_id": SITES.get(projet_id),
        }
        | _geometry_columns(row)
    )


def _geometry_columns(row: Fact) -> origine.Row:
    if not row["lat"]:
        return origine.unlocated(row, row["precision"])
    return origine.located(row, formes.point(float(row["lon"]), float(row["lat"])))


def _figure(row: Fact, source: str, described: dict[str, dict[str, str]]) -> origine.Row:
    name = row["indicateur"]
    heading = re.search(r"\(document source\), ([^(]+)", row["source"])
    return {
        "indicateur": name,
        "titre": described["titres"][name],
        "titre_en": described["titres_en"][name],
        "valeur": _value(row["valeur"]),
        "valeur_texte": row["valeur"],
        "unite": row["unite"],
        "unite_en": described["unites_en"].get(row["unite"]),
        "libelle": text(row["libelle"]),
        "rubrique": heading[1].strip() if heading else None,
        "a_savoir": described["corrections"].get(name),
    } | origine.unlocated(row | {"source": source}, "chiffre du territoire entier")


def _source_of(row: Fact, before: Fact) -> str:
    return before["source"] if row["source"] == "idem" else row["source"]


def _value(value_text: str) -> float | int | None:
    """A number, a share when it is written as a fraction."""
    if "/" in value_text:
        above, below = value_text.split("/")
        return float(above) / float(below)
    return number(value_text)
