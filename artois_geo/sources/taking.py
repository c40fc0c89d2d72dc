"""Take a source: plan, fetch, check, convert, freeze, then the layer; or replay all but the fetch."""

import json
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from artois_geo import __version__
from artois_geo.deliveries.delivery import Delivery, DeliveryOptions, receive
from artois_geo.deliveries.value_rules import ValueRules
from artois_geo.errors import ArtoisGeoError, BadValue, SourceError, UnreadableFile
from artois_geo.layers import history, store, workspace
from artois_geo.layers.catalogue import CATALOGUE_FILE, read_catalogue
from artois_geo.sources import snapshot as frozen
from artois_geo.sources.collection import Collected, collect
from artois_geo.sources.definition import FOLDER, Source, read_source
from artois_geo.sources.protocols import BY_NAME
from artois_geo.sources.protocols.shape import NO_LAYER, Counts
from artois_geo.sources.scope import FRANCE, Scope
from artois_geo.sources.snapshot import Raw, Snapshot
from artois_geo.sources.transport import Client, Query
from artois_geo.text import counted

BY_HAND, BY_NETWORK = "à la main", "par le réseau"
_VINTAGE = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]{0,19}")
_MARK = "source ouverte"
SUFFIXES = {"csv": (".csv",), "geojson": (".geojson", ".json")}


@dataclass(frozen=True)
class Taken:
    """What taking or replaying a source gave; ``version`` is that of the layer, 0 where there is none."""

    snapshot: Snapshot
    layer: str = ""
    version: int = 0
    asked: int = 0
    received: int = 0
    resumed: int = 0
    is_reused: bool = False
    is_same: bool = True  # the layer has the bytes of the snapshot


def with_vintage(source: Source, vintage: str) -> Source:
    """Return a source of another vintage than the one that it declares.

    Raises
    ------
    BadValue
        A source whose address carries none, or a vintage that is no word.

    Examples
    --------
    >>> from artois_geo.sources.definition import source_named
    >>> with_vintage(source_named("communes"), "2025").vintage
    '2025'
    """
    if not vintage:
        return source
    if not any("{millesime}" in text for text in source.access.parameters.values()):
        raise BadValue(f"La source « {source.id} » n'a qu'un millésime, {source.vintage or 'le dernier'}.")
    if not _VINTAGE.fullmatch(vintage):
        raise BadValue(f"millésime refusé : « {vintage} » (des lettres, des chiffres, un point, un tiret).")
    return replace(source, vintage=vintage)


def plan(source: Source, scope: Scope) -> tuple[list[Query], dict[str, Any]]:
    """Say what would be asked for a territory, without the network.

    Raises
    ------
    BadValue
        A territory by which the source cannot be cut.

    Examples
    --------
    >>> from artois_geo.sources.definition import source_named
    >>> from artois_geo.sources.scope import scope_of
    >>> asked, _ = plan(source_named("communes"), scope_of(epci="246200364"))
    >>> asked[0].parameters["CQL_FILTER"]
    "codes_siren_des_epci LIKE '%246200364%'"
    """
    if scope.kind not in source.scopes:
        ways = ", ".join(name for name in source.scopes if name != FRANCE)
        raise BadValue(f"« {source.id} » se demande par {ways}, pas par {scope.kind}.")
    queries = BY_NAME[source.access.protocol].queries(source, scope)
    described = {
        "source": source.id,
        "toml_sha256": source.digest,
        "millesime": source.vintage,
        "territoire": asdict(scope),
        "requetes": [query.address for query in queries],
    }
    return queries, json.loads(json.dumps(described))


def trial(source: Source, scope: Scope, client: Client) -> list[dict[str, Any]]:
    """Ask only how much there is: one row per request, and nothing is written.

    Raises
    ------
    SourceError
        The server does not answer.

    Examples
    --------
    >>> from artois_geo.sources.definition import source_named
    >>> from artois_geo.sources.scope import scope_of
    >>> trial(source_named("conso_enaf"), scope_of(emprise="2,50,3,51"), Client(("www.data.gouv.fr",)))
    Traceback (most recent call last):
    artois_geo.errors.BadValue: « conso_enaf » se demande par communes, epci, departement, pas par emprise.
    """
    queries, _ = plan(source, scope)
    with tempfile.TemporaryDirectory() as folder:
        counts = BY_NAME[source.access.protocol].announced(source, queries, Raw(Path(folder), client))
    return [
        {"source": source.id, "request": query.address, "announced": count}
        for query, count in zip(queries, counts, strict=True)
    ]


