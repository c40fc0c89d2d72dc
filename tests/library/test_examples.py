"""The example of a public function can be pasted: it imports all that it uses, and nothing of the tests."""

import ast
import builtins
import doctest
import importlib
import inspect
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

import artois_geo


def public_objects(room: ModuleType) -> Iterator[Any]:
    """Functions and classes that a room offers, and the methods of these."""
    own = [name for name, value in vars(room).items() if getattr(value, "__module__", "") == room.__name__]
    for name in getattr(room, "__all__", own):
        value = inspect.unwrap(getattr(room, name)) if callable(getattr(room, name)) else None
        if not (inspect.isfunction(value) or inspect.isclass(value)) or name.startswith("_"):
            continue
        yield value
        if inspect.isclass(value):
            yield from filter(inspect.isfunction, vars(value).values())


def unknown_names(text: str) -> list[str]:
    """Names that the examples of a docstring use before anything binds them."""
    bound, unknown = set(dir(builtins)), []
    for example in doctest.DocTestParser().get_examples(text):
        nodes = list(ast.walk(ast.parse(example.source)))
        new = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        new |= {node.arg for node in nodes if isinstance(node, ast.arg)}
        new |= {
            node.name
            for node in nodes
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.ExceptHandler) and node.name
        }
        for node in nodes:
            if isinstance(node, ast.Import | ast.ImportFrom):
                new |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
        used = {node.id for node in nodes if isinstance(node, ast.Name)}
        unknown += sorted(used - new - bound)
        bound |= new
    return unknown


@pytest.mark.parametrize("room", sorted(artois_geo.ROOMS))
def test_an_example_imports_what_it_uses(room: str) -> None:
    objects = public_objects(importlib.import_module(f"artois_geo.{room}"))
    lacking = {
        value.__qualname__: names
        for value in objects
        if str(getattr(value, "__module__", "")).startswith("artois_geo")
        and (names := unknown_names(value.__doc__ or ""))
    }
    assert lacking == {}
