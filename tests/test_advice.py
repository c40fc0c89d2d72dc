"""Advice is tried: what a message tells to do is done, and must lead somewhere.

Each row runs a call that provokes a message, then the calls that do what it advises. They must
succeed, or end on another message that the row names.
"""

import re
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path

import advice_inputs
import pytest
from advice_sites import (
    OPTION,
    Site,
    commands,
    missing_options,
    named_commands,
    options_of,
    sentences,
    sites,
)
from cli_runner import run

from artois_geo.cli import COMMANDS


@dataclass(frozen=True)
class Advice:
    """A message, the call that provokes it, and the calls that follow what it says."""

    function: str
    words: str
    call: str
    follow: tuple[str, ...]
    ends: str = ""  # the other message on which a follow-up ends, where it cannot succeed


def advice(function: str, words: str, call: str, *follow: str, ends: str = "") -> Advice:
    """A row; a follow-up that begins with ``+`` is the call with more words."""
    return Advice(
        function,
        words,
        call,
        tuple(each.replace("+", call, 1) if each[:1] == "+" else each for each in follow),
        ends,
    )


WATER = "--voies eau.geojson --lieux lieux.geojson"
IMPORT = "--donnees espace couches importer"
FREE = "--type libre --vers zones"
OWN = "--cle commune --unite ha"
ACCOUNT = f"zan trajectoire conso.csv {OWN}"
SOIL = "zan artificialisation --zones contours.geojson --cle comm_insee"
PAIR = "--avant ocsge.geojson --apres ocsge.geojson"
REPORT = f"zan rapport conso.csv {OWN} --territoire 62001 --sortie r.html"
THEME = "carte communes_schema --sans-analyses --sortie c.html --aplats communes_schema:pop_totale/surface_ha"
PACK = "--donnees pays fiche"