def take(
    source: Source,
    scope: Scope,
    folder: Path,
    *,
    client: Client | None = None,
    layer: str = "",
    step: Callable[[str], Any] = len,
) -> Taken:
    """Take a source for a territory: its snapshot and its layer, or nothing of either.

    Parameters
    ----------
    source, scope
        What, and for which territory.
    folder
        Workspace.
    client
        What goes on the network; one of its own without it.
    layer
        Name of the layer; that of the source without it.
    step
        Called with the French name of each long step.

    Returns
    -------
    Taken
        A snapshot of the same plan made today is read again, without the network.

    Raises
    ------
    SourceError
        No answer, or one that is not whole; what was received is kept where it may be of use.
    BadValue
        A layer of that name that comes from elsewhere.

    Examples
    --------
    >>> from artois_geo.sources.definition import source_named
    >>> from artois_geo.sources.scope import scope_of
    >>> take(source_named("conso_enaf"), scope_of(emprise="2,50,3,51"), Path("espace"))
    Traceback (most recent call last):
    artois_geo.errors.BadValue: « conso_enaf » se demande par communes, epci, departement, pas par emprise.
    """
    _, described = plan(source, scope)
    layer = layer or source.target.layer
    _require_free(folder, layer, source)
    with _writing(folder, source):
        earlier = frozen.same_day(folder, source.id, described, date.today())
        if earlier is not None:
            return replace(_again(earlier, folder, layer, step), is_reused=True)
        client = client or Client(source.access.hosts, source.access.per_second, source.access.most_bytes)
        raw = Raw(frozen.open_folder(folder, source.id, described, date.today()), client)
        try:
            facts = _facts(source, scope, BY_NETWORK) | _fetched(source, scope, raw, described, step)
        except BaseException:
            raw.drop_if_bare()
            raise
        done = _made(raw.folder, source, scope, facts, folder, layer, step)
        return replace(done, asked=client.asked, received=client.received, resumed=raw.resumed)


def _fetched(
    source: Source, scope: Scope, raw: Raw, described: dict[str, Any], step: Callable[[str], Any]
) -> dict[str, Any]:
    """Bring the raw files, those of an interrupted fetch of the same plan and counts apart."""
    protocol = BY_NAME[source.access.protocol]
    queries = protocol.queries(source, scope)
    step(f"{source.title} : compte")
    counts = protocol.announced(source, queries, raw)
    text = json.dumps(described | {"annonces": counts}, ensure_ascii=False, sort_keys=True).encode()
    file = raw.folder / frozen.PLAN
    if file.is_file() and file.read_bytes() != text:
        raw.forget()
    store.replace(file, text, within=raw.folder)
    step(f"{source.title} : lecture")
    totals = protocol.fetch(source, queries, raw, counts)
    pages = [{"fichier": name, **reply.facts()} for name, reply in sorted(raw.replies.items())]
    return _totals(totals) | {"requetes": described["requetes"], "pages": pages}


def take_file(
    source: Source,
    file: Path,
    folder: Path,
    *,
    scope: Scope | None = None,
    layer: str = "",
    step: Callable[[str], Any] = len,
) -> Taken:
    """Take a file that a person fetched with a browser: where it comes from is only declared.

    Parameters
    ----------
    source
        What the file is said to be.
    file
        CSV or GeoJSON of the producer, as the source describes it.
    folder, layer, step
        As for :func:`take`.
    scope
        Territory to keep; the whole file without it.

    Raises
    ------
    UnreadableFile
        Absent, or of another format.
    SourceError
        Not what the source expects.

    Examples
    --------
    >>> from artois_geo.sources.definition import source_named
    >>> take_file(source_named("conso_enaf"), Path("absent.csv"), Path("espace"))
    Traceback (most recent call last):
    artois_geo.errors.UnreadableFile: Fichier introuvable : absent.csv.
    """
    if not file.is_file():
        raise UnreadableFile(f"Fichier introuvable : {file}.")
    suffixes = SUFFIXES[source.reading.format]
    if file.suffix.lower() not in suffixes:
        raise UnreadableFile(
            f"{file.name} : la source « {source.id} » se lit d'un fichier {' ou '.join(suffixes)}."
        )
    scope = scope or Scope(FRANCE)
    if scope.kind not in (FRANCE, *source.reading.columns):
        raise BadValue(f"Un fichier de « {source.id} » ne se découpe pas par {scope.kind}.")
    layer = layer or source.target.layer
    _require_free(folder, layer, source)
    digest, name = history.checksum(file), f"01-fichier{suffixes[0]}"
    described = {"source": source.id, "toml_sha256": source.digest, "fichier": digest}
    described |= {"territoire": json.dumps(asdict(scope))}
    facts = _facts(source, scope, BY_HAND) | _totals(Counts(None, None))
    facts["millesime"] = f"{source.vintage} (déclaré)"
    facts |= {"nom_du_fichier": file.name, "adresse_declaree": source.page}
    facts["pages"] = [{"fichier": name, "sha256": digest, "octets": file.stat().st_size}]
    with _writing(folder, source):
        earlier = frozen.same_day(folder, source.id, described, date.today())
        if earlier is not None:
            return replace(_again(earlier, folder, layer, step), is_reused=True)
        home = frozen.open_folder(folder, source.id, described, date.today())
        pages = store.make_folder(home / frozen.PAGES)
        store.replace(pages / name, history.read_pieces(file), within=home)
        return _made(home, source, scope, facts, folder, layer, step)


