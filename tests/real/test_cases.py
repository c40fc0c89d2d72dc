"""Files that partners really send, one folder each: what comes out, and what is said of it.

``expected.md`` of each folder says what must come out; this table says it in code. Every case is
copied before anything opens it, goes through the command line and the library, and is left as it was.
"""

import contextlib
import hashlib
import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cli_runner import run

from artois_geo import layers
from artois_geo.deliveries import delivery
from artois_geo.errors import ArtoisGeoError


@dataclass(frozen=True)
class Case:
    """A delivery, how it is asked for, and what must come out of it."""

    folder: str
    file: str
    outcome: str = "accept"
    kept: int = 0
    kind: str = "libre"
    crs: str = ""
    layer: str = ""
    hectares: float | None = None
    values: dict[str, list[Any]] = field(default_factory=dict)
    says: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    aside: int = 0


CASES = [
    Case("csv_colonnes_vides", "quais.csv", kept=2, says=("colonnes sans nom et sans valeur, ignorées",)),
    Case("csv_geo_point_2d", "stations.csv", kept=2, never=("Lambert I",)),
    Case(
        "csv_titre_avant_entete",
        "export.csv",
        "warn",
        1,
        values={"id": ["1"]},
        says=("l'en-tête est à la ligne 3",),
    ),
    Case("csv_wkt_degres_auto", "sup.csv", "repair", 1, crs="auto", says=("lu comme EPSG:4326",)),
    Case("csv_wkt_degres_auto", "sup.csv", "reject", says=("--crs auto ou --crs EPSG:4326",)),
    Case("geojson_crs_en_url", "wfs.geojson", kept=1, hectares=1.0),
    Case("geojson_crs_en_url", "wfs.geojson", kept=1, hectares=1.0, crs="EPSG:2154"),
    Case(
        "geometrie_courbe_gpkg",
        "giratoires.gpkg",
        "repair",
        2,
        hectares=1.50265,
        says=("arc remplacé par des segments", "5\u202f026,5 m²"),
    ),
    Case("geoparquet_geoarrow", "zones.parquet", kept=2, hectares=2.0),
    Case("geoparquet_geoarrow_points", "points.parquet", kept=2),
    Case("gpkg_avec_styles_qgis", "zones.gpkg", kept=2),
    Case("gpkg_cle_primaire_metier", "zae.gpkg", kept=2, values={"id_zae": [6200017, 6200034]}),
    Case(
        "gpkg_wal",
        "zones.gpkg",
        kept=1,
        hectares=1.0,
        values={"nom": ["Les Rietz (corrigé)"]},
        says=("zones.gpkg-wal lu avec zones.gpkg",),
    ),
    Case("import_ligne_total", "sites.csv", "warn", 3, says=("sans géométrie alors que les autres en ont",)),
    Case(
        "multipolygone_partie_degeneree", "parcelles.geojson", "repair", 1, hectares=0.792, says=("partie",)
    ),
    Case(
        "nombres_a_l_anglaise",
        "terrains.csv",
        "repair",
        2,
        kind="terrain.toml",
        values={"surface_m2": [1234.5, 2345.0]},
        says=("« 2,345 » lu 2345",),
    ),
    Case(
        "parquet_nombre_decimal",
        "terrains.parquet",
        kept=2,
        kind="terrain.toml",
        values={"surface_m2": [10000.5, None]},
    ),
    Case("parquet_nombre_decimal", "terrains.parquet", kept=2, values={"surface_m2": [10000.5, None]}),
    Case(
        "prj_absent_degres_auto",
        "zones.shp",
        "repair",
        1,
        crs="auto",
        hectares=1.0,
        says=("lu comme EPSG:4326",),
    ),
    Case("prj_datum_inconnu", "zones.shp", "repair", 2, crs="auto", says=("lu comme EPSG:2154",)),
    Case(
        "prj_datum_inconnu",
        "zones.shp",
        "reject",
        says=("EPSG:2154", "--crs auto"),
        never=("convertir le fichier", "unnamed"),
    ),
    Case(
        "shapefile_valeurs_nulles",
        "terrains.shp",
        kept=2,
        kind="terrain.toml",
        values={"surface_m2": [10000.0, None], "maj": ["2024-04-01", None]},
        says=("1 cellule vide (étoiles du .dbf",),
    ),
    Case(
        "shapefile_valeurs_nulles",
        "terrains.shp",
        "warn",
        2,
        values={"surface_m2": [10000.0, None]},
        never=("****",),
    ),
    Case("stock_trou_infime", "ocsge.gpkg", "repair", 2, hectares=12.0),
    Case(
        "trou_degenere",
        "zones.geojson",
        "repair",
        1,
        hectares=0.792,
        says=("trou de moins de quatre positions",),
    ),
    Case("xlsx_feuille_graphique", "suivi.xlsx", kept=2),
    Case("xlsx_feuille_graphique", "suivi.xlsx", "reject", layer="Graphique", says=("feuille graphique",)),
    Case(
        "xlsx_formules_en_partie",
        "sites.xlsx",
        "warn",
        3,
        says=("1 formule sans valeur enregistrée (B3)", "1 formule sans valeur enregistrée (C3)"),
    ),
    Case(
        "xlsx_formules_non_calculees",
        "terrains.xlsx",
        "warn",
        3,
        kind="terrain.toml",
        says=("3 formules sans valeur enregistrée", "dans un tableur"),
    ),
    Case("xlsx_sans_entete", "communes.xlsx", "reject", says=("ressemble à des données", "« 62041 »")),
    Case("zip_couche_et_dictionnaire", "livraison.zip", kept=2, says=("non lus", "--couche-source")),
    Case("zip_couche_et_dictionnaire", "livraison.zip", kept=2, layer="zones"),
    Case("zip_fichiers_homonymes", "62041_PLU.zip", kept=2),
]