CANAL = [
    advice(
        "waters",
        "",
        "canal desserte sites.geojson --voies points.geojson --lieux lieux.geojson",
        f"canal desserte sites.geojson {WATER}",
    ),
    advice(
        "places",
        "",
        f"canal desserte sites.geojson {WATER} --porter x",
        f"canal desserte sites.geojson {WATER} --porter profondeur",
    ),
    advice(
        "_layers", "", "--donnees petit canal desserte sites", f"--donnees petit canal desserte sites {WATER}"
    ),
    advice("NO_SECTOR", "", f"canal schema sites.geojson --dossier d {WATER}", "+ --filieres filieres.csv"),
    advice(
        "fret",
        "",
        "canal fret",
        "+ --flux flux.csv",
        "+ --filieres filieres.csv",
        "+ --entonnoir",
        "+ --tonnes 1 --route-km 2 --eau-km 3",
    ),
    advice(
        "doubts",
        "",
        f"canal desserte sites.geojson {WATER}",
        "+ --precision-sites 5 --precision-axes 5 --precision-lieux 5",
    ),
    advice(
        "doubts",
        "",
        f"canal schema sites.geojson --dossier d {WATER}",
        "+ --precision-sites 5 --precision-axes 5 --precision-lieux 5",
    ),
]
MAPS = [
    advice(
        "INSTEAD",
        "",
        "carte sites.geojson --sans-analyses --sortie c.pdf",
        "carte sites.geojson --sans-analyses --image c.svg",
    ),
    advice("carte", "", "carte sites.geojson --sans-analyses --image c.svg --kiosque", "+ --sortie c.html"),
    advice(
        "_parts", "", "carte communes_schema --sans-analyses --sortie c.html --aplats communes_schema", THEME
    ),
    advice(
        "_parts",
        "",
        "carte communes_schema --sans-analyses --sortie c.html --cercles communes_schema",
        "carte communes_schema --sans-analyses --sortie c.html --cercles communes_schema:pop_totale",
    ),
    advice("_bounds", "", f"{THEME} --bornes a;b", f"{THEME} --bornes 0;2,5;10"),
    advice(
        "wrapper",
        "au moins un site",
        "carte sites.geojson --sans-analyses --sortie c.html --visite ,",
        "carte sites.geojson --sans-analyses --sortie c.html --visite Nord",
    ),
    advice(
        "wrapper",
        "au moins un site",
        "simi --visite ,",
        "simi --sans-analyses --visite x",
        ends="site de la visite",
    ),
    advice(
        "_refuse_large_themes",
        "",
        "carte beaucoup.geojson --sans-analyses --image c.svg --aplats beaucoup.geojson:taux",
        "carte beaucoup.geojson --sans-analyses --sortie c.html --aplats beaucoup.geojson:taux",
    ),
    advice(
        "require_shapes",
        "",
        "foncier classer anonymes.csv --criteres criteres.toml --cle code --carte c.html",
        "foncier disponible sites.geojson --regles regles.toml --format geojson --sortie d.geojson",
        "foncier classer d.geojson --criteres criteres.toml --cle site_id --carte c.html",
    ),
]
SHEETS = [
    advice(
        "fiche",
        "Donner un SITE",
        PACK,
        "+ --tous --sans-analyses --sortie fiches",
        "+ --offre --sans-analyses --sortie fiches",
        "+ --commune 99001 --sans-analyses --sortie fiches",
        "+ --epci 999000011 --sans-analyses --sortie fiches",
    ),
    advice(
        "fiche",
        "fiches pour un seul",
        f"{PACK} --tous --sans-analyses --sortie f.html",
        f"{PACK} --tous --sans-analyses --sortie fiches",
        f"{PACK} --commune 99001 --sans-analyses --sortie f.pdf",
    ),
    advice(
        "_budgets",
        "--objectifs demande",
        "--donnees petit fiche Nord --objectifs sraddet-hdf",
        "+ --consommation pays/consommation.csv --sortie f.html",
    ),
    advice("_budgets", "zan trajectoire", "--donnees petit fiche Nord --consommation conso.csv", ACCOUNT),
]
LAND = [
    advice(
        "classer",
        "--graphique demande",
        "foncier classer anonymes.csv --profil renaturation --graphique g.svg",
        "foncier classer anonymes.csv --cle code --profil sobriete --site A --graphique g.svg",
    ),
    advice(
        "classer",
        "--carte dessine",
        "foncier classer d.geojson --profil sobriete --carte c.html",
        "foncier classer sites.geojson --criteres criteres.toml --cle site_id --carte c.html",
    ),
    advice(
        "classer",
        "Donner --profil",
        "foncier classer anonymes.csv --cle code",
        "+ --profil renaturation",
        "+ --criteres criteres.toml",
    ),
    advice(
        "_keyed", "Aucune colonne", "foncier classer anonymes.csv --criteres criteres.toml", "+ --cle code"
    ),
    advice("_keyed", "Deux lignes", "foncier classer homonymes.csv --criteres criteres.toml", "+ --cle code"),
    advice(
        "_pairs",
        "--nature-de",
        "foncier disponible sites.geojson --regles regles.toml --sol zonage.geojson --nature zone --nature-de U",
        "foncier disponible sites.geojson --regles regles.toml --sol zonage.geojson --nature zone --nature-de U=urbanisé --nature-de A=ENAF",
    ),
    advice(
        "densifier",
        "Sans --proprietaire",
        "foncier densifier parcelles_sans_idu.geojson batiments.geojson --cle numero",
        "+ --proprietaire numero",
    ),
    advice(
        "densifier",
        "--format csv",
        "foncier densifier parcelles_sans_idu.geojson bati_plein.geojson --cle numero",
        "+ --format csv",
        "+ --format json",
        "+ --format xlsx --sortie u.xlsx",
    ),
    advice(
        "parcel_key", "", "foncier densifier parcelles_sans_idu.geojson batiments.geojson", "+ --cle numero"
    ),
    advice("_names", "", "foncier densifier parcelles.geojson batiments.geojson", "+ --cle numero"),
    advice(
        "require_columns",
        "",
        "foncier densifier parcelles.geojson batiments.geojson --cle numero --garder x",
        "foncier densifier parcelles.geojson batiments.geojson --cle numero --garder idu",
    ),
    advice(
        "require_columns",
        "",
        "foncier densifier parcelles.geojson batiments.geojson --cle x",
        "foncier densifier parcelles.geojson batiments.geojson --cle numero",
    ),
    advice(
        "require_columns",
        "",
        "foncier densifier parcelles.geojson batiments.geojson --cle numero --proprietaire x",
        "foncier densifier parcelles.geojson batiments.geojson --cle numero --proprietaire idu",
    ),
    advice(
        "require_columns",
        "",
        "foncier densifier parcelles.geojson batiments.geojson --cle numero --sites zonage.geojson",
        "+ --cle-site zone",
    ),
]
GREEN = [
    advice("_state_notes", "", "trame bilan voies.geojson", "+ --etat statut"),
    advice("_found", "", "trame maillage voies.geojson", "+ --constats"),
    advice(
        "desserte",
        "",
        "trame desserte points.geojson --population population.geojson --compter habitants --ajout-rues voies.geojson",
        "+ --rues voies.geojson",
    ),
    advice("_joints", "", "trame manques voies.geojson", "+ --a-verifier"),
]
ZAE = [
    advice(
        "require_columns",
        "",
        "zae vacance unites_nues.csv --etablissements etablissements.csv",
        "+ --zae secteur",
    ),
    advice(
        "require_columns",
        "",
        "zae inventaire unites_nues.csv --etablissements etablissements.csv --type-proprietaire proprio --occupant enseigne",
        "+ --zae secteur",
    ),
    advice(
        "require_columns",
        "",
        "zae inventaire unites_nues.csv --etablissements etablissements.csv --zae secteur --occupant enseigne",
        "+ --type-proprietaire proprio",
    ),
    advice(
        "require_columns",
        "",
        "zae inventaire unites.csv --etablissements etablissements.csv",
        "+ --occupant enseigne",
    ),
    advice(
        "inventaire",
        "",
        "zae inventaire unites.csv --etablissements etablissements.csv --occupant enseigne",
        "+ --publiable",
    ),
    advice("_matched", "Accepter", "zae vacance unites.csv --etablissements de_2024.csv", "+ --rattacher"),
    advice(
        "_matched",
        "Mettre dans",
        "zae vacance unites.csv --etablissements inconnus.csv",
        "zae vacance unites.csv --etablissements corriges.csv --rattacher",
    ),
]
ZAN = [
    advice("simuler", "", f"zan simuler conso.csv {OWN}", "+ --projets projets.csv", "+ --offre offre.csv"),
    advice(
        "_scenarios",
        "",
        f"zan simuler conso.csv {OWN} --projets projets.csv --scenario P1",
        f"zan simuler conso.csv {OWN} --projets projets.csv --scenario bas=P1",
    ),
    advice(
        "by_commune",
        "se compte par EPCI",
        f"{ACCOUNT} --pression commune",
        f"{ACCOUNT} --territoires epci.csv --pression epci",
    ),
    advice(
        "by_commune",
        "demandent --territoires",
        f"{ACCOUNT} --par pma --pression epci",
        "+ --territoires pole.csv",
    ),
    advice(
        "by_commune",
        "totaux",
        "zan trajectoire conso_epci.csv --cle epci --unite ha --par epci --pression epci",
        f"{ACCOUNT} --territoires epci.csv --pression epci",
    ),
    advice(
        "pressed",
        "pas de colonne",
        f"{ACCOUNT} --territoires territoires.csv --pression epci",
        f"{ACCOUNT} --territoires epci.csv --pression epci",
    ),
    advice(
        "pressed",
        "garantie à mettre",
        f"{ACCOUNT} --territoires epci.csv --pression epci --garantie garantie.csv --mutualiser 62003",
        f"{ACCOUNT} --territoires epci.csv --pression epci --garantie garantie_complete.csv --mutualiser 62003",
        f"{ACCOUNT} --territoires epci.csv --pression epci --garantie garantie.csv",
    ),
    advice(
        "_floors",
        "",
        f"{ACCOUNT} --territoires epci.csv --par epci --garantie garantie.csv",
        f"{ACCOUNT} --territoires epci.csv --par commune --garantie garantie.csv",
        f"{ACCOUNT} --territoires epci.csv --pression epci --garantie garantie.csv",
    ),
    advice(
        "_floors",
        "",
        f"zan simuler conso.csv {OWN} --territoires epci.csv --par epci --garantie garantie.csv --projets projets.csv",
        f"zan simuler conso.csv {OWN} --par commune --garantie garantie.csv --projets projets.csv",
    ),
    advice(
        "_floors",
        "",
        f"zan rapport conso.csv {OWN} --territoires epci.csv --par epci --garantie garantie.csv --territoire E --sortie r.html",
        f"{REPORT} --par commune --garantie garantie.csv",
    ),
    advice(
        "classified",
        "",
        "zan stock ocsge.geojson --zones contours.geojson --cle comm_insee --copie copie",
        "zan stock ocsge.gpkg --zones contours.geojson --cle comm_insee --copie copie",
    ),
    advice(
        "_whole",
        "",
        "zan stock ocsge.geojson --zones contours.geojson --cle comm_insee --tamis",
        "+ --largeur",
    ),
    advice("_whole", "", f"{SOIL} {PAIR} --tamis", "+ --largeur"),
    advice(
        "_least",
        "",
        f"zan simuler conso.csv {OWN} --projets parc_pv.csv --regles loi-2021-1104",
        f"zan simuler conso.csv {OWN} --projets parc_pv.csv --regles loi-2023-630",
    ),
    advice("_chosen", "--graphique dessine", f"{ACCOUNT} --graphique g.svg", "+ --sur 62001"),
    advice(
        "read_flows_of",
        "--colonnes ne sert pas",
        "zan trajectoire pays/consommation.csv --colonnes x",
        "zan trajectoire pays/consommation.csv",
    ),
    *(
        advice("read_flows_of", "n'est pas le fichier", call.replace(OWN, ""), call)
        for call in (
            ACCOUNT,
            f"zan consommation conso.csv {OWN}",
            f"zan simuler conso.csv {OWN} --offre offre.csv",
            REPORT,
        )
    ),
    advice("_membership", "", f"{ACCOUNT} --par epci", "+ --territoires epci.csv"),
    advice("_refuse_errors", "", "zan consommation cerema_faux.csv", "zan controle cerema_faux.csv"),
    advice(
        "with_regions",
        "",
        "zan trajectoire cerema_84.csv --region 32 --objectifs sraddet-hdf",
        "zan trajectoire cerema_84.csv --region 84 --objectifs sraddet-hdf",
        ends="région 84",
    ),
    advice(
        "_places",
        "pas de colonne comm_insee",
        f"{REPORT} {PAIR} --contours contours_sans_code.geojson",
        f"{REPORT} {PAIR} --contours contours.geojson",
    ),
    advice("artificialisation", "", SOIL, f"+ {PAIR}", "+ --diff diff.geojson"),
    advice("yearly", "Rythme", f"{SOIL} {PAIR}", "+ --date-avant 2018-01-01 --date-apres 2021-01-01"),
    advice(
        "yearly",
        "doit suivre",
        f"{SOIL} {PAIR} --date-avant 2021-01-01 --date-apres 2018-01-01",
        f"{SOIL} {PAIR} --date-avant 2018-01-01 --date-apres 2021-01-01",
    ),
    advice("OFFICIAL", "", f"{SOIL} {PAIR}", f"{SOIL} --diff diff.geojson"),
    advice(
        "_flow_column",
        "absente",
        f"zan trajectoire longue.csv {OWN} --colonnes x",
        f"zan trajectoire longue.csv {OWN} --colonnes enaf",
        f"{ACCOUNT} --colonnes 'conso_{{annee}}'",
    ),
    advice(
        "_flow_column",
        "ne dit pas l'année",
        f"zan trajectoire sans_annee.csv {OWN} --colonnes enaf",
        f"{ACCOUNT} --colonnes 'conso_{{annee}}'",
    ),
    advice("_flow_years", "rien ne dit", f"zan trajectoire enaf.csv {OWN}", "+ --colonnes 'enaf_{annee}'"),
    advice(
        "_flow_years",
        "Aucune année",
        f"zan trajectoire sans_annee.csv {OWN}",
        f"zan trajectoire enaf.csv {OWN} --colonnes 'enaf_{{annee}}'",
    ),
]
LAYERS = [
    advice(
        "exporter",
        "",
        "couches exporter sites.geojson --sortie s.csv --siren 246200364",
        "couches exporter sites_eco --sortie d --norme cnig-sites-economiques --siren 246200364",
    ),
    advice(
        "conforming",
        "",
        "couches exporter sites.geojson --sortie d --norme cnig-sites-economiques",
        "+ --type site_eco --siren 246200364",
    ),
    advice(
        "_file_name",
        "",
        "couches exporter sites_eco --sortie d --norme cnig-sites-economiques",
        "+ --siren 246200364",
    ),
    advice(
        "_schema",
        "",
        f"{IMPORT} sites.geojson",
        "+ --type libre",
        "--donnees espace couches types",
        f"{IMPORT} sites.geojson --type libre --vers zones --recette r.toml",
        f"{IMPORT} sites.geojson --recette r.toml",
    ),
    advice(
        "_pairs",
        "--correspondance",
        f"{IMPORT} sites.geojson {FREE} --correspondance x",
        f"{IMPORT} sites.geojson {FREE} --correspondance nom=site_nom",
    ),
    advice("comparer", "", "couches comparer sites.geojson sites_apres.geojson", "+ --cle site_id"),
    advice(
        "_renumbering",
        "",
        "couches comparer sites.geojson renumerotes.geojson --cle site_id",
        "couches comparer sites.geojson renumerotes.geojson --cle site_nom",
    ),
    advice(
        "_positions",
        "",
        "couches comparer sites.geojson sites_apres.geojson --cle x",
        "couches comparer sites.geojson sites_apres.geojson --cle site_id",
    ),
    advice(
        "_refuse_lost_zeros",
        "",
        "couches comparer zeros.geojson sites.geojson --cle lots",
        "couches comparer zeros.geojson sites.geojson --cle site_id",
    ),
    advice("_format", "", "couches lister --format xlsx", "+ --sortie l.xlsx"),
    advice(
        "contradiction",
        "",
        "couches lister --format csv --sortie l.xlsx",
        "couches lister --format csv",
        "couches lister --sortie l.xlsx",
    ),
    advice(
        "_save_with_sources", "", "couches lister --sortie noms.csv", "couches lister --sortie couches.csv"
    ),
    advice("read_catalogue", "", "--donnees absent couches lister", "--donnees petit couches lister"),
    advice("invoke", "", "couches lister --donnees petit", "--donnees petit couches lister"),
]
TABLE = [*CANAL, *MAPS, *SHEETS, *LAND, *GREEN, *ZAE, *ZAN, *LAYERS]


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fictif")
    advice_inputs.write(folder)
    return folder


