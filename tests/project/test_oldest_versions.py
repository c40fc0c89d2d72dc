"""The versions that « scripts/test --anciennes » installs are exactly the lowest ones promised."""

import configparser
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
USED = ("image", "pdf", "tuiles", "rapport", "rapide", "scale", "greffons")  # extras that a user installs
PROMISE = re.compile(r"^([\w.-]+) >= ([\w.]+)$", re.M)


def test_the_constraints_are_the_lowest_versions_of_setup_cfg() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    texts = [setup["options"]["install_requires"], *(setup["options.extras_require"][name] for name in USED)]
    promised = {name: version for text in texts for name, version in PROMISE.findall(text)}
    lines = (ROOT / "scripts" / "anciennes.txt").read_text(encoding="utf-8").splitlines()
    constraints = [line for line in lines if not line.startswith("#")]  # those say why a bound rose
    assert constraints == [f"{name}=={version}" for name, version in sorted(promised.items())]


def test_every_dependency_promises_a_lowest_version() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    lines = setup["options"]["install_requires"].split("\n")
    assert [line for line in lines if line and not PROMISE.fullmatch(line)] == []
