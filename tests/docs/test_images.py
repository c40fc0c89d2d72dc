"""Each picture of the README stands with the command that makes it, and weighs little."""

from pathlib import Path

from site_scripts import images

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def test_each_picture_is_there_and_none_is_heavy() -> None:
    weights = {name: (images.FOLDER / f"{name}.png").stat().st_size for name in images.PICTURES}
    assert max(weights.values()) <= images.LARGEST_KB * 1000


def test_the_command_under_each_picture_of_the_readme_is_the_one_that_makes_it() -> None:
    for name, picture in images.README.items():
        assert f"docs/images/{name}.png" in README
        assert f"`{picture.command}`" in README