@pytest.fixture
def here(inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the inputs, in which the calls are typed."""
    folder = tmp_path / "ici"
    shutil.copytree(inputs, folder)
    monkeypatch.chdir(folder)
    return folder


def typed(call: str) -> tuple[int, str]:
    """Exit code and all that a call writes."""
    done = run(*shlex.split(call))
    assert "Traceback" not in done.output
    return done.exit_code, done.output


def command_of(call: str) -> str:
    words = [word for word in shlex.split(call)]
    if words[0] == "--donnees":
        words = words[2:]
    two = " ".join(words[:2])
    return two if two in commands() else words[0]


def told(row: Advice) -> list[Site]:
    words = " ".join(row.words.split())
    return [
        site for site in sites() if site.function == row.function and words in " ".join(site.sentence.split())
    ]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.function} {row.words} | {row.call[:50]}")
def test_what_a_message_advises_works(row: Advice, here: Path) -> None:
    of_row = told(row)
    code, output = typed(row.call)
    assert missing_options(command_of(row.call), output) == []
    written = [site for site in of_row if site.is_in(output)]
    assert written or not of_row, output
    refused = code != 0
    for call in row.follow:
        code, output = typed(call)
        assert [site.name for site in written if site.is_in(output) and refused] == []
        assert code == 0 or (row.ends and row.ends in output), f"{call}\n{output}"
        assert missing_options(command_of(call), output) == []
