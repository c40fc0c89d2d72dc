"""The code of the package, read once per process for all the tests that look at it."""

import ast
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "artois_geo"


@cache
def modules() -> tuple[Path, ...]:
    """List every file of the package."""
    return tuple(sorted(PACKAGE.rglob("*.py")))


@cache
def tree(path: Path) -> ast.Module:
    """Return the syntax of a file; it is read, never changed."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Walk a file once."""
    return tuple(ast.walk(tree(path)))
