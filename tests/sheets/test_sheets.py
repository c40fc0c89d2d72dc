"""Sheets: what stands on them, what never runs, what both languages say."""

import html
import re
from datetime import date
from typing import Any
from xml.etree import ElementTree

import draws
import geopandas as gpd
import hostile_texts as hostile
import numpy as np
import pandas as pd
import plain
import pytest
import raster
from hypothesis import given, settings
from hypothesis import strategies as st

from artois_geo import layers, packs, sheets, tables, theme
from artois_geo.errors import BadCRS, BadTable, BadValue
from artois_geo.sheets import qr, sections, wording
from artois_geo.sheets.location import legend

PNG = raster.png((0, 90, 74), side=2)
SITE_TEXTS = (
    "site_id", "site_nom", "communes", "site_epci_nom", "famille", "site_vocadomi", "site_type", "site_etat",
    "foncier_origine", "site_moa_nom", "dispo_statut", "dispo_source_texte", "date_info", "compte_motif",
    "note", "source", "precision", "parent_nom", "contact_nom", "contact_mail", "contact_tel", "site_url",
)  # fmt: skip


@pytest.fixture(scope="module")
def catalogue_data() -> packs.CatalogueData:
    return packs.read_catalogue_data(layers.read_catalogue())


def site(**fields: object) -> pd.Series:
    return pd.Series(
        {"site_id": "zone-a", "site_nom": "Zone A", "site_surf_brute": 24.0, **fields}, dtype=object
    )


def text_of(page: str) -> str:
    """What a reader sees: tags away, entities read."""
    bare = re.sub(r"<style>.*?</style>|<svg.*?</svg>", " ", page, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]*>", "", bare.replace("</", " </")))


def policy(page: str) -> str:
    match = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert match
    return html.unescape(match[1])


# ------------------------------------------------------------------------------------------------ distances
def port(x_km: float, name: str = "Port", **fields: object) -> gpd.GeoDataFrame:
    columns = {
        "objet_type": "port fluvial",
        "objet_nom": name,
        "precision_m": 0,
        "etat": "en service",
        **fields,
    }
    return plain.square(x_km=x_km, y_km=0, side_km=1, **columns)


def test_the_distance_is_the_straight_line_to_the_nearest_one() -> None:
    site_at_origin = plain.square(x_km=0, y_km=0, side_km=1, precision_m=0, geometrie="levée")
    access = sheets.access(site_at_origin, pd.concat([port(9, "loin"), port(4, "près")], ignore_index=True))
    assert access[["objet_nom", "straight_km"]].values.tolist() == [["près", 3.0]]


def test_a_schematic_site_is_measured_from_its_centre() -> None:
    site_at_origin = plain.square(x_km=0, y_km=0, side_km=1, precision_m=0, geometrie="schématique")
    assert sheets.access(site_at_origin, port(4))["straight_km"].tolist() == [3.5]


def test_what_is_only_planned_serves_nobody() -> None:
    site_at_origin = plain.square(x_km=0, y_km=0, side_km=1)
    both = pd.concat([port(2, "projet", etat="à l'étude"), port(8, "ouvert")], ignore_index=True)
    assert sheets.access(site_at_origin, both)["objet_nom"].tolist() == ["ouvert"]


def test_a_station_without_passengers_is_no_passenger_station() -> None:
    site_at_origin = plain.square(x_km=0, y_km=0, side_km=1)
    freight = port(2, "triage", objet_type="gare fret", fret=True, voyageurs=False, etat=None)
    assert sheets.access(site_at_origin, freight)["access_kind"].tolist() == ["freight_station"]


def test_the_uncertainty_is_that_of_both_positions() -> None:
    site_at_origin = plain.square(x_km=0, y_km=0, side_km=1, precision_m=3000)
    assert sheets.access(site_at_origin, port(4, precision_m=500))["uncertainty_km"].tolist() == [3.5]
    unknown = sheets.access(site_at_origin, port(4, precision_m=None))["uncertainty_km"]
    assert unknown.isna().all()


def test_a_distance_between_exact_positions_says_no_uncertainty() -> None:
    site_at_origin = plain.square(x_km=0, y_km=0, side_km=1, precision_m=0)
    for metres in (0, 2):
        line = sections.access_rows(sheets.access(site_at_origin, port(4, precision_m=metres)), "fr")[0]
        assert line["doubt"] == ""
    near = sections.access_rows(sheets.access(site_at_origin, port(4, precision_m=50)), "fr")[0]
    assert near["doubt"] == "± 0,05 km"


