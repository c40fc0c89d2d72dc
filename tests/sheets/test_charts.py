"""Charts: what they say, and what they never let through."""

from xml.etree import ElementTree

import pytest

from artois_geo import charts
from artois_geo.errors import BadTable

SVG = "{http://www.w3.org/2000/svg}"


def texts(chart: str) -> list[str]:
    return [node.text or "" for node in ElementTree.fromstring(chart).iter(f"{SVG}text")]


def test_the_waterfall_shows_gross_each_loss_the_unknown_and_what_is_left():
    chart = charts.waterfall(20, [("inondation", 4), ("rien", 0), ("ligne", 1.6)], unknown_ha=6)
    assert texts(chart) == [
        "Surface brute", "20 ha", "inondation", "−\u202f4 ha", "ligne", "−\u202f1,6 ha",
        "Inconnu : personne n'a regardé", "6 ha", "Disponible", "8,4 ha",
    ]  # fmt: skip


def test_a_hostile_name_stays_text():
    name = "</text><script>alert(1)</script>&\x00"
    chart = charts.waterfall(20, [(name, 4)], title=name)
    root = ElementTree.fromstring(chart)  # well-formed
    assert not list(root.iter(f"{SVG}script"))
    assert "<script" not in chart


def test_what_is_unknown_is_not_a_zero():
    chart = charts.profile({"emploi": 0, "énergie": None, "sol": float("nan")})
    assert texts(chart) == ["emploi", "0", "énergie", "inconnu", "sol", "inconnu"]


def test_a_site_without_area_has_no_waterfall():
    with pytest.raises(BadTable, match="surface"):
        charts.waterfall(0, [])
