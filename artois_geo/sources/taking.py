"""Take a source: plan, fetch, check, convert, freeze, then the layer; or replay all but the fetch."""

import json
import re
import tempfile
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from artois_geo.errors import BadValue, UnreadableFile
from artois_geo.layers import history, store
from artois_geo.sources import contours as outlines
from artois_geo.sources import snapshot as frozen
from artois_geo.sources.contours import Contours
from artois_geo.sources.definition import Source, read_source
from artois_geo.sources.hosts import without_secrets
from artois_geo.sources.making import BY_HAND, Errand, Taken, again, freshly, require_free, writing
from artois_geo.sources.protocols import BY_NAME
from artois_geo.sources.protocols.shape import Counts
from artois_geo.sources.scope import FRANCE, Scope
from artois_geo.sources.snapshot import Raw
from artois_geo.sources.transport import Client, Query

_VINTAGE = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]{0,19}")
PACKED = (".zip", ".gz", ".7z")
SUFFIXES = {"csv": (".csv",), "geojson": (".geojson", ".json"), "gpkg": (".gpkg",), "parquet": (".parquet",)}


def with_vintage(source: Source, vintage: str) -> Source:
    """Return a source of another vintage than the one that it declares, in its title and its layer too.

    Raises
    ------
    BadValue
        A source whose address carries none, or a vintage that is no word.

    Examples
    --------
    >>> from artois_geo.sources import with_vintage
    >>> from artois_geo.sources.definition import source_named
    >>> with_vintage(source_named("communes"), "2025").vintage
    '2025'
    """
    if not vintage:
        return source
    access = source.access
    templates = (access.url, access.delivery, *access.parameters.values(), *access.filters.values())
    if not any("{millesime}" in text for text in templates):
        raise BadValue(f"La source « {source.id} » n'a qu'un millésime, {source.vintage or 'le dernier'}.")
    if not _VINTAGE.fullmatch(vintage):
        raise BadValue(f"millésime refusé : « {vintage} » (des lettres, des chiffres, un point, un tiret).")
    layer = source.target.layer.replace(source.vintage, vintage) if source.vintage else source.target.layer
    title = source.title.replace(source.vintage, vintage) if source.vintage else source.title
    return replace(source, vintage=vintage, title=title, target=replace(source.target, layer=layer))


def plan(
    source: Source, scope: Scope, contours: Contours | None = None
) -> tuple[list[Query], dict[str, Any]]:
    """Say what would be asked for a territory, without the network.

    Parameters
    ----------
    source, scope
        What, and for which territory.
    contours
        Its communes, where the source is asked for by them and the territory does not name them.

    Raises
    ------
    BadValue
        A territory by which the source cannot be cut.

    Examples
    --------
    >>> from artois_geo.sources import plan
    >>> from artois_geo.sources.definition import source_named
    >>> from artois_geo.sources.scope import scope_of
    >>> queries, _ = plan(source_named("communes"), scope_of(epci="246200364"))
    >>> queries[0].parameters["CQL_FILTER"]
    "codes_siren_des_epci LIKE '%246200364%'"
    """
    if contours is None and outlines.are_needed(source, scope):
        ways = ", ".join(name for name in source.scopes if name != FRANCE)
        raise BadValue(f"« {source.id} » se demande par {ways}, pas par {scope.kind} sans contours.")
    queries = BY_NAME[source.access.protocol].queries(source, outlines.adapted(source, scope, contours))
    described = {
        "source": source.id,
        "toml_sha256": source.digest,
        "millesime": source.vintage,
        "territoire": _described(scope),
        "requetes": [without_secrets(query.address) for query in queries],
    }
    return queries, json.loads(json.dumps(described))


def _described(scope: Scope) -> dict[str, Any]:
    return {name: part for name, part in asdict(scope).items() if name != "boxes"}