def test_a_place_that_is_the_site_is_on_it_and_comes_before_its_neighbours() -> None:
    site_at_origin = plain.square(x_km=0, y_km=0, side_km=1, precision_m=1000, site_nom="Port de Harnes")
    both = pd.concat([port(1, "Voisin"), port(2, "Port de Harnes", precision_m=1000)], ignore_index=True)
    access = sheets.access(site_at_origin, both)
    assert access[["objet_id", "objet_nom", "access_origin"]].values.tolist() == [
        [1, "Port de Harnes", "sur le site"]
    ]
    assert access["straight_km"].isna().all()
    line = sections.access_rows(access, "fr")[0]
    assert (line["distance"], line["doubt"]) == ("sur le site", "")
    assert sections.access_figure(access, "port", "fr")["value"] == "sur le site"


def test_a_published_distance_to_a_junction_wins_and_says_so() -> None:
    source = "note : « échangeur A26 n°6.1 à 500 m » — adresse"
    published = {"dist_echangeur_publiee_m": 500, "dist_echangeur_publiee_source": source}
    site_at_origin = plain.square(x_km=0, y_km=0, side_km=1, precision_m=3000, **published)
    access = sheets.access(site_at_origin, port(9, "Sortie 6", objet_type="échangeur autoroutier"))
    figure = sections.access_figure(access, "junction", "fr")
    assert (figure["label"], figure["value"]) == ("Échangeur, publié", "500 m")
    assert figure["note"] == "échangeur A26 n°6.1 à 500 m"
    assert sections.access_rows(access, "en")[0]["doubt"] == "published"


def test_a_distance_known_no_better_than_to_itself_has_no_large_figure() -> None:
    site_at_origin = plain.square(x_km=0, y_km=0, side_km=1, precision_m=3000)
    near, far = (
        sections.access_figure(sheets.access(site_at_origin, port(km)), "port", "fr") for km in (4, 5)
    )
    assert (near["value"], near["small"]) == ("position à préciser", True)  # 3 km ± 3 km
    assert "< 6 km" in near["note"]
    assert (far["value"], far.get("small", False)) == ("≈ 4 km", False)


def test_a_published_distance_leaves_the_numbers_of_the_map_to_the_other_rows(
    catalogue_data: packs.CatalogueData,
) -> None:
    sites = catalogue_data.kind("site_eco")
    assert sites is not None
    logistics = catalogue_data.of_kinds()["logistique"]
    site = sites.loc[["logisterra26"]]
    table = sheets.access(site, logistics)
    assert table["access_origin"].tolist()[2] == "publié"
    picture = sheets.situation(site, catalogue_data.of_kinds(), targets=table)
    numbers = [node.text for node in ElementTree.fromstring(picture).iter("{http://www.w3.org/2000/svg}text")]
    assert [text for text in numbers if text in {"1", "2", "3", "4", "5"}] == ["1", "2", "4", "5"]


def test_a_site_or_a_layer_without_position_gives_an_empty_table() -> None:
    nowhere = gpd.GeoDataFrame({"site_nom": ["A"]}, geometry=[None], crs=2154)
    assert sheets.access(nowhere, port(4)).empty
    assert sheets.access(plain.square(x_km=0, y_km=0, side_km=1), port(4).iloc[:0]).empty


def test_several_sites_or_degrees_or_a_bare_layer_are_refused() -> None:
    site_at_origin = plain.square(x_km=0, y_km=0, side_km=1)
    with pytest.raises(BadTable, match="un seul site"):
        sheets.access(pd.concat([site_at_origin, site_at_origin]), port(4))
    with pytest.raises(BadCRS):
        sheets.access(site_at_origin.to_crs(4326), port(4))
    with pytest.raises(BadTable, match="objet_type"):
        sheets.access(site_at_origin, site_at_origin)


