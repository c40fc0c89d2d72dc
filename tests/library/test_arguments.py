"""From Python, an error that names an option names the argument too."""

import re
from pathlib import Path

import plain
import pytest
from package_code import PACKAGE

from artois_geo import layers
from artois_geo.errors import ARGUMENTS, BadTable, UnreadableFile

OPTION = re.compile(r"--[a-z][a-z-]+")
# the file is opened by the library too: what a message there names is an argument of a function
OPENERS = ("formats", "deliveries/crs_detection.py", "deliveries/delivery_checks.py", "layers/comparison.py")
BY_COMMAND_ALONE = {"--depuis"}  # « sources prendre », a command with its archive


def test_every_option_that_a_reading_error_names_has_its_argument() -> None:
    files = [path for room in OPENERS for path in [PACKAGE / room, *(PACKAGE / room).rglob("*.py")]]
    texts = [path.read_text(encoding="utf-8") for path in files if path.suffix == ".py"]
    options_named = {option for text in texts for option in OPTION.findall(text)}
    assert options_named - BY_COMMAND_ALONE <= set(ARGUMENTS)


def test_the_traceback_of_a_reading_ends_with_the_arguments(tmp_path: Path) -> None:
    file = tmp_path / "sites.csv"
    file.write_bytes("nom;x;y\nB\xe9thune;1;2\n".encode("latin-1") + b"\x81\n")
    with pytest.raises(UnreadableFile, match="--encodage") as refusal:
        layers.receive(file, "libre", encoding="utf-8")
    assert refusal.value.__notes__ == ["En Python : encoding=… (--encodage)."]


def test_an_error_without_option_has_no_note() -> None:
    assert not hasattr(BadTable("Colonnes absentes."), "__notes__")


def test_land_without_shapes_says_the_argument_that_keeps_them() -> None:
    from artois_geo import land

    site = plain.square(x_km=0, y_km=0, side_km=1)
    site.geometry = [None]
    with pytest.raises(BadTable, match="sans géométrie") as refusal:
        land.available(site, plain.square(x_km=0, y_km=0, side_km=1))
    assert "skip_unmeasured=True" in refusal.value.__notes__[0]
