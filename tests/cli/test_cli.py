"""The command line as a whole: quick, French, one message for each fault, right exit codes."""

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from cli_runner import english, run
from covering import mostly_long

from artois_geo import cli, example, packs
from artois_geo.cli import french, root

ROOT = Path(__file__).parents[2]
PYTHON = [sys.executable, "-m", "artois_geo.cli"]
HEAVY = ("geopandas", "folium", "pandas", "numpy", "shapely", "rich", "openpyxl", "jinja2")


def real(*arguments: str, **options: object) -> subprocess.CompletedProcess:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **options.pop("env", {})}
    return subprocess.run(
        [*PYTHON, *arguments], capture_output=True, text=True, env=environment, **options, encoding="utf-8"
    )


def every_command(group: click.Group = root, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    ctx = click.Context(group)
    paths = [path]
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        inside = isinstance(command, click.Group)
        paths += every_command(command, (*path, name)) if inside else [(*path, name)]
    return paths


COMMANDS = every_command()


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['artois-geo', '--help']\n"
        "from artois_geo.cli import main\n"
        "try: main()\n"
        f"except SystemExit: print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert result.stderr.strip() == "[]"
    assert "Commandes" in result.stdout


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: " ".join(path) or "racine")
def test_every_help_page_is_french(path: tuple[str, ...]) -> None:
    result = run(*path, "--help")
    assert result.exit_code == 0
    assert english(result.stdout) == []
    assert "Usage :" in result.stdout
    assert "Affiche cette aide." in result.stdout


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: " ".join(path) or "racine")
def test_every_command_is_one_of_ours(path: tuple[str, ...]) -> None:
    command: click.Command = root
    for name in path:
        assert isinstance(command, click.Group)
        subcommand = command.get_command(click.Context(command), name)
        assert subcommand is not None
        command = subcommand
    assert isinstance(command, (french.Command, french.Group))
    assert command.help


def test_the_root_page_says_of_each_command_what_its_own_page_says() -> None:
    for name, help_line in cli.COMMANDS.items():
        command = root.get_command(click.Context(root), name)
        assert command is not None
        assert (command.help or "").replace("\u00a0", " ").startswith(help_line.rstrip("."))


@pytest.mark.parametrize("language", mostly_long(["de_DE.UTF-8", "en_US.UTF-8", "C", ""], "de_DE.UTF-8", "C"))
def test_the_language_of_the_machine_does_not_matter(language: str) -> None:
    result = real("couches", "--truc", env={"LANG": language, "LC_ALL": language, "LANGUAGE": "en:de"})
    assert result.returncode == 2
    assert "Option inconnue" in result.stderr
    assert english(result.stderr) == []