SITE_ROWS = st.fixed_dictionaries(
    {
        "x_km": st.integers(-20, 20),
        "geometrie": st.sampled_from(["levée", "schématique", None]),
        "precision_m": st.sampled_from([0.0, 3000.0, None]),
        "site_nom": st.sampled_from(["Zone", "Port de Harnes"]),
        "site_vocadomi": st.sampled_from(["portuaire", None]),
        "dist_echangeur_publiee_m": st.sampled_from([500.0, None]),
    }
)


@settings(max_examples=draws.few(6))
@given(st.lists(SITE_ROWS, min_size=1, max_size=4), st.booleans())
def test_the_access_of_many_sites_is_that_of_each(rows: list[dict[str, Any]], nowhere: bool) -> None:
    sites = pd.concat([plain.square(y_km=0, side_km=1, **row) for row in rows], ignore_index=True)
    sites.index = [f"site {number}" for number in sites.index][::-1]
    if nowhere:
        sites = sites.set_geometry([None, *sites.geometry.iloc[1:]], crs=2154)
    served = [
        port(4, "Harnes"),
        port(7, precision_m=None),
        port(9, "A26", objet_type="échangeur autoroutier"),
    ]
    together = sheets.access_of_sites(sites, pd.concat(served, ignore_index=True))
    one_by_one = [
        sheets.access(sites.loc[[label]], pd.concat(served, ignore_index=True)).assign(site=label)
        for label in sites.index
    ]
    expected = pd.concat(one_by_one, ignore_index=True)[together.columns]
    pd.testing.assert_frame_equal(together, expected, check_dtype=False, check_exact=True)


def test_the_access_of_many_sites_comes_site_after_site_in_the_order_of_the_sheet() -> None:
    sites = pd.concat([plain.point(x_km=0, y_km=0), plain.point(x_km=3, y_km=0)], ignore_index=True)
    sites.index = ["b", "a"]
    ends = [port(5, "Port"), port(9, "A26", objet_type="échangeur autoroutier")]
    reach = sheets.access_of_sites(sites, pd.concat(ends, ignore_index=True))
    assert reach[["site", "access_kind", "straight_km"]].values.tolist() == [
        ["b", "port", 5.0], ["b", "junction", 9.0], ["a", "port", 2.0], ["a", "junction", 6.0],
    ]  # fmt: skip


@given(st.floats(0, 60), st.floats(0, 6))
def test_a_distance_never_claims_more_than_its_uncertainty_leaves(km: float, doubt: float) -> None:
    distance = sections.distance(km, doubt, "fr")
    number = float(re.sub(r"[^\d,]", "", distance).replace(",", "."))
    if distance.startswith("<"):
        assert km <= doubt
        assert number >= km + doubt
    elif distance.startswith("≈"):
        assert doubt >= 0.5
        assert abs(number - km) <= 0.5
    else:
        assert doubt < 0.5
        assert abs(number - km) <= 0.0500001


def test_the_shipped_layers_reach_every_kind_of_access(catalogue_data: packs.CatalogueData) -> None:
    sites, logistics = catalogue_data.kind("site_eco"), catalogue_data.kind("logistique")
    assert sites is not None
    assert logistics is not None
    access = sheets.access(sites.loc[["port-de-harnes"]], logistics)
    assert access["access_kind"].tolist() == ["port", "terminal", "junction", "station", "freight_station"]
    assert access["objet_nom"].iloc[0] == "Port de Harnes"
    assert access["access_origin"].tolist() == ["sur le site", *["à vol d'oiseau"] * 4]
    assert access["straight_km"].isna().tolist() == [True, *[False] * 4]  # the site is the port
    assert access["straight_km"].iloc[1:].between(0, 40).all()


# ----------------------------------------------------------------------------------------------------- map
def test_the_map_says_scale_north_and_that_it_is_schematic() -> None:
    drawn_site = plain.square(x_km=0, y_km=0, side_km=1, geometrie="schématique", precision_m=3000)
    picture = sheets.situation(drawn_site, {}, lang="en")
    assert ">N</text>" in picture
    assert re.search(r">\d+ km</text>", picture)
    assert "Schematic positions" in picture
    assert 'class="doubt"' in picture


def test_a_surveyed_place_carries_no_schematic_mark() -> None:
    drawn_site = plain.square(x_km=0, y_km=0, side_km=1, geometrie="levée", precision_m=5)
    picture = sheets.situation(drawn_site, {})
    assert "Positions schématiques" not in picture
    assert 'class="doubt"' not in picture


