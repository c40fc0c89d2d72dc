"""The files of Cerema, IGN and geo.api as they come today: editions, vintages, names of columns."""

import json

import geopandas as gpd
import pandas as pd
import plain
import pytest
from cli_runner import run
from hypothesis import given
from hypothesis import strategies as st

from artois_geo import constants, layers, meaning, zan
from artois_geo.constants import rules
from artois_geo.deliveries import completion, delivery, matching
from artois_geo.errors import BadTable
from artois_geo.studies.zan import territories

MATRIX = constants.table("ocsge_artif")
FIELD, HOUSE = ("CS2.2.1", "US1.1"), ("CS1.1.1.1", "US5")
CORRECTED = "Le millésime 2021 de l'OCS GE a été corrigé (juin 2026"


def rows(*args):
    result = run(*args, "--format", "json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


# --- Cerema


def test_each_flow_of_a_real_commune_is_the_one_of_the_file_by_hand(shared):
    path = shared / "standards/cerema-conso/conso_2009_2023_extrait_dep01.csv"
    output = rows("zan", "consommation", path, "--de", "2009", "--a", "2022", "--par-an")
    # 01001, L'Abergement-Clémenciat: naf09art10 to naf22art23, m², copied by hand from the file
    by_hand = [8324, 8324, 0, 650, 8037, 0, 857, 1718, 3580, 2721, 0, 15_955, 15_699, 1646]
    assert sum(by_hand) == 67_511  # naf09art23, the total that the file publishes
    columns = [row["consumed_ha"] for row in output["rows"] if row["commune"] == "01001"]
    assert columns == pytest.approx([area / 10_000 for area in by_hand], abs=1e-12)
    assert any("édition 2009-2023 (lue dans ses colonnes)" in note for note in output["notes"])


def test_the_newest_edition_is_read_as_it_is_published(shared):
    path = shared / "data/sources/cerema/conso-com_extrait.csv"
    header = path.read_text(encoding="utf-8").split("\n", 1)[0]
    assert "," in header
    assert ";" not in header
    assert "epci25" in header
    output = rows("zan", "consommation", path, "--par", "epci", "--de", "2011", "--a", "2024")
    assert {row["epci"] for row in output["rows"]} == {"200072460", "246200364"}
    assert {row["years"] for row in output["rows"]} == {14}
    # 1 000 m² a year (invented by the extract), and never naf11art25 on top
    assert [row["consumed_ha"] for row in output["rows"]] == pytest.approx([1.4, 1.4])
    assert {row["provisional_years"] for row in output["rows"]} == {1}
    notes = "\n".join(output["notes"])
    assert "édition 2011-2025 (lue dans ses colonnes). Le flux 2024 est provisoire." in notes


def test_the_172_columns_of_the_newest_edition_give_fourteen_flows():
    uses = ("act", "hab", "mix", "rou", "fer", "inc")
    table = {"idcom": ["62498"], "idcomtxt": ["Lens"], "epci25": ["246200364"], "epci25txt": ["CALL"]}
    for year in range(11, 25):
        table[f"naf{year}art{year + 1}"] = [600]
        table |= {f"art{year}{use}{year + 1}": [100] for use in uses}
    for first, end in ((11, 21), (21, 25), (11, 25)):
        table[f"naf{first}art{end}"] = [600 * (end - first)]
        table |= {f"art{first}{use}{end}": [100 * (end - first)] for use in uses}
    table |= {"artcom1125": [0.07], "surfcom2025": [11_700_000], "pop1622": [100], "mepart1622": [0.5]}
    table |= {f"ratio{number}": [1] for number in range(172 - len(table))}
    records = pd.DataFrame(table)
    assert len(records.columns) == 172
    assert zan.cerema_edition(records) == "2011-2025"
    assert zan.cerema_findings(records).empty
    flows = zan.cerema_flows(records, edition="2011-2025")
    assert flows["year"].tolist() == list(range(2011, 2025))
    assert flows["consumed_ha"].tolist() == [0.06] * 14
    assert flows.loc[flows["provisional"], "year"].tolist() == [2024]


# --- names of communes and EPCI


NAMES = [
    {"code_insee": "62498", "nom_officiel": "Lens", "codes_siren_des_epci": "246200364"},  # ADMIN EXPRESS v4
    {"INSEE_COM": "62498", "NOM": "Lens", "SIREN_EPCI": "246200364"},  # ADMIN EXPRESS before 2025
    {"code": "62498", "nom": "Lens", "codeEpci": "246200364"},  # geo.api.gouv.fr
    {"comm_insee": "62498", "comm_nom": "Lens", "epci_siren": "246200364"},  # ours
]


@pytest.mark.parametrize("names", NAMES)
def test_communes_and_epci_are_found_under_the_names_of_public_files(names):
    table = territories.with_commune_key(pd.DataFrame([names]), "commune", "communes")
    assert territories.with_usual_name(table, "epci")[["commune", "epci"]].values.tolist() == [
        ["62498", "246200364"]
    ]


@pytest.mark.parametrize("names", NAMES)
def test_the_contours_of_an_import_are_found_under_them_too(names):
    contours = plain.square(x_km=0, y_km=0, side_km=10, **names)
    site = plain.square(x_km=1, y_km=1, side_km=1, site_id="A")
    filled = completion.completer(layers.read_kind("site_eco"), contours)(site)
    output = dict(layers.read_kind("site_eco").delivery)
    assert filled[output["commune_code"]].tolist() == ["62498"]
    with pytest.raises(BadTable, match="comm_insee"):
        completion.completer(layers.read_kind("site_eco"), contours[["geometry"]])


def test_a_commune_in_several_epci_is_refused():
    table = pd.DataFrame({"code_insee": ["75056"], "codes_siren_des_epci": ["200054781/246200364"]})
    with pytest.raises(BadTable, match="plusieurs EPCI"):
        territories.with_usual_name(table, "epci")


@pytest.mark.parametrize("answer", ["geo_api_commune_62498.geojson", "wfs_commune_62498.json"])
def test_the_answers_of_the_open_services_group_the_flows(shared, answer):
    sources = shared / "data/sources"
    output = rows(
        *("zan", "consommation", sources / "cerema/conso-com_extrait.csv", "--par", "epci"),
        *("--territoires", sources / "contours" / answer),
    )
    assert [row["epci"] for row in output["rows"]] == ["246200364"]
    kind = delivery.receive(sources / "contours" / answer, "commune_contour")
    assert kind.features[["comm_insee", "comm_nom", "epci_siren"]].values.tolist() == [
        ["62498", "Lens", "246200364"]
    ]


def test_a_bare_list_of_geo_api_is_a_table_of_territories(shared, tmp_path):
    listed = json.loads((shared / "data/sources/contours/geo_api_epci_communes.json").read_text("utf-8"))
    path = tmp_path / "communes.json"
    path.write_text(
        json.dumps([commune for commune in listed if commune["code"] == "62498"]), encoding="utf-8"
    )
    flows = shared / "data/sources/cerema/conso-com_extrait.csv"
    output = rows("zan", "consommation", flows, "--par", "epci", "--territoires", path)
    assert [row["epci"] for row in output["rows"]] == ["246200364"]


# --- OCS GE: two years in the names, and the vintage that was corrected


@given(years=st.lists(st.integers(2005, 2035), min_size=2, max_size=2, unique=True), swap=st.booleans())
def test_the_smaller_year_is_the_first_date_at_import_as_in_the_account(years, swap):
    first, last = sorted(years)
    codes = {f"CS_{first}": FIELD[0], f"US_{first}": FIELD[1], f"CS_{last}": HOUSE[0], f"US_{last}": HOUSE[1]}
    names = list(codes)[::-1] if swap else list(codes)
    kind, dates = matching.with_years(names, layers.read_kind("ocsge_diff"))
    assert dates == {"annee_avant": first, "annee_apres": last}
    columns = {match.field: codes[match.source] for match in matching.match(names, kind)}
    assert (columns["cs_avant"], columns["us_avant"], columns["cs_apres"], columns["us_apres"]) == (
        *FIELD,
        *HOUSE,
    )
    diff = plain.square(x_km=0, y_km=0, side_km=1, **{name: codes[name] for name in names})
    zone = plain.square(x_km=0, y_km=0, side_km=1, insee="62498")
    flows = zan.flux_from_diff(diff, zones=zone, key="insee", matrix=MATRIX, sealed=["CS1.1.1.1"])
    assert flows["net_artificialised_ha"].tolist() == pytest.approx([100.0])


def test_two_years_are_two_or_nothing():
    assert meaning.year_pair(["cs_2018", "cs_2021", "cs_2024"]) is None
    assert meaning.year_pair(["cs_2021"]) is None
    kind = layers.read_kind("ocsge_diff")
    assert matching.with_years(["cs_2021", "us_2021"], kind) == (kind, {})


@pytest.mark.parametrize(("first", "last"), [(2018, 2021), (2021, 2024)])
def test_the_difference_of_ign_is_imported_with_its_dates(shared, first, last):
    file = shared / f"data/sources/ocsge/attributs_diff_{first}_{last}.geojson"
    received = delivery.receive(file, "ocsge_diff")
    assert received.outcome == "accept"
    columns = ["cs_avant", "us_avant", "annee_avant", "cs_apres", "us_apres", "annee_apres"]
    assert received.features[columns].values.tolist() == [
        ["CS2.2.1", "US1.1", first, "CS1.1.1.1", "US2", last]
    ]


@pytest.fixture
def ground(tmp_path):
    plain.square(x_km=0, y_km=0, side_km=1, insee="62498").to_file(tmp_path / "communes.gpkg")
    for year, status in ((2021, "non artif"), (2024, "artif")):
        codes = FIELD if status == "non artif" else HOUSE
        plain.square(
            x_km=0, y_km=0, side_km=1, code_cs=codes[0], code_us=codes[1], millesime=year, artif=status
        ).to_file(tmp_path / f"artif_{year}_62.gpkg")
    # the official difference holds half of what the two stocks say: the rest is the correction of 2021
    plain.rectangle(
        x_km=0, y_km=0, width_km=0.5, height_km=1, cs_2021=FIELD[0], us_2021=FIELD[1], cs_2024=HOUSE[0],
        us_2024=HOUSE[1], artificialisation=1,
    ).to_file(tmp_path / "diff.gpkg")  # fmt: skip
    return tmp_path


def test_the_official_difference_comes_first_and_the_gap_may_be_the_correction(ground):
    zones = ("--zones", ground / "communes.gpkg", "--cle", "insee")
    photographs = ("--avant", ground / "artif_2021_62.gpkg", "--apres", ground / "artif_2024_62.gpkg")
    both = rows("zan", "artificialisation", *photographs, "--diff", ground / "diff.gpkg", *zones)
    assert both["rows"][0]["net_artificialised_ha"] == pytest.approx(50.0)  # the difference, not the stocks
    notes = "\n".join(both["notes"])
    assert CORRECTED in notes
    assert "−50,0000 ha d’écart" in notes
    assert "Si une photographie est de 2021, l'écart peut être le correctif" in notes
    alone = rows("zan", "artificialisation", *photographs, *zones)
    assert alone["rows"][0]["net_artificialised_ha"] == pytest.approx(100.0)
    assert any("la différence officielle de l'IGN (--diff)" in note for note in alone["notes"])


@pytest.mark.parametrize(("year", "output"), [(2021, True), (2024, False)])
@pytest.mark.parametrize("is_sieved", [False, True])
def test_only_the_corrected_vintage_is_told(ground, year, output, is_sieved):
    options = ("--tamis",) if is_sieved else ()
    layer = ground / f"artif_{year}_62.gpkg"
    notes = rows("zan", "stock", layer, "--zones", ground / "communes.gpkg", "--cle", "insee", *options)[
        "notes"
    ]
    assert any(CORRECTED in note for note in notes) == output


def test_a_vintage_is_read_in_the_name_where_no_column_says_it(ground):
    bare = gpd.read_file(ground / "artif_2021_62.gpkg").drop(columns="millesime")
    zones = ("--zones", ground / "communes.gpkg", "--cle", "insee")
    for name, output in (("OCS-GE_2-0_ARTIFICIALISATION_D062_2021-01-01", True), ("artif_2024", False)):
        bare.to_file(ground / f"{name}.gpkg")
        notes = rows("zan", "stock", ground / f"{name}.gpkg", *zones)["notes"]
        assert any(CORRECTED in note for note in notes) == output
    made_up = bare.assign(fictif=True)
    made_up.to_file(ground / "fictif_2021.gpkg")
    notes = rows("zan", "stock", ground / "fictif_2021.gpkg", *zones)["notes"]
    assert not any(CORRECTED in note for note in notes)


def test_the_corrected_vintage_is_a_constant_with_its_source():
    constant = rules.read().constants["ocsge_corrected_vintage"]
    assert (constant.value, constant.source[:3]) == (2021, "IGN")
    assert "à vérifier" in constant.note
