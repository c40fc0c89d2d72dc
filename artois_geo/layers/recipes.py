"""The recipes of a workspace: kept in ``recettes``, found again by the name of a file or by its columns."""

import re
from collections.abc import Iterable
from pathlib import Path

from artois_geo.deliveries.recipe import Recipe, parse, text_of
from artois_geo.errors import UnreadableFile, reason
from artois_geo.kinds.column_names import spelling
from artois_geo.layers import store

FOLDER = "recettes"
_YEARS = re.compile(r"\d+")


def read_recipe(path: Path) -> Recipe:
    """Read a recipe.

    Raises
    ------
    UnreadableFile
        Absent, not in UTF-8, not TOML, or a key that no recipe has; the message gives the line.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UnreadableFile(f"Recette illisible : {path} ({reason(error)}).") from error
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"Recette illisible : {path}, l'enregistrer en UTF-8.") from error
    return parse(text, path.name)


def write_recipe(path: Path, recipe: Recipe) -> None:
    """Write what a delivery was read with."""
    store.replace(Path(path), text_of(recipe).encode())


def keep(folder: Path, name: str, content: bytes) -> None:
    """Keep a recipe in the workspace, under the name of its layer."""
    store.make_folder(Path(folder) / FOLDER)
    store.replace(Path(folder) / FOLDER / name, content, within=Path(folder))


def of_workspace(folder: Path, kind: str = "") -> dict[Path, Recipe]:
    """Read the recipes that a workspace keeps, those of a kind only where it is given."""
    recipes = {path: read_recipe(path) for path in sorted((Path(folder) / FOLDER).glob("*.toml"))}
    return {path: recipe for path, recipe in recipes.items() if not kind or recipe.kind == kind}


def of_file_name(recipes: dict[Path, Recipe], name: str) -> Path | None:
    """Find the only recipe made for a file of that name, whatever its year and its format."""
    return _only(path for path, recipe in recipes.items() if _stem(recipe.file) == _stem(name))


def of_columns(recipes: dict[Path, Recipe], columns: Iterable[str]) -> Path | None:
    """Find the only recipe made for a file of these columns, in any order."""
    signature = _spellings(columns)
    return _only(
        path for path, recipe in recipes.items() if signature and _spellings(recipe.signature) == signature
    )


def _only(paths: Iterable[Path]) -> Path | None:
    matching = list(paths)
    return matching[0] if len(matching) == 1 else None


def _stem(name: str) -> str:
    """Fold a file name without its end, its figures and its spacing: ``ZAE_2025.shp`` is that of 2026."""
    return spelling(_YEARS.sub(" ", Path(name).stem))


def _spellings(columns: Iterable[str]) -> frozenset[str]:
    return frozenset(spelling(name) for name in columns)
