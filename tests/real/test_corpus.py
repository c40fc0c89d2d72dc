"""Every bad delivery of the corpus meets the outcome of its manifest; without a guard, one does not."""

import csv
import hashlib
import json
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from cli_runner import Runner

from artois_geo import errors, layers
from artois_geo.cli import root
from artois_geo.deliveries import crs_detection, delivery_checks, matching
from artois_geo.formats import archives, opening, raw_table
from artois_geo.formats.databases import dbf, geopackage_reader
from artois_geo.formats.geojson import geojson_reader, geometry_text, json_scan
from artois_geo.kinds import repairs, validation
from artois_geo.kinds.checks import geometry_checks

OPENED: list[str] = []
WATCHED: list[bool] = []  # a hook stays for good: it notes what is opened during an import


def _watch(event: str, arguments: tuple) -> None:
    if WATCHED and event == "open" and isinstance(arguments[0], str | bytes | Path):
        OPENED.append(str(arguments[0]))


@pytest.fixture(scope="session")
def corpus(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corpus, written anew, and the kind of its manifest as a TOML of ours."""
    import importlib.util

    sys.addaudithook(_watch)  # only where it serves: it is called for every id()
    folder = tmp_path_factory.mktemp("corpus")
    module_spec = importlib.util.spec_from_file_location(
        "bad_inputs", shared / "corpus" / "make_bad_inputs.py"
    )
    module = importlib.util.module_from_spec(module_spec)
    sys.modules["bad_inputs"] = module
    module_spec.loader.exec_module(module)
    module.write_cases(folder, module.CASES)
    (folder / "parcelle.toml").write_text(_kind(json.loads((folder / "manifest.json").read_text())["schema"]))
    return folder


def _kind(schema: dict[str, Any]) -> str:
    lines = ['title = "Parcelles"', f"key = {json.dumps(schema['key'])}"]
    lines += [f"{name} = {json.dumps(schema[name])}" for name in ("geometry", "territory_wgs84")]
    for schema_field in schema["fields"]:
        lines += ["", "[[fields]]"] + [
            f"{k} = {json.dumps(v, ensure_ascii=False)}" for k, v in schema_field.items()
        ]
    return "\n".join(lines) + "\n"


# a wrong value of a field that is neither the key nor mandatory costs the value, no longer the delivery
SECONDARY = {"attributes/impossible_date.geojson", "attributes/text_in_number.geojson"}


def cases(folder: Path) -> list[dict[str, Any]]:
    """Cases of the manifest, and their retries as cases of their own."""
    listed = []
    for case in json.loads((folder / "manifest.json").read_text())["cases"]:
        outcomes = ["warn"] if case["file"] in SECONDARY else case["outcomes"]
        listed.append(case | {"name": case["file"], "outcomes": outcomes})
        if "retry" in case:
            options_asked = case.get("ask", {}) | case["retry"].get("ask", {})
            listed.append(
                {"file": case["file"]}
                | case["retry"]
                | {"ask": options_asked, "name": case["file"] + " retry"}
            )
    return listed


@dataclass
class Result:
    """What one import did, and every way in which it is not what the manifest says."""

    outcome: str
    faults: list[str] = field(default_factory=list)
    output: str = ""
    silent: bool = False  # taken as if nothing were wrong, when something is


def run(folder: Path, home: Path, *arguments: str) -> Any:
    return Runner().invoke(root, ["--donnees", str(home), "couches", *arguments], prog_name="artois-geo")


def import_case(case: dict[str, Any], folder: Path, work: Path, *extra: str) -> tuple[Any, Path]:
    home = work / "donnees"
    options_asked = case.get("ask", {})
    options = {"crs": "--crs", "layer": "--couche-source", "separator": "--separateur"}
    options["geometry_column"] = "--colonne-geometrie"
    option_words = [part for name, value in options_asked.items() for part in (options[name], value)]
    arguments = [str(folder / case["file"]), "--type", str(folder / "parcelle.toml"), "--vers", "parcelles"]
    return run(folder, home, "importer", *arguments, "--format", "json", *option_words, *extra), home


def bytes_of(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def judge(case: dict[str, Any], folder: Path, work: Path) -> Result:
    """Import one case into a workspace that already holds a layer, and compare with the manifest."""
    (work / "donnees").mkdir(parents=True)
    (work / "donnees" / "parcelles.geojson").write_text('{"type":"FeatureCollection","features":[]}')
    before, outside = bytes_of(work / "donnees"), bytes_of(work)
    delivered = hashlib.sha256((folder / case["file"]).read_bytes()).hexdigest()
    OPENED.clear()
    WATCHED.append(True)
    command, home = import_case(case, folder, work)
    WATCHED.clear()
    files_outside = [
        path for path in OPENED if path.startswith(str(folder)) and Path(path) not in _allowed(case, folder)
    ]
    report = json.loads(command.stdout) if command.stdout.strip().startswith("{") else {"outcome": "?"}
    result = Result(report["outcome"], output=command.stdout + command.stderr)
    fault = result.faults.append
    if command.exception is not None and not isinstance(command.exception, SystemExit):
        fault(f"trace : {command.exception!r}")
    if result.outcome not in case["outcomes"]:
        fault(f"{result.outcome} au lieu de {' ou '.join(case['outcomes'])}")
    if command.exit_code != (1 if result.outcome == "reject" else 0):
        fault(f"code {command.exit_code}")
    if files_outside:
        fault(f"fichiers lus : {files_outside}")
    if hashlib.sha256((folder / case["file"]).read_bytes()).hexdigest() != delivered:
        fault("livraison modifiée")
    after = bytes_of(work)
    if result.outcome == "reject" and after != outside:
        fault("dossier changé par un refus")
    if {name for name in after if not name.startswith("donnees")}:
        fault("écrit hors du dossier")
    if result.outcome == "reject" and Path(case["file"]).name not in result.output:
        fault("fichier non nommé")
    if result.outcome != "accept":
        for name_parts in case.get("must_name", []):
            if not any(name in result.output for name in name_parts.split("|")):
                fault(f"« {name_parts} » non nommé")
    for secret in case.get("never", []):
        if secret in result.output or any(
            secret.encode() in path.read_bytes() for path in home.rglob("*.geojson")
        ):
            fault(f"« {secret} » montré")
    if result.outcome in {"accept", "warn", "repair"}:
        _compare_layer(case, home, report, fault)
        _again(case, folder, work, home, fault)
    result.silent = bool(result.faults) and result.outcome != "reject"
    assert before  # the workspace held a layer
    return result


def _allowed(case: dict[str, Any], folder: Path) -> set[Path]:
    return {folder / case["file"], folder / "parcelle.toml", folder / Path(case["file"]).parent}


def _compare_layer(case: dict[str, Any], home: Path, report: dict, fault: Callable[[str], None]) -> None:
    try:
        frame = layers.read(home / "parcelles.geojson")
    except errors.ArtoisGeoError as error:
        return fault(f"couche écrite mais illisible : {error}")
    counts = report["counts"]
    if counts["in"] != counts["kept"] + counts["set_aside"] + counts["copies_removed"]:
        fault(f"objets perdus : {counts}")
    if "features" in case and counts["in"] != case["features"]:
        fault(f"{counts['in']} objets lus au lieu de {case['features']}")
    if "kept" in case and len(frame) != case["kept"]:
        fault(f"{len(frame)} objets gardés")
    if "area_ha" in case and abs(frame.area.sum() / 1e4 - case["area_ha"]) > 0.002:
        fault(f"{frame.area.sum() / 1e4:.3f} ha au lieu de {case['area_ha']}")
    if "union_ha" in case and abs(frame.union_all().area / 1e4 - case["union_ha"]) > 0.002:
        fault("surface de l'union")
    for key, (x, y, metres) in case.get("position", {}).items():
        west, south, _, _ = frame.loc[frame["parc_id"] == key, "geometry"].iloc[0].bounds
        if max(abs(west - x), abs(south - y)) > metres:
            fault(f"{key} en {west:.1f}, {south:.1f}")
    for key, values in case.get("values", {}).items():
        row = frame[frame["parc_id"] == key].iloc[0]
        for name, expected in values.items():
            cell = row[name] if isinstance(row[name], str) or not pd.isna(row[name]) else None
            if isinstance(expected, int) and cell is not None:
                cell = int(cell)  # numpy compares a float and an integer as floats
            if cell != expected or isinstance(cell, str) != isinstance(expected, str):
                fault(f"{key}.{name} = {cell!r} au lieu de {expected!r}")


def _again(case: dict[str, Any], folder: Path, work: Path, home: Path, fault: Callable[[str], None]) -> None:
    first = (home / "parcelles.geojson").read_bytes()
    import_case(case, folder, work)
    if (home / "parcelles.geojson").read_bytes() != first:
        fault("deux imports, deux fichiers")


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("une requête réseau est partie")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def test_every_case_of_the_manifest_meets_its_outcome(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = cases(corpus)
    results = {
        case["name"]: judge(case, corpus, tmp_path / str(number)) for number, case in enumerate(listed)
    }
    bad = {name: result.faults for name, result in results.items() if result.faults}
    first = sum(
        result.outcome == case["outcomes"][0] for case, result in zip(listed, results.values(), strict=True)
    )
    silent = sum(result.silent for result in results.values())
    with capsys.disabled():
        sys.stdout.write(
            f"\ncorpus : {len(listed) - len(bad)}/{len(listed)} (manifeste : {len(listed)} dont"
            f" {sum('retry' in name for name in results)} reprises), {first} à la meilleure issue,"
            f" {silent} erreurs silencieuses\n"
        )
    assert bad == {}
    assert silent == 0


@pytest.mark.parametrize(("every", "fewest"), [(6, 2), pytest.param(1, 15, marks=pytest.mark.long)])
def test_set_aside_and_kept_are_the_features_of_the_file(
    corpus: Path, tmp_path: Path, every: int, fewest: int
) -> None:
    """With --ecarter every feature is in the layer or, word for word, in the rejects."""
    case_count = 0
    for number, case in enumerate(cases(corpus)[::every]):
        work = tmp_path / str(number)
        import_result, home = import_case(case, corpus, work, "--ecarter")
        report = json.loads(import_result.stdout)
        if not report["counts"]["set_aside"]:
            continue
        case_count += 1
        rejects = json.loads((home / "parcelles.rejets.geojson").read_text())
        assert len(rejects["features"]) == report["counts"]["set_aside"], case["file"]
        assert {rejected["position"] for rejected in rejects["rejets"]}, case["file"]
        if case["file"].endswith(".geojson"):
            original = json.loads((corpus / case["file"]).read_text())["features"]
            for feature in rejects["features"]:
                assert feature in original, case["file"]
    assert case_count >= fewest


def test_formulas_are_defused_in_what_a_spreadsheet_opens(corpus: Path, tmp_path: Path) -> None:
    case = next(
        listed_case for listed_case in cases(corpus) if listed_case["file"] == "attributes/formulas.geojson"
    )
    _, home = import_case(case, corpus, tmp_path)
    for name in ("x.csv", "x.xlsx"):
        run(corpus, home, "exporter", str(home / "parcelles.geojson"), "--sortie", str(tmp_path / name))
    with (tmp_path / "x.csv").open(encoding="utf-8-sig", newline="") as stream:
        cells = [cell for row in csv.reader(stream, delimiter=";") for cell in row]
    assert any("HYPERLINK" in cell for cell in cells)
    assert not [cell for cell in cells if cell[:1] in set("=+-@\t\r")]
    sheets = openpyxl.load_workbook(tmp_path / "x.xlsx")
    assert not [cell for sheet in sheets for row in sheet for cell in row if cell.data_type == "f"]


# --- the page of the imports


def console() -> list[tuple[list[str], list[str]]]:
    """Commands of docs/imports.md that import a file of the corpus, and the lines shown under each."""
    page = (Path(__file__).parents[2] / "docs" / "imports.md").read_text(encoding="utf-8")
    commands: list[tuple[list[str], list[str]]] = []
    for block in page.split("```console\n")[1:]:
        for line in block.split("```")[0].splitlines():
            if line.startswith("$ "):
                commands.append((line.split()[1:], []))
            else:
                commands[-1][1].append(line)
    return commands


@pytest.mark.parametrize(("words", "lines"), console(), ids=[words[3] for words, _ in console()])
def test_the_page_of_the_imports_shows_what_the_command_says(
    corpus: Path, tmp_path: Path, words: list[str], lines: list[str]
) -> None:
    (file,) = (path for path in corpus.rglob(words[3]))
    paths = {words[3]: str(file), "parcelles.toml": str(corpus / "parcelle.toml")}
    assert words[:2] == ["artois-geo", "couches"]
    result = run(corpus, tmp_path, *(paths.get(word, word) for word in words[2:]))
    output_lines = result.output.replace("\u202f", " ").splitlines()
    assert lines
    assert lines == [line for line in output_lines if line in lines]
    assert {line for line in output_lines if line.startswith("  ")} <= set(lines)
    assert result.exit_code == (1 if any(line.startswith("Erreur") for line in lines) else 0)


# --- each guard removed in turn


def _nothing(*_: object, **__: object) -> Iterator[Any]:
    return iter(())


def _naked(monkeypatch: pytest.MonkeyPatch, guard: str) -> None:
    """Take one guard away, as if nobody had written it."""
    take: dict[str, list[tuple[Any, str, Any]]] = {
        "territoire": [
            (crs_detection.Territory, "holds", lambda self, shapes: np.ones(len(shapes), dtype=bool))
        ],
        "système non déclaré": [
            (crs_detection, "_undeclared", lambda shapes, *_: crs_detection.Placement(shapes, "EPSG:2154")),
        ],
        "lien de système": [(geojson_reader, "_crs", lambda *_: ("EPSG:4326", ""))],
        "clé JSON répétée": [(json_scan, "_unique", dict)],
        "nombres finis": [
            (json_scan, "_refuse_constant", float),
            (geometry_text.np, "isfinite", lambda cells: np.ones(np.shape(cells), dtype=bool)),
            (repairs, "mend", lambda shapes, schema: (shapes, [])),
            (shapely, "is_valid", lambda shapes: np.ones(np.shape(shapes), dtype=bool)),
            (crs_detection.Territory, "holds", lambda self, shapes: np.ones(len(shapes), dtype=bool)),
        ],
        "membres d'archive": [(archives, "_refuse_member", lambda *_: None)],
        "gonflement d'archive": [
            (archives.Limits, "ratio", 10**9),
            (archives.Limits.__init__, "__defaults__", None),
        ],
        "une couche par archive": [
            (
                opening,
                "_one_of",
                lambda parts, member, *_: opening._recognised(sorted(p.path for p in parts)[2], member),
            ),
        ],
        "choix de la couche": [
            (geopackage_reader, "_chosen", lambda base, path, layer: layer or "brouillon")
        ],
        "validité": [
            (repairs, "mend", lambda shapes, schema: (shapes, [])),
            (shapely, "is_valid", lambda shapes: np.ones(np.shape(shapes), dtype=bool)),
        ],
        "méthode de réparation": [(repairs, "settle", lambda shape: (shapely.make_valid(shape), ""))],
        "trou hors du contour": [(repairs, "_hole_outside", lambda shape: False)],
        "présence et type de géométrie": [(geometry_checks, "shapes", _nothing)],
        "recouvrements": [
            (geometry_checks, "overlaps", _nothing),
            (delivery_checks, "_same_place", _nothing),
        ],
        "micro-objets": [(delivery_checks, "_slivers", _nothing)],
        "clé unique": [(validation, "_repeated", _nothing)],
        "valeur obligatoire": [
            (validation, "_is_empty", lambda value: False),
            (validation, "_fault", lambda value, field: None),
        ],
        "types": [(validation, "_wrong_type", lambda value, expected: "")],
        "surface déclarée": [(validation, "_areas", _nothing)],
        "clés jumelles": [(delivery_checks, "_twins", _nothing)],
        "conversion": [(matching, "_converted", lambda value, *_, **__: (value, "", ""))],
        "entiers exacts": [(raw_table, "series", lambda values, index=None: _inferred(values, index))],
        "encodage du .dbf": [(dbf, "_encoding", lambda *_: ("latin-1", []))],
        "noms tronqués": [(delivery_checks, "_cut_names", _nothing)],
        "membres étrangers": [(geojson_reader, "_members_findings", lambda *_: [])],
    }
    for owner, name, value in take[guard]:
        if name == "__defaults__":
            defaults = (4_096, 1_000, 4_096, 10**9, 4_096, 600, 5_000_000)
            monkeypatch.setattr(owner, name, defaults)
        else:
            monkeypatch.setattr(owner, name, value)


def _inferred(values: list[Any], index: Any) -> pd.Series:
    return pd.Series([None if value is raw_table.ABSENT else value for value in values], index=index)


GUARDS = {
    "territoire": "crs/elsewhere.geojson",
    "système non déclaré": "crs/no_prj.zip",
    "lien de système": "hostile/crs_link.geojson",
    "clé JSON répétée": "attributes/same_field_twice.geojson",
    "nombres finis": "geometry/infinite.geojson",
    "membres d'archive": "hostile/climbing_member.zip",
    "gonflement d'archive": "hostile/inflating.zip",
    "une couche par archive": "hostile/two_shapefiles.zip",
    "choix de la couche": "files/two_layers.gpkg",
    "validité": "geometry/bow_tie.geojson",
    "méthode de réparation": "geometry/holes_overlap.geojson",
    "trou hors du contour": "geometry/hole_outside.geojson",
    "présence et type de géométrie": "geometry/null.geojson",
    "recouvrements": "geometry/overlap.geojson",
    "micro-objets": "geometry/sliver.geojson",
    "clé unique": "attributes/same_key_twice.geojson",
    "valeur obligatoire": "attributes/key_absent.geojson",
    "types": "attributes/text_in_number.geojson",
    "surface déclarée": "attributes/hectares_as_m2.geojson",
    "clés jumelles": "attributes/two_normal_forms.geojson",
    "conversion": "attributes/nul_character.geojson",
    "entiers exacts": "attributes/big_integer.geojson",
    "encodage du .dbf": "files/cp1252_dbf.zip",
    "noms tronqués": "files/short_names.zip",
    "membres étrangers": "attributes/foreign_members.geojson",
}


@pytest.mark.parametrize(
    ("guard", "file"),
    [
        pytest.param(guard, file, marks=[pytest.mark.long] * (guard == "gonflement d'archive"))
        for guard, file in GUARDS.items()
    ],
)
def test_without_this_guard_a_case_fails(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, guard: str, file: str
) -> None:
    """With it the case has no fault: test_every_case_of_the_manifest_meets_its_outcome."""
    case = next(listed_case for listed_case in cases(corpus) if listed_case["name"] == file)
    _naked(monkeypatch, guard)
    assert judge(case, corpus, tmp_path / "sans").faults != []