def test_version_and_module_entry() -> None:
    result = real("--version")
    assert (result.returncode, result.stdout.strip()) == (0, "artois-geo 0.1.0")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["couches", "lister", "--format", "pdf"], "ne figure pas dans"),
        (["couches", "infos"], "Il manque l'argument"),
        (["couches", "exporter", "communes"], "Il manque l'option"),
        (["couches", "lister", "trop"], "Argument en trop"),
        (["couches", "lister", "--sortie"], "attend une valeur"),
        (["couches", "lister", "--resume"], "Option inconnue"),
        (["couhces"], "Noms proches : couches"),
        (["couches", "listre"], "Noms proches : lister"),
        (["couches", "lister", "--format", "xlsx"], "demande --sortie"),
        (["carte", "--fond", "osm", "--hors-ligne"], "ne vont pas ensemble"),
        (["constantes", "lister", "--date", "hier"], "n'est pas une date"),
        (["couches", "lister", "--donnees", "x"], "se place avant la commande"),
    ],
)
def test_a_wrong_command_line_exits_2_with_one_french_message(arguments: list[str], message: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.count("Erreur :") == 1
    assert message in result.stderr
    assert english(result.stderr) == []


BELOW_A_FILE = "un fichier se trouve là où il faut un dossier"
BAD_INPUTS = {  # {here} is a folder that holds the faulty files of the fixture below
    "missing file": ("couches valider {here}/absent.geojson", "introuvable"),
    "missing file for a map": ("carte {here}/absent.geojson", "introuvable"),
    "not geodata": ("couches infos {here}/note.geojson", "note.geojson"),
    "json but no geojson": ("couches infos {here}/liste.geojson", "liste.geojson"),
    "binary": ("couches valider {here}/image.geojson", "image.geojson"),
    "no shapefile": ("couches valider {here}/faux.shp", "n'est pas un fichier Shapefile"),
    "a folder for a file": ("couches infos {here}/vide", "vide"),
    "unknown layer": ("couches infos comunes", "Noms proches : communes"),
    "unknown layer for a map": ("carte sites_ecoo", "sites_eco"),
    "unknown kind": ("couches valider communes --type comune", "Noms proches : commune"),
    "unknown column": ("foncier offre --par famile", "Noms proches : famille"),
    "unknown area": ("foncier offre --surface site_surf_brut", "site_surf_brute"),
    "text for an area": ("foncier offre --surface site_nom", "site_nom"),
    "unknown total": ("couches controle --objets foncier", "foncier_disponible"),
    "unknown constant": ("constantes infos reduction_2021", "reduction_2021_2030"),
    "unknown word": ("glossaire zzz", "zzz"),
    "no geometry": ("glossaire --format geojson", "pas de géométrie"),
    "missing folder": ("--donnees {here}/absent couches lister", "introuvable"),
    "empty folder": ("--donnees {here}/vide couches lister", "Aucune couche"),
    "broken catalogue": ("--donnees {here}/abime couches lister", "illisible"),
    "folder without sites": ("--donnees {here}/seule simi --sortie {here}/simi", "Pas d'offre à montrer"),
    "unknown suffix": ("couches exporter communes --sortie {here}/a.dwg", ".gpkg"),
    "table below a file": ("couches lister --sortie {here}/fichier/x.csv", BELOW_A_FILE),
    "export below a file": ("couches exporter communes --sortie {here}/fichier/x.gpkg", BELOW_A_FILE),
    "map below a file": ("carte communes --sortie {here}/fichier/x.html", BELOW_A_FILE),
    "pack below a file": ("simi --sortie {here}/fichier/simi", BELOW_A_FILE),
    "output is a folder": ("couches lister --sortie {here}/vide", "c'est un dossier"),
    "output folder absent": ("couches lister --sortie {here}/non/a.csv", "introuvable"),
    "name too long": ("couches lister --sortie {here}/" + "a" * 300, "nom trop long"),
}


@pytest.fixture(scope="module")
def faulty_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fautes")
    (folder / "fichier").write_text("rien", encoding="utf-8")
    (folder / "note.geojson").write_text("Bonjour", encoding="utf-8")
    (folder / "liste.geojson").write_text("[1, 2]", encoding="utf-8")
    (folder / "image.geojson").write_bytes(b"\x89PNG\r\n\x1a\n\x00\xff")
    (folder / "faux.shp").write_bytes(b"pas un shapefile")
    for name in ("vide", "abime", "seule"):
        (folder / name).mkdir()
    (folder / "abime" / "catalogue.toml").write_text("[couche", encoding="utf-8")
    empty = '{"type": "FeatureCollection", "features": []}'
    (folder / "seule" / "couche.geojson").write_text(empty, encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", BAD_INPUTS)
def test_bad_input_is_one_french_message_and_exit_1(name: str, faulty_folder: Path) -> None:
    line, message = BAD_INPUTS[name]
    before = sorted(faulty_folder.rglob("*"))
    result = run(*line.format(here=faulty_folder).split(" "))
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.count("Erreur :") == 1
    assert message in result.stderr
    assert "Défaut d'artois-geo" not in result.stderr
    assert english(result.stderr.replace(str(faulty_folder), "")) == []
    assert sorted(faulty_folder.rglob("*")) == before  # no half-written file is left


@pytest.mark.parametrize("line", ["couches lister --sortie {here}/a.csv", "simi --sortie {here}/simi"])
def test_a_read_only_folder_is_one_french_message(line: str, tmp_path: Path) -> None:
    """As root the rights of a folder stop nothing: the child first becomes nobody."""
    tmp_path.chmod(0o555)
    for parent in (tmp_path.parent, tmp_path.parent.parent):
        parent.chmod(0o755)  # nobody must see the folder that it may not write
    run("couches", "lister", "--format", "csv")  # imports, before rights are given up
    answer, question = os.pipe()
    child = os.fork()
    if child == 0:
        if os.geteuid() == 0:
            os.seteuid(65534)
        result = run(*line.format(here=tmp_path).split(" "))
        os.write(question, f"{result.exit_code} {result.stderr}".encode())
        os._exit(0)
    os.close(question)
    output = b"".join(iter(lambda: os.read(answer, 65536), b"")).decode()
    os.waitpid(child, 0)
    assert output.startswith("1 Erreur :")
    assert "accès refusé" in output
    assert list(tmp_path.iterdir()) == []


def test_a_real_run_of_a_bad_request_has_no_traceback() -> None:
    result = real("foncier", "offre", "absent.geojson")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == "Erreur : Fichier introuvable : absent.geojson.\n"


def test_a_fault_of_ours_says_so_and_how_to_see_more(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("x")

    monkeypatch.setattr(packs, "simi", broken)
    result = run("simi")
    assert result.exit_code == 1
    assert "Défaut d'artois-geo (KeyError" in result.stderr
    assert "--trace" in result.stderr
    assert isinstance(run("--trace", "simi").exception, KeyError)


def test_a_full_disk_is_said_in_french(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    result = run("couches", "lister", "--sortie", tmp_path / "a.csv")
    assert result.exit_code == 1
    assert "disque plein" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_control_characters_of_others_never_reach_the_terminal(tmp_path: Path) -> None:
    result = run("couches", "infos", tmp_path / "zone\x1b[31m\x07.geojson")
    assert result.exit_code == 1
    assert "\x1b" not in result.stderr
    assert "\x07" not in result.stderr


def test_a_reader_that_leaves_the_pipe_hears_nothing() -> None:
    process = subprocess.Popen(
        [*PYTHON, "couches", "infos", "sites_eco", "--format", "json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    assert process.wait() == 1


@pytest.mark.parametrize(
    ("room", "name", "command", "message"),
    [
        (packs, "simi", ("simi",), "Interrompu : rien n'a été écrit."),
        (example, "layers", ("exemple", "pays"), "Interrompu."),
    ],
)
def test_an_interrupted_command_says_one_french_word_and_exits_130(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    room: object,
    name: str,
    command: tuple[str, ...],
    message: str,
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(room, name, interrupted)
    result = run(*command)
    assert (result.exit_code, result.stderr.strip()) == (130, message)