def test_the_scale_bar_is_as_long_as_it_says() -> None:
    drawn_site = plain.square(x_km=0, y_km=0, side_km=40)
    picture = sheets.situation(drawn_site, {}, territory=True)
    bar = re.search(r"v4h([\d.]+)v-4", picture)
    scale_length = re.search(r">([\d,]+) km</text>", picture)
    square = next(path for path in re.findall(r"<path [^>]*>", picture) if 'class="place"' in path)
    corners = [float(number) for number in re.findall(r"[\d.]+", square.split(' d="')[1].split('"')[0])][0::2]
    assert bar
    assert scale_length
    per_km = (max(corners) - min(corners)) / 40
    assert float(bar[1]) == pytest.approx(per_km * float(scale_length[1].replace(",", ".")), rel=0.01)


def test_a_place_without_position_has_no_map() -> None:
    nowhere = gpd.GeoDataFrame({"site_nom": ["A"]}, geometry=[None], crs=2154)
    assert sheets.situation(nowhere, {}) == ""


def test_the_map_escapes_every_name() -> None:
    drawn_site = plain.square(x_km=0, y_km=0, side_km=1)
    for text in hostile.TEXTS:
        town = plain.square(x_km=0, y_km=0, side_km=2, comm_nom=text, pop_totale=10)
        picture = sheets.situation(drawn_site, {"commune": town}, title=text)
        root = ElementTree.fromstring(picture)
        names = {element.tag.split("}")[1] for element in root.iter()}
        assert names <= {"svg", "g", "rect", "path", "circle", "line", "text"}
        assert not [name for element in root.iter() for name in element.attrib if name.startswith("on")]


def test_the_legend_names_only_what_the_map_holds(catalogue_data: packs.CatalogueData) -> None:
    look = theme.read()
    drawn_site = plain.square(x_km=0, y_km=0, side_km=1)
    assert [entry["label"] for entry in legend.read_off(sheets.situation(drawn_site, {}), look, "fr")] == [
        "Site"
    ]
    full = sheets.situation(
        catalogue_data.kind("site_eco").loc[["port-de-harnes"]], catalogue_data.of_kinds()
    )
    labels = [entry["label"] for entry in legend.read_off(full, look, "en")]
    assert {"Site", "Waterway", "Other site"} <= set(labels)


# --------------------------------------------------------------------------------------------------- sheet
def test_a_sheet_says_where_its_hectares_come_from() -> None:
    layer = tables.Source("sites", "Sites nommés", "2025", "LO 2.0", "presse")
    page = text_of(sheets.site(site(source="presse, 2024", precision="±3 km"), {}, sources=[layer]))
    for mention in (
        "24 ha",
        "presse, 2024",
        "±3 km",
        "Sites nommés",
        "millésime 2025",
        "LO 2.0",
        "non contractuel",
    ):
        assert mention in page


def test_schematic_fictif_and_unplaced_sites_are_flagged() -> None:
    assert "Position et forme schématiques" in sheets.site(site(geometrie="schématique"), {})
    assert "Données fictives" in sheets.site(site(fictif=True, geometrie="levée"), {})
    assert "Fictitious data" in sheets.site(site(fictif=True, geometrie="levée"), {}, lang="en")
    assert "Site non localisé" in sheets.site(site(geometrie=None), {})
    assert 'class="flag"' not in sheets.site(site(geometrie="levée"), {}, figure="<svg/>")


def test_land_that_no_source_offers_is_said_beside_its_hectares() -> None:
    columns = {"terr_surf_brute": 29.0, "dispo_statut": "urbanisable", "compte_dans_total": False}
    page = sheets.site(site(**columns, dispo_source_texte="120 ha dont 29 urbanisables"), {})
    assert "urbanisable · Non compté comme offert" in page
    assert '<div class="main">' not in page
    counted = sheets.site(site(**{**columns, "compte_dans_total": True}, dispo_source_texte="x"), {})
    assert '<div class="main">' in counted
    assert "Compté comme offert" in counted


def test_a_missing_area_is_one_line_never_an_empty_box_nor_zero() -> None:
    page = text_of(sheets.site(site(site_surf_brute=float("nan"), terr_surf_brute=None), {}))
    assert "Non publié : surface brute, disponible (déclaré)" in page
    assert "–" not in page.replace("Fiche de site", "").split("Non publié")[1].split("Le site")[0]
    assert not re.search(r"\b0 ha", page)


