"""Nothing but the shipped layers, the constants and the texts is tied to one territory."""

import ast
import re
from collections.abc import Iterator

import pytest
from package_code import PACKAGE, modules, tree

from artois_geo import constants, layers

REGION, DEPARTEMENT = "32", "62"
EPCI = ("200072460", "246200364", "246200299")
NAMES = re.compile(r"\bArtois\b|\bLens\b|Gohelle|Hauts-de-France|(?<!\d)(?:" + "|".join(EPCI) + r")(?!\d)")
CODE = re.compile(rf"{REGION}|D?0?{DEPARTEMENT}|{DEPARTEMENT}\d{{3}}|FR-?{DEPARTEMENT}")
QUOTED = re.compile(r"\"([^\"\n]*)\"|'([^'\n]*)'|`([^`]*)`")
OTHERS = sorted(
    path for suffix in ("js", "j2", "html", "css") for path in PACKAGE.rglob(f"*.{suffix}")
)  # pages; TOML files are constants and texts


def literals(module: ast.Module) -> Iterator[tuple[int, object]]:
    """Yield the constants of a module, its docstrings left out."""
    documented = {
        id(node.body[0].value)
        for node in ast.walk(module)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and id(node) not in documented:
            yield node.lineno, node.value


def is_tied(literal: object) -> bool:
    """Tell whether a literal is a name or a code of the territory of the shipped layers."""
    if isinstance(literal, str):
        return bool(NAMES.search(literal) or CODE.fullmatch(literal))
    return isinstance(literal, int) and not isinstance(literal, bool) and literal == int(DEPARTEMENT)


def test_no_module_holds_a_name_or_a_code_of_one_territory() -> None:
    tied = [
        f"{path.relative_to(PACKAGE)}:{line}: {literal!r}"
        for path in modules()
        for line, literal in literals(tree(path))
        if is_tied(literal)
    ]
    assert tied == []


def test_no_page_holds_a_name_or_a_code_of_one_territory() -> None:
    tied = [
        f"{path.relative_to(PACKAGE)}: {text}"
        for path in OTHERS
        for groups in QUOTED.findall(path.read_text(encoding="utf-8"))
        if (text := next(filter(None, groups), "")) and is_tied(text)
    ]
    assert tied == []


@pytest.mark.parametrize(
    "literal", ["32", "62", "D062", "62498", 62, "246200364", "Pôle de l'Artois", "Lens"]
)
def test_the_grep_sees_each_form(literal: object) -> None:
    assert is_tied(literal)


def test_the_shipped_layers_say_their_own_region() -> None:
    assert layers.read_catalogue().region == REGION


def test_each_departement_has_one_region_and_each_region_its_departements() -> None:
    table = constants.table("departements")
    assert table["dep"].is_unique
    assert (len(table), table["region"].nunique()) == (101, 18)
    assert table.loc[table["region"] == "53", "dep"].tolist() == ["22", "29", "35", "56"]  # Bretagne
    assert table.groupby("region")["region_nom"].nunique().eq(1).all()
