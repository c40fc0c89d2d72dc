"""Advice is tried: what a message tells to do is done, and must lead somewhere.

Each row runs a call that provokes a message, then the calls that do what it advises. They must
succeed, or end on another message that the row names.
"""

import inspect
import shlex
import shutil
from functools import cache
from pathlib import Path

import advice_inputs
import click
import pyogrio
import pytest
from advice_sites import (
    OPTION,
    Site,
    commands,
    missing_options,
    named_commands,
    options_of,
    reach,
    sentences,
    sites,
)
from advice_table import NO_ADVICE, TABLE, Advice
from cli_runner import run
from click.testing import CliRunner

from artois_geo import layers
from artois_geo.cli import options

ELSEWHERE = {  # options that a help text says are not here, or serve other commands
    "canal fret": {"--ajout"},
    "zan regles": {"--regles"},
}


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fictif")
    advice_inputs.write(folder)
    return folder


@pytest.fixture
def input_folder(inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the inputs, in which the calls are typed."""
    folder = tmp_path / "ici"
    shutil.copytree(inputs, folder, symlinks=True)
    monkeypatch.chdir(folder)
    return folder


def typed(call: str) -> tuple[int, str]:
    """Exit code and all that a call writes."""
    result = run(*shlex.split(call))
    assert "Traceback" not in result.output
    return result.exit_code, result.output


def command_of(call: str) -> str:
    words = shlex.split(call)
    if words[0] == "--donnees":
        words = words[2:]
    words = words[words[0] == "--sans-livrees" :]
    two = " ".join(words[:2])
    return two if two in commands() else words[0]


def sites_of(row: Advice) -> list[Site]:
    """Sites of a row: the sentences of its function that hold its words."""
    words = " ".join(row.words.split())
    return [
        site
        for function in row.function.split("|")
        for site in sites_by_function().get(function, [])
        if words in " ".join(site.sentence.split())
    ]


@cache
def sites_by_function() -> dict[str, list[Site]]:
    by_function: dict[str, list[Site]] = {}
    for site in sites():
        if not is_no_advice(site):
            by_function.setdefault(site.function, []).append(site)
    return by_function


def is_no_advice(site: Site) -> bool:
    return any(site.name.startswith(name) for name in NO_ADVICE)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.function} {row.words} | {row.call[:50]}")
def test_what_a_message_advises_works(row: Advice, input_folder: Path) -> None:
    if ".kml" in row.call and "LIBKML" not in pyogrio.list_drivers():
        pytest.skip("pyogrio 0.9 à 0.11 : sans LIBKML")
    code, output = typed(row.call)
    assert missing_options(command_of(row.call), output) == []
    sites_in_output = [site for site in sites_of(row) if site.is_in(output)]
    assert sites_in_output or (row.words and row.words in output), output
    refused = code != 0
    for call in row.follow:
        code, output = typed(call)
        assert [site.name for site in sites_in_output if refused and site.is_in(output)] == []
        assert code == 0 or (row.ends and row.ends in output), f"{call}\n{output}"
        assert missing_options(command_of(call), output) == []


def test_every_advice_is_tried() -> None:
    tried = {site for row in TABLE for site in sites_of(row)}
    untried = [site.name for site in sites() if not is_no_advice(site) and site not in tried]
    assert untried == [], "à mettre dans la table"


def test_the_table_speaks_of_advice_that_the_package_gives() -> None:
    stale = [name for name in NO_ADVICE if not any(site.name.startswith(name) for site in sites())]
    assert stale == []


def test_every_option_that_a_message_names_exists() -> None:
    known_options = set().union(*map(options_of, commands())) | {"--{}"}
    unknown = [(site.name, set(site.options) - known_options) for site in sites() if site.function != "css"]
    assert [pair for pair in unknown if pair[1]] == []


def test_every_command_that_a_text_names_exists() -> None:
    unknown = {
        name
        for _, function, text in sentences(declarations=True)
        if function not in {"_call", "invoke"}
        for name in named_commands(text)
        if name not in commands()
    }
    assert unknown == set()


def test_a_message_names_options_of_every_command_that_comes_to_it() -> None:
    wrong = []
    texts = [item for item in sentences(declarations=False) if OPTION.search(item[2])]
    for name, command in commands().items():
        callback = inspect.unwrap(command.callback) if command.callback else None
        if callback is None or callback.__module__ == "artois_geo.cli":
            continue
        functions = reach(callback.__module__, callback.__name__)
        for module, function, text in texts:
            comes = module == callback.__module__ and function in functions
            if comes and (missing := missing_options(name, text)):
                wrong.append((name, function, missing))
    assert wrong == []


@pytest.mark.parametrize("name", commands())
def test_the_help_of_a_command_names_its_own_options(name: str) -> None:
    command = commands()[name]
    texts = [command.help or "", *(getattr(param, "help", None) or "" for param in command.params)]
    missing = {option for text in texts for option in missing_options(name, text)}
    assert missing == ELSEWHERE.get(name, set())


def written_out(command: click.Command, option: str) -> list[str]:
    """An option with a value that its type takes."""
    param = next(param for param in command.params if option in param.opts)
    return [option] if getattr(param, "is_flag", False) else [option, *[_value(param)] * param.nargs]


def _argument(param: click.Argument) -> str:
    return "dossier" if isinstance(param.type, options.OutputFolder) else "x.geojson"


def _value(param: click.Parameter) -> str:
    if isinstance(param.type, click.Choice):
        return str(param.type.choices[0])
    if isinstance(param.type, options.OutputFile):
        return f"x.{param.type.forms[0]}"
    if isinstance(param.type, options.LayerFile):
        return "x.geojson"
    if param.metavar == "VALEUR=NATURE":
        return "U=ENAF"
    return (
        "2020-01-01" if isinstance(param.type, options.Day) else "0.7" if param.type.name == "taux" else "7"
    )


PAIRS = [
    (name, option, partner, rule is command.callback.agreed[rule_number * 2 + 1])
    for name, command in commands().items()
    for rule_number in range(len(getattr(command.callback, "agreed", [])) // 2)
    for rule in command.callback.agreed[rule_number * 2 : rule_number * 2 + 2]
    for option, partners in rule.items()
    for partner in partners.split()
]


@pytest.mark.parametrize(("name", "option", "partner", "excluded"), PAIRS)
def test_options_that_go_together_or_not_are_said_so_and_then_taken(
    name: str, option: str, partner: str, excluded: bool
) -> None:
    command = commands()[name]
    needs, excludes = ({option: partner}, {}) if not excluded else ({}, {option: partner})
    agreed = options.agree(needs=needs, excludes=excludes)(_nothing)
    alone = click.Command(name, params=command.params, callback=agreed)
    first = [param for param in command.params if param.required]
    words = [_argument(param) for param in first if isinstance(param, click.Argument)]
    words += [
        word
        for param in first
        if isinstance(param, click.Option) and param.opts[0] not in (option, *partner.split("|"))
        for word in written_out(command, param.opts[0])
    ]
    lone, other_words = written_out(command, option), written_out(command, partner.split("|")[0])
    refused, accepted = (lone + other_words, lone) if excluded else (lone, lone + other_words)
    refusal = "ne vont pas ensemble" if excluded else "demande"
    result = CliRunner().invoke(alone, [*words, *refused])
    assert (result.exit_code, refusal in result.output) == (2, True), result.output
    result = CliRunner().invoke(alone, [*words, *accepted])
    assert result.exit_code == 0, result.output


def _nothing(**_: object) -> None:
    return None


@pytest.mark.parametrize("option", ["auto", "code"])
@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("degres", "EPSG:4326"),
        ("lambert2", "EPSG:27572"),
        ("cc50", "EPSG:3950"),
        ("axes", "EPSG:4326-inverse"),
    ],
)
def test_the_reading_that_is_advised_puts_the_squares_back(
    input_folder: Path, file: str, code: str, option: str
) -> None:
    words = f"--donnees espace couches importer {file}.csv --type libre --vers zones"
    refused, output = typed(words)
    assert (refused, f"--crs auto ou --crs {code}." in output, "Lambert I " in output) == (1, True, False)
    assert typed(f"{words} --crs {'auto' if option == 'auto' else code}")[0] == 0
    back = layers.read(input_folder / "espace/zones.geojson")
    expected = advice_inputs.sites()
    assert back.area.sum() == pytest.approx(3_000_000, rel=1e-4)
    assert back.centroid.distance(expected.centroid, align=False).max() < 1  # metres
