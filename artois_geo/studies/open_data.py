"""Open sources as a planner sees them: which there are, what a workspace has of them, what came."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from artois_geo import sources
from artois_geo.errors import ArtoisGeoError, BadOptions, UnreadableFile
from artois_geo.sources import Client, Scope, Snapshot, Source, Taken
from artois_geo.sources.definition import FOLDER
from artois_geo.sources.hosts import SETTING, replaced_hosts
from artois_geo.studies.requests import OpenDataRequest
from artois_geo.studies.study_table import StudyTable
from artois_geo.text import counted

LABELS = {
    "source": "Source",
    "family": "Famille",
    "title": "Titre",
    "producer": "Producteur",
    "protocol": "Protocole",
    "kind": "Type",
    "ways": "Territoires",
    "vintage": "Millésime",
    "licence": "Licence",
    "certainty": "Certitude",
    "verified": "Vérifiée le",
    "home": "Définition",
    "heading": "Rubrique",
    "text": "Texte",
    "request": "Adresse",
    "announced": "Annoncé",
    "measured": "En",
    "territory": "Territoire",
    "state": "État",
    "objects": "Objets",
    "layer": "Couche",
    "version": "Version",
    "requests": "Requêtes",
    "kilobytes": "ko reçus",
    "reason": "Pourquoi",
    "snapshot": "Instantané",
    "day": "Pris le",
    "obtained": "Obtenu",
    "announcement": "Somme publiée",
    "edition": "Édition annoncée",
    "category": "Catégorie",
}
MEASURES = {"datagouv": "octets", "atom": "octets", "fichier": "fichiers"}
WAYS = {"epci": "EPCI", "departement": "département", "france": "pays entier"}
CONFORM, REPLACED = "conforme", "conforme, hôte remplacé"
AS_DEFINED = (
    "Conforme : toutes les colonnes attendues sont venues, et autant d'objets que le service en annonçait, "
    "là où il en annonce."
)
EASEMENTS = "gpu_sup"
CATEGORIES = {
    "PM1": "Plans de prévention des risques naturels ou miniers",
    "PM2": "Installations classées",
    "PM3": "Plans de prévention des risques technologiques",
    "AS1": "Captages d'eau potable",
    "AC1": "Monuments historiques et leurs abords",
    "AC2": "Sites inscrits et classés",
    "AC4": "Sites patrimoniaux remarquables",
    "I3": "Canalisations de gaz",
    "I4": "Lignes électriques",
    "T1": "Voies ferrées",
    "EL3": "Halage et marchepied",
    "EL7": "Alignement",
}
UNKNOWN = "inconnu : jamais reçu"
NO_ANSWER = (
    "« rien » : le service a répondu ce jour-là sans objet de cette catégorie ; ce n'est pas un sol libre, "
    "une servitude peut ne pas être publiée."
)
LARGE_BYTES = 1 << 29
FAILED = "non conforme"
NOT_RECEIVED = "non reçu : inconnu"
NOTHING = "rien : aucun objet publié"
NEVER_CALLED = (
    "Vérifiée le : jamais = adresses et noms tirés de la documentation du producteur, que l'outil n'a encore "
    "jamais appelés."
)


def listing(folder: Path | None) -> StudyTable:
    """List the sources, shipped and of the workspace.

    Examples
    --------
    >>> listing(None).table["verified"].unique().tolist()
    ['jamais']
    """
    rows = [
        {
            "source": source.id,
            "title": source.title,
            "producer": source.producer,
            "vintage": source.vintage,
            "ways": ", ".join(WAYS.get(way, way) for way in source.scopes),
            "verified": source.verified_text,
            "family": source.family,
            "home": source.home,
            "kind": source.target.kind,
            "protocol": source.access.protocol,
            "licence": source.licence_text,
            "certainty": source.certainty,
        }
        for source in sources.read_sources(folder).values()
    ]
    table = pd.DataFrame(rows)
    brief = table[["source", "title", "ways", "verified", "family", "vintage", "producer"]]
    notes = [NEVER_CALLED] if "jamais" in table["verified"].tolist() else []
    return StudyTable(table, title="Sources ouvertes", notes=notes, labels=LABELS, brief=brief)


def description(name: str, folder: Path | None) -> StudyTable:
    """Tell all that is known of a source.

    Examples
    --------
    >>> description("communes", None).table.iloc[0].tolist()
    ['titre', 'Contours des communes']
    """
    source = sources.source_named(name, folder)
    access, target = source.access, source.target
    columns = ", ".join(f"{field} = {column}" for field, column in target.columns.items())
    lines = {
        "titre": source.title,
        "famille": source.family,
        "producteur": source.producer,
        "licence": source.licence_text,
        "attribution": source.attributed(source.vintage),
        "page": source.page,
        "certitude": source.certainty,
        "vérifiée le": source.verified_text,
        "définition": source.home,
        "protocole": access.protocol,
        "adresse": access.url,
        "hôtes admis": ", ".join(access.hosts),
        "fichier": access.file,
        "millésime": source.vintage,
        "territoires": ", ".join(source.scopes),
        "plafond": f"{counted(access.most_objects, 'objet')} ou {access.most_bytes >> 20} Mio par réponse",
        "couche": f"{target.layer}, type {target.kind}",
        "champs": columns,
        "colonnes attendues": ", ".join(source.expected),
    }
    rows = [{"heading": heading, "text": text} for heading, text in lines.items() if text]
    notes = [NEVER_CALLED] if source.verified is None else []
    return StudyTable(pd.DataFrame(rows), title=f"Source {name}", notes=notes, labels=LABELS)


def documented() -> str:
    """Write the shipped sources as a table of Markdown, for the page of documentation.

    Examples
    --------
    >>> documented().splitlines()[2].partition(" | ")[0]
    '| `bassin_minier_cavaliers`'
    """
    headings = ("Source", "Ce qu'elle donne", "Producteur", "Famille", "Se demande par", "Certitude")
    lines = [f"| {' | '.join(headings)} | Vérifiée le |", "|---" * (len(headings) + 1) + "|"]
    for source in sources.read_sources().values():
        ways = ", ".join(WAYS.get(way, way) for way in source.scopes)
        is_dated = source.vintage[:1].isdigit() and source.vintage not in source.title
        cells = [
            f"`{source.id}`",
            source.title + (f", {source.vintage}" if is_dated else ""),
            source.producer,
            f"`{source.family}`" if source.family else "",
            ways,
            source.certainty,
            source.verified_text,
        ]
        lines.append(f"| {' | '.join(cells)} |")
    all_sources = sources.read_sources().values()
    length = sum(source.text.decode().count("\n") for source in all_sources)
    lines += ["", f"{counted(len(all_sources), 'source')}, {counted(length, 'ligne')} de TOML."]
    return "\n".join(lines) + "\n"


def trial(
    names: Sequence[str], request: OpenDataRequest, folder: Path | None, step: Callable[[str], Any] = len
) -> StudyTable:
    """Ask how much each source would give, and fetch nothing."""
    rows: list[dict[str, Any]] = []
    errors: list[ArtoisGeoError] = []
    scope = _scope(request)
    for source in _chosen(names, request, folder):
        step(f"{source.title} : compte")
        measure = MEASURES.get(source.access.protocol, "objets")
        try:
            counts = sources.trial(source, scope, _client(source), folder)
        except ArtoisGeoError as error:
            errors.append(error)
            rows.append({"source": source.id, "reason": str(error).splitlines()[0]})
            continue
        rows += [row | {"measured": measure if row["announced"] else "non annoncé"} for row in counts]
        rows[-1] |= {"licence": source.licence_text, "vintage": source.vintage}
    if len(errors) == len(rows):
        raise errors[0]
    columns = ["source", "announced", "measured", "vintage", "licence", "request"]
    table = pd.DataFrame(rows).reindex(columns=[*columns, *(["reason"] if errors else [])])
    return StudyTable(table, title="Essai : rien n'est pris", labels=LABELS)


def take(
    names: Sequence[str], request: OpenDataRequest, folder: Path, step: Callable[[str], Any] = len
) -> StudyTable:
    """Take sources one after the other; what one lacks stops no other, and the table says why.

    Raises
    ------
    ArtoisGeoError
        Nothing at all came.
    """
    scope = _scope(request) if request.has_territory or request.depuis is None else None
    sources_taken = _with_contours(_chosen(names, request, folder), scope, folder)
    rows, errors = [], []
    for source in sources_taken:
        try:
            rows.append(_row(source, _taken(source, scope, request, folder, step)))
        except ArtoisGeoError as error:
            errors.append(error)
            rows.append({"source": source.id, "state": NOT_RECEIVED, "reason": str(error).splitlines()[0]})
    if len(errors) == len(rows):
        raise errors[0]
    columns = ["source", "territory", "state", "objects", "layer", "version", "requests", "kilobytes"]
    more = ["reason"] if errors else []
    table = pd.DataFrame(rows).reindex(columns=[*columns, *more, "snapshot", "vintage", "verified"])
    return StudyTable(
        table,
        title="Sources prises",
        notes=[NEVER_CALLED] if "jamais" in table["verified"].tolist() else [],
        labels=LABELS,
        members={"missing": [row["source"] for row in rows if row["state"] == NOT_RECEIVED]},
        brief=table[[*columns, *more]],
    )


def replay(name: str, folder: Path, vers: str = "", step: Callable[[str], Any] = len) -> StudyTable:
    """Make the layer of a snapshot again, without the network, and say whether the bytes are the same."""
    replayed = sources.replay(folder, name, layer=vers, step=step)
    facts = replayed.snapshot.facts
    state = "mêmes octets" if replayed.is_same else "octets différents"
    row = {
        "snapshot": replayed.snapshot.name,
        "day": _day(facts),
        "territory": facts["territoire"]["texte"],
        "objects": facts["objets"],
        "layer": replayed.layer,
        "version": replayed.version or None,
        "state": state if replayed.version else NOTHING,
    }
    notes = (
        [] if replayed.is_same else [f"Instantané fait par {facts['version']}, relu par une autre version."]
    )
    return StudyTable(pd.DataFrame([row]), title="Instantané rejoué", notes=notes, labels=LABELS)


def state(folder: Path, *, is_online: bool = False, step: Callable[[str], Any] = len) -> StudyTable:
    """List the snapshots of a workspace, fetches that are not over among them, and say which are old.

    With ``is_online`` each producer is asked whether it announces another edition; nothing is fetched.
    """
    definitions = sources.read_sources(folder)
    rows: list[dict[str, Any]] = []
    notes = []
    for snapshot in sources.snapshots(folder):
        facts = snapshot.facts
        source = definitions.get(facts["source"])
        row = _snapshot_row(snapshot) | {"state": NOTHING if not facts["objets"] else "entier"}
        if is_online and source is not None:
            step(f"{source.title} : édition annoncée")
            row["edition"] = sources.announcement(snapshot, source, _client(source))
        rows.append(row)
        age = (datetime.now(UTC) - datetime.fromisoformat(facts["pris_le"])).days
        if source is not None and 0 < source.valid_days < age:
            notes.append(
                f"{snapshot.name} a {counted(age, 'jour')} : la source est à reprendre tous les "
                f"{counted(source.valid_days, 'jour')}."
            )
    for path in sources.unfinished(folder):
        name = f"{path.parent.name}/{path.name}"
        rows.append({"snapshot": name, "state": "inachevé : relancer la même prise"})
    if not rows:
        raise UnreadableFile(f"Aucun instantané dans {folder / FOLDER}.")
    columns = ["snapshot", "state", "territory", "objects", "vintage", "verified", "day", "obtained"]
    more = ["edition"] if is_online else []
    table = pd.DataFrame(rows).reindex(columns=[*columns, *more])
    brief = _short_names(table)[["source", "snapshot", "state", *more, "objects", "vintage", "territory"]]
    return StudyTable(table, title="Instantanés", notes=notes, labels=LABELS, brief=brief)


def _short_names(table: pd.DataFrame) -> pd.DataFrame:
    """Write the source of a snapshot apart, so that its name stands on one line of a terminal."""
    names = table["snapshot"].str.partition("/")
    return table.assign(source=names[0], snapshot=names[2])


def verify(folder: Path, names: Sequence[str] = ()) -> StudyTable:
    """Compare every file of the snapshots, or of those of some sources, with its checksum."""
    rows = []
    source_ids = {source.id for name in names for source in sources.sources_named(name, folder)}
    for snapshot in sources.snapshots(folder):
        if source_ids and snapshot.facts["source"] not in source_ids:
            continue
        damages = snapshot.damages()
        state_text = " ; ".join(damages) if damages else "intact"
        rows.append(
            {"snapshot": snapshot.name, "state": state_text, "day": _day(snapshot.facts)}
            | {"announcement": snapshot.facts.get("somme_de_controle", "")}
        )
    if not rows:
        raise UnreadableFile(f"Aucun instantané dans {folder / FOLDER}.")
    table = pd.DataFrame(rows)
    damaged = [row["snapshot"] for row in rows if row["state"] != "intact"]
    return StudyTable(
        table,
        title="Instantanés vérifiés (sans réseau)",
        labels=LABELS,
        members={"damaged": damaged},
        brief=_short_names(table)[["source", "snapshot", "state", "announcement", "day"]],
    )


def easements(folder: Path) -> StudyTable:
    """Say of each category of easements whether it is published, empty in the territory, or unknown.

    Notes
    -----
    « rien » is an answer of a server on a day, never free ground; « inconnu » is no answer at all.
    """
    answers = sources.snapshots(folder, EASEMENTS)
    rows: list[dict[str, Any]] = []
    for code, name in CATEGORIES.items():
        row: dict[str, Any] = {"category": code, "title": name, "state": UNKNOWN}
        if answers:
            facts = answers[-1].facts
            count = facts.get("valeurs", {}).get(code.lower(), 0)
            row |= {
                "state": counted(count, "objet") if count else f"rien, réponse du {_day(facts)}",
                "territory": facts["territoire"]["texte"],
                "verified": facts["verifiee_le"],
            }
        rows.append(row)
    columns = ["category", "title", "state", "territory", "verified"]
    table = pd.DataFrame(rows).reindex(columns=columns)
    return StudyTable(table, title="Servitudes d'utilité publique", notes=[NO_ANSWER], labels=LABELS)


def live_check(
    names: Sequence[str], commune: str, folder: Path, step: Callable[[str], Any] = len
) -> StudyTable:
    """Call sources for one commune, compare with their definitions, and date those that answer as they say.

    Parameters
    ----------
    names
        Sources or families; all but the national files without any.
    commune
        Code of one commune.
    folder
        Workspace: the dated definitions go there.
    step
        Called with the French name of each long step.
    """
    scope = sources.scope_of(communes=commune)
    request = OpenDataRequest(communes=commune)
    sources_checked = _chosen(names or list(sources.read_sources(folder)), request, folder)
    first = [sources.source_named("communes", folder)]
    other_sources = [source for source in sources_checked if source.id != "communes"]
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        for source in first + other_sources:
            if not names and source.access.most_bytes > LARGE_BYTES:
                rows.append({"source": source.id, "state": "non appelée : fichier national, la nommer"})
                continue
            step(f"{source.title} : appel")
            check = sources.live_check(source, scope, Path(temporary), _client(source))
            rows.append(_check_row(check, folder))
    columns = ["source", "state", "objects", "verified", "reason", "requests", "kilobytes"]
    replaced = replaced_hosts()
    missing = [row["source"] for row in rows if row["state"] == FAILED]
    return StudyTable(
        pd.DataFrame(rows).reindex(columns=columns),
        title=f"Sources appelées pour la commune {commune}",
        notes=[AS_DEFINED, *([_not_the_producer(replaced)] if replaced else [])],
        labels=LABELS,
        members={"damaged": missing},
    )


def _not_the_producer(replaced: Mapping[str, str]) -> str:
    """Say that somebody stood in for the producers: the date is that of a trial."""
    return (
        f"{counted(len(replaced), 'hôte remplacé', 'hôtes remplacés')} par {SETTING} : ce n'est pas le "
        "producteur qui a répondu. La date écrite est celle d'un essai, à ne pas recopier."
    )


def _check_row(check: sources.Check, folder: Path) -> dict[str, Any]:
    """Say how a live check went, and date the definition where it went well."""
    verified = check.source.verified_text
    conform = REPLACED if replaced_hosts().keys() & {*check.source.access.hosts} else CONFORM
    if not check.problem:
        sources.write_verified(check.source, folder, datetime.now(UTC).date())
        verified = sources.source_named(check.source.id, folder).verified_text
    return {
        "source": check.source.id,
        "state": FAILED if check.problem else conform if check.objects else NOTHING,
        "objects": check.objects,
        "requests": check.requests,
        "kilobytes": round(check.received_bytes / 1000, 1),
        "verified": verified,
        "reason": check.problem,
    }


def _chosen(names: Sequence[str], request: OpenDataRequest, folder: Path | None) -> list[Source]:
    """Return the sources of their names, of the vintage asked for."""
    unique = list(dict.fromkeys(names))
    named_sources = [source for name in unique for source in sources.sources_named(name, folder)]
    if len(named_sources) > 1 and (request.depuis is not None or request.vers or request.millesime):
        listed = ", ".join(source.id for source in named_sources)
        raise BadOptions(f"Un fichier, un nom de couche, un millésime vont avec une seule source : {listed}.")
    return [sources.with_vintage(source, request.millesime) for source in named_sources]


def _with_contours(chosen: list[Source], scope: Scope | None, folder: Path) -> list[Source]:
    """Put the contours of communes first, where a source can be asked only once they are there."""
    if scope is None or not any(sources.needs_contours(source, scope) for source in chosen):
        return chosen
    other_sources = [source for source in chosen if source.id != "communes"]
    if len(other_sources) == len(chosen) and sources.contours_of(folder, scope) is not None:
        return chosen
    return [sources.source_named("communes", folder), *other_sources]


def _scope(request: OpenDataRequest) -> Scope:
    return sources.scope_of(request.communes, request.epci, request.departement, request.emprise)


def _client(source: Source) -> Client:
    access = source.access
    return Client(access.hosts, access.per_second, access.most_bytes)


def _taken(
    source: Source,
    scope: Scope | None,
    request: OpenDataRequest,
    folder: Path,
    step: Callable[[str], Any],
) -> Taken:
    if request.depuis is not None:
        return sources.take_file(source, request.depuis, folder, scope=scope, layer=request.vers, step=step)
    if scope is None:
        raise BadOptions("Dire pour quel territoire.")
    return sources.take(source, scope, folder, client=_client(source), layer=request.vers, step=step)


def _row(source: Source, done: Taken) -> dict[str, Any]:
    """Say what taking a source gave."""
    facts = done.snapshot.facts
    state_text = "pris" if not done.is_reused else "déjà pris aujourd'hui"
    if done.resumed_pages:
        state_text += f", {counted(done.resumed_pages, 'page reprise')}"
    if not facts["objets"]:
        state_text = f"{NOTHING}, réponse du {_day(facts)}"
    absent = facts["communes_sans_objet"]
    return {
        "source": source.id,
        "territory": facts["territoire"]["texte"],
        "state": state_text + (f" ; rien pour {', '.join(absent)}" if absent and facts["objets"] else ""),
        "objects": facts["objets"],
        "layer": done.layer,
        "version": done.version or None,
        "requests": done.requests,
        "kilobytes": round(done.received_bytes / 1000, 1),
        "snapshot": done.snapshot.name,
        "vintage": facts["millesime"],
        "verified": facts["verifiee_le"],
    }


def _snapshot_row(snapshot: Snapshot) -> dict[str, Any]:
    facts = snapshot.facts
    return {
        "snapshot": snapshot.name,
        "day": _day(facts),
        "territory": facts["territoire"]["texte"],
        "vintage": facts["millesime"],
        "verified": facts["verifiee_le"],
        "objects": facts["objets"],
        "obtained": facts["obtenu"],
    }


def _day(facts: dict[str, Any]) -> str:
    return f"{datetime.fromisoformat(facts['pris_le']):%d/%m/%Y}"
