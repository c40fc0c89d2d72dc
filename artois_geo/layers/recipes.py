"""A recipe: how the files of one partner are read, kept to be used again."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from artois_geo.deliveries.matching import Match
from artois_geo.errors import UnreadableFile, read_toml
from artois_geo.layers import store

SETTINGS = ("type", "crs", "couche_source", "encodage", "separateur", "colonne_geometrie", "territoire")


def read_recipe(path: Path) -> dict[str, Any]:
    """Read the settings and ``correspondance`` (field to column) of a recipe.

    Raises
    ------
    UnreadableFile
        Not TOML, or a key that no recipe has.
    """
    recipe = read_toml(Path(path), "Recette illisible")
    unknown = sorted(set(recipe) - {*SETTINGS, "correspondance"})
    columns = recipe.get("correspondance", {})
    if unknown or not isinstance(columns, dict):
        raise UnreadableFile(f"Recette {path} : clés inconnues ({', '.join(unknown) or 'correspondance'}).")
    return recipe


def write_recipe(path: Path, settings: Mapping[str, str], matches: Iterable[Match]) -> None:
    """Write what a delivery was read with, every matched column named."""
    lines = [f"{name} = {_quoted(settings[name])}" for name in SETTINGS if settings.get(name)]
    lines += ["", "[correspondance]  # champ du type = colonne du fichier"]
    lines += [f"{_quoted(match.field)} = {_quoted(match.source)}  # {match.how}" for match in matches]
    store.replace(Path(path), ("\n".join(lines) + "\n").encode())


def _quoted(text: str) -> str:
    return json.dumps(str(text), ensure_ascii=False).replace("\x7f", "\\u007f")
