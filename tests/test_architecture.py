"""The floors of the house: a room imports only what lies below it."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "artois_geo"

FLOORS = {
    "errors": 0,
    "languages": 0,
    "meaning": 0,
    "text": 0,
    "vocabulary": 0,
    "theme": 1,
    "measure": 1,
    "constants": 1,
    "suffixes": 1,
    "layers": 2,
    "overlay": 2,
    "network": 2,
    "shapes": 2,
    "sources": 2,
    "tables": 2,
    "territory": 2,
    "whatif": 2,
    "canal": 3,
    "corridors": 3,
    "densification": 3,
    "example": 3,
    "land": 3,
    "offer": 3,
    "ranking": 3,
    "zae": 3,
    "zan": 3,
    "charts": 4,
    "maps": 4,
    "sheets": 4,
    "studies": 5,
    "fluvial": 6,
    "packs": 6,
    "cli": 7,
}
SIDEWAYS = {("sheets", "charts"), ("territory", "overlay"), ("vocabulary", "errors")}
ANALYSES_MAY_IMPORT = {
    "errors",
    "meaning",
    "measure",
    "network",
    "overlay",
    "shapes",
    "territory",
    "text",
    "vocabulary",
}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    """Full names of every module that a file imports, wherever in the file."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path.name}: import relatif"
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return found


def rooms_imported(path: Path) -> set[str]:
    names = (name.split(".") for name in imports(path))
    return {parts[1] for parts in names if parts[0] == "artois_geo" and len(parts) > 1} & set(FLOORS)


def test_every_module_stands_in_a_known_room() -> None:
    assert {room_of(path) for path in modules()} - {"__init__"} <= set(FLOORS)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_room_imports_only_from_below(path: Path) -> None:
    room = room_of(path)
    if room == "__init__":
        return
    for other in rooms_imported(path) - {room}:
        below = FLOORS[other] < FLOORS[room] or (room, other) in SIDEWAYS
        assert below, f"{path.relative_to(PACKAGE)} ({room}, étage {FLOORS[room]}) importe {other}"
        if FLOORS[room] == 3:
            assert other in ANALYSES_MAY_IMPORT, f"{room} importe {other} : une analyse reçoit des tableaux"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_maps_knows_folium_and_only_cli_knows_click(path: Path) -> None:
    top = {name.split(".")[0] for name in imports(path)}
    assert "folium" not in top or room_of(path) == "maps"
    assert "click" not in top or room_of(path) == "cli"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_code_runs_a_text_or_reads_a_pickle(path: Path) -> None:
    assert not imports(path) & {"pickle", "marshal", "shelve"}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in {"eval", "exec"}, path
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            assert node.func.attr not in {"read_pickle", "to_pickle", "explore"}, path


def test_every_public_function_of_a_room_has_an_example() -> None:
    missing = []
    for path in modules():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if room_of(path) in {"cli", "__init__"}:
            continue
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                doc = ast.get_docstring(node) or ""
                if ">>>" not in doc and is_public(path, node.name):
                    missing.append(f"{path.relative_to(PACKAGE)}:{node.name}")
    assert missing == []


def is_public(path: Path, name: str) -> bool:
    """A function of a one-file room, or one that the folder's ``__init__`` offers."""
    inside = path.relative_to(PACKAGE).parts
    if len(inside) == 1 or path.name == "__init__.py":
        return True
    offered = (PACKAGE / inside[0] / "__init__.py").read_text(encoding="utf-8")
    return f'"{name}"' in offered


@pytest.mark.parametrize("room", ["charts", "maps", "packs", "sheets", "tables"])
def test_no_file_of_a_room_is_imported_by_what_it_imports(room: str) -> None:
    """Neither directly nor by a chain of files; a circle hides behind an import inside a function."""
    files = {path: imports(path) for path in (PACKAGE / room).rglob("*.py")}
    names = {
        ".".join(("artois_geo", *path.relative_to(PACKAGE).with_suffix("").parts)): path for path in files
    }
    arrows = {path: {names[name] for name in files[path] & set(names)} - {path} for path in files}
    for path in files:
        reached, waiting = set(), [path]
        while waiting:
            steps = arrows[waiting.pop()] - reached
            reached |= steps
            waiting += steps
        assert path not in reached, (
            f"{path.name} s'importe lui-même par {sorted(one.name for one in reached)}"
        )
