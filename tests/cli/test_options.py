"""No option is ignored in silence: what another silences, or what needs another, is refused at once."""

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from cli_runner import run
from click.testing import CliRunner

from artois_geo.cli import COMMANDS, french, options, root

SOIL = "zan artificialisation --zones communes --cle comm_insee"
PAIR = "--avant absent.gpkg --apres absent.gpkg"
REPORT = "zan rapport absent.csv --territoire 62498 --sortie r.html"
LAND = "foncier disponible absent.geojson --regles absent.toml"
FIRMS = "absent.csv --etablissements absent.csv"
CALLS = {
    "canal desserte --tous --carte c.html": "--tous et --carte",
    "canal desserte --proches --carte c.html": "--proches et --carte",
    "canal desserte --tous --proches": "--tous et --proches",
    "canal desserte --vitesse v": "--vitesse demande --routes",
    "canal desserte --sens s": "--sens demande --routes",
    "canal desserte --ajout-routes absent.geojson": "--ajout-routes demande --routes",
    "canal fret --entonnoir --filieres f.csv": "--entonnoir et --filieres",
    "canal fret --filieres f.csv --flux f.csv": "--filieres et --flux",
    "canal fret --filieres f.csv --resume": "--filieres et --resume",
    "canal fret --flux f.csv --tonnes 3": "--flux et --tonnes",
    "canal fret --flux f.csv --bases-melangees": "--bases-melangees demande --filieres",
    f"{SOIL} --diff d.gpkg {PAIR} --tamis": "--diff et --tamis",
    f"{SOIL} --diff d.gpkg --par cs": "--par demande --avant",
    f"{SOIL} {PAIR} --date-avant 2018-01-01": "--date-avant demande --date-apres",
    f"{SOIL} {PAIR} --par cs --date-avant 2018-01-01 --date-apres 2021-01-01": "--par et --date-avant",
    f"{SOIL} --avant absent.gpkg": "--avant demande --apres",
    f"{REPORT} --avant absent.gpkg": "--avant demande --",
    f"{REPORT} --contours communes": "--contours demande --avant",
    f"{REPORT} {PAIR}": "--avant demande --contours",
    "zan trajectoire absent.csv --sur 62498": "--sur demande --graphique",
    "zan trajectoire absent.csv --mutualiser toutes": "--mutualiser demande --pression",
    "zan trajectoire absent.csv --taux 0.5 --objectifs sraddet-hdf": "--taux et --objectifs",
    "zan simuler absent.csv --projets p.csv --offre o.csv": "--projets et --offre",
    "zan simuler absent.csv --projets p.csv --critere sites": "--critere demande --offre",
    f"zae inventaire {FIRMS} --emplois --publiable": "--emplois et --publiable",
    f"zae inventaire {FIRMS} --avancement --publiable": "--avancement et --publiable",
    f"zae vacance {FIRMS} --a-verifier --unites-foncieres": "--a-verifier et --unites",
    f"{LAND} --nature-de U=urbanisé": "--nature-de demande --sol",
    f"{LAND} --enveloppe e.csv": "--enveloppe demande --sol",
    "zan mos a.geojson --avant x --apres x --passages p.csv --de 2011 --a 2012 --zones z.geojson --cle c": (
        "la même colonne"
    ),
    "foncier pertes a.geojson --regles r.toml --graphique g.svg": "--graphique demande --site",
    "foncier densifier a.geojson b.geojson --par-site": "--par-site demande --sites",
    "carte --classes 3": "--classes demande --aplats ou --cercles",
    "carte --bornes 1;2": "--bornes demande --aplats ou --cercles",
    "carte --aplats communes:x --bornes 1;2 --classes 3": "--bornes et --classes",
    "carte --image c.svg --fond osm": "--fond est pour la page",
    "carte --image c.svg --kiosque": "--kiosque est pour la page",
    "carte --image c.svg --comparer communes communes": "--image et --comparer",
    "fiche --tous --sans-analyses --contraintes c.toml": "--sans-analyses et --contraintes",
    "fiche --tous --profil renaturation --criteres c.toml": "--profil et --criteres",
    "simi --sans-analyses --routes communes": "--sans-analyses et --routes",
    "fiche --commune 62498 --photos p": "--commune et --photos",
    "couches controle --objets x --affirmations": "--objets et --affirmations",
}


@pytest.mark.parametrize(("call", "message"), CALLS.items())
def test_an_option_that_would_do_nothing_is_refused(
    call: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*call.split())
    assert (result.exit_code, message in result.stderr) == (2, True), result.stderr
    assert list(tmp_path.iterdir()) == []


def every_command() -> Iterator[click.Command]:
    ctx = click.Context(root)
    waiting = [command for name in COMMANDS if (command := root.get_command(ctx, name)) is not None]
    while waiting:
        command = waiting.pop()
        waiting += command.commands.values() if isinstance(command, click.Group) else []
        yield command


def test_the_rules_speak_of_options_that_the_command_has() -> None:
    unknown, rules = [], 0
    for command in every_command():
        options_of_command = {name for param in command.params for name in param.opts}
        for rule in getattr(command.callback, "agreed", []):
            rules += len(rule)
            option_names = {
                word for pair in rule.items() for text in pair for word in text.replace("|", " ").split()
            }
            unknown += [(command.name, name) for name in option_names if name not in options_of_command]
    assert (unknown, rules > 40) == ([], True)


def test_a_default_value_contradicts_nothing() -> None:
    @click.command()
    @click.option("--a", default="1")
    @click.option("--b", default="2")
    @options.agree(needs={"--a": "--b"}, excludes={"--b": "--a"})
    def command(a: str, b: str) -> None:
        click.echo(a + b)

    assert CliRunner().invoke(command, []).output == "12\n"
    assert CliRunner().invoke(command, ["--b", "3"]).output == "13\n"
    assert CliRunner().invoke(command, ["--a", "3"]).exit_code == 2


def test_every_list_of_words_takes_capitals() -> None:
    parameters = [parameter for command in every_command() for parameter in command.params]
    lists = [parameter.type for parameter in parameters if isinstance(parameter.type, click.Choice)]
    assert lists
    assert {type(kind) for kind in lists} == {french.Choice}
