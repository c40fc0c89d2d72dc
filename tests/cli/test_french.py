"""Every word that Click can say to a reader is French."""

import ast
import gettext
import os
import re
from functools import cache
from pathlib import Path

import click
import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from cli_runner import english
from click.testing import CliRunner

from artois_geo.cli import french, options

CATALOGUE = french.LOCALE / "fr" / "LC_MESSAGES" / "click.po"
# Said to who writes a program with Click, never to who runs one.
FOR_PROGRAMMERS = (
    "Name '{name}' defined twice",
    "Boolean option {decl!r} cannot",
    "Could not determine name",
    "No options defined but a name",
    "Arguments take exactly one parameter declaration",
    "Invalid start character for option",
    "Unknown color",
    "Choice({choices})",
)


@cache
def said_by_click() -> list[tuple[str, ...]]:
    """What the installed Click hands to gettext: (message,) or (singular, plural)."""
    messages = set()
    for path in sorted(Path(click.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
                if node.func.id == "_" and texts:
                    messages.add((texts[0],))
                if node.func.id == "ngettext":
                    messages.add((texts[0], texts[1]))
    return sorted(messages)


def test_the_walk_finds_what_click_says() -> None:
    assert ("Usage:",) in said_by_click()
    assert len(said_by_click()) > 40


@pytest.mark.parametrize("message", said_by_click(), ids=lambda message: message[0][:40])
def test_everything_that_click_says_has_a_french_translation(message: tuple[str, ...]) -> None:
    has_words = any(letter.isalpha() for letter in re.sub(r"{[^}]*}|%\(\w+\)s|version", "", message[0]))
    if message[0].startswith(FOR_PROGRAMMERS) or not has_words:
        return
    with french.spoken():
        if len(message) == 1:
            translations = [gettext.gettext(message[0])]
        else:
            translations = [gettext.ngettext(message[0], message[1], count) for count in (1, 2)]
    assert not set(translations) & set(message)
    assert [
        word for text in translations for word in english(text.replace("{", "« ").replace("}", " »"))
    ] == []


def pairs(catalogue: Catalog) -> set[tuple[str, ...]]:
    texts = [(entry.id, entry.string) for entry in catalogue if entry.id]
    return {(*([a] if isinstance(a, str) else a), *([b] if isinstance(b, str) else b)) for a, b in texts}


def test_the_compiled_catalogue_is_the_one_that_can_be_read() -> None:
    with CATALOGUE.open("rb") as stream:
        readable = read_po(stream, locale="fr", abort_invalid=True)
    with CATALOGUE.with_suffix(".mo").open("rb") as stream:
        compiled = read_mo(stream)
    advice = "recompiler : pybabel compile -D click -d artois_geo/cli/locale"
    assert pairs(compiled) == pairs(readable), advice
    assert all(entry.string for entry in readable if entry.id)


def test_the_rest_of_the_process_keeps_its_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "de")
    domain = gettext.textdomain()
    with pytest.raises(ZeroDivisionError), french.spoken():
        raise ZeroDivisionError(gettext.gettext("Missing command."))
    assert (os.environ["LANGUAGE"], gettext.textdomain()) == ("de", domain)
    assert gettext.gettext("Missing command.") == "Missing command."


@click.group(cls=french.Group)
def sample() -> None:
    """Tous les types de valeurs."""


@sample.command()
@click.argument("nom")
@click.argument("paire", nargs=2, required=False)
@click.option("--entier", type=int, default=3, show_default=True, help="Un nombre.")
@click.option("--borne", type=click.IntRange(1, 5), help="De 1 à 5.")
@click.option("--surface", type=float, required=True, help="Des hectares ; au moins un.")
@click.option("--part", type=click.FloatRange(0, 1), envvar="PART", show_envvar=True)
@click.option("--oui", type=bool)
@click.option("--choix", type=click.Choice(["un", "deux"]))
@click.option("--jour", type=click.DateTime(["%Y"]))
@click.option("--date", type=options.day)
@click.option("--lu", type=click.Path(exists=True))
@click.option("--dossier", type=click.Path(exists=True, file_okay=False))
@click.option("--fichier", type=click.Path(exists=True, dir_okay=False))
@click.option("--flux", type=click.File())
@click.option("--code", type=click.UUID)
@click.option("--deux", nargs=2)
@click.option("--fanion", is_flag=True)
@click.option("--texte")
def essai(**values: object) -> None:
    """Montre ce qui est lu ; voir « aide »."""
    click.echo(f"{values['surface']} {values['part']}")


def try_out(*arguments: str) -> tuple[int, str]:
    def call() -> object:
        with french.spoken():
            return CliRunner().invoke(sample, list(arguments))

    result = call()
    return result.exit_code, result.output


@pytest.mark.parametrize(
    "wrong",
    [
        ["--entier", "x"],
        ["--borne", "9"],
        ["--borne", "x"],
        ["--surface", "x"],
        ["--part", "2"],
        ["--oui", "peut-être"],
        ["--choix", "trois"],
        ["--jour", "x"],
        ["--date", "x"],
        ["--lu", "absent"],
        ["--dossier", "absent"],
        ["--dossier", __file__],
        ["--fichier", "/"],
        ["--code", "x"],
        ["--deux", "a"],
        ["--fanion=1"],
        ["--texte"],
        ["--textes", "x"],
        ["--fan", "x"],
        ["a", "b", "c", "d"],
        ["a", "b", "c", "d", "e"],
    ],
    ids=" ".join,
)
def test_a_wrong_value_is_refused_in_french(wrong: list[str]) -> None:
    code, output = try_out("essai", "nom", "--surface", "1", *wrong)
    assert code == 2
    assert "Erreur :" in output
    assert english(output) == []


@pytest.mark.parametrize("line", ["", "essai", "essai nom", "essay", "essai --help", "--help"])
def test_usage_and_help_are_french(line: str) -> None:
    _, output = try_out(*line.split())
    assert output.startswith("Usage : ")
    assert english(output) == []


def test_placeholders_are_french() -> None:
    _, output = try_out("essai", "--help")
    words = ["ENTIER", "NOMBRE", "TEXTE", "CHEMIN", "DOSSIER", "FICHIER", "obligatoire", "variable : PART"]
    assert [word for word in [*words, "par défaut : 3"] if word not in output] == []


def test_no_line_of_help_breaks_before_french_punctuation() -> None:
    _, output = try_out("essai", "--help")
    assert "hectares\u00a0;" in output
    assert "«\u00a0aide\u00a0»" in output


@pytest.mark.parametrize(("text", "read"), [("2,5", "2.5"), ("2.5", "2.5")])
def test_a_number_takes_the_french_comma(text: str, read: str) -> None:
    assert try_out("essai", "nom", "--surface", text) == (0, f"{read} None\n")
    assert try_out("essai", "nom", "--surface", "1", "--part", "0,5") == (0, "1.0 0.5\n")


@pytest.mark.parametrize("text", ["2026-11-23", "23/11/2026"])
def test_a_day_is_read_in_both_writings(text: str) -> None:
    assert options.day.convert(text, None, None).isoformat() == "2026-11-23"


def test_control_and_direction_characters_are_made_visible() -> None:
    assert french.visible("a\x1b[2Jb\u202ec\nd") == "a�[2Jb�c\nd"


@pytest.mark.parametrize("word", ["separes", "Séparés", "SEPARES", " séparés"])
def test_a_word_of_a_list_may_have_its_capitals_and_accents(word: str) -> None:
    choice = french.Choice(["separes", "joints"])
    assert choice.convert(word, None, None) == "separes"


def test_a_word_of_no_list_is_refused_as_it_was_written() -> None:
    with pytest.raises(click.BadParameter, match="Séparé"):
        french.Choice(["separes", "joints"]).convert("Séparé", None, None)
