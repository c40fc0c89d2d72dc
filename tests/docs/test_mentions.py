"""Everything public stands in a sentence: commands, options, functions, constants, kinds, columns."""

import re
from pathlib import Path

import click
import pytest
from site_scripts import site_reference

from artois_geo import ROOMS, constants, kinds, vocabulary
from artois_geo.cli import COMMANDS, root

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
SENTENCE = re.compile(r"\w+\W+\w+\W+\w+")  # three words at least


def prose() -> str:
    """Return the pages without their fenced blocks: a call is no sentence."""
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    return re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)


def test_every_public_function_stands_in_a_french_sentence() -> None:
    text = prose()
    missing = [
        f"{room}.{name}"
        for room in ROOMS
        for name in site_reference.functions(room)
        if f"`{room}.{name}`" not in text
    ]
    assert missing == [], "à dire en une phrase dans docs/fonctions.md"


def test_a_public_function_has_a_sentence_that_is_only_its_own() -> None:
    sentences = site_reference.sentences()
    public = {f"{room}.{name}" for room in ROOMS for name in site_reference.functions(room)}
    assert public - sentences.keys() == set(), (
        "une ligne « - `pièce.fonction` : phrase » dans docs/fonctions.md"
    )
    assert len(set(sentences.values())) == len(sentences)
    assert [name for name, sentence in sentences.items() if not SENTENCE.search(sentence)] == []


def test_the_page_of_functions_names_no_function_that_is_gone() -> None:
    page = (ROOT / "docs" / "fonctions.md").read_text(encoding="utf-8")
    public = {room: site_reference.functions(room) for room in ROOMS}
    mentions = re.findall(r"`([a-z]+)\.([a-z_0-9]+)`", page)
    gone = [f"{room}.{name}" for room, name in mentions if name not in public[room]]
    assert gone == ["vocabulary.terms"]  # cached, so no plain function


def test_the_commands_are_those_that_the_help_of_the_root_lists() -> None:
    first_words = {name.split()[0] for name, _ in site_reference.commands()}
    assert first_words == set(COMMANDS)
    assert {"foncier disponible", "zan trajectoire", "carte"} <= dict(site_reference.commands()).keys()


def test_every_command_stands_in_a_sentence_of_a_page() -> None:
    text = prose().replace("`artois-geo ", "`")
    assert [name for name, _ in site_reference.commands() if f"`{name}" not in text] == []


def named_commands(text: str) -> list[tuple[str, list[str]]]:
    """Return the commands that the code of sentences calls, each with its options; a lone group is none."""
    commands = dict(site_reference.commands())
    groups = {name.split()[0] for name in commands if " " in name}
    calls = []
    for span in re.findall(r"`(?:artois-geo )?(?:--donnees \S+ )?([a-z]+ ?[^`\n]*)`", text):
        words = span.split()
        depth = 2 if words[0] in groups else 1
        name = " ".join(words[:depth])
        if name in commands or (words[0] in groups and len(words) > 1):
            calls.append((name, [word.split("=")[0] for word in words if word.startswith("--")]))
    return calls


def test_a_command_named_in_a_sentence_exists_with_its_options() -> None:
    commands = dict(site_reference.commands())
    calls = named_commands(prose())
    assert [name for name, _ in calls if name not in commands] == []
    options = {
        name: {"--help", *(word for part in command.params for word in (*part.opts, *part.secondary_opts))}
        for name, command in commands.items()
    }
    wrong = [(name, word) for name, words in calls for word in words if word not in options[name]]
    assert wrong == []
    assert len(calls) > 100


def test_every_command_and_option_has_its_sentence() -> None:
    commands = list(site_reference.commands())
    assert [name for name, command in commands if not SENTENCE.search(command.help or "")] == []
    silent = [
        f"{name} {option.opts[0]}"
        for name, command in commands
        for option in command.params
        if isinstance(option, click.Option) and not option.hidden and not SENTENCE.search(option.help or "")
    ]
    assert silent == []


def test_every_group_of_commands_has_its_sentence() -> None:
    context = click.Context(root)
    commands = {name: root.get_command(context, name) for name in COMMANDS}
    groups = {name: command for name, command in commands.items() if isinstance(command, click.Group)}
    assert "foncier" in groups
    assert [name for name, group in groups.items() if not SENTENCE.search(group.help or "")] == []


@pytest.mark.parametrize("name", constants.names())
def test_a_constant_has_its_title_and_the_source_of_each_value(name: str) -> None:
    values = constants.values(name)
    assert all(SENTENCE.search(value.title) and value.source for value in values)


def test_every_kind_says_what_it_is_and_what_its_fields_mean() -> None:
    read = [kinds.read_kind(name) for name in kinds.kinds()]
    assert [kind.name for kind in read if not kind.title] == []
    assert [f"{kind.name}.{part.name}" for kind in read for part in kind.fields if not part.label] == []


def test_every_computed_column_has_its_definition() -> None:
    terms = vocabulary.terms().values()
    assert [term.name for term in terms if len(term.definition.split()) < 2] == []
