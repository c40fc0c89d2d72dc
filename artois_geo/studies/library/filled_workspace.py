"""A workspace filled with open data: each source of the first hour, then what its catalogue says."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd

from artois_geo import constants, layers, sources
from artois_geo.errors import ArtoisGeoError, NotPublished
from artois_geo.layers import history, store
from artois_geo.layers.catalogue import CATALOGUE_FILE, quoted
from artois_geo.sources import Client, Scope, Snapshot, Source
from artois_geo.sources.scope import departement_of
from artois_geo.studies.library import drafts, filled_constraints
from artois_geo.studies.open_data import LABELS, NEVER_CALLED
from artois_geo.studies.requests import WorkspaceRequest
from artois_geo.studies.study_table import StudyTable
from artois_geo.text import argument, counted

TOWNS, EPCI, CONSUMPTION, DIFFERENCE = "communes", "epci", "conso_enaf", "ocsge_artif_diff_2021_2024"
RECEIVED, CURRENT, NOTHING, MISSING = "reçu", "à jour", "rien : aucun objet publié", "manque"
UNPUBLISHED, NOT_ASKED = "non publié", "non demandé"
NATIONAL = "fichier de la France entière : ajouter --nationaux"
_OTHER_VINTAGE = " Une autre année : sources prendre {source} --millesime AAAA, avec le même territoire."
_BRIEF = ["source", "state", "objects", "layer", "vintage", "requests", "kilobytes"]
_COLUMNS = [*_BRIEF, "serves", "licence"]


def fill(folder: Path, request: WorkspaceRequest, step: Callable[[str], Any] = len) -> StudyTable:
    """Take each source of the first hour, describe the territory, make the constraints ready.

    Parameters
    ----------
    folder
        Workspace, with its catalogue.
    request
        Its territory, and its name where the reader gives one.
    step
        Called with the French name of each long step.

    Returns
    -------
    StudyTable
        A row per source asked: received, nothing published, up to date, or missing and why. A source
        that fails stops no other, and the layer of before stays.

    Raises
    ------
    BadOptions, BadValue
        No territory, several, or a code of another form.

    Notes
    -----
    What was taken of the same territory by the same definition is not fetched again while it is valid.

    Examples
    --------
    >>> fill(Path("absent"), WorkspaceRequest())
    Traceback (most recent call last):
    artois_geo.errors.BadOptions: Dire pour quel territoire, par une seule option : --communes, --epci, \