def name_of(case: Case) -> str:
    return "-".join(filter(None, (case.folder, case.kind, case.crs, case.layer)))


@pytest.fixture
def copied(shared: Path, tmp_path: Path) -> Any:
    """A copy of a case, in a folder of its own."""

    def copy(folder: str) -> Path:
        target = tmp_path / "livraison"
        shutil.copytree(shared / "cases" / folder, target, copy_function=shutil.copyfile)
        return target

    return copy


def sums(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_a_case_comes_out_as_its_folder_says(case: Case, copied: Any, tmp_path: Path) -> None:
    folder = copied(case.folder)
    before = sums(folder)
    kind = str(folder / case.kind) if case.kind.endswith(".toml") else case.kind
    options = [("--crs", case.crs), ("--couche-source", case.layer)]
    option_words = [part for name, value in options if value for part in (name, value)]
    home = tmp_path / "donnees"
    result = run(
        "--donnees",
        home,
        "couches",
        "importer",
        folder / case.file,
        "--type",
        kind,
        "--vers",
        "couche",
        "--format",
        "json",
        *option_words,
    )
    assert result.exception is None or isinstance(result.exception, SystemExit)
    report = json.loads(result.stdout)
    words = json.dumps(report, ensure_ascii=False)
    assert (report["outcome"], report["counts"]["kept"]) == (case.outcome, case.kept), words
    assert result.exit_code == (1 if case.outcome == "reject" else 0)
    for text in case.says:
        assert text in words
    for text in (*case.never, "Défaut d'artois-geo"):
        assert text not in words + result.stderr
    if case.outcome == "reject":
        assert not home.exists() or not list(home.glob("*.geojson"))
    else:
        compare(case, home / "couche.geojson")
    compare_library(case, folder, kind, words)
    checked = run("couches", "valider", folder / case.file)
    assert checked.exit_code in (0, 1)
    assert "Défaut" not in checked.stderr
    assert sums(folder) == before


def compare(case: Case, path: Path) -> None:
    """The layer written, against the case."""
    frame = layers.read(path)
    assert len(frame) == case.kept
    if case.hectares is not None:
        assert frame.area.sum() / 10_000 == pytest.approx(case.hectares, abs=0.002)
    rows_written = [feature["properties"] for feature in json.loads(path.read_text())["features"]]
    for name, values in case.values.items():
        assert [row[name] for row in rows_written] == values
    text = path.read_text(encoding="utf-8")
    assert not [word for word in case.never if word in text]


def compare_library(case: Case, folder: Path, kind: str, words: str) -> None:
    """``receive`` says what the command says; ``read_any`` gives the rows, or one French message."""
    path = folder / case.file
    if case.outcome == "reject":
        with pytest.raises(ArtoisGeoError) as refused:
            delivery.receive(path, kind, crs=case.crs, layer=case.layer)
        assert json.dumps(str(refused.value), ensure_ascii=False)[1:-1] in words
        with contextlib.suppress(ArtoisGeoError):
            layers.read_any(path, layer=case.layer)
        return
    received = delivery.receive(path, kind, crs=case.crs, layer=case.layer)
    assert (received.outcome, len(received.features)) == (case.outcome, case.kept)
    assert len(layers.read_any(path, layer=case.layer)[0]) == case.kept


#: Cases that are not about an import, and the tests that read them.
OTHERS = {
    "commande_avec_shapefile": "real/test_cases.py",
    "comparer_cle_nombre_et_texte": "layers/test_comparison.py",
    "partenaire_cc50": "deliveries/test_identity.py",
    "unites_renumerotees": "cli/test_foncier.py",
    "zan_ligne_total": "zan/test_own_table.py",
}


def test_every_case_of_the_folder_is_in_the_table_or_read_elsewhere(shared: Path) -> None:
    folders = {path.name for path in (shared / "cases").iterdir() if path.is_dir()}
    assert folders <= {case.folder for case in CASES} | set(OTHERS)
    for folder, test in OTHERS.items():
        text = (Path(__file__).parents[1] / test).read_text(encoding="utf-8")
        assert f'"{folder}"' in text or f"cases/{folder}/" in text, test


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["carte", "zones.shp", "--sortie", "z.html"], "Écrit"),
        (["trame", "taches", "zones.shp"], "Surface équivalente connectée : 2,0 ha"),
        (["canal", "desserte", "zones.shp", "--voies", "zones.shp"], "zones.shp"),
        (["couches", "comparer", "zones.shp", "zones.shp", "--cle", "libelle"], "0 modifié"),
    ],
    ids=lambda words: "-".join(words[:2]) if isinstance(words, list) else "",
)
def test_an_analysis_reads_a_shapefile_as_the_import_does(
    copied: Any, monkeypatch: pytest.MonkeyPatch, words: list[str], answer: str
) -> None:
    """Or refuses it for a true reason: it was told to be a text in a wrong encoding."""
    monkeypatch.chdir(copied("commande_avec_shapefile"))
    result = run(*words)
    assert answer in result.output, result.output
    assert not [word for word in ("UTF-8", "--encodage", "GeoJSON") if word in result.stderr]


def test_a_land_cover_that_a_stock_refuses_is_mended_by_the_command_that_it_names(
    copied: Any, tmp_path: Path
) -> None:
    folder = copied("stock_trou_infime")
    zones = ("--zones", folder / "zones.geojson", "--cle", "nom", "--format", "json")
    refused = run("zan", "stock", folder / "ocsge.gpkg", *zones)
    assert refused.exit_code == 1
    assert "le contour se croise" in refused.stderr
    assert "artois-geo couches importer FICHIER --type libre --vers COUCHE" in refused.stderr
    home = ("--donnees", tmp_path / "donnees")
    mended = run(*home, "couches", "importer", folder / "ocsge.gpkg", "--type", "libre", "--vers", "sol")
    assert mended.exit_code == 0, mended.output
    (row,) = json.loads(run(*home, "zan", "stock", "sol", *zones).stdout)["rows"]
    assert row["known_ha"] == pytest.approx(12.0, abs=1e-3)
