"""A table shows itself as a planner reads it, in a notebook and as text, and nothing in it runs."""

from html.parser import HTMLParser

import pandas as pd
import plain
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artois_geo import constants, kinds, land, layers, tables
from artois_geo.errors import BadTable
from artois_geo.studies import StudyTable

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


class Cells(HTMLParser):
    """Tags of a page, and the texts of its cells."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)
        if tag in {"td", "th", "caption", "small"}:
            self.texts.append("")

    def handle_data(self, data: str) -> None:
        self.texts[-1] += data


@given(TEXTS, TEXTS, TEXTS)
def test_any_text_is_a_text_and_never_markup(name: str, note: str, title: str) -> None:
    view = tables.show(pd.DataFrame({name: [name]}), notes=[note], title=title)
    page = Cells(view._repr_html_())
    assert page.tags <= {"div", "table", "caption", "thead", "tr", "th", "tbody", "td", "p", "small", "br"}
    assert not any(letter in str(view) for letter in "\x1b\u202e")


def test_a_column_of_no_kind_is_headed_as_most_kinds_do_and_not_where_they_differ() -> None:
    frame = pd.DataFrame({"epci_siren": ["200"], "site_type": ["zae"]})  # three kinds, three labels
    assert Cells(tables.show(frame)._repr_html_()).texts[:2] == ["SIREN de l'EPCI", "site_type"]


def test_a_notebook_and_a_text_say_the_same() -> None:
    frame = pd.DataFrame({"site_nom": ["Parc <1>"], "available_ha": [1234.5], "available_share": [0.5447]})
    view = tables.show(frame, surface="lambert93", title="Foncier & sites")
    page = Cells(view._repr_html_())
    heads = ["Nom du site", "Surface disponible (ha)", "Part disponible (%)"]
    cells = ["Parc <1>", "1\u202f234,50", "54,5"]
    convention = "Surfaces planes en Lambert-93 (EPSG:2154)"
    assert page.texts == ["Foncier & sites", *heads, *cells, convention]
    text = str(view)
    assert all(part in text for part in page.texts)
    assert repr(view) == text


def test_what_is_said_under_a_table() -> None:
    site = plain.square(x_km=0, y_km=0, side_km=1, geometrie="schématique", available_ha=1.0)
    catalogue = layers.read_catalogue()
    rate = constants.values("reduction_2021_2030")[-1]
    lines = str(
        tables.show(site, sources=[catalogue["communes"], "plan/zones.gpkg"], constants=[rate])
    ).splitlines()
    assert any(line.startswith("Couche communes (livrée avec l'outil) : millésime") for line in lines)
    assert "Couche zones.gpkg : millésime non indiqué" in lines
    assert any("50 %" in line and "2021-1104" in line for line in lines)
    assert "Géométrie schématique : 1 objet sur 1, à ne pas mesurer." in lines
    assert lines[-1].startswith("Convention des surfaces non indiquée")  # never a convention nobody gave


def test_received_columns_bear_the_labels_of_their_kind() -> None:
    site = pd.DataFrame({"site_id": ["a"], "site_nom": ["b"], "site_etat": ["c"]})
    assert kinds.kind_of(site.columns) == "site_eco"
    assert "Nom du site" in str(tables.show(site))


def test_every_level_of_an_index_is_a_column() -> None:
    site = plain.square(x_km=0, y_km=0, side_km=1)
    flood = plain.rectangle(x_km=0.75, y_km=0, width_km=1, height_km=1, nom="crue")
    page = Cells(tables.show(land.losses(site, flood, by="nom"))._repr_html_())
    assert page.texts[:2] == ["Site", "nom"]
    assert page.texts[6:9] == ["0", "crue", "25"]


def test_rows_beyond_what_is_shown_are_counted() -> None:
    view = tables.show(pd.DataFrame({"n": range(1_201)}))
    assert "1\u202f001 lignes de plus, sur 1\u202f201." in str(view)
    assert len(view.frame) == 1_201
    assert "Aucune ligne." in str(tables.show(pd.DataFrame({"n": []})))


def test_what_is_no_table_is_refused() -> None:
    with pytest.raises(BadTable, match="to_frame"):
        tables.show(pd.Series([1.0]))  # type: ignore[arg-type]


def test_a_study_shows_itself_with_its_footer() -> None:
    study = StudyTable(pd.DataFrame({"net_ha": [7.5]}), surface="lambert93", title="Foncier <net>")
    assert "Foncier &lt;net&gt;" in study._repr_html_()
    assert "Surfaces planes en Lambert-93" in study._repr_html_()


def test_one_row_too_wide_for_a_page_is_shown_line_by_line() -> None:
    row = pd.DataFrame([[*range(12), 2.5]], columns=[*(f"c{i}" for i in range(12)), "area_ha"])
    page = tables.show(row)._repr_html_()
    assert page.count('<th scope="row"') == 13
    assert "<thead>" not in page
    assert "2,50" in page


def test_the_code_and_the_name_of_an_epci_are_headed_in_french_in_any_table() -> None:
    page = tables.show(pd.DataFrame({"epci_sigle": ["CALL"], "epci_siren": ["246200364"], "x_ha": [1.0]}))
    assert ">EPCI<" in page._repr_html_()
    assert "SIREN de l&#x27;EPCI" in page._repr_html_()
