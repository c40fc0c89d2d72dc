"""Record what every command says and writes, from a real installation, and compare two records.

python scripts/filet.py enregistrer SORTIE.json [--court]
python scripts/filet.py comparer AVANT.json APRES.json
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
EXPECTED = PROJECT / "scripts" / "filet.attendu"
DAY = "2026-11-30"
FORMATS = ("tableau", "csv", "csv-brut", "json", "geojson", "xlsx")
ALL_FORMATS = True  # of a table command; the short list has one

RULES = """
[[contrainte]]
nom = "Inondable"
couche = "pays/contraintes.geojson"
recul_m = 10
"""
UNITS = "unit_id;site_id;owner_type;unit_ha\nU1;Z1;privé;1,0\nU2;Z1;public;2,0\nU3;Z2;privé;1,0\n"
FIRMS = "unit_id;nom;active;closed_on\nU1;Fictif A;oui;\nU2;Fictif B;non;2020-01-01\n"
FLOWS = "tonnes;road_km;water_km;haul_km;handlings;boat\n100000;120;110;5;2;convoi\n"

# Every table command, with what it needs; a name may be there more than once.
TABLES: dict[str, str] = {
    "couches lister": "",
    "couches infos": "sites_eco",
    "couches types": "",
    "couches valider": "pays/zone_urba.geojson --type zone_urba_2017",
    "couches controle": "",
    "couches comparer": "pays/communes.geojson pays/communes.geojson --cle comm_insee",
    "foncier contraintes": "",
    "foncier offre": "",
    "foncier disponible": "pays/sites_eco.geojson --regles regles.toml",
    "foncier pertes": "pays/sites_eco.geojson --regles regles.toml",
    "foncier densifier": "pays/parcelles.geojson pays/batiments.geojson --proprietaire proprietaire",
    "foncier classer": "disponible.geojson --profil sobriete",
    "trame bilan": "voies_vertes",
    "trame maillage": "pays/voies_vertes.geojson",
    "trame manques": "pays/voies_vertes.geojson",
    "trame desserte": "pays/corridors.geojson --population pays/communes.geojson --compter population",
    "trame taches": "pays/corridors.geojson",
    "trame conflits": "pays/sites_eco.geojson pays/voies_vertes.geojson",
    "canal desserte": "",
    "canal fret": "--flux flux.csv",
    "zae inventaire": "unites.csv --etablissements etab.csv --au 2025-01-01",
    "zae vacance": "unites.csv --etablissements etab.csv --au 2025-01-01",
    "zan consommation": "pays/consommation.csv",
    "zan controle": "pays/consommation.csv",
    "zan regles": "",
    "zan trajectoire": "pays/consommation.csv --par epci",
    "zan simuler": "pays/consommation.csv --projets pays/projets.geojson",
    "zan stock": "pays/ocsge_2021.geojson --zones pays/communes.geojson --cle comm_insee",
    "zan artificialisation": (
        "--avant pays/ocsge_2018.geojson --apres pays/ocsge_2021.geojson"
        " --zones pays/communes.geojson --cle comm_insee"
    ),
    "zan effet": "pays/projets.geojson pays/ocsge_2021.geojson --cle projet_id",
    "constantes lister": "",
    "constantes infos": "reduction_2021_2030",
    "glossaire": "surface",
}
# What writes files or keeps a workspace, in this order, after the tables; new ones last, so that the number
# of a line stays the same from a record to the next.
WORKS: tuple[str, ...] = (
    "--donnees espace couches importer pays/parcelles.geojson --type parcelle",
    "--donnees espace couches importer pays/parcelles.geojson --type parcelle",
    "--donnees espace couches historique parcelle",
    "--donnees espace couches reparer parcelle --essai",
    "--donnees espace couches restaurer parcelle --version 1",
    "--donnees espace couches exporter parcelle --sortie parcelles.gpkg",
    "couches exporter sites_eco --sortie sites.csv",
    "carte sites_eco logistique --sortie carte.html",
    "carte --comparer pays/ocsge_2018.geojson pays/ocsge_2021.geojson --sortie deux.html",
    "carte sites_eco --image carte.svg",
    "fiche port-de-harnes --sortie fiches",
    "fiche --commune 62498 --sortie communes",
    "simi --sortie simi --kiosque",
    "zan rapport pays/consommation.csv --territoire 99001 --sortie rapport.html",
    "canal schema sites_eco --dossier schema",
    "exemple petit --communes 4 --ocsge 40",
    "couches importer pays/parcelles.geojson --type parcelle --proposer --sortie recette.toml",
    "--donnees espace couches importer pays/parcelles.geojson --recette recette.toml --essai",
    "couches types site_eco --modele formulaire.xlsx",
    "--donnees espace couches fusionner pays/parcelles.geojson espace/parcelle.geojson --nom reunies "
    "--type parcelle",
    "espace creer neuf",
    "--donnees neuf couches copier communes",
    "foncier contraintes --copier contraintes.toml",
    "zae rattacher pays/parcelles.geojson --sites pays/sites_eco.geojson "
    "--etablissements pays/etablissements.csv --dossier zae",
)
# One wrong call per command: what is asked does not exist, or is not what it should be.
WRONG: tuple[str, ...] = (
    "couches lister --format docx",
    "couches infos sites_ecoo",
    "couches types --format pdf",
    "couches valider absent.shp",
    "couches controle --affirmations absent.toml",
    "couches comparer sites_eco logistique --cle rien",
    "couches importer absent.zip --type site_eco",
    "couches importer absent.zip --type site_eco --proposer",
    "couches copier communes",
    "couches fusionner absent.gpkg autre.gpkg --nom x --cle id",
    "espace creer pays",
    "couches historique rien",
    "couches reparer rien",
    "couches restaurer rien --version 1",
    "couches exporter rien --sortie x.gpkg",
    "foncier contraintes absent.toml",
    "foncier offre --par rien",
    "foncier disponible pays/sites_eco.geojson --regles absent.toml",
    "foncier pertes pays/sites_eco.geojson --regles pays/communes.geojson",
    "foncier densifier pays/parcelles.geojson pays/canal.geojson --proprietaire rien",
    "foncier classer pays/sites_eco.geojson --profil rien",
    "trame bilan pays/voies_vertes.geojson --etat rien",
    "trame maillage pays/voies_vertes.geojson --accroche rien",
    "trame manques pays/voies_vertes.geojson --ecart-max -1",
    "trame desserte pays/corridors.geojson --population pays/communes.geojson --compter rien",
    "trame taches absent.geojson",
    "trame conflits sites_eco rien",
    "canal desserte rien",
    "canal fret --flux absent.csv",
    "canal schema rien --dossier x",
    "zae inventaire absent.csv --etablissements etab.csv --au 2025-01-01",
    "zae rattacher absent.geojson --sites pays/sites_eco.geojson --dossier x",
    "zae vacance unites.csv --etablissements pays/consommation.csv --au 2025-01-01",
    "zan consommation unites.csv",
    "zan controle unites.csv",
    "zan regles rien",
    "zan trajectoire pays/consommation.csv --taux 2",
    "zan simuler pays/consommation.csv --projets absent.geojson",
    "zan stock pays/canal.geojson --zones pays/communes.geojson --cle comm_insee",
    "zan artificialisation --avant pays/ocsge_2018.geojson",
    "zan effet pays/projets.geojson pays/ocsge_2021.geojson --cle rien",
    "zan mos pays/communes.geojson --avant a --apres b --passages absent.csv",
    "zan rapport pays/consommation.csv --territoire 00000 --sortie x.html",
    "carte rien --sortie x.html",
    "fiche rien --sortie x",
    "simi --sortie y --theme absent.toml",
    "exemple pays --communes 1",
    "constantes infos rien",
    "constantes lister --date demain",
    "glossaire zzzz",
)
SHORT = (
    "couches controle",
    "foncier offre",
    "canal desserte",
    "zan trajectoire",
    "zan stock",
    "couches valider",
    "carte sites_eco logistique --sortie carte.html",
)
PATHS = re.compile(r"(/[^\s\"':«»]+)*/artois-filet-[^\s\"'/]+/?")


def main(words: list[str] | None = None) -> int:
    """Record or compare; 0 when done and nothing unexpected differs, else 1."""
    parser = argparse.ArgumentParser(
        description="Filet du projet : enregistre ou compare toutes les commandes."
    )
    doing = parser.add_subparsers(dest="action", required=True)
    record = doing.add_parser(
        "enregistrer", help="exécute les commandes et garde ce qu'elles disent et écrivent"
    )
    record.add_argument("sortie", type=Path)
    record.add_argument(
        "--court", action="store_true", help="quelques commandes seulement, en moins d'une minute"
    )
    compare = doing.add_parser("comparer", help="montre ce qui diffère entre deux enregistrements")
    compare.add_argument("avant", type=Path)
    compare.add_argument("apres", type=Path)
    options = parser.parse_args(words)
    if options.action == "enregistrer":
        recorded = recording(short=options.court)
        options.sortie.write_text(json.dumps(recorded, ensure_ascii=False, indent=1), encoding="utf-8")
        failed = [name for name, run in recorded.items() if run["code"] != run["wanted"]]
        names = ", ".join(failed) or "aucune"
        print(f"{len(recorded)} commandes, {len(failed)} au code de sortie inattendu : {names}")
        return 1 if failed else 0
    return comparison(options.avant, options.apres)


def recording(*, short: bool) -> dict[str, dict[str, object]]:
    """Run every command of the list in a folder of its own making."""
    with tempfile.TemporaryDirectory(prefix="artois-filet-") as folder:
        package = installed(Path(folder) / "paquet")
        work = Path(folder) / "travail"
        work.mkdir()
        prepared(work, package)
        runs: dict[str, dict[str, object]] = {}
        tables = [name for name in TABLES if not short or name in SHORT]
        jobs = [
            (f"{name} {TABLES[name]}".strip(), form)
            for name in tables
            for form in (FORMATS if not short else ("json",))
        ]
        with ThreadPoolExecutor(max_workers=2) as pool:
            for line, run in pool.map(lambda job: table_run(*job, work, package), jobs):
                runs[line] = run
            if not short:
                for line, run in pool.map(lambda words: wrong_run(words, work, package), WRONG):
                    runs[line] = run
        works = [words for words in WORKS if not short or words in SHORT]
        for number, words in enumerate(works):
            runs[f"{number:02d} {words}"] = work_run(words, work, package)
        return dict(sorted(runs.items()))


def installed(target: Path) -> Path:
    """Install the project, not editable, apart from its dependencies, which are those of this Python."""
    quiet = ["--quiet", "--disable-pip-version-check", "--no-deps", "--target", str(target)]
    subprocess.run([sys.executable, "-m", "pip", "install", *quiet, str(PROJECT)], check=True)
    return target


def prepared(work: Path, package: Path) -> None:
    """Make the input files: the fictional territory, rules, tables."""
    contents = {"regles.toml": RULES, "unites.csv": UNITS, "etab.csv": FIRMS, "flux.csv": FLOWS}
    for name, text in contents.items():
        (work / name).write_text(text, encoding="utf-8")
    call(["exemple", "pays"], work, package)
    call(
        [
            *[
                "foncier",
                "disponible",
                "pays/sites_eco.geojson",
                "--regles",
                "regles.toml",
                "--sortie",
                "disponible.geojson",
            ]
        ],
        work,
        package,
    )


def call(words: list[str], work: Path, package: Path) -> subprocess.CompletedProcess[bytes]:
    """Run one command line as a user would, with nothing of this machine in its surroundings."""
    names = ("PATH", "HOME", "TMPDIR", "NUMBA_CACHE_DIR")
    surroundings = {name: os.environ[name] for name in names if name in os.environ}
    surroundings |= {"PYTHONPATH": str(package), "PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8", "COLUMNS": "200"}
    words = dated(words)
    return subprocess.run(
        [sys.executable, "-m", "artois_geo.cli", *words],
        cwd=work,
        env=surroundings,
        capture_output=True,
        check=False,
    )


def dated(words: list[str]) -> list[str]:
    """Fix the day of a command that takes one."""
    takes = {"simi", "fiche"} | {"canal", "trame"} & set(words[:1])
    if takes & set(words[:1]) and "--date" not in words and "--aide" not in words:
        return [*words, "--date", DAY]
    return words


def table_run(line: str, form: str, work: Path, package: Path) -> tuple[str, dict[str, object]]:
    """Run a table command in one format, in a file where the format asks for one."""
    name = f"{hashlib.sha256(f'{line}{form}'.encode()).hexdigest()[:12]}.xlsx"
    more = ["--format", form, *(["--sortie", name] if form == "xlsx" else [])]
    result = call([*line.split(), *more], work, package)
    expected_code = 0 if form != "geojson" or result.returncode == 0 else 1  # some tables have no geometry
    return f"{line} --format {form}", record_of(result, expected_code, work, files=[name])


def wrong_run(words: str, work: Path, package: Path) -> tuple[str, dict[str, object]]:
    """Run a call that must fail with one French message."""
    result = call(words.split(), work, package)
    run = record_of(result, 2 if result.returncode == 2 else 1, work, files=[])
    return f"faux : {words}", run


def work_run(words: str, work: Path, package: Path) -> dict[str, object]:
    """Run a command that writes, and keep the checksum of each file it made or changed."""
    before = checksums(work)
    result = call(words.split(), work, package)
    after = checksums(work)
    changed = [name for name, digest in after.items() if before.get(name) != digest]
    return record_of(result, 0, work, files=changed)


def record_of(
    result: subprocess.CompletedProcess[bytes], expected_code: int, work: Path, *, files: list[str]
) -> dict[str, object]:
    """Keep what a run gave, without the name of its temporary folder."""
    return {
        "code": result.returncode,
        "wanted": expected_code,
        "stdout": clean(result.stdout),
        "stderr": clean(result.stderr),
        "files": {name: digest_of(work / name) for name in sorted(files) if (work / name).is_file()},
    }


def clean(output: bytes) -> str:
    """Text of an output, temporary folders and hours taken out."""
    text = PATHS.sub("", output.decode("utf-8", "replace"))
    return re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\+00:00|Z)?", "DATE", text)


def checksums(work: Path) -> dict[str, str]:
    """Checksum of every file below a folder, but locks."""
    return {
        str(file.relative_to(work)): digest_of(file)
        for file in sorted(work.rglob("*"))
        if file.is_file() and not file.name.startswith(".verrou")
    }


def digest_of(file: Path) -> str:
    """Checksum of a file; of an archive or workbook that of its members, of a journal without its hours."""
    content = file.read_bytes()
    if file.suffix == ".jsonl":
        content = clean(content).encode()
    elif content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(file) as archive:
            content = b"".join(name.encode() + archive.read(name) for name in sorted(archive.namelist()))
    return hashlib.sha256(content).hexdigest()


def comparison(before: Path, after: Path) -> int:
    """Show what differs; 1 when something differs that ``filet.attendu`` does not announce."""
    old, new = (json.loads(path.read_text(encoding="utf-8")) for path in (before, after))
    expected = announced()
    surprises = 0
    for name in sorted({*old, *new}):
        if old.get(name) == new.get(name):
            continue
        reason = next((why for start, why in expected if name.startswith(start)), "")
        surprises += not reason
        print(f"{'attendu' if reason else 'DIFFÈRE'} · {name}{f' · {reason}' if reason else ''}")
        for part in ("code", "stdout", "stderr", "files"):
            was, now = (side.get(name, {}).get(part) for side in (old, new))
            if was != now and not reason:
                print(f"    {part} : {str(was)[:300]!r} -> {str(now)[:300]!r}")
    print(f"{len(new)} commandes comparées, {surprises} différences qui ne sont pas annoncées.")
    return 1 if surprises else 0


def announced() -> list[tuple[str, str]]:
    """Beginnings of commands that may differ, each with its reason (columns parted by tabs)."""
    if not EXPECTED.is_file():
        return []
    lines = EXPECTED.read_text(encoding="utf-8").splitlines()
    parts = [line.split("\t") for line in lines if line.strip() and not line.startswith("#")]
    return [(fields[0], fields[-1]) for fields in parts]


if __name__ == "__main__":
    if not shutil.which(sys.executable):
        raise SystemExit("Python introuvable.")
    raise SystemExit(main())