def trial(source: Source, scope: Scope, client: Client, folder: Path | None = None) -> list[dict[str, Any]]:
    """Ask only how much there is: one row per request, and nothing is written.

    Parameters
    ----------
    source, scope
        What, and for which territory.
    client
        What goes on the network.
    folder
        Workspace, where contours are.

    Raises
    ------
    SourceError
        The server does not answer; contours that no snapshot has.
    BadValue
        A territory by which the source cannot be cut.

    Examples
    --------
    >>> from artois_geo.sources import Client, trial
    >>> from artois_geo.sources.definition import source_named
    >>> from artois_geo.sources.scope import scope_of
    >>> trial(source_named("bdtopo_bati"), scope_of(epci="246200364"), Client(("data.geopf.fr",)))
    Traceback (most recent call last):
    artois_geo.errors.BadValue: « bdtopo_bati » se demande par emprise, pas par epci sans contours.
    """
    contours = outlines.require(folder, source, scope) if folder is not None else None
    queries, _ = plan(source, scope, contours)
    with tempfile.TemporaryDirectory() as temporary:
        counts = BY_NAME[source.access.protocol].announced(source, queries, Raw(Path(temporary), client))
    return [
        {"source": source.id, "request": without_secrets(query.address), "announced": count}
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
    >>> from pathlib import Path
    >>> from artois_geo.sources import take
    >>> from artois_geo.sources.definition import source_named
    >>> from artois_geo.sources.scope import scope_of
    >>> take(source_named("bdtopo_bati"), scope_of(epci="246200364"), Path("espace"))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    artois_geo.errors.SourceError: « bdtopo_bati » se demande par emprise : pour EPCI 246200364, il faut ...
    """
    contours = outlines.require(folder, source, scope)
    _, described = plan(source, scope, contours)
    errand = Errand(source, scope, Path(folder), layer or source.target.layer, step, contours)
    require_free(errand.folder, errand.layer, source)
    client = client or Client(source.access.hosts, source.access.per_second, source.access.most_bytes)
    raws: list[Raw] = []

    def bring(home: Path) -> dict[str, Any]:
        raws.append(Raw(home, client))
        try:
            return _fetched(errand, raws[0], described)
        except BaseException:
            raws[0].drop_if_bare()
            raise

    fetch = freshly(errand, described, bring)
    if fetch.is_reused:
        return fetch
    return replace(
        fetch,
        requests=client.requests,
        received_bytes=client.received_bytes,
        resumed_pages=raws[0].resumed,
    )


def _fetched(errand: Errand, raw: Raw, described: dict[str, Any]) -> dict[str, Any]:
    """Bring the raw files, those of an interrupted fetch of the same plan and counts apart."""
    source = errand.source
    protocol = BY_NAME[source.access.protocol]
    queries = protocol.queries(source, outlines.adapted(source, errand.scope, errand.contours))
    errand.step(f"{source.title} : compte")
    counts = protocol.announced(source, queries, raw)
    text = json.dumps(described | {"annonces": counts}, ensure_ascii=False, sort_keys=True).encode()
    file = raw.folder / frozen.PLAN
    if file.is_file() and file.read_bytes() != text:
        raw.forget()
    store.replace(file, text, within=raw.folder)
    errand.step(f"{source.title} : lecture")
    totals = protocol.fetch(source, queries, raw, counts)
    pages = [{"fichier": name, **reply.facts()} for name, reply in sorted(raw.replies.items())]
    return _totals(source, totals) | {"requetes": described["requetes"], "pages": pages}


def _totals(source: Source, totals: Counts) -> dict[str, Any]:
    """Say what was announced and what came, and of which edition."""
    facts: dict[str, Any] = {}
    if totals.announced is not None:
        facts |= {"objets_annonces": totals.announced, "objets_recus": totals.received}
    if totals.checksum:
        facts |= {"somme_de_controle": totals.checksum, "adresse_finale": totals.address}
    if totals.edition:
        facts["edition"] = totals.edition
    if totals.vintage:
        facts |= {"millesime": totals.vintage, "attribution": source.attributed(totals.vintage)}
    return facts | totals.more


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
    >>> from pathlib import Path
    >>> from artois_geo.sources import take_file
    >>> from artois_geo.sources.definition import source_named
    >>> take_file(source_named("conso_enaf"), Path("absent.csv"), Path("espace"))
    Traceback (most recent call last):
    artois_geo.errors.UnreadableFile: Fichier introuvable : absent.csv.
    """
    if not file.is_file():
        raise UnreadableFile(f"Fichier introuvable : {file}.")
    suffixes = SUFFIXES[source.reading.format]
    if file.suffix.lower() not in (*suffixes, *PACKED):
        raise UnreadableFile(
            f"{file.name} : la source « {source.id} » se lit d'un fichier {' ou '.join(suffixes)}, seul ou "
            "dans une archive .zip, .gz ou .7z."
        )
    scope = scope or Scope(FRANCE)
    is_cut_by_column = scope.kind in (FRANCE, *source.reading.columns)
    contours = None if is_cut_by_column else outlines.require_of(folder, source, scope)
    errand = Errand(source, scope, Path(folder), layer or source.target.layer, step, contours, BY_HAND)
    require_free(errand.folder, errand.layer, source)
    digest, name = history.checksum(file), f"01-fichier{file.suffix.lower()}"
    described = {"source": source.id, "toml_sha256": source.digest, "fichier": digest}
    described |= {"territoire": json.dumps(_described(scope))}

    def bring(home: Path) -> dict[str, Any]:
        pages = store.make_folder(home / frozen.PAGES)
        store.replace(pages / name, history.read_pieces(file), within=home)
        page = {"fichier": name, "sha256": digest, "octets": file.stat().st_size}
        declared = {"millesime": f"{source.vintage} (déclaré)", "adresse_declaree": source.page}
        return declared | {"nom_du_fichier": file.name, "pages": [page]}

    return freshly(errand, described, bring)


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
    >>> from pathlib import Path
    >>> from artois_geo.sources import replay
    >>> replay(Path("absent"), "2026-12-01-00000000")
    Traceback (most recent call last):
    artois_geo.errors.BadValue: instantané introuvable : « 2026-12-01-00000000 ». L'espace n'en a aucun.
    """
    snapshot = frozen.snapshot_named(folder, name)
    with writing(folder, read_source(snapshot.folder / frozen.DEFINITION)):
        return again(snapshot, folder, layer, step)