def replay(folder: Path, name: str, *, layer: str = "", step: Callable[[str], Any] = len) -> Taken:
    """Make the layer of a snapshot again from its raw files, without the network.

    Raises
    ------
    SourceError
        A file of the snapshot is no longer what it was.

    Notes
    -----
    The definition is the one that the snapshot holds, so that the bytes are the same years later;
    where another version of the library reads otherwise, ``is_same`` is False.

    Examples
    --------
    >>> replay(Path("absent"), "2026-12-01-00000000")
    Traceback (most recent call last):
    artois_geo.errors.BadValue: instantané introuvable : « 2026-12-01-00000000 ». L'espace n'en a aucun.
    """
    snapshot = frozen.snapshot_named(folder, name)
    with _writing(folder, read_source(snapshot.folder / frozen.DEFINITION)):
        return _again(snapshot, folder, layer, step)


def _again(snapshot: Snapshot, folder: Path, layer: str, step: Callable[[str], Any]) -> Taken:
    """Convert the raw files of a snapshot once more, and put its layer in its place."""
    damages = snapshot.damages()
    if damages:
        raise SourceError(
            f"Instantané {snapshot.name} abîmé : {' ; '.join(damages)}. Le reprendre d'une sauvegarde."
        )
    facts = snapshot.facts
    source = read_source(snapshot.folder / frozen.DEFINITION)
    with tempfile.TemporaryDirectory() as temporary:
        step(f"{source.title} : conversion")
        scope = _scope(facts["territoire"])
        read = _converted(source, scope, snapshot.pages, Path(temporary), snapshot.folder.name)
        return _saved(snapshot, read, folder, layer or source.target.layer, step)


def _made(
    home: Path,
    source: Source,
    scope: Scope,
    facts: dict[str, Any],
    folder: Path,
    layer: str,
    step: Callable[[str], Any],
) -> Taken:
    """Convert what was received, freeze it, put the layer in its place; what is not whole goes."""
    store.replace(home / frozen.DEFINITION, source.text, within=home)
    pages = [home / frozen.PAGES / page["fichier"] for page in facts["pages"]]
    with tempfile.TemporaryDirectory() as temporary:
        step(f"{source.title} : conversion")
        try:
            read = _converted(source, scope, pages, Path(temporary), home.name, by=facts["obtenu"])
        except ArtoisGeoError:
            shutil.rmtree(home, ignore_errors=True)
            raise
        facts |= {"objets": read.collected.objects, "objets_hors_territoire": read.collected.outside}
        facts["communes_sans_objet"] = list(read.collected.absent)
        if read.delivery is not None:
            store.replace(home / frozen.LAYER, workspace.delivery_pieces(read.delivery), within=home)
            facts |= {"bilan": read.delivery.outcome, "constats": len(read.delivery.findings)}
            facts["couche_sha256"] = history.checksum(home / frozen.LAYER)
        return _saved(frozen.freeze(home, facts), read, folder, layer, step)


@dataclass(frozen=True)
class _Read:
    """What the raw files gave: their objects in one file, and the delivery; None where there is no object."""

    file: Path
    collected: Collected
    delivery: Delivery | None


def _converted(
    source: Source, scope: Scope, pages: list[Path], temporary: Path, name: str, *, by: str = BY_HAND
) -> _Read:
    """Pass what was received through the import; no delivery where nothing is published there."""
    file = temporary / f"{source.id}-{name}.{source.reading.format}"
    is_cut = by == BY_NETWORK and scope.kind in source.access.filters
    collected = collect(source, scope, pages, file, is_cut=is_cut)
    if not collected.objects:
        return _Read(file, collected, None)
    reading, target = source.reading, source.target
    options = DeliveryOptions(  # nothing of the workspace, so that it changes no byte
        crs=reading.crs,
        columns=dict(target.columns),
        territory="france",
        incomplete=target.incomplete,
        rules=ValueRules(constants=dict(target.constants), values=dict(target.values)),
    )
    delivery = receive(file, target.kind, options)
    if delivery.outcome == "reject":
        errors = [finding.message for finding in delivery.findings if finding.level == "erreur"]
        raise SourceError(
            f"Objets refusés par les contrôles du type {target.kind} ({source.id}) : "
            f"{counted(len(errors), 'erreur')}, la première : {errors[0] if errors else '?'}\n{NO_LAYER}"
        )
    return _Read(file, collected, delivery)


