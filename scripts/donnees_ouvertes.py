"""Write the table of the shipped sources again in docs/donnees_ouvertes.md, from their TOML."""

from pathlib import Path

from artois_geo.studies import open_data

PAGE = Path(__file__).parents[1] / "docs" / "donnees_ouvertes.md"
START, END = "<!-- table des sources -->\n", "<!-- fin de la table -->\n"


def page(text: str) -> str:
    """Return the page with the table of today."""
    before, _, following = text.partition(START)
    return before + START + open_data.documented() + END + following.partition(END)[2]


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
