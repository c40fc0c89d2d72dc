"""Definitions, territories, replaced hosts, and files that a person brings."""

from pathlib import Path

import open_data
import pytest

from artois_geo import layers, sources
from artois_geo.errors import BadOptions, BadValue, SourceError, UnreadableFile
from artois_geo.layers import history
from artois_geo.sources.definition import LICENCES, definitions_folder
from artois_geo.sources.hosts import called_address, replaced_hosts
from artois_geo.studies import open_data as open_data_study

SHIPPED = sorted(definitions_folder().glob("*.toml"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_source_is_whole(path: Path) -> None:
    source = sources.read_source(path)
    assert source.licence in LICENCES
    assert source.verified is None, "la date d'un appel réel, écrite par qui l'a fait"
    assert source.expected
    assert set(source.reading.key.split()) <= set(source.expected)
    made_columns = {source.reading.identifier}
    assert set(source.target.columns.values()) <= {*source.expected, *made_columns}
    fields = {field.name for field in layers.read_kind(source.target.kind).fields}
    assert set(source.target.columns) <= fields


CHANGES = [
    ('id = "communes"', 'id = "autre"', "« id » n'est pas communes"),
    ('protocole = "wfs"', 'protocole = "ftp"', r"\[acces\] : « protocole » attend"),
    ('url = "https:', 'url = "http:', "ne commence pas par https://"),
    ('url = "https://data.geopf.fr', 'url = "https://exemple.fr', "n'est pas sur l'hôte data.geopf.fr"),
    ('hote = "data.geopf.fr"', 'hote = "https://data.geopf.fr"', "un hôte s'écrit sans https://"),
    ('tri = "cleabs"', "", "« tri » manque"),
    ("taille = 1000", "taille = 50000", "« taille » va de 1 à 5000"),
    ("taille = 1000", 'taille = "1000"', "« taille » attend un nombre entier"),
    ("taille = 1000", "taile = 1000", r"\[acces.pages\] : « taile » est une clé inconnue"),
    ('licence = "LO-2.0"', 'licence = "libre"', "« licence » n'est pas de la liste"),
    ('type = "commune_contour"', 'type = "comune"', "« type » inconnu : comune"),
    ('titre = "Contours des communes"', "", "« titre » manque"),
    ('epci = "codes_siren', 'canton = "codes_siren', "une clé n'est pas de la liste"),
    ("taille = 1000", "taille = ", r"ligne \d+"),
]


@pytest.mark.parametrize(("before", "after", "message"), CHANGES, ids=[row[2][:30] for row in CHANGES])
def test_a_definition_is_refused_in_french(tmp_path: Path, before: str, after: str, message: str) -> None:
    text = (definitions_folder() / "communes.toml").read_text(encoding="utf-8")
    assert before in text
    file = tmp_path / "communes.toml"
    file.write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(UnreadableFile, match=message):
        sources.read_source(file)


def test_a_definition_of_the_workspace_stands_before_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    text = (definitions_folder() / "communes.toml").read_text(encoding="utf-8")
    text = text.replace('certitude = "documenté"', 'certitude = "documenté"\nverifie_le = 2026-12-01')
    (tmp_path / "sources" / "communes.toml").write_text(text, encoding="utf-8")
    source = sources.source_named("communes", tmp_path)
    assert (source.home, source.verified_text) == ("espace de travail", "01/12/2026")
    assert sources.source_named("communes").verified_text == "jamais"


@pytest.mark.parametrize(
    ("territory", "message"),
    [
        ({"communes": "6249"}, "code de commune refusé"),
        ({"communes": "97105"}, "la métropole seulement"),
        ({"epci": "1'; --"}, "SIREN d'EPCI refusé"),
        ({"epci": "200000001,200000002"}, "un seul code à la fois"),
        ({"departement": "621"}, "département refusé"),
        ({"emprise": "1,2,3"}, "quatre nombres"),
        ({"emprise": "3,50,2,51"}, "emprise vide ou retournée"),
        ({"emprise": "50.1,2.1,50.2,2.2"}, "la longitude d'abord"),
        ({"emprise": "1,1,2e6,2e6"}, "en mètres Lambert-93"),
    ],
)
def test_a_territory_that_is_none_is_refused(territory: dict[str, str], message: str) -> None:
    with pytest.raises(BadValue, match=message):
        sources.scope_of(**territory)


def test_a_territory_is_asked_in_one_way() -> None:
    for territory in ({}, {"epci": "200000001", "departement": "62"}):
        with pytest.raises(BadOptions, match="par une seule option"):
            sources.scope_of(**territory)
    assert sources.scope_of(communes="2A004 , 62498,62498").codes == ("2A004", "62498")
    with pytest.raises(BadValue, match="se demande par communes, epci, departement, pas par emprise"):
        sources.plan(sources.source_named("conso_enaf"), sources.scope_of(emprise="2,50,3,51"))


def test_many_communes_are_asked_in_several_requests() -> None:
    codes = ",".join(f"62{number:03d}" for number in range(250))
    queries, _ = sources.plan(sources.source_named("communes"), sources.scope_of(communes=codes))
    assert [query.parameters["CQL_FILTER"].count("'62") for query in queries] == [100, 100, 50]
    assert max(len(query.address) for query in queries) < 2_000


@pytest.mark.parametrize(
    "setting",
    [
        "data.geopf.fr=http://10.0.0.1:80",
        "data.geopf.fr=http://localhost:80",
        "data.geopf.fr=file:///etc",
        "data.geopf.fr",
        "data.geopf.fr=http://127.0.0.1@exemple.fr",
    ],
)
def test_plain_http_goes_nowhere_but_to_this_machine(setting: str) -> None:
    with pytest.raises(BadValue, match="ARTOIS_GEO_SOURCES_HOTES"):
        replaced_hosts(setting)


def test_a_replaced_host_keeps_path_and_query() -> None:
    bases = replaced_hosts("a.fr=http://127.0.0.1:9/a b.fr=https://miroir.exemple.fr")
    assert called_address("https://a.fr/x?y=1", bases) == "http://127.0.0.1:9/a/x?y=1"
    assert called_address("https://b.fr/x", bases) == "https://miroir.exemple.fr/x"
    assert called_address("https://c.fr/x", bases) == "https://c.fr/x"


def test_a_file_fetched_by_hand_says_so_everywhere(tmp_path: Path) -> None:
    file = tmp_path / "conso.csv"
    file.write_bytes(open_data.consumption(5))
    source = sources.source_named("conso_enaf")
    fetch = sources.take_file(source, file, tmp_path / "e", scope=sources.scope_of(communes="62002,62003"))
    facts = fetch.snapshot.facts
    assert (facts["objets"], facts["obtenu"], facts["nom_du_fichier"]) == (2, "à la main", "conso.csv")
    assert facts["pages"][0]["sha256"] == history.checksum(file)
    layer = layers.read_catalogue(tmp_path / "e")["conso_enaf"]
    assert layer.vintage == "2011-2025 (déclaré)"
    assert "obtenue à la main (adresse et millésime déclarés), vérifiée le : jamais" in layer.source
    assert sources.replay(tmp_path / "e", fetch.snapshot.name).is_same


def test_a_file_by_hand_of_another_form_is_refused(tmp_path: Path) -> None:
    source = sources.source_named("conso_enaf")
    with pytest.raises(UnreadableFile, match="Fichier introuvable"):
        sources.take_file(source, tmp_path / "a.csv", tmp_path / "e")
    for name, content, error in (
        ("a.shp", b"PK", UnreadableFile),
        ("b.csv", b"<html></html>", SourceError),
        ("c.csv", b"", SourceError),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(error):
            sources.take_file(source, tmp_path / name, tmp_path / "e")
    assert not list((tmp_path / "e").rglob("provenance.json"))
    assert sources.unfinished(tmp_path / "e") == []


def test_a_layer_from_elsewhere_is_not_replaced(tmp_path: Path) -> None:
    file = tmp_path / "conso.csv"
    file.write_bytes(open_data.consumption(3))
    layers.write(layers.read(layers.read_catalogue()["communes"]).head(1), tmp_path / "conso_enaf.geojson")
    before = history.checksum(tmp_path / "conso_enaf.geojson")
    source = sources.source_named("conso_enaf")
    with pytest.raises(BadValue, match="d'une autre origine"):
        sources.take_file(source, file, tmp_path)
    assert sources.take_file(source, file, tmp_path, layer="conso_cerema").layer == "conso_cerema"
    assert history.checksum(tmp_path / "conso_enaf.geojson") == before


def test_the_catalogue_tells_of_the_last_snapshot_and_keeps_the_rest(tmp_path: Path) -> None:
    source, folder = sources.source_named("conso_enaf"), tmp_path / "e"
    for number in (3, 4):
        file = tmp_path / f"conso{number}.csv"
        file.write_bytes(open_data.consumption(number))
        sources.take_file(source, file, folder)
        catalogue = folder / "catalogue.toml"
        text = catalogue.read_text(encoding="utf-8").replace("2011-2025 (déclaré)", "ancien")
        catalogue.write_text(f"{text}\n# note d'un collègue\n", encoding="utf-8")
    sources.take_file(source, file, folder)
    assert layers.read_catalogue(folder)["conso_enaf"].vintage == "2011-2025 (déclaré)"
    assert catalogue.read_text(encoding="utf-8").count("# note d'un collègue") == 2
    assert len(history.events(folder, "conso_enaf")) == 3


PAGE = Path(__file__).parents[2] / "docs" / "donnees_ouvertes.md"


def test_the_page_of_documentation_tells_of_every_source() -> None:
    assert open_data_study.documented() in PAGE.read_text(encoding="utf-8"), "scripts/donnees_ouvertes.py"


def test_the_source_that_the_page_adds_is_its_toml_alone(tmp_path: Path) -> None:
    _, _, block = PAGE.read_text(encoding="utf-8").partition("```toml\n")
    (tmp_path / "sources").mkdir()
    file = tmp_path / "sources" / "lignes_electriques.toml"
    file.write_text(block.partition("```")[0], encoding="utf-8")
    source = sources.source_named("lignes_electriques", tmp_path)
    assert source.verified_text == "jamais"
    features = [
        each | {"properties": {"cleabs": each["properties"]["cleabs"]}} for each in open_data.communes(4)
    ]
    box = f"{open_data.WEST + 1},{open_data.SOUTH + 1},{open_data.WEST + 3_999},{open_data.SOUTH + 3_999}"
    with open_data.served(open_data.World(features)) as world:
        client = sources.Client(source.access.hosts, wait=float, bases=world.bases)
        fetch = sources.take(source, sources.scope_of(emprise=box), tmp_path, client=client)
    assert len(layers.read(layers.read_catalogue(tmp_path)[fetch.layer])) == 4
