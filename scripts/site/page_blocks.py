"""Run the fenced blocks of a page, in order, in one folder: commands and Python share its files."""

import ast
import contextlib
import io
import os
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from artois_geo.cli import root

FENCE = re.compile(r"^(?P<fence>```+)(?P<language>[\w{}-]*)[^\n`]*\n(?P<body>.*?)^(?P=fence)$", re.M | re.S)
NOT_RUN = re.compile(r"^\s*# non exécuté : .+", re.M)
COMMAND = "artois-geo"
CALLED = ("bash", "sh", "console", "powershell")
SHELL = ("bash", "sh", "console", "text", "")
WIDE = {"COLUMNS": "92", "TERM": "dumb", "NO_COLOR": "1"}


@dataclass(frozen=True)
class Block:
    """One fenced block of a page: its language, its lines, and where it ends in the text."""

    language: str
    body: str
    end: int

    @property
    def is_python(self) -> bool:
        return self.language == "python"

    @property
    def commands(self) -> list[list[str]]:
        """Return the words of each call of ``artois-geo`` in the block; none where it is not a shell's."""
        if self.language not in SHELL:
            return []
        lines = self.body.replace("\\\n", " ").splitlines()
        calls = [line.strip().removeprefix("$ ") for line in lines]
        return [shlex.split(line, comments=True) for line in calls if line.startswith(f"{COMMAND} ")]

    @property
    def others(self) -> list[str]:
        """Return the lines of a shell's block that call something else, which nobody runs."""
        if self.language not in CALLED and not self.commands:
            return []
        lines = [line.strip() for line in self.body.replace("\\\n", " ").splitlines()]
        if self.language == "console":  # the other lines are what the commands show
            lines = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
        return [line for line in lines if line and not line.startswith(("#", f"{COMMAND} "))]

    @property
    def reason_not_run(self) -> str:
        reason = NOT_RUN.search(self.body)
        return reason.group().strip() if reason else ""


class BlockError(RuntimeError):
    """A block of a page that does not do what the page promises."""


@dataclass
class Session:
    """What the blocks of one page share: a folder, and the names that Python has bound."""

    folder: Path
    names: dict[str, Any] = field(default_factory=dict)

    def run(self, block: Block) -> list[tuple[str, str]]:
        """Run a block and return what it shows: pairs of a form (``text``, ``html``, ``svg``) and content."""
        with contextlib.chdir(self.folder):
            if block.is_python:
                return list(self._python(block.body))
            return [("text", self._command(words)) for words in block.commands]

    def _command(self, words: list[str]) -> str:
        result = CliRunner(env=WIDE).invoke(root, words[1:])
        if result.exit_code:
            raise BlockError(f"{shlex.join(words)}\n{result.output}{result.exception!r}")
        return result.output.strip("\n")

    def _python(self, body: str) -> Iterator[tuple[str, str]]:
        tree = ast.parse(body)
        last_expression = (
            ast.Expression(tree.body.pop().value) if isinstance(tree.body[-1], ast.Expr) else None
        )
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(tree, "page", "exec"), self.names)
            answer = eval(compile(last_expression, "page", "eval"), self.names) if last_expression else None
        if printed.getvalue():
            yield "text", printed.getvalue().strip("\n")
        if answer is not None:
            yield _rich_form(answer)


def _rich_form(answer: Any) -> tuple[str, str]:
    """Return the richest form in which an object shows itself, as a notebook would."""
    for form in ("svg", "html"):
        method = getattr(answer, f"_repr_{form}_", None)
        content = method() if method else None
        if content:
            return form, content
    return "text", answer if isinstance(answer, str) else repr(answer)


def blocks(text: str) -> list[Block]:
    """List the fenced blocks of a page that a reader may paste, in order."""
    return [Block(match["language"], match["body"], match.end()) for match in FENCE.finditer(text)]


def territory(folder: Path) -> None:
    """Write the fictional territory that the pages start from, as ``pays/``."""
    os.makedirs(folder, exist_ok=True)
    result = CliRunner().invoke(root, ["exemple", str(folder / "pays")])
    if result.exit_code:
        raise BlockError(result.output)