def test_the_same_row_gives_the_same_bytes_and_is_not_changed() -> None:
    row = site(source="https://exemple.fr")
    before = row.copy()
    table = pd.DataFrame({"marginal_ha": [1.0, 2.0]})
    assert sheets.site(row, {"losses": table}) == sheets.site(row, {"losses": table})
    pd.testing.assert_series_equal(row, before)


@pytest.mark.parametrize("make", [sheets.site, sheets.commune, sheets.epci])
def test_a_bare_row_gives_a_whole_page_in_both_languages(make: Any) -> None:
    for lang in wording.LANGUAGES:
        page = make(pd.Series({"site_nom": "A", "comm_nom": "A", "epci_nom": "A"}), {}, lang=lang)
        assert f'<html lang="{lang}">' in page
        assert page.rstrip().endswith("</html>")


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(BadValue, match="Langue inconnue"):
        sheets.site(site(), {}, lang="de")


def test_every_word_is_there_in_both_languages() -> None:
    def check(entry: Any, path: str) -> None:
        if isinstance(entry, dict) and set(entry) & set(wording.LANGUAGES):
            assert set(entry) == set(wording.LANGUAGES), path
            assert bool(entry["fr"]) == bool(entry["en"]), path
        elif isinstance(entry, dict):
            for key, inner in entry.items():
                check(inner, f"{path}.{key}")

    for name in ("words.toml", "layout.toml"):
        check(wording.read(name), name)


def test_no_french_word_of_ours_is_left_on_an_english_sheet(catalogue_data: packs.CatalogueData) -> None:
    page = packs.site_sheet(catalogue_data, "port-de-harnes", packs.Edition(lang="en"))
    english = dict(flat(wording.words("en")))
    french = {word for key, word in flat(wording.words("fr")) if word and word != english[key]}
    values = {layer.title for layer in layers.read_catalogue().values()}
    text = text_of(re.sub(r"<td.*?</td>|<th scope=\"row\">.*?</th>", " ", page, flags=re.DOTALL))
    long_enough = [word for word in french - values if len(word) > 9 and "{" not in word]
    assert [word for word in long_enough if word in text] == []


def flat(words: dict[str, Any], path: str = "") -> list[tuple[str, str]]:
    entries = []
    for key, entry in words.items():
        entries += (
            flat(entry, f"{path}.{key}") if isinstance(entry, dict) else [(f"{path}.{key}", str(entry))]
        )
    return entries


def test_numbers_are_written_as_each_language_writes_them() -> None:
    row = site(site_surf_brute=1234.5)
    assert "1\u202f234,50" in sheets.site(row, {}, lang="fr")
    assert "1,234.50" in sheets.site(row, {}, lang="en")


def test_the_date_is_printed_only_when_it_is_given() -> None:
    assert "Édition du 05/12/2026" in sheets.site(site(), {}, issued=date(2026, 12, 5))
    assert "Issued on 2026-12-05" in sheets.site(site(), {}, lang="en", issued=date(2026, 12, 5))
    assert "Édition du" not in sheets.site(site(), {})


# ------------------------------------------------------------------------------------------------ sections
def test_a_section_that_we_know_has_its_title_in_both_languages_any_other_keeps_its_name() -> None:
    table = pd.DataFrame({"constraint": ["<inondation>"], "marginal_ha": [3.2]})
    page = sheets.site(site(), {"losses": table, "Ma <section>": table}, lang="en")
    assert "Area removed by each constraint" in page
    assert "Added (ha)" in page
    assert "Ma &lt;section&gt;" in page
    assert "&lt;inondation&gt;" in page


def test_bars_are_as_long_as_their_share_of_the_longest() -> None:
    table = pd.DataFrame({"marginal_ha": [4.0, 1.0, 0.0, None]})
    page = sheets.site(site(), {"losses": table})
    assert re.findall(r'<rect width="([\d.]+)"', page) == ["100.0", "25.0", "0.0"]


def test_shares_are_told_in_per_cent() -> None:
    page = sheets.site(site(), {"x": pd.DataFrame({"first_share": [0.38]})})
    assert "38\u202f%" in page


