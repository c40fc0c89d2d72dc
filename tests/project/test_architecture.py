"""The floors of the house: a room imports only what lies below it."""

import ast
import inspect
import re
from functools import cache
from pathlib import Path

import pytest
from package_code import PACKAGE, modules, nodes, tree

import artois_geo

FLOORS = {
    "arguments": 0,
    "deprecated": 0,
    "errors": 0,
    "languages": 0,
    "meaning": 0,
    "text": 0,
    "vocabulary": 0,
    "theme": 1,
    "measure": 1,
    "constants": 1,
    "suffixes": 1,
    "threads": 1,
    "formats": 2.0,
    "kinds": 2.2,
    "tables": 2.3,
    "deliveries": 2.4,
    "layers": 2.6,
    "overlay": 2,
    "network": 2,
    "shapes": 2,
    "sources": 2.8,
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
    "showcase": 3.5,
    "charts": 4,
    "maps": 4,
    "sheets": 4,
    "studies": 5,
    "packs": 6,
    "fluvial": 6.5,  # the old door of packs.fluvial
    "cli": 7,
}
SIDEWAYS = {
    ("arguments", "errors"),
    ("arguments", "languages"),
    ("arguments", "text"),
    ("constants", "suffixes"),
    ("errors", "text"),
    ("languages", "errors"),
    ("meaning", "errors"),
    ("sheets", "charts"),
    ("territory", "overlay"),
    ("vocabulary", "errors"),
    ("vocabulary", "meaning"),
}
ANALYSES_MAY_IMPORT = {
    "arguments",
    "deprecated",
    "errors",
    "meaning",
    "measure",
    "network",
    "overlay",
    "shapes",
    "territory",
    "text",
    "threads",
    "vocabulary",
}


# The only files of an analysis that read constants: the caller hands over what they give.
DOORS_OF_CONSTANTS = {"canal/defaults.py", "densification/defaults.py", "zan/rule_set.py"}


MOST_FILES = 14  # in a folder, ``__init__`` included


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@cache
def imports(path: Path) -> set[str]:
    """Full names of every module that a file imports, wherever in the file."""
    imported = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path.name}: import relatif"
            imported |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return imported


def rooms_imported(path: Path) -> set[str]:
    names = (name.split(".") for name in imports(path))
    return {parts[1] for parts in names if parts[0] == "artois_geo" and len(parts) > 1} & set(FLOORS)


def file_of(name: str) -> str | None:
    """The file of the package that a dotted name leads to; a folder is no file, what it offers is."""
    parts = name.split(".")[1:]
    for stop in (len(parts), len(parts) - 1):
        path = PACKAGE.joinpath(*parts[:stop]).with_suffix(".py") if stop > 0 else None
        if path is not None and path.is_file():
            return path.relative_to(PACKAGE).as_posix()
    return None


def offered_by(room: str) -> dict[str, str]:
    """Names that the ``__init__`` of a folder takes from its files, and these files."""
    path = PACKAGE.joinpath(*room.split("."), "__init__.py")
    names = {}
    if path.is_file():
        for node in nodes(path):
            if isinstance(node, ast.ImportFrom) and node.module:
                file = file_of(node.module)
                names |= {alias.asname or alias.name: file for alias in node.names if file is not None}
    return names


def file_graph() -> dict[str, set[str]]:
    """The files that each file imports, wherever in the file; through an ``__init__`` to where a name is."""
    graph = {}
    for path in modules():
        if path.name == "__init__.py":
            continue
        targets = set()
        for name in imports(path):
            if name.split(".")[0] == "artois_geo":
                file = file_of(name)
                if file is None and name.count(".") > 1:
                    room, last = name.removeprefix("artois_geo.").rsplit(".", 1)
                    file = offered_by(room).get(last)
                targets.add(file)
        own = path.relative_to(PACKAGE).as_posix()
        graph[own] = {target for target in targets if target is not None} - {own}
    return graph


def circles(graph: dict[str, set[str]]) -> set[frozenset[str]]:
    """Groups of files of which each leads to all the others."""
    reached: dict[str, set[str]] = {}
    for start in graph:
        waiting, visited = [start], set()
        while waiting:
            for target in graph.get(waiting.pop(), ()):
                if target not in visited:
                    visited.add(target)
                    waiting.append(target)
        reached[start] = visited
    return {
        frozenset(target for target in reached[start] if start in reached.get(target, ()))
        for start in graph
        if start in reached[start]
    }


