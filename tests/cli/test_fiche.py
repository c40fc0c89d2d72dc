"""``fiche`` and the pictures of ``carte``, as a reader calls them."""

from pathlib import Path

import one_site
import pytest
import raster
from cli_runner import english, run

PNG = raster.png((0, 90, 74), side=2)


@pytest.fixture(autouse=True)
def _in_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_one_site_makes_one_page_named_after_it() -> None:
    result = run("fiche", "Port de Harnes")
    assert (result.exit_code, result.stderr) == (0, "Écrit : port-de-harnes.html\n")
    assert "Port de Harnes" in Path("port-de-harnes.html").read_text(encoding="utf-8")


def test_a_ranking_that_is_asked_for_says_which_sites_it_leaves_out() -> None:
    result = run("fiche", "Port de Harnes", "--profil", "industrie_canal", "--sortie", "x.html")
    assert result.exit_code == 0
    assert "sans rang, aucun critère connu (un tracé schématique ne se mesure pas)" in result.stderr
    assert "Pas de rang : le tracé est schématique" in Path("x.html").read_text(encoding="utf-8")


def test_both_languages_make_two_files() -> None:
    result = run("fiche", "port-de-harnes", "--langue", "les-deux", "--sortie", "dossier")
    assert result.exit_code == 0
    assert sorted(path.name for path in Path("dossier").iterdir()) == [
        "port-de-harnes.en.html",
        "port-de-harnes.fr.html",
    ]
    assert "Site sheet" in Path("dossier/port-de-harnes.en.html").read_text(encoding="utf-8")


def test_what_is_on_offer_makes_a_sheet_each() -> None:
    assert run("fiche", "--offre").exit_code == 0
    assert len(list(Path("fiches").glob("*.fr.html"))) == 6


def test_a_pdf_holds_all_the_sheets_asked_for() -> None:
    pytest.importorskip("weasyprint")
    assert run("fiche", "--commune", "62498", "--langue", "les-deux", "--sortie", "lens.pdf").exit_code == 0
    assert Path("lens.pdf").read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("option", "name"), [("--commune", "lens"), ("--commune", "62498"), ("--epci", "call")]
)
def test_a_commune_or_an_epci_is_found_by_code_or_name(option: str, name: str) -> None:
    assert run("fiche", option, name, "--sortie", "x.html").exit_code == 0
    assert "Lens" in Path("x.html").read_text(encoding="utf-8")


def test_tables_of_earlier_commands_become_sections() -> None:
    Path("p.csv").write_text(
        "site_id;constraint;marginal_ha\nport-de-harnes;crue;1,5\nautre;x;2\n", encoding="utf-8"
    )
    result = run("fiche", "port-de-harnes", "--tableau", "losses=p.csv", "--sortie", "x.html")
    page = Path("x.html").read_text(encoding="utf-8")
    assert result.exit_code == 0
    assert "Surface retirée par chaque contrainte" in page
    assert "crue" in page
    assert ">autre<" not in page


def test_rows_that_no_sheet_takes_are_said_once() -> None:
    Path("p.csv").write_text("site_id;note\nport-de-harnes;a\nport-de-harne;b\n", encoding="utf-8")
    result = run(
        "fiche", "port-de-harnes", "--tableau", "Notes=p.csv", "--langue", "les-deux", "--sortie", "d"
    )
    assert result.exit_code == 0
    assert result.stderr.count("p.csv : aucune fiche pour « port-de-harne ».") == 1


def test_an_empty_cell_does_not_turn_codes_into_decimals() -> None:
    Path("p.csv").write_text("comm_insee;note\n62498;mot à dire\n;rien\n", encoding="utf-8")
    result = run("fiche", "--commune", "lens", "--tableau", "Notes=p.csv", "--sortie", "x.html")
    assert (result.exit_code, "aucune fiche" in result.stderr) == (0, False)
    assert "mot à dire" in Path("x.html").read_text(encoding="utf-8")


