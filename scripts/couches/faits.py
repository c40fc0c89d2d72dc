"""The facts: CSV rows with a source and a precision, read without losing a zero."""

import csv
import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

FILES = ("communes", "sites", "chaine_des_parcs", "logistics", "projects", "key_figures")

Fact = dict[str, str]


class BadFacts(Exception):
    """The facts are absent, or say something that no rule covers; the message is French."""


@dataclass(frozen=True)
class Commune:
    """What the other layers need to know of a commune of the territory."""

    insee: str
    nom: str
    epci_siren: str
    epci_sigle: str
    epci_nom: str
    lon: float
    lat: float


def read(folder: Path) -> dict[str, list[Fact]]:
    """Every row of every file, as text, with ``fait``: the file and line it comes from."""
    if not folder.is_dir():
        raise BadFacts(
            f"Dossier des faits introuvable : {folder}\n"
            "Placer le dossier « shared » à côté du projet, ou indiquer --faits DOSSIER."
        )
    absent = [f"{name}.csv" for name in FILES if not (folder / f"{name}.csv").is_file()]
    if absent:
        raise BadFacts(f"Faits incomplets dans {folder} : il manque {', '.join(absent)}.")
    return {name: _rows(folder / f"{name}.csv") for name in FILES}


def _rows(path: Path) -> list[Fact]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    # Line 1 is the header; no fact holds a line break, so the row number is the line of the file.
    return [row | {"fait": f"{path.name}, ligne {line}"} for line, row in enumerate(rows, start=2)]


def communes_by_insee(rows: Iterable[Fact]) -> dict[str, Commune]:
    """Communes of the territory by INSEE code."""
    return {
        row["insee"]: Commune(
            insee=row["insee"],
            nom=row["nom"],
            epci_siren=row["epci_siren"],
            epci_sigle=row["epci_sigle"],
            epci_nom=row["epci_nom"],
            lon=float(row["lon"]),
            lat=float(row["lat"]),
        )
        for row in rows
    }


def place(codes: str, names: str, communes: dict[str, Commune]) -> dict[str, object]:
    """Main commune, all communes and EPCI of an object; the main commune is the first one named."""
    listed = codes.split("|") if codes else []
    said = names.split("|") if names else []
    if listed and len(listed) != len(said):
        raise BadFacts(f"Autant de codes que de noms de communes attendus : {codes} / {names}.")
    # The official name where we know it: the source writes « NUX-LES-MINES » for Nœux-les-Mines.
    official = [
        communes[code].nom if code in communes else name for code, name in zip(listed, said, strict=True)
    ]
    known = communes.get(listed[0]) if listed else None
    return {
        "comm_insee": listed[0] if listed else None,
        "comm_nom": official[0] if official else None,
        "communes_insee": codes or None,
        "communes": "|".join(official) or None,
        "epci_siren": known.epci_siren if known else None,
        "epci_sigle": known.epci_sigle if known else None,
        "epci_nom": known.epci_nom if known else None,
    }


def text(value: str) -> str | None:
    """The text of a cell, null when the facts are silent."""
    return value.strip() or None


def number(value: str) -> float | int | None:
    """The number of a cell, an integer when it is written as one."""
    if not value.strip():
        return None
    read_value = float(value.replace(",", "."))
    return int(read_value) if read_value.is_integer() else read_value


def year(value: str) -> int | None:
    """The year of a cell."""
    return int(value) if value.strip() else None


def attributes(cell: str) -> dict[str, str]:
    """The ``key=value`` pairs of a cell such as ``longueur_km=107;cemt=Vb``; free text is left out."""
    pairs = (part.split("=", 1) for part in cell.split(";") if "=" in part)
    return {key.strip(): value.strip() for key, value in pairs}


def leading_number(value: str | None) -> float | int | None:
    """The number a text begins with: ``156 (Sauchy-Lestrée 112 + …)`` gives 156."""
    found = re.match(r"\s*(\d[\d ]*(?:,\d+)?)", value or "")
    return number(found[1].replace(" ", "")) if found else None


def slug(name: str) -> str:
    """Readable identifier of a name: what stands in brackets is left out.

    >>> slug("Louvre-Lens Vallée (totem Parc d’innovation de l’Artois)")
    'louvre-lens-vallee'
    >>> slug("Nœux-les-Mines")
    'noeux-les-mines'
    """
    without_brackets = re.sub(r"\([^)]*\)", " ", name)
    return re.sub(r"[^a-z0-9]+", "-", plain_text(without_brackets)).strip("-")


def plain_text(value: str) -> str:
    """Lower case without accents, one kind of apostrophe: for the rules that look for words."""
    folded = unicodedata.normalize("NFD", value.lower().replace("œ", "oe").replace("’", "'"))
    return "".join(letter for letter in folded if not unicodedata.combining(letter))


# --- Precision -----------------------------------------------------------------------------------

_PLUS_MINUS = re.compile(r"±\s*(?:\d+(?:,\d+)?\s*à\s*)?(\d+(?:,\d+)?)\s*(km|m)\b")
READ = "texte des faits"

# Located facts whose text gives no distance: what we take, and why. A text that is not here, and
# gives no distance, stops the script: a precision is never invented silently.
CONVENTIONS_M = {
    "polygone réel du terril (8,09 ha) ; lac de 9 ha": (
        500,
        "convention : diamètre du disque de 17 ha (terril et lac), arrondi",
    ),
    "coordonnées publiées sur la page": (
        500,
        "convention : position publiée d'un parc sans surface publiée",
    ),
}


def precision(said: str, *, surface_ha: float | None = None) -> tuple[int, str]:
    """Metres by which a position may be off, the worst of what the text says, and where it comes from.

    >>> precision("centroïde de la commune (±1 à 3 km)")
    (3000, 'texte des faits')
    >>> precision("polygone(s) réel(s), surface calculée EPSG:2154", surface_ha=78)[0]
    1000
    """
    distances = [
        float(value.replace(",", ".")) * (1000 if unit == "km" else 1)
        for value, unit in _PLUS_MINUS.findall(said)
    ]
    if distances:
        return round(max(distances)), READ
    if said in CONVENTIONS_M:
        return CONVENTIONS_M[said]
    if said.startswith("polygone") and surface_ha:
        # The point lies in the real polygon or between its parts.
        across = 2 * math.sqrt(surface_ha * 10_000 / math.pi)
        return math.ceil(across / 10) * 10, "convention : diamètre du disque de même surface"
    raise BadFacts(f"Précision sans distance, à ajouter aux conventions de scripts/couches/faits.py : {said}")


_STANDS_FOR = ("centroïde", "milieu", "ancre", "déduit", "près d", "point intérieur du polygone (pas")
_PUBLISHED = ("coordonnées publiées", "réel", "point publié")


def geometry_quality(said: str) -> str:
    """``numérisée`` for a published position of the object, ``schématique`` for one that stands for it."""
    if any(word in said for word in _STANDS_FOR):
        return "schématique"
    if any(word in said for word in _PUBLISHED):
        return "numérisée"
    raise BadFacts(f"Qualité de position inconnue, à ranger dans scripts/couches/faits.py : {said}")