def _saved(snapshot: Snapshot, read: _Read, folder: Path, layer: str, step: Callable[[str], Any]) -> Taken:
    """Put the layer in its place, with its history; where nothing is published, the one there stays."""
    facts = snapshot.facts
    if read.delivery is None:
        return Taken(snapshot, "")
    source = read_source(snapshot.folder / frozen.DEFINITION)
    _require_free(folder, layer, source)
    step(f"{source.title} : écriture de la couche « {layer} »")
    about = workspace.LayerDescription(
        source.title, origin(facts), source.licence_text, facts["millesime"], renews=True
    )
    event = workspace.save_delivery(read.delivery, read.file, folder, layer, description=about)
    same = history.checksum(history.layer_path(folder, layer)) == facts["couche_sha256"]
    return Taken(snapshot, layer, event["version"], is_same=same)


def _scope(facts: Mapping[str, Any]) -> Scope:
    """Read the territory of a provenance."""
    box = facts["emprise"]
    return Scope(facts["type"], tuple(facts["codes"]), (box[0], box[1], box[2], box[3]) if box else None)


def origin(facts: dict[str, Any]) -> str:
    """Write where a layer comes from, for the footer of every table made from it.

    Examples
    --------
    >>> origin({"attribution": "IGN", "source": "communes", "pris_le": "2026-12-01T10:00:00+00:00",
    ...         "obtenu": "par le réseau", "verifiee_le": "jamais"})
    'IGN ; source ouverte « communes » prise le 01/12/2026, vérifiée le : jamais'
    """
    when = datetime.fromisoformat(facts["pris_le"])
    by_hand = ", obtenue à la main (adresse et millésime déclarés)" if facts["obtenu"] == BY_HAND else ""
    return (
        f"{facts['attribution']} ; {_MARK} « {facts['source']} » prise le {when:%d/%m/%Y}{by_hand}, "
        f"vérifiée le : {facts['verifiee_le']}"
    )


def _facts(source: Source, scope: Scope, obtained: str) -> dict[str, Any]:
    """Say all that is known before anything came."""
    return {
        "source": source.id,
        "titre": source.title,
        "producteur": source.producer,
        "licence": source.licence,
        "attribution": source.attributed(source.vintage),
        "millesime": source.vintage,
        "certitude": source.certainty,
        "verifiee_le": source.verified.isoformat() if source.verified else source.verified_text,
        "obtenu": obtained,
        "pris_le": datetime.now(UTC).isoformat(timespec="seconds"),
        "version": f"artois_geo {__version__}",
        "toml_sha256": source.digest,
        "territoire": {"type": scope.kind, "codes": scope.codes, "emprise": scope.box, "texte": scope.text()},
    }


def _totals(totals: Counts) -> dict[str, Any]:
    """Say what was announced and what came."""
    facts: dict[str, Any] = {}
    if totals.announced is not None:
        facts |= {"objets_annonces": totals.announced, "objets_recus": totals.received}
    if totals.checksum:
        facts |= {"somme_de_controle": totals.checksum, "adresse_finale": totals.address}
    return facts | totals.more


def _require_free(folder: Path, layer: str, source: Source) -> None:
    """Refuse to replace a layer that does not come from this source."""
    history.layer_path(folder, layer)
    listed = read_catalogue(folder) if (Path(folder) / CATALOGUE_FILE).is_file() else {}
    present = listed.get(layer)
    foreign = present is not None and f"{_MARK} « {source.id} »" not in present.source
    if foreign or (present is None and history.layer_path(folder, layer).exists()):
        raise BadValue(
            f"L'espace a déjà une couche « {layer} », d'une autre origine : elle n'est pas remplacée.\n"
            "Donner un autre nom : --vers NOM."
        )


def _writing(folder: Path, source: Source) -> Any:
    """Hold the lock of one source, so that two commands do not fetch the same thing."""
    home = store.make_folder(Path(folder) / FOLDER / source.id)
    return store.lock(home, command=f"sources prendre {source.id}")
