"""What the messages of the package advise: every option and every command that a sentence names.

A site is a sentence, found by the function that holds it and never by a line or a file, so that it
stays the same site when its module moves. ``{}`` stands for what a run fills in.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

import click
from package_code import PACKAGE, modules, tree

from artois_geo.cli import COMMANDS, root

OPTION = re.compile(r"(?<![\w-])--(?:[a-z][a-z0-9-]*|\{\})")
DECLARATIONS = {"click.option", "click.argument", "click.group", "options.agree", "agree"}
NAMED_COMMAND = re.compile(
    r"(?:artois-geo|«(?!\s*artois-geo))\s+(?:--donnees\s+\S+\s+)?([a-z]+)(?:\s+([a-z]+))?"
)


@dataclass(frozen=True)
class Site:
    """A sentence that names options, and where it is written."""

    function: str
    sentence: str
    options: tuple[str, ...]

    @property
    def name(self) -> str:
        """What a failing test shows."""
        return f"{self.function} {' '.join(self.options)} « {' '.join(self.sentence.split())[:60]} »"

    def is_in(self, output: str) -> bool:
        """Whether a run has written this sentence."""
        parts = [" ".join(part.split()).lower() for part in self.sentence.split("{}")]
        if max(parts, key=len) not in _squeezed(output):
            return False
        pieces = [r"\s+".join(map(re.escape, part.split())) for part in self.sentence.split("{}")]
        return re.search(r"\s*.*?\s*".join(pieces), output, re.DOTALL | re.IGNORECASE) is not None


@lru_cache(maxsize=8)
def _squeezed(output: str) -> str:
    return " ".join(output.split()).lower()


@cache
def sites() -> tuple[Site, ...]:
    """Every sentence of the package that names an option or a command, docstrings and declarations apart."""
    sites_found = {
        Site(function, text.replace("%s", "{}"), tuple(dict.fromkeys(OPTION.findall(text))))
        for _, function, text in sentences(declarations=False)
        if OPTION.search(text) or named_commands(text)
    }
    return tuple(sorted(sites_found, key=lambda site: site.name))


def sentences(*, declarations: bool) -> Iterator[tuple[str, str, str]]:
    """Texts of the package with their module and their function or constant; no docstring."""
    for path in modules():
        module = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        for function, text in _texts(tree(path), "", declarations):
            yield module, function, text


def _texts(node: ast.AST, function: str, declarations: bool) -> Iterator[tuple[str, str]]:
    """Texts under a node, each whole: pieces of an f-string and of a sum are one text."""
    if (text := _template(node)) is not None:
        yield function, text
        return
    if isinstance(node, ast.Call) and not declarations and _dotted(node.func) in DECLARATIONS:
        return
    if isinstance(node, ast.FunctionDef):
        function = node.name
    elif isinstance(node, ast.Assign | ast.AnnAssign) and not function:
        function = ast.unparse(node.targets[0] if isinstance(node, ast.Assign) else node.target)
    docstring = ast.get_docstring(node, clean=False) if hasattr(node, "body") and _may_tell(node) else None
    for child in ast.iter_child_nodes(node):
        if docstring is not None and isinstance(child, ast.Expr) and _template(child.value) == docstring:
            continue
        yield from _texts(child, function, declarations)


def _dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _may_tell(node: ast.AST) -> bool:
    return isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)


def _template(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_template(part) or "{}" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left_template, right = _template(node.left), _template(node.right)
        return left_template + right if left_template is not None and right is not None else None
    return None


@cache
def commands() -> dict[str, click.Command]:
    """Every command by what is typed after ``artois-geo``, and the root under an empty name."""
    commands_by_name: dict[str, click.Command] = {"": root}
    ctx = click.Context(root)
    for name in COMMANDS:
        command = root.get_command(ctx, name)
        assert command is not None
        commands_by_name[name] = command
        for below, each in getattr(command, "commands", {}).items():
            commands_by_name[f"{name} {below}"] = each
    return commands_by_name


def options_of(command: str) -> set[str]:
    """Options that can be written on a command line, those of the root before the command."""
    return {name for each in (root, commands()[command]) for param in each.params for name in param.opts} | {
        "--help"
    }


def named_commands(text: str) -> set[str]:
    """Commands that a text tells to run, as « couches types » or artois-geo couches valider."""
    names = set()
    for first, second in NAMED_COMMAND.findall(text):
        command_name = f"{first} {second}".strip()
        if first in COMMANDS and second:
            names.add(command_name)
        elif f"artois-geo {first}" in text or first in COMMANDS:
            names.add(first)
    return names


def missing_options(command: str, output: str) -> list[str]:
    """Options that an output names and that neither its command nor the commands it names have."""
    known_options = options_of(command)
    for name in named_commands(output) & set(commands()):
        known_options |= options_of(name)
    return sorted(set(OPTION.findall(output)) - known_options)


def reach(module: str, function: str) -> set[str]:
    """Functions and constants of a module that one of its functions may come to, itself among them."""
    path = PACKAGE.parent.joinpath(*module.split(".")).with_suffix(".py")
    names = {
        node.name: {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef)
    }
    reached, waiting = set(), {function}
    while waiting:
        reached |= waiting
        waiting = set().union(*(names.get(name, set()) for name in waiting)) - reached
    return reached
