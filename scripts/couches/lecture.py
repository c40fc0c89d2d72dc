"""The facts: CSV rows with a source and a precision, read without losing a zero."""

import csv
import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
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

    @property
    def epci(self) -> dict[str, str]:
        """The EPCI of the commune, in the columns of the layers."""
        return {"epci_siren": self.epci_siren, "epci_sigle": self.epci_sigle, "epci_nom": self.epci_nom}


NO_EPCI = {"epci_siren": None, "epci_sigle": None, "epci_nom": None}


def read(folder: Path) -> dict[str, list[Fact]]:
    """Every row of every file, as text, with ``fait``: the file and line it comes from."""
    if not folder.is_dir():
        raise BadFacts(
            f"Dossier des faits introuvable : {folder}\n"
            "Indiquer avec --faits un dossier qui contient les fichiers CSV des faits."
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


def location(codes: str, names: str, communes: dict[str, Commune], *, epci: str = "") -> dict[str, object]:
    """Main commune, all communes and EPCI of an object; the main commune is the first one named.

    An object whose facts name no commune, but an EPCI (its acronym), keeps that EPCI.
    """
    listed = codes.split("|") if codes else []
    names_listed = names.split("|") if names else []
    if listed and len(listed) != len(names_listed):
        raise BadFacts(f"Autant de codes que de noms de communes attendus : {codes} / {names}.")
    # The official name where we know it: the source writes « NUX-LES-MINES » for Nœux-les-Mines.
    official = [
        communes[code].nom if code in communes else name
        for code, name in zip(listed, names_listed, strict=False)
    ]
    commune = communes.get(listed[0]) if listed else _member(communes, epci)
    return {
        "comm_insee": listed[0] if listed else None,
        "comm_nom": official[0] if official else None,
        "communes_insee": codes or None,
        "communes": "|".join(official) or None,
    } | (commune.epci if commune else NO_EPCI)


def _member(communes: dict[str, Commune], epci: str) -> Commune | None:
    """Any commune of an EPCI, by its acronym or its name; the facts write the name in full or not."""
    epci_name = plain_text(epci.replace("Communauté d’agglomération", "CA"))
    communes_by_epci = {plain_text(commune.epci_sigle): commune for commune in communes.values()}
    communes_by_epci |= {plain_text(commune.epci_nom): commune for commune in communes.values()}
    if epci and epci_name not in communes_by_epci:
        raise BadFacts(f"Intercommunalité inconnue des faits des communes : {epci}.")
    return communes_by_epci.get(epci_name)


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
    match = re.match(r"\s*(\d[\d ]*(?:,\d+)?)", value or "")
    return number(match[1].replace(" ", "")) if match else None


def identifiers(names: Sequence[str]) -> list[str]:
    """Readable identifiers of names; only names that their brackets alone tell apart keep them.

    >>> identifiers(["Canal (A – B)", "Canal (B – C)", "Pont (D)"])
    ['canal-a-b', 'canal-b-c', 'pont']
    """
    short = [slug(name) for name in names]
    return [
        slug(re.sub(r"[()]", " ", name)) if short.count(own) > 1 else own
        for name, own in zip(names, short, strict=True)
    ]


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


def contradiction(key: str, facts_by_key: dict[str, tuple[str, str]], words: str) -> str | None:
    """What a reader must know of an object whose sources disagree; its words must still be in the facts."""
    if key not in facts_by_key:
        return None
    quoted, warning = facts_by_key[key]
    if quoted not in words:
        raise BadFacts(f"{key} : les faits ne disent plus « {quoted} ».")
    return warning


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


def precision(precision_text: str, *, surface_ha: float | None = None) -> tuple[int, str]:
    """Metres by which a position may be off, the worst of what the text says, and where it comes from.

    >>> precision("centroïde de la commune (±1 à 3 km)")
    (3000, 'texte des faits')
    >>> precision("polygone(s) réel(s), surface calculée EPSG:2154", surface_ha=78)[0]
    1000
    """
    distances = [
        float(value.replace(",", ".")) * (1000 if unit == "km" else 1)
        for value, unit in _PLUS_MINUS.findall(precision_text)
    ]
    if distances:
        return round(max(distances)), READ
    if precision_text in CONVENTIONS_M:
        return CONVENTIONS_M[precision_text]
    if precision_text.startswith("polygone") and surface_ha:
        # The point lies in the real polygon or between its parts.
        across = 2 * math.sqrt(surface_ha * 10_000 / math.pi)
        return math.ceil(across / 10) * 10, "convention : diamètre du disque de même surface"
    raise BadFacts(
        f"Précision sans distance, à ajouter aux conventions de scripts/couches/lecture.py : {precision_text}"
    )


# Words of a position that is another's: a commune's, a station's, the middle of a bank, a whole site's.
_STANDS_FOR = (
    "centroïde",
    "milieu",
    "ancre",
    "déduit",
    "près d",
    "point intérieur du polygone (pas",
    "polyligne",
    "la zone est à",
    "le parc est à",
    "point publié de la plate-forme delta 3",
    "halte nautique de béthune",
)
_PUBLISHED = ("coordonnées publiées", "réel", "point publié")


def geometry_quality(words: str) -> str:
    """``numérisée`` for a published position of the object, ``schématique`` for one that stands for it.

    >>> geometry_quality("longueur publiée ; axe réel OpenStreetMap simplifié, ±100 m")
    'numérisée'
    >>> geometry_quality("milieu de la rive communale de la Deûle (1,3 km), ±1 km")
    'schématique'
    """
    lowered = words.lower()
    if any(word in lowered for word in _STANDS_FOR):
        return "schématique"
    if any(word in lowered for word in _PUBLISHED):
        return "numérisée"
    raise BadFacts(f"Qualité de position inconnue, à ranger dans scripts/couches/lecture.py : {words}")


# --- Licence of a position -----------------------------------------------------------------------

ODBL = "ODbL 1.0"
# The first words that are found in the source or the precision decide. The SNCF portal publishes its
# stations under ODbL: a point taken from one is of the same database.
_LICENCES = (
    (r"odbl|openstreetmap", f"{ODBL}, © contributeurs OpenStreetMap"),
    (r"sncf|ancre[^;:]*: gare", f"{ODBL}, SNCF open data"),
    (r"\bvnf\b", "Licence Ouverte 2.0, VNF"),
    (r"bassin-minier|puits|fosse|terril|bâti unesco", "Licence Ouverte 2.0, Mission Bassin Minier"),
    (r"centroïde", "Licence Ouverte, IGN"),
    (r"point publié", "point isolé publié par la source"),
)


def licence(row: Fact) -> str | None:
    """Licence of the position of a fact, by the words of its source and precision; null without position.

    >>> licence({"lat": "50.4", "source": "presse", "precision": "ancre réelle : gare de Lens (SNCF), ±1 km"})
    'ODbL 1.0, SNCF open data'
    """
    if not (row["lat"] or row.get("geometrie_wkt_4326")):
        return None
    words = f"{row['precision']} ; {row['source']}"
    for rule, name in _LICENCES:
        if re.search(rule, words.lower()):
            return name
    raise BadFacts(f"Licence de position inconnue, à ranger dans scripts/couches/lecture.py : {words}")