--departement, --emprise.
    """
    scope = sources.scope_of(request.communes, request.epci, request.departement)
    rows: list[dict[str, Any]] = []
    snapshots: dict[str, Snapshot] = {}
    for entry in first_hour()["source"]:
        for source in sources.sources_named(entry["nom"], folder):
            is_asked = request.nationaux or not entry.get("national")
            reception = _taken(source, scope, folder, step) if is_asked else _not_asked(source, scope, folder)
            if reception.snapshot is not None:
                snapshots[source.id] = reception.snapshot
            rows.append(_row(source, entry["sert"]) | reception.facts)
    notes = [
        _count(rows),
        *_described(folder, request, scope),
        *filled_constraints.write(folder, first_hour()["contrainte"], snapshots),
        *_next(folder, rows, scope),
    ]
    table = pd.DataFrame(rows).reindex(columns=[*_COLUMNS, "reason", "verified", "snapshot"])
    if "jamais" in table["verified"].tolist():
        notes.append(NEVER_CALLED)
    absent = [row["source"] for row in rows if row["state"] == MISSING]
    return StudyTable(
        table,
        title=f"Données ouvertes : {scope.text()}",
        notes=notes,
        labels=LABELS | {"serves": "Sert à"},
        members={"missing": absent},
        brief=table[_BRIEF + (["reason"] if table["reason"].notna().any() else [])],
    )


@cache
def first_hour() -> Mapping[str, Any]:
    """Read which sources are taken, in which order, and which constraints they tell of.

    Examples
    --------
    >>> [entry["nom"] for entry in first_hour()["source"]][:2]
    ['communes', 'epci']
    """
    text = files("artois_geo.studies.library").joinpath("premiere_heure.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@dataclass(frozen=True)
class _Taking:
    """What came of a source: cells of its row, and the snapshot that answers for the territory."""

    facts: dict[str, Any]
    snapshot: Snapshot | None = None


def _row(source: Source, serves: str) -> dict[str, Any]:
    about = {"source": source.id, "serves": serves, "licence": source.licence_text}
    return about | {"requests": 0, "kilobytes": 0.0, "layer": "", "verified": source.verified_text}


def _taken(source: Source, scope: Scope, folder: Path, step: Callable[[str], Any]) -> _Taking:
    """Take a source and say what came; what it lacks is said, not raised."""
    access = source.access
    client = Client(access.hosts, access.per_second, access.most_bytes)
    try:
        current = _current(source, scope, folder)
        if current is not None:
            return _Taking(_facts(current, CURRENT) | _restored(current, source, folder, step), current)
        fetch = sources.take(source, scope, folder, client=client, step=step)
    except NotPublished as error:
        reason = " ".join(str(error).splitlines())
        other = _OTHER_VINTAGE.format(source=source.id) if "{millesime}" in access.delivery else ""
        return _Taking({"state": UNPUBLISHED, "reason": reason + other} | _traffic(client))
    except ArtoisGeoError as error:
        return _Taking({"state": MISSING, "reason": str(error).splitlines()[0]} | _traffic(client))
    facts = _facts(fetch.snapshot, RECEIVED) | {"layer": fetch.layer} | _traffic(client)
    return _Taking(facts, fetch.snapshot)


def _not_asked(source: Source, scope: Scope, folder: Path) -> _Taking:
    """Leave a national file where it is, unless an earlier run brought it."""
    snapshot = _current(source, scope, folder)
    if snapshot is None:
        return _Taking({"state": NOT_ASKED, "reason": NATIONAL})
    return _Taking(_facts(snapshot, CURRENT) | _restored(snapshot, source, folder, len), snapshot)


def _traffic(client: Client) -> dict[str, Any]:
    return {"requests": client.requests, "kilobytes": round(client.received_bytes / 1000, 1)}


def _facts(snapshot: Snapshot, state: str) -> dict[str, Any]:
    facts = snapshot.facts
    day = f"{datetime.fromisoformat(facts['pris_le']):%d/%m/%Y}"
    dated = f"{NOTHING}, réponse du {day}"
    received = f"{state}, pris le {day}" if state == CURRENT else state
    return {
        "state": received if facts["objets"] else dated,
        "objects": facts["objets"],
        "vintage": facts["millesime"],
        "verified": facts["verifiee_le"],
        "snapshot": snapshot.name,
    }


def _current(source: Source, scope: Scope, folder: Path) -> Snapshot | None:
    """Return the last snapshot of the same definition and requests that is still valid."""
    contours = sources.contours_of(folder, scope) if sources.needs_contours(source, scope) else None
    if contours is None and sources.needs_contours(source, scope):
        return None
    _, described = sources.plan(source, scope, contours)
    for snapshot in reversed(sources.snapshots(folder, source.id)):
        facts = snapshot.facts
        age = (datetime.now(UTC) - datetime.fromisoformat(facts["pris_le"])).days
        is_same = facts["toml_sha256"] == source.digest and facts.get("requetes") == described["requetes"]
        if is_same and age <= source.valid_days:
            return snapshot
    return None


def _restored(snapshot: Snapshot, source: Source, folder: Path, step: Callable[[str], Any]) -> dict[str, Any]:
    """Name the layer of a snapshot that is up to date; make it again, without network, where it must be.

    It must be where the layer is gone, or is that of another territory; one that a reader changed stays.
    """
    name = source.target.layer
    if not snapshot.facts["objets"]:
        return {}
    file = history.layer_path(folder, name)
    checksums = {
        each.facts.get("couche_sha256")
        for each in sources.snapshots(folder, source.id)
        if each.name != snapshot.name
    } - {snapshot.facts["couche_sha256"]}
    if not file.is_file() or history.checksum(file) in checksums:
        sources.replay(folder, snapshot.name, step=step)
    return {"layer": name}


def _described(folder: Path, request: WorkspaceRequest, scope: Scope) -> list[str]:
    """Write in the catalogue the name of the territory and its region, where it does not say them; say it."""
    contours = sources.contours_of(folder, scope)
    if contours is None and not request.territoire:  # nothing says that the territory exists
        return ["Territoire et région inconnus : communes non reçues."]
    departements = {departement_of(code) for code in contours.codes} if contours is not None else set()
    table = constants.table("departements")
    regions = table[table["dep"].isin(departements)].drop_duplicates("region")
    about = {"territoire": request.territoire or _name(folder, scope)}
    if len(regions) == 1:
        about["region"] = regions["region"].iloc[0]
    described = _with_about(folder, about)
    notes = [f"Territoire : {described.territory}."]
    if len(regions) == 1 and described.region == about["region"]:
        return [*notes, f"Région : {described.region} ({regions['region_nom'].iloc[0]})."]
    if described.region:
        return [*notes, f"Région : {described.region}, celle de catalogue.toml."]
    why = "à cheval sur plusieurs" if len(regions) > 1 else "départements non reçus"
    return [*notes, f'Région inconnue ({why}) : ajouter region = "CODE" en tête de catalogue.toml.']


def _name(folder: Path, scope: Scope) -> str:
    """Name an EPCI as its outline does; another territory, or one that did not come, by its code."""
    catalogue = layers.read_catalogue(folder)
    if scope.kind == "epci" and EPCI in catalogue:
        names = layers.read(catalogue[EPCI]).set_index("epci_siren")["epci_nom"]
        return str(names.get(scope.codes[0], scope.text()))
    return scope.text()


def _with_about(folder: Path, about: Mapping[str, str]) -> layers.Catalogue:
    """Add to the head of the catalogue the keys that it lacks, and read it again."""
    file = folder / CATALOGUE_FILE
    text = file.read_text(encoding="utf-8")
    present = tomllib.loads(text)
    lines = [f"{key} = {quoted(cell)}" for key, cell in about.items() if key not in present]
    if lines:
        with store.lock(folder, command="espace creer"):
            store.replace(file, ("\n".join(lines) + "\n" + text).encode(), within=folder)
    return layers.read_catalogue(folder)


def _count(rows: list[dict[str, Any]]) -> str:
    requests, kilobytes = (sum(row[name] for row in rows) for name in ("requests", "kilobytes"))
    traffic = f"{counted(requests, 'requête')}, {counted(round(kilobytes), 'ko reçu', 'ko reçus')}"
    states = [row["state"] for row in rows]
    missing, unpublished, aside = (states.count(state) for state in (MISSING, UNPUBLISHED, NOT_ASKED))
    present = len(rows) - missing - unpublished - aside
    words = [
        f"{counted(len(rows) - aside, 'source demandée', 'sources demandées')}, {present} en main",
        f"{counted(missing, 'manque', 'manquent')}",
        *([f"{counted(unpublished, 'non publiée', 'non publiées')}"] if unpublished else []),
    ]
    return f"{', '.join(words)} ({traffic})."


def _next(folder: Path, rows: list[dict[str, Any]], scope: Scope) -> list[str]:
    """Say what to type next: the missing sources again, and what the received ones allow."""
    folder_text, catalogue = argument(folder), layers.read_catalogue(folder)
    received = {row["layer"] for row in rows if row["layer"]}
    notes = []
    missing = [row["source"] for row in rows if row["state"] == MISSING]
    if TOWNS in missing:
        notes.append(
            "Sans les contours des communes, presque rien ne se demande : vérifier le code du territoire et "
            "le réseau, puis relancer."
        )
    elif missing:
        notes.append("Ce qui manque : relancer la même commande, elle ne demande que cela.")
    if CONSUMPTION in received:
        by = " --par epci" if scope.kind == "epci" else ""  # of another territory an EPCI may be but a part
        notes.append(f"Ensuite : artois-geo --donnees {folder_text} zan trajectoire {CONSUMPTION}{by}.")
    if DIFFERENCE in received:
        notes.append(
            f"Artificialisation nette : artois-geo --donnees {folder_text} zan artificialisation "
            f"--diff {DIFFERENCE} --zones communes --cle comm_insee."
        )
    if not any(layer.kind == "site_eco" for layer in catalogue.values()):
        notes += drafts.advice(catalogue, folder)
    rules = folder / filled_constraints.CONSTRAINTS
    if rules.is_file():
        notes.append(
            f"Vos zones importées : artois-geo --donnees {folder_text} foncier disponible COUCHE "
            f"--regles {argument(rules)}."
        )
    return notes
