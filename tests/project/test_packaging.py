"""What is installed is the whole house, with its data."""

import configparser
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_folder_of_code_is_in_the_wheel() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    declared = set(setup["options"]["packages"].split())
    folders = {path.parent for path in (ROOT / "artois_geo").rglob("*.py")}
    folders_of_code = {".".join(folder.relative_to(ROOT).parts) for folder in folders}
    assert declared == folders_of_code | {"artois_geo.donnees"}


def test_every_data_file_of_the_package_is_in_the_wheel() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    patterns = {
        name: value.replace(" ", "").split(",") for name, value in setup["options.package_data"].items()
    }
    missing = []
    for path in (ROOT / "artois_geo").rglob("*"):
        if not path.is_file() or path.suffix == ".py" or "__pycache__" in path.parts:
            continue
        parents = [path.parent, *path.parent.parents]
        home = next(folder for folder in parents if (folder / "__init__.py").is_file())
        listed_patterns = patterns.get(".".join(home.relative_to(ROOT).parts), [])
        if not any(path.relative_to(home).match(pattern) for pattern in listed_patterns):
            missing.append(str(path.relative_to(ROOT)))
    assert missing == []