@pytest.mark.parametrize("value", [float("inf"), float("nan"), None, pd.NA, pd.NaT, np.int64(3), "", [1, 2]])
def test_odd_values_leave_a_whole_page(value: object) -> None:
    table = pd.DataFrame({"a": pd.Series([value], dtype=object)})
    assert "</html>" in sheets.site(site(annee=value, site_moa_nom=value), {"x": table})


def test_an_empty_table_keeps_its_heading() -> None:
    assert "Rang et fragilité" in sheets.site(site(), {"ranking": pd.DataFrame()})


# ---------------------------------------------------------------------------------------- links, code, photo
@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:x",
        "java\tscript:x",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "//exemple.fr",
        "http:x",
        "https://",
        "http://a b",
        'https://a"onclick=x',
        "\x01javascript:x",
    ],
)
def test_only_web_mail_and_telephone_addresses_are_links(address: str) -> None:
    assert wording.link(address) == ""
    page = sheets.site(site(site_url=address, source=address, contact_nom=address), {})
    for href in re.findall(r'href="([^"]*)"', page):
        assert html.unescape(href).split(":")[0] in {"http", "https", "mailto", "tel"}


def test_contacts_become_links_that_lead_there() -> None:
    page = sheets.site(
        site(contact_nom="A. Durand", contact_mail="a@exemple.fr", contact_tel="03 21 00 00 00"), {}
    )
    assert 'href="mailto:a@exemple.fr"' in page
    assert 'href="tel:0321000000"' in page
    assert ">A. Durand<" in page


@given(st.text())
def test_pieces_of_a_text_make_the_text_again(text: str) -> None:
    assert "".join(piece for piece, _ in wording.linked(text)) == text


def test_the_code_leads_to_the_sheet_online_else_to_the_contact_else_to_the_source() -> None:
    with_source = site(source="https://exemple.fr/a")
    assert "La fiche en ligne" in sheets.site(with_source, {}, address="https://exemple.fr/{id}")
    assert "La source en ligne" in sheets.site(with_source, {})
    assert 'class="code"' not in sheets.site(site(source="presse"), {})


@pytest.mark.parametrize("pattern", ["https://exemple.fr/", "javascript:{id}", "mailto:{id}", "{id}"])
def test_an_address_pattern_that_cannot_lead_to_a_sheet_is_refused(pattern: str) -> None:
    with pytest.raises(BadValue, match="Adresse des fiches"):
        qr.address(pattern, "a")


def test_a_text_too_long_for_a_code_gives_none() -> None:
    assert qr.qr("x" * 5000, "#000000") == ""


def test_a_photo_travels_inside_the_page_and_anything_else_is_refused() -> None:
    assert '<img src="data:image/jpeg;base64,' in sheets.site(site(), {}, photo=PNG)
    with pytest.raises(BadValue, match="PNG ou JPEG"):
        sheets.site(site(), {}, photo=b"<svg onload=x>")


# ----------------------------------------------------------------------------------------------- hostile text
def test_the_style_of_a_sheet_is_the_one_its_policy_allows() -> None:
    import base64
    import hashlib

    page = sheets.site(site(), {})
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style
    assert base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode() in policy(page)
    assert "default-src 'none'" in policy(page)
    assert "unsafe" not in policy(page)


@pytest.mark.parametrize("payload", hostile.TEXTS, ids=range(len(hostile.TEXTS)))
def test_every_text_field_is_shown_exactly_and_is_no_markup(payload: str) -> None:
    row = site(**dict.fromkeys(SITE_TEXTS, payload), compte_dans_total=True, geometrie=payload)
    table = pd.DataFrame({payload: [payload], "constraint": [payload]})
    layer = tables.Source(payload, payload, payload, payload, payload)
    page = sheets.site(row, {payload: table, "losses": table}, sources=[layer])
    tags = set(re.findall(r"<([a-zA-Z!/][\w-]*)", page))
    assert tags.isdisjoint({"script", "img", "iframe", "details", "math", "form", "object", "embed", "base"})
    assert " on" not in " ".join(re.findall(r"<[a-z]+ ([^>]*)>", re.sub(r'"[^"]*"', '""', page)))
    text = text_of(page)
    assert text.count(wording.visible(payload)) >= len(SITE_TEXTS) - 4