def test_a_photo_is_found_by_the_identifier_of_its_site() -> None:
    Path("photos").mkdir()
    Path("photos/port-de-harnes.png").write_bytes(PNG)
    assert run("fiche", "port-de-harnes", "--photos", "photos").exit_code == 0
    assert '<figure class="photo"><img src="data:image/jpeg' in Path("port-de-harnes.html").read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ((), 2, "Donner un SITE"),
        (("a", "--tous"), 2, "Donner un SITE"),
        (("--tous", "--sortie", "x.html"), 2, "65 fiches pour un seul fichier"),
        (("port-de-harnes", "--sortie", "x.docx"), 1, ".html ou .pdf"),
        (("port-de-harnes", "--format", "pdf", "--sortie", "x.html"), 1, "se contredisent"),
        (("port-de-harne",), 1, "Noms proches : port-de-harnes, Port de Harnes"),
        (("--commune", "99999"), 1, "commune inconnue"),
        (("--epci", "ZZZ"), 1, "EPCI inconnu"),
        (("port-de-harnes", "--adresse", "https://exemple.fr"), 1, "Adresse des fiches"),
        (("port-de-harnes", "--theme", "absent.toml"), 1, "Thème illisible"),
        (("port-de-harnes", "--photos", "absent"), 1, "Dossier de photos introuvable"),
        (("port-de-harnes", "--tableau", "losses"), 2, "NOM=FICHIER"),
        (("port-de-harnes", "--tableau", "losses=absent.csv"), 1, "absent.csv"),
    ],
)
def test_a_wrong_call_is_one_french_message(arguments: tuple[str, ...], code: int, message: str) -> None:
    result = run("fiche", *arguments)
    assert result.exit_code == code
    assert message in result.stderr
    assert not [path for path in Path().iterdir() if path.name != "absent"]


def test_the_help_is_french() -> None:
    assert english(run("fiche", "--help").stdout) == []


@pytest.mark.parametrize("name", ["carte.svg", "carte.png"])
def test_a_map_is_written_as_a_picture(name: str) -> None:
    if name.endswith("png"):
        pytest.importorskip("resvg_py")
    result = run("carte", "foncier_disponible", "--image", name)
    assert result.exit_code == 0
    assert Path(name).stat().st_size > 10_000
    assert not Path("carte.html").exists()


def test_a_picture_of_another_kind_is_refused() -> None:
    result = run("carte", "--image", "carte.gif")
    assert (result.exit_code, ".svg ou .png" in result.stderr) == (1, True)


def test_the_pack_makes_an_archive_beside_the_folder(tmp_path: Path) -> None:
    data = one_site.catalogue(tmp_path / "couches").folder
    result = run("--donnees", data, "simi", "--sans-pdf", "--zip", "--date", "2026-12-08")
    assert result.exit_code == 0
    assert Path("simi.zip").is_file()
    assert "fiches/" in result.stdout
    assert english(result.stdout) == []


@pytest.fixture
def nothing_on_offer(tmp_path: Path) -> Path:
    """A folder of one site, of which no source publishes land."""
    file = one_site.catalogue(tmp_path / "couches").folder / "catalogue.toml"
    file.write_text(file.read_text(encoding="utf-8").partition("[foncier]")[0], encoding="utf-8")
    return file.parent


@pytest.mark.parametrize("output", [(), ("--sortie", "x.pdf"), ("--sortie", "x.html"), ("--sortie", "d")])
def test_no_sheet_to_write_is_said(nothing_on_offer: Path, output: tuple[str, ...]) -> None:
    result = run("--donnees", nothing_on_offer, "fiche", "--offre", *output)
    assert (result.exit_code, "Pas de fiche à écrire" in result.stderr) == (1, True)
    assert [path.name for path in Path().iterdir()] == [nothing_on_offer.name]