def test_a_circle_of_files_is_seen() -> None:
    graph = {"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}
    assert circles(graph) == {frozenset({"b", "c"})}


def test_no_file_imports_another_in_a_circle() -> None:
    assert circles(file_graph()) == set()


def test_a_folder_holds_few_files() -> None:
    counts: dict[str, int] = {}
    for path in modules():
        folder = path.parent.relative_to(PACKAGE).as_posix()
        if folder != ".":
            counts[folder] = counts.get(folder, 0) + 1
    too_full = {name: n for name, n in counts.items() if n > MOST_FILES}
    assert too_full == {}


@pytest.mark.parametrize("room", sorted(FLOORS))
def test_every_room_is_an_attribute_of_the_package(room: str) -> None:
    assert getattr(artois_geo, room).__name__ == f"artois_geo.{room}"


def test_the_rooms_are_the_folders_and_files_of_the_package() -> None:
    rooms = {room_of(path) for path in modules()}
    assert set(artois_geo.ROOMS) == rooms - {"__init__", "arguments", "deprecated"}


@pytest.mark.parametrize("room", sorted(set(artois_geo.ROOMS) - {"cli", "fluvial", "languages", "theme"}))
def test_a_room_shows_what_it_offers_and_no_name_that_it_imports(room: str) -> None:
    module = getattr(artois_geo, room)
    assert dir(module) == sorted(module.__all__)
    for name in module.__all__:
        value = getattr(module, name)
        home = value.__module__ if inspect.isfunction(value) or inspect.isclass(value) else "artois_geo"
        assert home.startswith("artois_geo"), name


def test_every_module_stands_in_a_known_room() -> None:
    assert {room_of(path) for path in modules()} - {"__init__"} <= set(FLOORS)


def test_a_room_imports_only_from_below() -> None:
    wrong = []
    for path in modules():
        room = room_of(path)
        for lower_room in rooms_imported(path) - {room} if room != "__init__" else ():
            if not (FLOORS[lower_room] < FLOORS[room] or (room, lower_room) in SIDEWAYS):
                wrong.append(
                    f"{path.relative_to(PACKAGE)} ({room}, étage {FLOORS[room]}) importe {lower_room}"
                )
            door = path.relative_to(PACKAGE).as_posix() in DOORS_OF_CONSTANTS
            may = {*ANALYSES_MAY_IMPORT, "constants", "suffixes"} if door else ANALYSES_MAY_IMPORT
            if FLOORS[room] == 3 and lower_room not in may:
                wrong.append(f"{room} importe {lower_room} : une analyse reçoit des tableaux")
    assert wrong == []


def test_the_command_line_touches_no_frame() -> None:
    """Only types are imported there: rows and shapes are the business of studies and tables."""
    frames = re.compile(r"^ *(?:import|from) (?:pandas|geopandas|shapely|numpy)\b", re.MULTILINE)
    for path in sorted((PACKAGE / "cli").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        running = re.sub(r"^if TYPE_CHECKING:\n(?:(?: .*)?\n)+", "", text, flags=re.MULTILINE)
        assert not frames.findall(running), path.relative_to(PACKAGE)


def files_that_import(*names: str) -> set[str]:
    """Files of the package that import one of these packages."""
    return {
        path.relative_to(PACKAGE).as_posix()
        for path in modules()
        if {name.split(".")[0] for name in imports(path)} & set(names)
    }


def test_folium_click_and_the_network_have_one_room_each() -> None:
    assert {file.split("/")[0] for file in files_that_import("folium")} == {"maps"}
    assert {file.split("/")[0] for file in files_that_import("click")} == {"cli"}
    network = files_that_import("requests", "urllib3", "http", "socket")
    # layers/store.py: the name of the machine that holds a lock
    assert {file for file in network if not file.endswith("/transport.py")} <= {"layers/store.py"}


def test_no_code_runs_a_text_or_reads_a_pickle() -> None:
    assert files_that_import("pickle", "marshal", "shelve") == set()
    wrong = set()
    for path in modules():
        calls = [node.func for node in nodes(path) if isinstance(node, ast.Call)]
        called = {func.id for func in calls if isinstance(func, ast.Name)} & {"eval", "exec"}
        methods = {func.attr for func in calls if isinstance(func, ast.Attribute)}
        if called | methods & {"read_pickle", "to_pickle", "explore"}:
            wrong.add(path.relative_to(PACKAGE).as_posix())
    assert wrong == set()


def test_every_public_function_of_a_room_has_an_example() -> None:
    missing = []
    for path in modules():
        if room_of(path) in {"cli", "__init__"}:
            continue
        for node in tree(path).body:
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


def test_the_page_on_the_house_lists_its_rooms() -> None:
    page = (PACKAGE.parent / "docs" / "architecture.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| \d(?:,\d)? \| `(\w+)` \|", page, re.MULTILINE)
    assert len(listed) == len(set(listed))
    assert set(listed) == {room_of(path) for path in modules()} - {"__init__"}


def test_no_analysis_takes_a_constant_by_itself() -> None:
    doors = {f"artois_geo.{name.removesuffix('.py').replace('/', '.')}" for name in DOORS_OF_CONSTANTS}
    for path in modules():
        name = path.relative_to(PACKAGE).as_posix()
        if FLOORS.get(room_of(path)) == 3 and path.name != "__init__.py" and name not in DOORS_OF_CONSTANTS:
            assert not imports(path) & doors, f"{name} : une analyse reçoit ses constantes"
