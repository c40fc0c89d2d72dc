"""What every protocol gives back."""

from dataclasses import dataclass, field

from artois_geo.errors import SourceError
from artois_geo.text import counted

NO_LAYER = "Aucune couche n'est écrite, la précédente reste."


@dataclass(frozen=True)
class Counts:
    """What was announced and received; ``announced`` is None where the producer announces no count."""

    announced: int | None
    received: int | None
    vintage: str = ""
    checksum: str = ""  # what the producer published, and whether it is right
    address: str = ""  # last address of a file, which carries its date
    more: dict[str, str] = field(default_factory=dict)


def require_columns(names: set[str], expected: tuple[str, ...], name: str) -> None:
    """Refuse objects that lack a column that the source expects, and show what is nearest.

    Raises
    ------
    SourceError
        A column is missing: renamed, or withdrawn.
    """
    missing = [column for column in expected if column not in names]
    if missing:
        unknown = sorted(names - set(expected))
        shown = ", ".join(unknown[:12]) + (" …" if len(unknown) > 12 else "")
        raise SourceError(
            f"Colonne absente de la réponse ({name}) : {', '.join(missing)}. Colonnes non attendues : "
            f"{shown or 'aucune'}.\nLe producteur a sans doute changé ses noms : corriger « champs » et "
            "« colonnes_attendues » dans un TOML du dossier sources de l'espace de travail."
        )


def require_ceiling(count: int, most: int, name: str) -> None:
    """Refuse more objects than a source admits.

    Raises
    ------
    SourceError
        Too many: a file of the producer is the way.
    """
    if count > most:
        raise SourceError(
            f"{counted(count, 'objet annoncé', 'objets annoncés')}, plafond de la source {most} ({name}) : "
            "demander un territoire plus petit, ou prendre le fichier du producteur."
        )
