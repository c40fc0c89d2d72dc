"""Advice is tried: what a message tells to do is done, and must lead somewhere.

Each row runs a call that provokes a message, then the calls that do what it advises. They must
succeed, or end on another message that the row names.
"""

import re
import shlex
import shutil
from pathlib import Path

import advice_inputs
import pytest
from advice_table import TABLE, Advice
from advice_sites import (
    OPTION,
    Site,
    commands,
    missing_options,
    named_commands,
    options_of,
    sentences,
    sites,
)
from cli_runner import run

from artois_geo.cli import COMMANDS


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fictif")
    advice_inputs.write(folder)
    return folder


@pytest.fixture
def here(inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the inputs, in which the calls are typed."""
    folder = tmp_path / "ici"
    shutil.copytree(inputs, folder, symlinks=True)
    monkeypatch.chdir(folder)
    return folder


def typed(call: str) -> tuple[int, str]:
    """Exit code and all that a call writes."""
    done = run(*shlex.split(call))
    assert "Traceback" not in done.output
    return done.exit_code, done.output


def command_of(call: str) -> str:
    words = [word for word in shlex.split(call)]
    if words[0] == "--donnees":
        words = words[2:]
    two = " ".join(words[:2])
    return two if two in commands() else words[0]


def told(row: Advice) -> list[Site]:
    words = " ".join(row.words.split())
    return [
        site for site in sites() if site.function == row.function and words in " ".join(site.sentence.split())
    ]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.function} {row.words} | {row.call[:50]}")
def test_what_a_message_advises_works(row: Advice, here: Path) -> None:
    of_row = told(row)
    code, output = typed(row.call)
    assert missing_options(command_of(row.call), output) == []
    written = [site for site in of_row if site.is_in(output)]
    assert written or not of_row, output
    refused = code != 0
    for call in row.follow:
        code, output = typed(call)
        assert [site.name for site in written if site.is_in(output) and refused] == []
        assert code == 0 or (row.ends and row.ends in output), f"{call}\n{output}"
        assert missing_options(command_of(call), output) == []
