"""Names say what a thing is, sentences begin with a verb, commands are short, meanings decided once."""

import ast
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest
from package_code import PACKAGE, modules, nodes

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)

WORDS = Path(__file__).parents[1]
EMPTY_WORDS = frozenset((WORDS / "empty_words.txt").read_text(encoding="utf-8").split())
MOST_EMPTY_SHARE = 0.01  # of the names that the package binds
MOST_EMPTY = 10  # names in the tests and the scripts
MOST_LINES = 15  # of the body of a command, its French help left out
MOST_PARAMETERS, FEW = 7, 7  # functions that may have more: compiled ones, and two doors

VERBS = frozenset((WORDS / "verbs.txt").read_text(encoding="utf-8").split())

# What house rules decide in one place -> what the old ways look like, and where they may stand.
DECISIONS = {
    "un texte sans casse ni accents": (
        r"unicodedata\.normalize",
        {"meaning.py", "deliveries/delivery_checks.py"},
    ),
    "un nombre écrit avec une virgule": (r"""replace\(\s*["'],["']\s*,\s*["']\.["']""", {"text.py"}),
    "vrai ou faux": (
        r"""\.eq\(True\)|["']vrai["']\s*,\s*["']|["']faux["']\s*,|\["(compte_dans_total|est_sous_site)["']\]""",
        {"meaning.py"},
    ),
    "compté, sous-site": (
        r"""get\(["'](compte_dans_total|est_sous_site)["']|= ["']compte_dans""",
        {"meaning.py"},
    ),
    "une emprise levée ou numérisée": (r"""["']num[eé]ris[eé]e["']\s*[,)]""", {"meaning.py"}),
    "la virgule décimale": (r"""replace\(\s*["']\.["']\s*,\s*["'],["']""", {"text.py"}),
    "les espaces d'un nombre": (
        r"\\s\\u00a0",
        {"formats/tables/headers.py"},  # weigh what a column may mean
    ),
    "le nombre de cœurs": (r"os\.cpu_count|sched_getaffinity", {"threads.py"}),
    "le sol d'une carte": (r"^(GROUNDS?|OUTLINES) = ", set()),
    "le jeu de règles par défaut": (r"""["']loi-2023-630["']""", {"constants/rules.py"}),
    "les polygones d'une couche": (r"""geom_type\.isin\(\[["']Polygon""", {"shapes/ground.py"}),
    "créer un dossier": (
        r"\.mkdir\(",
        {"layers/store.py", "overlay/copies.py", "formats/archives.py"},  # temporary folders of their own
    ),
    "schématique": (r"""==\s*["']sch[eé]matique["']""", set()),
    "les couches du sol d'une carte": (r"""["']commune_schema["']""", {"meaning.py"}),
    "la colonne qui nomme un site": (
        r"""^\w*NAMES?(_COLUMNS)? = [({]\s*["']site|["']site_nom["'],\s*["'](foncier_nom|nom|site_id)["']""",
        {"meaning.py"},
    ),
    "la colonne qui nomme un objet": (r"""endswith\(["']_nom["']\)""", {"meaning.py"}),
    "une valeur absente": (r"value is pd\.NA or value is pd\.NaT", {"meaning.py"}),
}


def names_of(path: Path) -> list[str]:
    """Give every name that a file binds: variables, parameters, functions."""
    names = []
    for node in nodes(path):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.append(node.id)
        elif isinstance(node, ast.arg):
            names.append(node.arg)
        elif isinstance(node, FUNCTIONS):
            names.append(node.name)
    return names


def is_command(function: ast.FunctionDef) -> bool:
    """Tell whether a function is a click command."""
    return any(
        isinstance(decorator, ast.Call)
        and isinstance(decorator.func, ast.Attribute)
        and decorator.func.attr in {"command", "group"}
        for decorator in function.decorator_list
    )


def functions() -> list[tuple[Path, ast.FunctionDef]]:
    return [(path, node) for path in modules() for node in nodes(path) if isinstance(node, FUNCTIONS)]


def empty_names(paths: Iterable[Path]) -> dict[str, Counter[str]]:
    """Count by file the names that say nothing of what they are."""
    counts = {
        path: Counter(name for name in names_of(path) if name.strip("_") in EMPTY_WORDS) for path in paths
    }
    return {str(path.relative_to(PACKAGE.parent)): names for path, names in counts.items() if names}


def test_few_names_say_nothing() -> None:
    empty = empty_names(modules())
    bound = sum(len(names_of(path)) for path in modules())
    assert sum(map(Counter.total, empty.values())) <= MOST_EMPTY_SHARE * bound, empty


def test_few_names_of_the_tests_and_the_scripts_say_nothing() -> None:
    empty = empty_names(
        path for room in ("tests", "scripts") for path in (PACKAGE.parent / room).rglob("*.py")
    )
    assert sum(map(Counter.total, empty.values())) <= MOST_EMPTY, empty


def test_a_docstring_begins_with_a_verb() -> None:
    wrong = []
    for path, node in functions():
        text = ast.get_docstring(node)
        if not text or is_command(node):
            continue
        word = re.match(r"\W*(\w+)", text)
        if word is None or word.group(1).lower() not in VERBS:
            wrong.append(f"{path.relative_to(PACKAGE)} {node.name}: {text.splitlines()[0]}")
    assert wrong == []


def lines_of_body(command: ast.FunctionDef) -> int:
    """Count the lines of a command, its French help left out."""
    body = command.body[1:] if ast.get_docstring(command) else command.body
    return len({line for node in body for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)})


def test_a_command_says_one_thing() -> None:
    commands = [(path, node) for path, node in functions() if is_command(node)]
    assert len(commands) > 30
    assert {
        f"{path.stem} {node.name}" for path, node in commands if lines_of_body(node) > MOST_LINES
    } == set()
    assert {
        f"{path.stem} {node.name}"
        for path, node in commands
        if len(node.args.args) + len(node.args.kwonlyargs) > MOST_PARAMETERS
    } == set()


def test_few_functions_take_more_than_seven_parameters() -> None:
    long = [
        f"{path.relative_to(PACKAGE)} {node.name}"
        for path, node in functions()
        if len([*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]) > MOST_PARAMETERS
        and not (node.args.args and node.args.args[0].arg in {"self", "cls"})
    ]
    assert len(long) <= FEW, long


def test_no_table_lists_the_columns_that_name_a_site() -> None:
    wrong = {
        path.name
        for path in PACKAGE.rglob("*.toml")
        if re.search(r"^name = \[.*site_nom.*\]", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert wrong == set(), "à prendre dans meaning.SITE_NAMES"


@pytest.mark.parametrize("decision", DECISIONS)
def test_a_meaning_is_decided_once(decision: str) -> None:
    pattern, allowed = DECISIONS[decision]
    places = {
        str(path.relative_to(PACKAGE))
        for path in modules()
        if re.search(pattern, path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert places <= allowed, f"{decision} : à prendre dans {sorted(allowed) or 'meaning'}"
