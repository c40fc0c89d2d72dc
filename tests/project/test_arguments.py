"""One vocabulary of arguments in every public function: what a word means in one room it means in all."""

import ast
from functools import cache

import pytest
from package_code import PACKAGE, modules, tree

FILES = [path for path in modules() if "cli" not in path.parts]

# Old word -> what says it in the whole package (docs/architecture.md).
OLD_WORDS = {
    "territories": "zones",
    "territoires": "zones",
    "graph": "network",
    "first_year": "years",
    "last_year": "years",
    "group_columns": "by",
    "par": "by",
    "cle": "key",
    "id_column": "key",
    "zone_key": "key",
}
# Records that options of the command line fill, under the French words of these options.
FILLED_BY_OPTIONS = {"studies/zan/requests.py"}
# Tables that carry these words, or a layer's own columns of them: no argument of a public function.
HELPERS = {
    "studies/zan/territories.py": {"territories", "par"},
    "zan/consumption.py": {"territories"},
    "studies/zan/flows.py": {"territories"},
}
TYPES = {
    "on": {"date", "date | None"},
    "by": {
        "str",
        "str | None",
        "str | Sequence[str]",
        "str | Sequence[str] | None",
        "Sequence[str]",
        "By",
        "tuple[str, ...]",
    },
    "years": {"tuple[int, int]", "tuple[int | None, int | None]"},
    "reference_years": {"tuple[int, int]"},
    "budget_years": {"tuple[int, int]"},
    "keys": {"Sequence[str]"},
    "network": {"Network"},
}
ROOMS = {"corridors", "network", "zan", "zae", "land", "ranking", "densification", "canal"}


@cache
def arguments() -> list[tuple[str, str, str, str]]:
    """List file, function, argument and type of every public function, and the fields of public records."""
    rows = []
    for path in FILES:
        file = str(path.relative_to(PACKAGE))
        for node in tree(path).body:
            if not isinstance(node, (ast.FunctionDef, ast.ClassDef)) or node.name.startswith("_"):
                continue
            if isinstance(node, ast.FunctionDef):
                names = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                pairs = [(name.arg, name.annotation) for name in names]
            else:
                fields = [field for field in node.body if isinstance(field, ast.AnnAssign)]
                pairs = [(ast.unparse(field.target), field.annotation) for field in fields]
            rows += [(file, node.name, name, ast.unparse(kind) if kind else "") for name, kind in pairs]
    return rows


@pytest.mark.parametrize("word", OLD_WORDS)
def test_no_public_function_takes_an_argument_by_its_old_word(word: str) -> None:
    wrong = [
        f"{file} {function}"
        for file, function, name, _ in arguments()
        if name == word and file not in FILLED_BY_OPTIONS and word not in HELPERS.get(file, set())
    ]
    assert wrong == [], f"dire {OLD_WORDS[word]}"


@pytest.mark.parametrize("word", TYPES)
def test_a_word_means_the_same_in_every_analysis(word: str) -> None:
    typed = [
        row
        for row in arguments()
        if row[2] == word and row[0].split("/")[0] in ROOMS | {"whatif.py", "offer.py"}
    ]
    assert typed, f"aucune fonction n'a d'argument « {word} »"
    wrong = [
        f"{file} {function}({word}: {kind})"
        for file, function, _, kind in typed
        if kind not in TYPES[word] and (file, function, word) != ("whatif.py", "difference", "on")
    ]
    assert wrong == []
