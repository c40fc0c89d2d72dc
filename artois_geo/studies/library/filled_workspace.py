"""A workspace filled with open data: each source of the first hour, then what its catalogue says."""

import tomllib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd

from artois_geo import constants, layers, sources
from artois_geo.errors import ArtoisGeoError
from artois_geo.layers import history, store
from artois_geo.layers.catalogue import CATALOGUE_FILE, quoted
from artois_geo.sources import Client, Scope, Snapshot, Source
from artois_geo.sources.scope import departement_of
from artois_geo.studies.library import filled_constraints
from artois_geo.studies.open_data import LABELS, NEVER_CALLED
from artois_geo.studies.requests import WorkspaceRequest
from artois_geo.studies.study_table import StudyTable
from artois_geo.text import counted

CONSUMPTION = "conso_enaf"  # the source that names an EPCI
RECEIVED, CURRENT, NOTHING, MISSING = "reçu", "à jour", "rien : aucun objet publié", "manque"
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
    for wanted in first_hour()["source"]:
        named = sources.sources_named(wanted["nom"], folder)
        rows += [_row(source, wanted["sert"], scope, folder, step) for source in named]
    notes = [
        _count(rows),
        *_described(folder, request, scope),
        *filled_constraints.write(folder, first_hour()["contrainte"]),
        *_next(folder, rows),
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
        brief=table[[*_BRIEF, *(["reason"] if absent else [])]],
    )


@cache
def first_hour() -> Mapping[str, Any]:
    """Read which sources are taken, in which order, and which constraints they tell of.

    Examples
    --------
    >>> [entry["nom"] for entry in first_hour()["source"]][:2]
    ['communes', 'conso_enaf']
    """
    text = files("artois_geo.studies.library").joinpath("premiere_heure.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _row(
    source: Source, serves: str, scope: Scope, folder: Path, step: Callable[[str], Any]
) -> dict[str, Any]:
    """Take a source and say what came; what it lacks is said, not raised."""
    row: dict[str, Any] = {"source": source.id, "serves": serves, "licence": source.licence_text}
    access = source.access
    client = Client(access.hosts, access.per_second, access.most_bytes)
    row |= {"state": MISSING, "requests": 0, "kilobytes": 0.0, "layer": "", "verified": source.verified_text}
    try:
        current = _current(source, scope, folder)
        if current is not None:
            return row | _facts(current, CURRENT) | _restored(current, source, folder, step)
        done = sources.take(source, scope, folder, client=client, step=step)
    except ArtoisGeoError as error:
        return row | _traffic(client) | {"reason": str(error).splitlines()[0]}
    return row | _facts(done.snapshot, RECEIVED) | {"layer": done.layer} | _traffic(client)


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
    """Name the layer of a snapshot that is up to date; make it again, without network, where it is gone."""
    name = source.target.layer
    if not snapshot.facts["objets"]:
        return {}
    if not history.layer_path(folder, name).is_file():
        sources.replay(folder, snapshot.name, step=step)
    return {"layer": name}


def _described(folder: Path, request: WorkspaceRequest, scope: Scope) -> list[str]:
    """Write in the catalogue the name of the territory and its region, where it does not say them; say it."""
    contours = sources.contours_of(folder, scope)
    departements = {departement_of(code) for code in contours.codes} if contours is not None else set()
    table = constants.table("departements")
    regions = table[table["dep"].isin(departements)].drop_duplicates("region")
    about = {"territoire": request.territoire or _name(folder, scope)}
    if len(regions) == 1:
        about["region"] = regions["region"].iloc[0]
    written = _with_about(folder, about)
    notes = [f"Territoire : {written.territory}."]
    if len(regions) == 1 and written.region == about["region"]:
        return [*notes, f"Région : {written.region} ({regions['region_nom'].iloc[0]})."]
    if written.region:
        return [*notes, f"Région : {written.region}, celle de catalogue.toml."]
    why = "à cheval sur plusieurs" if len(regions) > 1 else "départements non reçus"
    return [*notes, f'Région inconnue ({why}) : ajouter region = "CODE" en tête de catalogue.toml.']


def _name(folder: Path, scope: Scope) -> str:
    """Name the territory as the file of consumption does, else by its code."""
    catalogue = layers.read_catalogue(folder)
    if scope.kind == "epci" and CONSUMPTION in catalogue:
        records = layers.read(catalogue[CONSUMPTION])
        names = [name for name in records.columns if name.startswith("epci") and name.endswith("txt")]
        if names and len(unique := records[names[-1]].dropna().unique()) == 1:
            return str(unique[0])
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
    missing = sum(row["state"] == MISSING for row in rows)
    requests, kilobytes = (sum(row[name] for row in rows) for name in ("requests", "kilobytes"))
    traffic = f"{counted(requests, 'requête')}, {counted(round(kilobytes), 'ko reçu', 'ko reçus')}"
    return (
        f"{counted(len(rows), 'source demandée', 'sources demandées')}, {len(rows) - missing} en main, "
        f"{counted(missing, 'manque', 'manquent')} ({traffic})."
    )


def _next(folder: Path, rows: list[dict[str, Any]]) -> list[str]:
    """Say what to type next: the missing sources again, and what the received ones allow."""
    text = str(folder)
    shown = f'"{text}"' if " " in text else text
    notes = []
    if any(row["state"] == MISSING for row in rows):
        notes.append("Ce qui manque : relancer la même commande, elle ne demande que cela.")
    if any(row["source"] == CONSUMPTION and row["layer"] for row in rows):
        notes.append(f"Ensuite : artois-geo --donnees {shown} zan trajectoire {CONSUMPTION} --par epci.")
    rules = folder / filled_constraints.CONSTRAINTS
    if rules.is_file():
        notes.append(
            f"Vos zones importées : artois-geo --donnees {shown} foncier disponible COUCHE --regles {rules}."
        )
    return notes
